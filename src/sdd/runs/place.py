"""Where sessions are carried out: a working tree, how its people like to work, and how to talk to them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sdd.disk import lock
from sdd.gates.picture import picture
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

WAIT_S = 2.0


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
        return picture(self.repository.working_tree())

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
        return lock(str(Path(self.git_dir, "sdd", "locks", f"{name}.lock")), f"session {session}", WAIT_S)

    def file(self, path: bytes) -> Path:
        """Where a path of the tree lies on the disk."""
        return Path(self.root, os.fsdecode(path))


def now() -> str:
    """The time as runs record it: UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
