"""Owns what the lines of Claude Code's stream-json mean: text, usage, cost, what went wrong; pure, over whatever came.

Verified against Claude Code 2.1.329 and 2.1.197. `subtype` is "success" for every failure of the API, `total_cost_usd` and
`modelUsage` add up over a resumed session, and `result` holds only the last text: none of them is believed alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sdd.llm import prices
from sdd.llm.anthropic_events import is_a, proper, text_of, within, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.llm.response import Usage

SYNTHETIC = "<synthetic>"
"""The model that Claude Code names as the author of its own words about a failure."""
LONGEST_SHOWN = 200
LONGEST_UNREAD = 10_000

_COUNTS = {
    "input": ("inputTokens", "input_tokens"),
    "output": ("outputTokens", "output_tokens"),
    "cache_read": ("cacheReadInputTokens", "cache_read_input_tokens"),
    "cache_write": ("cacheCreationInputTokens", "cache_creation_input_tokens"),
}
"""Our counts by the keys of `model_usage_since_last_result` and of `usage`."""


@dataclass
class Reading:
    """One run of Claude Code, as far as it came.

    `events` are its lines but for the pieces of text, `unread` those that are no JSON object. `pieces` are of a text that
    is not whole yet, `dropped` texts that broke off and that it asked for anew by itself.
    """

    secrets: tuple[str, ...] = ()
    events: list[Any] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    answering: bool = False
    """Whether the model began to answer: from here on it is paid for."""
    _told: bool = False

    def take(self, line: bytes) -> str:
        """Take a line; the new text that it brings."""
        try:
            event = without(self.secrets, _object(line))
        except (ValueError, RecursionError):
            words = line.decode("utf-8", "replace")[:LONGEST_UNREAD]
            self.unread.append(str(without(self.secrets, proper(words))))
            return ""
        if is_a("stream_event", event):
            return self._piece(event)
        self.events.append(event)
        return self._whole(event) if _is_of_model(event) else ""

    @property
    def result(self) -> Any:
        """The last line of type "result": there may be none, and several where work went on behind."""
        return next((event for event in reversed(self.events) if is_a("result", event)), None)

    @property
    def init(self) -> Any:
        """The line by which it begins."""
        return next((event for event in self.events if within(event, "subtype") == "init"), None)

    @property
    def conversation(self) -> str | None:
        """The id of the conversation, which stands on each line."""
        found = (within(event, "session_id") for event in self.events)
        return next((one for one in found if isinstance(one, str)), None)

    def text(self) -> str:
        """All text of a run that did not end well: what is whole, and what has come of the next."""
        return proper("\n\n".join(filter(None, [*self.texts, "".join(self.pieces)])))

    def answer(self) -> str:
        """The text of a run that ended well: its result, which may be empty though earlier there was text."""
        told = within(self.result, "result")
        return proper(told) if isinstance(told, str) and told.strip() else self.text()

    def _piece(self, event: Any) -> str:
        inner = within(event, "event")
        if within(event, "parent_tool_use_id") is not None:  # another agent's, which ours has asked
            return ""
        if is_a("message_start", inner):
            self.answering = True
            self.dropped += filter(None, ["".join(self.pieces)])
            self.pieces = []
        text = proper(text_of(inner))
        self.pieces += [text] if text else []
        return self._apart(text, first=len(self.pieces) == 1)

    def _whole(self, event: Any) -> str:
        self.answering = True
        content = within(event, "message", "content")
        texts = [text_of({"content_block": block}) for block in content] if isinstance(content, list) else []
        text = proper("".join(texts))
        if not text:
            return ""
        told = bool(self.pieces)
        self.texts.append(text)
        self.pieces = []
        return "" if told else self._apart(text, first=True)

    def _apart(self, text: str, *, first: bool) -> str:
        """A piece, with an empty line before it where a text begins that is not the first."""
        before, self._told = self._told, self._told or bool(text)
        return f"\n\n{text}" if text and first and before else text


def raw_of(reading: Reading) -> Any:
    """What is kept of a run beside its text."""
    return {"events": reading.events, "unread": reading.unread, "dropped": reading.dropped}


def usage_of(reading: Reading) -> Usage | None:
    """The tokens of this run; None where no result told them.

    Events of type "assistant" are not asked: their `usage` is that of the message's start, and repeats per block. The share by models is whole; `usage` lacks the last call where a budget stopped it (2.1.329).
    """
    shares = [usage for _, usage, _ in _shares(reading)]
    if shares:
        from sdd.llm.response import Usage

        return Usage(**{name: _sum(getattr(one, name) for one in shares) for name in _COUNTS})
    usage = within(reading.result, "usage")
    return _usage(usage, 1) if isinstance(usage, dict) and reading.answering else None


def cost_of(reading: Reading, table: prices.Table) -> Decimal | None:
    """What this run cost in USD; None where it is not known. What its own table prices by guess, ours has to know."""
    shares = list(_shares(reading))
    if not shares:
        return prices.cost(model_of(reading), usage_of(reading), table) if reading.answering else None
    costs = [_cost(model, usage, share, table) for model, usage, share in shares]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def model_of(reading: Reading) -> str | None:
    """The model that answered last."""
    models = (within(event, "message", "model") for event in reversed(reading.events) if _is_of_model(event))
    return next((proper(model) for model in models if isinstance(model, str)), None)


def agent_of(reading: Reading) -> str | None:
    """The program and its version, as it says itself."""
    version = within(reading.init, "claude_code_version")
    return f"claude {proper(version)}" if isinstance(version, str) else None


def turns_of(reading: Reading) -> int | None:
    """How often the model was called."""
    turns = within(reading.result, "num_turns")
    return turns if type(turns) is int else None


def denied_of(reading: Reading) -> tuple[str, ...]:
    """What it wanted to do and was not allowed to, a line each."""
    denials = within(reading.result, "permission_denials")
    return tuple(_denied(one) for one in denials) if isinstance(denials, list) else ()


def complaints(reading: Reading, stderr: str) -> list[str]:
    """What it says about its failure, in the order in which it is likely to be the reason."""
    errors = within(reading.result, "errors")
    told = [one for one in errors if isinstance(one, str)] if isinstance(errors, list) else []
    result = within(reading.result, "result")
    words = [
        *told,
        *([result] if isinstance(result, str) else []),
        *stderr.splitlines()[-3:],
        *reading.unread[-1:],
    ]
    return [str(without(reading.secrets, word)) for word in words if word.strip()]


def _object(line: bytes) -> Any:
    event = json.loads(line.decode("utf-8", "replace"), parse_float=_finite, parse_constant=_no_number)
    if not isinstance(event, dict):
        raise ValueError("a line of stream-json is an object")  # noqa: TRY004 - it is wrong text, not a wrong type of ours
    return event


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number that JSON can hold")


def _is_of_model(event: Any) -> bool:
    """Whether a line is the model's own, and neither Claude Code's nor that of an agent below."""
    return (
        is_a("assistant", event)
        and within(event, "parent_tool_use_id") is None
        and within(event, "message", "model") != SYNTHETIC
    )


def _shares(reading: Reading) -> Iterator[tuple[str, Usage, Mapping[str, Any]]]:
    """This run's share of each model: each result tells what came since the one before it."""
    for event in reading.events:
        share = within(event, "model_usage_since_last_result") if is_a("result", event) else None
        for model, told in share.items() if isinstance(share, dict) else ():
            if isinstance(told, dict):
                yield model, _usage(told, 0), told


def _usage(told: Mapping[str, Any], column: int) -> Usage:
    from sdd.llm.response import Usage  # pydantic: 60 ms, which a dry run does without

    counts = {name: told.get(keys[column]) for name, keys in _COUNTS.items()}
    return Usage(**{name: count for name, count in counts.items() if type(count) is int and count >= 0})


def _cost(model: str, usage: Usage, share: Mapping[str, Any], table: prices.Table) -> Decimal | None:
    told = share.get("costUSD")
    if share.get("costBasis") == "unknown" or not isinstance(told, int | float) or told < 0:
        return prices.cost(model, usage, table)
    return Decimal(str(told))


def _sum(counts: Iterator[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _denied(one: Any) -> str:
    given = within(one, "tool_input")
    words = (
        [given.get(key) for key in ("file_path", "notebook_path", "command")]
        if isinstance(given, dict)
        else []
    )
    what = next((word for word in words if isinstance(word, str)), "" if given is None else json.dumps(given))
    line = " ".join(f"{within(one, 'tool_name')}: {what}".split())
    return "".join(sign for sign in proper(line) if sign.isprintable())[:LONGEST_SHOWN]
