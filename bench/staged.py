"""What a person stages for one commit: ten sessions of a feature, its tracker, and two files of code that its plan grants."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.board import retold
from bench.packed import git
from bench.shop import Size, built, open_tasks

SESSIONS, CODE = 10, 2
ASKED = "Which currency is it?"
OLD_S = 3600  # files that are as young as the index are read again by git, each time


@contextmanager
def staged(place: Path, size: Size) -> Iterator[None]:
    """The change in the index and the working tree of the project; afterwards all is as it was."""
    changed = edits(place, size)
    for path, text in changed.items():
        (place / path).write_text(text, "utf-8")
    _age(place, changed)
    git(place, "add", "--", *changed)
    try:
        yield
    finally:
        git(place, "reset", "-q", "--hard")
        _age(place, changed)
        git(place, "update-index", "--refresh")


def _age(place: Path, paths: Iterable[str]) -> None:
    past = time.time() - OLD_S
    for path in paths:
        os.utime(place / path, (past, past))


def edits(place: Path, size: Size) -> dict[str, str]:
    """The files of such a change, by path. All of it is in order: a hook finds nothing wrong."""
    feature = f"f{size.features - 1:05}"
    folder = Path("sessions", feature)
    names = sorted(path.name for path in (place / folder).glob("*.md"))
    texts = {str(folder / name): (place / folder / name).read_text("utf-8") for name in names[:SESSIONS]}
    changed = {
        path: text.replace("After thirty days", "After sixty days")
        if number % 2
        else text.replace("as it was agreed", "as all agreed", 1)
        for number, (path, text) in enumerate(texts.items())
    }
    slug = open_tasks(size)[0]
    asking, tracker = str(folder / f"{slug}.md"), f"docs/{feature}/tracker.md"
    changed[asking] = changed[asking].replace("\n## Runs\n", f"- {ASKED}\n\n## Runs\n")
    board = retold((place / tracker).read_text("utf-8"), slug, "asking", asks=ASKED)
    code = {f"src/{feature}/{name}.py": "ANSWER = 42\n" for name in built(size)[:CODE]}
    return changed | {tracker: board} | code
