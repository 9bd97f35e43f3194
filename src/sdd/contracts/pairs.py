"""Who implements which contract, and who uses it: what sessions and plans say, without reading a contract."""

from __future__ import annotations

from sdd.sessions.links import file_of, implementing
from sdd.sessions.turns import progress
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.sessions.project import Project

INTERFACES = "docs/interfaces/"


class Pair(Value):
    """A contract and what implements it, as selectors, and the session that says so."""

    session: str
    contract: str
    implementation: str


def pairs(project: Project, name: str) -> list[Pair]:
    """The contracts that a session implements, in the order of its front matter."""
    return [Pair(name, *one) for one in project.pairs(name, "implements")]


def all_pairs(project: Project) -> Iterator[Pair]:
    """Those of all sessions, in the order of their names within each feature; where that was kept, none is read, and else only those that may."""
    for one in implementing(project):
        for contract, made in zip(one.implements[::2], one.implements[1::2], strict=True):
            yield Pair(one.name, contract, made)


def planned(project: Project, feature: str) -> list[str]:
    """The contracts that the tasks of a feature's plan are to implement."""
    plan = project.plans.get(feature)
    return [contract for task in (plan.tasks if plan else ()) for contract in task.implements]


def is_done(project: Project, name: str) -> bool:
    """Whether a session's work was done once and not sent back since, so that its implementation has to stand."""
    return "work" in progress(project.sessions[name].runs).finished


def used(project: Project, name: str) -> list[str]:
    """The contracts that a session's own keys name beside those that it implements: its interfaces, and what it reads there."""
    own = {one.contract for one in pairs(project, name)}
    named = (*project.texts(name, "interfaces"), *project.texts(name, "reads"))
    return [one for one in dict.fromkeys(named) if one not in own and file_of(one).startswith(INTERFACES)]


def makers(found: Iterable[Pair], contract: str) -> list[Pair]:
    """Of some pairs those that implement a contract, whether it is named whole or by a symbol in it."""
    return [one for one in found if one.contract == contract or is_part(one.contract, contract)]


def is_part(one: str, other: str) -> bool:
    """Whether one of two selectors names the whole file that the other names a part of."""
    return file_of(one) == file_of(other) and file_of(one) in {one, other}
