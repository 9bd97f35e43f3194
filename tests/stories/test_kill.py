"""Nothing is lost: sdd is killed with SIGKILL at every point, and the next command goes on as if it had not been."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import projects
from fake_messages_api import MessagesApi, Reply, Seen
from gitbox import GitBox, installed
from killing import KILLED, MODEL, Killing
from workshop import BOTH, begin, findings, left_behind, runs, tree, wholes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks, and kills as POSIX does")

MANUAL = {"SDD_PROVIDER": "manual"}
MOST = 200
GIVEN_OUT, ANSWERED, APPLIED = "prompt given out", "a response is here, not applied", "a response is applied"
RECORD = ("record", "01-a", "-")
MINE = "MINE = 1\n"


@pytest.fixture(scope="module")
def killing(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    with Killing(tmp_path_factory.mktemp("killing")) as one:
        yield one


@pytest.fixture(scope="module")
def asking(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    """For commands that ask the model."""
    with Killing(tmp_path_factory.mktemp("asking"), *MODEL) as one:
        yield one


@pytest.fixture
def base(box: GitBox) -> GitBox:
    begin(box, commands=["git --version"])
    return box


def copied(box: GitBox, folder: Path) -> GitBox:
    return GitBox(Path(shutil.copytree(box.path, folder)))


def key(api: MessagesApi) -> dict[str, str]:
    return {"SDD_PROVIDER": "anthropic", "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "dummy-key"}


def assert_whole_and_clean(box: GitBox, reference: GitBox) -> None:
    assert tree(box) == tree(reference)
    assert left_behind(box) == []
    assert findings(box) == []


def is_made(box: GitBox, path: str) -> bool:
    return (box.path / path).exists()


def test_record_killed_at_any_point_is_ended_by_the_next_command(
    base: GitBox, killing: Killing, tmp_path: Path
) -> None:
    """By `sdd next` or by the same `sdd record`, in turns; and what a person wrote in between is left alone."""
    killing.sdd(base, "next", env=MANUAL)
    reference = copied(base, tmp_path / "reference")
    assert killing.sdd(reference, *RECORD, stdin=BOTH).code == 0
    stages = set()
    half_written = recording = None
    for point in range(1, MOST):
        box = copied(base, tmp_path / f"{point}")
        if killing.sdd(box, *RECORD, stdin=BOTH, kill=point).code != KILLED:
            break
        told = killing.sdd(box, "status")
        assert told.code == 0, told
        stages.add(next((words for words in (GIVEN_OUT, ANSWERED, APPLIED) if words in told.out), "done"))
        if is_made(box, "src/a.py") and not is_made(box, "src/b.py"):
            half_written = copied(box, tmp_path / "half-written")
        if not recording and is_made(box, ".git/sdd/pending/01-a/record.json"):
            recording = copied(box, tmp_path / "recording")
        if point % 2:
            killing.sdd(box, "next", env=MANUAL)
        if not point % 2 or not runs(box):
            again = killing.sdd(box, *RECORD, stdin=BOTH)
            assert again.code in {0, 5}, again
        assert_whole_and_clean(box, reference)
        assert wholes(box)[0].count(BOTH) == 1
    else:
        pytest.fail("it never came to its end")
    assert stages == {GIVEN_OUT, ANSWERED, APPLIED, "done"}
    assert half_written
    assert recording
    an_output_that_a_person_changed_is_left(half_written, killing, reference)
    what_a_person_adds_to_the_session_stays(recording, killing)


def an_output_that_a_person_changed_is_left(box: GitBox, killing: Killing, reference: GitBox) -> None:
    box.write("src/a.py", MINE)
    other = copied(box, box.path.with_name("other"))
    for _ in range(2):
        refused = killing.sdd(box, "next", env=MANUAL)
        assert refused.code == 1
        assert "src/a.py was changed while sdd was writing the files of a response" in refused.err
        assert "move src/a.py away, then `sdd next`" in refused.err
        assert (box.read("src/a.py"), is_made(box, "src/b.py")) == (MINE, False)
    (box.path / "src/a.py").rename(box.path / "src/mine.py")
    assert killing.sdd(box, "next", env=MANUAL).code == 0
    assert tree(box) == {**tree(reference), "src/mine.py": MINE}
    dropped = killing.sdd(other, "next", "--drop")
    kept = dropped.out.split("is kept in ")[1].strip()
    assert "A = 1" in Path(kept).read_text()
    prompt = killing.sdd(other, "next", env=MANUAL)
    assert prompt.code == 5
    assert MINE in prompt.out
    assert other.read("src/a.py") == MINE


def what_a_person_adds_to_the_session_stays(box: GitBox, killing: Killing) -> None:
    box.write("docs/lessons.md", "# Lessons\n\n- mine\n")
    box.write("sessions/01-a.md", box.read("sessions/01-a.md") + "\n## Notes\n\nMind the gap.\n")
    assert killing.sdd(box, "next", env=MANUAL).code == 0
    assert [run.outcome for run in runs(box)] == ["done"]
    assert "## Notes\n\nMind the gap.\n" in box.read("sessions/01-a.md")
    assert box.read("docs/lessons.md") == "# Lessons\n\n- mine\n- b comes after a\n"
    assert (left_behind(box), findings(box)) == ([], [])


def test_next_killed_before_its_response_is_whole_asks_again(
    base: GitBox, asking: Killing, tmp_path: Path
) -> None:
    with MessagesApi(lambda _: Reply(BOTH)) as api:
        reference = copied(base, tmp_path / "reference")
        assert asking.sdd(reference, "next", env=key(api)).code == 0
        seen = []
        for point in range(1, MOST):
            box = copied(base, tmp_path / f"{point}")
            asked = len(api.requests)
            assert asking.sdd(box, "next", kill=point, env=key(api)).code == KILLED
            told = asking.sdd(box, "status")
            assert told.code == 0, told
            assert asking.sdd(box, "next", env=key(api)).code in {0, 5}
            seen.append((len(api.requests) - asked, len(runs(box))))
            assert runs(box)[-1].outcome == "done"
            assert (left_behind(box), findings(box)) == ([], [])
            if len(runs(box)) == 1:
                assert tree(box) == tree(reference)
            else:  # the text was all here, but nothing said that it was whole
                assert "not whole: sdd was stopped before its end" in runs(box)[0].summary
                assert BOTH in wholes(box)[0]
            if ANSWERED in told.out:
                break
    assert seen[0] == (1, 1)
    assert 1 <= seen.count((2, 2)) <= 2  # until its end is on the disk, which is one rename or two
    assert seen[-2:] == [(1, 1), (1, 1)], "a response that came whole is not asked for again"


def test_a_kill_while_the_response_streams_keeps_what_came(base: GitBox, asking: Killing) -> None:
    with MessagesApi([Reply(BOTH, pieces=8, then="stall", after=4), Reply(BOTH)]) as api:
        process = asking.start(base, "next", env=key(api))
        partial = base.path / ".git/sdd/pending/01-a/partial.md"
        until(lambda: partial.exists() and partial.stat().st_size > len(BOTH) // 3)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait().code == KILLED
        came = partial.read_text()
        told = asking.sdd(base, "status")
        assert "a part of a response is here, from a call that was cut: `sdd next` goes on" in told.out
        assert asking.sdd(base, "next", env=key(api)).code == 0
        prompt = str(api.requests[1].body["messages"][-1]["content"])
    assert BOTH.startswith(came)
    first, second = runs(base)
    assert (first.outcome, second.outcome) == ("failed", "done")
    assert came in wholes(base)[0]
    assert "the response is not whole: sdd was stopped before its end" in prompt
    assert (left_behind(base), findings(base)) == ([], [])


def until(seen: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


CHECK = """
import os, pathlib, signal
mark = pathlib.Path(".git/killed")
if not mark.exists():
    mark.write_text(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGKILL)
