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
from hooked import path_with_sdd, tried, with_hooks
from inside import sdd
from projects import run, session
from sdd.runs.record import appended, whole
from sdd.sessions.run import file_name

TRACKER, PAY = "docs/checkout/tracker.md", "sessions/checkout/06-pay.md"
BLOCKED = "[Title](../../sessions/checkout/06-pay.md): **blocked**"
STALE = "SDD201 checkout/06-pay is ready, and the tracker says that it is blocked"
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
    "checkout/04-cart": ["docs/checkout/cart.md"],
    "checkout/05-stock": ["docs/checkout/stock.md"],
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
    return session("implementation", f"needs: [{needs}]", f"writes: [docs/checkout/{file}.md]", rest=asked)


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
    assert BLOCKED in shop.read(TRACKER)
    sdd(shop, "check")
    sdd(shop, "tracker", "--check", check=1)
    sdd(shop, "tracker", "--stage")
    sdd(shop, "tracker", "--check")
    assert BLOCKED not in shop.read(TRACKER)


@pytest.fixture
def halfway(shop: GitBox, monkeypatch: pytest.MonkeyPatch) -> GitBox:
    """Two branches merged by git, after which 06-pay is ready and its block says blocked; with the real hooks."""
    for branch, slug in (("one", "04-cart"), ("two", "05-stock")):
        on_a_branch(shop, branch, finish(f"checkout/{slug}"))
    monkeypatch.setenv("PATH", path_with_sdd())
    with_hooks(shop, "pre-commit", "pre-merge-commit")
    shop.git("merge", "-q", "--no-edit", "one")
    assert BLOCKED in shop.read(TRACKER)
    return shop


def test_what_a_merge_left_there_is_held_against_nobody(halfway: GitBox) -> None:
    forms = ((), ("--staged",), ("--rev", "HEAD"), ("main..HEAD",), ("--audit",))
    for form in forms:
        sdd(halfway, "check", *form)
    mail = "sessions/checkout/07-mail.md"
    halfway.write("README.md", "More.\n")
    halfway.write(mail, halfway.read(mail) + "\n## Notes\n\nSoon.\n")
    halfway.commit("Something else")
    assert BLOCKED in halfway.read(TRACKER)
    for form in (*forms, ("HEAD~1..HEAD",)):
        sdd(halfway, "check", *form)


def test_who_touches_what_waits_is_told_and_one_command_mends_it(halfway: GitBox) -> None:
    halfway.write(PAY, halfway.read(PAY) + "\n## Notes\n\nSoon.\n")
    assert STALE in sdd(halfway, "check", check=1).out
    halfway.git("add", ".")
    refused = tried(halfway, "commit", "-m", "Tell more")
    assert refused.code == 1
    assert STALE in refused.err
    assert "→ sdd tracker --stage" in refused.err
    sdd(halfway, "tracker", "--stage")
    halfway.git("commit", "-q", "-m", "Tell more")
    sdd(halfway, "tracker", "--check")


def test_who_ends_the_wait_is_told_at_the_commit_and_where_it_is_proposed(
    shop: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_branch(shop, "first", finish("checkout/04-cart"))
    shop.git("checkout", "-q", "-B", "main")
    on_a_branch(shop, "last", finish("checkout/05-stock"))
    sdd(shop, "check", "main..HEAD")
    shop.git("reset", "-q", "--soft", "main")
    shop.write(TRACKER, shop.read(TRACKER).replace(BLOCKED.replace("blocked", "ready"), BLOCKED))
    shop.git("add", ".")
    monkeypatch.setenv("PATH", path_with_sdd())
    with_hooks(shop, "pre-commit", "pre-push")
    assert STALE in tried(shop, "commit", "-m", "Finish it").err
    shop.git("commit", "-q", "--no-verify", "-m", "Finish it")
    assert STALE in sdd(shop, "check", "main..HEAD", check=1).out
    for form in ((), ("--rev", "HEAD"), ("--audit",), ("--audit", "main..HEAD")):
        sdd(shop, "check", *form)
    shop.git("checkout", "-q", "-b", "aside", "main")
    shop.commit("Something else")
    shop.git("merge", "-q", "--no-edit", "last")
    sdd(shop, "check", "main..HEAD")


def test_a_tracker_that_says_nothing_of_what_was_finished_is_told_even_in_a_merge(shop: GitBox) -> None:
    on_a_branch(shop, "last", finish("checkout/05-stock"))
    shop.git("checkout", "-q", "main", TRACKER)
    shop.git("commit", "-q", "--amend", "--no-edit")
    shop.git("checkout", "-q", "main")
    shop.git("merge", "-q", "--no-ff", "--no-commit", "last")
    assert f"{TRACKER}:" in sdd(shop, "check", "--staged", check=1).out
    shop.git("commit", "-q", "-m", "Merge")
    told = sdd(shop, "check", "HEAD^1..HEAD", check=1).out
    assert "SDD201 the tracker does not say what the sessions say" in told
    sdd(shop, "check", "--audit")


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
