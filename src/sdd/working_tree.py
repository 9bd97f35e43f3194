"""The files on disk as a snapshot: tracked ones and those that could be added, as they are now.

What stat says is unchanged keeps the index's blob id; all else is hashed from its bytes, when asked. No link is
followed, at a path or above it. A file marked assume-unchanged is looked at all the same; one left out of a sparse
checkout (skip-worktree) counts as it is in the index until it exists on disk.

For each path the bytes read have the blob id given. So where git converts a file on its way to disk (line ends,
filters), an unchanged one reads as it is committed, a changed one as it lies there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from sdd.errors import SddError
from sdd.snapshot import EXECUTABLE, FILE, LINK, SUBMODULE, Entry, Snapshot, blob_id, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.repository import Repository

NAME = "the working tree"


def working_tree(repository: Repository) -> Snapshot:
    """The working tree of a repository now.

    Raises:
        SddError: the repository has no working tree.
    """
    if not repository.root:
        raise SddError(f"{repository.git_dir} has no working tree", hint="git worktree add ../tree")
    disk = _Disk(repository)
    same: dict[bytes, Entry] = {}
    perhaps: dict[bytes, str] = {}
    for tag, path, entry in _listed(repository):
        if (tag == "H" and disk.is_reachable(path)) or (tag in "Ss" and not disk.mode(path, entry.mode)):
            same[path] = entry
        else:
            same.pop(path, None)
            perhaps[path] = entry.mode
    changed = {path: mode for path, before in perhaps.items() if (mode := disk.mode(path, before))}
    from_git = repository.loader(NAME, same)

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        read = {path: disk.unchanged(path, same[path]) if path in same else disk.read(path) for path in paths}
        converted = from_git([path for path, data in read.items() if data is None])
        return {path: data for path, data in read.items() if data is not None} | converted

    return Snapshot(NAME, _Entries(same, changed, disk), load)


def _listed(repository: Repository) -> Iterator[tuple[str, bytes, Entry]]:
    """Each path with git's letter: H cached, C changed, R removed, S skipped, M in conflict, ? could be added.

    A lower-case letter: assume-unchanged. A changed or removed path comes twice, first as cached.
    """
    args = ("--cached", "--deleted", "--modified", "--others", "--exclude-standard")
    for record in repository.git("ls-files", "-z", "-v", "-s", *args).split(b"\0")[:-1]:
        tag, told = chr(record[0]), record[2:]
        if tag == "?":  # a folder here is a repository of its own
            yield tag, told.rstrip(b"/"), Entry(SUBMODULE if told.endswith(b"/") else "", "")
        else:
            mode, blob, _stage, path = told.replace(b"\t", b" ", 1).split(b" ", 3)
            yield tag, path, Entry(mode.decode(), blob.decode())


class _Disk:
    """The files below a root, each read at most once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._root = os.fsencode(repository.root)
        self._folders: dict[bytes, bool] = {b"": True}
        self._bytes: dict[bytes, bytes] = {}
        told = repository.git(
            "config", "-z", "--type=bool", "--get-regexp", r"^core\.(filemode|symlinks)$", ok=(0, 1)
        )
        off = {record.lower() for record in told.split(b"\0") if record.endswith(b"\nfalse")}
        self._knows_executables = b"core.filemode\nfalse" not in off
        self._knows_links = b"core.symlinks\nfalse" not in off

    def is_reachable(self, path: bytes) -> bool:
        """Whether all parts above a path are real folders, no links."""
        folder = path.rpartition(b"/")[0]
        if folder not in self._folders:
            found = self._stat(folder)
            self._folders[folder] = found is not None and stat.S_ISDIR(found.st_mode)
        return self._folders[folder]

    def _stat(self, path: bytes) -> os.stat_result | None:
        try:
            return os.lstat(self._at(path)) if self.is_reachable(path) else None
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _at(self, path: bytes) -> bytes:
        return self._root + b"/" + path

    def mode(self, path: bytes, before: str) -> str:
        """The mode that git would give to what lies there; "" for nothing that git would keep.

        `before` is its mode in the index, or "".
        """
        found = self._stat(path)
        if found is None:
            return ""
        if stat.S_ISDIR(found.st_mode):
            return before if before == SUBMODULE else ""
        if stat.S_ISLNK(found.st_mode):
            return LINK
        return self._mode_of_file(found, before) if stat.S_ISREG(found.st_mode) else ""

    def _mode_of_file(self, found: os.stat_result, before: str) -> str:
        if before == LINK and not self._knows_links:
            return LINK  # git for Windows writes a link as a file that holds the target
        if self._knows_executables:
            return EXECUTABLE if found.st_mode & stat.S_IXUSR else FILE
        return EXECUTABLE if before == EXECUTABLE else FILE

    def read(self, path: bytes) -> bytes:
        """The bytes of a file, or the target of a link."""
        if path not in self._bytes:
            try:
                self._bytes[path] = self._read(path)
            except OSError as error:
                raise SddError(
                    f"{show(path)} cannot be read: {error.strerror}", hint="run the command again"
                ) from error
        return self._bytes[path]

    def _read(self, path: bytes) -> bytes:
        found = self._stat(path)
        if found is None:
            raise FileNotFoundError(2, "it is gone")
        if stat.S_ISLNK(found.st_mode):
            return os.readlink(self._at(path))  # noqa: PTH115 - pathlib takes no bytes
        with open(self._at(path), "rb") as file:  # noqa: PTH123 - pathlib takes no bytes
            return file.read()

    def unchanged(self, path: bytes, entry: Entry) -> bytes | None:
        """The bytes of an unchanged file, or None where git keeps other bytes than lie there."""
        try:
            data = self._read(path)
        except OSError:
            return None  # a submodule, or a file of a sparse checkout
        return data if blob_id(data, self._repository.object_format) == entry.blob else None

    def blob(self, path: bytes, mode: str) -> str:
        """The id that git would give to what lies there."""
        if mode == SUBMODULE:
            return self._repository.checked_out(path)
        return blob_id(self.read(path), self._repository.object_format)


class _Entries(Mapping[bytes, Entry]):
    """Modes and blob ids, those of changed files hashed when asked for."""

    def __init__(self, same: dict[bytes, Entry], changed: dict[bytes, str], disk: _Disk) -> None:
        self._known = dict(same)
        self._changed = changed
        self._paths = [*same, *changed]
        self._disk = disk

    def __getitem__(self, path: bytes) -> Entry:
        if path not in self._known:
            mode = self._changed[path]
            self._known[path] = Entry(mode, self._disk.blob(path, mode))
        return self._known[path]

    def __contains__(self, path: object) -> bool:
        return path in self._known or path in self._changed

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
