"""What two people do on two branches is merged by plain git, on a forge, without a driver: shown in a bare clone.

What may conflict, and `sdd tracker --stage` resolves: two sessions added between the same two, two features begun between the
same two, and two things told of in neighbouring lines of one session's block (both documents of one gate, two questions).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gitbox import GitBox
from inside import sdd
from projects import run, session
from sdd.runs.record import appended, whole
from sdd.sessions.run import file_name

TIME = "2026-11-21T10:15:00Z"
Work = Callable[[GitBox], None]


def finish(name: str) -> Work:
    """Carry a session out: what it writes, its run, the whole run beside it, as `sdd record` leaves them."""

    def work(box: GitBox) -> None:
        path = f"sessions/{name}.md"
        done = run("done", summary=f"{name} is done.")
        data = whole(name, done)
        file = file_name(name, TIME, data)
        box.write(f"sessions/{file}", data)
        box.write(path, appended(box.read(path), done.replace(file=file)))
        for output in OUTPUTS.get(name, ()):
            box.write(output, f"# {output}\n")

    return work


OUTPUTS = {
    "checkout/01-product-spec": ["docs/checkout/product-spec.md"],
    "checkout/02-architecture": ["docs/checkout/architecture.md"],
    "checkout/03-implementation-plan": ["docs/checkout/implementation-plan.md"],
    "billing/01-product-spec": ["docs/billing/product-spec.md"],
    "checkout/04-cart": ["src/cart.py"],
    "checkout/05-stock": ["src/stock.py"],
}


def command(*args: str) -> Work:
    def work(box: GitBox) -> None:
        sdd(box, *args)

    return work


def answer(name: str) -> Work:
    return command("answer", name, "1", "After thirty days.")


def approve(document: str, gate: str) -> Work:
    return command("approve", document, "--gate", gate, "--yes")


def cart(slug: str, needs: str, question: str = "") -> str:
    asked = f"\n## Questions\n\n- {question}\n" if question else ""
    file = slug.partition("-")[2]
    return session("implementation", f"needs: [{needs}]", f"writes: [src/{file}.py]", rest=asked)


@pytest.fixture(scope="module")
def shop_repository(begun_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two features; specs that wait for approval; three sessions in a row, the last needing the others."""
    folder = tmp_path_factory.mktemp("merging") / "shop"
    box = GitBox(Path(shutil.copytree(begun_repository, folder)))
    for feature in ("billing", "checkout"):
        sdd(box, "new", feature, "sell things")
        finish(f"{feature}/01-product-spec")(box)
    for name in ("checkout/02-architecture", "checkout/03-implementation-plan"):
        finish(name)(box)
    box.write("sessions/checkout/04-cart.md", cart("04-cart", ""))
    box.write("sessions/checkout/05-stock.md", cart("05-stock", ""))
    box.write("sessions/checkout/06-pay.md", cart("06-pay", "04-cart, 05-stock"))
    box.write("sessions/checkout/07-mail.md", cart("07-mail", "", "Which sender?"))
    box.write("sessions/checkout/08-log.md", cart("08-log", "", "How long?"))
    sdd(box, "tracker")
    box.commit("Two features")
    sdd(box, "check")
    return folder


@pytest.fixture
def shop(shop_repository: Path, tmp_path: Path) -> GitBox:
    return GitBox(Path(shutil.copytree(shop_repository, tmp_path / "shop")))


def on_a_branch(box: GitBox, name: str, work: Work) -> None:
    """Do something on a branch of its own, and commit it as a person does."""
    box.git("checkout", "-q", "-b", name, "main")
    work(box)
    sdd(box, "tracker")
    box.commit(name)


