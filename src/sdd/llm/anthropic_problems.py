"""Owns what the Messages API's failures mean: each exception of its SDK as a problem with a next step.

Verified against anthropic 2.11.0. No text of a server goes into a message before the request's secrets are
struck out of it: an error page may echo the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz
from time import time
from typing import TYPE_CHECKING

from sdd.llm.anthropic_events import within, without
from sdd.llm.problems import Kind, ProblemError

if TYPE_CHECKING:
    import anthropic

    from sdd.llm.request import Request

# Half the price of the opus of the same day, with the same context and output: sessions are many and small.
DEFAULT_MODEL = "claude-sonnet-5-5"

_KEY = "export ANTHROPIC_API_KEY=<a key from https://platform.claude.com/settings/keys>"
_PROXY = "check ANTHROPIC_BASE_URL and the proxy between, then run again"
_TELLING = re.compile(r"auth|key|token|secret|cookie", re.IGNORECASE)
_SHORTEST_SECRET = 8  # shorter ones would strike words out of an answer
_LONGEST_QUOTE = 300

# What is said, and what to do next. A stall is not transient: the silent try may still be paid for.
_WORDS: dict[Kind, tuple[str, str]] = {
    "missing_package": ("the package anthropic is not installed", "pip install 'sdd[anthropic]'"),
    "no_key": (
        "there is no key for the Anthropic API",
        f"{_KEY}, or go on without one: sdd next --provider manual",
    ),
    "bad_key": ("the key for the Anthropic API holds a blank, a line end or a foreign letter", _KEY),
    "authentication": ("the API does not know the key", _KEY),
    "billing": ("the account cannot pay", "add credit at https://platform.claude.com/settings/billing"),
    "permission": (
        "the key may not do this",
        "use a key whose workspace may use the model, or another model",
    ),
    "unknown_model": ("the API knows no model {fact}", f"choose another model, such as {DEFAULT_MODEL}"),
    "too_long": (
        "the prompt is too long for {fact}",
        "shorten the prompt, or choose a model that takes more",
    ),
    "rejected": ("the API rejects the request", "change what the API names; check ANTHROPIC_BASE_URL"),
    "refused": ("the model refused to answer", "change the prompt, or choose another model"),
    "no_conversation": (
        "the API keeps no conversation {fact}",
        "send the whole context without a conversation",
    ),
    "rate_limited": ("the API's rate limit is reached", "run again later"),
    "overloaded": ("the API is overloaded", "run again later"),
    "unavailable": ("the API failed", "run again; https://status.claude.com tells of outages"),
    "unreachable": (
        "the API cannot be reached at {fact}",
        "check the network, HTTPS_PROXY and ANTHROPIC_BASE_URL",
    ),
    "cut": ("the connection was cut before the answer ended", "run again"),
    "stalled": ("the API said nothing for {fact} s", "run again, or allow a longer silence (silence_s)"),
    "timed_out": ("the answer took longer than {fact} s", "run again with a longer limit (timeout_s)"),
    "interrupted": ("the answer was interrupted", "run again"),
    "garbage": ("the server sent {fact} instead of the API's events", _PROXY),
    "empty": ("the server sent no event at all", _PROXY),
}
_TRANSIENT = frozenset({"rate_limited", "overloaded", "unavailable", "unreachable", "cut"})
_BY_TYPE: dict[str, Kind] = {
    "authentication_error": "authentication",
    "billing_error": "billing",
    "permission_error": "permission",
    "rate_limit_error": "rate_limited",
    "overloaded_error": "overloaded",
    "api_error": "unavailable",
    "timeout_error": "unavailable",
}
_BY_STATUS: dict[int, Kind] = {
    401: "authentication",
    402: "billing",
    403: "permission",
    408: "unavailable",
    409: "unavailable",
    413: "too_long",
    429: "rate_limited",
    529: "overloaded",
}


def named(kind: Kind, fact: object = "") -> ProblemError:
    """The problem of that kind, in words, about that fact (a number, a model, a host)."""
    said, hint = _WORDS[kind]
    return ProblemError(kind, said.format(fact=fact), hint=hint, transient=kind in _TRANSIENT)


def problem_of(error: Exception, request: Request) -> ProblemError | None:
    """The problem behind an exception of the SDK or of its HTTP library; None if it is no failure of theirs."""
    import anthropic
    import httpx2

    if isinstance(error, ProblemError):
        return error
    if isinstance(error, anthropic.APIStatusError):
        sent = secrets_of(error.request.headers)
        return reported(error.body, error.status_code, error.response.headers, sent, str(request.model))
    if isinstance(error, httpx2.ReadTimeout) or isinstance(error.__cause__, httpx2.ReadTimeout):
        return named("stalled", f"{request.silence_s:g}")
    if isinstance(error, anthropic.APIConnectionError):
        return _unreachable(error)
    others: dict[type[Exception], Kind] = {
        httpx2.DecodingError: "garbage",
        httpx2.HTTPError: "cut",
        anthropic.CredentialsError: "no_key",
    }
    if isinstance(error, TypeError) and "authentication method" in str(error):  # the SDK's own way to say so
        return named("no_key")
    kinds = (kind for known, kind in others.items() if isinstance(error, known))
    return next((named(kind, "a broken compression") for kind in kinds), None)


def reported(
    body: object, status: int, headers: Mapping[str, str], secrets: list[str], model: str
) -> ProblemError:
    """The problem that the API itself names, in a response's body or in an error event (status 200)."""
    told = _quoted(within(body, "error", "message"), secrets)
    problem = named(_kind(within(body, "error", "type"), status, told), model)
    wait = retry_after(headers)
    message = f"{problem.message} (status {status}{': ' if told else ''}{told})"
    asked = {"true": True, "false": False}.get(headers.get("x-should-retry", ""), problem.transient)
    if not asked or wait is None:
        return ProblemError(problem.kind, message, hint=problem.hint, transient=asked)
    return ProblemError(
        problem.kind,
        f"{message}; it asks to wait {wait:g} s",
        hint=f"wait {wait:g} s, then run again",
        transient=True,
        retry_after_s=wait,
    )


