"""Which sessions are suspect: those that rest on a text that says something else now. Found feature by feature, and kept.

As with what `sdd check` finds (`sdd.views.whole`), the cost follows the change: a feature is looked at again only where
something of what was asked for it is another.
"""

from __future__ import annotations

from sdd.watched import Watched, holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sdd.runs.resting import Lapse, Trace
    from sdd.snapshot import Snapshot

SUSPECT = "suspect"
CAN_BE = frozenset({"done", "review"})
"""The states of sessions that can be suspect (DESIGN §3.5): the others run anyway, or have not run."""


def suspects(snapshot: Snapshot, feature: str) -> Mapping[str, tuple[Lapse, ...]]:
    """What holds no more, for each session of a feature that rests on such; whatever its state is."""
    from sdd.runs.resting import Lapse

    return {
        name: tuple(Lapse(*one) for one in found)
        for name, found in _kept(snapshot, "suspects", feature, _found)
    }


def traces(snapshot: Snapshot, feature: str) -> list[Trace]:
    """What each session of a feature rests on and wrote; those that did neither are left out."""
    from sdd.runs.resting import Trace
    from sdd.sessions.whole_run import Input

    return [
        Trace(name, tuple(Input(*one) for one in inputs), wrote)
        for name, inputs, wrote in _kept(snapshot, "traces", feature, _traced)
    ]


def _kept(snapshot: Snapshot, kind: str, feature: str, find: Any) -> tuple[Any, ...]:
    folders = [b"sessions/templates"]
    folders += [f"sessions/{feature}".encode(), f"docs/{feature}".encode()] if feature else []
    asked = (feature.encode(), *(snapshot.identity(folder).encode() for folder in folders))
    known = snapshot.verdicts.known(kind, asked) if all(asked[1:]) else None
    if known is None or not holds(snapshot.entries, known[0]):
        watched = Watched(snapshot.entries, folders)
        found = tuple(find(snapshot.through(watched), feature))
        known = (tuple((*one, told) for one, told in watched.asked.items()), found)
        snapshot.verdicts.keep(kind, asked, known)
    answer: tuple[Any, ...] = known[1]
    return answer


def _all(snapshot: Snapshot, feature: str) -> Iterator[Trace]:
    """Each session's trace; the files of all whole runs are read at once."""
    from sdd.runs.resting import trace
    from sdd.sessions.evidence import evidence_files
    from sdd.sessions.project import derive

    project = derive(snapshot)
    ran = [one for one in project.of_feature(feature) if any(run.file for run in one.runs)]
    snapshot.read_all(sorted({path for one in ran for path in evidence_files(project, one)}))
    yield from (trace(project, one.name) for one in ran)


def _found(snapshot: Snapshot, feature: str) -> Iterator[Any]:
    from sdd.runs.resting import lapses

    for one in traces(
        snapshot, feature
    ):  # kept by themselves: where a contract changes, no run is read again
        found = tuple(each.as_tuple() for each in lapses(snapshot, one.inputs))
        if found:
            yield one.session, found


def _traced(snapshot: Snapshot, feature: str) -> Iterator[Any]:
    for one in _all(snapshot, feature):
        yield one.session, tuple(each.as_tuple() for each in one.inputs), one.wrote
