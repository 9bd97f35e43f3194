"""Front matter is read strictly, says all that is wrong, never raises, and agrees with a YAML 1.2 loader."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file
from ruamel.yaml import YAML

from counting import calls
from sdd.errors import SddError
from sdd.sessions.front_matter import (
    FILE_BYTES,
    FRONT_CHARACTERS,
    HELD,
    FrontMatter,
    parse,
    render,
    with_field,
)

CASES = Path(__file__).parent.parent / "cases"
PATH = b"sessions/01-a.md"


def read(text: str) -> FrontMatter:
    return parse(PATH, text.encode())


def values(front: FrontMatter) -> dict[str, Any]:
    return {key: field.value for key, field in front.fields.items()}


def told(front: FrontMatter) -> str:
    lines = [f"{key} = {field.value!r} (line {field.line})" for key, field in front.fields.items()]
    lines += [f"{found.code} line {found.line}: {found.message} -> {found.hint}" for found in front.findings]
    return "\n".join([*lines, f"body from line {front.body_line}: {front.body!r}", ""])


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        case[1:]
        for name in ("front_matter", "front_matter_refused")
        for case in read_fixture_file(CASES / f"{name}.md")
    ],
)
def test_a_case_of_the_table_is_read_as_it_says(title: str, text: str, expected: str) -> None:
    assert told(read(text)) == expected, title


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"\xef\xbb\xbf---\nkind: a\n---\n", 1, "the file begins with a byte order mark (U+FEFF)"),
        (b"---\nkind: \xff\n---\n", 2, "byte 10 (0xff) is not UTF-8"),
        (b"---\nkind: a\n---\n\n\xed\xa0\x80", 5, "byte 17 (0xed) is not UTF-8"),
        (b"---\nkind: a\n---\nbody\0", 4, "the line holds a NUL, so the file is no text"),
        (b"-" * (FILE_BYTES + 1), 0, f"the file has {FILE_BYTES + 1} bytes, more than {FILE_BYTES}"),
        (b"k\0i\0", 1, "the line holds a NUL, so the file is no text"),
    ],
)
def test_a_file_that_is_no_text_has_one_finding_and_nothing_else(
    data: bytes, line: int, message: str
) -> None:
    front = parse(PATH, data)
    assert (front.fields, front.body, front.body_line) == ({}, "", 1)
    assert [(found.code, found.path, found.line, found.message) for found in front.findings] == [
        ("SDD101", PATH, line, message)
    ]
    assert front.findings[0].hint


def test_a_file_of_the_greatest_size_is_read() -> None:
    front = parse(PATH, b"---\nkind: a\n---\n".ljust(FILE_BYTES, b"x"))
    assert not front.findings
    assert len(front.body) == FILE_BYTES - 16


def test_front_matter_that_is_too_long_counts_as_not_closed() -> None:
    front = read("---\n" + "# text\n" * FRONT_CHARACTERS + "---\n")
    assert [found.code for found in front.findings] == ["SDD102"]
    assert "more than 65536" in front.findings[0].message
    assert front.body.startswith("---\n# text")


@pytest.mark.parametrize("end", ["\n", ""])
def test_ends_of_lines_of_windows_are_read_as_others(end: str) -> None:
    text = f"---\nkind: a\nreads:\n  - b\n---\n# T\n\ntext{end}"
    windows = parse(PATH, text.replace("\n", "\r\n").encode())
    assert windows == read(text)
    assert windows.body == f"# T\n\ntext{end}"


@pytest.mark.parametrize(
    ("char", "name"),
    [
        *(("\r", "U+000D"), ("\f", "U+000C"), ("\x1b", "U+001B"), ("\x7f", "U+007F"), ("\x85", "U+0085")),
        *(("\u2028", "U+2028"), ("\u2029", "U+2029"), ("\ufeff", "U+FEFF"), ("\uffff", "U+FFFF")),
        *((chr(code), f"U+{code:04X}") for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    ],
)
@pytest.mark.parametrize(
    "line", ["role: a{}b", "role: 'a{}b'", "reads: [a{}b]", "reads:\n  - a{}b", "# a{}b"]
)
def test_a_character_that_nobody_sees_is_refused_even_in_a_comment(line: str, char: str, name: str) -> None:
    front = read(f"---\nkind: a\n{line.format(char)}\n---\n")
    assert [(found.code, found.message) for found in front.findings] == [
        ("SDD103", f"the line holds {name}, which a reader cannot see")
    ]
    assert values(front) == {"kind": "a"}


@pytest.mark.parametrize(
    "text", ["reads:\n\t- a", "role:\ta", "\trole: a", "role: a\t# b", "reads:\n  - a\n\t- b"]
)
def test_a_tab_is_refused_wherever_it_stands(text: str) -> None:
    front = read(f"---\n{text}\n---\n")
    assert any("holds a tab" in found.message for found in front.findings)
    assert not front.fields


def test_a_value_that_could_not_be_read_is_told_apart_from_a_missing_one() -> None:
    front = read("---\nkind: *a\nrole: \u202e\nneeds:\n  - {a}\n: b\n---\n")
    assert front.refused == ("kind", "role", "needs")


def test_a_doubled_key_keeps_the_first_and_says_so_each_time() -> None:
    front = read("---\nkind: a\nkind: b\nrole: *a\nrole: b\nkind:\n  - c\n---\n")
    assert values(front) == {"kind": "a"}
    assert [(found.code, found.line) for found in front.findings] == [
        *(("SDD104", 3), ("SDD103", 4), ("SDD104", 5), ("SDD104", 6))
    ]


def test_a_long_value_is_shortened_in_the_message() -> None:
    front = read(f"---\nkind: *{'a' * 100}\n---\n")
    assert f"`*{'a' * 58}…`" in front.findings[0].message


@pytest.mark.parametrize(("length", "findings"), [(1000, 0), (1001, 1)])
def test_a_name_is_no_longer_than_yaml_allows(length: int, findings: int) -> None:
    assert len(read(f"---\n{'a' * length}: b\n---\n").findings) == findings
    assert len(read(f"---\na:\n  {'a' * length}: b\n---\n").findings) == findings


def test_a_line_that_was_read_before_says_the_same_again_however_many_came_between() -> None:
    text = "---\nkind: implementation\nreads: [a, b]\nwrites: {}\nrole: [\n---\n"
    first = read(text)
    for number in range(HELD + 1):
        assert values(read(f"---\nrole: {number}th\n---\n")) == {"role": f"{number}th"}
    assert read(text) == first == read(text)


def test_a_file_is_read_in_microseconds() -> None:
    text = "---\nkind: a\nneeds: [02-catalog, gate:implementation]\nreads:\n  - docs/a.md#A\n  - b::C\n---\n"
    data = (text + "- [ ] an item of the checklist\n" * 95).encode()
    assert len(data) > 3000
    start = time.process_time()
    for _ in range(1000):
        parse(PATH, data)
    assert time.process_time() - start < 0.5  # 0.03 on an idle machine of 2024; coverage makes it 0.12


def pairs(count: int) -> str:
    return "a:\n" + "".join(f"  k{at:05}: v\n" for at in range(count))


def keys(count: int) -> str:
    return "".join(f"k{at:05}: v\n" for at in range(count))


def refused_keys(count: int) -> str:
    return "".join(f"k{at:05}: |\n" for at in range(count))


def flow(count: int) -> str:
    return f"a: [{', '.join(['v', chr(34) + 'w]' + chr(34)] * (count // 2))}]\n"


def open_flow(count: int) -> str:
    return f"a: [{'v, ' * count}\n"


def quotes(count: int) -> str:
    return f"a: '{chr(39) * 2 * count}'\n"


def escapes(count: int) -> str:
    return f'a: "{"backslash".replace("backslash", chr(92) + chr(34)) * count}"\n'


@pytest.mark.parametrize("form", [pairs, keys, refused_keys, flow, open_flow, quotes, escapes])
def test_ten_times_the_front_matter_takes_ten_times_the_steps(form: Callable[[int], str]) -> None:
    few, many = (f"---\n{form(count)}---\n".encode() for count in (300, 3000))
    assert len(many) < FRONT_CHARACTERS
    assert calls(lambda: parse(PATH, many)) < 11 * calls(lambda: parse(PATH, few))


# The law: whatever is accepted, a loader of YAML 1.2 reads alike.

WORDS = (
    *(
        "a",
        "é",
        "\u05d0",
        "\u00a0",
        "\U0001f600",
        "true",
        "false",
        "null",
        "~",
        "yes",
        "No",
        "True",
        "N",
        "t",
        "f",
        "<<",
        "=",
    ),
    *(
        "0",
        "1",
        "-1",
        "+",
        "1.5",
        "1e3",
        "1e",
        "0x1F",
        "0o7",
        "0b1",
        "_",
        "1_0",
        ".inf",
        ".",
        "-.nan",
        "2026-11-21",
        "12:30",
    ),
    *(
        "- ",
        "-",
        "? ",
        "?",
        ": ",
        ":",
        "::",
        " #",
        "#",
        ", ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "''",
        "*",
        "&",
        "!",
        "|",
        ">",
    ),
    *(
        "%",
        "@",
        "`",
        "\\",
        "\\n",
        "\\u0041",
        "\\x41",
        "\\ud83d",
        "\\U0001F600",
        " ",
        "  ",
        "\t",
        "...",
        "\x85",
        "\u2028",
    ),
)
FRAGMENTS = st.lists(st.sampled_from(WORDS), max_size=7).map("".join)
FORMS = st.sampled_from(
    (
        *(
            "key: {}",
            "key: [{}]",
            "key: [a, {}]",
            'key: "{}"',
            "key: '{}'",
            "key:{}",
            "key: a\n{}",
            "key: a # {}\nb: {}",
        ),
        *(
            "key:\n  - {}\n  - {}",
            "key:\n- {}",
            "key:\n  {}: {}",
            "key:\n  x{}",
            "key:\n-{}: a",
            "{}: a",
            "{}",
        ),
    )
)


def typed(value: object) -> object:
    """A value in which 1 and true are different."""
    if isinstance(value, (list, tuple)):
        return [typed(item) for item in value]
    if isinstance(value, Mapping):
        return {key: typed(item) for key, item in value.items()}
    return type(value), value


@settings(max_examples=500)
@given(FORMS, st.lists(FRAGMENTS, min_size=2, max_size=2))
def test_what_is_accepted_a_yaml_loader_reads_alike(form: str, fragments: list[str]) -> None:
    source = form.format(*fragments) + "\n"
    front = read(f"---\n{source}---\n")
    if not front.findings and not source.startswith("---\n") and "\n---\n" not in source:
        assert typed(YAML(typ="safe", pure=True).load(source) or {}) == typed(values(front))


@settings(max_examples=500)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: f"---\n{text}\n---\n".encode("utf-8", "surrogatepass"))
)
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    front = parse(PATH, data)
    assert front.body_line >= 1
    assert all(
        found.code in {"SDD101", "SDD102", "SDD103", "SDD104"} and found.hint for found in front.findings
    )
    assert all(found.message.count("\n") == 0 and found.line >= 0 for found in front.findings)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=200))
def test_the_body_is_the_rest_of_the_file_from_its_line_on(body: str) -> None:
    text = f"---\nkind: a\n# c\n---\n{body}"
    front = read(text)
    assert front.body == body == "\n".join(text.split("\n")[front.body_line - 1 :])


# The other law: what is written is read back.

SEEN = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Cs", "Cn"))
TEXTS = st.text(SEEN | st.sampled_from("\n\t\r\"'\\#:-[]{},*& "), max_size=12) | FRAGMENTS.filter(
    lambda text: "\x85" not in text and "\u2028" not in text
)
SCALARS = TEXTS | st.booleans() | st.integers(-(10**18) + 1, 10**18 - 1)
KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True).filter(
    lambda key: key.lower() not in {"true", "false", "null"}
)
FIELDS = st.dictionaries(
    KEYS, SCALARS | st.lists(SCALARS, max_size=7).map(tuple) | st.dictionaries(TEXTS, SCALARS, max_size=3)
)


@given(FIELDS)
@example({"a": {"-b": ""}})
def test_what_is_written_is_read_back(fields: dict[str, Any]) -> None:
    text = render(fields)
    front = read(text)
    assert not front.findings
    assert typed(values(front)) == typed(fields)
    assert list(front.fields) == list(fields)
    assert front.body == ""
    assert render(values(front)) == text


@given(FIELDS, KEYS, SCALARS | st.lists(SCALARS, max_size=7).map(tuple), st.booleans())
def test_setting_a_key_changes_that_key_alone(
    fields: dict[str, Any], key: str, value: Any, windows: bool
) -> None:
    text = render(fields) + "# Title\n\n---\nkind: no\n"
    before = text.replace("\n", "\r\n") if windows else text
    after = with_field(before, key, value)
    front = read(after)
    assert not front.findings
    assert typed(values(front)) == typed(fields | {key: value})
    assert after.endswith(before[before.index("# Title") :])
    assert ("\r\n" in after) == windows
    assert after.count("\n") == after.count("\r\n" if windows else "\n")
    assert with_field(after, key, value) == after


def test_lists_that_are_long_or_many_are_written_one_item_a_line() -> None:
    assert render({"a": ("b", "c,d", "e", "{f}")}) == '---\na: [b, "c,d", e, "{f}"]\n---\n'
    assert render({"a": ("b",) * 5}) == "---\na:\n" + "  - b\n" * 5 + "---\n"
    assert render({"a": ("b" * 60, "c,d" * 20)}) == f"---\na:\n  - {'b' * 60}\n  - {'c,d' * 20}\n---\n"
    assert (
        render({"a": {"b:c": "d", "1": True}, "e": {}, "f": ()})
        == '---\na:\n  b:c: d\n  "1": true\ne: {}\nf: []\n---\n'
    )


def test_a_key_is_set_in_its_place_and_all_else_stays() -> None:
    text = "---\n# above\nkind: a # why\n\nreads:\n  # between\n  - b\n\n  - c\n# below\nrole:   d\n---\n  body \n"
    assert with_field(text, "reads", ("x",)) == (
        "---\n# above\nkind: a # why\n\nreads: [x]\n# below\nrole:   d\n---\n  body \n"
    )
    assert with_field(text, "kind", 7) == text.replace("kind: a # why", "kind: 7")
    assert with_field(text, "gate", "spec") == text.replace("\n---\n", "\ngate: spec\n---\n")


@pytest.mark.parametrize("text", ["# no front matter\n", "---\nkind: *a\n---\n", "---\nkind: \ud800\n---\n"])
def test_no_key_is_set_where_the_front_matter_is_not_understood(text: str) -> None:
    with pytest.raises(SddError, match="the front matter cannot be changed: ") as caught:
        with_field(text, "kind", "b")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"a b": "c"}, "`a b` cannot be a key of front matter"),
        ({"": "c"}, "`` cannot be a key of front matter"),
        ({"-a": "c"}, "`-a` cannot be a key of front matter"),
        ({"null": "c"}, "`null` cannot be a key of front matter"),
        ({"a": "b\u202ec"}, r"`b\\u202ec` holds a character that cannot be seen"),
        ({"a": ("\x1b",)}, r"`\\u001b` holds a character that cannot be seen"),
        ({"a": {"\ud800": "b"}}, r"`\\ud800` holds a character that cannot be seen"),
        ({"a": 10**18}, "the number 1000000000000000000 has more than 18 digits"),
        ({"a": {"b" * 1001: "c"}}, "has 1001 characters, more than 1000"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SddError, match=message) as caught:
        render(fields)
    assert caught.value.hint