def _quoted(told: object, secrets: list[str]) -> str:
    """A server's words, fit for one line of a terminal."""
    words = without(secrets, " ".join(told.split())) if isinstance(told, str) else ""
    return "".join(sign for sign in words if sign.isprintable())[:_LONGEST_QUOTE]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, read as the SDK does: `retry-after-ms`, else `retry-after` in seconds or as a date."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return max(0.0, float(headers[name]) / unit)
        except (KeyError, ValueError):
            continue
    date = parsedate_tz(headers.get("retry-after", ""))
    try:
        return None if date is None else max(0.0, mktime_tz(date) - time())
    except (ValueError, OverflowError):
        return None  # a month 13, a year 100000


def secrets_of(headers: Mapping[str, str]) -> list[str]:
    """What in a request's headers nobody else may read, with and without its scheme (`Bearer`)."""
    telling = [value for name, value in headers.items() if _TELLING.search(name)]
    words = [word for value in telling for word in (value, *value.split())]
    return [word for word in words if len(word) >= _SHORTEST_SECRET]


def _kind(error_type: object, status: int, told: str) -> Kind:
    if status in {200, 400, 413} and re.search(r"too long|context (window|limit)", told):
        return "too_long"
    if error_type == "not_found_error" and "model" in told:  # else it is another server's page
        return "unknown_model"
    fallback: Kind = "unavailable" if status // 100 == 5 else "rejected"  # noqa: PLR2004 - a class of HTTP
    return _BY_TYPE.get(str(error_type)) or _BY_STATUS.get(status) or fallback


def _unreachable(error: anthropic.APIConnectionError) -> ProblemError:
    import httpx2

    url, cause = error.request.url, error.__cause__
    # Only what the system says is quoted: another cause may quote the request, with its key.
    why = str(cause) if isinstance(cause, httpx2.ConnectError) else type(cause).__name__
    problem = named("unreachable", f"{url.scheme}://{url.netloc.decode('ascii', 'replace')} ({why})")
    problem.transient = not isinstance(cause, httpx2.UnsupportedProtocol)
    return problem
