"""A range of history read from git by its plumbing: commits, what each changed, snapshots, merge bases."""

from __future__ import annotations

import os

from sdd.errors import SddError
from sdd.raw_diff import change
from sdd.snapshot import NOTHING, Files
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sdd.repository import Repository
    from sdd.snapshot import Entry, Snapshot

    Change = tuple[Entry | None, Entry | None]

KEPT = 8  # snapshots held at a time; steps follow each other, so most are asked for twice in a row
# The commit-graph is a cache that the local user can write; history is read from the commits themselves.
REV_LIST = ("-c", "core.commitGraph=false", "rev-list", "--timestamp", "--parents")
DIFF = (
    *("diff-tree", "--stdin", "--always", "--root", "-r", "-z", "--raw"),
    *("--no-renames", "--no-abbrev", "--ignore-submodules=none"),
)


class Commit(Value):
    """One commit; `epoch` is its committer's date in seconds since 1970, which is the committer's word."""

    id: str
    parents: tuple[str, ...]
    epoch: int


class Told(Files):
    """The files of a commit, of which git has told some entries with what it changed; the rest is read when it is asked for."""

    def __init__(self, told: Mapping[bytes, Entry | None], read: Callable[[], Files]) -> None:
        self._told = told
        self._read = read
        self._all: Files | None = None

    @property
    def all(self) -> Files:
        """The files as they are read."""
        if self._all is None:
            self._all = self._read()
        return self._all

    def at(self, path: bytes) -> tuple[str, str]:
        """The mode and id of what stands at a path."""
        if path not in self._told:
            return self.all.at(path)
        found = self._told[path]
        return (found.mode, found.blob) if found else NOTHING

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def under(self, folder: bytes) -> list[bytes]:
        """The paths below a folder, sorted as bytes."""
        return self.all.under(folder)

    def names(self, folder: bytes) -> dict[bytes, bool]:
        """The names of what lies in a folder, and whether each is a folder itself."""
        return self.all.names(folder)

    def identity(self, folder: bytes = b"") -> str:
        """A text that is the same only where all below a folder is the same."""
        return self.all.identity(folder)

    def differing(self, other: Files) -> set[bytes]:
        """The paths at which something else stands than in other files."""
        return self.all.differing(other.all if isinstance(other, Told) else other)


