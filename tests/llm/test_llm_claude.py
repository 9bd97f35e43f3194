"""Claude Code's command line as a provider, against a program that plays it: every trap of it that was met for real."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_claude import (
    INIT,
    START,
    FakeClaude,
    Step,
    answer,
    failure,
    line,
    piece,
    result,
    said,
    share,
    sleep,
)
from sdd.errors import SddError
from sdd.llm import claude, claude_stream
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Progress, Request, Workplace
from sdd.llm.response import Response, Usage, from_json, to_json

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="the stand-in is a script with a first line, and signals"
)

KEY = "sk-ant-dummy-0123456789abcdef"


class Desk:
    """A folder to work in, and a stand-in for the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fake: FakeClaude | None = None
        self.prompt = "Do it."
        self.told: list[str] = []

    def respond(
        self,
        *plays: list[Step],
        environ: Mapping[str, str] = {},
        place: Workplace | None = None,
        **fields: Any,
    ) -> Response:
        """Ask the provider; the stand-in plays these, one for each start."""
        self.fake = FakeClaude(self.folder / "bin", plays)
        environ = {**os.environ, claude.PROGRAM: str(self.fake.path), **environ}
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        place = (place or Workplace(str(work))).replace(environ=environ)
        request = Request(self.prompt, **{"workplace": place, "timeout_s": 20.0, "silence_s": 20.0, **fields})

        def watch(progress: Progress) -> None:
            self.told.append(progress.text)

        return claude.respond(request, watch)

    @property
    def call(self) -> Any:
        """How the program was started last."""
        assert self.fake
        return self.fake.calls[-1]

    def option(self, name: str) -> str:
        argv = self.call["argv"]
        return str(argv[argv.index(name) + 1])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def cut(desk: Desk, *plays: list[Step], **fields: Any) -> CutError:
    with pytest.raises(CutError) as caught:
        desk.respond(*plays, **fields)
    return caught.value


def problem(desk: Desk, *plays: list[Step], **fields: Any) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        desk.respond(*plays, **fields)
    return caught.value


# What is asked, and what comes.


def test_an_answer_comes_with_all_that_is_known_of_it(desk: Desk) -> None:
    response = desk.respond(answer("Hello there"), model="sonnet")
    assert (response.text, response.provider, response.agent) == ("Hello there", "claude", "claude 2.1.329")
    assert (response.model_asked, response.model_answered) == ("sonnet", "claude-sonnet-5-5")
    assert response.usage == Usage(input=100, output=50, cache_read=7, cache_write=3)
    assert (response.cost, response.turns, response.stop_reason) == (Decimal("0.0007"), 1, "end_turn")
    assert (response.partial, response.denied) == (False, ())
    assert response.first_text_seconds is not None
    assert 0 < response.first_text_seconds < response.seconds
    assert "".join(desk.told) == "Hello there"
    assert from_json(to_json(response)) == response


def test_the_prompt_goes_in_by_standard_input_and_never_as_a_word(desk: Desk) -> None:
    desk.respond(answer("ok"))
    assert desk.call["stdin"] == "Do it."
    assert desk.call["argv"][:5] == [
        "--print",
        "--output-format",
        "stream-json",
        "--verbose",
        "--include-partial-messages",
    ]
    assert "Do it." not in desk.call["argv"]
    assert "--disable-slash-commands" in desk.call["argv"]
    assert "--continue" not in desk.call["argv"]
    assert Path(desk.call["cwd"]).samefile(desk.folder / "work")


def test_a_prompt_that_looks_like_a_command_is_none(desk: Desk) -> None:
    desk.prompt = "/init it"
    desk.respond(answer("ok"))
    assert desk.call["stdin"] == "\n/init it"


def test_a_fresh_conversation_has_the_id_that_was_chosen(desk: Desk) -> None:
    chosen = str(uuid.uuid4())
    assert desk.respond(answer("ok"), new_conversation=chosen).conversation == chosen
    assert desk.option("--session-id") == chosen
    made = desk.respond(answer("ok")).conversation
    assert str(uuid.UUID(made)) == made != chosen


