"""What a session's runs and ticks say, held against the files of the snapshot: whole runs that fit, evidence that is there."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.sessions.run import file_name
from sdd.sessions.session import FOLDER
from sdd.sessions.template import PERSON
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.sessions.project import Project
    from sdd.sessions.run import Run
    from sdd.sessions.session import ChecklistItem, Session

BY_HAND = ("rejected", "proceed")
"""Outcomes that a person says in a sentence: the block is all there is, there is no whole run beside it."""


def evidence_files(project: Project, one: Session) -> list[bytes]:
    """The files of a session's whole runs that are there, to be read at once."""
    paths = (FOLDER + run.file.encode() for run in one.runs if run.file)
    return [path for path in paths if project.snapshot.is_file(path)]


def wrong_evidence(project: Project, one: Session) -> list[Finding]:
    """Whole runs that are missing or were edited (SDD142), ticks whose evidence is not there (SDD131)."""
    wrong = [
        Finding(
            "SDD142",
            one.path,
            run.line,
            f"the run of {run.time} {why}",
            f"git checkout HEAD -- {show(place)}",
        )
        for run in one.runs
        if (why := _why_no_record(project, one, run))
        for place in [FOLDER + run.file.encode() if run.file else one.path]
    ]
    hint = "untick it, or let a run show it: a tick is worth what it names"
    return wrong + [
        Finding("SDD131", one.path, item.line, f"`{item.text}` is ticked, but {why}", hint)
        for item in one.checklist
        if item.ticked and item.evidence and (why := _why_no_evidence(project, one, item))
    ]


def _why_no_record(project: Project, one: Session, run: Run) -> str:
    if not run.file:
        return "" if run.outcome in BY_HAND else "names no file of the whole run"
    path = FOLDER + run.file.encode()
    if not project.snapshot.is_file(path):
        return f"names {show(path)}, which is not there"
    if run.file != file_name(one.name, run.time, project.snapshot.read(path)):
        return f"names {show(path)}, which was edited or renamed: its name does not fit its bytes"
    return ""


def _why_no_evidence(project: Project, one: Session, item: ChecklistItem) -> str:
    """Why the evidence that an item names shows nothing.

    A file has to be there. A test must also have been able to run: a command of one of the session's runs passed, or a
    person, who needs no command, said that it is done. Which tests a command ran its output need not tell.
    """
    path, names_test, _ = item.evidence.partition("::")
    if not project.snapshot.is_file(path.removeprefix("./").encode()):
        return f"{path} is not there"
    passed = any(check.startswith("0 ") for run in one.runs for check in run.checks)
    by_person = any(run.provider == PERSON and run.outcome == "done" for run in one.runs)
    return "no command of its runs has passed" if names_test and not passed and not by_person else ""
