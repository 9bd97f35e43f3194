"""Owns which agents' command lines sdd knows: the shipped presets, and a person's own laid over them.

One's own stand in a file of the person's, never of the repository: a preset names a program and which keys it may see,
and whoever clones a repository has not agreed to that (decision 14).
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdd.errors import SddError
from sdd.findings import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from sdd.llm.preset_form import Preset

VARIABLE = "SDD_PROVIDERS"
"""Names another file than the person's own, as a CI job may."""
TAKEN = frozenset({"anthropic", "claude", "recorded", "manual", "person"})
"""Names of providers that are no presets."""
SHOWN = 60  # characters of a wrong value that a message repeats
_NAME = "letters, digits and dashes"


def own_file(environ: Mapping[str, str]) -> Path:
    """Where a person's own presets stand, whether the file is there or not."""
    named = environ.get(VARIABLE)
    if named:
        return Path(named)
    roaming = environ.get("APPDATA") if os.name == "nt" else environ.get("XDG_CONFIG_HOME")
    return (Path(roaming) if roaming else Path.home() / ".config") / "sdd" / "providers.toml"


def presets(environ: Mapping[str, str]) -> dict[str, Preset]:
    """All presets by name, sorted.

    Raises:
        SddError: one's own file cannot be read, or holds a wrong preset: file, line, key, value and what to write.
    """
    from sdd.llm.preset_form import Preset

    path = own_file(environ)
    text = _read(path, needed=VARIABLE in environ)
    own = _parsed(text, path)
    merged = {name: _whole(name, table, path, text) for name, table in own.items()}
    checked = {name: _checked(name, table, path, text) for name, table in merged.items()}
    shipped = {name: Preset.model_validate(table) for name, table in _shipped().items() if name not in own}
    return dict(sorted({**shipped, **checked}.items()))


def names(environ: Mapping[str, str]) -> list[str]:
    """The names of all presets, without a look at what they say; of one's own file only if it is TOML."""
    try:
        own = set(_parsed(_read(own_file(environ), needed=False), own_file(environ)))
    except SddError:
        own = set()
    return sorted(own | set(_shipped()))


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(files("sdd.llm").joinpath("presets.toml").read_text("utf-8"))


def _read(path: Path, *, needed: bool) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # editors on Windows begin a file with a byte order mark
    except FileNotFoundError:
        if needed:
            raise SddError(
                f"{VARIABLE} names {path}, and there is no such file", hint=f"unset {VARIABLE}"
            ) from None
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SddError(
            f"{path} cannot be read: {error}", hint=f"make it readable and UTF-8: {path}"
        ) from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SddError(f"{path} is not TOML: {error}", hint=f"correct {path} at that place") from None


def _whole(name: str, table: Any, path: Path, text: str) -> dict[str, Any]:
    """The table, laid over the preset that it is like, or the shipped one of its own name."""
    place = _place(path, _line(text, [name]))
    if not isinstance(table, dict):
        hint = f"begin a table with [{name}], and write argv below it"
        raise SddError(f"{place}: {name} should be a table, and is {_shown(table)}", hint=hint)
    if name in TAKEN:
        hint = f"choose another name, such as [my-{name}]"
        raise SddError(f"{place}: {name} is a provider of sdd's own", hint=hint)
    if not name.replace("-", "").isalnum() or not name.isascii():
        hint = "write it like [my-agent]"
        raise SddError(f"{place}: {name!r} is no name for a provider: it may have {_NAME}", hint=hint)
    like = table.get("like", name)
    if "like" in table and like not in _shipped():
        right = nearest(str(like), list(_shipped())) or ", ".join(sorted(_shipped()))
        place = _place(path, _line(text, [name, "like"]))
        message = f"{place}: {name}.like is {_shown(like)}, and there is no shipped preset of that name"
        raise SddError(message, hint=f"choose {right}")
    return {**_shipped().get(like, {}), **{key: value for key, value in table.items() if key != "like"}}


def _checked(name: str, table: Mapping[str, Any], path: Path, text: str) -> Preset:
    from pydantic import ValidationError

    from sdd.llm.preset_form import Preset

    try:
        return Preset.model_validate(table)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        # A misspelt key says more than the one that is missing for it, and of a word that may be a list too pydantic
        # says both what is wrong with it and that it is no list.
        rank = {"extra_forbidden": 0, "list_type": 2}
        told = sorted(
            (_line(text, [name, *_keys(one)]), rank.get(one["type"], 1), *_told(name, one)) for one in errors
        )
        line, _, message, hint = told[0]
        raise SddError(f"{_place(path, line)}: {message}", hint=hint) from None


def _keys(details: ErrorDetails) -> list[str]:
    """The way to the wrong value, without what pydantic adds to tell the arms of a union apart."""
    return [part for part in details["loc"] if isinstance(part, str) and part.isidentifier()]


def _told(name: str, details: ErrorDetails) -> tuple[str, str]:
    """One error of pydantic's in our words: the message and the hint."""
    keys = [str(part) for part in details["loc"] if isinstance(part, int) or part.isidentifier()]
    place = ".".join([name, *keys])
    fields = _fields(_keys(details)[:-1])
    if details["type"] == "extra_forbidden":
        right = nearest(keys[-1], list(fields))
        return f"{place} is no key of a preset", (
            f"write {right} instead" if right else f"remove it; the keys are {', '.join(sorted(fields))}"
        )
    if details["type"] == "missing":
        return f"{place} is missing", f"add {keys[-1]}: {fields[keys[-1]]}"
    wish = details["msg"]
    for start in ("Input ", "String ", "List ", "Value error, "):
        wish = wish.removeprefix(start)
    if not keys:
        return f"{name} {wish}", "sdd schema providers shows the form, docs/reference/providers.md an example"
    meant = fields.get(_keys(details)[-1], "")
    hint = f"write {_keys(details)[-1]}: {meant}" if meant else "sdd schema providers shows the form"
    return f"{place} is {_shown(details['input'])}, but {wish}", hint


def _fields(keys: list[str]) -> dict[str, str]:
    """The keys of the table at that place, and what each means."""
    from sdd.llm.preset_form import Pick, Preset, Problem, UsageForm

    below: dict[str, type[BaseModel]] = {"usage": UsageForm, "problems": Problem}
    form: type[BaseModel] = Preset
    for key in keys:
        form = below.get(key, Pick)
    return {key: field.description or "" for key, field in form.model_fields.items()}


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def _line(text: str, keys: list[str]) -> int:
    from sdd.settings import line_of

    return line_of(text, keys)


def _place(path: Path, line: int) -> str:
    return f"{path}:{line}" if line else str(path)
