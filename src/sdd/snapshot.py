"""The files of the project at one moment: a commit, the index, the working tree, or files held in memory.

A path is bytes, relative to the top of the repository, with `/` between its parts.
"""

from __future__ import annotations

from _collections_abc import (
    Mapping,
)  # what `collections.abc` hands on; the package around it costs a hook 1 ms

from sdd.digests import digest, new
from sdd.errors import SddError
from sdd.values import Value
from sdd.verdicts import NONE, Verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

HELD = 32 << 20  # bytes of files that are kept in memory
FILE, EXECUTABLE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"


class Entry(Value):
    """One file of a snapshot: its mode as git writes it ("100644") and its blob id (hexadecimal)."""

    mode: str
    blob: str


class Files(Mapping[bytes, Entry]):
    """Paths with what stands there. Whoever asks for one path, or one folder, pays for that and no more."""

    def under(self, folder: bytes) -> list[bytes]:
        """The paths below a folder (given without a last `/`), sorted as bytes."""
        start = folder + b"/" if folder else b""
        return sorted(path for path in self if path.startswith(start))

    def names(self, folder: bytes) -> dict[bytes, bool]:
        """The names of what lies in a folder, and whether each is a folder itself."""
        start = len(folder) + 1 if folder else 0
        found: dict[bytes, bool] = {}
        for path in self.under(folder):
            name, deeper, _ = path[start:].partition(b"/")
            found[name] = bool(deeper)
        return found

    def identity(self, folder: bytes = b"") -> str:
        """A text that is the same only where all below a folder is the same; empty where nobody knows."""
        del folder
        return ""

    def whole(self) -> None:
        """Make ready for whoever will ask for all of it."""

    def differing(self, other: Files) -> set[bytes]:
        """The paths at which something else stands than in other files."""
        if isinstance(other, Overlay):
            return other.differing(self)
        return {path for path in {*self, *other} if self.get(path) != other.get(path)}


class Listed(Files):
    """Files that are all known."""

    def __init__(self, entries: Mapping[bytes, Entry]) -> None:
        self._entries = entries

    def __getitem__(self, path: bytes) -> Entry:
        return self._entries[path]

    def __contains__(self, path: object) -> bool:
        return path in self._entries

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Overlay(Files):
    """Other files with some paths as in `kept`, and those in `gone` not there."""

    def __init__(self, below: Files, kept: Mapping[bytes, Entry], gone: Iterable[bytes] = ()) -> None:
        self.below = below
        self.kept = kept
        self.gone = frozenset(gone)

    def __getitem__(self, path: bytes) -> Entry:
        if path in self.kept:
            return self.kept[path]
        if path in self.gone:
            raise KeyError(path)
        return self.below[path]

    def __contains__(self, path: object) -> bool:
        return path in self.kept or (path not in self.gone and path in self.below)

    def __iter__(self) -> Iterator[bytes]:
        yield from (path for path in self.below if path not in self.kept and path not in self.gone)
        yield from self.kept

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def under(self, folder: bytes) -> list[bytes]:
        """The paths below a folder, sorted as bytes."""
        return sorted({*self.below.under(folder), *_below(folder, self.kept)} - self.gone)

    def names(self, folder: bytes) -> dict[bytes, bool]:
        """The names of what lies in a folder. Only below a folder in it that lost a file all paths are looked at."""
        found = dict(self.below.names(folder))
        start = len(folder) + 1 if folder else 0
        for path in _below(folder, self.gone):
            name, deeper, _ = path[start:].partition(b"/")
            if found.get(name) == bool(deeper) and not (deeper and self.under(path_in(folder, name))):
                del found[name]
        for path in _below(folder, self.kept):
            name, deeper, _ = path[start:].partition(b"/")
            found[name] = bool(deeper)
        return found

    def whole(self) -> None:
        """Make ready for whoever will ask for all of it."""
        self.below.whole()

    def identity(self, folder: bytes = b"") -> str:
        """That of the files below, and each change there."""
        known = self.below.identity(folder)
        if not known:
            return ""
        told = dict.fromkeys(_below(folder, self.gone), b"gone")
        told |= {path: _told(self.kept[path]) for path in _below(folder, self.kept)}
        words = [word for pair in sorted(told.items()) for word in pair]
        return digest(known.encode(), *words).hex() if words else known

    def differing(self, other: Files) -> set[bytes]:
        """The paths at which something else stands than in other files."""
        perhaps = {*self.kept, *self.gone, *self.below.differing(other)}
        return {path for path in perhaps if self.get(path) != other.get(path)}


