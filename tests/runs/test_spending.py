"""Bounds in money stop a call before it is sent, and say what is spent, what it would cost and what raises them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fake_messages_api import MessagesApi, Reply
from gitbox import GitBox
from sdd.errors import WAITS_FOR_PERSON, ProviderError, WaitingError
from sdd.runs.ask import raw_path
from sdd.runs.by_hand import drop
from sdd.runs.choice import Wish, prepared
from sdd.runs.flow import advance
from sdd.runs.pending import Pending, partial_path
from sdd.runs.pending import begin as begin_pending
from sdd.runs.spending import allowance, usd
from sdd.sessions.run import Run, render
from workshop import BOTH, begin, file, place, response, runs

CHECK = "python -c \"import pathlib; raise SystemExit('1' not in pathlib.Path('src/a.py').read_text())\""
BAD = response(file("src/a.py", "A = 0\n"), file("src/b.py", "B = 2\n"))
EARLIER = "2026-11-21T10:15:00Z"
API = Wish(provider="anthropic")


def bounded(box: GitBox, spending: str, *, fixes: int = 1) -> None:
    toml = f'format = 1\n[verify]\ncommands = ["""{CHECK}"""]\nfixes = {fixes}\n[spending]\n{spending}\n'
    box.write("sdd.toml", toml)


@pytest.fixture
def project(box: GitBox) -> GitBox:
    begin(box)
    return box


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-dummy-0123456789abcdef")
    return monkeypatch


def ran(box: GitBox, *before: Run) -> None:
    """Put runs on record, as an earlier day or another clone may have."""
    text = box.read("sessions/01-a.md")
    blocks = "".join(f"{render(run, number)}\n" for number, run in enumerate(before, 1))
    box.write("sessions/01-a.md", f"{text.rstrip()}\n\n## Runs\n\n{blocks}")


FAILED = Run(EARLIER, "failed", provider="anthropic", model="m", cost="0.05")


def refused(box: GitBox, wish: Wish = API) -> WaitingError:
    with pytest.raises(WaitingError) as caught:
        advance(place(box), "01-a", wish)
    assert caught.value.exit_code == WAITS_FOR_PERSON
    return caught.value


@pytest.mark.parametrize(
    ("spending", "wish", "told", "hint"),
    [
        ("run = 0.0001", API, "$0.0001 for this `sdd next`", "raise `run` below [spending] in sdd.toml"),
        (
            "run = 9",
            API.replace(max_cost=Decimal("0.0001")),
            "$0.0001 for this `sdd next`",
            "raise --max-cost",
        ),
        ("session = 0.051", API, "$0.051 for the session", "raise `session` below [spending] in sdd.toml"),
        ("session = 0.05", API, "$0.05 for the session", "raise `session` below [spending] in sdd.toml"),
        ("day = 0.0001", API, "$0.0001 for the day (UTC)", "raise `day` below [spending] in sdd.toml"),
    ],
)
def test_a_bound_that_would_be_passed_stops_the_call_before_it_is_sent(
    project: GitBox, key: pytest.MonkeyPatch, spending: str, wish: Wish, told: str, hint: str
) -> None:
    ran(project, FAILED)
    bounded(project, spending)
    with MessagesApi() as api:
        key.setenv("ANTHROPIC_BASE_URL", api.url)
        error = refused(project, wish)
        assert api.requests == []
    assert f"the bound of {told} would be passed: " in error.message
    assert "the next call costs at least $0.00" in error.message
    assert "tokens of prompt, by estimate" in error.message
    assert error.hint.startswith(hint)
    assert len(runs(project)) == 1


def test_the_bound_of_a_run_holds_for_its_fixes_too(project: GitBox, key: pytest.MonkeyPatch) -> None:
    bounded(project, "run = 1", fixes=20)
    dear = Reply(BAD, input_tokens=1000, output_tokens=45_000)  # $0.452
    with MessagesApi([dear] * 6) as api:
        key.setenv("ANTHROPIC_BASE_URL", api.url)
        error = refused(project)
        assert len(api.requests) == 3
        assert "$1.356 is spent" in error.message
        assert len(runs(project)) == 3
        assert "$1.356 is spent" in refused(project).message  # a new command begins anew
        assert len(api.requests) == 6


def left(box: GitBox, wish: Wish = API) -> Decimal | None:
    """What a call may cost that would be made now."""
    here = place(box)
    picture = here.picture()
    run, prompt = prepared(here, picture, "01-a", wish)
    earlier = len(picture.project.sessions["01-a"].runs)
    return allowance(here, picture, run, prompt.tokens, max_cost=wish.max_cost, earlier=earlier)


@pytest.mark.parametrize(
    ("spending", "wish", "amount"),
    [
        ("", API, None),
        ("run = 1\nsession = 0.95\nday = 2", API, "0.90"),
        ("run = 1\nsession = 1.50\nday = 2", API, "1"),
        ("run = 1\nsession = 1.50\nday = 2", API.replace(max_cost=Decimal("1.2")), "1.2"),
        ("run = 0", Wish(provider="recorded"), None),
    ],
)
def test_the_narrowest_bound_says_what_is_left(
    project: GitBox, spending: str, wish: Wish, amount: str | None
) -> None:
    ran(project, FAILED)
    bounded(project, spending)
    assert left(project, wish) == (None if amount is None else Decimal(amount))


def test_what_fits_into_every_bound_is_sent(project: GitBox, key: pytest.MonkeyPatch) -> None:
    ran(project, FAILED)
    bounded(project, "run = 1\nsession = 0.95\nday = 2")
    with MessagesApi([Reply(BOTH)]) as api:
        key.setenv("ANTHROPIC_BASE_URL", api.url)
        assert advance(place(project), "01-a", API).outcome == "done"
    assert runs(project)[-1].cost == "0.0007"


def test_a_run_of_unknown_cost_leaves_a_bound_unjudged_until_a_person_says_what_it_counts_for(
    project: GitBox, key: pytest.MonkeyPatch
) -> None:
    ran(project, FAILED, FAILED.replace(cost=""))
    bounded(project, "session = 1")
    with MessagesApi([Reply(BAD)] * 4) as api:
        key.setenv("ANTHROPIC_BASE_URL", api.url)
        error = refused(project)
        assert (
            "for the session cannot be judged: 1 of 2 runs have no known cost, the others cost $0.05"
            in error.message
        )
        assert "`unknown = 0.25` below [spending]" in error.hint
        assert "sdd next 01-a --max-cost 0.50" in error.hint
        assert api.requests == []
        once = API.replace(max_cost=Decimal("0.5"))
        assert advance(place(project), "01-a", once).outcome == "failed"
        bounded(project, "session = 1\nunknown = 0.96")
        assert "$1.01" in refused(project).message
        assert "1 of 4 runs of unknown cost counted as $0.96 each" in refused(project).message
        bounded(project, "session = 1\nunknown = 0")
        assert len(api.requests) == 2
        assert advance(place(project), "01-a", API).outcome == "failed"


def test_a_model_without_a_price_is_asked_once_and_then_the_bound_is_shut(
    project: GitBox, key: pytest.MonkeyPatch
) -> None:
    bounded(project, "run = 1", fixes=3)
    told: list[str] = []
    with MessagesApi([Reply(BAD)]) as api:
        key.setenv("ANTHROPIC_BASE_URL", api.url)
        with pytest.raises(WaitingError, match="cannot be judged: 1 of 1 runs have no known cost"):
            advance(place(project, told), "01-a", API.replace(model="m-1", max_cost=Decimal(1)))
    assert "the price of m-1 is not known: its cost counts once it is told" in told


def test_ones_own_prices_make_a_model_known(project: GitBox, key: pytest.MonkeyPatch) -> None:
    bounded(project, "run = 1")
    toml = project.read("sdd.toml")
    project.write("sdd.toml", f'prices = "prices.toml"\n{toml}')
    price = "input = 100\noutput = 0\ncache_read = 0\ncache_write = 0\n"
    project.write("prices.toml", f"[models.m-1]\n{price}")
    with MessagesApi([Reply(BOTH, input_tokens=1000)]) as api:
        key.setenv("ANTHROPIC_BASE_URL", api.url)
        assert advance(place(project), "01-a", API.replace(model="m-1")).cost == "0.1"


def test_without_a_price_only_what_is_spent_is_held_against_a_bound(
    project: GitBox, key: pytest.MonkeyPatch
) -> None:
    ran(project, FAILED, FAILED.replace(cost=""))
    bounded(project, "session = 0.05")
    error = refused(project, API.replace(model="m-1"))
    assert error.message.endswith("$0.05 is spent (1 of 2 runs of unknown cost counted as nothing)")
    assert error.hint.endswith("sdd log --costs --by day")


def test_nobody_is_paid_for_a_prompt_that_a_person_carries(project: GitBox) -> None:
    bounded(project, "run = 0\nsession = 0\nday = 0")
    with pytest.raises(WaitingError, match="was given out"):
        advance(place(project), "01-a", Wish(provider="manual"))


def test_a_call_that_broke_before_its_first_word_counts_for_the_day(
    project: GitBox, key: pytest.MonkeyPatch
) -> None:
    bounded(project, "day = 5")
    with MessagesApi([Reply(BOTH, then="cut", after=0)] * 3) as api:
        key.setenv("ANTHROPIC_BASE_URL", api.url)
        with pytest.raises(ProviderError, match="was cut"):
            advance(place(project), "01-a", API)
        assert runs(project) == ()
        assert (
            "for the day (UTC) cannot be judged: 1 of 1 runs have no known cost" in refused(project).message
        )


def test_a_dropped_call_counts_for_the_day(project: GitBox) -> None:
    here = place(project)
    run = Pending(
        "01-a",
        "work",
        (),
        "2099-01-01T00:00:00Z",
        "anthropic",
        "f" * 64,
        {},
        raw="2099-01-01T000000Z-ffffffffffff-x.json",
    )
    begin_pending(here.git_dir, run, "Do it.")
    Path(partial_path(here.git_dir, "01-a")).write_text("half of it")
    assert drop(here, "01-a") == raw_path(here, run.raw)
    bounded(project, "day = 5")
    assert "cannot be judged: 1 of 1 runs" in refused(project).message
    bounded(project, "day = 5\nunknown = 5")
    assert "1 of them after today: is the clock right?" in refused(project).message


def test_amounts_show_all_their_digits_and_cents_at_least() -> None:
    amounts = ("0", "5", "0.5", "0.0007", "10.00", "1E+2")
    assert [usd(Decimal(amount)) for amount in amounts] == [
        "$0.00",
        "$5.00",
        "$0.50",
        "$0.0007",
        "$10.00",
        "$100.00",
    ]
