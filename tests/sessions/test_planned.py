"""A task's session follows its plan, and keeps what people and runs added."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.sessions.planned import Said, prose, updated
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


def said(goal: str = "", checklist: list[str] | None = None, **lists: tuple[str, ...]) -> Said:
    texts = {"title": "Cart", "goal": goal, "layer": "", "group": "", "risk": "", "effort": "", "owner": ""}
    none: dict[str, tuple[str, ...]] = {"needs": ("03-plan",), "reads": (), "writes": (), "implements": ()}
    return Said(texts, {**none, **lists, "checklist": tuple(dict.fromkeys(checklist or []))})


def followed(text: str | bytes, wanted: Said, take: str = "plan") -> bytes:
    data = text if isinstance(text, bytes) else text.encode()
    return updated("04-cart", data, wanted, take)[0]


def plain(data: bytes) -> str:
    return re.sub(r"planned: .*\r?\n", "", data.decode())


LISTS = {"needs": ("03-plan", "02-a"), "writes": ("src/**",)}


def test_the_task_is_followed_and_the_rest_stays() -> None:
    wanted = said("New.", ["one", "two", "two"], **LISTS)
    new = followed(TEXT, wanted)
    assert plain(new) == TEXT.replace("needs: [03-plan]", "needs: [03-plan, 02-a]").replace(
        "model: large\n", "model: large\nwrites: [src/**]\n"
    ).replace("Old.", "New.").replace("own\n", "own\n- [ ] two\n")
    assert followed(new, wanted) == new


def test_nothing_to_say_changes_nothing_but_what_was_said() -> None:
    assert plain(followed(TEXT, said())) == TEXT


def test_ends_of_lines_stay() -> None:
    wanted = said("New.", ["two"], **LISTS)
    windows = TEXT.replace("\n", "\r\n")
    assert followed(windows, wanted) == followed(TEXT, wanted).replace(b"\n", b"\r\n")
    mixed = TEXT.replace("# Cart\n", "# Cart\r\n")
    assert followed(mixed, wanted).count(b"\r\n") == 1


def test_missing_sections_are_made() -> None:
    text = "---\nkind: implementation\n---\n# Cart\n\n## Runs\n"
    new = plain(followed(text, said("New.", ["one"], needs=())))
    assert (
        new
        == "---\nkind: implementation\n---\n# Cart\n\n## Goal\n\nNew.\n\n## Checklist\n\n- [ ] one\n\n## Runs\n"
    )


@pytest.mark.parametrize("text", ["no front matter", "---\nkind: [\n---\n", "---\nkind: a\n---\n```\n"])
def test_a_session_that_cannot_be_read_is_left_alone(text: str) -> None:
    with pytest.raises(SddError):
        followed(text, said("New.", ["one"], **LISTS))


def test_a_goal_of_code_in_a_line_stays_as_it_is() -> None:
    assert prose("`Cart` holds\nitems") == "`Cart` holds\nitems"
    assert prose("") == ""


marks = st.sampled_from(["## Runs", "```", "~~~", "<!--", "# T", "words", "", "- [x] a", "`a`", "-->"])


@given(st.lists(marks, min_size=1).map("\n".join))
def test_a_goal_is_one_section_whatever_it_says(goal: str) -> None:
    wanted = said(prose(goal.strip("\n")))
    new = followed(TEXT, wanted)
    one = parse(PATH, new)
    assert [title for title, _ in one.notes] == ["Notes"]
    assert len(one.checklist) == 2
    assert not {found.code for found in one.findings} & {"SDD111", "SDD113"}
    assert followed(new, wanted) == new
