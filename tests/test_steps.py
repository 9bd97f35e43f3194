"""What a hook and a warm check ask for does not grow with the project: counted in steps, without a clock."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gitbox import GitBox
from projects import files, session
from sdd import hook
from sdd.gates.picture import picture
from sdd.objects import Objects
from sdd.repository import Repository
from sdd.views import tracker, verdict

NOW = 1_800_000_000


def project(box: GitBox, features: int, sessions: int) -> None:
    """So many features of so many sessions each, but f001 of two, committed, with their trackers."""
    made = files()
    for feature in range(features):
        for number in range(2 if feature == 1 else sessions):
            needs = [f"needs: [{number - 1:02}-a]"] if number else []
            text = session("implementation", f"writes: [src/{feature:03}/{number:02}.py]", *needs)
            made |= {f"sessions/f{feature:03}/{number:02}-a.md".encode(): text.encode()}
    for path, data in made.items():
        box.write(path, data)
    for path, data in tracker.trackers(picture(Repository.find(str(box.path)).working_tree())).items():
        box.write(path, data)
    box.commit()


@pytest.fixture(scope="module")
def projects(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[GitBox]:
    """A small project, one with ten times the sessions in all others than f001, and one with ten times the features."""
    boxes = []
    for features, sessions in ((4, 2), (4, 20), (40, 2)):
        folder = tmp_path_factory.mktemp("steps") / "shop"
        boxes.append(GitBox(Path(shutil.copytree(template_repository, folder))))
        project(boxes[-1], features, sessions)
    return boxes


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many objects are read, paths listed and programs started."""
    monkeypatch.delenv("SDD_CACHE", raising=False)
    count: Counter[str] = Counter()

    def counted(cls: type, name: str, what: Callable[[tuple[Any, ...]], int]) -> None:
        whole = getattr(cls, name)

        def method(*args: Any, **kwargs: Any) -> Any:
            count[name] += what(args)
            return whole(*args, **kwargs)

        monkeypatch.setattr(cls, name, method)

    counted(Objects, "read", lambda _: 1)
    counted(Objects, "named", lambda _: 1)
    counted(Objects, "_loose", lambda _: 1)
    counted(Objects, "_answered", lambda _: 1)
    counted(Repository, "started", lambda _: 1)
    listed = Repository._listed

    def listing(self: Repository, tree: str) -> Iterator[tuple[bytes, str, str]]:
        for one in listed(self, tree):
            count["listed"] += 1
            yield one

    monkeypatch.setattr(Repository, "_listed", listing)
    return count


def taken(steps: Counter[str], action: Callable[[], object]) -> dict[str, int]:
    steps.clear()
    action()
    return dict(steps)


def test_a_hook_takes_the_same_steps_for_the_same_change_with_ten_times_the_project_elsewhere(
    projects: list[GitBox], steps: Counter[str]
) -> None:
    def commit(box: GitBox) -> dict[str, int]:
        box.write(
            "sessions/f001/01-a.md", session("implementation", "writes: [src/001/01.py]", goal="Another.")
        )
        box.write("src/001/01.py", "a\n")
        box.git("add", "-A")
        hook.at_commit(Repository.find(str(box.path)))
        count = taken(steps, lambda: hook.at_commit(Repository.find(str(box.path))))
        box.git("reset", "-q", "--hard")
        return count

    small, sessions, features = map(commit, projects)
    assert small == sessions
    # Code that no plan grants is looked for in every feature: there the folder of its documents, and no file.
    assert features["read"] - small["read"] == 36
    assert {**features, "read": 0, "_loose": 0} == {**small, "read": 0, "_loose": 0}


def test_a_warm_check_takes_the_same_steps_in_ten_times_the_project(
    projects: list[GitBox], steps: Counter[str]
) -> None:
    def check(box: GitBox) -> None:
        found = verdict.of_working_tree(Repository.find(str(box.path)), now_epoch=NOW).found
        assert found.findings == ()

    def warm(box: GitBox) -> dict[str, int]:
        check(box)
        return taken(steps, lambda: check(box))

    small, *large = map(warm, projects)
    assert large == [small, small]