class History:
    """What a judgement asks of the history of a repository.

    Raises:
        SddError: the clone is shallow; what is cut off cannot be judged (rule 6).
    """

    def __init__(self, repository: Repository) -> None:
        if repository.is_shallow:
            raise SddError(
                "this clone is shallow, so its history cannot be judged", hint="git fetch --unshallow"
            )
        self.repository = repository.without_verdicts()
        self._snapshots: dict[str, Snapshot] = {}
        self._several: tuple[tuple[str, ...], tuple[Snapshot, ...]] = (), ()

    def commit(self, rev: str) -> str:
        """The id of a commit.

        Raises:
            SddError: there is none, or the name is that of several refs: git would take a tag `origin/main`, which anybody
                may push, for the remote's branch.
        """
        found = self.repository.resolve(rev)
        if not found:
            raise SddError(f"there is no commit {rev} in this repository", hint="git fetch --all")
        refs = _refs_called(self.repository, rev)
        if len({self.repository.resolve(ref) for ref in refs}) > 1:
            raise SddError(
                f"{rev} can mean {' or '.join(refs)}", hint=f"write which one is meant, such as {refs[-1]}"
            )
        return found

    def snapshot(self, commit: str) -> Snapshot:
        """The files of a commit, given by its id; "" for the empty tree before a first commit."""
        if commit not in self._snapshots:
            while len(self._snapshots) >= KEPT:
                del self._snapshots[next(iter(self._snapshots))]
            self._snapshots[commit] = self.repository.commit(commit) if commit else self.repository.empty()
        return self._snapshots[commit]

    def step(self, commit: Commit, own: Mapping[bytes, Change]) -> tuple[Snapshot, Snapshot]:
        """The files before a commit, and after it, of which it changed `own`: none of these is looked up once more."""
        before, after = commit.parents[0] if commit.parents else "", commit.id
        told = [{path: change[which] for path, change in own.items()} for which in (0, 1)]
        return self._told(before, told[0]), self._told(after, told[1])

    def _told(self, commit: str, told: Mapping[bytes, Entry | None]) -> Snapshot:
        if not commit:
            return self.snapshot(commit)
        return self.repository.told(commit, Told(told, lambda: self.snapshot(commit).entries))

    def snapshots(self, commits: tuple[str, ...]) -> tuple[Snapshot, ...]:
        """The files of several commits, given by their ids; the same ones for as long as the same are asked for."""
        if self._several[0] != commits:
            self._several = commits, tuple(map(self.snapshot, commits))
        return self._several[1]

    def commits(self, head: str, *without: str, first_parent: bool = False) -> list[Commit]:
        """The commits that `head` reaches and `without` does not, parents before children."""
        args = ["--first-parent"] if first_parent else []
        range_ = (head, *(f"^{one}" for one in without))
        told = self.repository.git(*REV_LIST, "--topo-order", "--reverse", *args, *range_, "--")
        return [_commit(line) for line in told.decode().splitlines()]

    def find(self, commit: str) -> Commit:
        """One commit, by its id."""
        return _commit(self.repository.git(*REV_LIST, "--no-walk", commit, "--").decode())

    def changes(self, commits: Sequence[Commit], *, first_parent: bool = False) -> list[dict[bytes, Change]]:
        """What each commit changed: entries before (in its first parent) and after, for the paths that are its own.

        Of a merge only the paths that differ from every parent are; with `first_parent` only that one counts.

        Raises:
            SddError: a commit cannot be read.
        """
        pairs = [
            (commit, parent)
            for commit in commits
            for parent in (commit.parents[: 1 if first_parent else None] or ("",))
        ]
        stdin = "".join(f"{commit.id} {parent}".rstrip() + "\n" for commit, parent in pairs)
        out = self.repository.git(*DIFF, stdin=stdin.encode())
        told = iter(_diffs(out, [commit.id for commit, _ in pairs]))
        found = []
        for commit in commits:
            count = 1 if first_parent else max(len(commit.parents), 1)
            first, *others = [next(told) for _ in range(count)]
            found.append(
                {path: change for path, change in first.items() if all(path in other for other in others)}
            )
        return found

    def merge_bases(self, one: str, other: str) -> tuple[str, ...]:
        """The ids of all best common ancestors; none for unrelated histories."""
        return merge_bases(self.repository, one, other)

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether `other` reaches `one`; every commit reaches itself."""
        return self.merge_bases(one, other) == (one,)


def _refs_called(repository: Repository, rev: str) -> list[str]:
    """The refs that a short name may mean (gitrevisions(7)), remote branches last; none for ids, HEAD and full names."""
    ends = [at for sign in "~^@:" if (at := rev.find(sign)) >= 0]
    name = rev[: min(ends, default=len(rev))]
    if not name or name == "HEAD" or name.startswith("refs/"):
        return []
    places = [f"refs/{folder}{name}" for folder in ("", "tags/", "heads/", "remotes/")]
    told = repository.git("for-each-ref", "--format=%(refname)", *places)
    there = os.fsdecode(told).splitlines()
    return [place for place in places if place in there]


def merge_bases(repository: Repository, one: str, other: str) -> tuple[str, ...]:
    """The ids of all best common ancestors of two commits; none for unrelated histories."""
    told = repository.git("-c", "core.commitGraph=false", "merge-base", "--all", one, other, ok=(0, 1))
    return tuple(sorted(told.decode().split()))


def _commit(line: str) -> Commit:
    epoch, one, *parents = line.split()
    return Commit(one, tuple(parents), int(epoch))


def _diffs(told: bytes, asked: list[str]) -> list[dict[bytes, Change]]:
    """The changes that `diff-tree --stdin --always -z` tells, one table for each commit that it was asked about.

    A commit whose object is not what its id says is passed over by git without a word, and with exit code 0.
    """
    tables: list[dict[bytes, Change]] = []
    found: list[str] = []
    words = iter(told.split(b"\0")[:-1])
    for word in words:
        if word.startswith(b":"):
            tables[-1][next(words)] = _change(word.decode())
        else:
            tables.append({})
            found.append(word.decode())
    if found != asked:
        lost = next(one for one, got in zip(asked, [*found, ""], strict=False) if one != got)
        raise SddError(f"commit {lost} cannot be read", hint="git fsck; git fetch --refetch")
    return tables


def _change(told: str) -> Change:
    found = change(told)
    return found.before, found.after
