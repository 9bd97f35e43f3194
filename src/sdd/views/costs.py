"""What runs took, in money, time and tokens: of a session, a feature, a model, a day. What no run tells is unknown, never 0."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sdd.runs.spent import by_a_model, cost_of
from sdd.sessions.session import CHANGES
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from sdd.sessions.run import Run
    from sdd.views.log import Entry

HEAD = ("runs", "tokens", "time", "cost")
MINUTE_S, HOUR_S = 60, 3600


class Usage(Value):
    """What the runs of models took.

    `counted` of `runs` told their tokens, `priced` their cost (US dollars, as text), `timed` their time (in whole seconds);
    the sums are theirs, None if none did.
    """

    runs: int
    counted: int
    priced: int
    tokens_in: int | None
    tokens_out: int | None
    cost: str | None
    timed: int = 0
    seconds: int | None = None


class Share(Value):
    """What one session, feature, model or day took; a model's name is empty where no run told it."""

    name: str
    usage: Usage


def usage(runs: Iterable[Run]) -> Usage:
    """What models took in these runs; what no run tells is unknown (None), never 0."""
    asked = list(filter(by_a_model, runs))
    counted = [run for run in asked if run.tokens_in is not None and run.tokens_out is not None]
    costs = [cost for cost in map(cost_of, asked) if cost is not None]
    times = [run.seconds for run in asked if run.seconds is not None]
    return Usage(
        runs=len(asked),
        counted=len(counted),
        priced=len(costs),
        tokens_in=_sum([run.tokens_in for run in counted]),
        tokens_out=_sum([run.tokens_out for run in counted]),
        cost=format(sum(costs, Decimal(0)), "f") if costs else None,
        timed=len(times),
        seconds=_sum(times),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    return sum(count or 0 for count in counts) if counts else None


def _feature(entry: Entry) -> str:
    return entry.session.rpartition("/")[0]


WAYS: Mapping[str, Callable[[Entry], str]] = {
    "session": lambda entry: entry.session,
    "feature": _feature,
    "model": lambda entry: entry.run.model,
    "day": lambda entry: entry.run.time[:10],
}
"""By what costs are shown, and what a run falls under; a day is that of UTC."""


def shares(entries: Iterable[Entry], by: str) -> list[Share]:
    """What the runs took by one of `WAYS`, in the order of the names; only what a model had a part in."""
    found: dict[str, list[Run]] = {}
    for entry in entries:
        if by_a_model(entry.run):
            found.setdefault(WAYS[by](entry), []).append(entry.run)
    return [Share(name, usage(runs)) for name, runs in sorted(found.items())]


def data(entries: Sequence[Entry], by: str) -> dict[str, Any]:
    """What `sdd log --costs --json` prints."""
    return {
        "version": 1,
        "by": by,
        "rows": [{by: _name(share, by), **usage_data(share.usage)} for share in shares(entries, by)],
        "total": usage_data(usage(entry.run for entry in entries)),
    }


def _name(share: Share, by: str) -> str | None:
    return None if by == "model" and not share.name else share.name


def usage_data(one: Usage) -> dict[str, Any]:
    """A usage with the keys of the JSON contract."""
    return {
        "runs": one.runs,
        "runs_with_tokens": one.counted,
        "runs_with_cost": one.priced,
        "tokens_in": one.tokens_in,
        "tokens_out": one.tokens_out,
        "cost": one.cost,
        "runs_with_time": one.timed,
        "seconds": one.seconds,
    }


def rows(entries: Sequence[Entry], by: str) -> list[tuple[str, ...]]:
    """The rows of a table below `by` and `HEAD`, the sum of all last; `?` stands for what nobody told."""
    found = [(label(share.name, by), *cells(share.usage)) for share in shares(entries, by)]
    return [*found, ("total", *cells(usage(entry.run for entry in entries)))]


def label(name: str, by: str) -> str:
    """A name for people."""
    if by == "feature":
        return {"": "root feature", CHANGES: "small changes"}.get(name, name)
    return name or "?"


def cells(one: Usage) -> tuple[str, ...]:
    """A usage as the columns of `HEAD`."""
    tokens = f"{one.tokens_in:,}/{one.tokens_out:,}" if one.tokens_in is not None else ""
    return (
        str(one.runs),
        _told(tokens, one.counted, one.runs),
        _told(duration(one.seconds), one.timed, one.runs),
        _told(f"${one.cost}" if one.cost is not None else "", one.priced, one.runs),
    )


def _told(sum_: str, known: int, runs: int) -> str:
    if not sum_:
        return "?"
    return sum_ if known == runs else f"{sum_} + unknown"


def duration(seconds: int | None) -> str:
    """Seconds for people: `1 h 2 min`, `1 min 15 s`, `15 s`; empty where they are not known."""
    if seconds is None:
        return ""
    if seconds >= HOUR_S:
        return f"{seconds // HOUR_S} h {seconds % HOUR_S // MINUTE_S} min"
    return f"{seconds // MINUTE_S} min {seconds % MINUTE_S} s" if seconds >= MINUTE_S else f"{seconds} s"


def spent(one: Usage) -> str:
    """What models took in one line, and of how many runs that is known."""
    runs = f"{one.runs} run{'' if one.runs == 1 else 's'}"
    tokens = f"{one.tokens_in:,} tokens in, {one.tokens_out:,} out" if one.tokens_in is not None else ""
    told = [
        runs,
        f"{tokens}{_of(one.counted, one.runs)}" if tokens else "tokens unknown",
        *([f"{duration(one.seconds)}{_of(one.timed, one.runs)}"] if one.timed else []),
        _money(one),
    ]
    return ", ".join(told)


def _money(one: Usage) -> str:
    if one.cost is None:
        return "cost unknown"
    return (
        f"${one.cost}" if one.priced == one.runs else f"{one.priced} with a known cost: ${one.cost} + unknown"
    )


def _of(known: int, runs: int) -> str:
    return "" if known == runs else f" (known of {known})"
