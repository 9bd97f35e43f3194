"""What is compared: commands that run in turns, and the ratios between them, each with its goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

from bench.ground import Ground
from bench.stopwatch import Command

SMALL, LARGE, HUGE = 1_000, 10_000, 100_000
"""Numbers of sessions: a project of 7,000 files, and two larger ones."""


class Goal(NamedTuple):
    """What a ratio should be: at most so much or, of a peer, more."""

    value: float
    is_most: bool = True

    def __str__(self) -> str:
        """As a table shows it."""
        return f"{'≤' if self.is_most else '>'} {self.value:g}"

    def met(self, found: float) -> bool:
        """Whether a ratio reaches it."""
        return found <= self.value if self.is_most else found > self.value


Goals = Mapping[int, Goal]


class Row(NamedTuple):
    """One ratio: two of the commands, and the goal at some numbers of sessions."""

    measured: str
    floor: str
    goals: Goals = {}  # noqa: RUF012 - read only


class Contest(NamedTuple):
    """Commands by name, and what is to be told of them."""

    commands: Mapping[str, Command]
    rows: tuple[Row, ...]


class Subject(NamedTuple):
    """One thing to measure: `prepared` gives its contest for a number of sessions, for as long as all is in place."""

    prepared: Callable[[Ground, int], AbstractContextManager[Contest]]
    sizes: tuple[int, ...]


def at_most(*goals: tuple[int, float]) -> Goals:
    """Goals, each for a number of sessions."""
    return {sessions: Goal(value) for sessions, value in goals}
