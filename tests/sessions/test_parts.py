"""Parts of a project are made when they are asked for, and what several need is fetched together, once."""

from __future__ import annotations

import pytest

from sdd.sessions.parts import AHEAD, HELD, Parts


def parts(count: int) -> tuple[Parts[int], list[list[str]]]:
    fetched: list[list[str]] = []
    names = [f"{number:06}" for number in range(count)]
    return Parts(lambda: names, {*names}.__contains__, int, fetched.append), fetched


def test_a_part_that_is_asked_for_alone_is_fetched_alone() -> None:
    found, fetched = parts(1000)
    assert found["000007"] == found["000007"] == 7
    assert fetched == [["000007"]]


@pytest.mark.parametrize("count", [10, 1000, 2 * HELD])
def test_whoever_goes_through_all_fetches_each_once_and_many_at_a_time(count: int) -> None:
    found, fetched = parts(count)
    assert list(found.values()) == list(range(count))
    assert [name for names in fetched for name in names] == list(found)
    assert len(fetched) == -(-count // AHEAD)


def test_what_is_not_there_is_missing() -> None:
    found, fetched = parts(3)
    assert "000003" not in found
    with pytest.raises(KeyError):
        found["000003"]
    assert fetched == []
