"""The real Claude Code does what the stand-in of the other tests does: the facts that the provider rests on, repeated."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from fake_messages_api import Fault, MessagesApi, Reply, Script, Seen, Step
from gitbox import GitBox
from sdd.llm import claude as provider
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Request, Workplace
from sdd.llm.response import Response
from sdd.repository import Repository
from sdd.runs import agent
from workshop import begin, findings, place, response, runs

pytestmark = [pytest.mark.usefixtures("claude"), pytest.mark.timeout(240)]

MODEL = "claude-sonnet-5-5"


class Desk:
    """A folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []

    def ask(
        self, api: MessagesApi, prompt: str = "Do it.", writes: tuple[str, ...] = (), **fields: Any
    ) -> Response:
        environ = {**os.environ, "ANTHROPIC_BASE_URL": api.url}
        at = Workplace(
            str(self.folder), writes, fields.pop("commands", ()), fields.pop("settings", ""), environ
        )
        limits = {"timeout_s": 60.0, "silence_s": 30.0, "model": MODEL}
        return provider.respond(
            Request(prompt, workplace=at, **{**limits, **fields}),
            lambda progress: self.told.append(progress.text),
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "work").mkdir()
    return Desk(tmp_path / "work")


def using(*tools: tuple[str, dict[str, object]], then: str = "done") -> Callable[[Seen], Step]:
    """A model that uses these tools one after the other, then answers."""
    left = list(tools)
    return lambda _: Reply("I try.", tools=[left.pop(0)]) if left else Reply(then)


def write(path: Path) -> tuple[str, dict[str, object]]:
    return "Write", {"file_path": str(path), "content": "new\n"}


def bash(command: str) -> tuple[str, dict[str, object]]:
    return "Bash", {"command": command, "description": "try"}


def sent(api: MessagesApi) -> str:
    return json.dumps(api.requests[-1].body["messages"])


def test_an_answer_with_its_cost_its_conversation_and_its_version(desk: Desk, tmp_path: Path) -> None:
    transcript, chosen = tmp_path / "stream.jsonl", str(uuid.uuid4())
    with MessagesApi([Reply("Hello there", pieces=3, cache_read=10)]) as api:
        found = desk.ask(api, new_conversation=chosen, transcript=str(transcript))
    assert (found.text, "".join(desk.told), found.conversation) == ("Hello there", "Hello there", chosen)
    assert found.agent
    assert found.agent.startswith("claude 2.")
    assert found.usage
    assert (found.usage.input, found.usage.output, found.usage.cache_read) == (100, 50, 10)
    assert found.cost == Decimal("0.000701")
    assert (found.model_answered, found.turns, found.stop_reason) == (MODEL, 1, "end_turn")
    lines = [json.loads(line) for line in transcript.read_bytes().splitlines()]
    assert (lines[0]["subtype"], lines[-1]["type"]) == ("init", "result")


def test_a_conversation_goes_on_and_each_run_costs_its_own(desk: Desk) -> None:
    with MessagesApi([Reply("first answer"), Reply("second answer")]) as api:
        first = desk.ask(api, "first question")
        second = desk.ask(api, "second question", conversation=first.conversation)
        assert all(words in sent(api) for words in ("first question", "first answer", "second question"))
    assert second.conversation == first.conversation
    assert (first.cost, second.cost) == (Decimal("0.0007"), Decimal("0.0007"))
    assert first.usage == second.usage


def test_a_conversation_that_is_gone_is_told_without_a_call(desk: Desk) -> None:
    with MessagesApi() as api, pytest.raises(ProblemError) as caught:
        desk.ask(api, conversation=str(uuid.uuid4()))
    assert caught.value.kind == "no_conversation"
    assert api.requests == []


def test_an_id_that_is_in_use_is_told(desk: Desk) -> None:
    with MessagesApi([Reply()]) as api:
        used = desk.ask(api).conversation
        with pytest.raises(ProblemError, match="already in use"):
            desk.ask(api, new_conversation=used)


def test_without_writes_it_has_no_tool_that_changes_anything(desk: Desk) -> None:
    new = desk.folder / "new.py"
    with MessagesApi(using(write(new), bash("echo x > y"))) as api:
        found = desk.ask(api)
        assert {tool["name"] for tool in api.requests[0].body["tools"]} <= {"Read", "Glob", "Grep"}
    assert found.text == "done"
    assert list(desk.folder.iterdir()) == []


def test_it_writes_what_it_may_and_nothing_else(desk: Desk) -> None:
    names = ("src/a.py", "src/deep/b.py", "app/[id]/page (1).tsx", "elsewhere.py", "src2/a.py")
    tools = [write(desk.folder / name) for name in names]
    tools += [
        bash("echo x > src/c.py"),
        bash("echo x > d.py"),
        bash("git --version"),
        bash("git --version > e"),
        bash("rm -r src"),
    ]
    writes = ("src/**", "app/[id]/page (1).tsx")
    with MessagesApi(using(*tools)) as api:
        found = desk.ask(api, writes=writes, commands=("git --version",))
    files = {path.relative_to(desk.folder).as_posix() for path in desk.folder.rglob("*") if path.is_file()}
    assert files == {"src/a.py", "src/deep/b.py", "src/c.py", "app/[id]/page (1).tsx"}
    assert [one.partition(":")[0] for one in found.denied] == ["Write", "Write", "Bash", "Bash", "Bash"]
    assert found.denied[0] == f"Write: {desk.folder / 'elsewhere.py'}"


