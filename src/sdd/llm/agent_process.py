"""Owns running an agent as a child process: prompt in, lines out as they come, bounded in time, nothing left behind.

Each byte of the agent's output is in the transcript before anything is made of it, so that what was paid for outlives
whatever happens next. The agent does not share our terminal: a Ctrl-C reaches us alone, and it is we who ask it to end,
in the way that it knows (Claude Code 2.1.329 keeps a partial answer in its conversation after SIGINT, not after SIGTERM).
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from subprocess import DEVNULL, PIPE
from threading import Thread, current_thread, main_thread
from typing import IO, TYPE_CHECKING, Literal

from sdd.families import Family, environment
from sdd.llm.secrets import Strainer
from sdd.output import Output
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

STDERR_CAP = 20_000
"""Characters of standard error that are kept, a quarter from its beginning."""
LONGEST_LINE = 1 << 25
"""Bytes after which a line is handed on in pieces, so that output without newlines takes no more memory than that."""
DRAIN_S = 1.0
"""Seconds to wait for the last output once every process is gone that could be found."""
POLL_S = 0.25
"""Seconds between looks at the clock and at the process, where nothing comes: on Windows nothing else sees a Ctrl-C."""

NETWORK = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"}
)
"""The variables by which programs find their way out, in upper case; the proxies' are read in lower case as well."""

Why = Literal["ended", "timed_out", "stalled", "interrupted"]


class Limits(Value):
    """How long an agent may take, in seconds: in all, without a byte on either stream, and to end once it was asked to."""

    timeout_s: float
    silence_s: float
    grace_s: float = 5.0


class Ended(Value):
    """What became of an agent.

    `why` is "ended" where it ended by itself, else what made us end it. `exit_code` is negative where a signal ended it.
    `stderr` is its beginning and its end, as a person would read it. `first_byte_s` counts from the start, None where
    nothing came on standard output. `unkept` says why the transcript is not whole, empty where it is.
    """

    why: Why
    exit_code: int
    stderr: str
    seconds: float
    first_byte_s: float | None
    unkept: str


def program(name: str, environ: Mapping[str, str]) -> str | None:
    """The path of a program on the search path of that environment (on Windows also `name.cmd`); None if there is none."""
    return shutil.which(name, path=environ.get("PATH"))


def run(  # noqa: PLR0913 - each is a choice of its own, and most have a default
    argv: Sequence[str],
    *,
    folder: str,
    env: Mapping[str, str],
    limits: Limits,
    on_line: Callable[[bytes], object],
    stdin: bytes | None = None,
    transcript: str | None = None,
    secrets: Collection[str] = (),
) -> Ended:
    """Run an agent to its end, and tell `on_line` of each line of its output, without the end of line, as it comes.

    `argv` is a program and its arguments, as `program` finds it; `env` is all that it sees (see `environment`). `stdin`
    is written and closed, whether it is read or not; None for no input. `transcript` is a file to which standard output
    is appended verbatim but for `secrets`, before `on_line` sees it; what hinders that is told in the result and stops nothing. At a limit,
    at Ctrl-C, SIGTERM or SIGHUP the agent's group is asked to end (SIGINT, then SIGTERM), lines are still handed on, and
    it is ended after the grace; a second Ctrl-C ends it at once. Whatever it started ends with it, also when we are killed.

    An exception of `on_line` goes through, once the agent is ended.

    Raises:
        OSError: it cannot be started, or there is no such folder.
        ValueError: a word of `argv` holds a null byte.
        KeyboardInterrupt: Ctrl-C was pressed twice.
    """
    with _signals() as told:
        began = time.monotonic()
        wants = DEVNULL if stdin is None else PIPE
        family = Family(argv, folder, env, stdin=wants, stdout=PIPE, stderr=PIPE)
        family.guard()
        kept = _Transcript(transcript, secrets)
        return _Watch(family, told, limits, began).run(on_line, stdin, kept)


class _Transcript:
    """A file that takes bytes, but no secrets, and keeps the reason when it no longer can."""

    def __init__(self, path: str | None, secrets: Collection[str]) -> None:
        self.unkept = ""
        # A byte as a letter, so that no character that comes in two parts is lost.
        self._strainer = Strainer(secret.encode().decode("latin-1") for secret in secrets)
        self._path = path
        self._file: IO[bytes] | None = None
        if path is not None:
            try:
                self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - `close` is called by who reads
            except OSError as error:
                self._give_up(error)

    def append(self, data: bytes) -> None:
        self._write(self._strainer.feed(data.decode("latin-1")).encode("latin-1"))

    def finish(self) -> None:
        """Write what was held, and close."""
        self._write(self._strainer.rest().encode("latin-1"))
        self.close()

    def _write(self, data: bytes) -> None:
        try:
            while data and self._file is not None:
                data = data[self._file.write(data) :]
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _give_up(self, error: OSError) -> None:
        self.unkept = f"{self._path} is not whole: {error.strerror}"
        self.close()


