"""The tasks of a plan and the page of a change are read strictly: what they say is what may be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file

from sdd.sessions.plan import LISTS, Page, Plan, Task, parse, parse_page

CASES = Path(__file__).parent.parent / "cases"
PATH = b"docs/implementation-plan.md"


def told(found: Plan) -> str:
    lines: list[str] = []
    for task in found.tasks:
        lines.append(f"{task.line} {task.name}: {task.title}")
        lines += [f"  {key}: {text}" for key, text in task.texts.items()]
        lines += [f"  {key}: {list(entries)}" for key, entries in task.lists.items()]
        lines += [f"  {contract} <- {made}" for contract, made in task.implements.items()]
    lines += [f"{one.code} line {one.line}: {one.message} -> {one.hint}" for one in found.findings]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("title", "text", "expected"), [case[1:] for case in read_fixture_file(CASES / "sessions_plan.md")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_case_of_the_table_is_read_as_it_says(title: str, text: str, expected: str, end: str) -> None:
    assert told(parse(PATH, text.replace("\n", end).encode())) == expected, title


def test_a_plan_without_tasks_has_none_and_nothing_is_wrong() -> None:
    assert parse(PATH, b"# Plan\n\nwords\n\n### 04-cart: no task\n") == Plan(PATH)
    assert Plan(PATH).task("04-cart") is None


def test_lines_are_those_of_the_file_below_front_matter_too() -> None:
    found = parse(PATH, b"---\ntitle: x\n---\n# Plan\n\n## Tasks\n\n### 04-cart: Cart\n\n- Gaol: x\n")
    assert [task.line for task in found.tasks] == [8]
    assert {(one.code, one.line) for one in found.findings} == {("SDD162", 10), ("SDD164", 8)}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "byte 0 (0xff) is not UTF-8"),
        (b"## Tasks\n\0", "the line holds a NUL, so the file is no text"),
        (b"\xef\xbb\xbf## Tasks\n", "the file begins with a byte order mark (U+FEFF)"),
    ],
)
def test_a_plan_that_is_no_text_has_no_tasks_and_one_finding(data: bytes, message: str) -> None:
    found = parse(PATH, data)
    assert not found.tasks
    assert [(one.code, one.message) for one in found.findings] == [("SDD101", message)]


@pytest.mark.parametrize("char", ["\x07", "\u202e", "\t"])
def test_a_plan_that_grants_a_glob_with_a_hidden_character_is_still_read(char: str) -> None:
    task = f"### 04-a: A\n\n- Goal: g\n- Writes: src/a{char}b\n- Acceptance: it holds\n"
    found = parse(PATH, f"## Tasks\n\n{task}".encode())
    assert [one.writes for one in found.tasks] == [(f"src/a{char}b",)]
    assert [(one.code, one.line) for one in found.findings] == ([] if char == "\t" else [("SDD108", 6)])


def test_a_task_is_found_by_its_name() -> None:
    found = parse(PATH, b"## Tasks\n\n### 04-a: A\n\n- Writes: x\n\n### 05-b: B\n")
    task = found.task("04-a")
    assert task == found.tasks[0]
    assert task.writes == ("x",)
    assert found.task("05-b") == found.tasks[1]
    assert found.task("05-b").writes == ()  # type: ignore[union-attr] # the line above says that it is there
    assert found.task("06-c") is None


words = st.text("abc ,:`#-[]", max_size=8).map(lambda text: f"a{text}".strip())
globs = st.text("abc/*._", min_size=1, max_size=8)


@given(words, st.lists(globs), st.lists(words))
def test_what_a_task_lists_is_read_back(title: str, writes: list[str], acceptance: list[str]) -> None:
    below = "".join(f"  - {one}\n" for one in acceptance)
    text = (
        f"## Tasks\n\n### 04-a: {title}\n\n- Goal: g\n- Writes: {', '.join(writes)}\n- Acceptance:\n{below}"
    )
    (task,) = parse(PATH, text.encode()).tasks
    assert task.writes == tuple(writes)
    assert task.lists["Acceptance"] == tuple(acceptance)


def test_a_page_grants_what_its_front_matter_says() -> None:
    path = b"docs/changes/fix.md"
    assert parse_page(path, b"---\nwrites: [a, b/**]\nreads: [c]\nverify: [make]\n---\n# Fix\n") == Page(
        path, ("a", "b/**"), ("c",), ("make",)
    )


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["SDD102"]),
        ("---\nreads: [a]\n---\n", ["SDD107"]),
        ("---\nwrites: a\n---\n", ["SDD106"]),
        ("---\nwrites: [/etc/passwd]\n---\n", ["SDD108"]),
        ("---\nwrites: [a]\nkind: change\n---\n", ["SDD105"]),
    ],
)
def test_a_page_that_cannot_be_meant_has_a_finding(text: str, codes: list[str]) -> None:
    assert [one.code for one in parse_page(b"docs/changes/fix.md", text.encode()).findings] == codes


def test_every_list_of_a_task_may_be_nested_or_on_one_line() -> None:
    for key in LISTS[:3]:
        one = parse(PATH, f"## Tasks\n### a: A\n- {key}: `x/*`, y\n".encode()).tasks[0]
        other = parse(PATH, f"## Tasks\n### a: A\n- {key}:\n  - `x/*`\n  - y\n".encode()).tasks[0]
        assert isinstance(one, Task)
        assert one.lists == other.lists == {key: ("x/*", "y")}
