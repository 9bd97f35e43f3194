"""What agents are given: put in place twice and taken away again, without touching what a person wrote."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gitbox import GitBox
from sdd.agents import NAMES, install, uninstall
from sdd.agents.installing import MANIFEST, Manifest, planned, taken
from sdd.agents.pieces import Piece, pieces
from sdd.agents.placing import BEGIN, END, mark_of, put, take
from sdd.errors import RefusedError, SddError
from sdd.runs.agent_hooks import HOOKS
from sdd.sessions.front_matter import parse

SETTINGS, SKILL, CLAUDE = ".claude/settings.json", ".claude/skills/sdd/SKILL.md", "CLAUDE.md"
PLACES = {
    "claude": [SETTINGS, SKILL],
    "codex": [".agents/skills/sdd/SKILL.md"],
    "copilot": [".github/skills/sdd/SKILL.md"],
    "cursor": [".cursor/skills/sdd/SKILL.md"],
    "gemini": [".gemini/commands/sdd.toml"],
    "opencode": [".opencode/commands/sdd.md"],
}
PERSONS: dict[str, Any] = {
    "$schema": "https://example.org/schema.json",
    "permissions": {"allow": ["Bash(make:*)"], "größe": 1.5},
    "hooks": {
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "my-guard"}]}],
        "SessionStart": [{"hooks": [{"type": "command", "command": "sdd-like hook"}]}],
    },
}


def files(root: Path) -> dict[str, bytes]:
    """All files below a folder but git's."""
    found = (
        path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts
    )
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def up(box: GitBox, *names: str) -> list[str]:
    return install(str(box.path), names)


def down(box: GitBox, *names: str) -> list[str]:
    return uninstall(str(box.path), names)


def settings(box: GitBox) -> dict[str, Any]:
    return dict(json.loads(box.read(SETTINGS)))


class TestEachAgent:
    @pytest.mark.parametrize("name", NAMES)
    def test_it_finds_what_it_needs_where_it_looks(self, box: GitBox, name: str) -> None:
        lines = up(box, name)
        there = sorted([*PLACES[name], "AGENTS.md", MANIFEST.decode()])
        assert sorted(files(box.path)) == there
        assert lines == [f"wrote {path}" for path in (*PLACES[name], "AGENTS.md")]

    @pytest.mark.parametrize("name", NAMES)
    def test_all_of_it_can_be_taken_away_again(self, box: GitBox, name: str) -> None:
        up(box, name)
        assert down(box, name) == [f"removed {path}" for path in (*PLACES[name], "AGENTS.md")]
        assert [path.name for path in box.path.iterdir()] == [".git"]
        assert down(box, name) == ["there is nothing to take away"]

    @pytest.mark.parametrize("name", ["claude", "codex", "copilot", "cursor"])
    def test_a_skill_says_what_to_do_and_what_is_a_persons(self, box: GitBox, name: str) -> None:
        up(box, name)
        path = PLACES[name][-1]
        text = box.read(path)
        front = text.split("---\n")[1]
        assert [line.partition(":")[0] for line in front.splitlines()] == ["name", "description"]
        assert parse(path.encode(), text.encode()).findings == ()
        for words in ("sdd prompt SESSION", "sdd record SESSION -", "sdd approve", "--no-verify", ".sdd/"):
            assert words in text

    def test_commands_take_what_is_asked_for(self, box: GitBox) -> None:
        up(box, "gemini", "opencode")
        table = tomllib.loads(box.read(".gemini/commands/sdd.toml"))
        assert set(table) == {"description", "prompt"}
        assert table["prompt"].endswith("What is asked for now: {{args}}\n")
        assert "!{" not in table["prompt"]
        assert box.read(".opencode/commands/sdd.md").endswith("What is asked for now: $ARGUMENTS\n")

    def test_claude_asks_before_each_tool_that_writes_and_is_stopped_where_the_answer_fails(
        self, box: GitBox
    ) -> None:
        up(box, "claude")
        (group,) = settings(box)["hooks"]["PreToolUse"]
        assert set(group["matcher"].split("|")) == {"Write", "Edit", "MultiEdit", "NotebookEdit", "Bash"}
        (hook,) = group["hooks"]
        assert (hook["command"], hook["onFailure"]) == ("sdd hook pre-tool-use", "block")
        assert settings(box)["hooks"]["Stop"] == HOOKS["Stop"]

    def test_an_unknown_agent_is_told_of(self, box: GitBox) -> None:
        with pytest.raises(SddError, match="no agent `cluade`") as told:
            up(box, "cluade")
        assert told.value.hint == "did you mean claude?"
        with pytest.raises(SddError, match="no agent `x`") as told:
            down(box, "x")
        assert told.value.hint == f"there are {', '.join(NAMES)}"


