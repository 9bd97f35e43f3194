"""What a response comes to, as a table: before anything is written, and by its checks."""

from __future__ import annotations

import pytest

import projects
from sdd.runs.checks import Check
from sdd.runs.pending import Pending
from sdd.runs.response import parse
from sdd.runs.verdict import EARLY, UNCHECKED, Verdict, checked, judged
from workshop import ITEM, response

SESSION = projects.session("implementation").encode()
RUN = Pending("01-a", "work", ("src/a.py",), "2026-11-21T10:15:00Z", "manual", "", {})
PASSED = Check("pytest", 0, 1.0, "", passed=True, ran_tests=True)
FAILED = Check("pytest", 1, 1.0, "", passed=False, why="exit code 1", ran_tests=True)
NOTHING = Check("pytest", 5, 1.0, "", passed=False, why="no test ran", ran_nothing=True)
MYPY = Check("mypy", 1, 1.0, "", passed=False, why="exit code 1")
SLOW = Check("pytest", None, 1.0, "", passed=False, why="it took longer than 1 s, and was ended")
MUST_FAIL = "the tests fail, as they must before the code exists"


@pytest.mark.parametrize(
    ("text", "outcome", "questions"),
    [
        (response(), "done", ()),
        (response(checklist=["IT IS SO."]), "done", ()),
        (response(outcome="questions", questions=["Why?"], confidence=0.2), "questions", ("Why?",)),
        (response(outcome="blocked", summary="No way."), "blocked", ("Blocked: No way.",)),
        (response(outcome="blocked", questions=["Which way?"]), "blocked", ("Which way?",)),
        (response(confidence=0.94), "unsure", ()),
        (response(checklist=[]), "failed", ()),
        ("Nothing at all.", "failed", ()),
    ],
    ids=[
        "done",
        "ticked in other words",
        "questions",
        "blocked",
        "blocked with a question",
        "unsure",
        "unticked",
        "none",
    ],
)
def test_a_response_comes_to(text: str, outcome: str, questions: tuple[str, ...]) -> None:
    parsed = parse(text)
    found = judged(SESSION, RUN, parsed, [problem.message for problem in parsed.problems])
    assert (found.outcome, found.questions) == (outcome, questions)


def test_below_the_bar_nothing_is_written_unless_a_person_lifted_it() -> None:
    parsed = parse(response(confidence=0.5))
    assert judged(SESSION, RUN, parsed, []).notes == ("confidence 0.5 is below 0.95: nothing was written",)
    assert judged(SESSION, RUN.replace(bold=True), parsed, []) == Verdict("done", "It is made.")


def test_a_turn_before_the_work_has_to_tick_nothing() -> None:
    assert judged(SESSION, RUN.replace(turn="tests"), parse(response(checklist=[])), []).outcome == "done"


def test_a_failed_response_says_the_first_problem_and_how_many_more() -> None:
    parsed = parse(response())
    one = judged(SESSION, RUN, parsed, ["a is wrong"])
    assert one.notes == ("the response could not be used: a is wrong; nothing was written",)
    two = judged(SESSION, RUN.replace(cut="it was cut"), parsed, ["a is wrong"])
    assert two.problems == ("the response is not whole: it was cut", "a is wrong")
    assert two.notes[0].endswith("it was cut (and 1 more); nothing was written")


@pytest.mark.parametrize(
    ("found", "outcome", "notes"),
    [
        ([PASSED], "done", ()),
        ([PASSED, MYPY], "failed", ("`mypy` failed: exit code 1",)),
        ([], "done", (UNCHECKED,)),
    ],
    ids=["passed", "failed", "unchecked"],
)
def test_work_comes_to_by_its_checks(found: list[Check], outcome: str, notes: tuple[str, ...]) -> None:
    verdict, kept = checked(RUN, parse(response(lessons=["x"])), found)
    assert (verdict.outcome, verdict.notes, kept) == (outcome, notes, found)
    assert (verdict.ticked, verdict.lessons) == (((ITEM,), ("x",)) if outcome == "done" else ((), ()))


def test_documents_need_no_command() -> None:
    run = RUN.replace(writes=("docs/a.md", "sessions/templates/*.md"))
    assert checked(run, parse(response()), [])[0].notes == ()


@pytest.mark.parametrize(("lines", "said"), [(None, False), (400, False), (401, True)])
def test_a_run_that_changes_more_than_400_lines_says_so(lines: int | None, said: bool) -> None:
    notes = checked(RUN.replace(changed_lines=lines), parse(response()), [PASSED])[0].notes
    assert notes == (("it changed 401 lines: smaller steps are easier to verify",) if said else ())


@pytest.mark.parametrize(
    ("found", "outcome", "notes"),
    [
        ([FAILED], "done", (MUST_FAIL,)),
        ([FAILED, MYPY], "done", (MUST_FAIL,)),
        ([MYPY], "done", (MUST_FAIL,)),
        ([PASSED], "failed", (f"`pytest` failed: {EARLY}",)),
        ([PASSED, MYPY], "failed", (f"`pytest` failed: {EARLY}",)),
        ([NOTHING], "failed", ("`pytest` failed: no test ran",)),
        ([SLOW], "failed", (f"`pytest` failed: {SLOW.why}",)),
        ([], "done", (UNCHECKED,)),
    ],
    ids=[
        "fail",
        "fail, and types too",
        "no runner known",
        "pass",
        "pass, types fail",
        "none ran",
        "slow",
        "unchecked",
    ],
)
def test_tests_that_come_first_must_run_and_fail(
    found: list[Check], outcome: str, notes: tuple[str, ...]
) -> None:
    run = RUN.replace(turn="tests", writes=("tests/test_a.py",))
    verdict, kept = checked(run, parse(response()), found)
    assert (verdict.outcome, verdict.notes, verdict.ticked) == (outcome, notes, ())
    assert [check.command for check in kept] == [check.command for check in found]
    assert all(not check.passed for check in kept)
