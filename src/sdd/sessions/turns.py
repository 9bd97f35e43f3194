"""The turns of a session: first the document that a gate waits for, then tests where they come first, then the work."""

from __future__ import annotations

from sdd.globs import covers
from sdd.sessions.run import ACCEPTED
from sdd.sessions.session import CHANGES
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.sessions.project import Project
    from sdd.sessions.run import Run

BAR = 0.95
"""Below this confidence a model asks and writes nothing (DESIGN §3.5)."""


class Turn(Value):
    """One part of a session: its name (document, tests or work) and the globs that may be written in it."""

    name: str
    writes: tuple[str, ...]


def turns(project: Project, name: str, gate_documents: Sequence[str]) -> tuple[Turn, ...]:
    """The turns of a session, in order; `gate_documents` are the documents of its gate, none where it has no gate.

    A gated session whose further writes wait for the gate writes only the gate's documents first. With `tests_first` the
    tests among the writes come in a turn of their own, and the turn after may not touch them. What the session's task or
    page does not grant is in no turn; where the session's file itself says nothing more, all that is granted is.
    """
    own = project.texts(name, "writes")
    gated = tuple(glob for glob in own if glob in gate_documents)
    granted = project.granted(name)
    rest = tuple(glob for glob in own if glob not in gated)
    if granted is not None:
        said = any(glob not in gated for glob in project.own_writes(name))
        wide = {*too_wide(project, name)}
        rest = tuple(glob for glob in rest if glob not in wide) if said else granted
    two = bool(gated) and (bool(rest) or project.sessions[name].feature == CHANGES)
    found = [Turn("document", gated)] if two else []
    writes = rest if two or not gated else own
    tests = tuple(glob for glob in writes if is_test(glob))
    if project.keys[name].get("tests_first") is True and tests:
        found.append(Turn("tests", tests))
        writes = tuple(glob for glob in writes if glob not in tests)
    return (*found, Turn("work", writes))


def later_writes(project: Project, name: str) -> tuple[str, ...]:
    """The globs of what a session writes after its tests: the code that these have to miss."""
    found = (*project.texts(name, "writes"), *(project.granted(name) or ()))
    return tuple(glob for glob in found if not is_test(glob))


def is_test(glob: str) -> bool:
    """Whether a glob names tests: a folder `tests`, `test`, `spec` or `__tests__`, or a file name that says so.

    `CartTest.java`, `cart_test.go` and `cart.spec.ts` do, `latest.py` does not.
    """
    *folders, file = glob.split("/")
    stem, *endings = file.split(".")
    named = (
        stem.lower() in {"test", "tests", "conftest"}
        or stem.lower().startswith("test_")
        or stem.endswith(("_test", "_tests", "_spec", "Test", "Tests", "Spec"))
        or not {"test", "spec"}.isdisjoint(endings[:-1])
    )
    return named or any(folder.lower() in {"tests", "test", "spec", "__tests__"} for folder in folders)


def too_wide(project: Project, name: str) -> list[str]:
    """The session's own globs that its task or page does not grant."""
    granted = project.granted(name)
    if granted is None:
        return []
    page = f"docs/{name}.md"
    return [
        glob
        for glob in project.own_writes(name)
        if glob != page and not any(covers(grant, glob) for grant in granted)
    ]


def untested(project: Project, name: str) -> str:
    """Why `tests_first` cannot hold for a session, in words; empty where it can, or is not asked for.

    There must be tests to write first, and no other glob may reach them: the second turn would write them too.
    """
    if project.keys[name].get("tests_first") is not True:
        return ""
    granted = project.granted(name)
    writes = project.own_writes(name) or (project.texts(name, "writes") if granted is None else granted)
    tests = [glob for glob in writes if is_test(glob)]
    if not tests:
        return "none of what it writes is a test"
    wide = (glob for glob in writes if not is_test(glob) and any(covers(glob, test) for test in tests))
    return next((f"`{glob}` lets the second turn write the tests, too" for glob in wide), "")


class Progress(Value):
    """How far the runs of a session have come.

    `finished` are the turns that ended well, `last` is the newest run, a person's `accepted` apart, `unsure` how many runs in a row, up to now, were
    below the bar with nothing asked; `bold` says that a person lifted the bar; `answers` is the number of answered
    questions that the newest run knew that was done.
    """

    finished: tuple[str, ...] = ()
    last: Run | None = None
    unsure: int = 0
    bold: bool = False
    answers: int = 0


def progress(runs: Sequence[Run]) -> Progress:
    """Read the runs in their order."""
    finished: list[str] = []
    unsure = answers = 0
    bold = False
    telling = [run for run in runs if run.outcome != ACCEPTED]
    for run in telling:
        unsure = unsure + 1 if run.outcome == "unsure" else 0
        bold = run.outcome == "proceed" or (bold and run.outcome != "rejected")
        if run.outcome == "done":
            answers = answers if run.answers is None else run.answers
            finished += [run.turn] if run.turn not in finished else []
        if run.outcome == "rejected" and run.turn in finished:
            del finished[finished.index(run.turn) :]
    return Progress(tuple(finished), telling[-1] if telling else None, unsure, bold, answers)
