"""The index and the working tree are what git and the disk say, after any edits."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitbox import GitBox
from sdd.repository import Repository
from sdd.snapshot import EXECUTABLE, FILE, LINK, Entry, blob_id

PATHS = (b"a", b"a/b", b"d/e/f", b"d/g", b"\xff", b"tw\no", b"-n")
BYTES = (b"", b"one\n", b"two\r\n")

WRITE = st.tuples(st.just("write"), st.sampled_from(PATHS), st.sampled_from(BYTES))
RUNS = st.tuples(st.just("chmod"), st.sampled_from(PATHS), st.just(b""))
DELETE = st.tuples(st.just("delete"), st.sampled_from((*PATHS, b"d")), st.just(b""))
LINKED = st.tuples(st.just("link"), st.sampled_from((*PATHS, b"d")), st.sampled_from((b"none", b"d", b".")))
GIT = st.tuples(
    st.sampled_from(("add", "commit", "rm", "assume", "skip", "intend", "touch")),
    st.sampled_from(PATHS),
    st.just(b""),
)
EDITS = st.lists(WRITE | WRITE | RUNS | DELETE | LINKED | GIT, min_size=1, max_size=8)
ASKED = {
    "add": ("add", "-A"),
    "commit": ("commit", "-q", "--allow-empty", "-am", "Work"),
    "intend": ("add", "-N", "--"),
    "rm": ("rm", "-q", "--cached", "--"),
    "assume": ("update-index", "--assume-unchanged", "--"),
    "skip": ("update-index", "--skip-worktree", "--"),
}


def clear(box: GitBox, path: bytes) -> Path:
    """A place for a path: what lies there goes, and so does a file or link where it needs a folder."""
    place = box.path / os.fsdecode(path)
    for above in [*reversed(place.parents)][len(box.path.parts) :]:
        if above.is_symlink() or above.is_file():
            above.unlink()
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    return place


def do(box: GitBox, what: str, path: bytes, data: bytes) -> None:
    place = box.path / os.fsdecode(path)
    if what == "write":
        clear(box, path)
        box.write(path, data)
    elif what == "link":
        clear(box, path).parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.fsdecode(data))
    elif what == "delete":
        clear(box, path)
    elif what == "chmod" and place.is_file() and not place.is_symlink():
        place.chmod(0o755)
    elif what == "touch" and os.path.lexists(place):
        os.utime(place, (1, 1), follow_symlinks=False)
    elif what in ASKED:
        attempt(box, *ASKED[what], *([path] if ASKED[what][-1] == "--" else []))


def attempt(box: GitBox, *args: str | bytes) -> None:
    """Git asked for what it may refuse."""
    subprocess.run(["git", *args], cwd=box.path, capture_output=True, check=False)


def listed(box: GitBox, *args: str) -> list[bytes]:
    done = subprocess.run(["git", *args, "-z"], cwd=box.path, capture_output=True, check=True)
    return done.stdout.split(b"\0")[:-1]


def staged(box: GitBox) -> dict[bytes, Entry]:
    """What `git ls-files` says the next commit will have: no path that is intended to be added alone."""
    tree = {one.partition(b"\t")[2] for one in listed(box, "ls-tree", "-r", box.git("write-tree"))}
    found = {}
    for record in listed(box, "ls-files", "-s"):
        told, _, path = record.partition(b"\t")
        mode, blob, _ = told.decode().split(" ")
        found[path] = Entry(mode, blob)
    return {path: entry for path, entry in found.items() if path in tree}


def on_disk(box: GitBox) -> dict[bytes, Entry]:
    """All that lies on the disk, hashed."""
    found = {}
    for place in box.path.rglob("*"):
        about = place.lstat()
        if ".git" in place.parts or stat.S_ISDIR(about.st_mode):
            continue
        if stat.S_ISLNK(about.st_mode):
            mode, data = LINK, os.fsencode(place.readlink())
        else:
            mode, data = EXECUTABLE if about.st_mode & stat.S_IXUSR else FILE, place.read_bytes()
        found[os.fsencode(place.relative_to(box.path))] = Entry(mode, blob_id(data))
    return found


def left_out(box: GitBox) -> dict[bytes, Entry]:
    """What a sparse checkout leaves out: it counts as it is in the index, where nothing lies there."""
    letters = {record[2:]: record[:1] for record in listed(box, "ls-files", "-v")}
    return {path: entry for path, entry in staged(box).items() if letters[path] in b"Ss"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names, links and modes")
@settings(max_examples=30)
@given(edits=EDITS)
def test_after_any_edits_both_are_what_git_and_the_disk_say(
    template_repository: Path, tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, bytes, bytes]]
) -> None:
    box = GitBox(Path(shutil.copytree(template_repository, tmp_path_factory.mktemp("edits") / "project")))
    for edit in edits:
        do(box, *edit)
    repository = Repository.find(str(box.path))
    assert repository.index().entries == staged(box)
    tree = repository.working_tree()
    expected = left_out(box) | on_disk(box)
    assert dict(tree.entries) == expected
    read = {path: blob_id(tree.read(path)) for path in expected}
    assert read == {path: entry.blob for path, entry in expected.items()}