class Snapshot:
    """All files at one moment, read when asked for.

    `entries` tells what stands at each path. `load` gives the bytes of some of these paths. `algorithm` is that of the
    blob ids, "sha1" or "sha256"; `verdicts` keeps what was found out about files like these.
    """

    def __init__(
        self,
        name: str,
        entries: Mapping[bytes, Entry],
        load: Callable[[list[bytes]], Mapping[bytes, bytes]],
        algorithm: str = "sha1",
        verdicts: Verdicts = NONE,
    ) -> None:
        self.name = name
        self.verdicts = verdicts
        self.algorithm = algorithm
        self.entries = entries if isinstance(entries, Files) else Listed(entries)
        self.found: dict[str, Any] = {}  # what was derived of these files, for as long as they are looked at
        self._load = load
        self._read: dict[bytes, bytes] = {}
        self._held = 0

    def through(self, entries: Files) -> Snapshot:
        """The same files, asked for by way of others; nothing that was derived of them is handed on."""
        return Snapshot(self.name, entries, self._load, self.algorithm, self.verdicts)

    def __contains__(self, path: bytes) -> bool:
        return path in self.entries

    def is_file(self, path: bytes) -> bool:
        """Whether a regular file (no link, no submodule) stands there."""
        entry = self.entries.get(path)
        return entry is not None and entry.mode in {FILE, EXECUTABLE}

    def under(self, folder: bytes) -> list[bytes]:
        """The paths below a folder (given without a last `/`), sorted as bytes."""
        return self.entries.under(folder)

    def names(self, folder: bytes) -> dict[bytes, bool]:
        """The names of what lies in a folder, and whether each is a folder itself."""
        return self.entries.names(folder)

    def identity(self, folder: bytes = b"") -> str:
        """A text that is the same only where all below a folder is the same; empty where nobody knows."""
        return self.entries.identity(folder)

    def differing(self, before: Snapshot) -> list[bytes]:
        """The paths at which this differs from another snapshot, sorted."""
        return sorted(self.entries.differing(before.entries))

    def blob(self, path: bytes) -> str:
        """The blob id of a file, or an empty string where there is none."""
        entry = self.entries.get(path)
        return entry.blob if entry else ""

    def read(self, path: bytes) -> bytes:
        """The bytes of one file.

        Raises:
            SddError: there is no such file in this snapshot.
        """
        return self.read_all([path])[path]

    def read_all(self, paths: Iterable[bytes]) -> dict[bytes, bytes]:
        """The bytes of several files, asked for at once.

        Raises:
            SddError: one of them is not in this snapshot.
        """
        wanted = list(paths)
        for path in wanted:
            if path not in self._read and path not in self.entries:
                raise SddError(f"{show(path)} is not in {self.name}")
        found = {path: self._read[path] for path in wanted if path in self._read}
        missing = [path for path in wanted if path not in found]
        if missing:
            loaded = self._load(missing)
            self._held += sum(map(len, loaded.values()))
            if self._held > HELD:  # so much is read of a large project only by whoever goes through all of it
                self._read, self._held = {}, 0
            self._read.update(loaded)
            found.update(loaded)
        return found


def in_memory(files: Mapping[bytes, bytes], name: str = "memory") -> Snapshot:
    """A snapshot of files held in memory, all of them regular files."""
    entries = {path: Entry(FILE, blob_id(data)) for path, data in files.items()}
    return Snapshot(name, entries, lambda paths: {path: files[path] for path in paths})


def overlaid(below: Snapshot, changes: Mapping[bytes, bytes | None]) -> Snapshot:
    """A snapshot with some files changed or, where the bytes are None, gone."""
    kept = {path: data for path, data in changes.items() if data is not None}
    entries = {path: Entry(FILE, blob_id(data, below.algorithm)) for path, data in kept.items()}

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        found = below.read_all(path for path in paths if path not in kept)
        return found | {path: kept[path] for path in paths if path in kept}

    return Snapshot(
        below.name,
        Overlay(below.entries, entries, changes.keys() - kept.keys()),
        load,
        below.algorithm,
        below.verdicts,
    )


def blob_id(data: bytes, algorithm: str = "sha1") -> str:
    """The id that git gives to these bytes as a blob, under "sha1" or "sha256"."""
    return object_id("blob", data, algorithm)


def object_id(kind: str, data: bytes, algorithm: str) -> str:
    """The id that git gives to an object of a kind ("blob", "tree", "commit", "tag")."""
    made = new(algorithm)
    made.update(b"%s %d\0" % (kind.encode(), len(data)))
    made.update(data)
    return str(made.hexdigest())


def show(path: bytes) -> str:
    """A path for people: as it is where it is plain text, else in quotes with escapes, on one line."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable() and '"' not in text:
        return text
    return '"' + "".join(_shown(byte) for byte in path) + '"'


def _shown(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"  # noqa: PLR2004 - the printable range of ASCII


def path_in(folder: bytes, name: bytes) -> bytes:
    """The path of a name in a folder; the top has no name."""
    return folder + b"/" + name if folder else name


def _below(folder: bytes, paths: Iterable[bytes]) -> Iterable[bytes]:
    start = folder + b"/"
    return (path for path in paths if path.startswith(start)) if folder else paths


def _told(entry: Entry) -> bytes:
    return f"{entry.mode} {entry.blob}".encode()
