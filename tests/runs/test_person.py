"""What only a person does: answer, lift the bar, send back, give a verdict; refused where it makes no sense."""

from __future__ import annotations

import pytest

import projects
from gitbox import GitBox
from sdd.errors import RefusedError, SddError
from sdd.runs import pending
from sdd.runs.person import answer, proceed, reject, verdict
from sdd.runs.recording import OUTPUTS, Entry, begin
from sdd.runs.transaction import prepare
from sdd.sessions.run import Run
from workshop import begin as begin_project
from workshop import left_behind, place, runs, wholes

TRY = "02-try"
NOTES = "docs/user-verification.md"
FRONT = ("writes: [docs/user-verification.md, docs/shots/*.png]",)


@pytest.fixture
def project(box: GitBox) -> GitBox:
    session = projects.session("user-verification", *FRONT, items=("I sold things", "I broke things"))
    asks = projects.session("implementation", rest="\n## Questions\n\n- Why?\n- How?\n")
    begin_project(box, **{f"sessions__{TRY}": session, "sessions__03-b": asks})
    return box


def given(box: GitBox, *ticked: str, words: str = "It works.", passed: bool = True, name: str = TRY) -> Run:
    return verdict(place(box), name, ticked, words, passed=passed, by="alice@example.org")


def in_progress(box: GitBox, name: str, stage: str) -> None:
    run = pending.Pending(name, "work", (), "2026-11-21T10:15:00Z", "anthropic", "", {}, stage=stage)
    pending.begin(place(box).git_dir, run, "")


def test_an_answer_comes_below_its_question(project: GitBox) -> None:
    answer(place(project), "03-b", 2, "By hand.\nMostly.")
    assert "- Why?\n- How?\n  > By hand.\n  > Mostly.\n" in project.read("sessions/03-b.md")
    with pytest.raises(SddError, match="the answer is empty"):
        answer(place(project), "03-b", 1, " \n")
    with pytest.raises(SddError, match="there is no question 3"):
        answer(place(project), "03-b", 3, "So.")


def test_the_bar_is_lifted_only_where_it_holds_a_session_back(project: GitBox) -> None:
    for text in ("", projects.runs(projects.run("done"))):
        project.write("sessions/01-a.md", projects.session("implementation", rest=text))
        with pytest.raises(RefusedError, match="01-a is not held back by its confidence"):
            proceed(place(project), "01-a", "go on")
    unsure = projects.runs(projects.run("unsure", turn="tests"))
    project.write("sessions/01-a.md", projects.session("implementation", rest=unsure))
    with pytest.raises(SddError, match="the reason is empty"):
        proceed(place(project), "01-a", " ")
    run = proceed(place(project), "01-a", "it is a prototype")
    assert (run.outcome, run.turn, run.provider) == ("proceed", "tests", "person")
    assert [one.outcome for one in runs(project)] == ["unsure", "proceed"]


def test_only_what_ran_is_sent_back(project: GitBox) -> None:
    rejected = projects.run("rejected", provider="person")
    for text in ("", projects.runs(rejected)):
        project.write("sessions/01-a.md", projects.session("implementation", rest=text))
        with pytest.raises(RefusedError, match="01-a never ran"):
            reject(place(project), "01-a", "no")
    done = projects.runs(projects.run("done", turn="document", provider="recorded"), rejected)
    project.write("sessions/01-a.md", projects.session("implementation", rest=done))
    assert reject(place(project), "01-a", "still no").turn == "document"


def test_a_persons_own_verdict_can_be_sent_back(project: GitBox) -> None:
    given(project, "I sold things", "I broke things")
    assert reject(place(project), TRY, "I tried the wrong version").outcome == "rejected"
    assert "- [ ] I sold things" in project.read(f"sessions/{TRY}.md")


def test_a_response_that_is_not_recorded_yet_is_judged_by_nobody(project: GitBox) -> None:
    in_progress(project, "03-b", "answered")
    for judge in (proceed, reject):
        with pytest.raises(RefusedError, match="a run of 03-b is not recorded yet") as told:
            judge(place(project), "03-b", "no")
        assert told.value.hint == "sdd next 03-b"
    in_progress(project, "03-b", "asked")
    with pytest.raises(RefusedError, match="never ran"):
        reject(place(project), "03-b", "no")


