"""A prompt shown otherwise than as its text: its parts as a table, and what has changed of it since the last run."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, Any

import click

from sdd.cli.here import plural, show_json
from sdd.prompts.contents import rows, since_last_run, text_now, text_of
from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.prompts.contents import Row, Since
    from sdd.prompts.prompt import Prompt
    from sdd.repository import Repository
    from sdd.sessions.project import Project
    from sdd.sessions.whole_run import Input

ESTIMATE = "by estimate, 4 bytes a token"


def outline(project: Project, name: str, prompt: Prompt, budget: int, *, as_json: bool) -> None:
    """Print the parts of a prompt as a table, or as JSON."""
    found = rows(project, name, prompt)
    if as_json:
        show_json(
            {
                "version": 1,
                "session": name,
                "sha256": prompt.sha256,
                "bytes": len(prompt.text.encode()),
                "tokens": prompt.tokens,
                "budget": budget,
                "parts": [_row_data(row) for row in found],
            }
        )
        return
    width = max(len(row.section) for row in found)
    click.echo(f"{'bytes':>9} {'tokens':>8} {'share':>6}  {'section':<{width}}  source")
    for row in found:
        source = f"{row.source or 'sdd'} {row.blob[:12]}".rstrip()
        size = f"{row.bytes:>9,} {row.tokens:>8,} {row.share:>6.1%}"
        click.echo(shown(f"{size}  {row.section:<{width}}  {source}"))
    size = f"{len(prompt.text.encode()):>9,} {prompt.tokens:>8,}"
    click.echo(f"{size}         {ESTIMATE}; the budget is {budget:,} tokens")


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "section": row.section,
        "source": row.source or None,
        "path": show(row.path) if row.path else None,
        "blob": row.blob or None,
        "bytes": row.bytes,
        "tokens": row.tokens,
        "share": round(row.share, 4),
    }


def difference(project: Project, name: str, prompt: Prompt, git: Repository, *, as_json: bool) -> None:
    """Print what a prompt shows otherwise than the one of the session's last run.

    Raises:
        SddError: no run has left what it was shown.
    """
    found = since_last_run(project, name, prompt)
    if as_json:
        show_json({"version": 1, "session": name, **_since_data(found, prompt)})
        return
    click.echo(f"since run {found.number} of {name}, {found.run.time}, {found.run.outcome}:")
    for new in found.added:
        click.echo(shown(f"+ {new.name} {new.blob[:12]}"))
    for old in found.removed:
        click.echo(shown(f"- {_name(old)} {old.blob[:12]}"))
    for old, new in found.changed:
        click.echo(shown(f"~ {new.name} {old.blob[:12]} -> {new.blob[:12]}"))
        click.echo(shown("".join(_lines(project, git, old, new.path))), nl=False)
    click.echo(_summary(found, prompt))


def _name(old: Input) -> str:
    return show(old.path) if "*" in old.selector else old.selector


def _summary(found: Since, prompt: Prompt) -> str:
    changes = len(found.added) + len(found.removed) + len(found.changed)
    if found.run.prompt == prompt.sha256:
        return "the prompt is the same, to the byte"
    told = plural(changes, "part") if changes else "no text that was selected"
    rest = "goal, checklist, answers, the state of other sessions and instructions are not recorded by part"
    return f"{told} changed; {rest}"


def _lines(project: Project, git: Repository, old: Input, path: bytes) -> Iterator[str]:
    """The lines that differ; none where the old text is not known any more, because it was never committed."""
    before = text_of(git, old.selector, path, old.blob)
    after = text_now(project.snapshot, old.selector, path)
    if before and after:
        old_lines, new_lines = (text.splitlines(keepends=True) for text in (before, after))
        yield from (
            line if line.endswith("\n") else f"{line}\n"
            for line in [*unified_diff(old_lines, new_lines, n=2)][2:]
        )


def _since_data(found: Since, prompt: Prompt) -> dict[str, Any]:
    return {
        "run": found.number,
        "time": found.run.time,
        "same": found.run.prompt == prompt.sha256,
        "added": [
            {"selector": one.selector, "path": show(one.path), "blob": one.blob} for one in found.added
        ],
        "removed": [
            {"selector": one.selector, "path": show(one.path), "blob": one.blob} for one in found.removed
        ],
        "changed": [
            {"selector": new.selector, "path": show(new.path), "before": old.blob, "after": new.blob}
            for old, new in found.changed
        ],
    }
