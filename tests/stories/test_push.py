"""Real pushes through a clone's pre-push hook: every ref of a push is judged by the remote's protected branch."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitbox import GitBox, Result
from hooked import AT, path_with_sdd, tried, with_hooks
from people import NOW
from sdd.doors.push import run
from sdd.gates.governed import code_digest
from sdd.gates.policy import Gate, render
from sdd.repository import Repository
from shop import ALICE, CODE, POLICY, SPEC, WORDS, Files, approved, begun, files, policy, put, ready

WORK: Files = {CODE: b"cart = []\n"}
EARLY: Files = {b"src/other.py": b"x = 1\n"}
RELEASE = b"docs/release.md"
DEPLOYMENT = Gate("deployment", ("{docs}/release.md",), (ALICE,), proof="none", refs=("refs/tags/v*",))
RULES = policy(gates={**policy().gates, "deployment": DEPLOYMENT})
READY = files(ready(RULES)) | approved(*WORDS, at=AT)
ZEROS = "0" * 40


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_with_sdd())


@pytest.fixture(scope="module")
def template(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that pushed its adoption, all documents approved, to a bare remote without hooks; on a branch `work`."""
    folder = tmp_path_factory.mktemp("push")
    GitBox.make(folder / "remote.git", "--bare")
    box = GitBox(Path(shutil.copytree(template_repository, folder / "clone")))
    box.git("remote", "add", "origin", "../remote.git")
    put(box, READY)
    box.git("push", "-q", "origin", "main")
    box.git("switch", "-q", "-c", "work")
    with_hooks(box, "pre-push")
    return folder


@pytest.fixture
def clone(template: Path, tmp_path: Path) -> GitBox:
    return GitBox(Path(shutil.copytree(template, tmp_path / "push")) / "clone")


@pytest.fixture
def fresh(box: GitBox, tmp_path: Path) -> GitBox:
    """A clone with a policy, whose remote is empty."""
    GitBox.make(tmp_path / "remote.git", "--bare")
    box.git("remote", "add", "origin", "../remote.git")
    put(box, files(begun(RULES)))
    return with_hooks(box, "pre-push")


def takes(box: GitBox, *args: str) -> str:
    done = tried(box, "push", "-q", *(args or ("origin", "work")))
    assert done.code == 0, done.err
    return done.err


def refuses(box: GitBox, *args: str) -> str:
    done = tried(box, "push", "-q", *(args or ("origin", "work")))
    assert done.code != 0
    return done.err


class TestBranches:
    def test_a_new_branch_within_an_approved_plan_goes_out_silently(self, clone: GitBox) -> None:
        put(clone, WORK)
        assert takes(clone) == ""

    def test_an_early_commit_is_refused_wherever_in_the_branch_it_is(self, clone: GitBox) -> None:
        put(clone, EARLY)
        put(clone, {b"src/other.py": None})
        said = refuses(clone)
        assert "src/other.py: SDD501" in said
        assert "sdd: the push is refused" in said

    def test_every_ref_of_a_push_is_judged_and_not_only_the_first(self, clone: GitBox) -> None:
        put(clone, WORK)
        clone.git("switch", "-q", "-c", "wild", "main")
        put(clone, EARLY)
        assert "SDD501" in refuses(clone, "origin", "work", "wild")
        assert "SDD501" in refuses(clone, "origin", "--all")
        takes(clone, "origin", "work")

    def test_the_branchs_own_policy_decides_nothing(self, clone: GitBox) -> None:
        put(clone, {POLICY: render(RULES.replace(code=(), protected=("refs/heads/other",))).encode()})
        put(clone, EARLY)
        clone.git("remote", "set-head", "origin", "main")
        said = refuses(clone)
        assert "SDD704" in said
        assert "SDD501" in said

    def test_a_forced_push_is_judged_as_it_will_be(self, clone: GitBox) -> None:
        put(clone, WORK)
        takes(clone)
        clone.git("commit", "-q", "--amend", "-m", "Better words")
        takes(clone, "--force", "origin", "work")
        put(clone, EARLY)
        clone.git("commit", "-q", "--amend", "-m", "Worse")
        assert "SDD501" in refuses(clone, "--force", "origin", "work")

    def test_deleting_a_branch_and_pushing_nothing_are_free(self, clone: GitBox) -> None:
        put(clone, WORK)
        takes(clone)
        assert takes(clone) == ""
        takes(clone, "origin", "--delete", "work")

    def test_a_stale_tracker_is_told_before_others_see_it(self, clone: GitBox) -> None:
        session = "---\nkind: change\n---\n# Fix\n\n## Goal\n\nx\n\n## Checklist\n\n- [ ] y\n"
        put(clone, {b"sessions/01-fix.md": session.encode()})
        assert "SDD2" in refuses(clone)


