"""`sdd plan`: make sessions of the tasks of an implementation plan."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

import click

from sdd.cli.here import (
    complete_features,
    examples,
    finding_data,
    picture_of,
    plural,
    repository,
    show_findings,
    show_json,
    write_new,
)
from sdd.errors import NO, SddError
from sdd.sessions.plan_links import wrong_links
from sdd.sessions.process import PLAN_KIND, TASK_KIND, task_files
from sdd.sessions.project import derive
from sdd.sessions.session import docs, path_of
from sdd.snapshot import overlaid
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.findings import Finding
    from sdd.gates.picture import Picture
    from sdd.sessions.plan import Plan
    from sdd.sessions.process import NewFile
    from sdd.sessions.project import Project


@click.command(
    epilog=examples("sdd plan checkout   (shows what it would write)", "sdd plan checkout --write")
)
@click.argument("feature", required=False, default="", shell_complete=complete_features)
@click.option("--write", is_flag=True, help="Write the sessions; without it they are only shown.")
@click.option("--json", "as_json", is_flag=True, help="Print the tasks and the files as JSON.")
@click.pass_context
def command(ctx: click.Context, feature: str, *, write: bool, as_json: bool) -> None:
    """Make or update the sessions of the tasks in FEATURE's implementation plan. Shows the difference first."""
    found = repository()
    picture = picture_of(found)
    project = picture.project
    plan = _plan(project, feature)
    wrong = [*plan.findings, *wrong_links(project, feature), *_unfit(project, plan, feature)]
    files = [] if wrong else task_files(project, feature)
    wrong += _consequences(project, plan, feature, files)
    if write and not wrong:
        write_new(found, files)
    left = [] if wrong else _of_no_task(project, plan, feature)
    if as_json:
        tasks = [{"name": task.name, "title": task.title, "writes": list(task.writes)} for task in plan.tasks]
        show_json(
            {
                "tasks": tasks,
                "changes": [] if wrong else [file.path.decode() for file in files],
                "of_no_task": left,
                "findings": [finding_data(one) for one in wrong],
                "written": write and not wrong,
            }
        )
    elif show_findings(wrong):
        click.echo(f"{plural(len(wrong), 'finding')}: nothing was written", err=True)
    else:
        _tell(picture, feature, files, left, write=write)
    ctx.exit(NO if wrong else 0)


def _plan(project: Project, feature: str) -> Plan:
    path = f"{docs(feature)}/implementation-plan.md"
    plan = project.plans.get(feature)
    if plan is None:
        others = [f"sdd plan {name}".rstrip() for name in project.plans]
        raise SddError(f"there is no {path}", hint="\n".join(others) or "sdd status")
    if not plan.tasks and not plan.findings:
        hint = "a task is a heading `### 04-cart: Cart service` under `## Tasks`: sdd explain SDD161"
        raise SddError(f"{path} has no tasks", hint=hint)
    return plan


def _lines(plan: Plan, feature: str) -> dict[str, int]:
    """The sessions of the tasks by whole name, each with its task's line in the plan."""
    prefix = f"{feature}/" if feature else ""
    return {prefix + task.name: task.line for task in plan.tasks}


def _unfit(project: Project, plan: Plan, feature: str) -> list[Finding]:
    """What is wrong with sessions that would have to be updated: such a file is not touched."""
    there = (project.sessions[name] for name in _lines(plan, feature) if name in project.sessions)
    return [finding for one in there for finding in one.findings]


def _consequences(project: Project, plan: Plan, feature: str, files: Sequence[NewFile]) -> list[Finding]:
    """What the sessions would make wrong, as needs that point nowhere or go round: told of at the task that says so."""
    after = derive(overlaid(project.snapshot, {file.path: file.data for file in files}))
    before = set(project.findings())
    lines = {path_of(name): line for name, line in _lines(plan, feature).items()}
    return [
        finding.replace(path=plan.path, line=lines[finding.path]) if finding.path in lines else finding
        for finding in after.findings()
        if finding not in before
    ]


def _of_no_task(project: Project, plan: Plan, feature: str) -> list[str]:
    """The feature's sessions that build something and are of no task: added by hand, or the task was renamed or dropped."""
    return [
        one.name for one in project.of_feature(feature) if one.kind == TASK_KIND and not plan.task(one.slug)
    ]


def _tell(
    picture: Picture, feature: str, files: Sequence[NewFile], left: Sequence[str], *, write: bool
) -> None:
    project = picture.project
    for file in files:
        click.echo(f"wrote {file.path.decode()}" if write else shown(_difference(project, file)))
    for name in left:
        click.echo(f"{name} is of no task of this plan; it stays as it is")
    for gate, why in _shut(picture, feature):
        click.echo(f"these sessions wait: the gate {gate} is shut: {shown(why)}", err=True)
    tasks = len(project.plans[feature].tasks)
    if not files:
        click.echo(f"the sessions of all {plural(tasks, 'task')} are as the plan says. Next: sdd next")
    elif write:
        click.echo("Next: sdd next")
    else:
        to_write = " ".join(["sdd plan", *([feature] if feature else []), "--write"])
        click.echo(f"{plural(len(files), 'session')} would be written. To write: {to_write}")


def _shut(picture: Picture, feature: str) -> list[tuple[str, str]]:
    """The plan's own gate where it is shut, and why."""
    plans = [one.name for one in picture.project.of_feature(feature) if one.kind == PLAN_KIND]
    gates = [
        (gate, picture.gates.opening(gate, name))
        for name in plans
        if (gate := picture.project.text(name, "gate"))
    ]
    return [(gate, opening.why) for gate, opening in gates if not opening.open]


def _difference(project: Project, file: NewFile) -> str:
    path = file.path.decode()
    old = project.snapshot.read(file.path).decode() if file.path in project.snapshot else ""
    before, after = (text.splitlines(keepends=True) for text in (old, file.data.decode()))
    return "".join(unified_diff(before, after, f"a/{path}", f"b/{path}"))
