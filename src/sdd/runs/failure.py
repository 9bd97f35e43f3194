"""What went wrong in a run, as classes: the same error has the same class in every run, and another error another.

A class is one line, a family and what it is about. It holds no line number, duration, address or temporary path. Two runs
with a class in common failed in the same way (`sdd.sessions.retries`).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sdd.globs import is_glob, matches
from sdd.runs import reported
from sdd.runs.pending import STOPPED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.runs.checks import Check
    from sdd.runs.form import Problem

MOST = 20
"""Classes that a run is told with: whoever breaks a hundred tests at once breaks these, too."""
LONGEST = 200
"""Characters of a class."""

MODULES = frozenset(
    [
        ".py",
        ".pyi",
        ".js",
        ".mjs",
        ".cjs",
        ".jsx",
        ".ts",
        ".tsx",
        ".go",
        ".rs",
        ".rb",
        ".php",
        ".java",
        ".kt",
        ".cs",
        ".c",
        ".h",
    ]
)
"""How files end that can be imported."""

_VALUES = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"")
_CHANGING = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (
        re.compile(
            r"(?:/private)?(?:/tmp|/var/folders|/var/tmp)/[^\s:'\"]*|[A-Za-z]:\\\S*\\Temp\\[^\s:'\"]*",
            re.IGNORECASE,
        ),
        "TEMP",
    ),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "0x"),
    (
        re.compile(
            r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b(?=[a-f]*\d)[0-9a-f]{12,64}\b", re.IGNORECASE
        ),
        "ID",
    ),
    (re.compile(r"\d+(?:[.,:_-]\d+)*"), "#"),
    (re.compile(r"# ?(?:ns|µs|us|ms|secs?|seconds?|s|min|minutes?|h)\b"), "#"),
    (re.compile(r"\s+"), " "),
)
_FRAME = re.compile(
    r"make(?:\[\d+\])?: \*\*\*|npm (?:ERR|error)|error Command failed|.*ELIFECYCLE|info Visit |={5,}|-{5,}|[\s.=_*#-]*$"
)
"""Lines at the end that say only that something above them failed."""


def normal(words: str) -> str:
    """Words without what differs from run to run: numbers, durations, addresses, temporary paths, colours."""
    for pattern, by in _CHANGING:
        words = pattern.sub(by, words)
    return words.strip()


def of_check(check: Check, root: str = "") -> tuple[str, ...]:
    """The classes of a command that did not pass, sorted; `root` is the folder that it ran in."""
    if check.ran_nothing:
        return (_line(f"nothing {check.command}"),)
    if check.exit_code is None:
        return (_line(_without_exit(check)),)
    found = reported.classes(check.output, root)
    if not found:
        ended = f"signal {-check.exit_code}" if check.exit_code < 0 else normal(_last(check.output, root))
        found = {f"command {check.command}: {ended or f'exit code {check.exit_code}'}"}
    return listed(found)


def _without_exit(check: Check) -> str:
    """The class of a command that took too long, or could not start; what stands in the project may be the model's to mend."""
    if "took longer" in check.why:
        return f"timeout {check.command}"
    program = check.command.split()[0] if check.command.split() else ""
    family = "command" if "/" in program else "start"
    return f"{family} {check.command}"


def _last(output: str, root: str) -> str:
    """The last line of an output that says something, without the folder that it ran in."""
    lines = (line.replace(root, "") if root else line for line in reversed(output.split("\n")))
    return next((line for line in lines if line.strip() and not _FRAME.match(line)), "")


def of_checks(checks: Iterable[Check], root: str = "") -> tuple[str, ...]:
    """The classes of all commands that did not pass."""
    return listed(one for check in checks if not check.passed for one in of_check(check, root))


def of_problems(problems: Iterable[Problem]) -> tuple[str, ...]:
    """The classes of what was wrong with a response: what could not be read by its kind, what could not be written by its path."""
    return listed(
        f"{one.kind} {one.path}" if one.kind else f"response {normal(_VALUES.sub('…', one.message))}"
        for one in problems
    )


def of_cut(why: str) -> tuple[str, ...]:
    """The class of a response that is not whole; sdd's own end is nobody's failure."""
    return ("interrupted",) if why == STOPPED else (_line(f"cut {normal(why)}"),)


def outside(paths: Iterable[str]) -> tuple[str, ...]:
    """The classes of files that an agent changed and may not write."""
    return listed(f"write {path}" for path in paths)


def of_rejection(turn: str, words: str, known: Iterable[str]) -> tuple[str, ...]:
    """The classes of a person's rejection: its turn, and each of the `known` classes whose subject the person names.

    Two people, and one person twice, say the same in other words; so whoever sends the same turn back twice has seen the
    same failure, whatever the words. A test that a check had found, named by the person, is the check's own class.
    """
    named = (one for one in known if any(part in words for part in _subjects(one)))
    return listed([f"rejected {turn}", *named])


def _subjects(one: str) -> list[str]:
    """What a person may call the thing that a class is about: the whole, and of a test its own name."""
    family, _, rest = one.partition(" ")
    if family == "test":
        node = rest.rpartition(" ")[0] or rest
        return [node, re.split(r"::|\.", node)[-1]]
    return [rest.partition(" ")[0]] if family in {"type", "lint", "syntax", "import"} else []


def listed(found: Iterable[str]) -> tuple[str, ...]:
    """Classes as a run tells them: sorted, each once, a line each, not too many."""
    return tuple(sorted({_line(one) for one in found})[:MOST])


def _line(one: str) -> str:
    line = " ".join(one.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def wrong_reasons(failures: Iterable[str], to_come: Sequence[str]) -> list[str]:
    """The classes for which tests fail whatever code comes, so that they are not red as they must be.

    `to_come` are the globs of what the session writes later: a module of theirs has to be missing. An error in a test's own
    syntax, or a module that nobody is going to write, has not.
    """
    return [
        one
        for one in failures
        if one.startswith(("syntax ", "collect "))
        or (one.startswith("import ") and not comes(one.partition(" ")[2], to_come))
    ]


def comes(module: str, globs: Sequence[str]) -> bool:
    """Whether one of the globs may bring a module: its file, in whatever folder it lies, or something in its package."""
    parts = [part for part in re.split(r"[./\\]+", module) if part]
    return bool(parts) and any(_names(glob, parts) or _may_hold(glob, parts) for glob in globs)


def _names(glob: str, parts: list[str]) -> bool:
    folders = [part.partition(".")[0] for part in glob.split("/")]
    return any(folders[at : at + len(parts)] == parts for at in range(len(folders)))


def _may_hold(glob: str, parts: list[str]) -> bool:
    """Whether a glob with a wildcard matches a file of that module in one of the folders that lead to the wildcard."""
    fixed = glob.split("*", maxsplit=1)[0].split("/")[:-1]
    ending = PurePosixPath(glob).suffix or ".py"
    return (
        is_glob(glob)
        and ending in MODULES
        and any(
            matches(glob, "/".join([*fixed[:depth], *parts]).encode() + ending.encode())
            for depth in range(len(fixed) + 1)
        )
    )
