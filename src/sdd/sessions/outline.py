"""The outline of a Markdown file: its headings, sections, fences and list items, found by one pass over its lines.

Made for our own files. At the top level it sees what CommonMark sees, apart from this:

- only ATX headings (`## Title`) count, setext headings (underlined) do not;
- HTML blocks that end at a blank line (`<div>` …) are no blocks here; comments, `<pre>`, `<script>`, `<style>`,
  `<textarea>`, `<? ?>`, `<! >` and CDATA are, so nothing inside them counts;
- whatever stands inside a list item or a quotation is its own: no heading or fence there counts;
- a quotation right below a list item, without a blank line, belongs to the item: people answer questions so;
- a line that starts no block and follows an item's last line directly belongs to the item, whatever that line was
  (CommonMark asks for a paragraph that is still open).

Lines come without LF, a CR at their end does no harm. Line numbers count from 1.
"""

from __future__ import annotations

from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# What a line is: plain text, a heading, a fence's first line, its content, its last line, HTML, an item, below an item.
_TEXT, _HEADING, _OPEN, _CODE, _CLOSE, _HTML, _ITEM, _BELOW = "th[.]xib"
_BLANK = " \t\r"
_STARTS = frozenset("#`~<-*+_0123456789")  # what a line begins with that starts a block
_CODE_INDENT = 4
_BOXES = {"[ ]": False, "[x]": True, "[X]": True}
_AFTER_TAG = {"", " ", "\t", ">"}
_TAGS = ("pre", "script", "style", "textarea")
_HTML_ENDS = (("<!--", "-->"), ("<?", "?>"), ("<![cdata[", "]]>"))


class Heading(Value):
    """One ATX heading outside fences, comments, lists and quotations."""

    level: int
    title: str
    line: int


class Section(Value):
    """A heading and what stands below it, up to the next heading of its level or above.

    `lines[section.line : section.end_line]` are the lines below the heading, `text[section.start : section.end]` is
    the whole with its heading, and `end` is where the next section starts.
    """

    title: str
    line: int
    end_line: int
    start: int
    end: int


class Fence(Value):
    """One fenced block: `start` and `end` are the lines of its fences; where it is not closed, `end` is its last line.

    `text` is the content, each line with LF, without the indentation of the fence.
    """

    info: str
    start: int
    end: int
    closed: bool
    text: str


class Item(Value):
    """One item of a list at the top level: its first line without marker and box, and the lines below, dedented.

    `indent` counts the columns before the marker; `checked` is None where there is no box `[ ]` or `[x]`.
    """

    text: str
    line: int
    indent: int
    checked: bool | None
    below: tuple[str, ...]


def headings(lines: Sequence[str]) -> list[Heading]:
    """The headings, in the order of the file."""
    known = zip(lines, _kinds(lines), strict=True)
    return [Heading(*_heading(line), at) for at, (line, kind) in enumerate(known, 1) if kind == _HEADING]


