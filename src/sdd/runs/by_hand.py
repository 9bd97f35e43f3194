"""A response that a person brings back: kept before it is looked at, then concluded like any other."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.llm.secrets import known, without
from sdd.runs import form, pending, record
from sdd.runs.ask import keep_by_hand, raw_path
from sdd.runs.choice import MANUAL, Wish, prepared
from sdd.runs.conclude import conclude
from sdd.runs.flow import left_over
from sdd.runs.pending import ASKED, raw_name
from sdd.runs.place import now
from sdd.sessions.template import PERSON

if TYPE_CHECKING:
    from pathlib import Path

    from sdd.runs.pending import Pending
    from sdd.runs.place import Place
    from sdd.sessions.run import Run


def take(place: Place, name: str, text: str) -> tuple[Run, str]:
    """Take a response that a person brings back; the run that it makes, and the words of a repair prompt if it needs one.

    A response that could not be used leaves the prompt given out, so that the repaired one can be recorded at once.

    Raises:
        SddError: there is nothing in it, or it cannot be taken now; the hint says where it is kept.
    """
    if not text.strip():
        raise SddError("the response is empty", hint=f"sdd record {name} FILE")
    text = without(known(place.environ), text)
    kept = keep_by_hand(place, text, raw_name(now(), sha256(text.encode()).hexdigest()))
    try:
        with place.locked(name):
            return _taken(place, name, text, kept.name)
    except SddError as error:
        error.hint = f"{error.hint}\nthe response is kept in {kept}".strip()
        raise


def _taken(place: Place, name: str, text: str, raw: str) -> tuple[Run, str]:
    left = pending.load(place.git_dir, name)
    if left is not None and left.provider == MANUAL and left.stage != ASKED:
        again = pending.response(place.git_dir, name) == text
        concluded = _concluded(place, left)
        if again:  # the process that took it before was killed
            return concluded
        left = pending.load(place.git_dir, name)
    if left is None or left.provider != MANUAL:
        left_over(place, name)
        left, prompt = prepared(place, place.picture(), name, Wish(provider=MANUAL))
        pending.begin(place.git_dir, left, prompt.text)
    return _concluded(place, pending.keep_response(place.git_dir, left.replace(raw=raw), text))


def _concluded(place: Place, run: Pending) -> tuple[Run, str]:
    prompt = pending.prompt(place.git_dir, run.session)
    made = conclude(place, run)
    problems = record.problems(place.file(b"sessions/" + made.file.encode()).read_bytes())
    if not problems:
        return made, ""
    pending.begin(place.git_dir, run.replace(stage=ASKED, time=now()), prompt)
    return made, form.repair(form.Problem(0, problem) for problem in problems)


def drop(place: Place, name: str) -> Path | None:
    """Forget a session's run in progress, readable or not; where what had come of its response is kept."""
    with place.locked(name):
        try:
            left = pending.load(place.git_dir, name)
        except SddError:
            left = None
        text = pending.partial(place.git_dir, name)
        if left is not None and left.stage != ASKED and left.provider != PERSON:
            text = pending.response(place.git_dir, name)
        raw = (
            left.raw if left is not None and left.raw else raw_name(now(), sha256(text.encode()).hexdigest())
        )
        if text and not raw_path(place, raw).exists():
            keep_by_hand(place, text, raw, left.provider if left else MANUAL)
        pending.drop(place.git_dir, name)
        return raw_path(place, raw) if text else None
