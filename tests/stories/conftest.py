"""Repositories that stories begin with, each made once by the real command and then copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitbox import GitBox

ALICE = "alice@example.org"


@pytest.fixture(scope="session")
def begun_repository(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository after `sdd init`, committed, without hooks."""
    folder = tmp_path_factory.mktemp("begun") / "shop"
    box = GitBox(Path(shutil.copytree(template_repository, folder)))
    box.git("config", "user.email", ALICE)
    box.sdd("init", "--hooks", "none")
    box.commit("Begin")
    return folder


@pytest.fixture(scope="session")
def featured_repository(begun_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the feature checkout begun, committed."""
    folder = tmp_path_factory.mktemp("featured") / "shop"
    box = GitBox(Path(shutil.copytree(begun_repository, folder)))
    box.sdd("new", "checkout", "sell things, in one currency")
    box.commit("Begin checkout")
    return folder


@pytest.fixture
def begun(begun_repository: Path, tmp_path: Path) -> GitBox:
    """A copy of the repository after `sdd init`; alice is its user."""
    return GitBox(Path(shutil.copytree(begun_repository, tmp_path / "shop")))


@pytest.fixture
def featured(featured_repository: Path, tmp_path: Path) -> GitBox:
    """A copy of the repository with the feature checkout."""
    return GitBox(Path(shutil.copytree(featured_repository, tmp_path / "shop")))
