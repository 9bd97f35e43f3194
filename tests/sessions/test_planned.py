"""A task's session follows its plan, and keeps what people and runs added."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.sessions.planned import prose, updated
from sdd.sessions.session import parse

PATH = b"sessions/04-cart.md"
TEXT = """---
kind: implementation
needs: [03-plan]
model: large
---
# Cart

## Goal

Old.

## Checklist

- [x] one
- [ ] a person's own

## Notes

words

## Runs
"""
KEYS = {"needs": ("03-plan", "02-a"), "writes": ("src/**",)}


def test_the_task_is_followed_and_the_rest_stays() -> None:
    new = updated(TEXT.encode(), KEYS, "New.", ["one", "two", "two"]).decode()
    assert new == TEXT.replace("needs: [03-plan]", "needs: [03-plan, 02-a]").replace(
        "model: large\n", "model: large\nwrites: [src/**]\n"
    ).replace("Old.", "New.").replace("own\n", "own\n- [ ] two\n")
    assert updated(new.encode(), KEYS, "New.", ["one", "two"]).decode() == new


def test_nothing_to_say_changes_nothing() -> None:
    assert updated(TEXT.encode(), {"needs": ("03-plan",)}, "", []) == TEXT.encode()


def test_ends_of_lines_stay() -> None:
    windows = TEXT.replace("\n", "\r\n").encode()
    expected = updated(TEXT.encode(), KEYS, "New.", ["two"]).replace(b"\n", b"\r\n")
    assert updated(windows, KEYS, "New.", ["two"]) == expected
    mixed = TEXT.replace("# Cart\n", "# Cart\r\n").encode()
    assert updated(mixed, KEYS, "New.", ["two"]).count(b"\r\n") == 1


def test_missing_sections_are_made() -> None:
    text = "---\nkind: implementation\n---\n# Cart\n\n## Runs\n"
    new = updated(text.encode(), {}, "New.", ["one"]).decode()
    assert (
        new
        == "---\nkind: implementation\n---\n# Cart\n\n## Goal\n\nNew.\n\n## Checklist\n\n- [ ] one\n\n## Runs\n"
    )


@pytest.mark.parametrize("text", ["no front matter", "---\nkind: [\n---\n", "---\nkind: a\n---\n```\n"])
def test_a_session_that_cannot_be_read_is_left_alone(text: str) -> None:
    with pytest.raises(SddError):
        updated(text.encode(), KEYS, "New.", ["one"])


def test_a_goal_of_code_in_a_line_stays_as_it_is() -> None:
    assert prose("`Cart` holds\nitems") == "`Cart` holds\nitems"
    assert prose("") == ""


marks = st.sampled_from(["## Runs", "```", "~~~", "<!--", "# T", "words", "", "- [x] a", "`a`", "-->"])


@given(st.lists(marks, min_size=1).map("\n".join))
def test_a_goal_is_one_section_whatever_it_says(goal: str) -> None:
    new = updated(TEXT.encode(), {}, goal.strip("\n"), [])
    one = parse(PATH, new)
    assert [title for title, _ in one.notes] == ["Notes"]
    assert len(one.checklist) == 2
    assert not {found.code for found in one.findings} & {"SDD111", "SDD113"}
    assert updated(new, {}, goal.strip("\n"), []) == new
