"""Who names which paths is found without a look at all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counting import calls
from sdd.globs import overlap
from sdd.sessions.touching import Touching, path_in, start_of

GLOBS = ("src/a.py", "src/*.py", "src/**", "src/b/c.py", "src/b/*", "tests/**", "**", "*", "a", "src/[ab].py")


def touching(globs: list[str]) -> Touching:
    made = Touching()
    for number, glob in enumerate(globs):
        made.add(glob, str(number))
    return made


@given(st.lists(st.sampled_from(GLOBS)), st.sampled_from(GLOBS))
def test_whoever_may_name_a_common_path_is_found_once(globs: list[str], asked: str) -> None:
    found = sorted((int(who), glob) for who, glob in touching(globs).of(asked))
    assert found == [(number, glob) for number, glob in enumerate(globs) if overlap(glob, asked)]


def test_a_question_costs_what_is_near_and_not_what_there_is() -> None:
    def work(size: int) -> int:
        made = touching([f"src/m{number}/{name}" for number in range(size) for name in ("a.py", "sub/**")])
        return calls(lambda: [list(made.of(glob)) for glob in ("src/m5/a.py", "src/m6/sub/*.py", "docs/**")])

    assert work(1000) < 1.2 * work(100)


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ("src/a.py", "src/a.py"),
        ("src/a.py::Cart.add", "src/a.py"),
        ("docs/a.md#Cart/Errors", "docs/a.md"),
        ("src/a.py:10-40", "src/a.py"),
        ("src/a.py:10", "src/a.py"),
        ("src/**", "src/**"),
        ("session:04-cart", ""),
    ],
)
def test_the_path_of_a_selector_is_what_stands_before_its_part(selector: str, path: str) -> None:
    assert path_in(selector) == path


@pytest.mark.parametrize(
    ("glob", "folder"),
    [("a.py", ""), ("src/a.py", "src"), ("src/*/a.py", "src"), ("**", ""), ("src/", "src")],
)
def test_a_glob_begins_in_the_folder_before_its_first_sign(glob: str, folder: str) -> None:
    assert start_of(glob) == folder
