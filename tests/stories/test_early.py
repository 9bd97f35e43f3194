"""Git looks at the working tree while the command that will ask for it is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gitbox import GitBox

ORDER = """
import sys
seen = []
def watch(event, args):
    if event in ("os.posix_spawn", "subprocess.Popen"):
        seen.extend(word for word in args[1] if word in ("diff-files", "ls-files"))
    elif event == "import" and args[0] == "click":
        seen.append("click")
sys.addaudithook(watch)
sys.argv = ["sdd", *sys.argv[1:]]
from sdd.main import main
try:
    main()
finally:
    print(*dict.fromkeys(seen), len(seen), file=sys.stderr)
"""


def order(folder: Path, *args: str) -> str:
    """In which order git's look at the working tree is begun and click is loaded, and how many looks and loads there were."""
    argv = [sys.executable, "-c", ORDER, *args]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "args", [("check",), ("check", "--json"), ("log",), ("prompt",), ("status",), ("next", "--dry-run")]
)
def test_git_looks_at_the_working_tree_once_while_the_command_is_loaded(
    featured: GitBox, args: tuple[str, ...]
) -> None:
    assert order(featured.path, *args) == "diff-files ls-files click 3"


@pytest.mark.parametrize(
    "args", [("check", "--staged"), ("check", "--rev", "HEAD"), ("check", "HEAD..HEAD"), ("status", "--help")]
)
def test_who_asks_for_something_else_does_not_have_git_look_at_the_working_tree(
    featured: GitBox, args: tuple[str, ...]
) -> None:
    assert order(featured.path, *args) == "click 1"


@pytest.mark.parametrize("args", [("next",), ("impact", "HEAD")])
def test_what_may_wait_or_write_first_looks_when_it_comes_to_it(
    featured: GitBox, args: tuple[str, ...]
) -> None:
    assert order(featured.path, *args).startswith("click")


def test_below_the_top_git_looks_from_the_top_once_it_is_known(featured: GitBox) -> None:
    assert order(featured.path / "sessions", "check") == "click diff-files ls-files 3"
