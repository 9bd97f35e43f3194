"""Looking at a project with the real command: status, log, doctor, explain, schema."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from gitbox import GitBox, installed
from sdd import disk
from sdd.cli import status
from sdd.runs import pending

ROOT = Path(__file__).parent.parent.parent
CONTRACT = (ROOT / "docs" / "reference" / "json.md").read_text("utf-8")
MANUAL = {"SDD_PROVIDER": "manual"}
FIRST = "shop/01-product-spec"
ASKS = """\
```toml sdd-response
outcome = "questions"
confidence = 0.5
summary = "Not yet."
questions = ["Do carts expire?"]
checklist = []
lessons = []
```
"""


@pytest.fixture(scope="module")
def made(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with sdd and one feature, as a person makes it."""
    box = GitBox(Path(shutil.copytree(template_repository, tmp_path_factory.mktemp("made") / "project")))
    box.git("config", "user.email", "alice@example.org")
    box.git("config", "user.name", "Alice")
    box.sdd("init", "--hooks", "native")
    box.sdd("new", "shop", "sell things, in one currency")
    box.git("add", "-A")
    box.git("commit", "-q", "-m", "Begin")
    return box.path


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> GitBox:
    """A copy of that repository."""
    return GitBox(Path(shutil.copytree(made, tmp_path / "shop", symlinks=True)))


def table(section: str) -> list[str]:
    """The keys that the contract lists below a heading."""
    below = CONTRACT.partition(f"# {section}\n")[2]
    rows = re.split(r"^#", below, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)


def read(box: GitBox, *args: str, code: int = 0) -> Any:
    """What a command prints as JSON."""
    return json.loads(box.sdd(*args, "--json", env=MANUAL, check=code).out)


def give_out(box: GitBox) -> str:
    """Begin a manual run of the first session; the git directory, where it is kept."""
    box.sdd("next", FIRST, env=MANUAL, check=5)
    return str(box.path / ".git")


# sdd status


def test_where_there_is_no_repository_that_is_said(tmp_path: Path) -> None:
    result = GitBox(tmp_path).sdd("status", check=2)
    assert "is not in a git repository" in result.err
    assert "→ git init" in result.err


def test_a_repository_without_sdd_is_told_how_to_begin(box: GitBox) -> None:
    result = box.sdd("status", check=2)
    assert result.err == "sdd: this repository does not use sdd yet\n  → sdd init\n"


def test_an_empty_project_is_no_error(box: GitBox) -> None:
    box.write("sdd.toml", "format = 1\n")
    assert box.sdd("status").out == '# next: sdd new FEATURE "the idea, in a sentence"\n'


def test_a_new_feature_is_a_line_for_each_session(shop: GitBox) -> None:
    lines = shop.sdd("status").out.splitlines()
    assert lines[0] == "# shop: 0 of 8 sessions done, its plan has no tasks yet"
    assert lines[1] == f"{FIRST}\tready\t\tsdd next {FIRST}"
    assert [line.split("\t")[1] for line in lines[2:9]] == ["blocked"] * 7
    assert lines[-1] == f"# next: sdd next {FIRST} (Product spec)"


def test_status_and_next_name_the_same_session(shop: GitBox) -> None:
    told = read(shop, "status")["next"]["session"]
    assert shop.sdd("next", "--dry-run", env=MANUAL).out.startswith(f"{told}: turn ")


def test_a_prompt_that_was_given_out_is_awaited(shop: GitBox) -> None:
    give_out(shop)
    line = f"{FIRST}\tready\tprompt given out, awaiting `sdd record`\tsdd record {FIRST} FILE"
    assert line in shop.sdd("status").out.splitlines()
    assert read(shop, "status", "--ready") == []


def test_what_a_killed_process_left_is_told_and_next_goes_on(shop: GitBox) -> None:
    git_dir = give_out(shop)
    run = pending.load(git_dir, FIRST)
    assert run is not None
    pending.keep_response(git_dir, run, ASKS)
    assert "a response is here, not applied: `sdd next` goes on" in shop.sdd("status").out
    shop.sdd("next", env=MANUAL, check=5)
    assert f"{FIRST}\tasking\t1 open question\tsdd answer {FIRST}" in shop.sdd("status").out


