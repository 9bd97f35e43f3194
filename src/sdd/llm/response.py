"""Owns the answer of a provider, kept verbatim, and its form on disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    FiniteFloat,
    JsonValue,
    ValidationError,
)

from sdd.errors import SddError

VERSION = 2


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _json(value: JsonValue) -> JsonValue:
    json.dumps(value, allow_nan=False)
    return value


class Usage(BaseModel):
    """Tokens of one call; the whole prompt is `input + cache_read + cache_write`. None: not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None

    @property
    def cached_share(self) -> float | None:
        """How much of the prompt the provider had in its cache, 0 to 1; None where that is not known."""
        if self.input is None or self.cache_read is None:
            return None
        whole = self.input + self.cache_read + (self.cache_write or 0)
        return self.cache_read / whole if whole else None


class Response(BaseModel):
    """What came back from a provider.

    `cost` is in USD, None where it is not known, never 0 instead. `partial`: the text was cut. `seconds` last
    from the first attempt to the end, `first_text_seconds` to the first piece of text. `raw` is the provider's
    own data. `agent` names the program that answered and its version, None for an API; `denied` says, a line each, what
    an agent wanted to do and was not allowed to. `turns` counts how often the model was called, None where it is not known.
    `notes` are sentences that a person should read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    provider: str
    model_asked: str | None
    model_answered: str | None
    conversation: str | None
    usage: Usage | None
    cost: Decimal | None
    stop_reason: str | None
    partial: bool
    started: Annotated[AwareDatetime, AfterValidator(_utc)]
    seconds: FiniteFloat
    first_text_seconds: FiniteFloat | None
    raw: Annotated[JsonValue, AfterValidator(_json)]
    agent: str | None = None
    denied: tuple[str, ...] = ()
    turns: int | None = None
    notes: tuple[str, ...] = ()


def to_json(response: Response) -> str:
    """The response as one line of ASCII JSON, with its version; `from_json` gives an equal response back."""
    fields = response.model_dump()
    fields["started"] = response.started.isoformat()
    fields["cost"] = None if response.cost is None else str(response.cost)
    return json.dumps({"version": VERSION, **fields}, allow_nan=False)


def from_json(text: str) -> Response:
    """Read what `to_json` wrote.

    Raises:
        SddError: the text is no response, or one written by a newer sdd.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SddError(f"a stored response is no JSON: {error}", hint=_RESTORE) from error
    version = fields.pop("version", None) if isinstance(fields, dict) else None
    if type(version) is not int or version < 1:
        raise SddError(f"a stored response has no version, but {version!r}", hint=_RESTORE)
    if version > VERSION:
        raise SddError(
            f"a stored response has version {version}, and this sdd reads versions up to {VERSION}",
            hint="pip install --upgrade sdd",
        )
    try:
        return Response.model_validate(_migrated(fields, version))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SddError(f"a stored response is wrong at {place!r}: {first['msg']}", hint=_RESTORE) from error


def _migrated(fields: dict[str, object], version: int) -> dict[str, object]:
    """The fields as this version has them; 2 added `agent`, `denied`, `turns` and `notes`."""
    return fields | {"agent": None, "denied": (), "turns": None, "notes": ()} if version == 1 else fields


_RESTORE = "restore the file from git: git checkout -- <file>"
