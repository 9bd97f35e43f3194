"""Where sessions are carried out: a working tree, how its people like to work, and how to talk to them."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk
from sdd.errors import SddError
from sdd.gates.picture import picture
from sdd.gates.protected import believed
from sdd.runs import pending
from sdd.settings import read
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from sdd.gates.picture import Picture
    from sdd.llm.request import Watch
    from sdd.repository import Repository
    from sdd.settings import Settings
    from sdd.snapshot import Snapshot

WAIT_S = 2.0
"""How long to wait for another process that works on the same session."""
TEMPORARY = re.compile(r"\.sdd-([0-9]+)-[0-9a-f]{8}\.tmp")
"""What `disk.write` names a file, and `pending` a folder, before it is whole; the number is its process."""


class Place(Value):
    """A working tree to work in.

    `environ` is the process's; `say` prints a line for the person who waits, `watch` shows how a response comes in.
    """

    repository: Repository
    environ: Mapping[str, str]
    say: Callable[[str], None]
    watch: Watch

    @property
    def root(self) -> str:
        """The top of the working tree."""
        return self.repository.root

    @property
    def git_dir(self) -> str:
        """This working tree's own git directory."""
        return self.repository.git_dir

    def picture(self) -> Picture:
        """The picture of the working tree as it is now."""
        return picture(self.repository.working_tree(), believed(self.repository))

    def settings(self) -> Settings:
        """What `sdd.toml` says now.

        Raises:
            SddError: the file is wrong.
        """
        path = Path(self.root, "sdd.toml")
        return read(path.read_bytes() if path.is_file() else None)

    def locked(self, session: str) -> AbstractContextManager[None]:
        """Hold a session, so that two processes never carry it out at once.

        Raises:
            WaitingError: another process holds it.
        """
        name = Path(pending.folder(self.git_dir, session)).name
        return disk.lock(
            str(Path(self.git_dir, "sdd", "locks", f"{name}.lock")), f"session {session}", WAIT_S
        )

    def file(self, path: bytes) -> Path:
        """Where a path of the tree lies on the disk."""
        return Path(self.root, os.fsdecode(path))

    def write(self, path: bytes, data: bytes) -> None:
        """Put a file of the tree in place whole.

        Raises:
            RefusedError: the path leaves the tree, or goes through a link.
            SddError: the disk refuses.
        """
        disk.write(disk.inside(self.root, path), data)

    def sweep(self, snapshot: Snapshot) -> bool:
        """Remove what killed processes left half-written, in the tree as the snapshot lists it and in sdd's own folders.

        Gives whether anything was there: then the snapshot is not how the tree is now.
        """
        own = {Path(folder, "sdd") for folder in (self.git_dir, self.repository.common_dir)}
        found = [path for folder in own for path in folder.rglob(".sdd-*.tmp")]
        found += [self.file(path) for path in snapshot.entries if path.endswith(b".tmp")]
        left = [path for path in found if (at := TEMPORARY.fullmatch(path.name)) and not _lives(int(at[1]))]
        for path in left:
            with suppress(SddError):  # a leftover that cannot be removed is in nobody's way
                (disk.remove_folder if path.is_dir() else disk.remove)(str(path))
        return bool(left)


def now() -> str:
    """The time as runs record it: UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lives(process: int) -> bool:
    if (
        os.name == "nt"
    ):  # pragma: win32 cover - a signal would end it, and a file that is open cannot be removed there
        return False
    try:
        os.kill(process, 0)
    except (OSError, OverflowError) as error:
        return isinstance(error, PermissionError)
    return True
