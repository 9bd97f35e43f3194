"""How a piece is put into a file and taken out again, bytes to bytes: what a person changed is always left."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sdd.errors import RefusedError
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sdd.agents.pieces import Kind, Piece

BEGIN = "<!-- sdd: begin (written by `sdd init --agent`; what you change here stays as you wrote it) -->"
END = "<!-- sdd: end -->"
CHANGED = "it was changed here"
BLANK = " \t\n\r\v\f"  # what bytes call white space; text knows more, which somebody may have meant
HOOKS_CHANGED = "its hooks of sdd were changed here"
BLOCK = re.compile(rf"{re.escape(BEGIN)}\r?\n(.*?){re.escape(END)}(?:\r?\n|\Z)", re.DOTALL)
MARKER = re.compile(r"<!-- sdd: (begin|end)")


class Placed(Value):
    """A file after a piece was put in or taken out: its bytes (None for no file), and what to remember of the piece.

    `mark` is the sha256 of what stands there from us, or "" for nothing; `left` says why the file was left as it was.
    """

    data: bytes | None
    mark: str = ""
    left: str = ""


def put(piece: Piece, before: bytes | None, mark: str) -> Placed:
    """The file with the piece in it. `mark` is what was remembered of it, "" where it was never put there.

    Raises:
        RefusedError: a settings file cannot be read as JSON.
    """
    return _PUT[piece.kind](piece, before, mark)


def take(piece: Piece, before: bytes, mark: str) -> Placed:
    """The file without the piece; None for a file in which nothing else is left.

    Raises:
        RefusedError: a settings file cannot be read as JSON.
    """
    return _TAKE[piece.kind](piece, before, mark)


def mark_of(data: bytes) -> str:
    """The sha256 of bytes, whatever ends their lines: git may have changed that."""
    return sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def _put_file(piece: Piece, before: bytes | None, mark: str) -> Placed:
    ours = mark_of(piece.data)
    if before is None or (mark_of(before) == mark != ours):
        return Placed(piece.data, ours)
    if mark_of(before) == ours:
        return Placed(before, ours)
    return Placed(before, mark, CHANGED if mark else "it is somebody else's")


def _take_file(piece: Piece, before: bytes, mark: str) -> Placed:
    if mark_of(before) in {mark, mark_of(piece.data)}:
        return Placed(None)
    return Placed(before, "", CHANGED if mark else "")


def _put_block(piece: Piece, before: bytes | None, mark: str) -> Placed:
    ours = mark_of(piece.data)
    text = _text(before or b"")
    found = list(BLOCK.finditer(text))
    if len(MARKER.findall(text)) != 2 * len(found) or len(found) > 1:
        return Placed(before, mark, "its markers of sdd are not one pair")
    there = mark_of(_bytes(found[0][1])) if found else ""
    if there == ours:
        return Placed(before, ours)
    if found and there != mark:
        return Placed(before, mark, CHANGED)
    block = f"{BEGIN}\n{piece.data.decode()}{END}\n".replace("\n", _ending(text))
    if found:
        return Placed(_bytes(text[: found[0].start()] + block + text[found[0].end() :]), ours)
    return Placed(_bytes(f"{_ended(text)}{_ending(text)}{block}" if text else block), ours)


def _take_block(piece: Piece, before: bytes, mark: str) -> Placed:
    text = _text(before)
    found = BLOCK.search(text)
    if found is None or mark_of(_bytes(found[1])) not in {mark, mark_of(piece.data)}:
        return Placed(before, "", CHANGED if mark else "")
    above = re.sub(r"(?<=\n)\r?\n\Z", "", text[: found.start()])  # the empty line that came with it
    rest = above + text[found.end() :]
    return Placed(_bytes(rest) if rest.strip(BLANK) else None)


def _put_line(piece: Piece, before: bytes | None, mark: str) -> Placed:
    if before is None:
        return Placed(None)
    text, line = _text(before), piece.data.decode()
    if line in map(str.strip, text.split("\n")):
        return Placed(before, mark)
    return Placed(_bytes(f"{_ended(text)}{line}{_ending(text)}"), mark_of(piece.data))


def _take_line(piece: Piece, before: bytes, mark: str) -> Placed:
    lines = _text(before).split("\n")
    at = max((at for at, line in enumerate(lines) if line.strip() == piece.data.decode()), default=-1)
    if not mark or at < 0:
        return Placed(before)
    return Placed(_bytes("\n".join([*lines[:at], *lines[at + 1 :]])))


def _put_hooks(piece: Piece, before: bytes | None, mark: str) -> Placed:
    wanted = json.loads(piece.data)
    settings, there = _hooks_in(piece.path, before or b"{}")
    ours = _mark_of_hooks(wanted)
    if there and _mark_of_hooks(there) not in {mark, ours}:
        return Placed(before, mark, HOOKS_CHANGED)
    if there == wanted:
        return Placed(before, ours)
    kept = _without_ours(settings)
    merged = {event: [*kept.get(event, []), *wanted.get(event, [])] for event in [*kept, *wanted]}
    return Placed(_dumped(piece.path, {**settings, "hooks": merged}, before or b""), ours)


def _take_hooks(piece: Piece, before: bytes, mark: str) -> Placed:
    settings, there = _hooks_in(piece.path, before)
    if _mark_of_hooks(there) not in {mark, _mark_of_hooks(json.loads(piece.data))}:
        return Placed(before, "", HOOKS_CHANGED if there else "")
    rest = {key: value for key, value in settings.items() if key != "hooks"}
    kept = {event: groups for event, groups in _without_ours(settings).items() if groups}
    if kept:
        rest = {**settings, "hooks": kept}
    return Placed(_dumped(piece.path, rest, before) if rest else None)


def _hooks_in(path: bytes, data: bytes) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The settings in a file, and those groups of hooks in them that run sdd, by event."""
    settings = _settings(path, data)
    hooks: dict[str, list[Any]] = settings.get("hooks", {})
    found = {event: [*filter(_is_ours, groups)] for event, groups in hooks.items()}
    return settings, {event: groups for event, groups in found.items() if groups}


