"""The clipboard, through programs in the place of a desktop's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("elsewhere the clipboard is the system's own", allow_module_level=True)

COPY = "import sys; from sdd.clipboard import copy; copy(sys.stdin.read())"
PASTE = "import sys; from sdd.clipboard import paste; sys.stdout.write(paste())"
TOLD = """
import sys
from sdd.clipboard import copy, paste
from sdd.errors import SddError
try:
    copy('x') if sys.argv[1] == 'copy' else paste()
except SddError as error:
    print(error.message); print(error.hint)
"""
TEXT = "Prompt: größe 店\n\n```python\n"


def desktop(folder: Path, copies: str, pastes: str) -> dict[str, str]:
    """The environment of a Wayland desktop with these two shell scripts as its programs."""
    for name, script in (("wl-copy", copies), ("wl-paste", pastes)):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (folder / name).chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "WAYLAND_DISPLAY": "wayland-0", "PYTHONUTF8": "1"}


def python(program: str, env: dict[str, str], *args: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *args],
        env=env,
        input=given.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_what_is_copied_can_be_pasted(tmp_path: Path) -> None:
    env = desktop(tmp_path, f"cat > {tmp_path}/board", f"cat {tmp_path}/board")
    python(COPY, env, given=TEXT)
    assert python(PASTE, env) == TEXT


@pytest.mark.parametrize("what", ["copy", "paste"])
def test_without_a_clipboard_the_other_ways_are_named(what: str) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    told = python(TOLD, {**bare, "PATH": "/nowhere"}, what)
    assert told.startswith("there is no clipboard that a program can reach here\n")
    assert "use a file: `--out prompt.md`, `sdd record SESSION response.md`" in told


def test_a_clipboard_that_keeps_nothing_is_told_of(tmp_path: Path) -> None:
    env = desktop(tmp_path, "cat > /dev/null", "exit 1")
    assert python(TOLD, env, "copy").startswith("the clipboard does not keep what is put there\n")
