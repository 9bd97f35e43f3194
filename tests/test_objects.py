"""Objects are read from their files or from git, and none is believed that is not what its id says."""

from __future__ import annotations

import os
import signal
import subprocess
import zlib
from pathlib import Path

import pytest

from gitbox import GitBox
from sdd import objects as module
from sdd.errors import SddError
from sdd.objects import AT_ONCE, FEW, Object, Objects, Tree
from sdd.processes import PIPE_HOLDS
from sdd.repository import Repository
from sdd.snapshot import EXECUTABLE, FILE, FOLDER, LINK, SUBMODULE, Entry, blob_id, object_id

BIG = b"0123456789abcdef" * 40_000


def objects(box: GitBox) -> Objects:
    return Repository.find(str(box.path)).objects


def put(box: GitBox, data: bytes, kind: str = "blob") -> str:
    return box.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", stdin=data)


def place(box: GitBox, one: str) -> Path:
    """The file of a loose object, which may be written."""
    found = box.path / ".git/objects" / one[:2] / one[2:]
    found.chmod(0o644)
    return found


def pack(box: GitBox) -> None:
    """Have everything that is there lie in one pack and nowhere else."""
    ids = [one.parent.name + one.name for one in (box.path / ".git/objects").glob("??/*")]
    box.git("pack-objects", "-q", ".git/objects/pack/pack", stdin="".join(f"{one}\n" for one in ids))
    box.git("prune-packed", "-q")
    assert not list((box.path / ".git/objects").glob("??/*"))


def kill(box: GitBox) -> None:
    """Kill the git that is asked about this repository, and wait until it has ended."""
    argv = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    (line,) = (line for line in told if f"-C {box.path} " in line and "cat-file --batch" in line)
    process = int(line.split()[0])
    os.kill(process, signal.SIGKILL)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("packed", [False, True])
def test_objects_of_every_kind_are_read_loose_or_packed(box: GitBox, *, packed: bool) -> None:
    box.write("f", BIG)
    box.write("empty", b"")
    commit = box.commit()
    box.git("tag", "-a", "-m", "one", "v1")
    if packed:
        pack(box)
    found = objects(box)
    assert found.read(blob_id(BIG), "blob") == BIG
    assert found.read(blob_id(b""), "blob") == b""
    assert found.read(commit, "commit").startswith(b"tree ")
    assert found.read(box.git("rev-parse", "v1"), "tag").startswith(b"object ")
    assert found.folder(box.git("rev-parse", "HEAD:")) == {
        b"empty": (FILE, blob_id(b"")),
        b"f": (FILE, blob_id(BIG)),
    }
    assert found.named("v1^{commit}") == Object(commit, "commit", found.read(commit, "commit"))


@pytest.mark.parametrize("packed", [False, True])
def test_more_objects_than_fit_into_one_batch_are_read_in_several(box: GitBox, *, packed: bool) -> None:
    contents = {blob_id(b"%d" % n * n): b"%d" % n * n for n in range(3 * AT_ONCE + 1)}
    for data in contents.values():
        put(box, data)
    big = put(box, BIG)
    if packed:
        pack(box)
    assert objects(box).read_all([big, *contents, big], "blob") == contents | {big: BIG}


