"""What `sdd log` shows: every run of every session, the newest last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.values import Value
from sdd.views.status_text import plain

if TYPE_CHECKING:
    from typing import Any

    from sdd.sessions.project import Project
    from sdd.sessions.run import Run

HEAD = ("time", "session", "turn", "outcome", "provider", "model", "checks", "tokens", "cost", "failures")


class Entry(Value):
    """One run of a session; `number` counts the session's runs from 1."""

    session: str
    number: int
    run: Run


def entries(project: Project, session: str | None = None) -> list[Entry]:
    """The runs of a session, or of all, by time; runs of one second by session and number."""
    chosen = [project.sessions[session]] if session else project.sessions.values()  # one after the other
    found = [Entry(one.name, number, run) for one in chosen for number, run in enumerate(one.runs, 1)]
    return sorted(found, key=lambda entry: (entry.run.time, entry.session, entry.number))


def data(entry: Entry) -> dict[str, Any]:
    """A run as `sdd log --json` prints it; what is not known is null, never 0."""
    run = entry.run
    return {
        "time": run.time,
        "session": entry.session,
        "run": entry.number,
        "turn": run.turn,
        "outcome": run.outcome,
        "provider": run.provider or None,
        "model": run.model or None,
        "conversation": run.conversation or None,
        "confidence": run.confidence,
        "checks": [_check(line) for line in run.checks],
        "failures": list(run.failures),
        "tokens_in": run.tokens_in,
        "tokens_out": run.tokens_out,
        "cost": run.cost or None,
        "seconds": run.seconds,
        "changed_lines": run.changed_lines,
        "prompt": run.prompt or None,
        "file": f"sessions/{run.file}" if run.file else None,
        "summary": run.summary,
    }


def _check(line: str) -> dict[str, Any]:
    code, _, command = line.partition(" ")
    return {"command": command, "exit_code": int(code) if code.isascii() and code.isdigit() else None}


def cells(entry: Entry) -> tuple[str, ...]:
    """A run as the columns of `HEAD`; `?` stands for what nobody told."""
    run = entry.run
    codes = ",".join(line.partition(" ")[0] for line in run.checks)
    counts = (run.tokens_in, run.tokens_out)
    told = (
        *(run.time, entry.session, run.turn, run.outcome, run.provider or "?", run.model or "?"),
        f"exit {codes}" if codes else "unchecked",
        "/".join("?" if count is None else str(count) for count in counts),
        f"${run.cost}" if run.cost else "?",
        "; ".join(run.failures),
    )
    return tuple(map(plain, told))
