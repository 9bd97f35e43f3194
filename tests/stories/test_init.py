"""`sdd init` in real repositories: what it writes, what it leaves, and how a second person joins."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path
from runpy import run_path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbox import GitBox
from hooked import path_with_sdd
from sdd.cli.init import ATTRIBUTES, _attributes, is_outdated
from sdd.cli.proposed import policy_text, settings_text
from sdd.gates.policy import Policy, read
from sdd.globs import matches
from sdd.repository import Repository
from sdd.sessions.process import SHIPPED, shipped, shipped_versions
from sdd.settings import read as read_settings
from sdd.snapshot import in_memory

EMAIL = "alice@example.org"
HOOKS = ("pre-commit", "pre-merge-commit")
ONLY_FILES = ("--hooks", "none")
SPEC_TEMPLATE = "sessions/templates/product-spec.md"


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks that pre-commit runs start sdd by its name."""
    monkeypatch.setenv("PATH", path_with_sdd())


@pytest.fixture
def mine(box: GitBox) -> GitBox:
    """An empty repository whose user git knows."""
    box.git("config", "user.email", EMAIL)
    return box


def policy(box: GitBox) -> Policy:
    return read(box.read_bytes(".sdd/policy.toml"))


def files(box: GitBox) -> dict[str, bytes]:
    """All files outside of git's own folder, with their bytes."""
    found = (path for path in box.path.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(box.path).as_posix(): path.read_bytes() for path in found}


def wrote(out: str) -> set[str]:
    return {line.removeprefix("wrote ") for line in out.splitlines() if line.startswith("wrote ")}


def test_an_empty_repository_gets_few_files_and_hears_which(mine: GitBox) -> None:
    told = mine.sdd("init").out
    templates = {f"sessions/templates/{kind}.md" for kind in shipped()}
    others = {".sdd/policy.toml", ".gitattributes", ".pre-commit-config.yaml"}
    assert set(files(mine)) == {"sdd.toml", *others, *templates}
    assert wrote(told) == set(files(mine))
    assert f"Approvals are up to {EMAIL}; they are recorded, not proven" in told
    assert "git add sdd.toml sessions .gitattributes .pre-commit-config.yaml .sdd && git commit" in told
    assert policy(mine).mode == "enforce"
    assert policy(mine).project == "project"
    assert mine.sdd("check").code == 0


def test_the_command_that_it_ends_with_can_be_pasted(mine: GitBox) -> None:
    told = mine.sdd("init").out
    line = next(line for line in told.splitlines() if line.startswith("Next: "))
    subprocess.run(["sh", "-c", line.removeprefix("Next: ")], cwd=mine.path, check=True, capture_output=True)
    assert mine.git("status", "--porcelain") == ""


def test_a_second_init_changes_nothing(mine: GitBox) -> None:
    mine.sdd("init")
    before = files(mine)
    told = mine.sdd("init").out
    assert files(mine) == before
    assert told.startswith("this repository has sdd already: joined, no tracked file was changed")


def test_a_killed_init_is_done_again(mine: GitBox) -> None:
    mine.sdd("init")
    (mine.path / ".sdd/policy.toml").unlink()
    mine.write(SPEC_TEMPLATE, "mine\n")
    assert wrote(mine.sdd("init").out) == {".sdd/policy.toml"}
    assert mine.read(SPEC_TEMPLATE) == "mine\n"


@pytest.mark.parametrize("email", ["", "Alice <alice@example.org>", "no-address"])
def test_without_an_email_nobody_could_approve(box: GitBox, email: str) -> None:
    if email:
        box.git("config", "user.email", email)
    told = box.sdd("init", check=2).err
    assert "e-mail" in told
    assert "git config user.email you@example.org" in told
    assert files(box) == {}


def test_outside_of_a_repository_it_says_git_init(tmp_path: Path) -> None:
    told = GitBox(tmp_path).sdd("init", check=2).err
    assert told == "sdd: the current folder is not in a git repository\n  → git init\n"


def test_a_bare_repository_has_nowhere_to_write(tmp_path: Path) -> None:
    bare = GitBox.make(tmp_path / "bare.git", "--bare")
    assert "no working tree" in bare.sdd("init", check=2).err


def test_from_a_subfolder_all_is_written_at_the_top(mine: GitBox) -> None:
    mine.write("deep/er/x.txt", "x")
    GitBox(mine.path / "deep/er").sdd("init")
    assert (mine.path / "sdd.toml").is_file()
    assert not (mine.path / "deep/er/sdd.toml").exists()


def proposed(box: GitBox) -> Policy:
    """The policy that `sdd init` would write here."""
    found = Repository.find(str(box.path))
    return read(policy_text(found, found.working_tree()).encode())


