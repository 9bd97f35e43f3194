"""What `sdd init` proposes from what a project already is: its checks and its governed code.

All of it is text for a person to read and correct. A file that can't be read proposes nothing.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from sdd.errors import SddError
from sdd.snapshot import Snapshot

CODE = (
    "c cc clj cljs cpp cs cxx dart erl ex exs f90 fs go groovy h hpp hs java jl js jsx kt kts lua m mjs cjs ml mm mts"
    " nim php pl pm py pyi pyx r rb rs scala sh sql svelte swift ts tsx cts vue zig"
)
FOREIGN = "docs sessions node_modules vendor third_party venv env"  # sdd's own, other people's
NOT_GOVERNED = "bench benchmarks build demo demos dist e2e example examples fixtures site spec specs target test testing tests"
BESIDE_THE_PRODUCT = "conftest.py noxfile.py setup.py build.rs gulpfile.js Gruntfile.js"
MAKEFILES = (b"GNUmakefile", b"makefile", b"Makefile")  # in the order in which make looks for them
NODE_LOCKS = ((b"pnpm-lock.yaml", "pnpm test"), (b"yarn.lock", "yarn test"))
OTHER_TOOLS = (
    (b"Cargo.toml", "cargo test"),
    (b"go.mod", "go test ./..."),
    (b"build.gradle", "gradle test"),
    (b"build.gradle.kts", "gradle test"),
    (b"pom.xml", "mvn -B test"),
)
WRAPPERS = (("gradle ", b"gradlew"), ("mvn ", b"mvnw"))
PYTEST_FILES = (
    b"pytest.ini",
    b".pytest.ini",
    b"pytest.toml",
    b".pytest.toml",
    b"conftest.py",
    b"tests/conftest.py",
)
PYTHON_FILES = (b"pyproject.toml", b"setup.cfg", b"tox.ini", b"setup.py", b"Pipfile")
SAMPLE = 50  # files of tests that are read to tell unittest from pytest
MANY = 8  # more folders than these make no readable command


def verify_commands(snapshot: Snapshot) -> list[str]:
    """The commands that show whether this project works, one for each kind of tool it uses at its top.

    A Makefile with a target `test` speaks for all of them. The words are the same on every machine, since the file is
    committed: it says `python`, and whoever runs it finds the right one. An empty list where there is nothing to run.
    """
    if any(_has_target(_text(snapshot, path), "test") for path in MAKEFILES):
        return ["make test"]
    others = (command for marker, command in OTHER_TOOLS if snapshot.is_file(marker))
    found = [*_python(snapshot), *_node(snapshot), *(_wrapped(snapshot, command) for command in others)]
    return list(dict.fromkeys(found))


def code_paths(snapshot: Snapshot) -> list[str]:
    """Globs of the code that gates should govern: folders that hold code now, and code at the top; else `src/**`.

    A glob's part also matches exactly itself, so a name stands as it is; a byte that is not UTF-8 stands as `?`.
    """
    folders, suffixes = set(), set()
    for path in filter(is_product, sources(snapshot)):
        if len(path.parts) > 1:
            folders.add(f"{_literal(path.parts[0])}/**")
        else:
            suffixes.add(f"*{path.suffix}")
    return [*sorted(folders), *sorted(suffixes)] or ["src/**"]


def has_code(snapshot: Snapshot) -> bool:
    """Whether the project holds code already, be it tests or a build's script."""
    return any(True for _ in sources(snapshot))


def starts(snapshot: Snapshot) -> list[str]:
    """How the project says that it is started: the programs that its package files name, each with what stands behind it."""
    scripts = _table(_toml(_text(snapshot, b"pyproject.toml")), "project", "scripts")
    found = [f"`{name}`: `{target}` (pyproject.toml)" for name, target in sorted(scripts.items())]
    package = _json(_text(snapshot, b"package.json"))
    programs = package.get("bin", {})
    named = programs if isinstance(programs, dict) else {str(package.get("name", "")): programs}
    places = {**named, "main": package.get("main"), **_table(package, "scripts")}
    found += [
        f"`{name}`: `{place}` (package.json)" for name, place in places.items() if isinstance(place, str)
    ]
    usual = (b"manage.py", b"main.go", b"src/main.rs", b"Dockerfile", b"docker-compose.yml", b"Procfile")
    return [*found, *(f"`{path.decode()}`" for path in usual if snapshot.is_file(path))]


