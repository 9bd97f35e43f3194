"""What is sent to the Messages API: turns, marks for its cache, and a prompt's tokens counted before."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_messages_api import Fault, MessagesApi, Reply
from sdd.llm import anthropic, anthropic_request
from sdd.llm.anthropic_request import messages_of
from sdd.llm.problems import ProblemError
from sdd.llm.request import Exchange, Request, unwatched
from sdd.llm.response import Response

KEY = "sk-ant-api03-this-is-no-key-0123456789"
MARK = {"type": "ephemeral"}


def respond(api: MessagesApi, request: Request) -> Response:
    with api, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_API_KEY", KEY)
        patch.setenv("ANTHROPIC_BASE_URL", api.url)
        return anthropic.respond(request, unwatched)


def marks(messages: list[Any]) -> list[str]:
    """The texts that end what is to be cached."""
    blocks = [block for message in messages for block in message["content"] if isinstance(block, dict)]
    return [block["text"] for block in blocks if block.get("cache_control") == MARK]


def plain(messages: list[Any]) -> list[tuple[str, str]]:
    """Who says what."""
    said = []
    for message in messages:
        content = message["content"]
        text = content if isinstance(content, str) else "".join(block["text"] for block in content)
        said.append((message["role"], text))
    return said


def test_the_stable_start_is_marked_for_the_cache() -> None:
    api = MessagesApi([Reply(cache_read=900, cache_write=0, input_tokens=100)])
    response = respond(api, Request("rules and the question", stable=9))
    assert api.requests[0].body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "rules and", "cache_control": MARK},
                {"type": "text", "text": " the question"},
            ],
        }
    ]
    assert response.usage
    assert response.usage.cached_share == 0.9


def test_a_conversation_is_replayed_with_its_prefix_marked() -> None:
    history = (Exchange("rules one", "uno"), Exchange("two", "dos"))
    api = MessagesApi([Reply("tres")])
    respond(api, Request("three", stable=5, history=history))
    (seen,) = api.requests
    assert plain(seen.body["messages"]) == [
        ("user", "rules one"),
        ("assistant", "uno"),
        ("user", "two"),
        ("assistant", "dos"),
        ("user", "three"),
    ]
    assert marks(seen.body["messages"]) == ["rules", "dos"]


def test_what_a_cache_holds_begins_the_same_way_in_the_next_turn() -> None:
    first = messages_of(Request("rules one", stable=5))
    second = messages_of(Request("two", stable=5, history=(Exchange("rules one", "uno"),)))
    assert second[: len(first)] == first


texts = st.text(max_size=8)
requests = st.builds(
    Request,
    prompt=texts,
    stable=st.integers(0, 10),
    history=st.lists(st.builds(Exchange, texts, texts), max_size=6).map(tuple),
)


@given(requests)
def test_turns_alternate_none_is_empty_and_the_marks_are_few(request: Request) -> None:
    messages = messages_of(request)
    roles = [role for role, _ in plain(messages)]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
    assert len(marks(messages)) <= 4
    assert all(text.strip() for role, text in plain(messages)[:-1])
    for message in messages:
        blocks = message["content"] if isinstance(message["content"], list) else []
        assert all(block["text"].strip() for block in blocks)
    if not request.prompt[: request.stable].strip():
        assert plain(messages)[-1] == ("user", request.prompt)


# Counted before it is sent


def test_a_prompt_within_its_budget_is_counted_and_sent() -> None:
    api = MessagesApi([Reply()], tokens=500)
    response = respond(api, Request("Say hello", budget=500))
    assert response.notes == ()
    (counted,) = api.counted
    assert counted.body["messages"] == api.requests[0].body["messages"]


def test_a_prompt_over_its_budget_is_refused_with_the_numbers() -> None:
    api = MessagesApi([], tokens=90_001)
    with pytest.raises(ProblemError) as caught:
        respond(api, Request("Say hello", budget=90_000))
    assert caught.value.kind == "too_long"
    assert caught.value.message == "the prompt has 90,001 tokens, and its budget is 90,000"
    assert caught.value.hint.endswith("raise the budget to 90001")
    assert api.requests == []


def test_without_a_budget_nothing_is_counted() -> None:
    api = MessagesApi([Reply()])
    respond(api, Request("Say hello"))
    assert api.counted == []


UNCOUNTED = [
    (Fault(404, "not_found_error"), "status 404"),
    (Fault(429, "rate_limit_error", headers={"retry-after": "3600"}), "rate limit"),
    (Fault(200, body=b"<html></html>", content_type="text/html"), "the server sent no count"),
    (Fault(200, body=b"{}"), "the server sent no count"),
    (Fault(200, body=b"{oops"), "JSONDecodeError"),
    (Fault(401, "authentication_error", f"bad {KEY}"), "does not know the key"),
    (Fault(silent=True), "the API said nothing for 0.2 s"),
]


@pytest.mark.parametrize(("counting", "why"), UNCOUNTED)
def test_where_counting_fails_that_is_said_and_the_prompt_is_sent(
    counting: Fault, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anthropic_request, "COUNTING_S", 0.2 if counting.silent else 10.0)
    api = MessagesApi([Reply("sent")], counting=counting)
    response = respond(
        api, Request("x" * 400, budget=500, history=(Exchange("y" * 300, "z" * 100),), timeout_s=60.0)
    )
    assert response.text == "sent"
    (note,) = response.notes
    assert note.startswith("the prompt's tokens could not be counted before it was sent (")
    assert why in note
    assert note.endswith("they are about 200, and the budget is 500")
    assert KEY not in note


def test_counting_takes_of_the_time_of_the_call() -> None:
    began = time.monotonic()
    api = MessagesApi([Reply()], counting=Fault(silent=True))
    with pytest.raises(ProblemError) as caught:
        respond(api, Request("Say hello", budget=500, timeout_s=0.3))
    assert caught.value.kind in {"timed_out", "stalled"}
    assert time.monotonic() - began < 10
