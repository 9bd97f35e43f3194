"""The working trees that an agent's call touches: where a path lies that it names, and what is trusted there."""
# ruff: noqa: PTH111, PTH118, PTH120, PTH121, PTH123 - pathlib costs a hook 10 ms

from __future__ import annotations

import os

from sdd.errors import SddError
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.findings import Finding
    from sdd.gates.openings import Openings
    from sdd.repository import Repository
    from sdd.snapshot import Snapshot


class Clone(Value):
    """A working tree with sdd in it as it is now, and what may be written in it."""

    repository: Repository
    tree: Snapshot
    openings: Openings


class Clones:
    """The working trees that a call may touch, each looked at once; `near` are those that the agent works in."""

    def __init__(self, starts: Iterable[str]) -> None:
        self._known: dict[str, Clone | None] = {}
        self.near = [one for one in map(self._of, repositories(starts)) if one is not None]

    def above(self, place: str) -> list[Clone]:
        """The working trees with sdd that a place lies in."""
        return [one for one in map(self._of, repositories([place])) if one is not None]

    def _of(self, repository: Repository) -> Clone | None:
        if repository.root not in self._known:
            self._known[repository.root] = _clone(repository)
        return self._known[repository.root]


def repositories(starts: Iterable[str]) -> list[Repository]:
    """The repositories whose working trees these folders or files lie in, each once.

    All of those above one of them count, or `git init src` would take `src` out of the one that judges it.

    Raises:
        SddError: git does not read one, and sdd is there.
    """
    tops = dict.fromkeys(
        above
        for start in starts
        for above in _at_and_above(start)
        if os.path.lexists(os.path.join(above, ".git"))
    )
    found = [one for one in map(_repository, tops) if one is not None and one.root]
    return list({one.root: one for one in found}.values())


def _repository(top: str) -> Repository | None:
    from sdd.repository import Repository

    try:
        return Repository.find(top)
    except SddError:
        if os.path.lexists(os.path.join(top, ".sdd")):
            raise
        return None


def sound(path: str) -> str:
    """A path that a file system could have.

    Raises:
        SddError: it holds a NUL, or half of a character.
    """
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        path += "\0"
    if "\0" in path:
        raise SddError(f"{path!r} is no path", hint="name a file in the project")
    return path


def places(typed: str, cwd: str) -> list[str]:
    """Where a path could lie that was typed in a folder: by its words, by its links, and with `~` for the home folder."""
    wholes = [os.path.join(cwd, word) for word in (sound(typed), os.path.expanduser(typed))]
    return list(
        dict.fromkeys(place(whole) for whole in wholes for place in (os.path.abspath, os.path.realpath))
    )


def in_clones(place: str, clones: Clones) -> Iterator[tuple[Clone, bytes]]:
    """The clones that a place lies in, each with its path there; what lies in a git directory is `.git/…`."""
    for clone in {one.repository.root: one for one in (*clones.near, *clones.above(place))}.values():
        found = clone.repository
        for folder, prefix in ((found.root, ""), (found.git_dir, ".git/"), (found.common_dir, ".git/")):
            below = _below(place, folder)
            if below is not None:
                yield clone, os.fsencode(prefix + below.replace(os.sep, "/"))
                break


def _below(place: str, folder: str) -> str | None:
    """The path of a place below a folder, however a file system lets both be spelled; None where it lies elsewhere."""
    for above in _at_and_above(place):
        try:
            is_same = os.path.samefile(above, folder)
        except OSError:
            continue
        if is_same:
            return place[len(above) :].lstrip(os.sep)
    return None


def _at_and_above(place: str) -> Iterator[str]:
    while True:
        yield place
        above = os.path.dirname(place)
        if above == place:
            return
        place = above


def _clone(repository: Repository) -> Clone | None:
    """The working tree of a repository; None where sdd is not in it.

    Raises:
        SddError: it cannot be judged.
    """
    import time

    from sdd.gates.history import merge_bases
    from sdd.gates.openings import Openings, Trusted, trusted_policy
    from sdd.gates.policy import PATH
    from sdd.gates.protected import protected

    head, tip = repository.head(), protected(repository)
    tree = repository.working_tree()
    known = repository.commit(tip or head) if tip or head else tree
    if PATH not in known:
        known = tree  # while sdd is being adopted
    if PATH not in known:
        return None
    bases = merge_bases(repository, tip, head) if tip and head and tip != head else ()
    among = tuple(repository.commit(one) for one in bases if one != tip)
    trusted = Trusted(known, trusted_policy(known), among, int(time.time()))
    return Clone(repository, tree, Openings(tree, trusted))


def untold(repository: Repository, conversation: str, found: Iterable[Finding]) -> list[Finding]:
    """Those of the findings that this conversation was not told since they came up; remembers them all."""
    from hashlib import sha256

    from sdd import disk

    file = os.path.join(repository.git_dir, "sdd", "told-to-agent")
    marks = {
        one: sha256(f"{conversation}\n{one}".encode("utf-8", "backslashreplace")).hexdigest() for one in found
    }
    try:
        with open(file, encoding="ascii") as known:
            before = set(known.read().split())
    except (OSError, ValueError):
        before = set()
    if before != set(marks.values()):
        disk.write(file, "".join(f"{mark}\n" for mark in sorted(marks.values())).encode())
    return [one for one, mark in marks.items() if mark not in before]