def test_a_worktree_gets_its_files_and_the_clones_hooks(mine: GitBox, tmp_path: Path) -> None:
    mine.commit("First")
    mine.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "side")
    tree = GitBox(tmp_path / "other")
    tree.sdd("init")
    assert policy(tree).project == "project"  # the main working tree's name, not the worktree's
    assert policy(tree).protected == ("refs/heads/main",)
    assert all((mine.path / ".git/hooks" / name).is_file() for name in HOOKS)


def test_a_bare_repository_with_worktrees_names_the_project(tmp_path: Path) -> None:
    source = GitBox.make(tmp_path / "source")
    source.commit("First")
    source.git("clone", "-q", "--bare", str(source.path), str(tmp_path / "Läden & Co.git"))
    bare = GitBox(tmp_path / "Läden & Co.git")
    bare.git("config", "user.email", EMAIL)
    bare.git("worktree", "add", "-q", str(tmp_path / "tree"), "main")
    assert proposed(GitBox(tmp_path / "tree")).project == "läden---co"


def test_a_folder_without_letters_is_a_project_all_the_same(tmp_path: Path) -> None:
    box = GitBox.make(tmp_path / "---")
    box.git("config", "user.email", EMAIL)
    assert proposed(box).project == "project"


LINE = ATTRIBUTES.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", LINE + b"\n"),
        (b"*.png binary\n", b"*.png binary\n" + LINE + b"\n"),
        (b"*.png binary", b"*.png binary\n" + LINE + b"\n"),
        (b"*.png binary\r\n", b"*.png binary\r\n" + LINE + b"\r\n"),
        (b"\xff x\n", b"\xff x\n" + LINE + b"\n"),
        (LINE + b"\r\n*.md text\r\n", None),
    ],
)
def test_attributes_that_were_there_stay(before: bytes, after: bytes | None) -> None:
    assert [file.data for file in _attributes(before)] == ([] if after is None else [after])


def test_a_file_of_attributes_is_added_to(mine: GitBox) -> None:
    mine.write(".gitattributes", "*.png binary")
    mine.sdd("init", *ONLY_FILES)
    assert mine.read(".gitattributes") == f"*.png binary\n{ATTRIBUTES}\n"


@pytest.mark.parametrize("place", [".gitattributes", "sdd.toml", ".sdd"])
def test_a_link_in_the_way_is_refused_before_anything_is_written(mine: GitBox, place: str) -> None:
    target = mine.path.parent / "elsewhere"
    target.mkdir()
    (mine.path / place).symlink_to(target)
    told = mine.sdd("init", check=1).err
    assert "is a link" in told
    assert list(target.iterdir()) == []
    assert not (mine.path / "sessions").exists()


def test_a_folder_in_the_way_is_refused(mine: GitBox) -> None:
    mine.write("sdd.toml/x", "")
    assert "is a folder" in mine.sdd("init", check=1).err


def test_files_that_git_ignores_are_not_overwritten(mine: GitBox) -> None:
    mine.write(".gitignore", "sdd.toml\nsessions/\n")
    mine.write("sdd.toml", "format = 1\n")
    mine.write(SPEC_TEMPLATE, "mine\n")
    mine.sdd("init", *ONLY_FILES)
    assert mine.read("sdd.toml") == "format = 1\n"
    assert mine.read(SPEC_TEMPLATE) == "mine\n"


def test_code_that_is_there_makes_it_begin_by_reporting(mine: GitBox) -> None:
    mine.write("src/shop/cart.py", "x = 1\n")
    mine.write("tests/test_cart.py", "import pytest\n")
    told = mine.sdd("init").out
    assert 'mode = "report"' in told
    assert policy(mine).mode == "report"
    assert policy(mine).code[0].paths == ("src/**",)
    assert 'commands = ["python -m pytest -q"]' in mine.read("sdd.toml")


@pytest.mark.parametrize(
    ("folder", "glob"),
    [("a{b}", "a?b}/**"), ("!a", "?a/**"), ("back\\slash", "back?slash/**"), ("ä ö", "ä ö/**")],
)
def test_code_in_an_odd_folder_is_governed_all_the_same(mine: GitBox, folder: str, glob: str) -> None:
    mine.write(f"{folder}/x.py", "x = 1\n")
    assert proposed(mine).code[0].paths == (glob,)
    assert matches(glob, f"{folder}/x.py".encode())


