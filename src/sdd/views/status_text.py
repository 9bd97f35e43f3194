"""A status as data with a written contract (`docs/reference/json.md`), and as lines that can be searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.sessions.session import CHANGES
from sdd.snapshot import show
from sdd.views.costs import spent, usage_data
from sdd.views.long_json import LongList
from sdd.views.status import Gist
from sdd.views.tracker import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from sdd.gates.standing import Standing
    from sdd.views.going import Going
    from sdd.views.status import Feature, Row, Status
    from sdd.views.waiting import Wait

VERSION = 1
SESSIONS = '\n  "sessions": '  # stands once in the JSON: no line begins in a text, and what lies deeper has more before it
GLANCE = 3  # needs of a blocked session that one line names


def data(features: Iterable[Feature], gist: Gist, as_json: Callable[[Any], str]) -> Iterator[str]:
    """The whole status, as `sdd status --json` prints it, of features that go by one after the other, into the gist."""
    with LongList(indent=4) as rows:
        known = []
        for one in features:
            gist.add(one)
            known.append(_feature(one))
            rows.add(as_json([_session(row) for row in one.rows]))
        before, place, after = as_json(_all(known, gist)).partition(SESSIONS)
        yield before + place
        yield from rows.parts()
        yield after.removeprefix("[]")


def _all(features: list[dict[str, Any]], gist: Gist) -> dict[str, Any]:
    """The whole status but for its sessions, which are told in parts."""
    return {
        "version": VERSION,
        "features": features,
        "sessions": [],
        "waits": [_wait(wait) for wait in gist.waits],
        "next": {"session": gist.next.name, "command": gist.next.command} if gist.next else None,
        "elsewhere": [_going(one) for one in gist.elsewhere],
        "policy": gist.policy or None,
        "findings": gist.findings,
    }


def ready(features: Iterable[Feature], as_json: Callable[[Any], str]) -> Iterator[str]:
    """The sessions that may run now, as `sdd status --ready --json` prints them: flat, for a job matrix."""
    with LongList() as rows:
        for one in features:
            rows.add(as_json([_may_run(row) for row in one.rows]))
        yield from rows.parts()


def _may_run(row: Row) -> dict[str, Any]:
    more = {"turn": row.state.turn, "provider": row.provider or None, "model": row.model or None}
    return _known(row) | more


def _known(row: Row) -> dict[str, Any]:
    return {"session": row.name, "feature": row.session.feature, "kind": row.session.kind}


def _feature(one: Feature) -> dict[str, Any]:
    return {
        "feature": one.name,
        "done": one.done,
        "sessions": one.total,
        "grows": one.grows,
        "unplanned": list(one.unplanned),
        "usage": usage_data(one.usage),
    }


def _session(row: Row) -> dict[str, Any]:
    return {
        **_known(row),
        "title": row.session.title,
        "path": show(row.session.path),
        "state": row.state.state,
        "turn": row.state.turn or None,
        "runnable": row.state.runnable,
        "writes": list(row.state.writes),
        "why": list(row.state.why),
        "suspect": list(row.suspect),
        "awaits": list(row.awaits),
        "owner": row.owner or None,
        "owners": list(row.owners),
        "provider": row.provider or None,
        "model": row.model or None,
        "questions": [question.text for question in row.session.open_questions],
        "gate": {
            "name": row.gate,
            "open": row.gate_open,
            "documents": [_standing(one) for one in row.standings],
        }
        if row.gate
        else None,
        "in_progress": _going(row.going) if row.going else None,
        "command": row.command or None,
    }


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "document": show(one.document),
        "standing": one.status,
        "why": one.why,
        "by": list(one.by),
        "awaited": list(one.awaited),
        "proven": one.proven,
    }


def _going(one: Going) -> dict[str, Any]:
    return {
        "session": one.session,
        "stage": one.stage,
        "what": one.words,
        "time": one.time or None,
        "provider": one.provider or None,
        "command": one.command or None,
    }


def _wait(wait: Wait) -> dict[str, Any]:
    return {
        "who": list(wait.who),
        "session": wait.session or None,
        "what": wait.what,
        "command": wait.command or None,
    }


def lines(status: Status) -> Iterator[str]:
    """One line for a session: name, state, what it waits for, what to type, with tabs between; all else begins with `#`."""
    yield from streamed(status.features, Gist(status.policy, status.findings, status.elsewhere))


def streamed(features: Iterable[Feature], gist: Gist) -> Iterator[str]:
    """The same of features that go by one after the other, into the gist."""
    for feature in features:
        gist.add(feature)
        yield f"# {label(feature.name)}: {how_far(feature)}{'; ' + spent(feature.usage) if feature.usage.runs else ''}"
        yield from ("\t".join((row.name, row.state.state, reason(row), row.command)) for row in feature.rows)
        yield from (f"# waits: {wait.what}: {wait.command}" for wait in feature.waits)
    yield from (f"# {one.session}, which is not in these files: {one.words}" for one in gist.elsewhere)
    yield from (f"# {note}" for note in notes(gist))
    yield f"# next: {following(gist)}"


def label(feature: str) -> str:
    """A feature's name for people."""
    return {"": "root feature", CHANGES: "small changes"}.get(feature, feature)


