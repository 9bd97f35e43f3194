"""Each metric by its definition, and unknown where nothing tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

import projects
from projects import run, runs, session
from sdd.errors import SddError
from sdd.sessions.run import Run
from sdd.views import metrics_text
from sdd.views.measures import METRICS, Metric
from sdd.views.metrics import Metrics, metrics

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "metrics.md"
PASSED = ("0 ruff check", "0 pytest")
PLAN = """# Plan

## Tasks

### 04-a: A

- Goal: a
- Writes: src/a.py
- Acceptance: it holds
"""


def at(day: int, outcome: str = "done", **facts: object) -> Run:
    """A run of a model on a day of November."""
    return run(outcome, **{"time": f"2026-11-{day:02}T10:00:00Z", "provider": "anthropic", **facts})


def made(**sessions: tuple[str, tuple[Run, ...]]) -> dict[bytes, bytes]:
    """Sessions by name, each with its further front matter and its runs."""
    texts = {
        f"sessions__{name.replace('_', '-', 1).removeprefix('s')}": session(
            kind_and_front.partition("\n")[0], *filter(None, kind_and_front.split("\n")[1:]), rest=runs(*done)
        )
        for name, (kind_and_front, done) in sessions.items()
    }
    return projects.files(**texts)


def of(files: dict[bytes, bytes], since: str = "", **told: tuple[int, int]) -> dict[str, Metric]:
    return {one.name: one for one in metrics(projects.seen(files), since, **told).metrics}


def value(files: dict[bytes, bytes], name: str, since: str = "") -> tuple[float | None, int]:
    found = of(files, since)[name]
    return found.value, found.of


def test_where_nothing_ran_everything_is_unknown_and_nothing_is_0() -> None:
    found = metrics(projects.seen(made(s04_a=("implementation", ()))), "30d")
    assert {one.value for one in found.metrics} == {None}
    assert (found.layers, found.now, found.since) == ((), "", "")
    lines = list(metrics_text.lines(found))
    assert lines[0] == "# no session has run yet: sdd next"
    assert lines[1].split() == ["contract_compliance", "unknown", "of", "0"]
    assert metrics_text.data(found)["now"] is None


def test_the_page_defines_every_metric_in_its_order() -> None:
    page = PAGE.read_text("utf-8")
    names = [find.name for find in metrics(projects.seen(made(s04_a=("implementation", ())))).metrics]
    assert len(names) == len(METRICS)
    assert [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")] == names


def test_the_first_checked_run_counts_and_no_later_one() -> None:
    files = made(
        s04_a=(
            "implementation",
            (at(1, "questions"), at(2, "failed", checks=("1 pytest",)), at(3, checks=PASSED)),
        ),
        s05_b=("implementation", (at(4, checks=PASSED), at(5, "failed", checks=("1 pytest",)))),
        s06_c=("implementation", (at(6, "failed", checks=("0 pytest",)),)),
        s07_d=("implementation", (at(7, provider="person"),)),
    )
    assert value(files, "first_run_success") == (1 / 3, 3)
    assert value(files, "first_run_success", "2026-11-03") == (1 / 2, 2)


def test_a_run_after_a_failed_one_is_a_fix() -> None:
    files = made(
        s04_a=("implementation", (at(1, "failed"), at(2, "failed"), at(3), at(4))),
        s05_b=("implementation", (at(5),)),
        s06_c=("implementation", (at(6, "failed", provider="person"),)),
    )
    assert value(files, "fixes_per_session") == (1.0, 2)
    assert value(files, "fixes_per_session", "2026-11-03T00:00:00Z") == (0.5, 2)


def test_integration_is_what_its_sessions_came_to() -> None:
    files = made(
        s04_a=("integration", (at(1, "failed"), at(2, "questions"), at(3, "blocked"), at(4))),
        s05_b=("implementation", (at(5, "failed"),)),
    )
    assert value(files, "integration_success") == (1 / 3, 3)


def test_errors_are_counted_by_their_classes_where_runs_tell_them() -> None:
    told = (
        "import shop.cart",
        "lint src/a.py F821",
        "test tests/a.py::t NameError",
        "type src/a.py attr-defined",
    )
    files = made(
        s04_a=(
            "implementation",
            (at(1, "failed", checks=("1 pytest",), failures=told), at(2, checks=PASSED)),
        ),
        s05_b=("implementation", (at(3, "failed", checks=("1 pytest",)),)),
    )
    assert value(files, "missing_imports") == (1, 2)
    assert value(files, "cross_reference_errors") == (3, 2)
    assert value(files, "missing_imports", "2026-11-03") == (None, 0)


def test_velocity_is_by_weeks_of_runs_and_at_least_one() -> None:
    plan = {b"docs/implementation-plan.md": PLAN.encode(), b"src/a.py": b""}
    files = (
        made(
            s04_a=("implementation", (at(1),)),
            s05_b=("implementation", (at(15),)),
            s06_c=("change", (at(15),)),
        )
        | plan
    )
    assert value(files, "sessions_per_week") == (1.0, 2)
    assert value(files, "tasks_per_week") == (0.5, 1)
    assert value(files, "bug_density") == (1.0, 1)
    assert value(files, "sessions_per_week", "1w") == (1.0, 1)
    assert value(files, "bug_density", "7d") == (None, 0)


def test_time_and_cost_are_means_over_sessions_that_tell_them() -> None:
    files = made(
        s04_a=(
            "implementation\nlayer: core",
            (at(1, seconds=60, cost="0.10"), at(2, seconds=30, cost="0.20")),
        ),
        s05_b=("implementation\nlayer: foundation", (at(3, seconds=10),)),
        s06_c=("implementation", (at(4), at(5, "accepted", provider="person"))),
    )
    assert value(files, "time_per_session") == (50.0, 2)
    assert value(files, "cost_per_session") == (0.3, 1)
    found = metrics(projects.seen(files))
    assert [(one.name, one.sessions, one.usage.seconds) for one in found.layers] == [
        ("foundation", 1, 10),
        ("core", 1, 90),
        ("", 1, None),
    ]
    lines = list(metrics_text.lines(found))
    assert lines[0] == "# runs up to 2026-11-05T10:00:00Z"
    assert "# layer not said: 1 session; 1 run, tokens unknown, cost unknown" in lines
    assert any(line.split()[:2] == ["cost_per_session", "$0.3000"] for line in lines)
    assert any(line.split()[:3] == ["time_per_session", "50", "s"] for line in lines)
    assert metrics_text.data(found)["layers"][2]["layer"] is None


def test_a_document_counts_where_every_heading_has_text() -> None:
    files = made(
        s04_a=(
            "implementation\nwrites: [docs/a.md, docs/b.md, docs/c.md, docs/d.md, docs/*.md, src/a.py]",
            (),
        )
    )
    files |= {
        b"docs/a.md": b"# A\n\n## B\n\ntext\n",
        b"docs/b.md": b"# A\n\ntext\n\n## B\n",
        b"docs/c.md": b"\n",
    }
    assert value(files, "documentation") == (1 / 4, 4)


def test_the_spread_of_lint_is_between_sessions_that_a_linter_saw() -> None:
    files = made(
        s04_a=(
            "implementation",
            (at(1, "failed", checks=("1 make",), failures=("lint a F401", "type a x")), at(2, checks=PASSED)),
        ),
        s05_b=("implementation", (at(3, checks=("0 .venv/bin/ruff check",)),)),
        s06_c=("implementation", (at(4, checks=("0 pytest",)),)),
    )
    assert value(files, "lint_spread") == (1.0, 2)
    assert value(files, "lint_spread", "2026-11-04") == (None, 0)


def test_what_others_tell_is_taken_as_it_is() -> None:
    files = made(s04_a=("implementation", ()))
    found = of(files, contracts=(3, 4), resumed=(1, 2))
    assert (found["contract_compliance"].value, found["resume_success"].value) == (0.75, 0.5)


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "2026-11-01T", "9999999999d", "9999999w", "xd"])
def test_a_time_that_is_none_is_told(since: str) -> None:
    with pytest.raises(SddError, match=f"`{since}` is no time"):
        metrics(projects.seen(made(s04_a=("implementation", (at(1),)))), since)


def test_numbers_are_shown_as_people_say_them() -> None:
    known = (
        Metric("a", 0.5, "share", 2),
        Metric("b", 0.0, "s", 1),
        Metric("c", 1.23456, "sessions a file", 3, "most: a\nb"),
    )
    assert list(metrics_text.lines(Metrics(known, (), "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"))) == [
        "# runs from 2026-11-01T00:00:00Z up to 2026-11-02T00:00:00Z",
        "a  50 %                      of 2",
        "b  0 s                       of 1",
        "c  1.235 sessions a file     of 3, most: a b",
    ]
