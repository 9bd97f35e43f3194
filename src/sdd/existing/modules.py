"""The Python modules of a project as their text tells of them: what each defines, and what of others each uses."""

from __future__ import annotations

import ast
import warnings
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.proposals import is_product, is_test, sources
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sdd.snapshot import Snapshot

MOST_BYTES = 1_000_000  # of a module; what is larger was generated
HOPS = 5  # from a package that hands a name on to where it is defined


class Module(Value):
    """A module: its path, its dotted name, its syntax tree, and what the names that it imports stand for (`C` → `shop.cart.C`)."""

    path: str
    name: str
    tree: ast.Module
    imported: Mapping[str, str]


def modules(snapshot: Snapshot) -> tuple[list[Module], list[str]]:
    """The modules of the product in order of their paths, its tests apart, and the paths of those that can't be read as Python."""
    product = (path for path in sources(snapshot) if is_product(path) and not is_test(path.name))
    paths = [str(path) for path in product if path.suffix == ".py" and "tests" not in path.parts]
    raw = [path.encode(errors="surrogateescape") for path in paths]
    found, unread = [], []
    for path, data in zip(paths, (_read(snapshot, one) for one in raw), strict=True):
        tree = _parsed(data)
        if tree is None:
            unread.append(path)
        else:
            name = _name(snapshot, PurePosixPath(path))
            found.append(Module(path, name, tree, _imported(tree, name, path)))
    return found, unread


def _read(snapshot: Snapshot, path: bytes) -> bytes:
    try:
        return snapshot.read(path)
    except SddError:  # its object is missing, as in a partial clone
        return b"\0"


def _parsed(data: bytes) -> ast.Module | None:
    if len(data) > MOST_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape in a string is not ours to tell
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _name(snapshot: Snapshot, path: PurePosixPath) -> str:
    """The name by which others import a module: from the top of its packages, or from below `src`."""
    parts = [*path.parts[:-1], *([] if path.stem == "__init__" else [path.stem])]
    top = len(path.parts) - 1
    while top and snapshot.is_file(_init(path.parts[:top])):
        top -= 1
    if top == len(path.parts) - 1 and path.parts[0] == "src":
        top = 1  # a package without `__init__.py`
    elif top == len(path.parts) - 1:
        top = 0
    return ".".join(parts[top:])


def _init(folder: tuple[str, ...]) -> bytes:
    return "/".join((*folder, "__init__.py")).encode(errors="surrogateescape")


def _imported(tree: ast.Module, name: str, path: str) -> dict[str, str]:
    """What each imported name stands for, wherever in the module the import is written."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            start = _absolute(node, name, is_package=path.endswith("__init__.py"))
            found |= {alias.asname or alias.name: f"{start}.{alias.name}" for alias in node.names}
    return found


def _absolute(node: ast.ImportFrom, name: str, *, is_package: bool) -> str:
    """The module that an import names, without the dots of a relative one."""
    if not node.level:
        return node.module or ""
    up = node.level - is_package
    around = name.split(".")[: -up or None]
    return ".".join([*around, *([node.module] if node.module else [])])


class Uses(Value):
    """Who uses which class: by the class's path and name, the paths of the modules that do."""

    of: Mapping[tuple[str, str], frozenset[str]]

    def users(self, path: str, name: str) -> frozenset[str]:
        """The paths of the modules, others than its own, that use a class."""
        return self.of.get((path, name), frozenset())


def uses(known: Iterable[Module]) -> Uses:
    """Who uses which class of these modules, be it through a package that hands its name on."""
    by_name = {module.name: module for module in known}
    defined = {module.path: _classes(module) for module in by_name.values()}
    found: dict[tuple[str, str], set[str]] = {}
    for module in by_name.values():
        for dotted in _used(module):
            home = _home(by_name, defined, dotted)
            if home and home[0] != module.path:
                found.setdefault(home, set()).add(module.path)
    return Uses({home: frozenset(users) for home, users in found.items()})


def _classes(module: Module) -> set[str]:
    return {one.name for one in module.tree.body if isinstance(one, ast.ClassDef)}


def _used(module: Module) -> set[str]:
    """The dotted names that a module imports, or reaches through what it imports: `shop.cart.Cart`.

    A package's `__init__` that only hands names on does not use them.
    """
    reached = {
        dotted
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        for dotted in _chain(module, node)
    }
    hands_on = module.path.endswith("__init__.py")
    return reached if hands_on else reached | set(module.imported.values())


def _chain(module: Module, node: ast.Attribute) -> Iterator[str]:
    """`cart.Cart` as `shop.cart.Cart`, where the module imports what the chain begins with."""
    names = [node.attr]
    below: ast.expr = node.value
    while isinstance(below, ast.Attribute):
        names.append(below.attr)
        below = below.value
    if isinstance(below, ast.Name) and below.id in module.imported:
        yield ".".join([module.imported[below.id], *reversed(names)])


def _home(
    by_name: Mapping[str, Module], defined: Mapping[str, set[str]], dotted: str
) -> tuple[str, str] | None:
    """The path and name of the class that a dotted name means."""
    for _ in range(HOPS):
        start, _, name = dotted.rpartition(".")
        module = by_name.get(start)
        if module is None:
            return None
        if name in defined[module.path]:
            return module.path, name
        if name not in module.imported:
            return None
        dotted = module.imported[name]
    return None
