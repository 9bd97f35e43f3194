"""The pieces of what a selector names: a file's sections or symbols, a glob's files, and which of them a session speaks of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.globs import is_glob
from sdd.prompts.imports import names
from sdd.prompts.markdown import headings, selector_of
from sdd.prompts.prompt import tokens
from sdd.prompts.python import symbols
from sdd.prompts.selectors import MARKDOWN, PYTHON, select
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sdd.prompts.excerpt import Excerpt
    from sdd.prompts.markdown import Heading
    from sdd.prompts.python import Symbol
    from sdd.sessions.project import Project
    from sdd.snapshot import Snapshot

FENCE = 64
"""The characters of a fence, and of what its first line says, beside the path."""
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
"""A word, also inside a name: `ICartService` holds `I` and `Cart` and `Service`."""
SHORTEST = 3
COMMON = frozenset(
    (
        *(
            "about",
            "all",
            "and",
            "any",
            "are",
            "but",
            "can",
            "each",
            "for",
            "from",
            "had",
            "has",
            "have",
            "how",
        ),
        *("into", "its", "new", "not", "now", "one", "only", "other", "out", "per", "that", "the", "their"),
        *(
            "them",
            "then",
            "they",
            "this",
            "those",
            "too",
            "under",
            "use",
            "used",
            "via",
            "was",
            "what",
            "when",
        ),
        *("where", "which", "who", "why", "with", "you"),
    )
)
"""Words that say nothing of what a session is about."""


class Piece(Value):
    """A part of what a selector names, with a selector of its own: its size by estimate, and whether the session speaks of it."""

    selector: str
    tokens: int
    named: bool


def words_of(project: Project, name: str) -> frozenset[str]:
    """The words by which a session says what it is about: its title, goal, checklist, sections, questions, outputs, contracts."""
    one = project.sessions[name]
    told = [one.title, one.goal, *(item.text for item in one.checklist)]
    told += [text for note in one.notes for text in note]
    told += [text for question in one.questions for text in (question.text, question.answer)]
    contracts = project.keys[name].get("implements", {})
    told += [*project.texts(name, "writes"), *(f"{key} {value}" for key, value in dict(contracts).items())]  # type: ignore[call-overload] # a map, says the key table
    text = "\n".join(told)
    whole = (word.lower() for word in re.findall(r"\w+", text))
    return frozenset(whole) | words(text)


def words(text: str) -> frozenset[str]:
    """The words of a text or a name that say something: in lower case, without an `s` at their end."""
    found = (word.lower() for word in WORD.findall(text))
    return frozenset(word.removesuffix("s") for word in found if len(word) >= SHORTEST and word not in COMMON)


def pieces(snapshot: Snapshot, selector: str, known: frozenset[str]) -> list[Piece]:
    """What a selector's text consists of: files, sections or symbols, one level down, in their order; `known` is `words_of`.

    None where it has no such parts. What stands between them (an introduction above the first heading) is in none of them.

    Raises:
        SddError: as `select`.
    """
    found = select(snapshot, selector)
    if is_glob(selector) and selector.encode() not in snapshot:
        return [_file(one, known) for one in found]
    (one,) = found
    if not one.first_line or one.language not in {MARKDOWN, PYTHON}:
        return []
    path = one.path.decode(errors="surrogateescape")
    text = select(snapshot, path)[0].text
    found_in = _sections if one.language == MARKDOWN else _symbols
    lines = text.split("\n")
    return [
        Piece(inner, _size(lines[first - 1 : last], inner), named)
        for inner, first, last, named in found_in(text, one, path, known)
    ]


def _size(lines: Sequence[str], selector: str) -> int:
    return tokens("\n".join(lines)) + (len(selector) + FENCE) // 4


def _file(one: Excerpt, known: frozenset[str]) -> Piece:
    path = one.path.decode(errors="surrogateescape")
    stem = path.rpartition("/")[2].partition(".")[0]
    return Piece(path, _size([one.text], path), not words(stem).isdisjoint(known))


def _sections(
    text: str, one: Excerpt, path: str, known: frozenset[str]
) -> Iterator[tuple[str, int, int, bool]]:
    every = headings(text)
    inside = [each for each in every if one.first_line <= each.line and each.end_line <= one.last_line]
    for each in _outermost(inside, one):
        titles = (other.title for other in inside if each.line <= other.line <= each.end_line)
        named = any(not words(title).isdisjoint(known) for title in titles)
        yield selector_of(every, each, path), each.line, each.end_line, named


def _outermost(inside: Sequence[Heading], one: Excerpt) -> list[Heading]:
    """The headings that are in no other one; where that is one alone, or the whole, those in it."""
    found: list[Heading] = []
    for each in inside:
        if not found or each.line > found[-1].end_line:
            found.append(each)
    if len(found) == 1 and (one.whole or found[0].line == one.first_line):
        return _outermost([each for each in inside if each != found[0]], one)
    return found


def _symbols(
    text: str, one: Excerpt, path: str, known: frozenset[str]
) -> Iterator[tuple[str, int, int, bool]]:
    every = symbols(text, show(one.path))
    itself = (one.first_line, one.last_line)
    inside = [
        each
        for each in every
        if one.first_line <= each.first_line
        and each.last_line <= one.last_line
        and (one.whole or (each.first_line, each.last_line) != itself)
    ]
    depth = min((each.name.count(".") for each in inside), default=0)
    outer = [each for each in inside if each.name.count(".") == depth]
    named = _with_what_they_use(outer, {each.name for each in outer if _speaks_of(each.name, known)}, text)
    for name in dict.fromkeys(each.name for each in outer):
        same = [each for each in outer if each.name == name]
        yield f"{path}::{name}", same[0].first_line, same[-1].last_line, name in named


def _speaks_of(name: str, known: frozenset[str]) -> bool:
    last = name.rpartition(".")[2]
    parts = words(last)
    return last.lower() in known or (bool(parts) and parts <= known)


def _with_what_they_use(outer: Sequence[Symbol], named: set[str], text: str) -> set[str]:
    """These symbols, and all those that they use in turn: a contract without its types is worth nothing."""
    uses = {each.name: names(text, each.first_line, each.last_line) for each in outer}
    agenda = list(named)
    while agenda:
        more = (uses[agenda.pop()] & uses.keys()) - named
        named |= more
        agenda += more
    return named


def has_pieces(snapshot: Snapshot, selector: str, known: frozenset[str]) -> list[Piece]:
    """The pieces, none where a selector cannot be taken apart for whatever reason."""
    try:
        return pieces(snapshot, selector, known)
    except SddError:
        return []
