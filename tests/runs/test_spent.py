"""What has been spent is read from the runs on record and from kept responses, each call once."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.runs.pending import raw_name
from sdd.runs.spent import Spent, of, on_day
from sdd.sessions.run import Run

YESTERDAY, TODAY, TOMORROW = (f"2026-11-{day}T10:15:00Z" for day in (20, 21, 22))
DAY = TODAY[:10]
PROMPT = "ab" * 32
PAID = Run(TODAY, "done", provider="anthropic", prompt=PROMPT, cost="0.10")


def keep(folder: Path, run: Run, **changes: object) -> Path:
    """Keep the response of a run, as far as what is read of it goes."""
    told = {"provider": run.provider, "cost": run.cost or None, **changes}
    path = folder / raw_name(run.time, run.prompt)
    path.write_text(json.dumps(told))
    return path


def test_only_calls_that_somebody_is_paid_for_count() -> None:
    free = [PAID.replace(provider=name) for name in ("", "manual", "recorded", "person")]
    said = [PAID.replace(outcome=outcome) for outcome in ("rejected", "proceed")]
    assert of([*free, *said]) == Spent(Decimal(0), 0)
    assert of([PAID, PAID.replace(cost="")]) == Spent(Decimal("0.10"), 2, 1)


def test_a_call_counts_once_whether_it_is_on_record_or_kept_or_both(tmp_path: Path) -> None:
    assert on_day([PAID], tmp_path, DAY) == Spent(Decimal("0.10"), 1)
    keep(tmp_path, PAID)
    assert on_day([PAID], tmp_path, DAY) == Spent(Decimal("0.10"), 1)
    assert on_day([], tmp_path, DAY) == Spent(Decimal("0.10"), 1)
    keep(tmp_path, PAID, cost="0.25")  # another of the same second, which never got on record
    assert on_day([PAID], tmp_path, DAY) == Spent(Decimal("0.35"), 2)


def test_what_a_person_brought_is_no_call(tmp_path: Path) -> None:
    keep(tmp_path, PAID, provider="manual", cost=None)
    assert on_day([], tmp_path, DAY) == Spent(Decimal(0), 0)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"provider": "x", "cost": null}', '{"provider": "x", "cost": 0.5}', "[" * 10**5]
)
def test_a_kept_response_that_tells_no_cost_is_unknown_and_not_free(text: str, tmp_path: Path) -> None:
    keep(tmp_path, PAID).write_text(text)
    assert on_day([], tmp_path, DAY) == Spent(Decimal(0), 1, 1)


def test_a_day_ends_with_the_day_and_a_clock_put_back_forgets_nothing(tmp_path: Path) -> None:
    keep(tmp_path, PAID.replace(time=YESTERDAY))
    runs = [PAID.replace(time=YESTERDAY), PAID]
    assert on_day(runs, tmp_path, DAY) == Spent(Decimal("0.10"), 1)
    keep(tmp_path, PAID.replace(time=TOMORROW))
    assert on_day(runs, tmp_path, DAY) == Spent(Decimal("0.20"), 2, ahead=1)


@given(
    st.lists(st.tuples(st.sampled_from([YESTERDAY, TODAY, TOMORROW]), st.decimals(0, 9, places=4))),
    st.sampled_from([YESTERDAY, TODAY, TOMORROW]),
)
def test_an_earlier_clock_never_sees_less(told: list[tuple[str, Decimal]], clock: str) -> None:
    runs = [PAID.replace(time=time, cost=str(cost)) for time, cost in told]
    nowhere = Path("nowhere")
    assert on_day(runs, nowhere, clock[:10]).known <= on_day(runs, nowhere, YESTERDAY[:10]).known
