"""The fences of a response: which hold files, edits or the response block, and what is wrong with their form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from sdd.runs import edits
from sdd.runs.form import Problem
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

RESPONSE = "sdd-response"
LONGER = "use a fence of more backticks than any run of backticks inside it"
MARGIN = "begin the lines of fences at the margin"
QUOTE = 'write the path last in the fence\'s first line, as path=src/a.py, or path="docs/my file.md" where it holds spaces'
SHORT_PROSE = 10
"""Lines that may stand around an outer fence, so that a fence which only quotes a response is not taken for one."""

_PATH = re.compile(r"""(?:^|\s)path=(?:"([^"]*)"|'([^']*)'|(\S*))(.*)$""")
_LIKE_PATH = re.compile(r"(?:^|[\s{])(?:path|file|filename|filepath)\s*[=:]|^\S*[/:]\S*\.\w+(?:\s|$)")
_OPENER = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})\s*(\S.*)")
_LIKE_OPENER = re.compile(r"[\s>*+.)\-\d]*(?:`{3,}|~{3,})\s*(\S.*)")
_MARKDOWN = (".md", ".markdown", ".mdx", ".rst", ".txt")


class Fence(Value):
    """A fenced block. `line` is its first line's number, `end` that of the line after its last, in the response."""

    line: int
    end: int
    markup: str
    info: str
    text: str
    is_closed: bool
    path: str | None
    after_path: str

    @property
    def words(self) -> list[str]:
        """What stands before the path in the first line."""
        return _PATH.sub("", self.info).split()

    @property
    def is_response(self) -> bool:
        """Whether it is the response block."""
        return self.path is None and RESPONSE in self.words

    @property
    def is_edit(self) -> bool:
        """Whether it holds search and replace blocks."""
        return self.path is not None and self.words[:1] == ["edit"]


def read(text: str) -> tuple[list[Fence], list[Problem]]:
    """The fences of a response (its newlines are LF), and what is wrong with them.

    Where the whole response stands in one outer fence without a path, as a person pastes it, the fences are those inside.
    """
    lines = text.split("\n")
    fences = _fences(text, 0)
    outer = _outer(fences, lines)
    problems: list[Problem] = []
    if outer is not None:
        problems += [] if outer.is_closed else [_unclosed(outer, lines)]
        lines = lines[: outer.end - (2 if outer.is_closed else 1)]
        fences = _fences(outer.text, outer.line)
    for fence in fences:
        problems += _wrong(fence, lines)
    problems += [
        *_cut_early(fences, lines),
        *_doubled(fences),
        *_unseen(fences, lines, outer.line if outer else 0),
    ]
    return fences, problems


def _fences(text: str, before: int) -> list[Fence]:
    """The fences of a Markdown text, also those in lists and quotes; `before` lines of the response come before it.

    HTML blocks are off, because `</think>` on a line would swallow the fence on the next.
    """
    markdown = MarkdownIt("commonmark").disable(["html_block", "inline"])
    tokens = markdown.parse(text if text.endswith("\n") else text + "\n")
    return [_fence(token, token.map, before) for token in tokens if token.type == "fence" and token.map]


def _fence(token: Token, lines: list[int], before: int) -> Fence:
    info = token.info.strip()
    named = _PATH.search(info)
    path = next((group for group in named.groups()[:3] if group is not None), "") if named else None
    return Fence(
        line=before + lines[0] + 1,
        end=before + lines[1] + 1,
        markup=token.markup,
        info=info,
        text=token.content,
        is_closed=lines[1] - lines[0] - 1 > token.content.count("\n"),
        path=path,
        after_path=named[4].strip() if named else "",
    )


def _outer(fences: list[Fence], lines: list[str]) -> Fence | None:
    """The one fence that holds the whole response, if there is one."""
    plain = [fence for fence in fences if any(RESPONSE in info for info in _opened(fence))]
    if len(plain) != 1 or any(fence.path is not None or fence.is_response for fence in fences):
        return None
    around = lines[: plain[0].line - 1] + lines[plain[0].end - 1 :]
    return plain[0] if sum(bool(line.strip()) for line in around) <= SHORT_PROSE else None


def _opened(fence: Fence) -> list[str]:
    """What stands after the backticks of the lines inside a fence that would open a file, an edit or the response."""
    found = (_OPENER.fullmatch(line) for line in fence.text.split("\n"))
    infos = (match[2] for match in found if match)
    return [info for info in infos if _counts(info)]


def _counts(info: str) -> bool:
    return RESPONSE in info.split() or bool(_PATH.search(info))