def test_a_conversation_is_resumed_and_keeps_its_id(desk: Desk) -> None:
    chosen = str(uuid.uuid4())
    assert desk.respond(answer("ok"), conversation=chosen, new_conversation="other").conversation == chosen
    assert desk.option("--resume") == chosen
    assert "--session-id" not in desk.call["argv"]


def test_without_a_workplace_it_works_here_and_may_only_read(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeClaude(tmp_path / "bin", [answer("ok")])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(claude.PROGRAM, str(fake.path))
    assert claude.ready() == ""
    assert claude.respond(Request("Hi"), lambda _: None).text == "ok"
    assert Path(fake.calls[0]["cwd"]).samefile(tmp_path)
    assert fake.calls[0]["argv"][-3:-2] == [json.dumps({"permissions": {"allow": ["Read", "Glob", "Grep"]}})]


def test_what_it_may_use_follows_from_what_it_may_write_and_run(desk: Desk) -> None:
    desk.respond(answer("ok"))
    assert (desk.option("--tools"), desk.option("--permission-mode")) == ("Read,Glob,Grep", "dontAsk")
    place = Workplace(
        "/",
        ("src/cart (1).py", "app/[id]/page.tsx", "docs/"),
        ("python -m pytest -q",),
        json.dumps({"hooks": {"Stop": []}, "permissions": {"allow": ["Skill"], "deny": ["WebFetch"]}}),
    )
    desk.respond(answer("ok"), place=place)
    assert desk.option("--tools") == "Read,Glob,Grep,Edit,Write,NotebookEdit,Bash"
    settings = json.loads(desk.option("--settings"))
    assert settings["hooks"] == {"Stop": []}
    assert settings["permissions"]["deny"] == ["WebFetch"]
    assert settings["permissions"]["allow"][:4] == ["Skill", "Read", "Glob", "Grep"]
    assert settings["permissions"]["allow"][4:] == [
        r"Edit(///src/cart \(1\).py)",
        r"Edit(///app/[id]/page.tsx)",
        r"Edit(///app/\[id\]/page.tsx)",
        "Edit(///docs/**)",
        "Bash(python -m pytest -q)",
        "Bash(python -m pytest -q *)",
    ]


def test_only_what_it_needs_of_the_environment_reaches_it(desk: Desk) -> None:
    environ = {
        "ANTHROPIC_API_KEY": KEY,
        "https_proxy": "http://p",
        "OPENAI_API_KEY": "other",
        "CLAUDECODE": "1",
    }
    desk.respond(answer("ok"), environ=environ, timeout_s=30.0, silence_s=10.0)
    env = desk.call["env"]
    assert (env["ANTHROPIC_API_KEY"], env["https_proxy"]) == (KEY, "http://p")
    assert not {"OPENAI_API_KEY", "CLAUDECODE", "GIT_AUTHOR_NAME"} & env.keys()
    assert (env["CLAUDE_CODE_MAX_RETRIES"], env["API_TIMEOUT_MS"], env["BASH_MAX_TIMEOUT_MS"]) == (
        "2",
        "30000",
        "8000",
    )
    assert env["CLAUDE_CODE_DISABLE_ATTACHMENTS"] == env["DISABLE_TELEMETRY"] == "1"


def test_every_line_is_in_the_transcript_as_it_came(desk: Desk, tmp_path: Path) -> None:
    transcript = tmp_path / "stream.jsonl"
    desk.respond([{"raw": "\xff\xfe garbage\n"}, *answer("Hi")], transcript=str(transcript))
    lines = transcript.read_bytes().splitlines()
    assert lines[0] == b"\xff\xfe garbage"
    assert [json.loads(line)["type"] for line in lines[1:]].count("stream_event") == 3
    assert json.loads(lines[-1])["type"] == "result"


# What the answer is.


def test_of_several_texts_the_last_is_the_answer_and_the_others_are_kept(desk: Desk) -> None:
    play = [
        INIT,
        START,
        piece("Reading."),
        said("Reading."),
        START,
        piece("Forty"),
        piece("-two"),
        said("Forty-two"),
        result("Forty-two"),
    ]
    response = desk.respond(play)
    assert response.text == "Forty-two"
    assert "".join(desk.told) == "Reading.\n\nForty-two"
    assert "Reading." in json.dumps(response.raw)


@pytest.mark.parametrize("text", ["", " \n", None])
def test_where_the_result_is_empty_the_text_before_it_counts(desk: Desk, text: str | None) -> None:
    assert desk.respond([INIT, said("Reading."), said("Done."), result(text)]).text == "Reading.\n\nDone."
    assert "".join(desk.told) == "Reading.\n\nDone."


def test_what_an_agent_below_says_is_no_answer(desk: Desk) -> None:
    play = [
        INIT,
        piece("sub", parent_tool_use_id="t1"),
        said("sub", parent_tool_use_id="t1"),
        said("Mine"),
        result(""),
    ]
    assert desk.respond(play).text == "Mine"
    assert "".join(desk.told) == "Mine"


def test_of_two_results_the_last_is_the_answer_and_both_are_paid(desk: Desk) -> None:
    response = desk.respond([INIT, said("one"), result("one"), said("two"), result("two", num_turns=4)])
    assert (response.text, response.turns) == ("two", 4)
    assert response.usage == Usage(input=200, output=100, cache_read=14, cache_write=6)
    assert response.cost == Decimal("0.0014")


def test_a_try_that_broke_off_is_kept_apart_from_the_answer(desk: Desk) -> None:
    response = desk.respond(
        [INIT, START, piece("Fort"), START, piece("Forty-two"), said("Forty-two"), result("Forty-two")]
    )
    assert response.text == "Forty-two"
    assert isinstance(response.raw, dict)
    assert response.raw["dropped"] == ["Fort"]


def test_lines_that_are_no_json_are_kept_and_stop_nothing(desk: Desk) -> None:
    garbage = [
        "not json",
        '"text"',
        "[1]",
        '{"a": NaN}',
        '{"a": 1e999}',
        "[" * 100_000,
        '{"half": ',
        "\xff\xfe",
    ]
    play = [INIT, *({"raw": f"{one}\n"} for one in garbage), *answer("ok")[1:]]
    response = desk.respond(play)
    assert response.text == "ok"
    assert isinstance(response.raw, dict)
    assert isinstance(response.raw["unread"], list)
    assert len(response.raw["unread"]) == len(garbage)
    assert from_json(to_json(response)) == response


def test_half_a_character_and_invalid_utf8_become_a_sign(desk: Desk) -> None:
    play = [
        INIT,
        {
            "raw": '{"type":"assistant","message":{"model":"m","content":[{"type":"text","text":"a\\ud800b\xff"}]}}\n'
        },
        result(""),
    ]
    assert desk.respond(play).text == "a\ufffdb\ufffd"


def test_a_huge_line_is_read(desk: Desk) -> None:
    big = "x" * 5_000_000
    assert desk.respond([INIT, line("user", content=big), *answer("ok")[1:]]).text == "ok"


def test_lines_of_odd_shapes_mean_nothing(desk: Desk) -> None:
    odd = [
        line("assistant", message=None),
        line("assistant", message={"model": 3, "content": "text"}),
        line("stream_event", event=None),
        line("stream_event"),
        line("future", subtype="unknown"),
    ]
    fields = {
        "permission_denials": "none",
        "num_turns": "3",
        "model_usage_since_last_result": {"m": 3},
        "usage": 3,
        "stop_reason": 7,
    }
    response = desk.respond([*odd, result("ok", **fields)])
    assert (response.text, response.denied, response.turns, response.usage) == ("ok", (), None, None)
    assert (response.cost, response.model_answered, response.agent, response.stop_reason) == (
        None,
        None,
        None,
        None,
    )


def test_a_denial_is_told_and_fails_nothing(desk: Desk) -> None:
    denials = [
        {"tool_name": "Write", "tool_input": {"file_path": "/w/src/x.py", "content": "x"}},
        {"tool_name": "Bash", "tool_input": {"command": "rm -rf\n\x1b[1m/"}},
        {"tool_name": "Task", "tool_input": {"prompt": "p"}},
        {"tool_name": "Odd", "tool_input": None},
        None,
    ]
    response = desk.respond(answer("ok", permission_denials=denials))
    assert response.denied == (
        "Write: /w/src/x.py",
        "Bash: rm -rf [1m/",
        'Task: {"prompt": "p"}',
        "Odd:",
        "None:",
    )


# What it cost.


def test_an_old_version_is_priced_by_our_own_table(desk: Desk) -> None:
    response = desk.respond(answer("ok", model_usage_since_last_result=None))
    assert response.usage == Usage(input=100, output=50, cache_read=7, cache_write=3)
    assert response.cost == (100 * 2 + 50 * 10 + 7 * Decimal("0.10") + 3 * Decimal("2.5")) / 1_000_000


@pytest.mark.parametrize(
    "shares",
    [
        share(0.5, "my-model", costBasis="unknown"),
        share("free", "my-model"),
        share(0.1) | share(None, "my-model"),
    ],
)
def test_a_price_that_nobody_knows_is_none_and_never_zero(desk: Desk, shares: dict[str, Any]) -> None:
    assert desk.respond(answer("ok", model_usage_since_last_result=shares)).cost is None


def test_a_price_that_it_does_not_know_may_stand_in_our_table(desk: Desk, tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text("[models.my-model]\ninput = 1\noutput = 2\ncache_read = 0\ncache_write = 0\n")
    shares = share(0.5, "my-model", costBasis="unknown")
    assert desk.respond(
        answer("ok", model_usage_since_last_result=shares), prices=str(prices)
    ).cost == Decimal("0.0002")


def test_counts_that_are_missing_are_not_known(desk: Desk) -> None:
    told = {"m": {"inputTokens": "many", "outputTokens": 5, "costUSD": 0.1}}
    response = desk.respond(answer("ok", model_usage_since_last_result=told))
    assert response.usage == Usage(output=5)
    assert response.cost == Decimal("0.1")


# What goes wrong.


@pytest.mark.parametrize(
    ("text", "fields", "kind"),
    [
        ("Invalid API key · Fix external API key", {"api_error_status": 401}, "authentication"),
        ("API Error: 402 no credit", {"api_error_status": 402}, "billing"),
        ("Failed to authenticate. API Error: 403 nope", {"api_error_status": 403}, "permission"),
        ("There's an issue with the selected model (claude-x).", {"api_error_status": 404}, "unknown_model"),
        ("API Error: 400 bad thing", {"api_error_status": 400}, "rejected"),
        ("Credit balance is too low", {"api_error_status": 400}, "billing"),
        (
            "Prompt is too long · ~220000 tokens",
            {"api_error_status": 400, "terminal_reason": "prompt_too_long"},
            "too_long",
        ),
        ("Prompt is too long", {"terminal_reason": "blocking_limit"}, "too_long"),
        (
            "Request too large (max 32MB).",
            {"api_error_status": 413, "terminal_reason": "image_error"},
            "too_long",
        ),
        ("API Error: Request rejected (429) · slow down", {"api_error_status": 429}, "rate_limited"),
        ("API Error: 529 overloaded.", {"api_error_status": 529}, "overloaded"),
        ("API Error: 500 boom.", {"api_error_status": 500}, "unavailable"),
        ("Not logged in · Please run /login", {}, "no_key"),
        ("API Error: Connection refused (ECONNREFUSED)", {}, "unreachable"),
        ("API Error: Connection to the API was lost (ECONNRESET).", {}, "cut"),
        ("Request timed out. If the API is slow to answer, set API_TIMEOUT_MS", {}, "stalled"),
        ("API Error: API returned an empty or malformed response (HTTP 200)", {}, "garbage"),
        ("API Error: Claude's response exceeded the 128000 output token maximum.", {}, "length"),
        ("API Error: Sonnet 5.5's safeguards flagged this message", {"stop_reason": "refusal"}, "refused"),
        ("", {"subtype": "error_max_budget_usd", "result": None, "terminal_reason": None}, "length"),
        ("", {"terminal_reason": "max_turns"}, "length"),
        ("what nobody has seen yet", {}, "rejected"),
    ],
)
def test_a_failure_has_a_kind_whatever_its_subtype_says(
    desk: Desk, text: str, fields: dict[str, Any], kind: str
) -> None:
    found = problem(desk, failure(text, **fields))
    assert found.kind == kind
    assert not isinstance(found, CutError)
    assert found.hint
    assert found.transient == (kind in {"rate_limited", "overloaded", "unavailable", "unreachable", "cut"})
    assert text.partition(" ")[0] in found.message


def test_a_failure_after_text_keeps_the_text(desk: Desk) -> None:
    told = result("API Error: 529", is_error=True, api_error_status=529)
    error = cut(desk, [INIT, START, piece("Half a"), said("Half an answer"), told, {"exit": 1}])
    assert (error.kind, error.response.text, error.response.partial) == ("overloaded", "Half an answer", True)
    assert error.response.cost == Decimal("0.0007")


def test_a_conversation_that_is_gone_is_told_by_both_streams(desk: Desk) -> None:
    gone = "No conversation found with session ID: <id>"
    chosen = str(uuid.uuid4())
    lost = result(None, subtype="error_during_execution", is_error=True, errors=[gone], num_turns=0)
    plays: list[list[Step]] = [
        [{"stderr": f"{gone}\n"}, lost, {"exit": 1}],
        [{"stderr": f"{gone}\n"}, {"exit": 1}],
        [lost, {"exit": 1}],
    ]
    for play in plays:
        found = problem(desk, play, conversation=chosen)
        assert (found.kind, found.transient) == ("no_conversation", False)
        assert chosen in found.message
    found = problem(
        desk,
        [{"stderr": "Error: --resume requires a valid session ID or session title"}, {"exit": 1}],
        conversation="x",
    )
    assert found.kind == "no_conversation"


def test_an_id_that_is_in_use_is_told(desk: Desk) -> None:
    found = problem(desk, [{"stderr": "Error: Session ID <id> is already in use.\n"}, {"exit": 1}])
    assert found.kind == "cut"
    assert "is already in use" in found.message
    assert "exit code 1" in found.message


@pytest.mark.parametrize("exit_code", [0, 1, 143])
def test_a_run_without_a_result_is_cut_and_its_text_kept(desk: Desk, exit_code: int) -> None:
    error = cut(desk, [INIT, START, piece("Half an "), piece("answer"), {"exit": exit_code}])
    assert (error.kind, error.response.text, error.response.partial) == ("cut", "Half an answer", True)
    assert error.response.conversation == desk.option("--session-id")
    assert error.response.usage is None
    assert error.response.cost is None


def test_a_killed_agent_keeps_what_had_come(desk: Desk) -> None:
    error = cut(desk, [INIT, said("One."), START, piece("Two"), {"kill": 9}])
    assert (error.kind, error.response.text) == ("cut", "One.\n\nTwo")
    assert "signal 9 ended it" in error.message


def test_a_result_that_is_well_with_an_exit_code_that_is_not_is_no_success(desk: Desk) -> None:
    error = cut(desk, [*answer("ok"), {"exit": 3}])
    assert (error.kind, error.response.text) == ("cut", "ok")
    assert "exit code 3" in error.message


def test_nothing_at_all_is_told_by_the_exit_code(desk: Desk) -> None:
    found = problem(desk, [{"exit": 7}])
    assert (found.kind, found.message) == ("cut", "Claude Code ended before its answer did: exit code 7")


@pytest.mark.parametrize(
    ("limits", "kind"), [({"silence_s": 2.0}, "stalled"), ({"timeout_s": 2.0}, "timed_out")]
)
def test_an_agent_that_hangs_is_ended_and_what_came_is_kept(
    desk: Desk, limits: dict[str, float], kind: str
) -> None:
    error = cut(desk, [INIT, START, {"sigint": [piece(" more")]}, piece("Half"), sleep(60)], **limits)
    assert (error.kind, error.response.text) == (kind, "Half more")
    assert "2 s" in error.message
    assert problem(desk, [{"unread": True}, sleep(60)], **limits).kind == kind


def interrupted(ask: Callable[[], object], when: Callable[[], object]) -> None:
    """Ask, and press Ctrl-C as soon as something is so."""

    def press() -> None:
        while not when():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = Thread(target=press)
    thread.start()
    try:
        ask()
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_keeps_the_partial_answer_and_the_conversation(desk: Desk) -> None:
    aborted = result(
        None, subtype="error_during_execution", is_error=True, terminal_reason="aborted_streaming"
    )
    play = [INIT, START, {"sigint": [aborted]}, piece("Half"), sleep(60)]
    caught: list[CutError] = []
    interrupted(lambda: caught.append(cut(desk, play)), lambda: desk.told)
    assert (caught[0].kind, caught[0].exit_code, caught[0].response.text) == ("interrupted", 130, "Half")
    assert caught[0].response.conversation == desk.option("--session-id")


def test_ctrl_c_before_anything_came_is_just_that(desk: Desk) -> None:
    def ask() -> None:
        with pytest.raises(KeyboardInterrupt):
            desk.respond([INIT, sleep(60)])

    interrupted(ask, lambda: desk.fake and desk.fake.calls)


def test_an_agent_that_was_aborted_by_another_is_interrupted(desk: Desk) -> None:
    aborted = result(None, subtype="error_during_execution", is_error=True, terminal_reason="aborted_tools")
    assert cut(desk, [INIT, said("Half"), aborted]).kind == "interrupted"


def test_the_key_is_in_nothing_that_is_kept_or_said(desk: Desk) -> None:
    play = [
        INIT,
        said(f"the key is {KEY}"),
        {"raw": f"garbage {KEY}\n"},
        {"stderr": f"{KEY}\n"},
        result(f"it is {KEY}"),
    ]
    transcript = desk.folder / "stream.jsonl"
    response = desk.respond(play, environ={"ANTHROPIC_API_KEY": KEY}, transcript=str(transcript))
    assert response.text == "it is [secret]"
    assert KEY not in transcript.read_text()
    assert KEY not in to_json(response) + "".join(desk.told)
    found = problem(desk, failure(f"bad key {KEY}"), environ={"ANTHROPIC_API_KEY": KEY})
    assert KEY not in found.message


# Before it starts.


def test_a_program_that_is_not_there_is_told_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(claude.PROGRAM, raising=False)
    assert "npm install -g @anthropic-ai/claude-code" in claude.ready()
    with pytest.raises(ProblemError, match="no program claude") as caught:
        claude.respond(Request("Hi"), lambda _: None)
    assert caught.value.kind == "missing_package"
    monkeypatch.setenv(claude.PROGRAM, "/nowhere/claude")
    assert "there is no program /nowhere/claude" in claude.ready()


def test_a_folder_that_is_not_there_is_told(desk: Desk) -> None:
    with pytest.raises(SddError, match="cannot be started in /nowhere"):
        desk.respond(answer("ok"), place=Workplace("/nowhere"))


def test_a_prompt_that_it_cannot_take_is_not_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claude, "LONGEST_PROMPT", 5)
    found = problem(desk, answer("ok"))
    assert (found.kind, found.message) == (
        "too_long",
        "the prompt is too long for Claude Code: 6 bytes, of at most 5",
    )
    assert desk.fake
    assert desk.fake.calls == []


@given(
    st.lists(
        st.one_of(
            st.binary(),
            st.from_regex(
                rb'\{"type":"(assistant|result|stream_event)","(message|event|usage|result)":[^\n]*\}'
            ),
        )
    )
)
def test_no_line_makes_reading_raise(lines: list[bytes]) -> None:
    reading = claude_stream.Reading()
    for one in lines:
        reading.take(one)
    claude_stream.usage_of(reading)
    claude_stream.cost_of(reading, {})
    claude_stream.denied_of(reading)
    claude_stream.complaints(reading, "")
    assert isinstance(reading.answer(), str)
