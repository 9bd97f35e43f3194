"""The installed sdd run in a process of its own that starts at once: forked from one that has imported it.

Starting Python and importing sdd takes longer than most commands do. Where that start is what matters, and wherever a test
changes what Python or an import of ours reads of the environment, a real one is made.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from killing import Killing

READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "TZ", "PATH", "COVERAGE", "VIRTUAL_ENV", "GIT_PYTHON")
"""How the names begin of what is read only once, by Python, by GitPython to find git, and by whatever measures."""


class Warmed:
    """One process that forks, begun by the first command and ended by `end`; made where the environment is as it starts."""

    def __init__(self) -> None:
        self._environ = _read_once(os.environ)
        self._numbers = count()
        self._lock = Lock()
        self._killing: Killing | None = None
        self._folder = Path()

    def run(
        self, program: Path, argv: Sequence[str | bytes], cwd: Path, stdin: bytes, environ: Mapping[str, str]
    ) -> tuple[bytes, bytes, int] | None:
        """What a command wrote to standard output and standard error, and its exit code; None where it needs a start of its own."""
        if _read_once(environ) != self._environ or not self._lock.acquire(blocking=False):
            return None
        try:
            return self._run(program, argv, cwd, stdin, environ)
        except (
            BaseException
        ):  # a test that took too long: what the process says next is no answer to anybody else
            self.end()
            raise
        finally:
            self._lock.release()

    def _run(
        self, program: Path, argv: Sequence[str | bytes], cwd: Path, stdin: bytes, environ: Mapping[str, str]
    ) -> tuple[bytes, bytes, int]:
        if self._killing is None:
            self._folder = Path(mkdtemp(prefix="warmed-"))
            self._killing = Killing(self._folder).__enter__()
        number = next(self._numbers)
        given, out, err = (self._folder / f"{number}.{name}" for name in ("in", "out", "err"))
        given.write_bytes(stdin)
        words = [os.fsdecode(word) for word in argv]
        order = {"in": str(given), "out": str(out), "err": str(err), "cwd": str(cwd), "kill": 0}
        pid = self._killing.answer({**order, "program": str(program), "argv": words, "env": dict(environ)})
        code = self._killing.answer({"wait": pid})
        result = (out.read_bytes(), err.read_bytes(), code)
        for path in (given, out, err):
            path.unlink()
        return result

    def end(self) -> None:
        """End the process, if there is one."""
        if self._killing is not None:
            self._killing.__exit__()
            self._killing = None
            shutil.rmtree(self._folder)


def _read_once(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(READ_AT_THE_START)}
