"""A kind's template: the defaults of its sessions, and what is compiled live into their prompts."""

from __future__ import annotations

from sdd.sessions.body import Body
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.keys import TEMPLATE, check
from sdd.sessions.session import docs
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.findings import Finding
    from sdd.sessions.session import Session

FOLDER = b"sessions/templates/"
SECTIONS = ("Role", "Instructions", "Questions to ask", "Goal", "Checklist")
REQUIRED = ("Role", "Instructions", "Goal", "Checklist")
PERSON = "person"
"""The provider of a kind that no model carries out."""


class Template(Value):
    """What a template's file says; the texts still hold `{docs}`, `{feature}` and `{session}`."""

    path: bytes
    kind: str
    keys: Mapping[str, object]
    title: str = ""
    role: str = ""
    instructions: str = ""
    to_ask: str = ""
    goal: str = ""
    checklist: str = ""
    findings: tuple[Finding, ...] = ()


def path_of(kind: str) -> bytes:
    """Where a kind's template stands."""
    return FOLDER + kind.encode() + b".md"


def kind_of(path: bytes) -> str:
    """The kind whose template stands at a path."""
    return path[len(FOLDER) : -3].decode("utf-8", "replace")


def parse(path: bytes, data: bytes) -> Template:
    """Read a template's file. Never raises; what is wrong stands in `findings`."""
    front = parse_front_matter(path, data)
    keys, wrong = check(path, front, TEMPLATE)
    body = Body(path, front.body, front.body_line)
    texts = {name: body.text(body.section(name)) for name in SECTIONS}
    return Template(
        path=path,
        kind=kind_of(path),
        keys=keys,
        title=body.title,
        role=texts["Role"],
        instructions=texts["Instructions"],
        to_ask=texts["Questions to ask"],
        goal=texts["Goal"],
        checklist=texts["Checklist"],
        findings=(*front.findings, *wrong, *(body.findings(REQUIRED) if front.readable else ())),
    )


def filled(text: str, name: str) -> str:
    """A text with `{docs}`, `{feature}` and `{session}` filled in for the session of that name."""
    if "{" not in text:
        return text
    feature, _, slug = name.rpartition("/")
    return (
        text.replace("{docs}", docs(feature))
        .replace("{feature}", feature or "the project")
        .replace("{session}", slug)
    )


def settled(session: Session, template: Template | None) -> dict[str, object]:
    """The keys that hold for a session: its own, else its template's with the places filled in."""
    defaults = {
        key: _filled_value(value, session.name) for key, value in (template.keys if template else {}).items()
    }
    return defaults | dict(session.own)


def _filled_value(value: object, name: str) -> object:
    if isinstance(value, str):
        return filled(value, name)
    if isinstance(value, tuple):
        return tuple(_filled_value(item, name) for item in value)
    if isinstance(value, dict):
        return {filled(key, name): _filled_value(item, name) for key, item in value.items()}
    return value
