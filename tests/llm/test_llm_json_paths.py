"""A way to a place in JSON finds what is there, and nothing where the shape is another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.llm.json_paths import fits, found

LINE = {
    "type": "text",
    "n": 1,
    "yes": True,
    "part": {"text": "hi", "none": None},
    "list": [{"t": "a"}, {"t": "b"}, 3],
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("type", ["text"]),
        ("part.text", ["hi"]),
        ("part.none", []),
        ("part.text.deeper", []),
        ("nothing.here", []),
        ("list.0.t", ["a"]),
        ("list.7.t", []),
        ("list.-1.t", []),
        ("list.*.t", ["a", "b"]),
        ("list." + "9" * 5000, []),
        ("part.*", ["hi"]),
        ("*.text", ["hi"]),
    ],
)
def test_a_path_finds_what_stands_there(path: str, values: list[Any]) -> None:
    assert found(LINE, path) == values


@pytest.mark.parametrize(
    ("where", "fit"),
    [
        ({}, True),
        ({"type": "text"}, True),
        ({"type": "text", "part.text": "hi"}, True),
        ({"type": "other"}, False),
        ({"yes": True}, True),
        ({"n": True}, False),
        ({"yes": 1}, False),
        ({"nothing": "x"}, False),
        ({"list.*.t": "b"}, True),
    ],
)
def test_a_line_fits_where_each_place_holds_that_value(
    where: dict[str, str | int | bool], *, fit: bool
) -> None:
    assert fits(LINE, where) == fit


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab0*"), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.lists(st.sampled_from(["a", "b", "0", "1", "*", "²"]), min_size=1, max_size=4))
def test_no_json_is_too_strange_for_a_path(value: Any, names: list[str]) -> None:
    assert None not in found(value, ".".join(names))
    assert fits(value, {".".join(names): "x"}) in {True, False}
