"""Git's raw diffs: what they say of each path."""

from __future__ import annotations

from sdd.snapshot import Entry
from sdd.values import Value


class Change(Value):
    """What a raw diff says of one path: what stood there before and after, and git's letter for it."""

    before: Entry | None
    after: Entry | None
    status: str = ""


def changes_in(told: bytes) -> dict[bytes, Change]:
    """The changes that a raw diff with `-z` and whole ids tells, by path."""
    words = iter(told.split(b"\0")[:-1])
    return {path: change(head.decode()) for head, path in zip(words, words, strict=True)}


def change(told: str) -> Change:
    """One change from the words of a raw diff, as ":100644 100644 <id> <id> M"."""
    before_mode, after_mode, before, after, status = told[1:].split(" ")
    return Change(_entry(before_mode, before), _entry(after_mode, after), status)


def _entry(mode: str, blob: str) -> Entry | None:
    return None if mode == "000000" else Entry(mode, blob)