def test_the_door_of_sdd_denies_what_the_rules_would_allow(
    box: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(box)
    path = box.path / ".claude/settings.json"
    desk = Desk(box.path)
    at = agent.workplace(place(box), (), ())
    assert at.environ
    monkeypatch.setenv("PATH", at.environ["PATH"])
    with MessagesApi(using(write(path), write(box.path / "notes.md"))) as api:
        found = desk.ask(api, writes=("notes.md", ".claude/*"), settings=at.settings)
        assert "turns this door on and off" in sent(api)
    assert found.denied == (f"Write: {path}",)
    assert (path.exists(), (box.path / "notes.md").exists()) == (False, True)


def test_a_prompt_is_sent_as_it_is(desk: Desk) -> None:
    (desk.folder / "secret.txt").write_text("THE CONTENT")
    with MessagesApi([Reply()]) as api:
        desk.ask(api, "/init and @secret.txt é")
        assert "/init and @secret.txt é" in json.dumps(api.requests[-1].body["messages"], ensure_ascii=False)
        assert "THE CONTENT" not in sent(api)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(401, "authentication_error", "invalid x-api-key"), "authentication"),
        (Fault(402, "billing_error", "no credit"), "billing"),
        (Fault(403, "permission_error", "no"), "permission"),
        (Fault(404, "not_found_error", "model: x"), "unknown_model"),
        (Fault(400, "invalid_request_error", "bad"), "rejected"),
        (
            Fault(400, "invalid_request_error", "prompt is too long: 220000 tokens > 200000 maximum"),
            "too_long",
        ),
        (Fault(413, "request_too_large", "large"), "too_long"),
        (Fault(429, "rate_limit_error", "slow", headers={"retry-after": "3600"}), "rate_limited"),
        (Fault(529, "overloaded_error", "busy"), "overloaded"),
        (Fault(500, "api_error", "boom"), "unavailable"),
        (Fault(200, body=b"<html>", content_type="text/html"), "garbage"),
        (Reply("No", stop_reason="refusal"), "refused"),
        (Reply("Half", stop_reason="max_tokens"), "length"),
        (Reply("Half of it", then="cut", after=1), "cut"),
    ],
)
def test_a_failure_of_the_api_has_its_kind(desk: Desk, fault: Step, kind: str) -> None:
    with MessagesApi(lambda _: fault) as api, pytest.raises(ProblemError) as caught:
        desk.ask(api)
    assert caught.value.kind == kind, caught.value.message
    if kind != "cut":  # there it is chance whether it hands on what had come before the connection broke
        assert isinstance(caught.value, CutError) == isinstance(fault, Reply)


def test_an_api_that_is_not_there_is_told(desk: Desk) -> None:
    api = MessagesApi()
    api._server.server_close()
    with pytest.raises(ProblemError) as caught:
        desk.ask(api)
    assert caught.value.kind == "unreachable"


def test_a_stall_keeps_the_partial_answer_and_the_conversation_goes_on(desk: Desk) -> None:
    steps: Script = [Reply("Half of it", then="stall", after=1), Reply("the rest")]
    with MessagesApi(steps) as api:
        with pytest.raises(CutError) as caught:
            desk.ask(api, silence_s=4.0)
        assert (caught.value.kind, caught.value.response.text) == ("stalled", "Half ")
        found = desk.ask(api, "go on", conversation=caught.value.response.conversation)
        assert "Half " in sent(api)  # SIGINT lets it keep what had come
    assert found.text == "the rest"


def test_ctrl_c_keeps_the_partial_answer(desk: Desk) -> None:
    def press() -> None:
        while not desk.told:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = Thread(target=press)
    thread.start()
    try:
        with (
            MessagesApi([Reply("Half of it", then="stall", after=1)]) as api,
            pytest.raises(CutError) as caught,
        ):
            desk.ask(api)
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)
    assert (caught.value.kind, caught.value.response.text) == ("interrupted", "Half ")


def test_a_session_is_carried_out_to_its_end(box: GitBox) -> None:
    begin(box, "writes: [docs/a.md, docs/b.md]", commands=["git --version"])
    tools = [write(box.path / name) for name in ("docs/a.md", "other.py", "docs/b.md")]
    with MessagesApi(using(*tools, then=response())) as api:
        told = box.sdd("next", "--provider", "claude", "--model", MODEL, env={"ANTHROPIC_BASE_URL": api.url})
    assert told.code == 0, told
    (run,) = runs(box)
    assert (run.outcome, run.provider, run.model) == ("done", "claude", MODEL)
    assert (run.tokens_out, run.cost) == (200, "0.0028")
    assert (box.read("docs/a.md"), (box.path / "other.py").exists()) == ("new\n", False)
    assert findings(box) == []
    assert Repository.find(str(box.path)).head()
