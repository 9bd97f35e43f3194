"""A snapshot is the files at one moment, wherever they come from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitbox import GitBox
from sdd import snapshot as module
from sdd.errors import SddError
from sdd.objects import Tree
from sdd.repository import Repository
from sdd.snapshot import (
    EXECUTABLE,
    FILE,
    LINK,
    SUBMODULE,
    Entry,
    Files,
    Listed,
    Overlay,
    Snapshot,
    blob_id,
    in_memory,
    overlaid,
    show,
    unshown,
)


@given(st.binary(min_size=1))
def test_a_path_that_was_shown_can_be_read_back(path: bytes) -> None:
    assert unshown(show(path)) == path


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


# The same files, however they are had: listed, as a tree of git's, or as changes of either

NAMES = st.sampled_from([b"a", b"b", b"a.md", b"\xff", b"tw\no", b"-n", b"A"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(b"/".join)
ENTRIES = st.builds(Entry, st.sampled_from([FILE, EXECUTABLE, LINK]), st.sampled_from(["1" * 40, "2" * 40]))
ODD = (b"/a", b"a/", b"", b"/", b"a//b", b"none", b"none/x")


def is_possible(held: dict[bytes, Entry]) -> bool:
    """Whether no file lies where another has its folder."""
    return not any(other.startswith(path + b"/") for path in held for other in held)


HELD = st.dictionaries(PATHS, ENTRIES, max_size=6).filter(is_possible)


class Shop:
    """A repository that trees are written to."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository

    def tree(self, held: dict[bytes, Entry], *, whole: bool = False) -> Tree:
        files = Tree(self.repository.objects, self._written(held), self.repository._listed)
        if whole:
            files.whole()
        return files

    def _written(self, held: dict[bytes, Entry]) -> str:
        folders: dict[bytes, dict[bytes, Entry]] = {}
        lines = []
        for path, entry in held.items():
            name, deeper, rest = path.partition(b"/")
            if deeper:
                folders.setdefault(name, {})[rest] = entry
            else:
                lines.append(b"%s blob %s\t%s\0" % (entry.mode.encode(), entry.blob.encode(), name))
        lines += [
            b"040000 tree %s\t%s\0" % (self._written(one).encode(), name) for name, one in folders.items()
        ]
        told = self.repository.git("mktree", "-z", "--missing", stdin=b"".join(lines))
        return told.decode().strip()


