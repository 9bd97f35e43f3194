"""How `sdd init` has git ask sdd in a clone, which way it chooses, and what `sdd doctor` says of it: with the real programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import inside
from gitbox import GitBox, Result, _run, installed
from hooked import path_with_sdd, tried
from sdd.githooks.clone import MARK, version_of
from sdd.githooks.configuration import BLOCK, DOORS, TOML, fresh

CONFIG = ".pre-commit-config.yaml"
ALL = ", ".join(DOORS)
TYPES = " ".join(f"-t {door}" for door in DOORS)
OURS = f"pre-commit install --allow-missing-config {TYPES}"
LINT = """\
# our own
repos:
-   repo: local   # no network
    hooks:
    -   {id: lint, name: lint, entry: touch linted, language: system, always_run: true, pass_filenames: false}
"""
posix_only = pytest.mark.skipif(os.name == "nt", reason="scripts stand in for programs")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", path_with_sdd())
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    monkeypatch.setattr(
        sys, "argv", [str(installed("sdd"))]
    )  # as in the real process: native scripts call it by its path


@pytest.fixture
def mine(box: GitBox) -> GitBox:
    """An empty repository whose user git knows."""
    box.git("config", "user.email", "alice@example.org")
    return box


@pytest.fixture(scope="session")
def bare(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sdd beside which there is no pre-commit: an environment that borrows all libraries."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    scripts = folder / "bin"
    (packages,) = folder.glob("lib/*/site-packages")
    (packages / "all.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    script = installed("sdd").read_text("utf-8").partition("\n")[2]
    (scripts / "sdd").write_text(f"#!{scripts / 'python'}\n{script}", "utf-8")
    (scripts / "sdd").chmod(0o755)
    return scripts


@pytest.fixture
def without_frameworks(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which neither pre-commit nor prek is to be found; its folder of programs."""
    monkeypatch.setenv("PATH", f"{bare}{os.pathsep}{os.defpath}")
    return bare


def run(box: GitBox, *argv: str) -> Result:
    """A program of this PATH, whatever it ended with."""
    return _run([*argv], box.path, None, None)


def sdd(box: GitBox, *args: str, check: int = 0) -> Result:
    """The sdd of this PATH: if that is the installed one, or none, in this process."""
    found = shutil.which("sdd")
    if found in {None, str(installed("sdd"))}:
        return inside.sdd(box, *args, check=check)
    done = run(box, str(found), *args)
    assert done.code == check, done.out + done.err
    return done


def typed(box: GitBox, line: str) -> Result:
    """A line as a person would paste it into a shell."""
    done = run(box, "sh", "-c", line)
    assert done.code == 0, done.out + done.err
    return done


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def hooks(box: GitBox) -> dict[str, bytes]:
    """The scripts in the clone's own folder, by name."""
    folder = box.path / ".git/hooks"
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def told(box: GitBox, *args: str) -> list[str]:
    """What `sdd init` says of hooks."""
    return [line for line in sdd(box, "init", *args).out.splitlines() if line.startswith(("hooks:", "  "))]


def doctor(box: GitBox) -> list[str]:
    """What the doctor says of hooks, each with its hint after an arrow; a provider that is asked costs 0.8 s, so none is."""
    box.write("sdd.toml", "?")
    lines = sdd(box, "doctor", check=1).out.splitlines()
    found: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        verdict, _, words = line.partition(" hooks: ")
        if words:
            hint = after.partition("→ ")[2]
            found.append(f"{verdict.strip()}: {words}" + (f" → {hint}" if hint else ""))
    return found


def healthy(who: str, doors: str = ALL, skipped: str = "--no-verify") -> str:
    return f"ok: {who} sdd at {doors} (a fast answer: {skipped} skip{'s' if skipped == '--no-verify' else ''} it)"


OF_PRE_COMMIT = healthy("the framework pre-commit asks", skipped="--no-verify and SKIP=")
OF_NATIVE = healthy("sdd's own scripts ask")


def broken(box: GitBox) -> Result:
    """A commit of what is no session, as git ends it."""
    box.write("sessions/01-x.md", "no session\n")
    box.git("add", "-A")
    return tried(box, "commit", "-m", "x")


def refused(box: GitBox) -> int:
    """How often sdd refuses a commit of what is no session."""
    done = broken(box)
    assert done.code == 1
    return (done.out + done.err).count("sdd: the commit is refused")


