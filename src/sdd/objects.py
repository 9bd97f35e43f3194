"""Git's objects read one by one: loose ones from their files, all others by one process that is asked again and again.

Nothing is believed that is not what its id says: git takes the word of the file that an object lies in.
"""

from __future__ import annotations

import os
import stat
from itertools import islice

from sdd.errors import SddError
from sdd.processes import PIPE_HOLDS, Started
from sdd.snapshot import (
    EXECUTABLE,
    FILE,
    FOLDER,
    LINK,
    NOTHING,
    SUBMODULE,
    Files,
    object_id,
    path_in,
    show,
)
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeVar

    Answer = TypeVar("Answer")
    Folder = Mapping[bytes, tuple[str, str]]

KINDS = ("commit", "tree", "blob", "tag")
MODES = {b"40000": FOLDER} | {mode.encode(): mode for mode in (FILE, EXECUTABLE, LINK, SUBMODULE)}
FEW = 8  # objects: to look into the file of each is less work than to find out which have one
AT_ONCE = 60  # questions of an id and an end of line each: with 64 digits they fit into what a pipe holds on every system
HELD_BYTES = 4 << 20  # of blobs read last
MOST_AHEAD = 200  # objects asked for before anybody reads them
HELD = 60_000  # names kept, in folders that were parsed: those of one commit are mostly those of the next
FSCK = "git fsck; git fetch --refetch"


class Object(Value):
    """One object: its id, its kind ("commit", "tree", "blob", "tag") and its bytes."""

    id: str
    kind: str
    data: bytes


