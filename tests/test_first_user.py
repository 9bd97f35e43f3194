"""sdd is its own first user: its repository has sdd, and its own hooks judge it."""

from __future__ import annotations

from pathlib import Path

from gitbox import GitBox
from sdd.gates.policy import PATH, read
from sdd.sessions.process import shipped

ROOT = Path(__file__).parent.parent


def test_the_templates_here_are_those_that_are_shipped() -> None:
    here = {file.stem: file.read_bytes() for file in (ROOT / "sessions/templates").glob("*.md")}
    assert here == shipped()


def test_the_hooks_of_this_repository_ask_sdd_at_each_door() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    for door in ("pre-commit", "commit-msg", "pre-push"):
        assert f"entry: sh tools/in_venv.sh sdd hook {door}\n" in text


def test_what_this_repository_says_of_itself_holds() -> None:
    policy = read((ROOT / PATH.decode()).read_bytes())
    assert (policy.project, policy.mode) == ("sdd", "report")
    box = GitBox(ROOT)
    assert "SDD1" not in box.sdd("check", "--rev", "HEAD", check=None).out
