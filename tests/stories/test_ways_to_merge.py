"""The ways in which a forge brings a branch in, each judged as CI would before it, and audited afterwards."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import pytest

from gitbox import GitBox
from hooked import AT
from people import Person, filed, record
from sdd.cli.entry import run
from sdd.gates.policy import render
from shop import (
    ALICE,
    CODE,
    DOCUMENTS,
    PLAN,
    POLICY,
    REVOKED,
    SIGNERS,
    WORDS,
    Files,
    files,
    policy,
    put,
    ready,
)

NEW, OUTSIDE = b"src/new.py", b"src/other.py"
WIDER = {PLAN: WORDS[PLAN].replace(b"src/cart.py", b"src/cart.py, src/new.py")}
NARROWER = {PLAN: WORDS[PLAN].replace(b"src/cart.py, ", b"")}
README: Files = {b"README.md": b"A shop.\n"}
PULL = "refs/pull/7/merge"


class Forge:
    """A repository with a protected main branch, where proposals are made and merged; CI's clone; and the people.

    `work` is checked out. `before` is where main stood when it was last judged.
    """

    def __init__(self, folder: Path, proof: str) -> None:
        self.folder = folder
        self.proof = proof
        self.dev = GitBox(folder / "dev")
        self.ci = GitBox(folder / "ci")

    @classmethod
    def make(cls, folder: Path, proof: str) -> Self:
        """A new one, whose main branch has the policy and all documents approved, and a branch for each proposal."""
        GitBox.make(folder / "dev")
        made = cls(folder, proof)
        people = [Person.make(folder, name) for name in ("alice", "bob", "mallory")]
        signers: Files = {SIGNERS: "".join(f"{one.line}\n" for one in people[:2]).encode()}
        put(made.dev, files(ready(policy(proof, proof))), signers, made.approved(*WORDS, at=AT))
        made.dev.git("branch", "before")
        for name, commits in PROPOSALS.items():
            made.dev.git("switch", "-q", "-c", name, "main")
            for change in commits(made):
                put(made.dev, change)
        made.dev.git("switch", "-q", "-c", "work", "main")
        made.dev.git("clone", "-q", "--no-checkout", made.dev.path.as_uri(), str(made.ci.path))
        made.ci.git("remote", "set-url", "origin", "../dev")
        return made

    def person(self, name: str) -> Person:
        """Somebody whose key lies here; mallory's is enrolled nowhere."""
        key = self.folder / name
        return Person(f"{name}@example.org", key, key.with_suffix(".pub").read_text().strip())

    def approved(
        self, *documents: bytes, at: int, words: Mapping[bytes, bytes] = WORDS, by: str = "alice"
    ) -> Files:
        """Records that count, or where mallory makes them: as much as mallory can."""
        signer = self.person(by)
        who = signer.email if self.proof == "none" else ALICE
        return {
            place: data
            for path in documents
            for place, data in filed(
                record(path, words[path], who, at, gate=DOCUMENTS[path]),
                None if self.proof == "none" else signer,
            ).items()
        }

    def propose(self, name: str) -> None:
        """Let `work` be the branch of a proposal."""
        self.dev.git("reset", "-q", "--hard", name)

    def on_main(self, *changes: Files) -> None:
        """A commit that others have merged meanwhile; the branch stays checked out."""
        branch = self.dev.git("branch", "--show-current")
        self.dev.git("switch", "-q", "main")
        put(self.dev, *changes)
        self.dev.git("branch", "-f", "before", "main")
        self.dev.git("switch", "-q", branch)

    def judged(self, rev: str, trusted: str = "origin/main") -> list[str]:
        """The codes that CI finds in a pull request, which it fetches and checks out as `actions/checkout` does."""
        self.dev.git("update-ref", PULL, rev)
        branches = "+refs/heads/*:refs/remotes/origin/*"
        self.ci.git("fetch", "-q", "origin", branches, f"+{PULL}:refs/remotes/pull/7/merge")
        self.ci.git("checkout", "-q", "--detach", "refs/remotes/pull/7/merge")
        return codes(self.ci, f"{trusted}..HEAD")

    def audited(self) -> list[str]:
        """The codes that CI finds on the protected branch in what has come in."""
        return codes(self.dev, "--audit", "before..main")


