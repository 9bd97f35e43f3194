"""An agent that edits files itself carries sessions out: what it may do, what it changed, and what is left when it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from fake_claude import INIT, START, FakeClaude, Step, answer, failure, piece, result, said, sleep
from gitbox import GitBox, Result, installed
from workshop import begin, findings, left_behind, response, runs, wholes

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="the stand-in is a script with a first line, and signals"
)

KEY = "sk-ant-dummy-0123456789abcdef"


class Desk:
    """A project with one session that writes two documents, and a stand-in for Claude Code."""

    def __init__(self, box: GitBox, folder: Path) -> None:
        self.box, self.folder = box, folder
        begin(box, "writes: [docs/a.md, src/gen/**]", commands=["git --version"])

    def playing(self, *plays: list[Step]) -> FakeClaude:
        """The stand-in, with these plays."""
        self.fake = FakeClaude(self.folder / "bin", plays)
        for old in self.fake.folder.glob("call-*.json"):
            old.unlink()
        return self.fake

    @property
    def environ(self) -> dict[str, str]:
        return {"SDD_PROVIDER": "claude", "SDD_CLAUDE": str(self.fake.path), "ANTHROPIC_API_KEY": KEY}

    def next(self, *plays: list[Step], check: int = 0, env: Mapping[str, str] = {}) -> Result:
        """`sdd next`, answered by these plays, one for each start."""
        self.playing(*plays)
        return self.box.sdd("next", env={**self.environ, **env}, check=check)

    def write(self, path: str, text: str = "new\n") -> Step:
        """The agent writes a file."""
        return {"write": str(self.box.path / path), "text": text}


@pytest.fixture
def desk(box: GitBox, tmp_path: Path) -> Desk:
    return Desk(box, tmp_path)


def test_an_agent_carries_a_session_out(desk: Desk) -> None:
    told = desk.next(answer(response(), desk.write("docs/a.md"), desk.write("src/gen/deep/x.py")))
    assert "01-a: done" in told.out
    assert "$ git --version" in told.err
    (run,) = runs(desk.box)
    (call,) = desk.fake.calls
    assert (run.provider, run.model, run.cost) == ("claude", "claude-sonnet-5-5", "0.0007")
    assert run.conversation == call["argv"][call["argv"].index("--session-id") + 1]
    (whole,) = wholes(desk.box)
    assert "- `docs/a.md` new → blob " in whole
    assert "- `src/gen/deep/x.py` new → blob " in whole
    assert (run.changed_lines, findings(desk.box), left_behind(desk.box)) == (2, [], [])
    assert desk.box.read("docs/a.md") == "new\n"


def test_an_agent_is_told_what_an_agent_needs(desk: Desk) -> None:
    desk.next(answer(response(), desk.write("docs/a.md")))
    (call,) = desk.fake.calls
    assert "Change the files themselves" in call["stdin"]
    assert "<<<<<<< SEARCH" not in call["stdin"]
    assert Path(call["cwd"]).samefile(desk.box.path)
    settings = json.loads(call["argv"][call["argv"].index("--settings") + 1])
    assert "sdd hook pre-tool-use" in json.dumps(settings["hooks"]["PreToolUse"])
    assert f"Edit(/{desk.box.path.resolve()}/docs/a.md)" in settings["permissions"]["allow"]
    assert "Bash(git --version)" in settings["permissions"]["allow"]
    assert subprocess.run(["sdd", "--version"], env=call["env"], capture_output=True, check=True).stdout


def test_every_line_of_the_agent_is_kept_and_the_key_is_nowhere(desk: Desk) -> None:
    desk.next(answer(response(), desk.write("docs/a.md")))
    kept = list((desk.box.path / ".git/sdd/responses").iterdir())
    assert sorted(path.suffix for path in kept) == [".json", ".jsonl"]
    (lines,) = (path.read_text().splitlines() for path in kept if path.suffix == ".jsonl")
    assert [json.loads(lines[at])["type"] for at in (0, -1)] == ["system", "result"]
    found = [
        path for path in desk.box.path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    assert found == []


def test_a_change_elsewhere_fails_the_run_and_is_left_as_it_is(desk: Desk) -> None:
    good = [desk.write("docs/a.md")]
    told = desk.next(
        answer(response(), *good, desk.write("src/other.py"), desk.write(".sdd/x")),
        answer(response()),
        check=1,
    )
    assert "the agent changed .sdd/x, which is outside what this session may write (and 1 more)" in told.out
    assert "what it changed is left as it is: `git status`" in told.out
    assert desk.box.read("src/other.py") == "new\n"
    # Once is not enough: while it stands so, the next run fails for it as well, and is told why.
    assert [run.outcome for run in runs(desk.box)] == ["failed", "failed"]
    assert "src/other.py, which is outside" in desk.fake.calls[1]["stdin"]
    clean = {"remove": str(desk.box.path / "src/other.py")}, {"remove": str(desk.box.path / ".sdd/x")}
    assert "01-a: done" in desk.next(answer(response(), *clean)).out
    assert not list((desk.box.path / ".git/sdd/strays").iterdir())


def test_a_change_elsewhere_that_a_person_commits_is_theirs(desk: Desk) -> None:
    desk.next(answer(response(), desk.write("docs/a.md"), desk.write("notes.md")), check=1)
    desk.box.commit("Keep the notes")
    assert "01-a: done" in desk.next(answer(response())).out


def test_more_than_a_few_changes_elsewhere_are_counted(desk: Desk) -> None:
    steps = [desk.write(f"x{number}.md") for number in range(8)]
    desk.next(answer(response(), *steps), check=1)
    assert "- and 3 more" in wholes(desk.box)[0]


def test_what_a_person_had_changed_before_is_not_the_agents(desk: Desk) -> None:
    desk.box.write("notes.md", "mine\n")
    desk.box.write("docs/a.md", "begun\n")
    desk.box.write("docs/brief.md", "changed\n")
    told = desk.next(answer(response(), desk.write("docs/a.md")))
    assert "01-a: done" in told.out
    (whole,) = wholes(desk.box)
    assert "notes.md" not in whole.partition("## Wrote")[2].partition("\n## ")[0]
    assert "- `docs/a.md` blob " in whole
    assert runs(desk.box)[0].changed_lines == 0  # nobody kept how it was, so nobody counts


def test_a_file_that_the_agent_removed_is_gone_in_the_record(desk: Desk) -> None:
    desk.box.write("src/gen/old.py", "old = 1\n")
    desk.box.commit("Old")
    desk.next(answer(response(), desk.write("docs/a.md"), {"remove": str(desk.box.path / "src/gen/old.py")}))
    assert "→ gone" in wholes(desk.box)[0]
    assert runs(desk.box)[0].changed_lines == 2


def test_an_agent_in_a_repository_without_a_commit(box: GitBox, tmp_path: Path) -> None:
    desk = Desk(box, tmp_path)
    box.git("update-ref", "-d", "HEAD")
    assert "01-a: done" in desk.next(answer(response(), desk.write("docs/a.md"))).out


def test_an_agent_that_says_done_and_wrote_nothing_is_not_believed(desk: Desk) -> None:
    told = desk.next(answer(response()), check=1)
    assert "`docs/a.md` was to be written, and was not" in told.out


def test_questions_of_an_agent_go_into_the_session(desk: Desk) -> None:
    told = desk.next(
        answer(response(outcome="questions", questions=["Which currency?"], checklist=[])), check=5
    )
    assert "Which currency?" in desk.box.read("sessions/01-a.md")
    assert "01-a: questions" in told.out


def test_an_agent_that_fails_leaves_its_changes_and_says_so(desk: Desk) -> None:
    play = failure("API Error: 529 overloaded", api_error_status=529)
    steps = [desk.write(f"docs/{number}.md") for number in range(7)]
    told = desk.next([*steps, *play], check=4)
    assert "the API is overloaded" in told.err
    assert (
        "01-a: the agent had changed docs/0.md, docs/1.md, docs/2.md, docs/3.md, docs/4.md and 2 more"
        in told.err
    )
    assert (runs(desk.box), left_behind(desk.box)) == ((), [])
    assert "the agent had changed" not in desk.next(play, check=4).err


def test_a_killed_agent_keeps_its_text_and_next_goes_on(desk: Desk) -> None:
    told = desk.next([INIT, desk.write("docs/a.md"), START, piece("Half an answer"), {"kill": 9}], check=4)
    assert "signal 9 ended it" in told.err
    assert "Half an answer" in wholes(desk.box)[0]
    assert "- `docs/a.md` new" in wholes(desk.box)[0]
    assert "01-a: done" in desk.next(answer(response())).out


def test_a_silent_agent_is_ended_and_next_goes_on(desk: Desk) -> None:
    toml = desk.box.read("sdd.toml")
    desk.box.write("sdd.toml", toml.replace("format = 1\n", "format = 1\nsilence = 2\n"))
    told = desk.next([INIT, said("Half an answer"), {"deaf": True}, sleep(60)], check=4)
    assert "Claude Code said nothing for 2 s" in told.err
    assert "Half an answer" in wholes(desk.box)[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_the_text_and_ends_the_agent(desk: Desk, number: signal.Signals) -> None:
    aborted = result(
        None, subtype="error_during_execution", is_error=True, terminal_reason="aborted_streaming"
    )
    desk.playing([INIT, START, {"sigint": [aborted]}, piece("Half an answer"), sleep(60)])
    process = begun(desk)
    process.send_signal(number)
    assert process.wait(30) == 130
    assert "Half an answer" in wholes(desk.box)[0]
    with pytest.raises(ProcessLookupError):
        os.kill(desk.fake.calls[0]["pid"], 0)


def test_a_killed_sdd_loses_nothing_that_came(desk: Desk) -> None:
    desk.playing([INIT, desk.write("docs/a.md"), START, piece("Half an answer"), sleep(60)])
    process = begun(desk)
    process.kill()
    process.wait()
    end = time.monotonic() + 30
    while Path(f"/proc/{desk.fake.calls[0]['pid']}").exists():  # the agent does not go on alone
        assert time.monotonic() < end, "the agent still runs"
        time.sleep(0.05)
    told = desk.next(answer(response()))
    assert "an earlier call was cut; what came is kept in a run" in told.err
    assert [run.outcome for run in runs(desk.box)] == ["failed", "done"]
    assert "Half an answer" in wholes(desk.box)[0]
    assert "- `docs/a.md` new" in wholes(desk.box)[0]
    assert left_behind(desk.box) == []


def begun(desk: Desk) -> subprocess.Popen[bytes]:
    """`sdd next`, as soon as a part of the answer is kept."""
    argv = [str(installed("sdd")), "next"]
    env = {**os.environ, **desk.environ}
    process = subprocess.Popen(
        argv, cwd=desk.box.path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    partial = desk.box.path / ".git/sdd/pending/01-a/partial.md"
    end = time.monotonic() + 30
    while not (partial.exists() and partial.read_bytes()):
        assert time.monotonic() < end, "it never answered"
        time.sleep(0.02)
    return process