def test_a_verdict_is_a_run_and_stands_below_the_notes(project: GitBox) -> None:
    project.write(NOTES, "# My notes\r\n\r\nSlow.\r\n\r\n")
    run = given(project, "I sold things", "I broke things", words=" It works. ")
    assert (run.outcome, run.provider, run.confidence, run.summary) == ("done", "person", 1.0, "It works.")
    assert runs(project, TRY) == (run,)
    notes = project.read(NOTES)
    assert notes.startswith("# My notes\r\n\r\nSlow.\n\n## Verdict: pass, by alice@example.org, 20")
    assert notes.endswith("\n\nIt works.\n\n- [x] I sold things\n- [x] I broke things\n")
    assert f"- `{NOTES}` blob" in wholes(project, TRY)[0]
    assert not (project.path / "docs/shots").exists()
    assert left_behind(project) == []


def test_a_verdict_of_no_is_kept_too_and_the_next_follows_it(project: GitBox) -> None:
    run = given(project, "I sold things", words="The total is wrong.", passed=False)
    assert (run.outcome, project.read(NOTES).splitlines()[0]) == ("failed", "# Title")
    assert "- [x] I sold things\n- [ ] I broke things\n" in project.read(NOTES)
    assert place(project).picture().states[TRY].state == "failing"
    given(project, "I sold things", "I broke things")
    assert project.read(NOTES).count("## Verdict: ") == 2
    assert [run.outcome for run in runs(project, TRY)] == ["failed", "done"]


def test_a_verdict_is_refused_where_there_is_none_to_give(project: GitBox) -> None:
    with pytest.raises(RefusedError, match="cannot pass: `I broke things` is not ticked"):
        given(project, "I sold things")
    with pytest.raises(RefusedError, match="01-a takes a response, not a verdict"):
        given(project, name="01-a")
    given(project, "I sold things", "I broke things")
    with pytest.raises(RefusedError, match="02-try is review: gate user-verification"):
        given(project, "I sold things", "I broke things")
    project.write(
        "sessions/04-c.md", projects.session("implementation", "provider: person", "writes: [docs/c.md]")
    )
    given(project, "it is so", name="04-c")
    with pytest.raises(RefusedError, match="04-c is done: there is nothing left to do"):
        given(project, "it is so", name="04-c")
    assert left_behind(project) == []


def test_a_verdict_taken_by_a_killed_process_is_recorded_once(project: GitBox) -> None:
    here = place(project)

    def taken(words: str) -> None:
        in_progress(project, TRY, "answered")
        folder = pending.folder(here.git_dir, TRY)
        prepare(here.root, folder, OUTPUTS, {NOTES.encode(): b"# Notes\n"}, {NOTES.encode(): ""})
        run = projects.run("failed", provider="person", summary=words)
        begin(here, TRY, Entry(run), b"# A run: " + words.encode())

    taken("It is red.")
    run = given(project, words="It is red. ", passed=False)
    assert runs(project, TRY) == (run,)
    assert project.read(NOTES) == "# Notes\n"
    (project.path / NOTES).unlink()
    taken("It is blue.")
    given(project, "I sold things", "I broke things")
    assert [(run.outcome, run.summary) for run in runs(project, TRY)[1:]] == [
        *(("failed", "It is blue."), ("done", "It works.")),
    ]


def test_a_key_that_a_person_types_is_not_written_down(
    project: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "typed-by-mistake-0123")
    answer(place(project), "03-b", 1, "with typed-by-mistake-0123")
    assert "  > with [secret]\n" in project.read("sessions/03-b.md")
    assert given(project, words="typed-by-mistake-0123 fails", passed=False).summary == "[secret] fails"
    assert "typed-by-mistake" not in "".join(
        map(
            project.read,
            (NOTES, f"sessions/{TRY}.md", *(f"sessions/{run.file}" for run in runs(project, TRY))),
        )
    )
