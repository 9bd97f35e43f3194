"""A response that a person brings: taken, sent back for repair, or refused and kept; and a run in progress forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

import projects
from gitbox import GitBox
from sdd.errors import SddError, WaitingError
from sdd.llm.response import from_json
from sdd.runs import pending
from sdd.runs.ask import keep_by_hand
from sdd.runs.by_hand import drop, take
from sdd.runs.choice import Wish, prepared
from sdd.runs.flow import GivenOutError, advance
from sdd.runs.pending import ANSWERED
from workshop import BOTH, begin, left_behind, place, response, runs, wholes

ASKS = response(outcome="questions", questions=["Why?"], confidence=0.4)


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box)
    return box


def give_out(box: GitBox) -> str:
    with pytest.raises(GivenOutError) as out:
        advance(place(box), "01-a", Wish("manual"))
    return out.value.prompt


def responses(box: GitBox) -> list[str]:
    return [from_json(path.read_text()).text for path in (box.path / ".git/sdd/responses").iterdir()]


def in_progress(box: GitBox, provider: str, *, partial: str = "", whole: str = "") -> pending.Pending:
    here = place(box)
    run, prompt = prepared(here, here.picture(), "01-a", Wish(provider))
    pending.begin(here.git_dir, run, prompt.text)
    Path(pending.partial_path(here.git_dir, "01-a")).write_text(partial)
    return pending.keep_response(here.git_dir, run, whole) if whole else run


def test_a_response_is_taken_and_kept_beside_the_caches(project: GitBox) -> None:
    give_out(project)
    run, repair = take(place(project), "01-a", BOTH)
    assert (run.outcome, run.provider, repair) == ("done", "manual", "")
    assert responses(project) == [BOTH]
    assert left_behind(project) == []


def test_a_response_may_come_without_a_prompt_given_out(project: GitBox) -> None:
    assert take(place(project), "01-a", BOTH)[0].outcome == "done"


def test_one_that_cannot_be_used_is_kept_and_may_be_repaired_at_once(project: GitBox) -> None:
    prompt = give_out(project)
    run, repair = take(place(project), "01-a", "I did it all.")
    assert run.outcome == "failed"
    assert repair.startswith("Your last response could not be used, and nothing of it was written:\n\n- ")
    assert "I did it all." in wholes(project)[0]
    assert pending.prompt(place(project).git_dir, "01-a") == prompt
    run, repair = take(place(project), "01-a", BOTH)
    assert (run.outcome, repair) == ("done", "")
    first, second = runs(project)
    assert first.prompt == second.prompt


def test_one_that_cannot_be_taken_now_is_kept_all_the_same(project: GitBox) -> None:
    with pytest.raises(SddError, match="the response is empty"):
        take(place(project), "01-a", " \n")
    take(place(project), "01-a", ASKS)
    with pytest.raises(WaitingError, match="01-a is asking") as told:
        take(place(project), "01-a", BOTH)
    kept = Path(told.value.hint.split("the response is kept in ")[1])
    assert from_json(kept.read_text()).text == BOTH
    assert (left_behind(project), len(runs(project))) == ([], 1)


def test_the_response_of_a_killed_process_is_recorded_once(project: GitBox) -> None:
    in_progress(project, "manual", whole=BOTH)
    assert take(place(project), "01-a", BOTH)[0].outcome == "done"
    assert len(runs(project)) == 1


def test_another_one_comes_after_that_of_a_killed_process(project: GitBox) -> None:
    in_progress(project, "manual", whole="I did it all.")
    assert take(place(project), "01-a", BOTH)[0].outcome == "done"
    assert [run.outcome for run in runs(project)] == ["failed", "done"]
    assert "I did it all." in wholes(project)[0]


def test_a_call_that_was_cut_is_recorded_before_what_a_person_brings(project: GitBox) -> None:
    in_progress(project, "anthropic", partial="Well,")
    assert take(place(project), "01-a", BOTH)[0].outcome == "done"
    assert "Well," in wholes(project)[0]
    assert [run.provider for run in runs(project)] == ["anthropic", "manual"]


def test_what_is_dropped_is_forgotten_and_its_response_kept(project: GitBox) -> None:
    give_out(project)
    assert drop(place(project), "01-a") is None
    in_progress(project, "anthropic")
    assert drop(place(project), "01-a") is None
    in_progress(project, "anthropic", partial="Well,")
    kept = drop(place(project), "01-a")
    assert kept is not None
    assert from_json(kept.read_text()).text == "Well,"
    run = in_progress(project, "anthropic", whole=BOTH)
    before = keep_by_hand(place(project), BOTH, run.raw)
    assert drop(place(project), "01-a") == before
    assert responses(project).count(BOTH) == 1
    assert (left_behind(project), runs(project)) == ([], ())


def test_a_run_in_progress_that_cannot_be_read_is_dropped_too(project: GitBox) -> None:
    in_progress(project, "anthropic", partial="Well,")
    facts = project.path / ".git/sdd/pending/01-a/run.json"
    facts.write_text("{")
    kept = drop(place(project), "01-a")
    assert kept is not None
    assert from_json(kept.read_text()).text == "Well,"
    assert left_behind(project) == []


def test_a_verdict_that_is_dropped_has_no_response(box: GitBox) -> None:
    begin(box, sessions__02_try=projects.session("user-verification"))
    run = pending.Pending("02_try", "work", (), "2026-11-21T10:15:00Z", "person", "", {}, stage=ANSWERED)
    pending.begin(place(box).git_dir, run, "")
    assert drop(place(box), "02_try") is None
