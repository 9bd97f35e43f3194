"""What a check has to say."""

from __future__ import annotations

from sdd.snapshot import show
from sdd.values import Value


class Finding(Value):
    """One thing that is wrong, where, and what to do about it.

    `path` is the path in the tree, as bytes; `line` counts from 1, 0 means the whole file; `hint` can be pasted or
    followed as it stands. The code's page is `docs/reference/rules/<code>.md`.
    """

    code: str
    path: bytes
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{show(self.path)}:{self.line}" if self.line else show(self.path)
        return f"{place}: {self.code} {self.message}"


def by_place(finding: Finding) -> tuple[bytes, int, str, str]:
    """Sort findings by file, line, code, then words."""
    return (finding.path, finding.line, finding.code, finding.message)


def nearest(word: str, known: list[str]) -> str:
    """The known word that a misspelt one most likely means, or an empty string."""
    from difflib import get_close_matches  # only when something is wrong: 10 ms

    return next(iter(get_close_matches(word, sorted(known), 1, 0.5)), "")
