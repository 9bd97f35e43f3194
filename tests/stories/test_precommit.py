"""sdd under pre-commit and prek, installed for real, at real commits; with what `sdd init` writes, and with the manifest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gitbox import GitBox, Result, _run, installed
from hooked import path_with_sdd, tried
from sdd.githooks.configuration import fresh
from shop import CODE, begun, files, put

ROOT = Path(__file__).parent.parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
TYPES = ("pre-commit", "pre-merge-commit", "commit-msg", "pre-push")
SESSION = "---\nkind: change\n---\n# Fix\n\n## Goal\n\nx\n\n## Checklist\n\n- [ ] y\n"
posix_only = pytest.mark.skipif(os.name == "nt", reason="its script is written for a POSIX shell")
RUNNERS = pytest.mark.parametrize("runner", ["pre-commit", "prek"])


def manifest() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(MANIFEST)
    return found


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", path_with_sdd())
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))


@pytest.fixture(scope="module")
def template(begun_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a session and its tracker, and with the configuration, on a branch `work`."""
    folder = tmp_path_factory.mktemp("precommit") / "shop"
    box = GitBox(Path(shutil.copytree(begun_repository, folder)))
    box.write("sessions/03-cart.md", SESSION)
    box.sdd("tracker")
    box.sdd("init", "--hooks", "pre-commit")
    shutil.rmtree(box.path / ".git/hooks")  # each test installs its own
    box.commit("Add a session")
    return folder


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> GitBox:
    return GitBox(Path(shutil.copytree(template, tmp_path / "shop")))


def run(box: GitBox, runner: str, *args: str) -> Result:
    return _run([str(installed(runner)), *args], box.path, None, None)


def use(box: GitBox, runner: str) -> None:
    """Install all hooks of the configuration, as a person would."""
    done = run(box, runner, "install")
    assert done.code == 0, done.out + done.err
    assert {path.name for path in (box.path / ".git/hooks").iterdir()} == set(TYPES)


def told(done: Result) -> str:
    return done.out + done.err


def stale(box: GitBox) -> None:
    """Edit the session so that its tracker no longer says what it says."""
    box.write("sessions/03-cart.md", SESSION.replace("# Fix", "# Mend"))


def state(box: GitBox) -> tuple[str, dict[str, bytes]]:
    """The index, and every file on disk."""
    disk = {
        str(path.relative_to(box.path)): path.read_bytes()
        for path in box.path.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(box.path).parts
    }
    return box.git("ls-files", "-s"), disk


@RUNNERS
def test_a_commit_goes_through_and_gets_its_trailer(shop: GitBox, runner: str) -> None:
    use(shop, runner)
    stale(shop)
    shop.git("add", "sessions")
    shop.sdd("tracker", "--stage")
    shop.git("commit", "-q", "-m", "Mend")
    assert shop.git("log", "-1", "--format=%(trailers:key=Sdd-Session,valueonly)").strip() == "03-cart"


@RUNNERS
def test_a_stale_tracker_is_told_and_never_written(shop: GitBox, runner: str) -> None:
    use(shop, runner)
    stale(shop)
    shop.git("add", "sessions")
    before = state(shop)
    refused = tried(shop, "commit", "-m", "Mend")
    assert refused.code == 1
    assert "SDD2" in told(refused)
    assert "sdd tracker --stage" in told(refused)
    assert state(shop) == before


@RUNNERS
def test_what_is_not_staged_neither_saves_nor_breaks_a_commit(shop: GitBox, runner: str) -> None:
    """The tracker on disk is fresh, the one in the index is not; and the other way round, with half of a file staged."""
    use(shop, runner)
    stale(shop)
    shop.git("add", "sessions")
    shop.sdd("tracker")
    before = state(shop)
    assert "SDD2" in told(tried(shop, "commit", "-m", "Mend"))
    assert state(shop) == before
    shop.git("add", "docs/tracker.md")
    shop.write("docs/tracker.md", "scribbled\n")
    shop.write("sessions/03-cart.md", "broken\n")
    before = state(shop)
    shop.git("commit", "-q", "-m", "Mend")
    assert state(shop) == before


@RUNNERS
@pytest.mark.parametrize("args", [("-a",), ("sessions",), ("--amend", "-i", "sessions")])
def test_the_index_that_git_makes_for_one_commit_is_judged(
    shop: GitBox, runner: str, args: tuple[str, ...]
) -> None:
    """`git commit -a` and `git commit PATH` have an index of their own, which is not the one in the git directory."""
    use(shop, runner)
    stale(shop)
    before = state(shop)
    refused = tried(shop, "commit", "-m", "Mend", *args)
    assert refused.code == 1
    assert "SDD2" in told(refused)
    assert state(shop) == before
    shop.sdd("tracker")
    shop.git("commit", "-q", "-a", "-m", "Mend")


