"""Which classes of a project would make a contract: public ones with typed methods, those first that most modules use."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sdd.existing.modules import uses
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sdd.existing.modules import Module

Method = ast.FunctionDef | ast.AsyncFunctionDef

MOST = 12
"""How many contracts are proposed: more than a person reads carefully would be accepted unread."""
VALUES = ("dataclass", "attrs", "define", "frozen", "s", "total_ordering")
"""Decorators of classes that hold values: others may rely on all of them, so there is nothing to promise."""
NO_CONTRACTS = (
    "Error",
    "Exception",
    "Warning",
    "Enum",
    "Flag",
    "NamedTuple",
    "TypedDict",
    "BaseModel",
    "TestCase",
)
"""How the bases of such classes, of errors and of tests end."""
CONTRACTS = ("Protocol", "ABC")
KEPT = ("property", "staticmethod", "classmethod")


class Candidate(Value):
    """A class that would make a contract: the methods that it promises, and the names of those that it cannot, being untyped."""

    module: Module
    node: ast.ClassDef
    methods: tuple[Method, ...]
    untyped: tuple[str, ...]
    users: int

    @property
    def name(self) -> str:
        """The class's name."""
        return self.node.name

    @property
    def contract(self) -> str:
        """The contract's name: `ICart` for `Cart`."""
        name = self.node.name
        return name if name[:1] == "I" and name[1:2].isupper() else f"I{name}"


def candidates(known: Sequence[Module]) -> list[Candidate]:
    """The classes that other modules use, those first that most of them do; at most `MOST`."""
    used = uses(known)
    found = [
        Candidate(module, node, methods, untyped, len(used.users(module.path, node.name)))
        for module in known
        for node, methods, untyped in _fit(module.tree.body)
    ]
    ranked = sorted(found, key=lambda one: (-one.users, one.module.path, one.name))
    return [one for one in ranked if one.users][:MOST]


def existing_contracts(known: Iterable[Module]) -> list[tuple[str, str]]:
    """Protocols and abstract classes that are there already: path and name."""
    return [
        (module.path, node.name)
        for module in known
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and _ends(node.bases, CONTRACTS)
    ]


def _fit(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.ClassDef, tuple[Method, ...], tuple[str, ...]]]:
    for node in body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_") or _is_no_contract(node):
            continue
        methods = [one for one in node.body if isinstance(one, Method) and not one.name.startswith("_")]
        typed = tuple(one for one in methods if is_typed(one) and _is_plain(one))
        if typed:
            names = {one.name for one in typed}
            yield node, typed, tuple(sorted({one.name for one in methods} - names))


def _is_no_contract(node: ast.ClassDef) -> bool:
    decorators = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return _ends(decorators, VALUES) or _ends(node.bases, (*NO_CONTRACTS, *CONTRACTS))


def _ends(nodes: Iterable[ast.expr], names: tuple[str, ...]) -> bool:
    """Whether one of these names ends like one of those: `enum.StrEnum` like `Enum`; decorators are short words, and equal them."""
    last = [ast.unparse(node).partition("[")[0].rpartition(".")[2] for node in nodes]
    return any(one == name or (name[0].isupper() and one.endswith(name)) for one in last for name in names)


def is_typed(method: Method) -> bool:
    """Whether every parameter, `self` and `cls` apart, and the result have a type."""
    given = method.args
    first = 0 if _decorators(method) & {"staticmethod"} else 1
    plain = [*given.posonlyargs, *given.args][first:]
    others = [one for one in (given.vararg, given.kwarg) if one]
    return method.returns is not None and all(one.annotation for one in (*plain, *given.kwonlyargs, *others))


def _is_plain(method: Method) -> bool:
    """Whether a method is called as it is written: what a decorator that is not known makes of it, nobody can tell by reading."""
    return _decorators(method) <= {*KEPT, "override", "final"}


def _decorators(method: Method) -> set[str]:
    return {ast.unparse(one).rpartition(".")[2] for one in method.decorator_list}
