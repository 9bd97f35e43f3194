"""Digests made without `hashlib` are those that `hashlib` makes."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd import digests

ALGORITHMS = ("sha1", "sha256", "blake2b")


def known(algorithm: str, data: bytes) -> str:
    if algorithm == "blake2b":
        return hashlib.blake2b(data, digest_size=32).hexdigest()
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(data=st.binary(max_size=300))
def test_both_ways_give_what_hashlib_gives(algorithm: str, data: bytes) -> None:
    for made in (digests.new(algorithm), digests._light(algorithm)):
        made.update(data)
        assert made.hexdigest() == known(algorithm, data)


PROGRAM = """
import sys
from sdd import digests
sys.modules.pop("hashlib", None)  # who measures coverage has imported it
if sys.argv[1] == "elsewhere":
    sys.modules.update(dict.fromkeys(("_sha1", "_sha2", "_sha256")))
told = []
for algorithm in ("sha1", "sha256", "blake2b"):
    made = digests.new(algorithm)
    made.update(b"x")
    told.append(made.hexdigest())
print(*told, "hashlib" in sys.modules)
"""


@pytest.mark.parametrize(("place", "imported"), [("usual", False), ("elsewhere", True)])
def test_hashlib_is_imported_only_where_python_keeps_its_parts_elsewhere(
    place: str, *, imported: bool
) -> None:
    if place == "elsewhere":
        pytest.importorskip("_hashlib", reason="without OpenSSL there is nothing else")
    done = subprocess.run([sys.executable, "-c", PROGRAM, place], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [*(known(one, b"x") for one in ALGORITHMS), str(imported)]


def test_the_sha256_of_bytes() -> None:
    assert digests.sha256(b"x") == known("sha256", b"x")


PARTS = st.lists(st.binary(max_size=4), max_size=4)


@given(PARTS, PARTS)
def test_two_lists_of_parts_have_one_digest_only_if_they_are_one(
    one: list[bytes], other: list[bytes]
) -> None:
    assert (digests.digest(*one) == digests.digest(*other)) == (one == other)


@given(st.binary(max_size=8), st.binary(max_size=8), PARTS)
def test_a_seal_fits_its_key_alone(key: bytes, other: bytes, parts: list[bytes]) -> None:
    assert (digests.sealed(key, *parts) == digests.sealed(other, *parts)) == (key == other)
    assert digests.sealed(key, *parts) != digests.digest(key, *parts)
