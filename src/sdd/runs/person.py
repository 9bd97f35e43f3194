"""What a person does to a session: answer, lift the bar, send back, give a verdict. Each but an answer becomes a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd import disk
from sdd.errors import RefusedError, SddError
from sdd.runs import pending, record, transaction
from sdd.runs.conclude import RECORD
from sdd.runs.place import now
from sdd.sessions import edit
from sdd.sessions.run import Run
from sdd.sessions.session import path_of
from sdd.sessions.template import PERSON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdd.runs.place import Place


def answer(place: Place, name: str, number: int, words: str) -> None:
    """Write an answer under a question of a session (numbered from 1).

    Raises:
        SddError: there is no such question, or nothing is said.
    """
    if not words.strip():
        raise SddError("the answer is empty", hint=f'sdd answer {name} {number} "…"')
    with place.locked(name):
        _change(place, name, lambda text: edit.answer(text, number, words))


def proceed(place: Place, name: str, words: str) -> Run:
    """Let a session go on below the bar of confidence.

    Raises:
        RefusedError: it is not unsure, so there is no bar to lift.
    """
    with place.locked(name):
        runs = place.picture().project.session(name).runs
        if not runs or runs[-1].outcome != "unsure":
            raise RefusedError(f"{name} is not held back by its confidence", hint="sdd status")
        return _add(place, name, Run(now(), "proceed", runs[-1].turn, PERSON, summary=words))


def reject(place: Place, name: str, words: str) -> Run:
    """Send a session back: the reason becomes a run, the ticks are taken back, the next prompt carries it.

    Raises:
        RefusedError: it never ran, so that there is nothing to send back.
    """
    with place.locked(name):
        runs = [
            run
            for run in place.picture().project.session(name).runs
            if run.provider != PERSON or run.outcome == "done"
        ]
        if not runs:
            raise RefusedError(f"{name} never ran: there is nothing to send back", hint=f"sdd next {name}")
        return _add(place, name, Run(now(), "rejected", runs[-1].turn, PERSON, summary=words))


def verdict(place: Place, name: str, ticked: Sequence[str], words: str, *, passed: bool, by: str) -> Run:
    """A person's own session: the verdict is the run, and what was tried stands in the session's document.

    Raises:
        RefusedError: the session cannot go on now, or it passes with items that are not true.
    """
    with place.locked(name):
        picture = place.picture()
        state, one = picture.states[name], picture.project.session(name)
        if not state.runnable:
            raise RefusedError(f"{name} is {state.state}: {'; '.join(state.why)}", hint="sdd status")
        left = [item.text for item in one.checklist if item.text not in ticked]
        if passed and left:
            raise RefusedError(
                f"{name} cannot pass: `{left[0]}` is not ticked", hint="say fail, and what is wrong"
            )
        time = now()
        boxes = "".join(f"- [{'x' if item.text in ticked else ' '}] {item.text}\n" for item in one.checklist)
        text = f"# {one.title}\n\nVerdict: {'pass' if passed else 'fail'}, by {by}, {time}\n\n{words.strip()}\n\n{boxes}"
        made = Run(
            time,
            "done" if passed else "failed",
            state.turn,
            PERSON,
            confidence=1.0,
            answers=len(one.questions),
            summary=words,
        )
        whole = record.whole(name, made, response=text)
        made = made.replace(file=record.file_name(name, time, whole))
        session = edit.edited(_data(place, name), lambda old: record.appended(old, made, ticked=ticked))
        documents = {glob.encode(): text.encode() for glob in state.writes}
        folder = pending.folder(place.git_dir, name)
        transaction.prepare(
            place.root,
            folder,
            RECORD,
            documents | {path_of(name): session, b"sessions/" + made.file.encode(): whole},
        )
        transaction.finish(place.root, folder, RECORD)
        pending.drop(place.git_dir, name)
        return made


def _add(place: Place, name: str, run: Run) -> Run:
    if not run.summary.strip():
        raise SddError("the reason is empty", hint="say it: -m WHY")
    _change(place, name, lambda text: record.appended(text, run))
    return run


def _change(place: Place, name: str, change: Callable[[str], str]) -> None:
    disk.write(disk.inside(place.root, path_of(name)), edit.edited(_data(place, name), change))


def _data(place: Place, name: str) -> bytes:
    path = path_of(name)
    data = place.file(path).read_bytes()
    edit.readable(path, data)
    return data