def test_a_run_that_another_process_carries_out_is_told_at_once(shop: GitBox) -> None:
    git_dir = give_out(shop)
    name = Path(pending.folder(git_dir, FIRST)).name
    with disk.lock(str(Path(git_dir, "sdd", "locks", f"{name}.lock")), "it", 0):
        (told,) = [one["in_progress"] for one in read(shop, "status")["sessions"] if one["in_progress"]]
    assert told["stage"] == "running"


def test_a_run_that_ended_meanwhile_is_no_error(tmp_path: Path) -> None:
    assert status._going(str(tmp_path), FIRST).stage == "running"


def test_a_run_that_cannot_be_read_says_how_to_drop_it(shop: GitBox) -> None:
    Path(pending.folder(give_out(shop), FIRST), "run.json").write_text("{")
    (told,) = [one["in_progress"] for one in read(shop, "status")["sessions"] if one["in_progress"]]
    assert told["stage"] == "unreadable"
    assert f"sdd next {FIRST} --drop" in told["command"]


@pytest.mark.parametrize(("feature", "hint"), [("shpo", "sdd status shop"), ("zzzzzzzz", "there are: shop")])
def test_an_unknown_feature_names_what_there_is(shop: GitBox, feature: str, hint: str) -> None:
    assert f"→ {hint}\n" in shop.sdd("status", feature, check=2).err


def test_a_feature_in_a_project_without_any_is_unknown(box: GitBox) -> None:
    box.write("sessions/changes/a.md", "---\nkind: change\n---\n")
    assert box.sdd("status", "changes").out.startswith("# small changes: 0 of 1 session done")
    (box.path / "sessions/changes/a.md").unlink()
    box.write("sdd.toml", "format = 1\n")
    assert "→ sdd status\n" in box.sdd("status", "shop", check=2).err


def test_mine_is_by_my_git_e_mail(shop: GitBox) -> None:
    text = shop.read(f"sessions/{FIRST}.md").replace("kind:", "owner: alice@example.org\nkind:", 1)
    shop.write(f"sessions/{FIRST}.md", text)
    assert [one["session"] for one in read(shop, "status", "shop", "--mine")["sessions"]] == [FIRST]
    shop.git("config", "--unset", "user.email")
    assert "→ git config user.email you@example.org" in shop.sdd("status", "--mine", check=2).err


def test_what_may_run_feeds_a_job_matrix(shop: GitBox) -> None:
    ready = read(shop, "status", "--ready")
    assert [one["session"] for one in ready] == [FIRST]
    assert list(ready[0]) == table("`sdd status --ready --json`")


def test_findings_and_a_stale_tracker_are_counted(shop: GitBox) -> None:
    shop.write("docs/tracker.md", "all is well\n")
    assert "# 1 finding: sdd check" in shop.sdd("status").out


def test_mine_is_what_codeowners_gives_me_under_a_name_that_git_is_told(shop: GitBox) -> None:
    shop.write("CODEOWNERS", "[Payments]\nsessions/ @shop/payments\n")
    shop.git("remote", "add", "origin", "https://gitlab.example.org/shop/shop.git")
    assert FIRST not in shop.sdd("status", "--mine").out.partition("# next")[0]
    shop.git("config", "sdd.me", "@bob @shop/payments")
    assert FIRST in shop.sdd("status", "--mine").out.partition("# next")[0]


def test_status_as_json_keeps_its_contract(shop: GitBox) -> None:
    give_out(shop)
    told = read(shop, "status")
    first = told["sessions"][0]
    assert list(told) == table("`sdd status --json`")
    assert list(told["features"][0]) == table("`features`")
    assert list(told["features"][0]["usage"]) == table("`usage`")
    assert list(first) == table("`sessions`")
    assert list(first["gate"]["documents"][0]) == table("`documents`")
    assert list(first["in_progress"]) == table("`in_progress`")
    assert list(told["waits"][0]) == table("`waits`")


# sdd log


