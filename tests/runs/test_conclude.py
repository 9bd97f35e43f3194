"""From a response that is here to a run on record: applied all or nothing, checked, and told as it was."""

from __future__ import annotations

import pytest

import projects
from gitbox import GitBox
from sdd.runs import pending, transaction
from sdd.runs.choice import Wish, prepared
from sdd.runs.conclude import _applied, conclude, run_checks, verify_commands
from sdd.runs.recording import OUTPUTS
from sdd.sessions.run import Run
from workshop import BOTH, FRONT, begin, file, findings, left_behind, place, response, runs, settle, wholes

FAILS = "python -c 'print(7 * 191); raise SystemExit(3)'"


def concluded(box: GitBox, text: str, **facts: object) -> Run:
    """The run that a response comes to, for a prompt of the session as it is now."""
    here = place(box)
    run, prompt = prepared(here, here.picture(), "01-a", Wish(provider="manual"))
    pending.begin(here.git_dir, run.replace(**facts), prompt.text)
    return conclude(here, pending.keep_response(here.git_dir, run.replace(**facts), text))


def test_a_good_response_is_written_checked_and_recorded(box: GitBox) -> None:
    begin(box, commands=["git --version", "python -c 'print(1)'"])
    run = concluded(box, BOTH, tokens_in=7, cost="0.1", model="two")
    assert (run.outcome, run.confidence, run.answers, run.changed_lines) == ("done", 0.97, 0, 2)
    assert (run.tokens_in, run.cost, run.model) == (7, "0.1", "two")
    assert run.checks == ("0 git --version", "0 python -c 'print(1)'")
    assert (box.read("src/a.py"), box.read("src/b.py")) == ("A = 1\n", "B = 2\n")
    (whole,) = wholes(box)
    assert "## Inputs\n" in whole
    assert "- `docs/lessons.md` new → blob" in whole
    assert "- `src/a.py` new → blob" in whole
    assert "git version" in whole
    assert runs(box) == (run,)
    assert left_behind(box) == []


def test_what_stands_already_as_sent_is_not_called_written(box: GitBox) -> None:
    begin(box)
    box.write("src/a.py", "A = 1\n")
    box.write("docs/lessons.md", "# Lessons\n\n- b comes after a\n")
    assert concluded(box, BOTH).outcome == "done"
    assert "## Wrote\n\n- `src/b.py` new" in wholes(box)[0]
    assert "lessons.md` new" not in wholes(box)[0]


def test_a_failing_check_keeps_what_was_written_and_its_output(box: GitBox) -> None:
    begin(box, commands=[FAILS, "git --version"])
    run = concluded(box, BOTH)
    assert run.outcome == "failed"
    assert run.checks == (f"3 {FAILS}", "0 git --version")
    assert f"[sdd] `{FAILS}` failed: exit code 3" in run.summary
    assert box.read("src/a.py") == "A = 1\n"
    assert "1337" in wholes(box)[0]
    assert "- [ ] it is so" in box.read("sessions/01-a.md")
    assert not (box.path / "docs/lessons.md").exists()


def test_a_check_that_cannot_run_has_no_exit_code(box: GitBox) -> None:
    begin(box, commands=["no-such-program-here"])
    run = concluded(box, BOTH)
    assert run.checks == ("- no-such-program-here",)
    assert "no-such-program-here was not found" in run.summary


def test_output_without_end_is_kept_short(box: GitBox) -> None:
    begin(box, commands=["python -c 'print(\"word \" * 200000)'"])
    concluded(box, BOTH)
    assert len(wholes(box)[0]) < 30_000
    assert "characters cut …]" in wholes(box)[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (response(file("src/a.py", "a\n")), "`src/b.py` was to be written, and was not"),
        (response(file("src/c.py", "c\n")), "src/c.py is outside what this session may write"),
        (response(file("src/a.py", "a\n"), file("../b.py", "b\n")), "'../b.py' has an empty part"),
        (
            response(file("src/a.py", "a\n"), file(".sdd/policy.toml", "b\n")),
            ".sdd/policy.toml lies in a folder",
        ),
        (
            response(file("src/a.py", "a\n"), "```edit path=src/b.py\nnothing\n```\n"),
            "line 6: this line stands outside",
        ),
        ("I could not do it.", "sdd-response"),
    ],
    ids=["missing", "outside", "above", "trust", "edit", "no block"],
)
def test_one_thing_wrong_and_nothing_is_written(box: GitBox, text: str, problem: str) -> None:
    begin(box)
    run = concluded(box, text)
    assert run.outcome == "failed"
    assert problem in wholes(box)[0].partition("\n## Response\n")[0]
    assert text.strip() in wholes(box)[0]
    assert not (box.path / "src").exists()
    assert run.summary.endswith("nothing was written")
    settle(box)
    assert (left_behind(box), findings(box)) == ([], [])


def test_questions_come_into_the_session_and_nothing_is_written(box: GitBox) -> None:
    begin(box)
    run = concluded(
        box, response(file("src/a.py", "a\n"), outcome="questions", questions=["Why?"], confidence=0.3)
    )
    assert run.outcome == "failed", "with questions come no files"
    run = concluded(box, response(outcome="questions", questions=["Why?", "How?"], confidence=0.3))
    assert (run.outcome, run.checks) == ("questions", ())
    assert "## Questions\n\n- Why?\n- How?\n" in box.read("sessions/01-a.md")


