"""Whether a changed contract still keeps what it promised: compatible, breaking, or not for a program to say.

Python is read statically, from its text; nothing of it is run. What griffe calls a breakage is one here, too, and so is an
error that is newly raised. Whatever else differs (words, bodies, other languages) is `unknown`: somebody has to read it.
"""

from __future__ import annotations

import ast
import re
import warnings
from textwrap import dedent
from typing import TYPE_CHECKING

from sdd.prompts.words import words_sha256
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SAME, COMPATIBLE, UNKNOWN, BREAKING = "same", "compatible", "unknown", "breaking"
ORDER = (SAME, COMPATIBLE, UNKNOWN, BREAKING)
"""Verdicts, from the mildest to the worst."""
RAISES = re.compile(r"^[ \t]*Raises:[ \t]*\n((?:[ \t]+.*\n?|\n)+)", re.MULTILINE)
RAISED = re.compile(r"^[ \t]+([A-Za-z_][\w.]*)[ \t]*:", re.MULTILINE)
FIELDS = ("dataclass", "NamedTuple", "TypedDict", "BaseModel")
"""What makes the annotated names of a class arguments of its making."""
POSITIONAL, EITHER, KEYWORD, REST = "positional", "either", "keyword", "rest"


class Change(Value):
    """What became of a contract: the verdict, and each reason in words, the worst first."""

    verdict: str
    reasons: tuple[str, ...] = ()


class Parameter(Value):
    """A parameter: its place among the positional ones, -1 where it has none."""

    name: str
    kind: str
    place: int
    type: str
    default: str


class Member(Value):
    """One thing that a contract promises: a function, a class or a value, by its dotted name.

    `head` is what must stay as it is (how it is called, its type or value), `made` says that a class cannot be made
    without it; `doc` and `body` are the words and the rest.
    """

    name: str
    what: str
    head: str
    parameters: tuple[Parameter, ...] = ()
    raises: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    doc: str = ""
    body: str = ""
    made: bool = False


def worst(verdicts: Sequence[str]) -> str:
    """The worst of some verdicts; `same` where there is none."""
    return max(verdicts, key=ORDER.index, default=SAME)


def contract_change(before: str | None, after: str | None, language: str) -> Change:
    """What became of a text of a contract, in a language as a fence names it; None where there is none."""
    if before is None or after is None:
        gone = after is None and before is not None
        return Change(BREAKING, ("it is gone",)) if gone else Change(COMPATIBLE, ("it is new",))
    if words_sha256(before, language) == words_sha256(after, language):
        return Change(SAME)
    if language != "python":
        return Change(UNKNOWN, ("its words changed: read it",))
    old, new = _members(before), _members(after)
    if old is None or new is None:
        return Change(UNKNOWN, ("it is no Python that can be read",))
    found = sorted(_between(old, new), key=lambda one: -ORDER.index(one[0]))
    found = found or [(UNKNOWN, "a comment or something private changed: read it")]
    return Change(found[0][0], tuple(words for _, words in found))


