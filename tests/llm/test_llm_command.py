"""Agents' command lines by their presets: real processes that say what each real agent was seen to say.

The outputs are those of codex 0.171.0, opencode 1.18.33 and gemini 0.61.0, recorded while they talked to a local server;
those of the others follow their documentation. `make test-agents` repeats the former with the real programs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sdd.errors import SddError
from sdd.llm import presets, providers
from sdd.llm.command_output import counted_in
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Progress, Request, Workplace, unwatched
from sdd.llm.response import Response, Usage, from_json, to_json
from stand_ins import Says, StandIns

posix_only = pytest.mark.skipif(os.name == "nt", reason="signals and scripts as POSIX has them")

UUID = "01a22151-d4c8-71b3-b4d7-663a24038e98"
OTHER = "01a22152-2dc3-7de2-a77b-06f2da19c02c"
SESSION = "ses_ddeabf293ffeZ7kxrw98vw9Srw"


def lines(*events: dict[str, Any]) -> list[str]:
    return [json.dumps(event) for event in events]


def codex(text: str, times: int = 1, thread: str = UUID) -> list[str]:
    """Codex's output; it counts the tokens of the whole thread: of as many calls."""
    usage = {"input_tokens": 90 * times, "cached_input_tokens": 30 * times, "output_tokens": 10 * times}
    return lines(
        {"type": "thread.started", "thread_id": thread},
        {"type": "item.completed", "item": {"id": "item_0", "type": "error", "message": "Model metadata not found"}},
        {"type": "turn.started"},
        {"type": "item.completed", "item": {"id": "item_1", "type": "agent_message", "text": "I read the file."}},
        {"type": "item.completed", "item": {"id": "item_2", "type": "command_execution", "command": "ls"}},
        {"type": "item.completed", "item": {"id": "item_3", "type": "agent_message", "text": text}},
        {"type": "turn.completed", "usage": usage},
    )  # fmt: skip


def opencode(text: str, cost: float = 0.0125) -> list[str]:
    tokens = {"input": 30, "output": 5, "reasoning": 0, "cache": {"write": 0, "read": 15}}

    def step(said: str, reason: str) -> list[dict[str, Any]]:
        part = {"type": "step-finish", "reason": reason, "tokens": tokens, "cost": cost / 2}
        return [
            {"type": "step_start", "sessionID": SESSION, "part": {"type": "step-start"}},
            {"type": "text", "sessionID": SESSION, "part": {"type": "text", "text": said[:3]}},
            {"type": "text", "sessionID": SESSION, "part": {"type": "text", "text": said[3:]}},
            {"type": "step_finish", "sessionID": SESSION, "part": part},
        ]

    return lines(*step("I read the file.", "tool-calls"), *step(text, "stop"))


def gemini(text: str) -> list[str]:
    stats = {"total_tokens": 100, "input_tokens": 90, "output_tokens": 10, "cached": 30, "input": 60}
    said = {"type": "message", "role": "assistant", "delta": True}
    return lines(
        {"type": "init", "session_id": UUID, "model": "gemini-3-pro"},
        {"type": "message", "role": "user", "content": "What?"},
        {**said, "content": "I read the file."},
        {"type": "tool_use", "tool_name": "read_file"},
        {"type": "tool_result", "status": "success"},
        {**said, "content": text[:4]},
        {**said, "content": text[4:]},
        {"type": "result", "status": "success", "stats": stats},
    )


