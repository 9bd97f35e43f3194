"""A command that was forked says what one that was started says."""

from __future__ import annotations

import os

import pytest

from gitbox import GitBox, installed
from warmed import Warmed

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nothing forks there")


@pytest.mark.parametrize(
    "args",
    [("--version",), ("check",), ("status",), ("no-such-command",), ("next", b"caf\xe9"), ("log", "x")],
)
def test_a_forked_command_says_what_a_started_one_says(box: GitBox, args: tuple[str | bytes, ...]) -> None:
    assert box.sdd(*args, check=None) == box.sdd(*args, check=None, fresh=True)


def test_a_command_whose_environment_python_reads_at_its_start_is_not_forked(box: GitBox) -> None:
    warmed = Warmed()
    argv = (installed("sdd"), ("--version",), box.path, b"")
    try:
        for name in ("PYTHONHASHSEED", "LC_ALL", "TZ", "PATH", "COVERAGE_PROCESS_CONFIG"):
            assert warmed.run(*argv, {**os.environ, name: "1"}) is None
        told = warmed.run(*argv, {**os.environ, "SDD_PROVIDER": "manual"})
        assert told
        assert told[0].startswith(b"sdd, version ")
    finally:
        warmed.end()
