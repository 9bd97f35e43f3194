"""The fix loop as a person meets it: whatever a model sends it ends, says how by its exit code, and a kill gives no tries anew."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import projects
from gitbox import GitBox, installed
from killing import KILLED, Killing
from sdd.cli.ended import ended
from sdd.runs import person
from sdd.runs.choice import Wish
from sdd.runs.flow import advance
from sdd.sessions.retries import Bounds
from workshop import begin, file, findings, left_behind, place, recorded, response, runs, settle

PLAYED = Wish(provider="recorded")
TEST = (
    "import unittest, a\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(a.A, 1)\n"
)
CHECK = """
import pathlib, sys
text = pathlib.Path("a.py").read_text() if pathlib.Path("a.py").exists() else ""
if not pathlib.Path("test_a.py").exists():
    sys.exit("Ran 0 tests in 0.0s")
if not text:
    print("Traceback (most recent call last):\\nModuleNotFoundError: No module named 'a'\\n\\nRan 1 test in 0.0s")
elif "A = 1" not in text:
    print(f"FAILED test_a.py::test - assert {text!r}\\n1 failed in 0.1s")
elif "lint" in text:
    print("a.py:1:1: F401 x\\n1 passed in 0.1s")
else:
    sys.exit(print("1 passed in 0.1s"))
