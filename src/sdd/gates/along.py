"""The gates of one commit after the other, as a range is judged: what a step leaves as it was is not asked about again."""

from __future__ import annotations

from sdd.gates.grants import granted
from sdd.gates.openings import Openings, features
from sdd.watched import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from sdd.gates.grants import Grant
    from sdd.gates.history import Change, Commit
    from sdd.gates.openings import Instance, Trusted
    from sdd.gates.standing import Opening
    from sdd.snapshot import Snapshot
    from sdd.watched import Asked

    Found = TypeVar("Found")
    Question = tuple[object, ...]
else:
    Found = object  # `typing` costs a hook 6 ms


class Along(Openings):
    """The gates of a snapshot that moves along history.

    Each answer is held with what was asked of the files for it, and dropped where the next snapshot may tell that otherwise.
    So it is the answer that would be found anew.
    """

    def __init__(self, snapshot: Snapshot, trusted: Trusted) -> None:
        super().__init__(snapshot, trusted)
        self._answers: dict[Question, object] = {}
        self._resting: dict[Asked, set[Question]] = {}

    def move(self, snapshot: Snapshot, changed: Mapping[bytes, bool]) -> None:
        """Go on to another snapshot under the same trust: the paths that differ, and whether a file came or went there."""
        for asked in _touched(changed):
            for question in self._resting.pop(asked, ()):
                self._answers.pop(question, None)
        self.snapshot = snapshot

    def opening(self, gate: str, feature: str, session: str) -> Opening:
        """Whether a gate is open for a feature and a session."""
        return self._held(
            ("opening", gate, feature, session), lambda seen: self._opening(seen, gate, feature, session)
        )

    def granted(self, instance: Instance) -> Grant:
        """What the documents of these gates grant, approved or not."""
        return self._held(("granted", instance), lambda seen: granted(seen, self.policy, instance))

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
            for asked in watched.asked:
                self._resting.setdefault(asked, set()).add(question)
        found: Found = self._answers[question]  # type: ignore[assignment] # it was found for this question
        return found


class Walk:
    """The gates along a range: those of the next snapshot go on from the last ones, where the trust is the same.

    `past` tells what was changed on the way. Where the way is another one, both snapshots are held against each other.
    """

    def __init__(self) -> None:
        self._last: Along | None = None
        self._at = ""  # the commit that leads there, of all that `_changed` holds
        self._changed: dict[bytes, bool] = {}

    def past(self, commit: Commit, own: Mapping[bytes, Change]) -> None:
        """Go past a commit, of which `own` are all paths that it changed, unless it is a merge."""
        if commit.parents != (self._at,):
            self._at = ""
            return
        self._at = commit.id
        for path, (before, after) in own.items():
            self._changed[path] = self._changed.get(path, False) or before is None or after is None

    def before(self, commit: Commit) -> Callable[[Snapshot, Trusted], Along]:
        """What gives the gates of the files before a commit, under what is trusted."""
        parent = commit.parents[0] if commit.parents else ""

        def gates(snapshot: Snapshot, trusted: Trusted) -> Along:
            last = self._last
            if last is None or last.trusted != trusted:
                last = self._last = Along(snapshot, trusted)
            elif self._at and self._at == parent:
                last.move(snapshot, self._changed)
            else:
                last.move(snapshot, _difference(last.snapshot, snapshot))
            self._at, self._changed = parent, {}
            return last

        return gates


def _difference(one: Snapshot, other: Snapshot) -> dict[bytes, bool]:
    return {path: (path in one) != (path in other) for path in other.entries.differing(one.entries)}


def _touched(changed: Mapping[bytes, bool]) -> Iterator[Asked]:
    """What may be told otherwise once something else stands at these paths, where a file may have come or gone (true).

    The names in a folder are others only then, and those further up only where the folder itself came or went.
    """
    standing = {folder for path, moved in changed.items() if not moved for folder in _above(path)}
    for path, came_or_went in changed.items():
        yield "path", path
        moved = came_or_went
        for folder in _above(path):
            yield "below", folder
            if moved:
                yield "names", folder
            moved = moved and folder not in standing


def _above(path: bytes) -> Iterator[bytes]:
    """The folders above a path, the top included."""
    while path:
        path = path.rpartition(b"/")[0]
        yield path
