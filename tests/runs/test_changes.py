"""What a response may write is all right, or nothing is written."""

from __future__ import annotations

from difflib import unified_diff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.runs.changes import Changes, changed_lines, plan
from sdd.runs.response import Block, EditBlock, FileBlock, ParsedResponse, Problem
from sdd.snapshot import LINK, SUBMODULE, Entry, Snapshot, in_memory

STANDS = {
    b"src/a.py": b"a = 1\nb = 2\n",
    b"src/win.txt": b"one\r\ntwo\r\n",
    b"src/old.txt": b"caf\xe9\nplain\n",
    b"docs/Guide.md": b"# Guide\n",
    b"src/caf\xc3\xa9.py": b"",
    b"Makefile": b"all:\n",
    b"makefile": b"all:\n",
}
NOW = in_memory(STANDS)
SHOWN = {path: NOW.blob(path) for path in STANDS} | {b"src/gone.py": "0" * 40, b"src/new.py": ""}
ANYWHERE = ["**"]


def response(*blocks: FileBlock | EditBlock, problems: tuple[Problem, ...] = ()) -> ParsedResponse:
    files = tuple(block for block in blocks if isinstance(block, FileBlock))
    edits = tuple(block for block in blocks if isinstance(block, EditBlock))
    return ParsedResponse(files, edits, Block("done", 1.0, "Made it."), problems)


def whole(path: str, text: str = "x\n", line: int = 1) -> FileBlock:
    return FileBlock(path, text, line)


def edit(path: str, search: str, replace: str, line: int = 1) -> EditBlock:
    return EditBlock(path, ((search, replace),), line)


def planned(*blocks: FileBlock | EditBlock, now: Snapshot = NOW) -> Changes:
    return plan(response(*blocks), ANYWHERE, now, SHOWN)


def refusal(*blocks: FileBlock | EditBlock, now: Snapshot = NOW) -> str:
    changes = planned(*blocks, now=now)
    assert changes.files == {}
    assert len(changes.problems) == 1, changes.problems
    return changes.problems[0].message


def test_new_files_whole_files_and_edits_are_planned_together() -> None:
    changes = planned(
        whole("src/new.py", "n = 1\n"),
        whole("docs/Guide.md", "# New\n"),
        edit("src/a.py", "b = 2\n", "b = 3\n"),
    )
    assert changes == Changes(
        {b"src/new.py": b"n = 1\n", b"docs/Guide.md": b"# New\n", b"src/a.py": b"a = 1\nb = 3\n"}, ()
    )


def test_what_stands_already_is_no_change() -> None:
    changes = planned(whole("src/a.py", "a = 1\nb = 2\n"), whole("src/win.txt", "one\ntwo\n"))
    assert changes == Changes({}, ())


def test_a_new_empty_file_is_a_change() -> None:
    assert planned(whole("src/__init__.py", "")).files == {b"src/__init__.py": b""}


def test_a_file_keeps_its_line_endings() -> None:
    assert planned(whole("src/win.txt", "three\n")).files == {b"src/win.txt": b"three\r\n"}
    assert planned(edit("src/win.txt", "two\n", "2\n")).files == {b"src/win.txt": b"one\r\n2\r\n"}


def test_bytes_that_are_no_utf8_survive_an_edit() -> None:
    assert planned(edit("src/old.txt", "plain\n", "fancy\n")).files == {b"src/old.txt": b"caf\xe9\nfancy\n"}


def test_one_wrong_path_and_nothing_is_written() -> None:
    changes = plan(
        response(whole("src/new.py", line=3), whole("docs/x.md", line=9), whole("../y", line=6)),
        ["src/**", "tests/*.py"],
        NOW,
        SHOWN,
    )
    assert changes.files == {}
    assert [problem.line for problem in changes.problems] == [6, 9]
    assert changes.problems[1].message == "docs/x.md is outside what this session may write"
    assert changes.problems[1].hint == "write only: src/**, tests/*.py"


def test_a_session_that_may_write_nothing_says_so() -> None:
    assert plan(response(whole("a")), [], NOW, {}).problems[0].hint == "write only: no file"
    assert plan(response(whole("a")), ["b"] * 11, NOW, {}).problems[0].hint.endswith("b, b, …")


def test_a_response_that_has_problems_leaves_nothing_to_write() -> None:
    parsed = response(whole("src/new.py"), problems=(Problem(1, "wrong"),))
    assert plan(parsed, ANYWHERE, NOW, SHOWN) == Changes({}, ())


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/etc/passwd", "is absolute"),
        ("//server/share", "is absolute"),
        ("../a.py", "has an empty part, . or .."),
        ("src/../../a.py", "has an empty part, . or .."),
        ("./a.py", "has an empty part, . or .."),
        ("src//a.py", "has an empty part, . or .."),
        ("src/", "has an empty part, . or .."),
        ("", "has an empty part, . or .."),
        ("src\\a.py", "holds a backslash or a colon"),
        ("C:/a.py", "holds a backslash or a colon"),
        ("src/a.py:stream", "holds a backslash or a colon"),
        ("src/a\n.py", "holds control or invisible characters"),
        ("src/a\x00.py", "holds control or invisible characters"),
        (".g\u200cit/config", "holds control or invisible characters"),
        ("src/\udc80.py", "holds control or invisible characters"),
        (".git./config", "has a part that ends with a dot or a space"),
        (".git /config", "has a part that ends with a dot or a space"),
        (".git/config", "lies in a folder of git or sdd"),
        (".GIT/hooks/pre-commit", "lies in a folder of git or sdd"),
        ("sub/.git", "lies in a folder of git or sdd"),
        ("GIT~1/config", "lies in a folder of git or sdd"),
        (".sdd/policy.toml", "lies in a folder of git or sdd"),
        (".Sdd/policy.toml", "lies in a folder of git or sdd"),
        (".\u017fdd/policy.toml", "lies in a folder of git or sdd"),
        ("SRC/b.py", "differs only in case or accents from src"),
        ("docs/guide.md", "differs only in case or accents from docs/Guide.md"),
        ("src/cafe\u0301.py", "differs only in case or accents from src/café.py"),
        ("src/a.py/b.py", "lies below src/a.py, which is a file"),
        ("src", "is a folder"),
        ("src/gone.py", "was removed since the prompt showed it"),
    ],
)
def test_a_path_is_refused(path: str, told: str) -> None:
    assert told in refusal(whole(path))
    assert told in refusal(edit(path, "a\n", "b\n"))


