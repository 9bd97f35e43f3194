"""A proposal is judged commit by commit and as a whole, on real histories, by what the protected branch says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from counting import verifications
from gitbox import GitBox
from people import DAY, NOW, Person
from sdd.errors import SddError
from sdd.gates.history import KEPT, History
from sdd.gates.judgement import Judgement
from sdd.gates.policy import render
from sdd.gates.proposal import proposal
from sdd.repository import Repository
from shop import (
    ALICE,
    ARCHITECTURE,
    CODE,
    PAGE,
    PLAN,
    POLICY,
    REVOKED,
    SIGNERS,
    SPEC,
    WORDS,
    Files,
    approved,
    begun,
    files,
    place,
    policy,
    put,
    ready,
)

WORK: Files = {CODE: b"cart = []\n"}
PRICE: Files = {b"src/price.py": b"price = 1\n"}
OUTSIDE: Files = {b"src/other.py": b"x = 1\n"}
REST = {path: data for path, data in WORDS.items() if path != PAGE}


@pytest.fixture(scope="module")
def template(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose main branch has the policy and all documents approved."""
    path = tmp_path_factory.mktemp("shop") / "project"
    put(GitBox(Path(shutil.copytree(template_repository, path))), files(ready()))
    return path


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> GitBox:
    """That repository, on a branch `work`."""
    made = GitBox(Path(shutil.copytree(template, tmp_path / "shop")))
    made.git("switch", "-q", "-c", "work")
    return made


@pytest.fixture
def bare(box: GitBox) -> GitBox:
    """A repository whose main branch has the policy and nothing approved, on a branch `work`."""
    put(box, files(begun()))
    box.git("switch", "-q", "-c", "work")
    return box


def judged(box: GitBox, trusted: str = "main", head: str = "HEAD", now: int = NOW) -> Judgement:
    history = History(Repository.find(str(box.path)))
    return proposal(history, history.commit(trusted), history.commit(head), now_epoch=now)


def told(judgement: Judgement) -> list[tuple[str, bytes]]:
    return [(one.code, one.path) for one in judgement.findings]


def on_main(box: GitBox, *changes: Files) -> str:
    """A commit on main, and back."""
    box.git("switch", "-q", "main")
    made = put(box, *changes)
    box.git("switch", "-q", "work")
    return made


class TestStepByStep:
    def test_documents_then_approvals_then_code_pass(self, bare: GitBox) -> None:
        put(bare, {SPEC: WORDS[SPEC]})
        put(bare, approved(SPEC))
        put(bare, {path: WORDS[path] for path in (ARCHITECTURE, PLAN)})
        put(bare, approved(ARCHITECTURE, PLAN))
        put(bare, WORK, {b"tests/test_cart.py": b""})
        assert judged(bare) == Judgement()

    def test_code_first_is_found_in_its_commit(self, bare: GitBox) -> None:
        early = put(bare, WORK)
        put(bare, REST)
        put(bare, approved(*REST))
        found = judged(bare)
        assert told(found) == [("SDD401", CODE)]
        assert found.findings[0].message.endswith(f"(commit {early[:12]})")

    def test_in_one_commit_they_are_found_with_the_commands_that_split_it(self, bare: GitBox) -> None:
        put(bare, REST, approved(*REST), WORK)
        (found,) = judged(bare).findings
        assert (found.code, found.path) == ("SDD402", CODE)
        for command in found.hint.split("\n"):
            bare.git(*command.split()[1:])
        assert judged(bare) == Judgement()
        assert bare.git("log", "--format=%s", "main..") == "Implement\nSpecify"

    def test_an_older_commit_is_split_too_and_the_rest_follows(self, bare: GitBox) -> None:
        put(bare, REST, approved(*REST), WORK)
        put(bare, {b"README.md": b"later\n"})
        (found,) = judged(bare).findings
        for command in found.hint.split("\n"):
            bare.git(*command.split()[1:])
        assert judged(bare) == Judgement()
        assert bare.git("log", "--format=%s", "main..work") == "Work\nImplement\nSpecify"

    def test_code_undone_before_the_end_is_found_all_the_same(self, bare: GitBox) -> None:
        put(bare, WORK)
        put(bare, {CODE: None})
        assert told(judged(bare)) == [("SDD401", CODE)]

    def test_scope_is_held(self, shop: GitBox) -> None:
        put(shop, WORK, PRICE)
        assert judged(shop) == Judgement()
        put(shop, OUTSIDE)
        assert told(judged(shop)) == [("SDD501", b"src/other.py")]

    def test_what_concerns_no_rule_is_passed_over(self, shop: GitBox) -> None:
        put(shop, {b"README.md": b"x"})
        put(shop)
        assert judged(shop) == Judgement()

    def test_the_branchs_own_policy_opens_nothing(self, bare: GitBox) -> None:
        put(bare, {POLICY: render(policy(code=())).encode()})
        put(bare, WORK)
        assert told(judged(bare)) == [("SDD704", POLICY), ("SDD401", CODE)]

    def test_reporting_is_the_trusted_policys_to_say(self, bare: GitBox) -> None:
        put(bare, {POLICY: render(policy(mode="report")).encode()})
        assert not judged(bare).passes
        bare.git("branch", "-f", "main")
        put(bare, WORK)
        assert (told(judged(bare)), judged(bare).passes) == ([("SDD401", CODE)], True)


