"""Owns talking to language models: `ask` for text, `prompt` for the whole response, `stream` for text as it comes; useful without sdd's sessions.

Importing it costs nothing: a provider and its libraries are loaded by the first call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Progress, Request, Watch, unwatched

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from sdd.llm.conversations import Conversation, Conversations
    from sdd.llm.response import Response, Usage, from_json, to_json
    from sdd.llm.streaming import Stream

    class Bounds(TypedDict, total=False):
        """What a call may take; see `Request`."""

        max_output_tokens: int
        timeout_s: float
        silence_s: float
        budget: int | None
        stable: int
        prices: str | None


__all__ = [
    "Conversation",
    "Conversations",
    "CutError",
    "ProblemError",
    "Progress",
    "Request",
    "Response",
    "Stream",
    "Usage",
    "Watch",
    "ask",
    "from_json",
    "prompt",
    "stream",
    "to_json",
]

_LATER = {
    "Conversation": "sdd.llm.conversations",
    "Conversations": "sdd.llm.conversations",
    "Response": "sdd.llm.response",
    "Stream": "sdd.llm.streaming",
    "Usage": "sdd.llm.response",
    "from_json": "sdd.llm.response",
    "to_json": "sdd.llm.response",
}


def ask(
    prompt: str,
    *,
    provider: str = "anthropic",
    model: str | None = None,
    conversation: str | Conversation | None = None,
    store: Conversations | None = None,
    **bounds: Unpack[Bounds],
) -> str:
    """The text of the answer; see `prompt`.

    Raises:
        ProblemError: there is no answer, or only a part of one (CutError, which carries that part).
        SddError: there is no such provider.
    """
    request = Request(prompt, model, **bounds)
    response = _respond(request, provider, conversation, store, unwatched)
    if response.partial:
        problem = ProblemError(
            "length",
            f"the answer was cut: {response.stop_reason}",
            hint="ask for more with a greater max_output_tokens",
        )
        raise CutError(problem, response)
    return response.text


def prompt(
    prompt: str,
    *,
    provider: str = "anthropic",
    model: str | None = None,
    conversation: str | Conversation | None = None,
    store: Conversations | None = None,
    watch: Watch = unwatched,
    **bounds: Unpack[Bounds],
) -> Response:
    """The whole response; `partial` says that the model stopped at a limit before it was done.

    With a `store` the turn is remembered, and `conversation` names the one that it goes on with: a response's `conversation`,
    or a name of your own, which is begun where there is none. Then the model remembers, whatever the provider: it is given its
    own conversation, or the earlier turns, or they are retold to it. Without a store `conversation` is handed to the provider,
    which may keep conversations or not. `bounds` are fields of `Request`, and mean what they mean there.

    Raises:
        ProblemError: there is no answer; CutError, where a part of it came, which it carries.
        SddError: there is no such provider.
        WaitingError: another process is at this conversation.
    """
    return _respond(Request(prompt, model, **bounds), provider, conversation, store, watch)


def stream(
    prompt: str,
    *,
    provider: str = "anthropic",
    model: str | None = None,
    conversation: str | Conversation | None = None,
    store: Conversations | None = None,
    **bounds: Unpack[Bounds],
) -> Stream:
    """The pieces of the answer's text as they come, to be read once; `response` of what this gives is the whole. See `prompt`.

    Raises:
        SddError: there is no such provider. What else `prompt` raises comes where the text ends.
    """
    from sdd.llm.providers import load
    from sdd.llm.streaming import Stream

    load(provider)
    request = Request(prompt, model, **bounds)
    return Stream(lambda watch: _respond(request, provider, conversation, store, watch))


def _respond(
    request: Request,
    provider: str,
    conversation: str | Conversation | None,
    store: Conversations | None,
    watch: Watch,
) -> Response:
    from sdd.llm.providers import load

    answering = load(provider)
    if store is not None:
        from sdd.llm.continuity import remembered

        return remembered(store, conversation, answering, request, watch)
    name = conversation if isinstance(conversation, str | None) else conversation.remote or conversation.id
    return answering.respond(request.replace(conversation=name), watch)


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
