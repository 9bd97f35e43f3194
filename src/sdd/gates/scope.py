"""What approved bytes grant: which governed code may be written under the gates that are open (rules 3 and 4)."""

from __future__ import annotations

from sdd.gates.openings import Instance
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

    from sdd.gates.openings import Openings
    from sdd.gates.policy import Code


class Answer(Value):
    """Whether a path may be written: "open", "shut" (its gates are), or "outside" (gates are open, but grant other paths).

    `instance` is the one that opened it, or else the one that came nearest.
    """

    word: Literal["open", "shut", "outside"]
    instance: Instance


class Scope:
    """What one snapshot's approved documents let be written.

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
        """Whether the documents of these gates grant a path, approved or not."""
        return not rule.within_writes or self.openings.granted(instance).holds(path)

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
