"""Owns what the events of a Messages API stream mean: text, model, usage; pure, over whatever JSON came."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sdd.llm.secrets import without

if TYPE_CHECKING:
    from sdd.llm.response import Usage

__all__ = ["without"]

# The stop reasons of SDK 2.11.0 (types/stop_reason.py) that leave an answer short of its end.
SHORT = frozenset({"max_tokens", "model_context_window_exceeded", "pause_turn"})


def within(value: Any, *path: str) -> Any:
    """What stands there in nested objects; None where the shape is another."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text_of(event: Any) -> str:
    """The piece of text that an event brings."""
    piece: object = None
    if within(event, "delta", "type") == "text_delta":
        piece = within(event, "delta", "text")
    elif within(event, "content_block", "type") == "text":
        piece = within(event, "content_block", "text")
    return piece if isinstance(piece, str) else ""


def whole_text(events: Collection[Any]) -> str:
    """All text, as proper Unicode: halves of a character that came in two events are joined."""
    return proper("".join(map(text_of, events)))


def proper(text: str) -> str:
    """The text with half characters (lone surrogates, which JSON can carry) replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def model_of(events: Collection[Any]) -> str | None:
    """The model that answered."""
    return _last_name(events, "message", "model")


def stop_reason_of(events: Collection[Any]) -> str | None:
    """Why the model stopped."""
    return _last_name(events, "delta", "stop_reason")


def is_a(kind: str, event: Any) -> bool:
    """Whether the event is of that type."""
    return bool(within(event, "type") == kind)


def output_tokens_of(event: Any) -> int | None:
    """The count so far, in the event that closes an answer.

    `message_start` has one as well, which is a 1 or so and stays that when the stream is cut: not this one.
    """
    return _count(within(event, "usage", "output_tokens"))


def usage_of(events: Collection[Any]) -> Usage:
    """The tokens of the call; a later, cumulative count stands for an earlier one, None for what did not come."""
    from sdd.llm.response import Usage  # pydantic: 60 ms, which a dry run does without

    return Usage(
        input=_tokens(events, "input_tokens"),
        output=_last_count(events, "usage", "output_tokens"),
        cache_read=_tokens(events, "cache_read_input_tokens"),
        cache_write=_tokens(events, "cache_creation_input_tokens"),
    )


def _tokens(events: Collection[Any], name: str) -> int | None:
    late = _last_count(events, "usage", name)
    return _last_count(events, "message", "usage", name) if late is None else late


def _last_count(events: Collection[Any], *path: str) -> int | None:
    counts = [_count(within(event, *path)) for event in events]
    return next((count for count in reversed(counts) if count is not None), None)


def _last_name(events: Collection[Any], *path: str) -> str | None:
    values = [within(event, *path) for event in events]
    return next((proper(value) for value in reversed(values) if isinstance(value, str)), None)


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
