"""The house of DESIGN §8: imports point down, one door to each library, an exception has its reason."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
FILES = sorted((SOURCE / "sdd").rglob("*.py"))
CHECKED = [*FILES, *sorted(Path(__file__).parent.rglob("*.py"))]

# From the roof down: a room may import from its own floor and from those below.
FLOORS = (
    {"main"},
    {"hook"},
    {"cli"},
    {"agents", "githooks", "existing"},
    {"doors"},
    {"views"},
    {"runs"},
    {"gates"},
    {"prompts"},
    {"contracts"},
    {"sessions"},
    {"llm"},
    {
        "repository",
        "working_tree",
        "objects",
        "processes",
        "plumbing",
        "families",
        "output",
        "raw_diff",
        "workspace",
        "disk",
        "clipboard",
        "settings",
        "settings_form",
        "proposals",
        "globs",
        "codeowners",
    },
    {"watched"},
    {"snapshot", "findings", "errors", "values", "children"},
    {"verdicts", "digests"},
    {""},  # sdd itself: its version
)
# The only doors to each library: a room, or one module of it.
DOORS = {
    "click": ("cli",),
    "git": ("workspace",),
    "pydantic": ("llm", "runs"),
    "anthropic": ("llm",),
    "sqlite3": ("llm.conversations", "llm.conversation_file"),
    "pyperclip": ("clipboard",),
    "griffe": ("contracts.python",),
    "rich": ("cli", "views"),
}
# Who runs programs: git and its kin, ssh-keygen, pre-commit's own install, a project's own checks, and agents as providers.
PROCESSES = (
    "processes",
    "families",
    "workspace",
    "gates.signature",
    "githooks.framework",
    "runs.checks",
    "llm",
)
STARTERS = re.compile(r"os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*|fork\w*|startfile)")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "misc"}

DIRECTIVE = re.compile(
    r"(ruff:\s*|flake8:\s*)?noqa(:\s*[A-Z]+[0-9]+([,\s]+[A-Z]+[0-9]+)*)?"
    r"|type:\s*ignore(\[[^\]]*\])?|mypy:\s*[\w-]+(=\S*)?"
    r"|pragma:\s*([\w.<>=]+ )?(no )?(cover|branch)"
)


def name_of(file: Path, source: Path = SOURCE) -> str:
    """A module's name below sdd: "sessions.order", "sessions" for the package itself, "" for sdd."""
    parts = file.relative_to(source).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts and parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in FILES}


def room_of(module: str) -> str:
    return module.partition(".")[0]


@cache
def imports_of(tree: ast.AST) -> set[str]:
    """All that a module imports, at the top, in functions and for types: `from a import b` is "a.b"."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides where it points"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


class WithoutTypes(ast.NodeTransformer):
    """Drops what only a type checker reads: two modules may name each other's types."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return node.orelse
        return self.generic_visit(node)


def own_imports(tree: ast.AST, modules: set[str]) -> set[str]:
    """The modules of sdd that a module imports, by their names below sdd."""
    found = set()
    for name in imports_of(tree):
        if name == "sdd" or name.startswith("sdd."):
            below = name.removeprefix("sdd").removeprefix(".")
            found.add(below if below in modules else below.rpartition(".")[0])
    return found


def floor_of(module: str) -> int:
    """The floor of a module, counted from the roof; a room without a floor fails the test that asks."""
    room = room_of(module)
    found = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    assert found, f"sdd.{module}: give the room {room!r} a floor in FLOORS and in DESIGN §8"
    return found[0]


@cache
def parsed(file: Path) -> ast.Module:
    """A module, to be read alone: all tests share it."""
    return ast.parse(file.read_bytes(), str(file))


def running(file: Path) -> ast.Module:
    """A module without what only a type checker reads."""
    tree: ast.Module = WithoutTypes().visit(ast.parse(file.read_bytes(), str(file)))
    return tree


def is_within(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(place + ".") for place in places)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down_only(module: str) -> None:
    # sdd itself names, for types, what it hands out when it is asked for
    tree = parsed(MODULES[module]) if module else running(MODULES[module])
    own = own_imports(tree, set(MODULES))
    upward = [other for other in sorted(own) if floor_of(other) < floor_of(module)]
    assert not upward, f"sdd.{module} must not know {upward}"


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {module: own_imports(running(file), set(MODULES)) - {module} for module, file in MODULES.items()}
    TopologicalSorter(graph).prepare()  # a cycle raises CycleError, which prints it


