"""What tools print is read as classes: by a table of real outputs, and the law that only what failed makes a class."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file

from sdd.runs.reported import classes
from sdd.runs.tracebacks import relative

ROOT = "/home/dev/shop"
CASES = [case[1:] for case in read_fixture_file(Path(__file__).parent.parent / "cases" / "failures.md")]


@pytest.mark.parametrize(
    ("title", "output", "expected"), CASES, ids=[case[0].split("\n")[-1] for case in CASES]
)
def test_an_output_is_read_as_its_classes(title: str, output: str, expected: str) -> None:
    assert sorted(classes(output, ROOT)) == expected.splitlines(), title


NUMBERS = re.compile(
    r"(?<=:)\d+(?=[:, )\]]|$)|(?<=line )\d+|(?<=\()\d+(?=,\d+\): )|\b[\d.]+(?= ?m?s\b)", re.MULTILINE
)


@pytest.mark.parametrize(
    ("title", "output", "expected"), CASES, ids=[case[0].split("\n")[-1] for case in CASES]
)
@given(number=st.integers(1, 99_999))
def test_other_line_numbers_and_durations_make_no_other_class(
    title: str, output: str, expected: str, number: int
) -> None:
    assert sorted(classes(NUMBERS.sub(str(number), output), ROOT)) == expected.splitlines(), title


def test_the_same_code_elsewhere_fails_in_the_same_way() -> None:
    elsewhere = [(output.replace(ROOT, "/home/x/y"), expected) for _, output, expected in CASES]
    assert all(
        sorted(classes(output, "/home/x/y")) == expected.splitlines() for output, expected in elsewhere
    )


@given(st.permutations(next(case[1] for case in CASES if case[0].startswith("ruff and flake8")).splitlines()))
def test_the_order_of_lines_makes_no_other_class(lines: list[str]) -> None:
    first, *rest = lines
    assert classes("\n".join(lines), ROOT) == classes("\n".join([*rest, first]), ROOT)


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    assert all(one.strip() for one in classes(text, ROOT))


@pytest.mark.parametrize(
    ("path", "root", "told"),
    [
        ("/home/dev/shop/src/a.py", "/home/dev/shop", "src/a.py"),
        ("C:\\shop\\src\\a.py", "C:\\shop", "src/a.py"),
        ("D:\\elsewhere\\a.py", "C:\\shop", "a.py"),
        ("/var/tests/a.py", "/home/dev/shop", "a.py"),
        ("./src/a.py", "", "src/a.py"),
    ],
)
def test_a_path_is_told_from_the_top_of_the_project(path: str, root: str, told: str) -> None:
    assert relative(path, root) == told


TESTS = """
import pytest
def test_a(): assert 1 == 2, "a message that is long enough to be cut off by pytest's own summary of it all"
class TestB:
    def test_that_has_a_name_which_leaves_no_room_for_more_than_itself_on_its_line(self): raise KeyError("x")
"""


@pytest.mark.parametrize("flags", ["-q", "-v", "-q --tb=short", "-vv -p no:randomly", "-q -n 2"])
def test_the_pytest_that_runs_this_is_understood(tmp_path: Path, flags: str) -> None:
    (tmp_path / "test_c.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    argv = [sys.executable, "-m", "pytest", *flags.split(), "."]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert classes(done.stdout, str(tmp_path)) == {
        "test test_c.py::test_a AssertionError",
        "test test_c.py::TestB::test_that_has_a_name_which_leaves_no_room_for_more_than_itself_on_its_line KeyError",
    }