def test_a_file_that_changed_since_the_prompt_is_left(box: GitBox) -> None:
    begin(box)
    here = place(box)
    run, prompt = prepared(here, here.picture(), "01-a", Wish(provider="manual"))
    pending.begin(here.git_dir, run, prompt.text)
    box.write("src/a.py", "MINE = 1\n")
    made = conclude(here, pending.keep_response(here.git_dir, run, BOTH))
    assert "src/a.py was made by someone since the prompt said that it is absent" in made.summary
    assert box.read("src/a.py") == "MINE = 1\n"
    assert not (box.path / "src/b.py").exists()


def test_names_that_are_no_utf8_stop_nothing(box: GitBox) -> None:
    begin(box, "writes: [src/**]")
    box.write(b"src/caf\xe9.py", "X = 1\n")
    assert concluded(box, BOTH).outcome == "done"
    assert '`"src/caf\\351.py"`' in wholes(box)[0]


def test_a_repository_with_sha256_records_its_own_ids(box: GitBox) -> None:
    other = GitBox.make(box.path.with_name("other"), "--object-format=sha256")
    begin(other)
    concluded(other, BOTH)
    blob = other.git("hash-object", "src/a.py")
    assert len(blob) == 64
    assert f"- `src/a.py` new → blob {blob}\n" in wholes(other)[0]


@pytest.mark.parametrize(
    ("front", "wanted"),
    [
        (FRONT, ["project"]),
        (("writes: [docs/a.md]",), []),
        (("writes: [docs/a.md]", "verify: [own]"), ["own"]),
    ],
    ids=["code", "document", "own"],
)
def test_commands_are_the_sessions_own_else_the_projects_for_code(
    box: GitBox, front: tuple[str, ...], wanted: list[str]
) -> None:
    begin(box, *front, commands=["project"])
    here = place(box)
    picture = here.picture()
    assert verify_commands(here, picture, "01-a", picture.states["01-a"].writes) == wanted


def test_a_change_is_verified_by_the_commands_of_its_page(box: GitBox) -> None:
    page = "---\nwrites: [src/a.py]\nverify: [page]\n---\n# Fix\n"
    begin(
        box,
        commands=["project"],
        sessions__changes__fix=projects.session("change"),
        docs__changes__fix=page,
    )
    here = place(box)
    assert verify_commands(here, here.picture(), "changes/fix", ["src/a.py"]) == ["page"]


def test_commands_see_no_key_and_are_told(box: GitBox) -> None:
    begin(box)
    told: list[str] = []
    command = "python -c 'import os; print(sorted(os.environ))'"
    (check,) = run_checks(place(box, told, ANTHROPIC_API_KEY="secret"), [command])
    assert told == [f"$ {command}"]
    assert "PATH" in check.output
    assert "ANTHROPIC_API_KEY" not in check.output


def test_what_a_killed_process_had_prepared_or_applied_is_not_done_twice(box: GitBox) -> None:
    begin(box, commands=['python -c \'open("times", "a").write("x")\''])
    here = place(box)
    run, prompt = prepared(here, here.picture(), "01-a", Wish(provider="manual"))
    pending.begin(here.git_dir, run, prompt.text)
    answered = pending.keep_response(here.git_dir, run, BOTH)
    folder = pending.folder(here.git_dir, "01-a")
    paths = {b"src/a.py": b"A = 1\n", b"src/b.py": b"B = 2\n"}
    transaction.prepare(here.root, folder, OUTPUTS, paths, dict.fromkeys(paths, ""))
    applied = _applied(here, answered)
    assert applied == pending.load(here.git_dir, "01-a")
    box.write("src/a.py", "MINE = 1\n")
    assert conclude(here, applied).outcome == "done"
    assert box.read("src/a.py") == "MINE = 1\n"
    assert box.read("times") == "x"
    box.git("checkout", "-q", "--", "sessions")
    box.git("clean", "-fdq", "src")
    pending.begin(here.git_dir, run, prompt.text)
    transaction.prepare(here.root, folder, OUTPUTS, paths, dict.fromkeys(paths, ""))
    assert conclude(here, pending.keep_response(here.git_dir, run, BOTH)).outcome == "done"
    assert box.read("src/b.py") == "B = 2\n"


def test_a_blocked_response_leaves_the_findings_and_tests_that_show_why(box: GitBox) -> None:
    begin(box, 'writes: ["docs/review.md", "tests/**"]', commands=[FAILS])
    files = (file("docs/review.md", "# R1\n"), file("tests/test_a.py", "assert 0\n"))
    text = response(*files, outcome="blocked", summary="The contract contradicts the spec.")
    run = concluded(box, text)
    assert (run.outcome, run.checks) == ("blocked", ())
    assert (box.read("docs/review.md"), box.read("tests/test_a.py")) == ("# R1\n", "assert 0\n")
    assert "- Blocked: The contract contradicts the spec." in box.read("sessions/01-a.md")
    assert "- [ ] it is so" in box.read("sessions/01-a.md")
    assert left_behind(box) == []


def test_a_blocked_response_lands_no_code(box: GitBox) -> None:
    begin(box)
    assert concluded(box, response(file("src/a.py", "A = 1\n"), outcome="blocked")).outcome == "blocked"
    assert not (box.path / "src/a.py").exists()
