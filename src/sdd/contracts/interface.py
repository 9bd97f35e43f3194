"""What a Python file promises: its classes and functions as values, whatever library read them. No I/O."""

from __future__ import annotations

from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

POSITIONAL, EITHER, MANY, KEYWORD, MANY_KEYWORDS = (
    "positional-only",
    "positional or keyword",
    "variadic positional",
    "keyword-only",
    "variadic keyword",
)
"""The kinds of parameters, as griffe names them."""
METHOD, PROPERTY, ATTRIBUTE = "method", "property", "attribute"


class Parameter(Value):
    """One parameter; `type` and `default` are source text, empty where there is none."""

    name: str
    kind: str
    type: str = ""
    default: str = ""


class Member(Value):
    """A function, a method, a property or an attribute, on that line of its file.

    `type` is what it returns, or the attribute's own; `parameters` are those that a caller gives, without `self` and `cls`; `binding` is "class" or "static" where a decorator says so; `raises`
    are the errors that its docstring names; `stub` says that its body is `...`, a docstring or `raise NotImplementedError` alone.
    """

    name: str
    form: str
    line: int
    type: str = ""
    parameters: tuple[Parameter, ...] = ()
    doc: str = ""
    raises: tuple[str, ...] = ()
    binding: str = ""
    is_async: bool = False
    abstract: bool = False
    writable: bool = False
    overloads: int = 0
    stub: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody else has to say what it does."""
        return self.abstract or self.stub


class Class(Value):
    """A class: its members by name, its bases and decorators as source text."""

    name: str
    line: int
    bases: tuple[str, ...]
    decorators: tuple[str, ...]
    doc: str
    members: Mapping[str, Member]

    @property
    def is_data(self) -> bool:
        """Whether it holds data or is an error, and promises no behaviour of a component."""
        ends = {_last(one) for one in (*self.bases, *self.decorators)}
        return bool(ends & DATA) or any(end.endswith(("Error", "Exception")) for end in ends)


DATA = {
    *("dataclass", "define", "frozen", "NamedTuple", "TypedDict", "BaseModel", "Exception", "BaseException"),
    *("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"),
}


def _last(text: str) -> str:
    """The name of a base or decorator without its module, arguments and parameters: `enum.Enum` is `Enum`."""
    return text.partition("(")[0].partition("[")[0].rpartition(".")[2]


class Imported(Value):
    """What an imported name means: so many dots in front, the module, and the name in it ("" for the module itself)."""

    level: int
    module: str
    name: str


class Module(Value):
    """A file's classes (nested ones by dotted name), functions, type aliases and imports.

    `variables` are all names that it gives a value at its top: constants, type variables, new types. `nodes` are the functions and methods by dotted name, as Python's own syntax trees. `problem` says why a file could not be read.
    """

    path: bytes
    classes: Mapping[str, Class] = {}
    functions: Mapping[str, Member] = {}
    aliases: Mapping[str, str] = {}
    imports: Mapping[str, Imported] = {}
    doc: str = ""
    nodes: Mapping[str, ast.stmt] = {}
    problem: str = ""
    problem_line: int = 0
    variables: frozenset[str] = frozenset()
