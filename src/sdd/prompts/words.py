"""What a text says, white space apart: so that a reader of a text is told of other words, and not of another layout."""

from __future__ import annotations

import io
import tokenize
from hashlib import sha256
from textwrap import dedent

from sdd.prompts.selectors import PYTHON

INDENTED = frozenset(
    {"yaml", "yml", "mk", "makefile", "haml", "pug", "sass", "nim", "coffee", "fs", "fsx", "hs"}
)
"""Languages (as a fence names them) in which the space at the start of a line means something; Python has its own way."""
STEPS = {tokenize.INDENT: "\x01", tokenize.DEDENT: "\x02", tokenize.NEWLINE: "\n"}


def words_sha256(text: str, language: str) -> str:
    """The sha256 of what a text says: the same where two texts differ in white space alone.

    Python keeps its blocks and the ends of its statements, languages of `INDENTED` the start of each line.
    """
    return sha256(_plain(text, language).encode("utf-8", "surrogateescape")).hexdigest()


def _plain(text: str, language: str) -> str:
    if language == PYTHON:
        try:
            return _python(text)
        except (tokenize.TokenError, SyntaxError):  # no Python that can be read
            return _lines(text)
    return _lines(text) if language in INDENTED else " ".join(text.split())


def _lines(text: str) -> str:
    """The lines that are not blank, each with the space at its start."""
    kept = (line.rstrip() for line in text.split("\n"))
    return "\n".join(line[: len(line) - len(line.lstrip())] + " ".join(line.split()) for line in kept if line)


def _python(text: str) -> str:
    """The tokens without any space, also of those within texts: Python 3.12 cuts formatted ones up where 3.11 did not."""
    tokens = tokenize.generate_tokens(io.StringIO(dedent(text)).readline)
    return "".join(STEPS.get(one.type) or "".join(one.string.split()) for one in tokens)
