"""Git's odd corners, each with real git: what a commit would hold is what is judged, and no code of the repository runs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from gitbox import GitBox
from hooked import AT, path_with_sdd, tried, with_hooks
from shop import CODE, POLICY, SPEC, WORDS, Files, approved, begun, files, put, ready

EARLY: Files = {b"src/other.py": b"x = 1\n"}
WORK: Files = {CODE: b"cart = []\n"}
READY = files(ready()) | approved(*WORDS, at=AT)
HOOKS = ("pre-commit", "pre-merge-commit", "commit-msg")
posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names or links")


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_with_sdd())


@pytest.fixture(scope="module")
def template(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose plan is approved and grants src/cart.py, with the hooks."""
    box = GitBox(Path(shutil.copytree(template_repository, tmp_path_factory.mktemp("corners") / "shop")))
    put(box, READY)
    with_hooks(box, *HOOKS)
    return box.path


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> GitBox:
    return GitBox(Path(shutil.copytree(template, tmp_path / "shop", symlinks=True)))


def write(box: GitBox, *changes: Files) -> None:
    for one in changes:
        for path, data in one.items():
            box.write(path, data or b"")


def stage(box: GitBox, *changes: Files) -> None:
    write(box, *changes)
    box.git("add", "-A")


def refused(box: GitBox, code: str, *args: str | bytes, **env: str) -> str:
    """Git must end with a failure for which sdd has this code; what was said."""
    done = tried(box, *(args or ("commit", "-q", "-m", "Work")), **env)
    assert done.code != 0, done.out + done.err
    assert code in done.err, done.err
    return done.err


def commit(box: GitBox, *args: str | bytes, **env: str) -> None:
    box.git("commit", "-q", "-m", "Work", *args, env=env)


def by_force(box: GitBox, *changes: Files) -> str:
    """A commit past the hooks."""
    stage(box, *changes)
    commit(box, "--no-verify")
    return box.git("rev-parse", "HEAD")


class TestCommits:
    def test_the_first_commit_has_no_head_and_may_adopt_but_bring_no_code(self, box: GitBox) -> None:
        with_hooks(box, *HOOKS)
        stage(box, files(begun()), EARLY)
        refused(box, "SDD403")
        box.git("rm", "-q", "--cached", "src/other.py")
        commit(box)

    def test_amending_is_judged_like_a_commit(self, shop: GitBox) -> None:
        stage(shop, WORK)
        commit(shop)
        stage(shop, EARLY)
        refused(shop, "SDD501", "commit", "-q", "--amend", "--no-edit")
        shop.git("rm", "-q", "-f", "src/other.py")
        shop.git("commit", "-q", "--amend", "-m", "Other words")

    def test_what_is_staged_of_a_file_counts_and_not_what_lies_on_disk(self, shop: GitBox) -> None:
        stage(shop, {SPEC: b"# Changed\n"}, WORK)
        write(shop, {SPEC: WORDS[SPEC]})
        refused(shop, "SDD402")
        shop.git("add", SPEC)
        write(shop, {SPEC: b"# Changed\n"})
        commit(shop)

    def test_commit_all_looks_at_its_own_index(self, shop: GitBox) -> None:
        put(shop, WORK)
        by_force(shop, EARLY)
        write(shop, {b"src/other.py": b"x = 2\n"})
        refused(shop, "SDD501", "commit", "-qam", "Work")

    def test_commit_of_a_path_looks_at_its_temporary_index(self, shop: GitBox) -> None:
        by_force(shop, EARLY, WORK)
        stage(shop, {b"src/other.py": b"x = 2\n"})
        write(shop, {CODE: b"cart = {}\n"})
        commit(shop, "--", "src/cart.py")
        refused(shop, "SDD501", "commit", "-qm", "Work", "--", "src/other.py")

    def test_an_empty_commit_and_one_of_other_files_pass(self, shop: GitBox) -> None:
        commit(shop, "--allow-empty")
        stage(shop, {b"README.md": b"x"})
        commit(shop)

    def test_what_is_only_meant_to_be_added_is_not_there_yet(self, shop: GitBox) -> None:
        write(shop, EARLY)
        shop.git("add", "-N", "src/other.py")
        stage_only = {b"README.md": b"x"}
        write(shop, stage_only)
        shop.git("add", "README.md")
        commit(shop)
        assert shop.git("ls-tree", "--name-only", "HEAD", "src/") == ""

    def test_a_squash_is_one_commit_of_its_own(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "-c", "side")
        by_force(shop, EARLY)
        shop.git("switch", "-q", "main")
        shop.git("merge", "-q", "--squash", "side")
        refused(shop, "SDD501")

    def test_a_stash_runs_no_hook_and_what_comes_back_is_judged(self, shop: GitBox) -> None:
        stage(shop, EARLY)
        shop.git("stash", "-q")
        shop.git("stash", "pop", "-q", "--index")
        refused(shop, "SDD501")

    def test_on_a_detached_head_the_protected_branch_still_decides(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "--detach")
        by_force(shop, {POLICY: b"junk"})
        stage(shop, EARLY)
        refused(shop, "SDD501")


