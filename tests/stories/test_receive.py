"""Real pushes to a real bare repository with the pre-receive hook: what it takes, and what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitbox import GitBox, Result
from hooked import AT, path_with_sdd, tried, with_hooks
from people import Person
from sdd.gates.governed import code_digest
from sdd.gates.policy import Gate, render
from sdd.repository import Repository
from shop import (
    ALICE,
    CODE,
    PAGE,
    POLICY,
    SIGNERS,
    SPEC,
    WORDS,
    Files,
    approved,
    begun,
    files,
    policy,
    put,
    ready,
)

WORK: Files = {CODE: b"cart = []\n"}
RELEASE = b"docs/release.md"
REST = {path: data for path, data in WORDS.items() if path != PAGE}
DEPLOYMENT = Gate("deployment", ("{docs}/release.md",), (ALICE,), proof="none", refs=("refs/tags/v*",))
RULES = policy(
    gates={**policy().gates, "deployment": DEPLOYMENT}, protected=("refs/heads/main", "refs/heads/stable")
)
READY = files(ready(RULES)) | approved(*WORDS, at=AT)


class Pair:
    """A clone and the server that it pushes to."""

    def __init__(self, clone: GitBox, server: GitBox) -> None:
        self.clone = clone
        self.server = server

    def push(self, *args: str) -> Result:
        return tried(self.clone, "push", "-q", "origin", *args)

    def takes(self, *args: str) -> str:
        """Push, which must go through; what the server said."""
        done = self.push(*args)
        assert done.code == 0, done.err
        return done.err

    def refuses(self, *args: str) -> str:
        """Push, which must be refused and move nothing; what the server said."""
        before = self.server.git("for-each-ref")
        done = self.push(*args)
        assert done.code != 0, done.err
        assert "pre-receive hook declined" in done.err
        assert self.server.git("for-each-ref") == before
        return done.err


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_with_sdd())


@pytest.fixture(scope="module")
def template(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with a policy, all documents approved, and the bare server that has the same."""
    folder = tmp_path_factory.mktemp("pair")
    clone = GitBox(Path(shutil.copytree(template_repository, folder / "clone")))
    clone.git("remote", "add", "origin", "../server.git")
    first = put(clone, READY)
    server = GitBox.make(folder / "server.git", "--bare")
    clone.git("push", "-q", "origin", "main")
    server.git("config", "sdd.adoption", first)
    with_hooks(server, "pre-receive")
    return folder


@pytest.fixture
def pair(template: Path, tmp_path: Path) -> Pair:
    folder = Path(shutil.copytree(template, tmp_path / "pair"))
    return Pair(GitBox(folder / "clone"), GitBox(folder / "server.git"))


@pytest.fixture
def empty(box: GitBox, tmp_path: Path) -> Pair:
    """A clone and an empty server."""
    server = GitBox.make(tmp_path / "server.git", "--bare")
    box.git("remote", "add", "origin", str(server.path))
    return Pair(box, with_hooks(server, "pre-receive"))