def _members(text: str) -> Mapping[str, Member] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape in a string is not ours to tell
            tree = ast.parse(dedent(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return {one.name: one for one in _in("", tree.body, made=False)}


def _in(scope: str, block: Sequence[ast.stmt], *, made: bool) -> Iterator[Member]:
    for node in block:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if _is_public(node.name):
                yield _function(scope, node)
        elif isinstance(node, ast.ClassDef):
            if _is_public(node.name):
                yield from _class(scope, node)
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _in(scope, node.body, made=made)
        else:
            yield from _values(scope, node, made=made)


def _is_public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def _class(scope: str, node: ast.ClassDef) -> Iterator[Member]:
    decorators = " ".join(map(ast.unparse, node.decorator_list))
    bases = tuple(map(ast.unparse, node.bases))
    made = any(word in f"{decorators} {' '.join(bases)}" for word in FIELDS)
    doc = ast.get_docstring(node) or ""
    yield Member(scope + node.name, "class", decorators, bases=bases, doc=doc)
    yield from _in(f"{scope}{node.name}.", node.body, made=made)


def _function(scope: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Member:
    doc = ast.get_docstring(node) or ""
    listed = RAISES.search(doc + "\n")
    raised = {*RAISED.findall(listed[1])} if listed else set()
    raised |= {_error(one.exc) for one in ast.walk(node) if isinstance(one, ast.Raise) and one.exc}
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    kinds = " ".join(f"@{ast.unparse(one)}" for one in node.decorator_list)
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    body = node.body[1:] if doc else node.body
    return Member(
        scope + node.name,
        "method" if scope else "function",
        f"{kinds} {word}{returns}".strip(),
        tuple(_parameters(node.args)),
        tuple(sorted(raised)),
        doc=doc,
        body="\n".join(map(ast.unparse, body)),
    )


def _error(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


def _parameters(args: ast.arguments) -> Iterator[Parameter]:
    plain = [*args.posonlyargs, *args.args]
    defaults = [*([None] * (len(plain) - len(args.defaults))), *args.defaults]
    for place, (one, default) in enumerate(zip(plain, defaults, strict=True)):
        yield _parameter(one, POSITIONAL if place < len(args.posonlyargs) else EITHER, place, default)
    for one, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(one, KEYWORD, -1, default)
    for star, rest in (("*", args.vararg), ("**", args.kwarg)):
        if rest:
            yield Parameter(star, REST, -1, _text(rest.annotation), "…")


def _parameter(one: ast.arg, kind: str, place: int, default: ast.expr | None) -> Parameter:
    return Parameter(one.arg, kind, place, _text(one.annotation), _text(default))


def _text(node: ast.expr | None) -> str:
    return ast.unparse(node) if node else ""


def _values(scope: str, node: ast.stmt, *, made: bool) -> Iterator[Member]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        name, head = (
            node.target.id,
            f"{ast.unparse(node.annotation)} = {_text(node.value)}".removesuffix(" = "),
        )
        if _is_public(name):
            yield Member(scope + name, "value", head, made=made and node.value is None)
    for target in node.targets if isinstance(node, ast.Assign) else ():
        if isinstance(target, ast.Name) and _is_public(target.id):
            yield Member(
                scope + target.id, "value", ast.unparse(node.value) if isinstance(node, ast.Assign) else ""
            )


def _between(old: Mapping[str, Member], new: Mapping[str, Member]) -> Iterator[tuple[str, str]]:
    for name, one in old.items():
        if name not in new:
            yield BREAKING, f"the {one.what} `{name}` is gone"
        else:
            yield from _member(one, new[name])
    for name, one in new.items():
        if name not in old:
            yield (
                BREAKING if one.made else COMPATIBLE,
                f"the {one.what} `{name}` is new{' and needed' * one.made}",
            )


def _member(old: Member, new: Member) -> Iterator[tuple[str, str]]:
    name = old.name
    if (old.what, old.head) != (new.what, new.head):
        yield BREAKING, f"`{name}` was `{old.head or old.what}` and is `{new.head or new.what}`"
    yield from (
        (BREAKING, f"`{name}` is no `{base}` any more") for base in old.bases if base not in new.bases
    )
    yield from ((COMPATIBLE, f"`{name}` is a `{base}`, too") for base in new.bases if base not in old.bases)
    yield from _called(name, old.parameters, new.parameters)
    yield from ((BREAKING, f"`{name}` raises `{one}`") for one in new.raises if one not in old.raises)
    yield from (
        (COMPATIBLE, f"`{name}` no longer raises `{one}`") for one in old.raises if one not in new.raises
    )
    if old.doc != new.doc:
        yield UNKNOWN, f"what is said of `{name}` changed: read it"
    if old.body != new.body:
        yield UNKNOWN, f"what `{name}` does changed: read it"


def _called(name: str, old: Sequence[Parameter], new: Sequence[Parameter]) -> Iterator[tuple[str, str]]:
    known, now = {one.name: one for one in old}, {one.name: one for one in new}
    for one in old:
        if one.name not in now:
            yield BREAKING, f"`{name}` takes `{one.name}` no longer"
        elif one != now[one.name]:
            yield from _taken(f"`{one.name}` of `{name}`", one, now[one.name])
    for one in new:
        if one.name not in known:
            needed = not one.default
            yield (
                BREAKING if needed else COMPATIBLE,
                f"`{name}` {'needs' if needed else 'may take'} `{one.name}`",
            )


def _taken(what: str, old: Parameter, new: Parameter) -> Iterator[tuple[str, str]]:
    if old.type != new.type:
        yield BREAKING, f"the type of {what} was `{old.type or 'not said'}` and is `{new.type or 'not said'}`"
    if old.default != new.default:
        verdict = BREAKING if old.default else COMPATIBLE
        yield verdict, f"the default of {what} was `{old.default or 'none'}` and is `{new.default or 'none'}`"
    if old.kind != new.kind:
        yield COMPATIBLE if new.kind == EITHER else BREAKING, f"{what} was {old.kind} and is {new.kind}"
    if old.place != new.place and old.kind == new.kind:
        yield BREAKING, f"the place of {what} changed"
