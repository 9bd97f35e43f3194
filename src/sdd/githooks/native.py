"""Scripts of sdd's own at git's doors: what they are, put into a clone and taken out, and lines for other people's."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from sdd import disk
from sdd.githooks.clone import CONFIG_HOOKS, FRAMEWORKS, MARK, NATIVE, OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sdd.githooks.clone import Clone, Door

PURPOSE = {
    "pre-commit": "judges each commit in this clone",
    "pre-merge-commit": "judges each merge in this clone",
    "commit-msg": "names the session of each commit",
    "pre-push": "judges each push from this clone",
}


def placed(clone: Clone) -> list[str]:
    """Put sdd's scripts into a clone; what was done, in words. What belongs to others is left, and told of."""
    if clone.owner:
        return elsewhere(clone)
    done = [words for door in clone.by("", NATIVE, OTHER) for words in _placed(clone, door)]
    return [*done, *_taken(clone)]


def removed(clone: Clone) -> list[str]:
    """Take sdd's scripts out of a clone, those too that a framework set aside; what was done, in words."""
    files = [clone.folder / door.name for door in clone.by(NATIVE)]
    files += set_aside(clone)
    for file in files:
        disk.remove(str(file))
    return [f"hooks: {file.name} is taken away" for file in files]


def set_aside(clone: Clone) -> list[Path]:
    """Scripts of sdd's own that a framework found, set aside and still runs."""
    return [clone.folder / f"{door.name}.legacy" for door in clone.doors if MARK in door.kept]


def elsewhere(clone: Clone) -> list[str]:
    """What a person adds where the hooks are somebody else's, for the doors at which nobody asks sdd."""
    doors = [door for door in clone.doors if not door.asks]
    if not doors:
        return []
    where = (
        f"this project keeps its own in {clone.shown_place}"
        if clone.owner == "husky"
        else f"git runs those in {clone.folder}"
    )
    lines = [f"hooks: {where} ({clone.owner}), which is not this clone's own; add to them:"]
    lines += [f"  {door.name}: {line(clone, door.name)}" for door in doors]
    if clone.git >= CONFIG_HOOKS:
        lines += [
            "hooks: or let git itself ask, beside them, in this clone alone:",
            *(f"  {words}" for words in settings(doors)),
        ]
    return lines


def settings(doors: Iterable[Door]) -> list[str]:
    """The commands by which git's own configuration asks sdd at these doors."""
    return [
        f"git config hook.sdd-{door.name}.command {shlex.quote(_call(door.name))}"
        f" && git config hook.sdd-{door.name}.event {door.name}"
        for door in doors
    ]


def line(clone: Clone, door: str) -> str:
    """What asks sdd in somebody else's script; in one that the project shares, the sdd of whoever runs it."""
    call = f"sdd hook {door}" if clone.is_shared else _call(door)
    return f'{call} "$@" || exit $?'


def _taken(clone: Clone) -> list[str]:
    """What to do about the doors at which a framework stands."""
    doors = clone.by(*FRAMEWORKS)
    if not doors:
        return []
    name = clone.framework
    which = ", ".join(door.name for door in doors)
    if not all(door.asks for door in doors):
        return [
            f"hooks: at {which} {name} stands, and its configuration lacks sdd: sdd init --hooks pre-commit"
        ]
    types = " ".join(f"-t {door.name}" for door in doors)
    return [
        f"hooks: at {which} {name} asks sdd already; to have scripts instead: {name} uninstall {types} && sdd init --hooks native"
    ]


def _placed(clone: Clone, door: Door) -> list[str]:
    if door.by == OTHER:
        if door.asks:
            return []
        return [f"hooks: {door.name} is somebody else's and is left; add to it: {line(clone, door.name)}"]
    file = clone.folder / door.name
    script = os.fsencode(
        f"#!/bin/sh\n{MARK}: `sdd init --hooks none` takes it away\n"
        f'unset PYTHONPATH PYTHONHOME PYTHONSTARTUP\nexec {_call(door.name)} "$@"\n'
    )
    if file.is_file() and file.read_bytes() == script and os.access(file, os.X_OK):
        return []
    disk.write(str(file), script, mode=0o755)
    return [f"hooks: {door.name} {PURPOSE[door.name]}"]


def _call(name: str) -> str:
    """This very sdd, absolute: a shim costs a hook 60 ms, and the PATH of a desktop program may lack it."""
    program = os.path.abspath(sys.argv[0]).replace("\\", "/")  # noqa: PTH100 - a link to the script is as good as the script
    quoted = "".join(f"\\{sign}" if sign in '"$`' else sign for sign in program)
    return f'"{quoted}" hook {name}'
