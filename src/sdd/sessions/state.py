"""The state of a session, derived from its file, its outputs and the gates (DESIGN §3.5)."""

from __future__ import annotations

from sdd.globs import is_glob
from sdd.sessions.outline import headings
from sdd.sessions.parts import Parts
from sdd.sessions.run import NOTED
from sdd.sessions.session import CHANGES, docs
from sdd.sessions.turns import progress, turns
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from sdd.sessions.project import Project
    from sdd.sessions.run import Run
    from sdd.sessions.session import Session
    from sdd.sessions.turns import Progress, Turn

    class Opening(Protocol):
        """What this room has to know of a gate."""

        @property
        def open(self) -> bool:
            """Whether the gate is open."""

        @property
        def why(self) -> str:
            """Why it is not, in words."""

    class Gates(Protocol):
        """The gates of a snapshot, as seen from a session."""

        def opening(self, gate: str, name: str) -> Opening:
            """Whether a gate is open for the session of that name."""

        def documents(self, gate: str, name: str) -> tuple[str, ...]:
            """The documents that a gate waits for, for the session of that name."""


TOLD = 5  # what a plan waits for is told by so many names; the rest is a number
STATES = ("blocked", "ready", "asking", "failing", "review", "done")


class State(Value):
    """The state of one session.

    `turn` is what comes next (empty when nothing does), `writes` what it may write; `why` says what it waits for, each in
    words; `runnable` whether `sdd next` can go on with it now.
    """

    name: str
    state: str
    turn: str = ""
    writes: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    runnable: bool = False


def states(project: Project, gates: Gates) -> Mapping[str, State]:
    """The state of every session, in the order of the names, each derived when it is asked for."""
    sessions = project.sessions
    ended = Parts(
        lambda: sessions, sessions.__contains__, lambda name: _ended(project, gates, sessions[name])
    )
    carried_out = Parts(
        lambda: project.plans,
        project.plans.__contains__,
        lambda feature: _carried_out(project, feature, ended),
    )
    return Parts(
        lambda: sessions,
        sessions.__contains__,
        lambda name: _state(project, gates, sessions[name], ended, carried_out),
    )


class Ended(Value):
    """How far a session is by itself, whatever it needs: the turn that comes next, and what it waits for."""

    progress: Progress
    turns: tuple[Turn, ...]
    state: str
    turn: Turn | None = None
    why: tuple[str, ...] = ()


def _ended(project: Project, gates: Gates, one: Session) -> Ended:
    gate = project.text(one.name, "gate")
    all_turns = turns(project, one.name, gates.documents(gate, one.name) if gate else ())
    far = progress(one.runs)
    following = next((turn for turn in all_turns if turn.name not in far.finished), None)
    open_questions = one.open_questions
    if open_questions:
        count = f"{len(open_questions)} open question{'s' if len(open_questions) > 1 else ''}"
        return Ended(
            far, all_turns, "asking", following or all_turns[-1], (f"{count}: `sdd answer {one.name}`",)
        )
    if far.last and far.last.outcome == "unsure":
        return Ended(far, all_turns, "asking", following or all_turns[-1], _unsure(one, far))
    if far.last and far.last.outcome == "failed":
        return Ended(far, all_turns, "failing", following or all_turns[-1], _what_failed(far.last))
    if following:
        waits = _waiting_gate(gates, one.name, gate) if "document" in far.finished else ()
        return Ended(far, all_turns, "review" if waits else "ready", following, waits)
    turn, again = _again(project, one, all_turns, far)
    if again:
        return Ended(far, all_turns, "ready", turn, again)
    waits = _waiting_gate(gates, one.name, gate)
    return Ended(far, all_turns, "review" if waits else "done", None, waits)


def _unsure(one: Session, far: Progress) -> tuple[str, ...]:
    confidence = far.last.confidence if far.last else None
    if far.unsure > 1:
        return (
            f"confidence {confidence} and nothing asked: `sdd answer {one.name} --proceed -m WHY` or `sdd reject {one.name} -m WHY`",
        )
    return (f"confidence {confidence}: `sdd next {one.name}` asks for the questions that would raise it",)


