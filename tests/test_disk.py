"""Files are whole or not there, one process works at a time, and nothing is written through a link."""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd import disk
from sdd.errors import RefusedError, SddError, WaitingError


def bits(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# Writing


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    disk.write(str(tmp_path / "a" / "b" / "f"), b"one\r\ntwo\0")
    assert (tmp_path / "a" / "b" / "f").read_bytes() == b"one\r\ntwo\0"
    assert names(tmp_path / "a" / "b") == ["f"]


def test_a_new_file_has_what_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        disk.write(str(tmp_path / "f"), b"")
    finally:
        os.umask(before)
    assert bits(tmp_path / "f") == 0o640


def test_an_existing_file_keeps_its_permissions_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_bytes(b"old")
    path.chmod(0o750)
    disk.write(str(path), b"new")
    assert (bits(path), path.read_bytes()) == (0o750, b"new")
    disk.write(str(path), b"new", mode=0o600)
    assert bits(path) == 0o600


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"safe")
    (tmp_path / "link").symlink_to("target")
    disk.write(str(tmp_path / "link"), b"new")
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"safe"


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no such limits")
    path = tmp_path / "f"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(
            SddError, match=re.escape(f"{path} cannot be written: {os.strerror(errno.EFBIG)}")
        ) as caught:
            disk.write(str(path), b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "free space" in caught.value.hint
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["f"])


def test_a_folder_in_the_way_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "folder" / "below").mkdir(parents=True)
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "folder", tmp_path / "file" / "below"):
        with pytest.raises(SddError, match=re.escape(f"{path} cannot be written")):
            disk.write(str(path), b"x")
    assert names(tmp_path) == ["file", "folder"]


WRITER = """
import sys
from sdd.disk import write
folder, size = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
turn = 0
while True:
    turn += 1
    for name in "abc":
        write(f"{folder}/{name}", bytes([48 + turn % 10]) * size)
"""