class Objects:
    """The objects of a repository, whose loose ones lie in `folder`.

    `start` begins `git cat-file --batch`; `once` asks git for one object of a kind by its id, and tells in words why not.

    Raises:
        SddError: from each method, where an object is missing, broken, or not what its id says.
    """

    def __init__(
        self, start: Callable[[], Started], once: Callable[[str, str], bytes], folder: str, algorithm: str
    ) -> None:
        self._start = start
        self._once = once
        self._folder = folder
        self._algorithm = algorithm
        self._asked: Started | None = None
        self._folders: dict[str, Folder] = {}
        self._names = 0
        self._blobs: dict[str, bytes] = {}
        self._bytes = 0
        self._ahead: dict[str, Object] = {}
        self._commits: dict[bytes, Object] = {}

    def named(self, rev: str) -> Object | None:
        """The object that git finds by a name; None where it finds none, one that is missing, or dies of the question."""
        if not rev or "\n" in rev:
            return None
        question = os.fsencode(rev)
        if question in self._commits:
            return self._commits[question]
        told = self._told(question) or self._told(question)  # it may have been ended before it was asked
        found = self._believed(self._object(told)) if _is_found(told) else None
        if found and found.kind == "commit":
            self._commits = {f"{found.id}^{{commit}}".encode(): found}  # which is asked for by its id next
        return found

    def ahead(self, names: Iterable[bytes]) -> None:
        """Ask at once for objects that will be read soon, by names that git knows; what it does not find is passed over.

        Each question that waits for its answer costs a turn of two processes.
        """
        for together in _fitting(islice((name for name in names if b"\n" not in name), MOST_AHEAD)):
            for found in self._told_together(together, self._named):
                self._ahead |= {found.id: found} if found else {}

    def _named(self, _name: bytes) -> Object | None:
        told = self._line()
        return self._object(told) if _is_found(told) else None

    def _told_together(self, names: list[bytes], answer: Callable[[bytes], Answer]) -> list[Answer]:
        """The answers to so few questions that they fit into a pipe before anybody reads the first answer."""
        self._tell(b"".join(name + b"\n" for name in names))
        try:
            return [answer(name) for name in names]
        except BaseException:
            self._asked = None  # what is left of its answers would be taken for those to the next questions
            raise

    def read(self, one: str, kind: str) -> bytes:
        """The bytes of an object of this kind, by its id."""
        ahead = self._ahead.pop(one, None)
        if ahead and ahead.kind == kind:
            return self._believed(ahead).data
        loose = self._loose(one, kind)
        found = self._believed(loose) if loose and loose.kind == kind else self._packed(one, kind)
        return found.data

    def read_all(self, ids: Iterable[str], kind: str) -> dict[str, bytes]:
        """The bytes of several objects of a kind, by id."""
        found: dict[str, bytes] = {}
        packed: list[str] = []
        wanted = list(ids)
        folders = self._loose_folders() if len(wanted) > FEW else None
        for one in wanted:
            loose = self._loose(one, kind) if folders is None or one[:2] in folders else None
            if loose and loose.kind == kind:
                found[one] = self._believed(loose).data
            else:
                packed.append(one)
        for start in range(0, len(packed), AT_ONCE):
            names = [one.encode() for one in packed[start : start + AT_ONCE]]
            answers = self._told_together(names, lambda name: self._answered(name.decode(), kind))
            found |= {answer.id: answer.data for answer in answers}
        return found

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The bytes of several blobs, by id; the last ones are held, for most of what one commit has the next one has too."""
        wanted = dict.fromkeys(ids)
        found = {one: self._blobs[one] for one in wanted if one in self._blobs}
        new = self.read_all((one for one in wanted if one not in found), "blob")
        self._bytes += sum(map(len, new.values()))
        if self._bytes > HELD_BYTES:
            self._blobs, self._bytes = {}, 0
        else:
            self._blobs |= new
        return found | new

    def _loose_folders(self) -> set[str] | None:
        """The folders of loose objects that there are, few or none after `git gc` and in a new clone; None where nobody knows."""
        try:
            return set(os.listdir(self._folder))  # noqa: PTH208 - pathlib costs a hook 5 ms
        except OSError:
            return None

    def folder(self, tree: str) -> Folder:
        """The names in a tree, each with its mode ("040000" for a folder) and id.

        Raises:
            SddError: also where it holds a name twice, or one that no file can have.
        """
        if tree not in self._folders:
            self._hold(tree, self.read(tree, "tree"))
        return self._folders[tree]

    def folders(self, trees: Iterable[str]) -> None:
        """Read together some trees that will be walked next."""
        wanted = (tree for tree in dict.fromkeys(trees) if tree not in self._folders)
        for tree, data in self.read_all(wanted, "tree").items():
            self._hold(tree, data)

    def _hold(self, tree: str, data: bytes) -> None:
        if self._names >= HELD:
            self._folders.clear()
            self._names = 0
        self._folders[tree] = _parsed(tree, data, len(tree) // 2)
        self._names += len(self._folders[tree])

    def _told(self, question: bytes) -> list[str]:
        self._tell(question + b"\n")
        return self._line()

    def _tell(self, questions: bytes) -> None:
        if self._asked is None:
            self._asked = self._start()
        self._asked.write(questions)

    def _line(self) -> list[str]:
        """The words of the next line of answer; none where git has ended, as it does when asked for `@{upstream}` where there is none."""
        try:
            return os.fsdecode(self._asked.line()).rsplit(" ", 2) if self._asked else []
        except EOFError:
            self._asked = None
            return []

    def _object(self, told: list[str]) -> Object:
        one, kind, size = told
        try:
            data = self._asked.take(int(size) + 1)[:-1] if self._asked else b""
        except EOFError:  # git was ended in the middle of an answer
            self._asked = None
            data = self._once(kind, one)
        return Object(one, kind, data)

    def _packed(self, one: str, kind: str) -> Object:
        self._tell(f"{one}\n".encode())
        return self._answered(one, kind)

    def _answered(self, one: str, kind: str) -> Object:
        told = self._line()
        if not told:
            return self._believed(Object(one, kind, self._once(kind, one)))
        if not _is_found(told) or told[0] != one:
            why = " ".join(told).removeprefix(one).strip()
            raise SddError(f"{kind} {one} cannot be read: {why}", hint=FSCK)
        found = self._object(told)
        if found.kind != kind:
            raise SddError(f"{kind} {one} cannot be read: {found.kind}", hint=FSCK)
        return self._believed(found)

    def _loose(self, one: str, kind: str) -> Object | None:
        """What lies in the file of a loose object; None where there is no such file.

        Where it is broken, git is asked for this object of a kind alone: of a blob that is shorter than it says, a git
        that is asked again and again (2.39) writes no more than there is, and we would wait for the rest for ever.
        """
        try:
            with open(f"{self._folder}/{one[:2]}/{one[2:]}", "rb") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
                packed = file.read()
        except OSError:
            return None
        from zlib import decompress, error

        try:
            head, _, data = decompress(packed).partition(b"\0")
        except error:
            head = data = b""
        found, _, size = head.decode("ascii", "replace").partition(" ")
        return (
            Object(one, found, data) if size == str(len(data)) else Object(one, kind, self._once(kind, one))
        )

    def _believed(self, found: Object) -> Object:
        if object_id(found.kind, found.data, self._algorithm) != found.id:
            raise SddError(f"{found.kind} {found.id} holds other bytes than its id says", hint=FSCK)
        return found


def _fitting(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Names in groups, of which each fits into what a pipe holds, with an end of line for each."""
    together: list[bytes] = []
    size = 0
    for name in names:
        if size + len(name) + 1 > PIPE_HOLDS:
            yield together
            together, size = [], 0
        together.append(name)
        size += len(name) + 1
    yield together


