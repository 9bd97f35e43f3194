"""What a call costs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.llm.anthropic_problems import DEFAULT_MODEL
from sdd.llm.prices import cost, measured, priced, table
from sdd.llm.response import Usage

MILLION = 1_000_000
SHIPPED = table()
tokens = st.integers(min_value=0, max_value=10**9)


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        ("claude-opus-5-5", Usage(input=MILLION, output=0), "4"),
        ("claude-opus-5-5", Usage(input=0, output=MILLION), "20"),
        ("claude-opus-5-5", Usage(input=0, output=0, cache_read=MILLION), "0.20"),
        ("claude-opus-5-5", Usage(input=0, output=0, cache_write=MILLION), "5"),
        ("claude-haiku-4-5-20251001", Usage(input=MILLION, output=0), "1"),  # the dated name
        ("claude-haiku-5-5", Usage(input=100_000, output=MILLION), "0.51"),
        ("claude-haiku-5-5", Usage(input=100_001, output=0), "0.0500005"),  # the long prompt's tier
        (
            "claude-haiku-5-5",
            Usage(input=1, output=0, cache_read=100_000),
            "0.0050005",
        ),  # the cached part counts
        ("claude-opus-5-5", Usage(input=0, output=0), "0"),
    ],
)
def test_a_call_costs_what_the_table_says(model: str, usage: Usage, usd: str) -> None:
    assert cost(model, usage, SHIPPED) == Decimal(usd)


@pytest.mark.parametrize(
    ("model", "usage"),
    [
        ("claude-next-9", Usage(input=1, output=1)),
        (None, Usage(input=1, output=1)),
        ("claude-opus-5-5", None),
        ("claude-opus-5-5", Usage(input=1)),
        ("claude-opus-5-5", Usage(output=1)),
    ],
)
def test_what_is_not_known_is_not_free(model: str | None, usage: Usage | None) -> None:
    assert cost(model, usage, SHIPPED) is None


def test_the_default_model_has_a_price() -> None:
    assert DEFAULT_MODEL in SHIPPED


@given(st.sampled_from(sorted(SHIPPED)), tokens, tokens, tokens)
def test_more_tokens_never_cost_less(model: str, prompt: int, output: int, more: int) -> None:
    small = cost(model, Usage(input=prompt, output=output), SHIPPED)
    large = cost(model, Usage(input=prompt + more, output=output + more), SHIPPED)
    assert small is not None
    assert large is not None
    assert small <= large


def test_own_prices_are_laid_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[models.claude-opus-5-5]\ninput = 1\noutput = 2.5\ncache_read = 0\ncache_write = 0\n")
    prices = table(str(own))
    assert cost("claude-opus-5-5", Usage(input=MILLION, output=MILLION), prices) == Decimal("3.5")
    assert prices["claude-opus-5"] == SHIPPED["claude-opus-5"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "models = 1",
        "models.x = 1",
        "[models.x]\ninput = 1",
        "[models.x]\ninput = -1\noutput = 1\ncache_read = 1\ncache_write = 1",
        "[models.x]\ninput = inf\noutput = 1\ncache_read = 1\ncache_write = 1",
        "[models.x]\ninput = 'much'\noutput = 1\ncache_read = 1\ncache_write = 1",
        "[models.x]\ninput = 1\noutput = 1\ncache_read = 1\ncache_write = 1\nlong = 5",
        "[models",
        "\xff",
        "measured = 'today'\n[models]",
        "[models.x]\nfrom = 2026-11-21T10:00:00Z\ninput = 1\noutput = 1\ncache_read = 1\ncache_write = 1",
        "[[models.x]]\ninput = 1\noutput = 1\ncache_read = 1\ncache_write = 1\n" * 2,
    ],
)
def test_a_wrong_table_is_told_with_its_file(text: str, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(text.encode("latin-1"))
    with pytest.raises(SddError) as caught:
        table(str(own))
    assert str(own) in caught.value.message
    assert "[[models.<name>]]" in caught.value.hint


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SddError, match="is no table of prices"):
        table(str(tmp_path / "none.toml"))


DATED = """\
measured = 2027-02-03
[[models.m]]
from = 2027-02-01
input = 2
output = 2
cache_read = 2
cache_write = 2

[[models.m]]
from = 2027-01-01
input = 1
output = 1
cache_read = 1
cache_write = 1
"""


@pytest.mark.parametrize(
    ("day", "usd"),
    [
        (date(2026, 12, 31), None),
        (date(2027, 1, 1), "1"),
        (date(2027, 1, 31), "1"),
        (date(2027, 2, 1), "2"),
        (date(2030, 1, 1), "2"),
    ],
)
def test_the_price_in_force_on_the_day_of_the_call_counts(day: date, usd: str | None, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(DATED)
    expected = None if usd is None else Decimal(usd)
    assert cost("m", Usage(input=MILLION, output=0), table(str(own), day)) == expected


def test_before_its_first_entry_a_model_has_no_known_price() -> None:
    assert table(on=measured() - timedelta(1)) == {}


def test_own_prices_that_are_not_in_force_yet_leave_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(DATED.replace("models.m", "models.claude-opus-5-5"))
    assert priced("claude-opus-5-5", table(str(own), date(2026, 11, 30))) == SHIPPED["claude-opus-5-5"]


def test_a_table_says_when_it_was_measured(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(DATED)
    assert measured(str(own)) == date(2027, 2, 3)
    own.write_text(DATED.partition("\n")[2])
    assert measured(str(own)) == measured() == date(2026, 11, 21)
