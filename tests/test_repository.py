"""Git read as it is, in every corner where a shortcut would read something else."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

import pytest

from gitbox import GitBox
from sdd.errors import SddError
from sdd.plumbing import SCAN, Begun
from sdd.repository import Repository
from sdd.snapshot import EXECUTABLE, FILE, LINK, SUBMODULE, Entry, Overlay, blob_id

ODD = [
    b"caf\xe9.md",
    "Größe ü.md".encode(),
    b"two\nlines",
    b'tab\t"quote"\\',
    b" blank ",
    b"*",
    b":(top)x",
    b"-n",
]


def found(box: GitBox) -> Repository:
    return Repository.find(str(box.path))


def odd_files(box: GitBox) -> None:
    for name in ODD:
        box.write(name, b"bytes of " + name)


# Where the repository lies


def test_a_repository_is_found_from_a_folder_below(box: GitBox) -> None:
    box.write("a/b/file", "x")
    top = str(box.path.resolve())
    repository = Repository.find(str(box.path / "a" / "b"))
    assert repository == Repository(top, f"{top}/.git", f"{top}/.git", "sha1", is_shallow=False)


def test_a_repository_is_found_from_the_current_folder(box: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(box.path)
    assert Repository.find() == found(box)


def test_no_repository_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SddError, match="is not in a git repository") as caught:
        Repository.find(str(tmp_path))
    assert caught.value.hint == "git init"


def test_a_folder_that_does_not_exist_is_an_error_in_git_s_words(tmp_path: Path) -> None:
    with pytest.raises(SddError, match="cannot change to"):
        Repository.find(str(tmp_path / "gone"))


def test_a_missing_git_is_named(box: GitBox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SddError, match="git is not on the PATH") as caught:
        found(box)
    assert "install git" in caught.value.hint


@pytest.mark.skipif(os.name == "nt", reason="a shell script goes before git")
def test_a_listing_that_ends_too_early_is_never_taken_for_the_whole(
    box: GitBox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        box.write(name, name)
    files = found(box).commit(box.commit()).entries
    real, once = shutil.which("git"), tmp_path / "once"
    script = tmp_path / "git"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *ls-tree*) mkdir {once} && {real} "$@" | head -c 60 && exit 1 ;; esac\nexec {real} "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SddError, match=r"git ls-tree [0-9a-f]{40}` ended with 1"):
        list(files)
    assert once.exists()
    assert list(files) == [b"a", b"b", b"c"]


@pytest.mark.skipif(os.name == "nt", reason="there every file may be run")
def test_a_git_that_may_not_be_run_is_named(
    box: GitBox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "git").write_text("no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SddError, match="may not be run"):
        found(box)


def test_a_git_that_goes_missing_is_named(
    box: GitBox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repository = found(box)
    monkeypatch.setenv("PATH", str(tmp_path))
    for stdin in (b"", b"x" * 10_000):
        with pytest.raises(SddError, match="git is not on the PATH"):
            repository.git("hash-object", "--stdin", stdin=stdin)


def test_somebody_else_s_repository_is_refused_with_git_s_own_hint(
    box: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(SddError, match="belongs to somebody else") as caught:
        found(box)
    assert caught.value.hint == f"git config --global --add safe.directory {box.path.resolve()}"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_folder_with_a_line_break_is_refused_and_not_misread(tmp_path: Path) -> None:
    box = GitBox.make(tmp_path / "two\nlines")
    with pytest.raises(SddError, match="holds a line break"):
        found(box)


def test_a_bare_repository_has_commits_and_no_working_tree(box: GitBox, tmp_path: Path) -> None:
    box.write("f", "x")
    commit = box.commit()
    bare = tmp_path / "bare.git"
    box.git("clone", "-q", "--bare", str(box.path), str(bare))
    repository = Repository.find(str(bare))
    assert repository.root == ""
    assert repository.git_dir == repository.common_dir == str(bare.resolve())
    assert repository.commit(commit).read(b"f") == b"x"
    assert dict(repository.index().entries) == {}
    with pytest.raises(SddError, match="has no working tree"):
        repository.working_tree()


def test_a_worktree_has_its_own_git_dir_and_index(box: GitBox, tmp_path: Path) -> None:
    box.write("f", "x")
    box.commit()
    box.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = GitBox(tmp_path / "side")
    side.write("g", "y")
    side.git("add", "g")
    repository = found(side)
    assert repository.common_dir == found(box).git_dir != repository.git_dir
    assert repository.branch() == "side"
    assert set(repository.index().entries) == {b"f", b"g"}
    assert set(found(box).index().entries) == {b"f"}


def test_git_dir_and_work_tree_of_the_environment_are_honoured(
    box: GitBox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    box.write("a/f", "x")
    box.commit()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", "project/.git")
    monkeypatch.setenv("GIT_COMMON_DIR", "project/.git")
    monkeypatch.setenv("GIT_WORK_TREE", "project")
    repository = Repository.find()
    assert repository == found_plainly(box)
    assert repository.working_tree().read(b"a/f") == b"x"


def found_plainly(box: GitBox) -> Repository:
    top = str(box.path.resolve())
    return Repository(top, f"{top}/.git", f"{top}/.git", "sha1", is_shallow=False)


def test_a_shallow_clone_says_so_and_tells_how_to_get_the_rest(box: GitBox, tmp_path: Path) -> None:
    first = box.commit("first")
    box.commit("second")
    assert not found(box).is_shallow
    box.git("clone", "-q", "--depth=1", box.path.as_uri(), str(tmp_path / "shallow"))
    repository = Repository.find(str(tmp_path / "shallow"))
    assert repository.is_shallow
    with pytest.raises(SddError, match="there is no commit") as caught:
        repository.commit(first)
    assert caught.value.hint == "git fetch --unshallow"


# Running git


def test_a_failing_command_is_told_with_its_code_and_words(box: GitBox) -> None:
    with pytest.raises(SddError, match=r"`git cat-file -e nothing` ended with 128: fatal: .*nothing"):
        found(box).git("cat-file", "-e", "nothing")


def test_an_expected_code_is_no_failure(box: GitBox) -> None:
    assert found(box).git("config", "no.such", ok=(0, 1)) == b""


def test_large_input_and_output_pass_through(box: GitBox) -> None:
    data = bytes(range(256)) * 4000
    repository = found(box)
    blob = repository.git("hash-object", "-w", "--stdin", stdin=data).decode().strip()
    assert blob == blob_id(data)
    ids = [repository.git("hash-object", "-w", "--stdin", stdin=b"%d" % n).decode().strip() for n in range(3)]
    read = repository.read_blobs([blob, *ids * 3000])
    assert read == {blob: data, ids[0]: b"0", ids[1]: b"1", ids[2]: b"2"}


def test_pathspec_settings_of_the_caller_do_not_reach_git(
    box: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_ICASE_PATHSPECS", "1")
    box.write("f", "x")
    assert set(found(box).working_tree().entries) == {b"f"}


# Names of commits


def test_a_name_resolves_to_a_commit_or_to_nothing(box: GitBox) -> None:
    repository = found(box)
    assert (repository.head(), repository.branch()) == ("", "main")
    first = box.commit("first")
    box.git("tag", "-a", "-m", "one", "v1")
    for name in ("HEAD", "main", "v1", first, first[:8], "HEAD^0"):
        assert repository.resolve(name) == first
    for name in ("nope", "HEAD~7", "--all", "-n", "", "a b", "@{upstream}", "0" * 40, "f" * 40):
        assert repository.resolve(name) == ""
    assert repository.head() == first


def test_a_detached_head_has_no_branch(box: GitBox) -> None:
    box.git("checkout", "-q", box.commit())
    assert found(box).branch() == ""


def test_a_branch_may_have_any_name_git_allows(box: GitBox) -> None:
    box.git("checkout", "-q", "-b", "feature/größe")
    assert found(box).branch() == "feature/größe"


def test_what_is_no_commit_is_no_silent_nothing(box: GitBox) -> None:
    box.write("f", "x")
    box.commit()
    with pytest.raises(SddError, match="HEAD:f names no commit"):
        found(box).resolve("HEAD:f")


def test_a_ref_to_a_missing_commit_is_no_silent_nothing(box: GitBox) -> None:
    commit = box.commit()
    (box.path / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    with pytest.raises(SddError, match="main names no commit, or one that is missing here"):
        found(box).resolve("main")


def test_no_such_commit_is_an_error(box: GitBox) -> None:
    with pytest.raises(SddError, match="there is no commit HEAD in this repository") as caught:
        found(box).commit("HEAD")
    assert caught.value.hint == "git fetch"


# Commits and the index


def test_before_the_first_commit_there_is_the_empty_tree(box: GitBox) -> None:
    repository = found(box)
    assert dict(repository.empty().entries) == dict(repository.index().entries) == {}


def test_modes_and_ids_are_git_s(box: GitBox) -> None:
    box.write("plain", "x")
    box.write("run", "#!/bin/sh\n").chmod(0o755)
    (box.path / "link").symlink_to("plain")
    snapshot = found(box).commit(box.commit())
    assert snapshot.entries == {
        b"plain": Entry(FILE, blob_id(b"x")),
        b"run": Entry(EXECUTABLE, blob_id(b"#!/bin/sh\n")),
        b"link": Entry(LINK, blob_id(b"plain")),
    }
    assert snapshot.read(b"link") == b"plain"
    assert found(box).index().entries == snapshot.entries == dict(found(box).working_tree().entries)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems change or refuse such names")
@pytest.mark.parametrize("quote", ["true", "false"])
def test_any_name_git_can_hold_is_read(box: GitBox, quote: str) -> None:
    box.git("config", "core.quotePath", quote)
    odd_files(box)
    for snapshot in (found(box).working_tree(), found(box).commit(box.commit()), found(box).index()):
        assert snapshot.read_all(snapshot.entries) == {name: b"bytes of " + name for name in ODD}


def test_a_sha256_repository_is_read(tmp_path: Path) -> None:
    box = GitBox.make(tmp_path / "long", "--object-format=sha256")
    box.write("f", "x")
    box.write("empty", "")
    commit = box.commit()
    box.write("new", "y")
    box.write("ita", "z")
    box.git("add", "-N", "ita")
    repository = found(box)
    assert (repository.object_format, len(commit)) == ("sha256", 64)
    assert repository.commit(commit).entries[b"f"] == Entry(FILE, blob_id(b"x", "sha256"))
    assert set(repository.index().entries) == {b"f", b"empty"}
    assert repository.working_tree().entries[b"new"] == Entry(FILE, blob_id(b"y", "sha256"))
    assert repository.resolve("0" * 64) == ""


def test_replace_refs_and_grafts_do_not_count(box: GitBox) -> None:
    box.write("f", "true")
    first = box.commit()
    box.write("f", "false")
    second = box.commit()
    box.git("replace", blob_id(b"true"), blob_id(b"false"))
    box.git("replace", first, second)
    (box.path / ".git" / "info").mkdir(exist_ok=True)
    box.write(".git/info/grafts", f"{second}\n")
    assert box.git("rev-parse", f"{first}^{{tree}}") == box.git("rev-parse", f"{second}^{{tree}}")
    assert found(box).commit(first).read(b"f") == b"true"
    assert found(box).git("rev-list", "--count", second) == b"2\n"


def test_the_index_that_a_hook_is_given_is_the_one_read(box: GitBox) -> None:
    box.write("f", "old")
    box.commit()
    told = "i = Repository.find().index(); print(sorted(i.entries), i.read(b'f'))"
    script = f"from sdd.repository import Repository; {told}"
    hook = box.write(".git/hooks/pre-commit", f'#!/bin/sh\nexec "{sys.executable}" -c "{script}" >seen\n')
    hook.chmod(0o755)
    box.write("staged", "elsewhere")
    box.git("add", "staged")
    box.write("f", "new")
    box.git("commit", "-q", "-m", "only f", "f")
    assert box.read("seen") == "[b'f'] b'new'\n"


def test_a_server_s_hook_reads_what_it_has_not_yet_accepted(box: GitBox, tmp_path: Path) -> None:
    box.write("f", "x")
    server = GitBox.make(tmp_path / "server.git", "--bare")
    told = "r = Repository.find(); print(bool(r.root), r.commit(sys.stdin.read().split()[1]).read(b'f'))"
    script = f"import sys; from sdd.repository import Repository; {told}"
    hook = server.write("hooks/pre-receive", f'#!/bin/sh\nexec "{sys.executable}" -c "{script}" >seen\n')
    hook.chmod(0o755)
    box.commit()
    box.git("push", "-q", str(server.path), "main")
    assert server.read("seen") == "False b'x'\n"


def test_an_intent_to_add_is_not_in_the_index_yet_but_on_disk(box: GitBox) -> None:
    box.write("intended", "")
    box.git("add", "-N", "intended")
    box.write("empty", "")
    box.git("add", "empty")
    assert set(found(box).index().entries) == {b"empty"}
    assert set(found(box).working_tree().entries) == {b"empty", b"intended"}
    box.write("intended", "x")
    assert found(box).working_tree().entries[b"intended"] == Entry(FILE, blob_id(b"x"))


def test_a_conflict_is_named_and_has_no_entry(box: GitBox) -> None:
    box.write("f", "one\n")
    box.write("g", "same\n")
    box.commit()
    box.git("checkout", "-q", "-b", "side")
    box.write("f", "two\n")
    box.commit()
    box.git("checkout", "-q", "main")
    box.write("f", "three\n")
    box.commit()
    with pytest.raises(AssertionError, match="ended with 1"):
        box.git("merge", "-q", "side")
    repository = found(box)
    assert repository.unmerged() == [b"f"]
    assert set(repository.index().entries) == {b"g"}
    tree = repository.working_tree()
    assert tree.read(b"f") == b"<<<<<<< HEAD\nthree\n=======\ntwo\n>>>>>>> side\n"
    assert tree.blob(b"f") == blob_id(tree.read(b"f"))


def test_a_tree_that_holds_a_path_twice_is_refused(box: GitBox) -> None:
    repository = found(box)
    ids = [
        repository.git("hash-object", "-w", "--stdin", stdin=data).decode().strip() for data in (b"a", b"b")
    ]
    tree = b"".join(b"100644 f\0" + bytes.fromhex(one) for one in ids)
    args = ("hash-object", "-t", "tree", "-w", "--stdin", "--literally")
    tree_id = repository.git(*args, stdin=tree).decode().strip()
    commit = box.git("commit-tree", "-m", "bad", tree_id)
    with pytest.raises(SddError, match="holds f twice"):
        repository.commit(commit)


# Blobs


def test_a_missing_blob_is_an_error_and_not_nothing(box: GitBox) -> None:
    with pytest.raises(SddError, match=r"blob f{40} cannot be read: missing"):
        found(box).read_blobs(["f" * 40])


def test_what_is_no_blob_is_an_error(box: GitBox) -> None:
    commit = box.commit()
    with pytest.raises(SddError, match="cannot be read: commit"):
        found(box).read_blobs([commit])


def test_nothing_asked_is_nothing_read(box: GitBox) -> None:
    assert found(box).read_blobs([]) == {}
    assert found(box).is_ignored([]) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_ignored_paths_are_told_apart(box: GitBox) -> None:
    box.write(".gitignore", b"*.log\nb\xff\n")
    box.write("kept.log", "")
    box.git("add", "-f", "kept.log")
    paths = [b"a.log", b"kept.log", b"x.md", b"b\xff", b"new\nline.log", b":(top)x.log", b"*.md"]
    assert found(box).is_ignored(paths) == {b"a.log", b"b\xff", b"new\nline.log", b":(top)x.log"}
    assert found(box).is_ignored([b"x.md"]) == set()


# Submodules


def with_submodule(box: GitBox, tmp_path: Path) -> str:
    other = GitBox.make(tmp_path / "other")
    other.write("inside", "x")
    commit = other.commit()
    box.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "sub")
    box.commit()
    return commit


def test_a_submodule_is_an_entry_without_bytes(box: GitBox, tmp_path: Path) -> None:
    commit = with_submodule(box, tmp_path)
    repository = found(box)
    for snapshot in (repository.commit("HEAD"), repository.index(), repository.working_tree()):
        assert snapshot.entries[b"sub"] == Entry(SUBMODULE, commit)
        with pytest.raises(SddError, match=r"sub in .* is a submodule"):
            snapshot.read_all([b".gitmodules", b"sub"])
    assert Repository.find(str(box.path / "sub")).root == str(box.path.resolve() / "sub")


def test_a_submodule_with_another_commit_checked_out_differs(box: GitBox, tmp_path: Path) -> None:
    with_submodule(box, tmp_path)
    commit = GitBox(box.path / "sub").commit("more")
    tree = found(box).working_tree()
    assert tree.entries[b"sub"] == Entry(SUBMODULE, commit)
    with pytest.raises(SddError, match="sub cannot be read"):
        tree.read(b"sub")


def test_a_repository_within_is_an_entry_and_not_looked_into(box: GitBox) -> None:
    GitBox.make(box.path / "nested").write("hidden", "x")
    assert dict(found(box).working_tree().entries) == {b"nested": Entry(SUBMODULE, "0" * 40)}


# The working tree


def test_the_working_tree_is_what_lies_there(box: GitBox) -> None:
    box.write(".gitignore", "*.log\n")
    for name in ("same", "changed", "deleted", "staged/only", "mode"):
        box.write(name, "before")
    box.commit()
    box.write("changed", "after!")
    (box.path / "deleted").unlink()
    (box.path / "mode").chmod(0o755)
    box.write("untracked", "u")
    box.write("a.log", "ignored")
    tree = found(box).working_tree()
    before, after = blob_id(b"before"), blob_id(b"after!")
    assert dict(tree.entries) == {
        b".gitignore": Entry(FILE, blob_id(b"*.log\n")),
        b"same": Entry(FILE, before),
        b"changed": Entry(FILE, after),
        b"staged/only": Entry(FILE, before),
        b"mode": Entry(EXECUTABLE, before),
        b"untracked": Entry(FILE, blob_id(b"u")),
    }
    assert tree.read_all([b"same", b"changed", b"untracked"]) == {
        b"same": b"before",
        b"changed": b"after!",
        b"untracked": b"u",
    }
    assert len(tree.entries) == 6
    assert isinstance(tree.entries, Overlay)
    assert len(tree.entries.kept) == 3
    assert b"deleted" not in tree
    assert b"untracked" in tree
    with pytest.raises(KeyError):
        tree.entries[b"deleted"]


@pytest.mark.parametrize(("setting", "value"), [("core.trustctime", "false"), ("core.checkStat", "minimal")])
def test_a_file_set_back_in_time_is_seen(box: GitBox, setting: str, value: str) -> None:
    path = box.write("f", "old")
    long_ago = (1_700_000_000, 1_700_000_000)
    os.utime(path, long_ago)
    box.commit()
    box.git("config", setting, value)
    if setting == "core.trustctime":
        an_hour_earlier(box.path / ".git" / "index")
        box.write("f", "new")
    else:
        box.write("other", "new").replace(path)  # another inode
    os.utime(path, long_ago)
    assert box.git("status", "--porcelain") == ""
    assert found(box).working_tree().read(b"f") == b"new"


def an_hour_earlier(index: Path) -> None:
    """Set the change time of an index's first entry back, as if the commit were that old."""
    data = bytearray(index.read_bytes()[:-20])
    data[12:16] = (int.from_bytes(data[12:16]) - 3600).to_bytes(4)
    index.write_bytes(data + hashlib.sha1(data, usedforsecurity=False).digest())


