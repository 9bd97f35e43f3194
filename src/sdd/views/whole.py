"""All that is wrong with the sessions and trackers of a snapshot, found feature by feature.

What was found of a feature is kept with all that was asked for it, and found anew only where something of that has changed:
the cost follows the change, and no more than one feature is held at a time.
"""

from __future__ import annotations

from sys import intern

from sdd.contracts.judged import of_feature, of_uses
from sdd.findings import Finding, by_place
from sdd.gates.picture import Gates, picture
from sdd.gates.policy import SESSION, documents
from sdd.gates.standing import votes_on
from sdd.gates.vote import prepare
from sdd.sessions.links import links, those_that_exist
from sdd.sessions.order import findings as of_order
from sdd.sessions.project import derive, features, misplaced_at_top, misplaced_in, sessions_in
from sdd.sessions.session import CHANGES
from sdd.snapshot import Snapshot
from sdd.views import tracker
from sdd.watched import Watched, holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from sdd.gates.policy import Gate

    Plain = tuple[tuple[Any, ...], ...]
    Links = tuple[tuple[str, tuple[str, ...]], ...]
    Known = tuple[tuple[tuple[str, bytes, str], ...], Plain, Links, Plain]

TOGETHER = 32  # features whose signatures are verified at once


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


def number(snapshot: Snapshot) -> int:
    """How many sessions there are, small changes among them."""

    def count() -> int:
        return sum(len(sessions_in(snapshot, place)) for place in (*features(snapshot), CHANGES))

    folder = snapshot.identity(b"sessions")
    found: int = snapshot.verdicts.kept("number", (folder.encode(),), count) if folder else count()
    return found


def _all(snapshot: Snapshot) -> list[Finding]:
    snapshot.entries.whole()
    project = derive(snapshot)
    found = {*misplaced_at_top(snapshot), *tracker.abandoned_all(snapshot)}
    found.update(one for template in project.templates.values() for one in template.findings)
    needs: dict[str, tuple[str, ...]] = {}
    uses: list[tuple[Any, ...]] = []
    for wrong, pointing, using in _by_feature(snapshot):
        uses += using
        found.update(Finding(*one) for one in wrong)
        needs |= {
            name: tuple(map(intern, meant)) for name, meant in pointing
        }  # the same few names, again and again
    there = those_that_exist(needs)
    del needs  # of 100,000 sessions some ten megabytes, which their order takes itself
    found.update(of_order(project, there))
    del there
    found.update(of_uses(snapshot, uses))
    return sorted(found, key=by_place)


def _by_feature(snapshot: Snapshot) -> Iterator[tuple[Plain, Links, Plain]]:
    """What is wrong with each feature, what its sessions need, and what their components use; of no more than some features anything else is held."""
    places = [*dict.fromkeys(("", *features(snapshot), CHANGES))]
    for start in range(0, len(places), TOGETHER):
        kept = {feature: _known(snapshot, feature) for feature in places[start : start + TOGETHER]}
        _prepare(snapshot, [feature for feature, one in kept.items() if one is None])
        for feature, known in kept.items():
            yield (known or _of_feature(snapshot, feature))[1:]


def _asked(snapshot: Snapshot, feature: str) -> tuple[list[bytes], tuple[bytes, ...]]:
    """The folders that a verdict of a feature rests on, and all that it is named after."""
    folders = [b"sessions/templates", b".sdd"]
    folders += [f"sessions/{feature}".encode(), f"docs/{feature}".encode()] if feature else []
    return folders, (feature.encode(), *(snapshot.identity(folder).encode() for folder in folders))


def _known(snapshot: Snapshot, feature: str) -> Known | None:
    """What was found of a feature before, if it still holds."""
    _, asked = _asked(snapshot, feature)
    known: Known | None = snapshot.verdicts.known("feature", asked) if all(asked[1:]) else None
    return known if known and holds(snapshot.entries, known[0]) else None


def _of_feature(snapshot: Snapshot, feature: str) -> Known:
    """What was asked for a feature, what is wrong with it, what its sessions need, and what their components use."""
    folders, asked = _asked(snapshot, feature)
    watched = Watched(snapshot.entries, folders)
    found, needs, uses = _found(snapshot.through(watched), feature)
    known = (tuple((*one, told) for one, told in watched.asked.items()), found, needs, uses)
    snapshot.verdicts.keep("feature", asked, known)
    return known


def _prepare(snapshot: Snapshot, features: Sequence[str]) -> None:
    """Verify together the approvals that these features wait for."""
    policy = Gates(snapshot).policy if features else None
    if policy is None:
        return
    rules = policy.gates.values()
    wanted = [
        (rule.name, path)
        for feature in features
        for rule in rules
        for session in _named(snapshot, rule, feature)
        for path in documents(rule, "" if feature == CHANGES else feature, session)
    ]
    prepare(votes_on(snapshot, policy, wanted))


def _named(snapshot: Snapshot, rule: Gate, feature: str) -> list[str]:
    """The sessions of a feature, without it, where a gate's documents are named after them; else the one without a name."""
    if not any(SESSION in pattern for pattern in rule.documents):
        return [""]
    return [name.rpartition("/")[2] for name in sessions_in(snapshot, feature)]


def _found(snapshot: Snapshot, feature: str) -> tuple[Plain, Links, Plain]:
    seen = picture(snapshot)
    broken, uses = of_feature(seen.project, feature)
    found = [*misplaced_in(snapshot, feature), *seen.project.findings_of(feature), *broken]
    found += [] if feature == CHANGES else tracker.findings_of(seen, feature)
    return _plain(found), tuple((one.name, one.needs) for one in links(seen.project, feature)), uses


def _plain(found: Iterable[Finding]) -> Plain:
    return tuple(one.as_tuple() for one in found)
