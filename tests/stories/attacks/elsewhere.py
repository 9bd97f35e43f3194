"""Attacks on what is not code, and at the doors beyond the clone: sessions, trackers, names of refs, releases, pushes."""

from __future__ import annotations

import hashlib

from sdd.gates.governed import code_digest
from sdd.repository import Repository
from shop import CODE, PAGE, SPEC, Files
from stories.attacks.world import (
    CART_SESSION,
    OTHER,
    PRICE,
    RELEASE,
    SESSION,
    T0,
    Made,
    Step,
    World,
    approved_change,
    commit,
    git,
    made,
    on_main,
    row,
    rules,
    signed,
)

NEW: Files = {CODE: b"new\n"}
LARGER: Files = {SPEC: b"# A larger shop\n"}
README: Files = {b"README.md": b"# Other\n"}
FORWARD = git("merge", "-q", "--ff-only", "main")
TEMPLATE = b"sessions/templates/implementation.md"
TRACKER = b"docs/tracker.md"


def tracked(change: Files | Made) -> Step:
    """Commit this change with the trackers as they then have to be."""

    def step(world: World) -> None:
        for path, data in made(world, change).items():
            world.box.write(path, data or b"")
        world.box.git("add", "-A")
        world.box.sdd("tracker", "--stage")
        world.box.git("commit", "-q", "-m", "Work")

    return step


def session(old: bytes, new: bytes) -> Step:
    """The session with some words changed."""
    return tracked({SESSION: CART_SESSION.replace(old, new)})


def template(words: bytes) -> Step:
    """Words put into the front matter of the template."""
    return tracked(
        lambda world: {TEMPLATE: world.box.read_bytes(TEMPLATE).replace(b"---\n", b"---\n" + words, 1)}
    )


def modules(world: World) -> None:
    """Files that would be imported or run if the folder in which `sdd` is started had a say."""
    for name in ("sdd", "tomllib", "hashlib", "json", "click", "sitecustomize"):
        world.box.write(f"{name}.py", "raise SystemExit(0)\n")
    world.box.write("ssh-keygen", "#!/bin/sh\nexit 0\n").chmod(0o755)


def released(at: int = T0, code: str = "") -> Made:
    """The approval of a release, for the governed code that is checked out or for other code."""

    def files(world: World) -> Files:
        digest = code or code_digest(Repository.find(str(world.box.path)).commit("HEAD"), rules())
        spec = hashlib.sha256(world.box.read_bytes(SPEC)).hexdigest()
        return signed(RELEASE, at=at, code=digest, inputs=((SPEC, spec),))(world)

    return files


ROWS = (
    # sessions and trackers steer, and are never believed
    row(
        "a session's writes widened",
        "check A..B",
        "SDD126 SDD501",
        (session(b"[src/cart.py]", b"[src/cart.py, src/other.py]"), tracked({OTHER: b""})),
        (session(b"[src/cart.py]", b"[src/cart.py, src/new.py]"), tracked({b"src/new.py": b""})),
        start="worked",
    ),
    row(
        "a template's writes widened",
        "check A..B",
        "SDD501",
        (
            template(b"writes: [src/other.py]\n"),
            session(b"writes: [src/cart.py]\n", b""),
            tracked({OTHER: b""}),
        ),
        (
            template(b"writes: [src/new.py]\n"),
            session(b"writes: [src/cart.py]\n", b""),
            tracked({b"src/new.py": b""}),
        ),
        start="worked",
    ),
    row(
        "the gate taken out of a session's needs",
        "check A..B",
        "SDD309 SDD401",
        (commit(LARGER), session(b"needs: [gate:implementation]\n", b""), commit(NEW)),
        (
            commit(approved_change(SPEC, b"# A larger shop\n")),
            session(b"needs: [gate:implementation]\n", b""),
            commit(NEW),
        ),
        start="worked",
    ),
    row(
        "a tracker that says what is not so",
        "check A..B",
        "SDD201",
        commit(lambda world: {TRACKER: world.box.read_bytes(TRACKER).replace(b"blocked", b"done")}),
        commit(lambda world: {TRACKER: world.box.read_bytes(TRACKER)}),
        start="worked",
    ),
    # the place where it is run
    row(
        "modules and programs of its own in the repository",
        "check A..B",
        "SDD501",
        (commit({OTHER: b""}), modules),
        (commit({PRICE: b""}), modules),
    ),
    row(
        "a tag with the name of the remote's branch",
        "check origin/main..HEAD",
        "",
        (commit({OTHER: b""}), git("tag", "origin/main")),
        (commit({PRICE: b""}), git("tag", "origin-main")),
        given=git("update-ref", "refs/remotes/origin/main", "main"),
        ends=2,
    ),
    row(
        "a branch with the name of the remote's branch",
        "check origin/main..HEAD",
        "",
        (commit({OTHER: b""}), git("branch", "origin/main")),
        (commit({PRICE: b""}), git("branch", "origin-main")),
        given=git("update-ref", "refs/remotes/origin/main", "main"),
        ends=2,
    ),
    # releases
    row("a release that nobody approved", "ref", "SDD311", (), (on_main(released()), FORWARD)),
    row(
        "a release from a branch that was not merged",
        "ref",
        "SDD604",
        (on_main(released()), FORWARD, commit(README)),
        (on_main(released()), on_main(README), FORWARD),
    ),
    row(
        "a release whose code was changed after its approval",
        "ref",
        "SDD312",
        (on_main(released()), on_main(NEW), FORWARD),
        (on_main(released()), on_main(README), FORWARD),
    ),
    row(
        "a release approved for other code",
        "ref",
        "SDD312",
        (on_main(released(code="0" * 64)), FORWARD),
        (on_main(released()), FORWARD),
    ),
    row(
        "a release that rests on what has changed",
        "ref",
        "SDD311",
        (on_main(released()), on_main(approved_change(SPEC, b"# A larger shop\n")), FORWARD),
        (on_main(approved_change(SPEC, b"# A larger shop\n")), on_main(released()), FORWARD),
    ),
    row(
        "a release whose approval says nothing of the code",
        "proposal",
        "SDD305",
        commit(signed(RELEASE)),
        commit(released()),
    ),
    # pushes
    row(
        "code pushed past every hook of the clone",
        "push",
        "SDD501",
        (commit({OTHER: b""}), git("config", "core.hooksPath", "/dev/null")),
        (commit({PRICE: b""}), git("config", "core.hooksPath", "/dev/null")),
    ),
    row(
        "main rewritten by force",
        "push --force",
        "SDD602",
        (git("reset", "-q", "--hard", "main~1"), commit(README)),
        commit(README),
    ),
    row("main deleted at the server", "push --delete", "SDD603", (), (), twin_door="push"),
    row(
        "a commit dated back to when its key still counted, pushed",
        "push",
        "SDD305",
        commit(signed(PAGE, by="erin", at=T0 + 3600), at="2023-11-15T10:00:00Z"),
        commit(signed(PAGE, by="bob", at=T0 + 3600), at="2023-11-15T10:00:00Z"),
    ),
)
