"""Attacks by history: merges, side branches, rewritten or unrelated pasts, and branches made before something changed."""

from __future__ import annotations

from people import DAY
from shop import ARCHITECTURE, CODE, PLAN, SPEC, Files
from stories.attacks.world import (
    ATTRIBUTES,
    OLD,
    OTHER,
    PRICE,
    T0,
    WORDS,
    Step,
    World,
    approved_change,
    commit,
    git,
    merge,
    on_main,
    policy_file,
    row,
    signed,
)

README: Files = {b"README.md": b"# Other\n"}
ELSEWHERE: Files = {b"main.md": b""}
DOCUMENTS = {path: WORDS[path] for path in (SPEC, ARCHITECTURE, PLAN)}
NARROW = WORDS[PLAN].replace(b", src/new.py", b"")
NEW: Files = {b"src/new.py": b""}
SIDE, WORK = git("switch", "-q", "-c", "side"), git("switch", "-q", "work")
ORPHAN = git("switch", "-q", "--orphan", "orphan")
MERGING = (commit(README), on_main(ELSEWHERE), git("merge", "-q", "--no-commit", "main"))
SWAPPED = (
    commit(README),
    on_main(ELSEWHERE),
    git("branch", "forge", "main"),
    git("switch", "-q", "forge"),
    git("merge", "-q", "--no-commit", "--no-ff", "work"),
)
OCTOPUS = (
    git("switch", "-q", "-c", "one", "main"),
    commit({b"one.md": b""}),
    git("switch", "-q", "-c", "two", "main"),
    commit({b"two.md": b""}),
    WORK,
    commit({b"three.md": b""}),
    merge("one", "two"),
)


def amended(change: Files) -> Step:
    """The commit that is checked out, with this added."""

    def step(world: World) -> None:
        for path, data in change.items():
            world.box.write(path, data or b"")
        world.box.git("add", "-A")
        world.box.git("commit", "-q", "--amend", "--no-edit")

    return step


def disguised(world: World) -> None:
    """A replace ref that shows a clean commit for the one that is checked out, and a graft that gives it no parents."""
    box = world.box
    clean = box.git("commit-tree", "-m", "x", "-p", "main", "main^{tree}")
    box.git("replace", "HEAD", clean)
    (box.path / ".git/info").mkdir(exist_ok=True)
    box.write(".git/info/grafts", box.git("rev-parse", "work") + "\n")


def shallow(world: World) -> None:
    """The repository as a clone that is cut off below its last commit."""
    _cloned(world, "--depth", "1", "--no-single-branch")


def whole(world: World) -> None:
    """The repository as a clone of all of it."""
    _cloned(world)


def _cloned(world: World, *args: str) -> None:
    there = world.box.path
    away = there.rename(there.with_name(there.name + "-origin"))
    world.box.path = away
    world.box.git("clone", "-q", *args, away.as_uri(), str(there))
    world.box.path = there
    world.box.git("branch", "-q", "main", "origin/main")


def without(path: bytes) -> Step:
    """The object of a file in main taken out of the repository."""

    def step(world: World) -> None:
        blob = world.box.git("rev-parse", b"main:" + path)
        (world.box.path / ".git/objects" / blob[:2] / blob[2:]).unlink()

    return step


def same_tree(*parents: str) -> Step:
    """A commit with the files of main and these parents."""

    def step(world: World) -> None:
        given = [word for one in parents for word in ("-p", one)]
        made = world.box.git("commit-tree", "-m", "x", *given, "main^{tree}")
        world.box.git("reset", "-q", "--hard", made)

    return step


