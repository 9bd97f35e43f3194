"""The output of a command, kept small: its beginning and its end, as text that a person or a model can read."""

from __future__ import annotations

import codecs
import re
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_LINE = 1 << 16
"""Characters after which a line is broken, so that output without newlines takes no memory either."""

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # colours and the cursor
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links and other strings with an end of their own
    r"|[ -/]*[0-~])"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Output:
    """Takes bytes as they come; gives at most about `cap` characters of them, a quarter from the beginning.

    `watch` is called with each line, cut or not.
    """

    def __init__(self, cap: int, watch: Callable[[str], object]) -> None:
        self._watch = watch
        self._cap = cap
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self._head: list[str] = []
        self._head_left = cap // 4
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._cut_lines = 0
        self._cut_size = 0

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Take some more bytes; the last time with `final`."""
        *lines, self._pending = (self._pending + self._decoder.decode(data, final)).split("\n")
        if self._pending and (final or len(self._pending) > LONGEST_LINE):
            lines.append(self._pending)
            self._pending = ""
        for line in lines:
            self._add(readable(line))

    def _add(self, line: str) -> None:
        self._watch(line)
        size = len(line) + 1
        if size <= self._head_left and not self._tail:
            self._head.append(line + "\n")
            self._head_left -= size
            return
        self._tail.append(line + "\n")
        self._tail_size += size
        while len(self._tail) > 1 and self._tail_size > self._room():
            self._tail_size -= len(self._tail[0])
            self._cut_size += len(self._tail.popleft())
            self._cut_lines += 1

    def _room(self) -> int:
        """Characters that the end may have: all that the beginning leaves."""
        return self._cap - self._cap // 4 + self._head_left

    def text(self) -> str:
        """Beginning and end of what came; a line between them says how much was cut."""
        tail = "".join(self._tail)
        kept = tail[max(0, len(tail) - self._room()) :]
        cut = self._cut_size + len(tail) - len(kept)
        note = f"[… {self._cut_lines} whole lines, {cut} characters cut …]\n" if cut else ""
        return "".join(self._head) + note + kept


def readable(line: str) -> str:
    """A line without colours and control characters; of a progress line, drawn over and over, what stood there last."""
    if line.isprintable():  # most are, and there may be millions
        return line
    drawn = _ESCAPE.sub("", line).split("\r")
    last = next((text for text in reversed(drawn) if text.strip()), "")
    return _CONTROL.sub("", last)
