"""The Anthropic provider against a real server that speaks the API, with its faults."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fake_messages_api import Fault, MessagesApi, Reply, Script, Seen
from sdd import llm
from sdd.errors import INTERRUPTED, PROVIDER_FAILED
from sdd.llm import anthropic
from sdd.llm.anthropic_problems import DEFAULT_MODEL
from sdd.llm.problems import CutError, Kind, ProblemError
from sdd.llm.request import Progress, Request, unwatched
from sdd.llm.response import Response, from_json, to_json

KEY = "sk-ant-api03-this-is-no-key-0123456789"
PATIENT: dict[str, object] = {"timeout_s": 60.0, "silence_s": 30.0}  # for a machine under load


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")  # no test meets the real one
    monkeypatch.setattr(anthropic, "FIRST_WAIT_S", 0.01)


def respond(script: Script, watch: llm.Watch = unwatched, **bounds: object) -> tuple[Response, list[Seen]]:
    """The response to a scripted server, and the requests it got."""
    with MessagesApi(script) as api, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_BASE_URL", api.url)
        request = Request("Say hello").replace(**{**PATIENT, **bounds})
        return anthropic.respond(request, watch), api.requests


def problem(script: Script, tries: int = 1, **bounds: object) -> ProblemError:
    """The problem that a scripted server ends in, after so many requests."""
    with MessagesApi(script) as api, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_BASE_URL", api.url)
        request = Request("Say hello").replace(**{**PATIENT, **bounds})
        with pytest.raises(ProblemError) as caught:
            anthropic.respond(request, unwatched)
        assert len(api.requests) == tries
        return caught.value


def test_an_answer_is_whole_and_counted() -> None:
    reply = Reply("Hello, world", input_tokens=1000, output_tokens=200, cache_read=10_000, cache_write=400)
    response, requests = respond([reply])
    assert response.text == "Hello, world"
    assert (response.provider, response.model_asked) == ("anthropic", DEFAULT_MODEL)
    assert response.model_answered == DEFAULT_MODEL
    assert response.usage == llm.Usage(input=1000, output=200, cache_read=10_000, cache_write=400)
    # sonnet 5.5: (1000 x 2 + 200 x 10 + 10000 x 0.10 + 400 x 2.5) / 1e6
    assert response.cost == Decimal("0.006")
    assert (response.stop_reason, response.partial) == ("end_turn", False)
    assert response.conversation is None
    assert response.started.tzinfo is UTC
    assert response.first_text_seconds is not None
    assert 0 < response.first_text_seconds <= response.seconds
    assert from_json(to_json(response)) == response
    sent = requests[0].body
    assert sent == {
        "model": DEFAULT_MODEL,
        "max_tokens": Request.max_output_tokens,
        "messages": [{"role": "user", "content": "Say hello"}],
        "stream": True,
    }


@pytest.mark.parametrize("collects", [True, False])
def test_whether_garbage_is_looked_for_stays_as_it_was(*, collects: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        respond([Reply("Hello")])
        assert gc.isenabled() == collects
    finally:
        (gc.enable if was else gc.disable)()


def test_the_raw_events_are_kept_as_they_came_also_unknown_ones() -> None:
    future = (
        b'event: future\ndata: {"type": "future", "content_block": {"type": "hologram", "x": [1, null]}}\n\n'
    )
    response, _ = respond([Reply("hi", extra=[b": a comment\n\n", b"event: bare\n\n", future])])
    raw = response.raw
    assert isinstance(raw, dict)
    assert raw["request_id"] == "req_fake"
    events = raw["events"]
    assert isinstance(events, list)
    kinds = [event["type"] for event in events if isinstance(event, dict)]
    assert kinds == [
        *("message_start", "content_block_start", "ping", "future"),
        *(
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ),
    ]
    assert {"type": "future", "content_block": {"type": "hologram", "x": [1, None]}} in events
    assert response.text == "hi"


def test_a_watcher_hears_each_piece_and_then_the_count_and_the_cost() -> None:
    heard: list[Progress] = []
    response, _ = respond([Reply("abcdef", pieces=3)], heard.append)
    assert [progress.text for progress in heard] == ["ab", "cd", "ef", ""]
    assert [progress.output_tokens for progress in heard] == [None, None, None, 50]
    assert [progress.cost for progress in heard] == [None, None, None, response.cost]
    assert [progress.seconds for progress in heard] == sorted(progress.seconds for progress in heard)


def test_the_library_takes_one_call() -> None:
    with (
        MessagesApi([Reply("one"), Reply("two", model="claude-opus-5-5")]) as api,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("ANTHROPIC_BASE_URL", api.url)
        assert llm.ask("Count") == "one"
        response = llm.prompt("Go on", model="claude-opus-5-5", max_output_tokens=77)
    assert (response.text, response.model_answered) == ("two", "claude-opus-5-5")
    assert (api.requests[1].body["model"], api.requests[1].body["max_tokens"]) == ("claude-opus-5-5", 77)


def test_an_answer_that_reached_its_limit_is_a_partial_response() -> None:
    response, _ = respond([Reply("Half a", stop_reason="max_tokens")])
    assert (response.text, response.partial, response.stop_reason) == ("Half a", True, "max_tokens")
    assert response.cost is not None


def test_ask_gives_no_cut_text_for_a_whole_one() -> None:
    with (
        MessagesApi([Reply("Half a", stop_reason="max_tokens")]) as api,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("ANTHROPIC_BASE_URL", api.url)
        with pytest.raises(CutError, match="max_tokens") as caught:
            llm.ask("Count")
    assert (caught.value.kind, caught.value.response.text) == ("length", "Half a")


def test_the_cost_of_an_unknown_model_is_unknown() -> None:
    response, _ = respond([Reply(model="claude-next-9")])
    assert response.cost is None
    assert response.usage == llm.Usage(input=100, output=50)


def test_own_prices_count(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text("[models.claude-next-9]\ninput = 1e4\noutput = 0\ncache_read = 0\ncache_write = 0\n")
    response, _ = respond([Reply(model="claude-next-9")], prices=str(own))
    assert response.cost == 1


def test_a_surrogate_pair_cut_in_two_becomes_one_letter() -> None:
    halves = [
        b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\\ud83d"}}\n\n',
        b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\\ude00"}}\n\n',
    ]
    response, _ = respond([Reply("!", extra=halves)])
    assert response.text == "\N{GRINNING FACE}!"
    assert from_json(to_json(response)) == response


# The tables of faults: what the server does, what the problem is called, how many requests are made.

STATUSES: list[tuple[Fault, Kind, int]] = [
    (Fault(401, "authentication_error"), "authentication", 1),
    (Fault(402, "billing_error"), "billing", 1),
    (Fault(403, "permission_error"), "permission", 1),
    (Fault(404, "not_found_error", "model: claude-x"), "unknown_model", 1),
    (Fault(404, body=b"<html>nginx</html>", content_type="text/html"), "rejected", 1),
    (Fault(413, "request_too_large", "Request exceeds the maximum size"), "too_long", 1),
    (
        Fault(400, "invalid_request_error", "prompt is too long: 1000001 tokens > 1000000 maximum"),
        "too_long",
        1,
    ),
    (Fault(400, "invalid_request_error", "messages: at least one"), "rejected", 1),
    (Fault(418, body=b"null"), "rejected", 1),
    (Fault(429, "rate_limit_error"), "rate_limited", 3),
    (Fault(429, "rate_limit_error", headers={"retry-after": "0.01"}), "rate_limited", 3),
    (Fault(429, "rate_limit_error", headers={"retry-after-ms": "10"}), "rate_limited", 3),
    (Fault(429, "rate_limit_error", headers={"retry-after": "3600"}), "rate_limited", 1),
    (Fault(429, "rate_limit_error", headers={"x-should-retry": "false"}), "rate_limited", 1),
    (Fault(400, "invalid_request_error", headers={"x-should-retry": "true"}), "rejected", 3),
    (Fault(408, "timeout_error"), "unavailable", 3),
    (Fault(409, "conflict_error"), "unavailable", 3),
    (Fault(422, "invalid_request_error"), "rejected", 1),
    (Fault(500), "unavailable", 3),
    (Fault(502, body=b"<html>Bad Gateway</html>", content_type="text/html"), "unavailable", 3),
    (Fault(503), "unavailable", 3),
    (Fault(529, "overloaded_error"), "overloaded", 3),
    (Fault(200, body=b"<html>Sign in</html>", content_type="text/html"), "garbage", 1),
    (Fault(200, body=b"{}"), "garbage", 1),
    (Fault(200, body=b"", content_type=""), "garbage", 1),
    (Fault(200, body=b"", content_type="text/event-stream"), "empty", 1),
    (Fault(200, body=b"data: {oops\n\n", content_type="text/event-stream"), "garbage", 1),
    (Fault(200, body=b"data: \xff\n\n", content_type="text/event-stream"), "garbage", 1),
    (Fault(200, body=b'data: {"x": NaN}\n\n', content_type="text/event-stream"), "garbage", 1),
    (Fault(200, body=b'data: {"x": 1e999}\n\n', content_type="text/event-stream"), "garbage", 1),
    (Fault(200, body=b"data: " + b"[" * 100_000 + b"\n\n", content_type="text/event-stream"), "garbage", 1),
    (Fault(200, body=b'data: "text"\n\n', content_type="text/event-stream"), "cut", 3),
    (
        Fault(
            200,
            body=b"no gzip at all",
            content_type="text/event-stream",
            headers={"content-encoding": "gzip"},
        ),
        "garbage",
        1,
    ),
]


@pytest.mark.parametrize(("fault", "kind", "tries"), STATUSES)
def test_a_fault_before_the_answer_has_a_name_and_a_next_step(fault: Fault, kind: Kind, tries: int) -> None:
    found = problem([fault] * 3, tries)
    assert found.kind == kind
    assert found.hint
    assert found.exit_code == PROVIDER_FAILED
    assert not isinstance(found, CutError)
    assert "<html>" not in found.message


BREAKS: list[tuple[Reply, Kind, int]] = [
    (Reply("abcd", then="cut", after=1), "cut", 1),
    (Reply("abcd", then="end", after=1), "cut", 1),
    (Reply("abcd", then="error", after=1), "overloaded", 1),
    (Reply("abcd", then="error", error_type="api_error", after=1), "unavailable", 1),
    (Reply("abcd", then="stall", after=1), "stalled", 1),
    (Reply("abcd", then="cut", after=0), "cut", 3),
    (Reply("abcd", then="end", after=0), "cut", 3),
    (Reply("abcd", then="error", after=0), "overloaded", 3),
    (Reply("abcd", then="stall", after=0), "stalled", 1),
    (Reply("ab", stop_reason="refusal"), "refused", 1),
    (Reply("ab", extra=[b"data: {\n\n"]), "garbage", 1),
]


@pytest.mark.parametrize(("reply", "kind", "tries"), BREAKS)
def test_a_broken_answer_keeps_what_came(reply: Reply, kind: Kind, tries: int) -> None:
    found = problem([reply] * 3, tries, silence_s=0.5 if reply.then == "stall" else 30.0)
    assert found.kind == kind
    assert isinstance(found, CutError)
    response = found.response
    assert response.partial
    whole = kind == "refused"
    assert response.text == ("" if reply.after == 0 or kind == "garbage" else "ab")
    assert response.model_answered == DEFAULT_MODEL
    # What the first event says of output is a placeholder: a cut answer's count and cost are not known.
    assert response.usage == llm.Usage(input=100, output=50 if whole else None)
    assert (response.cost is not None) == whole
    assert from_json(to_json(response)) == response


def test_an_overload_before_the_first_text_is_tried_again() -> None:
    response, requests = respond([Reply(then="error", after=0), Fault(529), Reply("at last")])
    assert response.text == "at last"
    assert len(requests) == 3


def test_a_server_that_never_answers_is_a_stall() -> None:
    found = problem([Fault(silent=True)], silence_s=0.2)
    assert (found.kind, found.message) == ("stalled", "the API said nothing for 0.2 s")


def test_a_slow_first_byte_is_waited_for() -> None:
    def slow(_: Seen) -> Reply:
        time.sleep(0.3)
        return Reply("at last")

    assert respond(slow)[0].text == "at last"


def test_the_total_limit_ends_a_stall() -> None:
    found = problem([Reply(then="stall", after=1)], timeout_s=0.3, silence_s=60.0)
    assert (found.kind, found.message) == ("timed_out", "the answer took longer than 0.3 s")


def test_the_total_limit_ends_a_stream_that_goes_on() -> None:
    with pytest.raises(ProblemError, match=r"longer than 0\.2 s") as caught:
        respond([Reply("abcdef", pieces=6)], lambda _: time.sleep(0.2), timeout_s=0.2)
    assert caught.value.kind == "timed_out"


def test_a_wait_longer_than_the_limit_is_told_at_once() -> None:
    began = time.monotonic()
    found = problem([Fault(429, "rate_limit_error", "slow down", {"retry-after": "3600"})], timeout_s=600.0)
    assert time.monotonic() - began < 60
    assert found.retry_after_s == 3600
    assert found.message == "the API's rate limit is reached (status 429: slow down); it asks to wait 3600 s"
    assert found.hint == "wait 3600 s, then run again"


def test_a_servers_words_cannot_drive_a_terminal() -> None:
    found = problem([Fault(400, "invalid_request_error", "bad\n \x1b[31mred\ud800" + "x" * 999)])
    assert found.message.startswith("the API rejects the request (status 400: bad [31mredxxx")
    assert len(found.message) < 400


def test_a_wait_may_be_told_as_a_date() -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    header = later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    found = problem([Fault(503, headers={"retry-after": header})])
    assert found.retry_after_s is not None
    assert 3500 < found.retry_after_s <= 3600


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with MessagesApi() as api:
        gone = api.url
    monkeypatch.setenv("ANTHROPIC_BASE_URL", gone.replace("//", "//user:password@"))
    with pytest.raises(ProblemError) as caught:
        anthropic.respond(Request("Say hello"), unwatched)
    assert caught.value.kind == "unreachable"
    assert gone in caught.value.message
    assert "password" not in caught.value.message
    assert caught.value.transient


def test_an_address_that_is_none_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "ftp://localhost")
    with pytest.raises(ProblemError, match="UnsupportedProtocol") as caught:
        anthropic.respond(Request("Say hello"), unwatched)
    assert (caught.value.kind, caught.value.transient) == ("unreachable", False)


def test_an_interrupt_keeps_what_came() -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(CutError) as caught:
        respond([Reply("abcd")], interrupt)
    assert caught.value.kind == "interrupted"
    assert caught.value.exit_code == INTERRUPTED
    assert caught.value.response.text == "ab"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one thread")
def test_an_interrupt_before_the_answer_stays_one() -> None:
    def interrupt(_: Seen) -> Fault:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return Fault(silent=True)

    with pytest.raises(KeyboardInterrupt):
        respond(interrupt)


def test_a_watchers_own_error_goes_through() -> None:
    def fail(_: Progress) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        respond([Reply("abcd")], fail)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_a_person_who_presses_ctrl_c_loses_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from sdd import llm\n"
        "try: llm.prompt('hi', watch=lambda progress: print(progress.text, flush=True))\n"
        "except llm.CutError as cut: print(llm.to_json(cut.response)); sys.exit(cut.exit_code)\n"
    )
    with MessagesApi([Reply("abcd", then="stall", after=1)]) as api:
        environment = {**os.environ, "ANTHROPIC_BASE_URL": api.url}
        with subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment, text=True, cwd=tmp_path
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ab\n"
            process.send_signal(signal.SIGINT)
            kept = from_json(process.stdout.read())
    assert process.returncode == INTERRUPTED
    assert (kept.text, kept.partial) == ("ab", True)


def test_a_conversation_is_refused_as_the_api_keeps_none() -> None:
    found = problem([], 0, conversation="c-1")
    assert (found.kind, found.message) == ("no_conversation", "the API keeps no conversation c-1")


def test_without_a_key_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(ProblemError) as caught:
        anthropic.respond(Request("Say hello"), unwatched)
    assert caught.value.kind == "no_key"
    assert caught.value.hint.startswith("export ANTHROPIC_API_KEY=")
    assert anthropic.ready() == f"there is no key for the Anthropic API: {caught.value.hint}"


def test_a_profile_that_is_not_there_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_PROFILE", "nobody")
    with pytest.raises(ProblemError) as caught:
        anthropic.respond(Request("Say hello"), unwatched)
    assert caught.value.kind == "no_key"
    assert anthropic.ready() == f"there is no key for the Anthropic API: {caught.value.hint}"


def test_a_folder_of_profiles_without_one_is_no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".config" / "anthropic").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert anthropic.ready().startswith("there is no key for the Anthropic API: ")


def test_whoever_signs_in_without_a_key_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    for name in ("FEDERATION_RULE_ID", "ORGANIZATION_ID", "IDENTITY_TOKEN"):
        monkeypatch.setenv(f"ANTHROPIC_{name}", "some")
    assert anthropic.ready() == ""


@pytest.mark.parametrize("key", [KEY + "\n", "sk ant", "sk-ant-kлюч"])
def test_a_key_that_no_header_can_carry_is_not_sent(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    found = problem([], 0)
    assert found.kind == "bad_key"
    assert key.strip() not in str(found) + found.hint
    assert anthropic.ready() == f"{found.message}: {found.hint}"


def test_without_the_package_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(ProblemError) as caught:
        anthropic.respond(Request("Say hello"), unwatched)
    assert caught.value.kind == "missing_package"
    assert anthropic.ready() == "the package anthropic is not installed: pip install 'sdd[anthropic]'"


def test_with_a_key_it_is_ready() -> None:
    assert anthropic.ready() == ""


# The key


def leaks(error: BaseException) -> str:
    """All that an error says, also by those behind it."""
    parts = ["".join(traceback.format_exception(error)), repr(error), repr(vars(error))]
    if isinstance(error, CutError):
        parts.append(to_json(error.response))
    behind = error.__cause__ or error.__context__
    return "".join(parts) + (leaks(behind) if behind else "")


ECHOES: list[Reply | Fault] = [
    Fault(401, "authentication_error", f"invalid key Bearer {KEY}"),
    Fault(400, body=f"<html>{KEY}</html>".encode(), content_type="text/html"),
    Fault(200, content_type=f"text/html; key={KEY}"),
    Fault(200, body=f"data: {KEY}\n\n".encode(), content_type="text/event-stream"),
    Fault(
        200,
        body=f'data: {{"type": "error", "error": {{"message": "{KEY}"}}}}\n\n'.encode(),
        content_type="text/event-stream",
    ),
    Reply(f"your key is {KEY}", pieces=1, stop_reason="refusal"),
    Reply(f"your key is {KEY}", pieces=4, then="cut"),
    Reply("x", extra=[f'data: {{"{KEY}": ["{KEY}"]}}\n\n'.encode()], then="error", error_type=KEY),
]


@pytest.mark.parametrize("echo", ECHOES)
def test_the_key_is_in_no_error_and_in_no_response(echo: Reply | Fault) -> None:
    assert KEY not in leaks(problem([echo]))


def test_the_key_is_in_no_answer() -> None:
    response, requests = respond([Reply(f"{KEY}!", pieces=3, extra=[f'data: ["{KEY}", 1]\n\n'.encode()])])
    assert requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert response.text == "[secret]!"
    assert KEY not in to_json(response)


def test_a_token_of_a_custom_header_is_a_secret_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-proxy-token: proxy-secret-1234")
    response, _ = respond([Reply("proxy-secret-1234", pieces=1)])
    assert response.text == "[secret]"
