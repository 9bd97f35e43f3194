"""A session carried out: turns, fixes and their bound, questions, doubts, rejections, and what an earlier process left."""

from __future__ import annotations

from pathlib import Path

import pytest

import people
import projects
from fake_messages_api import MessagesApi, Reply
from gitbox import GitBox
from sdd.errors import ProviderError, RefusedError, SddError, WaitingError
from sdd.runs import pending, person
from sdd.runs.ask import keep_by_hand
from sdd.runs.choice import Wish, choose, prepared
from sdd.runs.flow import GivenOutError, advance
from sdd.runs.recording import Entry
from sdd.runs.recording import begin as begin_recording
from sdd.sessions.retries import poisoned
from sdd.sessions.run import Run
from sdd.sessions.state import State
from workshop import BOTH, begin, file, findings, left_behind, place, recorded, response, runs, settle, wholes

MANUAL = Wish(provider="manual")
PLAYED = Wish(provider="recorded")
GOOD = "import pathlib; raise SystemExit('1' not in pathlib.Path('src/a.py').read_text())"
CHECK = f'python -c "{GOOD}"'
BAD = response(file("src/a.py", "A = 0\n"), file("src/b.py", "B = 2\n"))
FORMLESS = "Sorry, what?"
BAD_EDIT = response(
    "````edit path=src/a.py\n<<<<<<< SEARCH\nno\n=======\nyes\n>>>>>>> REPLACE\n````\n\n",
    file("src/b.py", "B\n"),
)
OUTSIDE = response(file("src/c.py", "C = 1\n"))
UNSURE = response(file("src/a.py", "a\n"), file("src/b.py", "b\n"), confidence=0.6)
ASKS = response(outcome="questions", questions=["Why?"], confidence=0.4)


