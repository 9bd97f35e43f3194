"""The keys of front matter: what there is, what each means, and whether a file's values fit; checks and schema come from here."""

from __future__ import annotations

from sdd.findings import Finding, nearest
from sdd.sessions.front_matter import render
from sdd.sessions.scalars import hidden, shown
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from sdd.sessions.front_matter import FieldValue, FrontMatter, Scalar

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Key(Value):
    """One key: `type` is "text", "flag", "number", "list" or "map"; `where` and `required` name kinds of file."""

    name: str
    type: str
    meaning: str
    where: tuple[str, ...] = ("session", "template")
    required: tuple[str, ...] = ()


class Table:
    """The keys that one kind of file may have, and those among them that it must have."""

    def __init__(self, where: str, keys: Iterable[Key]) -> None:
        self.where = where
        self.keys = tuple(keys)
        self.required = tuple(key for key in self.keys if where in key.required)
        self._by_name = {key.name: key for key in self.keys}

    def key(self, name: str) -> Key | None:
        """The key of that name."""
        return self._by_name.get(name)


_ALL = ("session", "template", "page")
KEYS = (
    Key("kind", "text", "The template, `sessions/templates/<kind>.md`.", ("session",), ("session",)),
    Key("role", "text", "Who the model acts as."),
    Key(
        "needs",
        "list",
        "Sessions that must be done, and gates (`gate:spec`) that must be open, before it runs.",
    ),
    Key(
        "reads",
        "list",
        "Context by selectors: `path`, `path#Heading`, `path::Symbol`, globs, `session:NAME`, `diff:A..B`.",
        _ALL,
    ),
    Key("interfaces", "list", "Selectors of the interfaces that the prompt shows verbatim."),
    Key("models", "list", "Selectors of the data models that the prompt shows."),
    Key(
        "configuration", "list", "Selectors of configuration, dependencies and events that the prompt shows."
    ),
    Key(
        "guidelines", "list", "Selectors of the rules that the prompt shows, beside those for every session."
    ),
    Key("implements", "map", "Contracts, each with what implements it: `cart.py::ICart: src/cart.py::Cart`."),
    Key("writes", "list", "Globs of what may be written; nothing else is written.", _ALL, ("page",)),
    Key("gate", "text", "The gate that its outputs must pass before the session counts as done."),
    Key("verify", "list", "Commands that must pass after a run.", _ALL),
    Key(
        "tests_first",
        "flag",
        "First a run that writes failing tests only, then one that makes them pass and may not touch them.",
    ),
    Key("provider", "text", "What answers the prompt, instead of the project's choice."),
    Key("model", "text", "The provider's model, instead of the project's choice."),
    Key("budget", "number", "How many tokens the prompt may take; see `sdd prompt --fit`."),
    Key("continues", "text", "A session whose conversation this one goes on with, instead of a fresh one."),
    Key("layer", "text", "For planning: foundation, core, integration or interface."),
    Key("group", "text", "For planning: a named module or phase."),
    Key("owner", "text", "For planning: the e-mail of whoever answers for it."),
    Key("risk", "text", "For planning: what may go wrong, in words."),
    Key(
        "effort",
        "text",
        "For planning: how much work it is: small, medium or large, or a number with a unit (`4h`, `2 days`, `1w`).",
    ),
    Key(
        "planned",
        "text",
        "Digests of what the plan's task said when `sdd plan` last wrote this session, to tell what people changed since.",
        ("session",),
    ),
)


SESSION, TEMPLATE, PAGE = (Table(where, (key for key in KEYS if where in key.where)) for where in _ALL)


def check(path: bytes, front: FrontMatter, table: Table) -> tuple[dict[str, FieldValue], tuple[Finding, ...]]:
    """The values that fit the table, and findings about all others (SDD105 to SDD108).

    A text or an item that was written as plain digits comes back as text. Where there is no front matter at all,
    the reader has said so already and nothing is added.
    """
    if not front.readable:
        return {}, ()
    values: dict[str, FieldValue] = {}
    findings: list[Finding] = []
    for name, field in front.fields.items():
        key = table.key(name)
        if key is None:
            findings.append(_unknown(path, name, field.line, table))
            continue
        value = _READ[key.type](field.value)
        if value is None:
            findings.append(_wrong(path, key, field.value, field.line))
            continue
        values[name] = value
        findings += outside(path, field.line, value) if name == "writes" and isinstance(value, tuple) else ()
    findings += _missing(path, front, table)
    return values, tuple(findings)


def _unknown(path: bytes, name: str, line: int, table: Table) -> Finding:
    known = [key.name for key in table.keys]
    like = nearest(name, known)
    hint = f"write `{like}`" if like else f"delete it; a {table.where} has {', '.join(known)}"
    return Finding("SDD105", path, line, f"`{name}` is no key of a {table.where}", hint)


def _missing(path: bytes, front: FrontMatter, table: Table) -> list[Finding]:
    return [
        Finding(
            "SDD107",
            path,
            1,
            f"the key `{key.name}` is missing",
            f"add `{_example(key, '')}`, {_within(key.meaning)}",
        )
        for key in table.required
        if key.name not in front.fields and key.name not in front.refused
    ]


