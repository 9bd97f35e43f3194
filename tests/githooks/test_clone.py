"""Who asks sdd at a door: by a script's words, by git's configuration, and in which words a person is told to add it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from sdd.githooks import native
from sdd.githooks.clone import OTHER, Clone, Door, asked_in, calls, version_of
from sdd.githooks.configuration import DOORS


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("git version 2.54.0\n", (2, 54)),
        ("git version 2.39.5 (Apple Git-154)", (2, 39)),
        ("git version 2.55.GIT", (2, 55)),
        ("git version 3.0.rc1", (3, 0)),
        ("nonsense", ()),
    ],
)
def test_gits_version_is_two_numbers(told: str, version: tuple[int, ...]) -> None:
    assert version_of(told) == version


@pytest.mark.parametrize(
    ("script", "door"),
    [
        ("exec sdd hook pre-commit", "pre-commit"),
        ('#!/bin/sh\n"/a b/sdd" hook pre-commit "$@" || exit $?\nmake', "pre-commit"),
        ("C:/x/sdd.exe hook pre-push", "pre-push"),
        ("git-sdd hook pre-push", "pre-push"),
    ],
)
def test_a_script_that_asks_is_known(script: str, door: str) -> None:
    assert calls(script, door)
    assert not calls(script, "commit-msg")


@pytest.mark.parametrize(
    "script",
    ["", "# sdd hook pre-commit", "  # exec sdd hook pre-commit", "sdd hook pre-commit-x", "sdd check"],
)
def test_a_script_that_only_mentions_it_does_not(script: str) -> None:
    assert not calls(script, "pre-commit")


def test_gits_configuration_asks_where_command_and_event_say_so() -> None:
    settings = {
        "hook.a.command": ["make lint", "sdd hook pre-commit"],
        "hook.a.event": ["pre-commit", "commit-msg"],
        "hook.b.command": ["sdd hook pre-push"],
        "hook.b.event": ["pre-push"],
        "hook.b.enabled": ["true", "off"],
        "hook.c.command": ["sdd hook commit-msg"],
        "hook.d.event": ["pre-merge-commit"],
        "hook.e.command": ["sdd hook post-commit"],
        "hook.e.event": ["post-commit"],
    }
    assert asked_in(settings) == {"pre-commit"}
    assert asked_in({**settings, "hook.b.enabled": ["off", "true"]}) == {"pre-commit", "pre-push"}


def test_a_git_that_can_is_told_to_ask_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/a $b/sdd", "init"])
    doors = tuple(Door(name, OTHER) for name in DOORS)
    lines = native.elsewhere(
        Clone(str(tmp_path / "shop"), tmp_path, "x", "core.hooksPath", tmp_path, (2, 54), doors, {})
    )
    words = [shlex.split(line) for line in lines[6:]]
    assert [[*one[:3], *one[4:]] for one in words] == [
        ["git", "config", f"hook.sdd-{name}.command", "&&", "git", "config", f"hook.sdd-{name}.event", name]
        for name in DOORS
    ]
    assert all(calls(one[3], name) for one, name in zip(words, DOORS, strict=True))
