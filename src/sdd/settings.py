"""How a project likes to work: `sdd.toml`, read, checked and with all its defaults.

Every key is optional. pydantic costs a start 60 ms, so whoever needs settings imports this module in a function.
"""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails

from sdd.errors import SddError
from sdd.findings import nearest

# Plugins of pydantic are code of whoever installed something beside sdd, and to look for them takes 40 ms.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

DAY_S = 86_400
SHOWN = 60  # characters of a wrong value that a message repeats

HINTS = {
    "format": "write format = 1, or update sdd if a newer one wrote this file",
    "spending": "begin the table with a line [spending]",
    "verify": "begin the table with a line [verify]",
    "verify.commands": 'write commands = ["python -m pytest -q"], each command in quotes of its own',
    "fixes": "begin the table with a line [fixes], or write fixes = 3 below [verify]",
    "spending.run": "write run = 0.50, in USD, or leave it out",
    "spending.session": "write session = 2.00, in USD, or leave it out",
    "spending.day": "write day = 10.00, in USD, or leave it out",
    "spending.unknown": "write unknown = 0.25, in USD, or leave it out",
    "conversation": 'write conversation = "fresh" or conversation = "shared"',
}


def _command(text: str) -> str:
    """A line of a program and its arguments; quotes work as in a shell, nothing else of a shell does."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"should have its quotes closed ({error})") from None
    if not words or "\0" in text:
        raise ValueError("should name a program")
    return text


def _decimal(value: object) -> object:
    """A whole number as the amount that it is; a number with a point is read as one already."""
    return Decimal(value) if type(value) is int else value


Command = Annotated[str, AfterValidator(_command)]
Seconds = Annotated[int, Field(ge=1, le=DAY_S)]
Bound = Annotated[int, Field(ge=0, le=20)]


Usd = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    Field(ge=0, allow_inf_nan=False),
    WithJsonSchema({"type": "number", "minimum": 0}),
]


class Table(BaseModel):
    """A table of `sdd.toml`: its types are meant, its keys are all there are, and it never changes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Verify(Table):
    """`[verify]`: what must pass after a run."""

    commands: list[Command] = Field(
        [],
        description="programs with arguments, run in this order; no shell; `python` is `python3` where only that is there",
    )
    timeout: Seconds = Field(600, description="seconds that one command may take")
    fixes: Bound = Field(
        3, description="how often a failure goes back to the model, each kind by itself; `[fixes]` says more"
    )


class Fixes(Table):
    """`[fixes]`: how often each kind of failure goes back to the model; what is not named, as often as `fixes` below `[verify]`."""

    responses: Bound | None = Field(
        None, description="a response that cannot be read, or is not whole; none: as `fixes` below `[verify]`"
    )
    edits: Bound | None = Field(
        None, description="an edit that does not match, a file that may not be written; none: the same"
    )
    lint: Bound | None = Field(None, description="style and types, where all tests pass; none: the same")
    tests: Bound | None = Field(None, description="tests, and every other command; none: the same")


class Spending(Table):
    """`[spending]`: what may be spent, in USD; `sdd next` stops before it would spend more."""

    run: Usd | None = Field(None, description="USD that one `sdd next` may spend, its fixes included")
    session: Usd | None = Field(None, description="USD that all runs of one session may cost")
    day: Usd | None = Field(None, description="USD that all calls of one day (UTC) may cost in this clone")
    unknown: Usd | None = Field(
        None,
        description="USD that a run of unknown cost counts for; none: where there is one, a bound cannot be judged",
    )


class Settings(Table):
    """The whole of `sdd.toml`."""

    format: int = Field(1, ge=1, le=1, description="the form of this file")
    provider: str = Field("manual", min_length=1, description="what answers prompts")
    model: str | None = Field(
        None, min_length=1, description="the provider's model; none: the provider's own choice"
    )
    budget: int = Field(
        150_000,
        ge=1_000,
        description="tokens that one prompt may take, as the provider counts them or else by estimate",
    )
    timeout: Seconds = Field(600, description="seconds that one call of the provider may take")
    silence: Seconds = Field(120, description="seconds without a sign of life before a call counts as dead")
    conversation: Literal["fresh", "shared"] = Field(
        "fresh", description="whether the sessions of a group share one conversation"
    )
    conversation_days: int = Field(
        30, ge=1, le=3650, description="days without use after which a conversation counts as expired"
    )
    prices: str | None = Field(
        None,
        min_length=1,
        description="a file with prices of models, laid over those that come with sdd; its path from the top",
    )
    verify: Verify = Verify()
    fixes: Fixes = Fixes()
    spending: Spending = Spending()

    @property
    def bounds(self) -> dict[str, int]:
        """How often each kind of failure goes back to the model."""
        named: dict[str, int | None] = self.fixes.model_dump()
        return {kind: self.verify.fixes if bound is None else bound for kind, bound in named.items()}


