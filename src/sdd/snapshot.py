"""The files of the project at one moment: a commit, the index, the working tree, or files held in memory.

A path is bytes, relative to the top of the repository, with `/` between its parts.
"""

from __future__ import annotations

from _collections_abc import (
    Mapping,
)  # what `collections.abc` hands on; the package around it costs a hook 1 ms
from abc import abstractmethod

from sdd.digests import new
from sdd.errors import SddError
from sdd.values import Value
from sdd.verdicts import NONE, Verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

HELD = 8 << 20  # bytes of files that are kept in memory, by each snapshot
FILE, EXECUTABLE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
FOLDER = "040000"
NOTHING = ("", "")  # the mode and id of what is not there
SHA1 = 40  # digits of an id; one of SHA-256 has 64


class Entry(Value):
    """One file of a snapshot: its mode as git writes it ("100644") and its blob id (hexadecimal)."""

    mode: str
    blob: str


class Files(Mapping[bytes, Entry]):
    """Paths with what stands there. Whoever asks for one path, or one folder, pays for that and no more."""

    @abstractmethod
    def at(self, path: bytes) -> tuple[str, str]:
        """The mode and id of what stands at a path, two empty texts for nothing: most ask no more, and need no Entry made."""

    def __getitem__(self, path: bytes) -> Entry:
        found = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def get(self, path: bytes, default: Entry | None = None) -> Entry | None:  # type: ignore[override] # as Mapping has it
        """What stands at a path."""
        mode, one = self.at(path)
        return Entry(mode, one) if mode else default

    def __contains__(self, path: object) -> bool:
        return self.at(path)[0] != ""  # type: ignore[arg-type] # a path, or it is not there

    def mode(self, path: bytes) -> str:
        """The mode of what stands at a path, or an empty string."""
        return self.at(path)[0]

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

    def folder(self, folder: bytes) -> Mapping[bytes, tuple[str, str]] | None:
        """The names that git's tree of a folder has, each with its mode ("040000" for a folder) and id; None where nobody knows."""
        del folder
        return None

    def whole(self) -> None:
        """Make ready for whoever will ask for all of it."""

    def differing(self, other: Files) -> set[bytes]:
        """The paths at which something else stands than in other files."""
        if isinstance(other, Overlay):
            return other.differing(self)
        return {path for path in {*self, *other} if self.at(path) != other.at(path)}


class Listed(Files):
    """Files that are all known."""

    def __init__(self, entries: Mapping[bytes, Entry]) -> None:
        self._entries = entries

    def at(self, path: bytes) -> tuple[str, str]:
        """The mode and id of what stands at a path."""
        one = self._entries.get(path)
        return (one.mode, one.blob) if one else NOTHING

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
        self._folders: dict[bytes, Mapping[bytes, tuple[str, str]] | None] = {}
        self._changed: dict[bytes, set[bytes]] | None = None

    def at(self, path: bytes) -> tuple[str, str]:
        """The mode and id of what stands at a path."""
        if path in self.kept:
            one = self.kept[path]
            return one.mode, one.blob
        return NOTHING if path in self.gone else self.below.at(path)

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
        """The names of what lies in a folder, and whether each is a folder itself."""
        found = dict(self.below.names(folder))
        for name in self._changes().get(folder, ()):
            path = path_in(folder, name)
            if path in self:
                found[name] = False
            elif path in self._changes() and self.names(path):
                found[name] = True
            elif path in self._changes() or not found.get(name, True):
                found.pop(name, None)
        return found

    def _changes(self) -> Mapping[bytes, set[bytes]]:
        """The names in each folder at which, or below which, something is changed."""
        if self._changed is None:
            self._changed = {}
            for path in self.gone.union(self.kept):
                place = path
                while place:
                    place, _, name = place.rpartition(b"/")
                    self._changed.setdefault(place, set()).add(name)
        return self._changed

    def whole(self) -> None:
        """Make ready for whoever will ask for all of it."""
        self.below.whole()

    def identity(self, folder: bytes = b"") -> str:
        """The id of the tree that git would make of the folder; "none" where there would be none.

        So what was found of the index is found again, after the commit, of HEAD.
        """
        if folder not in self._changes():
            return self.below.identity(folder)
        held = self.folder(folder)
        if held is None:
            return ""
        return _tree_id(held, len(self.below.identity())) if held or not folder else "none"

    def folder(self, folder: bytes) -> Mapping[bytes, tuple[str, str]] | None:
        """The names that git's tree of a folder would have, each with its mode ("040000" for a folder) and id."""
        if folder not in self._changes():
            return self.below.folder(folder)
        if folder not in self._folders:
            self._folders[folder] = self._folder(folder)
        return self._folders[folder]

    def _folder(self, folder: bytes) -> Mapping[bytes, tuple[str, str]] | None:
        below = self.below.folder(folder)
        if below is None:
            return None
        found = dict(below)
        for name in self._changes()[folder]:
            path = path_in(folder, name)
            one = self._one(path, below.get(name, NOTHING))
            if one is None:
                return None
            found[name] = one
        return {name: one for name, one in found.items() if one[0]}

    def _one(self, path: bytes, below: tuple[str, str]) -> tuple[str, str] | None:
        """What stands at a path, or below it, as git's tree has it; empty for nothing, None where both would."""
        tree = below if below[0] == FOLDER else NOTHING
        if path in self._changes():
            one = self.identity(path)
            if not one:
                return None
            tree = (FOLDER, one) if one != "none" else NOTHING
        file = self.at(path)
        if not file[0]:
            return tree
        return None if tree[0] else file

    def differing(self, other: Files) -> set[bytes]:
        """The paths at which something else stands than in other files."""
        perhaps = {*self.kept, *self.gone, *self.below.differing(other)}
        return {path for path in perhaps if self.at(path) != other.at(path)}


