"""Owns the way to a place in JSON: `item.text`, `stats.models.*.tokens`, `content.0.text`; pure, whatever JSON came.

A path is names joined by dots. A number also counts into a list, `*` is every member of a list or object. A name that
holds a dot itself is reached by `*` alone, which is all that the agents' outputs need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def found(value: Any, path: str) -> list[Any]:
    """All that stands there, in the order of the file; nothing where the shape is another. null counts as nothing."""
    at = [value]
    for name in path.split("."):
        at = [member for each in at for member in _members(each, name)]
    return [each for each in at if each is not None]


def fits(value: Any, where: Mapping[str, str | int | bool]) -> bool:
    """Whether each of the paths leads to exactly that value; `1` is not `true`."""
    return all(
        any(type(each) is type(wanted) and each == wanted for each in found(value, path))
        for path, wanted in where.items()
    )


def _members(value: Any, name: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if name == "*" else [value[name]] if name in value else []
    if isinstance(value, list):
        if name == "*":
            return value
        if name.isascii() and name.isdigit() and len(name) < 10:  # noqa: PLR2004 - int() refuses thousands of digits
            return value[int(name) :][:1]
    return []
