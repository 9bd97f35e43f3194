"""Responses on disk: nothing is lost on the way there and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sdd.errors import SddError
from sdd.llm.response import Response, Usage, from_json, to_json

PLAIN = Response(
    text="Hello\r\n",
    provider="recorded",
    model_asked=None,
    model_answered=None,
    conversation=None,
    usage=None,
    cost=None,
    stop_reason=None,
    partial=False,
    started=datetime(2026, 11, 21, 9, tzinfo=UTC),
    seconds=0.5,
    first_text_seconds=None,
    raw={"recording": "001-a.md"},
)

finite = st.floats(allow_nan=False, allow_infinity=False)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
counts = st.none() | st.integers(min_value=0)
responses = st.builds(
    Response,
    text=st.text(),
    provider=st.text(),
    model_asked=st.none() | st.text(),
    model_answered=st.none() | st.text(),
    conversation=st.none() | st.text(),
    usage=st.none() | st.builds(Usage, input=counts, output=counts, cache_read=counts, cache_write=counts),
    cost=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    stop_reason=st.none() | st.text(),
    partial=st.booleans(),
    started=st.datetimes(timezones=st.just(UTC)),
    seconds=finite,
    first_text_seconds=st.none() | finite,
    raw=any_json,
    agent=st.none() | st.text(),
    denied=st.lists(st.text(), max_size=3).map(tuple),
    turns=counts,
    notes=st.lists(st.text(), max_size=3).map(tuple),
)


@given(responses)
def test_a_response_comes_back_as_it_was(response: Response) -> None:
    text = to_json(response)
    again = from_json(text)
    assert again == response
    assert to_json(again) == text  # also what == does not tell apart: 1, 1.0 and True; 1.50 and 1.5
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text)["version"] == 2


@given(any_json)
def test_whatever_is_read_is_a_response_or_a_told_error(data: Any) -> None:
    with pytest.raises(SddError):
        from_json(json.dumps(data))


@given(st.sampled_from(sorted(json.loads(to_json(PLAIN)))), any_json)
def test_a_spoilt_field_is_told_or_harmless(name: str, value: Any) -> None:
    try:
        found = from_json(json.dumps({**json.loads(to_json(PLAIN)), name: value}))
    except SddError:
        return
    assert from_json(to_json(found)) == found


@given(responses)
def test_an_older_version_is_read_without_what_it_did_not_know(response: Response) -> None:
    fields = json.loads(to_json(response)) | {"version": 1}
    for unknown in ("agent", "denied", "turns", "notes"):
        del fields[unknown]
    expected = response.model_copy(update={"agent": None, "denied": (), "turns": None, "notes": ()})
    assert from_json(json.dumps(fields)) == expected


def test_a_newer_version_is_refused_with_what_to_do() -> None:
    text = json.dumps({"version": 7, "future": "shape"})
    with pytest.raises(SddError) as caught:
        from_json(text)
    assert caught.value.message == "a stored response has version 7, and this sdd reads versions up to 2"
    assert caught.value.hint == "pip install --upgrade sdd"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "has no version, but None"),
        ('{"version": true}', "has no version, but True"),
        ('{"version": 0}', "has no version, but 0"),
        ('{"version": 1}', "is wrong at 'text': Field required"),
        (to_json(PLAIN).replace('"recorded"', '"recorded", "more": 1'), "is wrong at 'more'"),
        (to_json(PLAIN).replace('{"recording"', '{"not": NaN, "recording"'), "is wrong at 'raw'"),
    ],
)
def test_what_is_no_response_is_told(text: str, said: str) -> None:
    with pytest.raises(SddError) as caught:
        from_json(text)
    assert said in caught.value.message
    assert caught.value.hint


def test_times_are_kept_in_utc() -> None:
    berlin = datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=1)))
    moved = Response.model_validate({**PLAIN.model_dump(), "started": berlin})
    assert moved == PLAIN
    assert json.loads(to_json(moved))["started"] == "2026-11-21T09:00:00+00:00"


def test_a_time_without_a_zone_is_none() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Response.model_validate({**PLAIN.model_dump(), "started": datetime(2026, 11, 21)})  # noqa: DTZ001 - the point


def test_an_unknown_cost_is_not_nothing() -> None:
    assert from_json(to_json(PLAIN)).cost is None
    free = Response.model_validate({**PLAIN.model_dump(), "cost": Decimal("0.00")})
    assert str(from_json(to_json(free)).cost) == "0.00"


def test_the_share_of_the_prompt_that_was_cached_is_known_or_none() -> None:
    assert Usage(input=10, cache_read=85, cache_write=5).cached_share == 0.85
    assert Usage(input=10, cache_read=0).cached_share == 0
    for unknown in (
        Usage(),
        Usage(input=1),
        Usage(cache_read=1),
        Usage(input=0, cache_read=0, cache_write=0),
    ):
        assert unknown.cached_share is None


def test_a_response_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PLAIN.text = "other"  # type: ignore[misc]  # the point of the test