class _Lines:
    """Bytes as they come, handed on as lines."""

    def __init__(self, on_line: Callable[[bytes], object]) -> None:
        self._on_line = on_line
        self._begun: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        *whole, rest = data.split(b"\n")
        for line in whole:
            self._begun.append(line)
            self.flush()
        if rest:
            self._begun.append(rest)
            self._size += len(rest)
        if self._size > LONGEST_LINE:
            self.flush()

    def flush(self) -> None:
        """Hand on what is begun; nothing where there is nothing."""
        line = b"".join(self._begun).removesuffix(b"\r")
        self._begun, self._size = [], 0
        if line:
            self._on_line(line)


class _Watch:
    """One agent that runs, looked at until it has ended."""

    def __init__(self, family: Family, told: SimpleQueue[bytes | None], limits: Limits, began: float) -> None:
        self._family = family
        self._process = family.process
        self._told = told
        self._limits = limits
        self._began = self._last_byte = began
        self._first_byte: float | None = None
        self._open = True  # whether standard output is
        self._why: Why = "ended"
        self._asks: list[int] = []
        self._next_ask = began

    def run(self, on_line: Callable[[bytes], object], stdin: bytes | None, transcript: _Transcript) -> Ended:
        lines = _Lines(on_line)
        errors = Output(STDERR_CAP, lambda _: None)
        threads = [
            Thread(target=self._read_out, args=(transcript,), daemon=True),
            Thread(target=self._read_errors, args=(errors,), daemon=True),
            Thread(target=self._write, args=(stdin,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            while self._process.poll() is None and not self._overdue():
                self._take(lines, POLL_S if self._open else POLL_S / 25)
        finally:
            self._family.end()
            for thread in threads:
                thread.join(DRAIN_S)
        while self._take(lines, 0.0):
            pass  # what was already written when the process ended
        lines.flush()
        first = None if self._first_byte is None else self._first_byte - self._began
        seconds = time.monotonic() - self._began
        return Ended(self._why, self._process.returncode, errors.text(), seconds, first, transcript.unkept)

    def _read_out(self, transcript: _Transcript) -> None:
        assert self._process.stdout  # noqa: S101 - it was asked for as a pipe
        with self._process.stdout as stream:
            while data := os.read(stream.fileno(), 1 << 16):
                transcript.append(data)
                self._last_byte = time.monotonic()
                self._first_byte = self._first_byte or self._last_byte
                self._told.put(data)
        transcript.finish()
        self._told.put(b"")

    def _read_errors(self, errors: Output) -> None:
        assert self._process.stderr  # noqa: S101 - it was asked for as a pipe
        with self._process.stderr as stream:
            while data := os.read(stream.fileno(), 1 << 16):
                self._last_byte = time.monotonic()
                errors.feed(data)
        errors.feed(b"", final=True)

    def _write(self, stdin: bytes | None) -> None:
        if self._process.stdin is None:
            return
        with suppress(OSError):  # it has closed its input or ended, which its exit code or its answer tells
            self._process.stdin.write(stdin or b"")
        with suppress(OSError):
            self._process.stdin.close()

    def _take(self, lines: _Lines, patience_s: float) -> bool:
        """Take what comes next, and wait no longer than that for it; whether something came."""
        try:
            data = self._told.get(patience_s > 0, patience_s)
        except Empty:
            return False
        if data is None:
            self._stop("interrupted")
        elif data:
            lines.feed(data)
        else:
            self._open = False
        return True

    def _overdue(self) -> bool:
        """Whether all that was asked was in vain. Looks at the clock, and asks when it is time to."""
        now = time.monotonic()
        if self._why == "ended":
            if now - self._began > self._limits.timeout_s:
                self._stop("timed_out")
            elif now - self._last_byte > self._limits.silence_s:
                self._stop("stalled")
            return False
        if now < self._next_ask:
            return False
        if not self._asks:
            return True
        self._family.ask(self._asks.pop(0))
        self._next_ask = now + self._limits.grace_s / 2
        return False

    def _stop(self, why: Why) -> None:
        if self._why != "ended":
            return
        self._why = why
        self._asks = [signal.SIGINT, signal.SIGTERM]
        self._next_ask = time.monotonic()


@contextmanager
def _signals() -> Iterator[SimpleQueue[bytes | None]]:
    """What tells of bytes, and of a wish that we end (None): signals that would end us are taken note of instead.

    Also where somebody has them raise KeyboardInterrupt, as sdd's command line does: it could come between a line that was
    read and its use. Signals that are ignored stay so. Only the main thread can. A second Ctrl-C is a KeyboardInterrupt.
    """
    # Its `put` may interrupt itself, as a signal's handler does.
    told: SimpleQueue[bytes | None] = SimpleQueue()

    def handle(_number: int, _frame: object) -> None:
        if signal.SIGINT in before:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        told.put(None)

    before: dict[int, signal._HANDLER] = {}
    if current_thread() is main_thread():
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) not in {signal.SIG_IGN, None}:
                before[number] = signal.signal(number, handle)
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


__all__ = ["NETWORK", "Ended", "Limits", "environment", "program", "run"]