def test_assume_unchanged_is_not_believed(box: GitBox) -> None:
    box.write("f", "old")
    box.write("gone", "old")
    box.commit()
    box.git("update-index", "--assume-unchanged", "f", "gone")
    box.write("f", "new")
    (box.path / "gone").unlink()
    assert box.git("status", "--porcelain") == ""
    assert dict(found(box).working_tree().entries) == {b"f": Entry(FILE, blob_id(b"new"))}


def test_a_file_left_out_of_a_sparse_checkout_counts_until_it_is_there(box: GitBox) -> None:
    box.write("kept/f", "x")
    box.write("left/g", "y")
    box.commit()
    box.git("sparse-checkout", "set", "kept")
    assert not (box.path / "left").exists()
    assert found(box).working_tree().read(b"left/g") == b"y"
    box.git("sparse-checkout", "disable")
    box.git("update-index", "--skip-worktree", "left/g")
    box.write("left/g", "changed")
    assert found(box).working_tree().read(b"left/g") == b"changed"


def test_an_fsmonitor_is_not_asked(box: GitBox) -> None:
    box.write("f", "old")
    box.commit()
    asked = box.path.parent / "asked"
    hook = box.write("../monitor", f'#!/bin/sh\ntouch "{asked}"\nprintf "token\\0"\n')
    hook.chmod(0o755)
    box.git("config", "core.fsmonitor", str(hook))
    box.git("status")
    assert asked.exists()
    asked.unlink()
    box.write("f", "new")
    assert found(box).working_tree().read(b"f") == b"new"
    assert not asked.exists()