def test_what_is_asked_for_ahead_is_read_without_a_further_question(
    box: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"a folder {n:03}/{'x' * 40}" for n in range(2 * PIPE_HOLDS // 60)]
    for name in names:
        box.write(f"{name}/f", name)
    head = box.commit()
    trees = box.git("ls-tree", "-r", "-d", "--format=%(objectname)", "HEAD").split("\n")
    pack(box)
    found, other = objects(box), objects(box)
    missing = [b"HEAD:nowhere at all", b"HEAD:a\nb", head.encode()]
    found.ahead([*missing, *(f"{head}:{name}".encode() for name in names), b"HEAD:"])
    monkeypatch.setattr(found, "_tell", lambda _: pytest.fail("git was asked once more"))
    deep = [one for one in trees if other.folder(one).keys() == {b"f"}]
    assert len(deep) == len(names)
    assert [found.folder(one) for one in deep] == [other.folder(one) for one in deep]


def test_git_ended_while_it_is_asked_ahead_costs_only_the_questions(box: GitBox) -> None:
    box.write("a/f", b"")
    box.commit()
    tree = box.git("rev-parse", "HEAD:a")
    found = objects(box)
    assert found.named("HEAD^{commit}")
    kill(box)
    found.ahead([b"HEAD:a", b"HEAD:"])
    assert found.folder(tree) == {b"f": (FILE, blob_id(b""))}


def test_objects_are_read_where_nobody_can_list_the_folders_of_loose_ones(
    box: GitBox, tmp_path: Path
) -> None:
    contents = {put(box, b"%d" % n): b"%d" % n for n in range(FEW + 1)}
    start = lambda: Repository.find(str(box.path)).started("cat-file", "--batch", talks=True)  # noqa: E731 - said once
    nowhere = Objects(start, lambda _kind, _one: b"", str(tmp_path / "nowhere"), "sha1")
    assert nowhere.read_all(contents, "blob") == contents


def test_long_ids_are_read_too(tmp_path: Path) -> None:
    box = GitBox.make(tmp_path / "long", "--object-format=sha256")
    contents = {blob_id(b"%d" % n, "sha256"): b"%d" % n for n in range(2 * AT_ONCE)}
    for data in contents.values():
        put(box, data)
    pack(box)
    box.write("a/b", "x")
    box.commit()
    found = objects(box)
    assert found.read_all(contents, "blob") == contents
    assert Repository.find(str(box.path)).commit("HEAD").blob(b"a/b") == blob_id(b"x", "sha256")


def test_what_is_missing_is_an_error_and_the_next_answer_is_right(box: GitBox) -> None:
    ids = [put(box, b"%d" % n) for n in range(5)]
    pack(box)
    found = objects(box)
    for missing in ("f" * 40, "0" * 40):
        with pytest.raises(SddError, match=f"blob {missing} cannot be read: missing") as caught:
            found.read_all([ids[0], missing, *ids[1:]], "blob")
        assert "git fsck" in caught.value.hint
        assert found.named(ids[4]) == Object(ids[4], "blob", b"4")
        with pytest.raises(SddError, match="cannot be read: missing"):
            found.read(missing, "blob")
        assert found.read(ids[3], "blob") == b"3"


def test_an_object_of_another_kind_is_an_error_and_the_next_answer_is_right(box: GitBox) -> None:
    commit = box.commit()
    one = put(box, b"x")
    found = objects(box)
    with pytest.raises(SddError, match=f"blob {commit} cannot be read: commit"):
        found.read(commit, "blob")
    with pytest.raises(SddError, match=f"tree {one} cannot be read: blob"):
        found.read_all([one, commit], "tree")
    assert found.named("HEAD") == Object(commit, "commit", found.read(commit, "commit"))


@pytest.mark.parametrize(
    "rev",
    ["", "no", "two\nlines", "-n", "--all", "a b", "x blob 3", "f" * 40, "HEAD:none", ":0:none", "HEAD@{9}"],
)
def test_a_name_that_means_nothing_is_none_and_the_next_answer_is_right(box: GitBox, rev: str) -> None:
    commit = box.commit()
    found = objects(box)
    assert found.named(rev) is None
    assert (found.named("HEAD") or Object("", "", b"")).id == commit


def test_a_short_name_of_two_objects_names_none(box: GitBox) -> None:
    by_start: dict[str, str] = {}
    for number in range(2000):
        one = blob_id(b"%d" % number)
        if one[:4] in by_start:
            put(box, b"%d" % number)
            put(box, by_start[one[:4]].encode())
            assert objects(box).named(one[:4]) is None
            return
        by_start[one[:4]] = str(number)
    pytest.fail("no two ids begin alike")


# Files of objects that are not what they should be


def read_or_refused(found: Objects, one: str) -> bytes:
    try:
        return found.read_all([one], "blob")[one]
    except SddError as error:
        return error.message.encode()


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"no zlib at all",
        zlib.compress(b"blob 3\0xyz")[:-7],
        zlib.compress(b"blob 4\0xyz"),
        zlib.compress(b"blob\0xyz"),
        zlib.compress(b"\xff\xfe"),
        zlib.compress(b"blob 3\0abc"),
        zlib.compress(b"tree 3\0xyz"),
    ],
)
def test_a_broken_file_of_an_object_is_never_believed(box: GitBox, bad: bytes) -> None:
    one = put(box, b"xyz")
    place(box, one).write_bytes(bad)
    told = read_or_refused(objects(box), one)  # what git makes of it, or why it cannot
    assert told == b"xyz" or one.encode() in told
    place(box, one).unlink()
    put(box, b"xyz")
    pack(box)
    (box.path / ".git/objects" / one[:2]).mkdir(exist_ok=True)
    (box.path / ".git/objects" / one[:2] / one[2:]).write_bytes(bad)
    told = read_or_refused(objects(box), one)  # git takes the one in the pack, or the bad one is refused
    assert told == b"xyz" or one.encode() in told


