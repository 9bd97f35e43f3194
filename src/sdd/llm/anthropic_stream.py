"""Owns one try at a streamed answer: its events as they come, told to a watcher, and the Response they make."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sdd.llm import anthropic_events as meaning
from sdd.llm import prices
from sdd.llm.anthropic_problems import named, reported, secrets_of
from sdd.llm.anthropic_request import messages_of
from sdd.llm.problems import ProblemError
from sdd.llm.request import Progress, Request, Watch

if TYPE_CHECKING:
    import anthropic
    import httpx2

    from sdd.llm.response import Response

CONNECT_S = 10.0


@dataclass(frozen=True)
class Call:
    """What holds for all tries of one call; `began` is a reading of the monotonic clock."""

    request: Request
    watch: Watch
    prices: prices.Table
    started: datetime
    began: float
    notes: tuple[str, ...] = ()

    def seconds(self) -> float:
        """How long the call lasts."""
        return time.monotonic() - self.began

    def left(self) -> float:
        """How long it may still last, in seconds."""
        return self.request.timeout_s - self.seconds()


@dataclass
class Reading:
    """One try, as far as it came."""

    events: list[Any] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    request_id: str | None = None
    first_text_seconds: float | None = None

    @property
    def begun(self) -> bool:
        """Whether the model began to answer: from here on the try is paid for."""
        return any(meaning.is_a("message_start", event) for event in self.events)


def read(client: anthropic.Anthropic, call: Call, reading: Reading) -> None:
    """Send the request and fill the reading; what came stays in it when an exception ends this."""
    import httpx2

    request = call.request
    silence = max(0.001, min(request.silence_s, call.left()))
    with client.messages.with_streaming_response.create(
        model=str(request.model),
        max_tokens=request.max_output_tokens,
        messages=messages_of(request),
        stream=True,
        timeout=httpx2.Timeout(silence, connect=min(silence, CONNECT_S)),
    ) as http:
        reading.request_id = http.request_id
        reading.secrets = secrets_of(http.http_request.headers)
        for event in _events(call, http.http_response, reading.secrets):
            reading.events.append(event)
            _tell(call, reading)


def shortcoming(reading: Reading) -> ProblemError | None:
    """What is wrong with a stream that ended without an exception."""
    if not reading.events:
        return named("empty")
    if not meaning.is_a("message_stop", reading.events[-1]):
        return named("cut")
    return named("refused") if meaning.stop_reason_of(reading.events) == "refusal" else None


def response_of(call: Call, reading: Reading, *, cut: bool = False) -> Response:
    """All that came, as a Response; `cut` where the model did not come to stop."""
    seconds = call.seconds()
    from sdd.llm.response import Response  # pydantic: 60 ms, which a dry run does without

    stop_reason = meaning.stop_reason_of(reading.events)
    return Response(
        text=meaning.without(reading.secrets, meaning.whole_text(reading.events)),
        provider="anthropic",
        model_asked=call.request.model,
        model_answered=meaning.model_of(reading.events),
        conversation=None,
        usage=meaning.usage_of(reading.events),
        cost=_cost(call, reading),
        stop_reason=stop_reason,
        partial=cut or stop_reason in meaning.SHORT,
        started=call.started,
        seconds=seconds,
        first_text_seconds=reading.first_text_seconds,
        raw={"request_id": reading.request_id, "events": reading.events},
        notes=call.notes,
    )


def _events(call: Call, response: httpx2.Response, secrets: list[str]) -> Iterator[Any]:
    """Each event's JSON as it comes, without secrets, to the answer's end."""
    import httpx2
    from anthropic import Stream

    form = response.headers.get("content-type", "")
    if not form.startswith("text/event-stream"):
        raise named("garbage", meaning.without(secrets, form) or "a body without a type")
    try:
        for sse in Stream.raw_events(httpx2.Response(200, content=_in_time(call, response))):
            if not sse.data:
                continue
            event = meaning.without(secrets, json.loads(sse.data))
            json.dumps(event, allow_nan=False)  # what could not be kept is no JSON, though Python reads it
            yield event
            if meaning.is_a("error", event):
                raise reported(event, 200, response.headers, secrets, str(call.request.model))
            if meaning.is_a("message_stop", event):
                return
    except (ValueError, RecursionError):
        raise named("garbage", "an event that is no JSON") from None


def _in_time(call: Call, response: httpx2.Response) -> Iterator[bytes]:
    # Looked at with each chunk; between chunks only silence_s counts, by which the limit may so be passed.
    for chunk in response.iter_bytes():
        if call.left() <= 0:
            raise named("timed_out", f"{call.request.timeout_s:g}")
        yield chunk


def _tell(call: Call, reading: Reading) -> None:
    event = reading.events[-1]
    text, tokens = (meaning.proper(meaning.text_of(event)), meaning.output_tokens_of(event))
    seconds = call.seconds()
    if text and reading.first_text_seconds is None:
        reading.first_text_seconds = seconds
    if text or tokens is not None:
        call.watch(Progress(text, tokens, seconds, _cost(call, reading)))


def _cost(call: Call, reading: Reading) -> Decimal | None:
    """None before the count of output tokens came."""
    model = meaning.model_of(reading.events) or call.request.model
    return prices.cost(model, meaning.usage_of(reading.events), call.prices)
