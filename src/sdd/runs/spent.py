"""What has been spent, as far as it is known: from the runs on record, and from the responses kept beside the caches."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from sdd.sessions.template import PERSON
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.sessions.run import Run

BY_HAND = ("rejected", "proceed", "accepted")
"""Outcomes of runs in which no model took part."""
FREE = frozenset({"", "manual", "recorded", PERSON})
"""Providers that no call of sdd's own pays for; a run that says none is a person's word."""
NAME = 10 + 1 + 7 + 1 + 12
"""Characters of a kept response's name that its run tells too: `2026-11-21T101500Z-`, and the prompt's hash, cut off."""


class Spent(Value):
    """What has been spent: US dollars where it is known, of so many `runs` that somebody was paid for.

    `unknown` of them have no known cost; `ahead` have a time after today, as where a clock was put back.
    """

    known: Decimal
    runs: int
    unknown: int = 0
    ahead: int = 0

    def total(self, assumed: Decimal | None) -> Decimal:
        """What counts as spent, where a run of unknown cost counts for `assumed`."""
        return self.known + self.unknown * (assumed or Decimal(0))


def by_a_model(run: Run) -> bool:
    """Whether something answered a prompt in this run, and not a person alone."""
    return run.provider != PERSON and run.outcome not in BY_HAND


def cost_of(run: Run) -> Decimal | None:
    """A run's cost in US dollars; None where it is unknown or, in a block that a person wrote, no amount."""
    return _amount(run.cost)


def of(runs: Iterable[Run]) -> Spent:
    """What these runs cost."""
    return _sum(cost_of(run) for run in runs if _paid(run))


def on_day(runs: Iterable[Run], responses: Path, day: str) -> Spent:
    """What was spent on a day (as `2026-11-21`, UTC) or after it, by the runs on record and the responses in a folder.

    A response that is also on record counts once. What is later than today counts too: a clock that is put back does not
    make a bound forget. Only responses that no record tells of are read.
    """
    recorded: dict[str, list[Run]] = {}
    for run in runs:
        if run.time[:10] >= day and by_a_model(run):
            recorded.setdefault(_key(run), []).append(run)
    kept: dict[str, list[Path]] = {}
    for path in sorted(responses.glob("*.json")):
        if path.name[:10] >= day:
            kept.setdefault(path.name[:NAME], []).append(path)
    costs: list[Decimal | None] = []
    ahead = 0
    for key in recorded.keys() | kept.keys():
        found = list(_costs(recorded.get(key, []), kept.get(key, [])))
        costs += found
        ahead += len(found) if key[:10] > day else 0
    return _sum(costs).replace(ahead=ahead)


def _costs(recorded: list[Run], kept: list[Path]) -> Iterator[Decimal | None]:
    """What the calls of one second with one prompt cost, whichever of the two knows more of them."""
    if len(kept) > len(recorded):
        yield from (cost for told in map(_read, kept) for cost in told)
    else:
        yield from (cost_of(run) for run in recorded if _paid(run))


def _read(path: Path) -> list[Decimal | None]:
    """The cost that a kept response tells; nothing where nobody was paid. One that cannot be read has an unknown cost."""
    import json  # 1 ms, only where a response is kept that no record tells of

    try:
        told = json.loads(path.read_bytes())
        free, cost = told["provider"] in FREE, told["cost"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return [None]
    return [] if free else [_amount(cost) if isinstance(cost, str) else None]


def _amount(text: str) -> Decimal | None:
    plain = text.replace(".", "", 1)
    return Decimal(text) if plain.isascii() and plain.isdigit() else None


def _key(run: Run) -> str:
    """How the name of a run's kept response begins (see `runs.ask.raw_name`)."""
    return f"{run.time.replace(':', '')}-{run.prompt}"[:NAME]


def _paid(run: Run) -> bool:
    return by_a_model(run) and run.provider not in FREE


def _sum(costs: Iterable[Decimal | None]) -> Spent:
    told = list(costs)
    known = [cost for cost in told if cost is not None]
    return Spent(sum(known, Decimal(0)), len(told), len(told) - len(known))