# pre-commit, which is what comes by itself


def test_init_sets_pre_commit_up_at_all_four_doors(mine: GitBox) -> None:
    assert told(mine) == [f"hooks: `pre-commit install` opened {ALL} in this clone, and ran nothing of it"]
    assert mine.read(CONFIG) == fresh()
    assert run(mine, "pre-commit", "validate-config").code == 0
    assert set(hooks(mine)) == set(DOORS)
    assert told(mine) == []
    mine.commit("Begin")
    assert refused(mine) == 1
    assert doctor(mine) == [OF_PRE_COMMIT]


def test_joining_installs_what_the_project_has_and_changes_no_tracked_file(
    mine: GitBox, tmp_path: Path
) -> None:
    sdd(mine, "init")
    mine.commit("Begin")
    mine.git("clone", "-q", str(mine.path), str(tmp_path / "clone"))
    clone = GitBox(tmp_path / "clone")
    assert told(clone)[0].startswith("hooks: `pre-commit install` opened")
    assert clone.git("status", "--porcelain") == ""
    assert refused(clone) == 1


def test_a_branch_from_before_the_adoption_is_committed_to_all_the_same(mine: GitBox) -> None:
    mine.commit("Before")
    mine.git("branch", "old")
    sdd(mine, "init")
    mine.commit("Begin")
    mine.git("switch", "-q", "old")
    mine.commit("On")


