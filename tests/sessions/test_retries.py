"""How often a session goes back, and when its conversation is poisoned: functions of the runs on record alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projects
from sdd.sessions.retries import Bounds, Lesson, kind, lessons, poisoned, told, tries
from sdd.sessions.run import Run

A, B = "test tests/test_a.py::test_a KeyError", "test tests/test_a.py::test_b KeyError"
LINT, EDIT, FORM = "lint src/a.py F401", "edit src/a.py", "response no fence"
BOUNDS = Bounds(responses=1, edits=1, tests=2, lint=1)


def failed(*failures: str) -> Run:
    return projects.run("failed", failures=failures)


DONE = projects.run("done")
REJECTED = projects.run("rejected", provider="person", failures=("rejected work",))
PROCEED = projects.run("proceed", provider="person")


@pytest.mark.parametrize(
    ("failures", "bound"),
    [
        ((A, LINT), "tests"),
        ((LINT,), "lint"),
        (("type a.py arg-type",), "lint"),
        ((EDIT, FORM), "responses"),
        (("write a.py",), "edits"),
        (("start ruff",), "setup"),
        (("start ruff", A), "tests"),
        (("interrupted",), ""),
        ((), "tests"),
        (("of a newer sdd",), "tests"),
    ],
)
def test_a_run_counts_against_one_bound(failures: tuple[str, ...], bound: str) -> None:
    assert kind(failures) == bound


def again(*runs: Run) -> list[bool]:
    """Whether it goes back, after each of these runs."""
    return [tries(runs[:count], BOUNDS).again for count in range(1, len(runs) + 1)]


def test_each_kind_goes_back_as_often_as_its_own_bound_says() -> None:
    assert again(failed(A), failed(A), failed(A)) == [True, True, False]
    assert again(failed(FORM), failed(EDIT), failed(LINT), failed(A), failed(A), failed(LINT)) == [
        True
    ] * 5 + [False]
    assert tries([failed(LINT), failed(A), failed(LINT)], BOUNDS).used == 1


def test_what_a_person_has_to_mend_never_goes_back_and_an_interruption_costs_nothing() -> None:
    assert again(failed("start ruff")) == [False]
    assert again(*[failed("interrupted")] * 9) == [True] * 9
    assert again(failed(LINT), failed("interrupted"), failed(LINT)) == [True, True, False]


def test_doubt_is_asked_about_once_between_two_words_of_a_person() -> None:
    unsure = projects.run("unsure")
    assert again(unsure, failed(A), unsure) == [True, True, False]
    assert again(unsure, PROCEED, unsure) == [True, True, True]


@pytest.mark.parametrize(
    "between", [DONE, REJECTED, PROCEED, projects.run("questions")], ids=lambda run: run.outcome
)
def test_a_good_end_or_a_persons_word_gives_all_tries_anew(between: Run) -> None:
    assert again(failed(LINT), between, failed(LINT), failed(LINT)) == [True, True, True, False]


def test_whoever_starts_again_after_the_end_has_all_tries_anew() -> None:
    assert again(failed(LINT), failed(LINT), failed(LINT), failed(LINT)) == [True, False, True, False]


RUNS = st.lists(
    st.sampled_from(
        [
            failed(A),
            failed(B),
            failed(LINT),
            failed(EDIT),
            failed(FORM),
            failed(A, LINT),
            projects.run("unsure"),
        ]
    )
)


@given(RUNS)
def test_however_runs_fail_their_tries_end_within_the_sum_of_the_bounds(runs: list[Run]) -> None:
    most = sum(getattr(BOUNDS, name) for name in BOUNDS._fields) + 1  # and one doubt
    longest = current = 0
    for goes_on in again(*runs):
        current = current + 1 if goes_on else 0
        longest = max(longest, current)
    assert longest <= most


def test_the_same_class_twice_poisons_a_conversation() -> None:
    assert poisoned([failed(A), failed(B)]) is None
    assert poisoned([failed(A), failed(B), failed(A, LINT)]) == Lesson((A,), (1, 3), 3)
    assert told(Lesson((A, LINT), (1, 3), 3)) == f"failed 2 times in the same way: `{A}`, `{LINT}`"


def test_a_fresh_conversation_has_to_fail_twice_itself_and_the_lesson_counts_on() -> None:
    runs = [failed(A)] * 4
    assert [poisoned(runs[:count]) is not None for count in range(1, 5)] == [False, True, False, True]
    assert lessons(runs[:3]) == (Lesson((A,), (1, 2), 2),)
    assert lessons(runs) == (Lesson((A,), (1, 2, 3, 4), 4),)


def test_it_stays_poisoned_until_a_model_was_asked_again() -> None:
    assert poisoned([failed(A), failed(A), PROCEED])
    assert poisoned([failed(A), failed(A), projects.run("unsure")]) is None
    assert poisoned([]) is None


def test_a_person_who_sends_it_back_twice_poisons_it_too() -> None:
    assert poisoned([DONE, REJECTED, DONE]) is None
    assert poisoned([DONE, REJECTED, DONE, REJECTED]) == Lesson(("rejected work",), (2, 4), 4)
    by_test = REJECTED.replace(failures=("rejected work", A))
    assert poisoned([failed(A), DONE, by_test]) == Lesson((A,), (1, 3), 3)


def test_work_that_ended_well_and_was_not_sent_back_leaves_nothing() -> None:
    assert lessons([failed(A), failed(A), DONE])
    assert lessons([failed(A), failed(A), DONE, failed(A)]) == ()


@pytest.mark.parametrize("one", ["interrupted", "cut the line", "start ruff"])
def test_what_the_model_did_not_do_teaches_nothing(one: str) -> None:
    assert lessons([failed(one), failed(one)]) == ()


def test_what_a_person_accepted_moves_nothing() -> None:
    accepted = projects.run("accepted", provider="person")
    assert lessons([failed(A), failed(A), DONE, accepted]) == lessons([failed(A), failed(A), DONE])
    bounds = Bounds()
    assert tries([failed(A), accepted, failed(A)], bounds) == tries([failed(A), failed(A)], bounds)
