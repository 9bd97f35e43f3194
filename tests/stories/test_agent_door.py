"""The agent's doors as a real process: JSON in, JSON out, in real repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gitbox import GitBox, installed
from people import DAY, NOW
from sdd.doors.agent import before_tool
from sdd.gates.policy import render
from shop import CODE, PAGE, PLAN, POLICY, SPEC, Files, approved, files, place, policy, put, ready

RUN = "import sys; from sdd.doors.agent import run; sys.exit(run(sys.argv[1], sys.argv[2:]))"
BEFORE, AFTER, STOP = "pre-tool-use", "post-tool-use", "stop"


class Said(NamedTuple):
    """What a door answered: its JSON (None for nothing), its words on standard error, its exit code."""

    answer: Any
    err: str
    code: int

    @property
    def denied(self) -> str:
        """The reason of a denial in exactly the form that the agent understands; "" where the call may pass."""
        assert self.code == 0, self.err
        if self.answer is None:
            return ""
        told = self.answer["hookSpecificOutput"]
        assert set(self.answer) == {"hookSpecificOutput"}
        assert set(told) == {"hookEventName", "permissionDecision", "permissionDecisionReason"}
        assert (told["hookEventName"], told["permissionDecision"]) == ("PreToolUse", "deny")
        return str(told["permissionDecisionReason"])


def door(name: str, payload: object, cwd: Path, **environ: str) -> Said:
    """One call of a door, as the agent makes it."""
    given = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    done = subprocess.run(
        [str(installed("sdd")), "hook", name],
        input=given,
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        check=False,
    )
    out = done.stdout.decode()
    return Said(json.loads(out) if out else None, done.stderr.decode(), done.returncode)


def payload(tool: str, given: Mapping[str, object], cwd: Path, **more: object) -> dict[str, object]:
    """What the agent says of a call."""
    return {
        "session_id": "11111111-2222-3333-4444-555555555555",
        "transcript_path": "/dev/null",
        "cwd": str(cwd),
        "permission_mode": "acceptEdits",
        "hook_event_name": "PreToolUse",
        "tool_name": tool,
        "tool_input": given,
        "tool_use_id": "toolu_1",
        **more,
    }


def asked(tool: str, given: Mapping[str, object], cwd: Path, **environ: str) -> str:
    """The reason why a call is denied, or an empty string; asked in this process, which is ten times as fast."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        answer = before_tool(payload(tool, given, cwd))
    return Said(json.loads(json.dumps(answer)) or None, "", 0).denied


def write(box: GitBox, path: str, cwd: Path | None = None, **environ: str) -> str:
    """The reason why `Write` is denied, or an empty string."""
    return asked("Write", {"file_path": path, "content": "x\n"}, cwd or box.path, **environ)


def bash(box: GitBox, command: str, cwd: Path | None = None, **environ: str) -> str:
    """The reason why a command is denied, or an empty string."""
    return asked("Bash", {"command": command}, cwd or box.path, **environ)


def after(box: GitBox, tool: str = "Bash", **more: object) -> Any:
    """What the door after a tool answers."""
    said = door(AFTER, payload(tool, {"command": "ls"}, box.path, **more), box.path)
    assert (said.code, said.err) == (0, "")
    return said.answer


