"""The scripts of hooks/ in a repository, found and run by git as they would be by anybody's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from gitbox import GitBox, Result, _run, installed

HOOKS = Path(__file__).parent.parent / "hooks"
AT = 1_700_000_000  # 2023: records made then are long past, whenever a test runs


def with_hooks(box: GitBox, *names: str) -> GitBox:
    """The same repository, with these scripts in its hooks folder."""
    folder = Path(box.git("rev-parse", "--path-format=absolute", "--git-path", "hooks"))
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(HOOKS / name, folder / name)
    return box


def path_with_sdd() -> str:
    """A PATH on which `sdd` is the one under test."""
    return f"{installed('sdd').parent}{os.pathsep}{os.environ['PATH']}"


def tried(box: GitBox, *args: str | bytes, stdin: str = "", **env: str) -> Result:
    """What git said, whatever it ended with."""
    return _run(["git", *args], box.path, stdin, env)
