"""How often a session may go back to the model, and when what it was told before does harm: read from its runs alone.

Nothing of this is stored. A killed process, another machine and a later day count the same runs, and so the same tries.
"""

from __future__ import annotations

from collections import Counter

from sdd.sessions.run import ACCEPTED
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.sessions.run import Run

DOUBTS = 1
"""How often a model that is not sure, and asks nothing, is asked for its questions (DESIGN §3.5)."""

_FAMILIES = {
    "responses": "response missing unticked cut",
    "edits": "edit write moved",
    "setup": "start",
    "tests": "test import syntax collect timeout nothing early command",
    "lint": "type lint",
}
_KINDS = {family: kind for kind, families in _FAMILIES.items() for family in families.split()}
_KINDS |= {"interrupted": ""}
_TEACHES_NOTHING = {"interrupted", "cut", "start"}
"""Classes that say nothing of what the model did: a line that went dead, a program that is not installed."""


class Bounds(Value):
    """How often each kind of failure goes back to the model before a person is needed."""

    responses: int = 3
    edits: int = 3
    tests: int = 3
    lint: int = 3


class Tries(Value):
    """How the newest run stands to its bound: `kind` (empty where no bound counts), how often it went back before, `again` or not."""

    kind: str = ""
    used: int = 0
    bound: int = 0
    again: bool = True


class Lesson(Value):
    """What failed more than once in the same way: the classes, the numbers of the runs, from 1, and the last of them."""

    failures: tuple[str, ...]
    runs: tuple[int, ...]
    at: int


def kind(failures: Iterable[str]) -> str:
    """The bound that a run with these failures counts against: one alone, so that every run brings the end nearer.

    What could not be read or written comes first, for nothing was checked; then what a person has to mend, unless there is
    something left that the model can; tests before style. Empty for a run that sdd itself did not bring to its end.
    """
    found = {_KINDS.get(one.partition(" ")[0], "tests") for one in failures}
    order = ("responses", "edits", "tests", "lint", "setup", "")
    return next((one for one in order if one in found), "tests")


def tries(runs: Sequence[Run], bounds: Bounds) -> Tries:
    """How often it went back, since the last turn that ended well, the last word of a person, or the last end of its tries.

    Whoever starts a session again whose tries had ended gives it all of them anew; a crash in between gives none.
    """
    used: Counter[str] = Counter()
    newest = Tries()
    for run in runs:
        if run.outcome == ACCEPTED:
            continue
        if not newest.again:
            used.clear()
        if run.outcome not in {"failed", "unsure"} or run.provider == "person":
            used.clear()
            newest = Tries()
            continue
        name = "doubts" if run.outcome == "unsure" else kind(run.failures)
        bound = DOUBTS if name == "doubts" else int(getattr(bounds, name, 0))
        newest = Tries(name, used[name], bound, again=not name or used[name] < bound)
        used[name] += 1
    return newest


def lessons(runs: Sequence[Run]) -> tuple[Lesson, ...]:
    """What failed twice in the same way, in the order in which it did, as long as the work has not ended well.

    Work that ended well and is sent back has not. After each second time a fresh conversation begins, which has to fail twice itself.
    """
    seen: dict[str, list[int]] = {}
    found: dict[tuple[str, ...], Lesson] = {}
    ended = False
    for number, run in enumerate(runs, 1):
        if run.outcome == ACCEPTED:
            continue
        if ended and run.outcome != "rejected":
            seen.clear()
            found.clear()
        ended = run.outcome == "done"
        telling = [one for one in run.failures if one.partition(" ")[0] not in _TEACHES_NOTHING]
        again = tuple(one for one in telling if one in seen)
        for one in telling:
            seen.setdefault(one, []).append(number)
        if again:
            before = found.pop(again, Lesson(again, (), 0)).runs
            numbers = {*before, *(at for one in again for at in seen[one])}
            found[again] = Lesson(again, tuple(sorted(numbers)), number)
            seen.clear()
    return tuple(found.values())


def poisoned(runs: Sequence[Run]) -> Lesson | None:
    """The lesson with which the next run has to start a fresh conversation; None where the old one may go on.

    That is so after the second failure of the same class, until a model has been asked again.
    """
    newest = max((number for number, run in enumerate(runs, 1) if run.provider != "person"), default=0)
    return next((one for one in reversed(lessons(runs)) if one.at >= newest), None)


def told(lesson: Lesson) -> str:
    """A lesson in words: what failed, and how often."""
    return (
        f"failed {len(lesson.runs)} times in the same way: {', '.join(f'`{one}`' for one in lesson.failures)}"
    )
