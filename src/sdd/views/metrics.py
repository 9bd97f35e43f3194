"""What `sdd metrics` shows: how the work goes, in numbers, each derived from the repository (`docs/reference/metrics.md`).

The newest run is "now": no clock is asked. What has no source is unknown (None), never 0.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.sessions.session import CHANGES
from sdd.values import Value
from sdd.views.costs import usage
from sdd.views.log import entries
from sdd.views.measures import METRICS, TIME, Ground, by_session
from sdd.views.suspects import suspects, traces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.gates.picture import Picture
    from sdd.sessions.run import Run
    from sdd.views.costs import Usage
    from sdd.views.measures import Metric


class Layer(Value):
    """What the sessions of one layer took; `name` is empty for those that say none."""

    name: str
    sessions: int
    usage: Usage


class Metrics(Value):
    """All metrics, what each layer took, and from when to when the runs were that count; both empty where there is none."""

    metrics: tuple[Metric, ...]
    layers: tuple[Layer, ...]
    since: str
    now: str


def metrics(
    seen: Picture,
    since: str = "",
    *,
    contracts: tuple[int, int] | None = None,
    resumed: tuple[int, int] | None = None,
) -> Metrics:
    """All metrics of a picture, of the runs since a time: `2026-11-01`, `2026-11-01T10:00:00Z`, or `30d`, `4w` before the newest run.

    Raises:
        SddError: `since` is no such time.
    """
    known = entries(seen.project)
    now = known[-1].run.time if known else ""
    start = _start(since, now)
    features = (*seen.project.features, CHANGES)
    snapshot = seen.project.snapshot
    ground = Ground(
        seen,
        tuple(known),
        tuple(one for one in known if one.run.time >= start),
        start,
        frozenset(name for feature in features for name in suspects(snapshot, feature)),
        tuple(one for feature in features for one in traces(snapshot, feature)),
        contracts,
        resumed,
    )
    return Metrics(tuple(find(ground) for find in METRICS), tuple(_layers(ground)), start, now)


def _start(since: str, now: str) -> str:
    """The time from which runs count, as runs tell theirs; empty for all."""
    number, unit = since[:-1], since[-1:]
    if not since:
        return ""
    try:
        if unit in {"d", "w"} and number.isascii() and number.isdigit():
            length = timedelta(days=int(number) * (7 if unit == "w" else 1))
            return (datetime.strptime(now, TIME) - length).strftime(TIME) if now else ""  # noqa: DTZ007 - both are UTC
        form = TIME if "T" in since else "%Y-%m-%d"
        return datetime.strptime(since, form).strftime(TIME)  # noqa: DTZ007 - both are UTC
    except (ValueError, OverflowError):
        hint = "sdd metrics --since 2026-11-01, or --since 30d before the newest run"
        raise SddError(f"`{since}` is no time", hint=hint) from None


def _layers(ground: Ground) -> Iterable[Layer]:
    found: dict[str, list[Sequence[Run]]] = {}
    for name, runs in by_session(ground).items():
        found.setdefault(ground.seen.project.text(name, "layer"), []).append(runs)
    order = ("foundation", "core", "integration", "interface")
    for layer in sorted(found, key=lambda one: (order.index(one) if one in order else len(order), one)):
        yield Layer(layer, len(found[layer]), usage(run for runs in found[layer] for run in runs))
