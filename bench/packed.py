"""Repositories made by `git fast-import`, and packed as one is that was cloned."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple

MAIL = "alice@example.org"
CONFIG = {
    "user.name": "Alice",
    "user.email": MAIL,
    "gc.auto": "0",  # nothing may begin to pack while something is measured
    "maintenance.auto": "false",
}
BRANCH = "refs/heads/main"
# Nothing of a person's own git: their hooks, templates and settings would be measured too.
OWN = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
ENV = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | OWN


class Commit(NamedTuple):
    """What one commit puts into the tree, by path; `epoch` is its date in seconds since 1970."""

    message: str
    epoch: int
    files: Iterable[tuple[bytes, bytes]]


def begin(place: Path) -> None:
    """Make an empty repository."""
    place.mkdir(parents=True)
    git(place, "init", "-q", "-b", "main", "--template=")
    for name, value in CONFIG.items():
        git(place, "config", name, value)


def extend(place: Path, commits: Iterable[Commit], parent: str = "") -> str:
    """Put commits on top of `parent` (nothing, for the first ones), check them out and pack everything; the id of the last."""
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=place, env=ENV, stdin=subprocess.PIPE
    ) as importer:
        assert importer.stdin is not None  # noqa: S101 - asked for in the line above
        for one in commits:
            _write(importer.stdin, one, parent)
            parent = ""  # git goes on from the commit before
    if importer.returncode:
        raise subprocess.CalledProcessError(importer.returncode, importer.args)
    git(place, "reset", "-q", "--hard")
    git(place, "repack", "-q", "-a", "-d", "-f")
    settle(place)
    return git(place, "rev-parse", "HEAD")


def settle(place: Path) -> None:
    """Write the index anew, later than any file: git reads each file again that is as young as the index is."""
    time.sleep(1.01 - time.time() % 1)  # git compares seconds
    git(place, "update-index", "--force-write-index")


def _write(stream: IO[bytes], one: Commit, parent: str) -> None:
    message = one.message.encode()
    stream.write(b"commit %s\ncommitter Alice <%s> %d +0000\n" % (BRANCH.encode(), MAIL.encode(), one.epoch))
    stream.write(b"data %d\n%s\n" % (len(message), message))
    stream.write(f"from {parent}\n".encode() if parent else b"")
    for path, data in one.files:
        stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(data), data))


def git(place: Path, *argv: str) -> str:
    """What git says, without the last newline."""
    done = subprocess.run(["git", *argv], cwd=place, env=ENV, check=True, stdout=subprocess.PIPE)
    return os.fsdecode(done.stdout).removesuffix("\n")