class Snapshot:
    """All files at one moment, read when asked for.

    `entries` tells what stands at each path. `load` gives the bytes of some of these paths. `algorithm` is that of the
    blob ids, "sha1" or "sha256"; `verdicts` keeps what was found out about files like these. `below` are the files as
    whose change they were had, where `entries` is an Overlay.
    """

    def __init__(
        self,
        name: str,
        entries: Mapping[bytes, Entry],
        load: Callable[[list[bytes]], Mapping[bytes, bytes]],
        algorithm: str = "sha1",
        verdicts: Verdicts = NONE,
        below: Snapshot | None = None,
    ) -> None:
        self.name = name
        self.below = below
        self.verdicts = verdicts
        self.algorithm = algorithm
        self.entries = entries if isinstance(entries, Files) else Listed(entries)
        self.found: dict[str, Any] = {}  # what was derived of these files, for as long as they are looked at
        self._load = load
        self._read: dict[bytes, bytes] = {}
        self._held = 0
        self._differing: tuple[Snapshot | None, list[bytes]] = None, []

    def through(self, entries: Files) -> Snapshot:
        """The same files, asked for by way of others; nothing that was derived of them is handed on."""
        return Snapshot(self.name, entries, self._load, self.algorithm, self.verdicts)

    def __contains__(self, path: bytes) -> bool:
        return path in self.entries

    def is_file(self, path: bytes) -> bool:
        """Whether a regular file (no link, no submodule) stands there."""
        return self.entries.mode(path) in {FILE, EXECUTABLE}

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
        if self._differing[0] is not before:
            self._differing = before, sorted(self.entries.differing(before.entries))
        return self._differing[1]

    def blob(self, path: bytes) -> str:
        """The blob id of a file, or an empty string where there is none."""
        return self.entries.at(path)[1]

    def read(self, path: bytes) -> bytes:
        """The bytes of one file.

        Raises:
            SddError: there is no such file in this snapshot.
        """
        return self._read[path] if path in self._read else self.read_all([path])[path]

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

    def ahead(self, paths: Iterable[bytes]) -> None:
        """Read at once what will be read soon of these: the regular files among them, as far as some megabytes hold."""
        self.read_all(path for path in paths if self.is_file(path))


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
        below,
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


def unshown(text: str) -> bytes:
    """The path that `show` has shown so."""
    if not (text.startswith('"') and text.endswith('"') and len(text) > 1):
        return text.encode("utf-8", "surrogateescape")
    found = bytearray()
    rest = text[1:-1].encode("utf-8", "surrogateescape")
    while rest:
        plain, escape, rest = rest.partition(b"\\")
        found += plain
        if escape:
            digits = rest[:3]
            is_octal = len(digits) == 3 and digits.isdigit() and b"8" not in digits and b"9" not in digits  # noqa: PLR2004 - as `show` writes a byte
            found += bytes([int(digits, 8) & 0xFF]) if is_octal else rest[:1]
            rest = rest[3 if is_octal else 1 :]
    return bytes(found)


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


def _tree_id(held: Mapping[bytes, tuple[str, str]], digits: int) -> str:
    """The id of the tree that holds these, for ids of so many digits; git sorts a folder as if its name ended with `/`."""
    ordered = sorted(held.items(), key=lambda one: one[0] + b"/" if one[1][0] == FOLDER else one[0])
    parts = [
        b"%s %s\0%s" % (mode.lstrip("0").encode(), name, bytes.fromhex(one)) for name, (mode, one) in ordered
    ]
    return object_id("tree", b"".join(parts), "sha1" if digits == SHA1 else "sha256")
