"""A contract, read from a snapshot: Python (`docs/interfaces/cart.py::ICartService`) or Markdown with fenced code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.contracts import python
from sdd.contracts.interface import Class, Member, Module
from sdd.contracts.sections import in_docstring, in_markdown, joined
from sdd.findings import nearest
from sdd.sessions.outline import Outline
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.snapshot import Snapshot

MOST_BYTES = 1_000_000
PYTHON = (".py", ".pyi")
MARKDOWN = (".md", ".markdown")
FENCES = ("python", "py", "pyi", "python3")


class Contract(Value):
    """What a selector of a contract names: some classes and functions, and what is said beside them.

    `told` holds the texts about dependencies, configuration, errors and events. `is_code` is False where there is no Python in
    it: of such a contract no signatures can be told. `problem` says, as a sentence, why it cannot be read.
    """

    selector: str
    path: bytes
    line: int = 0
    classes: Mapping[str, Class] = {}
    functions: Mapping[str, Member] = {}
    module: Module = Module(b"")
    told: Mapping[str, str] = {}
    is_code: bool = False
    is_prose: bool = False
    problem: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that others know it by: those of the classes and functions that it is asked for."""
        return (*self.classes, *self.functions)


def parts(selector: str) -> tuple[str, str, str]:
    """The path of a selector, the sign behind it (`::`, `#` or ""), and the rest."""
    for sign in ("::", "#"):
        path, found, rest = selector.partition(sign)
        if found:
            return path.strip(), sign, rest.strip()
    return selector.strip(), "", ""


def path_of(selector: str) -> bytes:
    """The path that a selector of a contract or an implementation names."""
    return parts(selector)[0].encode("utf-8", "surrogateescape")


def text_at(snapshot: Snapshot, path: bytes) -> tuple[str, str]:
    """The text of a file, and why it cannot be read, one of them empty."""
    if not snapshot.is_file(path):
        return "", "is a link" if path in snapshot else "is not there"
    data = snapshot.read(path)
    if len(data) > MOST_BYTES:
        return "", f"has {len(data):,} bytes, more than {MOST_BYTES:,}"
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), ""
    except UnicodeDecodeError:
        return "", "is no text in UTF-8"


def module_at(snapshot: Snapshot, path: bytes) -> Module:
    """A Python file of a snapshot; read once for as long as the snapshot is looked at."""
    known: dict[bytes, Module] = snapshot.found.setdefault("modules", {})
    if path not in known:
        text, problem = text_at(snapshot, path)
        known[path] = Module(path, problem=problem) if problem else python.module(path, text)
    return known[path]


def contract(snapshot: Snapshot, selector: str) -> Contract:
    """The contract that a selector names. Never raises: what cannot be read has a `problem`."""
    name, sign, rest = parts(selector)
    path = path_of(selector)
    text, problem = text_at(snapshot, path)
    if problem:
        return Contract(selector, path, problem=f"{show(path)} {problem}")
    if name.endswith(PYTHON):
        found = _of_module(selector, module_at(snapshot, path), rest)
    elif name.endswith(MARKDOWN):
        found = _of_markdown(selector, path, text, sign, rest)
    else:
        return Contract(selector, path)
    if found.module.problem and not found.problem:
        line = f":{found.module.problem_line}" if found.module.problem_line else ""
        return found.replace(problem=f"{show(path)}{line} {_cannot(found.module.problem)}")
    return found


def _cannot(problem: str) -> str:
    return f"is no Python that can be read: {problem}"


def _of_module(selector: str, module: Module, symbol: str) -> Contract:
    whole = Contract(selector, module.path, 1, module=module, is_code=True)
    if module.problem:
        return whole
    classes, functions = _asked(module, symbol)
    if symbol and not classes and not functions:
        return whole.replace(problem=_no_symbol(module, symbol))
    held: list[Class | Member] = [*classes.values(), *functions.values()]
    lines = [one.line for one in held]
    docs = [module.doc, *(one.doc for one in held)]
    told = joined(pair for doc in docs for pair in in_docstring(doc).items())
    return whole.replace(
        line=min(lines, default=1) if symbol else 1, classes=classes, functions=functions, told=told
    )


def _asked(module: Module, symbol: str) -> tuple[dict[str, Class], dict[str, Member]]:
    """What a symbol names; without one all that is public at the top of the file and holds more than data."""
    if symbol:
        holder, _, name = symbol.rpartition(".")
        method = module.classes[holder].members.get(name) if holder in module.classes else None
        classes = {symbol: module.classes[symbol]} if symbol in module.classes else {}
        function = module.functions.get(symbol) or method
        return classes, {symbol: function} if function and not classes else {}
    top = {name: one for name, one in module.classes.items() if "." not in name and name[:1] != "_"}
    promising = {name: one for name, one in top.items() if not one.is_data and one.members}
    return promising, {name: one for name, one in module.functions.items() if name[:1] != "_"}


def _no_symbol(module: Module, symbol: str) -> str:
    like = nearest(symbol, [*module.classes, *module.functions])
    return f"{show(module.path)} has no class or function `{symbol}`" + (f"; it has `{like}`" if like else "")


def _of_markdown(selector: str, path: bytes, text: str, sign: str, rest: str) -> Contract:
    lines, first = text.split("\n"), 1
    if sign == "#":
        lines, first = _section(lines, rest)
        if not lines:
            return Contract(selector, path, problem=f"{show(path)} has no heading `{rest}`")
    outline = Outline(lines)
    fences = [fence for fence in outline.fences(above=first - 1) if _is_python(fence.info)]
    modules = [python.module(path, fence.text, fence.start) for fence in fences]
    whole = _merged(path, modules)
    found = _of_module(selector, whole, rest if sign == "::" else "")
    told = joined([*in_markdown(lines).items(), *found.told.items()])
    line = first if sign != "::" else found.line
    return found.replace(told=told, line=line, is_prose=True, is_code=bool(found.classes or found.functions))


def _is_python(info: str) -> bool:
    return info.partition(" ")[0].lower().strip("{}.") in FENCES


def _section(lines: Sequence[str], wanted: str) -> tuple[list[str], int]:
    """The lines of the section with that title, below one of the titles in front of it, and the number of the first."""
    outline = Outline(lines)
    title = wanted.rpartition("/")[2].casefold()
    found = next((one for one in outline.headings() if _slug(one.title) == _slug(title)), None)
    for part in outline.sections(found.level) if found else ():
        if found and part.line == found.line:
            return list(lines[part.line - 1 : part.end_line]), part.line
    return [], 0


def _slug(title: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in title.casefold()).split())


def _merged(path: bytes, modules: Iterable[Module]) -> Module:
    """The fences of one document as one module; an example that is no Python is passed over where others are."""
    whole = Module(path)
    for one in modules:
        whole = Module(
            path,
            {**one.classes, **whole.classes},
            {**one.functions, **whole.functions},
            {**one.aliases, **whole.aliases},
            {**one.imports, **whole.imports},
            "\n\n".join(filter(None, (whole.doc, one.doc))),
            {},
            whole.problem or one.problem,
            whole.problem_line or one.problem_line,
        )
    return whole