def test_a_file_that_holds_another_object_is_refused(box: GitBox) -> None:
    one, other = put(box, b"one"), put(box, b"other")
    place(box, one).write_bytes(place(box, other).read_bytes())
    for read in (lambda: objects(box).read(one, "blob"), lambda: objects(box).named(one)):
        with pytest.raises(SddError, match="holds other bytes than its id says") as caught:
            read()
        assert "git fsck" in caught.value.hint


def tree(*entries: tuple[bytes, bytes, str]) -> bytes:
    return b"".join(mode + b" " + name + b"\0" + bytes.fromhex(one) for mode, name, one in entries)


ONE = blob_id(b"1")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (tree((b"100644", b"f", ONE), (b"100644", b"f", ONE)), "holds f twice"),
        (tree((b"100644", b"f", ONE), (b"40000", b"f", ONE)), "holds f twice"),
        (tree((b"100644", b"a/b", ONE)), "holds a/b, which no file can be called"),
        (tree((b"100644", b"", ONE)), 'holds "", which no file can be called'),
        (tree((b"100644", b"f", ONE))[:-1], "is broken"),
        (tree((b"100644", b"f", ONE), (b"100644", b"g", ONE))[:-25], "is broken"),
        (b"100644", "is broken"),
        (b"100644 f", "is broken"),
        (tree((b"", b"f", ONE)), "is broken"),
        (tree((b"10064x", b"f", ONE)), "is broken"),
        (tree((b"1_0", b"f", ONE)), "is broken"),
    ],
)
def test_a_tree_that_git_would_not_write_is_refused(box: GitBox, data: bytes, why: str) -> None:
    one = object_id("tree", data, "sha1")
    target = box.path / ".git/objects" / one[:2] / one[2:]
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(zlib.compress(b"tree %d\0" % len(data) + data))
    with pytest.raises(SddError, match=f"tree {one} {why}"):
        objects(box).folder(one)


def test_modes_that_old_versions_of_git_wrote_are_those_that_git_takes_them_for(box: GitBox) -> None:
    put(box, b"1")
    below = put(box, tree((b"100644", b"x", ONE)), "tree")
    written = {
        b"a": b"100664",
        b"b": b"100600",
        b"c": b"100775",
        b"d": b"040000",
        b"e": b"120777",
        b"f": b"160755",
        b"g": b"0100644",
    }
    ids = {b"d": below, b"f": "1" * 40}
    data = tree(*((mode, name, ids.get(name, ONE)) for name, mode in written.items()))
    repository = Repository.find(str(box.path))
    lazy, whole = (Tree(repository.objects, put(box, data, "tree"), repository._listed) for _ in range(2))
    whole.whole()
    taken = {b"a": FILE, b"b": FILE, b"c": EXECUTABLE, b"e": LINK, b"f": SUBMODULE, b"g": FILE}
    expected = {name: Entry(mode, ids.get(name, ONE)) for name, mode in taken.items()} | {
        b"d/x": Entry(FILE, ONE)
    }
    assert {path: lazy[path] for path in expected} == dict(whole) == expected
    assert (
        lazy.names(b"")
        == whole.names(b"")
        == {name: mode == FOLDER for name, mode in {**taken, b"d": FOLDER}.items()}
    )


# Git ended while it is asked


@pytest.mark.skipif(os.name == "nt", reason="no ps")
def test_git_ended_between_two_questions_is_asked_again(box: GitBox) -> None:
    ids = [put(box, b"%d" % n) for n in range(3)]
    pack(box)
    found = objects(box)
    assert found.read(ids[0], "blob") == b"0"
    kill(box)
    assert found.read_all(ids, "blob") == {one: b"%d" % n for n, one in enumerate(ids)}
    assert found.named(ids[1]) == Object(ids[1], "blob", b"1")
    kill(box)
    with pytest.raises(SddError, match=r"blob f{40} cannot be read: fatal"):
        found.read("f" * 40, "blob")