def killed_after(delay_s: float, *argv: str) -> None:
    with subprocess.Popen([sys.executable, "-c", *argv], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("delay_ms", [0, 1, 2, 3, 5, 8, 13, 21])
def test_a_killed_process_leaves_every_file_whole(tmp_path: Path, delay_ms: int) -> None:
    size = 300_000
    for name in "abc":
        (tmp_path / name).write_bytes(b"0" * size)
    killed_after(delay_ms / 1000, WRITER, str(tmp_path), str(size))
    left = sorted(str(path) for path in tmp_path.iterdir() if path.name not in "abc")
    assert disk.sweep(str(tmp_path)) == left
    assert names(tmp_path) == ["a", "b", "c"]
    for name in "abc":
        data = (tmp_path / name).read_bytes()
        assert (len(data), len(set(data))) == (size, 1)


def test_only_what_a_write_left_is_swept(tmp_path: Path) -> None:
    kept = [".git/.sdd-1-a.tmp", ".sdd/policy.toml", "a/.sdd-1.txt", "a/x.tmp", "outside/.sdd-1-b.tmp"]
    swept = [".sdd-1-c.tmp", "a/b/.sdd-2-d.tmp"]
    for name in [*kept, *swept]:
        disk.write(str(tmp_path / name), b"")
    (tmp_path / "outside").rename(tmp_path.with_name(tmp_path.name + "-outside"))
    (tmp_path / "a" / "link").symlink_to(tmp_path.with_name(tmp_path.name + "-outside"))
    assert disk.sweep(str(tmp_path)) == sorted(str(tmp_path / name) for name in swept)
    assert (tmp_path / "a" / "link" / ".sdd-1-b.tmp").exists()
    assert all((tmp_path / name).exists() for name in kept[:-1])
    assert disk.sweep(str(tmp_path / "nowhere")) == []


def test_removing_twice_is_removing_once(tmp_path: Path) -> None:
    disk.write(str(tmp_path / "f"), b"")
    disk.remove(str(tmp_path / "f"))
    disk.remove(str(tmp_path / "f"))
    disk.remove(str(tmp_path / "no" / "folder"))
    assert names(tmp_path) == []
    (tmp_path / "folder").mkdir()
    with pytest.raises(SddError, match="folder cannot be removed"):
        disk.remove(str(tmp_path / "folder"))


# One process at a time

HOLDER = """
import sys, time
from sdd.disk import lock
with lock(sys.argv[1], "a session", 0):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_lock_that_is_held_says_by_whom_and_ends_with_its_process(tmp_path: Path) -> None:
    path = str(tmp_path / "sdd" / "lock")
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        told = rf"another sdd \(process {process.pid}\) is working on 03-cart"
        with pytest.raises(WaitingError, match=told), disk.lock(path, "03-cart", 0.05):
            pass
        process.send_signal(signal.SIGKILL)
    with disk.lock(path, "03-cart", 0):
        assert Path(path + ".holder").read_text(encoding="ascii") == f"{os.getpid()}\n"
    assert not Path(path + ".holder").exists()


def test_a_lock_is_free_again_after_a_failure_within(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with pytest.raises(ZeroDivisionError), disk.lock(path, "it", 0):
        raise ZeroDivisionError
    with disk.lock(path, "it", 0):
        pass


def test_a_lock_is_not_taken_twice_and_an_unknown_holder_stays_unnamed(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with disk.lock(path, "it", 0):
        for holder in (None, b"", b"nobody"):
            disk.remove(path + ".holder")
            if holder is not None:
                disk.write(path + ".holder", holder)
            with pytest.raises(WaitingError, match="another sdd is working on it"), disk.lock(path, "it", 0):
                pass


def test_a_lock_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = str(tmp_path / "file" / "lock")
    with pytest.raises(SddError, match="lock cannot be locked"), disk.lock(path, "it", 0):
        pass


# Where a path lies


@pytest.mark.parametrize(
    "rel", ["f", "a/b.md", "docs/größe.md", ".github/x", ".gitignore", "a.git", "git", "..a", "-n"]
)
def test_a_plain_path_lies_inside(tmp_path: Path, rel: str) -> None:
    assert disk.inside(str(tmp_path), rel.encode()) == str(tmp_path / rel)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_path_that_is_not_text_lies_inside(tmp_path: Path) -> None:
    disk.write(disk.inside(str(tmp_path), b"caf\xe9/f"), b"x")
    assert [os.fsencode(name) for name in names(tmp_path)] == [b"caf\xe9"]


OUTSIDE = {
    "it is absolute or has an empty part": ["", "/", "/etc/passwd", "a//b", "a/"],
    "a part ends in a dot or a space": [".", "..", "../x", "a/../b", "a/./b", "a.", "a./b", "a /b", "..."],
    "it has a control character": ["a\0", "a\nb", "a/\x1b[31m", "a\x7f"],
    "which mean something else on Windows": [
        "a\\b",
        "..\\x",
        "c:/x",
        "f:stream",
        ".git::$INDEX_ALLOCATION/x",
    ],
    "it reaches into git's own folder": [
        *(".git/config", ".git", "a/.git/hooks/pre-commit", ".GIT/config", ".Git/x", "GIT~1/config", "git~1"),
        *(".git./x", ".git /x", ".git. . /x", ".gi\u200ct/x", "\ufeff.git/x", ".g\u206ait/config"),
    ],
}


@pytest.mark.parametrize(
    ("reason", "rel"), [(reason, rel) for reason, every in OUTSIDE.items() for rel in every]
)
def test_a_path_outside_is_refused(tmp_path: Path, reason: str, rel: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(reason)) as caught:
        disk.inside(str(tmp_path), rel.encode())
    assert "\n" not in str(caught.value)
    assert caught.value.hint == "name a file inside the project"


def test_a_link_at_or_above_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "loose").symlink_to("nowhere")
    for rel in (b"link", b"link/f", b"link/new/f", b"real/loose", b"real/loose/f"):
        with pytest.raises(RefusedError, match="is a link") as caught:
            disk.inside(str(tmp_path), rel)
        assert caught.value.hint.startswith("remove the link")
    assert disk.inside(str(tmp_path), b"real/f/g") == str(tmp_path / "real/f/g")


def test_a_path_below_a_file_is_left_to_the_writing(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(SddError, match="cannot be written"):
        disk.write(disk.inside(str(tmp_path), b"f/below"), b"x")


def test_a_name_the_system_cannot_hold_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SddError, match="cannot be looked at"):
        disk.inside(str(tmp_path), b"x" * 300)


@given(
    st.lists(st.sampled_from([b"..", b".git", b"a", b"", b".", b"b ", b".GiT", b"c"]), min_size=1).map(
        b"/".join
    )
)
def test_no_path_ever_leaves_the_project_or_enters_git(rel: bytes) -> None:
    root = "/nowhere/project"
    try:
        path = disk.inside(root, rel)
    except RefusedError:
        return
    assert os.path.normpath(path) == path
    assert path.startswith(root + "/")
    assert "/.git" not in path.casefold()


def test_a_folder_goes_with_all_in_it_and_one_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    disk.write(str(tmp_path / "a/b/c"), b"x")
    disk.remove_folder(str(tmp_path / "a"))
    disk.remove_folder(str(tmp_path / "a"))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(SddError, match="cannot be removed"):
        disk.remove_folder(str(tmp_path / "f"))
