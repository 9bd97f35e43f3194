"""The commands that verify a run: started without a shell, bounded in time and output, and never left behind."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, TimeoutExpired
from threading import Thread
from typing import IO, TYPE_CHECKING

from sdd.families import Family, environment
from sdd.output import Output
from sdd.prompts.prompt import fenced
from sdd.runs import evidence
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CAP = 20_000
"""Characters of output that are kept, about 5,000 tokens."""
GRACE_S = 2.0
"""Seconds between asking a command that took too long to end, and ending it."""
DRAIN_S = 1.0
"""Seconds to wait for the last output once every process is gone that could be found."""

INSTALL = {
    "pytest": "pip install pytest",
    "ruff": "pip install ruff",
    "mypy": "pip install mypy",
    "tox": "pip install tox",
    "uv": "see https://docs.astral.sh/uv",
    "cargo": "see https://rustup.rs",
    "go": "see https://go.dev/dl",
    "node": "see https://nodejs.org",
    "npm": "see https://nodejs.org",
    "npx": "see https://nodejs.org",
}
QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)
SHELL = {"&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1"}


class Check(Value):
    """What became of one command.

    `exit_code` is None where it could not start or took too long, and negative where a signal ended it. `output` is
    what it printed on both streams. `why` says why it did not pass. `ran_nothing`: it should have run tests, and there
    were none; `ran_tests`: its output says that some ran.
    """

    command: str
    exit_code: int | None
    seconds: float
    output: str
    passed: bool
    why: str = ""
    ran_nothing: bool = False
    ran_tests: bool = False


def run(
    commands: Iterable[str],
    cwd: str,
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    on_start: Callable[[str], object] = lambda _: None,
    cap: int = CAP,
    grace_s: float = GRACE_S,
) -> list[Check]:
    """Run commands one after the other in a folder, each for at most `timeout_s` seconds; all run, whatever fails.

    `env` is all that they see, by default what `environment` lets through; `on_start` is told each command before it
    runs. The program `python` is what `python` below finds. When a command ends, so does all that it started, as
    `sdd.families` says.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; the command and all that it started were ended.
    """
    seen = environment(os.environ) if env is None else env
    checks = []
    for command in commands:
        on_start(command)
        checks.append(_check(command, cwd, _Bounds(timeout_s, grace_s, cap), seen))
    return checks


class _Bounds(Value):
    timeout_s: float
    grace_s: float
    cap: int


def _check(command: str, cwd: str, bounds: _Bounds, env: Mapping[str, str]) -> Check:
    start = time.monotonic()
    try:
        argv = arguments(command)
        family = _started(argv, cwd, env)
    except (OSError, ValueError) as error:
        return Check(command, None, time.monotonic() - start, "", passed=False, why=_unstarted(error, cwd))
    lines_told: set[bool | None] = set()
    output = Output(bounds.cap, lambda line: lines_told.add(evidence.told(line)))
    code = _watched(family, output, bounds)
    nothing = evidence.ran_nothing(argv, code, lines_told)
    why = _why(code, bounds.timeout_s, ran_nothing=nothing)
    return Check(
        command, code, time.monotonic() - start, output.text(), not why, why, nothing, True in lines_told
    )


def arguments(command: str, *, windows: bool = os.name == "nt") -> list[str]:
    """The words of a command, quoted as in a POSIX shell; on Windows a backslash is itself, as in its paths.

    Raises:
        ValueError: there are none, a quote is open, or the command needs a shell.
    """
    lexer = shlex.shlex(command, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = "" if windows else "\\"
    words = list(lexer)
    if not words:
        raise ValueError("the command is empty")
    needs = next((word for word in QUOTED.sub("q", command).split() if word in SHELL), None)
    if needs:
        raise ValueError(
            f"it needs a shell for `{needs}`, and none is used: make it several commands, or a script"
        )
    if re.match(r"\w+=", words[0]):
        raise ValueError(f"it needs a shell for `{words[0]}`, and none is used: begin it with env")
    return words


def _started(argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> Family:
    program = argv[0]
    if program == "python":
        program = python(env.get("PATH"))
    elif os.name == "nt":  # pragma: win32 cover - only there npm is npm.cmd
        program = shutil.which(program, path=env.get("PATH")) or program
    words = [program, *argv[1:]]
    return Family(words, cwd, env, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)


def python(path: str | None) -> str:
    """The program that `python` means in a command: on some machines there is only `python3`, on some none but sdd's own.

    A committed command says `python`, since that is the name in a virtual environment and on Windows. Where the search
    path has none, `python3` on it is meant, else the Python that runs sdd.
    """
    return shutil.which("python", path=path) or shutil.which("python3", path=path) or sys.executable


def _unstarted(error: OSError | ValueError, cwd: str) -> str:
    """Why a command could not be started, and what to do."""
    if not isinstance(error, OSError):
        return str(error)[:1].lower() + str(error)[1:]
    if not Path(cwd).is_dir():
        return f"the folder {cwd} does not exist"
    program = str(error.filename)
    if isinstance(error, FileNotFoundError):
        how = INSTALL.get(program, "install it, or add its folder to the PATH")
        return f"{program} was not found: {how}"
    return f"{program} could not be started: {error.strerror}"


def _why(code: int | None, timeout_s: float, *, ran_nothing: bool) -> str:
    if code is None:
        return f"it took longer than {timeout_s:g} s, and was ended"
    if ran_nothing:
        return f"exit code {code}, and no test ran: a check is evidence only if it ran something"
    if code < 0:
        return f"signal {-code} ended it ({signal.strsignal(-code)})"
    return f"exit code {code}" if code else ""


def _watched(family: Family, output: Output, bounds: _Bounds) -> int | None:
    """The exit code of a process, or None if it took too long; then nothing that it started runs any more."""
    process = family.process
    reader = Thread(target=_drain, args=(process.stdout, output), daemon=True)
    try:
        reader.start()
        return process.wait(bounds.timeout_s)
    except TimeoutExpired:
        family.ask_to_end(bounds.grace_s)
        return None
    except KeyboardInterrupt:
        family.ask_to_end(bounds.grace_s)
        raise
    finally:
        family.end()
        reader.join(DRAIN_S)


def _drain(stream: IO[bytes], output: Output) -> None:
    with stream:
        while data := os.read(stream.fileno(), 1 << 16):
            output.feed(data)
    output.feed(b"", final=True)


def for_model(checks: Iterable[Check]) -> str:
    """The commands that failed and their output, as the text that goes back to the model; empty if all passed."""
    parts = [
        f"The check `{check.command}` failed: {check.why}.\n\n{fenced(check.output or '(no output)', 'text')}"
        for check in checks
        if not check.passed
    ]
    return "\n".join(parts)
