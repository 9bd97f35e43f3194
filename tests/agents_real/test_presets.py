"""The real codex, opencode and gemini, by the shipped presets as they are, against a local server: `make test-agents`.

They are installed by npm, in the versions that the presets name, once, below `.cache`. What is seen here is what the
stand-ins of tests/llm/test_llm_command.py say; where an agent changes, these tests tell.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from fake_model_apis import ModelApis
from sdd.llm import presets, providers
from sdd.llm.command_output import counted_in
from sdd.llm.problems import CutError, ProblemError
from sdd.llm.request import Request, Workplace, unwatched
from sdd.llm.response import Response, Usage

pytestmark = [
    pytest.mark.timeout(600),  # an installation may be among it
]

CACHE = Path(__file__).parents[2] / ".cache" / "agents"
HOME = Path.home()  # before the tests' own: npm's settings are there
PACKAGES = {"codex": "@openai/codex", "opencode": "opencode-ai", "gemini": "@google/gemini-cli"}
MODELS = {"codex": "m", "opencode": "fake/m", "gemini": "gemini-m"}
KEY = "sk-dummy-made-by-a-test"
UNKNOWN = {"codex": "01a22151-0000-71b3-b4d7-663a24038e98", "opencode": "ses_01unknown"}
UNKNOWN["gemini"] = UNKNOWN["codex"]
SHARE = {
    "codex": Usage(input=60, output=10, cache_read=30),
    "opencode": Usage(input=60, output=10, cache_read=30, cache_write=0),
    "gemini": Usage(input=60, output=10, cache_read=30),
}


@pytest.fixture(scope="session", params=PACKAGES)
def name(request: pytest.FixtureRequest) -> str:
    """An agent that is installed, the version that its preset names."""
    agent = str(request.param)
    version = presets.presets({})[agent].seen.partition(",")[0]
    folder = CACHE / f"{agent}-{version}"
    with FileLock(f"{folder}.lock"):
        if not (folder / "ready").exists():
            _install(folder, f"{PACKAGES[agent]}@{version}")
    return agent


def _install(folder: Path, package: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text("{}")
    argv = [npm, "install", "--no-audit", "--no-fund", package]
    done = subprocess.run(
        argv, cwd=folder, env={**os.environ, "HOME": str(HOME)}, capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"npm cannot install {package}")
    (folder / "ready").touch()


@pytest.fixture
def apis() -> Iterator[ModelApis]:
    with ModelApis() as server:
        yield server


@pytest.fixture
def work(name: str, apis: ModelApis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository to work in, and the agent set up to ask the local server; the preset stays as it is shipped."""
    for folder in CACHE.glob(f"{name}-*/node_modules/.bin"):
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    home, project = tmp_path / "home", tmp_path / "project"
    for folder in (home / ".codex", home / ".gemini", project):
        folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    settings = {
        "HOME": str(home),
        "OPENAI_API_KEY": KEY,
        "CODEX_HOME": str(home / ".codex"),
        "OPENCODE_CONFIG": str(home / "opencode.json"),
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": apis.url,
        "GEMINI_CLI_TRUST_WORKSPACE": "true",
    }
    for key, value in settings.items():
        monkeypatch.setenv(key, value)
    (home / ".codex" / "config.toml").write_text(
        f'model_provider = "fake"\n[model_providers.fake]\nname = "fake"\nbase_url = "{apis.url}/v1"\n'
        'env_key = "OPENAI_API_KEY"\nwire_api = "responses"\nrequest_max_retries = 1\nstream_max_retries = 1\n'
    )
    options = {"baseURL": f"{apis.url}/v1", "apiKey": KEY}
    fake = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "fake",
        "options": options,
        "models": {"m": {"name": "m"}},
    }
    opencode = {"provider": {"fake": fake}, "model": "fake/m", "small_model": "fake/m", "autoupdate": False}
    (home / "opencode.json").write_text(json.dumps(opencode))
    (home / ".gemini" / "settings.json").write_text(
        '{"security": {"auth": {"selectedType": "gemini-api-key"}}}'
    )
    return project


def call(name: str, work: Path, prompt: str, **more: Any) -> Response:
    request = Request(prompt, MODELS[name], workplace=Workplace(str(work)), **{"timeout_s": 90.0, **more})
    return providers.load(name).respond(request, unwatched)


def problem(name: str, work: Path, **more: Any) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        call(name, work, "What is it?", **more)
    return caught.value


def test_it_answers_and_goes_on_with_the_conversation(name: str, work: Path, apis: ModelApis) -> None:
    first = call(name, work, "What is the first thing?")
    assert first.text.startswith("forty-two ")
    assert first.usage == SHARE[name]
    assert first.agent == f"{name} {presets.presets({})[name].seen.partition(',')[0]}"
    assert (first.cost, first.partial) == (None, False)
    second = call(name, work, "And the next?", conversation=first.conversation, counted=counted_in(first.raw))
    assert second.conversation == first.conversation
    assert second.usage == SHARE[name]
    sent = next(body for body in reversed(apis.requests) if "And the next?" in body)
    assert "What is the first thing?" in sent
    assert first.text in sent


def test_a_conversation_that_is_not_there_is_told_without_a_call(
    name: str, work: Path, apis: ModelApis
) -> None:
    assert problem(name, work, conversation=UNKNOWN[name]).kind == "no_conversation"
    assert not apis.requests


def test_a_key_that_is_refused_is_told(name: str, work: Path, apis: ModelApis) -> None:
    apis.status = 401
    told = problem(name, work)
    assert told.kind == "authentication"
    assert "Incorrect API key provided" in told.message
    assert told.hint == presets.presets({})[name].sign_in


def test_a_prompt_longer_than_any_argument_arrives_whole(name: str, work: Path, apis: ModelApis) -> None:
    call(name, work, "x" * 300_000 + " the end of it")
    assert any("x" * 300_000 + " the end of it" in body for body in apis.requests)


def test_a_model_that_falls_silent_ends_at_the_limit(name: str, work: Path, apis: ModelApis) -> None:
    apis.stalls = True
    assert problem(name, work, timeout_s=12.0).kind == "timed_out"
    apis.stalls = False
    assert call(name, work, "Again?").text.startswith("forty-two ")


def test_a_conversation_of_an_ended_call_goes_on(name: str, work: Path, apis: ModelApis) -> None:
    first = call(name, work, "What is the first thing?")
    apis.stalls = True
    told = problem(name, work, conversation=first.conversation, timeout_s=12.0)
    assert not isinstance(told, CutError) or told.response.conversation == first.conversation
    apis.stalls = False
    third = call(name, work, "And the next?", conversation=first.conversation)
    assert third.conversation == first.conversation
    assert "What is the first thing?" in apis.requests[-1]


def test_codex_begins_anew_for_what_is_no_id_so_it_is_not_asked(
    name: str, work: Path, apis: ModelApis
) -> None:
    if name != "codex":
        pytest.skip("the trap is codex's")
    assert problem(name, work, conversation="what-is-no-id").kind == "no_conversation"
    assert not apis.requests
