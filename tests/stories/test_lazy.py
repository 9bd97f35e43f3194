"""What each command imports: who does not use a heavy library does not pay for it (facts: speed)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gitbox import GitBox
from sdd.cli.entry import COMMANDS

HEAVY = ("anthropic", "git", "pydantic", "markdown_it", "rich", "pyperclip", "filelock", "asyncio")
PROGRAM = """
import sys
from sdd.main import main
try:
    main()
except SystemExit as ended:
    print(f"code={ended.code}", *sorted(set(sys.modules) & {sought}), file=sys.__stderr__)
"""

SESSION = "checkout/01-product-spec"
# A command, its exit code in a project whose first session is ready, and the heavy libraries that it may bring in.
MAY = {
    ("--help",): (0, set()),
    ("--version",): (0, set()),
    ("zzz",): (2, set()),
    ("hook", "pre-commit"): (0, set()),
    ("init", "--hooks", "none"): (0, {"git"}),  # where git's hooks lie is asked through the workspace
    ("init",): (0, {"git"}),
    ("new", "billing", "send bills"): (0, set()),
    ("add", "change", "fix"): (0, set()),
    ("plan", "checkout"): (2, set()),
    ("status",): (0, set()),
    ("status", "--json"): (0, set()),
    ("check",): (0, set()),
    ("tracker",): (0, set()),
    ("tracker", "--check"): (0, set()),
    ("tracker", "--stage"): (0, {"git"}),
    ("log",): (0, set()),
    ("review", "HEAD..HEAD"): (0, set()),
    ("explain", "SDD101"): (0, set()),
    ("enrol",): (2, set()),
    ("schema", "session"): (0, set()),
    ("schema", "settings"): (0, set()),
    ("approve", "docs/checkout/product-spec.md", "--gate", "spec"): (1, {"git"}),
    ("answer", SESSION): (0, set()),
    ("reject", SESSION, "-m", "no"): (1, {"filelock"}),
    ("impact",): (0, set()),
    ("metrics",): (0, {"filelock"}),
    # These compile a prompt, which reads Markdown where a selector names a heading.
    ("next", "--dry-run"): (0, {"markdown_it"}),
    ("prompt",): (0, {"markdown_it"}),
    ("record", SESSION, "gone.md"): (2, set()),
    ("verify", SESSION): (2, {"pydantic", "markdown_it"}),
    # It looks at everything, but not by importing it: the SDK takes more than a second.
    ("doctor",): (0, {"git", "pydantic", "pyperclip"}),
}


def loaded(box: GitBox, args: tuple[str, ...], sought: tuple[str, ...]) -> tuple[str, set[str], str]:
    """How a command ended, those of the modules sought that it loaded, and all that it said."""
    argv = [sys.executable, "-c", PROGRAM.replace("{sought}", repr({*sought})), *args]
    env = {**os.environ, "SDD_PROVIDER": "manual"}
    done = subprocess.run(argv, cwd=box.path, env=env, capture_output=True, text=True, check=False)
    ended, *found = done.stderr.splitlines()[-1].split()
    return ended, {*found}, done.stderr


@pytest.mark.parametrize("args", MAY, ids=" ".join)
def test_a_command_brings_in_what_it_needs_and_no_more(featured: GitBox, args: tuple[str, ...]) -> None:
    code, may = MAY[args]
    ended, found, said = loaded(featured, args, HEAVY)
    assert ended == f"code={code}", said
    assert found <= may


def test_every_command_is_in_the_table() -> None:
    assert {args[0] for args in MAY} >= set(COMMANDS)


# What a command that only looks has no use for, in a project that has no sdd.toml.
UNUSED = {
    "status": ("shutil", "tomllib", "sdd.gates.step", "sdd.settings"),
    "check": ("json", "shutil", "tomllib", "hashlib", "pathlib", "decimal", "sdd.views.sarif"),
    "next --dry-run": ("shutil", "tomllib", "importlib.resources", "sdd.gates.step", "sdd.llm.providers"),
    "next --dry-run --provider claude": ("pydantic", "anthropic", "asyncio"),
    "next --dry-run --provider anthropic": ("pydantic", "anthropic", "asyncio"),
}


@pytest.mark.parametrize("command", UNUSED)
def test_a_look_loads_nothing_of_what_others_need(featured: GitBox, command: str) -> None:
    featured.git("rm", "-q", "--ignore-unmatch", "sdd.toml")
    ended, found, said = loaded(featured, (*command.split(),), UNUSED[command])
    reads_policy = (
        os.environ["TEST_VERDICTS"] != "warm"
    )  # else it is kept, and nothing that reads TOML is loaded
    assert (ended, found - ({"tomllib"} if reads_policy else set())) == ("code=0", set()), said
