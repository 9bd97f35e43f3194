"""What approved bytes grant: which governed code may be written under the gates that are open (rules 3 and 4)."""

from __future__ import annotations

from sdd.gates import policy as policies
from sdd.gates.openings import Instance
from sdd.gates.policy import SESSION
from sdd.globs import is_glob, matches
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

    from sdd.gates.openings import Openings
    from sdd.gates.policy import Code, Policy
    from sdd.snapshot import Snapshot

PLAN = b"implementation-plan.md"
MOST_KNOWN = 4096

_known: dict[tuple[bytes, str], Grant] = {}


class Answer(Value):
    """Whether a path may be written: "open", "shut" (its gates are), or "outside" (gates are open, but grant other paths).

    `instance` is the one that opened it, or else the one that came nearest.
    """

    word: Literal["open", "shut", "outside"]
    instance: Instance


class Grant(Value):
    """What documents let be written: paths as they stand, and globs; all where `limited` is false."""

    paths: frozenset[bytes] = frozenset()
    globs: tuple[str, ...] = ()
    limited: bool = True

    def holds(self, path: bytes) -> bool:
        """Whether a path may be written."""
        return not self.limited or path in self.paths or any(matches(glob, path) for glob in self.globs)


class Scope:
    """What one snapshot's approved documents let be written, each document read at most once.

    `own` are the paths of the step, by which the instances are found that most likely grant them. `brings` tells of an
    instance whether the step brings its documents or records along, so that it does not come before the code.
    """

    def __init__(
        self,
        openings: Openings,
        own: Sequence[bytes] = (),
        brings: Callable[[Instance], bool] = lambda _: False,
    ) -> None:
        self.openings = openings
        self.brings = brings
        self._own = own
        self._granted: dict[Instance, Grant] = {}
        self._words: frozenset[str] | None = None
        self._near: list[str] = []

    def strictest(self, rules: Sequence[Code], path: bytes) -> Answer:
        """The first answer of several rules that is not "open", or that of the first rule."""
        answers = [self.answer(rule, path) for rule in rules]
        return next((one for one in answers if one.word != "open"), answers[0])

    def answer(self, rule: Code, path: bytes) -> Answer:
        """Whether a governed path may be written by one of the rule's sets of gates: by the first that is open and was before."""
        for one in self._likely(rule, path):
            if self._grants(rule, one, path) and not self.openings.shut(one) and not self.brings(one):
                return Answer("open", one)
        asked = [one for gates in rule.requires for one in self._instances(rule, gates)]
        granting = [one for one in asked if self._grants(rule, one, path)]
        opened = [one for one in granting if not self.openings.shut(one)]
        if opened:
            return Answer("open", next((one for one in opened if not self.brings(one)), opened[0]))
        if granting:
            return Answer("shut", min(granting, key=self._distance))
        other = next((one for one in asked if not self.openings.shut(one)), None)
        if other is not None:
            return Answer("outside", other)
        return Answer("shut", min(asked, key=self._distance, default=Instance(rule.requires[0])))

    def _grants(self, rule: Code, instance: Instance, path: bytes) -> bool:
        return not rule.within_writes or self.grants(instance, path)

    def grants(self, instance: Instance, path: bytes) -> bool:
        """Whether the documents of these gates grant a path, approved or not."""
        if instance not in self._granted:
            self._granted[instance] = granted(self.openings.snapshot, self.openings.policy, instance)
        return self._granted[instance].holds(path)

    def _likely(self, rule: Code, path: bytes) -> Iterator[Instance]:
        """The instances of features and sessions that the path names, then those that any path of the step names."""
        if not rule.within_writes:
            return
        if self._words is None:
            self._words = frozenset(word for one in self._own for word in words(one))
            self._near = [feature for feature in self.openings.features if feature in self._words]
        mine = frozenset(words(path))
        first = [feature for feature in self._near if feature in mine]
        for features in (first, (*self._near, "")):
            for gates in rule.requires:
                for feature in features:
                    sessions = self.openings.sessions(gates, feature)
                    yield from (
                        Instance(gates, feature, one) for one in sessions if not one or one in self._words
                    )

    def _instances(self, rule: Code, gates: tuple[str, ...]) -> list[Instance]:
        """Without scope nothing tells whose feature a path belongs to: the gates of the root feature decide."""
        return self.openings.instances(gates) if rule.within_writes else [Instance(gates)]

    def _distance(self, instance: Instance) -> int:
        return len(self.openings.shut(instance))


def words(path: bytes) -> Iterator[str]:
    """The parts of a path, as features and sessions are called."""
    return (part.removesuffix(b".md").decode("utf-8", "replace") for part in path.split(b"/"))


def granted(snapshot: Snapshot, policy: Policy, instance: Instance) -> Grant:
    """What the documents of these gates grant.

    A page grants its `writes`, a plan those of its tasks. A plan without tasks grants everything, and so do gates without a
    plan or a page, since there is no scope to hold; one that cannot be read grants nothing more than what was understood.
    """
    found: list[Grant] = []
    for gate in instance.gates:
        rule = policy.gates[gate]
        paths = policies.documents(rule, instance.feature, instance.session)
        for pattern in rule.documents if paths else ():
            path = policies.expand(pattern, instance.feature, instance.session)
            if SESSION in pattern or path.rpartition(b"/")[2] == PLAN:
                found.append(_of_document(snapshot, path))
    limited = [one for one in found if one.limited]
    if len(limited) == 1:
        return limited[0]
    plain = frozenset(path for one in limited for path in one.paths)
    return Grant(plain, tuple(glob for one in limited for glob in one.globs), bool(limited))


def _of_document(snapshot: Snapshot, path: bytes) -> Grant:
    """What one plan or page grants; the same bytes at the same place grant the same, so it is found out once."""
    if not snapshot.is_file(path):
        return Grant()
    asked = (path, snapshot.blob(path))
    if asked not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        kept = snapshot.verdicts.kept("grant", (path, asked[1].encode()), lambda: _read(snapshot, path))
        _known[asked] = Grant(*kept)
    return _known[asked]


def _read(snapshot: Snapshot, path: bytes) -> tuple[frozenset[bytes], tuple[str, ...], bool]:
    from sdd.sessions.plan import of, parse_page  # only where governed code changes

    if path.rpartition(b"/")[2] == PLAN:
        plan = of(snapshot, path)
        limited = bool(plan.tasks or plan.findings)
        writes = tuple(glob for task in plan.tasks for glob in task.writes)
    else:
        page = parse_page(path, snapshot.read(path))
        limited, writes = True, () if page.findings else page.writes
    plain = frozenset(glob.encode("utf-8", "surrogateescape") for glob in writes if not is_glob(glob))
    return plain, tuple(glob for glob in writes if is_glob(glob)), limited