class TestHistories:
    def side(self, box: GitBox, *changes: Files) -> None:
        """A branch `side` with these changes, made past the hooks, and one more commit on main."""
        box.git("switch", "-q", "-c", "side")
        by_force(box, *changes)
        box.git("switch", "-q", "main")
        put(box, {b"README.md": b"main\n"})

    def test_a_clean_merge_has_nothing_of_its_own_and_its_branch_is_judged_in_the_range(
        self, shop: GitBox
    ) -> None:
        """Only the paths that differ from every parent are a merge's own, so the range tells which commit was early."""
        self.side(shop, WORK)
        shop.git("merge", "-q", "--no-edit", "side")
        assert shop.sdd("check", "HEAD~1..HEAD").code == 0
        shop.git("switch", "-q", "-c", "other", "HEAD~1")
        early = by_force(shop, EARLY)
        shop.git("switch", "-q", "main")
        shop.git("merge", "-q", "--no-edit", "other")
        assert early[:12] in shop.sdd("check", "HEAD~1..HEAD", check=1).out

    def test_a_conflict_resolved_with_early_code_is_refused(self, shop: GitBox) -> None:
        self.side(shop, {b"README.md": b"side\n"})
        assert tried(shop, "merge", "-q", "side").code == 1
        assert "README.md is not merged yet" in shop.sdd("check", "--staged", check=2).err
        stage(shop, {b"README.md": b"both\n"}, EARLY)
        refused(shop, "SDD501", "commit", "-q", "--no-edit")
        shop.git("rm", "-q", "-f", "src/other.py")
        shop.git("commit", "-q", "--no-edit")

    def test_a_rebase_runs_no_hook_and_its_result_is_found_as_a_range(self, shop: GitBox) -> None:
        self.side(shop, EARLY)
        shop.git("rebase", "-q", "main", "side")
        assert "SDD501" in shop.sdd("check", "main..side", check=1).out

    def test_a_clean_pick_runs_no_hook_and_one_that_conflicts_does(self, shop: GitBox) -> None:
        self.side(shop, {b"README.md": b"side\n"})
        assert tried(shop, "cherry-pick", "side").code == 1
        stage(shop, {b"README.md": b"both\n"}, EARLY)
        refused(shop, "SDD501", "-c", "core.editor=true", "cherry-pick", "--continue")
        shop.git("cherry-pick", "--abort")
        self_made = by_force(shop, EARLY)
        shop.git("reset", "-q", "--hard", "HEAD~1")
        shop.git("cherry-pick", self_made)
        assert "SDD501" in shop.sdd("check", "HEAD~1..HEAD", check=1).out

    def test_a_revert_is_judged_as_a_change_like_any_other(self, shop: GitBox) -> None:
        by_force(shop, EARLY)
        shop.git("revert", "--no-edit", "HEAD")
        assert "SDD501" in shop.sdd("check", "HEAD~1..HEAD", check=1).out
        shop.git("revert", "--no-commit", "HEAD")
        refused(shop, "SDD501", "commit", "-q", "--no-edit")

    def test_replace_refs_show_nobody_other_bytes(self, shop: GitBox) -> None:
        honest = shop.git("rev-parse", "HEAD:.sdd/policy.toml")
        lax = shop.git("hash-object", "-w", "--stdin", stdin=shop.read(POLICY).replace('"src/**"', '"x/**"'))
        shop.git("replace", honest, lax)
        stage(shop, EARLY)
        refused(shop, "SDD501")

    def test_grafts_invent_no_history(self, shop: GitBox) -> None:
        first = shop.git("rev-parse", "HEAD")
        early = by_force(shop, EARLY)
        put(shop, {b"README.md": b"x"})
        head = shop.git("rev-parse", "HEAD")
        shop.write(".git/info/grafts", f"{head} {first}\n")
        found = shop.sdd("check", f"{first}..HEAD", check=1)
        assert early[:12] in found.out

    def test_a_shallow_clone_still_judges_a_commit_but_no_range(self, shop: GitBox, tmp_path: Path) -> None:
        put(shop, WORK)
        shop.git("clone", "-q", "--depth", "1", f"file://{shop.path}", str(tmp_path / "cut"))
        cut = with_hooks(GitBox(tmp_path / "cut"), *HOOKS)
        stage(cut, EARLY)
        refused(cut, "SDD501")
        assert "shallow" in cut.sdd("check", "HEAD..HEAD", check=2).err


