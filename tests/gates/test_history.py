"""A history that git itself reads without a word, though it is not what its ids say."""

from __future__ import annotations

import zlib

import pytest

from gitbox import GitBox
from sdd.errors import SddError
from sdd.gates.history import History
from sdd.repository import Repository
from shop import put


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_commit_that_is_not_what_its_id_says_is_never_passed_over(box: GitBox, number: int) -> None:
    ids = [put(box, {b"n": str(one).encode()}) for one in range(3)]
    history = History(Repository.find(str(box.path)))
    line = history.commits(ids[-1])
    assert [sorted(change) for change in history.changes(line)] == [[b"n"]] * 3
    spoil(box, ids[number])
    with pytest.raises(SddError, match=f"commit {ids[number]} cannot be read") as caught:
        history.changes(line)
    assert caught.value.hint == "git fsck; git fetch --refetch"


def spoil(box: GitBox, name: str) -> None:
    """Change the last byte of a loose object, which stays well packed."""
    place = box.path / ".git/objects" / name[:2] / name[2:]
    data = zlib.decompress(place.read_bytes())
    place.chmod(0o644)
    place.write_bytes(zlib.compress(data[:-1] + bytes([data[-1] ^ 1])))
