"""Metrics as data with a written contract (`docs/reference/json.md`), and as the rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.views.costs import duration, spent, usage_data
from sdd.views.status_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sdd.views.measures import Metric
    from sdd.views.metrics import Metrics

DIGITS = 4  # of a value behind its point
UNKNOWN = "unknown"


def data(found: Metrics) -> dict[str, Any]:
    """What `sdd metrics --json` prints."""
    return {
        "version": 1,
        "since": found.since or None,
        "now": found.now or None,
        "metrics": {one.name: _metric(one) for one in found.metrics},
        "layers": [
            {"layer": one.name or None, "sessions": one.sessions, "usage": usage_data(one.usage)}
            for one in found.layers
        ],
    }


def _metric(one: Metric) -> dict[str, Any]:
    value = None if one.value is None else round(one.value, DIGITS)
    return {"value": value, "unit": one.unit, "of": one.of, "note": one.note or None}


def lines(found: Metrics) -> Iterator[str]:
    """A line for each metric: name, value, of how many cases; then what each layer took."""
    if not found.now:
        yield "# no session has run yet: sdd next"
    else:
        yield f"# runs {f'from {found.since} ' if found.since else ''}up to {found.now}"
    width = max(len(one.name) for one in found.metrics)
    for one in found.metrics:
        note = f", {one.note}" if one.note else ""
        yield plain(f"{one.name:<{width}}  {_value(one):<24}  of {one.of}{note}")
    for layer in found.layers:
        count = f"{layer.sessions} session{'' if layer.sessions == 1 else 's'}"
        yield plain(f"# layer {layer.name or 'not said'}: {count}; {spent(layer.usage)}")


def _value(one: Metric) -> str:
    if one.value is None:
        return UNKNOWN
    if one.unit == "share":
        return f"{one.value:.0%}".replace("%", " %")
    if one.unit == "s":
        return duration(round(one.value)) or "0 s"
    return f"${one.value:.4f}" if one.unit == "USD" else f"{one.value:.4g} {one.unit}"
