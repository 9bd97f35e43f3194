"""What failed in Python: the reports of pytest and unittest, and what a traceback ends in, as classes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

_NODE = r"(?P<node>\S+?::[^\[\s]+(?:\[.*?\])?)"
_SUMMARY = re.compile(
    rf"(?:FAILED|ERROR|SUBFAIL(?:ED)?\S*(?: \([^)]*\))?) (?:{_NODE}|(?P<path>\S+\.\w+))(?: - (?P<words>.*))?"
)
_VERBOSE = re.compile(rf"{_NODE} (?:FAILED|ERROR)(?: +\[ *\d+%\])?")
_HEADING = re.compile(r"_+ (?:ERROR at (?:setup|teardown) of )?(?P<name>\S.*?) _+")
_COLLECTING = "ERROR collecting "
_UNITTEST = re.compile(r"(?:FAIL|ERROR): (?P<name>\S+) \((?P<where>[\w.<>]+)\)")
_NOT_LOADED = "unittest.loader._FailedTest"
_FILE = re.compile(r'(?:E\s+)?\s*File "(?P<path>[^"]+)", line \d+')
_RAISED = re.compile(r"(?:E +)?(?P<type>[A-Za-z_][\w.]*)(?::(?: (?P<words>.*))?)?")
_ENDS_IN = re.compile(r"\S+:\d+: (?P<type>[A-Za-z_]\w*)")
_SYNTAX = {"SyntaxError", "IndentationError", "TabError"}
_MISSING = re.compile(
    r"No module named '([^']+)'|cannot import name '[^']+' from (?:partially initialized module )?'([^']+)'"
)
_TYPE = re.compile(r".*(?:Error|Exception|Warning|Exit|Interrupt|Failed|Iteration|Group)|Failed|Skipped")


class _Block(Value):
    """A part of a report: its heading, the type of the exception, and what kept the code from being loaded, as a class."""

    heading: str
    raised: str = ""
    unloaded: str = ""


def relative(path: str, root: str) -> str:
    """A path from the top of the project; of one that lies elsewhere only its name, for folders differ from run to run."""
    plain, top = path.strip().replace("\\", "/"), root.replace("\\", "/").rstrip("/") + "/"
    if root and plain.startswith(top):
        return plain[len(top) :]
    absolute = plain.startswith("/") or plain[1:3] == ":/"
    return plain.rpartition("/")[2] if absolute else plain.removeprefix("./")


def classes(output: str, root: str) -> Iterator[str]:
    """The classes of what failed in an output of pytest, unittest or a script."""
    lines = output.split("\n")
    blocks = list(_blocks(lines, root))
    yield from filter(None, map(_of_block, blocks))
    seen = {block.heading: block for block in blocks}
    tests: dict[str, str] = {}  # told twice with -v, once without the type
    for line in lines:
        summary = _SUMMARY.fullmatch(line.rstrip())
        verbose = _VERBOSE.fullmatch(line.rstrip())
        if summary and not summary["node"]:
            if not seen.get(_COLLECTING + summary["path"]):
                yield _collect(summary["path"], summary["words"] or "")
        elif summary or verbose:
            node = summary["node"] if summary else verbose["node"] if verbose else ""
            words = summary["words"] if summary else None
            tests[node] = tests.get(node) or _type(node, words or "", seen)
    yield from (f"test {node} {raised}".rstrip() for node, raised in tests.items())


def _type(node: str, words: str, seen: dict[str, _Block]) -> str:
    """The type of the exception that ended a test: by the summary, unless that was cut short, else by the test's own part."""
    raised = _RAISED.fullmatch(words)
    whole = raised and (raised["words"] is not None or not words.endswith("..."))
    if raised and whole and _TYPE.fullmatch(raised["type"]):
        return raised["type"].rpartition(".")[2]
    if words.startswith("assert "):
        return "AssertionError"
    name = ".".join(node.split("::")[1:])
    found = next((block for heading, block in seen.items() if heading.partition(" (")[0] == name), None)
    return found.raised if found else ""


def _collect(path: str, words: str) -> str:
    """The class of a file that could not be collected, by what the summary says alone."""
    raised = _RAISED.fullmatch(words)
    kind = raised["type"] if raised else ""
    return _unloaded(kind, words, path) or f"collect {path} {kind}".rstrip()


def _of_block(block: _Block) -> str:
    if block.heading.startswith(_COLLECTING):
        path = block.heading.removeprefix(_COLLECTING)
        return block.unloaded or f"collect {path} {block.raised}".rstrip()
    name, _, where = block.heading.partition(" ")
    if where.startswith(_NOT_LOADED):
        return block.unloaded or f"collect {name} {block.raised}".rstrip()
    if where:  # of unittest, as "name (where"
        whole = where if where.endswith(f".{name}") else f"{where}.{name}"
        return f"test {whole} {block.raised}".rstrip() if _dotted(whole) else ""
    return block.unloaded if not name else ""  # a script; pytest tells its tests in the summary


def _dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _blocks(lines: list[str], root: str) -> Iterator[_Block]:
    """The parts of the reports, in their order."""
    block: _Block | None = None
    path = ""
    for line in lines:
        heading = _begins(line)
        if heading is not None and (heading or block is None):
            if block:
                yield block
            block, path = _Block(heading), ""
        elif block is not None and line.startswith("======"):
            yield block
            block = None
        elif block is not None:
            file = _FILE.match(line)
            path = relative(file["path"], root) if file else path
            block = _read(block, line, path)
    if block:
        yield block


def _begins(line: str) -> str | None:
    """The heading of a part that begins with this line: empty for a bare traceback, None where none begins."""
    of_pytest = _HEADING.fullmatch(line)
    if of_pytest:
        return of_pytest["name"]
    of_unittest = _UNITTEST.match(line)
    if of_unittest:
        return f"{of_unittest['name']} {of_unittest['where']}"
    return "" if line.startswith("Traceback (most recent call last)") else None


def _read(block: _Block, line: str, path: str) -> _Block:
    """A part with what this line adds."""
    ended = _ENDS_IN.fullmatch(line)
    if ended:
        return block.replace(raised=ended["type"])
    if line.startswith("E   assert") and not block.raised:
        return block.replace(raised="AssertionError")
    raised = _RAISED.fullmatch(line)
    if not raised or not _TYPE.fullmatch(raised["type"]):
        return block
    kind = raised["type"].rpartition(".")[2]
    return block.replace(raised=kind, unloaded=_unloaded(kind, line, path) or block.unloaded)


def _unloaded(kind: str, words: str, path: str) -> str:
    """The class of an exception that keeps code from being loaded; empty for any other."""
    if kind in _SYNTAX:
        return f"syntax {path}"
    missing = _MISSING.search(words) if kind in {"ModuleNotFoundError", "ImportError"} else None
    return f"import {missing[1] or missing[2]}" if missing else ""
