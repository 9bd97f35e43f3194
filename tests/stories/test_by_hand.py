"""sdd without a model of its own: prompts out and responses back by file, pipe, clipboard and editor; verdicts; commits."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import projects
from gitbox import GitBox, installed
from killing import Killing
from workshop import BOTH, begin, file, findings, left_behind, recorded, response, runs, settle, tree

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks, terminals and scripts as POSIX has them")

MANUAL = {"SDD_PROVIDER": "manual"}
ASKS = response(outcome="questions", questions=["Why?", "How?"], confidence=0.4)
CLIPBOARD = """#!/bin/sh
case "$*" in *-o*) cat "$CLIPBOARD_FILE" ;; *) cat > "$CLIPBOARD_FILE" ;; esac
"""


@pytest.fixture(scope="module")
def warm(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    with Killing(tmp_path_factory.mktemp("warm")) as one:
        yield one


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box)
    return box


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def clipboard(folder: Path) -> dict[str, str]:
    """An environment with a clipboard program, a real one as far as anybody can tell."""
    script(folder / "bin" / "xclip", CLIPBOARD)
    found = {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "DISPLAY": ":0",
        "WAYLAND_DISPLAY": "",
    }
    return {**found, "CLIPBOARD_FILE": str(folder / "clipboard")}


def on_a_terminal(box: GitBox, *argv: str, typed: Sequence[str]) -> tuple[str, int]:
    """What a person sees who runs a command and types these lines, and its exit code."""
    import pty  # not on Windows

    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [installed("sdd"), *argv],
        cwd=box.path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "NO_COLOR": "1"},
    )
    os.close(theirs)
    os.write(terminal, "".join(f"{line}\n" for line in typed).encode())
    parts = []
    try:
        while data := os.read(terminal, 1 << 16):
            parts.append(data)
    except OSError:  # Linux's way to say that the other end is closed
        pass
    code = process.wait()
    os.close(terminal)
    return b"".join(parts).decode().replace("\r\n", "\n"), code


def test_a_prompt_goes_out_and_the_response_comes_back_by_the_clipboard(
    project: GitBox, warm: Killing, tmp_path: Path
) -> None:
    env = {**MANUAL, **clipboard(tmp_path)}
    printed = warm.sdd(project, "next", env=env)
    assert printed.code == 5
    assert "the prompt of 01-a was given out, and its response is awaited" in printed.err
    assert "→ sdd record 01-a FILE" in printed.err
    assert printed.out == warm.sdd(project, "prompt", env=env).out
    copied = warm.sdd(project, "next", "--copy", env=env)
    assert (copied.code, copied.out) == (5, "")
    assert "the prompt is on the clipboard" in copied.err
    assert (tmp_path / "clipboard").read_text() == printed.out
    assert warm.sdd(project, "prompt", "01-a", "--copy", "--out", "p.md", env=env).code == 0
    assert project.read("p.md") == printed.out
    (project.path / "p.md").unlink()
    (tmp_path / "clipboard").write_text(f"Here you are:\n\n``````markdown\n{BOTH}``````\n")
    taken = warm.sdd(project, "record", "01-a", "--clipboard", env=env)
    assert taken.code == 0, taken
    assert taken.out.startswith("01-a: done\n  It is made.\n  [sdd] unchecked: no command verifies this")
    assert (left_behind(project), findings(project)) == ([], [])


def test_without_a_clipboard_the_prompt_stays_given_out(project: GitBox, warm: Killing) -> None:
    env = {**MANUAL, "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    refused = warm.sdd(project, "next", "--copy", env=env)
    assert (refused.code, refused.out) == (2, "")
    assert "there is no clipboard" in refused.err
    out = project.path.with_name("out.md")
    given = warm.sdd(project, "next", "--out", str(out), env=env)
    assert (given.code, given.out) == (5, "")
    assert out.read_text().startswith("# Role\n")


def test_a_response_comes_from_a_file_a_pipe_or_an_editor(
    project: GitBox, warm: Killing, tmp_path: Path
) -> None:
    editor = script(tmp_path / "bin" / "editor", f'#!/bin/sh\ncat "{tmp_path}/answer.md" > "$1"\n')
    (tmp_path / "answer.md").write_text("I did it all.")
    bad = warm.sdd(project, "record", "01-a", "--editor", env={"EDITOR": str(editor)})
    assert bad.code == 1
    assert (
        "Paste this to the model, and record what comes back:\n\nYour last response could not be used"
        in bad.out
    )
    assert "01-a: failed, now failing" in bad.out
    assert "prompt given out, awaiting `sdd record`" in warm.sdd(project, "status").out
    (tmp_path / "answer.md").write_text(ASKS)
    asked = warm.sdd(project, "record", "01-a", str(tmp_path / "answer.md"))
    assert asked.code == 5
    assert "waits: 2 open questions" in asked.out
    answers_to_questions(project, warm)
    assert warm.sdd(project, "record", "01-a", stdin=BOTH).code == 0
    assert [run.outcome for run in runs(project)] == ["failed", "questions", "done"]
    for argv, told in (
        (("-",), "the response is empty"),
        ((str(tmp_path / "nothing.md"),), "nothing.md cannot be read: No such file or directory"),
        (("--editor",), "the response is empty"),
    ):
        refused = warm.sdd(project, "record", "01-a", *argv, env={"EDITOR": "true"})
        assert (refused.code, told in refused.err) == (2, True), refused
    seen, code = on_a_terminal(project, "record", "01-a", typed=[])
    assert (code, "say where the response is" in seen) == (2, True)


def answers_to_questions(project: GitBox, warm: Killing) -> None:
    told = warm.sdd(project, "answer", "01-a")
    assert (told.code, told.out) == (5, "1. Why?\n2. How?\n")
    assert '→ sdd answer 01-a NUMBER "…"' in told.err
    assert warm.sdd(project, "answer", "01-a", "2", "By hand.").out == "1 question left: sdd answer 01-a\n"
    seen, code = on_a_terminal(project, "answer", "01-a", typed=["Because."])
    assert (code, "1. Why?" in seen, "2. How?" in seen) == (0, True, False)
    assert "nothing is open. Next: sdd next 01-a" in seen
    assert warm.sdd(project, "answer", "01-a").out == "01-a has no open question\n"
    assert json.loads(warm.sdd(project, "answer", "01-a", "--json").out) == [
        {"number": 1, "question": "Why?", "answer": "Because."},
        {"number": 2, "question": "How?", "answer": "By hand."},
    ]


def test_doubt_is_lifted_and_work_sent_back_by_a_person(project: GitBox, warm: Killing) -> None:
    unsure = response(file("src/a.py", "a\n"), file("src/b.py", "b\n"), confidence=0.6)
    for _ in range(2):
        assert warm.sdd(project, "record", "01-a", "-", stdin=unsure).code == 5
    assert "01-a is asking: confidence 0.6" in warm.sdd(project, "next", "01-a", env=MANUAL).err
    assert warm.sdd(project, "answer", "01-a", "--proceed", "-m", "a prototype").code == 0
    assert warm.sdd(project, "record", "01-a", "-", stdin=unsure).code == 0
    assert (
        warm.sdd(project, "reject", "01-a", "-m", "no refunds").out
        == "01-a was sent back. Next: sdd next 01-a\n"
    )
    assert "no refunds" in warm.sdd(project, "next", env=MANUAL).out
    assert findings(project) == []


def test_a_dry_run_changes_nothing(project: GitBox, warm: Killing) -> None:
    project.write("docs/tracker.md", "stale\n")
    before = tree(project)
    told = warm.sdd(project, "next", "--dry-run", "--provider", "manual")
    assert told.code == 0
    assert told.out.startswith("01-a: turn work, provider manual, about ")
    assert " tokens in " in told.out
    assert (tree(project), left_behind(project)) == (before, [])


def test_a_run_in_progress_is_forgotten_only_where_there_is_one(project: GitBox, warm: Killing) -> None:
    assert "no run is in progress" in warm.sdd(project, "next", "--drop").err
    project.write("sessions/02-b.md", projects.session("implementation"))
    warm.sdd(project, "next", "02-b", env=MANUAL)
    refused = warm.sdd(project, "next", "01-a", "--drop")
    assert (refused.code, "01-a has no run in progress" in refused.err) == (2, True)
    (project.path / "sessions/02-b.md").unlink()
    assert warm.sdd(project, "next", "02-b", "--drop").out.startswith("dropped the run in progress of 02-b;")
    assert left_behind(project) == []


BAD = response(file("src/a.py", "A = 0\n"), file("src/b.py", "B = 2\n"))
MENDED = response(file("src/a.py", "A = 1\n"), lessons=["count from one"])
CHECK = "python -c \"raise SystemExit('1' not in open('src/a.py').read())\""


def test_a_commit_takes_what_the_runs_wrote_and_nothing_else(
    box: GitBox, warm: Killing, tmp_path: Path
) -> None:
    begin(box, commands=[CHECK])
    box.write("staged.txt", "mine\n")
    box.write("README.md", "mine too\n")
    box.git("add", "staged.txt")
    env = recorded(tmp_path / "recording", BAD, MENDED)
    told = warm.sdd(box, "next", "--commit", env=env)
    assert told.code == 0, told
    assert f"committed {box.git('rev-parse', 'HEAD')[:12]}\n" in told.out
    committed = set(box.git("show", "--name-only", "--format=", "HEAD").split())
    wholes = {f"sessions/{run.file}" for run in runs(box)}
    named = {"docs/lessons.md", "docs/tracker.md", "sessions/01-a.md", "src/a.py", "src/b.py"}
    assert committed == named | wholes
    assert len(wholes) == 2
    assert (
        box.git("log", "-1", "--format=%s|%(trailers:key=Sdd-Session,valueonly)").strip()
        == "Title: done|01-a"
    )
    assert box.git("status", "--short").splitlines() == ["A  staged.txt", "?? README.md"]


def test_a_hook_that_refuses_leaves_all_as_it_was(project: GitBox, warm: Killing) -> None:
    project.write("staged.txt", "mine\n")
    project.git("add", "staged.txt")
    script(project.path / ".git/hooks/pre-commit", "#!/bin/sh\necho not on my watch >&2\nexit 1\n")
    head = project.git("rev-parse", "HEAD")
    refused = warm.sdd(project, "record", "01-a", "-", "--commit", stdin=BOTH)
    assert refused.code == 1
    assert "not on my watch" in refused.err
    assert project.git("rev-parse", "HEAD") == head
    assert project.git("diff", "--cached", "--name-only") == "staged.txt"
    assert [run.outcome for run in runs(project)] == ["done"]
    assert findings(project) == []


@pytest.fixture
def verification(box: GitBox) -> GitBox:
    session = projects.session("user-verification", items=("I sold things", "I broke things"))
    begin(box, **{"sessions__02-try": session})
    settle(box)
    return box


def test_a_person_goes_through_the_checklist_on_a_terminal(verification: GitBox) -> None:
    seen, code = on_a_terminal(verification, "next", "02-try", typed=["y", "n", "The total is wrong."])
    assert code == 1, seen
    assert "Take half an hour" in seen
    assert "02-try: failed, now failing" in seen
    seen, code = on_a_terminal(verification, "next", "02-try", typed=["y", "y", "y", "All of it works."])
    assert code == 5, seen
    document = verification.read("docs/user-verification.md")
    assert document.count("## Verdict: ") == 2
    assert "## Verdict: pass, by alice@example.org, " in document
    assert document.endswith("All of it works.\n\n- [x] I sold things\n- [x] I broke things\n")
    seen, code = on_a_terminal(verification, "next", "02-try", typed=[])
    assert (code, "02-try is review: gate user-verification" in seen) == (5, True)
    assert (left_behind(verification), findings(verification)) == ([], [])


def test_a_persons_session_without_a_terminal_says_what_to_type(verification: GitBox, warm: Killing) -> None:
    waits = warm.sdd(verification, "next", "02-try")
    assert (waits.code, "sdd record 02-try --verdict pass|fail -m WHAT" in waits.err) == (5, True)
    refused = warm.sdd(verification, "record", "02-try", "-", stdin=BOTH)
    assert (refused.code, "02-try is yours: it takes a verdict" in refused.err) == (2, True)
    refused = warm.sdd(verification, "record", "02-try", "--verdict", "pass")
    assert (refused.code, "a verdict says what was tried" in refused.err) == (2, True)
    given = warm.sdd(verification, "record", "02-try", "--verdict", "fail", "-m", "It is red.")
    assert (given.code, given.out.startswith("02-try: failed, now failing\n  It is red.\n")) == (1, True)


def test_a_kind_that_came_without_instructions_is_asked_for_all_the_same(verification: GitBox) -> None:
    own = projects.session("nothing", "provider: person", "writes: [docs/own.md]")
    verification.write("sessions/03-own.md", own)
    seen, code = on_a_terminal(verification, "next", "03-own", typed=["y", "y", "Fine."])
    assert (code, "03-own: done" in seen) == (0, True), seen
