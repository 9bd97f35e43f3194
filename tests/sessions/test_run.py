"""A run's block is written in one form, read back whole, and read the same by TOML's own reader."""

from __future__ import annotations

import tomllib
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counting import calls
from sdd.sessions.outline import fences
from sdd.sessions.run import (
    INFO,
    OUTCOMES,
    TURNS,
    Run,
    facts,
    file_name,
    plain,
    quoted,
    read,
    render,
    unquoted,
)
from sdd.sessions.session import parse

PATH = b"sessions/01-a.md"
TIME = "2026-11-21T10:15:00Z"
HEAD = "---\nkind: implementation\n---\n# T\n\n## Goal\n\ng\n\n## Checklist\n\n- [ ] c\n\n## Runs\n\n"

NASTY = [
    "",
    " \n ",
    "## Runs\n\n### Run 1: done",
    "```toml sdd-run\noutcome = 1\n```",
    "````\n~~~~",
    "> quoted\n>> twice\n>",
    "---\n# a\n---",
    "<!-- never closed",
    "- [x] a\n  - b",
    "a\r\nb\rc\x0bd\x0ce\x85f\u2028g",
    "nul \0, half \ud800, pair \ud83d\ude00",
    "\u202eright to left\u202c \ufeff",
    "ends with spaces   \n\n\n   begins with them",
    "trailing \\",
]
texts = st.text(st.characters(exclude_categories=["Cs"]))
counts = st.none() | st.integers(0, 10**18 - 1)
runs = st.builds(
    Run,
    time=st.datetimes().map(lambda at: at.strftime("%Y").rjust(4, "0") + at.strftime("-%m-%dT%H:%M:%SZ")),
    outcome=st.sampled_from(OUTCOMES),
    turn=st.sampled_from(TURNS),
    provider=texts,
    model=texts,
    conversation=texts,
    prompt=texts,
    confidence=st.none() | st.integers(0, 10_000).map(lambda part: part / 10_000),
    answers=counts,
    checks=st.lists(texts).map(tuple),
    failures=st.lists(texts).map(tuple),
    tokens_in=counts,
    tokens_out=counts,
    seconds=counts,
    cost=texts,
    changed_lines=counts,
    file=texts,
    summary=st.text() | st.sampled_from(NASTY) | st.lists(st.sampled_from(NASTY)).map("\n".join),
)


def read_back(*blocks: str) -> tuple[Run, ...]:
    found = parse(PATH, (HEAD + "\n".join(blocks)).encode())
    assert {one.code for one in found.findings} <= {"SDD142"}
    return found.runs


@given(runs)
def test_a_run_that_was_written_is_read_back_with_all_its_fields(run: Run) -> None:
    (found,) = read_back(render(run, 1))
    assert found.replace(line=0) == run.replace(summary=plain(run.summary))


@pytest.mark.parametrize("summary", NASTY)
def test_a_summary_with_the_marks_of_markdown_is_only_a_summary(summary: str) -> None:
    run = Run(TIME, "done", summary=summary)
    assert [one.summary for one in read_back(render(run, 1), render(run, 2))] == [plain(summary)] * 2


@given(runs)
def test_toml_reads_the_facts_as_we_do(run: Run) -> None:
    (fence,) = fences(facts(run).split("\n"))
    ours, wrong = read(PATH, fence, run.summary)
    assert ours is not None
    assert not wrong
    for key, value in tomllib.loads(fence.text).items():
        assert getattr(ours, key) == (tuple(value) if isinstance(value, list) else value)


literals = st.sampled_from(
    [
        *(
            '"a"',
            '""',
            '"\\u0041"',
            '"\\U00110000"',
            '"\\ud800"',
            '"\\x41"',
            '"\\',
            '"a',
            '"a" "b"',
            '"a", "b"',
        ),
        *(
            '["a", "b"]',
            "[]",
            "[",
            '["a",]',
            '["a" "b"]',
            '["a", b]',
            "01",
            "1",
            "1.0",
            "1.",
            ".5",
            "0.5",
            "1.5",
        ),
        *(
            "9" * 30,
            "9" * 5000,
            "-1",
            "true",
            "٣",
            '"\t"',
            '"\x1f"',
            '"\x7f"',
            '"\x85"',
            "'a'",
            '"\\b"',
            '"a"]',
        ),
    ]
)
keys = st.sampled_from([*Run._fields, "other", "", "a.b"])
lines = st.builds(lambda key, literal: f"{key} = {literal}", keys, literals) | st.text()


