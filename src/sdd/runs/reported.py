"""What tools report as failed, read from their output as classes: the same whatever the line, the order and the duration.

Every form is tried on every output, whatever the command was: `make test` and `tox` print what the tools below them do.
Forms were taken from pytest 7 to 9, unittest, mypy 1, ruff 0.14, cargo 1.9x and node 20 as they ran; those of pyright, tsc,
eslint, go, jest, vitest, mocha, rspec, phpunit, maven, gradle and ctest are as their documentation prints them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.runs import tracebacks

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATH = r"(?P<path>(?:[A-Za-z]:)?[^\s:(][^:(\n]*?)"


def _forms(family: str, *patterns: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(family, re.compile(pattern, re.MULTILINE)) for pattern in patterns]


# What matches first says what a line is; `code` names the class beside the path, `name` without one.
FORMS = [
    *_forms(
        "syntax",
        rf"^{_PATH}:\d+(?::\d+)*: error: .*\[syntax\]$",  # mypy
        rf"^\s*{_PATH}:\d+:\d+ - error: [^\n(]*$",  # pyright names a rule for all else
        rf"^{_PATH}(?:\(\d+,\d+\): |:\d+:\d+ - )error TS1\d\d\d: ",  # tsc
        rf"^{_PATH}:\d+:\d+: (?:invalid-syntax|SyntaxError|E999|E902)\b",  # ruff, flake8
        rf"^invalid-syntax: .*\n *--> {_PATH}:\d+:\d+$",  # ruff
        rf"^error: .*\n *--> {_PATH}:\d+:\d+$",  # rustc gives a code to all else
        r"^(?P<path>\S+\.go):\d+(?::\d+)?: (?:syntax error|expected )",
        r"^SyntaxError: (?P<path>/[^:\s]+|[A-Z]:[^:\s]+): ",  # jest, babel
    ),
    *_forms(
        "type",
        rf"^{_PATH}:\d+(?::\d+)*: error: .*\[(?P<code>[a-z][\w-]*)\]$",  # mypy
        rf"^\s*{_PATH}:\d+:\d+ - error: .*\((?P<code>report\w+)\)$",  # pyright
        rf"^{_PATH}(?:\(\d+,\d+\): |:\d+:\d+ - )error (?P<code>TS\d+): ",  # tsc
        rf"^error\[(?P<code>[\w-]+)\]: .*\n *--> {_PATH}:\d+:\d+$",  # rustc, ty
        r"^(?P<path>\S+\.go):\d+:\d+: (?P<code>.+)$",
        rf"^{_PATH}:\d+(?::\d+)?: (?:fatal )?(?P<code>error): ",  # gcc, clang, javac
    ),
    *_forms(
        "lint",
        rf"^{_PATH}:\d+:\d+: (?P<code>[A-Z]{{1,8}}\d+|unformatted)\b",  # ruff, flake8, pylint
        rf"^(?P<code>[A-Z]{{1,8}}\d+|unformatted)\b.*\n *--> {_PATH}:\d+:\d+$",  # ruff
        rf"^{_PATH}:\d+:\d+: .* \[Error/(?P<code>[\w@/-]+)\]$",  # eslint --format unix
        r"^(?P<code>[Ww]ould reformat):? (?P<path>\S.*)$",  # black, ruff
        r"^\[(?P<code>warn|error)\] (?P<path>\S+\.\w+)$",  # prettier
    ),
    *_forms(
        "import",
        r"Cannot find module '(?P<name>[^']+)'",  # node, jest
        r"no required module provides package (?P<name>[^\s;]+)",
        r"package (?P<name>\S+) is not in std",  # go
    ),
    *_forms(
        "test",
        r"^\s*--- FAIL: (?P<name>\S+) \(",  # go
        r"^test (?P<name>\S+)(?: - .*)? \.\.\. FAILED$",  # cargo
        r"^(?P<name>\S+::\S+|\w+) --- FAILED$",  # cargo -q
        r"^\s+● (?!Console$|Test suite failed to run$)(?P<name>\S.*)$",  # jest
        r"^\s*(?:FAIL|×) +(?P<name>\S+ > .+?)(?: \d+ms)?$",  # noqa: RUF001 - the sign is vitest's own
        r"^\s*not ok \d+ - (?P<name>.+?)(?: #.*)?$",  # TAP: node, bats
        r"^\s*✖ (?P<name>(?!failing tests).+?) \([\d.]+ms\)$",  # node
        r"^rspec \S+ # (?P<name>.+)$",
        r"^\d+\) (?P<name>[A-Z]\w[\w\\]*::\S.*)$",  # phpunit
        r"^ {2}\d+\) (?P<name>\S.*?):?$",  # mocha
        r"^\[ERROR\] +(?P<name>[A-Z]\w*\.\w+):\d+",  # maven
        r"^(?P<name>\w+ > .+) FAILED$",  # gradle
        r"^\s*\d+ - (?P<name>\S+) \((?:Failed|Timeout|SEGFAULT|Not Run)\)$",  # ctest
        r"^\s+Failed (?P<name>[\w.]+) \[",  # dotnet
    ),
]
_ESLINT_ROW = re.compile(r"\s+\d+:\d+\s+error\s+(?P<words>.*?)(?:\s{2,}(?P<code>[\w@/-]+))?$")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+\b")


def classes(output: str, root: str) -> set[str]:
    """The classes of all that failed in an output; empty where no form is known. Paths are relative to `root`.

    A class is a family and what it is about: `test tests/test_a.py::test_x KeyError`, `type src/a.py arg-type`,
    `lint src/a.py F401`, `import shop.cart`, `syntax src/a.py`, `collect tests/test_a.py NameError`.
    """
    taken: set[int] = set()
    found = set(tracebacks.classes(output, root))
    for family, pattern in FORMS:
        for match in pattern.finditer(output):
            if match.start() not in taken:
                taken.add(match.start())
                found.add(_class(family, match.groupdict(), root))
    return {_ADDRESS.sub("0x", one) for one in found | set(_eslint(output, root))}


def _class(family: str, said: dict[str, str | None], root: str) -> str:
    if said.get("name"):
        return f"{family} {said['name']}"
    path = tracebacks.relative(said["path"] or "", root)
    return " ".join(filter(None, (family, path, said.get("code"))))


def _eslint(output: str, root: str) -> Iterator[str]:
    """What eslint prints below the path of each file."""
    path = ""
    for line in output.split("\n"):
        row = _ESLINT_ROW.match(line)
        if row and path:
            syntax = row["words"].startswith("Parsing error")
            yield f"syntax {path}" if syntax else f"lint {path} {row['code'] or 'error'}"
        elif line.strip() and not line[0].isspace():
            path = "" if " " in line else tracebacks.relative(line, root)