def merged(box: GitBox, folder: Path) -> tuple[int, str]:
    """Merge the two branches as a forge does, in a bare clone with no working tree: exit code, and what git says."""
    box.git("clone", "-q", "--bare", str(box.path), str(folder))
    argv = ["git", "merge-tree", "--write-tree", "--name-only", "one", "two"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


CLEAN: dict[str, tuple[Work, Work]] = {
    "different sessions are finished": (finish("checkout/04-cart"), finish("checkout/05-stock")),
    "neighbours, of which the third waits": (finish("checkout/05-stock"), answer("checkout/07-mail")),
    "different questions are answered": (answer("checkout/07-mail"), answer("checkout/08-log")),
    "different documents are approved": (
        approve("docs/checkout/product-spec.md", "spec"),
        approve("docs/billing/product-spec.md", "spec"),
    ),
    "sessions are added to different features": (
        command("add", "integration", "checkout/all"),
        command("add", "integration", "billing/all"),
    ),
    "features are begun with another between them": (
        command("new", "admin", "see what sells"),
        command("new", "zebra", "something else"),
    ),
    "a session is finished and one is added": (
        finish("checkout/04-cart"),
        command("add", "integration", "checkout/all"),
    ),
    "small changes are added": (command("add", "change", "a"), command("add", "change", "b")),
}


@pytest.mark.parametrize("what", CLEAN)
def test_two_branches_merge_without_a_conflict_and_pass_the_check(
    shop: GitBox, tmp_path: Path, what: str
) -> None:
    for branch, work in zip(("one", "two"), CLEAN[what], strict=True):
        on_a_branch(shop, branch, work)
    code, told = merged(shop, tmp_path / "bare.git")
    assert code == 0, told
    bare = GitBox(tmp_path / "bare.git")
    commit = bare.git("commit-tree", told.split()[0], "-p", "one", "-p", "two", "-m", "Merge")
    bare.git("update-ref", "refs/heads/main", commit)
    bare.git("clone", "-q", "--branch", "main", str(bare.path), str(tmp_path / "clone"))
    sdd(GitBox(tmp_path / "clone"), "check")


def test_what_became_ready_by_the_merge_is_corrected_by_the_next_command(shop: GitBox) -> None:
    for branch, slug in (("one", "04-cart"), ("two", "05-stock")):
        on_a_branch(shop, branch, finish(f"checkout/{slug}"))
    shop.git("merge", "-q", "--no-edit", "one")
    tracker = "docs/checkout/tracker.md"
    waits = "[Title](../../sessions/checkout/06-pay.md): **blocked**"
    assert waits in shop.read(tracker)
    sdd(shop, "check")
    sdd(shop, "tracker", "--check", check=1)
    sdd(shop, "tracker", "--stage")
    sdd(shop, "tracker", "--check")
    assert waits not in shop.read(tracker)


CONFLICTS: dict[str, tuple[Work, Work, str]] = {
    "both documents of one gate are approved": (
        approve("docs/checkout/architecture.md", "implementation"),
        approve("docs/checkout/implementation-plan.md", "implementation"),
        "docs/checkout/tracker.md",
    ),
    "sessions are added between the same two": (
        command("add", "integration", "checkout/cart-and-stock"),
        command("add", "refactoring", "checkout/rename-price"),
        "docs/checkout/tracker.md",
    ),
    "features are begun between the same two": (
        command("new", "admin", "see what sells"),
        command("new", "area", "see where"),
        "docs/tracker.md",
    ),
}


@pytest.mark.parametrize("what", CONFLICTS)
def test_what_conflicts_is_a_tracker_alone_and_one_command_resolves_it(
    shop: GitBox, tmp_path: Path, what: str
) -> None:
    one, two, tracker = CONFLICTS[what]
    if "gate" in what:
        approve("docs/checkout/product-spec.md", "spec")(shop)
        shop.commit("The spec is approved")
    on_a_branch(shop, "one", one)
    on_a_branch(shop, "two", two)
    code, told = merged(shop, tmp_path / "bare.git")
    assert (code, told.split("\n\n")[0].splitlines()[1:]) == (1, [tracker])
    subprocess.run(["git", "merge", "-q", "one"], cwd=shop.path, capture_output=True, check=False)
    sdd(shop, "tracker", "--stage")
    shop.git("commit", "-q", "--no-edit")
    sdd(shop, "check")
    sdd(shop, "tracker", "--check")
