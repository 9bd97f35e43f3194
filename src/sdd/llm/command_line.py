"""Owns the words that start an agent: a preset's `argv` with its placeholders filled in, and what it may see."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sdd.llm.agent_process import NETWORK, environment
from sdd.llm.preset_form import placeholders
from sdd.llm.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.llm.preset_form import Preset

LONGEST = 131_071  # bytes of one argument that Linux takes; its null byte is the 131,072nd
LONGEST_ON_WINDOWS = 32_000  # characters of a whole command line there, 32,767 less what quoting may add
SCRIPTS = (".cmd", ".bat")


def filled(argv: Sequence[str | list[str]], values: Mapping[str, str]) -> list[str]:
    """The words, each one argument. A group in brackets is left out as a whole where one of its placeholders is empty.

    Raises:
        KeyError: a placeholder outside of brackets is empty; its name.
    """
    words: list[str] = []
    for part in argv:
        group = [part] if isinstance(part, str) else part
        empty = [name for word in group for name in placeholders(word) if not values[name]]
        if empty and isinstance(part, str):
            raise KeyError(empty[0])
        if not empty:
            words += [_with(word, values) for word in group]
    return words


def holds(argv: Sequence[str | list[str]], name: str) -> bool:
    """Whether a placeholder is used."""
    words = [word for part in argv for word in ([part] if isinstance(part, str) else part)]
    return any(name in placeholders(word) for word in words)


def refuse_unfit(name: str, program: str, words: Sequence[str], *, prompt_among: bool) -> None:
    """Refuse words that the system would refuse, or that a script of Windows would read as more than words.

    Raises:
        ProblemError: too_long, or rejected.
    """
    shorter = f"shorten the prompt, or let it go in by a file: {{prompt_file}} in argv of [{name}]"
    longest = max(len(os.fsencode(word)) for word in words)
    whole = sum(len(word) + 3 for word in words)
    if longest > LONGEST or (os.name == "nt" and whole > LONGEST_ON_WINDOWS):
        message = f"an argument of {longest} bytes is too long for {name}: {LONGEST} are the most that can be passed"
        raise ProblemError("too_long", message, hint=shorter)
    if any("\0" in word for word in words):
        raise ProblemError(
            "rejected",
            "the prompt holds a null byte, which no argument can",
            hint="remove it from what the session reads",
        )
    if prompt_among and program.lower().endswith(SCRIPTS):
        message = f"{program} is a script of Windows' shell, which would read the prompt as commands"
        raise ProblemError(
            "rejected", message, hint=f"let it go in by a file: {{prompt_file}} in argv of [{name}]"
        )


def seen_by(preset: Preset, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that the agent may see: those of every child, the ways out, and what its preset allows."""
    exact = {each.upper() for each in preset.environment if not each.endswith("*")}
    begins = tuple(each[:-1].upper() for each in preset.environment if each.endswith("*"))
    more = {
        name.upper()
        for name in environ
        if name.upper() in exact or (begins and name.upper().startswith(begins))
    }
    return environment(environ, NETWORK | more)


def _with(word: str, values: Mapping[str, str]) -> str:
    """The word with its placeholders filled in, once: a prompt may hold braces of its own."""
    parts = [word]
    for name in placeholders(word):
        head, _, tail = parts.pop().partition(f"{{{name}}}")
        parts += [head, values[name], tail]
    return "".join(parts)