class TestPlaces:
    def test_another_worktree_has_its_own_index(self, shop: GitBox) -> None:
        shop.git("worktree", "add", "-q", "../tree", "-b", "work")
        tree = GitBox(shop.path.parent / "tree")
        stage(tree, EARLY)
        refused(tree, "SDD501")
        commit(shop, "--allow-empty")

    def test_a_subfolder_is_as_good_as_the_top(self, shop: GitBox) -> None:
        stage(shop, EARLY)
        below = GitBox(shop.path / "docs")
        refused(below, "SDD501")
        assert "src/other.py" in below.sdd("check", "--staged", check=1).out

    def test_git_dir_and_work_tree_may_be_given(self, shop: GitBox, tmp_path: Path) -> None:
        stage(shop, EARLY)
        away = GitBox(tmp_path)
        env = {"GIT_DIR": str(shop.path / ".git"), "GIT_WORK_TREE": str(shop.path)}
        refused(away, "SDD501", "commit", "-q", "-m", "Work", **env)
        assert away.sdd("check", "--staged", env=env, check=1).code == 1
        refused(
            away, "SDD501", f"--git-dir={env['GIT_DIR']}", f"--work-tree={shop.path}", "commit", "-qm", "Work"
        )

    def test_a_bare_repository_has_no_index_but_a_history(self, shop: GitBox, tmp_path: Path) -> None:
        early = by_force(shop, EARLY)
        shop.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
        bare = GitBox(tmp_path / "bare.git")
        assert "SDD501" in bare.sdd("check", f"{early}~1..{early}", check=1).out
        assert bare.sdd("check", check=2).err

    def test_a_sha256_repository_is_judged_alike(self, tmp_path: Path) -> None:
        box = with_hooks(GitBox.make(tmp_path / "new", "--object-format=sha256"), *HOOKS)
        stage(box, files(begun()))
        commit(box)
        stage(box, WORK)
        refused(box, "SDD401")

    def test_a_submodule_is_no_file_where_code_is_governed(self, shop: GitBox, tmp_path: Path) -> None:
        other = GitBox.make(tmp_path / "lib")
        other.write("x", "x")
        other.commit()
        shop.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.path), "src/lib")
        refused(shop, "SDD706")
        shop.git("mv", "src/lib", "lib")
        commit(shop)

    def test_inside_a_submodule_its_own_rules_count(self, box: GitBox, shop: GitBox) -> None:
        box.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(shop.path), "shop")
        inner = with_hooks(GitBox(box.path / "shop"), *HOOKS)
        stage(inner, EARLY)
        refused(inner, "SDD501")

    def test_a_sparse_checkout_hides_nothing(self, shop: GitBox) -> None:
        shop.git("update-index", "--refresh")  # git leaves what looks changed
        shop.git("sparse-checkout", "set", "--no-cone", "/README.md")
        assert not (shop.path / SPEC.decode()).exists()
        commit(shop, "--allow-empty")
        shop.git("sparse-checkout", "set", "--no-cone", "/src/")
        write(shop, EARLY)
        shop.git("add", "src/other.py")
        refused(shop, "SDD501")

    def test_a_repository_without_sdd_is_left_alone(self, box: GitBox) -> None:
        with_hooks(box, *HOOKS)
        stage(box, EARLY)
        commit(box)

    def test_where_there_is_no_repository_nothing_passes(self, tmp_path: Path) -> None:
        assert "is not in a git repository" in GitBox(tmp_path).sdd("hook", "pre-commit", check=2).err


