"""What `sdd log --conversations` shows: the conversations that this clone remembers, and how going on with them went."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sdd.llm.conversations import Conversation, Counts, Event

EVENTS: tuple[Event, ...] = ("fresh", "resumed", "recapped", "recovered", "expired", "gone", "lost")
TOLD: tuple[Event, ...] = ("fresh", "recapped", "expired", "gone", "recovered", "lost")


def lines(found: Sequence[Conversation], counts: Counts) -> Iterator[str]:
    """A line for each conversation, its cells apart by tabs, and one that counts what happened in the last year."""
    for one in found:
        turns = f"{one.turns} turn{'s' if one.turns != 1 else ''}"
        tasks = f"{one.tasks} task{'s' if one.tasks != 1 else ''}"
        used = one.last_used.strftime("%Y-%m-%dT%H:%M:%SZ")
        state = f"{one.state}: {one.why}" if one.why else one.state
        yield "\t".join((one.key, one.provider, state, turns, tasks, used, one.remote or one.id))
    yield _counted(counts)


def _counted(counts: Counts) -> str:
    share = counts.resumed_share
    resumed, tried = counts.of("resumed"), counts.of("resumed") + counts.of("gone")
    first = (
        "none was to be resumed"
        if share is None
        else f"resumed {resumed} of {tried} ({share:.0%})".replace("%", " %")
    )
    return "; ".join([first, *(f"{what} {counts.of(what)}" for what in TOLD if counts.of(what))])


def data(found: Sequence[Conversation], counts: Counts) -> dict[str, Any]:
    """The same as `--json` prints it. `resumed_share` is of those that were to be resumed, null where there was none."""
    return {
        "conversations": [_data(one) for one in found],
        "events": {what: counts.of(what) for what in EVENTS if counts.of(what)},
        "resumed_share": counts.resumed_share,
    }


def _data(one: Conversation) -> dict[str, Any]:
    return {
        "key": one.key,
        "provider": one.provider,
        "model": one.model,
        "state": one.state,
        "why": one.why or None,
        "id": one.remote or one.id,
        "folder": one.folder or None,
        "created": one.created.isoformat(),
        "last_used": one.last_used.isoformat(),
        "days_to_live": one.ttl.days if one.ttl else None,
        "turns": one.turns,
        "tasks": one.tasks,
    }
