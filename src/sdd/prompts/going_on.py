"""The prompt for a model that remembers: only what is new to it, and what it must not take from memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.prompts.compile import CHECKLIST, FILES, GOAL, LAST, RESPONSE
from sdd.prompts.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sdd.prompts.prompt import Part
    from sdd.sessions.project import Project
    from sdd.sessions.session import Session

SAME = "You have these as I sent them before, and they have not changed since:"
AGAIN = "Answer in the form that you were told before; what stood there still holds."
ALWAYS = frozenset({FILES, GOAL, CHECKLIST, LAST})
"""In a conversation of several sessions the last of these that was heard may be another's; and what happened twice in the same
words has happened twice."""


def what_is_new(prompt: Prompt, told: Sequence[str]) -> str:
    """The prompt without what the model was told before, word for word and last, in the prompts of the same conversation."""
    same = [one for one in prompt.parts if _is_known(one, told)]
    rest = Prompt(tuple(one for one in prompt.parts if one not in same), {}).text
    names = dict.fromkeys(source.selector for one in same for source in one.sources)
    listed = "".join(f"- {name}\n" for name in names)
    first = f"{SAME}\n\n{listed}\n" if listed else ""
    last = f"\n# {RESPONSE}\n\n{AGAIN}\n" if any(one.section == RESPONSE for one in same) else ""
    return first + rest + last


def _is_known(one: Part, told: Sequence[str]) -> bool:
    if not one.sources:
        return one.section not in ALWAYS and any(one.text.strip("\n") in text for text in told)
    # The fence's first line as far as it is the same for every version of the text.
    name = one.text.partition(" blob=")[0]
    newest = next((text for text in reversed(told) if name in text), "")
    return one.text.strip("\n") in newest


def stable(prompt: Prompt) -> int:
    """The characters at the start that the prompts of later turns repeat: what comes before the files that change."""
    parts: list[Part] = []
    for one in prompt.parts:
        if one.section == FILES:
            break
        parts.append(one)
    return len(Prompt(tuple(parts), {}).text)


def recap(project: Project, names: Iterable[str], own: str) -> str:
    """What was decided in a conversation that is lost: what came of the other sessions in it, and of this one before its last run.

    The prompt itself tells the rest. Empty where there is nothing.
    """
    lines = [line for name in names for line in _decided(project.sessions[name], own)]
    if not lines:
        return ""
    return (
        "# What was decided before\n\nYou worked on this in a conversation that is not here any more.\n\n"
        + "".join(f"- {line}\n" for line in lines)
    )


def _decided(one: Session, own: str) -> Iterator[str]:
    runs = one.runs[:-1] if one.name == own else one.runs
    for number, run in enumerate(runs, 1):
        yield f"`{one.name}`, run {number}, {run.outcome}: {' '.join(run.summary.split())}"
    if one.name != own:
        for question in one.questions:
            if question.answer:
                yield f"`{one.name}` asked: {question.text} The answer: {' '.join(question.answer.split())}"
