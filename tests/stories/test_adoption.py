"""A team adopts sdd: the first policy, what came before it, what is open meanwhile, the time of reporting, and excuses."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gitbox import GitBox
from hooked import AT, path_with_sdd, tried
from people import Person
from projects import run, runs, session
from replay import steps
from sdd.gates.policy import render
from sdd.runs.record import appended, whole
from sdd.sessions.run import file_name
from shop import (
    ALICE,
    CODE,
    PAGE,
    POLICY,
    SIGNERS,
    WORDS,
    Files,
    approved,
    files,
    policy,
    put,
)
from shop import begun as begun_shop

OLD: Files = {CODE: b"cart = []\n", b"src/price.py": b"price = 1\n"}
PRICE: Files = {b"src/price.py": b"price = 2\n"}
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
EXCUSED = b".sdd/excused.toml"
NOT_ENFORCED = 'not enforced: the policy says mode = "report"\n'


@pytest.fixture(scope="module")
def old_repository(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with code and a history, and without sdd."""
    box = GitBox(Path(shutil.copytree(template_repository, tmp_path_factory.mktemp("old") / "shop")))
    box.git("config", "user.email", ALICE)
    put(box, OLD)
    put(box, {CODE: b"cart = [1]\n"})
    return box.path


@pytest.fixture
def shop(old_repository: Path, tmp_path: Path) -> GitBox:
    """It is yours; main is checked out."""
    return GitBox(Path(shutil.copytree(old_repository, tmp_path / "shop")))


def adopt(box: GitBox, *more: Files, proof: str = "none", **fields: object) -> str:
    """Commit a first policy; the commit."""
    return put(box, files(begun_shop(policy(proof, proof, **fields))), *more)


def check(box: GitBox, *asked: str, code: int = 0) -> str:
    """What `sdd check` prints."""
    return box.sdd("check", *asked, check=code).out