def test_setting_up_runs_nothing_of_the_repository(mine: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where Python is told to look there: sdd runs in this process, so only what it starts could fall for it."""
    for name in ("sitecustomize", "argparse", "yaml", "pre_commit", "subprocess"):
        mine.write(f"{name}.py", "open('tripped', 'w').close()\nraise SystemExit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(mine.path))
    sdd(mine, "init")
    assert set(hooks(mine)) == set(DOORS)
    assert not (mine.path / "tripped").exists()


def test_what_else_a_configuration_names_is_installed_by_a_person(mine: GitBox) -> None:
    mine.write(CONFIG, LINT)
    command = f"pre-commit install {TYPES}"
    (words,) = told(mine)
    assert (
        words
        == f"hooks: {CONFIG} names more than sdd, and each commit will run all of it; when you have read it: {command}"
    )
    assert hooks(mine) == {}
    assert doctor(mine) == [
        f"warn: {ALL} not set up in this clone: a finding shows only in `sdd check` and later → {command}"
    ]
    typed(mine, command)
    assert doctor(mine) == [OF_PRE_COMMIT]
    assert told(mine) == []
    assert refused(mine) == 1
    assert (mine.path / "linted").is_file()


def test_what_was_in_a_configuration_stays_and_runs_where_it_ran(mine: GitBox) -> None:
    mine.write(CONFIG, LINT)
    run(mine, "pre-commit", "install")
    before = hooks(mine)
    assert told(mine) == [
        "hooks: `pre-commit install` opened pre-merge-commit, commit-msg, pre-push in this clone, and ran nothing of it"
    ]
    assert hooks(mine)["pre-commit"] == before["pre-commit"]
    after = mine.read(CONFIG).splitlines()
    at = [after.index(line) for line in LINT.splitlines()]
    assert at == sorted(at)
    mine.git("add", "-A")
    done = run(mine, "git", "commit", "-m", "Begin")
    assert re.findall(r"^([a-z() ]+?)\.+Passed$", done.err + done.out, re.MULTILINE) == [
        "sdd",
        "lint",
        "sdd (message)",
    ]


@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
def test_a_configuration_that_was_extended_is_left_by_a_second_init(mine: GitBox, runner: str) -> None:
    mine.write(CONFIG, LINT)
    sdd(mine, "init")
    (mine.path / ".sdd/policy.toml").unlink()
    before = mine.read_bytes(CONFIG)
    sdd(mine, "init")
    sdd(mine, "init", "--hooks", "pre-commit")
    assert mine.read_bytes(CONFIG) == before
    assert run(mine, runner, "validate-config", CONFIG).code == 0


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("repos: [{repo: local, hooks: []}]\n", "it has no `repos:` with a line for each"),
        ("repos:\n- repo: local\n  hooks: [{id: sdd}]\n", "it holds sdd, and lacks sdd-commit-msg, sdd-push"),
    ],
)
def test_a_configuration_that_cannot_be_extended_is_left_with_the_block_to_paste(
    mine: GitBox, before: str, why: str
) -> None:
    mine.write(CONFIG, before)
    out = sdd(mine, "init").out
    assert (
        f"hooks: {CONFIG} is left as it is ({why}). Put this into it, and type `sdd init` again:\n\n" in out
    )
    assert f"default_install_hook_types: [{ALL}]\nrepos:\n{BLOCK}" in out
    assert "wrote .sdd/policy.toml" in out
    assert mine.read(CONFIG) == before
    assert hooks(mine) == {}
    mine.write(CONFIG, out.partition("again:\n\n")[2].partition("\n\n")[0])
    typed(mine, "sdd init >told; sed -n 's/.*read it: //p' told | sh")
    assert refused(mine) == 1


def test_a_configuration_behind_a_link_is_left(mine: GitBox) -> None:
    mine.write("tools/hooks.yaml", LINT)
    (mine.path / CONFIG).symlink_to("tools/hooks.yaml")
    assert f"{CONFIG} is left as it is (it is a link)" in sdd(mine, "init").out
    mine.write("tools/hooks.yaml", fresh())
    (mine.path / ".sdd/policy.toml").unlink()
    assert "left as it is" not in sdd(mine, "init").out
    assert (mine.path / CONFIG).is_symlink()


@pytest.mark.parametrize(
    ("name", "text"), [("prek.toml", TOML), (".pre-commit-config.yml", f"repos:\n{BLOCK}")]
)
def test_preks_own_file_is_left_with_what_to_put_into_it(mine: GitBox, name: str, text: str) -> None:
    mine.write(name, "")
    out = sdd(mine, "init").out
    assert f"hooks: {name} is left as it is (sdd writes into {CONFIG} only). Put this into it" in out
    assert text in out
    assert not (mine.path / CONFIG).exists()
    mine.write(name, out.partition("again:\n\n")[2].partition("\n\n")[0])
    (words,) = told(mine)
    typed(mine, words.partition("read it: ")[2])
    assert refused(mine) == 1
    assert doctor(mine) == [healthy("the framework prek asks", skipped="--no-verify and SKIP=")]
    assert "left as it is" not in sdd(mine, "init", "--hooks", "pre-commit").out


# Which program


def test_scripts_of_prek_stay_preks(mine: GitBox) -> None:
    mine.write(CONFIG, LINT)
    run(mine, "prek", "install", "-t", "pre-commit")
    assert told(mine)[0].startswith("hooks: `prek install` opened pre-merge-commit, commit-msg, pre-push")
    assert all(b"generated by prek" in script for script in hooks(mine).values())
    assert doctor(mine) == [healthy("the framework prek asks", skipped="--no-verify and SKIP=")]


@posix_only
def test_prek_is_taken_where_there_is_no_pre_commit(
    mine: GitBox, without_frameworks: Path, tmp_path: Path
) -> None:
    program(tmp_path / "bin", "prek", f'exec "{installed("prek")}" "$@"')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
        assert told(mine) == [f"hooks: `prek install` opened {ALL} in this clone, and ran nothing of it"]
        assert refused(mine) == 1


@posix_only
def test_without_a_framework_its_commands_are_told(mine: GitBox, without_frameworks: Path) -> None:
    command = f"pipx install {OURS.partition(' ')[0]} && {OURS}"
    assert told(mine) == [
        f"hooks: nothing asks sdd yet; type: {command}",
        "  or do without that program, and start in a tenth of its time: sdd init --hooks native",
    ]
    assert doctor(mine) == [
        f"warn: {ALL} not set up in this clone: a finding shows only in `sdd check` and later → {command}"
    ]
    assert len(told(mine, "--hooks", "native")) == len(DOORS)
    assert refused(mine) == 1


@posix_only
def test_a_program_that_lies_in_the_repository_is_not_started(
    mine: GitBox, without_frameworks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(mine.path / "tools", "pre-commit", "touch tripped")
    for folder in (str(mine.path / "tools"), "tools"):
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        assert told(mine)[0] == f"hooks: nothing asks sdd yet; type: {OURS}"
    assert not (mine.path / "tripped").exists()


@posix_only
@pytest.mark.parametrize(
    ("script", "why"),
    [("#!/bin/sh\necho no room >&2\nexit 7\n", "it ended with 7: no room"), ("#!/gone\n", "[Errno 2] ")],
)
def test_an_install_that_fails_is_told(
    mine: GitBox,
    without_frameworks: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    why: str,
) -> None:
    program(tmp_path / "bin", "pre-commit", "")
    (tmp_path / "bin/pre-commit").write_text(script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert told(mine)[0].startswith(f"hooks: `{OURS}` failed: {why}")


@posix_only
def test_an_sdd_that_the_hooks_would_not_find_is_told(mine: GitBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    what = "pre-commit starts `sdd`, which is not on the PATH, so git would refuse all of it"
    export = f'export PATH="{installed("sdd").parent}:$PATH"'
    assert told(mine)[1:] == [f"hooks: {what}: {export}"]
    assert doctor(mine) == [OF_PRE_COMMIT, f"fail: {what} → {export}"]
    mine.git("add", "-A")
    assert "Executable `sdd` not found" in tried(mine, "commit", "-m", "x").err
    typed(mine, f"{export} && git commit -m x")


# Somebody else's hooks


def test_somebody_elses_scripts_are_left_and_told_of(mine: GitBox) -> None:
    mine.write(".git/hooks/pre-commit", "#!/bin/sh\ntouch linted\n").chmod(0o755)
    assert told(mine)[1:] == [
        f"hooks: pre-commit is somebody else's and is left; to run both: {OURS.partition(' -t')[0]} -t pre-commit"
    ]
    assert mine.read(".git/hooks/pre-commit") == "#!/bin/sh\ntouch linted\n"
    assert doctor(mine)[1].startswith("warn: pre-commit is somebody else's → add to it: ")
    typed(mine, told(mine)[0].partition("both: ")[2])
    assert refused(mine) == 1
    assert (mine.path / "linted").is_file()


def test_with_native_scripts_they_are_left_and_told_of_too(mine: GitBox) -> None:
    mine.write(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n")
    (mine.path / ".git/hooks/pre-merge-commit").symlink_to("gone")
    lines = told(mine, "--hooks", "native")
    call = f'"{installed("sdd")}" hook'
    assert lines[:2] == [
        f'hooks: {name} is somebody else\'s and is left; add to it: {call} {name} "$@" || exit $?'
        for name in DOORS[:2]
    ]
    assert mine.read(".git/hooks/pre-commit") == "#!/bin/sh\nmake lint\n"
    assert (mine.path / ".git/hooks/pre-merge-commit").is_symlink()
    mine.write(".git/hooks/pre-commit", f"#!/bin/sh\n{lines[0].partition('add to it: ')[2]}\n").chmod(0o755)
    assert len(told(mine)) == 1
    assert doctor(mine)[0] == healthy("scripts of others ask", "pre-commit")
    assert refused(mine) == 1


@pytest.mark.parametrize("is_running", [True, False])
def test_where_husky_is_the_lines_to_add_are_told_and_nothing_is_written(
    mine: GitBox, *, is_running: bool
) -> None:
    mine.write(".husky/pre-commit", "true\n")
    if is_running:  # what husky itself does when it is installed
        mine.git("config", "core.hooksPath", ".husky/_")
        for door in DOORS:
            mine.write(
                f".husky/_/{door}", f'#!/bin/sh\n[ -f .husky/{door} ] || exit 0\nsh -e .husky/{door} "$@"\n'
            ).chmod(0o755)
    lines = told(mine)
    assert (
        lines[0]
        == "hooks: this project keeps its own in .husky (husky), which is not this clone's own; add to them:"
    )
    assert lines[1:5] == [f'  {door}: sdd hook {door} "$@" || exit $?' for door in DOORS]
    assert not (mine.path / CONFIG).exists()
    assert hooks(mine) == {}
    assert doctor(mine)[0].startswith(
        f"warn: at {ALL} nobody asks sdd, and the hooks are not this clone's own (husky)"
    )
    assert 'add to .husky/pre-push: sdd hook pre-push "$@" || exit $?' in doctor(mine)[0]
    for door in DOORS:
        mine.write(f".husky/{door}", f'sdd hook {door} "$@" || exit $?\n')
    if is_running:
        assert refused(mine) == 1
        assert doctor(mine) == [healthy("scripts of others ask")]
        assert told(mine) == []
        assert told(mine, "--hooks", "pre-commit") == []
        assert (mine.path / CONFIG).is_file()


def test_a_folder_that_husky_left_behind_is_no_hindrance(mine: GitBox) -> None:
    mine.write(".husky/pre-commit", "true\n")
    mine.write(CONFIG, LINT)
    run(mine, "pre-commit", "install")
    assert told(mine)[0].startswith(
        "hooks: `pre-commit install` opened pre-merge-commit, commit-msg, pre-push"
    )
    assert doctor(mine) == [OF_PRE_COMMIT]


@pytest.mark.parametrize("args", [(), ("--hooks", "native")])
def test_the_folder_that_all_clones_of_a_person_share_is_left(mine: GitBox, args: tuple[str, ...]) -> None:
    mine.git("config", "core.hooksPath", "../everybodys")
    lines = told(mine, *args)
    folder = mine.path.parent / "everybodys"
    assert (
        lines[0]
        == f"hooks: git runs those in {folder} (core.hooksPath), which is not this clone's own; add to them:"
    )
    assert lines[1] == f'  pre-commit: "{installed("sdd")}" hook pre-commit "$@" || exit $?'
    assert not folder.exists()
    assert hooks(mine) == {}
    assert (mine.path / CONFIG).exists() == (not args)


def test_a_folder_of_the_project_without_husky_is_left_too(mine: GitBox) -> None:
    mine.git("config", "core.hooksPath", ".githooks")
    assert told(mine)[1] == '  pre-commit: sdd hook pre-commit "$@" || exit $?'
    assert not (mine.path / ".githooks").exists()
    assert not (mine.path / CONFIG).exists()


def test_a_hooks_path_inside_the_clone_takes_native_scripts(mine: GitBox) -> None:
    mine.git("config", "core.hooksPath", ".git/own")
    assert told(mine) == [
        "hooks: pre-commit installs nothing while core.hooksPath is set, here to .git/own: sdd init --hooks native"
    ]
    assert doctor(mine)[0].endswith("→ sdd init --hooks native")
    sdd(mine, "init", "--hooks", "native")
    assert all(MARK in mine.read(f".git/own/{name}") for name in DOORS)
    assert doctor(mine) == [OF_NATIVE]


GIT = version_of(subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(GIT < (2, 54), reason="this git runs no hooks of its configuration")
def test_gits_own_configuration_asks_beside_anybodys_folder(mine: GitBox) -> None:
    mine.git("config", "core.hooksPath", ".husky/_")
    lines = told(mine)
    assert lines[5] == "hooks: or let git itself ask, beside them, in this clone alone:"
    typed(mine, "\n".join(lines[6:]))
    assert doctor(mine) == [healthy("git's own configuration asks")]
    assert told(mine) == []
    assert refused(mine) == 1


# Another way than before


def test_native_scripts_are_written_and_each_asks_once(mine: GitBox) -> None:
    assert told(mine, "--hooks", "native") == [
        "hooks: pre-commit judges each commit in this clone",
        "hooks: pre-merge-commit judges each merge in this clone",
        "hooks: commit-msg names the session of each commit",
        "hooks: pre-push judges each push from this clone",
    ]
    assert not (mine.path / CONFIG).exists()
    assert all(MARK.encode() in script for script in hooks(mine).values())
    assert doctor(mine) == [OF_NATIVE]
    assert told(mine) == []
    assert refused(mine) == 1


def test_a_native_script_that_was_made_unusable_is_set_right(mine: GitBox) -> None:
    sdd(mine, "init", "--hooks", "native")
    hook = mine.path / ".git/hooks/pre-commit"
    hook.chmod(0o644)
    assert told(mine) == ["hooks: pre-commit judges each commit in this clone"]
    assert os.access(hook, os.X_OK)


def test_who_joins_a_project_without_pre_commit_gets_native_scripts(begun: GitBox, tmp_path: Path) -> None:
    begun.write(
        "sessions/01-x.md", "---\nkind: testing\n---\n# X\n\n## Goal\n\nx\n\n## Checklist\n\n- [ ] y\n"
    )
    begun.commit("A session whose tracker was not written")
    begun.git("clone", "-q", str(begun.path), str(tmp_path / "clone"))
    clone = GitBox(tmp_path / "clone")
    out = sdd(clone, "init").out  # without an e-mail too: nobody is made an approver
    assert "joined, no tracked file was changed" in out
    assert clone.git("status", "--porcelain") == ""
    assert set(hooks(clone)) == set(DOORS)
    assert MARK in clone.read(".git/hooks/pre-commit")
    assert told(clone) == []


def test_pre_commit_takes_the_place_of_native_scripts(mine: GitBox) -> None:
    sdd(mine, "init", "--hooks", "native")
    mine.commit("Begin")
    out = sdd(mine, "init", "--hooks", "pre-commit").out
    assert f"wrote {CONFIG}" in out
    assert f"hooks: sdd's own scripts at {ALL} are taken away: pre-commit asks now" in out
    assert "this repository has sdd already: joined\n" in out
    assert set(hooks(mine)) == set(DOORS)
    assert doctor(mine) == [OF_PRE_COMMIT]
    assert refused(mine) == 1
    next_ = out.splitlines()[-1].removeprefix("Next: ")
    assert next_ == f"git add {CONFIG} && sdd approve {CONFIG} --gate trust --commit"
    mine.git("reset", "-q", "--hard")
    mine.write(CONFIG, fresh())
    typed(mine, f"{next_} --yes")
    assert CONFIG in mine.git("show", "--format=", "--name-only").splitlines()


def test_where_no_trust_file_is_changed_the_configuration_is_simply_committed(begun: GitBox) -> None:
    policy = begun.read(".sdd/policy.toml")
    begun.write(".sdd/policy.toml", policy.replace('".pre-commit-config.yaml", ', ""))
    out = sdd(begun, "init", "--hooks", "pre-commit").out
    assert out.splitlines()[-1] == f"Next: git add {CONFIG} && git commit -m 'Let pre-commit ask sdd'"
    assert sdd(begun, "init", "--hooks", "pre-commit").out.splitlines()[-1] == "Next: sdd status"


def test_native_scripts_take_the_place_of_pre_commit_by_a_command_that_is_told(mine: GitBox) -> None:
    sdd(mine, "init")
    (words,) = told(mine, "--hooks", "native")
    assert words.startswith(f"hooks: at {ALL} pre-commit asks sdd already; to have scripts instead: ")
    typed(mine, words.partition("instead: ")[2])
    assert doctor(mine) == [OF_NATIVE]
    assert refused(mine) == 1


def test_a_framework_that_lacks_sdd_is_told_to_get_it(mine: GitBox) -> None:
    mine.write(CONFIG, LINT)
    run(mine, "pre-commit", "install")
    lines = told(mine, "--hooks", "native")
    why = "at pre-commit pre-commit stands, and its configuration lacks sdd"
    assert lines[-1] == f"hooks: {why}: sdd init --hooks pre-commit"
    others = ", ".join(DOORS[1:])
    assert doctor(mine) == [
        healthy("sdd's own scripts ask", others),
        "warn: pre-commit stands at pre-commit, and its configuration lacks sdd → sdd init --hooks pre-commit",
    ]
    assert (
        f"hooks: sdd's own scripts at {others} are taken away"
        in sdd(mine, "init", "--hooks", "pre-commit").out
    )
    assert doctor(mine) == [OF_PRE_COMMIT]


def test_scripts_that_pre_commit_set_aside_would_ask_twice(mine: GitBox) -> None:
    """What happens to a person who has native scripts, and types `pre-commit install` because the project got it."""
    sdd(mine, "init", "--hooks", "native")
    mine.write(CONFIG, fresh())
    run(mine, "pre-commit", "install")
    assert refused(mine) == 2
    lines = doctor(mine)
    twice = "the framework pre-commit asks and scripts that the framework set aside ask"
    assert lines[-1] == f"warn: sdd is asked twice at {ALL}: {twice} → sdd init --hooks pre-commit"
    told(mine, "--hooks", "pre-commit")
    assert doctor(mine) == [OF_PRE_COMMIT]
    assert refused(mine) == 1


def test_somebody_elses_script_that_asks_too_is_told(mine: GitBox) -> None:
    sdd(mine, "init")
    mine.write(".git/hooks/pre-commit.legacy", "#!/bin/sh\nexec sdd hook pre-commit\n")
    assert doctor(mine)[-1].endswith("→ take one of them out")


@pytest.mark.parametrize("way", ["native", "none", "pre-commit"])
def test_a_choice_is_kept_until_another_is_made(mine: GitBox, tmp_path: Path, way: str) -> None:
    sdd(mine, "init", "--hooks", way)
    mine.commit("Begin")
    before = hooks(mine)
    for args in ([], ["--update"], ["--agent", "claude"]):
        sdd(mine, "init", *args)
        assert hooks(mine) == before
    assert (mine.path / CONFIG).exists() == (way == "pre-commit")
    assert mine.git("config", "sdd.hooks") == way


def test_a_choice_of_pre_commit_whose_configuration_is_gone_is_told(mine: GitBox) -> None:
    sdd(mine, "init", "--hooks", "pre-commit")
    typed(mine, f"pre-commit uninstall {TYPES}")
    (mine.path / CONFIG).unlink()
    assert told(mine) == [
        "hooks: no configuration here asks sdd, though pre-commit was chosen: sdd init --hooks pre-commit"
    ]
    assert doctor(mine)[0].endswith("→ sdd init --hooks pre-commit")
    sdd(mine, "init", "--hooks", "pre-commit")
    assert doctor(mine) == [OF_PRE_COMMIT]


def test_a_choice_that_nobody_knows_counts_for_nothing(mine: GitBox) -> None:
    mine.git("config", "sdd.hooks", "lefthook")
    sdd(mine, "init")
    assert (mine.path / CONFIG).exists()


def test_none_takes_native_scripts_away(mine: GitBox) -> None:
    sdd(mine, "init", "--hooks", "native")
    mine.write(".git/hooks/post-commit", "#!/bin/sh\n")
    assert told(mine, "--hooks", "none") == [f"hooks: {door} is taken away" for door in DOORS]
    assert set(hooks(mine)) == {"post-commit"}
    assert told(mine) == []
    assert doctor(mine)[0].endswith("→ sdd init --hooks pre-commit, or --hooks native")


def test_none_leaves_pre_commit_and_tells_how_it_goes(mine: GitBox) -> None:
    sdd(mine, "init")
    (words,) = told(mine, "--hooks", "none")
    assert words == f"hooks: pre-commit goes on asking sdd: pre-commit uninstall {TYPES}"
    typed(mine, words.partition("sdd: ")[2])
    assert hooks(mine) == {}


# What the doctor sees beside


def test_a_door_that_was_forgotten_is_told(mine: GitBox) -> None:
    sdd(mine, "init")
    run(mine, "pre-commit", "uninstall", "-t", "pre-merge-commit")
    assert doctor(mine) == [
        healthy("the framework pre-commit asks", "pre-commit, commit-msg, pre-push", "--no-verify and SKIP="),
        "warn: pre-merge-commit not set up in this clone: a finding shows only in `sdd check` and later → sdd init",
    ]
    assert told(mine) == [
        "hooks: `pre-commit install` opened pre-merge-commit in this clone, and ran nothing of it"
    ]


def test_a_configuration_that_opens_too_few_doors_for_others_is_told(mine: GitBox) -> None:
    sdd(mine, "init")
    mine.write(CONFIG, f"repos:\n{BLOCK}")
    left = ", ".join(DOORS[1:])
    assert doctor(mine) == [
        OF_PRE_COMMIT,
        f"warn: {CONFIG}: `pre-commit install` alone leaves out {left} → default_install_hook_types: [{ALL}]",
    ]


@posix_only
@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_a_framework_that_is_gone_fails(
    mine: GitBox, without_frameworks: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", path_with_sdd())
        sdd(mine, "init", "--hooks", "none")
        mine.write(CONFIG, fresh())
        typed(mine, f"{name} install")
    for path in (mine.path / ".git/hooks").iterdir():
        path.write_text(
            re.sub(r"^(INSTALL_PYTHON|PREK)=(.).*$", r"\1=\2/gone\2", path.read_text(), flags=re.MULTILINE)
        )
    assert doctor(mine)[1:] == [
        f"fail: {ALL} run a {name} that is not there any more, so git refuses all of it → pipx install {name}"
    ]
    assert tried(mine, "commit", "--allow-empty", "-m", "x").code != 0