def _wrong(fence: Fence, lines: list[str]) -> Iterator[Problem]:
    """What is wrong with one fence taken by itself."""
    if not fence.is_closed:
        yield _unclosed(fence, lines)
    if fence.path is not None:
        yield from _path_problems(fence)
    elif not fence.is_response:
        yield from _unread(fence)
    if fence.path is not None and not fence.is_edit:
        yield from _no_file(fence)


def _unclosed(fence: Fence, lines: list[str]) -> Problem:
    if any(line.strip() for line in lines[fence.end - 1 :]):
        return Problem(
            fence.line,
            f"the fence that began at line {fence.line} is never closed: the list or quote around it ends first",
            MARGIN,
        )
    return Problem(
        fence.line,
        f"the response ends inside the fence that began at line {fence.line}; was it cut?",
        f"send the whole response again, and {LONGER}",
    )


def _path_problems(fence: Fence) -> Iterator[Problem]:
    if not fence.path:
        yield Problem(fence.line, "the path of this fence is empty", QUOTE)
    elif fence.path[0] in "\"'":
        yield Problem(fence.line, f"the quote before the path {fence.path} is not closed", QUOTE)
    if fence.after_path:
        yield Problem(fence.line, f"after path={fence.path} there is more: {fence.after_path}", QUOTE)


def _unread(fence: Fence) -> Iterator[Problem]:
    """A fence that is neither file, edit nor response, and looks as if it was meant to be."""
    if fence.words[:1] == ["edit"] or _LIKE_PATH.search(fence.info):
        yield Problem(fence.line, f"the fence `{fence.info}` names no file in the form path=", QUOTE)
    inside = _opened(fence)
    if inside:
        yield Problem(
            fence.line, f"this fence holds the fence `{inside[0]}`, which is therefore not read", LONGER
        )


def _no_file(fence: Fence) -> Iterator[Problem]:
    """A fence that would write as a file what is not a file's text."""
    if any(edits.SEARCH.fullmatch(line) for line in fence.text.split("\n")):
        yield Problem(
            fence.line,
            f"the file {fence.path} holds a search and replace block",
            f"begin the fence with edit path={fence.path}",
        )
    if fence.words[:1] in (["diff"], ["patch"]) and not (fence.path or "").endswith((".diff", ".patch")):
        yield Problem(
            fence.line,
            f"the fence of {fence.path} holds a diff, which is not applied",
            "send the whole file, or an edit fence with search and replace blocks",
        )


def _cut_early(fences: list[Fence], lines: list[str]) -> Iterator[Problem]:
    """Files that a fence inside them seems to have ended: half of them would be written."""
    for fence, after in zip(fences, [*fences[1:], None], strict=False):
        inner = next(_openers_inside(fence), 0) if fence.path is not None else 0
        if inner:
            yield Problem(
                fence.line,
                f"line {inner} opens a fence inside that of {fence.path}, so its first closing line ends the file",
                LONGER,
            )
        elif fence.path is not None and after is not None and not after.info and _runs_on(fence, lines):
            yield Problem(
                after.line,
                f"the fence at line {after.line} has no language, so {fence.path} may have been ended by a fence inside it, at line {fence.end - 1}",
                f"{LONGER}; give every other fence a language",
            )


def _openers_inside(fence: Fence) -> Iterator[int]:
    for number, line in enumerate(fence.text.split("\n"), fence.line + 1):
        opener = _OPENER.fullmatch(line)
        if opener and opener[1].startswith(fence.markup):
            yield number


def _runs_on(fence: Fence, lines: list[str]) -> bool:
    """Whether a file is likely to hold fences, or goes on right after its closing line."""
    after = lines[fence.end - 1] if fence.end <= len(lines) else ""
    return (fence.path or "").lower().endswith(_MARKDOWN) or bool(after.strip())


def _unseen(fences: list[Fence], lines: list[str], before: int) -> Iterator[Problem]:
    """Lines that were meant to open a fence, and by Markdown's rules do not."""
    covered = {number for fence in fences for number in range(fence.line, fence.end)}
    for number in range(before + 1, len(lines) + 1):
        opener = None if number in covered else _LIKE_OPENER.fullmatch(lines[number - 1])
        if opener and _counts(opener[1]):
            yield Problem(
                number,
                f"this line opens no fence, because it is indented or holds backticks: {lines[number - 1].strip()}",
                MARGIN,
            )


def _doubled(fences: list[Fence]) -> Iterator[Problem]:
    first: dict[str, Fence] = {}
    for fence in fences:
        other = first.setdefault(fence.path, fence) if fence.path else fence
        if other is not fence:
            what = "twice" if other.is_edit == fence.is_edit else "as a whole file and as an edit"
            yield Problem(
                fence.line,
                f"{fence.path} comes {what}, first at line {other.line}",
                "send each path in one fence, once",
            )
