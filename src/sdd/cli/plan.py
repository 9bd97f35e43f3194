"""`sdd plan`: make sessions of the tasks of an implementation plan."""

from __future__ import annotations

from difflib import unified_diff

import click

from sdd import disk
from sdd.cli.here import here, plural, settle, show_findings, show_json
from sdd.errors import NO, SddError
from sdd.sessions.process import task_files
from sdd.sessions.session import docs


@click.command(
    epilog="Examples:\n\n  sdd plan checkout            (shows what it would write)\n\n  sdd plan checkout --write"
)
@click.argument("feature", required=False, default="")
@click.option("--write", is_flag=True, help="Write the sessions; without it they are only shown.")
@click.option("--json", "as_json", is_flag=True, help="Print the tasks and the files as JSON.")
@click.pass_context
def command(ctx: click.Context, feature: str, *, write: bool, as_json: bool) -> None:
    """Make or update the sessions of the tasks in FEATURE's implementation plan. Shows the difference first."""
    place = here()
    project = place.picture().project
    found = project.plans.get(feature)
    if found is None:
        raise SddError(f"there is no {docs(feature)}/implementation-plan.md", hint="sdd status")
    if found.findings:
        show_findings(found.findings)
        ctx.exit(NO)
    if not found.tasks:
        raise SddError(
            f"{found.path.decode()} has no tasks",
            hint="a task is a heading `### 04-cart: Cart service` under `## Tasks`: sdd explain SDD161",
        )
    files = task_files(project, feature)
    if as_json:
        tasks = [
            {"name": task.name, "title": task.title, "writes": list(task.writes)} for task in found.tasks
        ]
        show_json(
            {
                "tasks": tasks,
                "changes": [file.path.decode() for file in files],
                "written": write,
            }
        )
    elif not write:
        for file in files:
            path = file.path.decode()
            old = project.snapshot.read(file.path).decode() if file.path in project.snapshot else ""
            lines = unified_diff(
                old.splitlines(keepends=True),
                file.data.decode().splitlines(keepends=True),
                f"a/{path}",
                f"b/{path}",
            )
            click.echo("".join(lines))
    if write:
        for file in files:
            disk.write(disk.inside(place.root, file.path), file.data)
            click.echo(f"wrote {file.path.decode()}", err=as_json)
        settle(place)
    if not as_json:
        _end(len(files), len(found.tasks), feature, write=write)


def _end(changes: int, tasks: int, feature: str, *, write: bool) -> None:
    if not changes:
        click.echo(f"the sessions of all {plural(tasks, 'task')} are as the plan says. Next: sdd next")
    elif write:
        click.echo("Next: sdd next")
    else:
        click.echo(
            f"{plural(changes, 'session')} would be written. To write: sdd plan {feature + ' ' if feature else ''}--write"
        )
