"""A kind's template gives its sessions their defaults, with the places filled in."""

from __future__ import annotations

import pytest

from sdd.sessions.process import shipped
from sdd.sessions.session import parse as parse_session
from sdd.sessions.template import SECTIONS, filled, parse, settled

PATH = b"sessions/templates/testing.md"
TEXT = """---
role: QA engineer
writes: ["{docs}/test-plan.md", "tests/{session}/**"]
implements:
  "{docs}/a.py::A": src/a.py::A
tests_first: true
---
# Testing

## Role

You break {feature}.

## Instructions

Break it.

## Questions to ask

- What broke before?

## Goal

Break it.

## Checklist

- [ ] it broke
"""


def test_a_template_is_read_whole() -> None:
    found = parse(PATH, TEXT.encode())
    assert (
        found.kind,
        found.title,
        found.role,
        found.instructions,
        found.to_ask,
        found.goal,
        found.checklist,
    ) == (
        "testing",
        "Testing",
        "You break {feature}.",
        "Break it.",
        "- What broke before?",
        "Break it.",
        "- [ ] it broke",
    )
    assert not found.findings
    assert parse(PATH, TEXT.replace("\n", "\r\n").encode()) == found


@pytest.mark.parametrize("name", SECTIONS)
def test_a_template_needs_its_sections_but_for_the_questions(name: str) -> None:
    found = parse(PATH, TEXT.replace(f"## {name}\n", "## Other\n").encode()).findings
    assert [one.code for one in found] == ([] if name == "Questions to ask" else ["SDD110"])


def test_a_template_says_no_kind_and_its_keys_are_checked() -> None:
    found = parse(PATH, TEXT.replace("role:", "kind: a\nrol:").encode()).findings
    assert [(one.code, one.line) for one in found] == [("SDD105", 2), ("SDD105", 3)]


def test_a_template_without_front_matter_is_told_so_once() -> None:
    assert [one.code for one in parse(PATH, b"# T\n").findings] == ["SDD102"]
    assert [one.code for one in parse(PATH, b"\xff").findings] == ["SDD101"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("01-spec", "docs|the project|01-spec"),
        ("checkout/01-spec", "docs/checkout|checkout|01-spec"),
        ("changes/fix", "docs|changes|fix"),
    ],
)
def test_places_are_filled_in(name: str, expected: str) -> None:
    assert filled("{docs}|{feature}|{session}", name) == expected


def test_what_a_session_says_itself_counts_more_than_its_template() -> None:
    one = parse_session(b"sessions/checkout/91-t.md", b"---\nkind: testing\nrole: me\n---\n")
    assert settled(one, parse(PATH, TEXT.encode())) == {
        "kind": "testing",
        "role": "me",
        "writes": ("docs/checkout/test-plan.md", "tests/91-t/**"),
        "implements": {"docs/checkout/a.py::A": "src/a.py::A"},
        "tests_first": True,
    }
    assert settled(one, None) == {"kind": "testing", "role": "me"}


@pytest.mark.parametrize(("kind", "data"), shipped().items())
def test_what_is_shipped_is_right(kind: str, data: bytes) -> None:
    found = parse(b"sessions/templates/" + kind.encode() + b".md", data)
    assert not found.findings
    assert found.kind == kind
