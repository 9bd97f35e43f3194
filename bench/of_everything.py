"""What asking about everything costs, beside git's own look at everything; and what judging a range does, beside its log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.contest import HUGE, LARGE, Contest, Goals, Row, at_most
from bench.ground import Ground, Project

STATUS, LOG = "git status", "git log --raw"


@contextmanager
def check(ground: Ground, sessions: int) -> Iterator[Contest]:
    """Everything judged once more, when nothing has changed since."""
    goals = at_most((LARGE, 1.0), (HUGE, 0.4))
    yield _beside_status(ground, ground.project(sessions), {"check": goals, "check --rev HEAD": goals})


@contextmanager
def cold(ground: Ground, sessions: int) -> Iterator[Contest]:
    """Everything judged for the first time: whatever was kept is deleted before each run."""
    project = ground.project(sessions)
    found = _beside_status(ground, project, {"check": at_most((LARGE, 15))})
    kept = project.place / ".git" / "sdd" / "cache"
    first = found.commands["sdd check"]._replace(before=lambda: shutil.rmtree(kept, ignore_errors=True))
    name = "sdd check, nothing kept"
    commands = {STATUS: found.commands[STATUS], name: first}
    yield Contest(commands, tuple(row._replace(measured=name) for row in found.rows))


@contextmanager
def status(ground: Ground, sessions: int) -> Iterator[Contest]:
    """What people and agents ask all the time."""
    asked = ("status", "status --ready --json", "next --dry-run")
    yield _beside_status(ground, ground.project(sessions), dict.fromkeys(asked, at_most((LARGE, 2))))


@contextmanager
def replay(ground: Ground, sessions: int) -> Iterator[Contest]:
    """The whole history of the project judged as a proposal, as CI does with a branch."""
    project = ground.project(sessions)
    through = f"{project.planned}..HEAD"
    raw = ("log", "--raw", "-z", "--no-renames", "--no-abbrev", through)
    measured = f"sdd check A..B of {ground.commits:,} commits"
    commands = {
        LOG: ground.command(project.place, "git", *raw),
        measured: ground.command(project.place, "sdd", "check", through),
    }
    yield Contest(commands, (Row(measured, LOG, at_most((LARGE, 4))),))


def _beside_status(ground: Ground, project: Project, asked: Mapping[str, Goals]) -> Contest:
    commands = {STATUS: ground.command(project.place, "git", "status")}
    rows = []
    for words, goals in asked.items():
        name = f"sdd {words}"
        commands[name] = ground.command(project.place, "sdd", *words.split())
        rows.append(Row(name, STATUS, goals))
    return Contest(commands, tuple(rows))
