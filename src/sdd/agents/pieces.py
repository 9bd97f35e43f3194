"""Which agents there are, where each looks, and what stands there: all of it data, nothing written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sdd.runs.agent_hooks import HOOKS
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Literal["file", "block", "line", "hooks"]

DESCRIPTION = "Carry out a session of this project with sdd. Use it before changing code or documents here, and when asked to go on with the project."
AGENTS_FILE = b"AGENTS.md"
IMPORT = "@AGENTS.md"
"""The line by which an agent that has an instruction file of its own reads AGENTS.md too."""


class Piece(Value):
    """One thing that an agent is given: where it stands, what sort of thing it is, and its bytes.

    A "file" is whole; a "block" stands between markers in a file with other words; a "line" is added to a file only if
    that file exists; "hooks" are groups in a settings file, as JSON by event.
    """

    path: bytes
    kind: Kind
    data: bytes


def pieces(name: str) -> tuple[Piece, ...]:
    """All that the agent of this name (one of `NAMES`) is given."""
    return (*_PIECES[name], Piece(AGENTS_FILE, "block", _read("block.md").encode()))


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _skill() -> bytes:
    return (
        f"---\nname: sdd\ndescription: {DESCRIPTION}\n---\n# Working with sdd\n\n{_read('how.md')}".encode()
    )


def _gemini_command() -> bytes:
    text = f"{_read('how.md')}\nWhat is asked for now: {{{{args}}}}\n"
    return f'description = {json.dumps(DESCRIPTION)}\nprompt = """\n{text}"""\n'.encode()


def _opencode_command() -> bytes:
    text = f"{_read('how.md')}\nWhat is asked for now: $ARGUMENTS\n"
    return f"---\ndescription: {DESCRIPTION}\n---\n{text}".encode()


def _line(path: bytes) -> Piece:
    return Piece(path, "line", IMPORT.encode())


_PIECES: Mapping[str, Sequence[Piece]] = {
    "claude": (
        Piece(b".claude/settings.json", "hooks", json.dumps(HOOKS).encode()),
        Piece(b".claude/skills/sdd/SKILL.md", "file", _skill()),
        _line(b"CLAUDE.md"),
    ),
    "codex": (Piece(b".agents/skills/sdd/SKILL.md", "file", _skill()),),
    "copilot": (Piece(b".github/skills/sdd/SKILL.md", "file", _skill()),),
    "cursor": (Piece(b".cursor/skills/sdd/SKILL.md", "file", _skill()),),
    "gemini": (
        Piece(b".gemini/commands/sdd.toml", "file", _gemini_command()),
        _line(b"GEMINI.md"),
    ),
    "opencode": (Piece(b".opencode/commands/sdd.md", "file", _opencode_command()),),
}
NAMES = tuple(_PIECES)
