"""What a person does to a session: answer, lift the bar, send back, give a verdict. Each but an answer becomes a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import RefusedError, SddError
from sdd.globs import is_glob
from sdd.llm.secrets import known, without
from sdd.runs import failure, pending, record, recording, transaction
from sdd.runs.pending import ANSWERED, ASKED, Pending, as_text
from sdd.runs.place import now
from sdd.runs.recording import OUTPUTS, Entry
from sdd.runs.resting import current, lapses, trace
from sdd.sessions import edit
from sdd.sessions.retries import lessons, told
from sdd.sessions.run import ACCEPTED, Run
from sdd.sessions.session import path_of
from sdd.sessions.template import PERSON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sdd.runs.place import Place
    from sdd.runs.resting import Lapse
    from sdd.sessions.session import Session
    from sdd.sessions.state import State


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
        RefusedError: it is not unsure, so there is no bar to lift; or a run of it is in progress.
    """
    with place.locked(name):
        _refuse_in_progress(place, name)
        runs = place.picture().project.session(name).runs
        if not runs or runs[-1].outcome != "unsure":
            raise RefusedError(f"{name} is not held back by its confidence", hint="sdd status")
        return _add(place, name, Run(now(), "proceed", runs[-1].turn, PERSON, summary=words))


def reject(place: Place, name: str, words: str) -> Run:
    """Send a session back: the reason becomes a run, the ticks are taken back, the next prompt carries it.

    Raises:
        RefusedError: it never ran, so that there is nothing to send back; or a run of it is in progress.
    """
    with place.locked(name):
        _refuse_in_progress(place, name)
        runs = [
            run
            for run in place.picture().project.session(name).runs
            if run.provider != PERSON or run.outcome == "done"
        ]
        if not runs:
            raise RefusedError(f"{name} never ran: there is nothing to send back", hint=f"sdd next {name}")
        known = dict.fromkeys(
            one for run in place.picture().project.session(name).runs for one in run.failures
        )
        failures = failure.of_rejection(runs[-1].turn, words, known)
        return _add(
            place, name, Run(now(), "rejected", runs[-1].turn, PERSON, failures=failures, summary=words)
        )


def keep_lesson(place: Place, name: str, words: str) -> tuple[str, ...]:
    """Write into the file of lessons what failed twice in the same way: in the person's words, else in sdd's; what was written.

    Raises:
        RefusedError: nothing failed twice in the same way since the session last ended well.
    """
    with place.locked(name):
        one = place.picture().project.session(name)
        found = lessons(one.runs)
        if not found:
            raise RefusedError(f"nothing in {name} failed twice in the same way", hint=f"sdd log {name}")
        texts = (words,) if words.strip() else tuple(f"{name}: {told(lesson)}" for lesson in found)
        place.write(recording.LESSONS, recording.with_lessons(place, texts))
        return texts


def accept(place: Place, name: str, words: str) -> tuple[Lapse, ...]:
    """Say of a suspect session that it is still right: a run that tells the changed inputs as they are now; what was accepted.

    Raises:
        RefusedError: it is not suspect; or a run of it is in progress.
    """
    with place.locked(name):
        _refuse_in_progress(place, name)
        seen = place.picture()
        snapshot, state = seen.project.snapshot, seen.states[name].state
        found = lapses(snapshot, trace(seen.project, name).inputs)
        if state not in {"done", "review"} or not found:
            why = "nothing that it rests on has changed" if state in {"done", "review"} else f"it is {state}"
            raise RefusedError(f"{name} is not suspect: {why}", hint="sdd impact")
        now_ = (current(snapshot, one.selector, one.path) for one in found)
        rows = [(one.selector, as_text(one.path), one.blob, one.text, one.words) for one in now_]
        said = without(known(place.environ), words).strip() or "Read, still right."
        run = Run(now(), ACCEPTED, seen.project.sessions[name].runs[-1].turn, PERSON, summary=said)
        begun = Pending(name, run.turn, (), run.time, PERSON, "", {}, stage=ANSWERED)
        pending.begin(place.git_dir, begun, "")
        recording.begin(place, name, Entry(run), record.whole(name, run, sources=rows))
        recording.finish(place, name)
        return found


