"""sdd's hooks put into configurations of others: what was there stays, byte for byte, and what cannot be read well is left."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sdd.githooks.configuration import BLOCK, DOORS, fresh, stages
from sdd.githooks.extending import extended

ROOT = Path(__file__).parents[2]
ITEM = "- repo: meta\n  hooks:\n  - id: identity\n"
SAMPLE = """\
# See https://pre-commit.com for more information
# See https://pre-commit.com/hooks.html for more hooks
repos:
-   repo: https://github.com/pre-commit/pre-commit-hooks
    rev: v3.2.0
    hooks:
    -   id: trailing-whitespace
"""


def loaded(text: str) -> Any:
    return YAML(typ="safe").load(text)


def is_subsequence(before: list[str], after: list[str]) -> bool:
    rest = iter(after)
    return all(line in rest for line in before)


def put(before: str) -> str:
    """The text after sdd's hooks were put in; a second time changes nothing."""
    after = extended(before)
    assert after.left == ""
    assert extended(after.text).text == after.text
    return after.text


def left(before: str) -> str:
    """Why the text was left as it is."""
    after = extended(before)
    assert after.text == before
    return after.left


def test_nothing_becomes_what_sdd_writes() -> None:
    assert put("") == fresh()
    assert put("# ours\n") == f"# ours\n{fresh()}"
    assert put("---") == f"---\n{fresh()}"


def test_this_projects_own_configuration_stays_as_it_is() -> None:
    own = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert put(own) == own


def test_the_sample_configuration_is_extended_line_by_line() -> None:
    top = "".join(f"{line}\n" for line in fresh().splitlines()[:3])
    head, repos, rest = SAMPLE.partition("repos:\n")
    assert put(SAMPLE) == head + top + repos + BLOCK + rest


def test_remarks_stay_with_what_they_are_about() -> None:
    before = f"exclude: x # mine\n# the list\nrepos: # of repos\n# first\n{ITEM}# last\n"
    lines = put(before).splitlines()
    assert lines[4:6] == ["# the list", "repos: # of repos"]
    assert lines[-5:-3] == ["# first", "- repo: meta"]


def test_line_ends_and_a_missing_last_one_stay() -> None:
    before = SAMPLE.replace("\n", "\r\n").removesuffix("\r\n")
    assert put(before) == put(SAMPLE).replace("\n", "\r\n").removesuffix("\r\n")


def test_bytes_that_are_no_utf_8_stay() -> None:
    remark = b"# caf\xe9\n".decode("utf-8", "surrogateescape")
    assert put(f"{remark}repos:\n{ITEM}").startswith(remark)


@pytest.mark.parametrize(
    ("types", "line"),
    [
        ("[]", f"[{', '.join(DOORS)}]"),
        ("[pre-push]", "[pre-push, pre-commit, pre-merge-commit, commit-msg]"),
        (
            "[ 'pre-push', post-checkout, ] # ours",
            "[ 'pre-push', post-checkout, pre-commit, pre-merge-commit, commit-msg, ] # ours",
        ),
    ],
)
def test_a_list_of_types_on_one_line_gets_those_that_it_lacks(types: str, line: str) -> None:
    after = put(f"repos:\n{ITEM}default_install_hook_types: {types}\n")
    assert f"\ndefault_install_hook_types: {line}\n" in after
    assert loaded(after)["default_stages"] == [*(loaded(types) or []), "manual"]


def test_a_list_of_types_in_lines_gets_those_that_it_lacks() -> None:
    before = f"default_install_hook_types: # all\n  # first\n  - pre-push # x\n\n  - 'pre-commit'\n# repos\nrepos:\n{ITEM}"
    after = put(before)
    assert "  - 'pre-commit'\n  - pre-merge-commit\n  - commit-msg\n" in after
    assert loaded(after)["default_stages"] == ["pre-push", "pre-commit", "manual"]


def test_where_all_types_are_installed_hooks_without_stages_run_there_already() -> None:
    before = f"default_install_hook_types: [{', '.join(DOORS)}]\nrepos:\n{ITEM}"
    assert "default_stages" not in put(before)


def test_stages_and_versions_that_were_chosen_stay() -> None:
    before = f"default_stages: [pre-push]\nminimum_pre_commit_version: '4'\nrepos:\n{ITEM}"
    after = loaded(put(before))
    assert (after["default_stages"], after["minimum_pre_commit_version"]) == (["pre-push"], "4")


