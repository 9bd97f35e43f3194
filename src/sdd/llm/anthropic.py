"""Owns the Messages API of Anthropic, spoken through its SDK: one answer, bounded in time and in tries.

The SDK is imported by the call, not by the module: it takes 0.8 s (2.11.0).
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sdd.llm import prices
from sdd.llm.anthropic_problems import DEFAULT_MODEL, named, problem_of
from sdd.llm.anthropic_request import over_budget
from sdd.llm.anthropic_stream import Call, Reading, read, response_of, shortcoming
from sdd.llm.problems import CutError, ProblemError

if TYPE_CHECKING:
    import anthropic

    from sdd.llm.request import Request, Watch
    from sdd.llm.response import Response

NAME = "anthropic"
CONTINUES: Literal["id", "history", "none"] = "history"
EDITS = False
COUNTS = True
"""A prompt's tokens are counted before it is sent, and held against its budget."""
TRIES = 3  # this and the next are the SDK's own values
FIRST_WAIT_S = 0.5  # doubles with each try


def ready() -> str:
    """See `sdd.llm.providers.Provider`. The SDK is imported only where it alone can tell."""
    problem = named("missing_package") if find_spec("anthropic") is None else _lacking()
    return f"{problem.message}: {problem.hint}" if problem else ""


def _lacking() -> ProblemError | None:
    """What is wrong with the key, if anything; in the SDK's own order: the variables first."""
    key = os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN")
    if key:
        return None if _can_be_sent(key) else named("bad_key")
    if not _may_sign_in():
        return named("no_key")
    try:
        with _client() as client:
            return None if client.credentials is not None else named("no_key")
    except ProblemError as found:
        return found


def _may_sign_in() -> bool:
    """Whether anything here could be a way to sign in without a key, as a profile is (SDK 2.14.0)."""
    home = Path.home()
    roaming = os.environ.get("APPDATA") or home / "AppData" / "Roaming"
    variables = {name for name in os.environ if name.startswith("ANTHROPIC_")} - {"ANTHROPIC_BASE_URL"}
    return bool(variables) or (home / ".config" / "anthropic").is_dir() or Path(roaming, "Anthropic").is_dir()


def _can_be_sent(key: str) -> bool:
    """Whether a header can carry it; h11 would refuse another one and quote it in full."""
    return all("!" <= sign <= "~" for sign in key)


def respond(request: Request, watch: Watch) -> Response:
    """Send the prompt behind the turns so far and read the answer; see `sdd.llm.providers.Provider`.

    Tries are made here and not by the SDK, which sleeps through any limit (a `retry-after` of an hour), and does
    not try again once a stream has begun. An answer that stopped at a token limit is a partial Response;
    everything else that is not whole is raised.

    Raises:
        ProblemError: see `sdd.llm.problems.Kind`; CutError, once the answer has begun.
        SddError: the request's table of prices cannot be read.
    """
    if request.conversation is not None:
        raise named("no_conversation", request.conversation)
    request = request.replace(model=request.model or DEFAULT_MODEL)
    call = Call(request, watch, prices.table(request.prices), datetime.now(UTC), time.monotonic())
    with _client() as client:
        note = over_budget(client, request, call.left())
        return _until_it_answers(client, replace(call, notes=(note,)) if note else call)


def _until_it_answers(client: anthropic.Anthropic, call: Call) -> Response:
    tries = 1
    while True:
        try:
            return _once(client, call)
        except ProblemError as problem:
            wait = problem.retry_after_s
            wait = FIRST_WAIT_S * 2 ** (tries - 1) if wait is None else wait
            if not problem.transient or tries == TRIES or wait >= call.left():
                raise
        time.sleep(wait)
        tries += 1


def _client() -> anthropic.Anthropic:
    try:
        with _uncollected():
            import anthropic
    except ImportError as error:
        raise named("missing_package") from error
    try:
        client = anthropic.Anthropic(max_retries=0)
    except anthropic.CredentialsError:
        raise named("no_key") from None
    if not _can_be_sent(client.api_key or client.auth_token or ""):
        client.close()
        raise named("bad_key")
    return client


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let nobody look for garbage meanwhile: of the SDK's three thousand modules all stays, and looking takes a sixth of its import."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _once(client: anthropic.Anthropic, call: Call) -> Response:
    reading = Reading()
    try:
        read(client, call, reading)
        problem = shortcoming(reading)
    except KeyboardInterrupt:
        if not reading.begun:
            raise
        problem = named("interrupted")
    except Exception as error:
        problem = problem_of(error, call.request)
        if problem is None:
            raise
    if problem is None:
        return response_of(call, reading)
    # Nothing may stand behind the problem: an exception of the SDK may quote the server's words, and they the key.
    problem.__context__ = None
    if problem.kind == "stalled" and call.left() <= 0:
        problem = named("timed_out", f"{call.request.timeout_s:g}")
    raise (CutError(problem, response_of(call, reading, cut=True)) if reading.begun else problem)
