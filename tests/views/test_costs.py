"""What runs took: sums that say what they do not know."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.runs.spent import cost_of
from sdd.sessions.run import Run
from sdd.views.costs import cells, data, duration, rows, shares, spent, usage
from sdd.views.log import Entry

DAY, NEXT = "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z"
KNOWN = Run(
    DAY, "done", provider="anthropic", model="m-1", tokens_in=1000, tokens_out=200, cost="0.21", seconds=70
)
UNKNOWN = Run(NEXT, "failed", provider="claude")
ENTRIES = [
    Entry("01-a", 1, KNOWN),
    Entry("shop/01-a", 1, KNOWN.replace(time=NEXT)),
    Entry("shop/02-b", 1, UNKNOWN),
    Entry("changes/fix", 1, KNOWN),
    Entry("shop/02-b", 2, Run(NEXT, "rejected", provider="person")),
]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("session", ["01-a", "changes/fix", "shop/01-a", "shop/02-b", "total"]),
        ("feature", ["root feature", "small changes", "shop", "total"]),
        ("model", ["?", "m-1", "total"]),
        ("day", ["2026-11-21", "2026-11-22", "total"]),
    ],
)
def test_every_run_falls_under_one_name_and_the_total_holds_all(by: str, names: list[str]) -> None:
    assert [row[0] for row in rows(ENTRIES, by)] == names
    assert sum(share.usage.runs for share in shares(ENTRIES, by)) == 4
    assert rows(ENTRIES, by)[-1] == (
        "total",
        "4",
        "3,000/600 + unknown",
        "3 min 30 s + unknown",
        "$0.63 + unknown",
    )


def test_a_sum_with_an_unknown_part_says_so_and_one_without_any_known_part_is_unknown() -> None:
    assert spent(usage([KNOWN, KNOWN, UNKNOWN])) == (
        "3 runs, 2,000 tokens in, 400 out (known of 2), 2 min 20 s (known of 2), 2 with a known cost: $0.42 + unknown"
    )
    assert cells(usage([UNKNOWN])) == ("1", "?", "?", "?")
    assert cells(usage([KNOWN])) == ("1", "1,000/200", "1 min 10 s", "$0.21")


def test_json_gives_null_for_what_is_not_known() -> None:
    told = data(ENTRIES, "model")
    assert (told["version"], told["by"]) == (1, "model")
    assert [row["model"] for row in told["rows"]] == [None, "m-1"]
    assert (told["rows"][0]["cost"], told["rows"][0]["seconds"]) == (None, None)
    assert told["total"] == {
        "runs": 4,
        "runs_with_tokens": 3,
        "runs_with_cost": 3,
        "tokens_in": 3000,
        "tokens_out": 600,
        "cost": "0.63",
        "runs_with_time": 3,
        "seconds": 210,
    }
    assert [row["feature"] for row in data(ENTRIES, "feature")["rows"]] == ["", "changes", "shop"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (3725, "1 h 2 min")],
)
def test_a_time_is_told_in_units_that_people_use(seconds: int | None, words: str) -> None:
    assert duration(seconds) == words


@given(st.lists(st.decimals(0, 1000, places=8), min_size=1))
def test_no_digit_of_a_cost_is_lost(costs: list[Decimal]) -> None:
    runs = [KNOWN.replace(cost=format(cost, "f")) for cost in costs]
    assert [cost_of(run) for run in runs] == costs
    assert Decimal(usage(runs).cost or "") == sum(costs)
