"""The symbols of a Python module: which lines hold which class, function, method or constant."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
"""Where the statements inside a statement stand."""
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
VARIABLES = {"Assign": "targets", "AnnAssign": "target", "TypeAlias": "name"}
"""The statements that name a variable or a type (`TypeAlias` since Python 3.12), and where they do."""
TOO_DEEP = "it is nested too deeply, or holds a null byte"


class Symbol(Value):
    """A definition: its dotted name (`Cart.add`) and its lines, from its first decorator, counted from 1."""

    name: str
    first_line: int
    last_line: int


def symbols(source: str, path: str = "") -> list[Symbol]:
    """The definitions of a module and of its classes, in the order of their lines; also those in `if`, `try` and `with`.

    A name that is defined several times, as an overloaded function is, appears as often. The string below a variable
    is its docstring and belongs to it.

    Raises:
        SddError: the source is no Python that can be read; the message names `path` and the line.
    """
    return _defined(source, path)


def _defined(source: str, path: str, wanted: str = "") -> list[Symbol]:
    """The definitions; where one is wanted, only those of its name, and of what may hold it."""
    found: list[Symbol] = []
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    agenda: list[tuple[str, Sequence[ast.AST]]] = [("", parsed(source, path).body)]
    while agenda:  # no recursion: a long chain of `elif` is as deep as it is long
        prefix, block = agenda.pop()
        for node, after in zip(block, [*block[1:], None], strict=False):
            if isinstance(node, ast.stmt):  # and no `except` or `case`
                names = [prefix + name for name in _names(node)]
                named = (name for name in names if _leads(f"{name}.", wanted))
                found += [Symbol(name, *_lines(node, after, lines)) for name in named]
            agenda += [
                (prefix + scope, inside) for scope, inside in blocks(node) if _leads(prefix + scope, wanted)
            ]
    return sorted(found, key=lambda one: (one.first_line, -one.last_line))


def _leads(prefix: str, wanted: str) -> bool:
    return not wanted or f"{wanted}.".startswith(prefix)


def symbol(source: str, name: str, path: str = "") -> Symbol:
    """The lines of the one definition that a dotted name means: of all its overloads, where nothing stands between them.

    Raises:
        SddError: there is no such definition, or several stand apart, or the source cannot be read.
    """
    known = _defined(source, path, name)
    found = [one for one in known if one.name == name]
    if len(found) != 1:  # what else there is has to be told, or stands between them
        known = symbols(source, path)
    if not found:
        raise SddError(
            f"{path} has no class, function or constant {name!r}", hint=_instead(known, name, path)
        )
    first, last = found[0].first_line, max(one.last_line for one in found)
    inside = [one.name for one in known if first <= one.first_line <= last]
    if len(found) > 1 and any(one != name and not one.startswith(name + ".") for one in inside):
        lines = ", ".join(str(one.first_line) for one in found)
        choice = " or ".join(f"{path}:{one.first_line}-{one.last_line}" for one in found)
        raise SddError(f"{path} has several definitions {name!r}: lines {lines}", hint=f"write {choice}")
    return Symbol(name, first, last)


@lru_cache(maxsize=8)  # for one symbol a module is asked three times
def parsed(source: str, path: str) -> ast.Module:
    """The tree of a module, which nobody may change.

    Raises:
        SddError: the source is no Python that can be read; the message names `path` and the line.
    """
    line, problem = 1, TOO_DEEP
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape in a string is not ours to tell
            return ast.parse(source)
    except SyntaxError as error:
        line, problem = error.lineno or 1, error.msg
    except (ValueError, RecursionError, MemoryError):
        pass  # a null byte (up to Python 3.11.3), or brackets and operators without end
    raise SddError(
        f"{path}:{line} is no Python that can be read: {problem}", hint=f"write lines, like {path}:10-40"
    )


def _names(node: ast.stmt) -> list[str]:
    """The names that a statement defines."""
    if isinstance(node, DEFINITIONS):
        return [node.name]
    target = getattr(node, VARIABLES.get(type(node).__name__, ""), ())
    targets = target if isinstance(target, list) else [target] if target else []
    inner = (one for each in targets for one in ast.walk(each))
    return [one.id for one in inner if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]


def blocks(node: ast.AST) -> list[tuple[str, list[ast.AST]]]:
    """The blocks of a statement that define names for others, each with what goes in front of the names."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return []
    scope = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
    return [(scope, getattr(node, name)) for name in BLOCKS if isinstance(getattr(node, name, None), list)]


def _lines(node: ast.stmt, after: ast.AST | None, lines: Sequence[str]) -> tuple[int, int]:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    while 1 < first < node.lineno and not lines[first - 1].lstrip().startswith("@"):
        first -= 1  # `@(` stands above the expression that it opens
    ends = node
    if type(node).__name__ in VARIABLES and isinstance(after, ast.Expr) and _is_text(after.value):
        ends = after
    return first, ends.end_lineno or first


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _instead(known: Sequence[Symbol], name: str, path: str) -> str:
    names = {one.name: one.name for one in known}
    names |= {
        one.rpartition(".")[2]: one
        for one in reversed(names)
        if "." in one and one.rpartition(".")[2] not in names
    }
    near = nearest(name, list(names))
    if near:
        return f"write {path}::{names[near]}"
    shown = ", ".join(list(names.values())[:10])
    return (
        f"write one of its definitions: {shown}"
        if shown
        else "write the path alone: the file defines nothing"
    )