@pytest.fixture(scope="module")
def shop(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = shutil.copytree(template_repository, tmp_path_factory.mktemp("trees") / "shop")
    return Shop(Repository.find(str(folder)))


def changed(below: Files, before: dict[bytes, Entry], after: dict[bytes, Entry], extra: bytes) -> Overlay:
    """The files `after` as changes of those `before`; a path that is in neither counts as gone too."""
    kept = {path: entry for path, entry in after.items() if before.get(path) != entry}
    gone = {*before, extra} - {*after}
    return Overlay(below, kept, gone)


def all_ways(shop: Shop, before: dict[bytes, Entry], after: dict[bytes, Entry], extra: bytes) -> list[Files]:
    """The files `after`, in every way."""
    lazy, whole = shop.tree(after), shop.tree(after, whole=True)
    over = [
        changed(below, before, after, extra)
        for below in (Listed(before), shop.tree(before), shop.tree(before, whole=True))
    ]
    twice = changed(changed(shop.tree({}), {}, before, extra), before, after, extra)
    return [Listed(after), lazy, whole, *over, twice]


@settings(max_examples=25)
@given(before=HELD, after=HELD, extra=PATHS)
def test_the_same_files_answer_alike_however_they_are_had(
    shop: Shop, before: dict[bytes, Entry], after: dict[bytes, Entry], extra: bytes
) -> None:
    places = {place for path in (*before, *after, extra) for place in _with_those_above(path)}
    for number, files in enumerate(all_ways(shop, before, after, extra)):
        asked = {path: (files.get(path), path in files) for path in (*places, *ODD)}
        assert asked == {path: (after.get(path), path in after) for path in (*places, *ODD)}, number
        assert {path: files[path] for path in after} == after
        for folder in (b"", *places, b"none"):
            assert files.under(folder) == Listed(after).under(folder), (number, folder)
            assert files.names(folder) == Listed(after).names(folder), (number, folder)
        assert sorted(files) == sorted(after)
        assert len(files) == len(after)
        assert files == after
        for path in {*places} - {*after}:
            with pytest.raises(KeyError):
                files[path]


def _with_those_above(path: bytes) -> list[bytes]:
    parts = path.split(b"/")
    return [b"/".join(parts[: count + 1]) for count in range(len(parts))]


@settings(max_examples=15)
@given(before=HELD, after=HELD, other=HELD, extra=PATHS)
def test_what_differs_is_told_alike_however_files_are_had(
    shop: Shop, before: dict[bytes, Entry], after: dict[bytes, Entry], other: dict[bytes, Entry], extra: bytes
) -> None:
    expected = {path for path in {*after, *other} if after.get(path) != other.get(path)}
    others = all_ways(shop, before, other, extra)
    for one in all_ways(shop, before, after, extra):
        for two in others:
            assert one.differing(two) == two.differing(one) == expected


def test_of_two_trees_only_what_differs_is_told(shop: Shop) -> None:
    one, two = Entry(FILE, "1" * 40), Entry(FILE, "2" * 40)
    before = shop.tree({b"same": one, b"changed": one, b"d/same": one, b"d/gone": one, b"e/same": one})
    after = shop.tree({b"same": one, b"changed": two, b"d/same": one, b"d/new": one, b"e/same": one})
    assert after.differing(before) == {b"changed", b"d/gone", b"d/new"}


@settings(max_examples=25)
@given(before=HELD, after=HELD, other=HELD, extra=PATHS)
def test_files_below_a_folder_have_one_identity_only_if_they_are_the_same(
    shop: Shop, before: dict[bytes, Entry], after: dict[bytes, Entry], other: dict[bytes, Entry], extra: bytes
) -> None:
    trees = [shop.tree(before), shop.tree(before, whole=True)]
    ways: list[Files] = [shop.tree(held, whole=whole) for held in (after, other) for whole in (False, True)]
    ways += [changed(below, before, held, extra) for below in trees for held in (after, other)]
    for folder in (b"", b"a", b"a/b", b"b", b"none"):
        told: dict[str, object] = {}
        for files in ways:
            held = [(path, files[path]) for path in files.under(folder)]
            assert files.identity(folder)
            assert told.setdefault(files.identity(folder), held) == held
        assert ways[0].identity(folder) == ways[1].identity(folder)
        elsewhere = Overlay(ways[0], {b"elsewhere/x": Entry(FILE, "1" * 40)}, [b"elsewhere/y"])
        assert (elsewhere.identity(folder) == ways[0].identity(folder)) == bool(folder)
        for below in trees:
            over = changed(below, before, after, extra)
            assert over.identity(folder) == ways[0].identity(folder)  # the tree that git would make of it
            assert changed(over, after, other, extra).identity(folder) == ways[2].identity(folder)


def test_files_that_nobody_keeps_have_no_identity() -> None:
    assert in_memory({b"a": b"1"}).identity() == overlaid(in_memory({}), {b"a": b"1"}).identity() == ""


def test_a_large_project_is_not_held_in_memory_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELD", 10)
    asked: list[bytes] = []

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        asked.extend(paths)
        return dict.fromkeys(paths, b"12345678")

    snapshot = Snapshot("large", dict.fromkeys((b"a", b"b"), Entry(FILE, "")), load)
    for path in (b"a", b"a", b"b", b"b", b"a"):
        assert snapshot.read(path) == b"12345678"
    assert asked == [b"a", b"b", b"a"]
    assert snapshot.read_all([b"a", b"b"]) == dict.fromkeys((b"a", b"b"), b"12345678")