def test_the_protected_branch_is_the_remotes(mine: GitBox, tmp_path: Path) -> None:
    mine.commit("First")
    mine.git("branch", "-m", "trunk")
    mine.git("clone", "-q", str(mine.path), str(tmp_path / "clone"))
    clone = GitBox(tmp_path / "clone")
    clone.git("config", "user.email", EMAIL)
    clone.git("checkout", "-q", "-b", "add-sdd")
    assert proposed(clone).protected == ("refs/heads/trunk",)


@pytest.mark.parametrize(
    ("setup", "branch"),
    [
        (["branch", "-m", "develop"], "develop"),
        (["checkout", "-q", "-b", "side"], "main"),
        (["checkout", "-q", "--detach"], "main"),
    ],
)
def test_without_a_remote_it_is_main_or_where_we_are(mine: GitBox, setup: list[str], branch: str) -> None:
    mine.commit("First")
    mine.git(*setup)
    assert proposed(mine).protected == (f"refs/heads/{branch}",)


def test_a_branch_that_no_policy_can_name_is_told_of(mine: GitBox) -> None:
    mine.git("checkout", "-q", "-b", "a\u0085b")
    assert "protected" in mine.sdd("init", check=2).err
    assert files(mine) == {}


@given(st.lists(st.sampled_from(["Makefile", "pytest.ini", "Cargo.toml", 'a "b"/x.py', "go.mod", "x.py"])))
def test_the_settings_that_it_writes_can_be_read(names: list[str]) -> None:
    text = settings_text(in_memory({name.encode(): b"test:\n" for name in names}))
    assert read_settings(text.encode()).verify.fixes == 3


def test_update_brings_what_nobody_changed_and_shows_the_rest(begun: GitBox) -> None:
    older, newer = "sessions/templates/testing.md", "sessions/templates/change.md"
    begun.write(SPEC_TEMPLATE, begun.read(SPEC_TEMPLATE) + "Our own rule.\n")
    begun.write(newer, begun.read(newer).replace("\n", "\r\n"))
    (begun.path / older).unlink()
    before = files(begun)
    told = begun.sdd("init", "--update", *ONLY_FILES).out
    assert wrote(told) == {older}
    assert begun.read_bytes(older) == shipped()["testing"]
    assert "-Our own rule." in told
    assert f"{SPEC_TEMPLATE} was changed here, and is left as it is" in told
    assert "1 file updated, 1 left as they are" in told
    assert {path: data for path, data in files(begun).items() if path != older} == before


def test_a_template_is_outdated_if_it_is_missing_or_as_an_earlier_sdd_brought_it() -> None:
    known = frozenset({sha256(b"older\n").hexdigest()})
    assert is_outdated(None, b"new\n", known)
    assert is_outdated(b"older\r\n", b"new\n", known)
    assert not is_outdated(b"mine\n", b"new\n", known)
    assert not is_outdated(b"new\r\n", b"new\n", known)


def test_an_update_of_nothing_says_so(begun: GitBox) -> None:
    assert "0 files updated, 0 left as they are" in begun.sdd("init", "--update").out


def test_every_template_that_ships_is_in_the_list_of_versions() -> None:
    missing = [kind for kind, data in shipped().items() if sha256(data).hexdigest() not in shipped_versions()]
    assert missing == [], "run tools/template_versions.py"


def test_the_list_of_versions_is_in_order() -> None:
    lines = (Path(SHIPPED) / "versions.txt").read_text("utf-8").splitlines()[1:]
    assert all(len(line.split()) == 2 and len(line.split()[0]) == 64 for line in lines)
    assert len(set(lines)) == len(lines)


def test_new_versions_are_noted_at_the_end_and_nothing_is_taken_out(tmp_path: Path) -> None:
    note = run_path(str(Path(__file__).parents[2] / "tools" / "template_versions.py"))["main"]
    (tmp_path / "versions.txt").write_text("# versions\nabc gone\n", "utf-8")
    (tmp_path / "testing.md").write_bytes(b"x\r\n")
    note(tmp_path)
    once = (tmp_path / "versions.txt").read_text("utf-8")
    assert once == f"# versions\nabc gone\n{sha256(b'x' + bytes([10])).hexdigest()} testing\n"
    note(tmp_path)
    assert (tmp_path / "versions.txt").read_text("utf-8") == once


def test_init_sets_an_agent_up_and_takes_it_away_again(box: GitBox) -> None:
    box.git("config", "user.email", "alice@example.org")
    box.sdd("init", "--agent", "claude", "--hooks", "none")
    assert "sdd" in box.read(".claude/settings.json")
    told = box.sdd("init", "--remove-agent", "claude", "--hooks", "none").out
    assert "removed .claude/settings.json" in told
    assert "no tracked file was changed" not in told
    assert not (box.path / ".claude").exists()