class Played:
    """Sessions carried out with recorded responses; `told` is what people are told."""

    def __init__(self, box: GitBox, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.box, self._patch, self._folder = box, patch, folder
        self.told: list[str] = []

    def __call__(self, *responses: str, name: str = "01-a") -> Run:
        """Carry a session out with these responses; every one is played, and no more is asked for."""
        self._folder = self._folder / "r"
        for key, value in recorded(self._folder, *responses).items():
            self._patch.setenv(key, value)
        self.told.clear()
        run = advance(place(self.box, self.told), name, PLAYED)
        assert len((self._folder / ".played").read_text().split()) == len(responses)
        return run


@pytest.fixture
def play(box: GitBox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Played:
    return Played(box, monkeypatch, tmp_path)


def state(box: GitBox, name: str = "01-a") -> State:
    return place(box).picture().states[name]


def prompt_of(box: GitBox, name: str = "01-a") -> str:
    here = place(box)
    return prepared(here, here.picture(), name, MANUAL)[1].text


def test_a_failing_check_goes_back_and_is_mended(play: Played) -> None:
    begin(play.box, commands=[CHECK])
    assert play(BAD, BOTH).outcome == "done"
    first, second = runs(play.box)
    assert (first.outcome, first.checks) == ("failed", (f"1 {CHECK}",))
    assert (second.outcome, second.checks) == ("done", (f"0 {CHECK}",))
    assert f"goes back to the model: [sdd] `{CHECK}` failed: exit code 1" in play.told
    assert play.told[-1] == f"$ {CHECK}"
    settle(play.box)
    assert (left_behind(play.box), findings(play.box)) == ([], [])


def test_it_goes_back_a_bounded_number_of_times_and_the_next_command_tries_again(play: Played) -> None:
    begin(play.box, commands=[CHECK])
    assert play(BAD, BAD).outcome == "failed"
    assert state(play.box).state == "failing"
    assert "exit code 1" in prompt_of(play.box)
    assert play(BOTH).outcome == "done"
    assert [run.outcome for run in runs(play.box)] == ["failed", "failed", "done"]


def test_a_malformed_response_is_kept_and_goes_back(play: Played) -> None:
    begin(play.box)
    assert play("Sorry, what?", BOTH).outcome == "done"
    assert "Sorry, what?" in wholes(play.box)[0]
    assert "the response could not be used" in runs(play.box)[0].summary


def classes(box: GitBox) -> list[tuple[str, ...]]:
    return [run.failures for run in runs(box)]


def test_each_kind_of_failure_has_a_bound_of_its_own(play: Played) -> None:
    begin(play.box, commands=[CHECK])
    assert play(FORMLESS, BAD_EDIT, BAD, BOTH).outcome == "done"
    assert classes(play.box) == [
        ("response there is no … fence",),
        ("edit src/a.py",),
        (f"command {CHECK}: exit code 1",),
        (),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "failures"),
    [
        (FORMLESS, "responses", ("response there is no … fence",)),
        (BAD_EDIT, "edits", ("edit src/a.py",)),
        (OUTSIDE, "edits", ("write src/c.py",)),
        (response(file("src/a.py", "A = 1\n")), "responses", ("missing src/b.py",)),
        (
            response(file("src/a.py", "A\n"), file("src/b.py", "B\n"), checklist=[]),
            "responses",
            ("unticked",),
        ),
        (BAD, "tests", (f"command {CHECK}: exit code 1",)),
    ],
    ids=["form", "edit", "outside", "missing", "unticked", "check"],
)
def test_a_bound_that_is_met_ends_it_and_says_so(
    play: Played, text: str, kind: str, failures: tuple[str, ...]
) -> None:
    begin(play.box, commands=[CHECK])
    play.box.write("sdd.toml", play.box.read("sdd.toml") + f"[fixes]\n{kind} = 2\n")
    assert play(text, text, text).outcome == "failed"
    assert classes(play.box) == [failures] * 3
    assert (
        f"01-a went back 2 times for {kind}, which is the bound (`{kind} = 2` below [fixes] in sdd.toml)"
        in play.told[-1]
    )
    assert "`sdd next 01-a` tries as often again" in play.told[-1]
    assert state(play.box).why[1:] == failures


def test_a_program_that_is_not_installed_never_goes_back(play: Played) -> None:
    begin(play.box, commands=["no-such-program-here"])
    assert play(BOTH).outcome == "failed"
    assert play.told[-1] == "01-a fails for what no model can mend: see to it, then `sdd next 01-a`"


def test_style_counts_against_its_own_bound_once_the_tests_pass(play: Played) -> None:
    begin(play.box, commands=["python lint.py"])
    play.box.write(
        "lint.py",
        "import sys, pathlib\nn = pathlib.Path('src/a.py').read_text()\nprint(f'src/a.py:1:1: F{n[4:].strip()} x')\nsys.exit(n != 'A = 1\\n')\n",
    )
    two, three = (BAD.replace("A = 0", f"A = {number}") for number in (2, 3))
    assert play(two, three).outcome == "failed"
    assert classes(play.box) == [("lint src/a.py F2",), ("lint src/a.py F3",)]
    assert "for lint" in play.told[-1]


def test_the_same_failure_twice_begins_afresh_with_the_lesson(play: Played) -> None:
    begin(play.box, commands=[CHECK])
    play.box.write("sdd.toml", play.box.read("sdd.toml").replace("fixes = 1", "fixes = 2"))
    assert play(BAD, BAD, BOTH).outcome == "done"
    _, second, third = runs(play.box)
    lesson = f"failed 2 times in the same way: `command {CHECK}: exit code 1`"
    offer = f"[sdd] {lesson}; the next run begins a fresh conversation. A lesson? `sdd answer 01-a --lesson`"
    assert offer in second.summary.splitlines()
    assert any(
        line.endswith("it failed twice in the same way, so a fresh conversation begins") for line in play.told
    )
    assert "failed 2 times" not in third.summary
    assert "- b comes after a" in play.box.read("docs/lessons.md")
    assert person.keep_lesson(place(play.box), "01-a", "") == (f"01-a: {lesson}",)
    assert person.keep_lesson(place(play.box), "01-a", "pathlib is no test") == ("pathlib is no test",)
    assert play.box.read("docs/lessons.md").endswith(f"- 01-a: {lesson}\n- pathlib is no test\n")


def test_the_prompt_tells_what_was_tried_twice(play: Played) -> None:
    begin(play.box, commands=[CHECK])
    assert "in the same way" not in prompt_of(play.box)
    play(BAD.replace("It is made.", "I rounded it down."), BAD.replace("It is made.", "I rounded it up."))
    prompt = prompt_of(play.box)
    assert f"This failed 2 times in the same way: `command {CHECK}: exit code 1`. You start afresh" in prompt
    assert "Do not repeat what was tried" in prompt
    assert prompt.index("I rounded it down.") < prompt.index("I rounded it up.")
    play.box.write("sessions/02_b.md", projects.session("implementation"))
    with pytest.raises(RefusedError, match="nothing in 02_b failed twice"):
        person.keep_lesson(place(play.box), "02_b", "x")


def test_whoever_sends_it_back_twice_has_it_begin_afresh(play: Played) -> None:
    begin(play.box)
    for words in ("it says nothing about refunds", "refunds are still missing"):
        play(BOTH)
        made = person.reject(place(play.box), "01-a", words)
        assert made.failures == ("rejected work",)
    assert poisoned(runs(play.box))
    assert "This failed 2 times in the same way: `rejected work`" in prompt_of(play.box)
    assert "it says nothing about refunds" in prompt_of(play.box)


def test_doubt_is_asked_about_at_once_and_then_a_person_decides(play: Played) -> None:
    begin(play.box)
    assert play(UNSURE, UNSURE).outcome == "unsure"
    assert not (play.box.path / "src").exists()
    assert state(play.box).state == "asking"
    with pytest.raises(WaitingError, match=r"01-a is asking: confidence 0\.6 and nothing asked"):
        advance(place(play.box), "01-a", PLAYED)
    person.proceed(place(play.box), "01-a", "it is a prototype")
    assert "it is a prototype" in prompt_of(play.box)
    assert play(UNSURE).outcome == "done"
    assert play.box.read("src/a.py") == "a\n"


def test_questions_wait_for_answers_which_the_next_prompt_carries(play: Played) -> None:
    begin(play.box)
    assert play(ASKS).outcome == "questions"
    with pytest.raises(WaitingError, match="01-a is asking: 1 open question"):
        advance(place(play.box), "01-a", PLAYED)
    person.answer(place(play.box), "01-a", 1, "Because of the dog.")
    assert "> Because of the dog." in prompt_of(play.box)
    assert play(BOTH).answers == 1
    assert state(play.box).state == "done"


@pytest.mark.parametrize(
    "text", [ASKS, response(outcome="blocked", summary="No way.")], ids=["questions", "blocked"]
)
def test_what_is_answered_is_not_asked_again_and_again(play: Played, text: str) -> None:
    begin(play.box)
    play(text)
    person.answer(place(play.box), "01-a", 1, "So.")
    assert play(text, text).outcome == "failed"
    assert classes(play.box)[1:] == [("response asks what is answered",)] * 2
    assert "all that it asks was asked before" in prompt_of(play.box)


def test_a_rejection_takes_the_ticks_back_and_the_next_prompt_carries_it(play: Played) -> None:
    begin(play.box)
    play(BOTH)
    person.reject(place(play.box), "01-a", "it says nothing about refunds")
    assert "- [ ] it is so" in play.box.read("sessions/01-a.md")
    assert "A person read the last result and sent it back" in prompt_of(play.box)
    assert "it says nothing about refunds" in prompt_of(play.box)
    assert play(BOTH).outcome == "done"
    assert [run.outcome for run in runs(play.box)] == ["done", "rejected", "done"]


PAGE = "---\nwrites: [src/a.py, src/b.py]\n---\n# Fix\n\n## Why\n\nIt is wrong.\n"


def approve(box: GitBox, document: str, gate: str) -> None:
    made = people.record(document.encode(), box.read_bytes(document), projects.ALICE, gate=gate)
    for path, data in people.filed(made, None).items():
        box.write(path, data)


def test_a_gated_change_has_two_turns(play: Played) -> None:
    begin(play.box, sessions__changes__fix=projects.session("change"))
    run = play(response(file("docs/changes/fix.md", PAGE), checklist=[]), name="changes/fix")
    assert (run.turn, run.outcome, state(play.box, "changes/fix").state) == ("document", "done", "review")
    approve(play.box, "docs/changes/fix.md", "change")
    assert play(BOTH, name="changes/fix").turn == "work"
    assert state(play.box, "changes/fix").state == "done"
    assert "- [x] it is so" in play.box.read("sessions/changes/fix.md")


TESTS_FIRST = ("tests_first: true", "writes: [a.py, test_a.py]")
TEST = (
    "import unittest, a\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(a.A, 1)\n"
)
EARLY = "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        pass\n"
CODE = response(file("a.py", "A = 1\n"))


def only_tests(text: str) -> str:
    return response(file("test_a.py", text), checklist=[])


def test_a_test_that_passes_before_the_code_exists_is_sent_back(play: Played) -> None:
    begin(play.box, *TESTS_FIRST, commands=["python -m unittest -q test_a"])
    assert play(only_tests(EARLY), only_tests(TEST), CODE).outcome == "done"
    first, second, third = runs(play.box)
    assert [(run.turn, run.outcome) for run in (first, second, third)] == [
        *(("tests", "failed"), ("tests", "done"), ("work", "done")),
    ]
    assert "it passes before the code exists" in first.summary
    assert "failed: it passes before the code exists" in wholes(play.box)[0]
    assert "the tests fail, as they must before the code exists" in second.summary
    assert state(play.box).state == "done"


SYNTAX = "import unittest, a\nclass T(unittest.TestCase:\n"
FOREIGN = "import no_such_library\n" + TEST
NAME = "x = undefined\n" + EARLY


@pytest.mark.parametrize(
    "command", ["python -m unittest -q test_a", "python -m pytest -q", "python -m unittest discover"]
)
@pytest.mark.parametrize(
    ("text", "reason"),
    [(SYNTAX, "syntax test_a.py"), (FOREIGN, "import no_such_library"), (NAME, "collect test_a")],
    ids=["syntax", "library", "name"],
)
def test_tests_that_are_red_for_another_reason_are_sent_back(
    play: Played, command: str, text: str, reason: str
) -> None:
    begin(play.box, *TESTS_FIRST, commands=[command])
    play.box.write("pytest.ini", "[pytest]\n")
    if "-q test_a" in command and text == NAME:
        text = NAME.replace(
            "x = undefined", "import no_library"
        )  # unittest names no file of what it cannot import
        reason = "import no_library"  # of another size, for Python takes bytecode of the same second and size for fresh
    assert play(only_tests(text), only_tests(TEST), CODE).outcome == "done"
    first, second, _ = runs(play.box)
    assert (first.outcome, first.turn) == ("failed", "tests")
    assert first.failures[0].startswith(reason)
    assert (
        "fail for another reason than that the code does not exist yet: " + first.failures[0] in first.summary
    )
    assert (second.outcome, second.failures) == ("done", ())


@pytest.mark.parametrize(
    ("text", "failures"),
    [(EARLY, ("early python -m unittest -q test_a",)), (SYNTAX, ("syntax test_a.py",))],
    ids=["early", "syntax"],
)
def test_tests_that_are_never_red_as_they_must_end_it(
    play: Played, text: str, failures: tuple[str, ...]
) -> None:
    begin(play.box, *TESTS_FIRST, commands=["python -m unittest -q test_a"])
    assert play(only_tests(text), only_tests(text)).outcome == "failed"
    assert classes(play.box) == [failures] * 2
    assert "01-a went back 1 time for tests, which is the bound" in play.told[-1]
    assert state(play.box).turn == "tests"
    assert not (play.box.path / "a.py").exists()


def test_code_that_never_turns_the_tests_green_ends_it(play: Played) -> None:
    begin(play.box, *TESTS_FIRST, commands=["python -m unittest -q test_a"])
    wrong = CODE.replace("A = 1", "A = 2")
    assert play(only_tests(TEST), wrong, wrong).outcome == "failed"
    assert classes(play.box) == [(), *[("test test_a.T.test AssertionError",)] * 2]
    assert play.box.read("test_a.py") == TEST
    assert play(CODE).outcome == "done"


def test_a_fix_that_follows_at_once_is_not_checked_by_what_was_compiled_before(play: Played) -> None:
    begin(play.box, commands=['python -c "import sys; sys.exit(not sys.dont_write_bytecode)"'])
    assert play(BOTH).outcome == "done"


def test_the_turn_for_the_code_may_not_touch_the_tests(play: Played) -> None:
    begin(play.box, *TESTS_FIRST, commands=["python -m unittest -q test_a"])
    cheat = response(file("a.py", "A = 2\n"), file("test_a.py", EARLY))
    play(only_tests(TEST), cheat, CODE)
    assert play.box.read("test_a.py") == TEST
    assert "test_a.py is outside what this session may write" in wholes(play.box)[1]


def test_the_same_turn_is_not_done_over_and_over(play: Played) -> None:
    """A check that removes an output makes the session ready again; a person should see that before it is paid twice."""
    begin(play.box, commands=["python -c \"import os; os.remove('src/b.py')\""])
    assert play(BOTH).outcome == "done"
    assert state(play.box).why == ("its output src/b.py is missing",)


def test_one_session_in_progress_then_one_that_fails_then_the_first_that_is_ready(play: Played) -> None:
    begin(play.box, commands=[CHECK], sessions__02_b=projects.session("implementation", "writes: [src/c.py]"))
    here = place(play.box)
    assert choose(here, here.picture()) == "01-a"
    play(response(file("src/c.py", "c\n")), response(file("src/c.py", "c\n")), name="02_b")
    assert choose(here, here.picture()) == "02_b"
    with pytest.raises(GivenOutError):
        advance(here, "01-a", MANUAL)
    assert choose(here, here.picture()) == "01-a"
    (play.box.path / "sessions/01-a.md").unlink()
    assert choose(here, here.picture()) == "02_b", "a run in progress of a session that is gone stops nobody"


def test_where_nothing_can_go_on_it_says_why(play: Played) -> None:
    begin(play.box)
    here = place(play.box)
    play(ASKS)
    with pytest.raises(
        WaitingError, match=r"nothing can go on before a person does:\n  01-a: asking, 1 open"
    ):
        choose(here, here.picture())
    person.answer(here, "01-a", 1, "So.")
    play(BOTH)
    with pytest.raises(WaitingError, match="every session is done"):
        choose(here, here.picture())
    play.box.write("sessions/02-b.md", projects.session("implementation", "needs: [gate:spec]"))
    play.box.write("docs/brief.md", "")
    with pytest.raises(WaitingError, match="every session that is left is blocked:\n  02-b: "):
        choose(here, here.picture())
    for name in ("01-a", "02-b"):
        (play.box.path / f"sessions/{name}.md").unlink()
    with pytest.raises(WaitingError, match="there is no session yet"):
        choose(here, here.picture())


def test_a_prompt_given_out_stays_until_it_changes(play: Played) -> None:
    begin(play.box)
    told: list[str] = []
    here = place(play.box, told)
    prompts = []
    for change in (None, None, "New.", None):
        if change:
            play.box.write("docs/brief.md", f"# Brief\n\n{change}\n")
        with pytest.raises(GivenOutError, match="the prompt of 01-a was given out") as out:
            advance(here, "01-a", MANUAL)
        prompts.append(out.value.prompt)
    assert prompts[0] == prompts[1] != prompts[2] == prompts[3]
    assert told == ["01-a: something has changed since its prompt was given out; this is a new one"]
    assert pending.prompt(here.git_dir, "01-a") == prompts[3]


def test_another_provider_takes_over_from_a_person_who_has_the_prompt(play: Played) -> None:
    begin(play.box)
    with pytest.raises(GivenOutError):
        advance(place(play.box), "01-a", MANUAL)
    assert play(BOTH).outcome == "done"
    assert left_behind(play.box) == []


def test_a_provider_that_fails_leaves_nothing(play: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(play.box)
    monkeypatch.delenv("SDD_RECORDING", raising=False)
    with pytest.raises(ProviderError, match="SDD_RECORDING names no folder"):
        advance(place(play.box), "01-a", PLAYED)
    with pytest.raises(SddError, match="there is no provider 'nobody'"):
        advance(place(play.box), "01-a", Wish(provider="nobody"))
    assert left_behind(play.box) == []
    assert runs(play.box) == ()


def test_a_cut_response_is_recorded_before_the_provider_is_said_to_have_failed(
    play: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(play.box)
    with MessagesApi([Reply(BOTH, then="cut", after=1)]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "dummy-key")
        with pytest.raises(ProviderError, match="the connection was cut"):
            advance(place(play.box), "01-a", Wish("anthropic"))
    (run,) = runs(play.box)
    assert "the response is not whole: the connection was cut before the answer ended" in run.summary
    assert left_behind(play.box) == []


def test_the_choice_of_provider_model_and_budget(play: Played) -> None:
    begin(play.box, "writes: [src/a.py]", "model: one", "provider: recorded", "budget: 2000")
    here = place(play.box, SDD_PROVIDER="")
    run, _ = prepared(here, here.picture(), "01-a", Wish())
    assert (run.provider, run.model) == ("recorded", "one")
    run, _ = prepared(here, here.picture(), "01-a", Wish("anthropic", "two"))
    assert (run.provider, run.model) == ("anthropic", "two")
    play.box.write("docs/brief.md", "# Brief\n\n" + "word " * 2000)
    with pytest.raises(SddError, match="the budget is 2,000"):
        prepared(here, here.picture(), "01-a", Wish())


def test_a_persons_session_is_carried_out_by_nobody_else(play: Played) -> None:
    begin(play.box, sessions__02_try=projects.session("user-verification"))
    with pytest.raises(WaitingError, match="02_try is yours: no model carries it out") as told:
        advance(place(play.box), "02_try", PLAYED)
    assert "sdd record 02_try --verdict pass|fail -m WHAT" in told.value.hint


def left_by_a_killed_process(box: GitBox, provider: str, *, partial: str = "", raw: str = "") -> None:
    here = place(box)
    run, prompt = prepared(here, here.picture(), "01-a", Wish(provider))
    pending.begin(here.git_dir, run, prompt.text)
    Path(pending.partial_path(here.git_dir, "01-a")).write_text(partial)
    if raw:
        keep_by_hand(here, raw, run.raw)


def test_a_part_of_a_response_is_recorded_and_the_model_asked_again(play: Played) -> None:
    begin(play.box)
    left_by_a_killed_process(play.box, "anthropic", partial="Well, I")
    assert play(BOTH).outcome == "done"
    assert "not whole: sdd was stopped before its end" in runs(play.box)[0].summary
    assert "Well, I" in wholes(play.box)[0]
    assert play.told[0] == "01-a: an earlier call was cut; what came is kept in a run"


def test_a_call_of_which_nothing_came_is_made_again(play: Played) -> None:
    begin(play.box)
    left_by_a_killed_process(play.box, "anthropic")
    assert play(BOTH).outcome == "done"
    assert len(runs(play.box)) == 1


def test_a_response_that_came_whole_is_used(play: Played) -> None:
    begin(play.box)
    left_by_a_killed_process(play.box, "anthropic", partial=BOTH, raw=BOTH)
    told: list[str] = []
    assert advance(place(play.box, told), "01-a", Wish("nobody")).outcome == "done"
    assert told[0] == "01-a: going on with the response that is already here"


def test_a_verdict_that_was_not_kept_whole_is_asked_for_again(play: Played) -> None:
    begin(play.box, sessions__02_try=projects.session("user-verification"))
    here = place(play.box)
    run = pending.Pending("02_try", "work", (), "2026-11-21T10:15:00Z", "person", "", {}, stage="answered")
    pending.begin(here.git_dir, run, "")
    with pytest.raises(WaitingError, match="02_try is yours"):
        advance(here, "02_try", Wish())
    assert pending.sessions(here.git_dir) == []
    pending.begin(here.git_dir, run, "")
    begin_recording(here, "02_try", Entry(projects.run(provider="person")), b"# A run\n")
    assert advance(here, "02_try", Wish()).provider == "person"
