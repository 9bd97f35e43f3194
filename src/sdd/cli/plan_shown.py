"""How `sdd plan` shows what it would write, or wrote: differences, what is renamed, what waits for a person."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, Any

import click

from sdd.cli.here import plural
from sdd.sessions.process import PLAN_KIND
from sdd.sessions.session import owner_of
from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.gates.picture import Picture
    from sdd.sessions.planning import Changes
    from sdd.sessions.project import Project


def as_data(picture: Picture, feature: str, made: Changes, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """The tasks and what is to be changed, as `sdd plan --json` prints it."""
    tasks = picture.project.plans[feature].tasks
    return {
        "version": 1,
        "tasks": [{"name": task.name, "title": task.title, "writes": list(task.writes)} for task in tasks],
        "changes": [show(file.path) for file in made.files],
        "removed": [show(path) for path in made.gone],
        "renamed": [{"from": old, "to": new} for old, new in made.renamed.items()],
        "dropped": list(made.dropped),
        "of_no_task": list(made.left),
        "checkpoints": [{"session": name, "needs": list(needs)} for name, needs in made.proposed.items()],
        "conflicts": [
            {"session": one.session, "field": one.field, "plan": one.plan, "session_says": one.mine}
            for one in made.conflicts
        ],
        "done_before": list(made.again),
        "findings": findings,
    }


def tell(picture: Picture, feature: str, made: Changes, *, write: bool, asks: bool) -> None:
    """Print what would be written, or was; `asks` says that the person is asked right after."""
    project = picture.project
    for file in made.files:
        if write:
            click.echo(f"wrote {show(file.path)}")
        elif b".runs/" not in file.path:
            click.echo(shown(_difference(project, made, file.path, file.data)))
    for line in _notes(made, feature, write=write):
        click.echo(shown(line))
    for gate, why in _shut(picture, feature):
        click.echo(f"these sessions wait: the gate {gate} is shut: {shown(why)}", err=True)
    _conclude(project, feature, made, write=write, asks=asks)


def _notes(made: Changes, feature: str, *, write: bool) -> Iterator[str]:
    command = " ".join(filter(None, ("sdd plan", feature)))
    for old, new in made.renamed.items():
        yield f"{old} {'is' if write else 'would be'} renamed to {new}, with all its runs"
    for name in made.dropped:
        yield f"{name} {'is' if write else 'would be'} removed: it has no task, no run and no question"
    for name in made.left:
        yield f"{name} is of no task of this plan; it stays as it is"
    for name in made.again:
        yield f"{name} was done before its task said this: sdd reject {name} -m WHY has it done anew"
    for name, needs in made.proposed.items():
        yield f"{name} could put together {', '.join(needs)}: {command} --checkpoints"
    for one in made.conflicts:
        yield f"{one.session}: its {one.field} was changed in the plan and in the session, and stays as it is"
        yield f"  plan:    {' '.join(one.plan.split()) or '(nothing)'}"
        yield f"  session: {' '.join(one.mine.split()) or '(nothing)'}"
    if made.conflicts:
        yield f"  → {command} --write --take plan, or --take session"


def _conclude(project: Project, feature: str, made: Changes, *, write: bool, asks: bool) -> None:
    tasks = len(project.plans[feature].tasks)
    named = {owner_of(path) for path in (*(file.path for file in made.files), *made.gone)}
    if not named:
        kept = ", except for what is told above" if made.conflicts else ""
        click.echo(f"the sessions of all {plural(tasks, 'task')} are as the plan says{kept}. Next: sdd next")
    elif write:
        click.echo("Next: sdd next")
    elif not asks:
        to_write = " ".join(["sdd plan", *([feature] if feature else []), "--write"])
        count = len(named - made.renamed.keys())
        click.echo(f"{plural(count, 'session')} would be written. To write: {to_write}")


def _shut(picture: Picture, feature: str) -> list[tuple[str, str]]:
    """The plan's own gate where it is shut, and why."""
    plans = [one.name for one in picture.project.of_feature(feature) if one.kind == PLAN_KIND]
    gates = [
        (gate, picture.gates.opening(gate, name))
        for name in plans
        if (gate := picture.project.text(name, "gate"))
    ]
    return [(gate, opening.why) for gate, opening in gates if not opening.open]


def _difference(project: Project, made: Changes, place: bytes, data: bytes) -> str:
    """What changes in a session's file; of one that is renamed, against what stood under its old name."""
    name = owner_of(place)
    old = next((was for was, now in made.renamed.items() if now == name), name)
    before_path = next((one.path for one in (project.sessions.get(old),) if one), place)
    text = project.snapshot.read(before_path).decode() if before_path in project.snapshot else ""
    before, after = (one.splitlines(keepends=True) for one in (text, data.decode()))
    return "".join(unified_diff(before, after, f"a/{show(before_path)}", f"b/{show(place)}"))
