"""Shell completion, by the protocol of environment variables that the shells' scripts speak."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitbox import GitBox, installed

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "shell-completion.md"


def completed(box: GitBox, line: str, shell: str = "bash") -> list[str]:
    """What the shell may put in at the end of a line, without the kinds that stand before each."""
    words = line.split(" ")
    env = {"_SDD_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    result = box.sdd(env=env)
    assert result.err == ""
    return [found.partition(",")[2] for found in result.out.splitlines() if found]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(tmp_path: Path, shell: str) -> None:
    script = GitBox(tmp_path).sdd(env={"_SDD_COMPLETE": f"{shell}_source"}).out
    assert "_SDD_COMPLETE" in script
    assert f"{shell}_complete" in script
    assert f"_SDD_COMPLETE={shell}_source sdd > " in PAGE.read_text("utf-8")


def test_the_script_works_in_a_real_bash(featured: GitBox, tmp_path: Path) -> None:
    script = featured.sdd(env={"_SDD_COMPLETE": "bash_source"}).out
    (tmp_path / "script").write_text(script, "utf-8")
    program = """
. "$1"
COMP_WORDS=(sdd next checkout/01) COMP_CWORD=2
_sdd_completion "$2"
printf '%s\\n' "${COMPREPLY[@]}"
"""
    argv = ["bash", "-c", program, "bash", str(tmp_path / "script"), str(installed("sdd"))]
    done = subprocess.run(argv, cwd=featured.path, capture_output=True, text=True, check=True)
    assert done.stdout == "checkout/01-product-spec\n"


def test_a_shell_that_it_does_not_know_gets_nothing(tmp_path: Path) -> None:
    result = GitBox(tmp_path).sdd(env={"_SDD_COMPLETE": "tcsh_source"}, check=1)
    assert (result.out, result.err) == ("", "")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("sdd ne", ["new", "next"]),
        ("sdd init --up", ["--update"]),
        ("sdd --ver", ["--version"]),
        ("sdd next 01", ["checkout/01-product-spec"]),
        (
            "sdd next checkout/9",
            [
                f"checkout/{name}"
                for name in (
                    "90-build-verification",
                    "91-testing",
                    "92-user-verification",
                    "93-final-verification",
                    "94-post-mortem",
                )
            ],
        ),
        ("sdd verify mortem", ["checkout/94-post-mortem"]),
        ("sdd plan c", ["checkout"]),
        ("sdd add refac", ["refactoring"]),
        ("sdd approve docs/x.md --gate de", ["deployment"]),
        (
            "sdd approve .sdd/policy.toml --gate t",
            ["implementation", "user-verification", "deployment", "trust"],
        ),
        ("sdd next zzz", []),
        ("sdd zzz x", []),
    ],
)
def test_names_of_the_project_are_completed(featured: GitBox, line: str, found: list[str]) -> None:
    assert completed(featured, line) == found


def test_titles_stand_beside_the_names_where_the_shell_shows_them(featured: GitBox) -> None:
    env = {"_SDD_COMPLETE": "zsh_complete", "COMP_WORDS": "sdd next 91", "COMP_CWORD": "2"}
    assert featured.sdd(env=env).out.splitlines() == ["plain", "checkout/91-testing", "Testing"]


@pytest.mark.parametrize(
    ("begun", "gate", "what"),
    [("sp", "spec", "{docs}/product-spec.md"), ("tr", "trust", "the trust files")],
)
def test_a_gate_comes_with_what_it_is_for(featured: GitBox, begun: str, gate: str, what: str) -> None:
    words = f"sdd approve x --gate {begun}"
    env = {"_SDD_COMPLETE": "zsh_complete", "COMP_WORDS": words, "COMP_CWORD": "4"}
    assert featured.sdd(env=env).out.splitlines() == ["plain", gate, what]


@pytest.mark.parametrize("line", ["sdd next c", "sdd plan c", "sdd add c", "sdd approve x --gate s"])
def test_outside_of_a_project_nothing_is_said(tmp_path: Path, line: str) -> None:
    assert completed(GitBox(tmp_path), line) == []


def test_without_a_policy_there_are_no_gates(featured: GitBox) -> None:
    (featured.path / ".sdd/policy.toml").unlink()
    assert completed(featured, "sdd approve x --gate s") == []


def test_titles_that_would_steer_a_terminal_are_escaped(featured: GitBox) -> None:
    featured.write("sessions/checkout/04-x.md", "---\nkind: testing\n---\n# T\x1b[2J\n")
    env = {"_SDD_COMPLETE": "zsh_complete", "COMP_WORDS": "sdd next 04", "COMP_CWORD": "2"}
    assert featured.sdd(env=env).out.splitlines() == ["plain", "checkout/04-x", "T\\u001b[2J"]
