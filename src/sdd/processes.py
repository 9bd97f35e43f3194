"""Programs run by their argument lists, no shell: to their end, beside us, or asked one question after the other.

`subprocess` costs a hook 8 ms and more for each start; where the system has `posix_spawn`, a start takes 1 ms.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Argv = Sequence[str | bytes]

SPAWNS = hasattr(os, "posix_spawnp")
PIPE_HOLDS = 4096  # bytes that a pipe takes on every system before anybody reads
STANDARD = 2  # the last of the three numbers that a program is born with


def run(argv: Argv, env: Mapping[str, str], stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    """The exit code of a program, and what it wrote to standard output and standard error.

    Raises:
        OSError: it cannot be started.
    """
    import subprocess

    done = subprocess.run(
        [os.fsdecode(arg) for arg in argv], input=stdin, env=env, capture_output=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


class Started:
    """A program that works beside us. Its standard error is thrown away: whoever wants its words runs it again.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, argv: Argv, env: Mapping[str, str], stdin: bytes = b"", *, talks: bool = False
    ) -> None:
        self._to, self._from, self._end = _begun(argv, env)
        self._left, self._at = b"", 0  # what was read of it, and how much of that was handed on
        self._code: int | None = None
        if not talks:
            self.write(stdin)  # no more than PIPE_HOLDS, or both sides could wait for each other
            self._hang_up()

    def output(self) -> tuple[int, bytes]:
        """Its exit code and all that it wrote to standard output, once it has ended."""
        parts = []
        while part := os.read(self._from, 1 << 20):
            parts.append(part)
        return self.close(), b"".join(parts)

    def records(self) -> Iterator[bytes]:
        """What it writes to standard output, record by record as it comes, each ended by a NUL that is taken off."""
        left = b""
        while part := os.read(self._from, 1 << 16):
            *whole, left = (left + part).split(b"\0")
            yield from whole

    def line(self) -> bytes:
        """The next line of its output, without the end of line.

        Raises:
            EOFError: it has ended.
        """
        while (end := self._left.find(b"\n", self._at)) < 0:
            self._left, self._at = self._left[self._at :] + self._more(), 0
        line = self._left[self._at : end]
        self._at = end + 1
        return line

    def take(self, count: int) -> bytes:
        """So many more bytes of its output.

        Raises:
            EOFError: it has ended.
        """
        end = self._at + count
        if end > len(self._left):
            parts = [self._left[self._at :]]
            have = len(parts[0])
            while have < count:
                parts.append(self._more())
                have += len(parts[-1])
            self._left, self._at, end = b"".join(parts), 0, count
        found = self._left[self._at : end]
        self._at = end
        return found

    def close(self) -> int:
        """Let it end; its exit code."""
        if self._code is None:
            self._hang_up()
            os.close(self._from)
            self._code = self._end()
        return self._code

    def __del__(self) -> None:
        if getattr(self, "_code", 0) is None:
            self.close()

    def _more(self) -> bytes:
        part = os.read(self._from, 1 << 16)
        if not part:
            raise EOFError
        return part

    def write(self, data: bytes) -> None:
        """Write to its standard input: no more than PIPE_HOLDS before its answer is read."""
        try:
            while data:
                data = data[os.write(self._to, data) :]
        except BrokenPipeError:
            pass  # it has ended, which its exit code or its output tells

    def _hang_up(self) -> None:
        if self._to >= 0:
            os.close(self._to)
            self._to = -1


def _begun(argv: Argv, env: Mapping[str, str]) -> tuple[int, int, Callable[[], int]]:
    """The end of its standard input, that of its standard output, and what waits for its exit code."""
    (their_in, to), (from_, their_out) = _pipe(), _pipe()
    try:
        start = _spawned if SPAWNS else _popened
        return to, from_, start([os.fsdecode(arg) for arg in argv], env, their_in, their_out)
    except BaseException:
        os.close(to)
        os.close(from_)
        raise
    finally:
        os.close(their_in)
        os.close(their_out)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are none of the three standard numbers, which may be free where somebody closed them before us."""
    ends = os.pipe()
    if min(ends) > STANDARD:
        return ends
    moved = _pipe()
    for one in ends:
        os.close(one)
    return moved


def _spawned(argv: list[str], env: Mapping[str, str], stdin: int, stdout: int) -> Callable[[], int]:
    actions = [
        (os.POSIX_SPAWN_DUP2, stdin, 0),
        (os.POSIX_SPAWN_DUP2, stdout, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    process = os.posix_spawnp(argv[0], argv, env, file_actions=actions)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _popened(argv: list[str], env: Mapping[str, str], stdin: int, stdout: int) -> Callable[[], int]:
    """The same where there is no `posix_spawn`, as on Windows."""
    from subprocess import DEVNULL, Popen

    return Popen(argv, env=env, stdin=stdin, stdout=stdout, stderr=DEVNULL).wait