def test_no_link_is_followed(box: GitBox, tmp_path: Path) -> None:
    box.write("docs/a.md", "x")
    box.write("plain", "x")
    box.commit()
    (box.path / "docs").rename(tmp_path / "elsewhere")
    (box.path / "docs").symlink_to(tmp_path / "elsewhere")
    (box.path / "plain").unlink()
    (box.path / "plain").symlink_to("/etc/hostname")
    (box.path / "loop").symlink_to("loop")
    tree = found(box).working_tree()
    assert {path: entry.mode for path, entry in tree.entries.items()} == dict.fromkeys(
        (b"docs", b"plain", b"loop"), LINK
    )
    assert tree.read(b"plain") == b"/etc/hostname"
    assert tree.blob(b"plain") == blob_id(b"/etc/hostname")


def test_a_folder_or_a_pipe_in_a_file_s_place_is_no_file(box: GitBox) -> None:
    box.write("folder", "x")
    box.write("pipe", "x")
    box.write("file/below", "x")
    box.commit()
    for name in ("folder", "pipe", "file/below"):
        (box.path / name).unlink()
    (box.path / "file").rmdir()
    box.write("file", "now a file")
    box.write("folder/below", "y")
    os.mkfifo(box.path / "pipe")
    assert set(found(box).working_tree().entries) == {b"folder/below", b"file"}


