"""What is wrong with the files of a change, told by what it touches: all else is as it was before."""

from __future__ import annotations

from sdd.findings import Finding, by_place
from sdd.sessions import template
from sdd.sessions.links import dependents
from sdd.sessions.order import findings as of_order
from sdd.sessions.order import reached
from sdd.sessions.project import PLAN, feature_of, misplaced
from sdd.sessions.session import FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from sdd.sessions.project import Project


def findings(
    project: Project, paths: AbstractSet[bytes], touched: Iterable[str], before: Sequence[Project]
) -> list[Finding]:
    """What is wrong with the files at these paths, and with the sessions that are touched.

    `before` are the projects that the change began from; what others left wrong in them is not held against it.
    """
    gone = {name for name in touched if name not in project.sessions}
    names = sorted(name for name in {*touched, *dependents(project, gone)} if name in project.sessions)
    kinds = sorted(template.kind_of(path) for path in paths if path.startswith(template.FOLDER))
    plans = sorted(feature_of(path) for path in paths if path.endswith(PLAN))
    needing = [name for name in names if any(_needs_more(project, one, name) for one in before)]
    parts: list[Iterable[Finding]] = [
        misplaced(project.snapshot, [path for path in paths if path.startswith(FOLDER)]),
        project.findings_among(names),
        *(project.templates[kind].findings for kind in kinds if kind in project.templates),
        *map(project.findings_of_plan, plans),
        of_order(project, reached(project, needing)),
    ]
    return sorted({finding for part in parts for finding in part}, key=by_place)


def _needs_more(now: Project, before: Project, name: str) -> bool:
    """Whether a session needs what it did not need before: only so can a cycle come up."""
    return name not in before.sessions or not {*now.needs(name)} <= {*before.needs(name)}
