"""Keys are struck out of text and JSON in every form, and out of a stream wherever it is broken."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.llm.secrets import STRUCK, Strainer, known, strike, without

KEY = "sk-ant-made+for/this=test"
ENVIRON = {
    "ANTHROPIC_API_KEY": KEY,
    "OPENAI_API_KEY": "",
    "GEMINI_API_KEY": "short",
    "PATH": "/usr/local/bin",
}
SECRETS = known(ENVIRON)
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)
bits = st.binary(max_size=7)


def test_only_keys_that_are_long_enough_are_known_each_by_its_variable() -> None:
    assert set(SECRETS.values()) == {"ANTHROPIC_API_KEY"}
    assert KEY in SECRETS
    assert known({"GITHUB_TOKEN": "ghp_12345678"}).keys() >= {"ghp_12345678"}
    assert known({"PATH": "/usr/local/bin", "DATABASE_PASSWORD": "postgresql"}) == {}


@given(keys, bits, bits)
def test_a_key_is_struck_out_of_base64_and_of_a_url_wherever_it_stands(
    key: str, before: bytes, after: bytes
) -> None:
    secrets = known({"X_API_KEY": key})
    for encode in (b64encode, urlsafe_b64encode):
        assert STRUCK in without(secrets, encode(before + key.encode() + after).decode())
    assert without(secrets, quote(key, safe="")) == STRUCK
    assert without(secrets, f"<{key}>") == f"<{STRUCK}>"


def test_json_keeps_its_shape() -> None:
    told = {KEY: [KEY, (f"a {KEY} b", 1, None)], "x": True}
    assert without(SECRETS, told) == {STRUCK: [STRUCK, (f"a {STRUCK} b", 1, None)], "x": True}
    assert without([], told) is told


def test_an_error_says_what_it_says_without_the_key() -> None:
    error = SddError(f"no {KEY}", hint=f"export {KEY}")
    strike(error, SECRETS)
    assert (error.message, error.hint, str(error)) == (f"no {STRUCK}", f"export {STRUCK}", f"no {STRUCK}")


PIECES = [
    KEY,
    KEY[:9],
    KEY[9:],
    "sk-",
    "ant",
    "text ",
    quote(KEY, safe=""),
    "s",
    "\n",
    "\r\n",
    "\\n",
    "\\",
    "n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_a_stream_broken_anywhere_gives_the_same_as_the_whole(pieces: list[str]) -> None:
    strainer = Strainer(SECRETS)
    told = "".join([*map(strainer.feed, pieces), strainer.rest()])
    assert KEY not in told
    assert told == without(SECRETS, "".join(pieces))
    assert strainer.rest() == ""


def test_a_key_is_struck_out_of_lines_that_are_broken_inside_it() -> None:
    told = b64encode(b"user: somebody with a long name indeed, password: " + KEY.encode()).decode()
    for end in ("\n", "\r\n"):
        for width in (1, 7, 20, 76):
            folded = end.join(told[at : at + width] for at in range(0, len(told), width))
            assert STRUCK in without(SECRETS, folded)
            assert STRUCK in without(SECRETS, json.dumps(folded))
    assert without(SECRETS, f"a\nb {KEY[:3]}\n") == f"a\nb {KEY[:3]}\n"


@given(st.lists(st.text(max_size=5)))
def test_where_there_is_no_key_nothing_is_held_back(pieces: list[str]) -> None:
    strainer = Strainer(known({}))
    assert [strainer.feed(piece) for piece in pieces] == pieces


@pytest.mark.parametrize("cut", range(1, len(KEY)))
def test_a_key_that_came_in_two_pieces_is_struck_out(cut: int) -> None:
    strainer = Strainer(SECRETS)
    parts = [strainer.feed(f"see {KEY[:cut]}"), strainer.feed(KEY[cut:] + " there"), strainer.rest()]
    assert "".join(parts) == f"see {STRUCK} there"
    assert json.dumps(parts).find(KEY[:cut] + '"') == -1
