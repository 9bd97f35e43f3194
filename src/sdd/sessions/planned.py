"""A task's session brought up to date with its plan, keeping what people and runs added."""

from __future__ import annotations

from sdd.sessions import edit, three_way
from sdd.sessions.body import Body
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.front_matter import with_field
from sdd.sessions.outline import Outline
from sdd.sessions.run import plain
from sdd.sessions.session import parse
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sdd.sessions.front_matter import FieldValue
    from sdd.sessions.outline import Item
    from sdd.sessions.plan import Task
    from sdd.sessions.session import Session
    from sdd.sessions.three_way import Base

BASE = "planned"
PLAN, SESSION = "plan", "session"
"""Whose words hold where both were changed."""
LISTS = ("needs", "reads", "writes")
TEXTS = ("layer", "group", "risk", "effort", "owner")
FIELDS = {"title": "Title", "goal": "Goal", "needs": "Depends on", **{key: key.capitalize() for key in TEXTS}}


class Said(Value):
    """What a task says of its session: texts and lists by field, the title, goal and checklist among them."""

    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]


class Conflict(Value):
    """A field that the plan and the session both changed: it stays as the session has it."""

    session: str
    field: str
    plan: str
    mine: str


def said_by(task: Task, needs: Sequence[str]) -> Said:
    """What a task says; `needs` are all that its session waits for."""
    texts = {"title": plain(task.title), "goal": prose(plain(task.texts.get("Goal", "")))}
    texts |= {key: task.texts.get(key.capitalize(), "") for key in TEXTS}
    lists = {
        "needs": tuple(dict.fromkeys(needs)),
        "reads": tuple(dict.fromkeys(task.lists.get("Reads", ()))),
        "writes": tuple(dict.fromkeys(task.writes)),
        "implements": tuple(f"{contract}: {made}" for contract, made in task.implements.items()),
        "checklist": tuple(dict.fromkeys(map(plain, task.lists.get("Acceptance", ())))),
    }
    return Said(texts, lists)


def front(said: Said) -> dict[str, FieldValue]:
    """The front matter of a new session, what it is told of by its plan included."""
    keys: dict[str, FieldValue] = {key: said.lists[key] for key in LISTS if said.lists[key]}
    if said.lists["implements"]:
        keys["implements"] = _pairs(said.lists["implements"])
    keys |= {key: said.texts[key] for key in TEXTS if said.texts[key]}
    return keys | {BASE: three_way.written(_digests(said))}


def updated(name: str, data: bytes, said: Said, take: str = "") -> tuple[bytes, list[Conflict]]:
    """The session's file with what its task says now; what people and runs added stays. Beside it what both changed.

    `take` settles that: "plan" or "session".

    Raises:
        SddError: its front matter has findings, or it cannot be read as a session.
    """
    edit.readable(b"sessions/x.md", data)
    conflicts: list[Conflict] = []
    new = edit.edited(data, lambda text: _updated(text, said, _Ways(name, take, conflicts)))
    return new, conflicts


class _Ways(Value):
    """Of which session is spoken, how its conflicts are settled, and where those that are not are noted."""

    name: str
    take: str
    conflicts: list[Conflict]


def _updated(text: str, said: Said, ways: _Ways) -> str:
    one = _session(text)
    base = three_way.read(str(one.own.get(BASE, "")))
    digests = _digests(said)
    mine = {key: str(one.own.get(key, "")) for key in TEXTS} | {"title": one.title, "goal": one.goal}
    for field, theirs in said.texts.items():
        merged = three_way.text(base, field, mine[field], theirs)
        if merged.conflict and not ways.take:
            ways.conflicts.append(Conflict(ways.name, FIELDS[field], theirs, mine[field]))
            digests[field] = base.of(field)
        words = theirs if merged.conflict and ways.take == PLAN else "".join(merged.entries)
        if words != mine[field]:
            text = _SET.get(field, _with_key)(text, field, words)
    for field, wanted in said.lists.items():
        text = _with_list(text, one, base, field, wanted)
    return _with_key(text, BASE, three_way.written(digests))


def _digests(said: Said) -> dict[str, tuple[str, ...]]:
    found = {field: three_way.digests([words] if words else []) for field, words in said.texts.items()}
    return found | {field: three_way.digests(entries) for field, entries in said.lists.items()}


def _session(text: str) -> Session:
    return parse(b"sessions/x.md", text.encode())


def _with_key(text: str, key: str, value: FieldValue) -> str:
    """The text with a key set; without it where nothing is said, and as it is where it says that already."""
    found = parse_front_matter(b"", text.encode()).fields.get(key)
    there = found.value if found else None
    return text if there == (value or None) else with_field(text, key, value or None)


def _with_list(text: str, one: Session, base: Base, field: str, wanted: Sequence[str]) -> str:
    if field == "checklist":
        return _with_checklist(text, one, base, wanted)
    own = one.own.get(field, ())
    if isinstance(own, dict):
        own = tuple(f"{key}: {value}" for key, value in own.items())
    mine = tuple(dict.fromkeys(map(str, own))) if isinstance(own, tuple) else ()
    merged = three_way.entries(base, field, mine, wanted).entries
    if merged == mine:
        return text
    return _with_key(text, field, _pairs(merged) if field == "implements" else tuple(merged))


def _pairs(entries: Sequence[str]) -> FieldValue:
    return {contract: made for contract, _, made in (entry.partition(": ") for entry in entries)}


def _with_checklist(text: str, one: Session, base: Base, wanted: Sequence[str]) -> str:
    """The checklist with what the plan added, and without what it dropped; what is ticked stays, for a run has shown it."""
    there = tuple(dict.fromkeys(item.text for item in one.checklist))
    merged = three_way.entries(base, "checklist", there, wanted).entries
    dropped = {item.text for item in one.checklist if not item.ticked and item.text not in merged}
    for item in reversed(_items(text) if dropped else []):
        if item.text in dropped and not item.checked:
            lines = text.split("\n")
            del lines[item.line - 1 : item.line + len(item.below)]
            text = "\n".join(lines)
    missing = [f"- [ ] {item}" for item in merged if item not in there]
    return edit.added(text, "Checklist", missing) if missing else text


def _items(text: str) -> list[Item]:
    body = _body(text)
    return body.items(body.section("Checklist"))


def _body(text: str) -> Body:
    found = parse_front_matter(b"", text.encode())
    return Body(b"", found.body, found.body_line)


def _with_title(text: str, _field: str, words: str) -> str:
    body = _body(text)
    line = next((one.line for one in Outline(body.lines).headings() if one.level == 1), 0)
    lines = text.split("\n")
    if line:
        lines[body.offset + line - 1] = f"# {words}"
    return "\n".join(lines)


def _with_goal(text: str, _field: str, words: str) -> str:
    body = _body(text)
    part = body.section("Goal")
    if part is None:
        return edit.added(text, "Goal", words.split("\n"))
    lines = text.split("\n")
    lines[body.offset + part.line : body.offset + part.end_line] = ["", *words.split("\n"), ""]
    return "\n".join(lines)


_SET: dict[str, Callable[[str, str, str], str]] = {"title": _with_title, "goal": _with_goal}


def prose(words: str) -> str:
    """Words from elsewhere as they may stand in a section: quoted where they would begin another, or a fence."""
    lines = words.split("\n")
    outline = Outline(lines)
    if outline.closed and not outline.headings() and not outline.fences():
        return words
    return "\n".join(f"> {line}".rstrip() for line in lines)