class TestTheFirstPolicy:
    def test_a_repository_without_one_cannot_be_judged(self, shop: GitBox) -> None:
        for asked in ((), ("--staged",), ("--rev", "HEAD"), ("HEAD~..HEAD",), ("--audit",)):
            told = shop.sdd("check", *asked, check=2)
            assert "nothing can be judged" in told.err
            assert told.err.endswith("  → sdd init\n")

    def test_it_passes_with_a_notice_and_what_was_before_is_not_judged(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "-c", "adopt")
        put(shop, {CODE: b"cart = [2]\n"})
        made = adopt(shop)
        told = check(shop, "main..HEAD")
        assert told.startswith("note: .sdd/policy.toml: SDD709 shop adopts sdd with this policy")
        assert f"(commit {made[:12]})\n  → read .sdd/policy.toml before you merge it\n" in told
        assert told.endswith("main..HEAD: nothing wrong\n")

    def test_what_comes_after_it_in_the_same_proposal_trusts_it(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "-c", "adopt")
        adopt(shop)
        late = put(shop, PRICE)
        told = check(shop, "main..HEAD", code=1)
        assert "src/price.py: SDD401" in told
        assert f"(commit {late[:12]})" in told
        shop.git("reset", "-q", "--hard", "HEAD~")
        put(shop, WORDS)
        put(shop, approved(*WORDS, at=AT))
        put(shop, PRICE)
        assert check(shop, "main..HEAD").endswith("main..HEAD: nothing wrong\n")

    def test_it_brings_no_code(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "-c", "adopt")
        adopt(shop, PRICE)
        told = check(shop, "main..HEAD", code=1)
        assert "src/price.py: SDD403 src/price.py is governed code and comes in the same step" in told

    @pytest.mark.parametrize("squash", [False, True], ids=["merged", "squashed"])
    def test_the_audit_finds_the_adoption_by_itself(self, shop: GitBox, *, squash: bool) -> None:
        shop.git("switch", "-q", "-c", "adopt")
        adopt(shop)
        shop.git("switch", "-q", "main")
        put(shop, {b"README.md": b""})
        shop.git("merge", "-q", *(["--squash"] if squash else ["--no-ff", "--no-edit"]), "adopt")
        adoption = shop.commit("Adopt") if squash else shop.git("rev-parse", "HEAD")
        told = check(shop, "--audit")
        assert (
            f"SDD709 shop adopts sdd with this policy, which is judged by nobody but who merges it; {ALICE} may change it (commit {adoption[:12]})"
            in told
        )
        assert told.endswith("the protected branch: nothing wrong\n")
        put(shop, PRICE)
        assert "SDD401" in check(shop, "--audit", code=1)
        assert "SDD401" in check(shop, "--audit", "HEAD~..HEAD", code=1)

    def test_a_squash_of_adoption_and_code_is_found_by_the_audit(self, shop: GitBox) -> None:
        adopt(shop, PRICE)
        assert "SDD403" in check(shop, "--audit", code=1)

    def test_with_real_keys_it_enrols_whoever_it_names(self, shop: GitBox, tmp_path: Path) -> None:
        alice, bob = (Person.make(tmp_path, name) for name in ("alice", "bob"))
        shop.git("switch", "-q", "-c", "adopt")
        adopt(shop, {SIGNERS: f"{alice.line}\n".encode()}, proof="ssh")
        assert "SDD709" in check(shop, "main..HEAD")
        more = {SIGNERS: f"{alice.line}\n{bob.line}\n".encode()}
        put(shop, more)
        assert "SDD704" in check(shop, "main..HEAD", code=1)
        shop.git("reset", "-q", "--hard", "HEAD~")
        put(shop, more, approved(SIGNERS, by=alice, at=AT, words=more))
        assert check(shop, "main..HEAD").endswith("nothing wrong\n")

    def test_sdd_init_makes_one_that_passes(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "-c", "adopt")
        assert 'the policy begins with mode = "report"' in shop.sdd("init", "--hooks", "none").out
        shop.commit("Begin with sdd")
        told = check(shop, "main..HEAD")
        assert "SDD709" in told
        assert told.endswith(f"{NOT_ENFORCED}main..HEAD: nothing wrong\n")


class TestReporting:
    """`mode = "report"`: what would be refused is told, and nothing is."""

    @pytest.fixture
    def reporting(self, shop: GitBox) -> GitBox:
        shop.git("switch", "-q", "main")
        put(shop, files(begun_shop(policy(mode="report"))))
        shop.git("switch", "-q", "-c", "work")
        put(shop, PRICE)
        return shop

    def test_findings_are_printed_and_nothing_fails(self, reporting: GitBox) -> None:
        reporting.write(CODE, b"cart = [3]\n")
        reporting.git("add", ".")
        for asked in ((), ("--staged",), ("main..HEAD",), ("--audit",)):
            told = reporting.sdd("check", *asked)
            assert "SDD401" in told.out
            assert told.out.endswith(NOT_ENFORCED)
            assert told.err.startswith("1 finding") or told.err.startswith("2 findings")

    def test_each_format_says_so(self, reporting: GitBox) -> None:
        assert check(reporting, "main..HEAD", "--format", "github").startswith("::warning file=src/price.py")
        assert '"level": "warning"' in check(reporting, "main..HEAD", "--format", "sarif")
        assert reporting.sdd("check", "main..HEAD", "--json").err == "not enforced\n"

    def test_a_branch_cannot_make_itself_only_reported(self, shop: GitBox) -> None:
        adopt(shop)
        shop.git("switch", "-q", "-c", "work")
        put(shop, {POLICY: render(policy(mode="report")).encode()}, PRICE)
        told = check(shop, "main..HEAD", code=1)
        assert "SDD704" in told
        assert "not enforced" not in told

    def test_enforcing_is_a_change_of_the_policy_like_any_other(self, reporting: GitBox) -> None:
        reporting.git("switch", "-q", "-C", "enforce", "main")
        words = {POLICY: render(policy()).encode()}
        put(reporting, words, approved(POLICY, at=AT, words=words))
        assert check(reporting, "main..HEAD").endswith(f"{NOT_ENFORCED}main..HEAD: nothing wrong\n")
        reporting.git("switch", "-q", "main")
        reporting.git("merge", "-q", "--ff-only", "enforce")
        assert check(reporting, "--audit").endswith("the protected branch: nothing wrong\n")
        assert "SDD401" in check(reporting, "main..work", code=1)

    def test_what_came_in_unapproved_is_told_once_it_is_enforced(
        self, reporting: GitBox, tmp_path: Path
    ) -> None:
        reporting.git("switch", "-q", "main")
        commit = put(reporting, {SIGNERS: f"{Person.make(tmp_path, 'mallory').line}\n".encode()})
        words = {POLICY: render(policy()).encode()}
        put(reporting, words, approved(POLICY, at=AT, words=words))
        told = check(reporting, "--audit")
        assert "note: .sdd/allowed_signers: SDD704" in told
        assert f"(commit {commit[:12]}); the policy only reported then" in told
        assert told.endswith("the protected branch: nothing wrong\n")

    def test_what_cannot_be_judged_is_no_report(self, reporting: GitBox) -> None:
        reporting.sdd("check", "main..nowhere", check=2)