def _table(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A table inside of tables; empty where there is none."""
    for key in keys:
        inner = content.get(key)
        content = inner if isinstance(inner, dict) else {}
    return content


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _json(text: str) -> dict[str, Any]:
    try:
        content: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def sources(snapshot: Snapshot) -> Iterator[PurePosixPath]:
    """Every file of code that is not hidden and not in a foreign folder, in order."""
    suffixes, foreign = frozenset(CODE.split()), frozenset(FOREIGN.split())
    for raw in sorted(filter(snapshot.is_file, snapshot.entries)):
        path = PurePosixPath(raw.decode(errors="surrogateescape"))
        outside = any(part.startswith(".") or part in foreign for part in path.parts)
        if path.suffix.lower().removeprefix(".") in suffixes and not outside:
            yield path


def _text(snapshot: Snapshot, path: bytes) -> str:
    """A file's text, whatever its encoding; empty where there is none to read."""
    if not snapshot.is_file(path):
        return ""
    try:
        return snapshot.read(path).decode(errors="replace")
    except SddError:
        return ""


def is_product(path: PurePosixPath) -> bool:
    """Whether a file of code belongs to what is built, and not to its tests, examples or tools."""
    if len(path.parts) > 1:
        return path.parts[0] not in NOT_GOVERNED.split()
    return not _is_beside_the_product(path.name)


def is_test(name: str) -> bool:
    """Whether a file is a test by its name."""
    stem = name.partition(".")[0]
    return stem.startswith("test_") or stem.endswith("_test") or ".test." in name or ".spec." in name


def _is_beside_the_product(name: str) -> bool:
    return name in BESIDE_THE_PRODUCT.split() or ".config." in name or is_test(name)


def _literal(name: str) -> str:
    return "".join("?" if "\udc80" <= char <= "\udcff" else char for char in name)


def _has_target(makefile: str, target: str) -> bool:
    for line in makefile.splitlines():
        head, colon, rest = line.partition(":")
        is_rule = colon and not line.startswith(("\t", "#")) and "=" not in head
        if is_rule and not rest.lstrip(":").startswith("=") and target in head.split():
            return True
    return False


def _python(snapshot: Snapshot) -> list[str]:
    found = [path for path in sources(snapshot) if path.suffix == ".py"]
    tests = [path for path in found if is_test(path.name)]
    if any(snapshot.is_file(path) for path in PYTEST_FILES) or _names_pytest(snapshot):
        return ["python -m pytest -q"]
    if snapshot.is_file(b"tox.ini"):
        return ["python -m tox"]
    if tests:
        return [_unittest(snapshot, tests) or "python -m pytest -q"]
    return [_syntax(found)] if found else []


def _names_pytest(snapshot: Snapshot) -> bool:
    requirements = [
        path for path in snapshot.entries if path.startswith(b"requirements") and path.endswith(b".txt")
    ]
    return any("pytest" in _text(snapshot, path) for path in (*PYTHON_FILES, *requirements))


def _unittest(snapshot: Snapshot, tests: list[PurePosixPath]) -> str:
    """The command of unittest where it finds the tests and they are written for it alone, else an empty string."""
    texts = [_text(snapshot, _raw(path)) for path in tests[:SAMPLE]]
    if any("pytest" in text for text in texts) or not all("unittest" in text for text in texts):
        return ""
    folder = tests[0].parts[0]
    if not all(path.name.startswith("test") for path in tests) or not _plain(folder):
        return ""
    if len(tests[0].parts) == 1 or snapshot.is_file(_raw(PurePosixPath(folder, "__init__.py"))):
        return "python -m unittest discover"
    return f"python -m unittest discover -s {shlex.quote(folder)}"


def _syntax(sources: list[PurePosixPath]) -> str:
    """At the least, code must compile. Named folders, since `.` would descend into a virtual environment."""
    places = sorted({path.parts[0] for path in sources if _plain(path.parts[0])})
    shown = places if 0 < len(places) <= MANY else ["."]
    return " ".join(["python -m compileall -q", *map(shlex.quote, shown)])


def _plain(name: str) -> bool:
    """Whether a name can stand in a command: no option, nothing unprintable."""
    return name.isprintable() and not name.startswith("-")


def _raw(path: PurePosixPath) -> bytes:
    return str(path).encode(errors="surrogateescape")


def _node(snapshot: Snapshot) -> list[str]:
    script = _test_script(_text(snapshot, b"package.json"))
    if not script.strip() or "no test specified" in script:  # what `npm init` writes
        return []
    return [next((command for lock, command in NODE_LOCKS if snapshot.is_file(lock)), "npm test --silent")]


def _test_script(package: str) -> str:
    script = _table(_json(package), "scripts").get("test")
    return script if isinstance(script, str) else ""


def _wrapped(snapshot: Snapshot, command: str) -> str:
    for tool, wrapper in WRAPPERS:
        if command.startswith(tool) and snapshot.is_file(wrapper):
            return f"./{wrapper.decode()} {command.removeprefix(tool)}"
    return command
