"""`make bench` at its smallest, so that it still runs when it is needed; no time is judged here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.ground import Ground
from bench.installed import Installed
from bench.packed import git
from bench.peers import PEERS
from bench.run import SUBJECTS
from bench.stopwatch import Command, FailedError, TooLongError, interleaved, ratio, timed

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are timed by posix_spawn and wait4")


def bench(*args: str, path: str = "") -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}" if path else os.environ["PATH"]}
    command = [sys.executable, "-m", "bench.run", *args]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False)


SMALLEST = ("--sizes", "10", "--rounds", "1", "--commits", "3", "--code-files", "3")


def program(folder: Path, name: str, script: str = "") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_everything_that_is_measured_can_be_run(tmp_path: Path) -> None:
    for peer in PEERS[:-1]:  # peers that say nothing, but are there; the last is not
        program(tmp_path, peer.command.partition(" ")[0])
    done = bench(*SMALLEST, path=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    numbers = [row for row in done.stdout.splitlines() if " ÷ " in row]
    assert len(numbers) == 17 + len(PEERS) - 1
    assert all(re.search(r"\| \d+\.\d\d \(\d+\.\d\d-\d+\.\d\d\) \|", row) for row in numbers)
    assert f"| peers: {PEERS[-1].command} | 10 | sk is not installed |" in done.stdout
    told = [line.partition(",")[0] for line in done.stderr.splitlines()]
    assert told == list(SUBJECTS)


def test_a_command_that_fails_fails_the_bench_which_goes_on(tmp_path: Path) -> None:
    program(tmp_path, "backlog", "exit 3")
    program(tmp_path, "sk")
    done = bench(*SMALLEST, "--only", "peers", path=str(tmp_path))
    assert done.returncode == 1
    assert "| 10 | backlog task list --plain ended with 3: [] |" in done.stdout
    assert "| sk work-list ÷ sdd status | 10 |" in done.stdout


def test_a_number_of_sessions_is_ten_at_least() -> None:
    done = bench("--sizes", "9")
    assert done.returncode == 2
    assert "9 is no number of sessions from 10 on" in done.stderr


def test_a_project_that_was_left_half_measured_is_put_right(tmp_path: Path) -> None:
    ground = Ground(tmp_path, Installed(tmp_path, {}), commits=1, code_files=0)
    first = ground.project(10)
    (first.place / "docs/f00000/tracker.md").unlink()
    git(first.place, "commit", "-q", "-a", "-m", "Forget")
    assert ground.project(10) == first
    assert git(first.place, "rev-list", "--count", f"{first.planned}..HEAD") == "1"


# The stopwatch


def command(tmp_path: Path, script: str) -> Command:
    return Command(("/bin/sh", "-c", script), tmp_path, os.environ)


def test_all_commands_run_once_a_round_and_a_round_before_that_warms_up(tmp_path: Path) -> None:
    commands = {name: command(tmp_path, f"echo {name} >> told") for name in ("a", "b")}
    readings = interleaved(commands, rounds=4, limit_s=60)
    told = (tmp_path / "told").read_text().split()
    assert [sorted(told[at : at + 2]) for at in range(0, 10, 2)] == [["a", "b"]] * 5
    assert told != ["a", "b"] * 5
    found = ratio(readings, "a", "b")
    assert 0 < found.least <= found.median <= found.most
    assert all(one.cpu_s >= 0 and one.mib > 0 for name in commands for one in readings[name])


def test_three_rounds_are_enough_once_the_time_is_spent(tmp_path: Path) -> None:
    assert len(interleaved({"a": command(tmp_path, "")}, rounds=9, limit_s=60, budget_s=0)["a"]) == 3


def test_a_command_that_fails_gives_no_number_but_its_words(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"ended with 3: \['no such thing'\]"):
        timed(command(tmp_path, "echo no such thing >&2; exit 3"), 60)


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    with pytest.raises(TooLongError, match=r"^took longer than 0\.2 s"):
        timed(command(tmp_path, "sleep 600 & sleep 600"), 0.2)


def test_what_failed_is_named(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"^the lame one ended with 3: \[\]$"):
        interleaved({"the lame one": command(tmp_path, "exit 3")}, rounds=1, limit_s=60)
