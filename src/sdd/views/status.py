"""What `sdd status` shows: how far the features are, what waits, for whom and why, and what is next. A value, no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.sessions.process import PLAN_KIND
from sdd.sessions.project import has_session
from sdd.sessions.session import CHANGES
from sdd.sessions.task_order import turn_of
from sdd.sessions.template import PERSON
from sdd.values import Value
from sdd.views.costs import Usage, usage
from sdd.views.ownership import Ownership
from sdd.views.suspects import CAN_BE, suspects
from sdd.views.waiting import Wait, waits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sdd.gates.picture import Picture
    from sdd.gates.standing import Standing
    from sdd.runs.resting import Lapse
    from sdd.sessions.session import Session
    from sdd.sessions.state import State
    from sdd.views.going import Going


class Row(Value):
    """One session. `standings` are of the documents of its own gate, `waits` what it waits for people to do.

    `suspect` says what it rests on that has changed since. `needs` are the sessions that it needs and that are not done, and
    "gate spec" for each gate that it needs and that is shut; `turn` sorts those that may run. `owners` are its own `owner`,
    or whom CODEOWNERS names.
    """

    session: Session
    state: State
    owner: str
    provider: str
    model: str
    gate: str
    gate_open: bool
    standings: tuple[Standing, ...]
    needs: tuple[str, ...]
    waits: tuple[Wait, ...]
    going: Going | None
    command: str
    suspect: tuple[str, ...] = ()
    turn: tuple[str, int, str] = ("", 0, "")
    owners: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The session's whole name."""
        return self.session.name

    @property
    def ready(self) -> bool:
        """Whether it may run now, without a person, and is not running already."""
        busy = self.going is not None and self.going.stage in {"given-out", "running", "unreadable"}
        return self.state.runnable and self.provider != PERSON and not busy

    @property
    def awaits(self) -> tuple[str, ...]:
        """The e-mails of those whom it waits for."""
        return tuple(dict.fromkeys(email for wait in self.waits for email in wait.who))


class Feature(Value):
    """A feature's sessions. `unplanned` are tasks of its plan without a session; `grows`: the plan has no tasks yet."""

    name: str
    rows: tuple[Row, ...]
    done: int
    total: int
    unplanned: tuple[str, ...]
    grows: bool
    usage: Usage
    waits: tuple[Wait, ...] = ()


class Status(Value):
    """All that `sdd status` shows. `next` is the session that goes on; `elsewhere` are runs of sessions that are not here."""

    features: tuple[Feature, ...]
    next: Row | None
    elsewhere: tuple[Going, ...] = ()
    policy: str = ""
    findings: int = 0

    @property
    def rows(self) -> list[Row]:
        """All sessions, in the order of features and names."""
        return [row for feature in self.features for row in feature.rows]

    @property
    def waits(self) -> list[Wait]:
        """All that waits for people, each once."""
        return self.gist.waits

    @property
    def gist(self) -> Gist:
        """What there is to say of all of it."""
        return Gist(self.policy, self.findings, self.elsewhere).of(self.features)


class Gist:
    """What there is to say at the end, when features went by one after the other and none of them was held."""

    def __init__(self, policy: str, findings: int, elsewhere: tuple[Going, ...]) -> None:
        self.policy = policy
        self.findings = findings
        self.elsewhere = elsewhere
        self.next: Row | None = None
        self.sessions = 0
        self.done = 0
        self.suspect = 0
        self.is_gated = False  # whether any session has a gate of its own
        self._waits: dict[tuple[tuple[str, ...], str, str], Wait] = {}

    @property
    def waits(self) -> list[Wait]:
        """All that waits for people, each once."""
        return list(self._waits.values())

    def of(self, features: Iterable[Feature]) -> Gist:
        """The same, once all of these went by."""
        for one in features:
            self.add(one)
        return self

    def add(self, one: Feature) -> None:
        """Take in what goes by."""
        rows = one.rows
        self.next = _next([self.next, *rows] if self.next else rows)
        self.sessions += len(rows)
        self.done += sum(row.state.state == "done" for row in rows)
        self.suspect += sum(bool(row.suspect) for row in rows)
        self.is_gated = self.is_gated or any(row.gate for row in rows)
        for wait in (*one.waits, *(wait for row in rows for wait in row.waits)):
            key = (wait.who, wait.what, wait.command)
            self._waits[key] = self._waits.pop(key, wait)  # the first of several, where the last one stands


def status(
    picture: Picture,
    in_progress: Mapping[str, Going],
    findings: int = 0,
    owned: Ownership | None = None,
) -> Status:
    """The status of a picture; `in_progress` are the runs in progress by session, `findings` is how many `sdd check` has."""
    features = tuple(each(picture, in_progress, owned))
    found = Status(features, None, elsewhere(picture, in_progress), picture.gates.wrong, findings)
    return found.replace(next=_next(found.rows))