def test_with_all_hooks_only_the_missing_types_are_put_in() -> None:
    after = put(f"repos:\n{BLOCK}")
    assert loaded(after)["repos"] == loaded(BLOCK)
    assert after.splitlines()[:3] == [*fresh().splitlines()[1:2], stages(("pre-commit",)), "repos:"]


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("repos: []\n", "it has no `repos:` with a line for each"),
        ("repos:\n", "it has no `repos:` with a line for each"),
        ("repos:\n  &all\n  - repo: meta\n", "it has no `repos:` with a line for each"),
        ("repos: &all\n- repo: meta\n", "it has no `repos:` with a line for each"),
        ("exclude: x\n", "it has no `repos`"),
        ("- repo: meta\n  hooks: []\n", "it has no `repos`"),
        (f"repos:\n{ITEM}repos:\n{ITEM}", "repos stands in it twice"),
        (f"{{\nrepos:\n{ITEM}}}\n", "line 1 is not laid out as sdd can read it"),
        (f"exclude: x\n---\nrepos:\n{ITEM}", "line 2 is not laid out as sdd can read it"),
        (f"'repos':\n{ITEM}", "line 1 is not laid out as sdd can read it"),
        (f"exclude: x\r\nrepos:\n{ITEM}", "its lines end in several ways"),
        (f"exclude: x\u2028repos:\nrepos:\n{ITEM}", "its lines end in several ways"),
        (f"\ufeffrepos:\n{ITEM}", "its lines end in several ways"),
        (
            "repos:\n- repo: local\n  hooks:\n  - id: sdd\n  - id: sdd-push\n",
            "it holds sdd, and lacks sdd-commit-msg",
        ),
        *(
            (
                f"default_install_hook_types:{types}\nrepos:\n{ITEM}",
                "its `default_install_hook_types` is not laid out as sdd can read it",
            )
            for types in (
                "",
                " &x [pre-push]",
                "\n  [pre-push]",
                "\n- [pre-push]\n- commit-msg",
                " [pre-push,\n  commit-msg]",
            )
        ),
    ],
)
def test_what_is_not_plain_is_left_with_the_reason(before: str, why: str) -> None:
    assert left(before) == why


def is_sound(text: str) -> bool:
    """Whether the library can read what it wrote itself; some scalars inside brackets it cannot."""
    try:
        return loaded(text) is not None
    except YAMLError:
        return False


WORDS = st.text("abc:#'- {[&*|>%@!\"\\é", max_size=8)
HOOK = st.fixed_dictionaries(
    {"id": st.sampled_from(["ruff", "a b", "id: x"]), "args": st.lists(WORDS, max_size=2)}
)
REPO = st.fixed_dictionaries(
    {"repo": st.sampled_from(["local", "meta"]), "hooks": st.lists(HOOK, min_size=1, max_size=2)}
)
OTHERS = {"exclude": WORDS, "ci": st.dictionaries(WORDS, WORDS, max_size=2)}
TYPES = {"default_install_hook_types": st.lists(st.sampled_from([*DOORS, "post-commit"]), unique=True)}
CONFIGS = st.fixed_dictionaries({"repos": st.lists(REPO, min_size=1, max_size=3)}, optional=OTHERS | TYPES)


@given(CONFIGS, st.randoms(), st.booleans(), st.sampled_from([0, 2, 4]))
def test_any_configuration_keeps_its_lines_and_its_meaning_or_is_left(
    config: dict[str, Any], chance: Any, in_lines: bool, offset: int
) -> None:
    keys = [*config]
    chance.shuffle(keys)
    yaml = YAML()
    yaml.default_flow_style = False if in_lines else None
    yaml.indent(sequence=offset + 2, offset=offset)
    stream = StringIO()
    yaml.dump({key: config[key] for key in keys}, stream)
    before = stream.getvalue()
    assume(is_sound(before))
    after = extended(before)
    if after.left:
        assert after.text == before
        return
    found = loaded(after.text)
    assert found.pop("repos") == [*loaded(BLOCK), *config["repos"]]
    assert set(found.pop("default_install_hook_types")) == {
        *DOORS,
        *config.get("default_install_hook_types", []),
    }
    assert {key: found[key] for key in keys if key in OTHERS} == {
        key: config[key] for key in keys if key in OTHERS
    }
    is_type = "default_install_hook_types:"
    kept = [line for line in before.splitlines() if not line.startswith(is_type)]
    assert is_subsequence(kept, after.text.splitlines())
    assert extended(after.text).text == after.text
