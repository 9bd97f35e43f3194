"""All that is wrong with the sessions and trackers of a snapshot, found feature by feature.

What was found of a feature is kept with all that was asked for it, and found anew only where something of that has changed:
the cost follows the change, and no more than one feature is held at a time.
"""

from __future__ import annotations

from sdd.findings import Finding, by_place
from sdd.gates.picture import picture
from sdd.sessions.links import links, those_that_exist
from sdd.sessions.order import findings as of_order
from sdd.sessions.project import derive, features, misplaced_at_top, misplaced_in
from sdd.sessions.session import CHANGES
from sdd.snapshot import Snapshot
from sdd.views import tracker
from sdd.watched import Watched, holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Plain = tuple[tuple[Any, ...], ...]
    Known = tuple[tuple[tuple[str, bytes, str], ...], Plain, tuple[tuple[str, tuple[str, ...]], ...]]


def findings(snapshot: Snapshot) -> list[Finding]:
    """What is wrong with the files of sessions, templates, plans, pages and runs, and with the trackers, sorted."""
    whole = snapshot.identity()
    asked = (whole.encode(),)
    kept = (
        snapshot.verdicts.kept("whole", asked, lambda: _plain(_all(snapshot)))
        if whole
        else _plain(_all(snapshot))
    )
    return [Finding(*one) for one in kept]


def _all(snapshot: Snapshot) -> list[Finding]:
    snapshot.entries.whole()
    project = derive(snapshot)
    places = dict.fromkeys(("", *features(snapshot), CHANGES))
    known = [_of_feature(snapshot, feature) for feature in places]
    needs = {name: meant for _, _, links in known for name, meant in links}
    parts: list[Iterable[Finding]] = [misplaced_at_top(snapshot), tracker.abandoned_all(snapshot)]
    parts += [of_order(project, those_that_exist(needs))]
    parts += [one.findings for one in project.templates.values()]
    parts += [(Finding(*one) for one in found) for _, found, _ in known]
    return sorted({finding for part in parts for finding in part}, key=by_place)


def _of_feature(snapshot: Snapshot, feature: str) -> Known:
    """What was asked for a feature, what is wrong with it, and what its sessions need."""
    folders = [b"sessions/templates", b".sdd"]
    folders += [f"sessions/{feature}".encode(), f"docs/{feature}".encode()] if feature else []
    asked = (feature.encode(), *(snapshot.identity(folder).encode() for folder in folders))
    known: Known | None = snapshot.verdicts.known("feature", asked) if all(asked[1:]) else None
    if known is None or not holds(snapshot.entries, known[0]):
        watched = Watched(snapshot.entries, folders)
        found, needs = _found(snapshot.through(watched), feature)
        known = (tuple((*one, told) for one, told in watched.asked.items()), found, needs)
        snapshot.verdicts.keep("feature", asked, known)
    return known


def _found(snapshot: Snapshot, feature: str) -> tuple[Plain, tuple[tuple[str, tuple[str, ...]], ...]]:
    seen = picture(snapshot)
    found = [*misplaced_in(snapshot, feature), *seen.project.findings_of(feature)]
    found += [] if feature == CHANGES else tracker.findings_of(seen, feature)
    return _plain(found), tuple((one.name, one.needs) for one in links(seen.project, feature))


def _plain(found: Iterable[Finding]) -> Plain:
    return tuple(one.as_tuple() for one in found)