def test_the_log_tells_every_run(shop: GitBox) -> None:
    assert "no session has run yet" in shop.sdd("log").err
    give_out(shop)
    shop.sdd("record", FIRST, "-", stdin=ASKS, check=5)
    (line,) = shop.sdd("log", "01-product-spec").out.splitlines()
    assert line.split("\t")[1:5] == [FIRST, "work", "questions", "manual"]
    (told,) = read(shop, "log")
    assert list(told) == table("`sdd log --json`")
    assert (told["outcome"], told["tokens_in"], told["cost"]) == ("questions", None, None)
    costs = json.loads(shop.sdd("log", "--costs", "--json").out)
    assert list(costs) == table("`sdd log --costs --json`")
    assert list(costs["total"]) == table("`usage`")
    assert shop.sdd("log", "--by", "model").out == "?\t1\t?\t?\t?\ntotal\t1\t?\t?\t?\n"
    assert "1 run, tokens unknown, cost unknown" in shop.sdd("status").out
    if os.name == "posix":
        assert "questions" in on_a_terminal(shop, "log")
        assert "total" in on_a_terminal(shop, "log", "--costs")
        assert "tokens unknown" in on_a_terminal(shop, "status")


# On a terminal


def on_a_terminal(box: GitBox, *args: str) -> str:
    """What a command shows a person, 80 columns wide."""
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        [str(installed("sdd")), *args], cwd=box.path, env=env, stdin=theirs, stdout=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    assert process.returncode == 0
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the other end is closed
        return b""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals in Python's library")
def test_on_a_terminal_it_is_seen_at_a_glance(shop: GitBox) -> None:
    give_out(shop)
    shop.write("docs/tracker.md", "all is well\n")
    shop.git("mv", f"sessions/{FIRST}.md", "sessions/shop/01-spec.md")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(shop, "status"))
    assert re.search(r"^shop +━+ +0 of 8 sessions done", shown, re.MULTILINE)
    assert re.search(r"^  01-spec +ready", shown, re.MULTILINE)
    assert re.search(rf"^{FIRST}, which is not in these files: prompt given out", shown, re.MULTILINE)
    assert re.search(r"^\d+ findings: sdd check", shown, re.MULTILINE)
    assert shown.rstrip().endswith("Next: sdd next shop/01-spec (Product spec)")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals in Python's library")
def test_on_a_terminal_it_says_for_whom_something_waits(shop: GitBox) -> None:
    give_out(shop)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(shop, "status"))
    assert "Waits for people\n  a person  prompt given out, awaiting `sdd record`" in shown
    assert f"→ sdd record {FIRST} FILE" in shown


# sdd doctor


def verdicts(box: GitBox, env: dict[str, str] | None = None, code: int = 0) -> dict[str, list[str]]:
    """What the doctor says, by what it looked at: `verdict: words`, and the hint after an arrow."""
    told = json.loads(box.sdd("doctor", "--json", env=MANUAL | (env or {}), check=code).out)
    assert told["ok"] == (code == 0)
    found: dict[str, list[str]] = {}
    for line in told["lines"]:
        assert list(line) == table("`sdd doctor --json`")
        found.setdefault(line["about"], []).append(f"{line['verdict']}: {line['what']} → {line['hint']}")
    return found


def leave_providers_out(box: GitBox) -> None:
    """Settings that cannot be read: no provider is asked whether it is ready."""
    box.write("sdd.toml", "?")


def test_a_healthy_project_has_warnings_at_most(shop: GitBox) -> None:
    told = shop.sdd("doctor", env=MANUAL).out
    assert f"ok    Python: {'.'.join(map(str, sys.version_info[:3]))}" in told
    assert "ok    ssh-keygen: verifies signatures of approvals" in told
    assert "ok    provider: manual is chosen, and ready" in told
    assert "ok    templates: " in told
    assert "ok    trackers: they say what the files say" in told
    assert (
        "ok    hooks: sdd's own scripts ask sdd at pre-commit, pre-merge-commit, commit-msg, pre-push" in told
    )
    assert "recorded, not proven" in told
    assert "fail" not in told


