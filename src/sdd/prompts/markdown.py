"""The sections of any Markdown document, as CommonMark sees them, found by their headings.

Only headings at the top level count, not those in a quotation or a list. Lines end at LF, CR LF or CR, and count from 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markdown_it.token import Token


class Heading(Value):
    """A heading, and how far its section goes, with its subsections.

    `title` is plain text, without marks. `end_line` is the last line of the section that is not blank, so that a section
    stays the same when another one is written below it. `slug` is the anchor that a forge gives it, unique in the
    document. `trail` holds the titles above it and its own, the outermost first.
    """

    level: int
    title: str
    line: int
    end_line: int
    slug: str
    trail: tuple[str, ...]


def headings(text: str) -> list[Heading]:
    """The headings of a document in their order. Front matter between `---` is no heading."""
    return list(_headings(text))


@lru_cache(maxsize=8)  # a prompt names many sections of few documents: a large one takes 0.1 s each time
def _headings(text: str) -> tuple[Heading, ...]:
    from markdown_it import MarkdownIt  # 33 ms, for prompts alone
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = MarkdownIt("commonmark").use(front_matter_plugin)
    env: dict[str, object] = {}
    parser.disable("inline")  # of all the text only the titles matter
    tokens = parser.parse(text, env)
    parser.enable("inline")
    starts = [
        (int(token.tag[1:]), _plain(parser.parseInline(tokens[at + 1].content, env)), token.map[0] + 1)
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(_nested(starts, [bool(line.strip()) for line in lines]))


def section(known: Sequence[Heading], wanted: str, path: str = "") -> tuple[int, int]:
    """The first and the last line of the one section that `wanted` names, of a document that has these headings.

    It names a heading by its title or its slug (`error-handling`); the titles of headings above it may stand in front,
    with `/` between (`Cart/Errors`). Small differences of case and punctuation do no harm.

    Raises:
        SddError: there is no such heading in `path`, or more than one; the hint names what would be found.
    """
    found = named(known, wanted)
    if len(found) > 1:
        lines = ", ".join(str(heading.line) for heading in found)
        choice = " or ".join(selector_of(known, heading, path) for heading in found[:3])
        raise SddError(f"{path} has several headings {wanted!r}: lines {lines}", hint=f"write {choice}")
    if not found:
        raise SddError(f"{path} has no heading {wanted!r}", hint=_instead(known, wanted, path))
    return found[0].line, found[0].end_line


def slug_of(title: str) -> str:
    """The anchor that a forge makes of a title: lower case, `-` for a space, and only letters, digits, `-` and `_`."""
    return "".join("-" if char == " " else char for char in title.lower() if char in " -" or _is_word(char))


def _is_word(char: str) -> bool:
    kind = category(char)
    return kind[0] in "LM" or kind in {"Nd", "Nl", "Pc"}


def _plain(tokens: Sequence[Token]) -> str:
    """The text of a heading as a reader sees it, on one line."""
    return " ".join("".join(_words(tokens)).split())


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"inline", "image"}:
            yield from _words(token.children or ())
        elif token.type in {"softbreak", "hardbreak"}:
            yield " "
        elif token.type != "html_inline":
            yield token.content


def _nested(starts: Sequence[tuple[int, str, int]], written: Sequence[bool]) -> Iterator[Heading]:
    """Give each heading (level, title, line) its end, its anchor and its trail; `written` says which lines are not blank."""
    above: list[tuple[int, str]] = []
    taken: dict[str, int] = {}
    for number, (level, title, line) in enumerate(starts):
        above = [*(one for one in above if one[0] < level), (level, title)]
        after = (starts[at][2] - 1 for at in range(number + 1, len(starts)) if starts[at][0] <= level)
        end = next(after, len(written))
        while not written[end - 1]:
            end -= 1
        yield Heading(level, title, line, end, _anchor(title, taken), tuple(one for _, one in above))


def _anchor(title: str, taken: dict[str, int]) -> str:
    """A slug that is not taken yet: the second of the same title gets -1, as GitHub does it."""
    slug = found = slug_of(title)
    while found in taken:
        taken[slug] += 1
        found = f"{slug}-{taken[slug]}"
    taken[found] = 0
    return found


def named(known: Sequence[Heading], wanted: str) -> list[Heading]:
    """The headings that the words mean: by their titles, else as a forge's anchor, else but for case and punctuation."""
    words = " ".join(wanted.split())
    slugs = "/".join(map(slug_of, words.split("/")))
    ways: tuple[Callable[[Heading], bool], ...] = (
        lambda heading: _leads(heading.trail, words),
        lambda heading: _leads((*map(slug_of, heading.trail[:-1]), heading.slug), words),
        lambda heading: _leads([*map(slug_of, heading.trail)], slugs),
    )
    return next((found for way in ways if (found := [heading for heading in known if way(heading)])), [])


def _leads(trail: Sequence[str], wanted: str) -> bool:
    """Whether `wanted` is the last of the trail, some of those before it in front; a title may hold a `/` itself."""
    *before, last = trail
    if not last or not wanted.endswith(last):
        return False
    rest = wanted[: -len(last)]
    return not rest or (
        rest[-1] == "/" and any(_leads(before[:end], rest[:-1]) for end in range(len(before), 0, -1))
    )


def selector_of(known: Sequence[Heading], heading: Heading, path: str) -> str:
    """The selector that names this heading of a document and no other: by its words, else by its lines."""
    names = (heading.title, "/".join(heading.trail[-2:]), "/".join(heading.trail), heading.slug)
    anchors = (f"{path}#{name}" for name in names if named(known, name) == [heading])
    return next(anchors, f"{path}:{heading.line}-{heading.end_line}")


def _instead(known: Sequence[Heading], wanted: str, path: str) -> str:
    by_words: dict[str, Heading] = {}
    for heading in known:
        for words in ("/".join(heading.trail), heading.slug, heading.title):
            by_words.setdefault(words, heading)
    near = nearest(wanted, list(by_words))
    if near:
        return f"write {selector_of(known, by_words[near], path)}"
    titles = ", ".join(heading.title for heading in known[:10])
    return (
        f"write one of its headings: {titles}"
        if titles
        else "write the path alone: the document has no headings"
    )
