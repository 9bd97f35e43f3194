"""What went wrong has a class: the same for the same error, whatever changes from run to run, and another for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.runs import failure
from sdd.runs.checks import Check
from sdd.runs.form import Problem
from sdd.runs.pending import STOPPED

TEMP = "/var/folders/zz"


def check(output: str = "", code: int | None = 1, why: str = "exit code 1", **more: bool) -> Check:
    return Check("make test", code, 1.0, output, passed=False, why=why, **more)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (check("a.py:1:8: F401 unused\nmake: *** [Makefile:3: test] Error 1\n"), ("lint a.py F401",)),
        (
            check("it broke in 3.2s\nmake: *** [Makefile:3: test] Error 1\n"),
            ("command make test: it broke in #",),
        ),
        (check("cannot open /home/dev/shop/data.csv\n"), ("command make test: cannot open /data.csv",)),
        (check("\n \n", 3), ("command make test: exit code 3",)),
        (check("core dumped\n", -11), ("command make test: signal 11",)),
        (check(code=None, why="it took longer than 1 s, and was ended"), ("timeout make test",)),
        (check(code=None, why="make was not found"), ("start make test",)),
        (check(code=None, why="it is not there").replace(command="./run x"), ("command ./run x",)),
        (check(code=None, why="the command is empty").replace(command=" "), ("start",)),
        (check(code=5, ran_nothing=True), ("nothing make test",)),
    ],
)
def test_a_command_that_did_not_pass_has_the_class(one: Check, told: tuple[str, ...]) -> None:
    assert failure.of_check(one, "/home/dev/shop") == told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at 0x7f3a21 after 12 ms", "at 0xdeadbeef00 after 1045 ms"),
        ("2026-11-28T09:00:01Z lost", "2025-01-02T10:11:12Z lost"),
        (f"{TEMP}/pytest-of-me/pytest-3/x0/a: no", f"{TEMP}/pytest-of-you/pytest-4/y1/b: no"),
        ("id 1b4e28ba-2fa1-11d2-883f-0016d3cca427", "id 6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("commit 9fb9237aa0b1c2d3", "commit 69fd9ef01b2c3d4e"),
        ("port 40211 is taken", "port 8080 is taken"),
    ],
)
def test_what_changes_from_run_to_run_makes_no_other_class(one: str, other: str) -> None:
    assert failure.of_check(check(one)) == failure.of_check(check(other))
    assert failure.of_check(check(one)) != failure.of_check(check("another: no"))


NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)


@given(
    NAMES,
    NAMES,
    st.sampled_from(
        ["FAILED tests/test_a.py::test_{} - assert 1", "{}.py:1:1: F401 x", "FAIL: test_{} (a.B)"]
    ),
)
def test_two_failures_are_two_classes(one: str, other: str, form: str) -> None:
    first, second = (failure.of_check(check(form.format(name))) for name in (one, other))
    assert (first == second) == (one == other)


def test_a_hundred_failures_are_told_by_the_first_twenty_in_one_order() -> None:
    lines = [f"FAILED tests/test_a.py::test_{number:03} - KeyError: 1" for number in range(100)]
    told = failure.of_check(check("\n".join(lines)))
    assert told == failure.of_check(check("\n".join(reversed(lines))))
    assert (len(told), told[0]) == (20, "test tests/test_a.py::test_000 KeyError")


def test_a_class_is_one_line_of_bounded_length() -> None:
    (told,) = failure.of_check(check("x" * 999))
    assert len(told) == failure.LONGEST
    assert told.endswith("…")


def test_only_commands_that_did_not_pass_have_classes() -> None:
    good = check("a.py:1:8: F401 unused").replace(passed=True)
    assert failure.of_checks([good, check("b.py:1:8: F401 unused")]) == ("lint b.py F401",)


def test_a_problem_of_a_response_has_the_class_of_its_kind_or_path() -> None:
    told = failure.of_problems(
        [
            Problem(3, "there are 2 sdd-response fences, at lines 3, 9"),
            Problem(4, "there are 5 sdd-response fences, at lines 30, 90"),
            Problem(7, "the path of `x y` is odd"),
            Problem(1, "in src/a.py search block 1 of 2 is nowhere", kind="edit", path="src/a.py"),
            Problem(1, "src/b.py is outside", kind="write", path="src/b.py"),
        ]
    )
    assert told == (
        "edit src/a.py",
        "response the path of … is odd",
        "response there are # sdd-response fences, at lines #, #",
        "write src/b.py",
    )
    assert failure.outside(["src/b.py"]) == ("write src/b.py",)


def test_that_sdd_was_stopped_is_nobodys_failure() -> None:
    assert failure.of_cut(STOPPED) == ("interrupted",)
    assert failure.of_cut("it stopped for `max_tokens`") == ("cut it stopped for `max_tokens`",)


KNOWN = (
    "test tests/test_a.py::test_zero KeyError",
    "test a.B.test_one",
    "lint src/a.py F401",
    "command make: it broke",
)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("no refunds", ()),
        ("test_zero still fails", KNOWN[:1]),
        ("tests/test_a.py::test_zero still fails, and src/a.py is ugly", (KNOWN[2], KNOWN[0])),
        ("test_one", KNOWN[1:2]),
    ],
)
def test_a_rejection_names_its_turn_and_what_the_person_names(words: str, named: tuple[str, ...]) -> None:
    assert failure.of_rejection("work", words, KNOWN) == tuple(sorted(("rejected work", *named)))


@pytest.mark.parametrize(
    ("module", "glob", "comes"),
    [
        ("a", "a.py", True),
        ("shop.cart", "src/shop/cart.py", True),
        ("shop", "src/shop/cart.py", True),
        ("shop.price", "src/shop/cart.py", False),
        ("numpy", "src/shop/cart.py", False),
        ("shop.cart", "src/**", True),
        ("shop.cart", "src/shop/*.py", True),
        ("numpy", "data/*.json", False),
        ("../src/cart", "src/cart.ts", True),
        ("shop/cart", "cart/cart.go", False),
        ("", "src/*.py", False),
    ],
)
def test_a_module_comes_where_a_glob_names_its_file(module: str, glob: str, *, comes: bool) -> None:
    assert failure.comes(module, [glob]) is comes


def test_red_is_wrong_for_what_no_code_can_mend() -> None:
    found = (
        "syntax tests/test_a.py",
        "collect tests/test_b.py NameError",
        "import numpy",
        "import shop.cart",
        "test x KeyError",
    )
    assert failure.wrong_reasons(found, ["src/shop/cart.py"]) == list(found[:3])