def test_the_doctor_gives_the_lines_of_codeowners_that_a_merge_needs(box: GitBox) -> None:
    box.git("config", "user.email", "alice@example.org")
    box.git("remote", "add", "origin", "git@github.com:shop/shop.git")
    box.sdd("init", "--hooks", "none")
    (told,) = verdicts(box)["CODEOWNERS"]
    assert told.startswith("warn: there is none, so anybody's review lets in docs/product-spec.md and ")
    shown = box.sdd("doctor", env=MANUAL).out
    _, _, lines = shown.partition("      → add to .github/CODEOWNERS, at its end:\n")
    taken = [line.strip() for line in takewhile(lambda line: line.startswith(8 * " "), lines.splitlines())]
    assert taken[0] == "/docs/**/product-spec.md alice@example.org"
    box.write(".github/CODEOWNERS", "".join(f"{line}\n" for line in taken))
    (told,) = verdicts(box)["CODEOWNERS"]
    assert told.startswith("ok: .github/CODEOWNERS names an owner of all")


def test_the_doctor_outside_of_a_repository_names_the_way_in(tmp_path: Path) -> None:
    assert verdicts(GitBox(tmp_path), code=1)["repository"][0].endswith("→ git init")


def test_the_doctor_in_a_bare_repository_sends_to_a_clone(tmp_path: Path) -> None:
    bare = GitBox.make(tmp_path / "bare", "--bare")
    assert verdicts(bare, code=1)["repository"] == [
        "fail: it has no working tree → git clone it, and work there"
    ]


def test_the_doctor_before_init_sends_to_init(box: GitBox) -> None:
    assert verdicts(box, code=1)["project"] == ["fail: this repository does not use sdd yet → sdd init"]


def test_a_shallow_clone_is_told(shop: GitBox, tmp_path: Path) -> None:
    shop.git("commit", "-q", "--allow-empty", "-n", "-m", "More")
    shop.git("clone", "-q", "--depth=1", f"file://{shop.path}", str(tmp_path / "clone"))
    clone = GitBox(tmp_path / "clone")
    leave_providers_out(clone)
    found = verdicts(clone, code=1)
    assert found["repository"][0].endswith("→ git fetch --unshallow")
    assert [line.partition(" not")[0] for line in found["hooks"]] == [
        "warn: pre-commit, pre-merge-commit, commit-msg, pre-push"
    ]
    assert found["hooks"][0].endswith("→ sdd init")


def test_what_is_wrong_in_the_project_fails(shop: GitBox) -> None:
    shop.write("sdd.toml", "provder = 1\n")
    shop.write(".sdd/policy.toml", "version = 2\n")
    shop.write("sessions/shop/03-x.md", "---\nkind: nothing\n---\n")
    shop.write("docs/shop/implementation-plan.md", "# Plan\n")
    found = verdicts(shop, code=1)
    assert found["sdd.toml"][0].startswith("fail: sdd.toml:1: provder is no key")
    assert found["policy"][0].startswith("fail: every gate is shut: .sdd/policy.toml cannot be read")
    assert found["sessions"][0].startswith("fail: ")
    assert found["trackers"][0].startswith("warn: stale: docs/")
    assert found["plan"][0].startswith(
        "warn: docs/shop/implementation-plan.md has no tasks, so it grants everything"
    )


def test_a_provider_that_is_none_fails(shop: GitBox) -> None:
    shop.write("sdd.toml", 'provider = "manual"\n[verify]\ncommands = ["python -m pytest -q"]\n')
    found = verdicts(shop, {"SDD_PROVIDER": "manuel"}, code=1)
    assert found["provider"][0].startswith(
        "fail: `manuel` is chosen, and there is none of that name → choose one of manual,"
    )
    assert found["sdd.toml"] == ["ok: after a run that writes code: python -m pytest -q → None"]


def test_a_run_in_progress_is_told_by_the_doctor(shop: GitBox) -> None:
    give_out(shop)
    leave_providers_out(shop)
    found = verdicts(shop, code=1)["runs"]
    assert found == [f"ok: {FIRST}: prompt given out, awaiting `sdd record` → sdd record {FIRST} FILE"]


