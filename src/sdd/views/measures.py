"""What each metric is: a function from what the runs and files say to a number (`docs/reference/metrics.md`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

from sdd.globs import is_glob
from sdd.runs.resting import by_path
from sdd.runs.spent import by_a_model
from sdd.sessions.outline import headings
from sdd.sessions.run import ACCEPTED
from sdd.values import Value
from sdd.views.costs import usage
from sdd.views.suspects import CAN_BE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sdd.gates.picture import Picture
    from sdd.runs.resting import Trace
    from sdd.sessions.project import Project
    from sdd.sessions.run import Run
    from sdd.snapshot import Snapshot
    from sdd.views.log import Entry

TIME = "%Y-%m-%dT%H:%M:%SZ"
WEEK = timedelta(days=7)
MENDING = ("refactoring", "change")
"""Kinds of sessions that mend what others made."""
CROSS_REFERENCES = frozenset(
    [
        "attr-defined",
        "name-defined",
        "call-arg",
        "F821",
        "F822",
        "E0602",
        "E1101",
        "no-undef",
        "NameError",
        "AttributeError",
    ]
)
"""What checkers call a name that is used and not there: mypy, ruff and flake8, pylint, eslint, Python itself."""
LINTERS = frozenset(
    ["ruff", "flake8", "pylint", "eslint", "mypy", "pyright", "tsc", "golangci-lint", "clippy", "biome"]
)
STYLE = ("lint", "type")
"""The families of failures that linters and type checkers report (`sdd.runs.failure`)."""


class Metric(Value):
    """One number: `value` in its `unit`, of so many cases; None where nothing tells it."""

    name: str
    value: float | None
    unit: str
    of: int
    note: str = ""


class Ground(Value):
    """What the metrics are derived from. `runs` are those since the time asked for, `all_runs` are all of them.

    `contracts` are the contracts that are kept and all that were looked at, `resumed` the conversations that were resumed and all
    that were to be; None where nobody told.
    """

    seen: Picture
    all_runs: tuple[Entry, ...]
    runs: tuple[Entry, ...]
    since: str
    suspect: frozenset[str]
    traces: tuple[Trace, ...]
    contracts: tuple[int, int] | None = None
    resumed: tuple[int, int] | None = None


def _share(name: str, good: int, of: int) -> Metric:
    return Metric(name, good / of if of else None, "share", of)


def _contract_compliance(ground: Ground) -> Metric:
    kept, of = ground.contracts or (0, 0)
    return _share("contract_compliance", kept, of)


def _first_run_success(ground: Ground) -> Metric:
    first: dict[str, Run] = {}
    for one in ground.all_runs:
        if one.run.checks and by_a_model(one.run):
            first.setdefault(one.session, one.run)
    counted = [run for run in first.values() if run.time >= ground.since]
    return _share("first_run_success", sum(map(_passed, counted)), len(counted))


def _passed(run: Run) -> bool:
    return run.outcome != "failed" and all(check.startswith("0 ") for check in run.checks)


def _fixes_per_session(ground: Ground) -> Metric:
    ran = {one.session for one in ground.runs if by_a_model(one.run)}
    failed: set[str] = set()
    fixes = 0
    for one in ground.all_runs:
        if by_a_model(one.run):
            fixes += one.session in failed and one.run.time >= ground.since
            (failed.add if one.run.outcome == "failed" else failed.discard)(one.session)
    return Metric("fixes_per_session", fixes / len(ran) if ran else None, "runs", len(ran))


def _integration_success(ground: Ground) -> Metric:
    sessions = ground.seen.project.sessions
    ended = [
        one.run.outcome
        for one in ground.runs
        if sessions[one.session].kind == "integration" and one.run.outcome in {"done", "failed", "blocked"}
    ]
    return _share("integration_success", ended.count("done"), len(ended))


def _errors(name: str, is_one: Callable[[str], bool]) -> Callable[[Ground], Metric]:
    """The metric of failures of a class. A failed run that an older sdd recorded tells no classes, and is no source."""

    def find(ground: Ground) -> Metric:
        told = [one.run for one in ground.runs if one.run.checks and (_passed(one.run) or one.run.failures)]
        count = sum(is_one(failure) for run in told for failure in run.failures)
        return Metric(name, count if told else None, "errors", len(told))

    return find


def _is_import(failure: str) -> bool:
    return failure.startswith("import ") or failure.endswith((" import-not-found", " ModuleNotFoundError"))


def _is_cross_reference(failure: str) -> bool:
    return failure.rpartition(" ")[2] in CROSS_REFERENCES


def _resume_success(ground: Ground) -> Metric:
    good, of = ground.resumed or (0, 0)
    return _share("resume_success", good, of)


def _velocity(name: str, *, tasks: bool) -> Callable[[Ground], Metric]:
    def find(ground: Ground) -> Metric:
        done = _done(ground, tasks=tasks)
        if not ground.runs:
            return Metric(name, None, "a week", 0)
        first, last = (datetime.strptime(ground.runs[at].run.time, TIME) for at in (0, -1))  # noqa: DTZ007 - both are UTC
        return Metric(name, len(done) / max(1.0, (last - first) / WEEK), "a week", len(done))

    return find


def _done(ground: Ground, *, tasks: bool) -> list[str]:
    """The sessions that are done and whose last good run is of the time; with `tasks` those alone that a plan has."""
    project, states = ground.seen.project, ground.seen.states
    ended = {one.session for one in ground.runs if one.run.outcome == "done"}
    done = (name for name in sorted(ended) if states[name].state == "done")
    return [name for name in done if not tasks or _is_task(project, name)]


def _is_task(project: Project, name: str) -> bool:
    one = project.sessions[name]
    plan = project.plans.get(one.feature)
    return bool(plan and plan.task(one.slug))


def _bug_density(ground: Ground) -> Metric:
    sessions = ground.seen.project.sessions
    mending = {one.session for one in ground.runs if sessions[one.session].kind in MENDING}
    tasks = len(_done(ground, tasks=True))
    return Metric("bug_density", len(mending) / tasks if tasks else None, "sessions a task", tasks)


def _time_per_session(ground: Ground) -> Metric:
    taken: dict[str, int] = {}
    for one in ground.runs:
        if one.run.seconds is not None and by_a_model(one.run):
            taken[one.session] = taken.get(one.session, 0) + one.run.seconds
    return Metric("time_per_session", fmean(taken.values()) if taken else None, "s", len(taken))


def _cost_per_session(ground: Ground) -> Metric:
    found = {name: usage(runs).cost for name, runs in by_session(ground).items()}
    costs = [Decimal(cost) for cost in found.values() if cost is not None]
    mean = float(sum(costs, Decimal(0)) / len(costs)) if costs else None
    return Metric("cost_per_session", mean, "USD", len(costs))


def by_session(ground: Ground) -> Mapping[str, list[Run]]:
    """The runs that count of each session, what a person accepted apart."""
    found: dict[str, list[Run]] = {}
    for one in ground.runs:
        if one.run.outcome != ACCEPTED:
            found.setdefault(one.session, []).append(one.run)
    return found


def _change_impact(ground: Ground) -> Metric:
    resting = {path: len({name for name, _ in seen}) for path, seen in by_path(ground.traces).items()}
    most = max(sorted(resting), key=lambda path: resting[path], default=b"").decode("utf-8", "replace")
    note = f"most: {most}" if most else ""
    return Metric(
        "change_impact", fmean(resting.values()) if resting else None, "sessions a file", len(resting), note
    )


def _suspect_share(ground: Ground) -> Metric:
    known = [one.session for one in ground.traces if ground.seen.states[one.session].state in CAN_BE]
    return _share("suspect_share", len(ground.suspect.intersection(known)), len(known))


def _documentation(ground: Ground) -> Metric:
    project = ground.seen.project
    named = {
        path.encode()
        for name in project.sessions
        for path in project.texts(name, "writes")
        if path.startswith("docs/") and path.endswith(".md") and not is_glob(path)
    }
    return _share("documentation", sum(_says_something(project.snapshot, path) for path in named), len(named))


def _says_something(snapshot: Snapshot, path: bytes) -> bool:
    """Whether a document has text below each heading that has no heading below itself."""
    if not snapshot.is_file(path):
        return False
    lines = snapshot.read(path).decode("utf-8", "replace").split("\n")
    found = headings(lines)
    ends = [*(one.line for one in found[1:]), len(lines) + 1]
    deeper = [*(after.level > one.level for one, after in pairwise(found)), False]
    empty = (
        not below and not any(line.strip() for line in lines[one.line : end - 1])
        for one, end, below in zip(found, ends, deeper, strict=False)
    )
    return any(line.strip() for line in lines) and not any(empty)


def _lint_spread(ground: Ground) -> Metric:
    found = {
        name: len({one for run in runs for one in run.failures if one.startswith(STYLE)})
        for name, runs in by_session(ground).items()
        if any(_is_linted(run) for run in runs)
    }
    return Metric("lint_spread", pstdev(found.values()) if found else None, "findings", len(found))


def _is_linted(run: Run) -> bool:
    """Whether a linter is known to have looked at what a run made."""
    said = {word.rpartition("/")[2] for check in run.checks for word in check.split()}
    return not LINTERS.isdisjoint(said) or any(one.startswith(STYLE) for one in run.failures)


METRICS: tuple[Callable[[Ground], Metric], ...] = (
    _contract_compliance,
    _first_run_success,
    _fixes_per_session,
    _integration_success,
    _errors("missing_imports", _is_import),
    _errors("cross_reference_errors", _is_cross_reference),
    _resume_success,
    _velocity("sessions_per_week", tasks=False),
    _velocity("tasks_per_week", tasks=True),
    _bug_density,
    _time_per_session,
    _cost_per_session,
    _change_impact,
    _suspect_share,
    _documentation,
    _lint_spread,
)