@RUNNERS
def test_run_judges_the_index_and_manual_all_of_it(shop: GitBox, runner: str) -> None:
    assert run(shop, runner, "run").code == 0
    assert run(shop, runner, "run", "--all-files", "--hook-stage", "manual").code == 0
    stale(shop)
    shop.git("add", "sessions")
    assert run(shop, runner, "run", "sdd").code == 1
    assert "SDD2" in told(run(shop, runner, "run", "--all-files", "--hook-stage", "manual"))


@RUNNERS
def test_deletions_are_judged_though_they_leave_no_file_name(shop: GitBox, runner: str) -> None:
    use(shop, runner)
    shop.git("rm", "-q", "docs/tracker.md")
    assert "SDD2" in told(tried(shop, "commit", "-m", "Drop"))


@RUNNERS
def test_a_clean_merge_is_judged_by_the_paths_that_are_its_own(shop: GitBox, runner: str) -> None:
    use(shop, runner)
    shop.git("switch", "-q", "-c", "side")
    shop.write("README.md", "x")
    shop.commit("Read me")
    shop.git("switch", "-q", "main")
    shop.write("NOTES.md", "x")
    shop.commit("Note")
    shop.git("merge", "-q", "--no-edit", "side")
    shop.git("switch", "-q", "-c", "bad")
    stale(shop)
    shop.git("commit", "-q", "--no-verify", "-a", "-m", "Mend")
    shop.git("switch", "-q", "main")
    shop.write("NOTES.md", "y")
    shop.commit("Note")
    refused = tried(shop, "merge", "--no-edit", "bad")
    assert refused.code != 0
    assert "SDD2" in told(refused)


@RUNNERS
def test_a_push_is_judged(box: GitBox, tmp_path: Path, runner: str) -> None:
    GitBox.make(tmp_path / "remote.git", "--bare")
    box.git("remote", "add", "origin", "../remote.git")
    put(box, files(begun()))
    box.git("push", "-q", "origin", "main")
    box.write(".pre-commit-config.yaml", fresh())
    box.git("add", ".pre-commit-config.yaml")
    use(box, runner)
    box.git("switch", "-q", "-c", "work")
    box.commit("Set up")
    assert tried(box, "push", "origin", "work").code == 0
    box.write(CODE, "early\n")
    box.git("add", "-A")
    box.git("commit", "-q", "--no-verify", "-m", "Early")
    refused = tried(box, "push", "origin", "work")
    assert refused.code != 0
    assert "SDD401" in told(refused)


def test_the_manifest_is_valid_and_as_cheap_as_it_can_be() -> None:
    done = subprocess.run(
        [installed("pre-commit"), "validate-manifest", MANIFEST], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout
    for hook in manifest():
        assert hook["language"] == "python"
        assert (hook["always_run"], hook["require_serial"]) == (True, True)
        assert hook["minimum_pre_commit_version"] == "3.2.0"
    assert {hook["id"]: hook["stages"] for hook in manifest()} == {
        "sdd": ["pre-commit", "pre-merge-commit", "manual"],
        "sdd-commit-msg": ["commit-msg"],
        "sdd-push": ["pre-push"],
    }


def test_try_repo_installs_sdd_from_its_source(shop: GitBox, tmp_path: Path) -> None:
    source = GitBox.make(tmp_path / "sdd")
    for name in ("src", "pyproject.toml", "README.md", "LICENSE", MANIFEST.name):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source.path / name)
    source.commit("All of it")
    stale(shop)
    shop.git("add", "sessions")
    tried_it = run(shop, "pre-commit", "try-repo", str(source.path), "sdd")
    if "No matching distribution" in told(tried_it) or "NewConnectionError" in told(tried_it):
        pytest.skip("pip reaches no index here, and pre-commit installs sdd with pip")
    assert tried_it.code == 1, told(tried_it)
    assert "docs/tracker.md" in told(tried_it)
    assert "SDD2" in told(tried_it)


@posix_only
def test_the_modules_of_a_repository_are_kept_from_pre_commit_itself_by_a_variable(shop: GitBox) -> None:
    """Its own script starts `python -mpre_commit`, which would import what lies at the top; docs/how-to/pre-commit.md says so."""
    use(shop, "pre-commit")
    shop.write("yaml.py", 'raise SystemExit("tripped")\n')
    shop.git("add", "-A")
    assert "tripped" in told(tried(shop, "commit", "-m", "x"))
    assert tried(shop, "commit", "-m", "x", PYTHONSAFEPATH="1").code == 0
