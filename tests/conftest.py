"""Tests use the real thing in a temporary folder; nothing of the machine they run on reaches them."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import children_measured
from gitbox import VERDICTS, GitBox
from warmed import Warmed

collect_ignore = ["cases"]  # a project there has tests of its own

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# An outer hook's git, a person's agent, keys and choices; and what changes output or the way to 127.0.0.1.
FOREIGN = (
    *("GIT_", "SSH_", "XDG_", "PRE_COMMIT", "SDD_"),
    *("ANTHROPIC_", "CLAUDE", "CODEX", "GEMINI", "CURSOR_", "OPENAI_", "AI_AGENT"),
    *("EDITOR", "VISUAL", "PAGER", "LANG", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "what becomes of sdd's cache before each run of the command (make test-verdicts)"
    parser.addoption("--verdicts", choices=VERDICTS, default="warm", help=told)
    told = "write the prompts of tests/cases/shop anew, instead of comparing them"
    parser.addoption("--renew-prompts", action="store_true", help=told)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # who starts pytest's workers
        children_measured.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        children_measured.end()


def pytest_collection() -> None:
    gc.disable()  # nine thousand tests are made, and none is garbage


def pytest_collection_finish() -> None:
    gc.enable()
    gc.freeze()  # else each search for garbage goes through all of them again


@pytest.fixture(autouse=True, scope="session")
def isolation(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[None]:
    """One environment for all tests and for every process they start."""
    home = tmp_path_factory.mktemp("home")
    template = tmp_path_factory.mktemp("empty-template")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper().startswith(FOREIGN):
                patch.delenv(name)
        patch.delenv("CI", raising=False)  # there sdd keeps nothing
        if children_measured.NAME in os.environ:
            patch.delenv(children_measured.FULL)
        for name, value in _environment(home, template).items():
            patch.setenv(name, value)
        verdicts = pytestconfig.getoption("--verdicts")
        patch.setenv("TEST_VERDICTS", verdicts)
        if verdicts == "absent":
            patch.setenv("SDD_CACHE", "off")
        warmed = Warmed()
        if os.name == "posix":
            patch.setattr(GitBox, "warmed", warmed)
        yield
        warmed.end()


def _environment(home: Path, template: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TEMPLATE_DIR": str(template),
        "GIT_CEILING_DIRECTORIES": str(home.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Alice Author",
        "GIT_AUTHOR_EMAIL": "alice@example.org",
        "GIT_AUTHOR_DATE": "2026-11-21T09:00:00Z",
        "GIT_COMMITTER_NAME": "Carol Committer",
        "GIT_COMMITTER_EMAIL": "carol@example.org",
        "GIT_COMMITTER_DATE": "2026-11-21T09:00:00Z",
        # The trap: a test that runs a session without choosing a provider fails loudly.
        "SDD_PROVIDER": "you-forgot-to-choose-a-provider",
    }


@pytest.fixture(scope="session")
def template_repository(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository on branch main: 11 ms to make, 4 ms to copy."""
    return GitBox.make(tmp_path_factory.mktemp("template") / "project").path


@pytest.fixture
def box(template_repository: Path, tmp_path: Path) -> GitBox:
    """A fresh, empty repository on branch main."""
    return GitBox(Path(shutil.copytree(template_repository, tmp_path / "project")))
