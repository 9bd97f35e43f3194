"""Owns programs that start others: begun in a group of their own, bounded in what they see, ended with all they left.

Commands that verify a run and agents that answer a prompt are such programs. One way around the end remains: a process
that both left the group and dropped its environment (or only the former, where there is no /proc).
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

MARK = "SDD_CHECK"
"""A variable by which the processes of a family are found again (Linux), also those that left its group."""
ROUNDS = 20
"""How often to look for what is left: one that is starting another may be a step ahead."""

GUARD = """
import os, sys
if not os.read(0, 1):
    import signal, subprocess, time
    group = int(sys.argv[1])
    if os.name == "nt":
        subprocess.run(["taskkill", "/T", "/F", "/PID", sys.argv[1]], capture_output=True)
    else:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(group, number)
            except OSError:
                break
            time.sleep(float(sys.argv[2]))
"""
"""What ends a family when its input ends without a byte: whoever held the other end is gone, and could not do it."""
GUARD_GRACE_S = 1.0

_PASSED_ON = """
PATH HOME USER LOGNAME SHELL TERM LANG LANGUAGE TZ TMPDIR TMP TEMP CI NO_COLOR COLUMNS
VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONUTF8 PYTHONHASHSEED NODE_PATH NVM_DIR JAVA_HOME
GOPATH GOROOT GOCACHE GOMODCACHE CARGO_HOME RUSTUP_HOME GEM_HOME GEM_PATH LD_LIBRARY_PATH
XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR SSL_CERT_FILE SSL_CERT_DIR
SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME HOMEDRIVE HOMEPATH APPDATA
LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
"""
PASSED_ON = frozenset(_PASSED_ON.split())
"""The variables that every child sees, beside LC_*: keys and tokens are not among them, nor git's own, which would lead
a command that runs git inside a hook to the wrong index."""


def environment(environ: Mapping[str, str], more: Collection[str] = ()) -> dict[str, str]:
    """The part of an environment that a child may see: an allow-list, so that no key gets where it is not needed.

    `more` are names, in upper case, that this child needs beside those that all do.
    """
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in PASSED_ON or name.upper() in more or name.startswith("LC_")
    }


class Family:
    """A program, and all that it will have started.

    `stdin`, `stdout` and `stderr` are what `subprocess.Popen` takes; `process` is the program itself.

    Raises:
        OSError: it cannot be started.
        ValueError: a word holds a null byte.
    """

    def __init__(
        self, argv: Sequence[str], cwd: str, env: Mapping[str, str], *, stdin: int, stdout: int, stderr: int
    ) -> None:
        self._guard: subprocess.Popen[bytes] | None = None
        self._mark = secrets.token_hex(16)
        marks = f"{os.environ.get(MARK, '')}/{self._mark}"
        self.process = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env={**env, MARK: marks},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )

    def guard(self) -> None:
        """Have the family end with us, also where nobody can end it: when we are killed.

        An agent would go on for as long as it likes (Claude Code 2.1.329 does), and so change files and cost money.
        """
        argv = [sys.executable, "-I", "-S", "-c", GUARD, str(self.process.pid), str(GUARD_GRACE_S)]
        with suppress(OSError):  # without it all is as it was, but for a kill
            self._guard = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _dismiss(self) -> None:
        if self._guard is not None:
            self._guard.communicate(b".")
            self._guard = None

    def ask(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to the whole group. On Windows, which has none, the whole tree is ended."""
        if os.name == "nt":  # pragma: win32 cover - there are no groups there, but trees
            argv = ["taskkill", "/T", "/F", "/PID", str(self.process.pid)]
            subprocess.run(argv, capture_output=True, check=False)
        else:  # pragma: win32 no cover - see above
            with suppress(
                ProcessLookupError, PermissionError
            ):  # gone; on macOS a group of zombies may not be signalled
                os.killpg(self.process.pid, number)

    def ask_to_end(self, grace_s: float) -> None:
        """Ask the group to end, and give its first process that many seconds."""
        self.ask()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(grace_s)

    def end(self) -> None:
        """End the program and all that it started and left behind; a group outlives its first process."""
        self.ask(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        self.process.wait()
        for _ in range(ROUNDS):  # pragma: no branch - what survives so many cannot be ended
            strays = _strays(self._mark.encode())
            for pid in strays:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            if not strays:
                break
        self._dismiss()


def _strays(mark: bytes) -> list[int]:
    """The processes whose environment holds the mark; none where there is no /proc. The dead have none."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in environ.read_bytes():
                found.append(int(environ.parent.name))
    return found
