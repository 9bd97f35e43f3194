"""The outline of a project that is there: `docs/existing.md`, which the first session reads instead of every file."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sdd.proposals import sources, starts, verify_commands
from sdd.snapshot import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.existing.classes import Candidate
    from sdd.snapshot import Snapshot

DEPTH = 3  # of the folders that are listed
MOST_ROWS = 80
HEAD = """# What is there

An outline of the files that git tracks, by `sdd init --propose`: from their names and text, nothing of them was run. It is yours to correct.
"""


def text(
    snapshot: Snapshot,
    documents: Sequence[str],
    found: Sequence[Candidate],
    contracts: Sequence[tuple[str, str]],
    unread: Sequence[str],
) -> str:
    """The outline: folders with their code, how it starts and is checked, documents, what others rest on."""
    parts = [
        HEAD,
        *_section("Folders", _folders(snapshot)),
        *_section("How it starts", [f"- {line}" for line in starts(snapshot)]),
        *_section("How it is checked", [f"- `{command}`" for command in verify_commands(snapshot)]),
        *_section("Documents", [f"- {path}" for path in documents]),
        *_section("What other modules use most", _most_used(found)),
        *_section("Contracts in the code", [f"- `{path}::{name}`" for path, name in contracts[:MOST_ROWS]]),
        *_section("Python that could not be read", [f"- {path}" for path in unread[:MOST_ROWS]]),
    ]
    return "\n".join(parts)


def _section(title: str, lines: Iterable[str]) -> list[str]:
    told = [f"{line}\n" for line in lines]
    return [f"## {title}\n\n{''.join(told)}"] if told else []


def _folders(snapshot: Snapshot) -> list[str]:
    """A row for each folder down to a depth: the files of code in it and below, by their extension."""
    counts: dict[str, Counter[str]] = {}
    for path in sources(snapshot):
        folders = path.parts[:-1][:DEPTH]
        for depth in range(len(folders) + 1):
            place = "/".join((*folders[:depth], "")) or "./"
            counts.setdefault(place, Counter())[path.suffix.lower()] += 1
    rows = [f"| {_shown(place)} | {_counted(found)} |" for place, found in sorted(counts.items())]
    more = [f"| … | {len(rows) - MOST_ROWS} more folders |"] if len(rows) > MOST_ROWS else []
    return ["| folder | files of code |", "| --- | --- |", *rows[:MOST_ROWS], *more] if rows else []


def _counted(found: Counter[str]) -> str:
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count} `{suffix}`" for suffix, count in ranked)


def _most_used(found: Sequence[Candidate]) -> list[str]:
    rows = [f"| `{one.module.path}::{one.name}` | {one.users} | {len(one.methods)} |" for one in found]
    return ["| class | modules that use it | typed methods |", "| --- | --- | --- |", *rows] if rows else []


def _shown(place: str) -> str:
    return show(str(PurePosixPath(place)).encode(errors="surrogateescape")).replace("|", "\\|")
