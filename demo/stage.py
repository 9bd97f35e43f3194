"""Where the demo plays, and how its commands are shown: each is printed, run, and held to the exit code that is expected."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

from sdd.cli.here import AGENT_VARIABLES

HERE = Path(__file__).parent
RESPONSES = HERE / "responses"
WIDTH = 100


class Stage(NamedTuple):
    """Where the demo plays: the repository, the environment of its commands, and whether it only shows what fails."""

    repository: Path
    environment: dict[str, str]
    is_quiet: bool


class UnexpectedError(Exception):
    """A command did not end as the story says."""


def prepared(folder: Path, *, is_quiet: bool) -> Stage:
    """A small shop without a cart, not yet under git, and the recording beside it."""
    repository = folder / "shop"
    shutil.copytree(HERE / "shop", repository)
    shutil.copytree(RESPONSES, folder / "recording")
    return Stage(repository, environment(folder / "recording"), is_quiet)


def environment(recording: Path) -> dict[str, str]:
    """The viewer's environment, without what would change the story: other choices for git or sdd.

    The marks of agents are taken out as well, because `sdd approve` refuses to run for one; that this is so easy is why an
    approval with proof "none" is called recorded, not proven.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "SDD_")) and name not in AGENT_VARIABLES
    }
    return kept | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "SDD_PROVIDER": "recorded",
        "SDD_RECORDING": str(recording),
    }


def run(stage: Stage, *argv: str, expected: int = 0) -> None:
    """Print a command, run it, and print what it says.

    Raises:
        UnexpectedError: there is no such program, or its exit code is not the expected one.
    """
    line = f"$ {shlex.join(argv)}"
    if not stage.is_quiet:
        print(line, flush=True)
    program = shutil.which(argv[0], path=stage.environment["PATH"])
    if not program:
        raise UnexpectedError(f"`{argv[0]}` is not on the PATH")
    done = subprocess.run(
        [program, *argv[1:]],
        cwd=stage.repository,
        env=stage.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if stage.is_quiet else None,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != expected:
        said = f"\n{line}\n{done.stdout.decode(errors='replace')}" if stage.is_quiet else ""
        raise UnexpectedError(f"`{argv[0]}` ended with {done.returncode}, not {expected}{said}")


def show(stage: Stage, path: str) -> None:
    """Print a file of the repository, as `cat` does, which Windows lacks."""
    if not stage.is_quiet:
        print(f"$ cat {path}\n{(stage.repository / path).read_text('utf-8')}", flush=True)


def tell(stage: Stage, title: str, words: str) -> None:
    """Say what comes next."""
    if stage.is_quiet:
        return
    print(f"\n{bold(title)}\n" if title else "", flush=True)
    print(textwrap.fill(words, WIDTH), end="\n\n", flush=True)


def bold(text: str) -> str:
    """The text as a terminal shows a title; elsewhere underlined."""
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else f"{text}\n{'=' * len(text)}"
