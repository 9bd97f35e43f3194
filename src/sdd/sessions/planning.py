"""What `sdd plan` would change: sessions made of tasks, brought up to date, renamed, dropped; a value, nothing is written."""

from __future__ import annotations

from sdd.errors import RefusedError
from sdd.sessions import renaming
from sdd.sessions.checkpoints import checkpoints
from sdd.sessions.plan import Plan
from sdd.sessions.planned import BASE, front, said_by, updated
from sdd.sessions.process import PLAN_KIND, PROCESS, NewFile, session_text, template_of
from sdd.sessions.project import derive
from sdd.sessions.session import path_of
from sdd.sessions.task_order import TASK_KIND, reasons
from sdd.snapshot import overlaid, show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.sessions.plan import Task
    from sdd.sessions.planned import Conflict, Said
    from sdd.sessions.project import Project


class Changes(Value):
    """What a plan comes to: `files` to be written and paths that are `gone` then, in that order, so that nothing is lost between.

    `renamed` and `dropped` are sessions by whole name; `left` are of no task and stay; `proposed` are checkpoints that would be
    made or extended, each with what it needs; `again` are sessions that were done before their task said something else.
    """

    files: tuple[NewFile, ...] = ()
    gone: tuple[bytes, ...] = ()
    renamed: Mapping[str, str] = {}
    dropped: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    proposed: Mapping[str, tuple[str, ...]] = {}
    conflicts: tuple[Conflict, ...] = ()
    again: tuple[str, ...] = ()

    @property
    def overlay(self) -> dict[bytes, bytes | None]:
        """All of it as changes of a snapshot."""
        return {**dict.fromkeys(self.gone), **{file.path: file.data for file in self.files}}


def changes(
    project: Project, feature: str, *, take: str = "", drop: bool = False, accept: bool = False
) -> Changes:
    """What the sessions of a feature's plan lack; `take` settles conflicts, `drop` removes sessions of no task, `accept` makes checkpoints.

    Raises:
        RefusedError: a task has the name of a session of the process.
        SddError: there is no template for tasks, or a session cannot be read.
    """
    plan = project.plans.get(feature, Plan(b""))
    _refuse_taken(plan)
    moves = renaming.found(project, feature, plan)
    moved = renaming.files(project, moves)
    there = derive(overlaid(project.snapshot, moved)) if moved else project
    left = _of_no_task(there, plan, feature)
    dropped = tuple(name for name in left if drop and _is_untouched(there, name))
    files = {path: data for path, data in moved.items() if data is not None}
    conflicts: list[Conflict] = []
    for task, said in _said(there, feature, plan):
        name = f"{feature}/{task.name}" if feature else task.name
        path = path_of(name)
        if path in there.snapshot:
            files[path], found = updated(name, there.snapshot.read(path), said, take)
            conflicts += found
        else:
            files[path] = _made(there, name, task, said)
    points = checkpoints(there, feature, plan)
    if accept:
        files |= {path_of(point.name): point.data for point in points}
    return Changes(
        files=tuple(NewFile(path, data) for path, data in files.items() if _differs(project, path, data)),
        gone=(*(path for path, data in moved.items() if data is None), *map(path_of, dropped)),
        renamed=moves,
        dropped=dropped,
        left=tuple(name for name in left if name not in dropped),
        proposed={} if accept else {point.name: point.needs for point in points},
        conflicts=tuple(conflicts),
        again=tuple(_done_before(there, feature, plan, files)),
    )


def _refuse_taken(plan: Plan) -> None:
    taken = {slug: kind for slug, kind, _ in PROCESS}
    for task in plan.tasks:
        if task.name in taken:
            raise RefusedError(
                f"the task `{task.name}` in {show(plan.path)} has the name of the {taken[task.name]} session",
                hint="give the task another name, with a number from 04 to 89",
            )


def _said(project: Project, feature: str, plan: Plan) -> list[tuple[Task, Said]]:
    """Each task with what it says of its session, which needs the plan, whatever comes before the task, and the plan's gate."""
    plans = [one for one in project.of_feature(feature) if one.kind == PLAN_KIND]
    slugs = [one.slug for one in plans]
    gates = [f"gate:{gate}" for one in plans if (gate := project.text(one.name, "gate"))]
    before = reasons(plan.tasks)
    return [
        (task, said_by(task, (*slugs, *task.lists.get("Depends on", ()), *before[task.name], *gates)))
        for task in plan.tasks
    ]


def _made(project: Project, name: str, task: Task, said: Said) -> bytes:
    template = template_of(project, TASK_KIND)
    return session_text(
        name,
        template,
        needs=dict(front(said)),
        title=said.texts["title"],
        goal=task.texts.get("Goal", ""),
        checklist=said.lists["checklist"],
    ).encode()


def _differs(project: Project, path: bytes, data: bytes) -> bool:
    return path not in project.snapshot or project.snapshot.read(path) != data


def _of_no_task(project: Project, plan: Plan, feature: str) -> list[str]:
    """The feature's sessions that build something and are of no task: added by hand, or the task was renamed or dropped."""
    return [
        one.name for one in project.of_feature(feature) if one.kind == TASK_KIND and not plan.task(one.slug)
    ]


def _is_untouched(project: Project, name: str) -> bool:
    """Whether a session is only what a plan made of it: without runs, and without a question."""
    one = project.sessions[name]
    return BASE in one.own and not one.runs and not one.questions


def _done_before(project: Project, feature: str, plan: Plan, files: Mapping[bytes, bytes]) -> list[str]:
    """The sessions that a run has done and of which the plan now says something else."""
    names = (project.task_session(feature, task.name) for task in plan.tasks)
    return [
        name
        for name in names
        if name
        and any(run.outcome == "done" for run in project.sessions[name].runs)
        and _differs(project, path_of(name), files[path_of(name)])
    ]
