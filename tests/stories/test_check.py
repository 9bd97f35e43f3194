"""`sdd check` and the hooks, as people and machines run them, on real repositories."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gitbox import GitBox, installed
from sarif_schema import problems
from sdd import hook
from sdd.findings import Finding
from sdd.gates.judgement import Judgement
from sdd.gates.policy import render
from sdd.repository import Repository
from sdd.views.reports import as_github, as_text
from shop import CODE, PAGE, POLICY, WORDS, Files, approved, begun, files, policy, put

WORK: Files = {CODE: b"cart = []\n"}
REST = {path: data for path, data in WORDS.items() if path != PAGE}
AT = 1_700_000_000  # long past, whenever the test runs


@pytest.fixture
def shop(box: GitBox) -> GitBox:
    """A repository whose main branch has the policy and nothing approved, on a branch `work`, with the hooks."""
    put(box, files(begun()))
    box.git("switch", "-q", "-c", "work")
    for name in ("pre-commit", "pre-merge-commit"):
        script = f'#!/bin/sh\nexec "{installed("sdd")}" hook {name} "$@"\n'
        box.write(f".git/hooks/{name}", script).chmod(0o755)
    return box


def stage(box: GitBox, *changes: Files) -> None:
    for one in changes:
        for path, data in one.items():
            box.write(path, data or b"")
    box.git("add", "-A")


def commit(box: GitBox, *args: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """What `git commit` ends with and says, its hooks included."""
    done = subprocess.run(
        ["git", "commit", "-q", "-m", "Work", *args],
        cwd=box.path,
        env={**os.environ, **(env or {})},
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stderr.decode()


class TestCheck:
    def test_the_working_tree_is_judged_and_what_it_changes(self, shop: GitBox) -> None:
        assert shop.sdd("check").out == "0 sessions: nothing wrong\n"
        shop.write(CODE, "early\n")
        shop.write("Src/x.py", "")
        told = shop.sdd("check", check=1)
        assert told.out.splitlines() == [
            "Src/x.py: SDD707 Src/x.py is governed code on macOS or Windows, but another file in git",
            "  → git mv -- Src/x.py NEW",
            "src/cart.py: SDD401 src/cart.py needs the gate spec open, and it is shut: docs/product-spec.md does not exist",
            "  → sdd next  # docs/product-spec.md is not written yet",
        ]
        assert told.err == "2 findings; what one means: sdd explain SDD707\n"

    def test_staged_a_commit_a_range_and_the_branch_are_told_apart(self, shop: GitBox) -> None:
        shop.write(CODE, "early\n")
        assert shop.sdd("check", "--staged").out == "0 sessions: nothing wrong\n"
        shop.git("add", ".")
        assert "SDD401" in shop.sdd("check", "--staged", check=1).out
        shop.git("commit", "-q", "--no-verify", "-m", "x")
        assert shop.sdd("check", "--rev", "HEAD").out == "HEAD: nothing wrong\n"
        for asked in (("main..HEAD",), ("main..",), ("--audit",), ("--audit", "main..HEAD")):
            assert "SDD401" in shop.sdd("check", *asked, check=1).out, asked
        assert shop.sdd("check", "--audit", "main..main").out == "main..main: nothing wrong\n"
        told = shop.sdd("check", "--audit", "..main", check=2).err
        assert "..main is no range of the form A..B" in told
        shop.git("switch", "-q", "main")
        assert shop.sdd("check", "--audit").out.endswith("the protected branch: nothing wrong\n")

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            (("--staged", "--rev", "HEAD"), "ask for different things"),
            (("main",), "main is no range of the form A..B"),
            (("main...HEAD",), "main...HEAD is no range"),
            (("main..nowhere",), "there is no commit nowhere"),
            (("--rev", "nowhere"), "there is no commit nowhere"),
        ],
    )
    def test_what_cannot_be_told_is_no_pass(self, shop: GitBox, asked: tuple[str, ...], told: str) -> None:
        assert told in shop.sdd("check", *asked, check=2).err

    def test_without_a_policy_nothing_can_be_told(self, box: GitBox) -> None:
        put(box)
        for asked in ((), ("--staged",), ("--rev", "HEAD"), ("HEAD..HEAD",), ("--audit",)):
            assert "nothing can be judged" in box.sdd("check", *asked, check=2).err, asked

    def test_a_shallow_clone_is_no_pass(self, shop: GitBox, tmp_path: Path) -> None:
        put(shop, {b"README.md": b""})
        shop.git("clone", "-q", "--depth", "1", shop.path.as_uri(), str(tmp_path / "shallow"))
        told = GitBox(tmp_path / "shallow").sdd("check", "HEAD..HEAD", check=2).err
        assert "this clone is shallow" in told
        assert "git fetch --unshallow" in told

    def test_a_deleted_policy_is_found_on_disk(self, shop: GitBox) -> None:
        (shop.path / POLICY.decode()).unlink()
        assert "SDD705" in shop.sdd("check", check=1).out

    def test_reporting_says_that_nothing_is_enforced(self, box: GitBox) -> None:
        put(box, files(begun(policy(mode="report"))))
        box.write(CODE, "early\n")
        told = box.sdd("check")
        assert "SDD401" in told.out
        assert told.out.endswith('not enforced: the policy says mode = "report"\n')
        assert box.sdd("check", "--json").err == "not enforced\n"

    def test_sessions_and_trackers_are_judged_at_the_head_of_a_proposal(self, begun: GitBox) -> None:
        begun.git("switch", "-q", "-c", "work")
        begun.sdd("new", "pay", "take money")
        begun.commit()
        assert begun.sdd("check", "main..HEAD").out == "main..HEAD: nothing wrong\n"
        begun.write("docs/pay/tracker.md", "all is well\n")
        begun.commit()
        assert "SDD201" in begun.sdd("check", "main..HEAD", check=1).out
        begun.git("branch", "-qf", "main")
        begun.write("README.md", "more\n")
        begun.commit()
        assert begun.sdd("check", "main..HEAD").out == "main..HEAD: nothing wrong\n"

    def test_a_committed_run_is_not_taken_back(self, begun: GitBox) -> None:
        begun.write("sessions/01-x.runs/1.md", "the whole run\n")
        begun.commit()
        begun.git("switch", "-q", "-c", "work")
        begun.write("sessions/01-x.runs/1.md", "another\n")
        for asked in ((), ("--staged",), ("main..HEAD",)):
            begun.git("add", "-A")
            if asked == ("main..HEAD",):
                begun.commit()
            assert "SDD140" in begun.sdd("check", *asked, check=1).out, asked


class TestHooks:
    def test_code_before_its_spec_is_refused_with_what_to_do(self, shop: GitBox) -> None:
        stage(shop, WORK)
        code, told = commit(shop)
        assert code == 1
        assert "src/cart.py: SDD401" in told
        assert told.endswith("sdd: the commit is refused; what a finding means: sdd explain SDD401\n")

    def test_spec_and_code_are_split_by_the_commands_of_the_hint(self, shop: GitBox) -> None:
        stage(shop, REST, approved(*REST, at=AT), WORK)
        code, told = commit(shop)
        assert (code, "SDD402" in told) == (1, True)
        (found,) = json.loads(shop.sdd("check", "--staged", "--json", check=1).out)
        subprocess.run(["sh", "-ec", found["hint"]], cwd=shop.path, check=True, capture_output=True)
        assert shop.git("log", "--format=%s", "main..") == "Implement\nSpecify"
        assert shop.sdd("check", "main..HEAD").out == "main..HEAD: nothing wrong\n"

    def test_past_the_hook_the_range_meets_it(self, shop: GitBox) -> None:
        stage(shop, WORK)
        assert commit(shop, "--no-verify")[0] == 0
        assert "SDD401" in shop.sdd("check", "main..HEAD", check=1).out

    @pytest.mark.parametrize("args", [("-a",), ("src/cart.py",), ("-i", "src/cart.py")])
    def test_the_index_that_git_commits_is_judged(self, shop: GitBox, args: tuple[str, ...]) -> None:
        stage(shop, WORK)
        commit(shop, "--no-verify")
        shop.write(CODE, "more\n")
        shop.write("README.md", "")
        shop.git("add", "README.md")
        assert commit(shop)[0] == 0
        assert commit(shop, *args)[0] == 1

    def test_a_clean_merge_of_the_protected_branch_passes(self, shop: GitBox) -> None:
        put(shop, {b"README.md": b""})
        shop.git("switch", "-q", "main")
        stage(shop, WORK)
        commit(shop, "--no-verify")
        shop.git("switch", "-q", "work")
        shop.git("merge", "-q", "--no-edit", "main")
        assert shop.sdd("check", "main..HEAD").out == "main..HEAD: nothing wrong\n"

    def test_a_clean_merge_of_another_branch_is_judged_by_its_own_paths(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "-c", "side")
        stage(shop, WORK)
        commit(shop, "--no-verify")
        shop.git("switch", "-q", "work")
        put(shop, {b"README.md": b""})
        shop.git("merge", "-q", "--no-edit", "side")
        assert "SDD401" in shop.sdd("check", "main..HEAD", check=1).out

    def test_the_first_commit_adopts_with_a_notice(self, box: GitBox, shop: GitBox) -> None:
        fresh = GitBox.make(box.path / "fresh")
        script = f'#!/bin/sh\nexec "{installed("sdd")}" hook pre-commit\n'
        fresh.write(".git/hooks/pre-commit", script).chmod(0o755)
        stage(fresh, files(begun()))
        code, told = commit(fresh)
        assert (code, "SDD709" in told) == (0, True)

    def test_from_a_subfolder_and_a_worktree_it_is_the_same(self, shop: GitBox, tmp_path: Path) -> None:
        shop.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
        other = GitBox(tmp_path / "other")
        stage(other, WORK)
        assert commit(GitBox(other.path / "src"))[0] == 1

    def test_a_repository_without_sdd_is_left_alone(self, box: GitBox) -> None:
        box.write(CODE, "x")
        box.git("add", ".")
        assert box.sdd("hook", "pre-commit").err == ""

    def test_what_cannot_be_judged_is_refused(self, shop: GitBox, tmp_path: Path) -> None:
        assert "there is no door `post-commit`" in shop.sdd("hook", "post-commit", check=2).err
        assert "there is no door ``" in shop.sdd("hook", check=2).err
        assert "is not in a git repository" in GitBox(tmp_path).sdd("hook", "pre-commit", check=2).err
        put_by_force(shop, {POLICY: b"junk"})
        shop.git("branch", "-qf", "main")
        assert "policy.toml cannot be read" in shop.sdd("hook", "pre-commit", check=2).err

    def test_a_bug_opens_no_door(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        def broken(start: str | None = None) -> Repository:
            raise ZeroDivisionError(start)

        monkeypatch.setattr(Repository, "find", broken)
        assert hook.run(["pre-commit"]) == 3
        assert "this is a bug in sdd; the commit is refused" in capfd.readouterr().err

    def test_reporting_lets_a_commit_pass(self, shop: GitBox) -> None:
        put_by_force(shop, {POLICY: render(policy(mode="report")).encode()})
        shop.git("branch", "-qf", "main")
        stage(shop, WORK)
        code, told = commit(shop)
        assert (code, "SDD401" in told, "not enforced" in told) == (0, True, True)


def put_by_force(box: GitBox, change: Files) -> None:
    stage(box, change)
    assert commit(box, "--no-verify")[0] == 0


FOUND = Judgement(
    (
        Finding("SDD401", b"src/a,b:c%.py", 0, "no\x1b[2J", "first\nthen"),
        Finding("SDD101", b"sessions/\xff x.md", 3, "not\nread", "first\nthen"),
        Finding("SDD999", b"x", 0, "bare"),
    ),
    (Finding("SDD709", POLICY, 0, "adopted", "read it"),),
)


class TestFormats:
    def test_text_says_a_shared_hint_once_and_steers_no_terminal(self) -> None:
        assert as_text(FOUND).splitlines() == [
            "src/a,b:c%.py: SDD401 no\\u001b[2J",
            '"sessions/\\377 x.md":3: SDD101 not',
            "read",
            "  → first",
            "    then",
            "x: SDD999 bare",
            "note: .sdd/policy.toml: SDD709 adopted",
            "  → read it",
        ]

    def test_annotations_are_escaped_as_github_reads_them(self) -> None:
        assert as_github(FOUND).splitlines() == [
            "::error file=src/a%2Cb%3Ac%25.py,line=1,title=SDD401::no\\u001b[2J%0A→ first%0Athen",
            '::error file="sessions/\\377 x.md",line=3,title=SDD101::not%0Aread%0A→ first%0Athen',
            "::error file=x,line=1,title=SDD999::bare",
            "::notice file=.sdd/policy.toml,line=1,title=SDD709::adopted%0A→ read it",
        ]
        assert as_github(FOUND.replace(enforced=False)).splitlines()[2:] == [
            "::warning file=x,line=1,title=SDD999::bare",
            "::notice file=.sdd/policy.toml,line=1,title=SDD709::adopted%0A→ read it",
            '::notice::not enforced: the policy says mode = "report"',
        ]

    def test_each_is_printed_by_the_command(self, shop: GitBox) -> None:
        shop.write(CODE, "early\n")
        assert shop.sdd("check", "--format", "github", check=1).out.startswith("::error file=src/cart.py,")
        (found,) = json.loads(shop.sdd("check", "--format", "json", check=1).out)
        assert found == json.loads(shop.sdd("check", "--json", check=1).out)[0]
        assert list(found) == ["code", "path", "line", "message", "hint"]

    def test_each_sarif_log_is_valid_by_the_schema_of_the_standard(self, shop: GitBox) -> None:
        def results(*args: str, check: int) -> list[Any]:
            log = json.loads(shop.sdd("check", *args, "--format", "sarif", check=check).out)
            assert problems(log) == []
            (run,) = log["runs"]
            found: list[Any] = run["results"]
            return found

        def uris(found: list[Any]) -> list[str]:
            return [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in found]

        assert results(check=0) == []
        (adopted,) = results("--audit", check=0)
        assert (adopted["ruleId"], adopted["level"]) == ("SDD709", "note")
        blob = shop.git("hash-object", "-w", "--stdin", stdin="early\n")
        for path in (b"src/a b.py", b"src/a\nb.py", b"src/\xff.py"):
            entry = f"100644 {blob}\t".encode() + path + b"\0"
            shop.git("update-index", "-z", "--index-info", stdin=entry)
        shop.git("commit", "-q", "--no-verify", "-m", "Early")
        found = results("main..HEAD", check=1)
        assert uris(found) == ["src/a%0Ab.py", "src/a%20b.py", "src/%EF%BF%BD.py"]
        assert {(one["ruleId"], one["level"]) for one in found} == {("SDD401", "error")}


def test_the_disk_is_judged_the_same_from_every_folder(shop: GitBox, tmp_path: Path) -> None:
    shop.write(CODE, "early\n")
    said = shop.sdd("check", check=1)
    assert said.out.startswith("src/cart.py: SDD401")
    below = GitBox(shop.path / "src")
    assert below.sdd("check", check=1) == said
    below.path.joinpath(".git").mkdir()  # none that git would take for one
    assert below.sdd("check", check=1) == said
    outside = GitBox.make(tmp_path / "outside")
    outside.write("sessions/01-a.md", "junk\n")
    elsewhere = {"GIT_DIR": str(shop.path / ".git"), "GIT_WORK_TREE": str(shop.path)}
    assert outside.sdd("check", check=1, env=elsewhere) == said
