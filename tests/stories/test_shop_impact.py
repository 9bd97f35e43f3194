"""One changed contract of the platform in tests/cases/shop: which of its twenty sessions use it, and whether the change breaks them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import platform_shop as shop
from gitbox import GitBox
from inside import sdd
from sdd.cli.entry import COMMANDS

pytestmark = pytest.mark.skipif("impact" not in COMMANDS, reason="sdd impact is not here yet")
TASKS = shop.tasks()
SIGN_IN = "docs/interfaces/sign_in.py"
RESERVATIONS = "docs/interfaces/reservations.py"
SETTINGS = "docs/interfaces/settings.py"


@pytest.fixture
def mine(isolation: None, tmp_path: Path) -> GitBox:
    """A platform of one's own, to change."""
    return shop.make(tmp_path / "fernweh")


def users(contract: str) -> set[str]:
    """The sessions whose front matter names this contract, or one of its file as a whole."""
    found = set()
    for task in TASKS:
        keys = shop.front_matter((shop.PLATFORM / "sessions" / f"{task}.md").read_text("utf-8"))
        named = [
            line for key in ("reads", "interfaces", "models", "implements") for line in keys.get(key, [])
        ]
        if any(line.split(": ")[0] == contract for line in named):
            found.add(task)
    return found


def asked(box: GitBox, what: str) -> tuple[str, set[str]]:
    """What `sdd impact` says became of it, and which sessions of the plan it names."""
    told = json.loads(sdd(box, "impact", what, "--json").out)
    named = {one["session"] for one in told["sessions"] if one["steps"] == 1} | set(told["later"])
    return told["verdict"], named & set(TASKS)


def change(box: GitBox, path: str, old: str, new: str) -> None:
    text = box.read(path)
    assert old in text
    box.write(path, text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("path", "name", "old", "new", "verdict"),
    [
        (
            SIGN_IN,
            "ISignIn",
            "email: str, password: str) -> Token",
            "email: str, secret: str) -> Token",
            "breaking",
        ),
        (
            SIGN_IN,
            "ISignIn",
            "password: str) -> Token",
            "password: str, remember: bool = False) -> Token",
            "compatible",
        ),
        (SIGN_IN, "IAccessPolicy", "-> bool", "-> int", "breaking"),
        (
            RESERVATIONS,
            "IReservations",
            "    def expire(self, most: int) -> int:",
            "    def expire(self) -> int:",
            "breaking",
        ),
        (SETTINGS, "ISettingsReader", "-> Settings:", "-> None:", "breaking"),
    ],
)
def test_one_changed_contract_finds_exactly_the_sessions_that_use_it(
    mine: GitBox, path: str, name: str, old: str, new: str, verdict: str
) -> None:
    expected = users(f"{path}::{name}")
    assert expected
    change(mine, path, old, new)
    assert asked(mine, f"{path}::{name}") == (verdict, expected)
    mine.commit("Change a contract", at="2026-11-28T12:02:00Z")
    assert asked(mine, "HEAD~1..HEAD") == (verdict, expected)


def test_the_example_is_worth_something() -> None:
    assert users(f"{SIGN_IN}::ISignIn") == {"10-sign-in", "23-web-interface"}
    assert users(f"{RESERVATIONS}::IReservations") == {"15-reservations", "20-checkout"}
    assert users(f"{SIGN_IN}::IAccessPolicy") > {"12-catalogue", "20-checkout", "22-administration"}


def test_white_space_touches_nobody(mine: GitBox) -> None:
    change(mine, SETTINGS, "class ISettingsReader", "\n\nclass ISettingsReader")
    mine.commit("Space", at="2026-11-28T12:02:00Z")
    assert asked(mine, "HEAD~1..HEAD")[1] == set()
