"""What a provider sends is on the disk before anything is made of it, whatever it is and however it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fake_messages_api import MessagesApi, Reply
from gitbox import GitBox
from sdd.errors import ProviderError
from sdd.llm.response import Response, Usage, from_json, to_json
from sdd.prompts.prompt import Part, Prompt
from sdd.runs import pending
from sdd.runs.ask import ask, keep_by_hand, raw_path, recovered
from sdd.runs.pending import ANSWERED, Pending, raw_name
from sdd.sessions.project import Project
from workshop import BOTH, begin, place, recorded

TIME = "2026-11-21T10:15:00Z"
PROMPT = Prompt((Part("Your goal", "Do it."),), {})


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box)
    return box


def begun(box: GitBox, provider: str) -> Pending:
    run = Pending("01-a", "work", (), TIME, provider, "f" * 64, {}, raw=raw_name(TIME, "f" * 64))
    pending.begin(place(box).git_dir, run, PROMPT.text)
    return run


def derived(box: GitBox) -> Project:
    return place(box).picture().project


def environ(patch: pytest.MonkeyPatch, env: dict[str, str]) -> None:
    for name, value in env.items():
        patch.setenv(name, value)


def test_a_recorded_response_is_kept_with_what_is_known_of_it(
    project: GitBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ(monkeypatch, recorded(tmp_path / "recording", BOTH))
    told: list[str] = []
    here = place(project, told)
    run, problem = ask(here, begun(project, "recorded").replace(model="one"), PROMPT, derived(project))
    assert problem is None
    assert run == pending.load(here.git_dir, "01-a")
    assert (run.stage, run.model, run.tokens_in, run.tokens_out, run.cost, run.seconds, run.cut) == (
        *(ANSWERED, "one", None, None, "", 0, ""),
    )
    assert pending.response(here.git_dir, "01-a") == BOTH == pending.partial(here.git_dir, "01-a")
    assert from_json(raw_path(here, run.raw).read_text()).text == BOTH
    assert told == [BOTH]


def test_two_responses_in_one_second_have_each_a_file(project: GitBox) -> None:
    names = {raw_name(TIME, "f" * 64) for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("2026-11-21T101500Z-ffffffffffff-") for name in names)
    first, second = (keep_by_hand(place(project), "It is done.", name) for name in list(names)[:2])
    assert first != second
    assert from_json(first.read_text()).provider == "manual"


def test_a_response_that_stopped_at_its_limit_says_so(
    project: GitBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MessagesApi(
        [Reply(BOTH, stop_reason="max_tokens", cache_read=7), Reply("", stop_reason="refusal")]
    ) as api:
        environ(monkeypatch, {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "dummy-key"})
        run, problem = ask(place(project), begun(project, "anthropic"), PROMPT, derived(project))
        assert (problem, run.cut) == (None, "it stopped for `max_tokens`")
        assert (run.tokens_in, run.tokens_out) == (107, 50)
        with pytest.raises(ProviderError, match="refused"):
            ask(place(project), begun(project, "anthropic"), PROMPT, derived(project))
        assert pending.partial(place(project).git_dir, "01-a") == ""


def raw(text: str, **fields: object) -> str:
    known: dict[str, object] = {
        "provider": "x",
        "model_asked": None,
        "model_answered": "two",
        "conversation": "c1",
        "raw": None,
    }
    times = {"started": datetime.now(UTC), "seconds": 1.0, "first_text_seconds": None}
    known |= {"usage": None, "cost": None, "stop_reason": None, "partial": False} | times | fields
    return to_json(Response.model_validate({"text": "", **known})).replace(
        '"text": ""', f'"text": {json.dumps(text)}'
    )


def test_a_response_that_was_kept_before_a_kill_is_found_again(project: GitBox) -> None:
    here = place(project)
    run = begun(project, "anthropic")
    assert recovered(here, run) is None
    assert recovered(here, run.replace(raw="")) is None
    path = raw_path(here, run.raw)
    path.parent.mkdir(parents=True)
    path.write_text(raw(BOTH, usage=Usage(input=3, output=4), cost="0.5"))
    found = recovered(here, run)
    assert found is not None
    assert found == pending.load(here.git_dir, "01-a")
    assert (found.model, found.conversation, found.tokens_in, found.tokens_out, found.cost, found.cut) == (
        *("two", "c1", 3, 4, "0.5", ""),
    )
    assert pending.response(here.git_dir, "01-a") == BOTH
    path.write_text(raw(BOTH, partial=True, usage=Usage()))
    cut = recovered(here, run)
    assert cut is not None
    assert (cut.cut, cut.tokens_in) == ("it was cut", None)


def test_half_a_character_does_not_stop_a_response_from_being_kept(project: GitBox) -> None:
    here = place(project)
    run = begun(project, "anthropic")
    path = raw_path(here, run.raw)
    path.parent.mkdir(parents=True)
    path.write_text(raw("both \ud83d\uded2, one \ud83d."))
    assert recovered(here, run)
    assert pending.response(here.git_dir, "01-a") == "both 🛒, one \ufffd."
    assert "\\ud83d." in path.read_text()