_TABLES: Mapping[str, type[Table]] = {"verify": Verify, "fixes": Fixes, "spending": Spending}


def read(data: bytes | None, path: str = "sdd.toml") -> Settings:
    """The settings that these bytes hold; all defaults where there is no file (None).

    Raises:
        SddError: not TOML, or a key or value that `sdd.toml` does not know; the first such place is named.
    """
    text, content = _parsed(data or b"", path)
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        told = sorted((line_of(text, _keys(details)), _told(details)) for details in errors)
        line, (message, hint) = told[0]
        raise SddError(f"{path}:{line}: {message}" if line else f"{path}: {message}", hint=hint) from None


def schema() -> dict[str, Any]:
    """The JSON schema of `sdd.toml`, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}


def chosen_provider(
    flag: str | None, environ: Mapping[str, str], session: str | None, settings: Settings
) -> str:
    """The provider's name: `--provider`, then `SDD_PROVIDER`, then the session's own, then `sdd.toml`.

    An empty name counts as none.
    """
    return flag or environ.get("SDD_PROVIDER") or session or settings.provider


def _parsed(data: bytes, path: str) -> tuple[str, dict[str, Any]]:
    try:
        text = data.decode("utf-8-sig")  # editors on Windows may begin a file with a byte order mark
        return text, tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SddError(f"{path}:{line}: this is not UTF-8", hint=f"save {path} as UTF-8") from None
    except (ValueError, RecursionError) as error:  # the latter: some hundred brackets in a row
        raise SddError(f"{path} is not TOML: {error}", hint=f"correct {path} at that place") from None


def _keys(details: ErrorDetails) -> list[str]:
    return [part for part in details["loc"] if isinstance(part, str)]


def _told(details: ErrorDetails) -> tuple[str, str]:
    """One error of pydantic's in our words: the message and the hint."""
    keys = _keys(details)
    fields = (_TABLES.get(keys[0], Settings) if keys[1:] else Settings).model_fields
    if details["type"] == "extra_forbidden":
        right = nearest(keys[-1], list(fields))
        hint = f"write {right} instead" if right else f"remove it; the keys are {', '.join(sorted(fields))}"
        if (
            keys[0] == "providers"
        ):  # a project may name an agent, and not what is run by that name (decision 14)
            hint = "agents are told of in your own configuration: docs/reference/providers.md"
        return f"{'.'.join(keys)} is no key of this file", hint
    value = repr(details["input"])
    shown = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    message = f"{'.'.join(keys)} is {shown}, but {_wish(details)}"
    return message, HINTS.get(".".join(keys)) or _hint(keys[-1], fields[keys[-1]].default)


def _wish(details: ErrorDetails) -> str:
    if details["type"] == "model_type":
        return "should be a table"
    words = details["msg"]
    for start in ("Input ", "String ", "Value error, "):
        words = words.removeprefix(start)
    return words


def _hint(key: str, default: object) -> str:
    shown = 3 if key in Fixes.model_fields else default if isinstance(default, int) else f'"{default or "…"}"'
    return f"write it like {key} = {shown}, or leave it out"


def line_of(text: str, keys: list[str]) -> int:
    """The line, from 1, on which a key of a TOML file stands; 0 where it is not written in a plain way.

    tomllib tells no places. A table's keys are looked for below its header, and at the top as `table.key`.
    """
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("["):
            table = bare.split("]")[0].strip("[ ")
            if table == ".".join(keys):
                return number
            continue
        key = bare.partition("=")[0].strip().strip("\"'")
        if f"{table}.{key}".strip(".") == ".".join(keys):
            return number
    return line_of(text, keys[:-1]) if len(keys) > 1 else 0
