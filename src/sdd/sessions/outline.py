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

from itertools import accumulate

from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BLANK = " \t\r"
_STARTS = frozenset("#`~<-*+_0123456789")  # what a line begins with that starts a block
_FIRST = _STARTS | {" "}
_CODE_INDENT = 4
_BOXES = {"[ ]": False, "[x]": True, "[X]": True}
_AFTER_BOX = {"", " ", "\t"}
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


class Outline:
    """The outline of some lines, whose answers count from the first of them, as line 1.

    The lines between two headings have no block in common with others, so their outline is a part of this one: fences and
    items are asked for by a range, `lines[start:end]`; `above` is how many lines the file has above all of these.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.closed = (
            True  # False where a fence or HTML is open at the end, which would swallow all that is appended
        )
        self._starts = _starts(lines)
        self._headings: list[tuple[int, str, int]] = []  # level, title, line from 1
        self._fences: dict[int, int] = {}  # from the first line to the one below the last, both from 0
        self._items: dict[int, tuple[str, int]] = {}  # likewise, with the marker before
        end = 0
        for at, plain in self._starts.items():
            if at >= end:
                end = self._read(at, plain, end) or end

    def headings(self) -> list[Heading]:
        """The headings, in the order of the file."""
        return [Heading(level, title, line) for level, title, line in self._headings]

    def title(self, level: int) -> str:
        """The title of the first heading of that level, empty where there is none."""
        return next((title for found, title, _ in self._headings if found == level), "")

    def sections(self, level: int = 2) -> list[Section]:
        """The sections whose heading has that level."""
        lengths = [0, *accumulate(map(len, self.lines))]
        end = len(self.lines)
        place = lengths[end] + end - 1
        parts = []
        for found, title, line in reversed(self._headings):
            if found <= level:
                start = lengths[line - 1] + line - 1
                parts += [Section(title, line, end, start, place)] if found == level else []
                end, place = line - 1, start
        return parts[::-1]

    def fences(self, start: int = 0, end: int | None = None, above: int = 0) -> list[Fence]:
        """The fenced blocks that begin there, in the order of the file."""
        return [self._fence(at, above) for at in self._range(start, end) if at in self._fences]

    def items(self, start: int = 0, end: int | None = None, above: int = 0) -> list[Item]:
        """The items of all lists that begin there, bulleted or numbered."""
        return [self._item(at, above) for at in self._range(start, end) if at in self._items]

    def _range(self, start: int, end: int | None) -> range:
        return range(start, len(self.lines) if end is None else end)

    def _read(self, at: int, plain: str, text: int) -> int:
        """Where the block ends that begins on line `at`, below plain text from line `text` on; 0 where none begins."""
        if plain[0] == "#":
            level, title = _heading(plain)
            self._headings += [(level, title, at + 1)] if level else []
            return at + 1 if level else 0
        return self._enclosed(at, plain) if plain[0] in "`~<" else self._listed(at, plain, text)

    def _enclosed(self, at: int, plain: str) -> int:
        """A fence, or HTML, with all that is left where it is never closed."""
        fence, marks = _opening(plain), _html_ends(plain)
        if not fence and not marks:
            return 0
        last = _closing(self.lines, at + 1, fence) if fence else _html_end(self.lines, at, marks)
        self.closed = last >= 0
        end = last + 1 if self.closed else len(self.lines)
        if fence:
            self._fences[at] = end
        return end

    def _listed(self, at: int, plain: str, text: int) -> int:
        """An item with the lines below it; where it interrupts a paragraph it must have a text and be the first."""
        marker, content = _marker(plain, self.lines[at].index(plain))
        if not marker:
            return 0
        empty = plain == marker
        if (empty or marker[:-1] not in {"", "1"}) and _in_paragraph(self.lines, text, at):
            return 0
        end = self._item_end(at, content, empty=empty)
        self._items[at] = (marker, end)
        return end

    def _item_end(self, at: int, content: int, *, empty: bool) -> int:
        """The line below all that belongs to an item, whose text begins in that column."""
        last, gap = at, False
        for below in range(at + 1, len(self.lines)):
            line = self.lines[below]
            bare = empty and last == at
            if not line.strip(_BLANK):
                gap = True
            elif (bare and gap) or (_indent(line) < content and (gap or bare or self._starts_block(below))):
                break
            else:
                last, gap = below, False
        return last + 1

    def _starts_block(self, at: int) -> bool:
        plain = self._starts.get(at, "")
        if plain[:1] in {"#", "`", "~", "<"}:
            return bool(_heading(plain)[0] or _opening(plain) or _html_ends(plain))
        return bool(plain) and (bool(_marker(plain, 0)[0]) or _is_rule(plain))

    def _fence(self, at: int, above: int) -> Fence:
        end = self._fences[at]
        closed = self.closed or end < len(self.lines)
        plain = self._starts[at]
        indent = self.lines[at].index(plain)
        lines = [_cut(line, indent) if indent else line for line in self.lines[at + 1 : end - closed]]
        text = "\n".join([*lines, ""]).replace("\r\n", "\n")
        return Fence(plain.lstrip(plain[0]).strip(_BLANK), above + at + 1, above + end, closed, text)

    def _item(self, at: int, above: int) -> Item:
        marker, end = self._items[at]
        plain = self._starts[at]
        text = plain[len(marker) :].lstrip(_BLANK)
        checked = _BOXES.get(text[:3]) if text[3:4] in _AFTER_BOX else None
        words = text if checked is None else text[3:].lstrip(_BLANK)
        below = _dedented(self.lines[at + 1 : end]) if end > at + 1 else ()
        return Item(words, above + at + 1, self.lines[at].index(plain), checked, below)


def headings(lines: Sequence[str]) -> list[Heading]:
    """The headings, in the order of the file."""
    return Outline(lines).headings()


def sections(text: str, level: int = 2) -> list[Section]:
    """The sections whose heading has that level."""
    return Outline(text.split("\n")).sections(level)


def fences(lines: Sequence[str]) -> list[Fence]:
    """The fenced blocks, in the order of the file."""
    return Outline(lines).fences()


def items(lines: Sequence[str], first_line: int = 1) -> list[Item]:
    """The items of all lists, bulleted or numbered; `first_line` is the number of the first of these lines in its file."""
    return Outline(lines).items(above=first_line - 1) if lines else []


def _starts(lines: Sequence[str]) -> dict[int, str]:
    """The lines that may start a block, by number from 0, without white around; of most the first character tells that they don't."""
    return {
        at: plain.rstrip(_BLANK)
        for at, line in enumerate(lines)
        if line[:1] in _FIRST
        and (plain := line.lstrip(" "))[:1] in _STARTS
        and len(line) - len(plain) < _CODE_INDENT
    }


