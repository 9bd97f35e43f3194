"""A change to a session's text changes what it says, and no other line."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.sessions import edit
from sdd.sessions.run import Run, plain
from sdd.sessions.session import Question, Session, parse

PATH = b"sessions/01-a.md"
TIME = "2026-11-21T10:15:00Z"
FRONT = "---\nkind: a\n---\n"
WHOLE = f"{FRONT}# T\n\n## Goal\n\ng\n\n## Checklist\n\n- [ ] one\n- [ ] Two is  so.\n\n## Questions\n\n- a?\n- b?\n  > yes\n"

lines = st.sampled_from(
    [
        *(
            "# T",
            "## Goal",
            "## Checklist",
            "## Questions",
            "## Runs",
            "## Notes",
            "### Run 1: done",
            "",
            "  ",
            "words",
        ),
        *(
            "- [ ] one",
            "* [x] two (a/b.py::c)",
            "1. [X] [x] three",
            "- a?",
            "-",
            "10.",
            "2) b?",
            "  > answer",
            "> words",
        ),
        *(
            "   > deep",
            "\ttab",
            "-\tc?",
            "```",
            "~~~ x",
            "<!-- a -->",
            "---",
            "  - nested",
            "> [x] y",
            "  ```",
            "- - d?",
        ),
    ]
)
bodies = st.lists(
    lines | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\0"), max_size=8)
)
ends = st.sampled_from(["\n", "\r\n"])


@st.composite
def sessions(draw: st.DrawFn, *start: str) -> str:
    """The text of a session that may be edited, its body beginning with these lines, with any ends of lines."""
    end = draw(ends | st.none())
    chosen = (end or draw(ends) for _ in iter(int, 1))
    body = [*FRONT.splitlines(), *start, *draw(bodies)]
    last = draw(st.sampled_from(["", "x"]))
    text = "".join(line + next(chosen) for line in body) + last
    try:
        edit.readable(PATH, text.encode())
    except SddError:
        opening = ("`", "~", "<")
        text = "".join(line + "\n" for line in body if not line.lstrip().startswith(opening)) + last
    return text


words = st.text() | st.sampled_from(
    ["---", "[ ] box", "* * *", "```", "> a\n> b", "a\n\n    b", "## Runs", "<!--", "1. a"]
)


def read(text: str) -> Session:
    return parse(PATH, text.encode())


def changed(text: str, change: Callable[[str], str]) -> str:
    return edit.edited(text.encode(), change).decode()


def is_inside(text: str, new: str) -> bool:
    """Whether `new` is the text with whole lines put in at one place; a last line may have got its end."""
    end = "\r\n" if 0 < text.count("\n") == text.count("\r\n") else "\n"
    for whole in (text, text + end):
        before, after = whole.split("\n"), new.split("\n")
        same = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
        if before[same:] == after[len(after) - len(before) + same :]:
            return True
    return False


@given(sessions(), st.text())
@example(FRONT + "## Runs", "a")
@example(FRONT + "x", "")
def test_a_run_is_appended_below_the_others_and_nothing_else_changes(text: str, summary: str) -> None:
    run = Run(TIME, "failed", summary=summary)
    new = changed(text, lambda old: edit.append_run(old, run))
    assert is_inside(text, new)
    assert tuple(one.replace(line=0) for one in read(new).runs[-1:]) == (run.replace(summary=plain(summary)),)
    assert read(new).runs[:-1] == read(text).runs
    twice = changed(new, lambda old: edit.append_run(old, run))
    assert is_inside(new, twice)
    assert len(read(twice).runs) == len(read(text).runs) + 2
    assert f"### Run {len(read(twice).runs)}: failed" in twice


@given(sessions(), st.lists(words))
def test_questions_are_added_below_the_others_each_once(text: str, questions: list[str]) -> None:
    new = changed(text, lambda old: edit.ask(old, questions))
    before, after = read(text).questions, read(new).questions
    assert new == text if before == after else is_inside(text, new)
    assert [one.text for one in after[: len(before)]] == [one.text for one in before]
    assert [one.answer for one in after] == [one.answer for one in before] + [""] * (len(after) - len(before))
    added = [one.text.removeprefix("Question: ") for one in after[len(before) :]]
    wanted = [" ".join(plain(question).split()) for question in questions]
    assert set(added) <= set(wanted)
    assert not {edit._folded(question) for question in wanted if question} - {
        *(edit._folded(one.text) for one in after),
        *map(edit._folded, added),
        "",
    }
    assert changed(new, lambda old: edit.ask(old, questions)) == new


def below_is_indented(text: str, question: Question) -> bool:
    """Whether what stands below a question without words would join its answer."""
    below = text.split("\n")[question.line + question.height :]
    return next((line for line in below if line.strip()), "")[:1] in {" ", "\t"}


@given(sessions("## Questions", "- a?"), st.data(), words.filter(plain))
@example(FRONT + "## Questions\n\n10.\n\nx", None, "a")
@example(FRONT + "## Questions\n-\n\n  > answer\n", None, "a")
def test_a_question_has_the_answer_that_was_given_and_no_other_has_changed(
    text: str, data: st.DataObject | None, said: str
) -> None:
    before = read(text).questions
    number = data.draw(st.integers(1, len(before))) if data else 1
    if not before[number - 1].text and below_is_indented(text, before[number - 1]):
        with pytest.raises(SddError, match="has no words"):
            edit.answer(text, number, said)
        return
    new = changed(text, lambda old: edit.answer(old, number, said))
    after = read(new).questions
    assert [one.text for one in after] == [one.text for one in before]
    wanted = [plain(said) if at == number else one.answer for at, one in enumerate(before, 1)]
    assert [one.answer for one in after] == wanted
    old, height = text.split("\n"), before[number - 1].height
    line = before[number - 1].line
    assert new.split("\n")[:line] == old[:line]
    assert new.endswith("\n".join(old[line + height :]))
    assert [(one.text, one.ticked) for one in read(new).checklist] == [
        (one.text, one.ticked) for one in read(text).checklist
    ]


@given(sessions("## Checklist"), st.data())
def test_a_tick_marks_the_items_that_are_named_and_changes_three_characters(
    text: str, data: st.DataObject
) -> None:
    items = read(text).checklist
    named = data.draw(st.lists(st.sampled_from([item.text for item in items] or ["none"])))
    new = changed(text, lambda old: edit.tick(old, [f" {one.upper()}. " for one in named]))
    folded = {edit._folded(one.upper()) for one in named}
    wanted = [item.ticked or edit._folded(item.text) in folded for item in items]
    assert [item.ticked for item in read(new).checklist] == wanted
    assert [item.text for item in read(new).checklist] == [item.text for item in items]
    touched = {item.line for item, ticked in zip(items, wanted, strict=True) if ticked and not item.ticked}
    pairs = zip(text.split("\n"), new.split("\n"), strict=True)
    assert {number for number, (old, now) in enumerate(pairs, 1) if old != now} == touched
    back = changed(new, edit.untick)
    assert not any(item.ticked for item in read(back).checklist)
    assert changed(back, edit.untick) == back
    assert len(back) == len(text)


def test_a_tick_taken_back_leaves_the_words_of_the_item() -> None:
    text = f"{FRONT}## Checklist\n\n- [X] handles [x] and [ ]\n"
    assert edit.untick(text) == f"{FRONT}## Checklist\n\n- [ ] handles [x] and [ ]\n"
    assert edit.tick(edit.untick(text), ["handles [x] and [ ]"]).endswith("- [x] handles [x] and [ ]\n")


def test_an_item_is_known_whatever_its_case_spaces_and_full_stop() -> None:
    new = edit.tick(WHOLE, ["two is so"])
    assert [line for line in difflib.ndiff(WHOLE.split("\n"), new.split("\n")) if line[0] in "+-"] == [
        "- - [ ] Two is  so.",
        "+ - [x] Two is  so.",
    ]


def test_questions_come_before_the_runs() -> None:
    text = f"{FRONT}# T\n\n## Runs\n\n## Notes\n"
    assert edit.ask(text, ["a?"]) == f"{FRONT}# T\n\n## Questions\n\n- a?\n\n## Runs\n\n## Notes\n"


def test_blank_lines_stay_and_new_ones_keep_blocks_apart() -> None:
    text = f"{FRONT}# T\n\n## Questions\n## Runs\n\n\n## Notes\n\nwords\n\n\n"
    new = edit.append_run(edit.ask(text, ["a?"]), Run(TIME, "done"))
    block = (
        f'### Run 1: done, {TIME}\n\n```toml sdd-run\ntime = "{TIME}"\noutcome = "done"\nturn = "work"\n```\n'
    )
    assert new == f"{FRONT}# T\n\n## Questions\n\n- a?\n\n## Runs\n\n{block}\n\n## Notes\n\nwords\n\n\n"


def test_a_question_that_is_no_item_by_itself_is_called_one() -> None:
    new = edit.ask(WHOLE, ["---", "[ ] done?", "A?", "", " a? "])
    assert new == WHOLE + "- Question: ---\n- Question: [ ] done?\n"


def test_an_answer_takes_the_place_of_the_one_before() -> None:
    new = edit.answer(edit.answer(WHOLE, 2, "no"), 2, "yes,\n\nafter all")
    assert new == WHOLE.replace("  > yes\n", "  > yes,\n  >\n  > after all\n")


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_question_that_is_not_there_cannot_be_answered(number: int) -> None:
    with pytest.raises(SddError, match=f"there is no question {number}: the session has 2"):
        edit.answer(WHOLE, number, "yes")


def test_an_answer_that_says_nothing_is_refused() -> None:
    with pytest.raises(SddError, match="the answer to question 2 is empty"):
        edit.answer(WHOLE, 2, " \n")


def test_a_file_with_both_ends_of_lines_keeps_each() -> None:
    text = WHOLE.replace("## Goal\n", "## Goal\r\n")
    assert changed(text, lambda old: edit.tick(old, ["one"])) == text.replace("[ ] one", "[x] one")
    assert changed(text, lambda old: edit.append_run(old, Run(TIME, "done"))).startswith(text)


def test_a_file_of_windows_gets_lines_of_windows() -> None:
    windows = WHOLE.replace("\n", "\r\n")
    new = changed(windows, lambda old: edit.append_run(edit.answer(old, 1, "a\nb"), Run(TIME, "done")))
    assert new.count("\n") == new.count("\r\n")
    assert [one.answer for one in read(new).questions] == ["a\nb", "yes"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# T\n", "front matter is missing"),
        (f"{FRONT}\0", "NUL"),
        (f"{FRONT}# T\n\n```\n", "never closed"),
        (f"{FRONT}# T\n\n<!--\n", "never closed"),
        (f"{FRONT}## Runs\n\n```toml sdd-run\n```\n", "no known outcome"),
    ],
)
def test_a_file_that_would_not_give_back_what_is_written_is_left_alone(text: str, why: str) -> None:
    with pytest.raises(SddError, match=rf"sessions/01-a\.md cannot be changed: .*{why}") as raised:
        edit.readable(PATH, text.encode())
    assert raised.value.hint


def test_a_readable_file_is_given_with_plain_ends_of_lines() -> None:
    assert edit.readable(PATH, WHOLE.replace("\n", "\r\n").encode()) == WHOLE
