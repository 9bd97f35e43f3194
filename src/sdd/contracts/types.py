"""Types as text: brought to one form, and whether one fits where another is asked for, as far as can be told without running anything."""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING

from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST = 500  # characters of an annotation that is looked at: brackets in brackets go as deep
OLD = {
    "List": "list",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Tuple": "tuple",
    "Type": "type",
    "Text": "str",
    "Deque": "deque",
    "DefaultDict": "defaultdict",
    "AbstractSet": "Set",
    "NoneType": "None",
}
"""Names of `typing` that say what another one says today; only where they are imported from there."""
WRAPPERS = {"Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"}
ANYTHING = {"Any", "object"}
ABOVE: Mapping[str, tuple[str, ...]] = {
    "bool": ("int",),
    "int": ("float",),
    "float": ("complex",),
    "list": ("MutableSequence",),
    "deque": ("MutableSequence",),
    "MutableSequence": ("Sequence",),
    "tuple": ("Sequence",),
    "str": ("Sequence",),
    "bytes": ("Sequence",),
    "range": ("Sequence",),
    "Sequence": ("Collection", "Reversible"),
    "dict": ("MutableMapping",),
    "defaultdict": ("dict",),
    "OrderedDict": ("dict",),
    "Counter": ("dict",),
    "MutableMapping": ("Mapping",),
    "Mapping": ("Collection",),
    "set": ("MutableSet",),
    "frozenset": ("Set",),
    "MutableSet": ("Set",),
    "Set": ("Collection",),
    "Collection": ("Sized", "Iterable", "Container"),
    "Generator": ("Iterator",),
    "Reversible": ("Iterable",),
    "Iterator": ("Iterable",),
    "AsyncGenerator": ("AsyncIterator",),
    "AsyncIterator": ("AsyncIterable",),
    "Coroutine": ("Awaitable",),
}
"""What stands right above a type, as the language reference and `collections.abc` have it, int below float as PEP 484 does."""
READ_ONLY = {
    *(
        "Sequence",
        "Collection",
        "Reversible",
        "Iterable",
        "Iterator",
        "Container",
        "Set",
        "frozenset",
        "tuple",
    ),
    *("Mapping", "Awaitable", "AsyncIterable", "AsyncIterator", "type"),
}
"""Types whose arguments may be narrower, since nobody writes through them (the keys of a mapping aside)."""
STANDARD = {
    *(name for name in vars(builtins) if not name.startswith("_")),
    *ABOVE,
    *(name for names in ABOVE.values() for name in names),
    *("Hashable", "Callable", "None"),
}


class Scope(Value):
    """What the names of a file mean: `alias` gives what a name stands for, `above` the bases of a class, None where nobody knows."""

    alias: Callable[[str], str]
    above: Callable[[str], tuple[str, ...] | None]


class Type(Value):
    """A type in one form: its name and arguments; a union has the name "|" and its members sorted, without doubles."""

    name: str
    arguments: tuple[Type, ...] = ()

    def __str__(self) -> str:
        if self.name == "|":
            return " | ".join(map(str, self.arguments))
        inner = ", ".join(map(str, self.arguments))
        if self.name == "[]":
            return f"[{inner}]"
        return f"{self.name}[{inner}]" if self.arguments else self.name


def parsed(text: str, alias: Callable[[str], str] = str) -> Type | None:
    """A type from the text of an annotation; None where it is none, or too long to look at."""
    if not text.strip() or len(text) > MOST:
        return None
    try:
        return _type(ast.parse(text.strip(), mode="eval").body, alias)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _type(node: ast.expr, alias: Callable[[str], str]) -> Type:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return parsed(node.value, alias) or Type(repr(node.value))
    if isinstance(node, (ast.Name, ast.Attribute)):
        name = _name(node, alias)
        return Type(name) if name.isidentifier() else parsed(name) or Type(name)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return union(_type(node.left, alias), _type(node.right, alias))
    if isinstance(node, ast.List):
        return Type("[]", tuple(_type(one, alias) for one in node.elts))
    if isinstance(node, ast.Subscript):
        return _subscript(node, alias)
    return Type(ast.unparse(node))


def _name(node: ast.Name | ast.Attribute, alias: Callable[[str], str]) -> str:
    if isinstance(node, ast.Attribute):
        return OLD.get(node.attr, node.attr) if _is_typing(node.value, alias) else node.attr
    return alias(node.id)


