"""What a session compiles to: parts in a fixed order, each with its source, and the text that they make."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING
from unicodedata import category

from sdd.digests import sha256
from sdd.errors import SddError
from sdd.globs import is_glob
from sdd.llm.secrets import known
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.prompts.excerpt import Excerpt

LEAST = "```"
"""The shortest fence."""
TICKS = re.compile("`+")
BYTES_PER_TOKEN = 4
"""The estimate that a budget is held against: a rule of thumb for English and code, said wherever a number is shown."""


class Source(Value):
    """Where a part of a prompt comes from: the selector, and exactly the text that it gave, in its language as a fence names it."""

    selector: str
    path: bytes
    blob: str
    text: str
    language: str

    @cached_property
    def sha256(self) -> str:
        """The sha256 of the text."""
        return sha256(self.text.encode())

    @cached_property
    def words(self) -> str:
        """The sha256 of the text without its white space, which only a run's record asks for."""
        from sdd.prompts.words import words_sha256  # which loads `tokenize`

        return words_sha256(self.text, self.language)

    @property
    def name(self) -> str:
        """What it is known by: its selector, or of a glob's files the path."""
        return show(self.path) if is_glob(self.selector) else self.selector


class Part(Value):
    """One part of a prompt, below a heading of its section."""

    section: str
    text: str
    sources: tuple[Source, ...] = ()


class Prompt(Value):
    """A whole prompt. `shown` maps every path whose bytes it shows whole, or that it calls absent, to the blob id."""

    parts: tuple[Part, ...]
    shown: Mapping[bytes, str]

    @cached_property
    def text(self) -> str:
        """The prompt as it is sent: the same for the same tree, to the byte."""
        lines: list[str] = []
        section = ""
        for part in self.parts:
            if part.section != section:
                section = part.section
                lines.append(f"# {section}\n")
            lines.append(part.text.strip("\n") + "\n")
        return "\n".join(lines)

    @cached_property
    def sha256(self) -> str:
        """The hash that a run records."""
        return sha256(self.text.encode())

    @property
    def sources(self) -> tuple[Source, ...]:
        """Everything from the repository that the prompt rests on."""
        return tuple(dict.fromkeys(source for part in self.parts for source in part.sources))

    @cached_property
    def tokens(self) -> int:
        """The estimated size."""
        return tokens(self.text)


def tokens(text: str) -> int:
    """The estimated number of tokens of a text."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def part(section: str, excerpt: Excerpt) -> Part:
    """An excerpt as a part: its source in the fence's first line, so that it can't pass for instructions."""
    lines = f":{excerpt.first_line}-{excerpt.last_line}"
    path = show(excerpt.path)
    name = path if excerpt.whole else path + lines if excerpt.first_line else excerpt.selector
    head = f"{excerpt.language or 'text'} source={_attribute(name)} blob={excerpt.blob[:12]}"
    return Part(section, fenced(excerpt.shown, head), (source(excerpt),))


def source(excerpt: Excerpt) -> Source:
    """Where an excerpt comes from."""
    return Source(excerpt.selector, excerpt.path, excerpt.blob, excerpt.shown, excerpt.language)


def _attribute(text: str) -> str:
    """A name on a fence's first line, which may hold no backtick (CommonMark 4.5), nor a space outside of quotes."""
    text = text.replace("`", "%60")
    return '"' + text.replace('"', "%22") + '"' if " " in text else text


def fenced(text: str, info: str) -> str:
    """A text in a fence that is longer than any run of backticks in it.

    What nobody sees (a zero-width space between two of them) does not end a run: a model may read it as one.
    """
    plain = text if text.isascii() else "".join(char for char in text if category(char) != "Cf")
    longest = max(map(len, TICKS.findall(plain))) if LEAST in plain else 0
    fence = "`" * (longest + 1) if longest else LEAST
    return f"{fence}{info}\n{text.removesuffix(chr(10))}\n{fence}\n"


def keyless(prompt: Prompt, environ: Mapping[str, str]) -> Prompt:
    """The prompt itself, if it holds none of the keys that the environment holds.

    Raises:
        SddError: it does; the error names the variable and the part, and not the key.
    """
    secrets = known(environ)
    for part in prompt.parts if secrets else ():
        found = next((name for secret, name in secrets.items() if secret in part.text), None)
        if found:
            raise SddError(
                f"the prompt would hold the value of {found}, in {part_name(part)}",
                hint=f"take it out there, and have {found} replaced by whoever issued it if that was ever committed",
            )
    return prompt


def part_name(one: Part) -> str:
    """What a part is known by: the selectors of its text, else its section."""
    return ", ".join(source.name for source in one.sources) or one.section


def merged(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts without those whose every text an earlier part has shown already, whatever selector named it there."""
    seen: set[tuple[bytes, str, str]] = set()  # path, blob, text
    kept: list[Part] = []
    for one in parts:
        texts = {(source.path, source.blob, source.text) for source in one.sources}
        if texts and seen >= texts:
            continue
        seen |= texts
        kept.append(one)
    return tuple(kept)
