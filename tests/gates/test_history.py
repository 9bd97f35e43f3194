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


def test_the_files_of_a_step_are_those_of_its_commits(box: GitBox) -> None:
    ids = [
        put(box, {b"docs/a": b"a", b"src/b": b"b"}),
        put(box, {b"docs/a": b"new", b"src/b": None, b"c": b"c"}),
    ]
    history = History(Repository.find(str(box.path)))
    line = history.commits(ids[-1])
    for commit, own in zip(line, history.changes(line), strict=True):
        for told, parent in zip(
            history.step(commit, own), (*(*commit.parents, "")[:1], commit.id), strict=True
        ):
            whole = history.snapshot(parent)
            assert {path: told.entries[path] for path in told.entries} == dict(whole.entries)
            assert len(told.entries) == len(whole.entries)
            assert (told.name, told.identity(), told.names(b"src")) == (
                whole.name,
                whole.identity(),
                whole.names(b"src"),
            )
            assert told.under(b"docs") == whole.under(b"docs")
            assert [path in told for path in (*own, b"none")] == [path in whole for path in (*own, b"none")]
            with pytest.raises(KeyError):
                told.entries[b"none"]
    (_, first), (before, second) = (
        history.step(*one) for one in zip(line, history.changes(line), strict=True)
    )
    assert (
        second.differing(first) == second.differing(history.snapshot(ids[0])) == [b"c", b"docs/a", b"src/b"]
    )
    assert second.read_all([b"docs/a", b"c"]) == {b"docs/a": b"new", b"c": b"c"}
    assert before.differing(first) == []
