"""What `sdd init --agent` does: a plan of files from those that stand, then the plan carried out.

A manifest remembers what was put where, so that a second time overwrites nobody's words and all can be taken away again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdd import disk
from sdd.agents.pieces import NAMES, pieces
from sdd.agents.placing import put, take
from sdd.errors import RefusedError, SddError
from sdd.findings import nearest
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.agents.pieces import Piece
    from sdd.agents.placing import Placed

MANIFEST = b".agents/sdd-manifest.json"
VERSION = 1


class Manifest(Value):
    """What was put where: the agents by name, and by path the sha256 of what stood there from us."""

    agents: tuple[str, ...] = ()
    marks: Mapping[str, str] = {}


class Plan(Value):
    """Files to write (None: to remove), in order, and the lines that tell of it."""

    files: Mapping[bytes, bytes | None]
    lines: tuple[str, ...]


def install(root: str, names: Sequence[str]) -> list[str]:
    """Give these agents what they need, in the working tree at `root`; the lines to print.

    Raises:
        RefusedError: a path leads through a link, or a settings file cannot be merged; nothing was written.
        SddError: there is no agent of that name, or the manifest cannot be read.
    """
    wanted = [piece for name in _known(names) for piece in pieces(name)]
    return _carried_out(root, planned(wanted, names, *_standing(root, wanted)))


def uninstall(root: str, names: Sequence[str]) -> list[str]:
    """Take away what these agents were given, and leave what a person changed and what other agents need; the lines to print.

    Raises:
        RefusedError: a path leads through a link, or a settings file cannot be read; nothing was written.
        SddError: there is no agent of that name, or the manifest cannot be read.
    """
    given = [piece for name in _known(names) for piece in pieces(name)]
    return _carried_out(root, taken(given, names, *_standing(root, given)))


def planned(
    wanted: Iterable[Piece], names: Iterable[str], before: Mapping[bytes, bytes | None], manifest: Manifest
) -> Plan:
    """What has to be written so that these pieces stand. `before` holds the bytes of all their paths, None for no file."""
    marks = dict(manifest.marks)
    files: dict[bytes, bytes | None] = {}
    lines: list[str] = []
    for piece in dict.fromkeys(wanted):
        path = piece.path.decode()
        placed = put(piece, before[piece.path], marks.get(path, ""))
        marks[path] = placed.mark
        lines += _noted(files, piece, before[piece.path], placed)
    agents = tuple(sorted({*manifest.agents, *names}))
    return _with_manifest(files, lines, before, Manifest(agents, marks))


def taken(
    given: Iterable[Piece], names: Iterable[str], before: Mapping[bytes, bytes | None], manifest: Manifest
) -> Plan:
    """What has to be written so that these pieces are gone, but for those that an agent needs which stays."""
    agents = tuple(name for name in manifest.agents if name not in names)
    needed = {piece for name in agents for piece in pieces(name)}
    marks = dict(manifest.marks)
    files: dict[bytes, bytes | None] = {}
    lines: list[str] = []
    for piece in dict.fromkeys(given):
        data = before[piece.path]
        if piece in needed:
            continue
        mark = marks.pop(piece.path.decode(), "")
        if data is not None:
            lines += _noted(files, piece, data, take(piece, data, mark))
    return _with_manifest(files, lines or ["there is nothing to take away"], before, Manifest(agents, marks))


def _noted(files: dict[bytes, bytes | None], piece: Piece, before: bytes | None, placed: Placed) -> list[str]:
    """Put a file into the plan if it changes; the lines that tell of it."""
    if placed.left:
        return [f"{show(piece.path)} is left as it is: {placed.left}"]
    if placed.data == before:
        return []
    files[piece.path] = placed.data
    return [f"{'removed' if placed.data is None else 'wrote'} {show(piece.path)}"]


def _with_manifest(
    files: Mapping[bytes, bytes | None],
    lines: Iterable[str],
    before: Mapping[bytes, bytes | None],
    manifest: Manifest,
) -> Plan:
    """The plan with the manifest last: where that names a file, the file was written."""
    marks = {path: mark for path, mark in sorted(manifest.marks.items()) if mark}
    table = {"version": VERSION, "agents": manifest.agents, "files": marks}
    data = f"{json.dumps(table, indent=2)}\n".encode() if manifest.agents else None
    same = data == before[MANIFEST]
    return Plan({**files} if same else {**files, MANIFEST: data}, tuple(lines))


def _known(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if name not in NAMES:
            near = nearest(name, list(NAMES))
            hint = f"did you mean {near}?" if near else f"there are {', '.join(NAMES)}"
            raise SddError(f"there is no agent `{name}` that sdd knows", hint=hint)
    return names


def _standing(root: str, wanted: Iterable[Piece]) -> tuple[dict[bytes, bytes | None], Manifest]:
    """The bytes of every path that may be written, None where there is no file, and the manifest."""
    before = {piece.path: _bytes_at(root, piece.path) for piece in wanted if not _is_other_link(root, piece)}
    before |= {piece.path: None for piece in wanted if piece.path not in before}
    before[MANIFEST] = _bytes_at(root, MANIFEST)
    return before, _manifest(before[MANIFEST])


def _is_other_link(root: str, piece: Piece) -> bool:
    """Whether an agent's own instruction file is a link, to AGENTS.md as a rule: it needs no line, and is left alone."""
    return piece.kind == "line" and Path(root, piece.path.decode()).is_symlink()


def _bytes_at(root: str, path: bytes) -> bytes | None:
    place = Path(disk.inside(root, path))
    if place.is_dir():
        raise RefusedError(f"{place} is a folder", hint="move it away")
    return place.read_bytes() if place.exists() else None


def _manifest(data: bytes | None) -> Manifest:
    if data is None:
        return Manifest()
    name = show(MANIFEST)
    hint = (
        f"git checkout HEAD -- {name}, or remove it: then only what is as sdd wrote it is taken for its own"
    )
    try:
        table: Any = json.loads(data)
        version, agents, marks = table["version"], table["agents"], table["files"]
        words = [*agents, *marks, *marks.values()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SddError(f"{name} cannot be read: {error!r}", hint=hint) from error
    if version != VERSION or not all(isinstance(word, str) for word in words):
        raise SddError(f"{name} is of version {version!r}, which this sdd does not know", hint=hint)
    return Manifest(tuple(name for name in agents if name in NAMES), marks)


def _carried_out(root: str, plan: Plan) -> list[str]:
    places = [(Path(disk.inside(root, path)), data) for path, data in plan.files.items()]
    for place, data in places:
        if data is not None:
            disk.write(str(place), data)
        else:
            disk.remove(str(place))
            _remove_empty(place.parent, Path(root))
    return list(plan.lines)


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove folders that nothing is left in, upwards, but never the top."""
    with suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent
