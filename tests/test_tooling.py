"""The project's own tools: setup on a fresh machine, lower bounds, the wheel, generated pages, hooks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "tools"

posix_only = pytest.mark.skipif(
    os.name == "nt", reason="make and sh are the way on POSIX; CONTRIBUTING has Windows'"
)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a script of tools/ import its siblings, as it does when it is run."""
    monkeypatch.syspath_prepend(str(TOOLS))


def load(name: str) -> ModuleType:
    """A script of tools/ as a module."""
    spec = spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(
    *command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False)


# Prerequisites


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with all that sdd needs, and nothing else: programs to take away or to replace."""
    for name in ("git", "ssh-keygen"):
        program(tmp_path, name, "exit 0")
    program(tmp_path, "python3", f'exec "{sys.executable}" "$@"')
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def prerequisites(machine: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return run("/bin/sh", str(TOOLS / "prerequisites.sh"), env={"PATH": str(machine), **env})


@posix_only
def test_a_machine_with_everything_is_told_its_python(machine: Path) -> None:
    done = prerequisites(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{machine}/python3\n", "")


@posix_only
@pytest.mark.parametrize(
    ("name", "installer", "told"),
    [
        ("git", "apt-get", "sdd needs git.\n  sudo apt-get install git\n"),
        ("git", "brew", "sdd needs git.\n  brew install git\n"),
        ("ssh-keygen", "apt-get", "sdd needs ssh-keygen.\n  sudo apt-get install openssh-client\n"),
        ("ssh-keygen", "dnf", "sdd needs ssh-keygen.\n  sudo dnf install openssh-clients\n"),
        ("ssh-keygen", "apk", "sdd needs ssh-keygen.\n  sudo apk add openssh-keygen\n"),
        ("ssh-keygen", "pacman", "sdd needs ssh-keygen.\n  sudo pacman -S openssh\n"),
        ("ssh-keygen", "none", "sdd needs ssh-keygen.\n  install your system's package openssh-client\n"),
    ],
)
def test_a_missing_program_is_named_with_what_installs_it(
    machine: Path, name: str, installer: str, told: str
) -> None:
    (machine / name).unlink()
    program(machine, installer, "exit 1")
    done = prerequisites(machine)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


@posix_only
def test_a_python_that_is_too_old_is_passed_over_for_a_newer_one(machine: Path) -> None:
    program(machine, "python3", "exit 1")  # what asking for 3.11 ends with there
    program(machine, "python3.12", f'exec "{sys.executable}" "$@"')
    assert prerequisites(machine).stdout == f"{machine}/python3.12\n"


@posix_only
def test_no_python_that_is_new_enough_is_said(machine: Path) -> None:
    program(machine, "python3", "exit 1")
    program(machine, "apt-get", "exit 1")
    done = prerequisites(machine)
    assert done.returncode == 1
    assert done.stderr.startswith("sdd needs Python 3.11 or newer (looked for: python3 python3.14 ")
    assert "  sudo apt-get install python3 python3-venv (or say where it is: make PYTHON=" in done.stderr


@posix_only
def test_a_python_without_venv_is_said_with_debians_package(machine: Path) -> None:
    minor = f"3.{sys.version_info.minor}"
    lame = f"""case "$*" in *ensurepip*) exit 1;; *) exec "{sys.executable}" "$@";; esac"""
    program(machine, "python3", lame)
    program(machine, "apt-get", "exit 1")
    told = f"sdd needs the venv module of {machine}/python3.\n  sudo apt-get install python{minor}-venv\n"
    assert prerequisites(machine).stderr == told


@posix_only
def test_a_chosen_python_is_taken_and_a_wrong_choice_said(machine: Path) -> None:
    assert prerequisites(machine, PYTHON=sys.executable).stdout == f"{sys.executable}\n"
    done = prerequisites(machine, PYTHON="/no where/python")
    assert done.returncode == 1
    assert "looked for: /no where/python)" in done.stderr


@posix_only
def test_all_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    assert prerequisites(tmp_path).stderr.count("sdd needs") == 3


# The Makefile


@posix_only
def test_make_alone_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    listed = [line.split()[0] for line in run("make", "--no-print-directory").stdout.splitlines()]
    assert listed == phony[1].split()


@posix_only
def test_setup_says_what_is_missing_and_stops(machine: Path) -> None:
    project = machine / "a project"
    (project / "tools").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "tools/prerequisites.sh", "tools/requirements.py"):
        shutil.copy(ROOT / name, project / name)
    (machine / "ssh-keygen").unlink()
    for name in ("sh", "make"):
        found = shutil.which(name)
        assert found
        (machine / name).symlink_to(found)
    done = run("make", "setup", cwd=project, env={"PATH": str(machine)})
    assert done.returncode == 2
    assert "sdd needs ssh-keygen." in done.stderr
    assert not (project / ".venv").exists()


@posix_only
def test_ci_runs_what_a_developer_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("exec make test </dev/null")


# Requirements


def test_development_requirements_are_those_of_the_group(beside: None) -> None:
    requirements = load("requirements")
    content = requirements.project()
    assert requirements.development(content) == content["dependency-groups"]["dev"]
    printed = run(sys.executable, str(TOOLS / "requirements.py")).stdout.splitlines()
    assert printed == content["dependency-groups"]["dev"]


def test_lower_bounds_become_pins(beside: None) -> None:
    content = {
        "project": {
            "dependencies": ["click>=8.2"],
            "optional-dependencies": {"x": ["anthropic >= 2, <3, !=2.1"]},
        },
        "dependency-groups": {"dev": ["coverage[toml]>=7.10", "ruamel.yaml>=0.18"]},
    }
    assert load("lowest").pins(content) == [
        "click==8.2",
        "anthropic==2",
        "coverage[toml]==7.10",
        "ruamel.yaml==0.18",
    ]


@pytest.mark.parametrize(
    "requirement", ["click", "click<9", "click~=8.2", "click @ file:///x", "click>=8; x>=1"]
)
def test_a_requirement_without_a_plain_lower_bound_is_refused(beside: None, requirement: str) -> None:
    content = {"project": {"dependencies": [requirement]}, "dependency-groups": {"dev": []}}
    with pytest.raises(ValueError, match=r"has no lower bound: write it as name>=version"):
        load("lowest").pins(content)


def test_every_requirement_of_this_project_has_a_lower_bound() -> None:
    done = run(sys.executable, str(TOOLS / "lowest.py"))
    assert done.returncode == 0, done.stderr
    assert "pydantic==2.10" in done.stdout.splitlines()


# The wheel


def test_the_wheel_holds_all_of_the_source(beside: None, tmp_path: Path) -> None:
    built = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path))
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    done = run(sys.executable, str(TOOLS / "check_wheel.py"), str(wheel))
    assert done.returncode == 0, done.stderr
    assert load("check_wheel").lacks(wheel, {"sdd/errors.py"}) == []


def test_what_a_wheel_lacks_is_named(beside: None, tmp_path: Path) -> None:
    wheel = tmp_path / "sdd-0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("sdd/errors.py", "")
    wanted = {"sdd/errors.py", "sdd/sessions/templates/change.md"}
    lacks = ["LICENSE", "git-sdd = sdd.main:main", "sdd = sdd.main:main", "sdd/sessions/templates/change.md"]
    assert load("check_wheel").lacks(wheel, wanted) == lacks
    done = run(sys.executable, str(TOOLS / "check_wheel.py"), str(wheel))
    assert done.returncode == 1
    assert f"{wheel} lacks LICENSE, git-sdd" in done.stderr


# Generated pages


def test_generated_pages_are_as_committed(beside: None) -> None:
    for name, render in load("docs").PAGES.items():
        assert (ROOT / name).read_text(encoding="utf-8") == render(), "run 'make docs'"


def test_generating_pages_writes_them(beside: None, tmp_path: Path) -> None:
    docs = load("docs")
    docs.main(tmp_path)
    assert all(
        (tmp_path / name).read_text(encoding="utf-8") == render() for name, render in docs.PAGES.items()
    )


# Hooks


def test_the_projects_own_hooks_are_local_and_installed_for_every_door() -> None:
    config = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")
    assert config["default_install_hook_types"] == [
        "pre-commit",
        "pre-merge-commit",
        "commit-msg",
        "pre-push",
    ]
    assert config["minimum_pre_commit_version"] == "3.2.0"
    local = next(each for each in config["repos"] if each["repo"] == "local")
    assert {hook["id"] for hook in local["hooks"]} >= {"ruff-check", "ruff-format", "mypy"}


@posix_only
@pytest.mark.parametrize(("folder", "suffix"), [("bin", ""), ("Scripts", ".exe")])
def test_a_hook_runs_the_venvs_program_with_its_arguments(tmp_path: Path, folder: str, suffix: str) -> None:
    (tmp_path / ".venv" / folder).mkdir(parents=True)
    program(tmp_path / ".venv" / folder, f"ruff{suffix}", 'printf "%s|" "$@"')
    if suffix:  # MSYS starts ruff.exe when told ruff; here a link does
        (tmp_path / ".venv" / folder / "ruff").symlink_to("ruff.exe")
    assert run("/bin/sh", str(TOOLS / "in_venv.sh"), "ruff", "a b", "c", cwd=tmp_path).stdout == "a b|c|"


@posix_only
def test_a_hook_without_its_program_says_what_to_do(tmp_path: Path) -> None:
    done = run("/bin/sh", str(TOOLS / "in_venv.sh"), "ruff", cwd=tmp_path)
    assert done.returncode == 1
    assert "run 'make setup'" in done.stderr
