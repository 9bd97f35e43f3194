"""Owns what is remembered of conversations: which there are, what was said in them, and how going on with them went.

A conversation is known by its `key` (whatever its caller names it by), its provider and the folder it runs in. At most one
of these is open at a time; one that ended never opens again. Time may go backwards, as clocks do: `last_used` never
decreases and no conversation is younger than nothing. How safe that is kept: `sdd.llm.conversation_file`.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, Self

from sdd.disk import lock
from sdd.errors import SddError, WaitingError
from sdd.llm.conversation_file import File, Say
from sdd.llm.request import Exchange
from sdd.values import Value

State = Literal["open", "closed", "expired", "gone"]
Event = Literal["fresh", "resumed", "recapped", "recovered", "expired", "gone", "lost"]
Ending = Literal["whole", "cut", "refused"]

TTL = timedelta(days=30)  # as long as Claude Code 2.1.329 keeps its own, unless it is told otherwise
KEPT = timedelta(days=30)  # what ended, so long after its last use
COUNTED = timedelta(days=365)
WAIT_S = 60.0
CUT = "[The answer was cut here.]"


class Conversation(Value):
    """One conversation, as it stood when it was read.

    `id` is the store's own and is proposed to the provider; `remote` is what the provider calls it, None before it
    said so or where it keeps none. `turns` counts the exchanges, `tasks` the different tasks they were for. `why` tells
    how it ended.
    """

    id: str
    key: str
    provider: str
    folder: str
    model: str | None
    remote: str | None
    created: datetime
    last_used: datetime
    ttl: timedelta | None
    state: State
    why: str
    turns: int
    tasks: int

    def age(self, now: datetime) -> timedelta:
        """Since its last use; never negative."""
        return max(timedelta(), now - self.last_used)

    def is_expired(self, now: datetime) -> bool:
        """Whether its time to live is over."""
        return self.ttl is not None and self.age(now) > self.ttl


class Counts(Value):
    """How often each thing happened to conversations."""

    by_event: Mapping[str, int]

    def of(self, event: Event) -> int:
        """How often that was."""
        return self.by_event.get(event, 0)

    @property
    def resumed_share(self) -> float | None:
        """Of the conversations that were to be resumed, the share that were; None where none was to be."""
        tried = self.of("resumed") + self.of("gone")
        return self.of("resumed") / tried if tried else None


class Conversations:
    """The conversations in the file `path`, which is made with its folders by the first use and may be deleted any time.

    `say` is told, in a sentence, what could not be kept; without it Python's `warnings` are.
    """

    def __init__(self, path: str, say: Say | None = None) -> None:
        self._file = File(path, say)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    @property
    def path(self) -> str:
        """Where the file lies."""
        return self._file.path

    def release(self) -> None:
        """Let go of the file, as the end of a `with` does; the next use opens it again."""
        self._file.close()

    def find(self, key: str, provider: str, folder: str, now: datetime) -> Conversation | None:
        """The open conversation; one whose time is over is marked expired (see `last`) and not given."""
        found = self.last(key, provider, folder)
        if found is None or found.state != "open":
            return None
        if found.is_expired(now):
            self.end(found.id, "expired", f"last used {_days(found.age(now))} ago", now)
            return None
        return found

    def last(self, key: str, provider: str, folder: str) -> Conversation | None:
        """The newest conversation with that key, whatever became of it."""
        where = "key = ? AND provider = ? AND folder = ? ORDER BY number DESC LIMIT 1"
        return next(iter(self._read(where, key, provider, folder)), None)

    def named(self, name: str) -> Conversation | None:
        """The newest conversation with that id, its own or the provider's, else with that key."""
        where = (
            "id = ?1 OR remote = ?1 OR key = ?1 ORDER BY id = ?1 DESC, remote IS ?1 DESC, number DESC LIMIT 1"
        )
        return next(iter(self._read(where, name)), None)

    def list(self) -> tuple[Conversation, ...]:
        """All that are remembered, in the order they began."""
        return self._read("1 ORDER BY number")

    def begin(
        self,
        key: str,
        provider: str,
        folder: str,
        now: datetime,
        *,
        model: str | None = None,
        ttl: timedelta | None = TTL,
    ) -> Conversation:
        """A new conversation; an open one with that key ends."""
        id_, at, seconds = str(uuid.uuid4()), _text(now), None if ttl is None else ttl.total_seconds()
        named = (_storable(key), provider, _storable(folder))
        same = "key = ? AND provider = ? AND folder = ? AND state = 'open'"

        def work(file: sqlite3.Connection) -> None:
            ended = "UPDATE conversations SET state = 'closed', why = 'another began' WHERE "
            file.execute(ended + same, named)
            file.execute(
                "INSERT INTO conversations (id, key, provider, folder, model, created, last_used, ttl, state, why)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', '')",
                (id_, *named, model, at, at, seconds),
            )

        self._file.do(work)
        return Conversation(id_, key, provider, folder, model, None, now, now, ttl, "open", "", 0, 0)

    def ask(self, id_: str, prompt: str, now: datetime, *, task: str = "") -> None:
        """Remember that a turn begins, so that a process killed in it leaves what was asked and what had come."""
        row = (id_, _text(now), task, _storable(prompt))

        def work(file: sqlite3.Connection) -> None:
            # What the agent will have counted after this turn is not known until it says so.
            file.execute("UPDATE exchanges SET counted = NULL WHERE conversation = ?", (id_,))
            file.execute(
                "INSERT OR REPLACE INTO asked (conversation, at, task, prompt) VALUES (?, ?, ?, ?)", row
            )

        self._file.do(work)

    def hear(self, id_: str, piece: str) -> None:
        """Keep a piece of the answer as it comes."""
        row = (id_, _storable(piece))
        self._file.do(lambda file: file.execute("INSERT INTO pieces (conversation, text) VALUES (?, ?)", row))

    def add(  # noqa: PLR0913 - each is a fact of the turn, and all but three have a default
        self,
        id_: str,
        exchange: Exchange,
        now: datetime,
        *,
        ending: Ending = "whole",
        remote: str | None = None,
        task: str = "",
        event: Event | None = None,
        counted: Mapping[str, int] | None = None,
    ) -> None:
        """Remember a turn, in place of what `ask` and `hear` kept of it. Nothing happens where the conversation is unknown.

        `ending` says whether the answer is whole; `remote` is what the provider calls the conversation by now; `counted`
        what it has counted of all of it, where it counts so.
        """
        counts = json.dumps(dict(counted)) if counted else None
        row = (id_, _text(now), task, _storable(exchange.prompt), _storable(exchange.answer), ending, counts)

        def work(file: sqlite3.Connection) -> None:
            used = "UPDATE conversations SET last_used = max(last_used, ?), remote = ifnull(?, remote) WHERE id = ?"
            if not file.execute(used, (_text(now), remote, id_)).rowcount:
                return
            file.execute(
                "INSERT INTO exchanges (conversation, at, task, prompt, answer, ending, counted)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            _forget_begun(file, id_)
            if event:
                _note(file, id_, event, "", now)

        self._file.do(work)

    def drop(self, id_: str) -> None:
        """Forget a turn that `ask` began and that brought nothing."""
        self._file.do(lambda file: _forget_begun(file, id_))

    def forget(self, id_: str) -> None:
        """Forget a conversation and all that was said in it; what was counted stays counted."""

        def work(file: sqlite3.Connection) -> None:
            _forget_begun(file, id_)
            file.execute("DELETE FROM exchanges WHERE conversation = ?", (id_,))
            file.execute("DELETE FROM conversations WHERE id = ?", (id_,))

        self._file.do(work)

    def recover(self, id_: str, now: datetime) -> Exchange | None:
        """The turn that a killed process left, remembered as cut (and counted as lost) from here on; None without one.

        Its `answer` is what had come, which may be nothing: then it is counted and no turn. For the holder of the lock only.
        """

        def work(file: sqlite3.Connection) -> Exchange | None:
            row = file.execute("SELECT at, task, prompt FROM asked WHERE conversation = ?", (id_,)).fetchone()
            if row is None:
                return None
            pieces = file.execute("SELECT text FROM pieces WHERE conversation = ? ORDER BY number", (id_,))
            at, task, prompt = row
            answer = "".join(text for (text,) in pieces)
            if answer.strip():
                file.execute(
                    "INSERT INTO exchanges (conversation, at, task, prompt, answer, ending)"
                    " VALUES (?, ?, ?, ?, ?, 'cut')",
                    (id_, at, task, prompt, answer),
                )
            _forget_begun(file, id_)
            _note(file, id_, "lost", "the process ended in the middle of a turn", now)
            return Exchange(prompt, answer)

        return self._file.do(work)

    def history(self, id_: str) -> tuple[Exchange, ...]:
        """The turns so far, fit to be sent again: none without an answer, none refused, a cut answer marked as cut."""
        rows = self._file.do(
            lambda file: file.execute(
                "SELECT prompt, answer, ending FROM exchanges WHERE conversation = ? ORDER BY number", (id_,)
            ).fetchall()
        )
        return tuple(
            Exchange(prompt, f"{answer}\n\n{CUT}" if ending == "cut" else answer)
            for prompt, answer, ending in rows
            if answer.strip() and ending != "refused"
        )

    def counted(self, id_: str) -> dict[str, int] | None:
        """What the provider had counted of the conversation at the end of its last turn; None where that is not known."""
        rows = self._file.do(
            lambda file: file.execute(
                "SELECT counted FROM exchanges WHERE conversation = ? ORDER BY number DESC LIMIT 1", (id_,)
            ).fetchall()
        )
        return json.loads(rows[0][0]) if rows and rows[0][0] else None

    def end(self, id_: str, state: State, why: str, now: datetime) -> None:
        """End an open conversation as expired, gone or closed; one that ended stays as it did."""

        def work(file: sqlite3.Connection) -> None:
            ended = "UPDATE conversations SET state = ?, why = ? WHERE id = ? AND state = 'open'"
            if file.execute(ended, (state, why, id_)).rowcount and state in {"expired", "gone"}:
                _note(file, id_, state, why, now)

        self._file.do(work)

    def close(self, id_: str, why: str, now: datetime) -> None:
        """End a conversation on purpose: the next turn begins a fresh one, and nothing of this one is told again."""
        self.end(id_, "closed", why, now)

    def clean(self, now: datetime) -> None:
        """Mark what has expired, and forget what ended long ago, with all that was said in it."""
        for found in self.list():
            if found.state == "open" and found.is_expired(now):
                self.find(found.key, found.provider, found.folder, now)
        ended = "SELECT id FROM conversations WHERE state != 'open' AND last_used < ?"

        def work(file: sqlite3.Connection) -> None:
            for table in ("exchanges", "asked", "pieces"):
                file.execute(f"DELETE FROM {table} WHERE conversation IN ({ended})", (_text(now - KEPT),))  # noqa: S608 - the names are above
            file.execute(
                "DELETE FROM conversations WHERE state != 'open' AND last_used < ?", (_text(now - KEPT),)
            )
            file.execute("DELETE FROM events WHERE at < ?", (_text(now - COUNTED),))

        self._file.do(work)

    def counts(self) -> Counts:
        """How often conversations were begun, resumed, gone, recovered, expired, or lost a turn, in the last year."""
        query = "SELECT what, count(*) FROM events GROUP BY what"
        return Counts(dict(self._file.do(lambda file: file.execute(query).fetchall())))

    @contextmanager
    def locked(self, key: str, wait_s: float = WAIT_S) -> Iterator[None]:
        """One process at a time, in all worktrees, for the conversations with that key.

        Two that resume one at once lose a turn (Claude Code 2.1.329). Where no lock can be made, as on a read-only disk,
        that is said and the call goes on without.

        Raises:
            WaitingError: another process still held it after `wait_s` seconds; it is named.
        """
        name = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        with ExitStack() as held:
            try:
                held.enter_context(lock(f"{self.path}.locks/{name}.lock", f"the conversation {key}", wait_s))
            except WaitingError:
                raise
            except SddError as error:
                self._file.tell(f"{error.message}: nothing keeps two from the conversation {key} at once")
            yield

    def _read(self, which: str, *values: str) -> tuple[Conversation, ...]:
        known = tuple(map(_storable, values))
        rows = self._file.do(lambda file: file.execute(_ROWS + which, known).fetchall())
        return tuple(_conversation(*row) for row in rows)


_ROWS = """
SELECT id, key, provider, folder, model, remote, created, last_used, ttl, state, why,
  (SELECT count(*) FROM exchanges WHERE conversation = id),
  (SELECT count(DISTINCT task) FROM exchanges WHERE conversation = id)
FROM conversations WHERE """


def _note(file: sqlite3.Connection, id_: str, what: Event | State, why: str, now: datetime) -> None:
    file.execute(
        "INSERT INTO events (at, conversation, key, what, why) SELECT ?, id, key, ?, ? FROM conversations WHERE id = ?",
        (_text(now), what, why, id_),
    )


def _forget_begun(file: sqlite3.Connection, id_: str) -> None:
    file.execute("DELETE FROM asked WHERE conversation = ?", (id_,))
    file.execute("DELETE FROM pieces WHERE conversation = ?", (id_,))


def _conversation(*row: Any) -> Conversation:
    id_, key, provider, folder, model, remote, created, last_used, ttl, *rest = row
    lives = None if ttl is None else timedelta(seconds=ttl)
    times = (datetime.fromisoformat(created), datetime.fromisoformat(last_used))
    return Conversation(id_, key, provider, folder, model, remote, *times, lives, *rest)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _storable(text: str) -> str:
    """The text with half characters joined or replaced, which SQLite does not take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _days(age: timedelta) -> str:
    return f"{age.days} days" if age.days else f"{age.seconds} s"
