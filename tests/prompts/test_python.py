"""The symbols of a Python module, and sources that are none."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.prompts.python import Symbol, symbol, symbols

SOURCE = """\
A = 1
if A:
    def f(): ...
class C:
    x: int
    "Its docstring."
    class D:
        @property
        def y(self): ...
B: int = 2; E = 3
"""
ALIKE = f"{SOURCE}class DC:\n    y = 1\nclass C_:\n    x = 2\n"


def test_symbols_come_in_the_order_of_their_lines() -> None:
    assert symbols(SOURCE) == [
        Symbol("A", 1, 1),
        Symbol("f", 3, 3),
        Symbol("C", 4, 9),
        Symbol("C.x", 5, 6),
        Symbol("C.D", 7, 9),
        Symbol("C.D.y", 8, 9),
        Symbol("B", 10, 10),
        Symbol("E", 10, 10),
    ]


@pytest.mark.parametrize("known", symbols(ALIKE), ids=lambda one: one.name)
def test_whoever_asks_for_one_symbol_gets_what_is_among_all(known: Symbol) -> None:
    assert symbol(ALIKE, known.name) == known


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement came with Python 3.12")
def test_a_type_alias_is_a_symbol() -> None:
    assert symbols("type Pair[T] = tuple[T, T]\n'''Two.'''\n") == [Symbol("Pair", 1, 2)]


def test_a_property_and_its_setter_are_one() -> None:
    source = "class C:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, new): ...\n"
    assert symbol(source, "C.x") == Symbol("C.x", 2, 5)


def test_a_class_that_is_defined_twice_is_one_with_all_that_is_in_it() -> None:
    assert symbol("class C:\n    x = 1\nclass C:\n    y = 1\n", "C") == Symbol("C", 1, 4)


def test_a_doubtful_escape_is_no_error() -> None:
    assert symbols("x = '\\d'\ny = 1 is 1\n") == [Symbol("x", 1, 1), Symbol("y", 2, 2)]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\ny = = 2\n", 2),
        ("x = 1\n\ty = 2\n", 2),
        ("x = '", 1),
        ("x = 1\0", 1),
        ("-" * 100_000 + "1", 1),
        ("a" + ".b" * 100_000, 1),
        ("(" * 5000, 1),
        ("not " * 20_000 + "a", 1),
        ("if a: pass\n" + "elif b: pass\n" * 3000, 1),
        ("x = '\\N{no such name}'", 1),
        ("\ud800", 1),
        ("9" * 5000, 1),
    ],
    ids=range(12),
)
def test_what_is_no_python_is_told_by_file_and_line(source: str, line: int) -> None:
    with pytest.raises(SddError, match=f"^src/a.py:{line} is no Python that can be read: ."):
        symbols(source, "src/a.py")


def test_a_chain_nearly_too_long_to_parse_is_read() -> None:
    chain = "if a:\n    x = 1\n" + "elif b:\n    y = 1\n" * 100
    assert len(symbols(chain)) == 101


@given(st.text() | st.text("abc=:()[]{}'\"\\\n\t @.,#def class"))
def test_no_text_raises_anything_but_an_sdd_error(source: str) -> None:
    try:
        found = symbols(source)
    except SddError:
        return
    count = source.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= one.first_line <= one.last_line <= count for one in found)
