"""A session whose prompt is a megabyte, from 200 selectors of four kinds: whole files, sections, classes, lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.contest import Contest, Row, at_most
from bench.ground import Ground
from bench.packed import Commit, extend
from bench.shop import NOW, PROSE, TOKEN, Size, make

EACH = 50  # selectors of a kind
LINES = 48  # of a hundred characters: 5 kB
SESSIONS = 10
SESSION = f"{TOKEN.decode()}/200-long"
READ = "import sys\nfor path in sys.argv[1:]:\n    with open(path, encoding='utf-8') as file:\n        file.read()\n"


@contextmanager
def prompt(ground: Ground, sessions: int) -> Iterator[Contest]:
    """The prompt compiled, beside a Python that does nothing but read the same files."""
    place = ground.folder / f"long-prompt-{sessions}"
    if not place.exists():
        half = place.with_suffix(".half")
        make(half, Size.of(sessions), ground.code_files)
        extend(half, [Commit("Ask for much", NOW, files().items())], "HEAD^0")
        half.rename(place)
    floor, measured = "Python that reads the same 200 files", "sdd prompt of 1 MB"
    commands = {
        floor: ground.command(place, "python", "-c", READ, *(path for path, _ in selected())),
        measured: ground.command(place, "sdd", "prompt", SESSION),
    }
    yield Contest(commands, (Row(measured, floor, at_most((SESSIONS, 10))),))


def selected() -> Iterator[tuple[str, str]]:
    """Each of the files, and the selector of what is wanted of it."""
    for number in range(EACH):
        prose, code = f"docs/long/d{number:02}.md", f"src/long/c{number:02}.py"
        yield prose.replace("/d", "/w"), prose.replace("/d", "/w")
        yield prose, f"{prose}#Wanted"
        yield code, f"{code}::Wanted"
        yield code.replace("/c", "/l"), f"{code.replace('/c', '/l')}:1-{LINES}"


def files() -> dict[bytes, bytes]:
    """The session and the files that it selects from; of three kinds only a half is wanted."""
    found = {path: _text(path, "" if selector == path else "Other") for path, selector in selected()}
    listed = "".join(f"  - {selector}\n" for _, selector in selected())
    front = f"kind: implementation\nbudget: 1000000\nreads:\n{listed}writes: [src/long/out.py]\n"
    found[f"sessions/{SESSION}.md"] = (
        f"---\n{front}---\n# Long\n\n## Goal\n\nRead much.\n\n## Checklist\n\n- [ ] it is read\n"
    )
    return {path.encode(): text.encode() for path, text in found.items()}


def _text(path: str, other: str) -> str:
    """A file like no other one, for what is found in a text is not looked for again in the same text."""
    parts = ("Wanted", other) if other else ("Wanted",)
    if path.endswith(".md"):
        return f"# What {path} tells\n\n" + "".join(f"## {part}\n\n{PROSE * LINES}\n" for part in parts)
    body = "".join(f"    part_{number:03} = {'-' * 80!r}\n" for number in range(LINES))
    return f"# {path}\nfrom decimal import Decimal\n\n\n" + "\n\n".join(
        f"class {part}:\n    total: Decimal = Decimal(0)\n{body}" for part in parts
    )