@pytest.mark.skipif(os.name == "nt", reason="no ps")
def test_git_ended_before_a_name_is_asked_for_finds_it_all_the_same(box: GitBox) -> None:
    box.write("a/f", "x")
    commit = box.commit()
    repository = Repository.find(str(box.path))
    assert repository.resolve("HEAD") == commit
    kill(box)
    assert repository.commit("HEAD").blob(b"a/f") == blob_id(b"x")
    kill(box)
    assert repository.resolve("HEAD") == commit
    assert repository.resolve("@{upstream}") == ""


@pytest.mark.skipif(os.name == "nt", reason="no ps")
def test_git_ended_in_the_middle_of_an_answer_is_asked_again(box: GitBox) -> None:
    one, two = put(box, BIG), put(box, b"2")
    pack(box)
    found = objects(box)
    found._tell(f"{one}\n".encode())
    told = found._line()  # more than a pipe holds is still to come
    kill(box)
    assert found._object(told) == Object(one, "blob", BIG)
    assert found.read_all([two, one], "blob") == {one: BIG, two: b"2"}


@pytest.mark.skipif(os.name == "nt", reason="no ps")
def test_a_clear_error_tells_that_git_cannot_go_on(box: GitBox) -> None:
    one = put(box, BIG)
    pack(box)
    found = objects(box)
    found._tell(f"{one}\n".encode())
    told = found._line()
    kill(box)
    for file in (box.path / ".git/objects/pack").iterdir():
        file.unlink()
    with pytest.raises(SddError, match=f"blob {one} cannot be read: "):
        found._object(told)


# A tree whose files are listed


def test_a_tree_with_a_path_twice_is_refused_wherever_it_is_listed(box: GitBox) -> None:
    put(box, b"1")
    bad = put(box, tree((b"100644", b"f", ONE), (b"100644", b"f", ONE)), "tree")
    top = put(box, tree((b"40000", b"a", bad)), "tree")
    repository = Repository.find(str(box.path))
    found = Tree(repository.objects, top, repository._listed)
    for ask in (found.whole, found.whole, lambda: found.names(b"a"), lambda: list(found)):
        with pytest.raises(SddError, match=r"holds (a/)?f twice"):
            ask()


def test_of_very_many_folders_only_some_are_held(box: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELD", 2)
    for name in ("a/f", "b/f", "c/f"):
        box.write(name, name)
    repository = Repository.find(str(box.path))
    files = repository.commit(box.commit()).entries
    for path in (b"a/f", b"b/f", b"c/f", b"a/f"):
        assert files[path] == Entry(FILE, blob_id(path))
    assert len(repository.objects._folders) <= 2


def test_very_deep_paths_are_asked_for_like_any_other(box: GitBox) -> None:
    box.write("a/f", "x")
    files = Repository.find(str(box.path)).commit(box.commit()).entries
    assert b"a/" * 5000 + b"f" not in files
    assert files.names(b"/".join([b"a"] * 5000)) == {}
    for odd in (b"/a/f", b"//a/f", b"a//f", b"a/f/", b"/", b"", b"a", b"./a/f"):
        assert odd not in files


def test_the_blobs_read_last_are_held_as_far_as_there_is_room(
    box: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD_BYTES", 5)
    found = objects(box)
    ids = [put(box, data) for data in (b"one", b"2", b"three")]
    assert found.blobs(ids[:2]) == {ids[0]: b"one", ids[1]: b"2"}
    place(box, ids[0]).unlink()
    assert found.blobs([ids[0]]) == {ids[0]: b"one"}
    assert found.blobs(ids) == dict(zip(ids, (b"one", b"2", b"three"), strict=True))
    with pytest.raises(SddError, match=f"blob {ids[0]} cannot be read"):
        found.blobs([ids[0]])
    with pytest.raises(SddError, match="cannot be read: blob"):
        found.read(ids[1], "tree")


def test_trees_that_differ_are_read_together(box: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in range(2 * AT_ONCE):
        box.write(f"f{name:03}/a", "a\n")
    one = box.commit()
    for name in range(2 * AT_ONCE):
        box.write(f"f{name:03}/a", "b\n")
    other = box.commit()
    box.git("repack", "-adq")
    box.git("prune-packed")
    known = Repository.find(str(box.path))
    before, after = known.commit(one), known.commit(other)
    monkeypatch.setattr(known.objects, "_packed", lambda *_: pytest.fail("a tree was asked for alone"))
    assert len(after.differing(before)) == 2 * AT_ONCE
    assert after.differing(before) is after.differing(before)
    assert after.differing(after) == []
