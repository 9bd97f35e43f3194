"""Presets are data: the shipped ones hold together, one's own lie over them, and what is wrong is told with its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sdd.errors import SddError
from sdd.llm import presets
from sdd.llm.preset_form import schema
from sdd.views.schemas import schema as shown_schema

SHIPPED = ["aider", "codex", "cursor-agent", "gemini", "llm", "ollama", "opencode"]
MINE = '[mine]\nargv = ["mine", "-"]\n'


def own(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "providers.toml"
    path.write_text(text, "utf-8")
    return {presets.VARIABLE: str(path)}


def test_the_shipped_presets_are_whole() -> None:
    known = presets.presets({})
    assert list(known) == presets.names({}) == SHIPPED
    for name, preset in known.items():
        assert preset.argv[0] == name
        assert preset.about
        assert preset.seen
        assert preset.install
        assert preset.sign_in or name == "ollama"
        assert preset.resume is None or preset.resume[0] == name


def test_which_ones_go_on_and_which_edit() -> None:
    known = presets.presets({})
    assert [name for name, one in known.items() if one.resume] == [
        "codex",
        "cursor-agent",
        "gemini",
        "opencode",
    ]
    assert [name for name, one in known.items() if one.edits] == ["aider", "codex", "gemini", "opencode"]


def test_ones_own_preset_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    known = presets.presets(own(tmp_path, MINE))
    assert list(known) == sorted([*SHIPPED, "mine"]) == presets.names(own(tmp_path, MINE))
    assert known["mine"].output == "text"


def test_a_table_of_a_shipped_name_changes_only_what_it_says(tmp_path: Path) -> None:
    changed = presets.presets(own(tmp_path, "[codex]\nsilence_s = 600\n"))["codex"]
    assert changed == presets.presets({})["codex"].model_copy(update={"silence_s": 600})


def test_a_preset_may_be_like_another(tmp_path: Path) -> None:
    known = presets.presets(own(tmp_path, '[mine]\nlike = "opencode"\nedits = false\n'))
    assert known["mine"] == known["opencode"].model_copy(update={"edits": False})


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[mine\n", "is not TOML", "correct"),
        ("mine = 3\n", ":1: mine should be a table, and is 3", "begin a table with [mine]"),
        ("[manual]\n", ":1: manual is a provider of sdd's own", "such as [my-manual]"),
        ("['a b']\n", ": 'a b' is no name for a provider", "like [my-agent]"),
        ('[x]\nlike = "codx"\n', ":2: x.like is 'codx'", "choose codex"),
        ('[x]\nlike = "zzzzz"\n', ":2: x.like is 'zzzzz'", "choose aider, codex"),
        ("[mine]\n", ":1: mine.argv is missing", "add argv: the program"),
        (MINE + "edit = true\n", ":3: mine.edit is no key of a preset", "write edits instead"),
        (MINE + "qqqqqqqqqq = true\n", ":3: mine.qqqqqqqqqq is no key", "the keys are about, anew"),
        (MINE + 'edits = "yes"\n', ":3: mine.edits is 'yes', but should be a valid boolean", "write edits: whether"),
        (MINE + "timeout_s = 0\n", ":3: mine.timeout_s is 0, but should be greater than 0", "write timeout_s: seconds"),
        (MINE + 'output = "xml"\n', ":3: mine.output is 'xml', but should be 'text', 'json' or 'lines'", "write output"),
        (MINE + 'noise = "("\n', ":3: mine.noise is '(', but should be a regular expression", "write noise"),
        (MINE + 'text = ["x"]\n', ":3: mine.text.0 is 'x', but", "write text: the answer"),
        (MINE + 'text = [{ at = "a..b" }]\n', "mine.text.0.at is 'a..b', but should be names joined by dots", "write at: names"),
        (MINE + 'text = [{ on = "a" }]\n', "mine.text.0.on is no key of a preset", "the keys are at, where"),
        (MINE + 'problems = [{ kind = "huge", says = "x" }]\n', "mine.problems.0.kind is 'huge', but should be", "write kind: the kind"),
        (MINE + 'problems = [{ kind = "empty" }]\n', "mine.problems.0 is {'kind': 'empty'}, but should have `says` or `code`", "write problems: how"),
        (MINE + "[mine.usage]\ninputs = []\n", ":4: mine.usage.inputs is no key of a preset", "write input instead"),
        ('[mine]\nargv = ["mine", "{file}"]\n', "mine.argv.1 is '{file}', but should hold placeholders that there are, and {file} is none", "write argv: the program"),
        ('[mine]\nargv = ["mine", "a\\u0000b"]\n', "but should hold no null byte", "write argv"),
        ('[mine]\nargv = ["mine", 3]\n', "mine.argv.1 is 3, but should be a valid string", "write argv"),
        ('[mine]\nargv = [["mine"]]\n', ":1: mine should name its program first", "sdd schema providers"),
        ('[mine]\nargv = ["{model}"]\n', ":1: mine should name its program first", "sdd schema providers"),
        (MINE + 'resume = [["mine"], "{conversation}"]\n', "mine should name its program first", "sdd schema"),
        ('[mine]\nargv = ["mine", "{conversation}"]\n', "mine should not use {conversation} in argv", "sdd schema"),
        (MINE + 'resume = ["mine"]\n', "mine should use {conversation} in resume", "sdd schema"),
        (MINE + 'resume = ["mine", "{conversation}"]\n', "mine should say where the id stands", "sdd schema"),
        (MINE + 'output = "json"\n', "mine should say where the answer stands", "sdd schema"),
    ],
)  # fmt: skip
def test_a_wrong_preset_is_told_with_its_place_and_what_to_write(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    with pytest.raises(SddError) as caught:
        presets.presets(own(tmp_path, text))
    assert str(tmp_path / "providers.toml") in caught.value.message
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_long_value_is_shown_short(tmp_path: Path) -> None:
    with pytest.raises(SddError) as caught:
        presets.presets(own(tmp_path, f'{MINE}output = "{"x" * 500}"\n'))
    assert len(caught.value.message) < 300


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SddError) as caught:
        presets.presets({presets.VARIABLE: str(tmp_path / "none.toml")})
    assert caught.value.hint == "unset SDD_PROVIDERS"


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(SddError, match="cannot be read"):
        presets.presets({presets.VARIABLE: str(path)})
    assert presets.names({presets.VARIABLE: str(path)}) == SHIPPED


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps it below APPDATA")
def test_ones_own_file_stands_with_ones_other_configuration(tmp_path: Path) -> None:
    assert presets.own_file({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "sdd" / "providers.toml"
    assert presets.own_file({}) == Path.home() / ".config" / "sdd" / "providers.toml"


def test_the_schema_knows_every_key() -> None:
    shown: dict[str, Any] = shown_schema("providers")
    assert shown == schema()
    keys = shown["$defs"]["Preset"]["properties"]
    assert {"like", "argv", "resume", "usage", "problems"} <= set(keys)
    assert all("description" in key or "$ref" in key for key in keys.values())
    assert "required" not in shown["$defs"]["Preset"]
