"""Two clones that work side by side: plain git merges what they push, and what comes out is judged as a range and audited."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import pytest

from gitbox import GitBox
from projects import run
from sdd.cli import entry
from sdd.runs.record import appended, whole
from sdd.sessions.run import file_name

SPEC, PLAN = "docs/checkout/product-spec.md", "docs/checkout/implementation-plan.md"
ARCHITECTURE, PAGE = "docs/checkout/architecture.md", "docs/changes/round.md"
TASKS = """# Plan

## Tasks

### 04-cart: A cart

- Goal: a cart
- Writes: src/cart.py
- Acceptance: it holds things

### 05-stock: A stock

- Goal: a stock
- Writes: src/stock.py
- Acceptance: it counts things
"""
Work = Callable[[GitBox], None]


def sdd(box: GitBox, *args: str) -> int:
    """Run a command in this process: these stories have many."""
    with chdir(box.path):
        return entry.run(args)


def done(box: GitBox, *args: str) -> None:
    assert sdd(box, *args) == 0, args


def save(box: GitBox, message: str) -> None:
    done(box, "tracker")
    box.commit(message)


def finish(name: str, output: str = "", text: str = "", turn: str = "work") -> Work:
    """Carry a session out, as `sdd record` leaves it, and commit."""

    def work(box: GitBox) -> None:
        path = f"sessions/{name}.md"
        made = run("done", turn=turn, summary=f"{name} is done.")
        data = whole(name, made)
        file = file_name(name, made.time, data)
        box.write(f"sessions/{file}", data)
        box.write(path, appended(box.read(path), made.replace(file=file)))
        if output:
            box.write(output, text)
        save(box, f"Finish {name}")

    return work


def approve(document: str, gate: str) -> Work:
    def work(box: GitBox) -> None:
        done(box, "approve", document, "--gate", gate, "--yes")
        save(box, f"Approve {document}")

    return work


def code(path: str, text: str = "x = 1\n") -> Work:
    def work(box: GitBox) -> None:
        box.write(path, text)
        box.commit(f"Write {path}")

    return work


def write(path: str, text: str) -> Work:
    def work(box: GitBox) -> None:
        box.write(path, text)
        save(box, f"Write {path}")

    return work


def run_command(*args: str) -> Work:
    def work(box: GitBox) -> None:
        done(box, *args)
        save(box, " ".join(args))

    return work


@pytest.fixture(autouse=True, scope="module")
def clock(isolation: None) -> Iterator[None]:
    """Commits are made when they are made: an audit does not believe an approval that is later than its commit."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            patch.delenv(name)
        yield


class Team(NamedTuple):
    """A bare server whose branch main is protected, and two clones of it; `base` is where both began."""

    server: GitBox
    one: GitBox
    two: GitBox
    base: str