@pytest.mark.parametrize(
    "path", [".github/workflows/x.yml", "src/.gitkeep", "app/[id]/page.tsx", "docs/my file.md", "docs/é.md"]
)
def test_a_path_that_only_looks_odd_is_written(path: str) -> None:
    assert planned(whole(path)).files == {path.encode(): b"x\n"}


def test_spellings_that_stand_beside_each_other_stay_writable() -> None:
    assert planned(whole("Makefile"), whole("makefile")).files == {b"Makefile": b"x\n", b"makefile": b"x\n"}


def test_the_files_of_a_response_do_not_collide_among_themselves() -> None:
    assert "differs only in case or accents from lib/A.py" in refusal(
        whole("lib/A.py"), whole("lib/a.py", line=5)
    )
    assert "lies below lib, which is a file" in refusal(whole("lib"), whole("lib/a.py", line=5))
    assert "lib is a folder" in refusal(whole("lib/a.py"), whole("lib", line=5))


@pytest.mark.parametrize(("mode", "told"), [(LINK, "which is a link"), (SUBMODULE, "which is a submodule")])
@pytest.mark.parametrize("path", ["out", "out/a.py"])
def test_nothing_is_written_through_a_link_or_into_a_submodule(mode: str, told: str, path: str) -> None:
    now = Snapshot("links", {b"out": Entry(mode, "1" * 40)}, lambda paths: {})
    assert refusal(whole(path), now=now) == f"{path} leads through out, {told}"


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ({b"a.py": "0" * 40}, "has changed since the prompt showed it"),
        ({b"a.py": ""}, "was made by someone since the prompt said that it is absent"),
        ({}, "stands already, and the prompt did not show it"),
    ],
)
def test_a_file_that_is_not_as_shown_is_left_alone(shown: dict[bytes, str], told: str) -> None:
    changes = plan(response(whole("a.py")), ANYWHERE, in_memory({b"a.py": b"1\n"}), shown)
    assert changes.files == {}
    assert told in changes.problems[0].message


def test_an_edit_that_does_not_match_names_file_and_nearest_lines() -> None:
    problem = planned(edit("src/a.py", "b = 3\n", "b = 4\n", line=7)).problems[0]
    assert (problem.line, problem.message) == (7, "in src/a.py search block 1 of 1 does not match")
    assert "b = 2" in problem.hint


def test_an_absent_file_is_begun_by_an_empty_search_and_by_nothing_else() -> None:
    assert planned(edit("src/new.py", "", "n = 1\n")).files == {b"src/new.py": b"n = 1\n"}
    assert "does not stand" in refusal(edit("src/new.py", "a\n", "n = 1\n"))


def test_half_a_surrogate_pair_is_no_text() -> None:
    assert "half a surrogate pair" in refusal(whole("src/new.py", "\ud800\n"))
    assert "half a surrogate pair" in refusal(edit("src/a.py", "a = 1\n", "\udc80\n"))


def test_a_name_that_is_no_utf8_stands_in_nobodys_way() -> None:
    now = in_memory({b"src/\xff.py": b"", b"src/a.py": b""})
    assert planned(whole("src/b.py"), now=now).problems == ()


@given(st.text("/.\\aA~g\u0301\n :", max_size=8))
def test_a_planned_path_stays_in_the_tree(path: str) -> None:
    for planned_path in planned(whole(path)).files:
        assert planned_path == path.encode()
        assert not {b"", b".", b"..", b".git", b".sdd"}.intersection(planned_path.lower().split(b"/"))


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        (b"", b"", 0),
        (b"", b"a\nb\n", 2),
        (b"a\nb\n", b"", 2),
        (b"a\nb\n", b"a\nc\n", 2),
        (b"a\r\n", b"a\n", 0),
        (b"a\nb\n", b"b\na\n", 0),
    ],
)
def test_changed_lines_are_those_added_and_removed(before: bytes, after: bytes, count: int) -> None:
    assert changed_lines(before, after) == count


LINES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=8)


@given(LINES, LINES)
def test_changed_lines_are_never_more_than_a_diff_says(before: list[str], after: list[str]) -> None:
    marked = [
        line
        for line in unified_diff(before, after, lineterm="")
        if line[0] in "+-" and line[:3] not in {"+++", "---"}
    ]
    assert changed_lines("\n".join(before).encode(), "\n".join(after).encode()) <= len(marked)
