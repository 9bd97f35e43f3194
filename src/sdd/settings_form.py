"""The form of `sdd.toml`: what a value may be, told by a table's keys to the reader, to people and to editors alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar, Self, TypeVar

    Default = TypeVar("Default")


class Kind(Value, ABC):
    """What a value may be."""

    @abstractmethod
    def faults(self, value: Any) -> Iterator[tuple[Any, str]]:
        """What is wrong with a value that TOML gave: the value or an item of it, and what that should be."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""

    def read(self, value: Any) -> Any:
        """A value without faults, as a table has it."""
        return value


class Whole(Kind):
    """A whole number, within its bounds."""

    least: int
    most: int | None = None

    def faults(self, value: Any) -> Iterator[tuple[Any, str]]:
        """A number outside of the bounds, or anything else."""
        if type(value) is not int:
            yield value, "should be a valid integer"
        elif value < self.least:
            yield value, f"should be greater than or equal to {self.least}"
        elif self.most is not None and value > self.most:
            yield value, f"should be less than or equal to {self.most}"

    def schema(self) -> dict[str, Any]:
        """An integer with its bounds."""
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": "integer"} | {name: bound for name, bound in bounds.items() if bound is not None}


class Text(Kind):
    """A text that is not empty."""

    def faults(self, value: Any) -> Iterator[tuple[Any, str]]:
        """An empty text, or anything else."""
        if not isinstance(value, str):
            yield value, "should be a valid string"
        elif not value:
            yield value, "should have at least 1 character"

    def schema(self) -> dict[str, Any]:
        """A string with its least length."""
        return {"type": "string", "minLength": 1}


class Choice(Kind):
    """One of two words or more."""

    words: tuple[str, ...]

    def faults(self, value: Any) -> Iterator[tuple[Any, str]]:
        """Any other word or value."""
        if value not in self.words:
            *others, last = map(repr, self.words)
            yield value, f"should be {', '.join(others)} or {last}"

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"type": "string", "enum": list(self.words)}


class Usd(Kind):
    """An amount in USD, from zero; TOML's numbers with a point come as decimals, so that no cent is lost."""

    def faults(self, value: Any) -> Iterator[tuple[Any, str]]:
        """What is below zero, so large that a float could not hold it, or anything else."""
        if type(value) not in {int, Decimal}:
            yield value, "should be an amount in USD"
        elif not isfinite(Decimal(value)):
            yield value, "should be a finite number"
        elif value < 0:
            yield value, "should be greater than or equal to 0"

    def read(self, value: int | Decimal) -> Decimal:
        """The amount as a decimal."""
        return Decimal(value)

    def schema(self) -> dict[str, Any]:
        """A number with its least."""
        return {"type": "number", "minimum": 0}


class Commands(Kind):
    """Programs with their arguments, a line each; quotes work as in a shell, nothing else of a shell does."""

    def faults(self, value: Any) -> Iterator[tuple[Any, str]]:
        """Each line that no program could be started by, or anything else."""
        if not isinstance(value, list):
            yield value, "should be a valid list"
            return
        for line in value:
            fault = _command_fault(line) if isinstance(line, str) else "should be a valid string"
            if fault:
                yield line, fault

    def read(self, value: list[str]) -> tuple[str, ...]:
        """The lines."""
        return tuple(value)

    def schema(self) -> dict[str, Any]:
        """A list of strings."""
        return {"type": "array", "items": {"type": "string"}}


def _command_fault(line: str) -> str:
    import shlex  # with `re`, 5 ms

    try:
        words = shlex.split(line)
    except ValueError as error:
        return f"should have its quotes closed ({error})"
    return "" if words and "\0" not in line else "should name a program"


class Below(Kind):
    """A table below this one."""

    form: type[Table]

    def faults(self, value: Any) -> Iterator[tuple[Any, str]]:
        """Anything that is no table; what stands in it is looked at by itself."""
        if not isinstance(value, dict):
            yield value, "should be a table"

    def read(self, value: dict[str, Any]) -> Table:
        """The table."""
        return self.form.of(value)

    def schema(self) -> dict[str, Any]:
        """Where the table is described."""
        return {"$ref": f"#/$defs/{self.form.__name__}"}


class Key(Value):
    """One key: what its value may be, what it is where nothing is said, and what it means."""

    kind: Kind
    default: Any
    meaning: str = ""


def key(default: Default, kind: Kind, meaning: str = "") -> Default:
    """Declare a key of a table; to a type checker it is its default."""
    return cast("Default", Key(kind, default, meaning))


class Table(Value):
    """A table of `sdd.toml`, each of its fields declared by `key`."""

    _keys: ClassVar[Mapping[str, Key]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._keys = {name: vars(cls)[name] for name in cls._fields}
        for name, one in cls._keys.items():
            setattr(cls, name, one.default)

    @classmethod
    def fields(cls) -> Mapping[str, Key]:
        """The keys by name, in their order."""
        return cls._keys

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """The table that TOML's makes, which has no faults."""
        return cls(**{name: cls._keys[name].kind.read(value) for name, value in content.items()})

    @classmethod
    def below(cls) -> dict[str, type[Table]]:
        """The tables below this one, by name."""
        return {name: one.kind.form for name, one in cls._keys.items() if isinstance(one.kind, Below)}


def schema(form: type[Table]) -> dict[str, Any]:
    """A table, and those below it, as JSON Schema; names in the order of the alphabet, keys in their own."""
    whole = _described(form)
    tables = sorted(form.below().values(), key=lambda one: one.__name__)
    return {"$defs": {one.__name__: _described(one) for one in tables}} | whole


def _described(form: type[Table]) -> dict[str, Any]:
    return {
        "additionalProperties": False,
        "description": form.__doc__,
        "properties": {name: _property(name, one) for name, one in form.fields().items()},
        "title": form.__name__,
        "type": "object",
    }


def _property(name: str, one: Key) -> dict[str, Any]:
    if isinstance(one.default, Table):
        return one.kind.schema() | {
            "default": dict(zip(one.default.fields(), one.default.as_tuple(), strict=True))
        }
    shape = one.kind.schema()
    if one.default is None:
        shape = {"anyOf": [_sorted(shape), {"type": "null"}]}
    default = list(one.default) if isinstance(one.default, tuple) else one.default
    about = {"default": default, "description": one.meaning, "title": name.replace("_", " ").title()}
    return _sorted(shape | about)


def _sorted(shape: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(shape.items()))