def _is_ours(group: Any) -> bool:
    """Whether a group of hooks runs sdd."""
    hooks = group.get("hooks") if isinstance(group, dict) else None
    commands = (
        [one.get("command") for one in hooks if isinstance(one, dict)] if isinstance(hooks, list) else []
    )
    return any(isinstance(one, str) and one.startswith("sdd hook ") for one in commands)


def _without_ours(settings: Mapping[str, Any]) -> dict[str, list[Any]]:
    hooks: dict[str, list[Any]] = settings.get("hooks", {})
    return {event: [group for group in groups if not _is_ours(group)] for event, groups in hooks.items()}


def _mark_of_hooks(groups: Mapping[str, Any]) -> str:
    return mark_of(json.dumps(groups, sort_keys=True).encode())


def _settings(path: bytes, data: bytes) -> dict[str, Any]:
    """The settings in a file.

    Raises:
        RefusedError: it is no JSON object whose hooks are lists by event, or a key stands twice and one would be lost.
    """
    try:
        found = json.loads(data, object_pairs_hook=_once)
    except ValueError as error:
        raise _refused(path, f"is no JSON: {error}") from error
    hooks = found.get("hooks", {}) if isinstance(found, dict) else None
    if not isinstance(hooks, dict) or not all(isinstance(groups, list) for groups in hooks.values()):
        raise _refused(path, "does not hold settings with hooks by event")
    return dict(found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _dumped(path: bytes, settings: Mapping[str, Any], before: bytes) -> bytes:
    """Settings as JSON, laid out as the file was."""
    text = _text(before)
    indent = re.search(r"\n([ \t]+)\S", text)
    try:
        new = json.dumps(settings, indent=indent[1] if indent else 2, ensure_ascii=False, allow_nan=False)
    except ValueError as error:  # a number such as 1e999
        raise _refused(path, f"holds what JSON cannot: {error}") from error
    last = "\n" if text.endswith("\n") or not text else ""
    return _bytes((new + last).replace("\n", _ending(text)))


def _refused(path: bytes, why: str) -> RefusedError:
    return RefusedError(
        f"{show(path)} {why}", hint=f"correct {show(path)}, or move it away; nothing was written"
    )


def _text(data: bytes) -> str:
    """The text of a file; a byte that is no UTF-8 survives."""
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + _ending(text)


_PUT: Mapping[Kind, Callable[[Piece, bytes | None, str], Placed]] = {
    "file": _put_file,
    "block": _put_block,
    "line": _put_line,
    "hooks": _put_hooks,
}
_TAKE: Mapping[Kind, Callable[[Piece, bytes, str], Placed]] = {
    "file": _take_file,
    "block": _take_block,
    "line": _take_line,
    "hooks": _take_hooks,
}
