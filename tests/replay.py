"""Replays a page of the documentation: its files are written, its commands are run, and what it shows must be what they say.

A `console` fence holds commands, `$ sdd status`, and below each what it prints on both streams; nothing below means that
it prints nothing. `…` alone on a line stands for any lines, `…` inside a line for any text. A fence with `file=PATH` in its
first line is written to PATH. All happens in the order of the page, in one folder, without a shell.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ANY = "…"


class Step(NamedTuple):
    """One thing to do: run `command`, which prints `text`, or, where it is empty, write `text` to `file`.

    `line` counts from 1 on the page.
    """

    line: int
    text: str
    command: str = ""
    file: str = ""


def steps(page: str) -> list[Step]:
    """All that a page wants done, in its order."""
    found: list[Step] = []
    for token in MarkdownIt("commonmark").parse(page):
        if token.type != "fence" or not token.map:
            continue
        words = token.info.split()
        file = next((word.removeprefix("file=") for word in words if word.startswith("file=")), "")
        if file:
            found.append(Step(token.map[0] + 1, token.content, file=file))
        elif words[:1] == ["console"]:
            found += _commands(token.content, token.map[0] + 2)
    return found


def _commands(block: str, first: int) -> Iterator[Step]:
    """The commands of a block; `first` is the line of the page on which the block's text begins."""
    lines = block.splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield Step(first + start, "\n".join(lines[start + 1 : end]), command=lines[start][2:])


def replay(wanted: Iterable[Step], folder: Path, env: Mapping[str, str]) -> None:
    """Do the steps in a folder; `env` is all the environment that the commands see.

    Raises:
        AssertionError: a command printed something else; the message has both.
    """
    for step in wanted:
        if step.file:
            path = folder / step.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(step.text.encode())
            continue
        said = _said(step.command, folder, env)
        told = f"line {step.line}: $ {step.command}\n--- the page shows\n{step.text}\n--- it printed\n{said}"
        assert matches(step.text, said), told


def _said(command: str, folder: Path, env: Mapping[str, str]) -> str:
    program, *arguments = shlex.split(command, comments=True)
    found = shutil.which(program, path=env["PATH"]) or program
    done = subprocess.run(
        [found, *arguments],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode()


def matches(shown: str, said: str) -> bool:
    """Whether what a page shows is what a command said; white space at the ends of lines and of the whole is no matter."""
    pattern = "".join(_pattern(line.rstrip()) for line in shown.strip().splitlines())
    lines = [line.rstrip() for line in said.strip().splitlines()]
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def _pattern(line: str) -> str:
    return r"(?:.*\n)*?" if line == ANY else re.escape(line).replace(ANY, ".*?") + "\n"