def _is_typing(node: ast.expr, alias: Callable[[str], str]) -> bool:
    return isinstance(node, ast.Name) and alias(node.id) in {"typing", "typing_extensions"}


def _subscript(node: ast.Subscript, alias: Callable[[str], str]) -> Type:
    name = str(_type(node.value, alias))
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return union(*(Type(f"Literal[{ast.unparse(one)}]") for one in inner))
    arguments = tuple(_type(one, alias) for one in inner)
    if name in WRAPPERS:
        return arguments[0] if arguments else Type(name)
    if name == "Optional":
        return union(*arguments, Type("None"))
    return union(*arguments) if name == "Union" else Type(name, arguments)


def union(*members: Type) -> Type:
    """The union of some types, flat, each once, in one order."""
    flat = {str(one): one for each in members for one in (each.arguments if each.name == "|" else (each,))}
    if len(flat) == 1:
        return next(iter(flat.values()))
    return Type("|", tuple(flat[name] for name in sorted(flat, key=lambda name: (name == "None", name))))


def fits(
    one: Type | None, wanted: Type | None, above: Callable[[str], tuple[str, ...] | None]
) -> bool | None:
    """Whether whatever is of one type may stand where another is wanted; None where that can't be told."""
    if one is None or wanted is None:
        return None
    if one == wanted or wanted.name in ANYTHING:
        return True
    if one.name == "Any":
        return None
    if one.name == "|":
        return _all([fits(each, wanted, above) for each in one.arguments])
    if wanted.name == "|":
        return _any([fits(one, each, above) for each in wanted.arguments])
    return _single(one, wanted, above)


def _single(one: Type, wanted: Type, above: Callable[[str], tuple[str, ...] | None]) -> bool | None:
    if one.name.startswith("Literal["):
        return False if wanted.name.startswith("Literal[") else fits(_of_literal(one), wanted, above)
    below = _is_below(one.name, wanted.name, above)
    if not below:
        return below
    if not wanted.arguments or not one.arguments:
        return True if not wanted.arguments else None
    if one.name == wanted.name and wanted.name not in READ_ONLY:
        return _arguments([*one.arguments], [*wanted.arguments])
    pairs = list(zip(one.arguments, wanted.arguments, strict=False))
    if len(one.arguments) != len(wanted.arguments):  # tuple[int, ...] where Sequence[int] is wanted
        return None
    return _all([fits(its, other, above) for its, other in pairs])


def _arguments(one: list[Type], wanted: list[Type]) -> bool | None:
    """Of what can be written through, the arguments must be the same; those that differ in `Any` alone may be."""
    if len(one) != len(wanted):
        return None
    unlike = [(its, other) for its, other in zip(one, wanted, strict=True) if its != other]
    return None if all("Any" in f"{its} {other}" for its, other in unlike) else not unlike


def _of_literal(one: Type) -> Type | None:
    value = one.name.removeprefix("Literal[").removesuffix("]")
    try:
        return Type(type(ast.literal_eval(value)).__name__)
    except (ValueError, SyntaxError):  # a member of an enumeration
        return None


def _is_below(one: str, wanted: str, above: Callable[[str], tuple[str, ...] | None]) -> bool | None:
    seen: set[str] = set()
    waiting = [one]
    known = True
    while waiting:
        name = waiting.pop()
        if name == wanted:
            return True
        if name in seen:
            continue
        seen.add(name)
        bases = ABOVE.get(name, () if name in STANDARD else above(name))
        known = known and bases is not None
        waiting += bases or ()
    return False if known and _is_plain(wanted) else None


def _is_plain(name: str) -> bool:
    """Whether a name can be looked up: what is no name at all, as `Literal[1]`, or could be a protocol, is not told."""
    return name.isidentifier() and name not in {"Hashable", "Sized", "Callable", "Self"}


def _all(found: list[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _any(found: list[bool | None]) -> bool | None:
    return True if True in found else None if None in found else False


def awaited(text: str) -> str:
    """What is had by awaiting a type: the last argument of `Awaitable[int]` or `Coroutine[Any, Any, int]`; else the type itself."""
    head, bracket, _ = text.strip("'\"").partition("[")
    if not bracket or head.rpartition(".")[2] not in {"Awaitable", "Coroutine", "Future", "Task"}:
        return text
    one = parsed(text)
    return str(one.arguments[-1]) if one and one.arguments else text


def is_standard(module: str) -> bool:
    """Whether a module is Python's own."""
    return module.partition(".")[0] in sys.stdlib_module_names