def codes(box: GitBox, *asked: str) -> list[str]:
    """The codes of `sdd check`, each once; its exit code must go with them.

    The command is called in this process: a hundred of its own would take ten seconds more.
    """
    said = io.StringIO()
    with contextlib.chdir(box.path), contextlib.redirect_stdout(said):
        code = run(["check", "--json", *asked])
    found = sorted({one["code"] for one in json.loads(said.getvalue())})
    assert code == (1 if found else 0)
    return found


def _honest(forge: Forge) -> Sequence[Files]:
    return WIDER, forge.approved(PLAN, at=AT + 1, words=WIDER), {NEW: b"new = 1\n"}, {CODE: b"cart = []\n"}


def _unapproved(_forge: Forge) -> Sequence[Files]:
    return WIDER, {NEW: b"new = 1\n"}


def _forged(forge: Forge) -> Sequence[Files]:
    return WIDER, forge.approved(PLAN, at=AT + 1, words=WIDER, by="mallory"), {NEW: b"new = 1\n"}


def _loosened(forge: Forge) -> Sequence[Files]:
    return {POLICY: render(policy(forge.proof, forge.proof, code=())).encode()}, {OUTSIDE: b"x = 1\n"}


def _late(forge: Forge) -> Sequence[Files]:
    return {NEW: b"new = 1\n"}, WIDER, forge.approved(PLAN, at=AT + 1, words=WIDER)


PROPOSALS: Mapping[str, Callable[[Forge], Sequence[Files]]] = {
    "honest": _honest,
    "outside": lambda _: ({OUTSIDE: b"x = 1\n"},),
    "unapproved": _unapproved,
    "forged": _forged,
    "loosened": _loosened,
    "late": _late,
}


class Kind(NamedTuple):
    """A proposal by name, under a level of proof, and the codes that are found: of it, of its merge, of its single steps."""

    name: str
    proof: str
    proposed: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    replayed: tuple[str, ...] = ()


KINDS = (
    Kind("honest", "none"),
    Kind("honest", "ssh"),
    Kind("outside", "ssh", ("SDD501",), ("SDD501",), ("SDD501",)),
    Kind("unapproved", "ssh", ("SDD309", "SDD401"), ("SDD401",), ("SDD401",)),
    Kind("forged", "none", ("SDD306", "SDD309", "SDD401"), ("SDD306", "SDD401"), ("SDD306", "SDD401")),
    Kind("forged", "ssh", ("SDD305", "SDD309", "SDD401"), ("SDD305", "SDD401"), ("SDD305", "SDD401")),
    # step by step the second commit is judged by the first one's policy, and the first one is found for it
    Kind("loosened", "ssh", ("SDD501", "SDD704"), ("SDD501", "SDD704"), ("SDD704",)),
    # what only the order makes wrong is gone once it is one step: for the pull request to find
    Kind("late", "ssh", ("SDD501",), (), ("SDD501",)),
)
FEW = [one for one in KINDS if one.proof == "ssh" and one.name not in {"outside", "unapproved"}]
Given = Callable[["Forge"], str]
Way = Callable[[GitBox], None]


def crossed(every: Callable[..., object], *few: Callable[..., object]) -> pytest.MarkDecorator:
    """All kinds of proposals in one form, and those that differ most in each of the others."""
    pairs = [*((every, kind) for kind in KINDS), *((form, kind) for form in few for kind in FEW)]
    names = [f"{form.__name__}-{kind.name}-{kind.proof}" for form, kind in pairs]
    return pytest.mark.parametrize(("form", "kind"), pairs, ids=names)


