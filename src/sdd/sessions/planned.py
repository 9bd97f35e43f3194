"""A task's session brought up to date with its plan, keeping what people and runs added."""

from __future__ import annotations

from sdd.sessions import edit
from sdd.sessions.body import Body
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.front_matter import with_field
from sdd.sessions.outline import Outline
from sdd.sessions.session import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def updated(data: bytes, keys: Mapping[str, object], goal: str, checklist: Sequence[str]) -> bytes:
    """The session's file with the task's keys, goal and acceptance criteria; everything else as it is.

    Keys that the task does not speak of stay, and so do items of the checklist that a person added.

    Raises:
        SddError: its front matter has findings, or it cannot be read as a session.
    """
    edit.readable(b"sessions/x.md", data)
    return edit.edited(data, lambda text: _updated(text, keys, prose(goal), checklist))


def _updated(text: str, keys: Mapping[str, object], goal: str, checklist: Sequence[str]) -> str:
    front = parse_front_matter(b"", text.encode())
    for key, value in keys.items():
        if key not in front.fields or front.fields[key].value != value:
            text = with_field(text, key, value)  # type: ignore[arg-type] # task_keys gives texts, lists and maps of texts
    session = parse(b"sessions/x.md", text.encode())
    if goal and session.goal != goal:
        text = _with_section(text, "Goal", goal)
    there = {item.text for item in session.checklist}
    missing = [f"- [ ] {item}" for item in dict.fromkeys(checklist) if item not in there]
    return edit.added(text, "Checklist", missing) if missing else text


def _with_section(text: str, title: str, words: str) -> str:
    front = parse_front_matter(b"", text.encode())
    body = Body(b"", front.body, front.body_line)
    part = body.section(title)
    if part is None:
        return edit.added(text, title, words.split("\n"))
    lines = text.split("\n")
    lines[body.offset + part.line : body.offset + part.end_line] = ["", *words.split("\n"), ""]
    return "\n".join(lines)


def prose(words: str) -> str:
    """Words from elsewhere as they may stand in a section: quoted where they would begin another, or a fence."""
    lines = words.split("\n")
    outline = Outline(lines)
    if outline.closed and not outline.headings() and not outline.fences():
        return words
    return "\n".join(f"> {line}".rstrip() for line in lines)
