"""What a session rests on by its runs, and what of it holds no more."""

from __future__ import annotations

import projects
from projects import run, runs, session
from sdd.prompts.prompt import source
from sdd.prompts.selectors import select
from sdd.runs import record
from sdd.runs.resting import Lapse, Trace, current, lapses, trace, where
from sdd.sessions.project import derive
from sdd.sessions.run import Run, file_name
from sdd.sessions.whole_run import Input
from sdd.snapshot import Snapshot, in_memory, overlaid

FILES = {
    b"docs/a.md": b"# A\n\n## One\n\n1\n\n## Two\n\n2\n",
    b"src/a.py": b"A = 1\n",
    b"src/b.py": b"B = 1\n",
}


Made = tuple[Run, list[tuple[str, ...]], dict[bytes, tuple[str, str]]]


def rows(*selectors: str, files: dict[bytes, bytes] = FILES) -> list[tuple[str, ...]]:
    """The rows of inputs that selectors give; a plain path may carry its glob in front: `src/*=src/a.py`."""
    found: list[tuple[str, ...]] = []
    for selector in selectors:
        by, _, path = selector.rpartition("=")
        plain = path.partition("#")[0].partition("::")[0]
        one = current(in_memory(files), path, plain.encode())
        found.append((by or path, plain, one.blob, one.text, one.words))
    return found


def rested(*made: Made, front: tuple[str, ...] = ()) -> tuple[Snapshot, Trace]:
    """The project whose session 01-a had these runs, each with inputs and what it wrote; and what the session rests on."""
    wholes: dict[bytes, bytes] = {}
    told = []
    for one, sources, wrote in made:
        data = record.whole("01-a", one, sources=sources, wrote=wrote)
        name = file_name("01-a", one.time, data)
        wholes[b"sessions/" + name.encode()] = data
        told.append(one.replace(file=name))
    files = projects.files(**{"sessions__01-a": session("implementation", *front, rest=runs(*told))})
    snapshot = in_memory(files | FILES | wholes)
    return snapshot, trace(derive(snapshot), "01-a")


def selectors(found: Trace) -> list[str]:
    return [one.selector for one in found.inputs]


def test_the_last_good_run_of_each_turn_counts_and_no_failed_one() -> None:
    _, found = rested(
        (run("done", turn="document"), rows("docs/a.md#One"), {}),
        (run("failed"), rows("src/b.py"), {}),
        (run("done"), rows("src/b.py"), {}),
        (run("done"), rows("src/a.py"), {}),
    )
    assert selectors(found) == ["docs/a.md#One", "src/a.py"]


def test_what_was_sent_back_counts_no_more_nor_what_came_after_it() -> None:
    document: Made = (run("done", turn="document"), rows("docs/a.md#One"), {})
    work: Made = (run("done"), rows("src/a.py"), {})
    rejected: Made = (run("rejected", turn="work"), [], {})
    assert selectors(rested(document, work, rejected)[1]) == ["docs/a.md#One"]
    all_of_it: Made = (run("rejected", turn="document"), [], {})
    assert selectors(rested(document, work, all_of_it, all_of_it)[1]) == []


def test_what_it_wrote_or_might_write_is_its_own_unless_it_asked_to_read_it() -> None:
    wrote = {b"src/a.py": ("1", "2"), b"docs/lessons.md": ("", "3")}
    shown = rows("src/a.py", "src/b.py")
    assert rested((run("done"), shown, wrote), front=("writes: [src/**]",))[1] == Trace(
        "01-a", (), (b"src/a.py",)
    )
    asked = ("writes: [src/**]", "reads: [src/a.py, src/b.py]")
    assert selectors(rested((run("done"), shown, wrote), front=asked)[1]) == ["src/b.py"]


def test_the_rules_of_every_prompt_and_records_count_only_where_they_were_asked_for() -> None:
    files = {b"docs/guidelines.md": b"# G\n", b"docs/tracker.md": b"# T\n", b"sessions/02-b.md": b"# B\n"}
    given = rows("docs/guidelines.md", "docs/tracker.md", "sessions/02-b.md", files=files)
    assert selectors(rested((run("done"), given, {}))[1]) == []
    asked = ("guidelines: [docs/guidelines.md]", "reads: [docs/tracker.md]")
    assert selectors(rested((run("done"), given, {}), front=asked)[1]) == ["docs/guidelines.md"]


def test_an_accepted_text_replaces_what_was_seen_and_adds_nothing() -> None:
    old = rows("docs/a.md#One", "src/a.py", files=FILES | {b"docs/a.md": b"# A\n\n## One\n\n0\n"})
    snapshot, found = rested((run("done"), old, {}))
    assert lapses(snapshot, found.inputs) == (Lapse("docs/a.md#One", b"docs/a.md", "has changed"),)
    accepted: Made = (run("accepted", provider="person"), rows("docs/a.md#One", "src/b.py"), {})
    snapshot, found = rested((run("done"), old, {}), accepted)
    assert selectors(found) == ["src/a.py", "docs/a.md#One"] or selectors(found) == [
        "docs/a.md#One",
        "src/a.py",
    ]
    assert lapses(snapshot, found.inputs) == ()
    assert rested(accepted)[1].inputs == ()


