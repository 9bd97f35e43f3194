"""pre-commit and prek: which of them is here, and its own `install`, which writes scripts at git's doors and runs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk
from sdd.children import keyless
from sdd.githooks import configuration, native
from sdd.githooks.clone import FRAMEWORKS, MARK, NATIVE, OTHER
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.githooks.clone import Clone

MISLEADING = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
"""By these a Python that starts would import what lies elsewhere, perhaps in the repository."""
PATIENCE_S = 60
TO_WRITE = "sdd init --hooks pre-commit"
"""What puts sdd's hooks into a configuration where the project has sdd already."""


class Program(Value):
    """A framework's program by name, and its file: "" where there is none."""

    name: str
    file: str


def set_up(clone: Clone) -> list[str]:
    """Have the framework open every door at which its configuration asks sdd; what was done or is to be typed, in words."""
    if clone.hooks_path or clone.owner:
        return _in_the_way(clone)
    program = found(clone)
    held = configuration.doors(clone.texts[program.name])
    doors = [door.name for door in clone.by("", NATIVE) if door.name in held]
    if not held:
        return [f"hooks: no configuration here asks sdd, though {program.name} was chosen: {TO_WRITE}"]
    done = _opened(clone, program, doors) if doors else _tidied(clone, program)
    lacking = path_without_sdd(clone, program.name)
    return [*done, *_left(clone, program), *([f"hooks: {lacking}"] if lacking else [])]


def found(clone: Clone) -> Program:
    """The framework that is installed in the clone already, else the first that is here and finds a configuration."""
    known = [name for name in FRAMEWORKS if clone.texts[name]] or FRAMEWORKS[:1]
    names = [clone.framework] if clone.framework else known
    programs = (Program(name, file) for name in names for file in _files(clone.root, name))
    return next(programs, Program(names[0], ""))


def may_install(clone: Clone, program: Program) -> bool:
    """Whether sdd itself runs `install`: not where from then on each commit would run commands that nobody here asked for."""
    return bool(program.file) and (
        bool(clone.framework) or configuration.is_only_ours(clone.texts[program.name])
    )


def to_type(clone: Clone, program: Program, doors: Iterable[str]) -> str:
    """The command that opens these doors; it brings the program, where that is missing."""
    bring = "" if program.file or shutil.which(program.name) else f"pipx install {program.name} && "
    return bring + " ".join([program.name, *_arguments(clone, program, doors)])


def _in_the_way(clone: Clone) -> list[str]:
    """What to do where the framework refuses to install, because git's hooks are somebody else's."""
    if all(door.asks for door in clone.doors):
        return []
    if clone.owner:
        return native.elsewhere(clone)
    return [
        f"hooks: pre-commit installs nothing while core.hooksPath is set, here to {clone.hooks_path}: sdd init --hooks native"
    ]


def path_without_sdd(clone: Clone, name: str) -> str:
    """What to do where the framework's configuration starts `sdd` by its name, and it is not on the PATH; else ""."""
    if shutil.which("sdd") or not configuration.starts_by_name(clone.texts[name]):
        return ""
    folder = Path(sys.argv[0]).absolute().parent
    return f'{name} starts `sdd`, which is not on the PATH, so git would refuse all of it: export PATH="{folder}:$PATH"'


def _files(root: str, name: str) -> Iterator[str]:
    """Where a program may be started from: beside sdd, or on the PATH outside of the repository, which must not choose what runs."""
    beside = Path(sys.executable).parent
    top = Path(root).resolve()
    for folder in (beside, *map(Path, os.get_exec_path())):
        file = shutil.which(name, path=str(folder)) if folder.is_absolute() else None
        if file and (folder == beside or not folder.resolve().is_relative_to(top)):
            yield file


def _arguments(clone: Clone, program: Program, doors: Iterable[str]) -> list[str]:
    types = [word for door in doors for word in ("-t", door)]
    # Where the configuration is sdd's alone, branches from before the adoption have none, and are committed to all the same.
    is_new = configuration.is_only_ours(clone.texts[program.name])
    return ["install", *(["--allow-missing-config"] if is_new else []), *types]


def _opened(clone: Clone, program: Program, doors: list[str]) -> list[str]:
    command = to_type(clone, program, doors)
    if not program.file:
        return [
            f"hooks: nothing asks sdd yet; type: {command}",
            "  or do without that program, and start in a tenth of its time: sdd init --hooks native",
        ]
    if not may_install(clone, program):
        return [
            f"hooks: {_name(clone, program)} names more than sdd, and each commit will run all of it; when you have read it: {command}"
        ]
    wrong = _run(clone, program, doors)
    if wrong:
        return [f"hooks: `{command}` failed: {wrong}"]
    told = f"hooks: `{program.name} install` opened {', '.join(doors)} in this clone, and ran nothing of it"
    return [told, *_tidied(clone, program)]


def _run(clone: Clone, program: Program, doors: list[str]) -> str:
    """Run `install`; why it failed, or ""."""
    env = {name: value for name, value in keyless(os.environ).items() if name not in MISLEADING}
    argv = [program.file, *_arguments(clone, program, doors)]
    try:
        done = subprocess.run(
            argv,
            cwd=clone.root,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    told = (done.stderr.strip() or done.stdout.strip()).decode("utf-8", "replace")
    return f"it ended with {done.returncode}: {told}" if done.returncode else ""


def _tidied(clone: Clone, program: Program) -> list[str]:
    """Take away scripts of sdd's own that the framework set aside and would run as well."""
    held = configuration.doors(clone.texts[program.name])
    files = {door: clone.folder / f"{door}.legacy" for door in configuration.DOORS if door in held}
    ours = [door for door, file in files.items() if file.is_file() and MARK.encode() in file.read_bytes()]
    for door in ours:
        disk.remove(str(files[door]))
    return (
        [f"hooks: sdd's own scripts at {', '.join(ours)} are taken away: {program.name} asks now"]
        if ours
        else []
    )


def _left(clone: Clone, program: Program) -> list[str]:
    return [
        f"hooks: {door.name} is somebody else's and is left; to run both: {to_type(clone, program, [door.name])}"
        for door in clone.by(OTHER)
        if not door.asks
    ]


def _name(clone: Clone, program: Program) -> str:
    """The file that the framework would read."""
    paths = configuration.OF_PREK if program.name == "prek" else (configuration.PATH,)
    return next(path.decode() for path in paths if Path(clone.root, path.decode()).is_file())
