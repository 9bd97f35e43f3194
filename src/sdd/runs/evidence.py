"""Whether a command that ran tests ran any: what test runners print when they found none, as data.

Only such lines count, whatever the command was: a wrapper (`make test`, `tox`, `npm test`) prints them too, a command
that runs no tests (`ruff check`, `python -m compileall`) does not.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING_COLLECTED = 5
"""The exit code of pytest, and of unittest since Python 3.12, when no test was found."""


class Runner(Value):
    """How a test runner says on a line of its own that it ran nothing, and that it ran something."""

    name: str
    none: re.Pattern[str]
    some: re.Pattern[str]


def _runner(name: str, none: str, some: str) -> Runner:
    return Runner(name, re.compile(none), re.compile(some))


RUNNERS = (
    _runner(
        "pytest",  # skipped and deselected tests ran nothing; an error in collecting is something
        r"(?:=+ )?no tests ran in |collected 0 items|(?:=+ )?(?:no|\d[\d/]*) tests? collected\b"
        r"|(?:=+ )?(?:\d+ (?:skipped|deselected|warnings?)(?:, )?)+ in [\d.]+s",
        r"(?:=+ )?(?:\d+ \w+, )*[1-9]\d* (?:passed|failed|xfailed|xpassed|errors?)\b.* in [\d.]+s",
    ),
    _runner("unittest", r"Ran 0 tests in |NO TESTS RAN", r"Ran [1-9]\d* tests? in "),
    _runner(
        "go",
        r"\?\s+\S+\s+\[no test files\]|ok\s.*\[no tests to run\]",
        r"(?:ok|FAIL)\s+\S+\s+(?:[\d.]+s|\(cached\))(?!.*\[no tests to run\])",
    ),
    _runner(
        "cargo",
        r"running 0 tests|test result: ok\. 0 passed; 0 failed",
        r"test result: \w+\. (?:[1-9]\d* passed|\d+ passed; [1-9]\d* failed)",
    ),
    _runner("jest", r"No tests found", r"Tests:\s+(?:\d+ \w+, )*[1-9]\d* (?:passed|failed)"),
    _runner("vitest", r"No test files found", r"\s*Tests\s+(?:\d+ \w+ \| )*[1-9]\d* (?:passed|failed)"),
    _runner("mocha", r"\s*0 passing \(", r"\s*[1-9]\d* (?:passing|failing)\b"),
    _runner("node --test", r"(?:#|ℹ) tests 0$", r"(?:#|ℹ) tests [1-9]"),  # noqa: RUF001 - the sign is node's own
    _runner("deno", r"ok \| 0 passed \| 0 failed", r"(?:ok|FAILED) \| (?:[1-9]|0 passed \| [1-9])"),
    _runner("rspec", r"0 examples, ", r"[1-9]\d* examples?, "),
    _runner("phpunit", r"No tests executed!", r"OK \([1-9]|Tests: [1-9]"),
    _runner("maven", r"\[INFO\] No tests to run\.", r"\[\w+\] Tests run: [1-9]"),
    _runner("ctest", r"No tests were found!!!", r"\d+% tests passed, \d+ tests failed out of [1-9]"),
)


_SOME = re.compile("|".join(runner.some.pattern for runner in RUNNERS))
_NONE = re.compile("|".join(runner.none.pattern for runner in RUNNERS))


def told(line: str) -> bool | None:
    """Whether a line of output (without colours) says that tests ran, that none did, or, as None, neither."""
    if _SOME.match(line):
        return True
    return False if _NONE.match(line) else None


def ran_nothing(argv: Sequence[str], exit_code: int | None, told_lines: set[bool | None]) -> bool:
    """Whether a command that should have run tests ran none; `told_lines` is what `told` said of its lines."""
    if exit_code == NOTHING_COLLECTED and any(_names_a_runner(word) for word in argv):
        return True
    return False in told_lines and True not in told_lines


def _names_a_runner(word: str) -> bool:
    return PurePath(word).name.removesuffix(".exe") in {"pytest", "py.test", "unittest"}
