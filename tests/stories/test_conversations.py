"""Conversations through the whole command: kept alive through fixes and across tasks, told anew where they were lost."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import projects
from fake_messages_api import MessagesApi, Reply, Seen
from gitbox import GitBox, spoil_verdicts
from killing import MODEL, Killing
from workshop import begin, file, findings, response, runs

KEY = "sk-ant-dummy-0123456789abcdef"
CHECK = f"{sys.executable} -c \"import sys; sys.exit('B' not in open('src/b.py').read())\""
ONE = response(file("src/a.py", "A = 1\n"), file("src/b.py", "wrong\n"))
FIXED = response(file("src/b.py", "B = 2\n"))
SECOND = ("writes: [src/c.py]", "continues: 01-a")

Told = Callable[..., str]


@pytest.fixture(scope="module")
def warm(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing | None]:
    """Where processes fork, one that has imported the SDK: doing so anew takes longer than all else of a command."""
    if os.name == "nt":
        yield None
    else:
        with Killing(tmp_path_factory.mktemp("warm"), *MODEL) as one:
            yield one


@pytest.fixture
def told(box: GitBox, warm: Killing | None) -> Told:
    """Run sdd against a server, each time in a process of its own, and give what it said."""

    def run(api: MessagesApi, *args: str, code: int = 0) -> str:
        env = {"SDD_PROVIDER": "anthropic", "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
        spoil_verdicts(box.path)
        done = warm.sdd(box, *args, env=env) if warm else box.sdd(*args, env=env, check=None)
        assert done.code == code, done
        return done.out + done.err

    return run


def turns(seen: Seen) -> list[tuple[str, str]]:
    """Who said what, in a request."""
    return [(one["role"], _text(one["content"])) for one in seen.body["messages"]]


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(block["text"] for block in content)


def database(box: GitBox) -> Path:
    return box.path / ".git/sdd/conversations.sqlite"


def test_a_fix_goes_on_with_the_conversation_and_sends_only_what_is_new(box: GitBox, told: Told) -> None:
    begin(box, commands=[CHECK])
    with MessagesApi([Reply(ONE), Reply(FIXED)]) as api:
        told(api, "next", "01-a")
    first, second = map(turns, api.requests)
    assert [role for role, _ in first] == ["user"]
    assert [role for role, _ in second] == ["user", "assistant", "user"]
    assert second[:2] == [*first, ("assistant", ONE)]
    new = second[2][1]
    assert "# What happened last" in new
    assert "wrong" in new
    assert "# Role" not in new
    assert len(new) < len(first[0][1])
    one, two = runs(box, "01-a")
    assert one.conversation == two.conversation != ""
    assert [run.outcome for run in (one, two)] == ["failed", "done"]
    assert one.prompt != two.prompt
    assert findings(box) == []


def test_a_task_that_continues_another_carries_its_history(box: GitBox, told: Told) -> None:
    more = {"sessions__02-c": projects.session("implementation", *SECOND)}
    begin(box, commands=["git --version"], **more)
    made = response(file("src/a.py", "A = 1\n"), file("src/b.py", "B = 2\n"))
    with MessagesApi([Reply(made), Reply(response(file("src/c.py", "C = 3\n")))]) as api:
        told(api, "next", "01-a")
        told(api, "next", "02-c")
    first, second = map(turns, api.requests)
    assert second[:2] == [*first, ("assistant", made)]
    assert "src/c.py" in second[2][1]
    assert runs(box, "01-a")[0].conversation == runs(box, "02-c")[0].conversation != ""


def test_without_a_word_each_task_begins_afresh(box: GitBox, told: Told) -> None:
    begin(
        box, commands=["git --version"], **{"sessions__02-c": projects.session("implementation", SECOND[0])}
    )
    made = response(file("src/a.py", "A = 1\n"), file("src/b.py", "B = 2\n"))
    with MessagesApi([Reply(made), Reply(response(file("src/c.py", "C = 3\n")))]) as api:
        told(api, "next", "01-a")
        told(api, "next", "02-c")
    assert [len(turns(one)) for one in api.requests] == [1, 1]
    assert runs(box, "01-a")[0].conversation != runs(box, "02-c")[0].conversation


def test_a_group_may_share_one_conversation_and_its_tests_do_not(box: GitBox, told: Told) -> None:
    more = {
        "sessions__02-c": projects.session("implementation", "writes: [src/c.py]", "group: cart"),
        "sessions__03-t": projects.session("testing", "writes: [tests/test_a.py]", "group: cart"),
    }
    begin(box, "writes: [src/a.py]", "group: cart", commands=["git --version"], **more)
    box.write(
        "sdd.toml",
        (box.path / "sdd.toml").read_text().replace("[verify]", 'conversation = "shared"\n[verify]'),
    )
    answers = [response(file(path, "X = 1\n")) for path in ("src/a.py", "src/c.py", "tests/test_a.py")]
    with MessagesApi([Reply(one) for one in answers]) as api:
        for name in ("01-a", "02-c", "03-t"):
            told(api, "next", name)
    assert [len(turns(one)) for one in api.requests] == [1, 3, 1]


def test_an_expired_conversation_is_told_anew_and_the_run_says_so(box: GitBox, told: Told) -> None:
    begin(box, commands=[CHECK])
    asks = response(outcome="questions", questions=["Which currency?"], checklist=[])
    with MessagesApi([Reply(asks), Reply(response(file("src/a.py", "A\n"), file("src/b.py", "B\n")))]) as api:
        told(api, "next", "01-a", code=5)
        told(api, "answer", "01-a", "1", "-m", "Euro.")
        with sqlite3.connect(database(box)) as store:
            store.execute("UPDATE conversations SET last_used = '2026-01-01T00:00:00.000000+00:00'")
        said = told(api, "next", "01-a")
    assert "the conversation has expired" in said
    assert [len(turns(one)) for one in api.requests] == [1, 1]
    assert "Euro." in turns(api.requests[1])[0][1]
    assert "the conversation has expired" in runs(box, "01-a")[-1].summary
    listed = told(api, "log", "--conversations")
    assert "expired" in listed
    data = json.loads(told(api, "log", "--conversations", "--json"))
    assert data["events"] == {"fresh": 1, "expired": 1}
    assert data["resumed_share"] is None


def test_a_store_that_is_deleted_does_no_harm(box: GitBox, told: Told) -> None:
    begin(box, commands=[CHECK])
    with MessagesApi([Reply(ONE), Reply(ONE), Reply(FIXED)]) as api:
        told(api, "next", "01-a", code=1)
        for path in database(box).parent.glob("conversations.sqlite*"):
            if path.is_file():
                path.unlink()
        told(api, "next", "01-a")
    assert [len(turns(one)) for one in api.requests] == [1, 3, 1]


def test_a_review_that_would_remember_is_refused(box: GitBox, told: Told) -> None:
    begin(box, **{"sessions__02-t": projects.session("testing", "writes: [tests/a.py]", "continues: 01-a")})
    with MessagesApi() as api:
        said = told(api, "next", "02-t", code=2)
    assert "02-t would go on with the conversation of 01-a, which built what it is to judge" in said
    assert "take `continues` out" in said
    assert api.requests == []


def test_what_became_of_conversations_is_told(box: GitBox, told: Told) -> None:
    begin(box, commands=[CHECK])
    with MessagesApi([Reply(ONE), Reply(FIXED)]) as api:
        assert "no conversation yet" in told(api, "log", "--conversations")
        told(api, "next", "01-a")
        listed = told(api, "log", "--conversations")
    assert "session 01-a\tanthropic\topen\t2 turns\t1 task" in listed
    assert "resumed 1 of 1 (100 %); fresh 1" in listed


def test_what_fails_twice_in_the_same_way_ends_the_conversation_with_a_lesson(
    box: GitBox, told: Told
) -> None:
    begin(box, commands=[CHECK])
    box.write("sdd.toml", (box.path / "sdd.toml").read_text().replace("fixes = 1", "fixes = 3"))
    with MessagesApi([Reply(ONE), Reply(response(file("src/b.py", "worse\n"))), Reply(FIXED)]) as api:
        said = told(api, "next", "01-a")
    assert [len(turns(one)) for one in api.requests] == [1, 3, 1]
    assert "a fresh conversation begins" in said
    last = turns(api.requests[2])[0][1]
    assert "# Role" in last
    assert "worse" in last  # the code as it is
    assert "in the same way" in last
    one, two, three = runs(box, "01-a")
    assert one.conversation == two.conversation != three.conversation
    assert "closed: failed 2 times in the same way" in told(api, "log", "--conversations")


def test_what_came_of_a_session_is_told_as_json(box: GitBox, told: Told) -> None:
    begin(box, commands=[CHECK])
    with MessagesApi([Reply(ONE), Reply(FIXED)]) as api:
        planned = json.loads(told(api, "next", "--dry-run", "--json"))
        env = {"SDD_PROVIDER": "anthropic", "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
        done = json.loads(box.sdd("next", "--json", "--commit", env=env).out)
    assert (planned["session"], planned["turn"], planned["provider"]) == ("01-a", "work", "anthropic")
    assert planned["tokens"] > 100
    assert (done["session"], done["run"], done["outcome"], done["state"]) == ("01-a", 2, "done", "done")
    assert done["commit"] == box.git("rev-parse", "HEAD").strip()
