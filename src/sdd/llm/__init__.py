"""Owns talking to language models: `ask` for text, `prompt` for the whole response; useful without sdd's sessions.

Importing it costs nothing: a provider and its libraries are loaded by the first call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Progress, Request, Watch, unwatched

if TYPE_CHECKING:
    from sdd.llm.response import Response, Usage, from_json, to_json

__all__ = [
    "CutError",
    "ProblemError",
    "Progress",
    "Request",
    "Response",
    "Usage",
    "Watch",
    "ask",
    "from_json",
    "prompt",
    "to_json",
]


def ask(prompt: str, *, provider: str = "anthropic", model: str | None = None) -> str:
    """The text of the answer.

    Raises:
        ProblemError: there is no answer, or only a part of one (CutError, which carries that part).
        SddError: there is no such provider.
    """
    response = _respond(provider, Request(prompt, model=model), unwatched)
    if response.partial:
        problem = ProblemError(
            "length",
            f"the answer was cut: {response.stop_reason}",
            hint="call sdd.llm.prompt with a greater max_output_tokens",
        )
        raise CutError(problem, response)
    return response.text


def prompt(  # noqa: PLR0913 - each is a choice of its own, and all but the first have a default
    prompt: str,
    *,
    provider: str = "anthropic",
    model: str | None = None,
    conversation: str | None = None,
    watch: Watch = unwatched,
    max_output_tokens: int = Request.max_output_tokens,
    timeout_s: float = Request.timeout_s,
    silence_s: float = Request.silence_s,
) -> Response:
    """The whole response; `partial` says that the model stopped at a limit before it was done.

    Raises:
        ProblemError: there is no answer; CutError, where a part of it came, which it carries.
        SddError: there is no such provider.
    """
    request = Request(prompt, model, max_output_tokens, conversation, timeout_s, silence_s)
    return _respond(provider, request, watch)


def _respond(provider: str, request: Request, watch: Watch) -> Response:
    from sdd.llm.providers import load

    return load(provider).respond(request, watch)


def __getattr__(name: str) -> object:
    if name in {"Response", "Usage", "from_json", "to_json"}:
        return getattr(import_module("sdd.llm.response"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
