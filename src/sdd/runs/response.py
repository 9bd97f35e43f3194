"""What came back from the model: Markdown, read into files, edits, one response block, and all that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from reprlib import Repr
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sdd.findings import nearest
from sdd.runs import edits, fences
from sdd.runs.fences import RESPONSE
from sdd.runs.form import FORM, FORM_BY_HAND, FORM_FOR_AGENTS, REPAIR, Problem, repair
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from sdd.runs.fences import Fence

__all__ = [
    "FORM",
    "FORM_BY_HAND",
    "FORM_FOR_AGENTS",
    "REPAIR",
    "Block",
    "EditBlock",
    "FileBlock",
    "ParsedResponse",
    "Problem",
    "parse",
    "repair",
]

_TEXTS = 'a list of texts in quotes that are not empty, such as ["one", "two"], or []'
ALLOWED = {
    "outcome": 'one of "done", "questions", "blocked"',
    "confidence": "a number from 0 to 1, such as 0.97",
    "summary": "a text in quotes that is not empty",
    "questions": _TEXTS,
    "checklist": _TEXTS,
    "lessons": _TEXTS,
}
ESCAPE = r"put texts in double quotes, with \" and \\ for quotes and backslashes in them"

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


class FileBlock(Value):
    """A whole file: its path as the response has it, its text with LF, the line of its fence."""

    path: str
    text: str
    line: int


class EditBlock(Value):
    """Edits of one file: its path as the response has it, its (search, replace) pairs, the line of its fence."""

    path: str
    pairs: tuple[edits.Pair, ...]
    line: int


class Block(Value):
    """What the model says about its own work: `outcome` is done, questions or blocked, `confidence` from 0 to 1."""

    outcome: str
    confidence: float
    summary: str
    questions: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()


class ParsedResponse(Value):
    """A response as it was read. With any problem nothing of it may be applied."""

    files: tuple[FileBlock, ...]
    edits: tuple[EditBlock, ...]
    block: Block | None
    problems: tuple[Problem, ...]


_Text = Annotated[str, Field(pattern=r"\S")]


class _Form(BaseModel):
    """The keys of the response block."""

    model_config = ConfigDict(strict=True, extra="forbid")
    outcome: Literal["done", "questions", "blocked"]
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)
    summary: _Text
    questions: list[_Text] = []
    checklist: list[_Text] = []
    lessons: list[_Text] = []


def parse(text: str) -> ParsedResponse:
    """Read a response as a model sent it or as a person pasted it. No text makes it raise.

    A byte order mark and CRLF are allowed, prose may stand anywhere, and the whole may stand in one outer fence.
    Problems are in the order of their lines.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found, problems = fences.read(plain)
    files, changed = [], []
    for fence in found:
        if fence.is_edit:
            pairs, wrong = edits.parse(fence.text)
            changed.append(EditBlock(fence.path or "", pairs, fence.line))
            problems += [
                Problem(fence.line + one.line, one.message, one.hint, "edit", fence.path or "")
                for one in wrong
            ]
        elif fence.path is not None:
            files.append(FileBlock(fence.path, fence.text, fence.line))
    blocks = [fence for fence in found if fence.is_response]
    block = _block(blocks, problems)
    if block is not None:
        problems += _contradictions(block, blocks[0].line, writes=bool(files or changed))
    problems.sort(key=lambda problem: problem.line)
    return ParsedResponse(tuple(files), tuple(changed), block, tuple(problems))


def _block(found: list[Fence], problems: list[Problem]) -> Block | None:
    """The one response block, if there is one and it is right; what is wrong is added to `problems`."""
    if len(found) != 1:
        problems.append(_not_one(found))
        return None
    fence = found[0]
    if fence.words not in (["toml", RESPONSE], [RESPONSE]):
        problems.append(
            Problem(
                fence.line,
                f"the response block begins with `{fence.info}`",
                f"begin it with toml {RESPONSE}, and write TOML",
            )
        )
        return None
    try:
        form = _Form.model_validate(tomllib.loads(fence.text))
    except ValidationError as error:
        problems += [_wrong_key(one, fence) for one in error.errors(include_url=False, include_context=False)]
    except (
        ValueError,
        RecursionError,
    ) as error:  # beside TOMLDecodeError: numbers of too many digits, deep nesting
        problems.append(_no_toml(str(error), fence))
    else:
        return _as_block(form)
    return None


def _as_block(form: _Form) -> Block:
    return Block(
        form.outcome,
        form.confidence,
        form.summary,
        tuple(form.questions),
        tuple(form.checklist),
        tuple(form.lessons),
    )


def _not_one(found: list[Fence]) -> Problem:
    if not found:
        return Problem(0, f"there is no `toml {RESPONSE}` fence", "end the response with exactly one")
    lines = ", ".join(str(fence.line) for fence in found)
    return Problem(
        found[1].line, f"there are {len(found)} {RESPONSE} fences, at lines {lines}", "send exactly one"
    )


def _no_toml(error: str, fence: Fence) -> Problem:
    place = re.search(r"\(at line (\d+)", error)
    words = error.partition(" (at ")[0]
    line = fence.line + int(place[1]) if place else fence.line
    return Problem(line, f"the {RESPONSE} is not TOML: {words[:1].lower()}{words[1:]}", ESCAPE)


def _wrong_key(error: ErrorDetails, fence: Fence) -> Problem:
    key = str(error["loc"][0])
    if error["type"] == "missing":
        return Problem(fence.line, f"the {RESPONSE} lacks the key {key}", f"add {key}, {ALLOWED[key]}")
    line = _line_of(key, fence)
    if error["type"] == "extra_forbidden":
        like = "" if isinstance(error["input"], dict) else nearest(key, list(ALLOWED))
        meant = f"; did you mean {like}?" if like else ""
        return Problem(
            line,
            f"the {RESPONSE} has the unknown key {_SHORT.repr(key)}{meant}",
            f"use only these, in no table: {', '.join(ALLOWED)}",
        )
    return Problem(line, f"{key} is {_SHORT.repr(error['input'])}", f"make {key} {ALLOWED[key]}")


def _line_of(key: str, fence: Fence) -> int:
    """The line of the response on which a key of its block stands, else that of the block."""
    begins = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}\b")
    return next(
        (at for at, line in enumerate(fence.text.split("\n"), fence.line + 1) if begins.match(line)),
        fence.line,
    )


def _contradictions(block: Block, line: int, *, writes: bool) -> Iterator[Problem]:
    """Where the block's keys, or block and files, say opposite things."""
    if block.outcome == "done" and block.questions:
        yield Problem(
            line,
            'the outcome is "done", and there are questions',
            'either answer them yourself, or make the outcome "questions" and send no files',
        )
    if block.outcome == "questions" and not block.questions:
        yield Problem(
            line,
            'the outcome is "questions", and there are none',
            "put what has to be answered into questions, each a text in quotes",
        )
    if block.outcome == "questions" and writes:
        yield Problem(
            line,
            'the outcome is "questions", so the files beside it are not written',
            "send either files or questions",
        )
