"""The gates along a range are those that would be found anew at each commit, whatever the steps between them change."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from sdd.gates.along import Walk
from sdd.gates.openings import Openings, Trusted
from sdd.gates.policy import Gate
from sdd.snapshot import Snapshot, in_memory
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


@given(st.lists(CHANGES, max_size=6))
def test_what_is_held_is_what_would_be_found(steps: list[dict[bytes, bytes | None]]) -> None:
    known = ready(GATES)
    trusted = Trusted(known, GATES, (known,), NOW)
    walk = Walk()
    assert told(walk.gates(known, trusted)) == told(Openings(known, trusted))
    at = known
    for changes in steps:
        at = changed(at, changes)
        assert told(walk.gates(at, trusted)) == told(Openings(at, trusted))


def test_another_trust_begins_anew() -> None:
    walk, known = Walk(), ready(GATES)
    first = walk.gates(known, Trusted(known, GATES, (), NOW))
    assert walk.gates(known, Trusted(known, GATES, (), NOW)) is first
    assert walk.gates(known, Trusted(known, GATES, (), NOW + 1)) is not first
