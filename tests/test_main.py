"""The way in: hooks go straight to the judgement, all else through the command line."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sdd import main

MODULES = """
import sys
from sdd import main
sys.argv = ["sdd", *sys.argv[1:]]
try:
    main.main()
finally:
    print("click" in sys.modules)
"""


def loaded(folder: Path, *args: str) -> tuple[bool, int]:
    """Whether click was brought in, and the exit code."""
    argv = [sys.executable, "-c", MODULES, *args]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.endswith("True\n"), done.returncode


def test_a_hook_does_without_the_command_line(tmp_path: Path) -> None:
    assert loaded(tmp_path, "hook", "no-such-door") == (False, 2)
    assert loaded(tmp_path, "--version") == (True, 0)


def test_a_command_is_searched_for_garbage_seldom() -> None:
    program = MODULES.replace('"click" in sys.modules', "__import__('gc').get_threshold()[0]")
    argv = [sys.executable, "-c", program, "--version"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "50000"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")
def test_a_signal_that_was_to_be_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        main.stop_in_order()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        monkeypatch.delattr(signal, "SIGHUP")  # as on Windows
        main.stop_in_order()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_plugin_of_pydantic_that_somebody_installed_is_not_run(tmp_path: Path) -> None:
    about = tmp_path / "plug-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[pydantic]\nplug = plug:plugin\n")
    (tmp_path / "plug.py").write_text("print('the plugin is run')\n")
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop()); from {}; sys.argv[1:] = ['schema', 'providers']; {}"
    )
    ours = program.format("sdd.main import main", "main()")
    theirs = program.format("sdd.cli.entry import run", "run(sys.argv[1:])")
    told = [
        subprocess.run(
            [sys.executable, "-I", "-c", one, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout
        for one in (ours, theirs)
    ]
    assert ["the plugin is run" in text for text in told] == [False, True]
