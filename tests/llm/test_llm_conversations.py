"""The store of conversations: it holds what it was told, whatever happens to its file, and never breaks a call."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import WaitingError
from sdd.llm.conversation_file import File
from sdd.llm.conversations import CUT, KEPT, TTL, Conversation, Conversations
from sdd.llm.request import Exchange

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WHO = ("02-cart", "anthropic", "")
HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "sdd" / "conversations.sqlite")


@pytest.fixture
def store(path: str) -> Iterator[Conversations]:
    with Conversations(path) as found:
        yield found


def begun(store: Conversations, *answers: str) -> Conversation:
    """A conversation with those answers."""
    found = store.begin(*WHO, NOON)
    for answer in answers:
        store.add(found.id, Exchange("?", answer), NOON)
    return found


def test_a_conversation_is_found_and_counted(store: Conversations) -> None:
    assert store.find(*WHO, NOON) is None
    found = store.begin(*WHO, NOON, model="claude-x")
    assert store.find(*WHO, NOON) == found
    for task in ("02-cart", "03-till", "03-till"):
        store.add(found.id, Exchange("?", "!"), NOON + HOUR, task=task, remote="r-1", event="resumed")
    expected = found.replace(turns=3, tasks=2, last_used=NOON + HOUR, remote="r-1")
    assert store.find(*WHO, NOON + HOUR) == expected
    assert store.list() == (expected,)
    assert store.find("02-cart", "anthropic", "/elsewhere", NOON) is None
    assert (store.counts().of("resumed"), store.counts().of("gone")) == (3, 0)
    assert store.counts().resumed_share == 1.0


def test_one_is_known_by_its_id_its_providers_id_and_its_key(store: Conversations) -> None:
    older, newer = begun(store), begun(store)
    store.add(older.id, Exchange("?", "!"), NOON, remote="r-1")
    names = {older.id: older.id, "r-1": older.id, "02-cart": newer.id, newer.id: newer.id}
    for name, id_ in names.items():
        found = store.named(name)
        assert found
        assert found.id == id_
    assert store.named("other") is None


def test_time_is_kept_in_utc_whatever_the_zone(store: Conversations) -> None:
    store.begin(*WHO, NOON.astimezone(timezone(timedelta(hours=5))))
    assert store.list()[0].created == NOON
    assert store.list()[0].created.tzinfo is UTC


def test_what_is_sent_again_has_no_empty_answer_no_refusal_and_marks_a_cut(store: Conversations) -> None:
    found = begun(store, "one", " \n")
    store.add(found.id, Exchange("bad", "I w"), NOON, ending="refused")
    store.add(found.id, Exchange("long", "half"), NOON, ending="cut")
    assert store.history(found.id) == (Exchange("?", "one"), Exchange("long", f"half\n\n{CUT}"))


@given(st.text(), st.text(alphabet=st.characters(categories=["Cs", "L", "Cc"])))
def test_a_text_comes_back_as_it_was_but_for_half_characters(prompt: str, answer: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Conversations(str(Path(folder, "c.sqlite"))) as store:
        found = store.begin("\ud800", "anthropic", "", NOON)
        store.add(found.id, Exchange(prompt, answer + "."), NOON)
        (exchange,) = store.history(found.id)
        assert exchange.prompt == prompt
        assert exchange.answer == (answer + ".").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert store.find("\ud800", "anthropic", "", NOON)


def test_one_whose_time_is_over_is_expired_and_stays_so(store: Conversations) -> None:
    found = begun(store, "one")
    assert store.find(*WHO, NOON + TTL)
    assert store.find(*WHO, NOON + TTL + HOUR) is None
    for now in (NOON, NOON - TTL):  # a clock that goes back revives nothing
        assert store.find(*WHO, now) is None
    last = store.last(*WHO)
    assert last
    assert (last.id, last.state, last.why) == (found.id, "expired", "last used 30 days ago")
    assert store.counts().of("expired") == 1
    store.end(found.id, "gone", "too late", NOON)
    assert store.last(*WHO) == last


def test_a_short_life_is_told_in_seconds_and_none_is_for_ever(store: Conversations) -> None:
    store.begin(*WHO, NOON, ttl=timedelta(seconds=5))
    store.begin("other", "anthropic", "", NOON, ttl=None)
    assert store.find(*WHO, NOON + timedelta(seconds=6)) is None
    assert store.list()[0].why == "last used 6 s ago"
    assert store.find("other", "anthropic", "", NOON + 999 * TTL)


def test_a_clock_that_goes_back_expires_nothing(store: Conversations) -> None:
    found = begun(store)
    store.add(found.id, Exchange("?", "!"), NOON - 2 * TTL)
    assert store.list()[0].last_used == NOON
    assert store.find(*WHO, NOON - 5 * TTL)
    assert store.list()[0].age(NOON - HOUR) == timedelta()


def test_what_ended_long_ago_is_forgotten_and_what_is_open_expires(store: Conversations) -> None:
    closed = begun(store, "one")
    store.close(closed.id, "poisoned", NOON)
    store.begin("other", "anthropic", "", NOON, ttl=KEPT / 2)
    store.clean(NOON + KEPT)
    assert [(found.state, found.why) for found in store.list()] == [
        ("closed", "poisoned"),
        ("expired", "last used 30 days ago"),
    ]
    store.clean(NOON + KEPT + HOUR)
    assert store.list() == ()
    assert store.history(closed.id) == ()
    assert store.counts().of("expired") == 1
    store.clean(NOON + timedelta(days=500))
    assert store.counts().by_event == {}
    assert store.counts().resumed_share is None


def test_a_turn_that_a_killed_process_left_is_recovered_as_cut(store: Conversations) -> None:
    found = begun(store)
    store.ask(found.id, "why?", NOON, task="02-cart")
    store.hear(found.id, "be")
    store.hear(found.id, "cause")
    assert store.recover(found.id, NOON) == Exchange("why?", "because")
    assert store.recover(found.id, NOON) is None
    assert store.history(found.id) == (Exchange("why?", f"because\n\n{CUT}"),)
    store.ask(found.id, "and?", NOON)
    assert store.recover(found.id, NOON) == Exchange("and?", "")
    assert len(store.history(found.id)) == 1
    assert store.counts().of("lost") == 2


def test_a_turn_of_an_unknown_conversation_is_no_error(store: Conversations) -> None:
    store.add("nobody", Exchange("?", "!"), NOON, event="fresh")
    store.close("nobody", "why not", NOON)
    assert (store.list(), store.history("nobody"), store.counts().by_event) == ((), (), {})


# A law: the store does what a list would


class Row:
    def __init__(self, key: str, now: datetime) -> None:
        self.key, self.state, self.last_used, self.answers = key, "open", now, list[str]()

    def is_over(self, now: datetime) -> bool:
        return self.state == "open" and now - self.last_used > TTL


class Model:
    """What a store is, without a file."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def newest(self, key: str) -> Row | None:
        return next((row for row in reversed(self.rows) if row.key == key), None)

    def begin(self, key: str, now: datetime) -> None:
        for row in self.rows:
            if row.key == key and row.state == "open":
                row.state = "closed"
        self.rows.append(Row(key, now))

    def add(self, key: str, now: datetime, answer: str) -> None:
        row = self.newest(key)
        if row:
            row.answers.append(answer)
            row.last_used = max(row.last_used, now)

    def find(self, key: str, now: datetime) -> bool:
        row = self.newest(key)
        if row and row.is_over(now):
            row.state = "expired"
        return bool(row and row.state == "open")

    def close(self, key: str) -> None:
        row = self.newest(key)
        if row and row.state == "open":
            row.state = "closed"

    def clean(self, now: datetime) -> None:
        for row in self.rows:
            if row.is_over(now):
                row.state = "expired"
        self.rows = [row for row in self.rows if row.state == "open" or row.last_used >= now - KEPT]


