"""Several files written all or nothing, also when the process is killed in between.

What is to be written is first kept whole beside a manifest; the manifest's own atomic write is the moment that decides.
Whoever comes next finishes what a manifest holds. Files that a person changed meanwhile are never overwritten.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk
from sdd.errors import RefusedError
from sdd.snapshot import blob_id, show

if TYPE_CHECKING:
    from collections.abc import Mapping

ABSENT = ""


def prepare(root: str, folder: str, name: str, files: Mapping[bytes, bytes]) -> None:
    """Keep what is to be written (path in the tree: bytes) below `folder`; from here on `finish` can write it.

    Raises:
        RefusedError: a path leaves the tree `root`; nothing was kept.
    """
    kept = Path(folder, f"{name}.files")
    entries = []
    for number, (path, data) in enumerate(sorted(files.items())):
        before = _blob(disk.inside(root, path))
        disk.write(str(kept / str(number)), data)
        entries.append({"path": os.fsdecode(path), "before": before, "after": blob_id(data)})
    disk.write(_manifest(folder, name), json.dumps(entries, indent=1).encode())


def prepared(folder: str, name: str) -> bool:
    """Whether there is something to write under that name."""
    return Path(_manifest(folder, name)).exists()


def finish(root: str, folder: str, name: str) -> tuple[tuple[str, str, str], ...]:
    """Write what was prepared, as far as it is not written yet; (path, blob before, blob after) of each file.

    Raises:
        RefusedError: a person changed one of the files in between; none of those that are missing is written.
    """
    entries = json.loads(Path(_manifest(folder, name)).read_bytes())
    targets = [disk.inside(root, os.fsencode(entry["path"])) for entry in entries]
    missing = [number for number, target in enumerate(targets) if _blob(target) != entries[number]["after"]]
    for number in missing:
        if _blob(targets[number]) != entries[number]["before"]:
            path = show(os.fsencode(entries[number]["path"]))
            raise RefusedError(
                f"{path} was changed while sdd was writing it, and is left as it is",
                hint=f"look at `git diff -- {path}` and put it back, then `sdd next`; or drop the run: `sdd next --drop`",
            )
    for number in missing:
        disk.write(targets[number], Path(folder, f"{name}.files", str(number)).read_bytes())
    return tuple((entry["path"], entry["before"], entry["after"]) for entry in entries)


def forget(folder: str, name: str) -> None:
    """Drop what was prepared: it is written, and whoever needs to knows."""
    Path(_manifest(folder, name)).unlink(missing_ok=True)
    disk.remove_folder(str(Path(folder, f"{name}.files")))


def _manifest(folder: str, name: str) -> str:
    return str(Path(folder, f"{name}.json"))


def _blob(target: str) -> str:
    path = Path(target)
    return blob_id(path.read_bytes()) if path.is_file() else ABSENT
