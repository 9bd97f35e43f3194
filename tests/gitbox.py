"""A real repository in a temporary folder, and the real commands run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from warmed import Warmed  # which knows killing.py, and that knows this

# What becomes of an `sdd`'s cache before each run (pytest --verdicts): no test may notice.
VERDICTS = ("warm", "cold", "poisoned", "absent")


class Result(NamedTuple):
    """What a finished command said, and its exit code."""

    out: str
    err: str
    code: int


class GitBox:
    """A repository at `path`. Names of files may be text or, where they are not UTF-8, bytes."""

    warmed: ClassVar[Warmed | None] = None
    """What runs `sdd` for all boxes, where processes fork (see conftest.py)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls, path: Path, *init: str) -> GitBox:
        """A new repository; `init` are further arguments of `git init`."""
        path.mkdir(parents=True)
        box = cls(path)
        box.git("init", "-q", "-b", "main", *init)
        return box

    def write(self, rel: str | bytes, content: str | bytes) -> Path:
        """Write a file exactly as given (no newline is translated), with its folders."""
        path = self.path / os.fsdecode(rel)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, rel: str | bytes) -> str:
        """A file's text exactly as it is on disk."""
        return self.read_bytes(rel).decode()

    def read_bytes(self, rel: str | bytes) -> bytes:
        """A file's bytes as they are on disk."""
        return (self.path / os.fsdecode(rel)).read_bytes()

    def git(
        self, *args: str | bytes, stdin: str | bytes | None = None, env: Mapping[str, str] | None = None
    ) -> str:
        """What git prints, without the last newline; a failure fails the test with git's words."""
        spoil_verdicts(self.path)  # for git's hooks
        result = _run(["git", *args], self.path, stdin, env)
        assert result.code == 0, f"git {args} ended with {result.code}: {result.err}"
        return result.out.removesuffix("\n")

    def commit(self, message: str = "Work", *paths: str | bytes, at: str = "") -> str:
        """Commit these paths, or everything, through all hooks; the commit's id.

        `at` is the author's and committer's date, as "2026-11-21T10:15:00Z".
        """
        self.git("add", "-A", "--", *(paths or (".",)))
        dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at} if at else {}
        self.git("commit", "-q", "--allow-empty", "-m", message, env=dates)
        return self.git("rev-parse", "HEAD")

    def sdd(
        self,
        *args: str | bytes,
        stdin: str | bytes | None = None,
        env: Mapping[str, str] | None = None,
        check: int | None = 0,
        fresh: bool = False,
    ) -> Result:
        """Run the installed `sdd` here; its exit code must be `check`, unless that is None.

        `env` is added to the environment; `stdin` is empty unless given. A `fresh` one is started and not forked (see
        warmed.py).
        """
        spoil_verdicts(self.path)
        forked = None
        if self.warmed and not fresh:
            environ = {**os.environ, **(env or {})}
            forked = self.warmed.run(installed("sdd"), args, self.path, _given(stdin), environ)
        if forked is None:
            result = _run([str(installed("sdd")), *args], self.path, stdin, env)
        else:
            result = Result(_text(forked[0]), _text(forked[1]), forked[2])
        told = f"sdd {args} ended with {result.code}\n--- out\n{result.out}\n--- err\n{result.err}"
        assert check is None or result.code == check, told
        return result


def spoil_verdicts(folder: Path, how: str = "") -> None:
    """Delete what was kept of earlier answers in a repository, or flip bits in all of it, as the run of all tests asks."""
    how = how or os.environ.get("TEST_VERDICTS", "warm")
    git = folder / ".git"
    cache = (git if git.is_dir() else folder) / "sdd/cache"
    if how == "cold":
        shutil.rmtree(cache, ignore_errors=True)
    elif how == "poisoned":
        for entry in (path for path in cache.rglob("*") if path.is_file()):
            entry.write_bytes(bytes(byte ^ 1 for byte in entry.read_bytes()))


def installed(script: str) -> Path:
    """A console script of the interpreter that runs the tests."""
    return Path(sys.executable).with_name(script + (".exe" if os.name == "nt" else ""))


def _run(
    argv: list[str | bytes], folder: Path, stdin: str | bytes | None, env: Mapping[str, str] | None
) -> Result:
    done = subprocess.run(
        argv,
        cwd=folder,
        input=_given(stdin),
        env={**os.environ, **(env or {})},
        capture_output=True,
        check=False,
    )
    return Result(_text(done.stdout), _text(done.stderr), done.returncode)


def _given(stdin: str | bytes | None) -> bytes:
    return stdin.encode() if isinstance(stdin, str) else stdin or b""


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n") if os.name == "nt" else text