class TestFiles:
    def test_a_rename_is_a_deletion_and_an_addition(self, shop: GitBox) -> None:
        put(shop, WORK)
        shop.git("mv", "src/cart.py", "src/basket.py")
        refused(shop, "SDD501")
        shop.git("mv", "src/basket.py", "basket.py")
        commit(shop)

    def test_a_deletion_is_a_change(self, shop: GitBox) -> None:
        by_force(shop, EARLY)
        shop.git("rm", "-q", "src/other.py")
        refused(shop, "SDD501")

    def test_a_mode_is_a_change(self, shop: GitBox) -> None:
        by_force(shop, EARLY)
        shop.git("update-index", "--chmod=+x", "src/other.py")
        refused(shop, "SDD501")

    @posix_only
    def test_a_link_is_no_governed_file(self, shop: GitBox) -> None:
        (shop.path / "src").mkdir()
        (shop.path / CODE.decode()).symlink_to("../README.md")
        shop.git("add", "-A")
        refused(shop, "SDD706")

    @posix_only
    def test_a_folder_of_governed_code_may_be_no_link(self, shop: GitBox) -> None:
        (shop.path / "elsewhere").mkdir()
        (shop.path / "src").symlink_to("elsewhere")
        shop.git("add", "-A")
        refused(shop, "SDD706")

    @posix_only
    @pytest.mark.parametrize(
        "name", [b"src/caf\xe9.py", b"src/two\nlines.py", b'src/"quoted".py', "src/ü.py".encode()]
    )
    @pytest.mark.parametrize("quote", ["true", "false"])
    def test_any_name_is_judged_and_shown_on_one_line(self, shop: GitBox, name: bytes, quote: str) -> None:
        shop.git("config", "core.quotePath", quote)
        try:
            stage(shop, {name: b"x\n"})
        except OSError:
            pytest.skip("this file system takes only UTF-8")
        said = refused(shop, "SDD501")
        assert next(line for line in said.splitlines() if "SDD501" in line).startswith(("src/", '"src/'))

    @pytest.mark.parametrize("choice", ["true", "input", "false"])
    def test_line_ends_on_disk_change_nothing_that_was_approved(self, shop: GitBox, choice: str) -> None:
        shop.git("config", "core.autocrlf", choice)
        shop.git("rm", "-q", "--cached", "-r", ".")
        shop.git("reset", "-q", "--hard")
        assert (b"\r\n" in shop.read_bytes(SPEC)) == (choice == "true")
        stage(shop, WORK)
        commit(shop)
        assert shop.sdd("check").code == 0

    def test_case_folds_into_no_other_file(self, shop: GitBox) -> None:
        blob = shop.git("hash-object", "-w", "--stdin", stdin="x")
        shop.git("update-index", "--add", "--cacheinfo", f"100644,{blob},.SDD/policy.toml")
        refused(shop, "SDD707")


# A hook runs no code that the repository defines.

