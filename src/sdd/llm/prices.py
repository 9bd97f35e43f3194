"""Owns what a call costs: a dated table shipped as data, and a user's own laid over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdd.errors import SddError
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.llm.response import Usage


class Price(Value):
    """USD per million tokens; `long` holds for a whole request whose prompt has more than `above` tokens."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal
    above: int = 0
    long: Price | None = None

    def of(self, prompt_tokens: int) -> Price:
        """The price of a request with so long a prompt."""
        return self.long if self.long is not None and prompt_tokens > self.above else self


Table = Mapping[str, Price]
"""The prices in force on one day, by model."""


def table(path: str | None = None, on: date | None = None) -> Table:
    """The shipped prices in force on a day of UTC (today, unless told), those of the TOML file `path` laid over them.

    Raises:
        SddError: the file cannot be read, or does not have the form of `prices.toml`.
    """
    day = on or datetime.now(UTC).date()
    shipped = _in_force(_models(_shipped()), day)
    return shipped if path is None else {**shipped, **_in_force(_own(path)[1], day)}


def measured(path: str | None = None) -> date:
    """The day on which the prices were looked up: of the file `path` if it says so (`measured`), else of the shipped ones.

    Raises:
        SddError: as `table`.
    """
    own = None if path is None else _own(path)[0]
    return own or _day(_shipped()["measured"])


def cost(model: str | None, usage: Usage | None, prices: Table) -> Decimal | None:
    """What the call cost in USD; None where the model's price or a count is not known."""
    price = priced(model, prices)
    if price is None or usage is None or usage.input is None or usage.output is None:
        return None
    read, written = usage.cache_read or 0, usage.cache_write or 0
    price = price.of(usage.input + read + written)
    total = usage.input * price.input + usage.output * price.output
    return (total + read * price.cache_read + written * price.cache_write) / 1_000_000


def priced(model: str | None, prices: Table) -> Price | None:
    """The price of a model, if it is known."""
    if model is None:
        return None
    # The API may answer with the dated name of the model that was asked for by its short one.
    return prices.get(model) or prices.get(re.sub(r"-20\d{6}$", "", model))


def _shipped() -> dict[str, Any]:
    return _toml(files("sdd.llm").joinpath("prices.toml").read_text("utf-8"))


def _toml(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


_Dated = tuple[date, Price]


def _own(path: str) -> tuple[date | None, Mapping[str, list[_Dated]]]:
    """The day of a user's own file, if it says one, and its entries by model."""
    hint = "write it like prices.toml of sdd.llm: [[models.<name>]] with input, output, cache_read, cache_write, and from = <day>"
    try:
        content = _toml(Path(path).read_text("utf-8"))
        day = _day(content["measured"]) if "measured" in content else None
        return day, _models(content)
    except KeyError as error:
        raise SddError(f"{path} lacks {error}", hint=hint) from error
    except (OSError, ValueError, ArithmeticError, TypeError, AttributeError) as error:
        raise SddError(f"{path} is no table of prices: {error}", hint=hint) from error


def _models(content: Mapping[str, Any]) -> Mapping[str, list[_Dated]]:
    return {name: list(_entries(name, told)) for name, told in content["models"].items()}


def _entries(name: str, told: Any) -> Iterator[_Dated]:
    """The dated entries of a model, which may be a single table; one without `from` holds since ever."""
    days: set[date] = set()
    for entry in told if isinstance(told, list) else [told]:
        day = _day(entry.get("from", date.min))
        if day in days:
            raise ValueError(f"{name} has two prices from {day}")
        days.add(day)
        yield day, _price(entry)


def _in_force(models: Mapping[str, list[_Dated]], on: date) -> Table:
    """The price of each model that has one on that day: of the entries that have begun, the latest."""
    found: dict[str, Price] = {}
    for name, entries in models.items():
        begun = [entry for entry in entries if entry[0] <= on]
        if begun:
            found[name] = max(begun, key=lambda entry: entry[0])[1]
    return found


def _price(entry: Mapping[str, Any]) -> Price:
    dearer = entry.get("long")
    return Price(
        input=_amount(entry["input"]),
        output=_amount(entry["output"]),
        cache_read=_amount(entry["cache_read"]),
        cache_write=_amount(entry["cache_write"]),
        above=int(dearer["above"]) if dearer else 0,
        long=_price(dearer) if dearer else None,
    )


def _amount(value: object) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{value} is no price")
    return amount


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(f"{value} is no day, like 2026-11-21")  # noqa: TRY004 - told as every other wrong value is
    return value
