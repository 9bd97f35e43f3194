from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sdd.views.quoting import MARKUP, SAFE, STEERING, code, link, plain


def test_a_code_span_is_fenced_by_more_backticks_than_it_holds() -> None:
    assert code("make test") == "`make test`"
    assert code("a `b` c") == "``a `b` c``"
    assert code("`b`") == "`` `b` ``"


def test_what_steers_a_terminal_is_never_printable() -> None:
    assert not any(map(str.isprintable, STEERING))


@given(st.text("ab_ *[\u202e\x07\té\ud800", max_size=8))
def test_words_are_escaped_sign_by_sign(words: str) -> None:
    line = "".join("\ufffd" if char in STEERING else char for char in " ".join(words.split()))
    inside = [line[:at][-1:].isalnum() and line[at + 1 :][:1].isalnum() for at in range(len(line))]
    assert plain(words) == "".join(
        f"\\{char}" if char in MARKUP and not (char == "_" and within) else char
        for char, within in zip(line, inside, strict=True)
    )


@given(st.text("ab/.~ é%(", max_size=8))
def test_an_address_is_escaped_byte_by_byte(place: str) -> None:
    there = "".join(chr(byte) if byte in SAFE else f"%{byte:02X}" for byte in place.encode())
    assert link("x", place) == f"[x]({there})"