sys.exit(1)
"""
TESTS = file("test_a.py", TEST)
RESPONSES = {
    "good": response(TESTS, file("a.py", "A = 1\n")),
    "tests": response(TESTS, checklist=[]),
    "code": response(file("a.py", "A = 1\n")),
    "wrong": response(file("a.py", "A = 2\n")),
    "ugly": response(file("a.py", "A = 1  # lint\n")),
    "formless": "Sorry, what?",
    "outside": response(file("c.py", "C = 1\n")),
    "edit": response("````edit path=a.py\n<<<<<<< SEARCH\nno\n=======\nyes\n>>>>>>> REPLACE\n````\n\n"),
    "unticked": response(file("a.py", "A = 1\n"), checklist=["another"]),
    "unsure": response(file("a.py", "A = 1\n"), confidence=0.5),
    "asks": response(outcome="questions", questions=["Why?"], confidence=0.5),
    "blocked": response(outcome="blocked", summary="No way."),
}
BOUNDS = Bounds(responses=1, edits=2, tests=2, lint=1)
FIXES = "".join(f"{name} = {getattr(BOUNDS, name)}\n" for name in BOUNDS._fields)
MOST = 1 + sum(getattr(BOUNDS, name) for name in BOUNDS._fields) + 1
"""Calls of a model in one turn: the first, each that a bound allows, and one that asks for questions."""


def project(box: GitBox, *front: str) -> None:
    begin(
        box,
        "writes: [a.py, test_a.py]" if front else "writes: [a.py]",
        *front,
        commands=["python -S check.py"],
    )
    box.write("check.py", CHECK)
    if not front:
        box.write("test_a.py", TEST)
    box.write("sdd.toml", box.read("sdd.toml") + f"[fixes]\n{FIXES}")


@pytest.fixture(scope="module")
def made(
    isolation: None, template_repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[bool, Path]:
    """The project, with the tests there and with tests to come first."""
    found = {}
    for first in (False, True):
        folder = tmp_path_factory.mktemp("made") / "a" / "box"
        box = GitBox(Path(shutil.copytree(template_repository, folder)))
        project(box, *(["tests_first: true"] if first else []))
        found[first] = folder
    return found


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=st.booleans(),
    sent=st.lists(st.sampled_from(sorted(RESPONSES)), min_size=1, max_size=6),
    rounds=st.integers(1, 2),
)
def test_whatever_a_model_sends_it_ends_and_the_exit_code_says_how(
    made: dict[bool, Path],
    tmp_path_factory: pytest.TempPathFactory,
    *,
    first: bool,
    sent: list[str],
    rounds: int,
) -> None:
    """Each round ends within the sum of the bounds, and after it a person does what the state asks for."""
    folder = tmp_path_factory.mktemp("random")
    box = GitBox(Path(shutil.copytree(made[first], folder / "box")))
    most = MOST * (2 if first else 1)
    texts = [RESPONSES[sent[number % len(sent)]] for number in range(most * rounds + 1)]
    with pytest.MonkeyPatch.context() as patch:
        for key, value in recorded(folder / "r", *texts).items():
            patch.setenv(key, value)
        for _ in range(rounds):
            before = len(runs(box))
            run = advance(place(box), "01-a", PLAYED)
            code = ended(place(box), "01-a", run, commit_it=False)
            state = place(box).picture().states["01-a"].state
            assert (state, code) in {("done", 0), ("failing", 1), ("asking", 5)}
            assert len(runs(box)) - before <= most
            go_on(box, state)
    settle(box)
    assert (left_behind(box), findings(box)) == ([], [])


def go_on(box: GitBox, state: str) -> None:
    """What a person does: send back, answer, lift the bar; of what fails nothing, so that it is tried again."""
    here = place(box)
    one = here.picture().project.session("01-a")
    for number, question in enumerate(one.questions, 1):
        if not question.answer:
            person.answer(here, "01-a", number, "So.")
    if state == "asking" and one.runs[-1].outcome == "unsure":
        person.proceed(here, "01-a", "go on")
    if state == "done":
        person.reject(here, "01-a", "not so")


WRONG = RESPONSES["wrong"]


posix = pytest.mark.skipif(os.name == "nt", reason="forks, and kills as POSIX does")


@pytest.fixture(scope="module")
def killing(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    with Killing(tmp_path_factory.mktemp("killing"), "sdd.llm.recorded") as one:
        yield one


def started(base: Path, folder: Path) -> tuple[GitBox, dict[str, str]]:
    box = GitBox(Path(shutil.copytree(base, folder / "box")))
    box.write("sdd.toml", box.read("sdd.toml").replace("tests = 2", "tests = 1"))
    return box, recorded(folder / "r", *[WRONG] * 9)


def failed(box: GitBox) -> int:
    return sum(run.failures != ("interrupted",) for run in runs(box))


@posix
@pytest.mark.parametrize("part", range(2))
def test_at_any_point_the_next_command_has_the_tries_that_were_left(
    made: dict[bool, Path], killing: Killing, tmp_path: Path, part: int
) -> None:
    seen = set()
    for point in range(1 + 2 * part, 200, 4):
        box, env = started(made[False], tmp_path / str(point))
        if killing.sdd(box, "next", env=env, kill=point).code != KILLED:
            break
        before = failed(box)
        again = killing.sdd(box, "next", env=env)
        assert again.code == 1, again
        assert failed(box) in (
            (2,) if before < 2 else (2, 4)
        )  # of 2 it may have been killed before the very end
        seen.add(before)
        settle(box)
        assert (left_behind(box), findings(box)) == ([], [])
    assert seen >= {0, 1}


@posix
def test_ctrl_c_in_a_check_gives_no_tries_anew(
    made: dict[bool, Path], killing: Killing, tmp_path: Path
) -> None:
    box, env = started(made[False], tmp_path)
    box.write("check.py", f"{INTERRUPTS}{CHECK}")
    stopped = killing.sdd(box, "next", env=env)
    assert (stopped.code, failed(box)) == (130, 1)
    assert killing.sdd(box, "next", env=env).code == 1
    assert failed(box) == 2
    assert (left_behind(box), len((tmp_path / "r" / ".played").read_text().split())) == ([], 2)


INTERRUPTS = """
import os, pathlib, signal, time
count = pathlib.Path(".git/count")
count.write_text(count.read_text() + "x" if count.exists() else "x")
if count.read_text() == "xx":
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(5)
"""


def test_a_person_sees_what_failed_and_may_keep_the_lesson(made: dict[bool, Path], tmp_path: Path) -> None:
    box = GitBox(Path(shutil.copytree(made[False], tmp_path / "box")))
    box.git("config", "user.email", projects.ALICE)
    env = recorded(tmp_path / "r", *[WRONG] * 3, RESPONSES["code"])
    told = box.sdd("next", env=env, check=1)
    assert "it failed twice in the same way, so a fresh conversation begins" in told.err
    assert (
        "01-a went back 2 times for tests, which is the bound (`tests = 2` below [fixes] in sdd.toml)"
        in told.err
    )
    what = "test test_a.py::test AssertionError"
    assert f"waits: {what}" in told.out
    assert what in box.sdd("status", "--json").out
    assert [one["failures"] for one in json.loads(box.sdd("log", "--json").out)] == [[what]] * 3
    assert box.sdd("log").out.splitlines()[0].endswith(f"\t{what}")
    if os.name == "posix":
        from terminal import Terminal  # there is none elsewhere

        terminal = Terminal([installed("sdd"), "log"], box.path, {"COLUMNS": "80"})
        terminal.wait_for("01-a run 3: test test_a.py::test")
        assert terminal.end() == 0
    kept = box.sdd("answer", "01-a", "--lesson", "-m", "A counts from one")
    assert kept.out == "kept in docs/lessons.md: A counts from one\n"
    assert box.read("docs/lessons.md").endswith("\n- A counts from one\n")
    assert box.sdd("next", env=env).out.startswith("01-a: done\n")
    assert "fresh" not in box.sdd("reject", "01-a", "-m", "no").out
    box.sdd("next", env=recorded(tmp_path / "s", RESPONSES["code"]))
    again = box.sdd("reject", "01-a", "-m", "still not")
    assert (
        "failed 2 times in the same way: `rejected work`; the next run begins a fresh conversation"
        in again.out
    )
