"""Runs are history: what was committed of them stays, in the session's file and beside it."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.sessions import run as runs
from sdd.sessions.body import Body
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.outline import fences, headings
from sdd.sessions.session import FOLDER, owner_of, path_of
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.snapshot import Snapshot

FILE = 'file = "'


def changed_runs(before: Snapshot, after: Snapshot, path: bytes) -> list[Finding]:
    """What a step took from the runs at one path (SDD140): a session's file, or the file of a whole run.

    Every block of before stands in after, unchanged and in the same order; others may come between them, as a merge does,
    and get other numbers. A whole run keeps its bytes. Any other path has no runs; neither does what was no regular file.
    """
    same = after.is_file(path) and after.blob(path) == before.blob(path)
    if same or not path.startswith(FOLDER) or not before.is_file(path):
        return []
    hint = f"restore it: `git checkout HEAD -- {show(path)}`; a session is sent back by `sdd reject SESSION -m WHY`"
    if path not in after and _went_on(before, after, path):
        return []
    if b".runs/" in path:
        done = "changed" if path in after else "dropped"
        return [Finding("SDD140", path, 0, f"the whole of a committed run was {done}", hint)]
    left = _blocks(after.read(path)) if after.is_file(path) else iter(())
    lost = next((title for title, block in _blocks(before.read(path)) if (title, block) not in left), None)
    what = f"a committed run was changed, dropped or moved: `{lost}`"
    return [] if lost is None else [Finding("SDD140", path, 0, what, hint)]


def _went_on(before: Snapshot, after: Snapshot, path: bytes) -> bool:
    """Whether a session that is gone goes on under a new name in the same feature, with all its runs, or with this whole one.

    A block names its whole by a path that holds the session's name, and the hash of the bytes: only the name may differ.
    """
    old = path_of(owner_of(path))
    folder = old.rpartition(b"/")[0]
    if old in after:
        return False
    new = [folder + b"/" + name for name, deeper in after.names(folder).items() if not deeper]
    new = [one for one in new if one.endswith(b".md") and one not in before and after.is_file(one)]
    if b".runs/" in path:
        ends = [one[:-3] + b".runs/" + path.rpartition(b".runs/")[2] for one in new]
        return any(after.is_file(end) and after.blob(end) == before.blob(path) for end in ends)
    blocks = [_without_name(*block) for block in _blocks(before.read(path))]
    return any(_in_turn(blocks, [_without_name(*block) for block in _blocks(after.read(one))]) for one in new)


def _in_turn(blocks: list[tuple[str, str]], there: list[tuple[str, str]]) -> bool:
    left = iter(there)
    return bool(blocks) and all(block in left for block in blocks)


def _without_name(title: str, block: str) -> tuple[str, str]:
    """A block whose whole run is named by the last part of its path alone."""
    lines = block.split("\n")
    named = [f"{FILE}{line.rpartition('/')[2]}" if line.startswith(FILE) else line for line in lines]
    return title, "\n".join(named)


def _blocks(data: bytes) -> Iterator[tuple[str, str]]:
    """The runs of a session's file, from their heading to the end of their fence: the heading without number, and the lines."""
    front = parse_front_matter(b"", data)
    body = Body(b"", front.body, front.body_line)
    lines = body.below(body.section("Runs"))
    titles = {heading.line: heading.title for heading in headings(lines)}
    end = 0
    for fence in fences(lines):
        if fence.info == runs.INFO:
            start = next((line for line in range(fence.start, end, -1) if line in titles), end + 1)
            yield titles.get(start, "").partition(":")[2].strip(), "\n".join(lines[start : fence.end])
            end = fence.end
