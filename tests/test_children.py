"""Which variables are the keys of models."""

from __future__ import annotations

import os

import pytest

from sdd.children import KeysPutAway, is_key, keyless


@pytest.mark.parametrize(
    "name",
    [
        *("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS"),
        *("OPENAI_API_KEY", "CODEX_API_KEY", "GEMINI_API_KEY", "CURSOR_API_KEY", "openrouter_api_key"),
        *("AWS_BEARER_TOKEN_BEDROCK", "HF_TOKEN"),
    ],
)
def test_the_key_of_a_model_is_known_by_its_name(name: str) -> None:
    assert is_key(name)
    assert keyless({name: "x", "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "SSH_AUTH_SOCK", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "GPG_KEY", "API_KEY_FILE"],
)
def test_what_git_may_need_is_no_key_of_a_model(name: str) -> None:
    assert not is_key(name)


def test_keys_that_are_put_away_come_back_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with pytest.raises(KeyError), KeysPutAway():
        os.environ["OPENAI_API_KEY"]
    assert os.environ["OPENAI_API_KEY"] == "x"
