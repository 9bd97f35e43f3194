"""Search and replace blocks are read and applied exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.runs.edits import EditProblem, Pair, apply, parse

FILE = "def a():\n    return 1\n\n\ndef b():\n    return 1\n"
LINES = st.lists(st.text("ab =", max_size=4), max_size=6)


def block(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def refusal(original: str, *pairs: Pair) -> EditProblem:
    result = apply(original, pairs)
    assert isinstance(result, EditProblem), result
    return result


def test_blocks_are_read_in_their_order_with_blank_lines_between() -> None:
    text = block("a\n", "b\n") + "\n" + block("c\nd\n", "") + block("", "e\n")
    assert parse(text) == ((("a\n", "b\n"), ("c\nd\n", ""), ("", "e\n")), ())


def test_the_first_middle_line_ends_the_search_so_a_replacement_may_hold_one() -> None:
    pairs, problems = parse(block("Title\n", "Title\n=======\nText\n"))
    assert (pairs, problems) == ((("Title\n", "Title\n=======\nText\n"),), ())
    assert apply("Title\n", pairs) == "Title\n=======\nText\n"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 0, "holds no search and replace block"),
        ("\n\n", 0, "holds no search and replace block"),
        ("x = 2\n", 1, "stands outside"),
        (block("a\n", "b\n") + "so:\nand so\n", 6, "stands outside"),
        ("<<<<<<< SEARCH\na\n", 1, "has no ======= line"),
        ("<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n" + block("b\n", "c\n"), 1, "has no ======= line"),
        ("<<<<<<< SEARCH\na\n=======\nb\n", 1, "has no >>>>>>> REPLACE line"),
        ("<<<<<<< SEARCH\na\n=======\n" + block("b\n", "c\n"), 1, "has no >>>>>>> REPLACE line"),
        ("<<<<<<< SEARCH\n", 1, "has no ======= line"),
    ],
)
def test_what_is_no_block_is_a_problem_at_its_line(text: str, line: int, told: str) -> None:
    problem = parse(text)[1][0]
    assert problem.line == line
    assert told in problem.message


def test_a_good_block_after_a_bad_one_is_still_read() -> None:
    pairs, problems = parse("first:\n" + block("b\n", "c\n"))
    assert pairs == (("b\n", "c\n"),)
    assert [problem.line for problem in problems] == [1]


def test_pairs_are_applied_one_after_the_other() -> None:
    pairs = (("def a():\n", "def c():\n"), ("def c():\n    return 1\n", "def c():\n    return 3\n"))
    assert apply(FILE, pairs) == FILE.replace("def a():\n    return 1", "def c():\n    return 3")


def test_whole_lines_match_never_a_part_of_one() -> None:
    assert apply("max = 1\nx = 1\n", (("x = 1\n", "x = 2\n"),)) == "max = 1\nx = 2\n"


def test_several_matches_are_refused_with_their_lines() -> None:
    problem = refusal(FILE, ("def a():\n", "def a():\n"), ("    return 1\n", "    return 2\n"))
    assert problem.message == "search block 2 of 2 matches 2 times, at lines 2, 6"
    assert "neighbouring lines" in problem.hint
    assert refusal("a\n" * 30, ("a\n", "")).message.endswith("19, 20, …")


def test_matches_that_overlap_are_several() -> None:
    assert "matches 2 times, at lines 1, 2" in refusal("a\na\na\n", ("a\na\n", "b\n")).message


def test_the_nearest_lines_are_shown_when_nothing_matches() -> None:
    problem = refusal(FILE, ("def b():\n    return 2\n", ""))
    assert problem.message == "search block 1 of 1 does not match"
    assert problem.hint.endswith("the nearest are 5 to 6:\n    def b():\n        return 1")


def test_a_similar_line_is_shown_when_no_line_is_the_same() -> None:
    problem = refusal("one\ntwo words here\nthree\n", ("\ntwo word here\n", ""))
    assert "the nearest are 1 to 2:\n    one\n    two words here" in problem.hint


def test_nothing_like_it_is_said() -> None:
    assert "no line of it is in the file" in refusal("one\n", ("completely different\n", "")).message
    assert "no line of it is in the file" in refusal("", ("one\n", "")).message


def test_white_space_alone_is_named_as_the_difference() -> None:
    assert "(only white space differs)" in refusal(FILE, ("def b():\n  return 1\n", "")).message


def test_an_empty_search_begins_an_empty_file_only() -> None:
    assert apply("", (("", "new\n"),)) == "new\n"
    assert "only a new or empty file" in refusal(FILE, ("", "new\n")).message


def test_a_search_that_may_go_on_past_its_middle_is_refused() -> None:
    pairs, _ = parse(block("Title\n=======\nOld\n", "Title\n=======\nNew\n"))
    assert "cannot be told" in refusal("Title\n=======\nOld\n", *pairs).message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\r\nb\r\nc\r\n", "a\r\nB\r\nX\r\nc\r\n"),
        ("a\nb\nc\n", "a\nB\nX\nc\n"),
        ("a\r\nb\r\nc\n", "a\r\nB\r\nX\r\nc\r\n"),
        ("a\r\nb\nc\n", "a\nB\nX\nc\n"),
        ("a\nb\nc", "a\nB\nX\nc"),
        ("a\nb", "a\nB\nX"),
        ("a\r\nb", "a\r\nB\r\nX"),
    ],
)
def test_a_file_keeps_its_line_endings_and_its_end(before: str, after: str) -> None:
    assert apply(before, (("b\n", "B\nX\n"),)) == after


def test_all_lines_may_go() -> None:
    assert apply("a\nb", (("a\nb\n", ""),)) == ""


@given(LINES, LINES)
def test_blocks_written_are_blocks_read(search: list[str], replace: list[str]) -> None:
    pair = ("".join(f"{line}\n" for line in search), "".join(f"{line}\n" for line in replace))
    assert parse(block(*pair)) == ((pair,), ())


@given(LINES, LINES.filter(bool), LINES, st.sampled_from(["\n", "\r\n"]))
def test_an_edit_changes_its_lines_and_nothing_else(
    before: list[str], replace: list[str], after: list[str], ending: str
) -> None:
    original = ending.join([*before, "once", *after, ""])
    pairs = (("once\n", "".join(f"{line}\n" for line in replace)),)
    assert apply(original, pairs) == ending.join([*before, *replace, *after, ""])


@given(st.text("ab=<> \nSEARCHPLO"), st.text("ab=\r\n"))
def test_no_text_makes_it_raise(text: str, original: str) -> None:
    pairs, problems = parse(text)
    assert pairs or problems
    assert isinstance(apply(original, pairs), str | EditProblem)
