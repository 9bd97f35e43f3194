"""The imports of a Python module that a part of it needs, found in its text alone: nothing is run."""

from __future__ import annotations

import ast
import io
from typing import TYPE_CHECKING

from sdd.prompts.python import BLOCKS, blocks, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IMPORTS = (ast.Import, ast.ImportFrom)
ANNOTATED = (ast.arg, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef)
ANNOTATIONS = ("annotation", "returns")
"""Where a name may stand in quotes: `def add(self, cart: "Cart") -> "Cart"`."""


def imports(source: str, first_line: int, last_line: int, path: str = "") -> str:
    """The import statements of a module that the definitions on these lines (from 1, both inclusive) use, in their order.

    Each is verbatim, a long one on all its lines, without the indentation of a block around it; one that gives all
    names (`*`) is taken for used, since nobody knows what it gives. Empty where none is used.

    Raises:
        SddError: the source is no Python that can be read; the message names `path`.
    """
    tree = parsed(source, path)
    known = [one for one in _imports(tree) if not first_line <= one.lineno <= last_line]
    if not known:
        return ""
    used = _used(_between(tree, first_line, last_line))
    found = [one for one in known if not used.isdisjoint(_bound(one)) or "*" in _bound(one)]
    lines = io.StringIO(source, newline="").readlines()
    return "".join(f"{_text(lines, one)}\n" for one in sorted(found, key=lambda one: one.lineno))


def _text(lines: Sequence[str], one: ast.stmt) -> str:
    """A statement as it stands; `ast.get_source_segment` takes all of a module apart, character by character, to tell it."""
    first, last = one.lineno - 1, one.end_lineno or one.lineno
    whole = "".join(lines[first:last]).encode()
    end = len(whole) - len(lines[last - 1].encode()) + (one.end_col_offset or 0)
    return whole[one.col_offset : end].decode()


def names(source: str, first_line: int, last_line: int, path: str = "") -> set[str]:
    """The names that the definitions on these lines use.

    Raises:
        SddError: as `imports`.
    """
    return _used(_between(parsed(source, path), first_line, last_line))


def _between(tree: ast.Module, first_line: int, last_line: int) -> Iterator[ast.stmt]:
    """The statements on these lines, the outermost ones; a place inside an f-string would not do (Python 3.11 tells wrong ones)."""
    agenda: list[ast.AST] = [tree]
    while agenda:
        for node in _statements(agenda.pop()):
            if isinstance(node, ast.stmt) and first_line <= node.lineno <= last_line:
                yield node
            elif not isinstance(node, ast.stmt) or node.lineno < first_line <= (node.end_lineno or 0):
                agenda.append(node)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in the blocks of a statement: statements, and each `except` and `case`."""
    for name in BLOCKS:
        block = getattr(node, name, ())
        yield from block if isinstance(block, list) else ()


def _used(statements: Iterator[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ANNOTATED):
            found |= {name for where in ANNOTATIONS for name in _quoted(getattr(node, where, None))}
    return found


def _quoted(annotation: ast.AST | None) -> Iterator[str]:
    """The names inside the texts of an annotation."""
    for node in ast.walk(annotation) if annotation else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                tree = ast.parse(node.value.strip(), mode="eval")
            except (SyntaxError, ValueError, RecursionError, MemoryError):  # a text of `Literal`, and no type
                continue
            yield from (one.id for one in ast.walk(tree) if isinstance(one, ast.Name))


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a module and its classes, also those in `if`, `try` and `with`, and none inside a function."""
    agenda: list[Sequence[ast.AST]] = [tree.body]
    while agenda:
        for node in agenda.pop():
            if isinstance(node, IMPORTS):
                yield node
            agenda += [inner for _, inner in blocks(node)]


def _bound(one: ast.Import | ast.ImportFrom) -> set[str]:
    """The names that an import gives."""
    return {
        alias.asname or (alias.name.partition(".")[0] if isinstance(one, ast.Import) else alias.name)
        for alias in one.names
    }
