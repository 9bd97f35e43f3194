"""A run put on record, in steps that can each be repeated after a kill.

What is to be recorded is first kept whole in the run in progress; then the whole run's file, the lessons and the block in
the session's file are written. Block and lessons are added to the files as they are at that moment, so that what a
person wrote into them meanwhile stays.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk
from sdd.errors import SddError
from sdd.runs import pending, record, transaction
from sdd.sessions import edit
from sdd.sessions.run import Run, file_name
from sdd.sessions.session import parse, path_of
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.runs.place import Place

OUTPUTS = "outputs"
"""The name under which a response's files are prepared (`transaction`)."""
LESSONS = b"docs/lessons.md"
FIRST_LESSONS = b"# Lessons\n\nWhat earlier sessions taught; every prompt carries it.\n"


class Entry(Value):
    """What goes into the session's file: the run, the items to tick, the questions to ask; and the lessons.

    `copies` counts the blocks of this very run that the file held before: there may be one where a person brought the
    same response twice within a second.
    """

    run: Run
    ticked: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()
    copies: int = 0


def begin(place: Place, session: str, entry: Entry, whole: bytes) -> None:
    """Keep what is to be recorded; from here on `finish` can record it."""
    folder = Path(pending.folder(place.git_dir, session))
    run = entry.run.replace(file=file_name(session, entry.run.time, whole))
    copies = _copies(read(place, session), run)
    facts = {name: getattr(entry, name) for name in ("ticked", "questions", "lessons")}
    fields = {name: getattr(run, name) for name in Run._fields}
    disk.write(str(folder / "whole.md"), whole)
    disk.write(str(folder / "record.json"), json.dumps({"run": fields, "copies": copies, **facts}).encode())


def begun(place: Place, session: str) -> bool:
    """Whether there is something to record."""
    return Path(pending.folder(place.git_dir, session), "record.json").exists()


def finish(place: Place, session: str) -> Run:
    """Record what `begin` kept, as far as it is not recorded yet, and drop the run in progress; the run.

    Raises:
        RefusedError: a person changed one of the outputs before they were written.
        SddError: the session's file cannot be read; what is kept stays kept.
    """
    folder = pending.folder(place.git_dir, session)
    if transaction.prepared(folder, OUTPUTS):
        transaction.finish(place.root, folder, OUTPUTS)
    entry = _kept(folder)
    place.write(b"sessions/" + entry.run.file.encode(), Path(folder, "whole.md").read_bytes())
    if entry.lessons:
        place.write(LESSONS, with_lessons(place, entry.lessons))
    data = read(place, session)
    if _copies(data, entry.run) <= entry.copies:
        data = edit.edited(data, lambda text: _appended(text, entry))
        place.write(path_of(session), data)
    pending.drop(place.git_dir, session)
    return [run for run in parse(path_of(session), data).runs if run.file == entry.run.file][-1]


def read(place: Place, session: str) -> bytes:
    """The bytes of a session's file that is about to be edited.

    Raises:
        SddError: it is gone, or cannot be read as a session, so nothing may be written into it.
    """
    path = path_of(session)
    try:
        data = place.file(path).read_bytes()
    except FileNotFoundError as error:
        raise SddError(
            f"{show(path)} is gone, and a run of it is to be recorded",
            hint=f"git checkout -- {show(path)}, then `sdd next {session}`",
        ) from error
    edit.readable(path, data)
    return data


def with_lessons(place: Place, lessons: Sequence[str]) -> bytes:
    """The file of lessons, which every later prompt carries, with those of a run that it does not hold yet."""
    file = place.file(LESSONS)
    data = file.read_bytes() if file.is_file() else FIRST_LESSONS
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n") + "\n"
    items = [f"- {' '.join(lesson.split())}\n" for lesson in lessons]
    new = [item for item in dict.fromkeys(items) if f"\n{item}" not in text]
    if not new:
        return data
    whole = text + ("" if "\n- " in text else "\n") + "".join(new)
    return whole.replace("\n", "\r\n" if b"\r\n" in data else "\n").encode("utf-8", "surrogateescape")


def _kept(folder: str) -> Entry:
    facts = json.loads(Path(folder, "record.json").read_bytes())
    run = Run(**(facts["run"] | {key: tuple(facts["run"].get(key, ())) for key in ("checks", "failures")}))
    texts = {name: tuple(facts[name]) for name in ("ticked", "questions", "lessons")}
    return Entry(run, **texts, copies=facts["copies"])


def _copies(data: bytes, run: Run) -> int:
    return sum(one.file == run.file for one in parse(b"sessions/x.md", data).runs)


def _appended(text: str, entry: Entry) -> str:
    return record.appended(text, entry.run, ticked=entry.ticked, questions=entry.questions)
