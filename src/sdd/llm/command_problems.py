"""Owns what an agent's failure means: how it ended, what it said and its preset, as a problem with a next step."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from sdd.llm.problems import Kind, ProblemError
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.llm.agent_process import Ended, Limits
    from sdd.llm.preset_form import Preset
    from sdd.llm.request import Request

LONGEST_QUOTE = 400
LINES_QUOTED = 3
TRANSIENT: frozenset[Kind] = frozenset({"rate_limited", "overloaded", "unavailable", "unreachable"})

# What is said and what to do next, for what presets know by patterns; `{name}` is the agent.
_WORDS: dict[Kind, tuple[str, str]] = {
    "no_conversation": ("{name} keeps no such conversation", "send the whole context without a conversation"),
    "permission": ("{name} may not work here", "{name} tells what it lacks; run it here by hand once"),
    "rate_limited": (
        "the limit of what {name} may use is reached",
        "run again later, or choose another model",
    ),
    "overloaded": ("the model of {name} is overloaded", "run again later"),
    "unavailable": ("the service behind {name} failed", "run again"),
    "unreachable": ("{name} cannot reach its model", "check the network and HTTPS_PROXY, then run again"),
    "too_long": (
        "the prompt is too long for {name}",
        "shorten the prompt, or choose a model that takes more",
    ),
    "unknown_model": ("{name} knows no such model", "choose another model: --model NAME"),
    "billing": ("the account of {name} cannot pay", "add credit where {name} is paid for"),
    "refused": ("the model of {name} refused to answer", "change the prompt, or choose another model"),
    "length": ("the answer reached a limit of {name}", "raise that limit, or ask for less"),
}


class Outcome(Value):
    """What one call of an agent came to: how it ended, what was made of its output."""

    ended: Ended
    limits: Limits
    errors: tuple[str, ...]
    failed: bool
    finished: bool
    stray: tuple[str, ...]  # lines that are no JSON, where JSON was meant
    events: int  # how many lines were JSON
    text: str
    conversation: str | None


def of_call(name: str, preset: Preset, request: Request, outcome: Outcome) -> ProblemError | None:
    """What is wrong with a call; None where the answer is whole."""
    ended = outcome.ended
    if ended.why != "ended":
        return _bounded(name, outcome)
    bad_end = ended.exit_code not in preset.good_exit_codes
    says_so = bool(preset.failed_says and re.search(preset.failed_says, outcome.text, re.MULTILINE))
    if bad_end or says_so or outcome.failed or (outcome.errors and not outcome.text):
        return _failed(name, preset, request, outcome)
    if request.conversation and preset.keeps_id and outcome.conversation not in {None, request.conversation}:
        return _named("no_conversation", name, preset, f"it answered in {outcome.conversation} instead")
    return _unfit(name, preset, outcome)


def not_installed(name: str, preset: Preset) -> ProblemError:
    """The program is not on the search path."""
    program = preset.argv[0]
    hint = preset.install or f"install it, or write its path into argv of [{name}]"
    return ProblemError("missing_package", f"{program} is not installed", hint=hint)


def gone(name: str, preset: Preset, said: str = "") -> ProblemError:
    """The conversation is not there to go on with."""
    return _named("no_conversation", name, preset, said)


def tail(stderr: str, noise: str | None) -> str:
    """The last lines of standard error that tell a person something, as one line."""
    lines = [line.strip() for line in stderr.splitlines() if not (noise and re.search(noise, line))]
    return " / ".join([line for line in lines if line][-LINES_QUOTED:])[-LONGEST_QUOTE:]


def _bounded(name: str, outcome: Outcome) -> ProblemError:
    last = f"; its last word: {_short(outcome.errors[-1])}" if outcome.errors else ""
    if outcome.ended.why == "timed_out":
        message = f"{name} took longer than {outcome.limits.timeout_s:g} s{last}"
        hint = f"run again with a longer limit: timeout in sdd.toml, or timeout_s of [{name}]"
        return ProblemError("timed_out", message, hint=hint)
    if outcome.ended.why == "stalled":
        message = f"{name} said nothing for {outcome.limits.silence_s:g} s{last}"
        hint = f"run again, or allow a longer silence: silence in sdd.toml, or silence_s of [{name}]"
        return ProblemError("stalled", message, hint=hint)
    return ProblemError("interrupted", "the answer was interrupted", hint="run again")


def _failed(name: str, preset: Preset, request: Request, outcome: Outcome) -> ProblemError:
    code = outcome.ended.exit_code
    if code < 0:
        return ProblemError("killed", f"{name} was ended by {_signal(code)}", hint="run again")
    said = _short(outcome.errors[-1]) if outcome.errors else tail(outcome.ended.stderr, preset.noise)
    if not said and preset.output == "text":
        said = tail(outcome.text, preset.noise)
    whole = "\n".join((*outcome.errors, outcome.ended.stderr, outcome.text))
    for problem in preset.problems:
        if problem.kind == "no_conversation" and not request.conversation:
            continue
        if problem.code not in {None, code} or (
            problem.says and not re.search(problem.says, whole, re.MULTILINE)
        ):
            continue
        return _named(problem.kind, name, preset, said, problem.hint)
    message = f"{name} ended with exit code {code}{': ' if said else ''}{said}"
    return ProblemError("failed", message, hint=f"try it by hand: {preset.argv[0]} --help")


def _unfit(name: str, preset: Preset, outcome: Outcome) -> ProblemError | None:
    if outcome.stray and not outcome.events:
        message = f"{name} sent no JSON: {_short(outcome.stray[0])}"
        hint = f"sdd doctor tells its version, which may be another than [{name}] was made for"
        return ProblemError("garbage", message, hint=hint)
    if not outcome.finished:
        return ProblemError("cut", f"{name} ended before its answer did", hint="run again")
    if not outcome.text.strip():
        said = tail(outcome.ended.stderr, preset.noise)
        return ProblemError("empty", f"{name} sent no answer{': ' if said else ''}{said}", hint="run again")
    return None


def _named(kind: Kind, name: str, preset: Preset, said: str, hint: str | None = None) -> ProblemError:
    if kind in {"authentication", "no_key"}:
        words, todo = f"{name} is not signed in", preset.sign_in or f"sign in to {name}, then run again"
    else:
        words, todo = _WORDS.get(kind, ("{name} failed", "run again"))
    message = words.format(name=name) + (f": {said}" if said else "")
    return ProblemError(kind, message, hint=hint or todo.format(name=name), transient=kind in TRANSIENT)


def _short(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def _signal(code: int) -> str:
    try:
        return f"signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"signal {-code}"