def test_a_hook_whose_sdd_is_gone_fails(shop: GitBox) -> None:
    leave_providers_out(shop)
    hook = ".git/hooks/pre-commit"
    shop.write(hook, re.sub(r'exec "[^"]*"', 'exec "/gone/sdd"', shop.read(hook)))
    shop.write(".git/hooks/pre-merge-commit", "#!/bin/sh\nmake lint\n")
    found = verdicts(shop, code=1)["hooks"]
    assert [line.partition(" →")[0] for line in found] == [
        "ok: sdd's own scripts ask sdd at pre-commit, commit-msg, pre-push (a fast answer: --no-verify skips it)",
        "warn: pre-merge-commit is somebody else's",
        "fail: pre-commit runs an sdd that is not there any more, so git refuses all of it",
    ]
    assert found[1].endswith(f'→ add to it: "{installed("sdd")}" hook pre-merge-commit "$@" || exit $?')


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    """A program that stands before all others on the PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for the program")
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('echo "Invalid option verify-time" >&2; exit 255', "too old"),
        ("echo no >&2; exit 255", "it refuses a good signature"),
    ],
)
def test_an_ssh_keygen_that_cannot_verify_is_told(
    shop: GitBox, tmp_path: Path, script: str, told: str
) -> None:
    leave_providers_out(shop)
    found = verdicts(shop, program(tmp_path / "bin", "ssh-keygen", script), code=1)["ssh-keygen"][0]
    assert found.startswith("warn: ")
    assert told in found
    assert "→ install OpenSSH 9.1 or newer" in found


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for the program")
def test_a_git_that_is_too_old_is_told(tmp_path: Path) -> None:
    env = program(
        tmp_path / "bin", "git", 'case "$*" in *version*) echo "git version 2.37.9.old";; *) exit 1;; esac'
    )
    assert verdicts(GitBox(tmp_path), env, code=1)["git"][0].startswith("fail: 2.37.9.old is older than 2.38")


@pytest.mark.skipif(sys.platform != "linux", reason="there the clipboard is a program that can be missing")
def test_a_clipboard_that_programs_can_reach_is_told(shop: GitBox, tmp_path: Path) -> None:
    leave_providers_out(shop)
    env = program(tmp_path / "bin", "xclip", "exit 0") | {"DISPLAY": ":7", "WAYLAND_DISPLAY": ""}
    assert verdicts(shop, env, code=1)["clipboard"][0].startswith("ok: ")
    assert verdicts(shop, {"DISPLAY": "", "WAYLAND_DISPLAY": ""}, code=1)["clipboard"][0].startswith("warn: ")


# sdd explain, sdd schema


def test_a_code_is_explained(box: GitBox) -> None:
    told = box.sdd("explain", "121").out
    assert told.startswith("SDD121: a need is no session\n\n**What is wrong.** ")
    assert "**How to mend it.** " in told


def test_all_codes_are_listed(box: GitBox) -> None:
    listed = box.sdd("explain").out.splitlines()
    assert "SDD121  a need is no session" in listed
    assert [one["code"] for one in read(box, "explain")] == [line[:6] for line in listed]
    assert list(read(box, "explain", "SDD121")) == table("`sdd explain --json`")


def test_an_unknown_code_ends_with_two(box: GitBox) -> None:
    assert "→ sdd explain SDD128" in box.sdd("explain", "SDD129", check=2).err


def test_a_schema_is_printed_and_all_are_listed(box: GitBox) -> None:
    assert read(box, "schema", "session")["title"] == "Front matter of a session"
    assert read(box, "schema", "settings")["properties"]["provider"]
    listed = box.sdd("schema").out.splitlines()
    assert [line.split()[0] for line in listed] == list(read(box, "schema"))
    assert "→ sdd schema session" in box.sdd("schema", "sesion", check=2).err


@pytest.mark.parametrize(("words", "offered"), [("explain SDD12", "SDD125"), ("schema se", "settings")])
def test_the_shell_completes_codes_and_names(box: GitBox, words: str, offered: str) -> None:
    env = {"_SDD_COMPLETE": "bash_complete", "COMP_WORDS": f"sdd {words}", "COMP_CWORD": "2"}
    assert f"plain,{offered}" in box.sdd(env=env).out.splitlines()


def test_findings_as_json_keep_their_contract(shop: GitBox) -> None:
    shop.write("docs/tracker.md", "all is well\n")
    (finding,) = read(shop, "check", code=1)
    assert list(finding) == table("`sdd check --json`")


@pytest.mark.parametrize("command", ["status", "log", "doctor", "explain", "schema"])
def test_help_shows_examples_that_stand_on_lines_of_their_own(box: GitBox, command: str) -> None:
    told = box.sdd(command, "--help").out
    assert re.search(rf"^  Examples:\n    sdd {command}\n", told, re.MULTILINE)