def sections(text: str, level: int = 2) -> list[Section]:
    """The sections whose heading has that level."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(text)
    parts = []
    end = len(lines)
    for heading in reversed(headings(lines)):
        if heading.level == level:
            parts.append(Section(heading.title, heading.line, end, starts[heading.line - 1], starts[end]))
        if heading.level <= level:
            end = heading.line - 1
    return parts[::-1]


def fences(lines: Sequence[str]) -> list[Fence]:
    """The fenced blocks, in the order of the file."""
    kinds = _kinds(lines)
    return [_fence(lines, kinds, at) for at, kind in enumerate(kinds) if kind == _OPEN]


def items(lines: Sequence[str], first_line: int = 1) -> list[Item]:
    """The items of all lists, bulleted or numbered; `first_line` is the number of the first of these lines in its file."""
    kinds = _kinds(lines)
    return [_item(lines, kinds, at, first_line) for at, kind in enumerate(kinds) if kind == _ITEM]


def _kinds(lines: Sequence[str]) -> list[str]:
    """What each line is."""
    kinds: list[str] = []
    count = len(lines)
    while len(kinds) < count:
        at = len(kinds)
        first = lines[at].lstrip(" ")[:1]
        if first not in _STARTS:
            kinds.append(_TEXT)
        elif first == "#":
            kinds.append(_HEADING if _heading(lines[at])[0] else _TEXT)
        elif first in "`~":
            kinds += _fenced(lines, at)
        elif first == "<":
            kinds += _html(lines, at)
        else:
            kinds += _listed(lines, at, interrupts=_in_paragraph(lines, kinds))
    return kinds


def _indent(line: str) -> int:
    """The columns before the first character that is not white; a tab goes to the next multiple of four."""
    plain = line.lstrip(" ")
    if plain[:1] != "\t":
        return len(line) - len(plain)
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _heading(line: str) -> tuple[int, str]:
    """Level and title of a heading; level 0 where the line is none."""
    plain = line.strip(_BLANK)
    rest = plain.lstrip("#")
    level = len(plain) - len(rest)
    if not 1 <= level <= 6 or rest[:1] not in {"", " ", "\t"} or _indent(line) >= _CODE_INDENT:  # noqa: PLR2004 - HTML's h6
        return 0, ""
    title = rest.strip(_BLANK)
    bare = title.rstrip("#")
    return level, bare.rstrip(_BLANK) if not bare or bare[-1] in _BLANK else title


def _opening(line: str) -> str:
    """The characters of a fence that opens here, or nothing."""
    plain = line.strip(_BLANK)
    mark = plain[:1]
    if mark not in {"`", "~"} or _indent(line) >= _CODE_INDENT:
        return ""
    info = plain.lstrip(mark)
    fence = plain[: len(plain) - len(info)]
    return "" if len(fence) < 3 or (mark == "`" and "`" in info) else fence  # noqa: PLR2004 - CommonMark's least


def _fenced(lines: Sequence[str], at: int) -> list[str]:
    fence = _opening(lines[at])
    if not fence:
        return [_TEXT]
    for end in range(at + 1, len(lines)):
        plain = lines[end].strip(_BLANK)
        if plain.startswith(fence) and not plain.strip(fence[0]) and _indent(lines[end]) < _CODE_INDENT:
            return [_OPEN, *[_CODE] * (end - at - 1), _CLOSE]
    return [_OPEN, *[_CODE] * (len(lines) - at - 1)]


def _html(lines: Sequence[str], at: int) -> list[str]:
    ends = _html_ends(lines[at])
    if not ends:
        return [_TEXT]
    for end in range(at, len(lines)):
        if any(mark in lines[end].lower() for mark in ends):
            return [_HTML] * (end - at + 1)
    return [_HTML] * (len(lines) - at)


def _html_ends(line: str) -> tuple[str, ...]:
    """What closes the HTML block that opens here, in lower case; nothing where none does."""
    plain = line.strip(_BLANK).lower()
    if not plain.startswith("<") or _indent(line) >= _CODE_INDENT:
        return ()
    for start, end in _HTML_ENDS:
        if plain.startswith(start):
            return (end,)
    if plain.startswith("<!") and plain[2:3].isalpha() and plain[2:3].isascii():
        return (">",)
    opened = any(plain.startswith(f"<{tag}") and plain[len(tag) + 1 :][:1] in _AFTER_TAG for tag in _TAGS)
    return tuple(f"</{tag}>" for tag in _TAGS) if opened else ()


def _marker(line: str) -> tuple[str, int]:
    """A list item's marker and the column where its content begins; no marker where the line is no item."""
    if line[:2] in {"- ", "* ", "+ "} and (line[2:3] == "[" or line[2:3].isalpha()):
        return line[0], 2  # nearly every item: four times as fast
    plain = line.strip(_BLANK)
    digits = len(plain) - len(plain.lstrip("0123456789"))
    marker = plain[: digits + 1]
    numbered = 0 < digits <= 9 and marker[-1] in ".)"  # noqa: PLR2004 - CommonMark's most
    after = plain[len(marker) :]
    indent = _indent(line)
    known = (numbered or marker in {"-", "*", "+"}) and after[:1] in {"", " ", "\t"} and not _is_rule(plain)
    if not known or indent >= _CODE_INDENT:
        return "", 0
    edge = indent + len(marker)
    inner = _indent(" " * edge + after) - edge
    return marker, edge + (inner if after and inner <= _CODE_INDENT else 1)


