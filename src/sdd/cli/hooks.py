"""The part of `sdd init` that has git ask sdd in this clone: the way, the tracked file for it, the clone's own set-up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdd.githooks import configuration, framework, native
from sdd.githooks.choice import PRE_COMMIT, SETTING, chosen
from sdd.githooks.clone import FRAMEWORKS, NATIVE, look
from sdd.githooks.extending import extended
from sdd.sessions.process import NewFile

if TYPE_CHECKING:
    from sdd.githooks.clone import Clone
    from sdd.repository import Repository


def way(clone: Clone, asked: str | None = None, *, joining: bool = True) -> str:
    """How hooks are set up in this clone: as asked now, as asked before, or as the project has it."""
    from sdd.workspace import config

    return chosen(clone, asked or config(clone.root, SETTING), joining=joining)


def configured(clone: Clone) -> tuple[list[NewFile], list[str]]:
    """The framework's configuration with sdd's hooks in it, where it lacks them; or, in words, what to put in by hand."""
    paths = [path for path in configuration.OF_PREK if Path(clone.root, path.decode()).is_file()]
    path = configuration.PATH if configuration.PATH in paths or not paths else paths[0]
    file = Path(clone.root, path.decode())
    before = file.read_bytes() if file.is_file() else b""
    text = before.decode("utf-8", "surrogateescape")
    after = extended(text)
    why = _not_written(file) or after.left
    if why and len(configuration.held(text)) < len(configuration.IDS):
        return [], _by_hand(path.decode(), why)
    data = after.text.encode("utf-8", "surrogateescape")
    return ([NewFile(path, data)] if data != before and not why else []), []


def set_up(found: Repository, way: str, asked: str | None, by_hand: list[str]) -> list[str]:
    """Set the clone up in this way, and remember it if it was asked for; what was done or is left to do, in words.

    What is to be done `by_hand` comes first.
    """
    from sdd.workspace import set_config

    clone = look(found)
    if way == PRE_COMMIT:
        told = by_hand or framework.set_up(clone)
    elif way == NATIVE:
        told = native.placed(clone)
    else:
        told = _none(clone) if asked else []
    if asked:
        set_config(found.root, SETTING, asked)
    return told


def _none(clone: Clone) -> list[str]:
    doors = [door.name for door in clone.by(*FRAMEWORKS) if door.by in door.asks]
    told = native.removed(clone)
    if not doors:
        return told
    types = " ".join(f"-t {door}" for door in doors)
    return [*told, f"hooks: {clone.framework} goes on asking sdd: {clone.framework} uninstall {types}"]


def _not_written(file: Path) -> str:
    """Why sdd writes nothing into this configuration, or ""."""
    if file.is_symlink():
        return "it is a link"
    return "" if file.name == configuration.PATH.decode() else "sdd writes into .pre-commit-config.yaml only"


def _by_hand(path: str, why: str) -> list[str]:
    text = configuration.TOML if path.endswith(".toml") else f"repos:\n{configuration.BLOCK}"
    types = configuration.ALL_TYPES
    if path.endswith(".toml"):
        types = f"{configuration.TYPES} = {list(configuration.DOORS)!r}"
    return [
        f"hooks: {path} is left as it is ({why}). Put this into it, and type `sdd init` again:\n\n{types}\n{text}"
    ]
