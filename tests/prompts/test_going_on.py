"""What a model that remembers is told: only what is new, and never less than it needs."""

from __future__ import annotations

import pytest

from projects import files, run, runs, seen, session
from sdd.prompts.compile import compiled
from sdd.prompts.going_on import AGAIN, SAME, recap, stable, what_is_new
from sdd.prompts.prompt import Prompt

FORM = "Answer in the form."
CART = ("reads: [docs/architecture.md]", "writes: [src/cart.py]")
ONE, TWO = "# Architecture\n\nLines.\n", "# Architecture\n\nOther lines.\n"


def prompt(name: str = "02-cart", architecture: str = ONE, **more: str) -> Prompt:
    told = {"docs__architecture": architecture, "sessions__02-cart": session("implementation", *CART), **more}
    picture = seen(files(**told))
    return compiled(picture.project, picture.states, name, FORM)


def test_a_fresh_conversation_is_told_everything() -> None:
    assert what_is_new(prompt(), []) == prompt().text


def test_what_was_said_word_for_word_is_not_said_again() -> None:
    new = what_is_new(prompt(), [prompt().text])
    assert new.startswith(f"{SAME}\n\n- docs/brief.md\n- docs/architecture.md\n\n")
    assert "Lines." not in new
    assert FORM not in new
    assert AGAIN in new
    assert "You may write these, and nothing else:" in new  # another session's may have been heard last
    assert "# Your goal" in new
    assert len(new) < len(prompt().text)


def test_a_document_that_changed_is_told_again_and_so_is_one_that_changed_back() -> None:
    changed = what_is_new(prompt(architecture=TWO), [prompt().text])
    assert "Other lines." in changed
    back = what_is_new(prompt(), [prompt().text, prompt(architecture=TWO).text])
    assert "\nLines." in back
    kept = what_is_new(prompt(), [prompt(architecture=TWO).text, prompt().text])
    assert "\nLines." not in kept


def test_answers_and_the_reason_of_a_failure_are_new() -> None:
    first = prompt()
    asked = session("implementation", *CART, rest="\n## Questions\n\n- Whose?\n  > Ours.\n")
    new = what_is_new(prompt(**{"sessions__02-cart": asked}), [first.text])
    assert "- Whose?\n  > Ours." in new
    failed = session("implementation", *CART, rest=runs(run("failed", summary="It broke.")))
    new = what_is_new(prompt(**{"sessions__02-cart": failed}), [first.text])
    assert "# What happened last" in new
    assert "It broke." in new


def test_what_happened_to_another_session_in_the_same_words_is_said_of_this_one_too() -> None:
    text = session("implementation", *CART, rest=runs(run("rejected", summary="Too slow.")))
    both = {"sessions__02-cart": text, "sessions__03-more": text}
    new = what_is_new(prompt("03-more", **both), [prompt("02-cart", **both).text])
    assert "Too slow." in new


def test_what_is_stable_ends_before_the_files_that_change() -> None:
    whole = prompt(src__cart="x = 1\n")
    start = whole.text[: stable(whole)]
    assert "Lines." in start
    assert "You may write these" not in start
    other = prompt(**{"sessions__02-cart": session("implementation", *CART, rest=runs(run("failed")))})
    assert other.text.startswith(start)
    bare = Prompt((), {})
    assert stable(bare) == 0


@pytest.mark.parametrize("own", ["02-cart", "03-more"])
def test_a_recap_tells_what_the_prompt_does_not(own: str) -> None:
    rest = "\n## Questions\n\n- Whose?\n  > Ours.\n- When?\n"
    done = runs(run("failed", summary="One."), run(summary="Two."))
    text = session("implementation", *CART, rest=rest + done)
    picture = seen(files(**{"sessions__02-cart": text, "sessions__03-more": session("implementation")}))
    told = recap(picture.project, ["02-cart", "03-more"], own)
    assert told.startswith("# What was decided before\n\n")
    assert "- `02-cart`, run 1, failed: One.\n" in told
    assert ("run 2" in told) == (own == "03-more")  # of its own last run the prompt tells
    assert ("- `02-cart` asked: Whose? The answer: Ours.\n" in told) == (own == "03-more")
    assert "When?" not in told


def test_where_nothing_was_decided_there_is_no_recap() -> None:
    assert recap(seen(files()).project, [], "01-spec") == ""
