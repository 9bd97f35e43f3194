"""Time never goes back, and identifiers sort by it."""

from datetime import UTC

import pytest

from fernweh.clock.system import SystemClock
from fernweh.clock.ulid import UlidSource


def test_time_is_in_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    times = [clock.now() for _ in range(1000)]
    assert times == sorted(times)
    assert {time.tzinfo for time in times} == {UTC}


def test_a_thousand_identifiers_are_different_and_sorted() -> None:
    source = UlidSource(SystemClock())
    made = [source.new("ord") for _ in range(1000)]
    assert made == sorted(set(made))
    assert {len(one) for one in made} == {4 + 26}


@pytest.mark.parametrize("prefix", ["", "Ord", "o1", "ö"])
def test_a_prefix_of_other_signs_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="is no prefix"):
        UlidSource(SystemClock()).new(prefix)