def _is_found(told: list[str]) -> bool:
    """Whether git answered with id, kind and size; else the question comes back with what is wrong."""
    return len(told) == 3 and told[2].isdigit() and " " not in told[0] and told[1] in KINDS  # noqa: PLR2004 - these three


def _parsed(tree: str, data: bytes, length: int) -> Folder:
    found: dict[bytes, tuple[str, str]] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at)
        nul = data.find(b"\0", space)
        if min(space, nul) < 0 or nul + length >= len(data):
            raise SddError(f"tree {tree} is broken", hint=FSCK)
        mode, name = _mode(tree, data[at:space]), data[space + 1 : nul]
        at = nul + 1 + length
        if name in found:
            raise SddError(f"tree {tree} holds {show(name)} twice", hint=FSCK)
        if not name or b"/" in name:
            raise SddError(f"tree {tree} holds {show(name)}, which no file can be called", hint=FSCK)
        found[name] = (mode, data[nul + 1 : at].hex())
    return found


def _mode(tree: str, told: bytes) -> str:
    """A mode as git takes it, whose old versions wrote others too, as 100664."""
    if told in MODES:
        return MODES[told]
    if not told or told.strip(b"01234567"):
        raise SddError(f"tree {tree} is broken", hint=FSCK)
    mode = int(told, 8)
    if stat.S_ISREG(mode):
        return EXECUTABLE if mode & stat.S_IXUSR else FILE
    return LINK if stat.S_ISLNK(mode) else FOLDER if stat.S_ISDIR(mode) else SUBMODULE


