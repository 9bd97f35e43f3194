"""Whole processes timed, in turns: the clock, the processor and the memory that each took."""

from __future__ import annotations

import os
import random
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple


def _nothing() -> None:
    """Nothing is to be done before a command."""


class Command(NamedTuple):
    """A program to run in a folder, until it ends with 0; `before` makes all as it was, and is not timed."""

    argv: tuple[str, ...]
    place: Path
    env: Mapping[str, str]
    before: Callable[[], None] = _nothing


class Reading(NamedTuple):
    """What one process took with all that it started: wall clock and processor in seconds, the largest of them in MiB."""

    wall_s: float
    cpu_s: float
    mib: float


class Ratio(NamedTuple):
    """How often one reading holds another: the median of the rounds, the least and the most."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        """As a table shows it."""
        return f"{self.median:.2f} ({self.least:.2f}-{self.most:.2f})"


class FailedError(Exception):
    """A command did not end with 0, so that there is nothing to compare."""


class TooLongError(Exception):
    """A command was not done in time, which says something too."""


Readings = Mapping[str, list[Reading]]


def interleaved(
    commands: Mapping[str, Command], *, rounds: int, limit_s: float, budget_s: float = 60
) -> dict[str, list[Reading]]:
    """Readings of each command, a list by round: all of them once a round, in another order each time.

    A first round warms up, unless one is all. After three more it is enough once `budget_s` seconds are spent.

    Raises:
        FailedError: a command failed.
        TooLongError: a command took longer than `limit_s`.
    """
    dice = random.Random(4)  # noqa: S311 - an order, not a secret
    found: dict[str, list[Reading]] = {name: [] for name in commands}
    started = time.monotonic()
    for turn in range(0 if rounds > 1 else 1, rounds + 1):
        if turn > 3 and time.monotonic() - started > budget_s:  # noqa: PLR2004 - told above
            break
        for name in dice.sample(sorted(commands), len(commands)):
            reading = _named(name, commands[name], limit_s)
            if turn:
                found[name].append(reading)
    return found


def _named(name: str, command: Command, limit_s: float) -> Reading:
    try:
        return timed(command, limit_s)
    except (FailedError, TooLongError) as error:
        raise type(error)(f"{name} {error}") from error


def ratio(
    readings: Readings, name: str, floor: str, of: Callable[[Reading], float] = lambda one: one.wall_s
) -> Ratio:
    """How often a command's readings hold those of another, round by round: what slows both down cancels out."""
    pairs = zip(readings[name], readings[floor], strict=True)
    found = [of(one) / max(of(other), 1e-6) for one, other in pairs]
    return Ratio(statistics.median(found), min(found), max(found))


def timed(command: Command, limit_s: float) -> Reading:
    """Run a command to its end, in a process group of its own, so that nothing of it outlives the limit.

    Raises:
        FailedError: it ended with another code than 0.
        TooLongError: it was ended.
    """
    command.before()
    os.chdir(command.place)  # posix_spawn knows no folder
    with tempfile.TemporaryFile() as told:
        files = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, told.fileno(), 2),
        ]
        started = time.perf_counter()
        pid = os.posix_spawn(command.argv[0], command.argv, command.env, file_actions=files, setpgroup=0)
        alarm = threading.Timer(limit_s, os.killpg, (pid, signal.SIGKILL))
        alarm.start()
        _, status, used = os.wait4(pid, 0)
        wall_s = time.perf_counter() - started
        alarm.cancel()
        told.seek(0)
        said = told.read().decode("utf-8", "replace").strip()
    if wall_s >= limit_s:
        raise TooLongError(f"took longer than {limit_s:g} s")
    if status:
        code = os.waitstatus_to_exitcode(status)
        raise FailedError(f"ended with {code}: {said.splitlines()[-3:]}")
    return Reading(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
