"""Several files written all or nothing, also when the process is killed in between.

What is to be written is first kept whole beside a manifest; the manifest's own atomic write is the moment that decides.
Whoever comes next finishes what a manifest holds. Files that a person changed meanwhile are never overwritten.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdd import disk
from sdd.errors import RefusedError
from sdd.snapshot import blob_id, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ABSENT = ""

Row = tuple[str, str, str]
"""A file: its path, and the blob ids before and after, "" where it was absent."""


def standing(root: str, paths: Iterable[bytes], algorithm: str = "sha1") -> dict[bytes, str]:
    """The blob ids of what lies at these paths now, "" where nothing does; a path that may not be written is left out."""
    found = {}
    for path in paths:
        with suppress(RefusedError):
            found[path] = _blob(disk.inside(root, path), algorithm)
    return found


def prepare(
    root: str,
    folder: str,
    name: str,
    files: Mapping[bytes, bytes],
    before: Mapping[bytes, str],
    algorithm: str = "sha1",
) -> None:
    """Keep what is to be written (path in the tree: bytes) below `folder`; from here on `finish` can write it.

    `before` holds what `standing` said of these paths before anybody decided that they may be overwritten.

    Raises:
        RefusedError: a path leaves the tree `root`; nothing can be finished.
    """
    rows = []
    for number, (path, data) in enumerate(sorted(files.items())):
        disk.inside(root, path)
        disk.write(_kept(folder, name, number), data)
        rows.append((os.fsdecode(path), before[path], blob_id(data, algorithm)))
    disk.write(_manifest(folder, name), json.dumps({"algorithm": algorithm, "rows": rows}, indent=1).encode())


def prepared(folder: str, name: str) -> bool:
    """Whether there is something to write under that name."""
    return Path(_manifest(folder, name)).exists()


def rows(folder: str, name: str) -> tuple[Row, ...]:
    """What was prepared under that name."""
    return tuple((path, before, after) for path, before, after in _read(folder, name)["rows"])


def finish(root: str, folder: str, name: str) -> None:
    """Write what was prepared, as far as it is not written yet.

    Raises:
        RefusedError: a person changed one of the files in between; none of those that are missing is written.
    """
    algorithm = _read(folder, name)["algorithm"]
    missing = []
    for number, (path, before, after) in enumerate(rows(folder, name)):
        target = disk.inside(root, os.fsencode(path))
        found = _blob(target, algorithm)
        if found == after:
            continue
        if found not in {before, ABSENT}:  # what is gone is not overwritten
            raise _changed(show(os.fsencode(path)))
        missing.append((number, target))
    for number, target in missing:
        disk.write(target, Path(_kept(folder, name, number)).read_bytes())


def _changed(path: str) -> RefusedError:
    return RefusedError(
        f"{path} was changed while sdd was writing the files of a response, and is left as it is",
        hint=f"git diff -- {path}\n"
        f"to let the response be applied: move {path} away, then `sdd next`\n"
        "to go on from the files as they are now: `sdd next --drop`, then `sdd next`",
    )


def forget(folder: str, name: str) -> None:
    """Drop what was prepared: it is written, and whoever needs to knows."""
    disk.remove(_manifest(folder, name))
    disk.remove_folder(str(Path(folder, f"{name}.files")))


def _read(folder: str, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path(_manifest(folder, name)).read_bytes())
    return read


def _manifest(folder: str, name: str) -> str:
    return str(Path(folder, f"{name}.json"))


def _kept(folder: str, name: str, number: int) -> str:
    return str(Path(folder, f"{name}.files", str(number)))


def _blob(target: str, algorithm: str) -> str:
    path = Path(target)
    return blob_id(path.read_bytes(), algorithm) if path.is_file() else ABSENT
