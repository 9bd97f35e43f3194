"""The turns of a session: first the document that a gate waits for, then tests where they come first, then the work."""

from __future__ import annotations

from sdd.globs import covers
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
    tests among the writes come in a turn of their own, and the turn after may not touch them.
    """
    own = project.texts(name, "writes")
    gated = tuple(glob for glob in own if glob in gate_documents)
    granted = project.granted(name)
    rest = tuple(glob for glob in own if glob not in gated)
    if not rest and granted is not None:
        rest = granted
    two = bool(gated) and (bool(rest) or project.sessions[name].feature == CHANGES)
    found = [Turn("document", gated)] if two else []
    writes = rest if two or not gated else own
    tests = tuple(glob for glob in writes if is_test(glob))
    if project.keys[name].get("tests_first") is True and tests:
        found.append(Turn("tests", tests))
        writes = tuple(glob for glob in writes if glob not in tests)
    return (*found, Turn("work", writes))


def is_test(glob: str) -> bool:
    """Whether a glob names tests: a folder `tests`, `test`, `spec` or `__tests__`, or a file name that says so."""
    *folders, file = glob.lower().split("/")
    stem = file.partition(".")[0]
    named = (
        stem.startswith("test_")
        or stem.endswith(("_test", "test", "tests", "_spec"))
        or ".test." in file
        or ".spec." in file
    )
    return named or any(folder in {"tests", "test", "spec", "__tests__"} for folder in folders)


def too_wide(project: Project, name: str) -> list[str]:
    """The session's own globs that its task or page does not grant."""
    granted = project.granted(name)
    if granted is None:
        return []
    own = project.sessions[name].own.get("writes", ())
    mine = [str(glob) for glob in own] if isinstance(own, tuple) else []
    page = f"docs/{name}.md"
    return [glob for glob in mine if glob != page and not any(covers(grant, glob) for grant in granted)]


class Progress(Value):
    """How far the runs of a session have come.

    `finished` are the turns that ended well, `last` is the newest run, `unsure` how many runs in a row, up to now, were
    below the bar with nothing asked; `bold` says that a person lifted the bar; `answers` is the number of answered
    questions that the newest good run knew.
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
    for run in runs:
        unsure = unsure + 1 if run.outcome == "unsure" else 0
        bold = run.outcome == "proceed" or (bold and run.outcome != "rejected")
        if run.answers is not None:
            answers = run.answers
        if run.outcome == "done" and run.turn not in finished:
            finished.append(run.turn)
        if run.outcome == "rejected" and run.turn in finished:
            del finished[finished.index(run.turn) :]
    return Progress(tuple(finished), runs[-1] if runs else None, unsure, bold, answers)
