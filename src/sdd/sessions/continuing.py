"""Which sessions share one conversation, and which must not: a review by the one who built remembers too well."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.sessions.project import Project

IMPLEMENTING = frozenset({"implementation", "refactoring", "change"})
REVIEWING = frozenset({"build-verification", "testing", "integration", "final-verification"})


def continued(project: Project, name: str) -> Iterator[str]:
    """The sessions whose conversation a session goes on with, the nearest first; those that do not exist are left out."""
    known = {name}
    while found := project.need(project.text(name, "continues"), project.sessions[name].feature):
        if found in known:  # a circle: everybody's memory is its own
            return
        known.add(found)
        yield found
        name = found


def conversation(project: Project, name: str, *, shared: bool) -> str:
    """The key of the conversation that a session's turns belong to: its own, that of a session before it, or its group's.

    `shared`: the sessions of a group have one, apart from those that review.
    """
    first = [name, *continued(project, name)][-1]
    group = project.text(first, "group")
    if shared and group and project.sessions[first].kind not in REVIEWING:
        return f"group {project.sessions[first].feature}/{group}"
    return f"session {first}"


def built_by(project: Project, name: str) -> str:
    """The session whose memory a reviewing session must not have and would go on with; empty where there is none."""
    if project.sessions[name].kind not in REVIEWING:
        return ""
    before = (one for one in continued(project, name) if project.sessions[one].kind in IMPLEMENTING)
    return next(before, "")
