"""A place holds a session for one process, and sweeps what killed ones left, nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitbox import GitBox
from sdd.errors import RefusedError
from sdd.runs.place import now
from workshop import begin, left_behind, place


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box)
    return box


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_killed_processes_left_is_swept_and_nothing_else(project: GitBox) -> None:
    here = place(project)
    dead, alive = f".sdd-{ended_process()}-0123abcd.tmp", f".sdd-{os.getpid()}-0123abcd.tmp"
    gone = [
        f"src/{dead}",
        f".git/sdd/responses/{dead}",
        f".git/sdd/{dead}/run.json",
        ".sdd-99999999999999999999-0123abcd.tmp",
    ]
    kept = [f"src/{alive}", f".git/sdd/locks/{alive}", "src/a.tmp", "src/.sdd-1-x.tmp", "docs/.sdd-notes.tmp"]
    for path in (*gone, *kept):
        project.write(path, "x")
    here.sweep(here.picture().project.snapshot)
    there = {path for path in (*gone, *kept) if (project.path / path).exists()}
    assert there == set(kept)
    assert len(left_behind(project)) == 4


def test_sweeping_a_worktree_reaches_what_all_share(project: GitBox, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", str(tmp_path / "other"))
    other = place(GitBox(tmp_path / "other"))
    dead = f".sdd-{ended_process()}-0123abcd.tmp"
    project.write(f".git/sdd/responses/{dead}", "x")
    other.sweep(other.picture().project.snapshot)
    assert left_behind(project) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="who may do all is stopped by nothing")
def test_a_leftover_that_cannot_be_removed_stops_nobody(project: GitBox) -> None:
    here = place(project)
    left = project.write(f"src/.sdd-{ended_process()}-0123abcd.tmp", "x")
    left.parent.chmod(0o500)
    here.sweep(here.picture().project.snapshot)
    left.parent.chmod(0o700)
    assert left.exists()


def test_a_session_is_held_by_one_at_a_time(project: GitBox) -> None:
    here = place(project)
    with here.locked("shop/01-a"), here.locked("shop/02-b"):
        holder = Path(here.git_dir, "sdd/locks/shop%2F01-a.lock.holder")
        assert holder.read_text() == f"{os.getpid()}\n"
    assert not holder.exists()


def test_settings_are_those_of_now(project: GitBox) -> None:
    here = place(project)
    assert here.settings().verify.fixes == 1
    (project.path / "sdd.toml").unlink()
    assert here.settings().verify.fixes == 3


def test_nothing_is_written_outside_the_tree(project: GitBox) -> None:
    place(project).write(b"docs/a.md", b"a\n")
    assert project.read("docs/a.md") == "a\n"
    with pytest.raises(RefusedError):
        place(project).write(b"../a.md", b"a\n")


def test_the_time_is_utc_to_the_second() -> None:
    assert len(now()) == len("2026-11-21T10:15:00Z")
    assert now().endswith("Z")
