"""What a line of Markdown begins: a heading, a fence, HTML, an item of a list, a rule.

Most of this is asked of a line that `starts` names, as it gives it: `plain`, without white around, indented less than code is.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

BLANK = " \t\r"
_STARTS = frozenset("#`~<-*+_0123456789")  # what a line begins with that starts a block
_FIRST = _STARTS | {" "}
CODE_INDENT = 4
_AFTER_TAG = {"", " ", "\t", ">"}
_TAGS = ("pre", "script", "style", "textarea")
_HTML_ENDS = (("<!--", "-->"), ("<?", "?>"), ("<![cdata[", "]]>"))


def starts(lines: Sequence[str]) -> dict[int, str]:
    """The lines that may start a block, by number from 0, without white around; of most the first character tells that they don't."""
    return {
        at: plain.rstrip(BLANK)
        for at, line in enumerate(lines)
        if line[:1] in _FIRST
        and (plain := line.lstrip(" "))[:1] in _STARTS
        and len(line) - len(plain) < CODE_INDENT
    }


def indent_of(line: str) -> int:
    """The columns before the first character that is not white; a tab goes to the next multiple of four."""
    plain = line.lstrip(" ")
    if plain[:1] != "\t":
        return len(line) - len(plain)
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def cut(line: str, columns: int) -> str:
    """A line without so many columns of its indentation, or without all of it where it has fewer."""
    indent = indent_of(line)
    if "\t" in line[:columns]:
        line = " " * indent + line.lstrip(" \t")
    return line[min(columns, indent) :]


def heading_of(plain: str) -> tuple[int, str]:
    """Level and title of the heading that a line with `#` in front is; level 0 where it is none."""
    rest = plain.lstrip("#")
    level = len(plain) - len(rest)
    if level > 6 or rest[:1] not in {"", " ", "\t"}:  # noqa: PLR2004 - HTML's h6
        return 0, ""
    title = rest.strip(BLANK)
    if title[-1:] != "#":
        return level, title
    bare = title.rstrip("#")
    return level, bare.rstrip(BLANK) if not bare or bare[-1] in BLANK else title


def fence_of(plain: str) -> str:
    """The characters of a fence that opens here, or nothing."""
    mark = plain[0]
    info = plain.lstrip(mark)
    fence = plain[: len(plain) - len(info)]
    known = mark in "`~" and len(fence) >= 3 and not (mark == "`" and "`" in info)  # noqa: PLR2004 - CommonMark's least
    return fence if known else ""


def html_ends(plain: str) -> tuple[str, ...]:
    """What closes the HTML block that opens here, in lower case; nothing where none does."""
    if plain[0] != "<":
        return ()
    plain = plain.lower()
    for start, end in _HTML_ENDS:
        if plain.startswith(start):
            return (end,)
    if plain.startswith("<!") and plain[2:3].isalpha() and plain[2:3].isascii():
        return (">",)
    opened = any(plain.startswith(f"<{tag}") and plain[len(tag) + 1 :][:1] in _AFTER_TAG for tag in _TAGS)
    return tuple(f"</{tag}>" for tag in _TAGS) if opened else ()


def marker_of(plain: str, indent: int) -> tuple[str, int]:
    """A list item's marker and the column where its content begins; no marker where the line is no item."""
    if plain[:2] in {"- ", "* ", "+ "} and (plain[2] == "[" or plain[2].isalpha()):
        return plain[0], indent + 2  # nearly every item: four times as fast
    digits = len(plain) - len(plain.lstrip("0123456789"))
    marker = plain[: digits + 1]
    numbered = 0 < digits <= 9 and marker[-1] in ".)"  # noqa: PLR2004 - CommonMark's most
    after = plain[len(marker) :]
    if not (numbered or marker in {"-", "*", "+"}) or after[:1] not in {"", " ", "\t"} or is_rule(plain):
        return "", 0
    edge = indent + len(marker)
    inner = indent_of(" " * edge + after) - edge
    return marker, edge + (inner if after and inner <= CODE_INDENT else 1)


def is_rule(plain: str) -> bool:
    """Whether it is a rule across the page: three or more of one mark, with nothing but white between them."""
    bare = plain.replace(" ", "").replace("\t", "")
    return len(bare) >= 3 and bare[0] in "-*_" and not bare.strip(bare[0])  # noqa: PLR2004 - CommonMark's least
