"""The files on disk as a snapshot: tracked ones and those that could be added, as they are now.

What stat says is unchanged keeps the index's blob id; all else is hashed from its bytes. No link is followed, at a path or
above it. A file marked assume-unchanged is looked at all the same; one left out of a sparse checkout (skip-worktree) counts
as it is in the index until it exists on disk.

For each path the bytes read have the blob id given. So where git converts a file on its way to disk (line ends, filters),
an unchanged one reads as it is committed, a changed one as it lies there.
"""

from __future__ import annotations

import os
import stat
from _collections_abc import (
    Mapping,
)  # what `collections.abc` hands on; the package around it costs a hook 1 ms

from sdd.errors import SddError
from sdd.plumbing import SCAN
from sdd.raw_diff import changes_in
from sdd.snapshot import EXECUTABLE, FILE, LINK, SUBMODULE, Entry, Overlay, Snapshot, blob_id, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.repository import Repository

NAME = "the working tree"
MANY = 500  # paths from which on git is asked about all of them, instead of about each


def working_tree(repository: Repository) -> Snapshot:
    """The working tree of a repository now.

    Raises:
        SddError: the repository has no working tree.
    """
    if not repository.root:
        raise SddError(f"{repository.git_dir} has no working tree", hint="git worktree add ../tree")
    scanned = repository.asked(*SCAN)
    index = repository.staged().index
    differing, listed = scanned()
    others, flagged = _listed(listed)
    disk = _Disk(repository)
    tracked = {path: one.before.mode if one.before else "" for path, one in changes_in(differing).items()}
    tracked |= dict(_left_out(index, disk, flagged))
    modes = {path: disk.mode(path, before) for path, before in {**others, **tracked}.items()}
    now = {path: mode for path, mode in modes.items() if mode}
    same = _unchanged(
        repository, index, {path: disk.entry(path, now[path]) for path in tracked if path in now}
    )
    kept = _OnDisk(disk, {path: mode for path, mode in now.items() if path not in same})
    gone = [path for path in tracked if path not in now]
    from_git = repository.loader(NAME, index.entries)

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        found = from_git([path for path in paths if path not in kept])
        return found | {path: disk.read(path) for path in paths if path in kept}

    files = Overlay(index.entries, kept, gone)
    return Snapshot(NAME, files, load, repository.object_format, repository.verdicts, index)


def _listed(told: bytes) -> tuple[dict[bytes, str], list[tuple[bytes, bytes]]]:
    """The paths that could be added, each with its mode if it is a repository of its own; tracked ones with flags, after their letter.

    It is H for a tracked file, M for one in conflict, S for one left out of a sparse checkout, a small one where it is
    to be taken for unchanged, and ? for one that is not tracked.
    """
    records = told.split(b"\0")[:-1]
    if told.count(b"\0H ") + told.startswith(b"H ") == len(records):
        return {}, []
    unusual = [(record[:1], record[2:]) for record in records if record[:1] != b"H"]
    others = dict(_other(path) for letter, path in unusual if letter == b"?")
    return others, [one for one in unusual if one[0] not in b"?M"]


def _other(path: bytes) -> tuple[bytes, str]:
    return path.rstrip(b"/"), SUBMODULE if path.endswith(b"/") else ""


def _left_out(
    index: Snapshot, disk: _Disk, flagged: Iterable[tuple[bytes, bytes]]
) -> Iterator[tuple[bytes, str]]:
    """The paths, with their modes in the index, that git does not look at on disk, and that may differ there."""
    for letter, path in flagged:
        if path in index:
            mode = index.entries[path].mode
            if letter not in b"Ss" or disk.mode(path, mode):
                yield path, mode


def _unchanged(repository: Repository, index: Snapshot, now: Mapping[bytes, Entry]) -> set[bytes]:
    """Those of these tracked paths that are as in the index, though stat says otherwise, or git converts them."""
    same = {path for path, entry in now.items() if index.entries.get(path) == entry}
    perhaps = [
        path for path, entry in now.items() if path not in same and index.is_file(path) and entry.mode != LINK
    ]
    if not perhaps:
        return same
    asked = perhaps if len(perhaps) < MANY else ()
    told = repository.git("ls-files", "-z", "-v", "--modified", "--", *asked).split(b"\0")[:-1]
    modified = {record[2:] for record in told}
    seen = {
        record[2:]
        for record in repository.git("ls-files", "-z", "-v", "--", *asked).split(b"\0")
        if record[:1] == b"H"
    }
    return same | {path for path in perhaps if path in seen and path not in modified}


class _Disk:
    """The files below a root, each read at most once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._root = os.fsencode(repository.root)
        self._folders: dict[bytes, bool] = {b"": True}
        self._bytes: dict[bytes, bytes] = {}
        self._off: set[bytes] | None = None

    def _is_off(self, setting: bytes) -> bool:
        """Whether the file system is said not to know executables (`filemode`) or links (`symlinks`)."""
        if self._off is None:
            told = self._repository.git(
                "config", "-z", "--type=bool", "--get-regexp", r"^core\.(filemode|symlinks)$", ok=(0, 1)
            )
            self._off = {record.lower() for record in told.split(b"\0") if record.endswith(b"\nfalse")}
        return b"core." + setting + b"\nfalse" in self._off

    def _is_reachable(self, path: bytes) -> bool:
        """Whether all parts above a path are real folders, no links."""
        folder = path.rpartition(b"/")[0]
        if folder not in self._folders:
            found = self._stat(folder)
            self._folders[folder] = found is not None and stat.S_ISDIR(found.st_mode)
        return self._folders[folder]

    def _stat(self, path: bytes) -> os.stat_result | None:
        try:
            return os.lstat(self._at(path)) if self._is_reachable(path) else None
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
        if before == LINK and self._is_off(b"symlinks"):
            return LINK  # git for Windows writes a link as a file that holds the target
        if not self._is_off(b"filemode"):
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

    def entry(self, path: bytes, mode: str) -> Entry:
        """What git would keep of what lies there."""
        if mode == SUBMODULE:
            return Entry(mode, self._repository.checked_out(path))
        return Entry(mode, blob_id(self.read(path), self._repository.object_format))


class _OnDisk(Mapping[bytes, Entry]):
    """What differs from the index, each hashed when asked for."""

    def __init__(self, disk: _Disk, modes: Mapping[bytes, str]) -> None:
        self._disk = disk
        self._modes = modes
        self._known: dict[bytes, Entry] = {}

    def __getitem__(self, path: bytes) -> Entry:
        if path not in self._known:
            self._known[path] = self._disk.entry(path, self._modes[path])
        return self._known[path]

    def __contains__(self, path: object) -> bool:
        return path in self._modes

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._modes)

    def __len__(self) -> int:
        return len(self._modes)
