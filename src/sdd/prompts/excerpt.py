"""What a selector gives: a text, and where it comes from."""

from __future__ import annotations

from sdd.values import Value

SESSION, DIFF = "session:", "diff:"
"""How the selectors begin that name no file."""


class Excerpt(Value):
    """A text that a selector names: these lines of this file, counted from 1, both inclusive.

    `text` is verbatim, apart from its line ends, which are LF, and a byte order mark, which is dropped. `language` is what
    a fence says of it, empty where nothing is known. `whole` says that it is all of the file. `imports` are the statements
    elsewhere in a Python file that the lines need. What is told of a session or of commits is no part of a file: `first_line`
    is 0.
    """

    selector: str
    path: bytes
    blob: str
    first_line: int
    last_line: int
    text: str
    language: str
    whole: bool
    imports: str = ""

    @property
    def shown(self) -> str:
        """The text as a prompt shows it: below the imports that it needs."""
        return f"{self.imports}\n\n{self.text}" if self.imports else self.text
