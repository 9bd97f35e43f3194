"""Owns what a provider is asked, and what it tells while it answers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sdd.values import Value


class Request(Value):
    """One prompt and its bounds.

    `timeout_s` bounds the whole call, waiting and retries included; `silence_s` the time without a byte.
    `prices` is the path of a price table laid over the shipped one (`sdd.llm.prices`).
    """

    prompt: str
    model: str | None = None
    max_output_tokens: int = 32_000  # every model of the price table allows at least 64,000
    conversation: str | None = None
    timeout_s: float = 1800.0
    silence_s: float = 120.0  # the API pings every few seconds while a model thinks
    prices: str | None = None


class Progress(Value):
    """What is new since the last one: `text` is the new piece, the rest counts from the start of the call."""

    text: str
    output_tokens: int | None
    seconds: float
    cost: Decimal | None


Watch = Callable[[Progress], None]


def unwatched(_progress: Progress) -> None:
    """Watch nothing."""
