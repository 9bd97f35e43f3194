"""`sdd plan`: make sessions of the tasks of an implementation plan."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli.here import examples, here, plural, settle, show_findings, show_json
from sdd.errors import NO, SddError
from sdd.sessions.process import task_files
from sdd.sessions.session import docs

if TYPE_CHECKING:
    from sdd.sessions.plan import Plan
    from sdd.sessions.process import NewFile
    from sdd.sessions.project import Project


@click.command(
    epilog=examples("sdd plan checkout   (shows what it would write)", "sdd plan checkout --write")
)
@click.argument("feature", required=False, default="")
@click.option("--write", is_flag=True, help="Write the sessions; without it they are only shown.")
@click.option("--json", "as_json", is_flag=True, help="Print the tasks and the files as JSON.")
@click.pass_context
def command(ctx: click.Context, feature: str, *, write: bool, as_json: bool) -> None:
    """Make or update the sessions of the tasks in FEATURE's implementation plan. Shows the difference first."""
    place = here()
    project = place.picture().project
    found = _plan(project, feature)
    if found.findings:
        show_findings(found.findings)
        ctx.exit(NO)
    files = task_files(project, feature)
    if write:
        for file in files:
            disk.write(disk.inside(place.root, file.path), file.data)
        settle(place)
    if as_json:
        tasks = [
            {"name": task.name, "title": task.title, "writes": list(task.writes)} for task in found.tasks
        ]
        show_json({"tasks": tasks, "changes": [file.path.decode() for file in files], "written": write})
        return
    for file in files:
        click.echo(f"wrote {file.path.decode()}" if write else _difference(project, file))
    _end(len(files), len(found.tasks), feature, write=write)


def _plan(project: Project, feature: str) -> Plan:
    path = f"{docs(feature)}/implementation-plan.md"
    found = project.plans.get(feature)
    if found is None:
        raise SddError(f"there is no {path}", hint="sdd status")
    if not found.tasks and not found.findings:
        hint = "a task is a heading `### 04-cart: Cart service` under `## Tasks`: sdd explain SDD161"
        raise SddError(f"{path} has no tasks", hint=hint)
    return found


def _difference(project: Project, file: NewFile) -> str:
    path = file.path.decode()
    old = project.snapshot.read(file.path).decode() if file.path in project.snapshot else ""
    before, after = (text.splitlines(keepends=True) for text in (old, file.data.decode()))
    return "".join(unified_diff(before, after, f"a/{path}", f"b/{path}"))


def _end(changes: int, tasks: int, feature: str, *, write: bool) -> None:
    if not changes:
        click.echo(f"the sessions of all {plural(tasks, 'task')} are as the plan says. Next: sdd next")
    elif write:
        click.echo("Next: sdd next")
    else:
        click.echo(
            f"{plural(changes, 'session')} would be written. To write: sdd plan {feature + ' ' if feature else ''}--write"
        )
