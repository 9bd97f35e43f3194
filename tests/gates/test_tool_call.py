"""One tool call, judged before it is made: what an agent may write, and how it is told no."""

from __future__ import annotations

import pytest

from people import NOW
from sdd.gates.command_line import Target
from sdd.gates.openings import Openings, Trusted
from sdd.gates.policy import Policy
from sdd.gates.tool_call import Call, Refusal, call, paths, refusal
from sdd.snapshot import Snapshot, in_memory
from shop import (
    ALICE,
    ARCHITECTURE,
    CODE,
    PAGE,
    PLAN,
    POLICY,
    SPEC,
    Files,
    after,
    begun,
    place,
    policy,
    ready,
)


def openings(tree: Snapshot, rules: Policy | None = None) -> Openings:
    """What may be written in a working tree that nothing is trusted but itself."""
    return Openings(tree, Trusted(tree, rules or policy(), (), NOW))


def told(path: bytes, tree: Snapshot, rules: Policy | None = None) -> str:
    """The refusal of one write, or an empty string."""
    found = refusal(path, openings(tree, rules))
    return str(found) if found else ""


class TestWhatACallSays:
    @pytest.mark.parametrize("tool", ["Write", "Edit", "MultiEdit"])
    def test_a_tool_that_writes_a_file_names_it(self, tool: str) -> None:
        assert call(tool, {"file_path": "src/*.py"}) == Call((Target("src/*.py", exact=True),))

    def test_a_notebook_has_a_key_of_its_own(self) -> None:
        assert call("NotebookEdit", {"notebook_path": "a.ipynb"}) == Call((Target("a.ipynb", exact=True),))

    def test_a_command_is_looked_at_by_its_words(self) -> None:
        assert call("Bash", {"command": "ls > a"}) == Call((Target("a"),))

    def test_a_banned_command_is_refused_with_what_to_do_instead(self) -> None:
        found = call("Bash", {"command": "git commit --no-verify"}).refusal
        assert found == Refusal(
            "an agent may not run `--no-verify`, nor a command that holds these words",
            "commit without it; if a hook refuses, do what it says",
        )

    def test_a_tool_that_writes_nothing_is_none_of_its_business(self) -> None:
        assert call("Read", {"file_path": ".sdd/policy.toml"}) == Call()

    @pytest.mark.parametrize("given", [{}, {"file_path": ""}, {"file_path": 3}, {"file_path": "a\0b"}])
    def test_a_call_without_a_path_is_refused(self, given: dict[str, object]) -> None:
        found = call("Write", given).refusal
        assert found is not None
        assert found.message == "Write says no file_path that could be judged"


class TestGovernedCode:
    def test_it_may_be_written_where_its_gates_are_open_and_a_task_grants_it(self) -> None:
        assert told(CODE, ready()) == ""
        assert told(b"src/price.py", ready()) == ""

    @pytest.mark.parametrize(
        ("lacking", "gate"), [(SPEC, "spec"), (ARCHITECTURE, "implementation"), (PLAN, "implementation")]
    )
    def test_a_refusal_names_the_file_the_gate_who_opens_it_and_one_command(
        self, lacking: bytes, gate: str
    ) -> None:
        found = refusal(CODE, openings(after(ready(), {place(lacking): None})))
        assert found is not None
        name = lacking.decode()
        assert f"src/cart.py needs the gate {gate} open, and it is shut" in found.message
        assert f"{name} awaits approval for {gate} by {ALICE}" in found.message
        assert found.hint == f"sdd approve {name} --gate {gate}  # by {ALICE}"

    def test_a_document_edited_after_its_approval_shuts_its_gate(self) -> None:
        assert "has changed since it was approved for spec" in told(CODE, after(ready(), {SPEC: b"# New\n"}))

    def test_what_nothing_approved_grants_may_not_be_written(self) -> None:
        found = refusal(b"src/stock.py", openings(ready()))
        assert found is not None
        assert "src/stock.py is granted by nothing that is approved" in found.message
        assert found.hint.startswith("name src/stock.py in ")

    def test_without_scope_open_gates_are_enough(self) -> None:
        rules = policy()
        wide = rules.replace(code=(rules.code[0].replace(within_writes=False),))
        assert told(b"src/stock.py", ready(wide), wide) == ""

    def test_a_page_that_is_not_approved_grants_nothing(self) -> None:
        assert told(b"src/price.py", after(ready(), {place(PAGE): None})) != ""

    @pytest.mark.parametrize(
        "path", [b"README.md", SPEC, b"docs/notes.md", b"sessions/01-a.md", b"tests/test_cart.py", b""]
    )
    def test_all_else_is_free(self, path: bytes) -> None:
        assert told(path, begun()) == ""

    def test_a_policy_that_only_reports_refuses_no_code(self) -> None:
        rules = policy(mode="report")
        assert told(CODE, begun(rules), rules) == ""
        assert told(b"Src/cart.py", begun(rules), rules) == ""
        assert told(POLICY, begun(rules), rules) != ""


