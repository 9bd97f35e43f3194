"""The gates of one commit after the other, as a range is judged: what a step leaves as it was is not asked about again."""

from __future__ import annotations

from sdd.gates.openings import Openings, features
from sdd.watched import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from sdd.gates.openings import Trusted
    from sdd.gates.standing import Opening
    from sdd.snapshot import Snapshot

    Found = TypeVar("Found")
    Question = tuple[object, ...]
else:
    Found = object  # `typing` costs a hook 6 ms


class Along(Openings):
    """The gates of a snapshot that moves along history.

    Each answer is held with the paths that were looked at for it, and dropped where one of these, or something below it, is
    otherwise in the next snapshot. So it is the answer that would be found anew.
    """

    def __init__(self, snapshot: Snapshot, trusted: Trusted) -> None:
        super().__init__(snapshot, trusted)
        self._answers: dict[Question, object] = {}
        self._resting: dict[bytes, set[Question]] = {}

    def move(self, snapshot: Snapshot) -> None:
        """Go on to another snapshot, under the same trust."""
        for path in snapshot.entries.differing(self.snapshot.entries):
            for place in _above(path):
                for question in self._resting.pop(place, ()):
                    self._answers.pop(question, None)
        self.snapshot = snapshot

    def opening(self, gate: str, feature: str, session: str) -> Opening:
        """Whether a gate is open for a feature and a session."""
        return self._held(
            ("opening", gate, feature, session), lambda seen: self._opening(seen, gate, feature, session)
        )

    @property
    def features(self) -> list[str]:
        """The root feature ("") and all names that folders below `docs/` and `sessions/` give to features, sorted."""
        return self._held(("features",), features)

    def sessions(self, gates: tuple[str, ...], feature: str) -> list[str]:
        """The sessions that the gates' documents name for a feature: [""] where no document is named after one."""
        return self._held(("sessions", gates, feature), lambda seen: self._sessions(seen, gates, feature))

    def _held(self, question: Question, find: Callable[[Snapshot], Found]) -> Found:
        if question not in self._answers:
            watched = Watched(self.snapshot.entries, ())
            self._answers[question] = find(self.snapshot.through(watched))
            for _, path in watched.asked:
                self._resting.setdefault(path, set()).add(question)
        found: Found = self._answers[question]  # type: ignore[assignment] # it was found for this question
        return found


class Walk:
    """The gates along a range: those of the next snapshot go on from the last ones, where the trust is the same."""

    def __init__(self) -> None:
        self._last: Along | None = None

    def gates(self, snapshot: Snapshot, trusted: Trusted) -> Along:
        """The gates of a snapshot, under what is trusted."""
        if self._last is not None and self._last.trusted == trusted:
            self._last.move(snapshot)
        else:
            self._last = Along(snapshot, trusted)
        return self._last


def _above(path: bytes) -> Iterable[bytes]:
    """A path and the folders above it, the top included."""
    yield path
    while path:
        path = path.rpartition(b"/")[0]
        yield path