@pytest.fixture(scope="module")
def shop_repository(clock: None, begun_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The feature checkout: the spec approved, architecture and plan written and not approved, a change's page too."""
    folder = tmp_path_factory.mktemp("two") / "shop"
    box = GitBox(Path(shutil.copytree(begun_repository, folder)))
    done(box, "new", "checkout", "sell things")
    finish("checkout/01-product-spec", SPEC, "# Spec\n")(box)
    approve(SPEC, "spec")(box)
    finish("checkout/02-architecture", ARCHITECTURE, "# Parts\n")(box)
    finish("checkout/03-implementation-plan", PLAN, TASKS)(box)
    run_command("plan", "checkout", "--write")(box)
    run_command("add", "change", "round", "--goal", "Round half up.")(box)
    finish("changes/round", PAGE, "---\nwrites: [src/round.py]\n---\n# Round\n", "document")(box)
    return folder


@pytest.fixture
def team(shop_repository: Path, tmp_path: Path) -> Team:
    shop = GitBox(shop_repository)
    shop.git("clone", "-q", "--bare", str(shop.path), str(tmp_path / "server.git"))
    server = GitBox(tmp_path / "server.git")
    for name in ("one", "two"):
        server.git("clone", "-q", str(server.path), str(tmp_path / name))
        clone = GitBox(tmp_path / name)
        clone.git("config", "user.email", "alice@example.org")
        clone.git("switch", "-q", "-c", name)
    return Team(server, GitBox(tmp_path / "one"), GitBox(tmp_path / "two"), server.git("rev-parse", "main"))


def pushed(team: Team, one: list[Work], two: list[Work]) -> None:
    """Let both clones work without knowing of each other, and push."""
    for clone, works in ((team.one, one), (team.two, two)):
        for work in works:
            work(clone)
        clone.git("push", "-q", "origin", "HEAD")


def merge_tree(team: Team, one: str, two: str) -> tuple[int, list[str]]:
    """What git makes of two branches in the bare repository, as a forge does: its exit code; the tree, or conflicts after it."""
    argv = ["git", "merge-tree", "--write-tree", "--name-only", one, two]
    told = subprocess.run(argv, cwd=team.server.path, capture_output=True, text=True, check=False)
    return told.returncode, told.stdout.split("\n\n")[0].splitlines()


def merge(team: Team, branch: str) -> None:
    """Merge a branch into main on the server, which must go without a conflict."""
    conflicts, (tree, *paths) = merge_tree(team, "main", branch)
    assert not conflicts, paths
    made = team.server.git("commit-tree", tree, "-p", "main", "-p", branch, "-m", f"Merge {branch}")
    team.server.git("update-ref", "refs/heads/main", made)


def judged(team: Team, folder: Path) -> list[int]:
    """What each form of the check says in a fresh clone of main: the tree, the range of all, the audit of it, the whole audit."""
    team.server.git("clone", "-q", str(team.server.path), str(folder))
    clone = GitBox(folder)
    forms = (), (f"{team.base}..main",), ("--audit", f"{team.base}..main"), ("--audit",)
    return [sdd(clone, "check", *form) for form in forms]


GOOD = [0, 0, 0, 0]

STORIES: dict[str, tuple[list[Work], list[Work]]] = {
    "one approves and builds, the other makes a small change": (
        [
            approve(ARCHITECTURE, "implementation"),
            approve(PLAN, "implementation"),
            code("src/cart.py"),
            finish("checkout/04-cart"),
        ],
        [approve(PAGE, "change"), code("src/round.py")],
    ),
    "both add sessions and begin features": (
        [run_command("new", "admin", "see what sells"), run_command("add", "change", "a")],
        [run_command("add", "integration", "checkout/all"), run_command("add", "change", "z")],
    ),
    "one changes an approved document, the other builds by another": (
        [write(SPEC, "# Spec\n\nMore.\n"), approve(SPEC, "spec")],
        [approve(PAGE, "change"), code("src/round.py")],
    ),
    "one finishes, the other approves what it waits for": (
        [finish("checkout/05-stock")],
        [approve(PAGE, "change")],
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_two_clones_meet_without_a_conflict_and_nothing_is_lost(
    team: Team, tmp_path: Path, story: str
) -> None:
    pushed(team, *STORIES[story])
    merge(team, "one")
    assert sdd(team.two, "check", "origin/main..HEAD") == 0
    merge(team, "two")
    assert judged(team, tmp_path / "fresh") == GOOD
    nothing_is_lost(tmp_path / "fresh")


def nothing_is_lost(folder: Path) -> None:
    """Whatever only one of both changed is in the result as it was there; of what both changed no line is gone."""
    fresh = GitBox(folder)
    base = fresh.git("merge-base", "origin/one", "origin/two")

    def changed(side: str) -> set[str]:
        return set(fresh.git("diff", "--name-only", base, f"origin/{side}").split())

    for side, other in (("one", "two"), ("two", "one")):
        for path in changed(side) - changed(other):
            assert fresh.git("rev-parse", f"HEAD:{path}") == fresh.git("rev-parse", f"origin/{side}:{path}")
        for path in changed(side) & changed(other):
            added = fresh.git("diff", "-U0", base, f"origin/{side}", "--", path).splitlines()
            wanted = {line[1:] for line in added if line.startswith("+") and not line.startswith("+++")}
            assert wanted <= set(fresh.git("show", f"HEAD:{path}").splitlines())


def test_both_build_different_tasks_of_one_approved_plan(team: Team, tmp_path: Path) -> None:
    for document in (ARCHITECTURE, PLAN):
        approve(document, "implementation")(team.one)
    team.one.git("push", "-q", "origin", "HEAD:main")
    team.two.git("pull", "-q", "--ff-only", "origin", "main")
    pushed(
        team,
        [code("src/cart.py"), finish("checkout/04-cart")],
        [code("src/stock.py"), finish("checkout/05-stock")],
    )
    merge(team, "one")
    merge(team, "two")
    assert judged(team, tmp_path / "fresh") == GOOD
    nothing_is_lost(tmp_path / "fresh")


def test_a_clean_merge_brings_no_code_past_a_gate(team: Team, tmp_path: Path) -> None:
    pushed(team, [approve(PAGE, "change")], [code("src/round.py")])
    merge(team, "one")
    assert sdd(team.two, "check", f"{team.base}..HEAD") == 1
    merge(team, "two")
    tree, whole_range, _, _ = judged(team, tmp_path / "fresh")
    assert (tree, whole_range) == (0, 1)


def test_nor_does_one_that_takes_the_grant_away(team: Team, tmp_path: Path) -> None:
    approve(PAGE, "change")(team.one)
    team.one.git("push", "-q", "origin", "HEAD:main")
    team.two.git("pull", "-q", "--ff-only", "origin", "main")
    narrower = "---\nwrites: [src/other.py]\n---\n# Round\n"
    pushed(team, [write(PAGE, narrower), approve(PAGE, "change")], [code("src/round.py")])
    merge(team, "one")
    merge(team, "two")
    assert judged(team, tmp_path / "fresh") == [0, 1, 1, 1]


def update(team: Team, *how: str) -> None:
    """Bring the second branch up to date by hand: what the tracker cannot be merged to is rendered anew."""
    team.two.git("fetch", "-q", "origin")
    argv = ["git", "merge", "-q", *how, "origin/main"]
    subprocess.run(argv, cwd=team.two.path, capture_output=True, check=False)
    done(team.two, "tracker", "--stage")
    team.two.git("commit", "-q", "--allow-empty", "--no-edit", "-m", "Merge main")


class TestConflicts:
    """What git cannot merge is told by git, and resolved so that it passes."""

    def test_two_additions_at_one_spot_conflict_in_the_tracker_alone(
        self, team: Team, tmp_path: Path
    ) -> None:
        pushed(
            team,
            [run_command("add", "integration", "checkout/cart-and-stock")],
            [run_command("add", "refactoring", "checkout/rename-price")],
        )
        merge(team, "one")
        assert merge_tree(team, "main", "two")[1][1:] == ["docs/checkout/tracker.md"]
        update(team)
        assert sdd(team.two, "check", "origin/main..HEAD") == 0
        team.two.git("push", "-q", "origin", "two")
        merge(team, "two")
        assert judged(team, tmp_path / "fresh") == GOOD
        fresh = GitBox(tmp_path / "fresh")
        for name in ("cart-and-stock", "rename-price"):
            assert name in fresh.git("ls-files", "sessions/checkout")
            assert name in fresh.read("docs/checkout/tracker.md")

    def test_two_approvals_of_two_texts_of_one_document_need_a_third(
        self, team: Team, tmp_path: Path
    ) -> None:
        two = TASKS.replace("a stock\n", "a stock that is right\n")
        one = TASKS.replace("a cart\n", "a cart that is light\n")
        approve(ARCHITECTURE, "implementation")(team.one)
        team.one.git("push", "-q", "origin", "HEAD:main")
        team.two.git("pull", "-q", "--ff-only", "origin", "main")
        pushed(
            team,
            [write(PLAN, one), approve(PLAN, "implementation")],
            [write(PLAN, two), approve(PLAN, "implementation")],
        )
        merge(team, "one")
        record = f".sdd/approvals/implementation/{PLAN}/alice@example.org.toml"
        assert record in merge_tree(team, "main", "two")[1][1:]
        update(team, "-X", "theirs")
        assert team.two.read(PLAN) != one != two
        assert sdd(team.two, "check", "origin/main..HEAD") == 1
        approve(PLAN, "implementation")(team.two)
        assert sdd(team.two, "check", "origin/main..HEAD") == 0
        team.two.git("push", "-q", "origin", "two")
        merge(team, "two")
        assert judged(team, tmp_path / "fresh") == GOOD
