"""Fernweh, the e-commerce platform of tests/cases/shop, as a real repository; what its prompts say, and what they lack."""

from __future__ import annotations

import ast
import builtins
import re
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from gitbox import GitBox
from sdd.sessions.process import shipped

PLATFORM = Path(__file__).parent / "cases" / "shop"
GOLDEN = PLATFORM / "prompts"
CONTRACTS = PLATFORM / "docs" / "interfaces"
CODE = ("src", "tests")
ABOUT = ("Dependencies", "Configuration", "Publishes", "Consumes")
"""The sections in which a contract's docstring says what its implementation is given, and what it tells others."""


def make(folder: Path) -> GitBox:
    """The platform's repository in a new folder: its documents in one commit, the code that follows them in the next."""
    leave = shutil.ignore_patterns("prompts", "__pycache__", ".*_cache")
    shutil.copytree(PLATFORM, folder, ignore=leave)
    for kind, data in shipped().items():
        place = folder / "sessions" / "templates" / f"{kind}.md"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    box = GitBox(folder)
    box.git("init", "-q", "-b", "main")
    box.git("config", "user.email", "mira@fernweh.example")
    later = [folder.parent / f"later-{name}" for name in CODE]
    for name, place in zip(CODE, later, strict=True):
        shutil.move(folder / name, place)
    box.commit("Begin", at="2026-11-28T12:00:00Z")
    for name, place in zip(CODE, later, strict=True):
        shutil.move(place, folder / name)
    box.commit("Settings and clock", at="2026-11-28T12:01:00Z")
    return box


def tasks() -> list[str]:
    """The names of the twenty sessions that the plan makes, in order."""
    plan = (PLATFORM / "docs" / "implementation-plan.md").read_text("utf-8")
    return re.findall(r"^### ([\w-]+): ", plan, re.MULTILINE)


def front_matter(text: str) -> dict[str, list[str]]:
    """The lists and maps of a session's front matter, as their lines."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in text.split("---\n")[1].splitlines():
        if line.startswith("  "):
            found[key].append(line.strip().removeprefix("- "))
        else:
            key, _, value = line.partition(": ")
            key = key.removesuffix(":")
            found[key] = value.strip("[]").split(", ") if value else []
    return found


def excerpts(prompt: str) -> Iterator[ast.stmt]:
    """The definitions of contracts that a prompt shows, read from its fences."""
    for token in MarkdownIt("commonmark").parse(prompt):
        if token.type == "fence" and token.info.startswith("python") and "docs/interfaces/" in token.info:
            yield from ast.parse(token.content).body


def defined(statement: ast.AST) -> set[str]:
    """The names that a statement at the top of a module defines."""
    if isinstance(statement, (ast.ClassDef, ast.FunctionDef)):
        return {statement.name}
    return {
        one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }


def used(statement: ast.AST) -> set[str]:
    """The names that a definition rests on: annotations, bases, decorators, defaults, the errors that docstrings name, constants in them."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            words = ast.get_docstring(node) or ""
            found |= set(re.findall(r"^    (\w+Error):", words.partition("Raises:")[2], re.MULTILINE))
            found |= set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", words)) & constants()
    return found - parameters(statement) - frozenset(dir(builtins)) - standard()


def parameters(statement: ast.AST) -> set[str]:
    """The names of the parameters inside of a definition."""
    return {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}


def about(statement: ast.stmt) -> set[str]:
    """What a contract's docstring says that its implementation is given, publishes and consumes, as names of contracts."""
    words = (ast.get_docstring(statement) or "") if isinstance(statement, ast.ClassDef) else ""
    lines = (re.search(rf"^{title}:\n    (.*)$", words, re.MULTILINE) for title in ABOUT)
    return {name for line in lines if line for name in re.findall(r"[A-Z]\w+", line[1])}


@cache
def modules() -> list[ast.Module]:
    """All contracts, as they are committed."""
    return [ast.parse(file.read_text("utf-8")) for file in sorted(CONTRACTS.glob("*.py"))]


@cache
def constants() -> set[str]:
    """The constants of all contracts."""
    return {name for tree in modules() for one in tree.body for name in defined(one) if name.isupper()}


@cache
def standard() -> set[str]:
    """The names that contracts import from Python's own library."""
    imports = [one for tree in modules() for one in tree.body if isinstance(one, ast.ImportFrom)]
    own = [one for one in imports if str(one.module).partition(".")[0] in sys.stdlib_module_names]
    return {alias.name for one in own for alias in one.names}


def lacking(prompt: str, implemented: set[str]) -> set[str]:
    """The names that the contracts in a prompt rest on and that it does not define; of `implemented` ones also what they are given."""
    shown = list(excerpts(prompt))
    known = {name for one in shown for name in defined(one)}
    wanted = {name for one in shown for name in used(one)}
    wanted |= {name for one in shown if defined(one) & implemented for name in about(one)}
    return (wanted | implemented) - known