def how_far(one: Feature) -> str:
    """How far a feature is, with what its total leaves out."""
    left_out = ["its plan has no tasks yet"] if one.grows else []
    left_out += [f"{len(one.unplanned)} of its plan's tasks have no session"] if one.unplanned else []
    return ", ".join([f"{one.done} of {one.total} session{'' if one.total == 1 else 's'} done", *left_out])


def reason(row: Row) -> str:
    """Why a session is where it is: its run in progress, what it waits for, what its gate is worth."""
    told = [row.going.words] if row.going else []
    told += [f"suspect: {one}" for one in row.suspect]
    if row.state.state == "blocked":
        told += row.state.why
    elif row.state.state == "done":
        told += [f"gate {row.gate}: {show(one.document)} {words(one)}" for one in row.standings]
    else:
        told += [wait.what for wait in row.waits] or row.state.why
    return plain("; ".join(dict.fromkeys(told)))


def at_a_glance(row: Row) -> str:
    """As `reason`, but a blocked session only names what it needs, the first few, without their own reasons."""
    if row.state.state != "blocked" or row.going or not row.needs:
        return reason(row)
    needs = [need.removeprefix(f"{row.session.feature}/") for need in row.needs]
    more = f" and {len(needs) - GLANCE} more" if len(needs) > GLANCE else ""
    return plain(f"needs {', '.join(needs[:GLANCE])}{more}")


def notes(gist: Gist) -> Iterator[str]:
    """What else there is to say."""
    if gist.policy and gist.is_gated:
        yield f"every gate is shut: {gist.policy}"
    if gist.suspect:
        yield f"{gist.suspect} session{' is' if gist.suspect == 1 else 's are'} suspect: sdd impact"
    if gist.findings:
        yield f"{gist.findings} finding{'' if gist.findings == 1 else 's'}: sdd check"


def following(gist: Gist) -> str:
    """The command to type next, and for what."""
    if gist.next:
        return f"{gist.next.command or gist.next.name} ({plain(reason(gist.next)) or plain(gist.next.session.title)})"
    waits = [wait for wait in gist.waits if wait.command] or gist.waits
    if waits:
        who = f" ({', '.join(waits[0].who)})" if waits[0].who else ""
        return plain(f"{waits[0].command or waits[0].what}{who}")
    if not gist.sessions:
        return 'sdd new FEATURE "the idea, in a sentence"'
    if gist.done == gist.sessions:
        return "sdd new FEATURE, or sdd add change SLUG: every session is done"
    return "nothing can go on: sdd check"


def plain(text: str) -> str:
    """A text as one line without what steers a terminal: files may hold anything."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)
