"""A task's session brought up to date with its plan, keeping what people and runs added."""

from __future__ import annotations

from sdd.sessions import edit
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.front_matter import with_field
from sdd.sessions.outline import sections
from sdd.sessions.session import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def updated(data: bytes, keys: Mapping[str, object], goal: str, checklist: Sequence[str]) -> bytes:
    """The session's file with the task's keys, goal and acceptance criteria; everything else as it is.

    Keys that the task does not speak of stay, and so do items of the checklist that a person added.
    """

    def change(text: str) -> str:
        front = parse_front_matter(b"", text.encode())
        for key, value in keys.items():
            if key not in front.fields or front.fields[key].value != value:
                text = with_field(text, key, value)  # type: ignore[arg-type] # task_keys gives texts, lists and maps of texts
        session = parse(b"sessions/x.md", text.encode())
        if goal and session.goal != goal:
            text = _with_section(text, "Goal", goal)
        there = {item.text for item in session.checklist}
        missing = [item for item in checklist if item not in there]
        if missing:
            boxes = _section_text(text, "Checklist").strip("\n")
            text = _with_section(
                text, "Checklist", "\n".join([boxes, *(f"- [ ] {item}" for item in missing)]).strip("\n")
            )
        return text

    return edit.edited(data, change)


def _span(text: str, title: str) -> tuple[int, int]:
    """Where the lines below a section's heading begin and end, counted in the whole text."""
    front = len(text) - len(parse_front_matter(b"", text.encode()).body)
    body = text[front:]
    part = next(part for part in sections(body) if part.title == title)
    below = body.index("\n", part.start) + 1
    return front + below, front + part.end


def _section_text(text: str, title: str) -> str:
    start, end = _span(text, title)
    return text[start:end]


def _with_section(text: str, title: str, words: str) -> str:
    start, end = _span(text, title)
    return text[:start] + f"\n{words}\n" + ("\n" if text[end:] else "") + text[end:]
