"""Git changed as people change it: their hooks run, what they staged stays theirs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gitbox import GitBox
from sdd import workspace
from sdd.errors import RefusedError, SddError


def hook(box: GitBox, name: str, script: str) -> None:
    box.write(f".git/hooks/{name}", f"#!/bin/sh\n{script}\n").chmod(0o755)


def state(box: GitBox) -> str:
    return box.git("status", "--porcelain", "-z", "--untracked-files=all") + box.git("ls-files", "-s")


def test_a_setting_is_read_as_git_reads_it(box: GitBox) -> None:
    assert workspace.config(str(box.path), "sdd.mode") == ""
    box.git("config", "sdd.mode", "two\nlines ü")
    assert workspace.config(str(box.path), "sdd.mode") == "two\nlines ü"


def test_a_setting_is_this_clones_own(box: GitBox) -> None:
    workspace.set_config(str(box.path), "sdd.hooks", "native")
    workspace.set_config(str(box.path), "sdd.hooks", "none")
    assert box.git("config", "--local", "--get-all", "sdd.hooks") == "none"
    box.git("config", "--add", "sdd.hooks", "native")
    with pytest.raises(SddError, match="multiple values"):
        workspace.set_config(str(box.path), "sdd.hooks", "none")


def test_what_git_is_told_of_hooks_is_read_in_order(box: GitBox) -> None:
    assert workspace.hook_settings(str(box.path)) == {}
    box.git("config", "hook.a.event", "pre-commit")
    box.git("config", "--add", "hook.a.event", "commit-msg")
    box.git("config", "hook.a.command", "two\nlines = ü")
    with (box.path / ".git/config").open("a") as file:
        file.write('[hook "b"]\n\tenabled\n')
    assert workspace.hook_settings(str(box.path)) == {
        "hook.a.event": ["pre-commit", "commit-msg"],
        "hook.a.command": ["two\nlines = ü"],
        "hook.b.enabled": ["true"],
    }


def test_exactly_the_paths_given_are_committed(box: GitBox) -> None:
    for name in ("changed", "deleted", "staged", "left"):
        box.write(name, "before")
    box.commit()
    for name in ("changed", "staged", "left", "new/file", "untracked"):
        box.write(name, "after")
    (box.path / "deleted").unlink()
    box.git("add", "staged")
    commit = workspace.commit(
        str(box.path), ["changed", "deleted", "new/file"], "Three paths\n\n# and a body"
    )
    assert commit == box.git("rev-parse", "HEAD")
    assert box.git("show", "--format=%B", "--name-status", commit).split("\n") == [
        *("Three paths", "", "# and a body", "", ""),
        *("M\tchanged", "D\tdeleted", "A\tnew/file"),
    ]
    assert box.git("status", "--porcelain", "--no-column").split("\n") == [
        " M left",
        "M  staged",
        "?? untracked",
    ]


def test_a_deletion_that_is_already_staged_is_committed(box: GitBox) -> None:
    box.write("f", "x")
    box.commit()
    box.git("rm", "-q", "f")
    workspace.commit(str(box.path), ["f"], "Gone")
    assert box.git("ls-tree", "HEAD") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_is_never_a_pattern(box: GitBox) -> None:
    odd = ["*", ":(top)x", "a\nb", "-n", os.fsdecode(b"caf\xe9"), "ü"]
    for name in [*odd, "other"]:
        box.write(os.fsencode(name), "x")
    workspace.commit(str(box.path), odd, "Odd names")
    assert sorted(box.git("ls-tree", "-z", "--name-only", "HEAD").split("\0")[:-1]) == sorted(odd)


def test_the_first_commit_can_be_made(box: GitBox) -> None:
    box.write("f", "x")
    box.write("g", "x")
    workspace.commit(str(box.path), ["f"], "First")
    assert box.git("ls-tree", "--name-only", "HEAD") == "f"


def test_a_hook_that_refuses_is_heard_and_the_index_is_as_before(box: GitBox) -> None:
    box.write("f", "x")
    box.commit()
    hook(box, "pre-commit", "echo 'no, because' && exit 7")
    box.write("new", "x")
    box.write("f", "y")
    before = state(box)
    with pytest.raises(RefusedError, match="no, because"):
        workspace.commit(str(box.path), ["f", "new"], "Never")
    assert state(box) == before


def test_a_hook_sees_no_setting_of_ours(box: GitBox) -> None:
    hook(box, "pre-commit", "env | grep PATHSPEC; exit 0")
    hook(box, "commit-msg", 'git ls-files -- "*.md" >seen; echo Signed-off >>"$1"')
    box.write("a.md", "x")
    commit = workspace.commit(str(box.path), ["a.md"], "Message")
    assert box.read("seen") == "a.md\n"
    assert box.git("show", "-s", "--format=%B", commit).startswith("Message\nSigned-off")


def test_nothing_to_commit_is_refused(box: GitBox) -> None:
    box.write("f", "x")
    box.commit()
    with pytest.raises(RefusedError, match="nothing to commit"):
        workspace.commit(str(box.path), ["f"], "Nothing")
    with pytest.raises(RefusedError, match="no path was given"):
        workspace.commit(str(box.path), [], "Nothing")


def test_a_path_that_is_nowhere_is_an_error_that_names_it(box: GitBox) -> None:
    box.commit()
    with pytest.raises(SddError, match="nowhere"):
        workspace.commit(str(box.path), ["nowhere"], "Nothing")


def test_an_ignored_path_is_an_error_and_leaves_nothing_behind(box: GitBox) -> None:
    box.write(".gitignore", "*.log\n")
    box.commit()
    box.write("a.log", "x")
    box.write("b", "x")
    before = state(box)
    with pytest.raises(SddError, match=r"a\.log"):
        workspace.commit(str(box.path), ["a.log", "b"], "Ignored")
    assert state(box) == before


def test_without_a_name_git_cannot_commit(box: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    box.git("config", "user.useConfigOnly", "true")
    box.write("f", "x")
    with pytest.raises(SddError, match="ended with 128") as caught:
        workspace.commit(str(box.path), ["f"], "Nobody's")
    assert not isinstance(caught.value, RefusedError)


def test_a_sha256_repository_can_be_committed_to(tmp_path: Path) -> None:
    box = GitBox.make(tmp_path / "long", "--object-format=sha256")
    box.write("f", "x")
    assert len(workspace.commit(str(box.path), ["f"], "First")) == 64


def test_paths_are_staged_as_they_are(box: GitBox) -> None:
    box.write("deleted", "x")
    box.commit()
    (box.path / "deleted").unlink()
    box.write("new", "x")
    box.write("other", "x")
    workspace.stage(str(box.path), [])
    workspace.stage(str(box.path), ["new", "deleted"])
    assert box.git("status", "--porcelain", "--no-renames").split("\n") == [
        "D  deleted",
        "A  new",
        "?? other",
    ]
    with pytest.raises(SddError, match="nowhere"):
        workspace.stage(str(box.path), ["nowhere"])


def test_hooks_lie_where_git_looks_for_them(box: GitBox, tmp_path: Path) -> None:
    top = box.path.resolve()
    assert workspace.hooks_dir(str(box.path)) == str(top / ".git" / "hooks")
    box.commit()
    box.git("worktree", "add", "-q", str(tmp_path / "side"))
    assert workspace.hooks_dir(str(tmp_path / "side")) == str(top / ".git" / "hooks")
    box.git("config", "core.hooksPath", ".husky")
    assert workspace.hooks_dir(str(box.path)) == str(top / ".husky")


def test_remotes_have_names_with_dots_and_more_than_one_address(box: GitBox) -> None:
    assert workspace.remotes(str(box.path)) == {}
    box.git("remote", "add", "origin", "https://example.org/a.git")
    box.git("remote", "add", "a.b", "ssh://git@example.org/b")
    box.git("remote", "set-url", "--add", "origin", "https://example.org/mirror.git")
    assert workspace.remotes(str(box.path)) == {
        "origin": "https://example.org/a.git",
        "a.b": "ssh://git@example.org/b",
    }


def test_a_missing_git_is_named(box: GitBox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SddError, match="git is not on the PATH"):
        workspace.config(str(box.path), "user.name")
