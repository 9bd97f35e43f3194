"""Every key has one entry in one table; what does not fit it is told with the right form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sdd.findings import Finding
from sdd.sessions.front_matter import Field, FrontMatter, parse
from sdd.sessions.keys import KEYS, PAGE, SESSION, TEMPLATE, Table, check, schema

PATH = b"sessions/01-a.md"


def checked(text: str, table: Table = SESSION) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    front = parse(PATH, f"---\n{text}\n---\n".encode())
    return check(PATH, front, table)


def test_the_tables_hold_the_keys_of_the_design() -> None:
    assert [key.name for key in SESSION.keys] == [
        *(
            "kind",
            "role",
            "needs",
            "reads",
            "interfaces",
            "models",
            "configuration",
            "guidelines",
            "implements",
        ),
        *("writes", "gate", "verify", "tests_first", "provider", "model", "budget", "continues"),
        *("layer", "group", "owner", "risk", "effort"),
        "planned",
    ]
    assert TEMPLATE.keys == SESSION.keys[1:-1]
    assert [key.name for key in PAGE.keys] == ["reads", "writes", "verify"]
    assert {key.type for key in KEYS} == {"text", "flag", "number", "list", "map"}


def test_values_that_fit_come_back_typed() -> None:
    values, findings = checked(
        "kind: implementation\nneeds: [02-catalog, 3]\nimplements:\n  a.py::A: b.py::B\n  c: 4\n"
        "tests_first: true\nbudget: 1000\neffort: 2\nwrites: []"
    )
    assert not findings
    assert values == {
        "kind": "implementation",
        "needs": ("02-catalog", "3"),
        "implements": {"a.py::A": "b.py::B", "c": "4"},
        "tests_first": True,
        "budget": 1000,
        "effort": "2",
        "writes": (),
    }


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("need: [a]", "`need` is no key of a session", "write `needs`"),
        ("tests-first: true", "`tests-first` is no key of a session", "write `tests_first`"),
    ],
)
def test_a_misspelt_key_is_told_with_the_nearest_right_one(line: str, message: str, hint: str) -> None:
    values, findings = checked(f"kind: a\n{line}")
    assert values == {"kind": "a"}
    assert findings == (Finding("SDD105", PATH, 3, message, hint),)


def test_a_key_like_no_other_is_told_with_all_there_are() -> None:
    _, findings = checked("writes: [a]\nzzzz: b", PAGE)
    assert findings == (
        Finding(
            "SDD105", PATH, 3, "`zzzz` is no key of a page", "delete it; a page has reads, writes, verify"
        ),
    )


def test_a_template_has_no_kind() -> None:
    _, findings = checked("kind: a", TEMPLATE)
    assert [(found.code, found.message) for found in findings] == [
        ("SDD105", "`kind` is no key of a template")
    ]


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        ("role: true", "`role: true` is a flag, but `role` is a text", 'write `role: "true"`'),
        ('role: ""', '`role: ""` is empty, but `role` is a text', "write `role: …`"),
        ("role: [a, b]", "`role: [a, b]` is a list, but `role` is a text", "write `role: a`"),
        ("role: []", "`role: []` is empty, but `role` is a text", "write `role: …`"),
        ("role:\n  a: b", "`role:   a: b` is a map, but `role` is a text", "write `role: b`"),
        (
            "reads: docs/a.md",
            "`reads: docs/a.md` is a text, but `reads` is a list of texts",
            "write `reads: [docs/a.md]`",
        ),
        ("reads: 7", "`reads: 7` is a number, but `reads` is a list of texts", 'write `reads: ["7"]`'),
        (
            "reads: [a, true]",
            "`reads: [a, true]` is a list with a flag, but `reads` is a list of texts",
            'write `reads: [a, "true"]`',
        ),
        (
            'reads: [""]',
            '`reads: [""]` is a list with an empty text, but `reads` is a list of texts',
            "write `reads: […]`",
        ),
        ("reads:\n  a: b", "`reads:   a: b` is a map, but `reads` is a list of texts", "write `reads: [b]`"),
        (
            "implements: a",
            "`implements: a` is a text, but `implements` is a map of texts",
            "write `implements:\n  name: a`",
        ),
        (
            "implements: []",
            "`implements: []` is empty, but `implements` is a map of texts",
            "write `implements:\n  name: …`",
        ),
        (
            "implements:\n  a: true",
            "`implements:   a: true` is a map with a flag, but `implements` is a map of texts",
            'write `implements:\n  a: "true"`',
        ),
        (
            'implements:\n  "": a',
            '`implements:   "": a` is a map with an empty name, but `implements` is a map of texts',
            "write `implements:\n  name: a`",
        ),
        (
            "tests_first: yes",
            "`tests_first: yes` is a text, but `tests_first` is `true` or `false`",
            "write `tests_first: true`",
        ),
        (
            "tests_first: no",
            "`tests_first: no` is a text, but `tests_first` is `true` or `false`",
            "write `tests_first: false`",
        ),
        (
            "tests_first: 0",
            "`tests_first: 0` is a number, but `tests_first` is `true` or `false`",
            "write `tests_first: false`",
        ),
        (
            "budget: true",
            "`budget: true` is a flag, but `budget` is a number above 0",
            "write `budget: 100000`",
        ),
        ("budget: 0", "`budget: 0` is a number, but `budget` is a number above 0", "write `budget: 100000`"),
        (
            "budget: -5",
            "`budget: -5` is a number, but `budget` is a number above 0",
            "write `budget: 100000`",
        ),
        (
            'budget: "9"',
            '`budget: "9"` is a text, but `budget` is a number above 0',
            "write `budget: 100000`",
        ),
    ],
)
def test_a_wrong_type_is_told_with_the_right_form(lines: str, message: str, hint: str) -> None:
    values, findings = checked(f"kind: a\n{lines}")
    assert values == {"kind": "a"}
    assert findings == (Finding("SDD106", PATH, 3, message, hint),)


def test_the_right_form_of_a_hint_fits_the_table() -> None:
    wrong = {"text": "[a, b]", "list": "{}", "map": "[a, b]", "flag": "on", "number": "true"}
    for key in SESSION.keys:
        _, findings = checked(
            f"kind: a\n{key.name}: {wrong[key.type]}" if key.name != "kind" else "kind: [a]"
        )
        (found,) = findings
        right = found.hint.removeprefix("write `").removesuffix("`")
        assert checked(right, Table("session", (key,)))[1] == ()


def test_a_long_value_is_shortened_in_the_message() -> None:
    _, findings = checked(f"kind: a\nreads: {'b' * 100}")
    assert findings[0].message.startswith(f"`reads: {'b' * 52}…` is a text")


def test_a_missing_key_is_told_where_it_is_required() -> None:
    assert checked("role: a")[1] == (
        Finding(
            "SDD107",
            PATH,
            1,
            "the key `kind` is missing",
            "add `kind: …`, the template, `sessions/templates/<kind>.md`",
        ),
    )
    assert [found.message for found in checked("reads: [a]", PAGE)[1]] == ["the key `writes` is missing"]
    assert checked("role: a", TEMPLATE)[1] == ()


def test_a_key_whose_value_is_refused_is_not_missing_too() -> None:
    assert checked("kind: *a")[1] == ()
    assert [found.code for found in checked("kind: [a]")[1]] == ["SDD106"]


@pytest.mark.parametrize("data", [b"", b"# no front matter\n", b"---\nkind: a\n", b"\xff"])
def test_without_front_matter_nothing_is_added_to_what_the_reader_said(data: bytes) -> None:
    assert check(PATH, parse(PATH, data), SESSION) == ({}, ())


@pytest.mark.parametrize(
    "glob",
    ["src/**", "a", ".github/x.yml", ".gitattributes", "{docs}/x.md", "a b/c.py", "..a/b...", "**/*.py"],
)
def test_a_path_inside_the_project_may_be_written(glob: str) -> None:
    assert checked(f'writes: ["{glob}"]', PAGE) == ({"writes": (glob,)}, ())


@pytest.mark.parametrize(
    ("glob", "why"),
    [
        ("/etc/passwd", "is no path inside the project"),
        ("~/x", "is no path inside the project"),
        ("C:/x", "is no path inside the project"),
        ("../x", "is not written the shortest way"),
        ("a/../b", "is not written the shortest way"),
        ("./a", "is not written the shortest way"),
        ("a//b", "is not written the shortest way"),
        ("src/", "is not written the shortest way"),
        (".git/config", "lies in `.git` or `.sdd`"),
        (".GIT", "lies in `.git` or `.sdd`"),
        ("a/.git/hooks/x", "lies in `.git` or `.sdd`"),
        (".git./x", "lies in `.git` or `.sdd`"),
        (".sdd/policy.toml", "lies in `.git` or `.sdd`"),
        (".Sdd /x", "lies in `.git` or `.sdd`"),
        ("a\\\\b", "holds a character that no path should have"),
        ("a\\nb", "holds a character that no path should have"),
    ],
)
def test_a_path_that_no_session_may_write_is_told(glob: str, why: str) -> None:
    for text in (f'kind: a\nwrites: [ok, "{glob}"]', f'kind: a\nwrites:\n  - ok\n  - "{glob}"'):
        _, findings = checked(text)
        assert [(found.code, found.line) for found in findings] == [("SDD108", 3)]
        assert why in findings[0].message
        assert "\n" not in findings[0].message


@pytest.mark.parametrize("glob", ["src/\x07a", "src/\u202ea", "../\x07a"])
def test_a_glob_with_a_hidden_character_is_told_and_shown(glob: str) -> None:
    front = FrontMatter({"writes": Field((glob,), 3)}, "", 1)
    values, findings = check(PATH, front, PAGE)
    assert values == {"writes": (glob,)}
    assert [(one.code, one.line) for one in findings] == [("SDD108", 3)]
    assert "holds a character that no path should have" in findings[0].message
    assert findings[0].message.isprintable()


TEXTS = st.sampled_from(["", "a", "b.py"])
SCALARS = TEXTS | st.booleans() | st.integers(-1, 2)
VALUES = SCALARS | st.lists(SCALARS, max_size=3).map(tuple) | st.dictionaries(TEXTS, SCALARS, max_size=2)


@given(
    st.sampled_from([SESSION, TEMPLATE, PAGE]),
    st.dictionaries(st.sampled_from([key.name for key in KEYS] + ["other"]), VALUES, max_size=4),
)
def test_the_schema_accepts_what_the_check_accepts(table: Table, fields: dict[str, Any]) -> None:
    front = FrontMatter({name: Field(value, 2) for name, value in fields.items()}, "", 9)
    values, findings = check(PATH, front, table)
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    assert Draft202012Validator(schema(table)).is_valid(plain) == (not findings)
    assert values.keys() <= fields.keys()


@pytest.mark.parametrize("table", [SESSION, TEMPLATE, PAGE])
def test_the_schema_is_valid_and_tells_what_each_key_means(table: Table) -> None:
    made = schema(table)
    Draft202012Validator.check_schema(made)
    assert list(made["properties"]) == [key.name for key in table.keys]
    assert all(shape["description"].endswith(".") for shape in made["properties"].values())
    assert made["additionalProperties"] is False
