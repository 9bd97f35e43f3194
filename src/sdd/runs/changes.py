"""What a response may write: every path judged, every edit applied, all of it or nothing."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from unicodedata import normalize

from sdd.globs import matches
from sdd.runs import edits
from sdd.runs.response import EditBlock, FileBlock, Problem
from sdd.snapshot import LINK, SUBMODULE
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sdd.runs.response import ParsedResponse
    from sdd.snapshot import Snapshot

RESERVED = re.compile(r"\.git|\.sdd|(?:git|sdd)~\d")
"""Folders of git and of sdd, case folded, with the short names that Windows also knows them by."""
RELATIVE = "name it from the top of the repository, its parts between single /, without . and .."
SHOWN_GLOBS = 10


class Changes(Value):
    """What is to be written: path in the tree to bytes, only what differs. With any problem there are no files."""

    files: dict[bytes, bytes]
    problems: tuple[Problem, ...]


class _Tree:
    """The files that stand, and those that the response adds: what a new path may collide with.

    `spelled` maps each path and folder, case folded, to the ways it is spelled.
    """

    def __init__(self, now: Snapshot) -> None:
        self.now = now
        self.files = set(now.entries)
        self.spelled: dict[bytes, set[bytes]] = {}
        for path in now.entries:
            self._spell(path)

    def _spell(self, path: bytes) -> None:
        while path:
            ways = self.spelled.setdefault(_folded(path), set())
            if path in ways:
                return
            ways.add(path)
            path = path.rpartition(b"/")[0]

    def add(self, path: bytes) -> None:
        """From here on the path stands."""
        self.files.add(path)
        self._spell(path)

    def in_the_way(self, path: bytes) -> str:
        """Why no regular file can be written at a path, or an empty string."""
        for place in _prefixes(path):
            entry = self.now.entries.get(place)
            name = place.decode()
            if entry and entry.mode in {LINK, SUBMODULE}:
                return f"leads through {name}, which is a {'link' if entry.mode == LINK else 'submodule'}"
            if place != path and place in self.files:
                return f"lies below {name}, which is a file"
            ways = self.spelled.get(_folded(place), {place})
            if place not in ways:
                return f"differs only in case or accents from {min(ways).decode('utf-8', 'replace')}, which stands"
        folder = path not in self.files and path in self.spelled.get(_folded(path), ())
        return "is a folder" if folder else ""


def plan(parsed: ParsedResponse, writes: Sequence[str], now: Snapshot, shown: Mapping[bytes, str]) -> Changes:
    """What a response would change, all or nothing.

    `writes` are the globs that may be written; `shown` maps each path that the prompt showed to its blob id, "" where
    it was absent. A file is written only where it still is as shown; one that was not shown must be absent. Where a
    file stands its line endings are kept. The response's own problems are not repeated, and leave nothing to write.
    """
    tree = _Tree(now)
    files: dict[bytes, bytes] = {}
    problems: list[Problem] = []
    blocks: list[FileBlock | EditBlock] = [*parsed.files, *parsed.edits]
    for block in sorted(blocks, key=lambda one: one.line):
        found = list(_refused(block, writes, tree, shown))
        made = found[0] if found else _content(block, now)
        if isinstance(made, Problem):
            more = found or [made.replace(kind="edit")]
            problems += [one.replace(kind=one.kind or "write", path=block.path) for one in more]
        else:
            path = block.path.encode()
            tree.add(path)
            if path not in now or made != now.read(path):
                files[path] = made
    return Changes({} if problems or parsed.problems else files, tuple(problems))


def _refused(
    block: FileBlock | EditBlock, writes: Sequence[str], tree: _Tree, shown: Mapping[bytes, str]
) -> Iterator[Problem]:
    """Why a path may not be written."""
    malformed = _malformed(block.path)
    if malformed:
        yield Problem(block.line, f"the path {block.path!r} {malformed}", RELATIVE)
        return
    path = block.path.encode()
    if any(RESERVED.fullmatch(part) for part in block.path.casefold().split("/")):
        yield Problem(
            block.line,
            f"{block.path} lies in a folder of git or sdd, which no session writes",
            "leave it out",
        )
    elif not any(matches(pattern, path) for pattern in writes):
        more = ", …" if len(writes) > SHOWN_GLOBS else ""
        allowed = ", ".join(writes[:SHOWN_GLOBS]) + more or "no file"
        yield Problem(
            block.line, f"{block.path} is outside what this session may write", f"write only: {allowed}"
        )
    in_the_way = tree.in_the_way(path)
    if in_the_way:
        yield Problem(block.line, f"{block.path} {in_the_way}", "name another path")
    elif tree.now.blob(path) != shown.get(path, ""):
        yield _moved(block, tree.now, shown)


def _malformed(path: str) -> str:
    """What makes a text no path of a file that could stand on every system, or an empty string."""
    parts = path.split("/")
    if not path.isprintable():
        return "holds control or invisible characters"
    if "\\" in path or ":" in path:
        return "holds a backslash or a colon"
    if path.startswith("/"):
        return "is absolute"
    if {"", ".", ".."}.intersection(parts):
        return "has an empty part, . or .."
    return "has a part that ends with a dot or a space" if any(part[-1] in ". " for part in parts) else ""


def _moved(block: FileBlock | EditBlock, now: Snapshot, shown: Mapping[bytes, str]) -> Problem:
    path = block.path.encode()
    if path not in now:
        told = "was removed since the prompt showed it"
    elif shown.get(path):
        told = "has changed since the prompt showed it"
    elif path in shown:
        told = "was made by someone since the prompt said that it is absent"
    else:
        told = "stands already, and the prompt did not show it"
    return Problem(
        block.line,
        f"{block.path} {told}, so it is left as it is",
        "start from the file as the next prompt shows it",
        kind="moved",
    )


def _content(block: FileBlock | EditBlock, now: Snapshot) -> bytes | Problem:
    """The bytes that a block makes of its file. Bytes that are no UTF-8 survive an edit of other lines."""
    path = block.path.encode()
    before = now.read(path).decode("utf-8", "surrogateescape") if path in now else ""
    texts = [block.text] if isinstance(block, FileBlock) else [text for pair in block.pairs for text in pair]
    if any(not _is_utf8(text) for text in texts):
        return Problem(
            block.line,
            f"the text for {block.path} holds half a surrogate pair, which is no character",
            "leave it out",
        )
    if isinstance(block, FileBlock):
        return edits.with_endings_of(before, block.text).encode("utf-8", "surrogateescape")
    if path not in now and any(search for search, _ in block.pairs):
        return Problem(
            block.line,
            f"{block.path} does not stand, so there is nothing to edit",
            "send the whole file in a fence with path=",
        )
    after = edits.apply(before, block.pairs)
    if isinstance(after, edits.EditProblem):
        return Problem(block.line, f"in {block.path} {after.message}", after.hint)
    return after.encode("utf-8", "surrogateescape")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _prefixes(path: bytes) -> list[bytes]:
    """The folders above a path, from the top, and the path itself."""
    parts = path.split(b"/")
    return [b"/".join(parts[: count + 1]) for count in range(len(parts))]


def _folded(path: bytes) -> bytes:
    """What names of files have in common where case, or the way accents are written, makes no difference."""
    if path.isascii():
        return path.lower()
    text = normalize("NFD", path.decode("utf-8", "surrogateescape")).casefold()
    return normalize("NFC", text).encode("utf-8", "surrogateescape")


def changed_lines(before: bytes, after: bytes) -> int:
    """How many lines were added and removed, cheaply: never more than a diff says, lines that only moved are not counted."""
    gone, come = Counter(before.splitlines()), Counter(after.splitlines())
    return (gone - come).total() + (come - gone).total()