@pytest.mark.parametrize("module", MODULES)
def test_each_library_has_its_doors(module: str) -> None:
    for name in imports_of(parsed(MODULES[module])):
        library = name.partition(".")[0]
        assert is_within(module, DOORS.get(library, (module,))), f"only {DOORS[library]} may import {library}"


def processes_in(tree: ast.AST) -> list[str]:
    """Where a module starts programs: imports that can, calls of `os` that do."""
    modules = {"subprocess", "_posixsubprocess", "multiprocessing", "pty"}
    found = [name for name in sorted(imports_of(tree)) if name.partition(".")[0] in modules]
    attributes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    texts = (f"{node.value.id}.{node.attr}" for node in attributes if isinstance(node.value, ast.Name))
    return found + [text for text in texts if STARTERS.fullmatch(text)]


@pytest.mark.parametrize("module", MODULES)
def test_few_modules_run_programs_and_none_a_shell(module: str) -> None:
    tree = parsed(MODULES[module])
    keywords = (node for node in ast.walk(tree) if isinstance(node, ast.keyword))
    assert is_within(module, PROCESSES) or not processes_in(tree)
    assert not any(keyword.arg == "shell" for keyword in keywords)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_first_says_what_it_owns(module: str) -> None:
    first = (ast.get_docstring(parsed(MODULES[module])) or "").partition("\n")[0]
    assert len(first.split()) > 2
    assert first.endswith((".", ":"))


@pytest.mark.parametrize("module", MODULES)
def test_a_modules_name_says_something(module: str) -> None:
    assert not SAYS_NOTHING.intersection(module.split("."))


def without_reason(source: bytes) -> list[int]:
    """The lines whose comment switches a check off and gives no reason in words."""
    if not DIRECTIVE.search(source.decode()):  # most files; finding their comments takes long
        return []
    comments = [one for one in tokenize.tokenize(io.BytesIO(source).readline) if one.type == tokenize.COMMENT]
    switches = [one for one in comments if DIRECTIVE.search(one.string)]
    return [one.start[0] for one in switches if not re.search(r"\w\w", DIRECTIVE.sub("", one.string))]


@pytest.mark.parametrize("file", CHECKED, ids=lambda file: file.name)
def test_every_exception_carries_its_reason_on_its_line(file: Path) -> None:
    assert without_reason(file.read_bytes()) == []


# The laws above are only worth something if they see what breaks them.


@pytest.mark.parametrize(
    ("comment", "reasoned"),
    [
        ("x = 1  # noqa: E501", False),
        ("x = 1  # noqa", False),
        ("x = 1  # noqa: E501, PLR2004 - the printable range", True),
        ("x = 1  # type: ignore[misc]", False),
        ("x = 1  # type: ignore[misc]  # noqa: B018", False),
        ("x = 1  # type: ignore[misc]  # that it fails is tested", True),
        ("x = 1  # pragma: no cover", False),
        ("x = 1  # pragma: win32 cover - Windows alone gets here", True),
        ("# ruff: noqa: INP001", False),
        ("x = '# noqa'  # a word", True),
    ],
)
def test_a_missing_reason_is_seen(comment: str, *, reasoned: bool) -> None:
    assert without_reason(comment.encode()) == ([] if reasoned else [1])


def test_imports_in_functions_and_for_types_are_seen() -> None:
    tree = ast.parse(
        "import a.b\nif T:\n    from sdd.x import y\ndef f():\n    from sdd.cli import z\n    import sdd\n"
    )
    assert imports_of(tree) == {"a.b", "sdd.x.y", "sdd.cli.z", "sdd"}
    assert own_imports(tree, {"x", "cli.z"}) == {"x", "cli.z", ""}
    assert imports_of(
        WithoutTypes().visit(ast.parse("if TYPE_CHECKING:\n    import a\nelse:\n    import b\n"))
    ) == {"b"}
    with pytest.raises(AssertionError, match="relative"):
        imports_of(ast.parse("from . import x"))


def test_a_room_without_a_floor_is_seen() -> None:
    with pytest.raises(AssertionError, match="give the room 'attic' a floor"):
        floor_of("attic.box")


def test_starting_a_program_is_seen() -> None:
    tree = ast.parse(
        "import os\ndef f():\n    from subprocess import run\n    os.execvp('a', [])\n    os.path.join('a')\n"
    )
    assert processes_in(tree) == ["subprocess.run", "os.execvp"]
