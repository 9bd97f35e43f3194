"""The table of docs/reference/faults.md carried out, row by row: what a person sees, that no text is lost, and that the next `sdd next` goes on.

What is expected of a row stands in the page alone; here stands how its fault is made.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

import projects
from fake_claude import INIT, START, FakeClaude, Step, answer, piece
from fake_messages_api import Fault, MessagesApi, Reply, Script, Seen
from gitbox import GitBox, Result, installed
from killing import MODEL, Killing
from sdd.llm.response import from_json
from sdd.sessions.run import file_name
from stand_ins import Says, StandIns
from workshop import BOTH, begin, file, findings, left_behind, recorded, response, runs, tree

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks and signals as POSIX has them")

PAGE = Path(__file__).parents[2] / "docs/reference/faults.md"
KEY = "sk-ant-dummy-0123456789abcdef"
HALF = BOTH[: len(BOTH) // 2]
DONE = [Reply(BOTH)]
UNCHANGED = {"nothing came", "all of it, printed"}


class Expected(NamedTuple):
    """A row of the page."""

    says: str
    code: str
    kept: str
    then: str


class Told(NamedTuple):
    """What came of a fault: the exit code, all that was said, and the texts that were paid for."""

    code: int
    said: str
    paid: tuple[str, ...] = ()


def page() -> dict[str, Expected]:
    """The rows of the page, by their faults."""
    rows = re.findall(r"^\| (?!fault|---)(.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {fault: Expected(*rest) for fault, *rest in (row.split(" | ") for row in rows)}


@pytest.fixture(scope="module")
def warm(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    with Killing(tmp_path_factory.mktemp("warm"), *MODEL) as one:
        yield one


class Desk:
    """A project with one session, and the provider that this test has chosen for it."""

    def __init__(self, box: GitBox, warm: Killing, folder: Path, ending: ExitStack) -> None:
        self.box, self.warm, self.folder, self._ending = box, warm, folder, ending
        self.env: Mapping[str, str] = {}
        self.api: MessagesApi | None = None
        self.begin()

    def begin(self, *front: str, **more: str) -> None:
        """Make the project; see `workshop.begin`."""
        begin(self.box, *front, commands=["git --version"], **more)

    def serve(self, script: Script) -> MessagesApi:
        """A server that answers so, until the test ends."""
        self.api = self._ending.enter_context(MessagesApi(script))
        self.env = key(self.api.url)
        return self.api

    def play(self, *plays: list[Step]) -> FakeClaude:
        """Claude Code's stand-in, which plays these, one for each start."""
        fake = FakeClaude(self.folder / "claude", plays)
        self.env = {"SDD_PROVIDER": "claude", "SDD_CLAUDE": str(fake.path), "ANTHROPIC_API_KEY": KEY}
        return fake

    def sdd(self, *argv: str, box: GitBox | None = None) -> Result:
        return self.warm.sdd(box or self.box, *argv, env=self.env)

    def next(self, *paid: str) -> Told:
        return told(self.sdd("next"), *paid)

    def begun(self, size: int = len(HALF)) -> int:
        """The process of an `sdd next`, as soon as so many bytes of an answer are on the disk; see `ended`."""
        self._started = self.warm.start(self.box, "next", env=self.env)
        partial = self.box.path / ".git/sdd/pending/01-a/partial.md"
        until(lambda: partial.exists() and partial.stat().st_size >= size)
        return self._started.pid

    def ended(self, *paid: str) -> Told:
        return told(self._started.wait(), *paid)


