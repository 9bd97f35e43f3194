"""Work counted without a clock: what takes ten times as much for ten times the input, and no more, is not quadratic."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def calls(action: Callable[[], object]) -> int:
    """How many calls an action makes, of functions written in Python and in C."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


def verifications(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """What tells how often `ssh-keygen -Y verify` has been started since; a shell script in that folder counts."""
    real, told = shutil.which("ssh-keygen"), folder / "started"
    told.touch()
    (folder / "ssh-keygen").write_text(
        f'#!/bin/sh\n[ "$2" = verify ] && echo x >> {told}\nexec {real} "$@"\n'
    )
    (folder / "ssh-keygen").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return lambda: len(told.read_text().split())