def test_line_ends_that_git_converts_do_not_look_changed(box: GitBox) -> None:
    box.git("config", "core.autocrlf", "true")
    box.write("f", "one\r\ntwo\r\n")
    box.commit()
    tree = found(box).working_tree()
    assert tree.entries[b"f"] == found(box).commit("HEAD").entries[b"f"]
    assert tree.read(b"f") == b"one\ntwo\n"
    os.utime(box.path / "f", (1, 1))
    assert found(box).working_tree().read(b"f") == b"one\ntwo\n"
    box.write("f", "one\r\nthree\r\n")
    tree = found(box).working_tree()
    assert tree.read(b"f") == b"one\r\nthree\r\n"
    assert tree.blob(b"f") == blob_id(tree.read(b"f"))


def test_a_disk_without_executables_and_links_keeps_the_modes_of_the_index(box: GitBox) -> None:
    box.write("run", "x").chmod(0o755)
    box.write("plain", "x")
    (box.path / "link").symlink_to("target")
    box.commit()
    box.git("config", "core.fileMode", "false")
    box.git("config", "core.symlinks", "false")
    box.write("run", "y").chmod(0o644)
    box.write("plain", "y").chmod(0o755)
    (box.path / "link").unlink()
    box.write("link", "other")
    tree = found(box).working_tree()
    assert dict(tree.entries) == {
        b"run": Entry(EXECUTABLE, blob_id(b"y")),
        b"plain": Entry(FILE, blob_id(b"y")),
        b"link": Entry(LINK, blob_id(b"other")),
    }


