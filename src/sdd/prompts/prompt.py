"""What a session compiles to: parts in a fixed order, each with its source, and the text that they make."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.llm.secrets import known
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.prompts.selectors import Excerpt

TICKS = re.compile("`+")
BYTES_PER_TOKEN = 4
"""The estimate that a budget is held against: a rule of thumb for English and code, said wherever a number is shown."""


class Source(Value):
    """Where a part of a prompt comes from: the selector, and the sha256 of exactly the text that it gave."""

    selector: str
    path: bytes
    blob: str
    sha256: str


class Part(Value):
    """One part of a prompt, below a heading of its section."""

    section: str
    text: str
    sources: tuple[Source, ...] = ()


class Prompt(Value):
    """A whole prompt. `shown` maps every path whose bytes it shows whole, or that it calls absent, to the blob id."""

    parts: tuple[Part, ...]
    shown: Mapping[bytes, str]

    @property
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

    @property
    def sha256(self) -> str:
        """The hash that a run records."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Everything from the repository that the prompt rests on."""
        return tuple(dict.fromkeys(source for part in self.parts for source in part.sources))

    @property
    def tokens(self) -> int:
        """The estimated size."""
        return tokens(self.text)


def tokens(text: str) -> int:
    """The estimated number of tokens of a text."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def part(section: str, excerpt: Excerpt) -> Part:
    """An excerpt as a part: its source in the fence's first line, so that it can't pass for instructions."""
    lines = f":{excerpt.first_line}-{excerpt.last_line}" if not excerpt.whole else ""
    name = show(excerpt.path)
    head = f"{excerpt.language or 'text'} source={_attribute(name + lines)} blob={excerpt.blob[:12]}"
    return Part(section, fenced(excerpt.text, head), (source(excerpt),))


def source(excerpt: Excerpt) -> Source:
    """Where an excerpt comes from."""
    return Source(excerpt.selector, excerpt.path, excerpt.blob, sha256(excerpt.text.encode()).hexdigest())


def _attribute(text: str) -> str:
    return '"' + text.replace('"', "%22") + '"' if " " in text else text


def fenced(text: str, info: str) -> str:
    """A text in a fence that is longer than any run of backticks in it."""
    longest = max(map(len, TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{text.removesuffix(chr(10))}\n{fence}\n"


def within(prompt: Prompt, budget: int) -> Prompt:
    """The prompt itself, if it keeps to the budget (tokens, estimated).

    Raises:
        SddError: it does not; the error lists the largest parts. Nothing is cut.
    """
    if prompt.tokens <= budget:
        return prompt
    sizes = sorted(((tokens(one.text), one) for one in prompt.parts), key=lambda pair: -pair[0])
    largest = "\n".join(f"  {size:>9,} tokens  {_name(one)}" for size, one in sizes[:5])
    raise SddError(
        f"the prompt takes about {prompt.tokens:,} tokens, the budget is {budget:,}; its largest parts:\n{largest}",
        hint="narrow what the session reads (`docs/architecture.md#Cart` instead of the whole file), or raise `budget`",
    )


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
                f"the prompt would hold the value of {found}, in {_name(part)}",
                hint=f"take it out there, and have {found} replaced by whoever issued it if that was ever committed",
            )
    return prompt


def _name(one: Part) -> str:
    return ", ".join(source.selector for source in one.sources) or one.section


def merged(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts without those whose every source an earlier part has shown already."""
    seen: set[Source] = set()
    kept: list[Part] = []
    for one in parts:
        if one.sources and seen.issuperset(one.sources):
            continue
        seen.update(one.sources)
        kept.append(one)
    return tuple(kept)
