"""The signatures that judging a range will ask about, verified before it begins: all at once, over the cores."""

from __future__ import annotations

from itertools import chain

from sdd.gates import policy as policies
from sdd.gates.approval import FOLDER
from sdd.gates.governed import code_rules
from sdd.gates.openings import Openings
from sdd.gates.scope import words
from sdd.gates.standing import votes_on
from sdd.gates.vote import prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sdd.gates.openings import Trusted
    from sdd.gates.policy import Policy
    from sdd.gates.vote import Ground
    from sdd.snapshot import Snapshot

    Made = tuple[Trusted, Snapshot, list[bytes]]
    Votes = Iterator[tuple[Snapshot, bytes, str, Ground]]


def verify_ahead(trusted: Trusted, paths: Iterable[bytes], made: Iterable[Made]) -> None:
    """Verify what stands in T for the features that governed code of the range names, and the records that it brings.

    `paths` are all that the range changes; `made` are its commits that change records: what each is judged by, its snapshot, and
    the records. It is a guess
    what will be asked: what it leaves out is verified when somebody asks, and what it adds changes no answer.
    """
    prepare(chain(_standing(trusted, paths), _brought(made)))


def _standing(trusted: Trusted, paths: Iterable[bytes]) -> Votes:
    policy, openings = trusted.policy, Openings(trusted.snapshot, trusted)
    governed = [path for path in paths if code_rules(policy, path)]
    named = frozenset(word for path in governed for word in words(path))
    gates = _with_those_before(
        policy, [name for code in policy.code for some in code.requires for name in some]
    )
    wanted = (
        (gate, document)
        for gate in gates
        for feature in openings.features
        if not feature or feature in named
        for session in openings.sessions((gate,), feature)
        if not session or session in named
        for document in policies.documents(policy.gates[gate], feature, session)
    )
    if governed:
        yield from _votes(trusted, trusted.snapshot, wanted)


def _with_those_before(policy: Policy, gates: Sequence[str]) -> Iterable[str]:
    found: dict[str, None] = {}
    waiting = list(gates)
    while waiting:
        gate = waiting.pop()
        if gate not in found:
            found[gate] = None
            waiting += policy.gates[gate].after
    return found


def _brought(made: Iterable[Made]) -> Votes:
    for trusted, snapshot, records in made:
        yield from _votes(trusted, snapshot, map(_spoken_of, records))


def _spoken_of(record: bytes) -> tuple[str, bytes]:
    """The gate and the document of a record, by its place."""
    gate, _, rest = record[len(FOLDER) + 1 :].partition(b"/")
    return gate.decode("utf-8", "replace"), rest.rpartition(b"/")[0]


def _votes(trusted: Trusted, snapshot: Snapshot, wanted: Iterable[tuple[str, bytes]]) -> Votes:
    return votes_on(
        snapshot,
        trusted.policy,
        wanted,
        trusted=trusted.snapshot,
        now_epoch=trusted.now_epoch,
        bases=trusted.bases,
    )