def test_bytes_and_id_of_a_changed_file_are_of_one_moment(box: GitBox) -> None:
    box.write("f", "first")
    box.write("gone", "x")
    tree = found(box).working_tree()
    assert tree.blob(b"f") == blob_id(b"first")
    box.write("f", "second")
    (box.path / "gone").unlink()
    assert tree.read(b"f") == b"first"
    with pytest.raises(SddError, match="gone cannot be read: it is gone") as caught:
        tree.read(b"gone")
    assert caught.value.hint == "run the command again"


def test_an_unchanged_file_that_changes_meanwhile_reads_as_it_was(box: GitBox) -> None:
    box.write("f", "first")
    box.commit()
    tree = found(box).working_tree()
    box.write("f", "second")
    assert tree.read(b"f") == b"first"


def test_an_object_whose_file_was_overwritten_is_never_believed(box: GitBox) -> None:
    box.write("a.txt", "one\n")
    box.commit("One")
    good = box.git("rev-parse", "HEAD:a.txt")
    other = box.git("hash-object", "-w", "--stdin", stdin="two\n")
    objects = box.path / ".git/objects"
    place = objects / good[:2] / good[2:]
    place.chmod(0o644)
    place.write_bytes((objects / other[:2] / other[2:]).read_bytes())
    with pytest.raises(SddError, match="holds other bytes than its id says"):
        Repository.find(str(box.path)).commit("HEAD").read(b"a.txt")


@pytest.mark.parametrize("committed", [False, True])
def test_what_was_begun_below_the_top_is_asked_again(
    box: GitBox, monkeypatch: pytest.MonkeyPatch, *, committed: bool
) -> None:
    box.write("a.md", "")
    box.write("sub/b.md", "")
    if committed:
        box.commit()
    box.path.joinpath("sub/.git").mkdir()  # it looks like the top, and git knows better
    monkeypatch.chdir(box.path / "sub")
    found = Repository.find(begun=Begun(*SCAN))
    assert set(found.working_tree().entries) == {b"a.md", b"sub/b.md"}