class TestShuttingAGate:
    def test_a_changed_document_comes_with_its_new_approval(self, shop: GitBox) -> None:
        words = {SPEC: b"# More\n"}
        put(shop, words)
        (found,) = judged(shop).findings
        assert (found.code, found.path) == ("SDD309", SPEC)
        assert found.hint == f"sdd approve docs/product-spec.md --gate spec  # by {ALICE}"
        put(shop, approved(SPEC, at=NOW + 1, words=words))
        assert judged(shop) == Judgement()

    def test_a_deleted_one_shuts_its_gate(self, shop: GitBox) -> None:
        put(shop, {PAGE: None})
        (found,) = judged(shop).findings
        assert (found.code, found.path) == ("SDD309", PAGE)
        shop.git(*found.hint.split()[1:])
        shop.commit("Bring it back")
        assert judged(shop) == Judgement()

    def test_a_newer_record_of_other_bytes_shuts_it_too(self, shop: GitBox) -> None:
        put(shop, approved(SPEC, at=NOW + 1, sha256="0" * 64))
        assert told(judged(shop)) == [("SDD309", SPEC)]

    def test_where_merging_approves_a_document_may_change(self, box: GitBox) -> None:
        put(box, files(begun(policy("merged"), WORDS)))
        box.git("switch", "-q", "-c", "work")
        put(box, {SPEC: b"# More\n"})
        assert judged(box) == Judgement()
        put(box, WORK)
        assert told(judged(box)) == [("SDD401", CODE)]

    def test_a_gate_that_main_opened_meanwhile_is_not_shut(self, bare: GitBox) -> None:
        put(bare, {b"README.md": b""})
        on_main(bare, REST, approved(*REST))
        assert judged(bare) == Judgement()

    def test_withdrawing_a_key_shuts_gates_at_once(self, box: GitBox, tmp_path: Path) -> None:
        alice, bob = (Person.make(tmp_path, name) for name in ("alice", "bob"))
        lines: Files = {SIGNERS: f"{alice.line}\n{bob.line}\n".encode()}
        rules = policy("ssh")
        put(box, files(ready(rules, alice)), lines)
        box.git("switch", "-q", "-c", "work")
        put(box, {REVOKED: alice.public.encode() + b"\n"})
        assert judged(box) == Judgement()
        put(box, WORK)
        assert told(judged(box)) == [("SDD401", CODE)]


