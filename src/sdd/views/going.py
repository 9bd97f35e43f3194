"""A run in progress on this machine, in words: a prompt given out, a call that goes on, what a killed process left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.runs.pending import ANSWERED, ASKED
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.runs.pending import Pending

MANUAL = "manual"  # `runs.flow` has it too, behind imports that would make every `sdd status` slow


class Going(Value):
    """A run in progress on this machine.

    `stage` is given-out (a person has the prompt), running (another process is at it), stopped (a call ended without its
    response), answered (a response is here, not applied), applied (its run is not recorded yet) or unreadable.
    """

    session: str
    stage: str
    words: str
    command: str
    time: str = ""
    provider: str = ""


def going(run: Pending, *, held: bool, part: bool) -> Going:
    """A run in progress; `held`: another process works on it, `part`: some of a response has come."""
    facts = (run.time, run.provider)
    if held:
        return Going(run.session, "running", "another sdd is working on it now", "", *facts)
    if run.stage == ASKED and run.provider == MANUAL:
        words, command = "prompt given out, awaiting `sdd record`", f"sdd record {run.session} FILE"
        return Going(run.session, "given-out", words, command, *facts)
    stage = "stopped" if run.stage == ASKED else run.stage
    if run.stage == ANSWERED:
        words = "a response is here, not applied"
    elif run.stage != ASKED:
        words = "a response is applied, its run is not recorded"
    else:
        words = (
            "a part of a response is here, from a call that was cut"
            if part
            else "a call ended before anything came"
        )
    return Going(run.session, stage, f"{words}: `sdd next` goes on", f"sdd next {run.session}", *facts)