def key(url: str) -> dict[str, str]:
    return {"SDD_PROVIDER": "anthropic", "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY}


def told(result: Result, *paid: str) -> Told:
    return Told(result.code, f"{result.err}\n{result.out}", paid)


def until(seen: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


class Held:
    """What a server answers: first `before`, if any; the next one waits until `asked` has ended."""

    def __init__(
        self, before: Reply | None = None, answers: Callable[[Seen], Reply] = lambda _: DONE[0]
    ) -> None:
        self._before, self._answers = before, answers
        self._asked, self._answering = threading.Event(), threading.Event()

    def __call__(self, seen: Seen) -> Reply:
        if self._before:
            first, self._before = self._before, None
            return first
        self._asked.set()
        self._answering.wait(20)
        return self._answers(seen)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """The time between the request and its answer."""
        try:
            assert self._asked.wait(20)
            yield
        finally:
            self._answering.set()


Scenario = Callable[[Desk], Told]


# The API


def answered(*script: Fault | Reply, paid: str = "") -> Scenario:
    """`sdd next` meets these answers; whoever asks again gets a good one."""

    def carried_out(desk: Desk) -> Told:
        api = desk.serve([*script, *DONE])
        found = desk.next(*filter(None, [paid]))
        assert len(api.requests) == len(script) + (found.code == 0)
        return found

    return carried_out


def silent(step: Fault | Reply, paid: str = "") -> Scenario:
    """The same, and nobody waits long: for these alone, since a busy machine may be slow to answer."""

    def carried_out(desk: Desk) -> Told:
        toml = desk.box.read("sdd.toml")
        desk.box.write("sdd.toml", toml.replace("format = 1\n", "format = 1\nsilence = 1\n"))
        found = answered(step, paid=paid)(desk)
        desk.box.write("sdd.toml", toml)
        return found

    return carried_out


def refused(desk: Desk) -> Told:
    with closing(socket.socket()) as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        desk.env = key(f"http://127.0.0.1:{taken.getsockname()[1]}")
        found = desk.next()
    desk.serve(DONE)
    return found


def broken(then: Literal["cut", "stall", "error", "garbage"]) -> Reply:
    """An answer that breaks in its middle."""
    return Reply(BOTH, pieces=4, after=2, then=then)


# Processes


def signalled(number: signal.Signals) -> Scenario:
    def carried_out(desk: Desk) -> Told:
        desk.serve([broken("stall"), *DONE])
        os.kill(desk.begun(), number)
        return desk.ended(HALF)

    return carried_out


def killed(desk: Desk) -> Told:
    """Nothing can be said by who was killed: the next one does."""
    api = desk.serve([broken("stall"), *DONE])
    os.kill(desk.begun(), signal.SIGKILL)
    found = desk.ended(HALF)
    assert "a part of a response is here" in desk.sdd("status").out
    assert len(api.requests) == 1
    again = desk.next()
    assert (again.code, len(api.requests)) == (0, 2)
    return found._replace(said=again.said)


def killed_claude(desk: Desk) -> Told:
    writes(desk)
    good = answer(response(), {"write": str(desk.box.path / "docs/a.md"), "text": "new\n"})
    desk.play([INIT, START, piece("Half an answer"), {"kill": 9}], good)
    return desk.next("Half an answer")


def killed_agent(desk: Desk) -> Told:
    agents = StandIns(desk.folder / "agents")
    desk.env = {"SDD_PROVIDER": "cursor-agent", "PATH": agents.path}
    half = json.dumps({"type": "assistant", "message": {"content": [{"type": "text", "text": HALF}]}})
    agents.put("cursor-agent", Says(out=[half], then="kill"))
    found = desk.next(HALF)
    whole = {"type": "result", "is_error": False, "result": BOTH, "session_id": "abc"}
    agents.put("cursor-agent", Says(out=[json.dumps(whole)]))
    return found


def gone(desk: Desk) -> Told:
    """It asks; a person answers; the agent has forgotten."""
    writes(desk)
    asks = response(outcome="questions", questions=["Which currency?"], checklist=[])
    forgotten: list[Step] = [
        {"stderr": "No conversation found with session ID: <id>\n"},
        {"exit": 1},
    ]
    good = answer(response(), {"write": str(desk.box.path / "docs/a.md"), "text": "new\n"})
    fake = desk.play(answer(asks), forgotten, good)
    assert desk.next().code == 5
    desk.sdd("answer", "01-a", "1", "-m", "Euro.")
    found = desk.next(asks)
    assert ["--resume" in call["argv"] for call in fake.calls] == [False, True, False]
    assert "Euro." in fake.calls[-1]["stdin"]
    return found


def writes(desk: Desk) -> None:
    """The session writes a document, as an agent may."""
    path = "sessions/01-a.md"
    desk.box.write(path, desk.box.read(path).replace("[src/a.py, src/b.py]", "[docs/a.md]"))
    desk.sdd("tracker")


# The disk. A limit on the size of files is set for the process while it waits for its answer: so it meets what a full disk is.


def full(desk: Desk, limit: int) -> Told:
    """`sdd next` that can write no file beyond so many bytes from the moment it has asked."""
    import resource  # not on Windows

    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux limits another process")
    held = Held()
    desk.serve(held)
    argv = [str(installed("sdd")), "next"]
    process = subprocess.Popen(
        argv,
        cwd=desk.box.path,
        env={**os.environ, **desk.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with held.asked():
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    out, err = process.communicate()
    return Told(process.returncode, f"{err}\n{out}", (BOTH,))


def full_disk(desk: Desk) -> Told:
    return full(desk, 0)


def full_for_conversations(desk: Desk) -> Told:
    return full(desk, 20_000)


# Two at once, and time


def newest(seen: Seen) -> str:
    """The newest prompt of a request."""
    return str(seen.body["messages"][-1]["content"])


def two_at_once(desk: Desk) -> Told:
    held = Held()
    api = desk.serve(held)
    first = desk.warm.start(desk.box, "next", env=desk.env)
    with held.asked():
        found = desk.next(BOTH)
    assert (first.wait().code, len(api.requests)) == (0, 1)
    return found


def two_of_one_conversation(desk: Desk) -> Told:
    """Two working trees, a session in each, both go on with what the first one said."""
    shared = {
        f"sessions__{name}": projects.session("implementation", f"writes: [src/{name}.py]", "continues: 01-a")
        for name in ("02-c", "03-d")
    }
    desk.begin(**shared)
    made = {name: response(file(f"src/{name}.py", f"{name!r}\n")) for name in ("02-c", "03-d")}
    held = Held(DONE[0], lambda seen: Reply(made["02-c" if "src/02-c.py" in newest(seen) else "03-d"]))
    api = desk.serve(held)
    assert desk.next().code == 0
    desk.box.commit("Begun")
    other = GitBox(desk.folder / "other")
    desk.box.git("worktree", "add", "-q", str(other.path))
    first = desk.warm.start(desk.box, "next", "02-c", env=desk.env)
    with held.asked():
        second = desk.warm.start(other, "next", "03-d", env=desk.env)
        time.sleep(0.5)
        assert len(api.requests) == 2  # it waits
    assert first.wait().code == 0
    found = told(second.wait(), *made.values())
    for box in (other, desk.box):
        box.commit("Done")
    desk.box.git("merge", "-q", "other")
    history = [str(turn["content"]) for turn in api.requests[2].body["messages"]]
    assert len(history) == 5
    assert "02-c" in history[3]  # the turn in between is not lost
    return found


def backwards(desk: Desk) -> Told:
    """The first turn was made when the clock was ten years ahead."""
    asks = response(outcome="questions", questions=["Which currency?"], checklist=[])
    api = desk.serve([Reply(asks), *DONE])
    assert desk.next().code == 5
    desk.sdd("answer", "01-a", "1", "-m", "Euro.")
    (run,) = runs(desk.box)
    year = run.time[:4]
    ahead = run.time.replace(year, str(int(year) + 10), 1)
    with closing(sqlite3.connect(desk.box.path / ".git/sdd/conversations.sqlite")) as store, store:
        store.execute(
            "UPDATE conversations SET created = replace(created, ?1, ?2), last_used = replace(last_used, ?1, ?2)",
            (f"{year}-", f"{ahead[:4]}-"),
        )
    old = desk.box.path / "sessions" / run.file
    whole = old.read_text().replace(run.time, ahead)
    old.unlink()
    name = file_name("01-a", ahead, whole.encode())
    desk.box.write(f"sessions/{name}", whole)
    session = desk.box.read("sessions/01-a.md").replace(run.time, ahead).replace(run.file, name)
    desk.box.write("sessions/01-a.md", session)
    found = desk.next(asks, BOTH)
    assert len(api.requests[1].body["messages"]) == 3  # the conversation goes on
    return found


SHORT = Reply(BOTH[:90], stop_reason="max_tokens")
ONLY = Reply("Here it is.")
TWICE = Reply(BOTH + response())

SCENARIOS: dict[str, Scenario] = {
    "400": answered(Fault(400, "invalid_request_error", "max_tokens is too large")),
    "401": answered(Fault(401, "authentication_error", "invalid x-api-key")),
    "402": answered(Fault(402, "billing_error", "no credit")),
    "403": answered(Fault(403, "permission_error", "not yours")),
    "404": answered(Fault(404, "not_found_error", "model: claude-nonsense")),
    "413": answered(Fault(413, "request_too_large", "Request exceeds the maximum size")),
    "429, to wait a moment": answered(Fault(429, "rate_limit_error", headers={"retry-after": "0.1"})),
    "429, to wait an hour": answered(Fault(429, "rate_limit_error", headers={"retry-after": "3600"})),
    "500, three times": answered(*[Fault(500)] * 3),
    "529, three times": answered(*[Fault(529, "overloaded_error")] * 3),
    "connection refused": refused,
    "no first byte": silent(Fault(silent=True)),
    "silence in the middle": silent(broken("stall"), paid=HALF),
    "cut in the middle": answered(broken("cut"), paid=HALF),
    "an error in the middle": answered(broken("error"), paid=HALF),
    "garbage": answered(Fault(200, body=b"data: \x00\xff\n\n", content_type="text/event-stream")),
    "garbage in the middle": answered(broken("garbage"), paid=HALF),
    "another content type": answered(Fault(200, body=b"<html>", content_type="text/html")),
    "an empty response": answered(Fault(200, body=b"", content_type="text/event-stream")),
    "an answer without text": answered(*[Reply("")] * 2),
    "ended by a limit of tokens": answered(*[SHORT] * 2, paid=BOTH[:90]),
    "refusal": answered(Reply("I can", stop_reason="refusal"), paid="I can"),
    "no `sdd-response` block": answered(*[ONLY] * 2, paid="Here it is."),
    "two `sdd-response` blocks": answered(*[TWICE] * 2, paid=BOTH + response()),
    "`kill -9` of Claude Code": killed_claude,
    "`kill -9` of another agent": killed_agent,
    "the conversation is gone": gone,
    "Ctrl-C": signalled(signal.SIGINT),
    "SIGTERM": signalled(signal.SIGTERM),
    "`kill -9` of sdd": killed,
    "disk full": full_disk,
    "disk full for conversations": full_for_conversations,
    "two resumes at once": two_at_once,
    "two sessions of one conversation at once": two_of_one_conversation,
    "the clock goes backwards": backwards,
}


def test_the_page_and_the_faults_that_are_made_are_the_same() -> None:
    assert list(page()) == list(SCENARIOS)


@pytest.mark.parametrize("fault", SCENARIOS)
def test_a_fault_is_told_loses_nothing_and_the_next_command_goes_on(
    fault: str, box: GitBox, warm: Killing, tmp_path: Path
) -> None:
    expected = page()[fault]
    with ExitStack() as ending:
        desk = Desk(box, warm, tmp_path, ending)
        before = tree(box)
        found = SCENARIOS[fault](desk)
        assert str(found.code if found.code >= 0 else "killed") == expected.code, found.said
        assert is_said(expected.says, found.said), found.said
        assert KEY not in found.said
        assert (expected.kept in UNCHANGED) == (tree(box) == before)
        lost = [text for text in found.paid if text not in kept(desk, found.said, expected.kept)]
        assert lost == []
        again = desk.sdd("next")
        assert again.code == (0 if expected.then == "asks again" and found.code >= 0 else 5), again
    assert [run.outcome for run in runs(box)][-1] == "done"
    assert (left_behind(box), findings(box)) == ([], [])


def is_said(words: str, said: str) -> bool:
    """Whether a page's words were said, in their order, each arrow on a line of its own."""
    pattern = ".*".join(re.escape(part) for part in words.replace(" → ", "…→ ").split("…"))
    return re.search(pattern, said, re.DOTALL) is not None


def kept(desk: Desk, said: str, where: str) -> str:
    """All that is kept of responses in the place that the page names, as one text."""
    if where == "all of it, printed":
        return said
    texts = [from_json(path.read_text()).text for path in desk.box.path.glob(".git/sdd/responses/*.json")]
    in_runs = [path.read_text() for path in desk.box.path.glob("sessions/*.runs/*.md")]
    return "\0".join([*in_runs, *(texts if where != "what came, in a run" else [])])


def test_a_response_that_no_file_takes_is_printed_and_may_be_brought_back(
    box: GitBox, tmp_path: Path
) -> None:
    begin(box, commands=["git --version"])
    in_the_way = box.write(".git/sdd/responses", "no folder")
    lost = box.sdd("next", env=recorded(tmp_path / "recording", BOTH), check=2)
    assert "the response of 01-a came and cannot be kept, so it was printed" in lost.err
    assert "→ sdd record 01-a FILE" in lost.err
    assert lost.out == f"{BOTH}\n"
    in_the_way.unlink()
    box.sdd("record", "01-a", "-", stdin=lost.out)
    assert [run.outcome for run in runs(box)] == ["failed", "done"]
    assert (left_behind(box), findings(box)) == ([], [])
