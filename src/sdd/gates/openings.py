"""The trusted side of a judgement, and the gates of one snapshot under it, each asked about at most once."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.gates import policy as policies
from sdd.gates.grants import granted
from sdd.gates.policy import PATH, SESSION
from sdd.gates.standing import gate_open, standing
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.gates.grants import Grant
    from sdd.gates.policy import Policy
    from sdd.gates.standing import Opening, Standing
    from sdd.snapshot import Snapshot

MAP = "docs/reference/policy.md"


class Trusted(Value):
    """What is trusted: the snapshot T with its policy, the merge bases of T and the step, and the time (seconds since 1970)."""

    snapshot: Snapshot
    policy: Policy
    bases: tuple[Snapshot, ...]
    now_epoch: int


class Instance(Value):
    """Gates asked for together, for one feature ("" for the root feature) and one session ("" for none)."""

    gates: tuple[str, ...]
    feature: str = ""
    session: str = ""


class Openings:
    """The gates of one snapshot, as far as they are asked for."""

    def __init__(self, snapshot: Snapshot, trusted: Trusted) -> None:
        self.snapshot = snapshot
        self.trusted = trusted
        self.policy = trusted.policy
        self._known: dict[tuple[str, str, str], Opening] = {}
        self._features: list[str] | None = None
        self._granted: dict[Instance, Grant] = {}

    def opening(self, gate: str, feature: str, session: str) -> Opening:
        """Whether a gate is open for a feature and a session."""
        key = (gate, feature, session)
        if key not in self._known:
            self._known[key] = self._opening(self.snapshot, gate, feature, session)
        return self._known[key]

    def _opening(self, snapshot: Snapshot, gate: str, feature: str, session: str) -> Opening:
        told = self.trusted
        return gate_open(
            snapshot,
            told.policy,
            gate,
            feature,
            session,
            trusted=told.snapshot,
            now_epoch=told.now_epoch,
            bases=told.bases,
        )

    def standing(self, gate: str, document: bytes) -> Standing:
        """What the approvals of one document for a gate are worth."""
        told = self.trusted
        return standing(
            self.snapshot,
            told.policy,
            gate,
            document,
            trusted=told.snapshot,
            now_epoch=told.now_epoch,
            bases=told.bases,
        )

    def shut(self, instance: Instance) -> list[str]:
        """The gates of an instance that are shut."""
        return [
            gate for gate in instance.gates if not self.opening(gate, instance.feature, instance.session).open
        ]

    def granted(self, instance: Instance) -> Grant:
        """What the documents of these gates grant, approved or not."""
        if instance not in self._granted:
            self._granted[instance] = granted(self.snapshot, self.policy, instance)
        return self._granted[instance]

    @property
    def features(self) -> list[str]:
        """The root feature ("") and all names that folders below `docs/` and `sessions/` give to features, sorted."""
        if self._features is None:
            self._features = features(self.snapshot)
        return self._features

    def instances(self, gates: tuple[str, ...]) -> list[Instance]:
        """All features and sessions for which these gates could be open together, those of the root feature first."""
        return [
            Instance(gates, feature, session)
            for feature in self.features
            for session in self.sessions(gates, feature)
        ]

    def sessions(self, gates: tuple[str, ...], feature: str) -> list[str]:
        """The sessions that the gates' documents name for a feature: [""] where no document is named after one."""
        return self._sessions(self.snapshot, gates, feature)

    def _sessions(self, snapshot: Snapshot, gates: tuple[str, ...], feature: str) -> list[str]:
        patterns = [
            pattern for gate in gates for pattern in self.policy.gates[gate].documents if SESSION in pattern
        ]
        return sorted(_named(snapshot, patterns[0], feature)) if patterns else [""]


def _named(snapshot: Snapshot, pattern: str, feature: str) -> set[str]:
    """The sessions for which documents of this pattern are there."""
    start, _, rest = pattern.partition(SESSION)
    before = policies.expand(start, feature)
    after = policies.expand(rest.partition(SESSION)[0], feature).partition(b"/")[0]
    folder, _, begin = before.rpartition(b"/")
    ends = (name[len(begin) :] for name in snapshot.names(folder) if name.startswith(begin))
    middles = (end.partition(after)[0] if after else end for end in ends)
    names = {middle.decode("utf-8", "replace") for middle in middles if middle}
    return {name for name in names if policies.expand(pattern, feature, name) in snapshot}


def trusted_policy(snapshot: Snapshot) -> Policy:
    """The policy of a trusted snapshot.

    Raises:
        SddError: it has none, or one that cannot be read: then nothing can be judged (rule 6).
    """
    if PATH not in snapshot:
        raise SddError(
            f"there is no {show(PATH)} in {snapshot.name}, so nothing can be judged", hint="sdd init"
        )
    if not snapshot.is_file(PATH):
        raise SddError(f"{show(PATH)} in {snapshot.name} is a link, no file", hint=f"see {MAP}")
    return policies.of(snapshot)


def features(snapshot: Snapshot) -> list[str]:
    """The root feature ("") and all names that folders below `docs/` and `sessions/` give to features, sorted."""
    from sdd.sessions.session import RESERVED

    found = {""}
    for top in (b"docs", b"sessions"):
        found |= {name.decode("utf-8", "replace") for name, deeper in snapshot.names(top).items() if deeper}
    return sorted(name for name in found - set(RESERVED) if not name.endswith(".runs"))