def elsewhere(picture: Picture, in_progress: Mapping[str, Going]) -> tuple[Going, ...]:
    """The runs in progress of sessions that are not here."""
    return tuple(found for name, found in sorted(in_progress.items()) if name not in picture.states)


def each(
    picture: Picture,
    in_progress: Mapping[str, Going],
    owned: Ownership | None = None,
    *,
    feature: str | None = None,
    owner: Sequence[str] | None = None,
    ready: bool = False,
) -> Iterator[Feature]:
    """One feature after the other, as `narrowed` would leave it; whoever lets each go holds no more than one."""
    owned = owned or Ownership(picture.project.snapshot)
    names = [
        *picture.project.features,
        *([CHANGES] if has_session(picture.project.snapshot, CHANGES) else []),
    ]
    for name in names:
        if feature is None or name == feature:
            yield from _narrowed(_feature(picture, name, in_progress, owned), owner=owner, ready=ready)


def narrowed(
    whole: Status, *, feature: str | None = None, owner: Sequence[str] | None = None, ready: bool = False
) -> Status:
    """The part of a status that somebody asked for: a feature, what is `owner`'s or awaits them (their names), what may run."""
    features = (one for one in whole.features if feature is None or one.name == feature)
    part = whole.replace(
        features=tuple(kept for one in features for kept in _narrowed(one, owner=owner, ready=ready))
    )
    return part.replace(next=_next(part.rows))


def _narrowed(one: Feature, *, owner: Sequence[str] | None, ready: bool) -> Iterator[Feature]:
    """A feature with the rows that somebody asked for; left out where there are none."""
    names = {name.casefold() for name in owner or ()}

    def wanted(row: Row) -> bool:
        mine = owner is None or not names.isdisjoint(name.casefold() for name in (*row.owners, *row.awaits))
        return mine and (row.ready or not ready)

    kept = one.replace(rows=tuple(filter(wanted, one.rows)))
    if owner is None and not ready:
        yield kept
    elif kept.rows:
        yield kept.replace(waits=())


def _next(rows: Iterable[Row]) -> Row | None:
    """The session that `sdd next` takes: one in progress, else one that fails, else one that asks, else the first that is ready."""
    order = {"failing": 0, "asking": 1, "ready": 2}
    free = (row for row in rows if not (row.going and row.going.stage == "running"))
    found = [row for row in free if row.going or row.state.runnable]
    return min(found, key=lambda row: (-1 if row.going else order[row.state.state], row.turn), default=None)


def _feature(picture: Picture, name: str, in_progress: Mapping[str, Going], owned: Ownership) -> Feature:
    project = picture.project
    sessions = project.of_feature(name)
    lapses = suspects(project.snapshot, name)
    rows = tuple(
        _row(picture, one, in_progress.get(one.name), owned, lapses.get(one.name, ())) for one in sessions
    )
    plans = [row for row in rows if row.session.kind == PLAN_KIND]
    has_tasks = name in project.plans and bool(project.plans[name].tasks)
    return Feature(
        name=name,
        rows=rows,
        done=sum(row.state.state == "done" for row in rows),
        total=len(rows),
        unplanned=tuple(project.unplanned(name)),
        grows=bool(plans) and not has_tasks,
        usage=usage(run for one in sessions for run in one.runs),
        waits=tuple(_unplanned(name, len(project.unplanned(name)), plans)),
    )


def _unplanned(feature: str, count: int, plans: Sequence[Row]) -> Iterator[Wait]:
    """That tasks have no session, once their plan is done."""
    if count and all(row.state.state == "done" for row in plans):
        what = f"{count} {'task' if count == 1 else 'tasks'} of the plan without a session"
        command = " ".join(filter(None, ("sdd plan", feature, "--write")))
        yield Wait((), plans[0].name if plans else "", what, command)


def _row(picture: Picture, one: Session, run: Going | None, owned: Ownership, lapses: Sequence[Lapse]) -> Row:
    project, state = picture.project, picture.states[one.name]
    gate = project.text(one.name, "gate")
    opening = picture.gates.opening(gate, one.name) if gate else None
    found = tuple(waits(picture, one, run))
    goes_on = f"sdd next {one.name}" if state.runnable else ""
    return Row(
        session=one,
        state=state,
        owner=project.text(one.name, "owner"),
        provider=project.text(one.name, "provider"),
        model=project.text(one.name, "model"),
        gate=gate,
        gate_open=opening.open if opening else False,
        standings=opening.standings if opening else (),
        needs=tuple(_needs(picture, one.name)),
        waits=found,
        going=run,
        command=run.command if run else goes_on or next((wait.command for wait in found), ""),
        suspect=tuple(one.told for one in lapses) if state.state in CAN_BE else (),
        turn=turn_of(project, one.name),
        owners=owned.of_session(project, one.name),
    )


def _needs(picture: Picture, name: str) -> Iterator[str]:
    project = picture.project
    yield from (need for need in project.needs(name) if picture.states[need].state != "done")
    yield from (
        f"gate {gate}" for gate in project.gates_needed(name) if not picture.gates.opening(gate, name).open
    )
