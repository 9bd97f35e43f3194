"""The scripts that `sdd init` puts into a clone's hooks folder, beside nobody else's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk

if TYPE_CHECKING:
    from sdd.repository import Repository

HOOKS = {
    "pre-commit": "judges each commit in this clone",
    "pre-merge-commit": "judges each merge in this clone",
    "commit-msg": "names the session of each commit",
    "pre-push": "judges each push from this clone",
}
MARK = "# sdd's own hook"


def placed(found: Repository) -> list[str]:
    """Put sdd's hooks into this clone; what was done, in words. What belongs to others is left, and told of."""
    from sdd.workspace import hooks_dir

    folder = Path(hooks_dir(found.root))
    if not folder.is_relative_to(
        found.common_dir
    ):  # core.hooksPath: of the project, or of all that the user has
        what = (
            f"hooks: git runs those in {folder} (core.hooksPath), which is not this clone's own; add to them:"
        )
        return [" ".join([what, *(f"{name}: {_line(name)};" for name in HOOKS)]).rstrip(";")]
    return [words for name in HOOKS for words in _placed(folder / name, name)]


def _placed(file: Path, name: str) -> list[str]:
    there = os.path.lexists(file)
    before = file.read_bytes() if file.is_file() else b""
    if there and MARK.encode() not in before:
        return [f"hooks: {name} is somebody else's and is left; add to it: {_line(name)}"]
    script = os.fsencode(
        f"#!/bin/sh\n{MARK}: `sdd init --hooks none` does without\n"
        f'unset PYTHONPATH PYTHONHOME PYTHONSTARTUP\nexec {_call(name)} "$@"\n'
    )
    if before == script and os.access(file, os.X_OK):
        return []
    disk.write(str(file), script, mode=0o755)
    return [f"hooks: {name} {HOOKS[name]}"]


def _line(name: str) -> str:
    return f"{_call(name)} || exit $?"


def _call(name: str) -> str:
    """This very sdd, absolute: a shim costs a hook 60 ms, and the PATH of a desktop program may lack it."""
    program = os.path.abspath(sys.argv[0]).replace("\\", "/")  # noqa: PTH100 - a link to the script is as good as the script
    quoted = "".join(f"\\{sign}" if sign in '"$`' else sign for sign in program)
    return f'"{quoted}" hook {name}'