"""


def test_a_kill_while_checks_run_runs_them_again(box: GitBox, killing: Killing) -> None:
    begin(box, commands=["python check.py"])
    box.write("check.py", CHECK)
    killing.sdd(box, "next", env=MANUAL)
    assert killing.sdd(box, *RECORD, stdin=BOTH).code == KILLED
    assert is_made(box, ".git/killed")
    assert APPLIED in killing.sdd(box, "status").out
    assert killing.sdd(box, "next", env=MANUAL).code == 0
    (run,) = runs(box)
    assert (run.outcome, run.checks) == ("done", ("0 python check.py",))
    assert (left_behind(box), findings(box)) == ([], [])


def test_a_verdict_killed_at_any_point_is_whole_or_not_given(
    box: GitBox, killing: Killing, tmp_path: Path
) -> None:
    begin(box, **{"sessions__02-try": projects.session("user-verification")})
    box.write("docs/user-verification.md", "# My notes\n\nIt hesitated once.\n")
    verdict = ("record", "02-try", "--verdict", "pass", "-m", "I sold three things.")
    reference = copied(box, tmp_path / "reference")
    assert killing.sdd(reference, *verdict).code == 5
    assert reference.read("docs/user-verification.md").startswith(
        "# My notes\n\nIt hesitated once.\n\n## Verdict: pass"
    )
    given = set()
    for point in range(1, MOST):
        copy = copied(box, tmp_path / f"{point}")
        if killing.sdd(copy, *verdict, kill=point).code != KILLED:
            break
        assert killing.sdd(copy, "status").code == 0
        if point % 2:
            killing.sdd(copy, "next", "02-try")
            given.add(len(runs(copy, "02-try")))
        if not point % 2 or not runs(copy, "02-try"):
            killing.sdd(copy, *verdict)
        assert_whole_and_clean(copy, reference)
    assert given == {0, 1}


def test_two_processes_never_carry_out_one_session_at_once(base: GitBox) -> None:
    asked, answer = threading.Event(), threading.Event()

    def held(_: Seen) -> Reply:
        asked.set()
        answer.wait(20)
        return Reply(BOTH)

    with MessagesApi(held) as api:
        argv, env = [str(installed("sdd")), "next", "01-a"], {**os.environ, **key(api)}
        first = subprocess.Popen(argv, cwd=base.path, env=env, stderr=subprocess.PIPE)
        try:
            assert asked.wait(20)
            second = base.sdd("next", "01-a", env=key(api), check=5)
            assert f"another sdd (process {first.pid}) is working on session 01-a" in second.err
            assert "another sdd is working on it now" in base.sdd("status").out
            third = subprocess.Popen(argv, cwd=base.path, env=env, stderr=subprocess.PIPE, text=True)
        finally:
            answer.set()
        first.communicate()
        assert first.returncode == 0
        assert "01-a is done: there is nothing left to do" in third.communicate()[1]
        assert (third.returncode, len(api.requests)) == (5, 1)
    assert [run.outcome for run in runs(base)] == ["done"]
    assert (left_behind(base), findings(base)) == ([], [])
