"""Owns which version an installed agent is, as it says itself; many are asked side by side."""

from __future__ import annotations

import re
from threading import Thread
from typing import TYPE_CHECKING

from sdd.llm import agent_process
from sdd.llm.agent_process import Limits
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE_S = 60.0
"""How long an agent may take to say its version while it answers; Gemini CLI 0.61.0 takes 0.6 s, on a busy machine ten times as long."""
LAST_S = 3.0
"""How long its answer then waits for that."""
_NUMBER = re.compile(r"\d+(?:\.\d+)+[\w.+-]*")


class Question(Value):
    """A program to ask: `argv` as `agent_process.program` finds it, and what it may see."""

    argv: Sequence[str]
    environ: Mapping[str, str]
    folder: str


class Asked:
    """Questions that are being answered beside us, from when it is made."""

    def __init__(self, questions: Mapping[str, Question], patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._said: dict[str, str | None] = {}
        self._threads = [
            Thread(
                target=self._ask, args=each, daemon=True
            )  # a start of a program may hang: nobody waits for it
            for each in questions.items()
        ]
        for thread in self._threads:
            thread.start()

    def answers(self, wait_s: float | None = None) -> dict[str, str | None]:
        """The version of each that said one; None for one that took too long, nothing for one that cannot tell.

        `wait_s` is how long each may still take from now on; without it, what it may take in all.
        """
        for thread in self._threads:
            thread.join(2 * self._patience_s if wait_s is None else wait_s)
        return dict(self._said)

    def _ask(self, name: str, question: Question) -> None:
        lines: list[bytes] = []
        limits = Limits(self._patience_s, self._patience_s, 0.2)
        try:
            ended = agent_process.run(
                question.argv,
                folder=question.folder,
                env=question.environ,
                limits=limits,
                on_line=lines.append,
            )
        except (OSError, ValueError):
            return
        said = b"\n".join([*lines, ended.stderr.encode()]).decode("utf-8", "replace")
        number = _NUMBER.search(said)
        if ended.why != "ended":
            self._said[name] = None
        elif number and ended.exit_code == 0:
            self._said[name] = number[0]