class TestWhatIsAPersons:
    @pytest.mark.parametrize(
        "path",
        [
            POLICY,
            b".sdd",
            b".sdd/allowed_signers",
            b".sdd/new.toml",
            b".SDD/policy.toml",
            b"SDD~1/policy.toml",
            b".gitattributes",
            b".github/workflows/ci.yml",
        ],
    )
    def test_no_agent_writes_a_trust_file(self, path: bytes) -> None:
        found = refusal(path, openings(ready()))
        assert found is not None
        assert (
            "is a trust file, which an agent may not change; that is up to alice@example.org" in found.message
        )
        assert found.hint.endswith(f"sdd approve {path.decode()} --gate trust")

    def test_where_merging_approves_the_hint_says_so(self) -> None:
        rules = policy(trust="merged")
        assert told(POLICY, ready(rules), rules).endswith("merged into the protected branch")

    @pytest.mark.parametrize(
        "path", [place(SPEC), place(SPEC) + b".sig", b".sdd/approvals", b".SDD/Approvals/x"]
    )
    def test_no_agent_makes_an_approval(self, path: bytes) -> None:
        assert "is a record of an approval, which only a person makes" in told(path, ready())

    @pytest.mark.parametrize("path", [b".git", b".git/config", b".GIT/hooks/x", b"git~1/x", b"vendor/.git/x"])
    def test_git_keeps_its_folder(self, path: bytes) -> None:
        assert "is git's own" in told(path, ready())

    @pytest.mark.parametrize("path", [b".claude/settings.json", b".Claude/settings.local.json"])
    def test_no_agent_switches_its_door_off(self, path: bytes) -> None:
        assert "turns this door on and off" in told(path, ready())

    @pytest.mark.parametrize(
        "path",
        [b".gitignore", b".github/CODEOWNERS", b".claude/skills/x/SKILL.md", b"sdd/policy.toml", b"git/x"],
    )
    def test_names_that_only_begin_alike_are_free(self, path: bytes) -> None:
        assert told(path, ready()) == ""


class TestLookAlikes:
    @pytest.mark.parametrize(
        "path", [b"Src/cart.py", b"docs/Product-Spec.md", b".GitAttributes", b"src\\x.py"]
    )
    def test_a_name_that_some_file_systems_take_for_another_is_refused(self, path: bytes) -> None:
        assert "on macOS or Windows, but another file in git" in told(path, ready())


class TestWhatATargetMeans:
    TREE = in_memory({b"src/a.py": b"", b"src/b/c.py": b"", b"docs/x.md": b"", b"src2": b""})

    @pytest.mark.parametrize(
        ("path", "target", "meant"),
        [
            (b"src", Target("src"), [b"src"]),
            (b"src", Target("src", deep=True), [b"src/a.py", b"src/b/c.py"]),
            (b"", Target(".", deep=True), [b"docs/x.md", b"src/a.py", b"src/b/c.py", b"src2"]),
            (b"new", Target("new", deep=True), [b"new"]),
            (b"src", Target("src", ("x.py",)), [b"src/x.py"]),
            (b"", Target(".", ("x.py", "y.py")), [b"x.py", b"y.py"]),
            (b"new", Target("new/", ("x.py",)), [b"new/x.py"]),
            (b"new", Target("new", ("x.py",)), [b"new"]),
            (b"src2", Target("src2", ("x.py",)), [b"src2"]),
            (b"src/*.py", Target("src/*.py"), [b"src/a.py"]),
            (b"src/*.py", Target("src/*.py", exact=True), [b"src/*.py"]),
            (b"src*", Target("src*", deep=True), [b"src/a.py", b"src/b/c.py", b"src2"]),
            (b"lib/*", Target("lib/*"), [b"lib/*"]),
        ],
    )
    def test_folders_and_globs_stand_for_files(self, path: bytes, target: Target, meant: list[bytes]) -> None:
        assert sorted(paths(path, target, self.TREE)) == meant

    def test_deleting_a_folder_of_code_is_judged_like_editing_it(self) -> None:
        work: Files = {CODE: b""}
        tree = begun(None, work)
        (found,) = paths(b"src", Target("src", deep=True), tree)
        assert told(found, tree) != ""
