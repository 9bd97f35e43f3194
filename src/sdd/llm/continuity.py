"""Owns going on with a conversation: resumed where it lives, begun afresh with a recap where it does not, never lost.

What a caller says: the whole prompt, for a model that remembers nothing; what alone is new, for one that remembers; and a
recap of what was decided, for one that has forgotten. Which of them is sent depends on the provider and on the store.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from sdd.llm.conversations import TTL, WAIT_S, Conversation, Conversations, Ending, Event
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Exchange, Progress, Request, Watch, unwatched
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.llm.providers import Provider
    from sdd.llm.response import Response

How = Literal["fresh", "resumed", "recapped", "recovered", "expired"]
Say = Callable[[str], None]

_RETOLD = 100_000
"""Characters of earlier turns that a recap made here repeats: a quarter of the smallest context in use, 200,000 tokens."""


def _now() -> datetime:
    return datetime.now(UTC)


class Memory(Value):
    """Where a call is remembered: the store, and the name that its caller gives to the conversation.

    `task` is what the turn is for, where several tasks share a conversation. `ttl` is for one that begins here, None for ever.
    `wait_s` bounds the wait for another process that is at the same conversation. `clock` gives the time, with its zone.
    """

    store: Conversations
    key: str
    task: str = ""
    ttl: timedelta | None = TTL
    wait_s: float = WAIT_S
    clock: Callable[[], datetime] = staticmethod(_now)


class Turn(Value):
    """One turn of a conversation.

    `how` tells how it went on: "fresh", it began here; "resumed", the model remembers; "recapped", the provider keeps no
    conversation and cannot be sent earlier turns, so the prompt retells them; "recovered", the conversation was gone and a
    fresh one was told the recap; "expired" likewise, its time to live was over. `sent` is the request that was answered.
    """

    response: Response
    how: How
    conversation: Conversation
    sent: Request


def converse(
    memory: Memory,
    provider: Provider,
    whole: Request,
    *,
    more: str,
    recap: str | None = None,
    watch: Watch = unwatched,
    say: Say | None = None,
) -> Turn:
    """Ask the provider, going on with the conversation of that key where there is one.

    `whole` is the request as a fresh conversation gets it, its prompt complete; one that goes on is sent `more` instead. `recap`
    is put behind the first `whole.stable` characters of the whole prompt where a conversation was lost; None retells the turns
    that the store remembers. `say` is told, before it happens, that a conversation cannot go on, and why.

    A turn counts, and is remembered, where text came: also that of a CutError, as cut; also what had come to a process that was
    killed. A response carries the conversation's id: the provider's where it keeps conversations, else the store's.

    Raises:
        ProblemError: as `Provider.respond`. A conversation that is gone is no problem here.
        WaitingError: another process is at this conversation.
    """
    with memory.store.locked(memory.key, memory.wait_s):
        return _Talk(memory, provider, whole, more, recap, watch, say or (lambda _: None)).turn()


def remembered(
    store: Conversations,
    conversation: str | Conversation | None,
    provider: Provider,
    request: Request,
    watch: Watch,
) -> Response:
    """One turn as a library's user asks for it: the prompt is what is new, and what came before is the store's to know.

    `conversation` is one of the store's, its id, the provider's id of it, its key, or a key for a new one; None begins one. What
    became of it stands in the response's `notes`.
    """
    found = store.named(conversation) if isinstance(conversation, str) else conversation
    key = found.key if found else str(conversation or uuid4())
    said: list[str] = []
    response = converse(
        Memory(store, key), provider, request, more=request.prompt, watch=watch, say=said.append
    ).response
    return response.model_copy(update={"notes": (*said, *response.notes)}) if said else response


class _Talk(Value):
    """One call of `converse`, which holds the lock."""

    memory: Memory
    provider: Provider
    whole: Request
    more: str
    recap: str | None
    watch: Watch
    say: Say

    def turn(self) -> Turn:
        found = self._newest()
        if found is None or found.state == "closed":
            return self._afresh("fresh", None)
        if found.state == "expired":
            self.say(f"the conversation has expired ({found.why}): a fresh one is told what was decided")
            return self._afresh("expired", found)
        if found.state == "gone":  # marked so, and then no fresh one was answered
            return self._afresh("recovered", found)
        return self._gone_on(found)

    def _newest(self) -> Conversation | None:
        """The newest conversation in which anything was answered."""
        store, now = self.memory.store, self.memory.clock()
        identity = (self.memory.key, self.provider.NAME, self._folder())
        while found := store.find(*identity, now) or store.last(*identity):
            found = self._mended(found)
            if found.turns:
                return found
            store.forget(found.id)
        return None

    def _mended(self, found: Conversation) -> Conversation:
        """The conversation with what a killed process had heard last."""
        lost = self.memory.store.recover(found.id, self.memory.clock())
        if lost is None or not lost.answer.strip():
            return found
        self.say("the last turn was cut short when its process ended; what had come of it is remembered")
        return found.replace(turns=found.turns + 1)

    def _gone_on(self, found: Conversation) -> Turn:
        if self.provider.CONTINUES == "none":
            return self._asked(found, "recapped", self._told(found))
        resuming = self._resuming(found)
        if resuming is None:
            return self._gone(found, f"{self.provider.NAME} did not say what it calls the conversation")
        try:
            return self._asked(found, "resumed", resuming)
        except ProblemError as problem:
            # One that has outgrown the model is as good as gone. Where text came, nothing is asked twice.
            if isinstance(problem, CutError) or problem.kind not in {"no_conversation", "too_long"}:
                raise
            why = problem.message
        return self._gone(found, why)

    def _gone(self, found: Conversation, why: str) -> Turn:
        self.memory.store.end(found.id, "gone", why, self.memory.clock())
        self.say(f"{why}: a fresh conversation is told what was decided")
        return self._afresh("recovered", found)

    def _afresh(self, how: How, before: Conversation | None) -> Turn:
        store, now = self.memory.store, self.memory.clock()
        request = self.whole if before is None else self._told(before)
        begun = store.begin(
            self.memory.key,
            self.provider.NAME,
            self._folder(),
            now,
            model=self.whole.model,
            ttl=self.memory.ttl,
        )
        store.clean(now)
        return self._asked(begun, how, request.replace(new_conversation=begun.id))

    def _asked(self, at: Conversation, how: How, request: Request) -> Turn:
        store, memory = self.memory.store, self.memory

        def hear(progress: Progress) -> None:
            if progress.text:
                store.hear(at.id, progress.text)
            self.watch(progress)

        store.ask(at.id, request.prompt, memory.clock(), task=memory.task)
        try:
            response = self.provider.respond(request, hear)
        except CutError as cut:
            cut.response = self._kept(
                at, how, request, cut.response, "refused" if cut.kind == "refused" else "cut"
            )
            raise
        except ProblemError:
            store.drop(at.id)
            raise
        ending: Ending = "cut" if response.partial else "whole"
        return Turn(self._kept(at, how, request, response, ending), how, at, request)

    def _kept(
        self, at: Conversation, how: Event, request: Request, response: Response, ending: Ending
    ) -> Response:
        """The response with the conversation's name, remembered where text came."""
        from sdd.llm.command_output import counted_in  # pydantic, which the response has loaded by now

        store, now = self.memory.store, self.memory.clock()
        if not response.text.strip():
            store.drop(at.id)
            return response
        store.add(
            at.id,
            Exchange(request.prompt, response.text),
            now,
            ending=ending,
            remote=response.conversation if self.provider.CONTINUES == "id" else None,
            task=self.memory.task,
            event=None if how == "expired" else how,  # that was counted when its time was found to be over
            counted=counted_in(response.raw),
        )
        if response.conversation and self.provider.CONTINUES == "id":
            return response
        return response.model_copy(update={"conversation": at.id})

    def _resuming(self, found: Conversation) -> Request | None:
        """The request for a model that remembers; None where the conversation cannot be named to it."""
        if self.provider.CONTINUES == "history":
            history = self.memory.store.history(found.id)
            return self.whole.replace(
                prompt=self.more, stable=_repeated(self.whole, history), history=history
            )
        if found.remote is None:
            return None
        counted = self.memory.store.counted(found.id)
        return self.whole.replace(prompt=self.more, stable=0, conversation=found.remote, counted=counted)

    def _told(self, before: Conversation) -> Request:
        """The whole request with the recap in it, behind what providers cache."""
        recap = self.recap
        if recap is None:
            recap = retold(self.memory.store.history(before.id))
        if not recap:
            return self.whole
        prompt, stable = self.whole.prompt, self.whole.stable
        return self.whole.replace(prompt=f"{prompt[:stable]}{recap}\n\n{prompt[stable:]}")

    def _folder(self) -> str:
        return self.whole.workplace.folder if self.whole.workplace else ""


def _repeated(whole: Request, history: tuple[Exchange, ...]) -> int:
    """The length of the stable start, where the conversation began with the same: what a cache has from then."""
    start = whole.prompt[: whole.stable]
    return len(start) if history and history[0].prompt.startswith(start) else 0


def retold(history: tuple[Exchange, ...]) -> str:
    """Earlier turns as text, the newest that fit into a prompt; empty where there are none."""
    told, left, size = [], list(history), 0
    while left and size < _RETOLD:
        exchange = left.pop()
        told.append(f"I asked:\n\n{exchange.prompt}\n\nYou answered:\n\n{exchange.answer}")
        size += len(told[-1])
    if not told:
        return ""
    first = f"({len(left)} turns before these are left out.)\n\n" if left else ""
    return "We spoke before, and you do not remember it.\n\n" + first + "\n\n".join(reversed(told))
