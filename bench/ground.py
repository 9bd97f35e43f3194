"""Where is measured: the projects, made once each, and hooks as `sdd init` places them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench import history, shop
from bench.installed import Installed
from bench.packed import begin, git, settle
from bench.shop import Size
from bench.stopwatch import Command

PLANNED, WHOLE = "refs/bench/planned", "refs/bench/whole"


class Project(NamedTuple):
    """A repository; `planned` is the commit that its history begins after."""

    place: Path
    size: Size
    planned: str


class Ground(NamedTuple):
    """A folder with all that is measured in; `commits` is the length of each project's history."""

    folder: Path
    sdd: Installed
    commits: int
    code_files: int

    def project(self, sessions: int) -> Project:
        """The project of that size, as it was made; that is done if it is not there yet."""
        size = Size.of(sessions)
        place = self.folder / f"shop-{sessions}-{self.commits}-{self.code_files}"
        if not place.exists():
            half = place.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            git(half, "update-ref", PLANNED, shop.make(half, size, self.code_files))
            git(half, "update-ref", WHOLE, history.make(half, size, self.commits))
            half.rename(place)
        if git(place, "rev-parse", "HEAD") != git(place, "rev-parse", WHOLE) or git(place, "status", "-s"):
            git(place, "reset", "-q", "--hard", WHOLE)  # whoever measured in it before was killed
            settle(place)
        return Project(place, size, git(place, "rev-parse", PLANNED))

    def hooks(self, *names: str) -> Path:
        """A folder with those of the hooks that `sdd init --hooks native` places."""
        home = self.folder / "hooks"
        if not home.exists():
            begin(home)
            self.sdd.said("sdd", "init", "--hooks", "native", place=home)
        folder = self.folder / "-".join(["hooks", *names])
        folder.mkdir(exist_ok=True)
        for name in names:
            shutil.copy(home / ".git" / "hooks" / name, folder / name)
        return folder

    def command(self, place: Path, program: str, *argv: str, env: Mapping[str, str] | None = None) -> Command:
        """A command as the measured sdd's user would start it, in a folder."""
        return Command((self.sdd.program(program), *argv), place, {**self.sdd.env, **(env or {})})
