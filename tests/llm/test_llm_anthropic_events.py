"""What the events of a stream mean, whatever comes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from sdd.llm import anthropic_events as meaning
from sdd.llm.anthropic_problems import retry_after, secrets_of

names = st.sampled_from(
    ["type", "delta", "text", "message", "usage", "content_block", "model", "stop_reason", "output_tokens"]
)
leaf = (
    st.none()
    | st.integers()
    | st.floats()
    | st.sampled_from(["text", "text_delta", "\ud800", "message_stop"])
)
events = st.lists(
    st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4))
)
letters = st.characters(categories=["L", "Cs"])


@given(events)
def test_no_event_is_a_surprise(found: list[Any]) -> None:
    text = meaning.whole_text(found)
    text.encode()  # proper Unicode
    usage = meaning.usage_of(found)
    assert all(count is None or count >= 0 for count in usage.model_dump().values())
    for name in (meaning.model_of(found), meaning.stop_reason_of(found)):
        assert name is None or name.encode() is not None
    for event in found:
        assert meaning.text_of(event) in "".join(map(meaning.text_of, found))
        assert isinstance(meaning.is_a("ping", event), bool)


@given(st.lists(st.text()))
def test_text_is_the_pieces_in_their_order(pieces: list[str]) -> None:
    deltas = [{"delta": {"type": "text_delta", "text": piece}} for piece in pieces]
    assert meaning.whole_text(deltas) == "".join(pieces)


@given(st.text(letters))
def test_proper_text_stays_and_half_letters_go(text: str) -> None:
    proper = meaning.proper(text)
    assert meaning.proper(proper) == proper
    proper.encode()


def test_the_text_a_block_starts_with_counts() -> None:
    assert meaning.text_of({"content_block": {"type": "text", "text": "Hi"}}) == "Hi"


@given(st.text("sk-ant_0123456789", min_size=8), events)
def test_no_secret_stays(secret: str, found: list[Any]) -> None:
    told = [*found, f"<{secret}>", {secret: [secret + secret]}]
    clean = meaning.without(secrets_of({"Authorization": f"Bearer {secret}"}), told)
    assert secret not in json.dumps(clean, ensure_ascii=False)
    assert meaning.without([], told) is told


@given(st.text() | st.integers().map("1 Jan {} 00:00:00".format))
@example("1 Jan 99999999999999 00:00:00")
@example("Sat, 99 Nov 2026 99:99:99 +9999")
def test_any_header_is_a_wait_or_none(value: str) -> None:
    wait = retry_after({"retry-after": value})
    assert wait is None or wait >= 0
