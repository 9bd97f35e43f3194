"""What a hook and a warm check ask for does not grow with the project: counted in steps, without a clock."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import shop
from counting import calls
from gitbox import GitBox
from inside import sdd
from projects import files, session
from sdd import hook
from sdd.gates.picture import picture
from sdd.objects import Objects
from sdd.repository import Repository
from sdd.sessions import session as session_file
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


# Each with its exit code: all sessions of these projects are blocked.
COMMANDS = {
    "check": 0,
    "check --rev HEAD": 0,
    "status": 0,
    "status --json": 0,
    "status --ready --json": 0,
    "next --dry-run": 5,
    "log": 0,
    "log --json": 0,
    "tracker --check": 0,
    "metrics": 0,
    "impact": 0,
    "impact docs/brief.md": 0,
    "prompt f001/00-a": 0,
}


@pytest.mark.parametrize("words", COMMANDS)
def test_ten_times_the_sessions_take_no_more_than_some_ten_times_the_steps(
    projects: list[GitBox], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDD_CACHE", "off")

    def count(box: GitBox) -> int:
        sdd(box, *words.split(), check=COMMANDS[words])  # whatever is imported is so now
        return calls(lambda: sdd(box, *words.split(), check=COMMANDS[words]))

    small, *large = map(count, projects)
    assert max(large) < 11 * small


def test_a_plan_is_judged_by_what_its_sessions_touch(projects: list[GitBox]) -> None:
    def count(box: GitBox) -> int:
        plan = "\n".join(["# Plan\n\n## Tasks\n", *map(task, range(3))])
        box.write("docs/f001/implementation-plan.md", plan)
        sdd(box, "plan", "f001", "--dry-run")
        steps = calls(lambda: sdd(box, "plan", "f001", "--dry-run"))
        box.git("clean", "-qfd", "docs")
        return steps

    small, *large = map(count, projects)
    assert max(large) < 2 * small


def task(number: int) -> str:
    """A task of a plan that comes after the one before it."""
    needs = f"- Depends on: {number - 1:03}-a\n" if number else ""
    facts = f"{needs}- Goal: reach it\n- Writes: src/{number:03}.py\n- Acceptance:\n  - it is so\n"
    return f"### {number:03}-a: A task\n\n{facts}"


def test_ten_times_the_tasks_of_a_plan_take_no_more_than_some_ten_times_the_steps(
    template_repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDD_CACHE", "off")

    def count(tasks: int) -> list[int]:
        box = GitBox(Path(shutil.copytree(template_repository, tmp_path / str(tasks))))
        plan = "\n".join(["# Plan\n\n## Tasks\n", *map(task, range(tasks))])
        first = session("implementation-plan", "writes: [docs/implementation-plan.md]")
        for path, data in files(sessions__03_plan=first, docs__implementation_plan=plan).items():
            box.write(path.replace(b"_plan", b"-plan").decode(), data)
        box.commit()
        sdd(box, "plan", "--dry-run")  # whatever is imported is so now
        before = calls(lambda: sdd(box, "plan", "--dry-run"))
        written = calls(lambda: sdd(box, "plan", "--write"))
        return [before, written, calls(lambda: sdd(box, "plan", "--json"))]

    few, many = count(6), count(60)
    assert all(large < 11 * small for small, large in zip(few, many, strict=True))


def test_ten_times_the_commits_take_no_more_than_ten_times_the_steps(box: GitBox) -> None:
    project(box, 4, 2)
    start = box.git("rev-parse", "HEAD")

    def judged(commits: int) -> int:
        for number in range(commits):
            box.write("src/000/00.py", f"number = {number}\n")
            box.write(f"notes/{number:03}.md", "a note\n")
            box.commit()
        return calls(lambda: sdd(box, "check", f"{start}..HEAD", check=1))

    judged(1)
    few = judged(4)
    assert judged(45) < 11 * few


def test_a_range_reads_as_many_sessions_in_ten_times_the_project(
    projects: list[GitBox], steps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = session_file.parse

    def counted(path: bytes, data: bytes) -> Any:
        steps["sessions"] += 1
        return parse(path, data)

    monkeypatch.setattr(session_file, "parse", counted)

    def judged(box: GitBox) -> dict[str, int]:
        start = box.git("rev-parse", "HEAD")
        box.write("src/001/01.py", "number = 1\n")
        box.write("src/others.py", "number = 1\n")
        box.commit()
        count = taken(steps, lambda: sdd(box, "check", f"{start}..HEAD", check=1))
        box.git("reset", "-q", "--hard", start)
        return count

    small, sessions, features = map(judged, projects)
    assert small["sessions"] == sessions["sessions"] == features["sessions"] > 0
    # Of the others the bytes are looked at, once, though T and H are both searched; and of 36 features the folders.
    assert sessions["_loose"] - small["_loose"] <= 54
    assert features["_loose"] - small["_loose"] <= 72 + 2 * 36


def test_ten_times_the_commits_of_a_range_read_no_more_objects(box: GitBox, steps: Counter[str]) -> None:
    start = shop.put(box, shop.files(shop.ready()))

    def judged(commits: int) -> dict[str, int]:
        for number in range(commits):
            shop.put(box, {b"src/cart.py": b"%d %d" % (commits, number)})
            shop.put(box, {b"notes/%d.md" % number: b"%d" % commits})
        return taken(steps, lambda: sdd(box, "check", f"{start}..HEAD"))

    few, many = judged(4), judged(40)
    # Git is told the commits at once, and where these are many by another way to start it.
    assert {**many, "started": 0} == {**few, "started": 0}
