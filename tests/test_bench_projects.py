"""The projects that sdd is measured with: in order at every step, so that judging is measured and no telling of findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import history, shop
from bench.packed import git
from bench.shop import Size
from bench.staged import staged
from gitbox import GitBox

SMALLEST = Size.of(10)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> GitBox:
    """A project of ten sessions; in its history one of them was sent back."""
    box = GitBox(tmp_path_factory.mktemp("bench") / "shop")
    planned = shop.make(box.path, SMALLEST, code_files=3)
    history.make(box.path, SMALLEST, 3 * (len(shop.open_tasks(SMALLEST)) + 1))
    box.git("tag", "planned", planned)
    return box


def test_a_project_to_measure_with_and_its_history_are_in_order(project: GitBox) -> None:
    assert project.sdd("check").out == "10 sessions: nothing wrong\n"
    assert project.sdd("check", "planned..HEAD").out == "planned..HEAD: nothing wrong\n"
    assert project.sdd("check", "--audit").out.endswith("the protected branch: nothing wrong\n")
    assert project.sdd("tracker", "--check").code == 0
    assert "rejected" in project.read("sessions/f00000/005-task.md")
    assert project.git("count-objects") == "0 objects, 0 kilobytes"


def test_features_are_alike_and_each_has_its_own_approvals(tmp_path: Path) -> None:
    box = GitBox(tmp_path / "shop")
    shop.make(box.path, Size(2, 5), code_files=0)
    assert box.sdd("check").out == "10 sessions: nothing wrong\n"


def test_what_is_staged_is_one_persons_commit_and_in_order(project: GitBox) -> None:
    with staged(project.path, SMALLEST):
        paths = git(project.path, "diff", "--cached", "--name-only").split("\n")
        assert [path.partition("/")[0] for path in paths] == ["docs", *["sessions"] * 10, "src", "src"]
        assert git(project.path, "diff", "--name-only") == ""
        assert project.sdd("hook", "pre-commit").err == ""
        project.write("docs/f00000/tracker.md", "")
        project.git("add", "docs")
        assert "docs/f00000/tracker.md: SDD201" in project.sdd("hook", "pre-commit", check=1).err
    assert project.git("status", "--porcelain") == ""