@pytest.fixture(scope="module")
def template(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose gates are open, with code."""
    path = tmp_path_factory.mktemp("shop") / "project"
    work: Files = {CODE: b"cart = []\n"}
    put(GitBox(Path(shutil.copytree(template_repository, path))), files(ready(None, None, work)))
    return path


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> GitBox:
    """That repository."""
    return GitBox(Path(shutil.copytree(template, tmp_path / "shop")))


@pytest.fixture
def shut(shop: GitBox) -> GitBox:
    """The same, but neither its spec nor its change is approved any more."""
    put(shop, {place(SPEC): None, place(PAGE): None})
    return shop


class TestBeforeATool:
    def test_code_may_be_edited_behind_open_gates(self, shop: GitBox) -> None:
        given = {"file_path": str(shop.path / "src/cart.py"), "content": "cart = [1]\n"}
        assert door(BEFORE, payload("Write", given, shop.path), shop.path) == Said(None, "", 0)
        assert write(shop, "src/cart.py") == ""

    def test_and_not_while_one_is_shut(self, shut: GitBox) -> None:
        given = {"file_path": str(shut.path / "src/cart.py"), "content": "cart = [1]\n"}
        reason = door(BEFORE, payload("Write", given, shut.path), shut.path).denied
        assert reason.startswith("sdd: src/cart.py needs the gate spec open, and it is shut: ")
        assert reason.endswith("\n→ sdd approve docs/product-spec.md --gate spec  # by alice@example.org")
        assert write(shut, str(shut.path / "docs/product-spec.md")) == ""

    def test_the_working_tree_counts_and_not_what_is_committed(self, shut: GitBox) -> None:
        for path, data in approved(SPEC, at=NOW - 30 * DAY).items():
            shut.write(path, data or b"")
        assert write(shut, "src/cart.py") == ""
        shut.write(PLAN, "# Changed\n")
        assert "has changed since it was approved" in write(shut, "src/cart.py")

    @pytest.mark.parametrize("tool", ["Edit", "MultiEdit"])
    def test_every_tool_that_edits_is_judged(self, shut: GitBox, tool: str) -> None:
        assert "needs the gate spec" in asked(tool, {"file_path": "src/cart.py"}, shut.path)
        assert asked(tool, {"file_path": "README.md"}, shut.path) == ""

    def test_a_notebook_too(self, shut: GitBox) -> None:
        assert "src/a.ipynb needs the gate" in asked(
            "NotebookEdit", {"notebook_path": "src/a.ipynb"}, shut.path
        )

    def test_a_path_is_seen_through_dots_folders_and_links(self, shut: GitBox, tmp_path: Path) -> None:
        (shut.path / "way").symlink_to("src")
        (tmp_path / "outside").symlink_to(shut.path / "src")
        (shut.path / "src" / "out").symlink_to(tmp_path)
        shut.write("docs/deep/x.md", "")
        deep = shut.path / "docs" / "deep"
        assert "src/cart.py needs" in write(shut, "../../src/cart.py", cwd=deep)
        assert "src/cart.py needs" in write(shut, "way/cart.py")
        assert "src/cart.py needs" in write(shut, str(tmp_path / "outside" / "cart.py"))
        assert "src/out/x.py needs" in write(shut, "src/out/x.py")
        assert write(shut, "../../src2/cart.py", cwd=deep) == ""
        assert write(shut, "../src/cart.py", cwd=deep) == ""

    def test_what_lies_outside_is_none_of_its_business(self, shut: GitBox, tmp_path: Path) -> None:
        assert write(shut, str(tmp_path / "src" / "cart.py")) == ""
        assert write(shut, "../notes.md") == ""
        assert write(shut, "~/notes.md") == ""

    def test_the_home_folder_may_hold_the_project(self, shut: GitBox) -> None:
        assert "src/cart.py needs" in write(shut, "~/src/cart.py", HOME=str(shut.path))

    def test_an_agent_that_went_elsewhere_is_still_judged(self, shut: GitBox, tmp_path: Path) -> None:
        assert "src/cart.py needs" in write(shut, str(shut.path / "src/cart.py"), cwd=tmp_path)
        assert bash(shut, "sdd approve x", cwd=tmp_path) == ""
        assert "sdd approve" in bash(shut, "sdd approve x", cwd=tmp_path, CLAUDE_PROJECT_DIR=str(shut.path))

    def test_a_repository_made_inside_takes_nothing_away(self, shut: GitBox) -> None:
        shut.git("init", "-q", "src")
        assert "src/cart.py needs" in write(shut, "src/cart.py")
        assert "src/cart.py needs" in write(shut, "cart.py", cwd=shut.path / "src")
        (shut.path / "docs" / ".git").mkdir()
        assert ".sdd/policy.toml is a trust file" in write(
            shut, "../.sdd/policy.toml", cwd=shut.path / "docs"
        )

    def test_another_worktree_is_judged_as_what_it_is(self, shut: GitBox, tmp_path: Path) -> None:
        shut.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
        assert "src/cart.py needs" in write(shut, str(tmp_path / "side" / "src" / "cart.py"))
        side = GitBox(tmp_path / "side")
        index = shut.path / ".git" / "worktrees" / "side" / "index"
        assert "is git's own" in write(side, str(index))

    def test_gits_folder_is_known_wherever_it_lies(self, template: Path, tmp_path: Path) -> None:
        box = GitBox(Path(shutil.copytree(template, tmp_path / "apart")))
        box.git("init", "-q", "--separate-git-dir", str(tmp_path / "gits"))
        assert ".git/hooks/pre-commit is git's own" in write(
            box, str(tmp_path / "gits" / "hooks" / "pre-commit")
        )
        assert write(box, str(tmp_path / "gits2" / "hooks")) == ""

    def test_a_link_that_leads_nowhere_is_judged_by_its_name(self, shut: GitBox) -> None:
        (shut.path / "src" / "loop").symlink_to("loop")
        assert "src/loop needs" in write(shut, "src/loop")

    def test_a_folder_reached_through_a_link_is_the_same_folder(self, shut: GitBox, tmp_path: Path) -> None:
        (tmp_path / "way").symlink_to(shut.path / "src")
        assert "src/cart.py needs" in write(shut, "cart.py", cwd=tmp_path / "way")
        assert "sdd approve" in bash(shut, "sdd approve x", cwd=tmp_path / "way")

    def test_the_protected_branch_says_what_is_governed_and_not_the_branch_at_work(
        self, shut: GitBox
    ) -> None:
        shut.git("switch", "-q", "-c", "work")
        put(shut, {POLICY: render(policy(mode="report")).encode()})
        assert "src/cart.py needs" in write(shut, "src/cart.py")

    def test_records_that_both_branches_came_from_are_carried(self, shop: GitBox) -> None:
        shop.git("switch", "-q", "-c", "work")
        put(shop, {b"notes.md": b""})
        shop.git("switch", "-q", "main")
        put(shop, {place(SPEC): None})
        assert "src/cart.py needs" in write(shop, "src/cart.py")
        shop.git("switch", "-q", "work")
        assert write(shop, "src/cart.py") == ""

    def test_a_policy_that_no_commit_has_yet_counts(self, box: GitBox) -> None:
        box.write(POLICY, render(policy()))
        assert "src/cart.py needs" in write(box, "src/cart.py")
        assert write(box, "README.md") == ""
        assert door(STOP, {"cwd": str(box.path)}, box.path) == Said(None, "", 0)

    def test_a_read_is_not_its_business(self, shut: GitBox) -> None:
        said = door(BEFORE, payload("Read", {"file_path": "src/cart.py"}, shut.path), shut.path)
        assert said == Said(None, "", 0)

    def test_a_policy_that_only_reports_lets_code_pass(self, shut: GitBox) -> None:
        shut.write(POLICY, render(policy(mode="report")))
        shut.commit()
        assert write(shut, "src/cart.py") == ""
        assert "trust file" in write(shut, ".sdd/policy.toml")


class TestBeforeACommand:
    @pytest.mark.parametrize(
        ("command", "reason"),
        [
            ("echo x > src/cart.py", "src/cart.py needs the gate"),
            ("echo x >> ./src/new.py", "src/new.py needs the gate"),
            ("cd src && echo x > cart.py", "src/cart.py needs the gate"),
            ("make | tee -a src/cart.py", "src/cart.py needs the gate"),
            ("sed -i s/a/b/ src/*.py", "src/cart.py needs the gate"),
            ("cp /tmp/cart.py src/", "src/cart.py needs the gate"),
            ("mv src/cart.py lib.py", "src/cart.py needs the gate"),
            ("rm -rf src", "src/cart.py needs the gate"),
            ("rm -rf .", "is a record of an approval"),
            ("rm -rf .sdd", "is a record of an approval"),
            ("echo 'x' > .sdd/policy.toml", ".sdd/policy.toml is a trust file"),
            ("cp /dev/null .git/hooks/pre-commit", ".git/hooks/pre-commit is git's own"),
            ("echo '{}' > .claude/settings.json", "turns this door on and off"),
            ("sdd approve docs/product-spec.md --gate spec", "may not run `sdd approve`"),
            ("git commit -nm x", "may not run `git commit -n`"),
        ],
    )
    def test_what_it_would_write_or_run_is_denied(self, shut: GitBox, command: str, reason: str) -> None:
        assert reason in bash(shut, command)

    def test_in_a_process_of_its_own_too(self, shut: GitBox) -> None:
        given = {"command": "echo x > src/cart.py", "description": "Begin"}
        assert "src/cart.py needs" in door(BEFORE, payload("Bash", given, shut.path), shut.path).denied

    @pytest.mark.parametrize(
        "command",
        [
            "pytest -q 2>&1 | tail -3",
            "echo x > docs/notes.md",
            "cd src && cat cart.py > /dev/null",
            "cat > docs/product-spec.md <<'EOF'\nRun sdd approve -> src/cart.py\n> src/cart.py\nEOF",
            "sed -n 1,20p src/cart.py",
            "cp src/cart.py /tmp/cart.py",
            "git commit -m 'Add carts'",
            "sdd record 01-cart - < /tmp/response.md",
        ],
    )
    def test_and_honest_work_is_not_noticed(self, shut: GitBox, command: str) -> None:
        assert bash(shut, command) == ""

    def test_a_redirection_behind_open_gates_passes(self, shop: GitBox) -> None:
        assert bash(shop, "echo x > src/cart.py; cp a.py src/cart.py") == ""
        assert "granted by nothing" in bash(shop, "echo x > src/stock.py")


class TestWhereNothingCanBeTold:
    @pytest.mark.parametrize(
        ("given", "why"),
        [
            (b"", "is no JSON: "),
            (b"\xff", "is no JSON: "),
            (b"[]", "is no JSON object"),
            ({}, "no tool_name"),
            ({"tool_name": "Write", "tool_input": "x"}, "no tool_input"),
            ({"tool_name": "Write", "tool_input": {"file_path": "x"}, "cwd": 3}, "no folder as cwd"),
            ({"tool_name": "Write", "tool_input": {"file_path": "\ud800"}}, "is no path"),
            ({"tool_name": "Write", "tool_input": {"file_path": "x"}, "cwd": "a\0"}, "is no path"),
        ],
    )
    def test_a_call_that_cannot_be_understood_is_denied_in_both_ways(
        self, shop: GitBox, given: object, why: str
    ) -> None:
        said = door(BEFORE, given, shop.path)
        assert said.code == 2
        assert why in said.err
        assert why in said._replace(code=0).denied

    def test_a_policy_that_cannot_be_read_denies_every_edit(self, shop: GitBox) -> None:
        shop.write(POLICY, "version = 2\n")
        shop.commit()
        given = {"file_path": "README.md"}
        said = door(BEFORE, payload("Write", given, shop.path), shop.path)
        assert said.code == 2
        assert ".sdd/policy.toml cannot be read" in said.err
        assert ".sdd/policy.toml cannot be read" in said._replace(code=0).denied
        for name in (AFTER, STOP):
            told = door(name, payload("Write", given, shop.path), shop.path)
            assert (told.code, told.answer["decision"]) == (2, "block")

    def test_a_repository_that_git_does_not_read_is_denied_if_sdd_is_there(self, shop: GitBox) -> None:
        (shop.path / ".git" / "HEAD").unlink()
        said = door(BEFORE, payload("Write", {"file_path": "README.md"}, shop.path), shop.path)
        assert said.code == 2
        shutil.rmtree(shop.path / ".sdd")
        assert write(shop, "README.md") == ""

    def test_a_bug_opens_nothing(self, shop: GitBox) -> None:
        deep = b'{"a":' * 100_000
        said = door(BEFORE, deep, shop.path)
        assert said.code == 2
        assert "this is a bug in sdd" in said.err
        assert door("back-door", {}, shop.path).code == 2

    def test_nobody_listening_is_a_denial_still(self, shop: GitBox) -> None:
        program = f"import os, sys; os.close(1); {RUN}"
        done = subprocess.run(
            [sys.executable, "-c", program, BEFORE],
            input=b"",
            cwd=shop.path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2

    def test_where_sdd_is_not_all_passes(self, box: GitBox, tmp_path: Path) -> None:
        assert write(box, "src/cart.py") == ""
        assert bash(box, "git commit --no-verify -m x") == ""
        plain = tmp_path / "plain"
        plain.mkdir()
        assert write(GitBox(plain), ".sdd/policy.toml") == ""
        for folder, name in ((plain, AFTER), (box.path, STOP)):
            assert door(name, payload("Write", {}, folder), folder) == Said(None, "", 0)


class TestAfterATool:
    def test_a_working_tree_that_may_be_committed_is_not_spoken_of(self, shop: GitBox) -> None:
        shop.write(CODE, "cart = [1]\n")
        assert after(shop) is None

    def test_findings_go_back_once_in_a_conversation(self, shut: GitBox) -> None:
        shut.write(CODE, "cart = [1]\n")
        first = after(shut)
        assert set(first) == {"decision", "reason"}
        assert first["decision"] == "block"
        assert "src/cart.py: SDD401 src/cart.py needs the gate spec open" in first["reason"]
        assert "\n    → sdd approve docs/product-spec.md --gate spec" in first["reason"]
        assert after(shut) is None
        shut.write("src/new.py", "")
        assert "src/new.py" in after(shut)["reason"]
        assert "src/cart.py: SDD401" in after(shut, session_id="another")["reason"]
        shut.git("checkout", "-q", "--", ".")
        (shut.path / "src" / "new.py").unlink()
        assert after(shut) is None

    def test_spec_and_code_are_told_apart_with_the_commands_that_split_them(self, shop: GitBox) -> None:
        shop.write(SPEC, "# Another shop\n")
        shop.write(CODE, "cart = [1]\n")
        reason = after(shop)["reason"]
        assert "SDD402" in reason
        assert "git add -A" in reason

    def test_no_more_is_told_than_can_be_read(self, shut: GitBox) -> None:
        for number in range(22):
            shut.write(f"src/{number:02}.py", "")
        reason = after(shut)["reason"]
        assert reason.count("SDD401") == 20
        assert reason.endswith("\nand 2 more")

    def test_a_policy_that_only_reports_tells_the_person(self, shut: GitBox) -> None:
        shut.write(POLICY, render(policy(mode="report")))
        shut.commit()
        shut.write(CODE, "cart = [1]\n")
        answer = after(shut)
        assert set(answer) == {"systemMessage"}
        assert "not enforced" in answer["systemMessage"]
        assert door(STOP, {"cwd": str(shut.path)}, shut.path) == Said(None, "", 0)


class TestAtTheEnd:
    def test_the_agent_is_sent_back_once(self, shut: GitBox) -> None:
        shut.write(CODE, "cart = [1]\n")
        given = {"hook_event_name": "Stop", "cwd": str(shut.path), "stop_hook_active": False}
        said = door(STOP, given, shut.path)
        assert (said.code, said.err, set(said.answer)) == (0, "", {"decision", "reason"})
        assert said.answer["decision"] == "block"
        assert "SDD401" in said.answer["reason"]
        assert door(STOP, {**given, "stop_hook_active": True}, shut.path) == Said(None, "", 0)

    def test_and_not_at_all_where_all_is_well(self, shop: GitBox) -> None:
        shop.write(CODE, "cart = [1]\n")
        assert door(STOP, {"cwd": str(shop.path), "stop_hook_active": False}, shop.path) == Said(None, "", 0)


def test_a_call_that_needs_no_look_costs_no_heavy_import() -> None:
    heavy = "{'click', 'pydantic', 'markdown_it', 'git', 'rich', 'pathlib', 'subprocess', 'tomllib', 'dataclasses'}"
    program = f"import sys, json; {RUN.removeprefix('import sys; ').partition('; sys.exit')[0]}; run(sys.argv[1]); print({heavy} & set(sys.modules))"
    given = json.dumps({"tool_name": "Bash", "tool_input": {"command": "ls"}}).encode()
    argv = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, sys.argv[2]); {program}"]
    source = Path(__file__).parent.parent.parent / "src"
    done = subprocess.run([*argv, BEFORE, str(source)], input=given, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "set()"
