"""A response is read as it was meant, or every reason why it cannot be is told in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file

from sdd.runs.response import (
    FORM,
    FORM_BY_HAND,
    FORM_FOR_AGENTS,
    REPAIR,
    Block,
    EditBlock,
    FileBlock,
    ParsedResponse,
    Problem,
    parse,
    repair,
)

CASES = read_fixture_file(Path(__file__).parents[1] / "cases" / "response.md")
DONE = '```toml sdd-response\noutcome = "done"\nconfidence = 0.97\nsummary = "Made it."\n```\n'
PIECES = (
    *("`", "```", "~~~", "````", "\n", " ", "    ", "- ", "> ", "path=", "a.py", '"', "edit ", "python "),
    *("toml sdd-response", 'outcome = "done"\n', "confidence = 1\n", 'summary = "s"\n', "<<<<<<< SEARCH\n"),
    *("=======\n", ">>>>>>> REPLACE\n", "\r", "\ufeff", "</think>", "[[", "\x00", "\ud800"),
)


def shown(text: str) -> str:
    """What a response was read as, a line for each thing."""
    read = parse(text)
    rows = [f"{one.line} file {one.path}: {one.text!r}" for one in read.files]
    rows += [f"{one.line} edit {one.path}: {one.pairs}" for one in read.edits]
    rows += [str(read.block)] if read.block else []
    rows += [f"{one.line} wrong: {one.message}; {one.hint}" for one in read.problems]
    return "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize(("line", "title", "text", "expected"), CASES, ids=[case[1] for case in CASES])
def test_a_case_is_read_as_it_says(line: int, title: str, text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (
            f"```python path=a.py\r\nx = 1\r\n```\r\n{DONE}".replace("\n", "\r\n").replace("\r\r", "\r"),
            "CRLF",
        ),
        (f"\ufeff```python path=a.py\nx = 1\n```\n{DONE}", "a byte order mark"),
        (f"```python path=a.py\rx = 1\r```\r{DONE}".replace("\n", "\r"), "CR"),
        (f"```python path=a.py\nx = 1\n```\n{DONE}".removesuffix("\n"), "no newline at the end"),
    ],
)
def test_how_lines_end_makes_no_difference(text: str, same: str) -> None:
    block = Block("done", 0.97, "Made it.")
    assert parse(text) == ParsedResponse((FileBlock("a.py", "x = 1\n", 1),), (), block, ()), same


def test_a_file_may_be_empty_and_may_hold_any_line_separator() -> None:
    read = parse(f"```python path=a/__init__.py\n```\n\n```text path=b\na\x0cb\u2028c\x85\n```\n{DONE}")
    assert [file.text for file in read.files] == ["", "a\x0cb\u2028c\x85\n"]
    assert read.problems == ()


@pytest.mark.parametrize(
    ("value", "told"),
    [("9" * 5000, "not TOML: exceeds the limit"), ("[" * 5000, "not TOML: "), ("9" * 400, "confidence is 9")],
)
def test_numbers_and_nesting_without_end_are_problems(value: str, told: str) -> None:
    problem = parse(DONE.replace("0.97", value)).problems[0]
    assert told in problem.message
    assert len(problem.message) < 200


def test_a_value_nested_without_end_is_shown_short() -> None:
    problem = parse(DONE.replace("summary", "summary" + ".a" * 3000)).problems[0]
    assert problem.message.startswith("summary is {'a': {'a'")
    assert len(problem.message) < 200


@pytest.mark.parametrize("form", [FORM, FORM_BY_HAND])
def test_the_form_is_an_example_of_itself(form: str) -> None:
    read = parse(form)
    assert read.problems == ()
    assert [file.path for file in read.files] == ["src/shop/cart.py"]
    assert read.edits == (
        EditBlock("src/shop/price list.py", (("LIMIT = 10\n", "LIMIT = 20\n"),), read.edits[0].line),
    )
    assert read.block
    assert read.block.outcome == "done"


def test_the_form_for_agents_asks_for_the_block_alone() -> None:
    read = parse(FORM_FOR_AGENTS)
    assert (read.files, read.edits, read.problems) == ((), (), ())


def test_the_form_by_hand_asks_for_an_outer_fence_which_is_understood() -> None:
    assert "``````markdown before it" in FORM_BY_HAND
    assert parse(f"``````markdown\n{FORM}``````\n").problems == ()


def test_a_repair_names_each_problem_and_what_to_do() -> None:
    text = repair([Problem(0, "there is no block", "end with one"), Problem(7, "the path is wrong")])
    assert text.startswith(
        f"{REPAIR}\n\n- there is no block; end with one\n- line 7: the path is wrong\n\nSend the whole response"
    )


def test_a_repair_has_an_end() -> None:
    text = repair(Problem(number, "wrong") for number in range(1, 101))
    assert "- line 30: wrong\n- and 70 more of this kind\n" in text


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    read = parse(text)
    assert read.block or read.problems
    assert [one.line for one in read.problems] == sorted(one.line for one in read.problems)
    assert all(0 <= one.line <= text.count("\n") + text.count("\r") + 2 for one in read.problems)


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=6), max_size=6)


@given(LINES)
def test_what_a_file_holds_is_what_is_read(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    read = parse(f"``````````text path=a\n{text}``````````\n\n{DONE}")
    assert [file.text for file in read.files] == [text]