class TestProtected:
    def test_a_push_to_the_protected_branch_is_judged_by_what_it_names_there(self, clone: GitBox) -> None:
        clone.git("switch", "-q", "main")
        put(clone, WORK)
        assert takes(clone, "origin", "main") == ""
        put(clone, EARLY)
        assert "SDD501" in refuses(clone, "origin", "main")

    def test_deleting_it_and_leaving_history_behind_are_refused(self, clone: GitBox) -> None:
        assert "SDD603" in refuses(clone, "origin", "--delete", "main")
        clone.git("commit", "-q", "--amend", "-m", "Begin anew")
        assert "SDD602" in refuses(clone, "--force", "origin", "work:main")

    def test_what_the_remote_names_must_be_known_here(self, clone: GitBox) -> None:
        other = GitBox(clone.path.parent / "other")
        clone.git("clone", "-q", "../remote.git", str(other.path))
        put(other, WORK)
        other.git("push", "-q", "origin", "main")
        put(clone, {b"README.md": b"x"})
        assert "git fetch origin" in refuses(clone, "--force", "origin", "work:main")


class TestUnknown:
    def test_an_empty_remote_takes_the_adoption_and_it_is_said_that_nothing_is_known(
        self, fresh: GitBox
    ) -> None:
        said = takes(fresh, "origin", "main")
        assert (
            "refs/heads/main: SDD605 the protected branch (refs/heads/main) of origin is not known here"
            in said
        )
        assert "SDD605" not in takes(fresh, "origin", "main:next")

    def test_what_is_wrong_by_the_project_itself_is_refused_all_the_same(self, fresh: GitBox) -> None:
        put(fresh, EARLY)
        said = refuses(fresh, "origin", "main")
        assert "SDD605" in said
        assert "SDD401" in said

    def test_an_address_instead_of_a_name_is_a_remote_of_which_nothing_is_known(self, clone: GitBox) -> None:
        put(clone, WORK)
        assert "SDD605" in takes(clone, "../remote.git", "work")

    def test_a_remote_that_has_not_adopted_is_proposed_the_adoption(
        self, box: GitBox, tmp_path: Path
    ) -> None:
        GitBox.make(tmp_path / "remote.git", "--bare")
        box.git("remote", "add", "origin", "../remote.git")
        with_hooks(box, "pre-push")
        put(box, WORK)
        assert takes(box, "origin", "main") == ""
        put(box, files(begun()))
        assert "SDD709" in takes(box, "origin", "main:refs/heads/adopt")
        assert "SDD709" in takes(box, "origin", "main")
        put(box, {CODE: b"more\n"})
        assert "SDD401" in refuses(box, "origin", "main")

    def test_a_protected_branch_that_the_remote_never_had_may_be_deleted_in_vain(self, fresh: GitBox) -> None:
        given = f"(delete) {ZEROS} refs/heads/main {ZEROS}"
        assert fresh.sdd("hook", "pre-push", "origin", "x", stdin=given).err == ""

    def test_a_policy_that_cannot_be_read_is_no_pass(self, fresh: GitBox) -> None:
        put(fresh, {POLICY: b"junk"})
        assert "policy.toml cannot be read" in refuses(fresh, "origin", "main")

    def test_a_shallow_clone_cannot_judge(self, clone: GitBox, tmp_path: Path) -> None:
        clone.git("clone", "-q", "--depth", "1", f"file://{clone.path}", str(tmp_path / "cut"))
        cut = with_hooks(GitBox(tmp_path / "cut"), "pre-push")
        put(cut, WORK)
        if not (cut.path / ".git/shallow").exists():  # one commit is no cut
            (cut.path / ".git/shallow").write_text(cut.git("rev-parse", "HEAD") + "\n")
        assert "git fetch --unshallow" in refuses(cut, "origin", "work")