class TestTwice:
    def test_a_second_time_changes_nothing(self, box: GitBox) -> None:
        up(box, *NAMES)
        before = files(box.path)
        assert up(box, *NAMES) == []
        assert files(box.path) == before

    def test_what_a_person_changed_is_left(self, box: GitBox) -> None:
        up(box, "claude")
        box.write(SKILL, "mine\n")
        box.write("AGENTS.md", box.read("AGENTS.md").replace("Only a person", "Only Alice"))
        edited = box.read(SETTINGS).replace('"timeout": 30', '"timeout": 3')
        box.write(SETTINGS, edited)
        before = files(box.path)
        told = [
            f"{SETTINGS} is left as it is: its hooks of sdd were changed here",
            f"{SKILL} is left as it is: it was changed here",
            "AGENTS.md is left as it is: it was changed here",
        ]
        assert up(box, "claude") == told
        assert files(box.path) == before
        assert down(box, "claude") == told
        assert files(box.path) == {path: data for path, data in before.items() if path != MANIFEST.decode()}

    def test_what_an_older_sdd_wrote_is_brought_up_to_date(self) -> None:
        old = [
            Piece(one.path, one.kind, one.data.replace(b"sdd hook stop", b"sdd hook halt"))
            for one in pieces("claude")
        ]
        old = [one if one.kind == "hooks" else Piece(one.path, one.kind, b"old\n") for one in old]
        new = pieces("claude")
        for was, now in zip(old, new, strict=True):
            first = put(was, b"# Mine\n" if was.kind == "line" else None, "")
            assert put(now, first.data, first.mark).data == (
                put(now, None, "").data if now.kind != "line" else b"# Mine\nold\n\n@AGENTS.md\n"
            )

    def test_line_ends_that_git_changed_are_no_persons_change(self, box: GitBox) -> None:
        up(box, "claude", "gemini")
        for path, data in files(box.path).items():
            box.write(path, data.replace(b"\n", b"\r\n"))
        assert up(box, "claude", "gemini") == []
        down(box, "claude", "gemini")
        assert files(box.path) == {}

    def test_without_the_manifest_only_what_is_as_written_is_taken_for_its_own(self, box: GitBox) -> None:
        up(box, "claude", "codex")
        (box.path / MANIFEST.decode()).unlink()
        box.write(SKILL, "mine\n")
        assert down(box, "claude", "codex")[:2] == [f"removed {SETTINGS}", "removed AGENTS.md"]
        assert files(box.path) == {SKILL: b"mine\n"}


