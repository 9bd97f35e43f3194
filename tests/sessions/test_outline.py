"""The outline of a file is what CommonMark sees at its top level, apart from what the module's first lines name."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.utils import read_fixture_file

from counting import calls
from sdd.sessions.outline import Fence, Heading, Item, Outline, fences, headings, items, sections

CASES = Path(__file__).parent.parent / "cases"
COMMONMARK = MarkdownIt("commonmark")


def told(text: str) -> str:
    lines = text.split("\n")
    found = [f"{'#' * heading.level} {heading.title!r} line {heading.line}" for heading in headings(lines)]
    found += [
        f"section {part.title!r} lines {part.line}-{part.end_line}: {text[part.start : part.end]!r}"
        for part in sections(text)
    ]
    found += [
        f"fence {fence.info!r} lines {fence.start}-{fence.end}{'' if fence.closed else ' open'}: {fence.text!r}"
        for fence in fences(lines)
    ]
    found += [
        f"item {item.text!r} line {item.line} column {item.indent} {item.checked}: {item.below!r}"
        for item in items(lines)
    ]
    return "\n".join(found) + "\n"


@pytest.mark.parametrize(
    ("title", "text", "expected"), [case[1:] for case in read_fixture_file(CASES / "outline.md")]
)
def test_a_case_of_the_table_is_seen_as_it_says(title: str, text: str, expected: str) -> None:
    assert told(text) == expected, title


# The law: headings, fences and items of the top level are CommonMark's.

WHOLE = st.sampled_from(
    [
        *(
            "# a",
            "## b ##",
            "### c #",
            "#d",
            "####### x",
            "#",
            " # e",
            "   ## f",
            "    # g",
            "\t# h",
            "## i\\#",
            "## ##",
        ),
        *("```", "```py", "````", "~~~", "~~~~ x y", "  ```", " ~~~", "``` a`b", "    ```", "```  ", "\t```"),
        *("text", "more text", "  indented", "\\# no", "\u00a0# no", "**bold**", "_a_", "", "", ""),
        *(
            "- item",
            "- [ ] todo",
            "* x",
            "+ y",
            "  - nested",
            "    - deep",
            "-\ttab",
            "1. one",
            "2. two",
            "10) ten",
            "1.\ttab",
        ),
        *(
            "<!-- c",
            "-->",
            "<!-- a --> # b",
            "<!-->",
            "a <!-- b",
            "<pre>",
            "b</pre>",
            "<script x>",
            "c</SCRIPT>",
            "<STYLE",
        ),
        *("<?php", "?>", "<!DOCTYPE", "x>", "<![CDATA[", "]]>", "***", "* * *", "___"),
    ]
)


def theirs(text: str) -> tuple[list[tuple[int, str, int]], list[tuple[str, int, str]], list[int]]:
    """Headings, fences and items at the top level, as markdown-it-py sees them."""
    found: tuple[list[tuple[int, str, int]], list[tuple[str, int, str]], list[int]] = ([], [], [])
    tokens = COMMONMARK.parse(text)
    for at, token in enumerate(tokens):
        line = (token.map or [0])[0] + 1
        if token.type == "heading_open" and token.level == 0:
            found[0].append((int(token.tag[1]), tokens[at + 1].content, line))
        elif token.type == "fence" and token.level == 0:
            found[1].append((token.info.strip(), line, token.content))
        elif token.type == "list_item_open" and token.level == 1:
            found[2].append(line)
    return found


def ours(lines: list[str]) -> tuple[list[tuple[int, str, int]], list[tuple[str, int, str]], list[int]]:
    return (
        [(heading.level, heading.title, heading.line) for heading in headings(lines)],
        [(fence.info, fence.start, fence.text) for fence in fences(lines)],
        [item.line for item in items(lines)],
    )


def goes_on(lines: list[str]) -> bool:
    """Whether a line that is not indented goes on with an item: the one place where we see less than CommonMark."""
    below = [line for item in items(lines) for line in lines[item.line : item.line + len(item.below)]]
    return any(line and not line.startswith(("  ", "\t")) for line in below)


@settings(max_examples=600)
@given(st.lists(WHOLE, max_size=9))
def test_the_top_level_is_what_commonmark_sees(lines: list[str]) -> None:
    assume(not goes_on(lines))
    assert ours(lines) == theirs("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("first", ["- a", "- a\n  b", "* [ ] a", "- - a"])
@pytest.mark.parametrize("lazy", ["text", "*text*", "5 apples", "    four"])
def test_a_line_that_goes_on_with_an_items_text_keeps_the_item_open(first: str, lazy: str) -> None:
    lines = f"{first}\n{lazy}\n  # in the item\n\n# not in it".split("\n")
    assert ours(lines) == theirs("\n".join(lines)) == ([(1, "not in it", len(lines))], [], [1])


NAMES = st.text("ab #`~\\*é", max_size=8)
BLOCKS = st.one_of(
    st.builds(
        lambda indent, level, title: [" " * indent + "#" * level + " " + title],
        st.integers(0, 3),
        st.integers(1, 6),
        NAMES,
    ),
    st.builds(
        lambda indent, mark, length, info, inside, more: [
            " " * indent + mark * length + info,
            *inside,
            mark * (length + more),
        ],
        st.integers(0, 3),
        st.sampled_from("`~"),
        st.integers(3, 5),
        st.sampled_from(["", "python", " toml sdd-run", " x path=a b "]),
        st.lists(st.sampled_from(["# no", "```", "~~~", "- no", "", "  in", "<!--", "text"]), max_size=4),
        st.integers(0, 2),
    ),
    st.lists(st.sampled_from(["text", "and more", "a # b", "5 apples"]), min_size=1, max_size=3),
    st.lists(
        st.sampled_from(["- a", "- [ ] b", "  below", "  # no", "", "  - nested", "    deep"]), max_size=5
    ).map(lambda below: ["- first", *below]),
)


@settings(max_examples=300)
@given(st.lists(BLOCKS, max_size=6), st.booleans())
def test_headings_fences_and_lists_among_each_other_are_what_commonmark_sees(
    blocks: list[list[str]], apart: bool
) -> None:
    lines = [line for block in blocks for line in [*block, *([""] if apart else [])]]
    assume(not goes_on(lines))
    assert ours(lines) == theirs("".join(f"{line}\n" for line in lines))


@settings(max_examples=300)
@given(
    st.lists(WHOLE | st.text("ab#-` \t<!>\r\x0b\u2028", max_size=6), max_size=12).map("\n".join),
    st.integers(1, 6),
)
def test_no_text_makes_the_scanner_raise_and_sections_lie_in_order(text: str, level: int) -> None:
    told(text)
    lines = text.split("\n")
    at = 0
    for part in sections(text, level):
        assert at <= part.start < part.end <= len(text)
        assert (
            text[part.start : part.end].split("\n")[: part.end_line - part.line + 1]
            == lines[part.line - 1 : part.end_line]
        )
        assert text[: part.start].count("\n") == part.line - 1
        at = part.end


@settings(max_examples=300)
@given(
    st.lists(WHOLE | st.sampled_from(["# a", "## b", "### c"]), max_size=16),
    st.integers(1, 3),
    st.integers(0, 9),
)
def test_the_outline_of_a_section_is_that_part_of_the_whole(lines: list[str], level: int, above: int) -> None:
    whole = Outline(lines)
    for part in whole.sections(level):
        below = lines[part.line : part.end_line]
        assert whole.items(part.line, part.end_line, above) == items(below, above + part.line + 1)
        assert whole.fences(part.line, part.end_line, above) == Outline(below).fences(above=above + part.line)
        assert [one for one in whole.headings() if part.line < one.line <= part.end_line] == [
            one.replace(line=one.line + part.line) for one in headings(below)
        ]


@settings(max_examples=300)
@given(st.lists(WHOLE, max_size=9))
def test_an_outline_is_closed_if_a_heading_that_is_appended_counts(lines: list[str]) -> None:
    assert Outline(lines).closed == (
        headings([*lines, "", "# end"])[-1:] == [Heading(1, "end", len(lines) + 2)]
    )


def test_the_first_title_of_a_level_is_told() -> None:
    outline = Outline(["## a", "# b", "# c"])
    assert [outline.title(level) for level in (1, 2, 3)] == ["b", "a", ""]


@pytest.mark.parametrize(
    "line",
    [
        "- a",
        "-",
        "## a",
        "<!-- a",
        "<!-- a -->",
        "```",
        "    - a",
        "2. a",
        "text",
        "- a\n\n\n",
        "    a\n2. b",
        "> a",
    ],
)
def test_ten_times_the_lines_take_ten_times_the_steps(line: str) -> None:
    few, many = ([line, *f"{line}\n".split("\n") * count] for count in (200, 2000))
    assert calls(lambda: told("\n".join(many))) < 11 * calls(lambda: told("\n".join(few)))


def test_ends_of_lines_of_windows_change_nothing() -> None:
    text = "# a\n## b\n```py\ncode\n```\n- [x] c\n  d\n<!--\n# no\n-->\n-\n"
    lines = text.replace("\n", "\r\n").split("\n")
    plain = text.split("\n")
    assert headings(lines) == headings(plain) == [Heading(1, "a", 1), Heading(2, "b", 2)]
    assert fences(lines) == fences(plain) == [Fence("py", 3, 5, closed=True, text="code\n")]
    assert (
        items(lines)
        == items(plain)
        == [Item("c", 6, 0, checked=True, below=("d",)), Item("", 11, 0, None, ())]
    )


def test_the_lines_of_items_are_counted_in_their_file() -> None:
    assert [item.line for item in items(["- a", "", "- b"], 40)] == [40, 42]


def test_a_section_is_spliced_without_touching_another_byte() -> None:
    text = "# é\n\n## A\n- a\n\n## B\n- b\n"
    part = sections(text)[0]
    assert text[: part.start] + "## A\n- c\n\n" + text[part.end :] == text.replace("- a", "- c")
    assert text.split("\n")[part.line : part.end_line] == ["- a", ""]


@pytest.mark.parametrize(
    "line", ["- a\n", "-\n", "## a\n", "- a\n\n", "<!-- a\n", "```\n", "  ```\n", "\n", "> a\n"]
)
def test_the_time_grows_with_the_size_and_not_with_its_square(line: str) -> None:
    text = line * 10_000
    start = time.process_time()
    sections(text)
    items(text.split("\n"))
    assert time.process_time() - start < 2  # 0.05 to 0.2; with a square in it, minutes