class TestOpenPullRequests:
    """Branches made before the adoption, which know of no policy."""

    @pytest.fixture
    def open_(self, shop: GitBox) -> GitBox:
        """`docs` and `work` were open when main adopted sdd; `work` changes governed code in two commits."""
        for name, changes in (
            ("docs", [{b"README.md": b"A shop.\n"}]),
            ("work", [PRICE, {b"src/price.py": b"price = 3\n"}]),
        ):
            shop.git("switch", "-q", "-c", name, "main")
            for change in changes:
                put(shop, change)
        shop.git("switch", "-q", "main")
        adopt(shop)
        return shop

    def test_one_that_touches_nothing_governed_passes_as_it_is(self, open_: GitBox) -> None:
        assert check(open_, "main..docs") == "main..docs: nothing wrong\n"
        open_.git("switch", "-q", "main")
        open_.git("merge", "-q", "--no-edit", "docs")
        assert check(open_, "--audit", "main~..main").endswith("nothing wrong\n")

    def test_one_that_changes_code_is_told_which_gate_it_lacks(self, open_: GitBox) -> None:
        told = check(open_, "main..work", code=1)
        assert "src/price.py: SDD401 src/price.py needs the gate" in told
        assert POLICY.decode() not in told  # it did not delete what it never had

    def test_an_update_alone_does_not_help_it(self, open_: GitBox) -> None:
        """Its commits were made where no gate was open; that main is merged later makes none of them late."""
        open_.git("switch", "-q", "main")
        put(open_, {PAGE: WORDS[PAGE]}, approved(PAGE, at=AT))
        open_.git("switch", "-q", "work")
        open_.git("merge", "-q", "--no-edit", "main")
        assert "SDD401" in check(open_, "main..HEAD", code=1)

    def page_on_main(self, box: GitBox) -> None:
        box.git("switch", "-q", "main")
        put(box, {PAGE: WORDS[PAGE]}, approved(PAGE, at=AT))

    def page_on_branch(self, box: GitBox) -> None:
        box.git("switch", "-q", "-c", "page", "main")
        put(box, {PAGE: WORDS[PAGE]})
        put(box, approved(PAGE, at=AT))

    @pytest.mark.parametrize("first", [page_on_main, page_on_branch], ids=["merged first", "in the same"])
    def test_rebased_onto_the_page_that_grants_it_it_passes(
        self, open_: GitBox, first: Callable[[TestOpenPullRequests, GitBox], None]
    ) -> None:
        first(self, open_)
        onto = open_.git("branch", "--show-current")
        open_.git("rebase", "-q", onto, "work")
        assert check(open_, "main..work") == "main..work: nothing wrong\n"
        open_.git("switch", "-q", "main")
        open_.git("merge", "-q", "--no-ff", "--no-edit", "work")
        assert check(open_, "--audit").endswith("the protected branch: nothing wrong\n")

    def test_what_it_changes_beyond_the_page_is_still_found(self, open_: GitBox) -> None:
        open_.git("switch", "-q", "work")
        put(open_, {CODE: b"cart = [9]\n"})
        self.page_on_main(open_)
        open_.git("rebase", "-q", "main", "work")
        told = check(open_, "main..work", code=1)
        assert "src/cart.py: SDD501" in told
        assert "src/price.py" not in told

    def test_while_the_policy_only_reports_it_may_be_merged_and_is_only_told_of_later(
        self, shop: GitBox
    ) -> None:
        shop.git("switch", "-q", "-c", "work")
        put(shop, PRICE)
        shop.git("switch", "-q", "main")
        adopt(shop, mode="report")
        assert check(shop, "main..work").endswith(NOT_ENFORCED)
        shop.git("merge", "-q", "--no-edit", "work")
        words = {POLICY: render(policy()).encode()}
        enforced = put(shop, words, approved(POLICY, at=AT, words=words))
        put(shop, {b"README.md": b""})
        assert check(shop, "--audit", f"{enforced}..main").endswith("nothing wrong\n")
        told = check(shop, "--audit")
        assert "note: src/price.py: SDD401" in told
        assert "; the policy only reported then\n" in told
        assert told.endswith("the protected branch: nothing wrong\n")


