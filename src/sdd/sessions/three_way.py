"""What a plan says now, against what it said before and what a session says: whoever alone changed something is followed.

What the plan said before is known by digests, which stand in the session's own front matter (`planned`): so they come along
with the file through every branch, rebase and clone, and need no history.
"""

from __future__ import annotations

from sdd.digests import sha256
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHORT = 6  # hexadecimal digits: two texts of one field that share them would be taken for the same, once in 16 million


class Base(Value):
    """What the plan said before, as digests by field; `known` is False for a session that no plan has written."""

    fields: Mapping[str, tuple[str, ...]]
    known: bool = True

    def of(self, field: str) -> tuple[str, ...]:
        """The digests of a field, none where the plan said nothing of it."""
        return self.fields.get(field, ())


class Merged(Value):
    """What a field comes to, and whether plan and session both changed it, so that it stays as the session has it."""

    entries: tuple[str, ...]
    conflict: bool = False


def read(words: str) -> Base:
    """The digests that a session's `planned` holds, as `written` writes them; whatever else stands there is not known."""
    pairs = (word.partition("=") for word in words.split())
    return Base(
        {field: tuple(digests.split(",")) for field, _, digests in pairs if digests}, known=bool(words)
    )


def written(fields: Mapping[str, Sequence[str]]) -> str:
    """The text of `planned` for digests by field; fields that say nothing are left out."""
    return " ".join(f"{field}={','.join(found)}" for field, found in fields.items() if found)


def digests(entries: Sequence[str]) -> tuple[str, ...]:
    """The short digests of texts."""
    return tuple(sha256(one.encode("utf-8", "surrogatepass"))[:SHORT] for one in entries)


def text(base: Base, field: str, mine: str, theirs: str) -> Merged:
    """A field that is one text, empty where nothing is said: `mine` is the session's, `theirs` the plan's.

    Where nobody knows what the plan said before, a text that the session has and the plan has not stays, and two different ones
    are a conflict.
    """
    before = base.of(field)
    own, new = (digests([one] if one else []) for one in (mine, theirs))
    if new in {own, before} or (not base.known and not theirs):
        return _one(mine)
    if own == before or (not base.known and not mine):
        return _one(theirs)
    return Merged(_one(mine).entries, conflict=True)


def _one(words: str) -> Merged:
    return Merged((words,) if words else ())


def entries(base: Base, field: str, mine: Sequence[str], theirs: Sequence[str]) -> Merged:
    """A field that is a list: what the plan added or dropped is added or dropped, what people did stays done. Never a conflict."""
    before = base.of(field)
    own = dict(zip(mine, digests(mine), strict=True))
    new = dict(zip(theirs, digests(theirs), strict=True))
    if base.known and tuple(own.values()) == before:
        return Merged(tuple(new))
    kept = [one for one, told in own.items() if one in new or told not in before]
    added = [one for one, told in new.items() if one not in own and told not in before]
    return Merged((*kept, *added))