class TestBesideOthers:
    def test_a_file_of_somebody_elses_is_never_touched(self, box: GitBox) -> None:
        box.write(SKILL, "other\n")
        lines = up(box, "claude")
        assert f"{SKILL} is left as it is: it is somebody else's" in lines
        down(box, "claude")
        assert files(box.path) == {SKILL: b"other\n"}

    @pytest.mark.parametrize("indent", [2, 4, "\t"])
    def test_a_persons_settings_keep_every_key_and_their_layout(self, box: GitBox, indent: int | str) -> None:
        before = json.dumps(PERSONS, indent=indent, ensure_ascii=False) + "\n"
        box.write(SETTINGS, before)
        up(box, "claude")
        now = settings(box)
        assert {**now, "hooks": PERSONS["hooks"]} == PERSONS
        assert list(now) == list(PERSONS)
        assert now["hooks"]["PreToolUse"] == [*PERSONS["hooks"]["PreToolUse"], *HOOKS["PreToolUse"]]
        assert now["hooks"]["SessionStart"] == PERSONS["hooks"]["SessionStart"]
        down(box, "claude")
        assert box.read(SETTINGS) == before

    @pytest.mark.parametrize(
        "before", ["{}", "", '{"hooks": {}}', '{"model": "x"}', '{\r\n  "a": 1\r\n}\r\n']
    )
    def test_short_settings_are_fine_too(self, box: GitBox, before: str) -> None:
        box.write(SETTINGS, before)
        up(box, "claude")
        assert settings(box)["hooks"] == HOOKS
        down(box, "claude")
        kept = {key: value for key, value in json.loads(before or "{}").items() if key != "hooks"}
        assert (settings(box) if kept else files(box.path)) == kept

    @pytest.mark.parametrize(
        ("before", "why"),
        [
            ("// mine\n{}", "is no JSON"),
            ("[]", "does not hold settings"),
            ('{"hooks": []}', "does not hold settings"),
            ('{"hooks": {"Stop": {}}}', "does not hold settings"),
            ('{"a": 1, "a": 2}', "a key stands twice"),
            ('{"a": 1e999}', "holds what JSON cannot"),
        ],
    )
    def test_settings_that_would_lose_something_are_refused_before_anything_is_written(
        self, box: GitBox, before: str, why: str
    ) -> None:
        box.write(SETTINGS, before)
        with pytest.raises(RefusedError, match=why):
            up(box, "claude")
        assert files(box.path) == {SETTINGS: before.encode()}

    def test_groups_of_any_shape_are_a_persons(self, box: GitBox) -> None:
        odd = {"hooks": {"Stop": [1, {}, {"hooks": 1}, {"hooks": [1, {}, {"command": 1}]}]}}
        box.write(SETTINGS, json.dumps(odd, indent=2))
        up(box, "claude")
        assert settings(box)["hooks"]["Stop"] == [*odd["hooks"]["Stop"], *HOOKS["Stop"]]
        down(box, "claude")
        assert settings(box) == odd

    @pytest.mark.parametrize("text", ["# Mine\n", "# Mine\r\nwords\r\n", "# Mine\n\n\n", "\ufeff# Mine\n"])
    def test_the_words_around_the_block_stay(self, box: GitBox, text: str) -> None:
        box.write("AGENTS.md", text)
        up(box, "codex")
        now = box.read("AGENTS.md")
        assert now.startswith(text)
        assert now.replace("\r\n", "\n").endswith(f"{END}\n")
        box.write("AGENTS.md", now + "below\n")
        assert up(box, "codex") == []
        box.write("AGENTS.md", now.removesuffix("\n").removesuffix("\r"))
        assert up(box, "codex") == []
        box.write("AGENTS.md", now)
        down(box, "codex")
        assert box.read("AGENTS.md") == text

    def test_a_file_without_a_last_line_end_gets_one(self, box: GitBox) -> None:
        box.write("AGENTS.md", "# Mine")
        up(box, "codex")
        down(box, "codex")
        assert box.read("AGENTS.md") == "# Mine\n"

    @pytest.mark.parametrize("text", [f"{BEGIN}\n", f"{BEGIN}\na\n{END}\n{BEGIN}\na\n{END}\n", f"{END}\n"])
    def test_broken_markers_are_left(self, box: GitBox, text: str) -> None:
        box.write("AGENTS.md", text)
        assert "AGENTS.md is left as it is: its markers of sdd are not one pair" in up(box, "codex")
        down(box, "codex")
        assert box.read("AGENTS.md") == text

    def test_an_agent_with_a_file_of_its_own_is_pointed_to_the_block(self, box: GitBox) -> None:
        box.write(CLAUDE, "# Mine")
        box.write("GEMINI.md", "a\r\n@AGENTS.md\r\nb\r\n")
        up(box, "claude", "gemini")
        assert box.read(CLAUDE) == "# Mine\n@AGENTS.md\n"
        box.write(CLAUDE, "# Mine\n@AGENTS.md\nmore\n")
        down(box, "claude", "gemini")
        assert box.read(CLAUDE) == "# Mine\nmore\n"
        assert box.read("GEMINI.md") == "a\r\n@AGENTS.md\r\nb\r\n"

    def test_a_line_that_a_person_took_out_is_not_missed(self, box: GitBox) -> None:
        box.write(CLAUDE, "# Mine\n")
        up(box, "claude")
        box.write(CLAUDE, "# Mine\n")
        down(box, "claude")
        assert files(box.path) == {CLAUDE: b"# Mine\n"}

    def test_what_another_agent_needs_stays(self, box: GitBox) -> None:
        up(box, "claude", "codex")
        assert "removed AGENTS.md" not in down(box, "claude")
        assert sorted(files(box.path)) == [MANIFEST.decode(), ".agents/skills/sdd/SKILL.md", "AGENTS.md"]
        assert json.loads(box.read(MANIFEST))["agents"] == ["codex"]
        assert "removed AGENTS.md" in down(box, "codex")

    def test_folders_with_something_else_in_them_stay(self, box: GitBox) -> None:
        box.write(".claude/skills/other/SKILL.md", "other\n")
        up(box, "claude")
        down(box, "claude")
        assert files(box.path) == {".claude/skills/other/SKILL.md": b"other\n"}
        assert not (box.path / ".claude/skills/sdd").exists()


