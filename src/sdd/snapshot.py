"""The files of the project at one moment: a commit, the index, the working tree, or files held in memory.

A path is bytes, relative to the top of the repository, with `/` between its parts.
"""

from __future__ import annotations

from sdd.errors import SddError
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FILE, EXECUTABLE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"


class Entry(Value):
    """One file of a snapshot: its mode as git writes it ("100644") and its blob id (hexadecimal)."""

    mode: str
    blob: str


class Snapshot:
    """All files at one moment, read when asked for.

    `entries` maps every path to its mode and blob id. `load` gives the bytes of some of these paths.
    """

    def __init__(
        self,
        name: str,
        entries: Mapping[bytes, Entry],
        load: Callable[[list[bytes]], Mapping[bytes, bytes]],
    ) -> None:
        self.name = name
        self.entries = entries
        self._load = load
        self._read: dict[bytes, bytes] = {}

    def __contains__(self, path: bytes) -> bool:
        return path in self.entries

    def is_file(self, path: bytes) -> bool:
        """Whether a regular file (no link, no submodule) stands there."""
        return path in self.entries and self.entries[path].mode in {FILE, EXECUTABLE}

    def under(self, folder: bytes) -> list[bytes]:
        """The paths below a folder (given without a last `/`), sorted as bytes."""
        start = folder + b"/" if folder else b""
        return sorted(path for path in self.entries if path.startswith(start))

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
            if path not in self.entries:
                raise SddError(f"{show(path)} is not in {self.name}")
        missing = [path for path in wanted if path not in self._read]
        if missing:
            self._read.update(self._load(missing))
        return {path: self._read[path] for path in wanted}


def in_memory(files: Mapping[bytes, bytes], name: str = "memory") -> Snapshot:
    """A snapshot of files held in memory, all of them regular files."""
    entries = {path: Entry(FILE, blob_id(data)) for path, data in files.items()}
    return Snapshot(name, entries, lambda paths: {path: files[path] for path in paths})


def overlaid(below: Snapshot, changes: Mapping[bytes, bytes | None]) -> Snapshot:
    """A snapshot with some files changed or, where the bytes are None, gone."""
    entries = {path: entry for path, entry in below.entries.items() if path not in changes}
    kept = {path: data for path, data in changes.items() if data is not None}
    algorithm = "sha256" if any(len(entry.blob) == 64 for entry in entries.values()) else "sha1"  # noqa: PLR2004 - hexadecimal digits of a sha256
    for path, data in kept.items():
        entries[path] = Entry(FILE, blob_id(data, algorithm))

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        found = below.read_all(path for path in paths if path not in kept)
        return found | {path: kept[path] for path in paths if path in kept}

    return Snapshot(below.name, entries, load)


def blob_id(data: bytes, algorithm: str = "sha1") -> str:
    """The id that git gives to these bytes as a blob, under "sha1" or "sha256"."""
    import hashlib  # 2.7 ms that most hooks do not need

    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


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