def _is_rule(plain: str) -> bool:
    bare = plain.replace(" ", "").replace("\t", "")
    return len(bare) >= 3 and bare[0] in "-*_" and not bare.strip(bare[0])  # noqa: PLR2004 - CommonMark's least


def _listed(lines: Sequence[str], at: int, *, interrupts: bool) -> list[str]:
    """An item with the lines below it; where it `interrupts` a paragraph it must have a text and be the first."""
    marker, content = _marker(lines[at])
    empty = lines[at].strip(_BLANK) == marker
    if not marker or (interrupts and (empty or marker[:-1] not in {"", "1"})):
        return [_TEXT]
    kinds = [_ITEM]
    blanks = 0
    for below in range(at + 1, len(lines)):
        line = lines[below]
        bare = empty and len(kinds) == 1
        if not line.strip(_BLANK):
            blanks += 1
        elif (bare and blanks) or (_indent(line) < content and (blanks or bare or _starts_block(line))):
            break
        else:
            kinds += [_BELOW] * (blanks + 1)
            blanks = 0
    return kinds


def _in_paragraph(lines: Sequence[str], kinds: Sequence[str]) -> bool:
    """Whether a paragraph stands open after the lines whose kinds are known."""
    at = len(kinds) - 1
    while at >= 0 and kinds[at] == _TEXT and _indent(lines[at]) >= _CODE_INDENT and lines[at].strip(_BLANK):
        at -= 1
    plain = lines[at].strip(_BLANK) if at >= 0 and kinds[at] == _TEXT else ""
    return bool(plain) and not _is_rule(plain)


def _starts_block(line: str) -> bool:
    first = line.lstrip(" ")[:1]
    if first not in _STARTS:
        return False
    if first in "#`~<":
        return bool(_heading(line)[0] or _opening(line) or _html_ends(line))
    return bool(_marker(line)[0]) or (_is_rule(line.strip(_BLANK)) and _indent(line) < _CODE_INDENT)


def _fence(lines: Sequence[str], kinds: Sequence[str], at: int) -> Fence:
    end = _run_end(kinds, at + 1, _CODE)
    closed = end < len(lines) and kinds[end] == _CLOSE
    indent = _indent(lines[at])
    text = "".join(_cut(line, indent).removesuffix("\r") + "\n" for line in lines[at + 1 : end])
    info = lines[at].strip(_BLANK)
    return Fence(info.lstrip(info[0]).strip(_BLANK), at + 1, end + closed, closed, text)


def _item(lines: Sequence[str], kinds: Sequence[str], at: int, first_line: int) -> Item:
    marker, _ = _marker(lines[at])
    text = lines[at].strip(_BLANK)[len(marker) :].lstrip(_BLANK)
    checked = _BOXES.get(text[:3]) if text[3:4] in {"", " ", "\t"} else None
    below = [line.removesuffix("\r") for line in lines[at + 1 : _run_end(kinds, at + 1, _BELOW)]]
    indent = min((_indent(line) for line in below if line.strip(_BLANK)), default=0)
    words = text if checked is None else text[3:].lstrip(_BLANK)
    dedented = tuple(_cut(line, indent) for line in below)
    return Item(words, first_line + at, _indent(lines[at]), checked, dedented)


def _run_end(kinds: Sequence[str], at: int, kind: str) -> int:
    """Where the lines of a kind that begin there end."""
    while at < len(kinds) and kinds[at] == kind:
        at += 1
    return at


def _cut(line: str, columns: int) -> str:
    """A line without so many columns of its indentation, or without all of it where it has fewer."""
    indent = _indent(line)
    if "\t" in line[:columns]:
        line = " " * indent + line.lstrip(" \t")
    return line[min(columns, indent) :]
