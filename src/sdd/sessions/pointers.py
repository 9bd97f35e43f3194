"""What sessions may point to, told by a look at their bytes: whoever searches all of them reads only those that may be meant.

It may tell of too many, and never of too few: each that it names has still to be read, by the one reader of sessions. So it
looks at whole entries of front matter as they stand there, with no more grammar than where one begins and ends, and gives
up on those that write a character otherwise than it is.
"""

from __future__ import annotations

from sdd.sessions.project import PLAN, page_path, sessions_in
from sdd.sessions.session import CHANGES, docs, path_of
from sdd.sessions.template import filled
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from sdd.sessions.project import Project
    from sdd.snapshot import Snapshot

KINDS, NEEDS, WRITES, IMPLEMENTS = b"kind", b"needs", b"writes", b"implements"
# An entry begins at the margin, and what is below it does not begin with a letter (`front_matter._entries`).
ENTRIES = rb"^(kind|needs|writes|implements):(.*(?:\n(?![A-Za-z0-9_]).*)*)"
EVIDENCE = rb"\([^(\n]*\)[ \t\r]*$"  # a superset of what `session._evidence` takes
ENDS = (b"\n---\n", b"\n---\r\n")
_PLAIN = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PARTED = bytes(byte if byte in _PLAIN else ord(" ") for byte in range(256))
MOST_KNOWN = 200_000

_known: dict[str, Pointers] = {}


class Pointers(Value):
    """The entries of a file that can point to others, unread, and the evidence that its lines may name.

    `unclear` are those that may say something else than they show.
    """

    kind: bytes
    needs: bytes
    writes: bytes
    implements: bytes
    evidence: bytes
    unclear: bool


class Words:
    """Some texts that values may equal or end with, ready to be looked for in many entries.

    Around a value stands nothing that a word is made of, so each of its words stands alone; and a text that goes on below
    its line has a space there.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_word: dict[bytes, list[list[bytes]]] = {}
        for text in texts:
            data = text.encode("utf-8", "surrogateescape")
            longest = max(data.translate(_PARTED).split(), key=len, default=b"")
            self._by_word.setdefault(longest, []).append(data.split(b" "))

    def within(self, entry: bytes) -> bool:
        """Whether one of them may stand there."""
        near = self._by_word.keys() & {b"", *entry.translate(_PARTED).split()}
        return any(all(map(entry.__contains__, parts)) for word in near for parts in self._by_word[word])


def of(data: bytes) -> Pointers:
    """What a session's, or a page's, bytes may point to."""
    from re import MULTILINE, findall  # only where nothing is kept

    end = min((at for one in ENDS if (at := data.find(one, 3)) >= 0), default=len(data))
    front = data[:end]
    found = dict.fromkeys((KINDS, NEEDS, WRITES, IMPLEMENTS), b"")
    for key, entry in findall(ENTRIES, front, MULTILINE):
        found[key] += entry
    evidence = b"\n".join(findall(EVIDENCE, data, MULTILINE)) if b"(" in data else b""
    kind, needs, writes, implements = found.values()
    return Pointers(kind, needs, writes, implements, evidence, b"\\" in front or b"''" in front)


def pointing(project: Project, features: Iterable[str], may: Callable[[Pointers], bool]) -> Iterator[str]:
    """The sessions of features, in order, whose bytes may point where somebody looks."""
    for feature in features:
        names = sessions_in(project.snapshot, feature)
        told = _told(project.snapshot, [path_of(name) for name in names])
        yield from (name for name, one in zip(names, told, strict=True) if one.unclear or may(one))


def writing(project: Project, paths: AbstractSet[str]) -> set[str]:
    """The sessions that may name one of these files, as one that they write or show."""
    words, places = Words(paths), (*project.features, CHANGES)
    found = {*pointing(project, places, lambda one: words.within(one.writes) or words.within(one.evidence))}
    found.update(_by_template(project, places, "writes", paths))
    found.update(_by_page(project, words))
    for feature in places:
        path = docs(feature).encode() + PLAN
        if feature in project.plans and words.within(project.snapshot.read(path)):
            tasks = project.plans[feature].tasks
            found |= {
                name
                for task in tasks
                if not paths.isdisjoint(task.writes) and (name := project.task_session(feature, task.name))
            }
    return found


class Needed:
    """Sessions that others may need: from outside of their feature by their whole names, inside of it also by what is left."""

    def __init__(self, names: AbstractSet[str]) -> None:
        self._names = names
        self._whole = Words(names)
        self._inside: dict[str, set[str]] = {}
        for name in names:
            feature, _, slug = name.partition("/")
            self._inside.setdefault(feature if slug else "", set()).add(slug or name)

    def by(self, project: Project, feature: str) -> set[str]:
        """The sessions of a feature that may need one of them."""
        inside = self._inside.get(feature, set())
        words = Words(inside)

        known: dict[bytes, bool] = {}  # most sessions of a feature need the same

        def may(one: Pointers) -> bool:
            if one.needs not in known:
                known[one.needs] = self._whole.within(one.needs) or words.within(one.needs)
            return known[one.needs]

        found = {*pointing(project, (feature,), may)}
        return found.union(_by_template(project, (feature,), "needs", self._names | inside))


def implementing(project: Project) -> set[str]:
    """The sessions that may implement a contract."""
    places = (*project.features, CHANGES)
    kinds = Words(one.kind for one in project.templates.values() if "implements" in one.keys)
    return {*pointing(project, places, lambda one: bool(one.implements) or kinds.within(one.kind))}


def of_kind(project: Project, features: Iterable[str], kind: str) -> Iterator[str]:
    """The sessions of features that may be of a kind, in order."""
    words = Words([kind])
    return pointing(project, features, lambda one: words.within(one.kind))


def _by_template(
    project: Project, features: Iterable[str], key: str, values: AbstractSet[str]
) -> Iterator[str]:
    """The sessions for which the list of a template may say one of these values."""
    for template in project.templates.values():
        told = template.keys.get(key, ())
        texts = [text for text in told if _may_give(text, values)] if isinstance(told, tuple) else []
        near = of_kind(project, features, template.kind) if texts else ()
        yield from (name for name in near if any(filled(text, name) in values for text in texts))


def _may_give(text: str, values: Iterable[str]) -> bool:
    """Whether a text of a template may become one of these values once its places are filled in."""
    start, end = text.partition("{")[0], text.rpartition("}")[2]
    return any(value.startswith(start) and value.endswith(end) for value in values)


def _by_page(project: Project, words: Words) -> Iterator[str]:
    """The small changes whose page may name one of these files."""
    names = [*project.pages]
    told = _told(project.snapshot, [page_path(name) for name in names])
    yield from (
        name for name, one in zip(names, told, strict=True) if one.unclear or words.within(one.writes)
    )


def _told(snapshot: Snapshot, paths: Sequence[bytes]) -> list[Pointers]:
    """What these files of one folder may point to; the same bytes say the same, so they are looked at once."""
    folder = paths[0].rpartition(b"/")[0] if paths else b""
    there = snapshot.entries.folder(folder)
    blobs = [there[path[len(folder) + 1 :]][1] if there else snapshot.blob(path) for path in paths]
    missing = {path: blob for path, blob in zip(paths, blobs, strict=True) if blob not in _known}
    if len(_known) + len(missing) > MOST_KNOWN:
        _known.clear()
        missing = dict(zip(paths, blobs, strict=True))
    _known.update((missing[path], of(data)) for path, data in snapshot.read_all(missing).items())
    return [_known[blob] for blob in blobs]
