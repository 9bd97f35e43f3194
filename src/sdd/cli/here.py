"""The working tree that a command runs in, and how a command talks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from sdd.errors import SddError
from sdd.plumbing import Begun
from sdd.repository import Repository
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from click.shell_completion import CompletionItem

    from sdd.findings import Finding
    from sdd.gates.picture import Picture
    from sdd.llm.request import Progress
    from sdd.runs.place import Place
    from sdd.sessions.process import NewFile

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


def found_here() -> Repository:
    """The repository of the current folder, bare or not, with what git was asked while the command was loaded.

    Raises:
        SddError: there is none.
    """
    context = click.get_current_context(silent=True)
    return Repository.find(begun=context.find_object(Begun) if context else None)


def repository() -> Repository:
    """The repository of the current folder.

    Raises:
        SddError: there is none, or it has no working tree.
    """
    found = found_here()
    if not found.root:
        raise SddError("this repository has no working tree", hint="run it in a clone: `git clone …`")
    return found


def here() -> Place:
    """Where a command that runs sessions works."""
    from sdd.runs.place import Place

    return Place(repository(), os.environ, say, watch)


def picture_of(found: Repository) -> Picture:
    """The picture of the working tree as it is now."""
    from sdd.gates.picture import picture

    return picture(found.working_tree())


def say(line: str) -> None:
    """Tell a person, who waits, one line; facts go to standard output instead."""
    click.echo(("\033[K" if sys.stderr.isatty() else "") + click.style(shown(line), dim=True), err=True)


def watch(progress: Progress) -> None:
    """Show on a terminal how a response comes in: tokens, seconds, cost. The next line that is told takes its place."""
    if not sys.stderr.isatty():
        return
    tokens = f"{progress.output_tokens} tokens, " if progress.output_tokens is not None else ""
    cost = f", ${progress.cost:.4f}" if progress.cost is not None else ""
    click.echo(f"\033[K{tokens}{progress.seconds:.0f} s{cost}\r", err=True, nl=False)


def settle(place: Place | Repository) -> list[str]:
    """Write the trackers that no longer say what the files say; their paths. Every command that changes a file ends with it.

    A file of somebody else's in a tracker's place is left, and told of.
    """
    from sdd import disk
    from sdd.views.tracker import changed, foreign

    found = place if isinstance(place, Repository) else place.repository
    picture = picture_of(found)
    others = foreign(picture)
    for path in others:
        say(f"{path.decode()} is not sdd's, so no tracker was written there: move it away, then sdd tracker")
    new = {path: data for path, data in changed(picture).items() if path not in others}
    for path, data in new.items():
        disk.write(disk.inside(found.root, path), data)
    return [path.decode() for path in new]


def write_new(found: Repository, files: Iterable[NewFile]) -> list[str]:
    """Write files, all of them looked at before the first is written, then the trackers; the paths written.

    Raises:
        RefusedError: one of them may not be written; none was.
    """
    from sdd import disk

    places = [(disk.inside(found.root, file.path), file) for file in files]
    for place, file in places:
        disk.write(place, file.data)
    return [*(os.fsdecode(file.path) for _, file in places), *settle(found)]


def show_json(data: Any) -> None:
    """Print data as JSON."""
    click.echo(as_json(data))


def as_json(data: Any) -> str:
    """Data as JSON: keys in the order given, characters as they are where the output can carry them."""
    import json

    return shown(json.dumps(data, indent=2, ensure_ascii=not carries_all()))


def carries_all() -> bool:
    """Whether the output can carry every character."""
    return (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding as the commands print it in JSON."""
    from sdd.snapshot import show

    return {
        "code": finding.code,
        "path": show(finding.path),
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint,
    }


def show_findings(found: Iterable[Finding]) -> int:
    """Print findings, each with its hint; how many there were."""
    count = 0
    for count, finding in enumerate(found, 1):  # noqa: B007 - the last count is the answer
        place, _, words = str(finding).partition(f" {finding.code} ")
        click.echo(f"{click.style(place, bold=True)} {click.style(finding.code, fg='red')} {shown(words)}")
        if finding.hint:
            click.echo(f"  {click.style('→', fg='cyan')} {shown(finding.hint)}")
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


def _completed(names: Callable[[Picture], dict[str, str]], incomplete: str) -> list[CompletionItem]:
    """What the shell may put in: names with a word about each; nothing where there is no project."""
    from click.shell_completion import CompletionItem

    try:
        known = names(picture_of(repository()))
    except SddError:  # completion never complains
        return []
    return [
        CompletionItem(shown(name), help=shown(help_)) for name, help_ in known.items() if incomplete in name
    ]


def complete_sessions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of sessions for the shell's completion."""
    del ctx, param
    return _completed(
        lambda seen: {name: one.title for name, one in seen.project.sessions.items()}, incomplete
    )


def complete_features(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of features for the shell's completion."""
    del ctx, param
    return _completed(lambda seen: dict.fromkeys(filter(None, seen.project.features), ""), incomplete)


def complete_kinds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The kinds of sessions for the shell's completion."""
    del ctx, param
    return _completed(
        lambda seen: {kind: one.title for kind, one in seen.project.templates.items()}, incomplete
    )


def complete_gates(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of gates for the shell's completion, that of the trust files too, each with what it is for."""
    del ctx, param
    return _completed(_gates, incomplete)


def _gates(seen: Picture) -> dict[str, str]:
    from sdd.gates.policy import TRUST

    policy = seen.gates.policy
    if policy is None:
        return {}
    return {name: ", ".join(gate.documents) for name, gate in policy.gates.items()} | {
        TRUST: "the trust files"
    }


def utf8(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse words that no file could hold.

    Raises:
        BadParameter: the shell gave bytes that are no UTF-8.
    """
    del ctx, param
    if any("\ud800" <= char < "\ue000" for char in value):
        raise click.BadParameter("it is not UTF-8")
    return value


def examples(*lines: str) -> str:
    """The end of a command's help: lines that can be typed, left as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def plural(count: int, noun: str) -> str:
    """`1 session`, `2 sessions`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