class TestProtected:
    def test_code_within_an_approved_plan_goes_in_silently(self, pair: Pair) -> None:
        put(pair.clone, WORK)
        assert pair.takes("main") == ""
        assert pair.server.git("rev-parse", "main") == pair.clone.git("rev-parse", "main")

    def test_code_outside_is_refused_with_file_gate_and_next_command(self, pair: Pair) -> None:
        put(pair.clone, {b"src/other.py": b"x = 1\n"})
        said = pair.refuses("main")
        assert "remote: src/other.py: SDD501" in said
        assert "sdd approve docs/implementation-plan.md --gate implementation" in said
        assert "remote: sdd: the push is refused" in said

    def test_every_commit_of_a_push_is_judged(self, pair: Pair) -> None:
        put(pair.clone, {SPEC: b"# Another shop\n"})
        put(pair.clone, WORK)
        put(pair.clone, approved(SPEC, at=AT + 9, words={SPEC: b"# Another shop\n"}))
        assert "SDD401" in pair.refuses("main")

    def test_a_document_may_not_shut_an_open_gate_without_its_new_approval(self, pair: Pair) -> None:
        put(pair.clone, {SPEC: b"# Another shop\n"})
        assert "SDD309" in pair.refuses("main")
        put(pair.clone, approved(SPEC, at=AT + 9, words={SPEC: b"# Another shop\n"}))
        pair.takes("main")

    def test_a_merge_of_an_honest_branch_goes_in(self, pair: Pair) -> None:
        pair.clone.git("switch", "-q", "-c", "work")
        put(pair.clone, WORK)
        pair.takes("work")
        pair.clone.git("switch", "-q", "main")
        pair.clone.git("merge", "-q", "--no-ff", "--no-edit", "work")
        pair.takes("main")

    def test_a_branch_that_is_no_proposal_yet_is_not_judged(self, pair: Pair) -> None:
        put(pair.clone, {b"src/other.py": b"x = 1\n"})
        pair.takes("main:refs/heads/wild")
        pair.takes("--force", "main~1:refs/heads/wild")
        pair.takes("--delete", "wild")
        assert "SDD501" in pair.refuses("main:refs/heads/free", "main")

    def test_deleting_is_refused(self, pair: Pair) -> None:
        pair.server.git("config", "receive.denyDeleteCurrent", "ignore")
        assert "SDD603" in pair.refuses("--delete", "main")

    def test_a_forced_push_is_refused_and_so_is_an_unrelated_history(self, pair: Pair) -> None:
        pair.clone.git("commit", "-q", "--amend", "-m", "Begin anew")
        assert "SDD602" in pair.refuses("--force", "main")
        pair.clone.git("switch", "-q", "--orphan", "other")
        put(pair.clone, READY, {b"README.md": b"another root"})
        assert "SDD602" in pair.refuses("--force", "other:main")

    def test_an_expired_key_cannot_be_backdated(self, pair: Pair, tmp_path: Path) -> None:
        """The commit's own date would let it pass in an audit; the server knows what time it is."""
        alice = Person.make(tmp_path, "alice")
        rules = policy("ssh")
        line = alice.line.replace("namespaces=", 'valid-before="20240101000000Z",namespaces=')
        plain = {path: data for path, data in WORDS.items() if path != PAGE}
        first = (
            files(begun(rules)) | plain | approved(*plain, by=alice, at=AT) | {SIGNERS: f"{line}\n".encode()}
        )
        other = GitBox.make(tmp_path / "other")
        server = GitBox.make(tmp_path / "other.git", "--bare")
        adoption = put(other, first, at="2023-11-14T22:13:20Z")
        other.git("push", "-q", str(server.path), "main")
        server.git("config", "sdd.adoption", adoption)
        with_hooks(server, "pre-receive")
        put(other, {PAGE: WORDS[PAGE]} | approved(PAGE, by=alice, at=AT + 60), at="2023-11-14T22:14:30Z")
        refused = tried(other, "push", "-q", str(server.path), "main")
        assert "SDD305" in refused.err

    def test_a_branch_newly_protected_is_a_proposal_to_the_first(self, pair: Pair) -> None:
        pair.takes("main:refs/heads/stable")
        pair.server.git("update-ref", "-d", "refs/heads/stable")
        put(pair.clone, {b"src/other.py": b"x = 1\n"})
        assert "SDD501" in pair.refuses("main:refs/heads/stable")

    def test_a_policy_that_only_reports_lets_pass_and_says_so(self, pair: Pair, tmp_path: Path) -> None:
        put(pair.clone, {POLICY: render(RULES.replace(mode="report")).encode()})
        assert "SDD704" in pair.refuses("main")
        pair.server.git("fetch", "-q", "../clone", "+main:main")
        put(pair.clone, {b"src/other.py": b"x = 1\n"})
        said = pair.takes("main")
        assert "SDD501" in said
        assert "not enforced" in said


class TestGuardedRefs:
    def release(self, pair: Pair) -> None:
        put(pair.clone, {RELEASE: b"# Ready\n"})
        snapshot = Repository.find(str(pair.clone.path)).commit("HEAD")
        code = code_digest(snapshot, RULES)
        put(pair.clone, approved(RELEASE, words={RELEASE: b"# Ready\n"}, gate="deployment", code=code, at=AT))

    def test_a_release_is_taken_once_its_gate_is_open(self, pair: Pair) -> None:
        pair.clone.git("tag", "v1")
        said = pair.refuses("v1")
        assert "refs/tags/v1: SDD311" in said
        assert "deployment" in said
        self.release(pair)
        pair.clone.git("tag", "-f", "-a", "-m", "One", "v1")
        assert "SDD604" in pair.refuses("v1")
        pair.takes("main", "v1")
        pair.takes("--delete", "v1")

    def test_other_code_than_approved_is_no_release(self, pair: Pair) -> None:
        self.release(pair)
        put(pair.clone, WORK)
        pair.clone.git("tag", "v1")
        assert "SDD312" in pair.refuses("main", "v1")

    def test_other_tags_are_free(self, pair: Pair) -> None:
        pair.clone.git("tag", "nightly")
        pair.takes("nightly")

    def test_what_is_no_commit_is_no_release(self, pair: Pair) -> None:
        blob = pair.clone.git("rev-parse", "main:docs/product-spec.md")
        assert "there is no commit" in pair.refuses(f"{blob}:refs/tags/v1")