class TestLinks:
    @pytest.mark.parametrize("path", [".claude", SETTINGS, "AGENTS.md", ".agents"])
    def test_nothing_is_written_through_a_link(self, box: GitBox, tmp_path: Path, path: str) -> None:
        (tmp_path / "elsewhere").mkdir()
        (box.path / path).parent.mkdir(exist_ok=True)
        (box.path / path).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(RefusedError, match="is a link"):
            up(box, "claude")
        assert list((tmp_path / "elsewhere").iterdir()) == []
        assert files(box.path) == {}

    def test_an_instruction_file_that_is_a_link_needs_no_line(self, box: GitBox) -> None:
        (box.path / CLAUDE).symlink_to("AGENTS.md")
        up(box, "claude")
        assert (box.path / CLAUDE).read_bytes() == (box.path / "AGENTS.md").read_bytes()
        down(box, "claude")
        assert (box.path / CLAUDE).is_symlink()

    def test_a_folder_in_the_way_is_refused(self, box: GitBox) -> None:
        (box.path / SKILL).mkdir(parents=True)
        with pytest.raises(RefusedError, match="is a folder"):
            up(box, "claude")


class TestTheManifest:
    def test_it_remembers_what_stands_where(self, box: GitBox) -> None:
        up(box, "codex")
        path = ".agents/skills/sdd/SKILL.md"
        table = json.loads(box.read(MANIFEST))
        assert (table["version"], table["agents"]) == (1, ["codex"])
        assert table["files"][path] == mark_of(box.read_bytes(path))
        assert list(table["files"]) == [path, "AGENTS.md"]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '{"version": 2, "agents": [], "files": {}}',
            '{"version": 1, "agents": [1], "files": {}}',
            '{"version": 1, "agents": 1, "files": {}}',
            '{"version": 1, "agents": [], "files": []}',
        ],
    )
    def test_one_that_cannot_be_read_stops_everything(self, box: GitBox, text: str) -> None:
        box.write(MANIFEST, text)
        for act in (up, down):
            with pytest.raises(SddError, match=r"\.agents/sdd-manifest\.json"):
                act(box, "claude")
        assert files(box.path) == {MANIFEST.decode(): text.encode()}

    def test_agents_of_another_sdd_and_their_files_are_none_of_ours(self, box: GitBox) -> None:
        box.write("mine.md", "mine\n")
        marks = {"mine.md": mark_of(b"mine\n")}
        box.write(MANIFEST, json.dumps({"version": 1, "agents": ["other"], "files": marks}))
        up(box, "codex")
        down(box, "codex")
        assert files(box.path) == {"mine.md": b"mine\n"}


TEXTS = st.one_of(
    st.none(), st.text(alphabet="a\n\r#@é ", max_size=20).map(str.encode), st.binary(max_size=8)
)


@given(texts=TEXTS, name=st.sampled_from(NAMES), line=TEXTS)
@example(texts=b"\x1c", name="claude", line=None)
def test_whatever_stood_there_stands_there_afterwards(
    texts: bytes | None, name: str, line: bytes | None
) -> None:
    wanted = pieces(name)
    before: dict[bytes, bytes | None] = dict.fromkeys((MANIFEST, *(piece.path for piece in wanted)))
    before[b"AGENTS.md"] = texts
    before |= {piece.path: line for piece in wanted if piece.kind == "line"}
    plan = planned(wanted, [name], before, Manifest())
    marks = json.loads(plan.files[MANIFEST] or b"")["files"]
    middle = before | dict(plan.files)
    assert planned(wanted, [name], middle, Manifest((name,), marks)).files == {}
    assert all((middle[path] or b"").startswith(data or b"") for path, data in before.items())
    after = middle | dict(taken(wanted, [name], middle, Manifest((name,), marks)).files)
    # Only a last line end may have come, and a file of nothing but blanks may be gone.
    assert {path: (data or b"").rstrip() for path, data in after.items()} == {
        path: (data or b"").rstrip() for path, data in before.items()
    }


def test_taking_from_a_file_that_is_gone_is_no_error() -> None:
    (block,) = (piece for piece in pieces("codex") if piece.kind == "block")
    assert take(block, b"# Mine\n", "").data == b"# Mine\n"
