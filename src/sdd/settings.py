"""How a project likes to work: `sdd.toml`, read, checked and with all its defaults. Every key is optional."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.settings_form import Below, Choice, Commands, Table, Text, Usd, Whole, key
from sdd.settings_form import schema as schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

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


SECONDS = Whole(1, DAY_S)
TIMES = Whole(0, 20)


class Verify(Table):
    """`[verify]`: what must pass after a run."""

    commands: tuple[str, ...] = key(
        (),
        Commands(),
        "programs with arguments, run in this order; no shell; `python` is `python3` where only that is there",
    )
    timeout: int = key(600, SECONDS, "seconds that one command may take")
    fixes: int = key(
        3, TIMES, "how often a failure goes back to the model, each kind by itself; `[fixes]` says more"
    )


class Fixes(Table):
    """`[fixes]`: how often each kind of failure goes back to the model; what is not named, as often as `fixes` below `[verify]`."""

    responses: int | None = key(
        None, TIMES, "a response that cannot be read, or is not whole; none: as `fixes` below `[verify]`"
    )
    edits: int | None = key(
        None, TIMES, "an edit that does not match, a file that may not be written; none: the same"
    )
    lint: int | None = key(None, TIMES, "style and types, where all tests pass; none: the same")
    tests: int | None = key(None, TIMES, "tests, and every other command; none: the same")


class Spending(Table):
    """`[spending]`: what may be spent, in USD; `sdd next` stops before it would spend more."""

    run: Decimal | None = key(None, Usd(), "USD that one `sdd next` may spend, its fixes included")
    session: Decimal | None = key(None, Usd(), "USD that all runs of one session may cost")
    day: Decimal | None = key(None, Usd(), "USD that all calls of one day (UTC) may cost in this clone")
    unknown: Decimal | None = key(
        None,
        Usd(),
        "USD that a run of unknown cost counts for; none: where there is one, a bound cannot be judged",
    )


class Settings(Table):
    """The whole of `sdd.toml`."""

    format: int = key(1, Whole(1, 1), "the form of this file")
    provider: str = key("manual", Text(), "what answers prompts")
    model: str | None = key(None, Text(), "the provider's model; none: the provider's own choice")
    budget: int = key(
        150_000,
        Whole(1_000),
        "tokens that one prompt may take, as the provider counts them or else by estimate",
    )
    timeout: int = key(600, SECONDS, "seconds that one call of the provider may take")
    silence: int = key(120, SECONDS, "seconds without a sign of life before a call counts as dead")
    conversation: str = key(
        "fresh", Choice(("fresh", "shared")), "whether the sessions of a group share one conversation"
    )
    conversation_days: int = key(
        30, Whole(1, 3650), "days without use after which a conversation counts as expired"
    )
    prices: str | None = key(
        None,
        Text(),
        "a file with prices of models, laid over those that come with sdd; its path from the top",
    )
    verify: Verify = key(Verify(), Below(Verify))
    fixes: Fixes = key(Fixes(), Below(Fixes))
    spending: Spending = key(Spending(), Below(Spending))

    @property
    def bounds(self) -> dict[str, int]:
        """How often each kind of failure goes back to the model."""
        named = zip(self.fixes.fields(), self.fixes.as_tuple(), strict=True)
        return {kind: self.verify.fixes if bound is None else bound for kind, bound in named}


@lru_cache(maxsize=8)  # a command asks several times
def read(data: bytes | None, path: str = "sdd.toml") -> Settings:
    """The settings that these bytes hold; all defaults where there is no file (None).

    Raises:
        SddError: not TOML, or a key or value that `sdd.toml` does not know; the first such place is named.
    """
    text, content = _parsed(data, path) if data else ("", {})
    told = sorted((line_of(text, keys), fault) for keys, fault in _faults(Settings, content))
    for line, (message, hint) in told:
        raise SddError(f"{path}:{line}: {message}" if line else f"{path}: {message}", hint=hint)
    return Settings.of(content)


def schema() -> dict[str, Any]:
    """The JSON schema of `sdd.toml`, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema_of(Settings)


def chosen_provider(
    flag: str | None, environ: Mapping[str, str], session: str | None, settings: Settings
) -> str:
    """The provider's name: `--provider`, then `SDD_PROVIDER`, then the session's own, then `sdd.toml`.

    An empty name counts as none.
    """
    return flag or environ.get("SDD_PROVIDER") or session or settings.provider


def _parsed(data: bytes, path: str) -> tuple[str, dict[str, Any]]:
    import tomllib  # 10 ms, only where there is such a file

    try:
        text = data.decode("utf-8-sig")  # editors on Windows may begin a file with a byte order mark
        return text, tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SddError(f"{path}:{line}: this is not UTF-8", hint=f"save {path} as UTF-8") from None
    except (ValueError, RecursionError) as error:  # the latter: some hundred brackets in a row
        raise SddError(f"{path} is not TOML: {error}", hint=f"correct {path} at that place") from None


def _faults(
    form: type[Table], content: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    """What is wrong with a table: the keys that lead there, and the message with its hint."""
    known = form.fields()
    for name, value in content.items():
        keys = (*above, name)
        if name not in known:
            yield keys, (f"{'.'.join(keys)} is no key of this file", _instead(keys, known))
            continue
        for wrong, wish in known[name].kind.faults(value):
            message = f"{'.'.join(keys)} is {_shown(wrong)}, but {wish}"
            yield keys, (message, HINTS.get(".".join(keys)) or _hint(name, known[name].default))
        if name in form.below() and isinstance(value, dict):
            yield from _faults(form.below()[name], value, keys)


def _instead(keys: tuple[str, ...], known: Iterable[str]) -> str:
    if keys[0] == "providers":  # a project may name an agent, and not what is run by that name (decision 14)
        return "agents are told of in your own configuration: docs/reference/providers.md"
    right = nearest(keys[-1], list(known))
    return f"write {right} instead" if right else f"remove it; the keys are {', '.join(sorted(known))}"


def _shown(value: object) -> str:
    shown = str(value) if isinstance(value, Decimal) else repr(value)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def _hint(key: str, default: object) -> str:
    shown = 3 if key in Fixes.fields() else default if isinstance(default, int) else f'"{default or "…"}"'
    return f"write it like {key} = {shown}, or leave it out"


def line_of(text: str, keys: Sequence[str]) -> int:
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
