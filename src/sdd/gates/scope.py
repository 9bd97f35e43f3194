"""What approved bytes grant: which governed code may be written under the gates that are open (rules 3 and 4)."""

from __future__ import annotations

from sdd.gates import policy as policies
from sdd.gates.openings import Instance
from sdd.gates.policy import SESSION
from sdd.globs import matches
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from sdd.gates.openings import Openings
    from sdd.gates.policy import Code, Policy
    from sdd.snapshot import Snapshot

PLAN = b"implementation-plan.md"


class Answer(Value):
    """Whether a path may be written: "open", "shut" (its gates are), or "outside" (gates are open, but grant other paths).

    `instance` is the one that opened it, or else the one that came nearest.
    """

    word: Literal["open", "shut", "outside"]
    instance: Instance


class Scope:
    """What one snapshot's approved documents let be written, each document read at most once."""

    def __init__(self, openings: Openings) -> None:
        self.openings = openings
        self._granted: dict[Instance, tuple[str, ...] | None] = {}

    def strictest(self, rules: Sequence[Code], path: bytes) -> Answer:
        """The first answer of several rules that is not "open", or that of the first rule."""
        answers = [self.answer(rule, path) for rule in rules]
        return next((one for one in answers if one.word != "open"), answers[0])

    def answer(self, rule: Code, path: bytes) -> Answer:
        """Whether a governed path may be written by one of the rule's sets of gates."""
        asked = [one for gates in rule.requires for one in self._instances(rule, gates)]
        granting = [one for one in asked if not rule.within_writes or self.grants(one, path)]
        least = min(granting, key=self._distance, default=None)
        if least is not None and not self.openings.shut(least):
            return Answer("open", least)
        opened = next((one for one in asked if not self.openings.shut(one)), None)
        if least is not None:
            return Answer("shut", least)
        if opened is not None:
            return Answer("outside", opened)
        return Answer("shut", min(asked, key=self._distance, default=Instance(rule.requires[0])))

    def grants(self, instance: Instance, path: bytes) -> bool:
        """Whether the documents of these gates grant a path, approved or not."""
        if instance not in self._granted:
            self._granted[instance] = granted(self.openings.snapshot, self.openings.policy, instance)
        globs = self._granted[instance]
        return globs is None or any(matches(glob, path) for glob in globs)

    def _instances(self, rule: Code, gates: tuple[str, ...]) -> list[Instance]:
        """Without scope nothing tells whose feature a path belongs to: the gates of the root feature decide."""
        return self.openings.instances(gates) if rule.within_writes else [Instance(gates)]

    def _distance(self, instance: Instance) -> int:
        return len(self.openings.shut(instance))


def granted(snapshot: Snapshot, policy: Policy, instance: Instance) -> tuple[str, ...] | None:
    """The globs that the documents of these gates grant; None for everything.

    A page grants its `writes`, a plan those of its tasks. A plan without tasks grants everything, and so do gates without a
    plan or a page, since there is no scope to hold; one that cannot be read grants nothing more than what was understood.
    """
    found: list[str] = []
    limited = False
    for gate in instance.gates:
        rule = policy.gates[gate]
        paths = policies.documents(rule, instance.feature, instance.session)
        for pattern in rule.documents if paths else ():
            path = policies.expand(pattern, instance.feature, instance.session)
            globs = _of_document(snapshot, pattern, path)
            limited |= globs is not None
            found += globs or ()
    return tuple(found) if limited else None


def _of_document(snapshot: Snapshot, pattern: str, path: bytes) -> tuple[str, ...] | None:
    """What one document grants; None where it says nothing of what may be written."""
    from sdd.sessions.plan import parse, parse_page  # only where governed code changes

    is_plan = path.rpartition(b"/")[2] == PLAN
    if SESSION not in pattern and not is_plan:
        return None
    if not snapshot.is_file(path):
        return ()
    if not is_plan:
        page = parse_page(path, snapshot.read(path))
        return () if page.findings else page.writes
    plan = parse(path, snapshot.read(path))
    if not plan.tasks and not plan.findings:
        return None
    return tuple(glob for task in plan.tasks for glob in task.writes)
