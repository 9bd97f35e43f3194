"""Owns what a preset may say: the keys of one agent in `presets.toml`, their types and what must fit together."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from sdd.llm.problems import Kind

PLACEHOLDERS = ("prompt", "prompt_file", "output_file", "scratch", "folder", "model", "conversation")
OPTIONAL = frozenset({"model"})
"""Placeholders that may have no value; outside of brackets they must have one."""
DAY_S = 86_400

_PLACE = re.compile(r"\{([a-z_]+)\}")  # other braces are the agent's, as in TOML or JSON


def placeholders(text: str) -> list[str]:
    """The names that stand in braces in a word of an `argv`."""
    return _PLACE.findall(text)


def _word(text: str) -> str:
    for name in placeholders(text):
        if name not in PLACEHOLDERS:
            raise ValueError(f"should hold placeholders that there are, and {{{name}}} is none")
    if "\0" in text:
        raise ValueError("should hold no null byte")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"should be a regular expression ({error})") from None
    return text


def _path(text: str) -> str:
    if not all(text.split(".")):
        raise ValueError("should be names joined by dots")
    return text


Word = Annotated[str, AfterValidator(_word)]
Pattern = Annotated[str, AfterValidator(_pattern), Field(min_length=1)]
Path = Annotated[str, AfterValidator(_path)]
Where = dict[Path, str | int | bool]
Seconds = Annotated[float, Field(gt=0, le=DAY_S)]
Argv = Annotated[list[Word | list[Word]], Field(min_length=1)]


class Table(BaseModel):
    """A table of a preset: its types are meant, its keys are all there are, and it never changes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Pick(Table):
    """A place in the agent's JSON, in those lines (or that document) where all of `where` is so."""

    at: Path = Field(description="names joined by dots; a number counts into a list, `*` is every member")
    where: Where = Field({}, description="what must stand at other places of the same line")


class Problem(Table):
    """How a failure is known: what it says, its exit code, or both."""

    kind: Kind = Field(description="the kind of problem, as in `sdd.llm.ProblemError`")
    says: Pattern | None = Field(
        None, description="a regular expression for its errors and standard error, without colours"
    )
    code: int | None = Field(None, description="the exit code")
    hint: str | None = Field(None, min_length=1, description="what to do; none: sdd's own words")

    @model_validator(mode="after")
    def _tells_something(self) -> Problem:
        if self.says is None and self.code is None:
            raise ValueError("should have `says` or `code`")
        return self


class UsageForm(Table):
    """`usage`: where the counts of tokens stand; several are added up."""

    counts: Literal["call", "conversation"] = Field(
        "call", description="what they count: this call, or all of the conversation so far"
    )
    input: list[Pick] = Field([], description="tokens of the prompt")
    output: list[Pick] = Field([], description="tokens of the answer")
    cache_read: list[Pick] = Field([], description="tokens of the prompt that came from a cache")
    cache_write: list[Pick] = Field([], description="tokens of the prompt that were put into a cache")
    input_has_cache: bool = Field(
        default=False, description="whether `input` counts those of `cache_read` as well"
    )


class Preset(Table):
    """One agent's command line, as data."""

    about: str = Field("", description="what it is")
    seen: str = Field("", description="with which version this was seen to work, and how")
    install: str = Field("", description="how to install it")
    sign_in: str = Field("", description="how to sign in")
    argv: Argv = Field(description="the program and its arguments")
    resume: Argv | None = Field(
        None, description="the same to go on with a conversation; none: it cannot, and is sent a recap"
    )
    version: list[str] = Field(["--version"], description="the arguments with which it tells its version")
    edits: bool = Field(default=False, description="whether it changes files itself")
    environment: list[str] = Field(
        [],
        description="variables that it may see, beside PATH and its like; `*` at the end for all that begin so",
    )
    conversation_form: Pattern | None = Field(
        None, description="a regular expression for a whole id; another is no conversation"
    )
    keeps_id: bool = Field(
        default=False,
        description="whether a conversation keeps its id; another id is then another conversation",
    )
    timeout_s: Seconds | None = Field(
        None, description="seconds that a call may take, in place of sdd.toml's"
    )
    silence_s: Seconds | None = Field(
        None,
        description="seconds without output; none: sdd.toml's for `lines`, no limit for the others, which speak at the end",
    )
    good_exit_codes: list[int] = Field([0], min_length=1, description="the exit codes of an answer")
    noise: Pattern | None = Field(None, description="lines of standard error that tell a person nothing")
    output: Literal["text", "json", "lines"] = Field(
        "text", description="what comes out: the text, one JSON document, or one a line"
    )
    text: list[Pick] = Field([], description="the answer; the last one counts, unless it comes in `pieces`")
    pieces: bool = Field(default=False, description="whether `text` comes in pieces that belong together")
    anew: list[Where] = Field([], description="lines after which the answer begins anew, as use of a tool")
    so_far: list[Pick] = Field([], description="text on the way, which is kept where the answer is cut")
    conversation: list[Pick] = Field([], description="the id of the conversation; the first one counts")
    model: list[Pick] = Field([], description="the model that answered")
    stop_reason: list[Pick] = Field([], description="why the model stopped; the last one counts")
    cost: list[Pick] = Field([], description="USD of this call; several are added up")
    finished: list[Where] = Field(
        [], description="lines without one of which, after the last of `anew`, the answer is cut"
    )
    failed: list[Where] = Field([], description="lines that mean failure, whatever the exit code")
    failed_says: Pattern | None = Field(
        None, description="a regular expression for an output that means failure, whatever the exit code"
    )
    error: list[Pick] = Field([], description="what went wrong, in its words")
    problems: list[Problem] = Field([], description="how its failures are known; the first that fits counts")
    usage: UsageForm = UsageForm()

    @model_validator(mode="after")
    def _fits_together(self) -> Preset:
        for wrong in _misfits(self):
            raise ValueError(wrong)
        return self


def _misfits(preset: Preset) -> list[str]:
    """What does not go together; each a sentence that goes on from "the preset"."""
    argv, resume = _names(preset.argv), _names(preset.resume or [])
    checks = {
        "should name its program first, outside of brackets and without placeholders": not _plain(preset.argv)
        or (preset.resume is not None and not _plain(preset.resume)),
        "should not use {conversation} in argv: that is for resume": "conversation" in argv,
        "should use {conversation} in resume": preset.resume is not None and "conversation" not in resume,
        "should say where the id stands (`conversation`), or have no `resume`": preset.resume is not None
        and not preset.conversation,
        'should say where the answer stands (`text`), or have output = "text"': preset.output != "text"
        and not preset.text
        and "output_file" not in argv,
    }
    return [words for words, wrong in checks.items() if wrong]


def _plain(argv: list[str | list[str]]) -> bool:
    return isinstance(argv[0], str) and bool(argv[0]) and not placeholders(argv[0])


def _names(argv: list[str | list[str]]) -> set[str]:
    words = [word for part in argv for word in ([part] if isinstance(part, str) else part)]
    return {name for word in words for name in placeholders(word)}


def schema() -> dict[str, Any]:
    """The JSON schema of a file of presets, for editors."""
    form = Preset.model_json_schema()
    tables = form.pop("$defs")
    like = {"type": "string", "description": "the preset whose keys hold where this one has none"}
    form["properties"] = {"like": like, **form["properties"]}
    # A table laid over another preset needs no `argv` of its own.
    tables["Preset"] = {key: value for key, value in form.items() if key != "required"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "providers.toml",
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Preset"},
        "$defs": tables,
    }
