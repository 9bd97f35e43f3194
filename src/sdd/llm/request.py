"""Owns what a provider is asked, and what it tells while it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sdd.values import Value


class Exchange(Value):
    """One earlier turn of a conversation: what was asked, and what came back."""

    prompt: str
    answer: str


class Workplace(Value):
    """Where an agent works and what it may do there.

    `folder` is its working directory; `writes` are globs of what it may write, none for nothing; `commands`
    are those that it may run, as they stand or with more words; `settings` is JSON that brings
    the doors of the caller into the agent's own run (Claude Code: `--settings`). `environ` is what a child may see: a
    provider takes from it what its preset allows, and nothing else.
    """

    folder: str
    writes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    settings: str = ""
    environ: Mapping[str, str] | None = None


class Request(Value):
    """One prompt and its bounds.

    `conversation` is the id of a conversation to go on with: a provider that keeps its own (CONTINUES = "id") resumes it, one
    that keeps none (CONTINUES = "history") is sent `history`, the turns so far, before the prompt. `new_conversation` is the id
    that a new one shall have, where a provider lets one choose. `stable` counts the characters at the prompt's start that later
    prompts will repeat, so that a provider may cache them; with `history` those of the first prompt in it.

    `timeout_s` bounds the whole call, waiting and retries included; `silence_s` the time without a byte. `prices` is the path of
    a price table laid over the shipped one (`sdd.llm.prices`). `budget` is in tokens, for a provider that can count them
    before it sends; `max_cost` is what the call may cost in USD, for a provider that can stop itself (Claude Code:
    `--max-budget-usd`). `transcript` is the path of a file to which each line of the provider's stream is appended as it comes.
    `counted` is what a provider that counts whole conversations had counted of this one at the end of its last turn
    (`sdd.llm.command_output.counted_in`, of that response's `raw`).
    """

    prompt: str
    model: str | None = None
    max_output_tokens: int = 32_000  # every model of the price table allows at least 64,000
    conversation: str | None = None
    timeout_s: float = 1800.0
    silence_s: float = 120.0  # the API pings every few seconds while a model thinks
    prices: str | None = None
    history: tuple[Exchange, ...] = ()
    new_conversation: str | None = None
    stable: int = 0
    budget: int | None = None
    workplace: Workplace | None = None
    transcript: str | None = None
    max_cost: Decimal | None = None
    counted: Mapping[str, int] | None = None


class Progress(Value):
    """What is new since the last one: `text` is the new piece, the rest counts from the start of the call."""

    text: str
    output_tokens: int | None
    seconds: float
    cost: Decimal | None


Watch = Callable[[Progress], None]


def unwatched(_progress: Progress) -> None:
    """Watch nothing."""
