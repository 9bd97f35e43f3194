"""The results as Markdown: what was measured with, and a row for each ratio."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator

from bench.contest import Contest, Row
from bench.installed import ROOT, Installed
from bench.packed import git
from bench.stopwatch import Readings, ratio

COLUMNS = (
    "ratio of two processes",
    "sessions",
    "clock: median (least-most)",
    "processor",
    "goal",
    "MiB",
    "rounds",
)


def head(sdd: Installed) -> Iterator[str]:
    """What stands above the rows."""
    version, commit = (
        sdd.said("sdd", "--version").removeprefix("sdd, version "),
        git(ROOT, "describe", "--always", "--dirty"),
    )
    python = f"{platform.python_implementation()} {platform.python_version()}"
    git_version = sdd.said("git", "--version").removeprefix("git version ")
    yield f"sdd {version} ({commit}), {python}, git {git_version}, {platform.system()}, {os.cpu_count()} processors\n"
    yield _row(COLUMNS)
    yield _row(["---"] * len(COLUMNS))


def rows(contest: Contest, sessions: int, readings: Readings) -> Iterator[str]:
    """The rows of one contest."""
    return (_measured(row, sessions, readings) for row in contest.rows)


def _measured(row: Row, sessions: int, readings: Readings) -> str:
    clock = ratio(readings, row.measured, row.floor)
    processor = ratio(readings, row.measured, row.floor, lambda one: one.cpu_s)
    goal = row.goals.get(sessions)
    told = "" if goal is None else f"{goal}, {'met' if goal.met(clock.median) else 'missed'}"
    memory = max(one.mib for one in readings[row.measured])
    count = str(len(readings[row.measured]))
    name = f"{row.measured} ÷ {row.floor}"
    return _row([name, f"{sessions:,}", str(clock), f"{processor.median:.2f}", told, f"{memory:.0f}", count])


def lacking(name: str, sessions: int, why: str) -> str:
    """A row without a number."""
    return _row([name, f"{sessions:,}", why, "", "", "", ""])


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
