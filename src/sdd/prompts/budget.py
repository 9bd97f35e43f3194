"""A prompt held against its budget, and the narrower selectors with which it would fit: proposed, and never cut by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.prompts.compile import SELECTING
from sdd.prompts.pieces import Piece, has_pieces, words_of
from sdd.prompts.prompt import part_name, tokens
from sdd.prompts.selectors import has_text
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.prompts.prompt import Prompt
    from sdd.sessions.project import Project

LEAST = 100
"""Tokens from which it is worth to look into a piece for what could be left out."""
PARTS, PIECES = 5, 6
"""How many of the largest parts an error lists, and how many pieces of each."""


class Narrowing(Value):
    """What one selector of one key would become, and the pieces that would be left out."""

    key: str
    selector: str
    into: tuple[str, ...]
    left_out: tuple[Piece, ...]


class Proposal(Value):
    """The narrower selectors of a session, and the tokens that its prompt would then take, by estimate."""

    narrowings: tuple[Narrowing, ...]
    tokens: int
    budget: int

    @property
    def fits(self) -> bool:
        """Whether they would be enough."""
        return self.tokens <= self.budget


class _Cut:
    """One selector while it is narrowed."""

    def __init__(self, key: str, whole: Piece) -> None:
        self.key = key
        self.whole = whole
        self.kept = [whole]
        self.left: list[Piece] = []

    def split(self, piece: Piece, into: Sequence[Piece], too_much: int) -> int:
        """Put pieces in the place of one, and leave out the largest of which the session does not speak; the tokens saved."""
        kept = list(into)
        saved = piece.tokens - sum(one.tokens for one in into)
        for one in sorted(into, key=lambda one: -one.tokens):
            if not one.named and saved < too_much:
                kept.remove(one)
                self.left.append(one)
                saved += one.tokens
        at = self.kept.index(piece)
        self.kept[at : at + 1] = kept
        return saved


def within(project: Project, name: str, prompt: Prompt, budget: int) -> Prompt:
    """The prompt itself, if it keeps to the budget (tokens, by estimate).

    Raises:
        SddError: it does not; see `over`. Nothing is cut.
    """
    if prompt.tokens <= budget:
        return prompt
    raise over(project, name, prompt, budget)


def over(project: Project, name: str, prompt: Prompt, budget: int, counted: int | None = None) -> SddError:
    """The error for a prompt that is over its budget: its largest parts, what they consist of, and what would fit.

    `counted` are its tokens where its provider has counted them; else they are estimated.
    """
    known = words_of(project, name)
    sizes = sorted(((tokens(one.text), one) for one in prompt.parts), key=lambda pair: -pair[0])
    lines = []
    for size, one in sizes[:PARTS]:
        lines.append(f"  {size:>9,} tokens  {part_name(one)}")
        inner = [
            piece for source in one.sources for piece in has_pieces(project.snapshot, source.name, known)
        ]
        lines += [f"  {piece.tokens:>16,}    {_told(piece)}" for piece in _first(inner)]
        lines += [f"  {'':>16}    and {len(inner) - PIECES} more"] if len(inner) > PIECES else []
    takes = f"has {counted:,} tokens" if counted else f"takes about {prompt.tokens:,} tokens"
    listed = "\n".join(lines)
    return SddError(
        f"the prompt {takes}, the budget is {budget:,}; its largest parts:\n{listed}",
        hint=_hint(project, name, prompt, budget, counted),
    )


def _first(inner: Sequence[Piece]) -> list[Piece]:
    """The pieces of which the session speaks first, then the largest."""
    return sorted(inner, key=lambda one: (not one.named, -one.tokens))[:PIECES]


def _told(piece: Piece) -> str:
    return f"{piece.selector} (the session speaks of it)" if piece.named else piece.selector


def _hint(project: Project, name: str, prompt: Prompt, budget: int, counted: int | None) -> str:
    estimated = budget * prompt.tokens // counted if counted else budget
    found = proposal(project, name, prompt, estimated)
    command = f"sdd prompt {name} --fit" + (f" --budget {estimated}" if counted else "")
    if found.fits:
        return f"{command}\nit reads only what the session speaks of, about {found.tokens:,} tokens, and says what it leaves out"
    otherwise = "raise `budget`, or make two sessions of it"
    if found.narrowings:
        return f"{command}\nthat alone leaves about {found.tokens:,} tokens: {otherwise}"
    return (
        f"narrow what the session reads (`docs/architecture.md#Cart` instead of the whole file), {otherwise}"
    )


def proposal(project: Project, name: str, prompt: Prompt, budget: int) -> Proposal:
    """The narrower selectors with which a prompt keeps to a budget, as far as that can be had without guessing.

    Selectors are taken apart, the largest first, into their files, sections or symbols; the largest pieces of which the
    session does not speak are left out, until the rest fits. Where it speaks of none of them the selector stays as it is.
    """
    cuts = _cuts(project, name, prompt)
    known = words_of(project, name)
    total, seen = prompt.tokens, set[str]()
    while total > budget:
        worth = [
            (piece.tokens, -number, piece)
            for number, cut in enumerate(cuts)
            for piece in cut.kept
            if piece.tokens >= LEAST and piece.selector not in seen
        ]
        if not worth:
            break
        _, number, piece = max(worth, key=lambda one: one[:2])
        seen.add(piece.selector)
        inner = has_pieces(project.snapshot, piece.selector, known)
        if any(one.named for one in inner):
            total -= cuts[-number].split(piece, inner, total - budget)
    narrowed = [cut for cut in cuts if cut.left]
    spared = sum(cut.whole.tokens - sum(one.tokens for one in cut.kept) for cut in narrowed)
    made = (
        Narrowing(cut.key, cut.whole.selector, tuple(one.selector for one in cut.kept), tuple(cut.left))
        for cut in narrowed
    )
    return Proposal(tuple(made), prompt.tokens - spared, budget)


def _cuts(project: Project, name: str, prompt: Prompt) -> list[_Cut]:
    """The selectors that the prompt shows, each once, with the size of what they brought.

    What a session implements or writes is not among them: it has to see that whole.
    """
    sizes: dict[str, int] = {}
    for one in prompt.parts:
        for source in one.sources:
            sizes[source.selector] = sizes.get(source.selector, 0) + tokens(one.text)
    found = {selector: key for key in SELECTING for selector in project.texts(name, key) if selector in sizes}
    return [_Cut(key, Piece(selector, sizes[selector], named=True)) for selector, key in found.items()]


def fields(project: Project, name: str, found: Proposal) -> dict[str, tuple[str, ...]]:
    """The keys of the session's front matter that a proposal changes, with their new values."""
    new = {(one.key, one.selector): one.into for one in found.narrowings}
    return {
        key: tuple(
            dict.fromkeys(
                each for old in _standing(project, name, key) for each in new.get((key, old), (old,))
            )
        )
        for key in dict.fromkeys(one.key for one in found.narrowings)
    }


def _standing(project: Project, name: str, key: str) -> list[str]:
    """The selectors of a key; of a template's those that find something, for a session's own have to."""
    every = project.texts(name, key)
    if key in project.sessions[name].own:
        return list(every)
    return [one for one in every if has_text(project.snapshot, one)]
