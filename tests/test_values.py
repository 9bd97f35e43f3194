"""Values are immutable and compared by their fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.values import Value


class Point(Value):
    x: int
    y: int = 0


class Named(Point):
    name: str = ""
    _hidden: int = 7


class Space(Value):
    x: int
    y: int
    z: int = 0


class Other(Value):
    x: int
    y: int = 0


def test_fields_are_given_by_place_or_by_name() -> None:
    assert Point(1, 2) == Point(x=1, y=2) == Point(1, y=2)
    assert (Point(1).x, Point(1).y) == (1, 0)


def test_a_subclass_adds_its_fields_after_the_inherited_ones() -> None:
    assert Named(1, 2, "here") == Named(name="here", y=2, x=1)
    assert Named._fields == ("x", "y", "name")


@pytest.mark.parametrize(
    ("args", "kwargs", "told"),
    [
        ((), {}, "Point needs 'x'"),
        ((1, 2, 3), {}, "Point has 2 fields, got 3 values"),
        ((1,), {"x": 2}, "Point has no free field 'x'"),
        ((1,), {"z": 2}, "Point has no free field 'z'"),
    ],
)
def test_a_field_missing_doubled_or_unknown_is_refused(
    args: tuple[int, ...], kwargs: dict[str, int], told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        Point(*args, **kwargs)


@given(
    st.lists(st.integers(), max_size=4),
    st.dictionaries(st.sampled_from(["x", "y", "z", "w"]), st.integers(), max_size=4),
)
def test_values_make_a_value_if_each_field_gets_one_and_none_two(
    args: list[int], kwargs: dict[str, int]
) -> None:
    by_place = dict(zip(Space._fields, args, strict=False))
    free = {"x", "y", "z"} - {*by_place}
    given = {"z": 0} | by_place | kwargs
    if len(args) <= 3 and free >= {*kwargs} and given.keys() == {"x", "y", "z"}:
        assert Space(*args, **kwargs) == Space(**given)
        assert Space(*args, **kwargs)._values() == (given["x"], given["y"], given["z"])
    else:
        with pytest.raises(TypeError, match="Space "):
            Space(*args, **kwargs)


def test_a_value_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(TypeError, match="Point cannot be changed: x"):
        setattr(point, "x", 2)  # noqa: B010 - the checker rightly forbids the assignment
    with pytest.raises(TypeError, match="Point cannot be changed: x"):
        delattr(point, "x")
    assert point == Point(1)


@given(st.integers(), st.integers())
def test_equal_fields_make_equal_values_with_equal_hashes(x: int, y: int) -> None:
    assert Point(x, y) == Point(x, y)
    assert len({Point(x, y), Point(x, y)}) == 1
    assert Point(x, y).replace(y=y + 1) != Point(x, y)


def test_values_of_different_classes_are_different() -> None:
    assert Point(1) != Other(1)
    assert Point(1) != (1, 0)


def test_a_value_prints_as_the_call_that_makes_it() -> None:
    assert repr(Named(1, name="here")) == "Named(x=1, y=0, name='here')"


def test_replacing_a_field_keeps_the_others() -> None:
    assert Named(1, 2, "a").replace(name="b") == Named(1, 2, "b")