ROWS = (
    # merges
    row(
        "a merge that writes code of its own",
        "check A..B",
        "SDD501",
        (*MERGING, commit({OTHER: b""})),
        (*MERGING, commit({PRICE: b""})),
    ),
    row(
        "a merge whose first parent is main's, with code of its own",
        "proposal",
        "SDD501",
        (*SWAPPED, commit({OTHER: b""})),
        (*SWAPPED, commit({PRICE: b""})),
    ),
    row(
        "an octopus that writes code of its own",
        "proposal",
        "SDD501",
        (*OCTOPUS, amended({OTHER: b""})),
        (*OCTOPUS, amended({PRICE: b""})),
    ),
    row(
        "code on a side branch, merged after the documents",
        "proposal",
        "SDD401",
        (SIDE, commit(NEW), WORK, commit(DOCUMENTS), commit(signed(*DOCUMENTS)), merge("side")),
        (SIDE, commit({b"new.py": b""}), WORK, commit(DOCUMENTS), commit(signed(*DOCUMENTS)), merge("side")),
        start="begun",
    ),
    row(
        "an old commit merged to bring back what stood there",
        "proposal",
        "SDD704 SDD501",
        (
            commit(README),
            git("merge", "-q", "--no-commit", "--no-ff", "-s", "ours", "stale"),
            git("checkout", "-q", "stale", "--", ATTRIBUTES.decode(), OLD.decode()),
            commit(),
        ),
        (
            commit(README),
            git("merge", "-q", "--no-commit", "--no-ff", "-s", "ours", "stale"),
            git("checkout", "-q", "stale", "--", "README.md"),
            commit(),
        ),
        given=(
            git("switch", "-q", "-c", "stale"),
            commit({OLD: b"old = -1\n", ATTRIBUTES: b"* text\n"}),
            git("switch", "-q", "main"),
            merge("--no-ff", "stale"),
            commit({OLD: b"old = 0\n", ATTRIBUTES: b"* -text\n"}),
        ),
    ),
    row(
        "a merge with strategy ours that drops a newer record",
        "check A..B",
        "SDD308",
        (commit(README), merge("-s", "ours", "main")),
        (commit(README), merge("main")),
        given=(
            git("branch", "older"),
            commit(approved_change(SPEC, b"# A larger shop\n", by="bob")),
            git("switch", "-q", "older"),
        ),
    ),
    # pasts of one's own
    row(
        "an orphan with code brought in by a merge",
        "check A..B",
        "SDD401",
        (ORPHAN, commit(NEW), WORK, merge("--allow-unrelated-histories", "orphan")),
        (ORPHAN, commit({b"new.py": b""}), WORK, merge("--allow-unrelated-histories", "orphan")),
        start="begun",
    ),
    row("a history that has nothing in common", "proposal", "SDD601", same_tree(), same_tree("main")),
    row(
        "a main that was rewritten",
        "check --audit A..B",
        "SDD602",
        git("reset", "-q", "--hard", "main~1"),
        git("reset", "-q", "--hard", "main"),
    ),
    row(
        "a main merged into a branch and not the other way round",
        "audit",
        "SDD602",
        (git("reset", "-q", "--hard", "main~1"), commit(README), merge("main")),
        (commit(README), merge("main")),
    ),
    row(
        "replace refs and grafts that hide a commit",
        "proposal",
        "SDD501",
        (commit({OTHER: b""}), disguised),
        (commit({PRICE: b""}), disguised),
    ),
    row("a clone that is cut off", "check A..B", "", (commit(NEW), shallow), (commit(NEW), whole), ends=2),
    row(
        "a trusted policy whose bytes are missing",
        "check A..B",
        "",
        (commit(NEW), without(b".sdd/policy.toml")),
        (commit(NEW), without(b"README.md")),
        ends=2,
    ),
    row(
        "a trusted policy that cannot be read",
        "check A..B",
        "",
        (commit(NEW), on_main({b".sdd/policy.toml": b"version = 1\n"})),
        (commit(NEW), on_main(README)),
        ends=2,
    ),
    row(
        "a repository without a policy",
        "check A..B",
        "",
        commit(NEW),
        commit(policy_file()),
        start="bare",
        ends=2,
    ),
    # branches that are older than what counts
    row(
        "an old branch whose code main's plan grants no more, as the forge would merge it",
        "proposal",
        "SDD501",
        (commit(NEW), git("switch", "-q", "-c", "forge", "main"), merge("work")),
        (commit({CODE: b"new\n"}), git("switch", "-q", "-c", "forge", "main"), merge("work")),
        given=(
            git("branch", "older"),
            commit(approved_change(PLAN, NARROW)),
            git("switch", "-q", "older"),
        ),
    ),
    row(
        "an old branch whose code main's plan grants no more, squashed into main",
        "check --audit A..B",
        "SDD501",
        (
            commit(NEW),
            git("switch", "-q", "-c", "squashed", "main"),
            git("merge", "-q", "--squash", "work"),
            commit(),
        ),
        (
            commit({CODE: b"x\n"}),
            git("switch", "-q", "-c", "squashed", "main"),
            git("merge", "-q", "--squash", "work"),
            commit(),
        ),
        given=(
            git("branch", "older"),
            commit(approved_change(PLAN, NARROW)),
            git("switch", "-q", "older"),
        ),
    ),
    row(
        "two documents changed apart, merged into one that nobody read",
        "proposal",
        "SDD309",
        (
            commit(approved_change(SPEC, b"# A larger shop\n\nb\n\nc\n", at=T0 + 2 * DAY)),
            *(
                on_main(approved_change(SPEC, b"# A shop\n\nb\n\nc, d\n", by="bob", at=T0 + 3 * DAY)),
                git("switch", "-q", "-c", "forge", "main"),
                merge("work"),
            ),
        ),
        (
            commit(README),
            *(
                on_main(approved_change(SPEC, b"# A shop\n\nb\n\nc, d\n", by="bob", at=T0 + 3 * DAY)),
                git("switch", "-q", "-c", "forge", "main"),
                merge("work"),
            ),
        ),
        given=commit(approved_change(SPEC, b"# A shop\n\nb\n\nc\n")),
    ),
)
