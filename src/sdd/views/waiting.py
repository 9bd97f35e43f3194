"""What sessions wait for people to do: who, what, why, and what they type."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sdd.sessions.state import brief_path
from sdd.sessions.template import PERSON
from sdd.sessions.turns import progress
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.gates.picture import Picture
    from sdd.sessions.session import Session
    from sdd.views.going import Going


class Wait(Value):
    """Something that only a person can do: `who` are e-mails (none: anybody), `command` what to type, where there is one."""

    who: tuple[str, ...]
    session: str
    what: str
    command: str = ""


def waits(picture: Picture, one: Session, run: Going | None) -> list[Wait]:
    """What a session waits for people to do; what waits for another session is that session's to say."""
    project, state = picture.project, picture.states[one.name]
    if state.state == "review" and not run:
        return _approvals(picture, project.text(one.name, "gate"), one.name)
    asked = _asked(picture, one, run)
    if asked:
        owner = project.text(one.name, "owner")
        return [Wait((owner,) if owner else (), one.name, *asked)]
    return _of_nobody(picture, one)


def _asked(picture: Picture, one: Session, run: Going | None) -> tuple[str, str] | None:
    """What the session's owner, or else anybody, is to do, and the command; None where that is nothing."""
    project, state = picture.project, picture.states[one.name]
    if run:
        return (run.words, run.command) if run.stage == "given-out" else None
    if state.state == "asking" and (one.open_questions or progress(one.runs).unsure > 1):
        lift = "" if one.open_questions else " --proceed -m WHY"
        return state.why[0].partition(":")[0], f"sdd answer {one.name}{lift}"
    if state.runnable and project.text(one.name, "provider") == PERSON:
        return "no model carries it out: try it by hand, and say what you found", f"sdd next {one.name}"
    empty = [why for why in state.why if why.startswith(f"the brief {brief_path(one.name)} ")]
    return (empty[0], "") if empty else None


def _of_nobody(picture: Picture, one: Session) -> list[Wait]:
    """Approvals for gates that a blocked session needs and that no session of its feature brings about."""
    project = picture.project
    if picture.states[one.name].state != "blocked":
        return []
    brought = {project.text(other.name, "gate") for other in project.of_feature(one.feature)}
    needed = (gate for gate in project.gates_needed(one.name) if gate not in brought)
    return [wait for gate in needed for wait in _approvals(picture, gate, one.name)]


def _approvals(picture: Picture, gate: str, name: str) -> list[Wait]:
    """The approvals that a shut gate waits for, one for each document that is there and has too few."""
    opening = picture.gates.opening(gate, name)
    if opening.open:
        return []
    rule = picture.gates.policy.gate(gate) if picture.gates.policy else None
    found = [
        Wait(
            one.awaited,
            name,
            one.why,
            "" if rule and rule.proof == "merged" else _approve(one.document, gate),
        )
        for one in opening.standings
        if one.awaited and one.document in picture.project.snapshot
    ]
    return found or [Wait((), name, f"gate {gate}: {opening.why}")]


def _approve(document: bytes, gate: str) -> str:
    return f"sdd approve {shlex.quote(document.decode())} --gate {gate}"
