"""`sdd doctor` looks for agents: installed or not, which version, and whether they answer where it is asked to ask."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from fake_claude import FakeClaude, answer, failure
from gitbox import GitBox
from stand_ins import Says, StandIns

MANUAL = {"SDD_PROVIDER": "manual"}


@pytest.fixture
def agents(tmp_path: Path) -> StandIns:
    return StandIns(tmp_path / "agents")


@pytest.fixture
def project(box: GitBox) -> GitBox:
    box.git("config", "user.email", "alice@example.org")
    box.sdd("init", "--hooks", "none", env=MANUAL)
    return box


def told(project: GitBox, agents: StandIns, *more: str, **env: str) -> list[tuple[str, str, str | None]]:
    """Verdict, words and hint of each line about an agent."""
    result = project.sdd("doctor", "--json", *more, env={**MANUAL, "PATH": agents.path, **env}, check=None)
    lines = json.loads(result.out)["lines"]
    return [(line["verdict"], line["what"], line["hint"]) for line in lines if line["about"] == "agent"]


def test_what_is_installed_is_told_with_its_version_and_the_rest_with_how_to_get_it(
    project: GitBox, agents: StandIns
) -> None:
    path = agents.put("codex", Says(version="codex-cli 0.171.0"))
    lines = told(project, agents)
    assert ("ok", f"codex 0.171.0 is installed: {path}", None) in lines
    verdict, words, hint = lines[-1]
    assert verdict == "ok"
    assert words.startswith("not installed: ")
    assert hint is not None
    assert "opencode: npm install -g opencode-ai" in hint.splitlines()
    assert not agents.was_called("codex")  # no answer is paid for that nobody asked for


def test_slow_and_broken_ones_are_told_and_keep_nobody_waiting(project: GitBox, agents: StandIns) -> None:
    for name in ("codex", "gemini", "opencode"):
        agents.put(name, Says(version_takes_s=30))
    broken = agents.put("llm", Says(version_code=1))
    agents.put("aider").write_bytes(b"\x7fELF")
    began = time.monotonic()
    lines = told(project, agents)
    assert time.monotonic() - began < 20  # each alone would take 30
    words = {line[1].partition(":")[0] for line in lines}
    assert {
        f"{name} is installed, and slow to say its version" for name in ("codex", "gemini", "opencode")
    } <= words
    assert (
        "warn",
        "llm is installed, and does not say its version",
        f"try it by hand: {broken} --version",
    ) in lines
    assert "aider is installed, and does not say its version" in words


def test_they_are_asked_only_when_told_to(project: GitBox, agents: StandIns) -> None:
    tokens = {"input": 900, "output": 1, "cache": {"read": 99, "write": 0}}
    step = {"type": "step_finish", "part": {"reason": "stop", "tokens": tokens, "cost": 0.01}}
    agents.put(
        "opencode", Says(out=[json.dumps({"type": "text", "part": {"text": "yes"}}), json.dumps(step)])
    )
    agents.put("llm", Says(out=["Yes."]))
    agents.put("codex", Says(err="codex login first", code=1))
    project.write("sdd.toml", 'provider = "llm"\nmodel = "m-1"\n')
    lines = told(project, agents, "--agents", SDD_PROVIDER="")
    answers = {words.partition(" (")[0]: words for _, words, _ in lines}
    assert answers["opencode answers: `yes`"].endswith(" s, 1000 tokens, 0.0100 USD)")
    assert "llm answers: `Yes.`" in answers
    assert agents.seen("llm").argv == ["prompt", "--model", "m-1"]  # the chosen one, with the chosen model
    assert agents.seen("llm").cwd == str(project.path)
    assert "answer with the one word" in agents.seen("llm").stdin
    assert [line for line in lines if line[0] == "warn"] == [
        (
            "warn",
            "codex does not answer: codex is not signed in: codex login first",
            "codex login, or export OPENAI_API_KEY=<a key>",
        )
    ]


def test_the_cost_is_told_before(project: GitBox, agents: StandIns) -> None:
    agents.put("llm", Says(out=["yes"]))
    done = project.sdd("doctor", "--agents", env={**MANUAL, "PATH": agents.path})
    assert "asking a question of one word, which costs some thousand tokens each: llm" in done.err


def test_a_wrong_preset_of_ones_own_is_told(project: GitBox, agents: StandIns, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('[mine]\nargv = "mine"\n')
    (verdict, words, _), *_ = told(project, agents, SDD_PROVIDERS=str(own))
    assert (verdict, words) == ("fail", f"{own}:2: mine.argv is 'mine', but should be a valid list")


def test_a_repository_cannot_say_what_runs(project: GitBox, agents: StandIns) -> None:
    agents.put("evil")
    project.write("sdd.toml", 'provider = "codex"\n[providers.codex]\nargv = ["evil"]\n')
    done = project.sdd("doctor", env={"SDD_PROVIDER": "", "PATH": agents.path}, check=1)
    assert "sdd.toml: providers is no key of this file" in done.out
    assert "agents are told of in your own configuration: docs/reference/providers.md" in done.out
    assert not agents.was_called("evil")


posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with a first line")


@posix_only
def test_claude_code_is_looked_for_and_asked_like_the_others(
    project: GitBox, agents: StandIns, tmp_path: Path
) -> None:
    agents.put("codex", Says(err="codex login first", code=1))
    fake = FakeClaude(tmp_path / "claude", [answer("yes")])
    env = {"SDD_CLAUDE": str(fake.path), "SDD_PROVIDER": "claude"}
    assert told(project, agents, **env)[0] == ("ok", f"claude 2.1.329 is installed: {fake.path}", None)
    assert fake.calls == []
    lines = told(project, agents, "--agents", **env)
    words = {what.partition(" (")[0]: what for _, what, _ in lines}
    assert words["claude answers: `yes`"].endswith(" s, 160 tokens, 0.0007 USD)")
    (call,) = fake.calls
    assert "answer with the one word" in call["stdin"]
    assert call["argv"][call["argv"].index("--tools") + 1] == "Read,Glob,Grep"  # it may change nothing


@posix_only
def test_claude_code_that_is_not_signed_in_is_told_with_what_to_do(
    project: GitBox, agents: StandIns, tmp_path: Path
) -> None:
    fake = FakeClaude(tmp_path / "claude", [failure("Not logged in · Please run /login")])
    lines = told(project, agents, "--agents", SDD_CLAUDE=str(fake.path))
    (found,) = [line for line in lines if line[1].startswith("claude does not answer")]
    assert found == (
        "warn",
        "claude does not answer: Claude Code is not signed in: Not logged in · Please run /login",
        "start `claude` once to sign in, or export ANTHROPIC_API_KEY=<a key>",
    )


def test_claude_code_that_is_not_here_is_told_with_how_to_get_it(project: GitBox, agents: StandIns) -> None:
    hint = told(project, agents, SDD_CLAUDE="surely-not-installed")[-1][2]
    assert hint is not None
    assert hint.startswith("claude: npm install -g @anthropic-ai/claude-code")
