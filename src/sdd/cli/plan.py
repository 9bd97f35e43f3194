"""`sdd plan`: make sessions of the tasks of an implementation plan, and show how they hang together."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from sdd.cli.here import (
    complete_features,
    examples,
    finding_data,
    picture_of,
    plural,
    repository,
    settle,
    show_findings,
    show_json,
)
from sdd.cli.plan_shown import as_data, tell
from sdd.errors import NO, WAITS_FOR_PERSON, YES, RefusedError, SddError
from sdd.gates.picture import picture
from sdd.runs import pending
from sdd.sessions.changed import findings as of_change
from sdd.sessions.order import findings as of_order
from sdd.sessions.order import reached
from sdd.sessions.plan_links import wrong_links
from sdd.sessions.planned import PLAN, SESSION
from sdd.sessions.planning import Changes, changes
from sdd.sessions.session import docs, path_of
from sdd.snapshot import overlaid
from sdd.views.blocks import change as change_to

if TYPE_CHECKING:
    from sdd.findings import Finding
    from sdd.gates.picture import Picture
    from sdd.repository import Repository
    from sdd.sessions.plan import Plan
    from sdd.sessions.project import Project

FORMATS = ("text", "mermaid", "dot", "svg")
GRAPH = "--graph"


class _WithFormat(click.Command):
    """A command whose `--graph` may stand alone: click would take the next word, a feature, for the format."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        following = [*args[1:], ""]
        said = [
            f"{GRAPH}={FORMATS[0]}" if word == GRAPH and after not in FORMATS else word
            for word, after in zip(args, following, strict=False)  # no argument has none after it
        ]
        return super().parse_args(ctx, said)


@click.command(
    cls=_WithFormat,
    epilog=examples(
        "sdd plan checkout   (shows what it would write; on a terminal it asks)",
        "sdd plan checkout --write",
        "sdd plan checkout --write --take session   (where plan and session both changed)",
        "sdd plan checkout --checkpoints   (shows integration sessions where groups end)",
        "sdd plan checkout --graph",
        "sdd plan checkout --graph svg > plan.svg",
        "sdd plan checkout --parallel",
    ),
)
@click.argument("feature", required=False, default="", shell_complete=complete_features)
@click.option("--write", is_flag=True, help="Write the sessions without asking.")
@click.option("--yes", is_flag=True, help="The same as --write, where a script answers for a person.")
@click.option("--dry-run", is_flag=True, help="Only show what would be written, on a terminal too.")
@click.option(
    "--take",
    type=click.Choice((PLAN, SESSION)),
    help="Whose words hold where the plan and a session both changed. Without it the session stays as it is.",
)
@click.option(
    "--drop",
    is_flag=True,
    help="Remove sessions that a plan made and that have no task, no run and no question.",
)
@click.option(
    "--checkpoints", is_flag=True, help="Make an integration session for each group of tasks that lacks one."
)
@click.option(
    GRAPH,
    type=click.Choice(FORMATS),
    help="Draw tasks and sessions in their order instead: text (if nothing is said), mermaid, dot or svg.",
)
@click.option("--parallel", is_flag=True, help="List in waves what may run side by side, instead.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON (docs/reference/json.md).")
def command(feature: str, *, as_json: bool, write: bool, yes: bool, **how: Any) -> None:
    """Make or update the sessions of the tasks in FEATURE's implementation plan. Shows the difference first.

    What people and runs added stays. A task that is renamed keeps its session with all its runs (`- Was: 04-cart`, or the same
    title or files); one that is dropped leaves its session alone.
    """
    _refuse_both(write=write or yes, **how)
    if how["graph"] or how["parallel"]:
        from sdd.cli.plan_drawn import draw

        draw(picture_of(repository()), feature, how["graph"] or "", as_json=as_json)
        return
    click.get_current_context().exit(_carried_out(feature, as_json=as_json, write=write or yes, **how))


def _refuse_both(*, write: bool, dry_run: bool, graph: str | None, parallel: bool, **_how: Any) -> None:
    if write and (dry_run or graph or parallel):
        raise click.UsageError("--write does not go with --dry-run, --graph or --parallel: these only show")


def _carried_out(feature: str, *, as_json: bool, write: bool, dry_run: bool, **how: Any) -> int:
    found = repository()
    seen = picture_of(found)
    project = seen.project
    plan = plan_of(project, feature)
    wrong = [*plan.findings, *wrong_links(project, feature), *_unfit(project, plan, feature)]
    wanted = {"take": how["take"] or "", "drop": how["drop"], "accept": how["checkpoints"]}
    made = Changes() if wrong else changes(project, feature, **wanted)
    wrong += _consequences(seen, plan, feature, made)
    _refuse_running(found, made)
    asks = not (write or dry_run or as_json or wrong) and sys.stdin.isatty() and sys.stdout.isatty()
    if write and not wrong:
        _write(found, made)
    if as_json:
        findings = [finding_data(one) for one in wrong]
        show_json(as_data(seen, feature, made, findings) | {"written": write and not wrong})
    elif show_findings(wrong):
        click.echo(f"{plural(len(wrong), 'finding')}: nothing was written", err=True)
    else:
        tell(seen, feature, made, write=write, asks=asks)
        if asks and made.overlay and click.confirm("Write this?"):
            _write(found, made)
            click.echo("written. Next: sdd next")
    return NO if wrong else WAITS_FOR_PERSON if made.conflicts else YES


def plan_of(project: Project, feature: str) -> Plan:
    """The plan of a feature, which has tasks or findings.

    Raises:
        SddError: there is none, or it has no tasks.
    """
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


def _consequences(seen: Picture, plan: Plan, feature: str, made: Changes) -> list[Finding]:
    """What the sessions would make wrong, as needs that point nowhere or go round: told of at the task that says so.

    Only what they touch is judged, as at a commit: the rest of the project is as it was.
    """
    project = seen.project
    after = picture(overlaid(project.snapshot, made.overlay))
    change = change_to([seen], after, exact=True)
    needed = {
        name: project.needs(name)
        for name in reached(after.project, change.touched)
        if name in project.sessions
    }
    old = [*of_change(project, change.paths, change.touched, ()), *of_order(project, needed)]
    before = {_told(finding) for finding in old}
    lines = {path_of(name): line for name, line in _lines(plan, feature).items()}
    return [
        finding.replace(path=plan.path, line=lines[finding.path]) if finding.path in lines else finding
        for finding in of_change(after.project, change.paths, change.touched, [project])
        if _told(finding) not in before
    ]


def _told(finding: Finding) -> tuple[str, bytes, str]:
    """A finding without its line, which moves when something above it is written."""
    return finding.code, finding.path, finding.message


def _refuse_running(found: Repository, made: Changes) -> None:
    going = pending.sessions(found.git_dir)
    busy = next((name for name in (*made.renamed, *made.dropped) if name in going), None)
    if busy:
        raise RefusedError(
            f"{busy} has a run in progress, so it can be neither renamed nor dropped now",
            hint=f"sdd next {busy}, or sdd next {busy} --drop",
        )


def _write(found: Repository, made: Changes) -> None:
    """Write what is to be there, then remove what is not: whoever is killed in between has a file twice, and lost none."""
    from sdd import disk

    places = [(disk.inside(found.root, file.path), file.data) for file in made.files]
    gone = [disk.inside(found.root, path) for path in made.gone]
    for place, data in places:
        disk.write(place, data)
    for place in gone:
        disk.remove(place)
    settle(found)
