"""Integration checkpoints: where a group of tasks ends, a session that puts their parts together for the first time."""

from __future__ import annotations

from sdd.sessions import edit
from sdd.sessions.front_matter import with_field
from sdd.sessions.names import why_no_name
from sdd.sessions.process import session_text, template_of
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.sessions.plan import Plan
    from sdd.sessions.project import Project
    from sdd.sessions.session import Session

KIND = "integration"
LEAST = 2  # tasks of a group between which there is something to put together


class Checkpoint(Value):
    """A session that is missing, or that does not wait for all of its group: its file, and the tasks of the group."""

    name: str
    needs: tuple[str, ...]
    data: bytes


def checkpoints(project: Project, feature: str, plan: Plan) -> list[Checkpoint]:
    """The checkpoints that the groups of a plan lack, in the order of the plan.

    Raises:
        SddError: a checkpoint is to be extended and cannot be read.
    """
    groups: dict[str, list[str]] = {}
    for task in plan.tasks:
        if task.texts.get("Group"):
            groups.setdefault(task.texts["Group"], []).append(task.name)
    there = {project.text(one.name, "group"): one for one in project.of_feature(feature) if one.kind == KIND}
    found = []
    for group, tasks in groups.items():
        if len(tasks) < LEAST or (group not in there and KIND not in project.templates):
            continue
        known = there.get(group)
        made = _extended(project, known, tasks) if known else _new(project, feature, group, tasks)
        found += [made] if made else []
    return found


def _extended(project: Project, one: Session, tasks: list[str]) -> Checkpoint | None:
    needs = project.texts(one.name, "needs")
    before = f"{one.feature}/" if one.feature else ""
    lacking = [task for task in tasks if task not in needs and before + task not in needs]
    if not lacking:
        return None
    data = project.snapshot.read(one.path)
    edit.readable(one.path, data)
    new = edit.edited(data, lambda text: with_field(text, "needs", (*needs, *lacking)))
    return Checkpoint(one.name, tuple(tasks), new)


def _new(project: Project, feature: str, group: str, tasks: list[str]) -> Checkpoint:
    slug = _slug(group)
    number = max(tasks).partition("-")[0]
    short = f"{number}-integration-{slug}" if number.isdigit() else f"integration-{slug}"
    whole = f"{feature}/{short}" if feature else short
    names = (whole, *(f"{whole}-{again}" for again in range(2, len(project.sessions) + 3)))
    name = next(one for one in names if one not in project.sessions)
    keys = {"needs": tuple(tasks), "layer": "integration", "group": group}
    text = session_text(name, template_of(project, KIND), needs=keys, title=f"Integration of {group}")
    return Checkpoint(name, tuple(tasks), text.encode())


def _slug(group: str) -> str:
    """A group as a part of a file's name; its own words stand in the session."""
    words = "".join(char if char.isalnum() else " " for char in group.lower()).split()
    slug = "-".join(words)[:40].strip("-")
    return slug if slug and not why_no_name(slug) else "group"
