"""What a configuration of pre-commit or prek says of sdd, read as text."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sdd.githooks.configuration import (
    ALL_TYPES,
    BLOCK,
    DOORS,
    TOML,
    doors,
    fresh,
    held,
    is_only_ours,
    opened_by_default,
    starts_by_name,
)

ROOT = Path(__file__).parents[2]


def loaded(text: str) -> Any:
    return YAML(typ="safe").load(text)


def test_the_local_hooks_are_those_of_the_manifest() -> None:
    """But for what installs them: a description nobody sees there, and the oldest pre-commit stands once, at the top."""
    manifest = loaded((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    dropped = {"description", "minimum_pre_commit_version"}
    wanted = [
        {k: v for k, v in hook.items() if k not in dropped} | {"language": "system"} for hook in manifest
    ]
    assert loaded(BLOCK) == [{"repo": "local", "hooks": wanted}]
    assert tomllib.loads(TOML)["repos"] == loaded(BLOCK)


def test_what_sdd_writes_opens_every_door_and_keeps_hooks_of_others_at_commits() -> None:
    assert loaded(fresh()) == {
        "minimum_pre_commit_version": "3.2.0",
        "default_install_hook_types": list(DOORS),
        "default_stages": ["pre-commit", "manual"],
        "repos": loaded(BLOCK),
    }
    assert doors(fresh()) == opened_by_default(fresh()) == set(DOORS)
    assert doors(TOML) == set(DOORS)
    assert starts_by_name(fresh())
    assert starts_by_name(TOML)


def test_the_page_shows_what_sdd_writes() -> None:
    page = (ROOT / "docs/how-to/pre-commit.md").read_text("utf-8")
    assert loaded(page.partition("```yaml\n")[2].partition("```")[0]) == loaded(fresh())


def test_this_projects_own_configuration_holds_all_of_it_started_in_its_own_way() -> None:
    own = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert doors(own) == opened_by_default(own) == set(DOORS)
    assert not starts_by_name(own)
    assert not is_only_ours(own)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", set()),
        ("- id: sdd\n", {"sdd"}),
        ("- id: 'sdd-push' # x\r\n", {"sdd-push"}),
        ('hooks: [{id: sdd, name: x}, {"id": "sdd-commit-msg"}]', {"sdd", "sdd-commit-msg"}),
        ("- id: process\n  entry: uv run sdd hook pre-commit", {"sdd"}),
        ('- id: process\n  entry: "/a/sdd" hook commit-msg', {"sdd-commit-msg"}),
        ("# - id: sdd\n", set()),
        ("- id: x # id: sdd\n", set()),
        ("- id: sdd-lint\n- id: my-sdd\n- name: sdd\n- uid: sdd\n", set()),
    ],
)
def test_hooks_are_known_by_their_ids_or_by_what_they_run(text: str, ids: set[str]) -> None:
    assert held(text) == ids


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("repos: []", {"pre-commit"}),
        ("# default_install_hook_types: [pre-push]\nrepos: []", {"pre-commit"}),
        ("default_install_hook_types: [pre-push, post-checkout]\n", {"pre-push"}),
        (
            "default_install_hook_types:\n- pre-push\n# x\n- 'commit-msg'\nrepos:\n- repo: pre-commit\n",
            {"pre-push", "commit-msg"},
        ),
        (
            "default_install_hook_types:\n  [\n    pre-push,\n  ]\ndefault_stages: [commit-msg]\n",
            {"pre-push"},
        ),
        ('default_install_hook_types = ["pre-push"]\n[[repos]]\nrepo = "commit-msg"\n', {"pre-push"}),
    ],
)
def test_what_a_bare_install_opens_is_read(text: str, opened: set[str]) -> None:
    assert opened_by_default(text) == opened


def test_only_what_sdd_writes_is_nothing_else() -> None:
    assert is_only_ours(fresh())
    assert is_only_ours(f"# ours\n\n{fresh()}".replace("\n", "\r\n"))
    assert not is_only_ours(fresh() + "exclude: x\n")
    assert not is_only_ours(fresh().replace("entry: sdd hook pre-push", "entry: make"))
    assert not is_only_ours(f"{ALL_TYPES}\nrepos:\n{BLOCK}")