TRAP = "import pathlib\npathlib.Path({!r}).write_text('sprung')\n"
MODULES = (
    "click",
    "sdd",
    "json",
    "re",
    "sitecustomize",
    "usercustomize",
    "subprocess",
    "tomllib",
    "encodings",
)
PROGRAMS = """core.fsmonitor core.pager core.editor diff.external filter.trap.clean filter.trap.smudge filter.trap.process
diff.trap.textconv diff.trap.command merge.trap.driver trailer.sdd-session.cmd gpg.program core.sshCommand gpg.ssh.program
credential.helper core.askPass uploadpack.packObjectsHook core.alternateRefsCommand"""


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A file that comes to be where a trap is sprung."""
    return tmp_path / "sprung"


def doors(box: GitBox, trap: Path, **env: str) -> None:
    """Go through every door of the clone, one after the other, with something to find; no trap may be sprung."""
    stage(box, WORK, {b"README.md": b"x\n"})
    trap.unlink(missing_ok=True)  # git itself may run what its own configuration says; sdd may not
    for name in ("pre-commit", "pre-merge-commit"):
        box.sdd("hook", name, env=env)
    message = box.write(".git/COMMIT_EDITMSG", "Work\n")
    box.sdd("hook", "commit-msg", str(message), env=env)
    head = box.git("rev-parse", "HEAD")
    trap.unlink(missing_ok=True)
    box.sdd(
        "hook", "pre-push", "origin", "x", stdin=f"refs/heads/x {head} refs/heads/x {'0' * 40}\n", env=env
    )
    box.sdd("hook", "pre-receive", stdin=f"{head} {head} refs/heads/main\n", env=env)
    box.sdd("check", env=env)
    box.sdd("check", "--staged", env=env)
    box.sdd("check", "--audit", env=env)
    assert not trap.exists()


def test_modules_at_the_top_are_not_imported(shop: GitBox, trap: Path) -> None:
    for name in MODULES:
        shop.write(f"{name}.py", TRAP.format(str(trap)))
    shop.write("sdd/__init__.py", TRAP.format(str(trap)))
    doors(shop, trap)


def test_modules_are_not_imported_though_the_path_of_python_holds_the_repository(
    shop: GitBox, trap: Path
) -> None:
    """The scripts of hooks/ drop the variable, which otherwise Python itself would obey before sdd begins."""
    for name in MODULES:
        shop.write(f"{name}.py", TRAP.format(str(trap)))
    stage(shop, EARLY)
    for path in (".", "", str(shop.path)):
        refused(shop, "SDD501", "commit", "-q", "-m", "Work", PYTHONPATH=path, PYTHONSTARTUP="click.py")
        assert not trap.exists()


@posix_only
def test_programs_of_the_configuration_are_not_run(shop: GitBox, trap: Path) -> None:
    script = shop.write("trap.sh", f"#!/bin/sh\ntouch '{trap}'\ncat\n")
    script.chmod(0o755)
    shop.write(".git/info/attributes", "* filter=trap diff=trap merge=trap\n")
    for key in PROGRAMS.split():
        shop.git("config", key, str(script))
    shop.git("config", "alias.diff-index", f"!{script}")
    shop.git("config", "filter.trap.required", "true")
    shop.git("config", "log.showSignature", "true")
    shop.git("config", "core.hooksPath", ".")
    shop.write("post-index-change", f"#!/bin/sh\ntouch '{trap}'\n").chmod(0o755)
    head = shop.git("rev-parse", "HEAD")
    message = shop.write(".git/COMMIT_EDITMSG", "Work\n")
    trap.unlink(missing_ok=True)
    for name in ("pre-commit", "pre-merge-commit"):
        shop.sdd("hook", name)
    shop.sdd("hook", "commit-msg", str(message))
    shop.sdd("hook", "pre-push", "origin", "x", stdin=f"refs/heads/x {head} refs/heads/x {'0' * 40}\n")
    shop.sdd("hook", "pre-receive", stdin=f"{head} {head} refs/heads/main\n")
    shop.sdd("check", "--staged")
    shop.sdd("check", "--audit")
    assert not trap.exists()


@posix_only
def test_a_program_called_git_at_the_top_is_not_run(shop: GitBox, trap: Path) -> None:
    for name in ("git", "ssh-keygen", "sdd", "python", Path(sys.executable).name):
        shop.write(name, f"#!/bin/sh\ntouch '{trap}'\n").chmod(0o755)
    doors(shop, trap)