def _within(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].removesuffix(".")


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value) or None


def _list(value: object) -> tuple[str, ...] | None:
    texts = tuple(map(_text, value)) if isinstance(value, tuple) else (None,)
    return None if None in texts else tuple(filter(None, texts))


def _map(value: object) -> dict[str, str] | None:
    texts = {name: _text(item) for name, item in value.items()} if isinstance(value, dict) else {"": None}
    fits = all(texts) and None not in texts.values()
    return {name: item for name, item in texts.items() if item} if fits else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


_READ: dict[str, Callable[[object], Any]] = {
    "text": _text,
    "list": _list,
    "map": _map,
    "flag": _flag,
    "number": _number,
}
_WANTED = {
    "text": "a text",
    "list": "a list of texts",
    "map": "a map of texts",
    "flag": "`true` or `false`",
    "number": "a number above 0",
}


def _wrong(path: bytes, key: Key, value: FieldValue, line: int) -> Finding:
    """A value of the wrong type, and the right form made of what is there."""
    got = _rendered(key.name, value).replace("\n", " ")
    short = got if len(got) <= 60 else got[:59] + "…"  # noqa: PLR2004 - what a line of a terminal has room for
    message = f"`{short}` is {_named(value)}, but `{key.name}` is {_WANTED[key.type]}"
    return Finding("SDD106", path, line, message, f"write `{_example(key, value)}`")


def _named(value: FieldValue) -> str:
    """What a value is, for people."""
    if value in ("", (), {}):
        return "empty"
    name = {bool: "a flag", int: "a number", str: "a text", tuple: "a list", dict: "a map"}[type(value)]
    if isinstance(value, dict) and "" in value:
        return f"{name} with an empty name"
    odd = next((item for item in _items(value) if _text(item) is None), None)
    if odd is None or odd is value:
        return name
    return f"{name} with {'an empty text' if odd == '' else 'a flag'}"


def _items(value: FieldValue) -> tuple[Scalar, ...]:
    if isinstance(value, dict):
        return tuple(value.values())
    return value if isinstance(value, tuple) else (value,)


def _example(key: Key, value: FieldValue) -> str:
    """The key in its right form, with the value in it as far as it can be turned into that form."""
    words = tuple(str(item).lower() if isinstance(item, bool) else str(item) or "…" for item in _items(value))
    names = value if isinstance(value, dict) else ["name"]
    forms: dict[str, FieldValue] = {
        "text": next(iter(words), "…"),
        "list": words,
        "map": {name or "name": word for name, word in zip(names, words or ("…",), strict=False)},
        "flag": str(value).lower() not in {"no", "n", "off", "0"},
        "number": 100_000,
    }
    return _rendered(key.name, forms[key.type])


def _rendered(name: str, value: FieldValue) -> str:
    return render({name: value}).removeprefix("---\n").removesuffix("\n---\n")


def outside(path: bytes, line: int, writes: tuple[str, ...]) -> list[Finding]:
    """Globs, written on that line, that could not be meant for files of this project (SDD108)."""
    hint = "write a path from the top of the project, as `src/shop/**`"
    return [
        Finding("SDD108", path, line, f"`{_as_written(glob)}` in `writes` {why}", hint)
        for glob in writes
        if (why := _why(glob))
    ]


def _as_written(glob: str) -> str:
    """A glob as front matter has it; one from elsewhere may hold what front matter cannot."""
    return shown(glob) if hidden(glob) else _rendered("writes", glob).removeprefix("writes: ")


def _why(glob: str) -> str:
    parts = glob.split("/")
    folded = [part.rstrip(". ") for part in glob.casefold().split("/")]
    if glob.startswith(("/", "~")) or glob[1:2] == ":":
        return "is no path inside the project"
    if "\\" in glob or "\n" in glob or hidden(glob):
        return "holds a character that no path should have"
    if not all(parts) or not {".", ".."}.isdisjoint(parts):
        return "is not written the shortest way, without `.`, `..`, `//` and a last `/`"
    if folded[0] == ".sdd" or ".git" in folded:
        return "lies in `.git` or `.sdd`, where no session writes"
    return ""


def schema(table: Table) -> dict[str, Any]:
    """The table as JSON Schema 2020-12, for editors and other tools."""
    return {
        "$schema": DIALECT,
        "title": f"Front matter of a {table.where}",
        "type": "object",
        "properties": {key.name: {"description": key.meaning, **_shape(key.type)} for key in table.keys},
        "required": [key.name for key in table.required],
        "additionalProperties": False,
    }


def _shape(kind: str) -> dict[str, Any]:
    text = {"type": ["string", "integer"], "minLength": 1}
    shapes: dict[str, dict[str, Any]] = {
        "text": text,
        "list": {"type": "array", "items": text},
        "map": {"type": "object", "propertyNames": {"minLength": 1}, "additionalProperties": text},
        "flag": {"type": "boolean"},
        "number": {"type": "integer", "minimum": 1},
    }
    return shapes[kind]
