"""The gates along a range are those that would be found anew at each commit, whatever the steps between them change."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from sdd.gates.along import Walk
from sdd.gates.history import Commit
from sdd.gates.openings import Openings, Trusted
from sdd.gates.policy import Gate
from sdd.snapshot import Entry, Snapshot, in_memory
from sdd.snapshot import Files as SnapshotFiles
from sdd.watched import Watched
from shop import (
    ALICE,
    ARCHITECTURE,
    PAGE,
    PLAN,
    REVOKED,
    SIGNERS,
    SPEC,
    WORDS,
    approved,
    files,
    place,
    policy,
    ready,
)

NOW = 1_800_000_000
RULES = policy()
GATES = RULES.replace(
    gates={**RULES.gates, "own": Gate("own", ("specs/{feature}.md",), (ALICE,), proof="none")}
)
PATHS = (
    *(SPEC, ARCHITECTURE, PLAN, PAGE, SIGNERS, REVOKED, place(SPEC), place(PLAN), place(PAGE)),
    *(
        b"docs/billing/product-spec.md",
        b"docs/changes",
        b"docs/changes/other.md",
        b"sessions/billing/01-a.md",
    ),
    *(b"specs/billing.md", b"src/cart.py", b"docs"),
)
DATA = (None, b"", b"words\n", *WORDS.values(), *filter(None, approved(*WORDS).values()))
CHANGES = st.dictionaries(st.sampled_from(PATHS), st.sampled_from(DATA), max_size=3)


def told(openings: Openings) -> list[object]:
    """All that is asked of gates."""
    return [openings.features] + [
        openings.opening(*gates, one.feature, one.session)
        for name in GATES.gates
        for gates in [(name,)]
        for one in openings.instances(gates)
    ]


def changed(below: Snapshot, changes: Mapping[bytes, bytes | None]) -> Snapshot:
    """The same files with some changed; what would lie below a file is left out, as in git."""
    known = {path: data for path, data in {**files(below), **changes}.items() if data is not None}
    return in_memory(
        {path: data for path, data in known.items() if not any(path.startswith(one + b"/") for one in known)}
    )


def commit(number: int, *parents: int) -> Commit:
    return Commit(str(number), tuple(map(str, parents)), NOW)


def own(before: Snapshot, after: Snapshot) -> dict[bytes, tuple[Entry | None, Entry | None]]:
    """What git tells of a commit."""
    return {path: (before.entries.get(path), after.entries.get(path)) for path in after.differing(before)}


@given(st.lists(st.tuples(CHANGES, st.sampled_from(("judged", "passed", "left out"))), max_size=6))
def test_what_is_held_is_what_would_be_found(steps: list[tuple[dict[bytes, bytes | None], str]]) -> None:
    known = ready(GATES)
    trusted = Trusted(known, GATES, (known,), NOW)
    walk = Walk()
    assert told(walk.before(commit(1, 0))(known, trusted)) == told(Openings(known, trusted))
    at = known
    for number, (changes, what) in enumerate(steps, 1):
        if what == "judged":
            assert told(walk.before(commit(number, number - 1))(at, trusted)) == told(Openings(at, trusted))
        after = changed(at, changes)
        if what != "left out":
            walk.past(commit(number, number - 1), own(at, after))
        at = after
    assert told(walk.before(commit(9, len(steps)))(at, trusted)) == told(Openings(at, trusted))


@given(CHANGES, CHANGES)
def test_another_way_is_held_against_the_one_before(
    one: dict[bytes, bytes | None], other: dict[bytes, bytes | None]
) -> None:
    known = ready(GATES)
    trusted = Trusted(known, GATES, (known,), NOW)
    here, there = changed(known, one), changed(known, other)
    walk = Walk()
    told(walk.before(commit(2, 1))(here, trusted))
    walk.past(commit(2, 1), own(here, there))
    for merge in (commit(3, 2, 1), commit(4, 1)):  # of a merge only some paths are told
        walk.past(merge, {})
        gates = walk.before(commit(5, int(merge.id)))(there, trusted)
        assert told(gates) == told(Openings(there, trusted))
    first = walk.before(commit(6))(known, trusted)
    assert told(first) == told(Openings(known, trusted))


def test_another_trust_begins_anew() -> None:
    walk, known = Walk(), ready(GATES)
    gates = walk.before(commit(1, 0))
    first = gates(known, Trusted(known, GATES, (), NOW))
    assert gates(known, Trusted(known, GATES, (), NOW)) is first
    assert gates(known, Trusted(known, GATES, (), NOW + 1)) is not first


def test_only_what_may_be_told_otherwise_is_asked_again() -> None:
    """A run that goes beside its session changes no name further up, nor does a file that only changes."""
    known = changed(
        ready(GATES), dict.fromkeys((b"sessions/billing/01-a.md", b"docs/billing/tracker.md"), b"words")
    )
    trusted = Trusted(known, GATES, (), NOW)
    walk = Walk()
    told(walk.before(commit(1, 0))(known, trusted))
    more = (b"sessions/billing/01-a.md", b"sessions/billing/01-a.runs/x.md", b"docs/billing/tracker.md")
    after = changed(known, dict.fromkeys(more, b"more"))
    walk.past(commit(1, 0), own(known, after))
    asked: list[bytes] = []
    seen = after.through(Listening(after.entries, asked))
    told(walk.before(commit(2, 1))(seen, trusted))
    assert asked == []


class Listening(Watched):
    """Files that note the folders whose names somebody asks for."""

    def __init__(self, below: SnapshotFiles, asked: list[bytes]) -> None:
        super().__init__(below, ())
        self.folders = asked

    def names(self, folder: bytes) -> dict[bytes, bool]:
        self.folders.append(folder)
        return super().names(folder)
