"""A run is put on record once, beside what a person wrote meanwhile, and a session that cannot be read is left alone."""

from __future__ import annotations

import pytest

import projects
from gitbox import GitBox
from sdd.errors import SddError
from sdd.runs import pending, recording
from sdd.runs.pending import Pending
from sdd.runs.recording import Entry, begin, begun, finish, with_lessons
from workshop import begin as begin_project
from workshop import place, runs

RUN = projects.run(summary="It is made.")
LESSONS = "docs/lessons.md"


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin_project(box)
    return box


def put(box: GitBox, entry: Entry, whole: bytes = b"# A run\n") -> None:
    run = Pending("01-a", "work", (), RUN.time, "manual", "", {})
    pending.begin(place(box).git_dir, run, "")
    begin(place(box), "01-a", entry, whole)


def test_a_run_comes_into_the_session_its_file_and_the_lessons(project: GitBox) -> None:
    put(project, Entry(RUN, ("it is so",), ("Why?",), ("Ask  first.",)))
    assert begun(place(project), "01-a")
    run = finish(place(project), "01-a")
    assert runs(project) == (run,)
    assert project.read(f"sessions/{run.file}") == "# A run\n"
    assert "- [x] it is so\n\n## Questions\n\n- Why?\n" in project.read("sessions/01-a.md")
    assert project.read(LESSONS).endswith("every prompt carries it.\n\n- Ask first.\n")
    assert not begun(place(project), "01-a")
    assert pending.sessions(place(project).git_dir) == []


def test_a_run_that_stands_already_is_not_recorded_twice(project: GitBox) -> None:
    put(project, Entry(RUN))
    kept = project.path / ".git/sdd/pending/01-a"
    again = kept.with_name("again")
    kept.rename(again)
    put(project, Entry(RUN))
    finish(place(project), "01-a")
    again.rename(kept)
    finish(place(project), "01-a")
    assert len(runs(project)) == 1


def test_the_same_response_brought_twice_in_a_second_is_two_runs(project: GitBox) -> None:
    for _ in range(2):
        put(project, Entry(RUN))
        finish(place(project), "01-a")
    first, second = runs(project)
    assert first.file == second.file


def test_a_session_that_is_gone_keeps_its_run_until_it_is_back(project: GitBox) -> None:
    put(project, Entry(RUN))
    (project.path / "sessions/01-a.md").unlink()
    with pytest.raises(SddError, match=r"sessions/01-a\.md is gone") as told:
        finish(place(project), "01-a")
    assert told.value.hint == "git checkout -- sessions/01-a.md, then `sdd next 01-a`"
    project.git("checkout", "--", "sessions/01-a.md")
    assert finish(place(project), "01-a").outcome == "done"


def test_a_session_that_cannot_be_read_is_not_written(project: GitBox) -> None:
    put(project, Entry(RUN))
    project.write("sessions/01-a.md", b"\xff")
    with pytest.raises(SddError, match="cannot be changed"):
        finish(place(project), "01-a")
    assert project.read_bytes("sessions/01-a.md") == b"\xff"
    assert begun(place(project), "01-a")


@pytest.mark.parametrize(
    ("there", "after"),
    [
        ("# Lessons\n\n- one\n", "# Lessons\n\n- one\n- two\n"),
        ("# Lessons\n\nWords", "# Lessons\n\nWords\n\n- two\n"),
        ("# Lessons\r\n\r\n- one\r\n", "# Lessons\r\n\r\n- one\r\n- two\r\n"),
        ("# Lessons\n\n- two\n- one", "# Lessons\n\n- two\n- one"),
        ("# Caf\udce9\n\n- one\n\n\n", "# Caf\udce9\n\n- one\n- two\n"),
    ],
    ids=["items", "words", "CRLF", "known", "not UTF-8"],
)
def test_lessons_are_added_once_and_nothing_else_changes(project: GitBox, there: str, after: str) -> None:
    project.write(LESSONS, there.encode("utf-8", "surrogateescape"))
    assert with_lessons(place(project), ["two", " two "]) == after.encode("utf-8", "surrogateescape")


def test_an_entry_is_kept_whole(project: GitBox) -> None:
    entry = Entry(RUN.replace(checks=("0 true", "1 pytest"), cost="0.01"), ("a",), ("b?",), ("c",))
    put(project, entry)
    kept = recording._kept(pending.folder(place(project).git_dir, "01-a"))
    assert kept == entry.replace(run=entry.run.replace(file=kept.run.file))