steps = st.lists(
    st.tuples(
        st.sampled_from(["begin", "add", "find", "close", "clean", "reopen"]),
        st.sampled_from(["a", "b"]),
        st.integers(-40, 40).map(lambda days: timedelta(days=days)),
    ),
    max_size=25,
)


@given(steps)
def test_whatever_happens_the_store_is_as_a_list_would_be(found: list[tuple[str, str, timedelta]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Conversations(str(Path(folder, "c.sqlite"))) as store:
        model, now = Model(), NOON
        for number, (what, key, passed) in enumerate(found):
            now += passed
            _both(store, model, what, key, now, str(number))
        rows = [(row.key, row.state, row.last_used, tuple(row.answers)) for row in model.rows]
        assert rows == [
            (one.key, one.state, one.last_used, tuple(each.answer for each in store.history(one.id)))
            for one in store.list()
        ]


def _both(store: Conversations, model: Model, what: str, key: str, now: datetime, answer: str) -> None:
    last = store.last(key, "p", "")
    match what:
        case "begin":
            model.begin(key, now)
            store.begin(key, "p", "", now)
        case "add":
            model.add(key, now, answer)
            store.add(last.id if last else "", Exchange("?", answer), now)
        case "find":
            assert model.find(key, now) == (store.find(key, "p", "", now) is not None)
        case "close":
            model.close(key)
            store.close(last.id if last else "", "done", now)
        case "clean":
            model.clean(now)
            store.clean(now)
        case _:
            store.release()


# What can happen to the file


def told(path: str) -> tuple[Conversations, list[str]]:
    said: list[str] = []
    return Conversations(path, said.append), said


def test_a_broken_file_is_set_aside_once_and_said(path: str) -> None:
    Path(path).parent.mkdir()
    Path(path).write_bytes(b"no database at all\n" * 400)
    store, said = told(path)
    begun(store, "one")
    store.release()
    again, silence = told(path)
    assert len(again.list()) == 1
    again.release()
    assert len(said) == 1
    assert "is broken (file is not a database) and was set aside as " in said[0]
    assert silence == []
    aside = Path(said[0].partition("set aside as ")[2].partition(":")[0])
    assert aside.read_bytes().startswith(b"no database at all")


def test_a_file_that_breaks_while_it_is_used_is_set_aside(path: str) -> None:
    store, said = told(path)
    begun(store, "one" * 9999)
    store.release()
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[:5000] + b"\xff" * (len(data) - 5000))
    assert store.list() == ()
    begun(store, "two")
    assert len(store.list()) == 1
    store.release()
    assert len(said) == 1


def test_a_file_without_its_tables_is_broken(path: str) -> None:
    Path(path).parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 1")
        other.execute("CREATE TABLE conversations (id)")
    store, said = told(path)
    begun(store)
    store.release()
    assert len(said) == 1
    assert "set aside" in said[0]


def test_where_it_cannot_be_set_aside_memory_serves(path: str) -> None:
    Path(path + ".lock").mkdir(parents=True)  # nothing can be locked, and so nothing moved
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 1")
        other.execute("CREATE TABLE conversations (id)")
    store, said = told(path)
    begun(store, "one")
    assert len(store.list()) == 1
    store.release()
    assert "cannot be used (no such column" in said[-1]


def test_what_another_process_mended_is_left_alone(path: str, store: Conversations) -> None:
    begun(store)
    File(path)._set_aside(ValueError("was broken"))
    assert len(store.list()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no file that is open")
def test_it_may_be_deleted_at_any_time(path: str, store: Conversations) -> None:
    found = begun(store, "one")
    for file in Path(path).parent.glob("conversations.sqlite*"):
        if file.is_file():
            file.unlink()
    store.add(found.id, Exchange("?", "two"), NOON)
    assert store.find(*WHO, NOON) is None
    begun(store, "three")
    with Conversations(path) as other:
        assert len(other.list()) == 1


def test_a_file_of_a_newer_sdd_is_left_alone(path: str, store: Conversations) -> None:
    begun(store, "one")
    store.release()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
    before = Path(path).read_bytes()
    newer, said = told(path)
    begun(newer)
    newer.release()
    assert Path(path).read_bytes() == before
    (sentence,) = said
    assert sentence == (
        f"{path} cannot be used (it has version 99, and this sdd knows 1: pip install --upgrade sdd):"
        " conversations are kept until this process ends"
    )


def test_where_no_file_can_be_memory_serves_and_a_warning_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Conversations(str(tmp_path / "file" / "conversations.sqlite"))
    with pytest.warns(RuntimeWarning, match="conversations are kept until this process ends"):
        found = begun(store, "one")
    assert store.history(found.id) == (Exchange("?", "one"),)
    warned = pytest.warns(RuntimeWarning, match="nothing keeps two from the conversation 02-cart")
    with warned, store.locked("02-cart"):
        pass
    with store.locked("02-cart"):  # said once
        pass
    store.release()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_only_be_read_is_read(
    path: str, store: Conversations
) -> None:  # pragma: no cover - not as root
    begun(store, "one")
    store.release()
    Path(path).chmod(0o400)
    locked, said = told(path)
    assert len(locked.list()) == 1
    begun(locked, "two")
    locked.release()
    assert len(said) == 1


FULL = """
import resource, sys
from sdd.llm.conversations import *
from datetime import datetime, UTC
now = datetime.now(UTC)
store = Conversations(sys.argv[1], say=print)
one = store.begin("a", "p", "", now)
store.add(one.id, Exchange("?", "small"), now)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
for _ in range(3):
    store.add(one.id, Exchange("?", "x" * 100_000), now)
print(*(len(exchange.answer) for exchange in store.history(one.id)))
store.release()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds no file's size")
def test_on_a_full_disk_memory_goes_on_with_what_was_there(path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, path], capture_output=True, text=True, check=True, timeout=60
    )
    said, answers = done.stdout.splitlines()
    assert "conversations are kept until this process ends" in said
    assert answers == "5 100000 100000 100000"
    with Conversations(path) as store:
        assert len(store.list()) == 1


# Many processes

MANY = """
import sys
from sdd.llm.conversations import *
from datetime import datetime, UTC
path, name = sys.argv[1:]
now = datetime.now(UTC)
with Conversations(path) as store:
    for number in range(50):
        with store.locked("shared"):
            found = store.find("shared", "p", "", now) or store.begin("shared", "p", "", now)
            store.add(found.id, Exchange(f"{name}.{number}", str(len(store.history(found.id)))), now)
"""


def test_eight_processes_lose_no_turn_of_fifty_each(path: str) -> None:
    argv = [sys.executable, "-c", MANY, path]
    started = [subprocess.Popen([*argv, str(number)], stderr=subprocess.PIPE) for number in range(8)]
    for process in started:
        _, errors = process.communicate(timeout=100)
        assert (process.returncode, errors) == (0, b"")
    with Conversations(path) as store:
        (found,) = store.list()
        history = store.history(found.id)
    assert {exchange.prompt for exchange in history} == {f"{n}.{m}" for n in range(8) for m in range(50)}
    # Each saw all before it: the lock held around reading and adding.
    assert [int(exchange.answer) for exchange in history] == list(range(400))


WRITING = """
import sys
from sdd.llm.conversations import *
from datetime import datetime, UTC
now = datetime.now(UTC)
store = Conversations(sys.argv[1])
found = store.find("a", "p", "", now) or store.begin("a", "p", "", now)
number = len(store.history(found.id))
while True:
    store.add(found.id, Exchange(str(number), "x" * 5000), now)
    number += 1
    print(number, flush=True)
"""


def test_a_process_killed_in_the_middle_of_a_write_loses_nothing_that_was_written(path: str) -> None:
    for round_ in range(1, 5):
        with subprocess.Popen(
            [sys.executable, "-c", WRITING, path], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(round_ * 7)]
            process.kill()
            lines += process.stdout.readlines()
        with Conversations(path) as store:
            history = store.history(store.list()[0].id)
        assert [exchange.prompt for exchange in history] == [str(number) for number in range(len(history))]
        assert len(history) >= int(next(line for line in reversed(lines) if line.endswith("\n")))


HOLDING = """
import sys, time
from sdd.llm.conversations import Conversations
with Conversations(sys.argv[1]).locked("02-cart"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_whoever_holds_a_conversation_is_named(path: str, store: Conversations) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, path], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(WaitingError) as caught, store.locked("02-cart", 0.1):
            pass
        assert caught.value.message == (
            f"another sdd (process {process.pid}) is working on the conversation 02-cart"
        )
        with store.locked("03-till", 0.1):
            pass
        process.kill()
    with store.locked("02-cart", 5.0):  # the kernel let go of it
        pass


def test_what_a_bug_raises_is_not_taken_for_a_broken_file(store: Conversations) -> None:
    def bug(_: Any) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        store._file.do(bug)
    begun(store, "one")