def test_two_turns_saw_two_versions_and_either_will_do() -> None:
    old = FILES | {b"src/a.py": b"A = 0\n"}
    snapshot, found = rested(
        (run("done", turn="document"), rows("src/a.py", files=old), {}), (run("done"), rows("src/a.py"), {})
    )
    assert len(found.inputs) == 2
    assert lapses(snapshot, found.inputs) == ()
    assert lapses(overlaid(snapshot, {b"src/a.py": b"A = 0\n"}), found.inputs) == ()
    assert lapses(overlaid(snapshot, {b"src/a.py": b"A = 2\n"}), found.inputs) != ()


def test_a_run_of_an_older_sdd_is_compared_to_the_byte() -> None:
    older = [row[:4] for row in rows("src/a.py")]
    snapshot, found = rested((run("done"), older, {}))
    assert lapses(overlaid(snapshot, {b"docs/x.md": b"x"}), found.inputs) == ()
    assert [one.why for one in lapses(overlaid(snapshot, {b"src/a.py": b"A =  1\n"}), found.inputs)] == [
        "has changed"
    ]
    newer = rested((run("done"), rows("src/a.py"), {}))[1]
    assert lapses(overlaid(snapshot, {b"src/a.py": b"A =  1\n"}), newer.inputs) == ()


def test_files_of_a_glob_are_themselves_and_a_new_one_is_nobodys() -> None:
    snapshot, found = rested((run("done"), rows("src/*=src/a.py", "src/*=src/b.py"), {}))
    assert lapses(overlaid(snapshot, {b"src/c.py": b"C = 1\n"}), found.inputs) == ()
    (lapse,) = lapses(overlaid(snapshot, {b"src/b.py": None}), found.inputs)
    assert lapse.told == "src/b.py (by src/*) is gone"
    assert where("docs/a.md#One", b"docs/a.md") == "docs/a.md#One"


def test_a_text_that_no_prompt_may_hold_any_more_is_one_that_nothing_names() -> None:
    snapshot, found = rested((run("done"), rows("src/a.py"), {}))
    assert [one.why for one in lapses(overlaid(snapshot, {b"src/a.py": b"\0"}), found.inputs)] == [
        "names nothing any more"
    ]


def test_a_page_s_own_reads_and_a_run_whose_file_is_gone() -> None:
    told = run("done").replace(file="changes/x.runs/20261121T101500Z-000000000000.md")
    files = projects.files(sessions__changes__x=session("change", rest=runs(told)))
    files |= {b"docs/changes/x.md": b"---\nreads: [src/a.py]\nwrites: [src/b.py]\n---\n# X\n"}
    assert trace(derive(in_memory(files)), "changes/x") == Trace("changes/x", (), ())


def test_what_is_told_of_a_session_counts_and_the_way_between_commits_never_changes() -> None:
    other = session("implementation", rest=runs(run("done", summary="One.")))
    files = FILES | {b"sessions/02-b.md": other.encode()}
    told = current(in_memory(files), "session:02-b", b"sessions/02-b.md")
    sources: list[tuple[str, ...]] = [("session:02-b", "sessions/02-b.md", told.blob, told.text, told.words)]
    sources += [("diff:A..B", "diff:1..2", "2", "3", "4")]
    snapshot, found = rested((run("done"), sources, {}))
    assert selectors(found) == ["session:02-b"]
    accepted = session("implementation", rest=runs(run("done", summary="One."), run("accepted")))
    again = session("implementation", rest=runs(run("done", summary="One."), run("done", summary="Two.")))
    assert lapses(overlaid(snapshot, {b"sessions/02-b.md": accepted.encode()}), found.inputs) == ()
    assert [
        one.told for one in lapses(overlaid(snapshot, {b"sessions/02-b.md": again.encode()}), found.inputs)
    ] == ["session:02-b has changed"]


def test_a_class_is_compared_with_the_imports_that_its_prompt_showed() -> None:
    module = b"from typing import Protocol\n\n\nclass A(Protocol):\n    x: int\n\n\nclass B:\n    y = 1\n"
    snapshot = in_memory({b"src/a.py": module})
    (excerpt,) = select(snapshot, "src/a.py::A")
    shown = source(excerpt)
    seen = [Input("src/a.py::A", b"src/a.py", shown.blob, shown.sha256, shown.words)]
    assert lapses(overlaid(snapshot, {b"src/a.py": module.replace(b"y = 1", b"y = 2")}), seen) == ()
    moved = module.replace(b"from typing", b"from typing_extensions")
    assert len(lapses(overlaid(snapshot, {b"src/a.py": moved}), seen)) == 1
