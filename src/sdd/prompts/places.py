"""On which lines of a file a part of it stands: found in its text by a parser, and kept for its blob.

A prompt names parts of many files, of which few have changed since the last one, and to parse all of them takes ten times as
long as to read them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.prompts.markdown import Heading, headings, named, section
from sdd.snapshot import show

if TYPE_CHECKING:
    from sdd.snapshot import Snapshot

HEADING, SYMBOL, LINES = "#", "::", ":"
"""The forms of a part: what stands between the path and its name."""


def place(snapshot: Snapshot, path: bytes, text: str, form: str, wanted: str) -> tuple[int, int, str]:
    """The first and the last line of a part, and the imports elsewhere that it needs; `text` is what the file says.

    Raises:
        SddError: there is no such part, or more than one, or the file cannot be read as what it says it is.
    """
    if form == SYMBOL:
        return _symbol(snapshot, path, text, wanted)
    first, last = (
        section(_headings(snapshot, path, text), wanted, show(path))
        if form == HEADING
        else _lines(text, wanted, show(path))
    )
    return first, last, ""


def has_section(snapshot: Snapshot, path: bytes, text: str, wanted: str) -> bool:
    """Whether one section has that name, and no other one; `text` is what the file says."""
    return len(named(_headings(snapshot, path, text), wanted)) == 1


def _headings(snapshot: Snapshot, path: bytes, text: str) -> list[Heading]:
    asked = (snapshot.blob(path).encode(), installed("markdown_it", "mdit_py_plugins"))
    kept = snapshot.verdicts.kept("headings", asked, lambda: tuple(one.as_tuple() for one in headings(text)))
    return [Heading(*one) for one in kept]


@cache
def installed(*names: str) -> bytes:
    """What tells these libraries, as they are installed, from any other ones; to load one takes longer."""
    from importlib.util import find_spec
    from pathlib import Path

    specs = (find_spec(name) for name in names)
    origins = [spec.origin for spec in specs if spec and spec.origin]
    return " ".join(f"{origin} {Path(origin).stat().st_mtime_ns}" for origin in origins).encode()


def _symbol(snapshot: Snapshot, path: bytes, text: str, wanted: str) -> tuple[int, int, str]:
    asked = (snapshot.blob(path).encode(), wanted.encode("utf-8", "surrogateescape"))
    found: tuple[int, int, str] = snapshot.verdicts.kept(
        "symbol", asked, lambda: _defined(text, wanted, show(path))
    )
    return found


def _defined(text: str, wanted: str, path: str) -> tuple[int, int, str]:
    from sdd.prompts.imports import imports  # what reads Python
    from sdd.prompts.python import symbol

    found = symbol(text, wanted, path)
    lines = (found.first_line, found.last_line)
    return (*lines, imports(text, *lines, path))


def _lines(text: str, wanted: str, path: str) -> tuple[int, int]:
    most = count(text)
    first, last = (int(part) for part in (wanted.split("-") * 2)[:2])
    if not 1 <= first <= last <= most:
        hint = f"write {path}:{min(max(1, first), most)}-{most}" if most else f"write {path}"
        raise SddError(f"{path} has {most} lines, so :{wanted} names none", hint=hint)
    return first, last


def count(text: str) -> int:
    """The lines of a text, the last of which need not end with LF."""
    return text.count("\n") + (not text.endswith("\n") if text else 0)
