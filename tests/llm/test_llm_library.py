"""The library as its users see it: ask, prompt, stream, conversations; and the examples of its page, run."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import sdd
from fake_messages_api import Fault, MessagesApi, Reply, Script, Seen
from sdd import llm
from sdd.errors import SddError
from sdd.llm import streaming
from sdd.llm.conversations import CUT
from sdd.llm.problems import CutError, ProblemError

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "library.md"
EXAMPLES = [token.content for token in MarkdownIt().parse(PAGE.read_text("utf-8")) if token.info == "python"]
NAMES = ("Conversations", "CutError", "ProblemError", "Response", "Usage", "ask", "prompt", "stream")


class Served:
    """A server that speaks the API, told what to answer, for the length of a test."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.api: MessagesApi | None = None

    def __call__(self, script: Script) -> MessagesApi:
        self.api = MessagesApi(script)
        self.api.__enter__()
        self.patch.setenv("ANTHROPIC_BASE_URL", self.api.url)
        return self.api


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-this-is-no-key-0123456789")
    found = Served(monkeypatch)
    yield found
    if found.api:
        found.api.__exit__(None, None, None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[llm.Conversations]:
    with llm.Conversations(str(tmp_path / "talks.sqlite")) as found:
        yield found


def echo(seen: Seen) -> Reply:
    """An answer that says how many turns came before."""
    return Reply(f"after {len(seen.body['messages']) // 2}")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_page_runs(
    example: str, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(echo)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(compile(example, str(PAGE), "exec"), found)  # noqa: S102 - our own page
    if "store" in found:
        assert found["second"].text == "after 1"
        found["store"].release()


def test_sdd_itself_hands_out_the_library() -> None:
    assert sorted(NAMES) == sorted(sdd.__all__)
    for name in NAMES:
        assert getattr(sdd, name) is getattr(llm, name)
    with pytest.raises(AttributeError, match="no attribute 'promt'"):
        sdd.promt  # noqa: B018 - the point of the test


def test_importing_it_from_sdd_loads_nothing_heavy() -> None:
    script = (
        "import sys; from sdd import prompt, ask, stream, CutError;"
        "print(*({'pydantic', 'anthropic', 'filelock', 'sdd.llm.conversations', 'sdd.llm.streaming'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


# A stream


def test_a_stream_gives_the_pieces_and_then_the_response(served: Served) -> None:
    served([Reply("abcdef", pieces=3)])
    pieces = llm.stream("Count", max_output_tokens=99)
    assert next(pieces) == "ab"
    assert pieces.progress
    assert pieces.progress.text == "ab"
    assert list(pieces) == ["cd", "ef"]
    assert list(pieces) == []
    assert pieces.response.text == "abcdef"
    assert pieces.progress.output_tokens == pieces.response.usage.output == 50  # type: ignore[union-attr]  # known here


def test_whoever_wants_the_response_alone_need_not_read(served: Served) -> None:
    served([Reply("abc")])
    assert llm.stream("Count").response.text == "abc"


def test_a_cut_stream_raises_where_its_text_ends_and_keeps_it(served: Served) -> None:
    served([Reply("abcd", then="cut", after=1)])
    pieces = llm.stream("Count")
    assert next(pieces) == "ab"
    for _ in range(2):
        with pytest.raises(CutError):
            next(pieces)
    assert (pieces.response.text, pieces.response.partial) == ("ab", True)


def test_a_stream_of_nothing_raises_its_problem(served: Served) -> None:
    served([Fault(401, "authentication_error")])
    pieces = llm.stream("Count")
    with pytest.raises(ProblemError):
        list(pieces)
    with pytest.raises(ProblemError, match="does not know the key"):
        _ = pieces.response


def test_a_provider_that_is_none_is_told_at_once() -> None:
    with pytest.raises(SddError, match="no provider 'antropic'"):
        llm.stream("Count", provider="antropic")


def test_to_leave_a_stream_ends_the_call_and_loses_nothing(served: Served, store: llm.Conversations) -> None:
    served([Reply("x" * 200_000, pieces=20_000), echo(Seen("", {}, {"messages": [1, 2]}))])
    with llm.stream("Count", store=store) as pieces:
        first = next(pieces)
    assert list(pieces) == []
    response = pieces.response
    assert response.partial
    assert response.text.startswith(first)
    assert len(response.text) < 200_000
    assert response.conversation
    llm.prompt("Go on", conversation=response.conversation, store=store)
    assert served.api
    (_, second) = served.api.requests
    content = second.body["messages"][1]["content"]
    assert content[0]["text"] == f"{response.text}\n\n{CUT}"


def test_to_leave_a_stream_before_anything_came_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "ENDING_S", 0.05)

    silence = threading.Event()

    def call(watch: llm.Watch) -> llm.Response:
        silence.wait()
        watch(llm.Progress("", None, 0.1, None))
        raise AssertionError("it goes on")

    pieces = llm.Stream(call)
    pieces.close()
    silence.set()
    with pytest.raises(SddError, match="stopped before anything came"):
        _ = pieces.response


# A conversation


def test_the_model_remembers_by_the_id_or_by_a_name(served: Served, store: llm.Conversations) -> None:
    served(echo)
    first = llm.prompt("one", store=store)
    assert llm.prompt("two", conversation=first.conversation, store=store).text == "after 1"
    assert llm.ask("three", conversation=first.conversation, store=store) == "after 2"
    assert llm.ask("one", conversation="cart", store=store) == "after 0"
    assert llm.ask("two", conversation="cart", store=store) == "after 1"
    found = store.named("cart")
    assert found
    assert llm.ask("three", conversation=found, store=store) == "after 2"
    assert len(store.list()) == 2


def test_a_provider_that_remembers_nothing_is_told_again(
    store: llm.Conversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("001-a.md", "002-b.md"):
        (tmp_path / name).write_text(name)
    monkeypatch.setenv("SDD_RECORDING", str(tmp_path))
    first = llm.prompt("one", provider="recorded", store=store)
    second = llm.prompt("two", provider="recorded", conversation=first.conversation, store=store)
    assert second.conversation == first.conversation
    (_, exchange) = store.history(str(second.conversation))
    assert exchange.prompt.endswith("I asked:\n\none\n\nYou answered:\n\n001-a.md\n\ntwo")


def test_a_conversation_that_could_not_go_on_says_so_in_the_response(
    served: Served, store: llm.Conversations
) -> None:
    full = Fault(400, "invalid_request_error", "prompt is too long: 1000001 tokens > 1000000 maximum")
    served([Reply("one"), full, Reply("two")])
    llm.ask("one", conversation="cart", store=store)
    response = llm.prompt("two", conversation="cart", store=store)
    assert response.text == "two"
    (note,) = response.notes
    assert note.endswith("a fresh conversation is told what was decided")
    assert served.api
    assert "I asked:\n\none" in served.api.requests[2].body["messages"][0]["content"]


def test_without_a_store_the_provider_is_asked_for_it(served: Served, store: llm.Conversations) -> None:
    served([])
    talk = store.begin("cart", "anthropic", "", llm.from_json(LINE).started)
    for conversation in ("c-1", talk):
        with pytest.raises(ProblemError) as caught:
            llm.prompt("one", conversation=conversation)
        assert caught.value.kind == "no_conversation"


LINE = (
    '{"version": 2, "text": "", "provider": "", "model_asked": null, "model_answered": null, "conversation": null,'
    ' "usage": null, "cost": null, "stop_reason": null, "partial": false, "started": "2026-11-21T12:00:00Z",'
    ' "seconds": 0, "first_text_seconds": null, "raw": null}'
)
