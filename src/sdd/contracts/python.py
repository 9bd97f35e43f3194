"""Reads a Python file statically, with griffe: nothing of it is imported or run, no extension loaded, nothing looked up."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from sdd.contracts.interface import ATTRIBUTE, METHOD, PROPERTY, Class, Imported, Member, Module, Parameter

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any

    import griffe

STYLES = ("google", "numpy", "sphinx")
TOO_DEEP = "it is nested too deeply"


def module(path: bytes, source: str, above: int = 0) -> Module:
    """What a file holds; `above` is how many lines stand above its source. Never raises: what cannot be read has a `problem`."""
    line, problem = 0, TOO_DEEP
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape in a string is not ours to tell
            return _module(path, source, above)
    except SyntaxError as error:
        line, problem = error.lineno or 0, error.msg
    except (RecursionError, MemoryError):  # brackets or operators without end
        pass
    except Exception as error:  # noqa: BLE001 - a null byte, or what griffe stumbles over: a finding, and no crash of a hook
        problem = f"{type(error).__name__}: {error}"
    return Module(path, problem=problem, problem_line=above + line if line else 0)


def _module(path: bytes, source: str, above: int) -> Module:
    import ast
    from pathlib import Path  # griffe asks for one, and does not read there

    import griffe

    tree = ast.parse(source)
    with griffe.logger.disable():  # what it thinks of docstrings
        found = griffe.visit("contract", Path("contract.py"), source, extensions=griffe.Extensions())
        nodes = dict(_functions(tree))
        stubs = {name for name, node in nodes.items() if _is_stub(node)}
        classes = {name: _class(name, one, above, stubs) for name, one in _classes(found, "")}
        functions = {
            name: _member(one, above, bound=False).replace(stub=name in stubs)
            for name, one in found.members.items()
            if not one.is_alias and one.is_function
        }
    aliases = dict(_aliases(tree))
    imports, variables = dict(_imports(tree)), frozenset(_variables(tree))
    return Module(path, classes, functions, aliases, imports, _doc(found), nodes, variables=variables)


def _classes(holder: griffe.Module | griffe.Class, before: str) -> Iterator[tuple[str, griffe.Class]]:
    for name, one in holder.members.items():
        if not one.is_alias and one.is_class:
            yield before + name, one  # type: ignore[misc] # is_class has told that it is a griffe.Class
            yield from _classes(one, f"{before}{name}.")  # type: ignore[arg-type] # likewise


def _class(name: str, one: griffe.Class, above: int, stubs: AbstractSet[str]) -> Class:
    members = {
        key: _member(member, above).replace(stub=f"{name}.{key}" in stubs)
        for key, member in (*_overloaded(one), *one.members.items())
        if not member.is_alias and not member.is_class
    }
    bases = tuple(map(str, one.bases))
    decorators = tuple(str(decorator.value) for decorator in one.decorators)
    return Class(name, above + (one.lineno or 0), bases, decorators, _doc(one), members)


def _overloaded(one: griffe.Class) -> Iterator[tuple[str, griffe.Function]]:
    """What has overloads alone, as in a protocol: the first of them speaks for all."""
    for name, overloads in one.overloads.items():
        if overloads and name not in one.members:
            overloads[0].overloads = overloads
            yield name, overloads[0]


def _member(one: Any, above: int, *, bound: bool = True) -> Member:
    labels = one.labels
    binding = "static" if "staticmethod" in labels else "class" if "classmethod" in labels else ""
    if not one.is_function:
        form = PROPERTY if labels & {"property", "cached"} else ATTRIBUTE
        shown = str(getattr(one, "annotation", None) or "")
        return Member(
            one.name,
            form,
            above + (one.lineno or 0),
            shown,
            doc=_doc(one),
            raises=_raises(one),
            abstract="abstractmethod" in labels,
            writable=form == ATTRIBUTE or "writable" in labels,
        )
    parameters = [
        Parameter(each.name, each.kind.value if each.kind else "", _text(each.annotation), _default(each))
        for each in one.parameters
    ]
    return Member(
        one.name,
        METHOD,
        above + (one.lineno or 0),
        _text(one.returns),
        tuple(parameters[1:] if bound and binding != "static" else parameters),
        _doc(one),
        _raises(one),
        binding,
        is_async="async" in labels,
        abstract="abstractmethod" in labels,
        overloads=len(one.overloads or ()),
    )


def _default(each: griffe.Parameter) -> str:
    return (
        ""
        if each.default is None or each.kind is None or "variadic" in each.kind.value
        else str(each.default)
    )


def _text(expression: object) -> str:
    return "" if expression is None else str(expression)


def _doc(one: griffe.Object | griffe.Alias) -> str:
    return one.docstring.value if one.docstring else ""


def _raises(one: griffe.Object | griffe.Alias) -> tuple[str, ...]:
    """The errors that a docstring says are raised, in the form of Google, NumPy or Sphinx, without their modules."""
    import griffe

    found: list[str] = []
    for style in STYLES if one.docstring else ():
        for section in griffe.parse(one.docstring, style):  # type: ignore[arg-type] # the styles are griffe's
            if section.kind is griffe.DocstringSectionKind.raises:
                found += [str(each.annotation) for each in section.value]
    names = (name.strip(" ()`~!").rpartition(".")[2] for text in found for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name.isidentifier()))


def _imports(tree: ast.Module) -> Iterator[tuple[str, Imported]]:
    import ast

    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name if one.asname else one.name.partition(".")[0]
                yield one.asname or top, Imported(0, top, "")
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                yield one.asname or one.name, Imported(node.level, node.module or "", one.name)


def _variables(tree: ast.Module) -> Iterator[str]:
    """Names that the module gives a value at its top: `MOST = 5`, `Sku = NewType("Sku", str)`, `type Sku = str`."""
    import ast

    for node in tree.body:
        targets = getattr(node, "targets", None) or [
            getattr(node, "target", None),
            getattr(node, "name", None),
        ]
        yield from (one.id for one in targets if isinstance(one, ast.Name))


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names of the module that stand for a type: `Sku = str`, `Sku: TypeAlias = str`, `type Sku = str`."""
    import ast

    for node in tree.body:
        target = getattr(node, "target", None) or getattr(node, "name", None)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        value: Any = getattr(node, "value", None)
        if isinstance(target, ast.Name) and _is_type(value):
            yield target.id, ast.unparse(value)


def _is_type(value: object) -> bool:
    import ast

    return isinstance(value, (ast.Name, ast.Attribute, ast.Subscript)) or (
        isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)
    )


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    import ast

    agenda: list[tuple[str, Sequence[ast.stmt]]] = [("", tree.body)]
    while agenda:
        before, block = agenda.pop()
        for node in block:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield before + node.name, node
            elif isinstance(node, ast.ClassDef):
                agenda.append((f"{before}{node.name}.", node.body))
            elif isinstance(node, (ast.If, ast.Try, ast.With)):
                agenda.append((before, [*node.body, *getattr(node, "orelse", ())]))


def _is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    import ast

    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return all(_is_nothing(one) for one in body)


def _is_nothing(node: ast.stmt) -> bool:
    import ast

    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and node.value.value is ...
    called = (
        node.exc.func
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        else getattr(node, "exc", None)
    )
    return isinstance(called, ast.Name) and called.id == "NotImplementedError"