class TestExcuses:
    """After an emergency: what was merged against the rules is named with its reason, by who may change trust files."""

    @pytest.fixture
    def broken(self, shop: GitBox) -> tuple[GitBox, str]:
        """The shop was down, and somebody pushed to main."""
        adopt(shop)
        return shop, put(shop, PRICE)

    def test_until_then_the_audit_fails_and_proposals_do_not(self, broken: tuple[GitBox, str]) -> None:
        shop, made = broken
        assert made[:12] in check(shop, "--audit", code=1)
        shop.git("switch", "-q", "-c", "work")
        put(shop, {b"README.md": b""})
        assert check(shop, "main..HEAD") == "main..HEAD: nothing wrong\n"

    def test_an_approved_excuse_is_told_with_its_reason_and_passes(self, broken: tuple[GitBox, str]) -> None:
        shop, made = broken
        words = {EXCUSED: f'[commits]\n"{made}" = "the shop was down on Friday"\n'.encode()}
        shop.git("switch", "-q", "-c", "excuse")
        put(shop, words, approved(EXCUSED, at=AT, words=words))
        assert check(shop, "main..HEAD") == "main..HEAD: nothing wrong\n"
        shop.git("switch", "-q", "main")
        shop.git("merge", "-q", "--no-ff", "--no-edit", "excuse")
        told = check(shop, "--audit")
        assert "note: src/price.py: SDD401" in told
        assert "excused: the shop was down on Friday" in told
        assert told.endswith("the protected branch: nothing wrong\n")

    def test_one_without_approval_is_a_finding_itself(self, broken: tuple[GitBox, str]) -> None:
        shop, made = broken
        shop.git("switch", "-q", "-c", "excuse")
        put(shop, {EXCUSED: f'[commits]\n"{made}" = "why not"\n'.encode()})
        assert "SDD704" in check(shop, "main..HEAD", code=1)

    def test_nobody_excuses_the_commit_that_excuses(self, broken: tuple[GitBox, str]) -> None:
        """Its id is not known before it is made; a later commit would have to, with an approval of its own."""
        shop, made = broken
        put(shop, {EXCUSED: f'[commits]\n"{made}" = "why not"\n'.encode()})
        assert "SDD704" in check(shop, "--audit", code=1)

    def test_it_excuses_no_proposal(self, broken: tuple[GitBox, str]) -> None:
        shop, _ = broken
        shop.git("switch", "-q", "-c", "work")
        early = put(shop, {CODE: b"cart = [7]\n"})
        shop.git("switch", "-q", "main")
        words = {EXCUSED: f'[commits]\n"{early}" = "in advance"\n'.encode()}
        put(shop, words, approved(EXCUSED, at=AT, words=words))
        assert "SDD401" in check(shop, "main..work", code=1)

    @pytest.mark.parametrize("words", ["junk", '[commits]\n"abc" = "short"\n'])
    def test_one_that_cannot_be_read_excuses_nothing(self, broken: tuple[GitBox, str], words: str) -> None:
        shop, _ = broken
        put(shop, {EXCUSED: words.encode()})
        told = shop.sdd("check", "--audit", check=2).err
        assert "excused.toml cannot be read" in told
        assert "  → write a line like" in told