class TestAdoption:
    def test_an_empty_server_asks_its_keeper_first(self, empty: Pair) -> None:
        adoption = put(empty.clone, files(begun()))
        put(empty.clone, {SPEC: WORDS[SPEC]})
        said = empty.refuses("main")
        assert f"git config sdd.adoption {adoption}" in said
        empty.server.git("config", "sdd.adoption", adoption)
        empty.takes("main")

    def test_another_adoption_than_the_keepers_is_refused(self, empty: Pair) -> None:
        adoption = put(empty.clone, files(begun()))
        empty.server.git("config", "sdd.adoption", adoption)
        empty.clone.git("switch", "-q", "--orphan", "other")
        put(empty.clone, files(begun(policy(code=()))))
        assert "which is no commit of this server or of this push" in empty.refuses("other:main")
        assert "SDD602" in empty.refuses("main:refs/heads/x", "other:main")

    def test_what_follows_the_adoption_in_one_push_is_judged_by_it(self, empty: Pair) -> None:
        adoption = put(empty.clone, files(begun()))
        empty.server.git("config", "sdd.adoption", adoption)
        put(empty.clone, WORK)
        assert "SDD401" in empty.refuses("main")

    def test_a_project_that_is_there_already_adopts_by_a_push(self, empty: Pair) -> None:
        put(empty.clone, WORK)
        empty.takes("main")
        put(empty.clone, files(begun()))
        assert "SDD709" in empty.takes("main")
        put(empty.clone, {CODE: b"more\n"})
        assert "SDD401" in empty.refuses("main")

    def test_a_project_without_sdd_is_left_alone(self, empty: Pair) -> None:
        put(empty.clone, WORK)
        empty.clone.git("tag", "v1")
        empty.takes("main", "v1", "main:refs/heads/other")
        empty.takes("--delete", "other")

    def test_a_protected_branch_that_is_not_the_servers_head_is_told(self, empty: Pair) -> None:
        empty.server.git("symbolic-ref", "HEAD", "refs/heads/trunk")
        adoption = put(empty.clone, files(begun()))
        empty.takes("main:refs/heads/work")
        assert "git symbolic-ref HEAD refs/heads/main" in empty.refuses("main")
        put(empty.clone, {POLICY: b"junk"})
        empty.takes("main:refs/heads/junk")
        empty.server.git("config", "sdd.adoption", adoption)
        assert "which the policy there does not protect" in empty.refuses("main")

    def test_a_server_whose_head_names_no_branch_is_told(self, pair: Pair) -> None:
        pair.server.git("update-ref", "--no-deref", "HEAD", "main")
        put(pair.clone)
        assert "names no branch" in pair.refuses("main")


class TestFailsClosed:
    def test_a_policy_that_cannot_be_read_lets_nothing_in(self, pair: Pair) -> None:
        put(pair.clone, {POLICY: b"junk"})
        pair.server.git("fetch", "-q", "../clone", "+main:main")
        put(pair.clone)
        assert "policy.toml cannot be read" in pair.refuses("main")

    def test_a_shallow_history_cannot_be_judged(self, pair: Pair, tmp_path: Path) -> None:
        put(pair.clone)
        pair.takes("main")
        pair.clone.git(
            "clone", "-q", "--bare", "--depth", "1", f"file://{pair.server.path}", str(tmp_path / "cut.git")
        )
        cut = with_hooks(GitBox(tmp_path / "cut.git"), "pre-receive")
        put(pair.clone, WORK)
        pair.clone.git("remote", "set-url", "origin", str(cut.path))
        server = Pair(pair.clone, cut)
        assert "shallow" in server.refuses("main")
        server.takes("main:refs/heads/free")

    def test_missing_objects_are_no_pass(self, pair: Pair) -> None:
        blob = pair.server.git("rev-parse", "main:.sdd/policy.toml")
        (pair.server.path / "objects" / blob[:2] / blob[2:]).unlink()
        put(pair.clone, WORK)
        assert pair.push("main").code != 0
        given = " ".join([pair.server.git("rev-parse", "main")] * 2 + ["refs/heads/main"])
        assert (
            f"blob {blob} cannot be read: missing"
            in pair.server.sdd("hook", "pre-receive", stdin=given, check=2).err
        )

    def test_what_is_not_from_git_is_no_pass(self, pair: Pair) -> None:
        assert "is no line that git gives" in pair.server.sdd("hook", "pre-receive", stdin="x y", check=2).err

    def test_without_sdd_nothing_goes_in(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        put(pair.clone, WORK)
        pair.refuses("main")


def test_a_hook_of_the_server_runs_in_a_sha256_repository_too(tmp_path: Path) -> None:
    clone = GitBox.make(tmp_path / "clone", "--object-format=sha256")
    server = GitBox.make(tmp_path / "server.git", "--bare", "--object-format=sha256")
    adoption = put(clone, files(begun()))
    server.git("config", "sdd.adoption", adoption)
    clone.git("remote", "add", "origin", str(server.path))
    pair = Pair(clone, with_hooks(server, "pre-receive"))
    pair.takes("main")
    put(clone, WORK)
    assert "SDD401" in pair.refuses("main")


def test_refs_that_git_packs_and_names_in_any_bytes_pass(pair: Pair) -> None:
    pair.clone.git("update-ref", b"refs/heads/caf\xe9", "main")
    pair.takes("refs/heads/caf*:refs/heads/caf*")
    pair.server.git("pack-refs", "--all")
    put(pair.clone, WORK)
    pair.takes("main")