class TestMerges:
    def test_a_branch_may_be_brought_up_to_date(self, shop: GitBox) -> None:
        put(shop, PRICE)
        on_main(shop, WORK, {POLICY: render(policy(protected=("refs/heads/x",))).encode()})
        shop.git("merge", "-q", "--no-edit", "main")
        assert judged(shop) == Judgement()

    def test_single_changes_may_be_taken_over_from_main(self, bare: GitBox) -> None:
        made = on_main(bare, WORK)
        bare.git("checkout", "-q", made, "--", "src")
        put(bare)
        assert judged(bare) == Judgement()

    def test_what_a_merge_itself_writes_is_judged(self, bare: GitBox) -> None:
        put(bare, {b"README.md": b"work"})
        on_main(bare, WORK)
        bare.git("merge", "-q", "--no-commit", "main")
        evil = put(bare, {CODE: b"evil\n"})
        found = judged(bare)
        assert told(found) == [("SDD401", CODE)]
        assert evil[:12] in found.findings[0].message

    def test_what_a_side_branch_brings_is_judged(self, bare: GitBox) -> None:
        bare.git("switch", "-q", "-c", "side")
        made = put(bare, WORK)
        bare.git("switch", "-q", "work")
        put(bare, REST)
        put(bare, approved(*REST))
        bare.git("merge", "-q", "--no-edit", "side")
        (found,) = judged(bare).findings
        assert (found.code, made[:12] in found.message) == ("SDD401", True)

    def test_an_octopus_is_judged_like_any_merge(self, bare: GitBox) -> None:
        for name, change in (("one", {b"a.md": b"a"}), ("two", {b"b.md": b"b"})):
            bare.git("switch", "-q", "-c", name, "main")
            put(bare, change)
        bare.git("switch", "-q", "work")
        put(bare, {b"c.md": b"c"})
        bare.git("merge", "-q", "--no-edit", "one", "two")
        assert judged(bare) == Judgement()
        bare.git("read-tree", "HEAD")
        bare.write(CODE, b"evil\n")
        bare.git("add", "src")
        bare.git("commit", "-q", "--amend", "--no-edit")
        assert told(judged(bare)) == [("SDD401", CODE)]

    def test_a_merge_with_strategy_ours_takes_nothing_back(self, box: GitBox, tmp_path: Path) -> None:
        alice, bob = (Person.make(tmp_path, name) for name in ("alice", "bob"))
        lines = {SIGNERS: f"{alice.line}\n{bob.line}\n".encode()}
        put(box, files(ready(policy("ssh"), alice)), lines)
        box.git("switch", "-q", "-c", "work")
        put(box, {b"README.md": b""})
        on_main(box, {REVOKED: alice.public.encode() + b"\n"})
        box.git("merge", "-q", "--no-edit", "-s", "ours", "main")
        assert told(judged(box)) == [("SDD705", REVOKED)]
        put(box, WORK)
        assert told(judged(box)) == [("SDD401", CODE), ("SDD705", REVOKED)]

    def test_a_stacked_branch_and_the_forges_merge_ref_pass(self, shop: GitBox) -> None:
        put(shop, WORK)
        shop.git("switch", "-q", "-c", "stacked")
        put(shop, PRICE)
        assert judged(shop, "work", "stacked") == Judgement()
        shop.git("switch", "-q", "work")
        on_main(shop, {b"README.md": b"meanwhile"})
        shop.git("switch", "-q", "--detach", "main")
        shop.git("merge", "-q", "--no-ff", "--no-edit", "stacked")
        assert judged(shop) == Judgement()
        shop.git("switch", "-q", "main")
        shop.git("merge", "-q", "--squash", "work")
        put(shop)
        shop.git("switch", "-q", "stacked")
        shop.git("merge", "-q", "--no-edit", "main")
        assert judged(shop) == Judgement()

    def test_an_orphan_brought_in_is_judged_from_nothing(self, bare: GitBox) -> None:
        bare.git("switch", "-q", "--orphan", "orphan")
        put(bare, WORK)
        bare.git("switch", "-q", "work")
        bare.git("merge", "-q", "--no-edit", "--allow-unrelated-histories", "orphan")
        assert told(judged(bare)) == [("SDD401", CODE)]

    def test_an_unrelated_history_is_refused(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "--orphan", "orphan")
        put(shop, {b"README.md": b""})
        assert told(judged(shop))[0] == ("SDD601", POLICY)

    def test_a_head_behind_main_adds_nothing(self, shop: GitBox) -> None:
        on_main(shop, WORK)
        assert judged(shop) == Judgement()
        assert judged(shop, head="main") == Judgement()


