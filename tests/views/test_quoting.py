from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.views.quoting import MARKUP, SAFE, code, link, plain, shown, steers


def test_a_code_span_is_fenced_by_more_backticks_than_it_holds() -> None:
    assert code("make test") == "`make test`"
    assert code("a `b` c") == "``a `b` c``"
    assert code("`b`") == "`` `b` ``"


@pytest.mark.parametrize(
    ("first", "last"),
    [(0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0x2028, 0x202E), (0x2066, 0x2069), (0xD800, 0xDFFF)],
)
def test_what_steers_a_terminal_is_told_apart_from_what_does_not(first: int, last: int) -> None:
    assert all(steers(chr(code)) and shown(chr(code)) == f"\\u{code:04x}" for code in range(first, last + 1))
    assert not steers(chr(last + 1))


@given(st.text("ab_ *[\u202e\x07\té\ud800", max_size=8))
def test_words_are_escaped_sign_by_sign(words: str) -> None:
    line = "".join("\ufffd" if steers(char) else char for char in " ".join(words.split()))
    inside = [line[:at][-1:].isalnum() and line[at + 1 :][:1].isalnum() for at in range(len(line))]
    assert plain(words) == "".join(
        f"\\{char}" if char in MARKUP and not (char == "_" and within) else char
        for char, within in zip(line, inside, strict=True)
    )


@given(st.text("ab/.~ é%(", max_size=8))
def test_an_address_is_escaped_byte_by_byte(place: str) -> None:
    there = "".join(chr(byte) if byte in SAFE else f"%{byte:02X}" for byte in place.encode())
    assert link("x", place) == f"[x]({there})"
