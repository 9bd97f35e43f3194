"""Conversations that go on: resumed, recapped, recovered; nothing that was paid for is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from sdd.llm.continuity import Memory, Turn, converse, retold
from sdd.llm.conversations import CUT, Conversations
from sdd.llm.problems import CutError, Kind, ProblemError
from sdd.llm.request import Exchange, Progress, Request, Watch, Workplace
from sdd.llm.response import Response

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def response(text: str, conversation: str | None = None, *, partial: bool = False) -> Response:
    return Response(
        text=text,
        provider="pen pal",
        model_asked=None,
        model_answered="pal-1",
        conversation=conversation,
        usage=None,
        cost=None,
        stop_reason="max_tokens" if partial else None,
        partial=partial,
        started=NOON,
        seconds=0.1,
        first_text_seconds=None,
        raw=None,
    )


def no(kind: Kind, message: str = "no") -> ProblemError:
    return ProblemError(kind, message, hint="write again")


class PenPal:
    """A provider of its own: it keeps its letters by id where it is asked to, and can be told to fail."""

    NAME = "pen pal"
    EDITS = False

    def __init__(self, continues: Literal["id", "history", "none"]) -> None:
        self.CONTINUES = continues
        self.letters: dict[str, list[str]] = {}
        self.asked: list[Request] = []
        self.next: list[Callable[[Request, Watch], Response]] = []

    def ready(self) -> str:
        return ""

    def respond(self, request: Request, watch: Watch) -> Response:
        self.asked.append(request)
        if self.next:
            return self.next.pop(0)(request, watch)
        return self.answer(request, watch)

    def answer(self, request: Request, watch: Watch) -> Response:
        earlier = [exchange.prompt for exchange in request.history]
        name = None
        if self.CONTINUES == "id":
            name = request.conversation or request.new_conversation
            if request.conversation and request.conversation not in self.letters:
                raise no("no_conversation", "no conversation found")
            earlier = self.letters.setdefault(str(name), [])
        text = f"after {len(earlier)}: {request.prompt}"
        watch(Progress(text, None, 0.1, None))
        if self.CONTINUES == "id":
            earlier.append(request.prompt)
        return response(text, name)


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    with Conversations(str(tmp_path / "sdd" / "conversations.sqlite")) as found:
        yield found


class Talk:
    """A conversation with a pen pal, and all that was said about it."""

    def __init__(self, store: Conversations, continues: Literal["id", "history", "none"]) -> None:
        self.pal = PenPal(continues)
        self.clock = Clock()
        self.said: list[str] = []
        self.memory = Memory(store, "02-cart", clock=self.clock, ttl=timedelta(days=1))

    def turn(self, more: str = "more", recap: str | None = "RECAP") -> Turn:
        whole = Request("STABLE whole", stable=7)
        return converse(self.memory, self.pal, whole, more=more, recap=recap, say=self.said.append)

    @property
    def sent(self) -> Request:
        return self.pal.asked[-1]


def test_a_provider_that_keeps_conversations_is_sent_only_what_is_new(store: Conversations) -> None:
    talk = Talk(store, "id")
    first, second = talk.turn(), talk.turn("and then?")
    assert (first.how, first.sent.prompt, first.sent.conversation) == ("fresh", "STABLE whole", None)
    assert first.sent.new_conversation == first.conversation.id == first.response.conversation
    assert (second.how, second.sent.prompt, second.sent.stable) == ("resumed", "and then?", 0)
    assert second.sent.conversation == first.response.conversation
    assert second.response.text == "after 1: and then?"
    assert (second.sent.new_conversation, second.sent.history) == (None, ())


def test_a_provider_that_keeps_none_is_sent_the_earlier_turns(store: Conversations) -> None:
    talk = Talk(store, "history")
    first, second = talk.turn(), talk.turn("and then?")
    assert second.how == "resumed"
    assert talk.sent.prompt == "and then?"
    assert talk.sent.history == (Exchange("STABLE whole", "after 0: STABLE whole"),)
    assert talk.sent.conversation is None
    assert first.response.conversation == second.response.conversation == first.conversation.id
    assert [exchange.prompt for exchange in store.history(first.conversation.id)] == [
        "STABLE whole",
        "and then?",
    ]


def test_a_provider_that_can_do_neither_is_told_the_recap_behind_the_stable_part(
    store: Conversations,
) -> None:
    talk = Talk(store, "none")
    first, second = talk.turn(), talk.turn()
    assert (first.how, first.sent.prompt) == ("fresh", "STABLE whole")
    assert (second.how, second.sent.prompt, second.sent.stable) == (
        "recapped",
        "STABLE RECAP\n\nwhole",
        7,
    )


def test_a_conversation_that_is_gone_is_asked_again_once_with_a_recap(store: Conversations) -> None:
    talk = Talk(store, "id")
    first = talk.turn()
    talk.pal.letters.clear()
    second, third = talk.turn(), talk.turn("further")
    assert (second.how, second.sent.prompt) == ("recovered", "STABLE RECAP\n\nwhole")
    assert second.conversation.id != first.conversation.id
    assert talk.said == ["no conversation found: a fresh conversation is told what was decided"]
    assert third.how == "resumed"
    assert [found.state for found in store.list()] == ["gone", "open"]


def test_one_that_has_outgrown_the_model_is_as_good_as_gone(store: Conversations) -> None:
    talk = Talk(store, "history")
    talk.turn()

    def full(request: Request, watch: Watch) -> Response:
        raise no("too_long", "the prompt is too long")

    talk.pal.next = [full]
    assert talk.turn().how == "recovered"


def test_an_expired_one_is_told_the_recap(store: Conversations) -> None:
    talk = Talk(store, "id")
    talk.turn()
    talk.clock.now += timedelta(days=2)
    assert (talk.turn().how, talk.sent.prompt) == ("expired", "STABLE RECAP\n\nwhole")
    assert talk.said == [
        "the conversation has expired (last used 2 days ago): a fresh one is told what was decided"
    ]


def test_one_that_was_closed_on_purpose_is_not_retold(store: Conversations) -> None:
    talk = Talk(store, "id")
    first = talk.turn()
    store.close(first.conversation.id, "poisoned", NOON)
    assert (talk.turn().how, talk.sent.prompt) == ("fresh", "STABLE whole")


def test_what_fails_with_nothing_said_is_no_turn(store: Conversations) -> None:
    talk = Talk(store, "id")

    def busy(request: Request, watch: Watch) -> Response:
        raise no("overloaded")

    talk.pal.next = [busy]
    with pytest.raises(ProblemError):
        talk.turn()
    assert (talk.turn().how, len(store.list())) == ("fresh", 1)
    talk.pal.letters.clear()
    gone: list[Callable[[Request, Watch], Response]] = [talk.pal.answer, busy]
    talk.pal.next = gone
    with pytest.raises(ProblemError):
        talk.turn()
    assert (talk.turn().how, talk.sent.prompt) == ("recovered", "STABLE RECAP\n\nwhole")


def test_a_cut_answer_is_remembered_as_cut(store: Conversations) -> None:
    talk = Talk(store, "history")

    def cut(request: Request, watch: Watch) -> Response:
        watch(Progress("half of", None, 0.1, None))
        raise CutError(no("cut"), response("half of", partial=True))

    talk.pal.next = [cut]
    with pytest.raises(CutError) as caught:
        talk.turn()
    assert caught.value.response.conversation == store.list()[0].id
    assert talk.turn("go on").how == "resumed"
    assert talk.sent.history == (Exchange("STABLE whole", f"half of\n\n{CUT}"),)


def test_one_that_reached_its_limit_is_remembered_as_cut(store: Conversations) -> None:
    talk = Talk(store, "history")
    talk.pal.next = [lambda request, watch: response("long", partial=True)]
    talk.turn()
    talk.turn()
    assert talk.sent.history[0].answer.endswith(CUT)


def test_a_refusal_is_not_sent_again(store: Conversations) -> None:
    talk = Talk(store, "history")
    talk.turn()

    def refuse(request: Request, watch: Watch) -> Response:
        raise CutError(no("refused"), response("I will", partial=True))

    talk.pal.next = [refuse]
    with pytest.raises(CutError):
        talk.turn("do evil")
    talk.turn("do good")
    assert [exchange.prompt for exchange in talk.sent.history] == ["STABLE whole"]


def test_a_cut_with_text_is_never_asked_again(store: Conversations) -> None:
    talk = Talk(store, "id")
    talk.turn()

    def cut(request: Request, watch: Watch) -> Response:
        raise CutError(no("too_long"), response("paid", "x", partial=True))

    talk.pal.next = [cut]
    with pytest.raises(CutError):
        talk.turn()
    assert len(talk.pal.asked) == 2


def test_an_empty_answer_is_no_turn(store: Conversations) -> None:
    talk = Talk(store, "history")
    talk.pal.next = [lambda request, watch: response(" ")]
    assert talk.turn().response.text == " "
    assert (talk.turn().how, talk.sent.history) == ("fresh", ())


def test_one_whose_name_is_not_known_cannot_be_resumed(store: Conversations) -> None:
    talk = Talk(store, "id")
    talk.pal.next = [lambda request, watch: response("nameless")]
    first = talk.turn()
    assert first.response.conversation == first.conversation.id
    assert talk.turn().how == "recovered"
    assert talk.said == [
        "pen pal did not say what it calls the conversation: a fresh conversation is told what was decided"
    ]


def test_without_a_recap_of_the_callers_the_earlier_turns_are_retold(store: Conversations) -> None:
    talk = Talk(store, "none")
    talk.turn()
    talk.turn(recap=None)
    assert talk.sent.prompt == (
        "STABLE We spoke before, and you do not remember it.\n\n"
        "I asked:\n\nSTABLE whole\n\nYou answered:\n\nafter 0: STABLE whole\n\nwhole"
    )
    talk.turn(recap="")
    assert talk.sent.prompt == "STABLE whole"


def test_what_is_left_out_of_a_recap_is_said() -> None:
    assert retold(()) == ""
    told = retold((Exchange("a", "b"), Exchange("c", "d" * 100_000)))
    assert "(1 turns before these are left out.)" in told
    assert "I asked:\n\na" not in told


def test_each_folder_has_a_conversation_of_its_own(store: Conversations) -> None:
    talk = Talk(store, "id")
    talk.turn()
    elsewhere = Request("whole", workplace=Workplace("/elsewhere"))
    assert converse(talk.memory, talk.pal, elsewhere, more="more").how == "fresh"
    assert converse(talk.memory, talk.pal, elsewhere, more="more").how == "resumed"


def test_the_time_is_now_and_it_is_in_utc(store: Conversations) -> None:
    converse(Memory(store, "a"), PenPal("none"), Request("hi"), more="")
    (found,) = store.list()
    assert abs(datetime.now(UTC) - found.created) < timedelta(minutes=5)
    assert found.created.tzinfo is UTC


def test_what_had_come_to_a_killed_process_is_remembered(store: Conversations) -> None:
    talk = Talk(store, "history")

    def killed(request: Request, watch: Watch) -> Response:
        watch(Progress("half", None, 0.1, None))
        watch(Progress("", 5, 0.1, None))
        raise KeyboardInterrupt  # as a kill: nothing that would clean up after a ProblemError is run

    talk.pal.next = [killed]
    with pytest.raises(KeyboardInterrupt):
        talk.turn()
    assert talk.turn("go on").how == "resumed"
    assert talk.sent.history == (Exchange("STABLE whole", f"half\n\n{CUT}"),)
    assert talk.said == [
        "the last turn was cut short when its process ended; what had come of it is remembered"
    ]


def test_a_cache_is_asked_for_what_the_conversation_began_with(store: Conversations) -> None:
    talk = Talk(store, "history")
    talk.turn()
    talk.turn()
    assert talk.sent.stable == 7
    other = Request("OTHER! whole", stable=7)
    converse(talk.memory, talk.pal, other, more="more")
    assert talk.sent.stable == 0
