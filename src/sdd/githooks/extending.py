"""How sdd's hooks get into a `.pre-commit-config.yaml` in which every line of others stays as it is.

sdd has no YAML library, and one that writes would lay out the file anew. Lines are added where a file is laid out plainly enough to
be sure of their place; any other file is left, and the reason told.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from sdd.githooks.configuration import (
    ALL_TYPES,
    DOORS,
    IDS,
    OLDEST,
    STAGES,
    TYPES,
    VERSION,
    fresh,
    held,
    indented,
    stages,
    without_remark,
    without_remarks,
)
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_KEY = re.compile(r"([A-Za-z_][\w-]*):(?:\s|$)")
_ODD = re.compile("[\x85\u2028\u2029\ufeff]|\r")  # where YAML 1.1 may end a line, or begin a file
_WORD = r"""["']?[a-z-]+["']?"""
_FLOW = re.compile(rf"({TYPES}:\s*\[\s*)((?:{_WORD}\s*,\s*)*{_WORD})?(\s*,?\s*\]\s*(?:#.*)?)")
_ITEM = re.compile(rf"( *)- +({_WORD})\s*(?:#.*)?")


class Extended(Value):
    """A configuration after sdd's hooks were put in: its text, or why it was left as it is."""

    text: str
    left: str = ""


class _Edit(Value):
    """Lines to put in place of those from `first` up to `last`."""

    first: int
    last: int
    lines: Sequence[str]


class _UnclearError(Exception):
    """Why a file is left as it is."""


def extended(before: str) -> Extended:
    """The text with sdd's hooks and all their types in it; the same text where they are."""
    there = held(before)
    if there and len(there) < len(IDS):
        lacks = [hook for hook in IDS if hook not in there]
        return Extended(before, f"it holds sdd, and lacks {', '.join(lacks)}")
    has_crlf = before.count("\r\n") == before.count("\n") > 0
    try:
        after = _extended(before.replace("\r\n", "\n") if has_crlf else before, add=not there)
    except _UnclearError as why:
        return Extended(before, str(why))
    return Extended(after.replace("\n", "\r\n") if has_crlf else after)


def _extended(text: str, *, add: bool) -> str:
    """The text with what it lacks; `add` the hooks as well.

    Raises:
        _UnclearError: it is not laid out plainly enough.
    """
    if without_remarks(text) in {"", "---"}:
        return text + ("\n" if text and not text.endswith("\n") else "") + fresh()
    lines = text.split("\n")
    keys = _keys(text, lines)
    if "repos" not in keys:
        raise _UnclearError("it has no `repos`")
    types, longer = _types(lines, keys)
    edits = [_hooks(lines, keys)] if add else []
    edits += [_on_top(lines, keys, _missing(keys, types, add=add)), *longer]
    for edit in sorted(
        edits, key=lambda one: one.first, reverse=True
    ):  # of two at one place the later comes out above
        lines[edit.first : edit.last] = edit.lines
    return "\n".join(lines)


def _missing(keys: Mapping[str, int], types: Sequence[str], *, add: bool) -> list[str]:
    """The keys that the file lacks at its top. Hooks that name no stages are kept to where they ran with the `types` before."""
    wanted = {
        OLDEST: add and VERSION not in keys,
        ALL_TYPES: TYPES not in keys,
        stages(types): STAGES not in keys and not set(DOORS) <= set(types),
    }
    return [line for line, is_missing in wanted.items() if is_missing]


def _keys(text: str, lines: Sequence[str]) -> dict[str, int]:
    """The keys at the top, and on which line each stands.

    Raises:
        _UnclearError: the file is more than keys, lists and remarks in plain lines.
    """
    if _ODD.search(text):
        raise _UnclearError("its lines end in several ways")
    found: dict[str, int] = {}
    for number, line in enumerate(lines):
        key = _KEY.match(line)
        if key is None and not _is_plain(line, number):
            raise _UnclearError(f"line {number + 1} is not laid out as sdd can read it")
        if key and found.setdefault(key[1], number) != number:
            raise _UnclearError(f"{key[1]} stands in it twice")
    return found


def _is_plain(line: str, number: int) -> bool:
    """Whether a line without a key at its start is blank, a remark, indented, an item, or the mark that begins a document."""
    return not line or line[0] in "# " or line.startswith("- ") or (number == 0 and line.rstrip() == "---")


def _hooks(lines: Sequence[str], keys: Mapping[str, int]) -> _Edit:
    """The hooks as the first item of `repos`: before it nothing can stand that they would break.

    Raises:
        _UnclearError: `repos` is no list with a line for each item.
    """
    at = keys["repos"]
    first = next((re.match(" *(?=- )", line) for line in _below(lines, at) if without_remark(line)), None)
    if first is None or without_remark(lines[at]) != "repos:":
        raise _UnclearError("it has no `repos:` with a line for each")
    return _Edit(at + 1, at + 1, indented(first[0]))


def _types(lines: Sequence[str], keys: Mapping[str, int]) -> tuple[tuple[str, ...], list[_Edit]]:
    """The types that are installed by default, and what makes a list that stands there longer.

    Raises:
        _UnclearError: the list is laid out in another way than one of the two usual ones.
    """
    if TYPES not in keys:
        return ("pre-commit",), []
    words, edit = _longer(lines, keys[TYPES])
    return words, [edit]


def _longer(lines: Sequence[str], at: int) -> tuple[tuple[str, ...], _Edit]:
    flow = _FLOW.fullmatch(lines[at])
    if flow:
        words = _words((flow[2] or "").split(","))
        inner = ", ".join(filter(None, (flow[2], *_lacking(words))))
        return words, _Edit(at, at + 1, [flow[1] + inner + flow[3]])
    below = _below(lines, at)
    items = {number: item for number, line in enumerate(below, at + 1) if (item := _ITEM.fullmatch(line))}
    if (
        without_remark(lines[at]) != f"{TYPES}:"
        or not items
        or len(items) < sum(map(bool, map(without_remark, below)))
    ):
        raise _UnclearError(f"its `{TYPES}` is not laid out as sdd can read it")
    words = _words(item[2] for item in items.values())
    margin, last = next(iter(items.values()))[1], max(items) + 1
    return words, _Edit(last, last, [f"{margin}- {door}" for door in _lacking(words)])


def _words(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, (item.strip(" \"'") for item in items)))


def _lacking(words: tuple[str, ...]) -> list[str]:
    return [door for door in DOORS if door not in words]


def _below(lines: Sequence[str], at: int) -> list[str]:
    """The lines between a key and the next one."""
    return [*takewhile(lambda line: not _KEY.match(line), lines[at + 1 :])]


def _on_top(lines: Sequence[str], keys: Mapping[str, int], added: Sequence[str]) -> _Edit:
    """Lines before `repos`, and before the remarks on it; remarks that begin the file are the file's."""
    at = first = keys["repos"]
    while first and lines[first - 1].startswith("#"):
        first -= 1
    place = first if first and lines[first - 1] != "---" else at
    return _Edit(place, place, added)
