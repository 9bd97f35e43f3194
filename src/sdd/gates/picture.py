"""The whole picture of a snapshot: the project, what its gates are worth, and the state of every session."""

from __future__ import annotations

from sdd.gates import policy as policies
from sdd.gates.policy import PATH, Policy, PolicyError
from sdd.gates.standing import Opening, gate_open
from sdd.sessions.project import derive
from sdd.sessions.session import CHANGES
from sdd.sessions.state import states
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from sdd.sessions.project import Project
    from sdd.sessions.state import State
    from sdd.snapshot import Snapshot


LONGEST = 16 << 20  # characters of a text that is kept


class Gates:
    """The gates of one snapshot, each asked about at most once.

    `trusted` is the snapshot whose signers count; where nothing is said, the snapshot itself. Without a policy that can be
    read every gate is shut, and `wrong` says why.
    """

    def __init__(self, snapshot: Snapshot, trusted: Snapshot | None = None) -> None:
        self.snapshot = snapshot
        self.trusted = trusted
        self.wrong = ""
        self.policy: Policy | None = None
        self._known: dict[tuple[str, tuple[str, ...]], Opening] = {}
        if not snapshot.is_file(PATH):
            self.wrong = "there is no .sdd/policy.toml: `sdd init`"
            return
        try:
            self.policy = policies.of(snapshot)
        except PolicyError as error:
            self.wrong = error.message

    def documents(self, gate: str, name: str) -> tuple[str, ...]:
        """The documents that a gate waits for, for the session of that name; none where there is no such gate."""
        rule = self.policy.gates.get(gate) if self.policy else None
        return tuple(path.decode() for path in policies.documents(rule, *_place(name))) if rule else ()

    def opening(self, gate: str, name: str) -> Opening:
        """Whether a gate is open for the session of that name, and what each of its documents is worth."""
        key = (gate, self.documents(gate, name) or (name,))
        if key not in self._known:
            self._known[key] = self._opening(gate, *_place(name))
        return self._known[key]

    def _opening(self, gate: str, feature: str, slug: str) -> Opening:
        if self.policy is None:
            return Opening(open=False, standings=(), why=self.wrong)
        if gate not in self.policy.gates:
            return Opening(open=False, standings=(), why=f"the policy has no gate `{gate}`")
        return gate_open(self.snapshot, self.policy, gate, feature, slug, trusted=self.trusted)


def _place(name: str) -> tuple[str, str]:
    """The feature and the session that a gate's documents are named after; a small change belongs to no feature."""
    feature, _, slug = name.rpartition("/")
    return ("" if feature == CHANGES else feature, slug)


class Picture(Value):
    """What there is to know of a snapshot."""

    project: Project
    gates: Gates
    states: Mapping[str, State]


def picture(snapshot: Snapshot, trusted: Snapshot | None = None) -> Picture:
    """Derive everything. Never raises for what the files say."""
    project = derive(snapshot)
    gates = Gates(snapshot, trusted)
    return Picture(project, gates, states(project, gates))


def kept(seen: Picture, kind: str, find: Callable[[], Any], *words: str) -> Any:
    """What `find` finds of all states of a picture, kept for as long as its files, and those whose signers count, are the same.

    `words` are what else the answer rests on.
    """
    asked = _asked(seen, words)
    return seen.project.snapshot.verdicts.kept(kind, asked, find) if asked else find()


def streamed(seen: Picture, kind: str, find: Callable[[], Iterable[str]], *words: str) -> Iterator[str]:
    """The same of a text that comes in parts; one that is very long is not kept, for it would have to be held."""
    asked, verdicts = _asked(seen, words), seen.project.snapshot.verdicts
    known = verdicts.known(kind, asked) if asked else None
    if known is not None:
        yield known
        return
    parts: list[str] = []
    left = LONGEST
    for part in find():
        left -= len(part)
        parts = [*parts, part] if left >= 0 else []
        yield part
    if asked and left >= 0:
        verdicts.keep(kind, asked, "".join(parts))


def _asked(seen: Picture, words: Iterable[str]) -> tuple[bytes, ...]:
    """All that is found of all states rests on; nothing where nobody knows."""
    trusted = seen.gates.trusted
    whole = seen.project.snapshot.identity()
    asked = (whole, trusted.identity() if trusted else "", *words) if whole else ()
    return tuple(one.encode() for one in asked)