def _indent(line: str) -> int:
    """The columns before the first character that is not white; a tab goes to the next multiple of four."""
    plain = line.lstrip(" ")
    if plain[:1] != "\t":
        return len(line) - len(plain)
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _heading(plain: str) -> tuple[int, str]:
    """Level and title of a heading; level 0 where the line is none."""
    rest = plain.lstrip("#")
    level = len(plain) - len(rest)
    if not 1 <= level <= 6 or rest[:1] not in {"", " ", "\t"}:  # noqa: PLR2004 - HTML's h6
        return 0, ""
    title = rest.strip(_BLANK)
    bare = title.rstrip("#")
    return level, bare.rstrip(_BLANK) if not bare or bare[-1] in _BLANK else title


def _opening(plain: str) -> str:
    """The characters of a fence that opens here, or nothing."""
    mark = plain[0]
    info = plain.lstrip(mark)
    fence = plain[: len(plain) - len(info)]
    known = mark in "`~" and len(fence) >= 3 and not (mark == "`" and "`" in info)  # noqa: PLR2004 - CommonMark's least
    return fence if known else ""


def _closing(lines: Sequence[str], start: int, fence: str) -> int:
    """The line, from 0, that closes a fence; -1 where none does."""
    for at in range(start, len(lines)):
        if fence in lines[at]:
            plain = lines[at].strip(_BLANK)
            if not plain.strip(fence[0]) and _indent(lines[at]) < _CODE_INDENT:
                return at
    return -1


def _html_ends(plain: str) -> tuple[str, ...]:
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


def _html_end(lines: Sequence[str], start: int, marks: Sequence[str]) -> int:
    """The line, from 0, that closes an HTML block; -1 where none does."""
    found = (at for at in range(start, len(lines)) if any(mark in lines[at].lower() for mark in marks))
    return next(found, -1)


def _marker(plain: str, indent: int) -> tuple[str, int]:
    """A list item's marker and the column where its content begins; no marker where the line is no item."""
    if plain[:2] in {"- ", "* ", "+ "} and (plain[2] == "[" or plain[2].isalpha()):
        return plain[0], indent + 2  # nearly every item: four times as fast
    digits = len(plain) - len(plain.lstrip("0123456789"))
    marker = plain[: digits + 1]
    numbered = 0 < digits <= 9 and marker[-1] in ".)"  # noqa: PLR2004 - CommonMark's most
    after = plain[len(marker) :]
    if not (numbered or marker in {"-", "*", "+"}) or after[:1] not in {"", " ", "\t"} or _is_rule(plain):
        return "", 0
    edge = indent + len(marker)
    inner = _indent(" " * edge + after) - edge
    return marker, edge + (inner if after and inner <= _CODE_INDENT else 1)


def _is_rule(plain: str) -> bool:
    bare = plain.replace(" ", "").replace("\t", "")
    return len(bare) >= 3 and bare[0] in "-*_" and not bare.strip(bare[0])  # noqa: PLR2004 - CommonMark's least


def _in_paragraph(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether a paragraph stands open above line `end`, where no block begins from line `start` on."""
    at = end - 1
    while at >= start and lines[at].strip(_BLANK) and _indent(lines[at]) >= _CODE_INDENT:
        at -= 1
    plain = lines[at].strip(_BLANK) if at >= start else ""
    return bool(plain) and not _is_rule(plain)


def _dedented(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines below an item without the indentation that all have but blank ones."""
    below = [line.removesuffix("\r") for line in lines]
    indent = min((_indent(line) for line in below if line.strip(_BLANK)), default=0)
    return tuple([_cut(line, indent) for line in below])


def _cut(line: str, columns: int) -> str:
    """A line without so many columns of its indentation, or without all of it where it has fewer."""
    indent = _indent(line)
    if "\t" in line[:columns]:
        line = " " * indent + line.lstrip(" \t")
    return line[min(columns, indent) :]