def _refuse_in_progress(place: Place, name: str) -> None:
    """Refuse while a response is here that is not recorded: it would be recorded after what the person says of it."""
    left = pending.load(place.git_dir, name)
    if left is not None and left.stage != ASKED:
        raise RefusedError(f"a run of {name} is not recorded yet", hint=f"sdd next {name}")


def verdict(place: Place, name: str, ticked: Sequence[str], words: str, *, passed: bool, by: str) -> Run:
    """A person's own session: the verdict is the run, and what was tried is added to the session's document.

    Raises:
        RefusedError: the session is a model's, or cannot go on now, or it passes with items that are not true.
    """
    words = without(known(place.environ), words)
    with place.locked(name):
        if recording.begun(place, name):
            run = recording.finish(place, name)
            if (run.outcome == "done") == passed and run.summary == words.strip():
                return run  # the process that took it before was killed
        picture = place.picture()
        state, one = picture.states[name], picture.project.session(name)
        if picture.project.text(name, "provider") != PERSON:
            raise RefusedError(
                f"{name} takes a response, not a verdict",
                hint=f"sdd record {name} FILE; or sdd reject {name} -m WHY",
            )
        if not state.runnable:
            why = "; ".join(state.why) or "there is nothing left to do"
            raise RefusedError(f"{name} is {state.state}: {why}", hint="sdd status")
        open_items = [item.text for item in one.checklist if item.text not in ticked]
        if passed and open_items:
            raise RefusedError(
                f"{name} cannot pass: `{open_items[0]}` is not ticked", hint="say fail, and what is wrong"
            )
        outcome, said = ("done", "pass") if passed else ("failed", "fail")
        run = Run(
            now(), outcome, state.turn, PERSON, confidence=1.0, answers=len(one.questions), summary=words
        )
        boxes = [f"- [{'x' if item.text in ticked else ' '}] {item.text}\n" for item in one.checklist]
        text = f"## Verdict: {said}, by {by}, {run.time}\n\n{words.strip()}\n\n{''.join(boxes)}"
        return _given(place, one, state, text, Entry(run, tuple(ticked)))


def _given(place: Place, one: Session, state: State, text: str, entry: Entry) -> Run:
    """Write a verdict into the session's documents, below what stands there, and record it: all or nothing."""
    algorithm = place.repository.object_format
    paths = [glob.encode() for glob in state.writes if not is_glob(glob)]
    before = transaction.standing(place.root, paths, algorithm)
    documents = {path: _with_verdict(place, path, f"# {one.title}\n", text) for path in paths}
    run = Pending(one.name, state.turn, state.writes, entry.run.time, PERSON, "", {}, stage=ANSWERED)
    pending.begin(place.git_dir, run, "")
    folder = pending.folder(place.git_dir, one.name)
    transaction.prepare(place.root, folder, OUTPUTS, documents, before, algorithm)
    rows = transaction.rows(folder, OUTPUTS)
    wrote = {pending.as_bytes(path): (old, new) for path, old, new in rows}
    recording.begin(place, one.name, entry, record.whole(one.name, entry.run, wrote=wrote, response=text))
    return recording.finish(place, one.name)


def _with_verdict(place: Place, path: bytes, title: str, text: str) -> bytes:
    """A document with one more verdict at its end; a person's notes above it stay as they are."""
    file = place.file(path)
    there = file.read_bytes() if file.is_file() else title.encode()
    return there.rstrip(b"\r\n") + b"\n\n" + text.encode()


def _add(place: Place, name: str, run: Run) -> Run:
    if not run.summary.strip():
        raise SddError("the reason is empty", hint="say it: -m WHY")
    _change(place, name, lambda text: record.appended(text, run))
    return run


def _change(place: Place, name: str, change: Callable[[str], str]) -> None:
    secret = known(place.environ)
    data = edit.edited(recording.read(place, name), lambda text: without(secret, change(text)))
    place.write(path_of(name), data)
