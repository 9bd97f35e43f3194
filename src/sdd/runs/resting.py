"""What a session rests on: the texts that its runs were shown, and which of them say something else now.

A run is text that anyone could write (DESIGN §3.4): what follows from it is a hint for people, and no gate asks for it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.globs import is_glob, matching
from sdd.prompts.excerpt import DIFF, SESSION
from sdd.prompts.selectors import FORM, select
from sdd.prompts.words import words_sha256
from sdd.runs import record
from sdd.sessions.run import ACCEPTED
from sdd.sessions.session import FOLDER
from sdd.sessions.whole_run import Input, inputs
from sdd.snapshot import show, unshown
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.prompts.excerpt import Excerpt
    from sdd.sessions.project import Project
    from sdd.sessions.run import Run
    from sdd.snapshot import Snapshot

    Key = tuple[str, bytes]

RULES = frozenset({b"docs/guidelines.md", b"docs/lessons.md"})
"""What every prompt carries: a lesson that one session adds would make all others suspect."""
SELECTING = ("reads", "interfaces", "models", "configuration", "guidelines")
GONE, CHANGED, UNNAMED, AGAIN = "is gone", "has changed", "names nothing any more", "is there again"


class Trace(Value):
    """What a session rests on and what it wrote, by its runs that count.

    `inputs` are in the order in which they were shown; several of one selector and path are what any of its runs saw.
    """

    session: str
    inputs: tuple[Input, ...]
    wrote: tuple[bytes, ...]


class Lapse(Value):
    """An input that holds no more, and why, as the end of a sentence that begins with its selector."""

    selector: str
    path: bytes
    why: str

    @property
    def told(self) -> str:
        """The lapse in words."""
        return f"{where(self.selector, self.path)} {self.why}"


def where(selector: str, path: bytes) -> str:
    """An input for people: a path that a glob chose with the glob behind it."""
    return f"{show(path)} (by {selector})" if is_glob(selector) and not FORM.search(selector) else selector


def trace(project: Project, name: str) -> Trace:
    """What a session rests on: what its last good run of each turn was shown, as far as nobody accepted something newer.

    Left out is what it wrote itself, what it might write and did not choose to read, what every prompt carries unless the
    session itself asks for it, and the records of sdd and git: sessions, runs, trackers and commits.
    """
    one = project.sessions[name]
    wholes = {run.file: _whole(project.snapshot, run) for run in one.runs if run.file}
    wrote = {unshown(path) for data in wholes.values() for path in record.wrote(data)}
    known: dict[Key, list[Input]] = {}
    for run in _counting(one.runs):
        found = inputs(wholes.get(run.file, b""))
        if run.outcome == ACCEPTED:
            known |= {_key(one): [one] for one in found if _key(one) in known}
            continue
        for each in found:
            known.setdefault(_key(each), []).append(each)
    chosen = _chosen(project, name)
    writes = (*project.texts(name, "writes"), *(project.granted(name) or ()))
    mine = wrote.union(matching(writes, [path for selector, path in known if selector not in chosen]))
    kept = (
        each
        for (selector, path), seen in known.items()
        if path not in mine and not _is_record(selector, path) and (path not in RULES or selector in chosen)
        for each in seen
    )
    return Trace(name, tuple(dict.fromkeys(kept)), tuple(sorted(wrote - RULES)))


def _key(one: Input) -> Key:
    return (one.selector, one.path)


def _whole(snapshot: Snapshot, run: Run) -> bytes:
    path = FOLDER + run.file.encode()
    return snapshot.read(path) if snapshot.is_file(path) else b""


def _counting(runs: Sequence[Run]) -> list[Run]:
    """The runs that count: of each turn the newest that was done and not sent back since, and what a person accepted after them."""
    found: list[Run] = []
    for run in runs:
        turns = [one.turn for one in found if one.outcome != ACCEPTED]
        if run.outcome == "rejected" and run.turn in turns:
            later = turns[turns.index(run.turn) :]
            found = [one for one in found if one.turn not in later]
        elif run.outcome == "done":
            found = [one for one in found if one.outcome == ACCEPTED or one.turn != run.turn] + [run]
        elif run.outcome == ACCEPTED:
            found.append(run)
    return found


def _chosen(project: Project, name: str) -> set[str]:
    """The selectors that the session, its template or its page asks for."""
    page = project.pages.get(name)
    implements = project.keys[name].get("implements", {})
    found = {text for key in SELECTING for text in project.texts(name, key)}
    return found | {
        *(page.reads if page else ()),
        *map(str, implements if isinstance(implements, dict) else ()),
    }


def _is_record(selector: str, path: bytes) -> bool:
    """Whether it is one of sdd's own records, or the way between two commits, which never changes.

    What is told of a session by its name (`session:03-cart`) is none: its outcome and outputs.
    """
    if selector.startswith((SESSION, DIFF)):
        return selector.startswith(DIFF)
    return path.startswith(FOLDER) or (path.startswith(b"docs/") and path.endswith(b"/tracker.md"))


def lapses(snapshot: Snapshot, inputs: Iterable[Input]) -> tuple[Lapse, ...]:
    """The inputs that hold no more in a snapshot, by selector and path."""
    known: dict[Key, list[Input]] = {}
    for one in inputs:
        known.setdefault(_key(one), []).append(one)
    found = (Lapse(*key, why) for key, seen in known.items() if (why := _lapsed(snapshot, key, seen)))
    return tuple(sorted(found, key=lambda one: (one.path, one.selector)))


def _lapsed(snapshot: Snapshot, key: Key, seen: Sequence[Input]) -> str:
    """Why a selector gives no text that any run saw; empty where it does. The same blob is the same text, and is not read."""
    selector, path = key
    if snapshot.blob(path) in {one.blob for one in seen if one.blob}:
        return ""
    now = current(snapshot, selector, path)
    texts = {one.text for one in seen}
    if not now.text:
        return "" if "" in texts else UNNAMED if now.blob else GONE
    if texts == {""}:
        return AGAIN
    same = now.text in texts or now.words in {one.words for one in seen if one.words}
    return "" if same else CHANGED


def current(snapshot: Snapshot, selector: str, path: bytes) -> Input:
    """The input that a run would be shown now; without a text where the selector gives none any more."""
    found = shown(snapshot, selector, path)
    if found is None:
        return Input(selector, path, snapshot.blob(path), "")
    text = sha256(found.shown.encode()).hexdigest()
    return Input(selector, path, found.blob, text, words_sha256(found.shown, found.language))


def shown(snapshot: Snapshot, selector: str, path: bytes) -> Excerpt | None:
    """The text of a path that a selector gives in a snapshot; None where it gives none."""
    if path not in snapshot:
        return None
    name = path.decode("utf-8", "surrogateescape")
    part = selector.removeprefix(name)
    is_part = part != selector and FORM.match(part) is not None
    try:
        return select(snapshot, selector if is_part or selector.startswith(SESSION) else name)[0]
    except SddError:  # no such part, or what no prompt may hold
        return None


def by_path(traces: Iterable[Trace]) -> Mapping[bytes, list[tuple[str, Input]]]:
    """The sessions that rest on each path, with what they were shown of it."""
    found: dict[bytes, list[tuple[str, Input]]] = {}
    for one in traces:
        for each in one.inputs:
            found.setdefault(each.path, []).append((one.session, each))
    return found