def cursor(text: str) -> list[str]:
    def said(words: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": [{"type": "text", "text": words}]}
        return {"type": "assistant", "message": message, "session_id": UUID}

    done = {"type": "result", "subtype": "success", "is_error": False, "result": text, "session_id": UUID}
    init = {"type": "system", "subtype": "init", "model": "composer", "session_id": UUID}
    return lines(init, said("I read the file."), {"type": "tool_call", "session_id": UUID}, said(text), done)


FRESH: dict[str, list[str]] = {
    "codex": codex("forty-two"),
    "opencode": opencode("forty-two"),
    "gemini": gemini("forty-two"),
    "cursor-agent": cursor("forty-two"),
    "aider": ["forty-two"],
    "llm": ["forty-two"],
    "ollama": ["forty-two"],
}
GONE = {
    "codex": Says(
        err=f"Error: thread/resume: thread/resume failed: no rollout found for thread id {UUID} (code -32600)\n"
        "\nStack backtrace:\n   0: <unknown>\n   1: <unknown>\n",
        code=1,
    ),
    "opencode": Says(err="\x1b[91m\x1b[1mError: \x1b[0mSession not found\n", code=1),
    "gemini": Says(err=f'Error resuming session: Invalid session identifier "{UUID}".\n', code=42),
    "cursor-agent": Says(err="Error: chat abc not found\n", code=1),
}
UNSIGNED = {
    "codex": Says(
        out=lines(
            {"type": "thread.started", "thread_id": UUID},
            {"type": "turn.failed", "error": {"message": "unexpected status 401 Unauthorized: Incorrect API key"}},
        ),
        code=1,
    ),
    "opencode": Says(
        out=lines({"type": "error", "sessionID": SESSION, "error": {"data": {"message": "Incorrect API key provided"}}}),
        code=1,
    ),
    "gemini": Says(err="Invalid auth method selected.\n", code=41),
    "cursor-agent": Says(err="Error: Not logged in\n", code=1),
    "aider": Says(
        out=[
            "Aider v0.86.2",
            "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect ",
            "API key provided",
            "The API provider is not able to authenticate you. Check your API key.",
            "",
        ]
    ),
    "llm": Says(err="Error: No key found - add one using 'llm keys set openai'\n", code=1),
}  # fmt: skip
JSON = ("codex", "opencode", "gemini", "cursor-agent")


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    """Stand-ins on the search path, the only agents there."""
    found = StandIns(tmp_path)
    monkeypatch.setenv("PATH", found.path)
    return found


def call(name: str, prompt: str = "What is it?", **more: Any) -> Response:
    return providers.load(name).respond(Request(prompt, **{"model": "m-1", **more}), unwatched)


def problem(name: str, prompt: str = "What is it?", **more: Any) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        call(name, prompt, **more)
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def mine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(text, "utf-8")
    monkeypatch.setenv(presets.VARIABLE, str(path))


# Each shipped preset


def test_a_preset_is_a_provider_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine(monkeypatch, tmp_path, '[mine]\nargv = ["mine", "-"]\n')
    assert {"mine", "codex", "anthropic"} <= set(providers.names())
    own, agent = providers.load("mine"), providers.load("codex")
    assert (own.NAME, own.CONTINUES, own.EDITS) == ("mine", "none", False)
    assert (agent.NAME, agent.CONTINUES, agent.EDITS) == ("codex", "id", True)
    with pytest.raises(SddError) as caught:
        providers.load("codexx")
    assert caught.value.hint == "choose codex"


@pytest.mark.parametrize("name", FRESH)
def test_an_agent_answers(agents: StandIns, tmp_path: Path, name: str) -> None:
    agents.put(name, Says(out=FRESH[name], err="a warning\n"))
    heard: list[Progress] = []
    request = Request("Wié is it?", "m-1", workplace=Workplace(str(tmp_path)))
    response = providers.load(name).respond(request, heard.append)
    assert response.text.strip() == "forty-two"
    assert (response.provider, response.agent, response.partial) == (name, f"{name} 9.8.7", False)
    assert from_json(to_json(response)) == response
    assert "forty-two" in "".join(each.text for each in heard)
    seen = agents.seen(name)
    assert seen.cwd == os.path.realpath(tmp_path)
    assert "m-1" in seen.argv
    given = [seen.stdin, *seen.files.values()]
    assert "Wié is it?" in given
    assert not [word for word in seen.argv if "{" in word]


@pytest.mark.parametrize("name", sorted(set(FRESH) - {"ollama", "aider"}))
def test_without_a_model_its_option_is_left_out(agents: StandIns, name: str) -> None:
    agents.put(name, Says(out=FRESH[name]))
    call(name, model=None)
    assert "--model" not in agents.seen(name).argv


@pytest.mark.parametrize("name", ["ollama", "aider"])
def test_an_agent_that_needs_a_model_says_so(agents: StandIns, name: str) -> None:
    """Aider 0.86.2 would open a browser and wait."""
    agents.put(name)
    told = problem(name, model=None)
    assert told.kind == "unknown_model"
    assert f"--provider {name} --model NAME" in told.hint
    assert not agents.was_called(name)


@pytest.mark.parametrize("name", JSON)
def test_an_agent_goes_on_with_its_conversation(agents: StandIns, name: str) -> None:
    agents.put(name, Says(out=FRESH[name]))
    first = call(name)
    assert first.conversation in {UUID, SESSION}
    assert call(name, conversation=first.conversation).conversation == first.conversation
    assert first.conversation in agents.seen(name).argv


@pytest.mark.parametrize("name", GONE)
def test_a_conversation_that_is_gone_is_told(agents: StandIns, name: str) -> None:
    agents.put(name, GONE[name])
    told = problem(name, conversation=UUID)
    assert told.kind == "no_conversation"
    assert "\x1b" not in told.message
    assert "<unknown>" not in told.message
    assert problem(name).kind == "failed"  # without one it is another fault


@pytest.mark.parametrize("name", ["aider", "llm", "ollama"])
def test_an_agent_that_cannot_go_on_is_not_started(agents: StandIns, name: str) -> None:
    agents.put(name)
    assert problem(name, conversation=UUID).kind == "no_conversation"
    assert not agents.was_called(name)


@pytest.mark.parametrize("name", ["codex", "gemini"])
def test_what_is_no_id_is_not_tried(agents: StandIns, name: str) -> None:
    """Codex 0.171.0 begins a new thread for it and says nothing, gemini reads a number as a place in a list."""
    agents.put(name)
    assert problem(name, conversation="1").kind == "no_conversation"
    assert not agents.was_called(name)


@pytest.mark.parametrize("name", UNSIGNED)
def test_an_agent_that_is_not_signed_in_says_how(agents: StandIns, name: str) -> None:
    agents.put(name, UNSIGNED[name])
    told = problem(name)
    assert told.kind == "authentication"
    assert told.message.startswith(f"{name} is not signed in: ")
    assert told.hint == presets.presets({})[name].sign_in


@pytest.mark.parametrize("name", FRESH)
def test_an_agent_that_is_not_installed_says_how(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told = problem(name)
    preset = presets.presets({})[name]
    assert (told.kind, told.message, told.hint) == (
        "missing_package",
        f"{name} is not installed",
        preset.install,
    )
    assert providers.load(name).ready() == f"{name} is not installed: {preset.install}"


def test_an_agent_that_is_installed_is_ready(agents: StandIns) -> None:
    agents.put("codex")
    assert not providers.load("codex").ready()


def test_a_program_of_the_repositorys_own_is_not_taken_for_the_agent(
    agents: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents.put("codex")
    monkeypatch.chdir(agents.folder)
    monkeypatch.setenv("PATH", f".{os.pathsep}")
    assert problem("codex").kind == "missing_package"
    assert not agents.was_called("codex")


@pytest.mark.parametrize("name", JSON)
def test_garbage_instead_of_json_is_told_and_kept(agents: StandIns, name: str) -> None:
    agents.put(name, Says(out=["<html>", "", "{oops"]))
    told = problem(name)
    assert (told.kind, told.message) == ("garbage", f"{name} sent no JSON: <html>")
    assert isinstance(told, CutError)
    assert told.response.text.split() == ["<html>", "{oops"]


@pytest.mark.parametrize("name", FRESH)
def test_an_empty_answer_is_told(agents: StandIns, name: str) -> None:
    agents.put(name, Says(err="\x1b[33mnothing to say\x1b[0m\n"))
    told = problem(name)
    assert told.kind == ("cut" if name in JSON else "empty")
    assert told.kind == "cut" or told.message == f"{name} sent no answer: nothing to say"


@pytest.mark.parametrize("name", JSON)
def test_an_answer_without_its_end_is_cut_and_kept(agents: StandIns, name: str) -> None:
    agents.put(name, Says(out=FRESH[name][:-1]))
    told = problem(name)
    assert told.kind == "cut"
    assert isinstance(told, CutError)
    assert "I read the file." in told.response.text
    assert "forty-two" in told.response.text
    assert told.response.partial
    assert told.response.conversation in {UUID, SESSION}


@posix_only
@pytest.mark.parametrize("name", FRESH)
def test_an_agent_that_is_killed_leaves_what_it_said(agents: StandIns, name: str) -> None:
    agents.put(name, Says(out=FRESH[name][:-1] or FRESH[name], then="kill"))
    told = problem(name)
    assert (told.kind, told.message) == ("killed", f"{name} was ended by signal 9 (SIGKILL)")
    assert isinstance(told, CutError)
    assert "forty-two" in told.response.text


@pytest.mark.parametrize("name", JSON)
def test_an_agent_that_falls_silent_is_ended(agents: StandIns, name: str) -> None:
    agents.put(name, Says(out=FRESH[name][:-1], then="stall"))
    told = problem(name, silence_s=0.6)
    assert (told.kind, told.message) == ("stalled", f"{name} said nothing for 0.6 s")
    assert isinstance(told, CutError)
    assert "forty-two" in told.response.text


@pytest.mark.parametrize("name", FRESH)
def test_an_agent_that_takes_too_long_is_ended(agents: StandIns, name: str) -> None:
    agents.put(name, Says(out=FRESH[name][:-1] or FRESH[name], then="stall"))
    told = problem(name, timeout_s=0.8)
    assert (told.kind, told.message) == ("timed_out", f"{name} took longer than 0.8 s")
    assert isinstance(told, CutError)
    assert "forty-two" in told.response.text


def test_an_agent_that_waits_for_the_network_says_so_when_it_is_ended(agents: StandIns) -> None:
    """Codex 0.171.0 waits for ever, and says so."""
    agents.put("codex", Says(then="chatter"))
    assert problem("codex", timeout_s=1.0).message.endswith("; its last word: waiting for network")


# Counts and costs


def test_an_agent_that_counts_the_whole_conversation(agents: StandIns) -> None:
    """Codex 0.171.0: 90 after the first call, 180 after the second. Each is told its own share, or none that is wrong."""
    share = Usage(input=60, output=10, cache_read=30)
    agents.put("codex", Says(out=codex("one")))
    first = call("codex")
    assert first.usage == share
    agents.put("codex", Says(out=codex("two", 2)))
    second = call("codex", conversation=UUID, counted=counted_in(first.raw))
    assert second.usage == share
    assert call("codex", conversation=UUID).usage is None
    assert (
        call("codex", conversation=UUID, counted={"input": 999, "output": 1, "cache_read": 1}).usage is None
    )
    assert call("codex", conversation=UUID, counted={}).usage is None


@pytest.mark.parametrize(
    "raw", [None, [], {}, {"counted": None}, {"counted": 3}, {"counted": {"input": "3"}}]
)
def test_raw_data_without_counts_has_none(raw: Any) -> None:
    assert counted_in(raw) is None


def test_the_counts_of_steps_are_added_up(agents: StandIns) -> None:
    agents.put("opencode", Says(out=opencode("x")))
    response = call("opencode", conversation=SESSION)
    assert response.usage == Usage(input=60, output=10, cache_read=30, cache_write=0)
    assert (response.cost, response.stop_reason) == (Decimal("0.0125"), "stop")


def test_a_cost_of_nothing_is_not_known(agents: StandIns) -> None:
    agents.put("opencode", Says(out=opencode("x", 0)))
    assert call("opencode").cost is None


def test_a_cost_that_is_not_told_comes_from_the_table_of_prices(agents: StandIns) -> None:
    agents.put("codex", Says(out=codex("x")))
    assert call("codex", model="claude-sonnet-5-5").cost == Decimal("0.000223")
    assert call("codex", model="of-nobody").cost is None


@pytest.mark.parametrize("count", [-1, "9", True, None, 1e9999, [1]])
def test_a_count_that_is_none_is_not_known(agents: StandIns, count: Any) -> None:
    out = lines({"type": "turn.completed", "usage": {"input_tokens": count}})
    agents.put("codex", Says(out=[*codex("x")[:-1], *out]))
    assert call("codex").usage is None


def test_an_answer_that_stopped_at_a_limit_is_partial(agents: StandIns) -> None:
    out = json.dumps({"type": "step_finish", "part": {"reason": "length"}})
    agents.put("opencode", Says(out=[*opencode("half an")[:-1], out]))
    response = call("opencode")
    assert (response.text, response.partial, response.stop_reason) == ("half an", True, "length")


# Failures


def test_another_conversation_that_answers_is_told_and_kept(agents: StandIns) -> None:
    agents.put("codex", Says(out=codex("without memory", thread=OTHER)))
    told = problem("codex", conversation=UUID)
    assert told.kind == "no_conversation"
    assert isinstance(told, CutError)
    assert "without memory" in told.response.text
    assert told.response.conversation == OTHER


def test_a_conversation_that_outgrew_its_model_may_be_begun_anew(agents: StandIns) -> None:
    begun = {"type": "thread.started", "thread_id": UUID}
    failed = {"type": "turn.failed", "error": {"message": "ran out of room in the model's context window"}}
    agents.put("codex", Says(out=lines(begun, failed), code=1))
    told = problem("codex", conversation=UUID)
    assert told.kind == "too_long"
    assert not isinstance(told, CutError)  # there is no text that was paid for


def test_a_bad_exit_code_quotes_the_end_of_standard_error(agents: StandIns) -> None:
    agents.put("llm", Says(err="first\nsecond\n\x1b[31mthird\x1b[0m\nfourth\n", code=3))
    told = problem("llm")
    assert (told.kind, told.message) == ("failed", "llm ended with exit code 3: second / third / fourth")


def test_a_bad_exit_code_alone_is_told(agents: StandIns) -> None:
    agents.put("llm", Says(code=3))
    assert problem("llm").message == "llm ended with exit code 3"


def test_a_failure_that_has_text_keeps_it(agents: StandIns) -> None:
    agents.put("llm", Says(out=["half an ans"], code=1))
    told = problem("llm")
    assert isinstance(told, CutError)
    assert told.response.text == "half an ans\n"
    assert told.response.conversation is None


@pytest.mark.parametrize(
    ("name", "says", "kind", "hint"),
    [
        (
            "gemini",
            Says(err="not running in a trusted directory", code=55),
            "permission",
            "GEMINI_CLI_TRUST_WORKSPACE",
        ),
        ("gemini", Says(code=53), "length", "maxSessionTurns"),
        (
            "ollama",
            Says(err="Error: could not connect to ollama server", code=1),
            "unreachable",
            "ollama serve",
        ),
        ("llm", Says(err="Error: Unknown model: m-1", code=1), "unknown_model", "llm models"),
        ("codex", Says(err="429 Too Many Requests", code=1), "rate_limited", "run again later"),
    ],
)
def test_a_known_failure_has_its_own_next_step(
    agents: StandIns, name: str, says: Says, kind: str, hint: str
) -> None:
    agents.put(name, says)
    told = problem(name)
    assert told.kind == kind
    assert hint in told.hint
    assert told.transient == (kind in {"rate_limited", "unreachable"})


def test_a_line_that_says_failure_counts_whatever_the_exit_code(agents: StandIns) -> None:
    done = {"type": "result", "is_error": True, "result": "the model is tired", "session_id": UUID}
    agents.put("cursor-agent", Says(out=lines(done)))
    assert problem("cursor-agent").message == "cursor-agent ended with exit code 0: the model is tired"


def test_an_error_that_was_overcome_is_no_failure(agents: StandIns) -> None:
    tried = [
        "litellm.RateLimitError: slow down",
        "The API provider has rate limited you.",
        "Retrying in 0.2 seconds...",
    ]
    agents.put("aider", Says(out=[*tried, "forty-two"]))
    assert call("aider").text.endswith("forty-two\n")
    agents.put("aider", Says(out=tried[:2]))
    assert problem("aider").kind == "rate_limited"


def test_errors_on_the_way_to_an_answer_are_no_failure(agents: StandIns) -> None:
    tired = json.dumps({"type": "error", "message": "Reconnecting... 1/5"})
    agents.put("codex", Says(out=[tired, *codex("forty-two")]))
    assert call("codex").text == "forty-two"


def test_a_long_error_is_quoted_short(agents: StandIns) -> None:
    agents.put("codex", Says(out=lines({"type": "turn.failed", "error": {"message": "x " * 4000}}), code=1))
    assert len(problem("codex").message) < 500


@posix_only
def test_a_signal_without_a_name_is_told_by_its_number(agents: StandIns) -> None:
    from sdd.llm.command_problems import _signal

    assert _signal(-250) == "signal 250"


def test_a_program_that_cannot_start_is_told(agents: StandIns) -> None:
    path = agents.put("llm")
    path.write_bytes(b"\x7fELF nonsense")
    assert problem("llm").message.startswith("llm cannot be started: ")


def test_a_folder_that_is_not_there_is_told(agents: StandIns, tmp_path: Path) -> None:
    agents.put("llm")
    assert problem("llm", workplace=Workplace(str(tmp_path / "none"))).kind == "failed"


@posix_only
def test_an_interrupt_keeps_what_came(tmp_path: Path, agents: StandIns) -> None:
    agents.put("codex", Says(out=codex("half")[:-1], then="stall"))
    told = interrupted(agents, "codex", wait_for="seen.json")
    assert told == "CutError interrupted I read the file.\\n\\nhalf"


@posix_only
def test_an_interrupt_before_anything_came_is_one(tmp_path: Path, agents: StandIns) -> None:
    agents.put("codex", Says(then="stall"))
    assert interrupted(agents, "codex", wait_for="seen.json") == "KeyboardInterrupt"


INTERRUPTED = """
import sys
from sdd.llm import providers, CutError, Request
try:
    providers.load(sys.argv[1]).respond(Request("hi"), lambda _: None)
except KeyboardInterrupt:
    print("KeyboardInterrupt")
except CutError as error:
    print("CutError", error.kind, error.response.text.replace("\\n", "\\\\n"))
"""


def interrupted(agents: StandIns, name: str, wait_for: str) -> str:
    """What a process says whose call was interrupted by Ctrl-C, once the agent was at work."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, name], stdout=subprocess.PIPE, text=True, env=agents.environ
    )
    try:
        while not (agents.folder / f"{name}.d" / wait_for).exists():
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=30)[0].strip()
    finally:
        process.kill()
        process.wait()


# Prompts and what goes in


def test_a_long_prompt_goes_in_by_standard_input(agents: StandIns) -> None:
    agents.put("codex", Says(out=codex("x")))
    call("codex", "é" * 1_000_000)
    assert len(agents.seen("codex").stdin) == 1_000_000


def test_half_a_character_does_not_stop_a_prompt(agents: StandIns) -> None:
    agents.put("codex", Says(out=codex("x")))
    call("codex", "a\ud800b")
    assert agents.seen("codex").stdin == "a\ufffdb"


@posix_only
def test_an_argument_may_be_as_long_as_the_system_allows(
    agents: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(monkeypatch, tmp_path, '[mine]\nargv = ["mine", "--", "{prompt}"]\n')
    agents.put("mine", Says(out=["ok"]))
    prompt = "{model} " + "x" * (131_071 - 8)
    assert call("mine", prompt).text == "ok\n"
    assert agents.seen("mine").argv == ["--", prompt]
    told = problem("mine", prompt + "y")
    assert told.kind == "too_long"
    assert (
        told.message
        == "an argument of 131072 bytes is too long for mine: 131071 are the most that can be passed"
    )


def test_a_null_byte_cannot_be_an_argument(
    agents: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(monkeypatch, tmp_path, '[mine]\nargv = ["mine", "{prompt}"]\n')
    agents.put("mine")
    assert problem("mine", "a\0b").kind == "rejected"


def test_a_script_of_windows_shell_gets_no_prompt_as_an_argument(
    agents: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(monkeypatch, tmp_path, '[mine]\nargv = ["mine.cmd", "{prompt}"]\n')
    path = agents.folder / "mine.cmd"
    path.write_text("@echo off\n")
    path.chmod(0o755)
    told = problem("mine", "a & calc")
    assert told.kind == "rejected"
    assert "{prompt_file}" in told.hint


def test_an_answer_may_stand_in_a_file(
    agents: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(
        monkeypatch,
        tmp_path,
        '[mine]\nargv = ["mine", "--in", "{prompt_file}", "--out={folder}", "{output_file}"]\n',
    )
    agents.put("mine", Says(out=["working"], writes={"3": "forty-two\n"}))
    response = call("mine", workplace=Workplace(str(tmp_path)))
    assert response.text == "forty-two\n"
    assert agents.seen("mine").argv[2] == f"--out={tmp_path}"
    agents.put("mine", Says(out=["no file"]))
    assert call("mine").text == "no file\n"


def test_an_answer_may_be_one_json_document(
    agents: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[mine]\nargv = ["mine"]\noutput = "json"\ntext = [{ at = "response" }]\nerror = [{ at = "error.message" }]\n'
    mine(monkeypatch, tmp_path, text)
    agents.put("mine", Says(out=json.dumps({"response": "forty-two"}, indent=1).splitlines()))
    assert call("mine", silence_s=0.01).text == "forty-two"  # it speaks at its end
    agents.put("mine", Says(out=['{"error": {"message": "no", "n": NaN, "big": 1e999}}']))
    assert problem("mine").message == "mine ended with exit code 0: no"
    agents.put("mine", Says(out=['{"response": "forty-']))
    told = problem("mine")
    assert isinstance(told, CutError)
    assert (told.kind, told.response.text) == ("garbage", '{"response": "forty-\n')


def test_text_keeps_its_blank_lines_as_it_comes_and_at_the_end(agents: StandIns) -> None:
    agents.put("llm", Says(out=["one", "", "", "  two", ""]))
    heard: list[str] = []
    response = providers.load("llm").respond(Request("hi"), lambda progress: heard.append(progress.text))
    assert response.text == "one\n\n\n  two\n\n"
    assert "".join(heard).rstrip() == response.text.rstrip()


def test_the_output_is_in_the_transcript_behind_what_was_there(agents: StandIns, tmp_path: Path) -> None:
    agents.put("llm", Says(out=["one", "", "two"]))
    transcript = tmp_path / "transcript"
    transcript.write_text("before\n")
    assert call("llm", transcript=str(transcript)).text == "one\n\ntwo\n"
    assert transcript.read_text() == "before\none\n\ntwo\n"


def test_a_transcript_that_cannot_be_written_loses_no_answer(agents: StandIns, tmp_path: Path) -> None:
    agents.put("llm", Says(out=["one", "two"]))
    response = call("llm", transcript=str(tmp_path / "none" / "transcript"))
    assert response.text == "one\ntwo"
    assert isinstance(response.raw, dict)
    assert "is not whole" in str(response.raw["unkept"])


def test_lines_that_are_no_json_are_kept_beside_those_that_are(agents: StandIns) -> None:
    agents.put("codex", Says(out=["a word", " ", *codex("forty-two"), *["more"] * 50]))
    response = call("codex")
    assert response.text == "forty-two"
    assert isinstance(response.raw, dict)
    assert response.raw["stray"] == ["a word", *["more"] * 19]


def test_lines_without_text_are_told_to_nobody(
    agents: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(
        monkeypatch,
        tmp_path,
        '[mine]\nlike = "codex"\nargv = ["mine"]\nresume = ["mine", "{conversation}"]\nfinished = []\n',
    )
    agents.put("mine", Says(out=lines({"type": "thread.started", "thread_id": UUID})))
    assert problem("mine").kind == "empty"


# What an agent sees


def test_an_agent_sees_its_own_keys_and_no_others(agents: StandIns) -> None:
    agents.put("codex", Says(out=codex("x")))
    keys = {
        "CODEX_HOME": "/c",
        "OPENAI_API_KEY": "o",
        "ANTHROPIC_API_KEY": "a",
        "GEMINI_API_KEY": "g",
        "HTTPS_PROXY": "p",
    }
    call("codex", workplace=Workplace(str(agents.folder), environ={**agents.environ, **keys}))
    assert set(agents.seen("codex").env) & set(keys) == {"CODEX_HOME", "OPENAI_API_KEY", "HTTPS_PROXY"}


def test_a_key_is_struck_out_of_all_that_is_kept(agents: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-dummy-made-by-a-test"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    agents.put("llm", Says(out=[f"your key is {key}"], err=f"{key}\n"))
    heard: list[str] = []
    response = providers.load("llm").respond(Request("hi"), lambda progress: heard.append(progress.text))
    assert response.text == "your key is [secret]\n"
    assert key not in to_json(response) + "".join(heard)
    agents.put("llm", Says(err=f"bad key {key}\n", code=1))
    assert problem("llm").message == "llm ended with exit code 1: bad key [secret]"


@pytest.mark.parametrize("says", [Says(out=["ok"], version="none"), Says(out=["ok"], version_code=1)])
def test_an_agent_that_tells_no_version_answers_all_the_same(agents: StandIns, says: Says) -> None:
    agents.put("llm", says)
    assert call("llm").agent == "llm"


def test_an_answer_does_not_wait_long_for_the_version(agents: StandIns) -> None:
    agents.put("llm", Says(out=["ok"], version_takes_s=40))
    began = time.monotonic()
    assert call("llm").agent == "llm"
    assert time.monotonic() - began < 20
