"""What is proposed to a session over its budget: what it speaks of stays, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import files, seen, session
from sdd.prompts.budget import Proposal, fields, over, proposal
from sdd.prompts.compile import compiled
from sdd.prompts.pieces import pieces, words, words_of
from sdd.prompts.prompt import Prompt
from sdd.sessions.project import Project

MARKDOWN = """# Architecture

Words above all.

## Services

They serve.

### Cart

Carts hold lines.

### Stock

Counts.

## Failure

Breaks.

## Failure

Breaks again.
"""
PYTHON = '''"""Contracts."""
from typing import Protocol


class Line:
    price: "Money"


class Money: ...


@overload
def carts(x: int) -> int: ...
@overload
def carts(x: str) -> str: ...


class ICartService(Protocol):
    def add(self, line: Line) -> None: ...

    def drop(self) -> None: ...


class Unrelated: ...
'''


def project(*front: str, goal: str = "The cart holds lines.", **more: str) -> Project:
    given = files(**{"sessions__01-a": session("testing", "interfaces: []", *front, goal=goal), **more})
    given[b"src/a.py"] = PYTHON.encode()
    return seen(given).project


def made(found: Project) -> Prompt:
    picture = seen(found.snapshot.read_all(found.snapshot.entries))
    return compiled(picture.project, picture.states, "01-a", "Answer.")


def inside(selector: str, known: frozenset[str] = frozenset({"cart"})) -> list[tuple[str, bool]]:
    found = project(docs__a=MARKDOWN, docs__b="no headings\n")
    return [(one.selector, one.named) for one in pieces(found.snapshot, selector, known)]


def test_a_document_consists_of_its_sections_one_level_down() -> None:
    assert inside("docs/a.md") == [
        ("docs/a.md#Services", True),
        ("docs/a.md#failure", False),
        ("docs/a.md#failure-1", False),
    ]
    assert inside("docs/a.md#Services") == [("docs/a.md#Cart", True), ("docs/a.md#Stock", False)]
    assert inside("docs/a.md#Cart") == inside("docs/b.md") == []
    assert inside("docs/a.md:5-15") == [("docs/a.md#Cart", True), ("docs/a.md#Stock", False)]


def test_a_module_consists_of_its_symbols_and_a_contract_needs_its_types() -> None:
    known = words_of(project(goal="Build the cart service."), "01-a")
    assert inside("src/a.py", known) == [
        ("src/a.py::Line", True),
        ("src/a.py::Money", True),
        ("src/a.py::carts", True),
        ("src/a.py::ICartService", True),
        ("src/a.py::Unrelated", False),
    ]
    assert inside("src/a.py::ICartService", frozenset({"add"})) == [
        ("src/a.py::ICartService.add", True),
        ("src/a.py::ICartService.drop", False),
    ]
    assert inside("src/a.py::Unrelated") == []


def test_a_glob_consists_of_its_files_and_other_things_of_nothing() -> None:
    assert inside("docs/*.md", frozenset({"a", "brief"})) == [
        ("docs/a.md", False),
        ("docs/b.md", False),
        ("docs/brief.md", True),
    ]
    assert inside("session:01-a") == []
    assert inside(".sdd/policy.toml") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ICartService", {"cart", "service"}),
        ("HTTPServer_errors2", {"http", "server", "error"}),
        ("the and of", set()),
        ("Größe naïve", {"größe", "naïve"}),
        ("docs/interfaces/cart.py", {"doc", "interface", "cart"}),
    ],
)
def test_words_say_something(text: str, found: set[str]) -> None:
    assert words(text) == found


def big(**sizes: int) -> str:
    return "# All\n\n" + "".join(f"## {title}\n\n{'word ' * size}\n\n" for title, size in sizes.items())


def proposed(found: Project, budget: int) -> Proposal:
    return proposal(found, "01-a", made(found), budget)


def test_the_largest_pieces_that_are_not_spoken_of_go_first_and_only_until_it_fits() -> None:
    found = project("reads: [docs/big.md]", docs__big=big(Cart=500, One=600, Two=1500, Three=700))
    whole = made(found).tokens
    (narrowing,) = proposed(found, whole - 1000).narrowings
    assert [one.selector for one in narrowing.left_out] == ["docs/big.md#Two"]
    assert narrowing.into == ("docs/big.md#Cart", "docs/big.md#One", "docs/big.md#Three")
    (narrowing,) = proposed(found, whole - 2500).narrowings
    assert [one.selector for one in narrowing.left_out] == ["docs/big.md#Two", "docs/big.md#Three"]
    assert proposed(found, whole).narrowings == ()


def test_a_section_that_is_spoken_of_is_taken_apart_where_it_must_be() -> None:
    text = (
        "# All\n\n## Parts\n\n### Cart\n\nx\n\n### Stock\n\n"
        + "word " * 900
        + "\n\n## More\n\n"
        + "word " * 300
    )
    found = project("reads: [docs/big.md]", docs__big=text)
    (narrowing,) = proposed(found, made(found).tokens - 1200).narrowings
    assert narrowing.into == ("docs/big.md#Cart",)


def test_where_nothing_is_spoken_of_nothing_is_guessed() -> None:
    found = project("reads: [docs/big.md]", docs__big=big(One=900, Two=900))
    assert proposed(found, 10).narrowings == ()


def test_a_key_of_the_template_becomes_the_session_s_own_without_what_is_not_there() -> None:
    given = files(
        **{"sessions__01-a": session("testing"), "docs__build-verification": big(Cart=10, Other=900)}
    )
    given[b"sessions/01-a.md"] = given[b"sessions/01-a.md"].replace(b"Reach it.", b"The cart.")
    found = seen(given).project
    what = proposed(found, made(found).tokens - 800)
    assert fields(found, "01-a", what) == {"reads": ("docs/build-verification.md#Cart",)}


def test_the_error_lists_parts_and_their_pieces_and_says_what_is_left_to_do() -> None:
    sizes = {"Cart": 300, **{f"Part{number}": 150 + number for number in range(9)}}
    found = project("reads: [docs/big.md]", docs__big=big(**sizes))
    prompt = made(found)
    error = over(found, "01-a", prompt, prompt.tokens - 900)
    lines = [line.strip() for line in error.message.split("\n")]
    at = next(number for number, line in enumerate(lines) if line.endswith("tokens  docs/big.md"))
    assert lines[at + 1].endswith("docs/big.md#Cart (the session speaks of it)")
    assert lines[at + 2].endswith("docs/big.md#Part8")
    assert lines[at + 7] == "and 4 more"
    assert error.hint.startswith("sdd prompt 01-a --fit\nit reads only what the session speaks of, about ")
    assert "that alone leaves about" in over(found, "01-a", prompt, 10).hint


def test_a_file_that_is_no_python_and_a_part_of_no_file_are_listed_as_they_are() -> None:
    given = files(**{"sessions__01-a": session("testing", "reads: [src/bad.py]", "interfaces: []")})
    given[b"src/bad.py"] = b"def def\n" * 900
    found = seen(given).project
    assert "tokens  src/bad.py\n" in over(found, "01-a", made(found), 10).message


NAMES = st.sampled_from(["Cart", "Stock", "Payment", "Order", "Admin"])


@given(st.dictionaries(NAMES, st.integers(0, 900), min_size=1), st.integers(1, 4000))
def test_what_is_spoken_of_is_never_left_out(sizes: dict[str, int], budget: int) -> None:
    found = project("reads: [docs/big.md]", docs__big=big(**sizes))
    what = proposed(found, budget)
    left = {one.selector for narrowing in what.narrowings for one in narrowing.left_out}
    assert "docs/big.md#Cart" not in left
    assert not what.narrowings or "Cart" in sizes
    for narrowing in what.narrowings:
        assert sorted({*narrowing.into, *left}) == sorted(f"docs/big.md#{title}" for title in sizes)
