"""The built wheel, installed apart from this checkout: the commands start, and all data files are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from gitbox import GitBox, Result

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bin_folder(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that has the wheel, and its libraries from the one that runs the tests.

    No index is asked: hatchling builds from the checkout, and pip installs that one file.
    """
    folder = tmp_path_factory.mktemp("installed")
    built = folder / "built"
    run("-m", "hatchling", "build", "--target", "wheel", "--directory", str(built))
    run("-m", "venv", "--without-pip", str(folder / "venv"))
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / Path(sys.executable).name
    known = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    packages = Path(
        run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))", python=python).strip()
    )
    (packages / "libraries.pth").write_text("".join(f"{path}\n" for path in sorted(known)), "utf-8")
    (wheel,) = built.glob("*.whl")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-index", "--no-deps")
    run("-m", "pip", "--python", str(python), "install", *quiet, str(wheel))
    return python.parent


def run(*args: str, python: Path = Path(sys.executable)) -> str:
    done = subprocess.run([python, *args], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def sdd(bin_folder: Path, tmp_path: Path) -> tuple[GitBox, dict[str, str]]:
    """An empty repository, and an environment in which the installed commands are found first."""
    box = GitBox.make(tmp_path / "shop")
    box.git("config", "user.email", "alice@example.org")
    return box, {**os.environ, "PATH": os.pathsep.join([str(bin_folder), os.environ["PATH"]])}


def call(found: tuple[GitBox, dict[str, str]], *argv: str) -> Result:
    box, env = found
    done = subprocess.run(argv, cwd=box.path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Result(done.stdout, done.stderr, done.returncode)


def test_the_wheel_is_what_runs_and_not_the_checkout(bin_folder: Path) -> None:
    python = bin_folder / Path(sys.executable).name
    where = run("-I", "-c", "import sdd; print(sdd.__file__)", python=python)
    assert Path(where.strip()).is_relative_to(bin_folder.parent)


def test_the_installed_command_begins_a_project_and_shows_it(sdd: tuple[GitBox, dict[str, str]]) -> None:
    assert call(sdd, "sdd", "--version").out.startswith("sdd, version ")
    assert "wrote sessions/templates/product-spec.md" in call(sdd, "sdd", "init", "--hooks", "native").out
    call(sdd, "sdd", "new", "checkout", "sell things")
    assert "checkout/01-product-spec\tready" in call(sdd, "git", "sdd", "status").out
    assert call(sdd, "sdd", "init", "--update").out.startswith("0 files updated")
    assert call(sdd, "sdd", "explain", "SDD101").out
    box, _ = sdd
    assert str(Path(call(sdd, "sh", "-c", "command -v sdd").out.strip())) in box.read(".git/hooks/pre-commit")


def test_the_hook_that_it_wrote_judges_a_commit(sdd: tuple[GitBox, dict[str, str]]) -> None:
    call(sdd, "sdd", "init", "--hooks", "native")
    call(sdd, "git", "add", "-A")
    call(sdd, "git", "commit", "-q", "-m", "Begin with sdd")
    box, env = sdd
    box.write("sessions/01-x.md", "no session\n")
    box.git("add", "-A")
    done = subprocess.run(
        ["git", "commit", "-m", "x"], cwd=box.path, env=env, capture_output=True, check=False
    )
    assert done.returncode != 0
    assert b"sdd: the commit is refused" in done.stderr
