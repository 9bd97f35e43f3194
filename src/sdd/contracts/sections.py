"""What a contract says beside its code: dependencies, configuration, events, errors, by heading or by docstring section."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.sessions.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

DEPENDENCIES, CONFIGURATION, ERRORS, EVENTS = "dependencies", "configuration", "errors", "events"
WORDS = {
    **dict.fromkeys(
        ("dependencies", "dependency", "depends", "requires", "collaborators", "injected"), DEPENDENCIES
    ),
    **dict.fromkeys(("configuration", "config", "settings", "environment"), CONFIGURATION),
    **dict.fromkeys(("errors", "error", "raises", "exceptions", "failures"), ERRORS),
    **dict.fromkeys(
        ("events", "publishes", "published", "consumes", "consumed", "emits", "subscribes"), EVENTS
    ),
}
"""The words of a title, in lower case, and what they say that the section is about."""
MOST_WORDS = 5  # of a title in a docstring; a longer line is a sentence
TITLE = re.compile(
    r"(\s*)(?:[-*]\s+)?(?:\*\*|__|`)?([A-Za-z][A-Za-z ,/&-]*?)(?:\*\*|__|`)?\s*:(?:\*\*|__)?(?:\s+(.*))?\Z"
)
RULE = re.compile(r"\s*(-{3,}|={3,})\s*\Z")
ENTRY = re.compile(r"[-*\s`]*(?:([a-z_]\w*)`?\s*[:(]\s*`?)?([A-Za-z_][\w.]*(?:\[[^\]]*\])?)")


def in_markdown(lines: Sequence[str]) -> dict[str, str]:
    """What the sections of a Markdown text say, by what they are about: below a heading, or behind `Dependencies:`."""
    outline = Outline(lines)
    fenced = {line for fence in outline.fences() for line in range(fence.start, fence.end + 1)}
    plain = ["" if number in fenced else line for number, line in enumerate(lines, 1)]
    found: list[tuple[str, str]] = []
    levels = {heading.level for heading in outline.headings()}
    for level in sorted(levels):
        for part in outline.sections(level):
            text = "\n".join(lines[part.line : part.end_line]).strip()
            found += [(about, text) for about in _about(part.title)]
    return joined([*found, *_behind(plain)])


def in_docstring(text: str) -> dict[str, str]:
    """What the sections of a docstring say: `Dependencies:` with what is indented below it, or an underlined title."""
    lines = text.split("\n")
    found = list(_behind(lines))
    for at in range(1, len(lines)):
        if RULE.match(lines[at]) and lines[at - 1].strip():
            below = _until_blank(lines[at + 1 :])
            found += [(about, below) for about in _about(lines[at - 1])]
    return joined(found)


def joined(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The texts by what they are about; those that are empty say nothing."""
    told: dict[str, str] = {}
    for about, text in found:
        if text.strip():
            told[about] = f"{told[about]}\n{text}" if about in told else text
    return told


def _about(title: str) -> list[str]:
    words = re.findall(r"[a-z]+", title.lower())
    return (
        list(dict.fromkeys(WORDS[word] for word in words if word in WORDS))
        if len(words) <= MOST_WORDS
        else []
    )


def _behind(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for at, line in enumerate(lines):
        found = TITLE.match(line)
        for about in _about(found.group(2)) if found else ():
            indent, rest = len(found.group(1)), found.group(3) or ""  # type: ignore[union-attr] # else there is nothing to go through
            yield about, "\n".join([rest, *_deeper(lines[at + 1 :], indent)]).strip()


def _deeper(lines: Iterable[str], indent: int) -> Iterator[str]:
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth <= indent:
            return
        yield line


def _until_blank(lines: Sequence[str]) -> str:
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    return "\n".join(lines[:end])


def entries(told: Mapping[str, str], about: str) -> list[tuple[str, str]]:
    """The lines of a section as pairs of a parameter's name ("" where there is none) and a type: `catalog (ICatalog): prices`."""
    found = (ENTRY.match(line) for line in told.get(about, "").split("\n") if line.strip())
    return [(one.group(1) or "", one.group(2)) for one in found if one]


def names(text: str) -> set[str]:
    """All words of a text that could be names in code."""
    return set(re.findall(r"[A-Za-z_]\w*", text))
