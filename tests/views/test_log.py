"""What `sdd log` shows."""

from __future__ import annotations

from sdd.sessions.project import Project, derive
from sdd.sessions.run import Run, render
from sdd.snapshot import in_memory
from sdd.views.log import HEAD, cells, data, entries

FIRST = Run("2026-11-21T10:00:00Z", "questions")
FULL = Run(
    time="2026-11-21T11:00:00Z",
    outcome="failed",
    turn="tests",
    provider="anthropic",
    model="m-1",
    conversation="c",
    prompt="ab" * 32,
    confidence=0.97,
    checks=("1 python -m pytest -q", "- ruff", "0 mypy"),
    failures=("start ruff", "test tests/test_a.py::test_x KeyError"),
    tokens_in=1200,
    tokens_out=30,
    cost="0.0123",
    seconds=75,
    changed_lines=7,
    file="01-a.runs/x.md",
    summary="it failed",
)


def project(**sessions: tuple[Run, ...]) -> Project:
    def text(runs: tuple[Run, ...]) -> bytes:
        return (
            "---\nkind: x\n---\n# X\n\n## Runs\n\n" + "".join(f"{render(run, 1)}\n" for run in runs)
        ).encode()

    return derive(in_memory({f"sessions/{name}.md".encode(): text(runs) for name, runs in sessions.items()}))


def test_the_newest_run_comes_last_whatever_its_session() -> None:
    found = entries(project(a=(FIRST, FULL), b=(FIRST.replace(time="2026-11-21T10:30:00Z"), FULL)))
    assert [(entry.session, entry.number) for entry in found] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_the_log_of_a_session_holds_its_runs_alone() -> None:
    assert [entry.session for entry in entries(project(a=(FIRST,), b=(FULL,)), "b")] == ["b"]


def test_a_run_keeps_all_its_facts() -> None:
    (entry,) = entries(project(a=(FULL,)))
    assert data(entry) == {
        "time": "2026-11-21T11:00:00Z",
        "session": "a",
        "run": 1,
        "turn": "tests",
        "outcome": "failed",
        "provider": "anthropic",
        "model": "m-1",
        "conversation": "c",
        "confidence": 0.97,
        "checks": [
            {"command": "python -m pytest -q", "exit_code": 1},
            {"command": "ruff", "exit_code": None},
            {"command": "mypy", "exit_code": 0},
        ],
        "failures": ["start ruff", "test tests/test_a.py::test_x KeyError"],
        "tokens_in": 1200,
        "tokens_out": 30,
        "cost": "0.0123",
        "seconds": 75,
        "changed_lines": 7,
        "prompt": "ab" * 32,
        "file": "sessions/01-a.runs/x.md",
        "summary": "it failed",
    }


def test_what_nobody_told_is_null_and_never_zero() -> None:
    (entry,) = entries(project(a=(FIRST,)))
    told = data(entry)
    known = {"time", "session", "run", "turn", "outcome", "checks", "failures", "summary"}
    assert {key: told[key] for key in told if key not in known} == dict.fromkeys(set(told) - known)


def test_the_columns_stand_for_themselves() -> None:
    first, full = entries(project(a=(FIRST, FULL)))
    assert dict(zip(HEAD, cells(full), strict=True)) == {
        "time": "2026-11-21T11:00:00Z",
        "session": "a",
        "turn": "tests",
        "outcome": "failed",
        "provider": "anthropic",
        "model": "m-1",
        "checks": "exit 1,-,0",
        "tokens": "1200/30",
        "cost": "$0.0123",
        "failures": "start ruff; test tests/test_a.py::test_x KeyError",
    }
    assert cells(first)[4:] == ("?", "?", "unchecked", "?/?", "?", "")
