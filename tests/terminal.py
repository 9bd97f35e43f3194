"""A real terminal for tests: a pseudo-terminal with a program on it, its keyboard and its screen."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 20.0
AGAIN_S = 0.5


class Terminal:
    """A program that runs on a terminal of its own; `screen` is all that it wrote."""

    def __init__(
        self, argv: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.screen = ""
        self._is_closed = False
        self._pid, self._fd = pty.fork()
        if self._pid == 0:  # pragma: no cover - the child becomes the program
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests may run where it is ignored
            os.chdir(folder)
            os.execvpe(argv[0], [str(arg) for arg in argv], {**os.environ, "TERM": "xterm", **(env or {})})  # noqa: S606 - a program, no shell

    def wait_for(self, words: str) -> None:
        """Read until the screen shows these words."""
        deadline = time.monotonic() + PATIENCE_S
        while words not in self.screen:
            assert time.monotonic() < deadline, f"{words!r} never came; the screen shows:\n{self.screen}"
            assert self._read(), f"it ended without {words!r}:\n{self.screen}"

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._fd, keys.encode())

    def interrupt(self) -> int:
        """Press Ctrl-C until it ends; the exit code.

        As a person would, again: CPython looks for signals before it waits for a key, and one that comes in between is seen
        with the next.
        """
        while not self._is_closed:
            os.kill(self._pid, signal.SIGINT)
            while self._read(AGAIN_S):
                pass
        return self.end()

    def end(self) -> int:
        """Read to the end; the exit code. What goes on in silence is killed."""
        while self._read():
            pass
        with suppress(ProcessLookupError):
            os.kill(self._pid, 0 if self._is_closed else signal.SIGKILL)
        _, status = os.waitpid(self._pid, 0)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)

    def _read(self, patience_s: float = PATIENCE_S) -> bool:
        if self._is_closed or not select.select([self._fd], [], [], patience_s)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # Linux says so when the program has ended
            data = b""
        self._is_closed = not data
        self.screen += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)
