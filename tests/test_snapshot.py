"""A snapshot is the files at one moment, wherever they come from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbox import GitBox
from sdd.errors import SddError
from sdd.snapshot import (
    EXECUTABLE,
    FILE,
    LINK,
    SUBMODULE,
    Entry,
    Snapshot,
    blob_id,
    in_memory,
    overlaid,
    show,
)


def test_files_in_memory_make_a_snapshot() -> None:
    snapshot = in_memory({b"a": b"1", b"b/c": b"2"})
    assert snapshot.entries == {b"a": Entry(FILE, blob_id(b"1")), b"b/c": Entry(FILE, blob_id(b"2"))}
    assert snapshot.read_all([b"b/c", b"a"]) == {b"a": b"1", b"b/c": b"2"}
    assert snapshot.blob(b"a") == blob_id(b"1")
    assert snapshot.blob(b"b") == ""
    assert b"a" in snapshot
    assert b"b" not in snapshot


def test_what_is_not_there_cannot_be_read() -> None:
    with pytest.raises(SddError, match='"a\\\\012b" is not in the index'):
        in_memory({b"a": b""}, "the index").read(b"a\nb")


def test_only_regular_files_are_files() -> None:
    modes = {b"f": FILE, b"x": EXECUTABLE, b"l": LINK, b"s": SUBMODULE, b"odd": "100664"}
    entries = {path: Entry(mode, "") for path, mode in modes.items()}
    snapshot = Snapshot("odd", entries, lambda _paths: {})
    assert [path for path in [*modes, b"none"] if snapshot.is_file(path)] == [b"f", b"x"]


def test_a_folder_holds_what_lies_below_it_and_not_its_namesakes() -> None:
    files = [b"docs/b", b"docs/a/c", b"docs", b"docs-old/x", b"\xff/z", b"docs/B"]
    snapshot = in_memory(dict.fromkeys(files, b""))
    assert snapshot.under(b"docs") == [b"docs/B", b"docs/a/c", b"docs/b"]
    assert snapshot.under(b"") == sorted(files)
    assert snapshot.under(b"none") == []


def test_each_file_is_loaded_once_and_several_together() -> None:
    asked: list[list[bytes]] = []

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        asked.append(paths)
        return {path: path * 2 for path in paths}

    snapshot = Snapshot("counted", {path: Entry(FILE, "") for path in (b"a", b"b", b"c")}, load)
    assert snapshot.read(b"a") == b"aa"
    assert snapshot.read_all(iter([b"a", b"b", b"c"])) == {b"a": b"aa", b"b": b"bb", b"c": b"cc"}
    assert snapshot.read_all([b"c"]) == {b"c": b"cc"}
    assert snapshot.read_all([]) == {}
    assert asked == [[b"a"], [b"b", b"c"]]


def test_changes_lie_over_what_is_below() -> None:
    below = in_memory({b"same": b"1", b"changed": b"2", b"gone": b"3"}, "below")
    snapshot = overlaid(below, {b"changed": b"two", b"gone": None, b"new": b"4", b"never": None})
    assert snapshot.read_all(snapshot.entries) == {b"same": b"1", b"changed": b"two", b"new": b"4"}
    assert snapshot.entries[b"changed"] == Entry(FILE, blob_id(b"two"))
    assert snapshot.name == "below"
    assert below.read(b"changed") == b"2"
    with pytest.raises(SddError, match="gone is not in below"):
        snapshot.read(b"gone")


def test_a_change_in_a_sha256_repository_has_a_sha256_id() -> None:
    below = Snapshot("long", {b"a": Entry(FILE, blob_id(b"", "sha256"))}, lambda _: {b"a": b""}, "sha256")
    assert overlaid(below, {b"b": b"x"}).blob(b"b") == blob_id(b"x", "sha256")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_blob_id_is_the_one_git_gives(box: GitBox, algorithm: str) -> None:
    other = GitBox.make(box.path / algorithm, f"--object-format={algorithm}")
    for data in (b"", b"x\n", b"\0\r\n\xff" * 1000):
        assert other.git("hash-object", "--stdin", stdin=data) == blob_id(data, algorithm)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (b"docs/a b.md", "docs/a b.md"),
        ("größe ü.md".encode(), "größe ü.md"),
        (b"caf\xe9", r'"caf\351"'),
        (b'a"b\\c', r'"a\"b\\c"'),
        (b"a\\c", r"a\c"),
        (b"a\x1b[31m\n", r'"a\033[31m\012"'),
        ("turned\u202e".encode(), r'"turned\342\200\256"'),
        (b"", '""'),
    ],
)
def test_a_path_is_shown_as_it_is_or_escaped(path: bytes, shown: str) -> None:
    assert show(path) == shown


@given(st.binary(), st.binary())
def test_shown_paths_are_one_printable_line_and_tell_paths_apart(one: bytes, other: bytes) -> None:
    assert show(one).isprintable()
    assert (show(one) == show(other)) == (one == other)
