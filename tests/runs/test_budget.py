"""A provider that can count holds a prompt against its budget; what another one is sent is estimated; a session is narrowed to fit."""

from __future__ import annotations

import pytest

from fake_messages_api import Fault, MessagesApi, Reply
from gitbox import GitBox
from sdd.errors import SddError
from sdd.runs.choice import Wish, counts
from sdd.runs.fitting import fitted, write
from sdd.runs.flow import advance
from workshop import BOTH, begin, left_behind, place, runs

BIG = "# Big\n\n## Cart\n\n" + "word " * 400 + "\n\n## Stock\n\n" + "word " * 9000 + "\n"
READS = ("reads: [docs/big.md]", "writes: [src/a.py, src/b.py, src/cart.py]", "budget: 9000")


@pytest.fixture
def api_key(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "dummy-key")
    return monkeypatch


def test_one_provider_counts_and_the_others_do_not() -> None:
    assert [counts(name) for name in ("anthropic", "recorded", "claude", "manual", "person")] == [
        True,
        *[False] * 4,
    ]


def test_what_the_provider_counts_decides_and_not_the_estimate(
    box: GitBox, api_key: pytest.MonkeyPatch
) -> None:
    begin(box, *READS, docs__big=BIG)
    box.write("src/cart.py", "C = 1\n")
    with MessagesApi([Reply(BOTH)], tokens=9000) as api:
        api_key.setenv("ANTHROPIC_BASE_URL", api.url)
        advance(place(box), "01-a", Wish("anthropic"))
        assert len(api.counted) == len(api.requests) == 1
    assert [run.outcome for run in runs(box)] == ["done"]


def test_over_the_counted_budget_nothing_is_sent_and_what_would_fit_is_told(
    box: GitBox, api_key: pytest.MonkeyPatch
) -> None:
    begin(box, *READS, docs__big=BIG)
    with MessagesApi([Reply(BOTH)], tokens=18_000) as api:
        api_key.setenv("ANTHROPIC_BASE_URL", api.url)
        with pytest.raises(SddError, match="the prompt has 18,000 tokens, the budget is 9,000") as caught:
            advance(place(box), "01-a", Wish("anthropic"))
        assert api.requests == []
    assert "docs/big.md#Cart (the session speaks of it)" in caught.value.message
    command, words = caught.value.hint.split("\n")
    assert command.startswith("sdd prompt 01-a --fit --budget ")
    assert "about " in words
    assert int(command.rpartition(" ")[2]) < 9000  # what its count of 9,000 is worth by the estimate
    assert (runs(box), left_behind(box)) == ((), [])


def test_where_counting_fails_the_estimate_is_held_against_the_budget(
    box: GitBox, api_key: pytest.MonkeyPatch
) -> None:
    begin(box, *READS, docs__big=BIG)
    with MessagesApi([Reply(BOTH)], counting=Fault(404, "not_found_error")) as api:
        api_key.setenv("ANTHROPIC_BASE_URL", api.url)
        with pytest.raises(SddError, match=r"the prompt has 1\d,\d\d\d tokens, the budget is 9,000"):
            advance(place(box), "01-a", Wish("anthropic"))
        assert api.requests == []


def test_a_session_that_changed_meanwhile_is_not_written_over(box: GitBox) -> None:
    begin(box, *READS, docs__big=BIG)
    here = place(box)
    made = fitted(here, here.picture(), "01-a", "manual", 9000)
    assert made.fits
    box.write("sessions/01-a.md", made.before + b"\n")
    with pytest.raises(SddError, match=r"sessions/01-a\.md has changed meanwhile"):
        write(here, "01-a", made)
    box.write("sessions/01-a.md", made.before)
    write(here, "01-a", made)
    assert box.read_bytes("sessions/01-a.md") == made.after


def test_lines_that_end_with_crlf_do_so_after_it(box: GitBox) -> None:
    begin(box, *READS, docs__big=BIG)
    data = box.read_bytes("sessions/01-a.md").replace(b"\n", b"\r\n")
    box.write("sessions/01-a.md", data)
    here = place(box)
    made = fitted(here, here.picture(), "01-a", "manual", 9000)
    assert made.after == data.replace(b"[docs/big.md]", b"[docs/big.md#Cart]")


def test_a_proposal_that_is_a_little_too_large_is_made_anew(box: GitBox) -> None:
    parts = "".join(f"## Part {number}\n\n{'word ' * 120}\n\n" for number in range(40))
    begin(
        box,
        "reads: [docs/big.md]",
        "writes: [src/a.py, src/cart.py]",
        docs__big="# Big\n\n## Cart\n\nx\n\n" + parts,
    )
    here = place(box)
    picture = here.picture()
    for budget in range(4000, 9000, 500):
        made = fitted(here, picture, "01-a", "manual", budget)
        assert made.tokens <= budget
        assert budget - made.tokens < 1000  # and nothing is left out that would have had room


def test_a_text_that_another_selector_would_show_again_is_told_honestly(box: GitBox) -> None:
    begin(box, 'reads: [docs/big.md, "docs/*.md"]', "writes: [src/a.py, src/cart.py]", docs__big=BIG)
    here = place(box)
    made = fitted(here, here.picture(), "01-a", "manual", 9000)
    assert made.proposal.narrowings
    assert not made.fits
