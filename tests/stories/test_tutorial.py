"""The tutorial, typed as it stands; and the replaying itself, held to what it has to notice."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from replay import matches, replay, steps

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-feature.md"


@pytest.fixture
def env(isolation: None) -> Mapping[str, str]:
    """The environment of a newcomer: `sdd` on the PATH, and no choice made for them."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "SDD_PROVIDER": ""}


@pytest.mark.skipif(os.name == "nt", reason="the page says python3, which Windows calls python")
def test_the_tutorial_shows_what_is_so(tmp_path: Path, env: Mapping[str, str]) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    replay(steps(TUTORIAL.read_text("utf-8")), folder, env)


def test_files_and_commands_come_in_the_order_of_the_page() -> None:
    page = "# A\n\n```console\n$ one\n1\n\n$ two\n```\n\n````md file=a/b.md\n```console\n$ x\n```\n````\n\n```sh\n$ no\n```\n"
    assert [(step.line, step.command, step.file, step.text) for step in steps(page)] == [
        (4, "one", "", "1\n"),
        (7, "two", "", ""),
        (10, "", "a/b.md", "```console\n$ x\n```\n"),
    ]


def test_what_differs_is_told_with_its_line(tmp_path: Path, env: Mapping[str, str]) -> None:
    page = "```text file=a/b.txt\nb\n```\n```console\n$ git hash-object a/b.txt   # of the file\n0\n```\n"
    with pytest.raises(AssertionError, match=r"(?s)^line 5: .*it printed\n617807"):
        replay(steps(page), tmp_path, env)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("", ""),
        ("", "\n"),
        ("one\n\ntwo", "one\n\ntwo\t \n"),
        ("…", ""),
        ("…\ntwo", "one\ntwo\n"),
        ("one\n…\nfour\n…", "one\ntwo\nthree\nfour\n"),
        ("committed …", "committed 0123\n"),
        ("(a ….* [b])", "(a real.* [b])\n"),
    ],
)
def test_dots_stand_for_lines_and_for_text(shown: str, said: str) -> None:
    assert matches(shown, said)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("", "one\n"),
        ("one", ""),
        ("one", "one\ntwo\n"),
        ("one …", "one\n"),
        ("a … c", "a b\nc\n"),
        ("…\none", "one\ntwo\n"),
        ("a.c", "abc"),
    ],
)
def test_what_is_not_shown_may_not_be_said(shown: str, said: str) -> None:
    assert not matches(shown, said)
