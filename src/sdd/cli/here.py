"""The working tree that a command runs in, and how a command talks."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from sdd.errors import SddError
from sdd.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from click.shell_completion import CompletionItem

    from sdd.findings import Finding
    from sdd.llm.request import Progress
    from sdd.runs.place import Place

AGENT_VARIABLES = (
    "CLAUDECODE",
    "CODEX_SANDBOX",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "OPENCODE",
    "AIDER_MODEL",
    "COPILOT_AGENT",
    "SDD_AGENT",
)
"""Variables by which agents mark the processes that they start (measured for the first; the others from their documentation)."""


def repository() -> Repository:
    """The repository of the current folder.

    Raises:
        SddError: there is none, or it has no working tree.
    """
    found = Repository.find()
    if not found.root:
        raise SddError("this repository has no working tree", hint="run it in a clone: `git clone …`")
    return found


def here() -> Place:
    """Where a command works."""
    from sdd.runs.place import Place

    return Place(repository(), os.environ, say, watch)


def say(line: str) -> None:
    """Tell a person, who waits, one line; facts go to standard output instead."""
    click.echo(click.style(line, dim=True), err=True)


def watch(progress: Progress) -> None:
    """Show on a terminal how a response comes in: tokens, seconds, cost."""
    if not sys.stderr.isatty():
        return
    tokens = f"{progress.output_tokens} tokens, " if progress.output_tokens is not None else ""
    cost = f", ${progress.cost:.4f}" if progress.cost is not None else ""
    click.echo(f"\r\033[K{tokens}{progress.seconds:.0f} s{cost}", err=True, nl=False)


def settle(place: Place) -> list[str]:
    """Write the trackers that no longer say what the files say; their paths. Every command that changes a file ends with it."""
    from sdd import disk
    from sdd.views.tracker import changed

    found = changed(place.picture())
    for path, data in found.items():
        disk.write(disk.inside(place.root, path), data)
    return [path.decode() for path in found]


def show_json(data: Any) -> None:
    """Print data as JSON: keys in the order given, characters as they are."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def show_findings(found: Iterable[Finding]) -> int:
    """Print findings, each with its hint; how many there were."""
    count = 0
    for count, finding in enumerate(found, 1):  # noqa: B007 - the last count is the answer
        place, _, words = str(finding).partition(f" {finding.code} ")
        click.echo(f"{click.style(place, bold=True)} {click.style(finding.code, fg='red')} {words}")
        if finding.hint:
            click.echo(f"  {click.style('→', fg='cyan')} {finding.hint}")
    return count


def refuse_agents(what: str) -> None:
    """Refuse to do in an agent's shell what only a person may do. A speed bump, not proof: variables can be unset.

    Raises:
        RefusedError: the process was started by an agent.
    """
    from sdd.errors import RefusedError

    found = next((name for name in AGENT_VARIABLES if os.environ.get(name)), None)
    if found:
        raise RefusedError(
            f"{what} is for a person, and {found} says that an agent runs this",
            hint="a person runs it in a terminal of their own",
        )


def complete_sessions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of sessions for the shell's completion; nothing where there is no project."""
    from click.shell_completion import CompletionItem

    from sdd.sessions.project import derive

    del ctx, param
    try:
        project = derive(repository().working_tree())
    except SddError:  # completion never complains
        return []
    return [
        CompletionItem(name, help=one.title) for name, one in project.sessions.items() if incomplete in name
    ]


def examples(*lines: str) -> str:
    """The end of a command's help: lines that can be typed, left as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def plural(count: int, noun: str) -> str:
    """`1 session`, `2 sessions`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
