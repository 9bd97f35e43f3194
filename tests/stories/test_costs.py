"""Bounds in money and tables of prices through the whole command."""

from __future__ import annotations

import json
import re

import pytest

from fake_messages_api import MessagesApi, Reply
from gitbox import GitBox
from sdd.llm import prices
from workshop import BOTH, begin, runs


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box)
    return box


def key(api: MessagesApi) -> dict[str, str]:
    return {
        "SDD_PROVIDER": "anthropic",
        "ANTHROPIC_BASE_URL": api.url,
        "ANTHROPIC_API_KEY": "sk-ant-dummy-0123456789abcdef",
    }


def test_a_command_may_be_given_a_bound_and_what_is_refused_costs_nothing(project: GitBox) -> None:
    with MessagesApi([Reply(BOTH)]) as api:
        told = project.sdd("next", "--max-cost", "0.0001", env=key(api), check=5)
        assert "nothing was sent, for the bound of $0.0001 for this `sdd next` would be passed" in told.err
        assert "→ raise --max-cost\n  → sdd next 01-a --max-cost USD" in told.err
        assert (api.requests, runs(project)) == ([], ())
        assert ", at least $0.00" in project.sdd("next", "--dry-run", env=key(api)).out
        project.sdd("next", "--max-cost", "$0.50", env=key(api))
    assert [run.cost for run in runs(project)] == ["0.0007"]
    total = json.loads(project.sdd("log", "--by", "day", "--json").out)["total"]
    assert (total["cost"], total["runs_with_time"]) == ("0.0007", 1)
    assert re.search(r"1 run, 100 tokens in, 50 out, \d+ s, \$0\.0007\n", project.sdd("status").out)


@pytest.mark.parametrize("amount", ["much", "-1", "NaN", "inf", ""])
def test_what_is_no_amount_is_told(project: GitBox, amount: str) -> None:
    told = project.sdd("next", "--max-cost", amount, check=2)
    assert f"{amount} is no amount in USD, like 0.50" in told.err


def test_the_doctor_says_how_old_the_prices_are_and_whether_ones_own_can_be_read(project: GitBox) -> None:
    def told() -> str:
        return project.sdd("doctor", env={"SDD_PROVIDER": "manual"}, check=None).out

    assert f"prices: looked up on {prices.measured()}, " in told()
    project.write("sdd.toml", 'prices = "mine.toml"\n')
    assert "fail  prices: " in told()
    project.write("mine.toml", "[models]\n")
    assert "prices: those of mine.toml laid over sdd's own, looked up on" in told()