class TestTime:
    def test_a_carried_record_does_not_rot_and_a_new_one_must_count_now(
        self, box: GitBox, tmp_path: Path
    ) -> None:
        alice = Person.make(tmp_path, "alice")
        ended = alice.line.replace('sdd"', 'sdd",valid-before="20261121Z"')
        rules, then = policy("ssh"), NOW - DAY
        put(box, files(begun(rules, WORDS, {SIGNERS: ended.encode()})), approved(SPEC, by=alice, at=then))
        box.git("switch", "-q", "-c", "work")
        put(box, {b"README.md": b""})
        on_main(box, approved(ARCHITECTURE, PLAN, by=alice, at=then))
        box.git("merge", "-q", "--no-edit", "main")
        put(box, WORK)
        assert judged(box) == Judgement()
        put(box, approved(PAGE, by=alice, at=then))
        assert told(judged(box)) == [("SDD305", place(PAGE))]
        assert judged(box, now=then) == Judgement()


class TestAdoption:
    def test_the_first_policy_passes_and_what_follows_trusts_it(self, box: GitBox) -> None:
        put(box, WORK)
        box.git("switch", "-q", "-c", "work")
        put(box, {CODE: b"before\n"})
        made = put(box, files(begun()))
        found = judged(box)
        assert found.findings == ()
        assert [(one.code, made[:12] in one.message) for one in found.notices] == [("SDD709", True)]
        put(box, {CODE: b"after\n"})
        assert told(judged(box)) == [("SDD401", CODE)]

    def test_it_brings_no_code(self, box: GitBox) -> None:
        put(box)
        box.git("switch", "-q", "-c", "work")
        put(box, files(begun()), WORK)
        assert told(judged(box)) == [("SDD403", CODE)]

    def test_without_any_policy_nothing_can_be_told(self, box: GitBox) -> None:
        put(box)
        box.git("switch", "-q", "-c", "work")
        put(box, WORK)
        with pytest.raises(SddError, match="nothing can be judged"):
            judged(box)

    def test_a_root_commit_can_adopt(self, box: GitBox) -> None:
        put(box)
        box.git("switch", "-q", "--orphan", "orphan")
        put(box, files(begun()))
        assert judged(box, head="orphan").notices[0].code == "SDD709"


