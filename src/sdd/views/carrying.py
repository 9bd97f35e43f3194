"""The session that carries a change through all that rests on it: what it needs, reads and writes, its goal and checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import RefusedError
from sdd.prompts.contract_change import SAME
from sdd.runs.resting import shown
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.snapshot import Snapshot
    from sdd.views.impact import Impact, Touched

TOLD = 10  # reasons that the goal names; the rest is a number


class Carried(Value):
    """What a session is made of: the keys of its front matter, its goal and the items of its checklist."""

    keys: dict[str, tuple[str, ...]]
    goal: str
    checklist: tuple[str, ...]


def carried(snapshot: Snapshot, impact: Impact) -> Carried:
    """The session for an impact. It may write what the touched sessions wrote, approved documents apart.

    Raises:
        RefusedError: no session rests on the change.
    """
    if not impact.sessions:
        raise RefusedError(
            f"no session rests on {impact.asked}: there is nothing to carry through",
            hint=f"sdd impact {impact.asked}",
        )
    approved = {one.document for one in impact.approvals if one.how == "document"}
    changed = {one.path for one in impact.parts}
    files = [path for path in (*impact.documents, *impact.code) if path not in approved | changed]
    keys = {
        "needs": tuple(one.session for one in impact.sessions),
        "reads": _reads(snapshot, impact),
        "writes": tuple(path.decode("utf-8", "surrogateescape") for path in files),
    }
    said = {key: value for key, value in keys.items() if value}
    return Carried(said, _goal(impact), tuple(map(_item, impact.sessions)))


def _reads(snapshot: Snapshot, impact: Impact) -> tuple[str, ...]:
    """The changed parts as they stand now; where nothing has changed yet, what the sessions saw of it."""
    parts = [(one.selector, one.path) for one in impact.parts]
    seen = [(why.selector, why.path) for one in impact.sessions if one.steps == 1 for why in one.reasons]
    there = (one for one in parts or seen if shown(snapshot, *one))
    return tuple(dict.fromkeys(selector for selector, _ in there))


def _goal(impact: Impact) -> str:
    reasons = [
        f"{one.selector}: {reason}"
        for one in impact.parts
        for reason in (one.change.reasons if one.change.verdict != SAME else ())
    ]
    more = [f"and {len(reasons) - TOLD} more"] if len(reasons) > TOLD else []
    told = f" What changed ({impact.verdict}): {'; '.join([*reasons[:TOLD], *more])}." if reasons else ""
    return f"Carry the change of {impact.asked} through all that rests on it, and leave everything else as it is.{told}"


def _item(one: Touched) -> str:
    by = ", ".join(
        dict.fromkeys(f"what {why.wrote} wrote" if why.wrote else show(why.path) for why in one.reasons)
    )
    return f"{one.session} was held against {by} as it is now, and what it wrote is right"
