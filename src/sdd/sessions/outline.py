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

from sdd.sessions.marks import (
    BLANK,
    CODE_INDENT,
    cut,
    fence_of,
    heading_of,
    html_ends,
    indent_of,
    is_rule,
    marker_of,
    starts,
)
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BOXES = {"[ ]": False, "[x]": True, "[X]": True}
_AFTER_BOX = {"", " ", "\t"}


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
        self._starts = starts(lines)
        self._headings: list[tuple[int, str, int]] = []  # level, title, line from 1
        self._fences: dict[int, int] = {}  # from the first line to the one below the last, both from 0
        self._items: dict[int, tuple[str, int]] = {}  # likewise, with the marker before
        end = 0
        for at, plain in self._starts.items():
            if at < end:
                continue
            if plain[0] == "#":
                end = self._heading(at, plain) or end
            elif plain[0] in "`~<":
                end = self._enclosed(at, plain) or end
            else:
                end = self._listed(at, plain, end) or end

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

    def _heading(self, at: int, plain: str) -> int:
        """Note the heading that begins on line `at`, and tell which line is below it; 0 where there is none. So do the others."""
        level, title = heading_of(plain)
        if not level:
            return 0
        self._headings.append((level, title, at + 1))
        return at + 1

    def _enclosed(self, at: int, plain: str) -> int:
        """A fence, or HTML, with all that is left where it is never closed."""
        fence, marks = fence_of(plain), html_ends(plain)
        if not fence and not marks:
            return 0
        last = _closing(self.lines, at + 1, fence) if fence else _html_end(self.lines, at, marks)
        self.closed = last >= 0
        end = last + 1 if self.closed else len(self.lines)
        if fence:
            self._fences[at] = end
        return end

    def _listed(self, at: int, plain: str, text: int) -> int:
        """An item; where it interrupts a paragraph, which line `text` may begin, it must have a text and be the first."""
        marker, content = marker_of(plain, self.lines[at].index(plain))
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
            if not line.strip(BLANK):
                gap = True
            elif (bare and gap) or (indent_of(line) < content and (gap or bare or self._starts_block(below))):
                break
            else:
                last, gap = below, False
        return last + 1

    def _starts_block(self, at: int) -> bool:
        plain = self._starts.get(at, "")
        if plain[:1] == "#":
            return heading_of(plain)[0] > 0
        if plain[:1] in {"`", "~", "<"}:
            return bool(fence_of(plain) or html_ends(plain))
        return bool(plain) and (bool(marker_of(plain, 0)[0]) or is_rule(plain))

    def _fence(self, at: int, above: int) -> Fence:
        end = self._fences[at]
        closed = self.closed or end < len(self.lines)
        plain = self._starts[at]
        indent = self.lines[at].index(plain)
        lines = [cut(line, indent) if indent else line for line in self.lines[at + 1 : end - closed]]
        text = "\n".join([*lines, ""]).replace("\r\n", "\n")
        return Fence(plain.lstrip(plain[0]).strip(BLANK), above + at + 1, above + end, closed, text)

    def _item(self, at: int, above: int) -> Item:
        marker, end = self._items[at]
        plain = self._starts[at]
        text = plain[len(marker) :].lstrip(BLANK)
        checked = _BOXES.get(text[:3]) if text[3:4] in _AFTER_BOX else None
        words = text if checked is None else text[3:].lstrip(BLANK)
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


def _closing(lines: Sequence[str], start: int, fence: str) -> int:
    """The line, from 0, that closes a fence; -1 where none does."""
    for at in range(start, len(lines)):
        if fence in lines[at]:
            plain = lines[at].strip(BLANK)
            if not plain.strip(fence[0]) and indent_of(lines[at]) < CODE_INDENT:
                return at
    return -1


def _html_end(lines: Sequence[str], start: int, marks: Sequence[str]) -> int:
    """The line, from 0, that closes an HTML block; -1 where none does."""
    found = (at for at in range(start, len(lines)) if any(mark in lines[at].lower() for mark in marks))
    return next(found, -1)


def _in_paragraph(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether a paragraph stands open above line `end`, where no block begins from line `start` on."""
    at = end - 1
    while at >= start and lines[at].strip(BLANK) and indent_of(lines[at]) >= CODE_INDENT:
        at -= 1
    plain = lines[at].strip(BLANK) if at >= start else ""
    return bool(plain) and not is_rule(plain)


def _dedented(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines below an item without the indentation that all have but blank ones."""
    below = [line.removesuffix("\r") for line in lines]
    indent = min((indent_of(line) for line in below if line.strip(BLANK)), default=0)
    return tuple([cut(line, indent) for line in below])
