"""The form of a response: the words that tell a model what to send, and those that say what was wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILES = """\
Answer in Markdown, with fences of these forms. What stands around them is kept, and changes nothing.

A whole file, new or in place of what stands:

```python path=src/shop/cart.py
def total() -> int:
    return 0
```

Changes of a large file that stands. The search text is whole lines, exactly as they are in the file, and matches once; \
it cannot hold a line `=======`. Several blocks are applied one after the other.

```edit path="src/shop/price list.py"
<<<<<<< SEARCH
LIMIT = 10
=======
LIMIT = 20
>>>>>>> REPLACE
```

At the end, exactly one of these:
"""

_BLOCK = """
```toml sdd-response
outcome = "done"
confidence = 0.97
summary = "Carts hold lines, and refuse quantities below one."
questions = []
checklist = ["quantities below one are refused with InvalidQuantityError"]
lessons = []
```

- `outcome` is "done" (the goal is reached), "questions" (you need answers first) or "blocked" (it cannot be done as \
asked; `summary` says why, and documents and tests that show it are written, unchecked; code is not).
- `confidence`, from 0 to 1, is how sure you are that what you did is right and is what was meant. Below 0.95 do not \
write: ask, with the outcome "questions".
- `questions` holds only questions whose answers change the work, each a sentence that stands by itself. With the \
outcome "done" there are none, with "questions" at least one.
- `checklist` repeats, word for word, the items of the checklist that are now true.
- `lessons` holds what later sessions should know and could not see from the files; mostly none.
"""

_RULES = """\
- Write only the paths that this session may write. Paths are relative to the top of the repository, with `/`. All \
files are written, or none: one wrong path and nothing is.
- With the outcome "questions", send no files.
- Each path comes once, as a whole file or as an edit. A whole file is whole: nothing is left out or abbreviated.
- A fence is longer than any run of backticks inside it: begin a Markdown file that holds fences with four or more. \
Begin fences at the margin.
"""

FORM = _FILES + _BLOCK + _RULES
"""What a model is told that sends files: it comes last in a prompt."""

FORM_BY_HAND = (
    FORM
    + """\
- A person copies your response. So that nothing of it is lost, put the whole of it in one outer fence of six \
backticks: a line ``````markdown before it, a line `````` after it.
"""
)
"""The form where a person carries the response by hand."""

FORM_FOR_AGENTS = (
    """\
Change the files themselves, and only those that this session may write; one change elsewhere and the run fails. With \
the outcome "questions", change none. Then answer with exactly one fence of this form; it may have prose before it:
"""
    + _BLOCK
)
"""The form where an agent edits the files itself."""

REPAIR = "Your last response could not be used, and nothing of it was written:"
AGAIN = "Send the whole response again, in the form that was asked for: every file, not only what was wrong."
SHOWN = 30


class Problem(Value):
    """One thing that is wrong with a response, in words that a model can act on. `line` counts from 1, 0 is no line.

    `kind` is empty for the form of the response, else `edit`, `write` or `moved`, of the file `path`.
    """

    line: int
    message: str
    hint: str = ""
    kind: str = ""
    path: str = ""


def repair(problems: Iterable[Problem]) -> str:
    """The prompt that sends a response back: everything that was wrong with it, a line each, and what to do."""
    found = list(problems)
    rows = [f"- {told(problem)}" for problem in found[:SHOWN]]
    more = [f"- and {len(found) - SHOWN} more of this kind"] if len(found) > SHOWN else []
    return "\n".join([REPAIR, "", *rows, *more, "", AGAIN, ""])


def told(problem: Problem) -> str:
    """A problem in one line: where, what, and what to do."""
    place = f"line {problem.line}: " if problem.line else ""
    hint = f"; {problem.hint}" if problem.hint else ""
    return f"{place}{problem.message}{hint}"