class TestWhatCannotBeJudged:
    def test_a_shallow_clone(self, shop: GitBox, tmp_path: Path) -> None:
        put(shop, WORK)
        shop.git("clone", "-q", "--depth", "1", shop.path.as_uri(), str(tmp_path / "shallow"))
        with pytest.raises(SddError, match="shallow") as caught:
            History(Repository.find(str(tmp_path / "shallow")))
        assert caught.value.hint == "git fetch --unshallow"

    def test_an_unknown_commit(self, shop: GitBox) -> None:
        with pytest.raises(SddError, match="there is no commit nowhere"):
            judged(shop, head="nowhere")

    def test_a_missing_object(self, shop: GitBox) -> None:
        put(shop, WORK)
        blob = shop.git("rev-parse", "main:.sdd/policy.toml")
        (shop.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
        with pytest.raises(SddError, match="cannot be read"):
            judged(shop)

    def test_replace_refs_and_grafts_change_nothing(self, bare: GitBox) -> None:
        put(bare, WORK)
        clean = bare.git("commit-tree", "-m", "x", "-p", "main", "main^{tree}")
        bare.git("replace", "HEAD", clean)
        (bare.path / ".git/info").mkdir(exist_ok=True)
        bare.write(".git/info/grafts", bare.git("rev-parse", "work") + "\n")
        assert told(judged(bare)) == [("SDD401", CODE)]

    def test_names_that_are_no_utf8_are_judged_as_bytes(self, bare: GitBox) -> None:
        put(bare, {b"src/\xff\n.py": b""})
        (found,) = judged(bare).findings
        assert (found.code, found.path) == ("SDD401", b"src/\xff\n.py")


def test_a_name_of_several_refs_is_no_answer_unless_they_agree(shop: GitBox) -> None:
    history = History(Repository.find(str(shop.path)))
    shop.git("update-ref", "refs/remotes/origin/main", "main")
    shop.git("tag", "origin/main")
    main = history.commit("origin/main")
    put(shop)
    shop.git("tag", "-f", "-a", "-m", "x", "origin/main")
    for name in ("origin/main", "origin/main~0", "origin/main^{commit}"):
        with pytest.raises(
            SddError, match=r"can mean refs/tags/origin/main or refs/remotes/origin/main"
        ) as caught:
            history.commit(name)
        assert caught.value.hint.endswith("refs/remotes/origin/main")
    assert history.commit("refs/remotes/origin/main") == main
    assert history.commit("@") == history.commit("HEAD")


def test_history_tells_who_reaches_whom_and_keeps_few_snapshots(box: GitBox) -> None:
    ids = [put(box, {b"n": str(number).encode()}) for number in range(KEPT + 2)]
    history = History(Repository.find(str(box.path)))
    assert history.is_ancestor(ids[0], ids[-1])
    assert not history.is_ancestor(ids[-1], ids[0])
    assert [history.snapshot(one).read(b"n") for one in ids] == [str(one).encode() for one in range(len(ids))]
    assert [one.id for one in history.commits(ids[-1], ids[0])] == ids[1:]
    assert history.snapshot(ids[0]).name == f"commit {ids[0][:12]}"


@pytest.mark.skipif(os.name == "nt", reason="a shell script counts")
def test_each_signature_of_a_range_is_verified_once_however_many_commits_rest_on_it(
    box: GitBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, isolation: None
) -> None:
    alice = Person.make(tmp_path, "alice")
    put(box, files(begun(policy("ssh"), {SIGNERS: f"{alice.line}\n".encode()})))
    put(box, {SPEC: WORDS[SPEC]})
    put(box, approved(SPEC, by=alice))
    put(box, {path: WORDS[path] for path in (ARCHITECTURE, PLAN)})
    box.git("switch", "-q", "-c", "work")
    put(box, approved(ARCHITECTURE, by=alice))
    put(box, approved(PLAN, by=alice))
    for number in range(3):
        put(box, {CODE: b"cart = %d\n" % number})
    put(box, {b"docs/notes.md": b"nothing\n"})
    put(box, {CODE: b"cart = {}\n"})
    starts = verifications(tmp_path, monkeypatch)
    assert judged(box) == Judgement()
    assert starts() == 3


def test_what_a_step_changes_for_a_gate_is_seen_by_the_next_one(shop: GitBox) -> None:
    put(shop, WORK)
    put(shop, {SPEC: b"# Another shop\n"})
    shut = put(shop, {CODE: b"cart = {}\n"})
    put(shop, {SPEC: WORDS[SPEC]})
    put(shop, {CODE: b"cart = ()\n"})
    found = judged(shop).findings
    assert [(one.code, one.path) for one in found] == [("SDD401", CODE)]
    assert f"(commit {shut[:12]})" in found[0].message


def test_a_page_that_a_step_brings_opens_its_gate_for_the_next_one(shop: GitBox) -> None:
    shop.git("rm", "-q", PAGE.decode())
    shop.git("commit", "-q", "-m", "Drop it")
    early = put(shop, PRICE)
    put(shop, {PAGE: WORDS[PAGE]})
    put(shop, {b"src/price.py": b"price = 2\n"})
    found = judged(shop).findings
    assert [(one.code, one.path) for one in found if early[:12] in one.message] == [
        ("SDD501", b"src/price.py")
    ]
    assert len(found) == 1