@given(st.lists(lines, max_size=4))
@example([f'time = "{TIME}"', 'outcome = "done"', 'provider = "\x85 and \u2028"'])
def test_whatever_we_accept_toml_reads_alike(some: list[str]) -> None:
    text = f'```{INFO}\ntime = "{TIME}"\noutcome = "done"\n' + "".join(f"{line}\n" for line in some) + "```\n"
    fence = fences(text.split("\n"))[0]
    run, wrong = read(PATH, fence, "")
    assert (run is None) == bool(wrong)
    assert {one.code for one in wrong} <= {"SDD141"}
    if run is not None:
        for key, value in tomllib.loads(fence.text).items():
            assert getattr(run, key) == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ('outcome = "done"\n', 1, "the run has no time in UTC, to the second"),
        ('time = "yesterday"\noutcome = "done"\n', 1, "the run has no time in UTC, to the second"),
        ('time = "٢٠٢٦-11-21T10:15:00Z"\noutcome = "done"\n', 1, "the run has no time in UTC, to the second"),
        (f'time = "{TIME}"\n', 1, "the run has no known outcome"),
        (f'time = "{TIME}"\noutcome = "finished"\n', 1, "the run has no known outcome"),
        (f'time = "{TIME}"\noutcome = "done"\nturn = "night"\n', 1, "the run is of no known turn"),
        (f'time = "{TIME}"\n\noutcome = "done"\n', 3, "`` is no fact of a run"),
        (f'time = "{TIME}"\ntime = "{TIME}"\n', 3, f'`time = "{TIME}"` is no fact of a run'),
        (f'time = "{TIME}"\ncolour = "red"\n', 3, '`colour = "red"` is no fact of a run'),
        (f"answers = {'9' * 5000}\n", 2, f"`answers = {'9' * 70}` is no fact of a run"),
        ("line = 4\n", 2, "`line = 4` is no fact of a run"),
        *(
            (f"{fact}\n", 2, f"`{fact}` is no fact of a run")
            for fact in (
                *(
                    'checks = ["a" "b"]',
                    'checks = ["a",]',
                    "checks = [a]",
                    'checks = "a"',
                    'checks = ["a',
                    "checks = [",
                ),
                *(
                    'model = "a" "b"',
                    'model = "a", "b"',
                    'model = "',
                    "model = a",
                    "model = ",
                    'model = "\t"',
                    'model = "\x7f"',
                ),
                *(
                    'model = "\\x41"',
                    'model = "\\ud800"',
                    'model = "\\U00110000"',
                    'model = "\\u00e9',
                    'model = "\\u00zz"',
                ),
                *(
                    "confidence = 1",
                    "confidence = 1.5",
                    "confidence = .5",
                    "confidence = 0.",
                    "confidence = 00.5",
                ),
                *("answers = 01", "answers = -1", "answers = ٣", "answers = ", "answers"),
            )
        ),
        ('summary = "s"\n', 2, '`summary = "s"` is no fact of a run'),
    ],
)
def test_a_block_that_sdd_did_not_write_has_a_finding(body: str, line: int, message: str) -> None:
    run, wrong = read(PATH, fences(f"```{INFO}\n{body}```".split("\n"))[0], "")
    assert run is None
    assert [(one.code, one.line, one.message) for one in wrong] == [("SDD141", line, message)]
    assert wrong[0].hint


def test_a_block_that_was_cut_has_a_finding() -> None:
    cut = fences(f'```{INFO}\ntime = "{TIME}"\noutcome = "done"'.split("\n"))[0]
    run, wrong = read(PATH, cut, "")
    assert run is None
    assert [one.message for one in wrong] == ["the run's block is never closed"]


def test_every_form_that_sdd_writes_is_read() -> None:
    body = f'time = "{TIME}"\noutcome = "done"\nmodel = "\\u0085\\U000E0001\\n"\nchecks = ["0 a", "1 b"]\nanswers = 0\n'
    run, wrong = read(PATH, fences(f"```{INFO}\n{body}```".split("\n"))[0], "")
    assert not wrong
    assert run is not None
    assert (run.model, run.checks, run.answers) == ("\x85\U000e0001\n", ("0 a", "1 b"), 0)


def test_half_a_character_in_a_fact_is_replaced() -> None:
    assert read_back(render(Run(TIME, "done", model="a\ud800b"), 1))[0].model == "a\ufffdb"


def test_a_confidence_that_is_a_whole_number_is_read_back() -> None:
    assert read_back(render(Run(TIME, "done", confidence=1), 1))[0].confidence == 1.0


def test_a_run_with_little_to_say_is_short() -> None:
    assert render(Run(TIME, "proceed", summary="It is a prototype."), 3) == (
        f"### Run 3: proceed, {TIME}\n\n> It is a prototype.\n\n"
        f'```toml sdd-run\ntime = "{TIME}"\noutcome = "proceed"\nturn = "work"\n```\n'
    )
    assert "\n\n\n" not in render(Run(TIME, "done"), 1)


@given(st.text())
def test_words_are_plain_at_once_and_for_all(words: str) -> None:
    assert plain(plain(words)) == plain(words)
    assert unquoted(quoted(words)) == plain(words)
    assert unquoted(quoted(words, "    ")) == plain(words)
    plain(words).encode()


@given(st.text())
@example("\x1fa ")
def test_words_on_one_line_are_plain_as_others_are(words: str) -> None:
    assert plain(words) == plain(f"\n{words}\n")


@pytest.mark.parametrize("char", ["a", "\\n", "\\u0041", '\\"', "\x85", "é"])
@pytest.mark.parametrize("end", ['"', ""])
def test_ten_times_the_string_takes_ten_times_the_steps(char: str, end: str) -> None:
    few, many = (
        fences(f'```{INFO}\ntime = "{TIME}"\nmodel = "{char * count}{end}\n```'.split("\n"))[0]
        for count in (300, 3000)
    )
    assert calls(lambda: read(PATH, many, "")) < 11 * calls(lambda: read(PATH, few, ""))


def test_a_pair_of_half_characters_is_the_whole_one() -> None:
    assert plain("\ud83d\ude00") == "\U0001f600"


@given(st.binary())
def test_a_whole_run_is_named_by_its_time_and_its_bytes(data: bytes) -> None:
    name = file_name("shop/03-cart", TIME, data)
    assert name == f"shop/03-cart.runs/20261121T101500Z-{sha256(data).hexdigest()[:12]}.md"
