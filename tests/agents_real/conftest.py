"""Real agents, against a local server that speaks their API: `make test-agents` installs and runs them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
AGENTS = HERE.parent.parent / ".cache" / "agents" / "node_modules"
SKIPPED = "a real agent: `make test-agents` installs it and runs this"
KEY = "sk-ant-dummy-0123456789abcdef"


def pytest_collection_modifyitems(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Skip these tests unless they are asked for by their marker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.agents)
            if "agents" not in config.getoption("-m"):
                item.add_marker(pytest.mark.skip(reason=SKIPPED))


@pytest.fixture
def claude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program of Claude Code's package for this platform, signed in by a dummy key and with settings of its own."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), "arm64")
    package = f"claude-code-{sys.platform}-{machine}"
    program = AGENTS / "@anthropic-ai" / package / ("claude.exe" if sys.platform == "win32" else "claude")
    assert program.exists(), f"{program} is not there: make test-agents"
    monkeypatch.setenv("SDD_CLAUDE", str(program))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude-home"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    return program
