"""Headings and sections of any Markdown document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.prompts.markdown import Heading, headings, section, slug_of


def test_a_heading_knows_its_place() -> None:
    text = "---\na: b\n---\n# Shop\n\nFirst *cart*\n---\ntext\n\n### Deep\n\n# Shop\n"
    assert headings(text) == [
        Heading(1, "Shop", 4, 10, "shop", ("Shop",)),
        Heading(2, "First cart", 6, 10, "first-cart", ("Shop", "First cart")),
        Heading(3, "Deep", 10, 10, "deep", ("Shop", "First cart", "Deep")),
        Heading(1, "Shop", 12, 12, "shop-1", ("Shop",)),
    ]


@pytest.mark.parametrize(
    ("titles", "slugs"),
    [
        (["a", "a", "a"], ["a", "a-1", "a-2"]),
        (["a", "a", "a-1"], ["a", "a-1", "a-1-1"]),
        (["a-1", "a", "a"], ["a-1", "a", "a-2"]),
        (["!", "?"], ["", "-1"]),
    ],
)
def test_no_anchor_is_given_twice(titles: list[str], slugs: list[str]) -> None:
    assert [heading.slug for heading in headings("".join(f"# {title}\n" for title in titles))] == slugs


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Error handling", "error-handling"),
        ("What's new in 2.0?", "whats-new-in-20"),
        ("a -- b", "a----b"),
        ("snake_case", "snake_case"),
        ("Größe & Maß", "größe--maß"),
        ("नमस्ते", "नमस्ते"),
        ("🎉 Party", "-party"),
    ],
)
def test_anchors_are_those_of_a_forge(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_a_section_says_where_it_is() -> None:
    assert section(headings("# A\n## B\nx\n\n# C\n"), "B") == (2, 3)
    with pytest.raises(SddError, match=r"^a\.md has no heading 'D'"):
        section(headings("# A\n"), "D", "a.md")


LINES = st.one_of(
    st.sampled_from(
        [
            "# a",
            "## a",
            "## b",
            "### a",
            "a",
            "---",
            "===",
            "```",
            "~~~",
            "> # a",
            "- # a",
            "    # a",
            "<!--",
            "-->",
            "",
            " ",
        ]
    ),
    st.sampled_from(
        [
            "#",
            "# a # b ##",
            "#\ta",
            "# `a` *b*",
            "# [a][b]",
            "[b]: c",
            "\\# a",
            "---\nx: y\n---",
            "# &amp;",
            "# <b>a",
        ]
    ),
    st.text("#`~>-= \t\\[]()!*_&;:<a\r\n\0\x0b\x0c\x85\u2028"),
)
DOCUMENTS = st.builds(lambda lines, end: "\n".join(lines) + end, st.lists(LINES), st.sampled_from(["", "\n"]))


@given(DOCUMENTS)
def test_a_section_is_a_slice_of_its_document(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    known = headings(text)
    slugs = [heading.slug for heading in known]
    assert len(set(slugs)) == len(slugs)
    for heading, after in zip(known, [*known[1:], None], strict=False):
        assert 1 <= heading.line <= heading.end_line <= len(lines)
        assert lines[heading.end_line - 1].strip()
        assert heading.trail[-1] == heading.title
        if after:
            assert heading.line < after.line
            assert (after.line <= heading.end_line) == (after.level > heading.level)


@given(DOCUMENTS)
def test_the_headings_that_an_error_suggests_are_found(text: str) -> None:
    for heading in headings(text):
        try:
            found = section(headings(text), heading.title, "x")
        except SddError as error:
            choice = [one for one in error.hint.removeprefix("write ").split(" or ") if one.startswith("x#")]
            places = [section(headings(text), one.removeprefix("x#"), "x") for one in choice]
            assert len(set(places)) == len(places)
        else:
            assert found == (heading.line, heading.end_line)
