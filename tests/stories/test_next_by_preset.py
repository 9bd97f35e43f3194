"""`sdd next` by an agent's command line: what it answers is applied, what fails is told with the next step and loses nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitbox import GitBox
from stand_ins import Says, StandIns
from workshop import BOTH, begin, findings, left_behind, runs, wholes


@pytest.fixture
def agents(tmp_path: Path) -> StandIns:
    return StandIns(tmp_path / "agents")


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box, commands=["git --version"])
    return box


def by(name: str, agents: StandIns, **env: str) -> dict[str, str]:
    return {"SDD_PROVIDER": name, "PATH": agents.path, **env}


def cursor(text: str) -> list[str]:
    done = {"type": "result", "is_error": False, "result": text, "session_id": "abc"}
    return [json.dumps({"type": "system", "subtype": "init", "model": "composer"}), json.dumps(done)]


@pytest.mark.parametrize(
    ("name", "out"),
    [("llm", BOTH.splitlines()), ("cursor-agent", cursor(BOTH)), ("ollama", BOTH.splitlines())],
)
def test_an_agents_answer_is_applied_and_recorded(
    project: GitBox, agents: StandIns, name: str, out: list[str]
) -> None:
    agents.put(name, Says(out=out))
    done = project.sdd(
        "next", "--model", "m-1", env=by(name, agents, OPENAI_API_KEY="sk-dummy-made-by-a-test")
    )
    assert done.out.startswith("01-a: done\n  It is made.\n")
    assert (project.read("src/a.py"), project.read("src/b.py")) == ("A = 1\n", "B = 2\n")
    (run,) = runs(project)
    assert (run.provider, run.outcome) == (name, "done")
    assert run.model in {"m-1", "composer"}
    assert "## Goal" not in agents.seen(name).argv  # the prompt goes in by standard input
    assert "Reach it." in agents.seen(name).stdin
    assert (left_behind(project), findings(project)) == ([], [])


def test_an_agent_that_is_not_installed_is_told_with_how_to_get_it(project: GitBox, agents: StandIns) -> None:
    own = agents.folder / "providers.toml"
    own.write_text('[mine]\nargv = ["surely-not-installed"]\ninstall = "pip install mine"\n')
    done = project.sdd("next", env=by("mine", agents, SDD_PROVIDERS=str(own)), check=4)
    assert "surely-not-installed is not installed" in done.err
    assert "pip install mine" in done.err
    assert runs(project) == ()


def test_an_answer_that_is_cut_is_kept_and_next_goes_on(project: GitBox, agents: StandIns) -> None:
    half = [json.dumps({"type": "assistant", "message": {"content": [{"type": "text", "text": BOTH[:60]}]}})]
    agents.put("cursor-agent", Says(out=half))
    cut = project.sdd("next", env=by("cursor-agent", agents), check=4)
    assert "cursor-agent ended before its answer did" in cut.err
    assert BOTH[:60] in wholes(project)[0]
    assert not (project.path / "src").exists()
    agents.put("cursor-agent", Says(out=cursor(BOTH)))
    assert project.sdd("next", env=by("cursor-agent", agents)).out.startswith("01-a: done\n")


def test_an_agent_that_is_not_signed_in_ends_with_how_to(project: GitBox, agents: StandIns) -> None:
    agents.put("llm", Says(err="Error: No key found\n", code=1))
    done = project.sdd("next", env=by("llm", agents), check=4)
    assert "llm is not signed in: Error: No key found" in done.err
    assert "llm keys set openai" in done.err
    assert runs(project) == ()
