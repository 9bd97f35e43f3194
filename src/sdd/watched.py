"""Files that remember what was asked of them, so that an answer is known to hold for as long as the same would be told again."""

from __future__ import annotations

from sdd.digests import digest
from sdd.snapshot import Files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sdd.snapshot import Snapshot
    from sdd.verdicts import Plain

    Asked = tuple[str, bytes]


class Watched(Files):
    """Other files, and what was asked of them outside of some folders, whose identity somebody else looks after."""

    def __init__(self, below: Files, folders: Iterable[bytes]) -> None:
        self._below = below
        self._apart = tuple(folder + b"/" for folder in folders)
        self.asked: dict[Asked, str] = {}

    def at(self, path: bytes) -> tuple[str, str]:
        """The mode and id of what stands at a path."""
        found = self._below.at(path)
        if not path.startswith(self._apart):
            self.asked["path", path] = _told(found)
        return found

    def __iter__(self) -> Iterator[bytes]:
        self._note("below", b"", self._below.identity())
        return iter(self._below)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def under(self, folder: bytes) -> list[bytes]:
        """The paths below a folder, sorted as bytes."""
        self._note("below", folder, self._below.identity(folder))
        return self._below.under(folder)

    def names(self, folder: bytes) -> dict[bytes, bool]:
        """The names of what lies in a folder, and whether each is a folder itself."""
        found = self._below.names(folder)
        self._note("names", folder, _listed(found))
        return found

    def identity(self, folder: bytes = b"") -> str:
        """A text that is the same only where all below a folder is the same."""
        found = self._below.identity(folder)
        self._note("below", folder, found)
        return found

    def _note(self, kind: str, path: bytes, told: str) -> None:
        # A file in the place of such a folder lies not below it, and its identity says nothing of it.
        if not (path + b"/").startswith(self._apart):
            self.asked[kind, path] = told


def kept(snapshot: Snapshot, kind: str, asked: tuple[bytes, ...], find: Callable[[Snapshot], Plain]) -> Plain:
    """What `find` finds of a snapshot, kept (see `Verdicts.kept`) for as long as all that it asked of the files is told again."""
    known = snapshot.verdicts.known(kind, asked)
    if known is None or not holds(snapshot.entries, known[0]):
        watched = Watched(snapshot.entries, ())
        found = find(snapshot.through(watched))
        known = tuple((*each, told) for each, told in watched.asked.items()), found
        snapshot.verdicts.keep(kind, asked, known)
    return known[1]


def holds(files: Files, asked: Iterable[tuple[str, bytes, str]]) -> bool:
    """Whether these files tell the same as was told, of each kind and path."""
    return all(_tells(files, kind, path) == told for kind, path, told in asked)


def _tells(files: Files, kind: str, path: bytes) -> str:
    if kind == "path":
        return _told(files.at(path))
    return files.identity(path) if kind == "below" else _listed(files.names(path))


def _told(found: tuple[str, str]) -> str:
    return " ".join(found).strip()


def _listed(names: dict[bytes, bool]) -> str:
    return digest(*(name + (b"/" if names[name] else b"") for name in sorted(names))).hex()
