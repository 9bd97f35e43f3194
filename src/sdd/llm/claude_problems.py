"""Owns what the failures of Claude Code mean: each as a problem with a next step.

Verified against 2.1.329, which tells a failure by `is_error` and its exit code, by `api_error_status` where the API named
one, and else in words alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.llm.anthropic_events import proper, within
from sdd.llm.claude_stream import complaints
from sdd.llm.problems import Kind, ProblemError

if TYPE_CHECKING:
    from sdd.llm.agent_process import Ended
    from sdd.llm.claude_stream import Reading
    from sdd.llm.request import Request

INSTALL = "npm install -g @anthropic-ai/claude-code, then start `claude` once to sign in"
_SIGN_IN = "start `claude` once to sign in, or export ANTHROPIC_API_KEY=<a key>"
_LONGEST_QUOTE = 300

_WORDS: dict[Kind, tuple[str, str]] = {
    "missing_package": ("Claude Code is not installed: there is no program {fact}", INSTALL),
    "no_key": ("Claude Code is not signed in", _SIGN_IN),
    "authentication": ("the API does not know the key or the sign-in of Claude Code", _SIGN_IN),
    "billing": ("the account cannot pay", "add credit at https://platform.claude.com/settings/billing"),
    "permission": ("the account may not do this", "choose another model, or another account"),
    "unknown_model": (
        "Claude Code cannot use the model {fact}",
        "choose another one, such as --model sonnet",
    ),
    "too_long": (
        "the prompt is too long for {fact}",
        "narrow what the session `reads`, or choose a model that takes more",
    ),
    "rejected": ("Claude Code, or the API, rejects the request", "change what it names"),
    "refused": ("the model refused to answer", "change the prompt, or choose another model"),
    "length": (
        "the agent stopped at a limit before it was done",
        "run again: it goes on from the files as they are",
    ),
    "no_conversation": ("Claude Code no longer has the conversation {fact}", "begin a fresh one"),
    "rate_limited": ("the API's rate limit is reached", "run again later"),
    "overloaded": ("the API is overloaded", "run again later"),
    "unavailable": ("the API failed", "run again; https://status.claude.com tells of outages"),
    "unreachable": ("the API cannot be reached", "check the network, HTTPS_PROXY and ANTHROPIC_BASE_URL"),
    "cut": ("Claude Code ended before its answer did", "run again"),
    "stalled": (
        "Claude Code said nothing for {fact} s",
        "run again, or allow a longer silence (silence in sdd.toml)",
    ),
    "timed_out": (
        "Claude Code took longer than {fact} s",
        "run again with a longer limit (timeout in sdd.toml)",
    ),
    "interrupted": ("the answer was interrupted", "run again"),
    "garbage": (
        "the server answered with something else than the API",
        "check ANTHROPIC_BASE_URL and the proxy between",
    ),
}
_TRANSIENT = frozenset({"rate_limited", "overloaded", "unavailable", "unreachable", "cut"})
_BY_STATUS: dict[int, Kind] = {
    401: "authentication",
    402: "billing",
    403: "permission",
    404: "unknown_model",
    408: "unavailable",
    413: "too_long",
    429: "rate_limited",
    529: "overloaded",
}
_BY_REASON: dict[str, Kind] = {
    "prompt_too_long": "too_long",
    "blocking_limit": "too_long",
    "rapid_refill_breaker": "too_long",
    "max_turns": "length",
    "budget_exhausted": "length",
    "aborted_streaming": "interrupted",
    "aborted_tools": "interrupted",
}
_BY_WORDS: tuple[tuple[str, Kind], ...] = (
    (r"No conversation found with session ID|--resume requires a valid session ID", "no_conversation"),
    (r"[Nn]ot logged in|[Pp]lease run /login|OAuth token", "no_key"),
    (r"[Ii]nvalid API key", "authentication"),
    (r"[Cc]redit balance is too low", "billing"),
    (r"[Pp]rompt is too long|piped stdin input exceeds", "too_long"),
    (r"output token maximum", "length"),
    (r"safeguards flagged|stopped by a safety", "refused"),
    (r"[Rr]equest timed out|ETIMEDOUT", "stalled"),
    (r"ECONNREFUSED|ENOTFOUND|EAI_AGAIN|Connection refused|Unable to connect", "unreachable"),
    (r"ECONNRESET|[Cc]onnection (to the API was lost|error)", "cut"),
    (r"empty or malformed response", "garbage"),
    (r"[Oo]verloaded", "overloaded"),
)


def named(kind: Kind, fact: object = "", told: str = "") -> ProblemError:
    """The problem of that kind, in words, about that fact, with what the program itself told."""
    said, hint = _WORDS[kind]
    message = said.format(fact=fact) + (f": {told}" if told else "")
    return ProblemError(kind, message, hint=hint, transient=kind in _TRANSIENT)


def ended_early(ended: Ended, request: Request) -> ProblemError | None:
    """The problem of an agent that we had to end."""
    if ended.why == "timed_out":
        return named("timed_out", f"{request.timeout_s:g}")
    if ended.why == "stalled":
        return named("stalled", f"{request.silence_s:g}")
    return named("interrupted") if ended.why == "interrupted" else None


def problem_of(reading: Reading, ended: Ended, request: Request) -> ProblemError | None:
    """What went wrong in a run that ended by itself; None where nothing did.

    A failure has `is_error`, or an exit code, or no result; SIGINT ends with exit code 0 and no result.
    """
    result = reading.result
    if result is not None and within(result, "is_error") is False and ended.exit_code == 0:
        return None
    words = complaints(reading, ended.stderr)
    kind = _kind(reading, words)
    if kind is None:
        kind = "cut" if result is None or within(result, "is_error") is False else "rejected"
        words = [*words[:1], _code(ended.exit_code)]
    facts = {"unknown_model": request.model, "no_conversation": request.conversation}
    fact = facts.get(kind) or request.model or "the model"
    if kind == "stalled":
        fact = f"{request.silence_s:g}"
    return named(kind, fact, _quoted(words))


def _kind(reading: Reading, words: list[str]) -> Kind | None:
    """The kind of a failure, by the most telling of what is there."""
    by_words = next((kind for pattern, kind in _BY_WORDS if re.search(pattern, "\n".join(words))), None)
    result = reading.result
    status = within(result, "api_error_status")
    reason = within(result, "terminal_reason")
    subtype = within(result, "subtype")
    if by_words in {"no_conversation", "too_long", "billing"}:
        return by_words
    if within(result, "stop_reason") == "refusal":
        return "refused"
    if isinstance(reason, str) and reason in _BY_REASON:
        return _BY_REASON[reason]
    if isinstance(subtype, str) and subtype.startswith("error_max_"):
        return "length"
    if type(status) is int:
        return _BY_STATUS.get(status) or ("unavailable" if status // 100 == 5 else "rejected")  # noqa: PLR2004 - a class of HTTP
    return by_words


def _code(exit_code: int) -> str:
    return f"signal {-exit_code} ended it" if exit_code < 0 else f"exit code {exit_code}"


def _quoted(words: list[str]) -> str:
    """The program's words, fit for one line of a terminal."""
    line = "; ".join(" ".join(word.split()) for word in words[:2])
    return "".join(sign for sign in proper(line) if sign.isprintable())[:_LONGEST_QUOTE]