def test_who_has_no_sdd_can_still_commit_and_push(shop: GitBox, tmp_path: Path) -> None:
    """The policy is a file: git without sdd does with the repository what it always did."""
    adopt(shop)
    shop.git("clone", "-q", "--bare", str(shop.path), str(tmp_path / "server.git"))
    shop.git("remote", "add", "origin", str(tmp_path / "server.git"))
    put(shop, {b"README.md": b""})
    assert tried(shop, "push", "-q", "origin", "main").code == 0


@pytest.mark.skipif(os.name == "nt", reason="the pages' commands are those of a POSIX shell")
class TestThePages:
    """The how-to pages, typed as they stand; what they leave to a person is done where the page says it."""

    @pytest.fixture
    def typing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typist:
        (tmp_path / "home/.ssh").mkdir(parents=True)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("PATH", path_with_sdd())
        monkeypatch.setenv("SDD_PROVIDER", "")
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            monkeypatch.delenv(name)  # an audit does not believe an approval that is later than its commit
        return typed

    def test_keys(self, begun: GitBox, typing: Typist, tmp_path: Path) -> None:
        rules = (begun.path / ".sdd/policy.toml").read_text()
        begun.git("update-ref", "-d", "HEAD")  # the page begins before the adoption
        begun.write("bob.pub", Person.make(tmp_path, "bob").public + "\n")
        begun.write(".gitignore", "bob.pub\nrecord.toml*\n")

        def prove() -> None:
            begun.write(".sdd/policy.toml", rules.replace('proof = "none"', 'proof = "ssh"'))

        def name_bob() -> None:
            known = begun.read(".sdd/policy.toml")
            both = f'approvers = ["{ALICE}", "bob@example.org"]'
            begun.write(".sdd/policy.toml", known.replace(f'approvers = ["{ALICE}"]', both))

        def move_bob() -> None:
            known = begun.read(".sdd/policy.toml")
            former = f'approvers = ["{ALICE}"]\nformer = ["bob@example.org"]'
            begun.write(
                ".sdd/policy.toml", known.replace(f'approvers = ["{ALICE}", "bob@example.org"]', former)
            )

        def specify() -> None:
            begun.write("sessions/01-product-spec.md", session("product-spec", rest=runs(run("done"))))
            begun.write("docs/brief.md", "# Brief\n\nSell things.\n")
            begun.write("docs/product-spec.md", "# Spec\n")
            begun.sdd("tracker")
            begun.commit("Specify")

        doing = {
            "$ git add .sdd": iter([prove, lambda: None, lambda: None]),
            "$ ssh-keygen -lf bob.pub": iter([name_bob]),
            "$ sdd enrol bob@example.org --key bob.pub --valid-before 2027-01-31": iter([move_bob]),
            "$ sdd approve docs/product-spec.md --gate spec --print > record.toml": iter([specify]),
        }
        said = typing(begun, "keys.md", doing)
        assert "it belongs to the adoption" in said["sdd enrol alice@example.org --key ~/.ssh/approval.pub"]
        assert "it needs no approval" in said["sdd enrol --revoke ~/.ssh/approval.pub"]
        assert any('Good "approval@sdd" signature for alice@example.org' in words for words in said.values())
        begun.commit("Approve the spec")
        assert check(begun, "--audit").endswith("the protected branch: nothing wrong\n")
        assert "the gate spec is open" in "".join(said.values())

    def test_adopt_in_a_team(self, shop: GitBox, typing: Typist, tmp_path: Path) -> None:
        shop.git("switch", "-q", "-c", "round-totals")
        put(shop, PRICE)
        shop.git("switch", "-q", "main")

        def merged() -> None:
            branch = shop.git("branch", "--show-current")
            shop.git("clone", "-q", "--bare", str(shop.path), str(tmp_path / "origin.git"))
            shop.git("remote", "add", "origin", str(tmp_path / "origin.git"))
            shop.git("switch", "-q", "main")
            shop.git("merge", "-q", "--ff-only", branch)
            shop.git("push", "-q", "origin", "main")

        def page() -> None:
            name, place = "changes/round-totals", "docs/changes/round-totals.md"
            done = run("done", turn="document")
            data = whole(name, done)
            file = file_name(name, done.time, data)
            shop.write(f"sessions/{file}", data)
            path = f"sessions/{name}.md"
            shop.write(path, appended(shop.read(path), done.replace(file=file)))
            shop.write(place, "---\nwrites: [src/price.py]\n---\n# Round totals\n")
            shop.commit("The page")
            shop.sdd("approve", place, "--gate", "change", "--yes", "--commit")

        def enforce() -> None:
            shop.git("switch", "-q", "-c", "enforce-sdd", "main")
            known = shop.read(".sdd/policy.toml")
            shop.write(".sdd/policy.toml", known.replace('mode = "report"', 'mode = "enforce"'))

        doing = {
            "$ sdd check origin/main..HEAD": iter([merged]),
            "$ git rebase round-totals-page round-totals": iter([page]),
            "$ git add .sdd/policy.toml": iter([enforce]),
        }
        said = typing(shop, "adopt-in-a-team.md", doing)
        assert 'the policy begins with mode = "report"' in said["sdd init"]
        assert "SDD709" in said["sdd check main..HEAD"]
        assert said["sdd check main..round-totals"].endswith("main..round-totals: nothing wrong\n")
        shop.git("switch", "-q", "main")
        shop.git("merge", "-q", "--ff-only", "enforce-sdd")
        told = check(shop, "--audit")
        assert told.endswith("the protected branch: nothing wrong\n")
        assert "not enforced" not in told


Doing = Mapping[str, Iterator[Callable[[], object]]]
Typist = Callable[[GitBox, str, Doing], Mapping[str, str]]


def typed(box: GitBox, page: str, doing: Doing) -> Mapping[str, str]:
    """Type a page's commands as a person would, who answers questions with yes; what each said, which must not fail.

    `doing` is what is done before a command, the first time, the second time and so on that the page has it.
    """
    said: dict[str, str] = {}
    folder = box.path
    for step in steps((HOW_TO / page).read_text("utf-8")):
        for now in itertools.islice(doing.get(f"$ {step.command}", iter(())), 1):
            now()
        command = step.command.partition("  # ")[0].replace("2027-", "2099-")  # a day that is to come
        if command.startswith("cd "):
            folder = box.path / command.removeprefix("cd ")
            continue
        command += " -q -N ''" if command.startswith("ssh-keygen -t") else ""
        command += " --yes" if command.startswith("sdd approve") and "--print" not in command else ""
        done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{page}:{step.line}: $ {command}\n{done.stdout}{done.stderr}"
        said[step.command] = done.stdout + done.stderr
    return said