class TestGuardedRefs:
    def release(self, box: GitBox) -> None:
        put(box, {RELEASE: b"# Ready\n"})
        code = code_digest(Repository.find(str(box.path)).commit("HEAD"), RULES)
        put(box, approved(RELEASE, words={RELEASE: b"# Ready\n"}, gate="deployment", code=code, at=AT))

    def test_a_release_goes_out_once_its_gate_is_open_and_it_is_merged(self, clone: GitBox) -> None:
        clone.git("tag", "v1", "main")
        assert "refs/tags/v1: SDD311" in refuses(clone, "origin", "v1")
        self.release(clone)
        clone.git("tag", "-f", "v1")
        assert "SDD604" in refuses(clone, "origin", "v1")
        takes(clone, "origin", "work:main", "v1")
        takes(clone, "origin", "--delete", "v1")

    def test_a_tag_that_no_gate_guards_goes_out(self, clone: GitBox) -> None:
        put(clone, EARLY)
        clone.git("tag", "nightly")
        assert takes(clone, "origin", "nightly") == ""

    def test_without_the_remotes_branch_nothing_tells_whether_a_release_may_go(self, fresh: GitBox) -> None:
        fresh.git("tag", "v1")
        assert "is guarded by a gate, and the protected branch of origin is not known here" in refuses(
            fresh, "origin", "v1"
        )
        assert "SDD311" in refuses(fresh, "origin", "main", "v1")
        fresh.git("tag", "nightly")
        takes(fresh, "origin", "nightly")


def test_a_repository_without_sdd_is_left_alone(box: GitBox, tmp_path: Path) -> None:
    GitBox.make(tmp_path / "remote.git", "--bare")
    with_hooks(box, "pre-push")
    put(box, WORK)
    assert takes(box, "../remote.git", "main") == ""


def test_what_pre_commit_tells_in_variables_is_one_ref(clone: GitBox) -> None:
    """pre-commit reads git's lines itself and hands on the first ref with content."""
    env = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/work"}
    put(clone, WORK)
    assert (
        clone.sdd("hook", "pre-push", env={**env, "PRE_COMMIT_TO_REF": clone.git("rev-parse", "HEAD")}).err
        == ""
    )
    put(clone, EARLY)
    told = {**env, "PRE_COMMIT_TO_REF": clone.git("rev-parse", "HEAD")}
    assert "SDD501" in clone.sdd("hook", "pre-push", env=told, check=1).err
    told["PRE_COMMIT_REMOTE_BRANCH"] = "refs/heads/main"
    assert "SDD501" in clone.sdd("hook", "pre-push", env=told, check=1).err
    told["PRE_COMMIT_REMOTE_BRANCH"] = "refs/tags/x"
    assert clone.sdd("hook", "pre-push", env=told).err == ""


def test_nothing_is_pushed_where_git_says_nothing(clone: GitBox) -> None:
    repository = Repository.find(str(clone.path))
    assert run(repository, ["origin"], b"", now_epoch=NOW, env={}).passes
    assert WORDS[SPEC] == clone.read_bytes(SPEC)


def test_what_is_not_from_git_is_no_pass(clone: GitBox) -> None:
    done: Result = clone.sdd("hook", "pre-push", "origin", "x", stdin="one two three", check=2)
    assert "is no line that git gives to this hook" in done.err
