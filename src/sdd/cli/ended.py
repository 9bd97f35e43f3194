"""How a run ends for the person who started it: what came of it, what is next, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import show_json
from sdd.errors import NO, WAITS_FOR_PERSON, YES
from sdd.views.log import Entry, data

if TYPE_CHECKING:
    from sdd.runs.place import Place
    from sdd.sessions.run import Run
    from sdd.sessions.state import State


def ended(place: Place, name: str, run: Run, *, commit_it: bool, as_json: bool = False) -> int:
    """Tell what a run came to and what is next, once the trackers are written; the exit code."""
    state = place.picture().states[name]
    commit = ""
    if commit_it:
        from sdd.cli.commit import commit_run

        commit = commit_run(place, name, run)
    if as_json:
        number = len(place.picture().project.sessions[name].runs)
        now = {"state": state.state, "why": list(state.why), "commit": commit or None}
        show_json(data(Entry(name, number, run)) | now)
    else:
        _tell(name, run, state, commit)
    if run.outcome == "failed":
        return NO
    return WAITS_FOR_PERSON if state.state in {"asking", "review"} else YES


def _tell(name: str, run: Run, state: State, commit: str) -> None:
    colour = {"done": "green", "failed": "red"}.get(run.outcome, "yellow")
    now = "" if state.state == run.outcome else f", now {state.state}"
    click.echo(f"{name}: {click.style(run.outcome, fg=colour, bold=True)}{now}")
    for line in run.summary.splitlines():
        click.echo(f"  {line}")
    for check in run.checks:
        click.echo(f"  check: exit code {check.partition(' ')[0]}: {check.partition(' ')[2]}")
    for why in state.why:
        click.echo(f"  waits: {why}")
    if commit:
        click.echo(f"committed {commit[:12]}")