def _again(
    project: Project, one: Session, all_turns: Sequence[Turn], far: Progress
) -> tuple[Turn, tuple[str, ...]]:
    """Which turn of a session that was done is to run once more, and why: an answer that no run knew, an output that is gone."""
    answered = len(one.questions) - len(one.open_questions)
    for turn in all_turns:
        plain = (glob for glob in turn.writes if not is_glob(glob))
        gone = [path for path in plain if path.encode() not in project.snapshot]
        if gone:
            return turn, tuple(f"its output {path} is missing" for path in gone)
    return all_turns[-1], ("there are answers that it has not seen",) if answered > far.answers else ()


def _waiting_gate(gates: Gates, name: str, gate: str) -> tuple[str, ...]:
    if not gate:
        return ()
    opening = gates.opening(gate, name)
    return () if opening.open else (f"gate {gate}: {opening.why}",)


def _what_failed(last: Run) -> tuple[str, ...]:
    """What sdd itself noticed last about a run, else the first that was said; then what failed, by its class."""
    lines = last.summary.strip().split("\n")
    noticed = [line.removeprefix(NOTED) for line in lines if line.startswith(NOTED)]
    more = len(last.failures) - TOLD
    classes = (*last.failures[:TOLD], *((f"and {more} more",) if more > 0 else ()))
    return ([lines[0] or "the last run failed", *noticed][-1], *classes)


def _carried_out(project: Project, feature: str, ended: Mapping[str, Ended]) -> tuple[str, ...]:
    """What keeps a feature's plan from being carried out: tasks without a session, sessions of tasks that are not done."""
    found = project.plans.get(feature)
    if not found:
        return ()
    missing = [
        f"the task {name} has no session: `sdd plan{' ' + feature if feature else ''}`"
        for name in project.unplanned(feature)
    ]
    names = (project.task_session(feature, task.name) for task in found.tasks)
    waits = [*missing, *(f"{name} is not done" for name in names if name and ended[name].state != "done")]
    more = (f"{len(waits) - TOLD} more tasks are not done",) if len(waits) > TOLD else ()
    return (*waits[:TOLD], *more)


def _state(
    project: Project,
    gates: Gates,
    one: Session,
    ended: Mapping[str, Ended],
    carried_out: Mapping[str, tuple[str, ...]],
) -> State:
    mine = ended[one.name]
    turn, writes = (mine.turn.name, mine.turn.writes) if mine.turn else ("", ())
    if mine.state in {"done", "review"}:
        return State(one.name, mine.state, turn, writes, mine.why)
    missing = _missing(project, gates, one, ended, carried_out)
    if mine.state == "ready" and missing:
        return State(one.name, "blocked", turn, writes, missing)
    waits = bool(one.open_questions) or mine.progress.unsure > 1
    return State(
        one.name, mine.state, turn, writes, (*mine.why, *missing), runnable=not waits and not missing
    )


def _missing(
    project: Project,
    gates: Gates,
    one: Session,
    ended: Mapping[str, Ended],
    carried_out: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """What a session needs and does not have. Whoever needs a plan needs its tasks done too, its own tasks apart."""
    why: list[str] = []
    for need in project.texts(one.name, "needs"):
        if need.startswith("gate:"):
            continue
        name = project.need(need, one.feature)
        if name is None:
            why.append(f"{need}, which is no session")
        elif ended[name].state != "done":
            why.append(f"{name} is not done")
        elif project.sessions[name].kind == "implementation-plan" and not _is_task(project, one):
            why.extend(carried_out.get(project.sessions[name].feature, ()))
    for gate in project.gates_needed(one.name):
        why.extend(_waiting_gate(gates, one.name, gate))
    if not why and not one.runs and not _brief(project, one):
        why.append(f"the brief {brief_path(one.name)} is empty: write the idea there")
    return tuple(dict.fromkeys(why))


def _is_task(project: Project, one: Session) -> bool:
    found = project.plans.get(one.feature)
    return bool(found and found.task(one.slug))


def brief_path(name: str) -> str:
    """Where the idea stands that a session serves."""
    return f"{docs(name.rpartition('/')[0])}/brief.md"


def _brief(project: Project, one: Session) -> bool:
    """Whether the brief says something below its title; small changes have their page instead."""
    path = brief_path(one.name).encode()
    if one.feature == CHANGES:
        return True
    if not project.snapshot.is_file(path):
        return False
    text = project.snapshot.read(path).decode("utf-8", "replace")
    spoken = "".join(part.partition("-->")[2] for part in ("-->" + text).split("<!--"))
    lines = spoken.split("\n")
    titles = {heading.line for heading in headings(lines)}
    return any(line.strip() for number, line in enumerate(lines, 1) if number not in titles)
