"""A thousand turns of five conversations by four processes at once, with faults: resumed, or recovered, and no text lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from gitbox import GitBox
from sdd.llm.conversations import Conversations

WORKERS, TURNS, KEYS = 4, 250, 5

# The provider is one as Claude Code 2.1.329 is: it keeps a conversation in a file, reads and writes it whole without a lock (so
# that two at once lose a turn), keeps the question of a turn that was killed, and says when a conversation is gone.
WORKER = """
import json, os, random, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sdd.llm.continuity import Memory, converse
from sdd.llm.conversations import Conversations
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Progress, Request
from sdd.llm.response import Response

folder, worker, turns, keys = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
done = folder / f"done-{worker}"
begun = folder / f"begun-{worker}"
paid = open(folder / f"paid-{worker}", "ab", buffering=0)


def append(path, line):
    with open(path, "a") as file:
        print(line, file=file)


class Agent:
    NAME, CONTINUES, EDITS = "agent", "id", True

    def __init__(self, fault):
        self.fault = fault

    def respond(self, request, watch):
        name = request.conversation or request.new_conversation
        file = folder / f"{name}.json"
        if request.conversation and self.fault == "gone" and file.exists():
            file.rename(file.with_suffix(".gone"))
        if request.conversation and not file.exists():
            raise ProblemError("no_conversation", "No conversation found", hint="begin another")
        turns = json.loads(file.read_text()) if file.exists() else []
        file.write_text(json.dumps([*turns, request.prompt]))
        pieces = [f"<{number}.{worker}.{piece}>" for piece in range(3)]
        for piece in pieces:
            watch(Progress(piece, None, 0.0, None))
            paid.write(piece.encode())
            if self.fault == "kill":
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            if self.fault == "cut":
                problem = ProblemError("cut", "cut", hint="again")
                raise CutError(problem, self.response(piece, name, partial=True))
        return self.response("".join(pieces), name)

    def response(self, text, name, partial=False):
        return Response(text=text, provider="agent", model_asked=None, model_answered=None, conversation=name,
            usage=None, cost=None, stop_reason=None, partial=partial, started=datetime.now(UTC), seconds=0,
            first_text_seconds=None, raw=None)


def clock():
    return datetime.now(UTC) + timedelta(hours=2) * len(list(folder.glob("jump-*")))


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


with Conversations(str(folder / "conversations.sqlite")) as store:
    while len(lines(begun)) < turns:
        number = len(lines(begun))
        append(begun, number)  # a turn whose process is killed is not asked again
        chance = random.Random(f"{worker}-{number}").random()
        faults = [(0.03, "gone"), (0.05, "cut"), (0.07, "kill"), (0.08, "jump")]
        faults = faults if number >= keys else []  # each conversation begins well
        fault = next((what for limit, what in faults if chance < limit), "")
        if fault == "jump":
            (folder / f"jump-{worker}-{number}").touch()
        memory = Memory(store, f"key-{number % keys}", ttl=timedelta(hours=1), clock=clock)
        whole = Request(f"whole {worker}.{number}")
        try:
            turn = converse(memory, Agent(fault), whole, more=f"more {worker}.{number}", recap="RECAP")
            append(done, f"{turn.how} {turn.sent.prompt.split()[0]}")
        except CutError:
            append(done, "cut -")
"""


def work_through(folder: Path) -> int:
    """Run all workers to their end, each started again where it was killed; how often that was."""
    argv = [sys.executable, "-c", WORKER, str(folder)]
    killed, running = 0, {number: _started(argv, number) for number in range(WORKERS)}
    while running:
        number, process = running.popitem()
        _, errors = process.communicate(timeout=100)
        assert errors == b""
        if process.returncode:
            killed += 1
            running[number] = _started(argv, number)
    return killed


def _started(argv: list[str], number: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*argv, str(number), str(TURNS), str(KEYS)], stderr=subprocess.PIPE)


def lines_of(folder: Path, pattern: str) -> list[str]:
    return [line for file in folder.glob(pattern) for line in file.read_text().splitlines()]


def test_of_a_thousand_turns_with_faults_nearly_all_resume_and_the_rest_recover(
    tmp_path: Path, box: GitBox
) -> None:
    killed = work_through(tmp_path)
    done = lines_of(tmp_path, "done-*")
    how = Counter(line.split()[0] for line in done)
    assert len(done) + killed == WORKERS * TURNS
    assert killed
    assert set(how) == {"fresh", "resumed", "recovered", "expired", "cut"}
    # What did not resume was told the recap; none was asked as if nothing had been.
    assert set(done) == {"fresh whole", "resumed more", "recovered RECAP", "expired RECAP", "cut -"}
    assert how["fresh"] == KEYS

    path = str(tmp_path / "conversations.sqlite")
    with Conversations(path) as store:
        for talk in store.list():  # what the next turn would do
            store.recover(talk.id, talk.last_used)
        counts = store.counts()
        remotes = {talk.id: talk.remote or talk.id for talk in store.list()}
    assert counts.resumed_share is not None
    assert counts.resumed_share >= 0.95
    assert counts.of("lost") == killed
    assert counts.of("gone") >= how["recovered"]

    for part in tmp_path.glob("conversations.sqlite*"):
        if part.is_file():
            box.write(f".git/sdd/{part.name}", part.read_bytes())
    told = json.loads(box.sdd("log", "--conversations", "--json").out)
    assert told["resumed_share"] == counts.resumed_share
    assert told["events"] == {what: number for what, number in counts.by_event.items() if number}
    tried = counts.of("resumed") + counts.of("gone")
    shown = f"resumed {counts.of('resumed')} of {tried} ({counts.resumed_share:.0%})".replace("%", " %")
    assert shown in box.sdd("log", "--conversations").out

    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT conversation, prompt, answer FROM exchanges").fetchall()
    kept = "".join(answer for _, _, answer in rows)
    heard = [piece for line in lines_of(tmp_path, "paid-*") for piece in line.replace("><", ">\n<").split()]
    assert [piece for piece in heard if piece not in kept] == []  # all that was paid for
    forgotten = [prompt for id_, prompt, _ in rows if prompt not in remembered(tmp_path, remotes[id_])]
    assert forgotten == []  # by the provider, of all turns that were answered


def remembered(folder: Path, conversation: str) -> list[str]:
    """What the provider was asked in a conversation, gone or not."""
    (file,) = folder.glob(f"{conversation}.*")
    asked: list[str] = json.loads(file.read_text())
    return asked
