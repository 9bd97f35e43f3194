"""What `sdd init --propose` proposes: contracts, an outline, and a first session that reads what is there. Nothing is ever overwritten."""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sdd.existing import contracts, outline
from sdd.existing.classes import candidates, existing_contracts
from sdd.existing.modules import modules
from sdd.globs import is_glob
from sdd.prompts.refusals import refusal
from sdd.sessions.front_matter import render
from sdd.sessions.process import EMPTY_BRIEF, NewFile
from sdd.snapshot import show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sdd.existing.classes import Candidate
    from sdd.snapshot import Snapshot

OUTLINE, BRIEF = b"docs/existing.md", b"docs/brief.md"
SESSION = b"sessions/00-existing-architecture.md"
ARCHITECTURE, INTERFACES = "docs/architecture.md", "docs/interfaces"
MOST_DOCUMENTS = 20
MOST_BYTES = 200_000
"""Of all documents that the first session reads: some 50,000 tokens, a third of the budget that a prompt has."""
LEFT_OUT = ("changelog", "changes", "history", "news", "license", "licence", "code_of_conduct", "security")
"""Documents that say little of how a project is built, by how their names begin."""

WORDS = f"""# Brief

This project is there already: docs/existing.md outlines it. First its architecture is written down as it is, so that what comes
next can rest on it.

{EMPTY_BRIEF}
"""
BODY = """# The architecture as it is

## Goal

Write down the architecture that is there, as it is, and bring the proposed contracts to what the code promises today. Nothing
is designed anew: whoever reads the result must find every component in the code.

## Checklist

- [ ] every folder of docs/existing.md that holds code belongs to a component, and every component names its files
- [ ] every contract under docs/interfaces says what the code does today, its errors and its settings included
- [ ] what two components pass to each other, and what is stored, stands under Data
- [ ] what should change stands under Risks, with its reason, and nothing was changed
"""


class Proposal(Value):
    """Files that could be written, each with a word about it, and the paths of those that are there and stay as they are."""

    files: tuple[NewFile, ...]
    told: Mapping[bytes, str]
    kept: tuple[bytes, ...]


def proposal(tracked: Snapshot, there: Snapshot) -> Proposal:
    """What is proposed from the files that git tracks; what is `there`, tracked or not, stays as it is."""
    known, unread = modules(tracked)
    found = candidates(known)
    documents = _documents(tracked)
    wanted = list(_contracts(found))
    text = outline.text(tracked, documents, found, existing_contracts(known), unread)
    wanted.append((NewFile(OUTLINE, text.encode(errors="replace")), "the outline of what is there"))
    wanted.append((NewFile(BRIEF, WORDS.encode()), "the place for what you want next"))
    paths = [file.path.decode() for file, _ in wanted if file.path.startswith(INTERFACES.encode())]
    reads = [*documents, OUTLINE.decode(), *paths]
    told = f"a first session, which reads {len(reads)} files and writes down the architecture as it is"
    wanted.append((NewFile(SESSION, _session(reads).encode()), told))
    new = [(file, words) for file, words in wanted if file.path not in there]
    return Proposal(
        tuple(file for file, _ in new),
        {file.path: words for file, words in new},
        tuple(file.path for file, _ in wanted if file.path in there),
    )


def _contracts(found: Sequence[Candidate]) -> Iterator[tuple[NewFile, str]]:
    """A file of contracts for each module; its name is the module's, with the package's in front where two modules share one."""
    grouped = groupby(sorted(found, key=lambda one: one.module.path), key=lambda one: one.module.path)
    by_path = {path: list(group) for path, group in grouped}
    stems = [_stem(path) for path in by_path]
    for path, group in by_path.items():
        plain = _stem(path)
        name = plain if stems.count(plain) == 1 else group[0].module.name.replace(".", "_").lower()
        ranked = sorted(group, key=lambda one: (-one.users, one.name))
        names = ", ".join(f"{one.contract} (used by {one.users})" for one in ranked)
        file = NewFile(f"{INTERFACES}/{name}.py".encode(), contracts.text(ranked).encode(errors="replace"))
        yield file, f"{names}, from {show(path.encode(errors='surrogateescape'))}"


def _stem(path: str) -> str:
    pure = PurePosixPath(path)
    return (pure.parent.name if pure.stem == "__init__" else pure.stem).lower()


def _documents(tracked: Snapshot) -> list[str]:
    """The documents that tell of the project, README first; as many as a prompt can hold."""
    paths = [path for path in tracked.entries if tracked.is_file(path) and _tells(path)]
    ranked = sorted(paths, key=_rank)
    found: list[str] = []
    size = 0
    for path in ranked:
        if not refusal(tracked, path) and size + len(tracked.read(path)) <= MOST_BYTES:
            size += len(tracked.read(path))
            found.append(path.decode())
    return found[:MOST_DOCUMENTS]


def _rank(path: bytes) -> tuple[int, int, bytes]:
    """README first, then what tells of the architecture by its name, then the others, those nearer to the top before."""
    name = path.lower()
    told = [name.startswith(b"readme"), b"architect" in name or b"design" in name]
    return told.index(True) if any(told) else len(told), path.count(b"/"), path


def _tells(path: bytes) -> bool:
    """Whether a path is that of a document: at the top or below docs, by a name that can stand in front matter."""
    name = path.decode("utf-8", "replace")
    pure = PurePosixPath(name)
    top = len(pure.parts) == 1 or pure.parts[0] in {"docs", "doc"}
    plain = name.isprintable() and not is_glob(name) and "\ufffd" not in name and INTERFACES not in name
    is_text = pure.suffix.lower() in {".md", ".rst"}
    own = path in {OUTLINE, BRIEF} or pure.name == "tracker.md"
    return top and plain and is_text and not own and not pure.stem.lower().startswith(LEFT_OUT)


def _session(reads: Sequence[str]) -> str:
    front = render(
        {"kind": "architecture", "reads": tuple(reads), "writes": (ARCHITECTURE, f"{INTERFACES}/**")}
    )
    return front + BODY
