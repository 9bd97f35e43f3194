"""Which errors a function raises by its own words: its `raise` statements, and those of what it calls in the same file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_CALLS = 500
QUIET = {
    *(
        "len",
        "isinstance",
        "issubclass",
        "str",
        "int",
        "float",
        "repr",
        "bool",
        "bytes",
        "format",
        "hash",
        "id",
        "type",
    ),
    *(
        "list",
        "dict",
        "set",
        "tuple",
        "frozenset",
        "sorted",
        "reversed",
        "enumerate",
        "zip",
        "range",
        "map",
        "filter",
    ),
    *(
        "sum",
        "min",
        "max",
        "abs",
        "round",
        "any",
        "all",
        "print",
        "super",
        "callable",
        "hasattr",
        "getattr",
        "setattr",
    ),
}
"""Functions of Python's own that raise nothing that a contract would speak of."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
BUGS = {"NotImplementedError", "AssertionError", "StopIteration", "StopAsyncIteration", "SystemExit"}
"""What is raised to say that the program itself is wrong, or ends: nobody promises those."""


class Raised(Value):
    """The errors by name, each with the line of its `raise`; `whole` is False where something is called that nobody can look into."""

    errors: Mapping[str, int]
    whole: bool


def raised(functions: Mapping[str, ast.stmt], name: str, owners: Sequence[str] = ()) -> Raised:
    """What the function of that dotted name raises; `owners` are the classes in whose methods `self.x()` is looked for."""
    errors: dict[str, int] = {}
    whole = name in functions
    waiting, seen = [name], {name}
    while waiting and len(seen) < MOST_CALLS:
        node = functions.get(waiting.pop())
        for found in _spoken(node, frozenset()) if node else ():
            if isinstance(found, tuple):
                errors.setdefault(*found)
                continue
            called = next((one for one in _meant(found, owners, name) if one in functions), "")
            whole = whole and (bool(called) or _is_quiet(found))
            if called and called not in seen:
                seen.add(called)
                waiting.append(called)
    return Raised(
        {error: line for error, line in errors.items() if error not in BUGS and error},
        whole and "" not in errors,
    )


def _spoken(node: ast.AST, caught: frozenset[str]) -> Iterator[tuple[str, int] | ast.Call]:
    """Each raise, as the error's name ("" where it is no name) with its line, and each call; what is caught here left out."""
    agenda: list[tuple[ast.AST, frozenset[str]]] = [(each, caught) for each in getattr(node, "body", ())]
    while agenda:
        one, handled = agenda.pop()
        if isinstance(one, FUNCTIONS):
            continue
        if isinstance(one, ast.Raise):
            name = _error(one.exc)
            if one.exc is not None and name not in handled and not {"Exception", "BaseException"} & handled:
                yield name, one.lineno
        elif isinstance(one, ast.Call):
            yield one
        inside = one.body if isinstance(one, (ast.Try, ast.TryStar)) else []
        inner = handled | _handled(one)
        agenda += [(each, inner if each in inside else handled) for each in ast.iter_child_nodes(one)]


def _handled(node: ast.AST) -> frozenset[str]:
    handlers = getattr(node, "handlers", ())
    names = [one for handler in handlers for one in _caught(handler.type)]
    return frozenset(names)


def _caught(node: ast.expr | None) -> list[str]:
    if node is None:
        return ["BaseException"]
    return [_error(one) for one in (node.elts if isinstance(node, ast.Tuple) else [node])]


def _error(node: ast.expr | None) -> str:
    """The name of an error as it is raised or caught; "" where it is in a variable, or made by something else."""
    made = node.func if isinstance(node, ast.Call) else node
    name = made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""
    return name if name[:1].isupper() else ""


def _meant(call: ast.Call, owners: Sequence[str], asker: str) -> list[str]:
    """The functions of the same file that a call may mean, by dotted name."""
    made = call.func
    if isinstance(made, ast.Name):
        return [made.id, f"{made.id}.__init__"]
    if isinstance(made, ast.Attribute) and _is_self(made.value):
        found = [f"{owner}.{made.attr}" for owner in owners]
        return [one for one in found if one != asker] if isinstance(made.value, ast.Call) else found
    return []


def _is_self(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


def _is_quiet(call: ast.Call) -> bool:
    """Whether a call raises nothing by itself: one of Python's own functions, or an error that is made."""
    return isinstance(call.func, ast.Name) and (
        call.func.id in QUIET or call.func.id.endswith(("Error", "Exception"))
    )
