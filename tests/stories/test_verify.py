"""`sdd verify` with the real command: it runs what must pass for a session, tells, and records nothing."""

from __future__ import annotations

import json

import pytest

from gitbox import GitBox
from projects import session

PASSES, FAILS = "python -c 1", "python -c 1/0"
WORK = "sessions/checkout/04-x.md"


@pytest.fixture
def shop(featured: GitBox) -> GitBox:
    """A repository with a session that says itself what must pass."""
    featured.write(WORK, session("implementation", f"verify: ['{PASSES}', '{FAILS}']", "writes: [src/x.py]"))
    return featured


def test_each_command_is_told_of_and_a_failing_one_with_its_output(shop: GitBox) -> None:
    before = shop.git("status", "--porcelain")
    result = shop.sdd("verify", "04-x", check=1)
    assert f"passed {PASSES}\n" in result.out
    assert f"failed {FAILS}: " in result.out
    assert "ZeroDivisionError" in result.out
    assert f"$ {PASSES}\n" in result.err
    assert shop.git("status", "--porcelain") == before


def test_where_all_pass_it_says_yes(shop: GitBox) -> None:
    shop.write(WORK, shop.read(WORK).replace(f", '{FAILS}'", ""))
    assert shop.sdd("verify", "checkout/04-x").out == f"passed {PASSES}\n"


def test_json_has_the_whole_output(shop: GitBox) -> None:
    passed, failed = json.loads(shop.sdd("verify", "04-x", "--json", check=1).out)
    assert (passed["command"], passed["exit_code"], passed["passed"]) == (PASSES, 0, True)
    assert (failed["exit_code"], failed["passed"]) == (1, False)
    assert "ZeroDivisionError" in failed["output"]


def test_the_projects_commands_stand_in(shop: GitBox) -> None:
    shop.write(WORK, session("implementation", "writes: [src/x.py]"))
    assert "no command verifies checkout/04-x" in shop.sdd("verify", "04-x", check=2).err
    shop.write("sdd.toml", f'format = 1\n[verify]\ncommands = ["{PASSES}"]\n')
    assert shop.sdd("verify", "04-x").out == f"passed {PASSES}\n"


def test_what_a_command_prints_does_not_steer_the_terminal(shop: GitBox) -> None:
    program = "import sys; print(chr(27) + '[2J'); sys.exit(1)"
    shop.write("noisy.py", program)
    shop.write(WORK, session("implementation", "verify: ['python noisy.py']", "writes: [src/x.py]"))
    result = shop.sdd("verify", "04-x", check=1)
    assert "\x1b" not in result.out + result.err
