"""Contracts proposed from classes: a Protocol for each, with the types, docstrings and errors that the code shows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sdd.existing.classes import KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sdd.existing.classes import Candidate, Method
    from sdd.existing.modules import Module

HEAD = '''"""What {module} promises to the modules that use it: proposed from its text, for you to correct."""

from __future__ import annotations

from typing import {typing}
'''
NO_WORDS = "(say what it does)"
LONG = 100


def text(found: Sequence[Candidate]) -> str:
    """The file with the contracts of one module's classes. It compiles by itself: what it imports, it imports for types alone."""
    module = found[0].module
    imports = "".join(f"    {line}\n" for line in _imports(module, found))
    typing = "TYPE_CHECKING, Protocol" if imports else "Protocol"
    block = f"\nif TYPE_CHECKING:\n{imports}" if imports else ""
    head = HEAD.format(module=module.path, typing=typing)
    return head + block + "".join(f"\n\n{_contract(one)}\n" for one in found)


def _imports(module: Module, found: Iterable[Candidate]) -> list[str]:
    """The imports of what the contracts' types name, where the module imports it or defines it."""
    own = {name for one in _statements(module.tree) for name in _defined(one)}
    contracts = {one.contract for one in found}
    plain: set[str] = set()
    parts: dict[str, list[str]] = {}
    for name in sorted({name for one in found for name in _named(one)} - contracts):
        dotted = module.imported.get(name, f"{module.name}.{name}" if name in own else "")
        start, _, last = dotted.rpartition(".")
        named = last if last == name else f"{last} as {name}"
        if start:
            parts.setdefault(start, []).append(named)
        elif dotted:
            plain.add(f"import {named}")
    return [
        *sorted(plain),
        *(f"from {start} import {', '.join(names)}" for start, names in sorted(parts.items())),
    ]


def _statements(block: ast.AST) -> Iterator[ast.stmt]:
    """The statements at the top of a module, also those in `if` and `try`."""
    for one in ast.iter_child_nodes(block):
        if isinstance(one, (ast.If, ast.Try, ast.ExceptHandler)):
            yield from _statements(one)
        elif isinstance(one, ast.stmt):
            yield one


def _defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.ClassDef):
        return {statement.name}
    names = (
        one for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    )
    return {one.id for one in names} if isinstance(statement, (ast.Assign, ast.AnnAssign)) else set()


def _named(one: Candidate) -> set[str]:
    """The names in the types of a contract's methods."""
    return {name for method in one.methods for kind in _types(method) for name in _names(kind)}


def _types(method: Method) -> Iterator[ast.expr]:
    given = method.args
    others = [one for one in (given.vararg, given.kwarg) if one]
    plain = (*given.posonlyargs, *given.args, *given.kwonlyargs, *others)
    yield from (one.annotation for one in plain if one.annotation)
    yield from (method.returns,) if method.returns else ()


def _names(kind: ast.expr) -> Iterator[str]:
    for node in ast.walk(kind):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value


def _contract(one: Candidate) -> str:
    words = (ast.get_docstring(one.node) or f"{one.name}: {NO_WORDS}").rstrip()
    told = [words, "", "Dependencies:", *(f"    {line}" for line in _given(one)), "Configuration:"]
    told.append("    (say which settings it reads)")
    if one.untyped:
        told += ["Left out, for want of types:", f"    {', '.join(one.untyped)}"]
    head = f"class {one.contract}(Protocol):"
    return "\n".join([head, _docstring(told, 4), *(f"\n{_method(method)}" for method in one.methods)])


def _given(one: Candidate) -> list[str]:
    """What the constructor is given, each with its type."""
    makers = [node for node in one.node.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    if not makers:
        return ["(say what its constructor is given)" if one.node.bases else "none"]
    given = makers[-1].args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs][1:]
    kinds = (ast.unparse(arg.annotation) if arg.annotation else "(say its type)" for arg in named)
    return [f"{arg.arg}: {kind}" for arg, kind in zip(named, kinds, strict=True)] or ["none"]


def _method(method: Method) -> str:
    kept = (ast.unparse(one) for one in method.decorator_list)
    lines = [f"    @{name}" for name in kept if name in KEPT]
    words = (ast.get_docstring(method) or NO_WORDS).rstrip()
    raised = [] if "Raises" in words else sorted(_raised(method))
    errors = ["", "Raises:", *(f"    {name}: (say when)" for name in raised)] if raised else []
    return "\n".join([*lines, _signature(method), _docstring([words, *errors], 8)])


def _signature(method: Method) -> str:
    """`def add(self, quantity: int = 1) -> Cart:`, on several lines where it is long."""
    start = f"    {'async ' if isinstance(method, ast.AsyncFunctionDef) else ''}def {method.name}("
    end = f") -> {ast.unparse(method.returns)}:" if method.returns else "):"
    given = list(_parameters(method.args))
    line = f"{start}{', '.join(given)}{end}"
    if len(line) <= LONG:
        return line
    return "\n".join([start, *(f"        {one}," for one in given), f"    {end}"])


def _parameters(given: ast.arguments) -> Iterator[str]:
    plain = [*given.posonlyargs, *given.args]
    defaults = [*[None] * (len(plain) - len(given.defaults)), *given.defaults]
    for number, (arg, default) in enumerate(zip(plain, defaults, strict=True), 1):
        yield _parameter(arg, default)
        if number == len(given.posonlyargs):
            yield "/"
    if given.vararg or given.kwonlyargs:
        yield f"*{_parameter(given.vararg)}" if given.vararg else "*"
    for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield _parameter(arg, default)
    if given.kwarg:
        yield f"**{_parameter(given.kwarg)}"


def _parameter(arg: ast.arg, default: ast.expr | None = None) -> str:
    """A parameter with its type and default; a default that is no plain value would want an import at run time, and is `...`."""
    kind = f": {ast.unparse(arg.annotation)}" if arg.annotation else ""
    if default is None:
        return arg.arg + kind
    value = ast.unparse(default) if isinstance(default, ast.Constant) else "..."
    return f"{arg.arg}{kind} = {value}" if kind else f"{arg.arg}={value}"


def _raised(method: Method) -> set[str]:
    """The errors that a method itself raises by name."""
    raised = (node.exc for node in ast.walk(method) if isinstance(node, ast.Raise) and node.exc)
    called = (one.func if isinstance(one, ast.Call) else one for one in raised)
    return {one.id for one in called if isinstance(one, ast.Name) and one.id[:1].isupper()}


def _docstring(told: Iterable[str], indent: int) -> str:
    """Words as a docstring: as they are where they can stand in one, else with their backslashes and quotes escaped."""
    words = "\n".join(told).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = words.split("\n")
    space = " " * indent
    if len(lines) == 1:
        quote = " " if words.endswith('"') else ""
        return f'{space}"""{words}{quote}"""'
    return "\n".join(
        [f'{space}"""{lines[0]}', *(f"{space}{line}".rstrip() for line in lines[1:]), f'{space}"""']
    )
