"""Immutable values, compared and printed by their fields, at no cost to a hook's start.

`dataclasses` adds 11 ms to a start of 8 ms, `typing.NamedTuple` 7 ms; this module imports nothing.
To a type checker a `Value` is a frozen dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Self, dataclass_transform
else:

    def dataclass_transform(**_options):  # noqa: ANN003, ANN201 - the checker sees typing's own
        """Stand in for `typing.dataclass_transform`, which only a type checker reads."""
        return lambda cls: cls


@dataclass_transform(frozen_default=True)
class Value:
    """The base of every value: fields are the annotations, defaults the class's attributes.

    Raises:
        TypeError: a field is missing, given twice or unknown; or a value is changed.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _least: ClassVar[int] = 0  # so many fields have no default: the first ones

    def __init_subclass__(cls) -> None:
        own = [name for name in cls.__annotations__ if not name.startswith("_") and name not in cls._fields]
        cls._fields = fields = (*cls._fields, *own)
        least = len(fields)
        while least and hasattr(cls, fields[least - 1]):
            least -= 1
        cls._least = least

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fields = self._fields
        if kwargs or not self._least <= len(args) <= len(fields):
            self._check(args, kwargs)
            self.__dict__.update(kwargs)
        self.__dict__.update(zip(fields, args))  # noqa: B905 - to say `strict=False` takes a third of the time

    @classmethod
    def _check(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if len(args) > len(cls._fields):
            raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, got {len(args)} values")
        taken = kwargs.keys() - cls._fields[len(args) :]
        if taken:
            name = next(name for name in kwargs if name in taken)
            raise TypeError(f"{cls.__name__} has no free field {name!r}")
        for name in cls._fields[len(args) : cls._least]:
            if name not in kwargs:
                raise TypeError(f"{cls.__name__} needs {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        raise TypeError(f"{type(self).__name__} cannot be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise TypeError(f"{type(self).__name__} cannot be changed: {name}")

    def as_tuple(self) -> tuple[Any, ...]:
        """The values of all fields, in their order: what makes the same value again."""
        return self._values()

    def _values(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self._fields])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and type(other) is type(self) and other._values() == self._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({fields})"

    def replace(self, **changes: Any) -> Self:
        """The same value with some fields changed."""
        return type(self)(**{name: getattr(self, name) for name in self._fields} | changes)
