"""Why each suspect session is suspect, and what became of the texts that it saw. A value, no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.sessions.session import CHANGES
from sdd.snapshot import overlaid
from sdd.values import Value
from sdd.views.impact import became
from sdd.views.suspects import CAN_BE, suspects, traces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdd.gates.picture import Picture
    from sdd.prompts.contract_change import Change
    from sdd.runs.resting import Lapse
    from sdd.sessions.whole_run import Input
    from sdd.snapshot import Snapshot

    Read = Callable[[str], bytes | None]


class Suspect(Value):
    """A suspect session, with what holds no more and, where the old text is still here, what became of it."""

    session: str
    state: str
    lapses: tuple[tuple[Lapse, Change | None], ...]


def suspicious(seen: Picture, read: Read) -> list[Suspect]:
    """All suspect sessions, by name; `read` gives the bytes of a blob, None where it is not here any more."""
    snapshot = seen.project.snapshot
    found: list[Suspect] = []
    for feature in (*seen.project.features, CHANGES):
        lapsed = {
            name: lapses
            for name, lapses in suspects(snapshot, feature).items()
            if seen.states[name].state in CAN_BE
        }
        inputs = {one.session: one.inputs for one in traces(snapshot, feature)} if lapsed else {}
        found += [
            Suspect(
                name,
                seen.states[name].state,
                tuple((one, _since(snapshot, inputs[name], one, read)) for one in lapses),
            )
            for name, lapses in sorted(lapsed.items())
        ]
    return found


def _since(snapshot: Snapshot, inputs: Sequence[Input], lapse: Lapse, read: Read) -> Change | None:
    """What became of a text since the newest run saw it."""
    seen = [one for one in inputs if (one.selector, one.path) == (lapse.selector, lapse.path)]
    data = read(seen[-1].blob)
    if data is None:
        return None
    return became(overlaid(snapshot, {lapse.path: data}), snapshot, lapse.selector, lapse.path)