class Tree(Files):
    """The files of a commit, walked folder by folder as far as somebody asks.

    `listed` gives all below one tree at once, folders among them: whoever goes through all of them asks `whole` first.
    """

    def __init__(
        self, objects: Objects, tree: str, listed: Callable[[str], Iterator[tuple[bytes, str, str]]]
    ) -> None:
        self.id = tree
        self._objects = objects
        self._listed = listed
        self._all: dict[bytes, dict[bytes, tuple[str, str]]] = {}  # every folder, once all is listed
        self._trees: dict[bytes, str] = {b"": tree}

    def whole(self) -> None:
        """List everything now, since all of it will be asked for: each name in its folder, so that no path is held."""
        if self._all:
            return
        found: dict[bytes, dict[bytes, tuple[str, str]]] = {b"": {}}
        for path, mode, one in self._listed(self.id):
            folder, _, name = path.rpartition(b"/")
            names = found.setdefault(folder, {})
            if name in names:
                raise SddError(f"tree {self.id} holds {show(path)} twice", hint=FSCK)
            names[name] = (mode, one)
        self._all = found

    def at(self, path: bytes) -> tuple[str, str]:
        """The mode and id of what stands at a path."""
        folder, slash, name = path.rpartition(b"/")
        held = self._all.get(folder, {}) if self._all else self.folder(folder)
        found = held.get(name, NOTHING) if folder or not slash else NOTHING
        return NOTHING if found[0] == FOLDER else found

    def __iter__(self) -> Iterator[bytes]:
        self.whole()
        return self._below(b"")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def under(self, folder: bytes) -> list[bytes]:
        """The paths below a folder, sorted as bytes."""
        if not folder:
            return sorted(self)
        start = folder + b"/"
        if self._all:
            return sorted(self._below(folder))
        tree = self._tree(folder)
        return sorted(start + path for path, mode, _ in self._listed(tree) if mode != FOLDER) if tree else []

    def _below(self, folder: bytes) -> Iterator[bytes]:
        """The paths below a folder, in git's order, however deep they are."""
        waiting = [(folder, iter(self.folder(folder).items()))]
        while waiting:
            place, rest = waiting[-1]
            for name, (mode, _) in rest:
                path = path_in(place, name)
                if mode == FOLDER:
                    waiting.append((path, iter(self.folder(path).items())))
                    break
                yield path
            else:
                waiting.pop()

    def names(self, folder: bytes) -> dict[bytes, bool]:
        """The names of what lies in a folder, and whether each is a folder itself."""
        return {name: mode == FOLDER for name, (mode, _) in self.folder(folder).items()}

    def identity(self, folder: bytes = b"") -> str:
        """The id of the tree; "none" where there is no such folder."""
        return self._tree(folder) or "none"

    def folder(self, folder: bytes) -> Folder:
        """The names in a folder, each with its mode ("040000" for a folder) and id."""
        if self._all:
            return self._all.get(folder, {})
        tree = self._tree(folder)
        return self._objects.folder(tree) if tree else {}

    def differing(self, other: Files) -> set[bytes]:
        """The paths at which something else stands than in other files; of another tree only what differs is walked."""
        if not isinstance(other, Tree):
            return super().differing(other)
        found: set[bytes] = set()
        waiting = [(b"", self.id, other.id)] if self.id != other.id else []
        while waiting:
            now, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            self._objects.folders(tree for _, *trees in now for tree in trees if tree)
            for folder, mine, theirs in now:
                for name, one, two in self._unlike(mine, theirs):
                    path = path_in(folder, name)
                    trees = [id_ if mode == FOLDER else "" for mode, id_ in (one, two)]
                    if any(trees):
                        waiting.append((path, trees[0], trees[1]))
                    if any(id_ and mode != FOLDER for mode, id_ in (one, two)):
                        found.add(path)
        return found

    def _unlike(self, mine: str, theirs: str) -> Iterator[tuple[bytes, tuple[str, str], tuple[str, str]]]:
        """The names in two folders that do not mean the same; an empty string for a folder that is not there."""
        here, there = (self._objects.folder(tree) if tree else {} for tree in (mine, theirs))
        for name in here.keys() | there.keys():
            one, two = here.get(name, NOTHING), there.get(name, NOTHING)
            if one != two:
                yield name, one, two

    def _tree(self, folder: bytes) -> str:
        """The id of a folder's tree, or an empty string where there is none."""
        if folder and self._all:
            above, _, name = folder.rpartition(b"/")
            mode, one = self._all.get(above, {}).get(name, NOTHING)
            return one if mode == FOLDER else ""
        if folder not in self._trees:
            tree = self.id
            for name in folder.split(b"/"):
                mode, one = self._objects.folder(tree).get(name, NOTHING)
                tree = one if mode == FOLDER else ""
                if not tree:
                    break
            self._trees[folder] = tree
        return self._trees[folder]
