"""An impact, and the suspect sessions, as data with a written contract (`docs/reference/json.md`) and as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.runs.resting import where
from sdd.snapshot import show
from sdd.views.status_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sdd.prompts.contract_change import Change
    from sdd.views.impact import Impact, Reason, Touched
    from sdd.views.why_suspect import Suspect

VERSION = 1
VERDICTS = {
    "same": "nothing of it has changed yet; a change would touch",
    "compatible": "compatible",
    "unknown": "read it",
    "breaking": "BREAKING",
}


def data(found: Impact) -> dict[str, Any]:
    """What `sdd impact PATH --json` prints."""
    return {
        "version": VERSION,
        "asked": found.asked,
        "verdict": found.verdict,
        "parts": [
            {"selector": one.selector, "path": show(one.path), **_change(one.change)} for one in found.parts
        ],
        "sessions": [_touched(one) for one in found.sessions],
        "later": list(found.later),
        "approvals": [
            {
                "gate": one.gate,
                "document": show(one.document),
                "approver": one.approver,
                "how": one.how,
                "path": show(one.path),
            }
            for one in found.approvals
        ],
        "documents": [show(path) for path in found.documents],
        "code": [show(path) for path in found.code],
    }


def _touched(one: Touched) -> dict[str, Any]:
    reasons = [
        {"selector": why.selector, "path": show(why.path), "wrote": why.wrote or None} for why in one.reasons
    ]
    return {"session": one.session, "state": one.state, "steps": one.steps, "reasons": reasons}


def _change(change: Change | None) -> dict[str, Any]:
    return {
        "verdict": change.verdict if change else None,
        "reasons": list(change.reasons) if change else [],
    }


def suspects_data(found: Sequence[Suspect]) -> dict[str, Any]:
    """What `sdd impact --json` prints."""
    return {
        "version": VERSION,
        "suspect": [
            {
                "session": one.session,
                "state": one.state,
                "lapses": [
                    {
                        "selector": lapse.selector,
                        "path": show(lapse.path),
                        "why": lapse.why,
                        **_change(change),
                    }
                    for lapse, change in one.lapses
                ],
            }
            for one in found
        ],
    }


def lines(found: Impact) -> Iterator[str]:
    """An impact for people."""
    yield plain(f"{found.asked}: {VERDICTS[found.verdict]}")
    for part in found.parts:
        yield plain(f"  {part.selector}: {VERDICTS[part.change.verdict]}")
        yield from (plain(f"    {reason}") for reason in part.change.reasons)
    yield from _listed(
        "sessions that rest on it", [_session(one) for one in found.sessions if one.steps == 1]
    )
    yield from _listed(
        "onwards, by what these wrote", [_session(one) for one in found.sessions if one.steps > 1]
    )
    yield from _listed("sessions that will read it when they run", found.later)
    yield from _listed(
        "approvals",
        [
            f"{one.gate} of {show(one.document)} by {one.approver}"
            + ("" if one.how == "document" else f": it rests on {show(one.path)}")
            for one in found.approvals
        ],
    )
    yield from _listed("documents that these sessions wrote", [show(path) for path in found.documents])
    yield from _listed("code that these sessions wrote", [show(path) for path in found.code])
    if found.sessions:
        yield plain(f"# next: sdd add refactoring SLUG --from-impact {found.asked}")
    else:
        yield "no session rests on it"


def _session(one: Touched) -> str:
    return f"{one.session}\t{one.state}\t{'; '.join(map(_reason, one.reasons))}"


def _reason(why: Reason) -> str:
    by = f", which {why.wrote} wrote" if why.wrote else ""
    return f"{where(why.selector, why.path)}{by}"


def _listed(title: str, found: Sequence[str]) -> Iterator[str]:
    if found:
        yield f"# {title}"
        yield from ("\t".join(map(plain, one.split("\t"))) for one in found)


def suspects_lines(found: Sequence[Suspect]) -> Iterator[str]:
    """The suspect sessions for people, each with the two ways out."""
    for one in found:
        yield plain(f"{one.session} is {one.state}, and suspect: it rests on what is another now")
        for lapse, change in one.lapses:
            verdict = f" ({VERDICTS[change.verdict]})" if change and change.reasons else ""
            yield plain(f"  {lapse.told}{verdict}")
            yield from (plain(f"    {reason}") for reason in (change.reasons if change else ()))
        yield plain(
            f"  still right: sdd impact --accept {one.session}; else: sdd reject {one.session} -m WHY"
        )
    if not found:
        yield "no session is suspect"
