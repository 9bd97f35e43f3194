"""What stands at git's doors in a clone, and who asks sdd there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sdd.githooks import configuration
from sdd.githooks.configuration import DOORS
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sdd.repository import Repository

MARK = "# sdd's own hook"
NATIVE, OTHER, SET_ASIDE, SETTINGS = "native", "other", "set aside", "git config"
FRAMEWORKS = ("pre-commit", "prek")
"""The programs that read `.pre-commit-config.yaml`; in each script that they install they name themselves."""
CONFIG_HOOKS = (2, 54)
"""The first git that runs `hook.<name>.command`, whatever core.hooksPath says."""
HUSKY = ".husky"


class Door(Value):
    """A door in a clone, and what git finds there.

    `by` says who wrote the script: `NATIVE` sdd, one of `FRAMEWORKS`, `OTHER`, or "" for no script. `kept` is the text of the
    script that a framework found here, set aside, and still runs. `asks` are those who ask sdd, the author of the script,
    `SET_ASIDE` or `SETTINGS`: nobody if it is empty, one too many if there are two.
    """

    name: str
    by: str
    text: str = ""
    kept: str = ""
    asks: tuple[str, ...] = ()


class Clone(Value):
    """A clone's hooks.

    `folder` is where git looks for scripts, `hooks_path` the setting that names it. `owner` says whose the hooks are if they are
    not the clone's own, and `place` then where that owner's scripts are written. `texts` are the configurations that the
    frameworks would read, "" for none.
    """

    root: str
    folder: Path
    hooks_path: str
    owner: str
    place: Path
    git: tuple[int, ...]
    doors: tuple[Door, ...]
    texts: Mapping[str, str]

    @property
    def framework(self) -> str:
        """The framework that is installed at some door here, or ""."""
        return next((door.by for door in self.doors if door.by in FRAMEWORKS), "")

    @property
    def shown_place(self) -> Path:
        """Where the owner's scripts are written, below the project's top if they lie in it."""
        return self.place.relative_to(self.root) if self.is_shared else self.place

    @property
    def is_shared(self) -> bool:
        """Whether the hooks are the project's: they lie in its tree, and everybody has them."""
        return bool(self.owner) and self.place.is_relative_to(self.root)

    def by(self, *names: str) -> list[Door]:
        """The doors whose scripts these wrote."""
        return [door for door in self.doors if door.by in names]


def look(found: Repository) -> Clone:
    """What stands at the doors of a clone now."""
    from sdd.workspace import config, hook_settings, hooks_dir  # 60 ms

    root, folder = Path(found.root), Path(hooks_dir(found.root))
    git = version_of(found.git("version").decode("utf-8", "replace"))
    in_settings = asked_in(hook_settings(found.root)) if git >= CONFIG_HOOKS else set()
    texts = {
        "pre-commit": _text(root, configuration.PATH.decode()),
        "prek": _text(root, *(path.decode() for path in configuration.OF_PREK)),
    }
    held = {name: configuration.doors(text) for name, text in texts.items()}
    doors = tuple(_door(folder, name, held, in_settings) for name in DOORS)
    owner, place = _owner(root, folder, found.common_dir, doors)
    return Clone(found.root, folder, config(found.root, "core.hooksPath"), owner, place, git, doors, texts)


def version_of(told: str) -> tuple[int, ...]:
    """The first two numbers of what `git version` prints."""
    number = told.strip().removeprefix("git version ").split(" ")[0]
    return tuple(int(part) for part in number.split(".")[:2] if part.isdigit())


def asked_in(settings: Mapping[str, list[str]]) -> set[str]:
    """The doors at which git's own configuration asks sdd; `settings` are the values of `hook.*` by key, in their order."""
    found = set()
    for key, commands in settings.items():
        name = key.removesuffix(".command")
        if name == key or settings.get(f"{name}.enabled", ["true"])[-1].lower() in {
            "false",
            "no",
            "off",
            "0",
        }:
            continue
        found |= {door for door in settings.get(f"{name}.event", []) if calls(commands[-1], door)}
    return found & set(DOORS)


def calls(text: str, door: str) -> bool:
    """Whether a script asks sdd at this door."""
    return bool(re.search(rf"^(?!\s*#).*\bsdd(?:\.exe)?[\"']? hook {door}(?![\w-])", text, re.MULTILINE))


def _text(folder: Path, *names: str) -> str:
    """The text of the first of these files that is there, or ""."""
    files = (folder / name for name in names)
    return next((file.read_text("utf-8", "replace") for file in files if file.is_file()), "")


def _owner(root: Path, folder: Path, common_dir: str, doors: Iterable[Door]) -> tuple[str, Path]:
    """Whose the hooks are if they are not the clone's own, and where their scripts are."""
    husky = root / HUSKY
    is_own = folder.is_relative_to(common_dir)
    will_be_huskys = is_own and not any(door.by in FRAMEWORKS for door in doors)  # when it is installed next
    if husky.is_dir() and (will_be_huskys or folder.is_relative_to(husky)):
        return "husky", husky
    return ("", folder) if is_own else ("core.hooksPath", folder)


def _door(folder: Path, name: str, held: Mapping[str, set[str]], in_settings: Iterable[str]) -> Door:
    text = _script(folder, name)
    by = _author(folder / name, text)
    kept = _text(folder, f"{name}.legacy") if by in FRAMEWORKS else ""
    asks = {
        by: name in held.get(by, ()) or (by in {NATIVE, OTHER} and calls(text, name)),
        SET_ASIDE: calls(kept, name),
        SETTINGS: name in in_settings,
    }
    return Door(name, by, text, kept, tuple(who for who, is_so in asks.items() if is_so))


def _script(folder: Path, name: str) -> str:
    """The text of a door's script; husky keeps the project's own beside the folder of those that git runs."""
    return _text(folder, name) + (_text(folder.parent, name) if folder.parts[-2:] == (HUSKY, "_") else "")


def _author(file: Path, text: str) -> str:
    if MARK in text:
        return NATIVE
    framework = re.search(r"^# File generated by (pre-commit|prek)\b", text, re.MULTILINE)
    if framework:
        return framework[1]
    return OTHER if os.path.lexists(file) or text else ""