@pytest.fixture(scope="module")
def templates(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A forge for each level of proof."""
    return {
        proof: Forge.make(tmp_path_factory.mktemp(proof) / "forge", proof).folder for proof in ("none", "ssh")
    }


@pytest.fixture
def forge_of(templates: Mapping[str, Path], tmp_path: Path) -> Callable[[str], Forge]:
    """A copy of the forge with a level of proof."""
    return lambda proof: Forge(Path(shutil.copytree(templates[proof], tmp_path / "forge")), proof)


@pytest.fixture
def forge(forge_of: Callable[[str], Forge]) -> Forge:
    return forge_of("ssh")


# What CI is given to judge


def the_branch(forge: Forge) -> str:
    """The branch as it was made, main having gone on."""
    forge.on_main(README)
    return "work"


def merged_from_main(forge: Forge) -> str:
    forge.on_main(README)
    forge.dev.git("merge", "-q", "--no-edit", "main")
    return "work"


def rebased(forge: Forge) -> str:
    forge.on_main(README)
    forge.dev.git("rebase", "-q", "main")
    return "work"


def merge_ref(forge: Forge) -> str:
    """What a forge makes of a pull request: the merge that there would be, on no branch."""
    forge.on_main(README)
    tree = forge.dev.git("merge-tree", "--write-tree", "main", "work")
    return forge.dev.git("commit-tree", "-m", "Merge", "-p", "main", "-p", "work", tree)


def old_merge_ref(forge: Forge) -> str:
    """The same, and main has gone on since."""
    made = merge_ref(forge)
    forge.on_main({b"README.md": b"A shop for carts.\n"})
    return made


def stacked(forge: Forge) -> str:
    """A branch on top of the branch, proposed to main while the one below is open."""
    forge.dev.git("switch", "-q", "-c", "upper")
    put(forge.dev, {b"src/cart.py": b"cart = [1]\n"}, {b"tests/test_cart.py": b""})
    return "upper"


@crossed(merge_ref, the_branch, merged_from_main, rebased, old_merge_ref, stacked)
def test_a_proposal_is_judged_alike_in_whatever_form_it_comes(
    form: Given, kind: Kind, forge_of: Callable[[str], Forge]
) -> None:
    forge = forge_of(kind.proof)
    forge.propose(kind.name)
    assert forge.judged(form(forge)) == list(kind.proposed)


# What the protected branch is audited for


def a_merge_commit(dev: GitBox) -> None:
    dev.git("merge", "-q", "--no-ff", "--no-edit", "work")


def a_squash(dev: GitBox) -> None:
    dev.git("merge", "-q", "--squash", "work")
    dev.git("commit", "-q", "-m", "Work (#7)")


def a_rebase(dev: GitBox) -> None:
    dev.git("rebase", "-q", "main", "work")
    dev.git("switch", "-q", "main")
    dev.git("merge", "-q", "--ff-only", "work")


@crossed(a_squash, a_merge_commit, a_rebase)
def test_the_protected_branch_shows_afterwards_what_came_in(
    form: Way, kind: Kind, forge_of: Callable[[str], Forge]
) -> None:
    forge = forge_of(kind.proof)
    forge.propose(kind.name)
    forge.on_main(README)
    forge.dev.git("switch", "-q", "main")
    form(forge.dev)
    assert forge.audited() == list(kind.replayed if form is a_rebase else kind.merged)


class TestWhatAMergeItselfBrings:
    def test_an_update_that_smuggles_code_in(self, forge: Forge) -> None:
        forge.propose("honest")
        forge.on_main(README)
        forge.dev.git("merge", "-q", "--no-commit", "main")
        put(forge.dev, {OUTSIDE: b"x = 1\n"})
        assert forge.judged("work") == ["SDD501"]
        forge.dev.git("switch", "-q", "main")
        a_squash(forge.dev)
        assert forge.audited() == ["SDD501"]

    def test_a_conflict_over_code_may_be_resolved_within_the_grant(self, forge: Forge) -> None:
        put(forge.dev, {CODE: b"cart = [2]\n"})
        forge.on_main({CODE: b"cart = [1]\n"})
        forge.dev.git("merge", "-q", "-s", "ours", "--no-commit", "main")
        put(forge.dev, {CODE: b"cart = [1, 2]\n"})
        assert forge.judged("work") == []
        assert forge.judged(merge_ref(forge)) == []

    def test_one_over_code_that_main_alone_granted_is_not(self, forge: Forge) -> None:
        forge.on_main(WIDER, forge.approved(PLAN, at=AT + 1, words=WIDER), {NEW: b"new = 1\n"})
        forge.dev.git("merge", "-q", "--no-commit", "--no-ff", "main")
        put(forge.dev, NARROWER, {NEW: b"new = 2\n"})
        assert forge.judged("work") == ["SDD309", "SDD501"]

    def test_a_squash_to_which_somebody_adds(self, forge: Forge) -> None:
        forge.propose("honest")
        assert forge.judged("work") == []
        forge.dev.git("switch", "-q", "main")
        forge.dev.git("merge", "-q", "--squash", "work")
        put(forge.dev, {OUTSIDE: b"x = 1\n"})
        assert forge.audited() == ["SDD501"]

    def test_a_rebase_that_drops_the_approval(self, forge: Forge) -> None:
        forge.propose("honest")
        forge.on_main(README)
        kept = forge.dev.git("log", "--reverse", "--format=%H", "main..work").split()
        forge.dev.git("switch", "-q", "main")
        forge.dev.git("cherry-pick", kept[0], *kept[2:])
        assert forge.audited() == ["SDD401"]


class TestMainWentOn:
    """What is right on its own branch can be wrong on main as it is now."""

    def test_what_main_grants_no_more_is_found_on_the_merge_ref(self, forge: Forge) -> None:
        put(forge.dev, {CODE: b"cart = []\n"})
        forge.on_main(NARROWER, forge.approved(PLAN, at=AT + 1, words=NARROWER))
        assert forge.judged("work") == []  # so CI prefers the merge ref
        assert forge.judged(merge_ref(forge)) == ["SDD501"]
        forge.dev.git("switch", "-q", "main")
        a_merge_commit(forge.dev)
        assert forge.audited() == ["SDD501"]

    def test_and_passes_once_it_is_granted_anew(self, forge: Forge) -> None:
        put(forge.dev, {CODE: b"cart = []\n"})
        forge.on_main(NARROWER, forge.approved(PLAN, at=AT + 1, words=NARROWER))
        forge.dev.git("switch", "-q", "-c", "again", "main")
        again = {PLAN: WORDS[PLAN] + b"\nAgain.\n"}
        put(forge.dev, again)
        put(forge.dev, forge.approved(PLAN, at=AT + 2, words=again))
        forge.dev.git("cherry-pick", "work")
        assert forge.judged("again") == []

    def test_a_key_that_main_withdrew_approves_nothing_on_any_branch(self, forge: Forge) -> None:
        forge.propose("honest")
        assert forge.judged("work") == []
        forge.on_main({REVOKED: forge.person("alice").public.encode() + b"\n"})
        for given in (lambda _: "work", merge_ref):
            assert "SDD305" in forge.judged(given(forge))

    def test_code_that_main_has_too_is_nobodys_change(self, forge: Forge) -> None:
        forge.propose("honest")
        forge.on_main(README)
        forge.dev.git("switch", "-q", "main")
        a_squash(forge.dev)
        assert forge.judged("work") == []
        assert forge.judged(merge_ref(forge)) == []


class TestStacked:
    @pytest.mark.parametrize("way", [a_merge_commit, a_squash, a_rebase], ids=lambda one: one.__name__)
    def test_the_upper_branch_passes_before_and_after_the_lower_one_is_in(
        self, way: Way, forge: Forge
    ) -> None:
        forge.propose("honest")
        lower = forge.dev.git("rev-parse", "work")
        upper = stacked(forge)
        assert forge.judged(upper) == []
        assert forge.judged(upper, trusted="origin/work") == []  # the forge's base of a stacked pull request
        forge.on_main(README)
        forge.dev.git("switch", "-q", "main")
        way(forge.dev)
        assert forge.judged(upper) == []
        forge.dev.git("switch", "-q", upper)
        forge.dev.git("rebase", "-q", "--onto", "main", lower)
        assert forge.judged(upper) == []
        assert forge.dev.git("diff", "--name-only", "main...upper").split() == [
            "src/cart.py",
            "tests/test_cart.py",
        ]

    def test_judged_by_the_lower_branch_its_policy_would_count_so_main_is_what_ci_names(
        self, forge: Forge
    ) -> None:
        forge.propose("loosened")
        put(forge.dev, {b"src/more.py": b""})
        forge.dev.git("branch", "lower", "work~")
        assert forge.judged("work", trusted="origin/lower") == []
        assert forge.judged("work") == ["SDD501", "SDD704"]


class TestMergeQueue:
    """A queue makes its own branch: main, and each proposal merged or squashed on top of the other."""

    def queue(self, forge: Forge, way: Way, *branches: str) -> None:
        """What the queue pushes to main if CI passes; CI sees it checked out as `main`."""
        forge.dev.git("switch", "-q", "main")
        for branch in branches:
            forge.dev.git("branch", "-f", "work", branch)
            way(forge.dev)

    @pytest.mark.parametrize("way", [a_merge_commit, a_squash, a_rebase], ids=lambda one: one.__name__)
    def test_two_honest_proposals_pass_in_one_group(self, way: Way, forge: Forge) -> None:
        forge.propose("honest")
        forge.dev.git("branch", "first")
        forge.dev.git("switch", "-q", "-c", "second", "main")
        put(forge.dev, {b"src/price.py": b"price = 1\n"})
        assert [forge.judged(one) for one in ("first", "second")] == [[], []]
        self.queue(forge, way, "first", "second")
        assert forge.audited() == []
        assert {"src/new.py", "src/price.py"} <= set(forge.dev.git("ls-files", "src").split())

    @pytest.mark.parametrize("way", [a_merge_commit, a_squash], ids=lambda one: one.__name__)
    def test_a_group_fails_where_one_takes_away_what_the_other_needs(self, way: Way, forge: Forge) -> None:
        put(forge.dev, {CODE: b"cart = []\n"})
        forge.dev.git("switch", "-q", "-c", "narrow", "main")
        put(forge.dev, NARROWER)
        put(forge.dev, forge.approved(PLAN, at=AT + 1, words=NARROWER))
        forge.dev.git("branch", "wide", "work")
        assert [forge.judged(one) for one in ("wide", "narrow")] == [[], []]
        self.queue(forge, way, "narrow", "wide")
        assert forge.audited() == ["SDD501"]

    def test_in_the_other_order_both_pass(self, forge: Forge) -> None:
        put(forge.dev, {CODE: b"cart = []\n"})
        forge.dev.git("branch", "wide", "work")
        forge.dev.git("switch", "-q", "-c", "narrow", "main")
        put(forge.dev, NARROWER)
        put(forge.dev, forge.approved(PLAN, at=AT + 1, words=NARROWER))
        self.queue(forge, a_squash, "wide", "narrow")
        assert forge.audited() == []

    def test_a_merge_group_is_also_a_proposal_where_it_is_made_of_merges(self, forge: Forge) -> None:
        forge.propose("honest")
        forge.on_main(README)
        self.queue(forge, a_merge_commit, "work")
        assert forge.judged("main") == []
