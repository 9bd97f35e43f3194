"""The sdd that is measured: built from this tree and installed as a user has it, compiled, apart from the one we develop with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.packed import OWN

ROOT = Path(__file__).parent.parent
LEFT_OUT = ("GIT_", "PYTHON", "SDD_", "COVERAGE", "COV_", "PYTEST", "VIRTUAL_ENV", "PRE_COMMIT")


class Installed(NamedTuple):
    """Programs, and the environment in which everything is measured."""

    folder: Path
    env: Mapping[str, str]

    def program(self, name: str) -> str:
        """Where a program is: beside this sdd, or on the PATH.

        Raises:
            MissingError: it is in neither.
        """
        found = shutil.which(name, path=self.env["PATH"])
        if found is None:
            raise MissingError(f"{name} is not installed")
        return found

    def said(self, program: str, *argv: str, place: Path | None = None) -> str:
        """What a program prints, without the last newline."""
        done = subprocess.run(
            [self.program(program), *argv],
            env=self.env,
            cwd=place or self.folder,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().removesuffix("\n")


class MissingError(Exception):
    """A program is not installed."""


def install(folder: Path) -> Installed:
    """Build the wheel and install it into a venv below `folder`.

    The libraries are those that are installed here already, so no index is asked. A venv has no `sdd` but the wheel's: a
    folder named in a `.pth` file is looked into last, and its own `.pth` files, an editable sdd's among them, count for nothing.
    """
    env = _environment(folder)
    place = folder / "venv"
    venv.create(place, with_pip=False, symlinks=True, clear=True)
    python = str(place / "bin" / "python")
    libraries = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
    _run(env, sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    (wheel,) = folder.glob("sdd-*.whl")
    pip = ("-m", "pip", "--python", python, "--disable-pip-version-check", "install", "--quiet")
    _run(env, sys.executable, *pip, "--no-index", "--no-deps", "--compile", str(wheel))
    wheel.unlink()
    (libraries / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    return Installed(folder, env)


def _environment(folder: Path) -> dict[str, str]:
    """What is set here, without what would make git or Python behave otherwise than they do for most people."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    beside = str(Path(sys.executable).parent)  # where the pre-commit framework is, if nowhere else
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    own = {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(folder / "venv" / "bin"), kept.get("PATH", os.defpath), beside]),
        "LC_ALL": "C",
        "TZ": "UTC",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "DO_NOT_TRACK": "1",  # what a peer would tell its makers is none of this
    }
    return kept | own | OWN


def _run(env: Mapping[str, str], *argv: str) -> None:
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(argv)} ended with {done.returncode}: {done.stderr.decode()}")
