"""An agent that counts whole conversations, remembered: each turn is told its own share, or none where that is not known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdd.llm import providers
from sdd.llm.continuity import Memory, converse
from sdd.llm.conversations import Conversations
from sdd.llm.problems import ProblemError
from sdd.llm.request import Request
from sdd.llm.response import Usage
from stand_ins import Says, StandIns

THREAD = "01a22151-d4c8-71b3-b4d7-663a24038e98"
SHARE = Usage(input=60, output=10, cache_read=30)


def codex(times: int) -> Says:
    """What codex 0.171.0 says at the end of so many turns of 100 tokens."""
    usage = {"input_tokens": 90 * times, "cached_input_tokens": 30 * times, "output_tokens": 10 * times}
    events = (
        {"type": "thread.started", "thread_id": THREAD},
        {"type": "item.completed", "item": {"type": "agent_message", "text": f"turn {times}"}},
        {"type": "turn.completed", "usage": usage},
    )
    return Says(out=[json.dumps(event) for event in events])


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    found = StandIns(tmp_path)
    monkeypatch.setenv("PATH", found.path)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    with Conversations(str(tmp_path / "conversations.sqlite")) as made:
        yield made


def turn(store: Conversations) -> Usage | None:
    """The tokens of one more turn of the same conversation."""
    request = Request("Everything, once more.")
    return converse(Memory(store, "k"), providers.load("codex"), request, more="More.").response.usage


def test_each_turn_is_told_its_own_share(agents: StandIns, store: Conversations) -> None:
    for times in (1, 2, 3):
        agents.put("codex", codex(times))
        assert turn(store) == SHARE


def test_a_turn_that_brought_nothing_may_have_been_counted_so_the_next_share_is_not_known(
    agents: StandIns, store: Conversations
) -> None:
    agents.put("codex", codex(1))
    turn(store)
    agents.put("codex", Says(code=1))
    with pytest.raises(ProblemError):
        turn(store)
    agents.put("codex", codex(3))
    assert turn(store) is None
    agents.put("codex", codex(4))
    assert turn(store) == SHARE


def test_what_was_counted_of_no_conversation_is_not_known(store: Conversations) -> None:
    assert store.counted("none") is None
