"""Two texts say the same where only their white space differs."""

from __future__ import annotations

import pytest

from sdd.prompts.words import words_sha256


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("markdown", "A cart holds\nitems.\n", "A cart  holds items."),
        ("markdown", "# A\n\n\ntext\n", "# A\ntext\n"),
        ("python", "def f(a, b):\n    return a\n", "def f(\n    a,\n    b):\n\n\n        return  a\n"),
        ("python", "    def f(self): ...\n", "def f(self): ...\n"),
        ("python", 'def f(x):\n    return f"{x}"\n', 'def f(x):\n  return f"{ x }"\n'),
        ("python", "def f(:\n", "def f(:  \n\n"),
        ("yaml", "a:\n  b: 1\n", "a:\n\n  b:  1  \n"),
        ("", "one two", "one\ttwo\r\n"),
    ],
)
def test_white_space_alone_says_nothing(language: str, one: str, other: str) -> None:
    assert words_sha256(one, language) == words_sha256(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("markdown", "A cart holds items.", "A cart holds no items."),
        ("python", "if a:\n    b()\nc()\n", "if a:\n    b()\n    c()\n"),
        ("python", "def f(a): ...\n", "def f(a, b): ...\n"),
        ("python", "x = 1  # one\n", "x = 1  # two\n"),
        ("python", "def f(:\n    a\n", "def f(:\na\n"),
        ("yaml", "a:\n  b: 1\n", "a:\nb: 1\n"),
    ],
)
def test_other_words_and_other_blocks_are_told_apart(language: str, one: str, other: str) -> None:
    assert words_sha256(one, language) != words_sha256(other, language)
