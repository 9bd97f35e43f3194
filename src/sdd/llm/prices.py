"""Owns what a call costs: a dated table shipped as data, and a user's own laid over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
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


Table = Mapping[str, Price]


def table(path: str | None = None) -> Table:
    """The shipped prices by model, those of the TOML file `path` laid over them.

    Raises:
        SddError: the file cannot be read, or does not have the form of `prices.toml`.
    """
    shipped = _prices(files("sdd.llm").joinpath("prices.toml").read_text("utf-8"))
    return shipped if path is None else {**shipped, **_own(path)}


def cost(model: str | None, usage: Usage | None, prices: Table) -> Decimal | None:
    """What the call cost in USD; None where the model's price or a count is not known."""
    price = _price(model, prices)
    if price is None or usage is None or usage.input is None or usage.output is None:
        return None
    read, written = usage.cache_read or 0, usage.cache_write or 0
    if price.long is not None and usage.input + read + written > price.above:
        price = price.long
    total = usage.input * price.input + usage.output * price.output
    return (total + read * price.cache_read + written * price.cache_write) / 1_000_000


def _price(model: str | None, prices: Table) -> Price | None:
    if model is None:
        return None
    # The API may answer with the dated name of the model that was asked for by its short one.
    return prices.get(model) or prices.get(re.sub(r"-20\d{6}$", "", model))


def _own(path: str) -> Table:
    hint = "write it like prices.toml of sdd.llm: [models.<name>] with input, output, cache_read, cache_write"
    try:
        return _prices(Path(path).read_text("utf-8"))
    except KeyError as error:
        raise SddError(f"{path} lacks {error}", hint=hint) from error
    except (OSError, ValueError, ArithmeticError, TypeError, AttributeError) as error:
        raise SddError(f"{path} is no table of prices: {error}", hint=hint) from error


def _prices(text: str) -> Table:
    models = tomllib.loads(text, parse_float=Decimal)["models"]
    return {name: _entry(entry) for name, entry in models.items()}


def _entry(entry: Mapping[str, Any]) -> Price:
    dearer = entry.get("long")
    return Price(
        input=_amount(entry["input"]),
        output=_amount(entry["output"]),
        cache_read=_amount(entry["cache_read"]),
        cache_write=_amount(entry["cache_write"]),
        above=int(dearer["above"]) if dearer else 0,
        long=_entry(dearer) if dearer else None,
    )


def _amount(value: object) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{value} is no price")
    return amount
