"""Git read by its plumbing: snapshots of a commit, the index and the working tree; the only door for judging."""

from __future__ import annotations

import os
import sys

from sdd.errors import SddError
from sdd.objects import FSCK, Objects, Tree
from sdd.plumbing import CHANGED, FACTS, OBJECTS, PATCH, REFS, SETTINGS, STAGED, WHERE, argv, environment
from sdd.processes import PIPE_HOLDS, Started, run
from sdd.raw_diff import changes_in
from sdd.snapshot import SUBMODULE, Overlay, Snapshot, in_memory, show
from sdd.values import Value
from sdd.verdicts import Verdicts, verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import Self

    from sdd.plumbing import Begun
    from sdd.snapshot import Files

EMPTY_TREE = {"sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
              "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"}  # fmt: skip
ID_LENGTH = {"sha1": 40, "sha256": 64}


class Repository(Value):
    """Where a repository lies, as absolute paths.

    `root` is the top of the working tree ("" where there is none), `git_dir` this worktree's own git directory,
    `common_dir` the one that all worktrees share. `object_format` is "sha1" or "sha256". `is_shallow`: history is cut.
    """

    root: str
    git_dir: str
    common_dir: str
    object_format: str
    is_shallow: bool = False

    @classmethod
    def find(cls, start: str | None = None, begun: Begun | None = None) -> Self:
        """The repository that git itself would use in the folder `start` (else the current one).

        `begun` holds questions that were asked already, in the current folder.

        Raises:
            SddError: there is none, git is missing, or git refuses it as somebody else's.
        """
        told = (begun.where() if begun else None) or _where(start or ".")
        object_format, shallow, git_dir, common_dir, root = told
        found = cls(root, git_dir, common_dir, object_format, shallow == "true")
        found.__dict__["_begun"] = begun
        return found

    def git(self, *args: str | bytes, stdin: bytes = b"", ok: tuple[int, ...] = (0,)) -> bytes:
        """What `git ARGS` prints, run at the top of the repository; no shell, no pager, pathspecs taken literally.

        Raises:
            SddError: it ended with a code that is not in `ok`.
        """
        quick = len(stdin) <= PIPE_HOLDS
        code, out = self.started(*args, stdin=stdin).output() if quick else (-1, b"")
        if not quick or code not in ok:  # once more, for its words
            code, out, err = _run(self._argv(args), self._environment(), stdin)
            if code not in ok:
                command = " ".join(["git", *(os.fsdecode(arg) for arg in args)])
                raise SddError(f"`{command}` ended with {code}: {err.decode(errors='replace').strip()}")
        return out

    def gits(self, *commands: tuple[str | bytes, ...]) -> list[bytes]:
        """What several commands print that run side by side, each as by `git`.

        Raises:
            SddError: one of them failed.
        """
        return self.asked(*commands)()

    def asked(self, *commands: tuple[str | bytes, ...]) -> Callable[[], list[bytes]]:
        """The same, begun beside us: what waits for the answers."""
        begun = [(self.begun and self.begun.asked(one)) or self.started(*one) for one in commands]

        def answers() -> list[bytes]:
            ended = [one.output() for one in begun]
            pairs = zip(ended, commands, strict=True)
            return [out if code == 0 else self.git(*command) for (code, out), command in pairs]

        return answers

    def started(self, *args: str | bytes, stdin: bytes = b"", talks: bool = False) -> Started:
        """The same, begun beside us; its output is had later.

        Raises:
            SddError: git is not there.
        """
        try:
            return Started(self._argv(args), self._environment(), stdin, talks=talks)
        except (FileNotFoundError, PermissionError) as error:
            raise _no_git() from error

    def _argv(self, args: Iterable[str | bytes]) -> list[str | bytes]:
        return argv(self.root or self.git_dir, args)

    def _environment(self) -> dict[str, str]:
        """Git's own variables made absolute, because git is run at the top and not where we were started."""
        env = environment() | {"GIT_DIR": self.git_dir}
        if self.root:
            env["GIT_WORK_TREE"] = self.root
        if "GIT_COMMON_DIR" in env:
            env["GIT_COMMON_DIR"] = self.common_dir
        return env

    def resolve(self, rev: str) -> str:
        """The id of the commit that `rev` names, or "" where there is none.

        Raises:
            SddError: `rev` names something that is no commit, or one whose objects are missing.
        """
        known = self.objects.named(rev + "^{commit}")
        if known:
            return known.id
        args = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        found = self.git(*args, rev + "^{commit}", ok=(0, 1, 128)).decode().strip()
        if found or len(rev) == ID_LENGTH[self.object_format]:
            return found
        if self.git(*args, rev, ok=(0, 1, 128)):
            raise SddError(
                f"{rev} names no commit, or one that is missing here", hint=f"git fsck; git show {rev}"
            )
        return ""

    def commit_id(self, rev: str) -> str:
        """The id of the commit that `rev` names.

        Raises:
            SddError: it names none, or one that is missing.
        """
        found = self.resolve(rev)
        if not found:
            hint = "git fetch --unshallow" if self.is_shallow else f"git log {rev}"
            raise SddError(f"there is no commit {rev} in this repository", hint=hint)
        return found

    def parting(self, one: str, other: str) -> str:
        """The id of the newest commit that two commits, given by their ids, both come from.

        Raises:
            SddError: they come from none.
        """
        found = self.git("merge-base", one, other, ok=(0, 1)).decode().strip()
        if not found:
            raise SddError(f"{one} and {other} have no commit in common", hint=f"git log {one} {other}")
        return found

    def difference(self, before: str, after: str, path: bytes = b"") -> tuple[list[bytes], bytes]:
        """The paths that differ between two commits, given by their ids, and the patch; of all files, or those at or below `path`.

        The same on every machine: what stands behind a hunk's second `@@` depends on attributes, and is cut off.
        """
        from re import MULTILINE, sub  # no hook asks

        where = ("--", path) if path else ()
        told, patch = self.gits((*CHANGED, before, after, *where), (*PATCH, before, after, *where))
        return sorted(changes_in(told)), sub(
            rb"^(@@ -[0-9,]+ \+[0-9,]+ @@).*", rb"\1", patch, flags=MULTILINE
        )

    def head(self) -> str:
        """The id of the commit that is checked out, or "" before the first one."""
        return self.resolve("HEAD")

    def refs(self, names: Iterable[str]) -> dict[str, str]:
        """The ids of the commits that these refs, given by their full names, name; those that do not exist are left out.

        Raises:
            SddError: one of them names something that is no commit, or one that is missing.
        """
        wanted = list(names)
        told = self.begun.refs(wanted) if self.begun else None
        if told is None:
            told = self.git(*REFS, *wanted) if wanted else b""
        pairs = (line.split(" ", 1) for line in os.fsdecode(told).split("\n")[:-1])
        known = {ref: one for one, ref in pairs}
        return {ref: self.resolve(known[ref]) or self.resolve(ref) for ref in wanted if ref in known}

    def branch(self) -> str:
        """The name of the branch that is checked out, without `refs/heads/`; "" when HEAD is detached."""
        ref = self.git("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
        return os.fsdecode(ref).rstrip("\n").removeprefix("refs/heads/")

    def empty(self) -> Snapshot:
        """The snapshot before the first commit."""
        return in_memory({}, "the empty tree")

    def commit(self, rev: str) -> Snapshot:
        """The files of a commit.

        Raises:
            SddError: there is no such commit, or its tree is missing or broken.
        """
        found = self.objects.named(rev + "^{commit}")
        if found is None:
            self.resolve(rev)  # which knows what is no commit, or one that is missing
            hint = "git fetch --unshallow" if self.is_shallow else "git fetch"
            raise SddError(f"there is no commit {rev} in this repository", hint=hint)
        return self._of_tree(f"commit {found.id[:12]}", _tree_of(found.data))

    def told(self, commit: str, files: Files) -> Snapshot:
        """The files of a commit, given by its id, where somebody knows them already, or how to read them."""
        return self._snapshot(f"commit {commit[:12]}", files)

    def _of_tree(self, name: str, tree: str) -> Snapshot:
        files = Tree(self.objects, tree, self._listed)
        files.names(b"")  # a tree that is missing or broken is told now
        return self._snapshot(name, files)

    def _listed(self, tree: str) -> Iterator[tuple[bytes, str, str]]:
        """All below a tree, told as git tells it: of a large one the words alone would take 20 MB and more."""
        asked = ("ls-tree", "-r", "-t", "-z", "--full-tree", tree)
        listing = self.started(*asked)
        yield from map(_tree_entry, listing.records())
        code = listing.close()
        if code != 0:
            self.git(*asked)  # once more, for its words
            raise SddError(f"`git ls-tree {tree}` ended with {code}", hint=FSCK)

    @property
    def objects(self) -> Objects:
        """The objects of this repository, read by one process that lives as long as this value."""
        if "_objects" not in self.__dict__:
            folder = os.environ.get("GIT_OBJECT_DIRECTORY") or f"{self.common_dir}/objects"
            self.__dict__["_objects"] = Objects(self._batch, self._once, folder, self.object_format)
        found: Objects = self.__dict__["_objects"]
        return found

    def _once(self, kind: str, one: str) -> bytes:
        code, out, err = _run(self._argv(("cat-file", kind, one)), self._environment(), b"")
        if code != 0:
            words = " ".join(err.decode(errors="replace").split())
            raise SddError(f"{kind} {one} cannot be read: {words}", hint=FSCK)
        return out

    def _batch(self) -> Started:
        known = self.begun.objects() if self.begun else None
        return known or self.started(*OBJECTS, talks=True)

    @property
    def begun(self) -> Begun | None:
        """The questions that were asked before this repository was known."""
        found: Begun | None = self.__dict__.get("_begun")
        return found

    def staged(self) -> Staged:
        """What the index ($GIT_INDEX_FILE) changes since HEAD, without intent-to-add paths."""
        told = self.begun.staged() if self.begun else None
        head = self.head()
        if told is None or not self.begun or head != self.begun.head:  # it moved meanwhile
            told = self.git(*STAGED, head or EMPTY_TREE[self.object_format], "--")
        changes = changes_in(told)
        if head:
            self.objects.ahead(b"%s:%s" % (head.encode(), folder) for folder in _above(changes))
            before = self.commit(head)
        else:
            before = self._of_tree("the empty tree", EMPTY_TREE[self.object_format])
        unmerged = tuple(sorted(path for path, one in changes.items() if one.status == "U"))
        kept = {path: one.after for path, one in changes.items() if one.after}
        index = self._snapshot(
            "the index", Overlay(before.entries, kept, changes.keys() - kept.keys()), before
        )
        return Staged(head, before, index, unmerged)

    def index(self) -> Snapshot:
        """What `git commit` would commit now: the index ($GIT_INDEX_FILE), without intent-to-add and unmerged paths."""
        return self.staged().index

    def unmerged(self) -> list[bytes]:
        """The paths that a merge has left in conflict, sorted."""
        return list(self.staged().unmerged)

    def working_tree(self) -> Snapshot:
        """The files on disk that are tracked or could be added, as they are now; see `sdd.working_tree`.

        Raises:
            SddError: the repository has no working tree.
        """
        from sdd.working_tree import working_tree  # a hook on the index does without

        return working_tree(self)

    def read_blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The bytes of blobs, by id, read in one process.

        Raises:
            SddError: one of them is missing, no blob, or not what its id says.
        """
        return self.objects.blobs(ids)

    def is_ignored(self, paths: Iterable[bytes]) -> set[bytes]:
        """Those of these paths that are not tracked and that `.gitignore` and its kin leave out."""
        asked = b"".join(b"./" + path + b"\0" for path in paths)  # else `:(top)` at a start would be magic
        if not asked:
            return set()
        args = ("--no-literal-pathspecs", "check-ignore", "-z", "--stdin")  # it dies of literal ones
        return {path[2:] for path in _records(self.git(*args, stdin=asked, ok=(0, 1)))}

    def checked_out(self, submodule: bytes) -> str:
        """The commit that a submodule has checked out; zeros where it has none, which differ from every commit."""
        env = environment() | {"GIT_DIR": f"{self.root}/{os.fsdecode(submodule)}/.git"}
        env.pop("GIT_COMMON_DIR", None)
        _, out = Started(["git", *SETTINGS, "rev-parse", "--verify", "--quiet", "HEAD"], env).output()
        return out.decode().strip() or "0" * ID_LENGTH[self.object_format]

    def _snapshot(self, name: str, files: Files, below: Snapshot | None = None) -> Snapshot:
        return Snapshot(name, files, self.loader(name, files), self.object_format, self.verdicts, below)

    @property
    def verdicts(self) -> Verdicts:
        """What was found in this repository before."""
        if "_verdicts" not in self.__dict__:
            self.__dict__["_verdicts"] = verdicts(self.common_dir)
        found: Verdicts = self.__dict__["_verdicts"]
        return found

    def without_verdicts(self) -> Self:
        """The same repository for whoever judges for others: nothing is believed that another process found."""
        made = self.replace()
        made.__dict__["_verdicts"] = Verdicts(remember=True)
        return made

    def loader(self, name: str, entries: Files) -> Callable[[list[bytes]], dict[bytes, bytes]]:
        """A function that reads some of these entries from the object store."""

        def load(paths: list[bytes]) -> dict[bytes, bytes]:
            found = {path: entries.at(path) for path in paths}
            for path, (mode, _) in found.items():
                if mode == SUBMODULE:
                    raise SddError(f"{show(path)} in {name} is a submodule and has no bytes of its own")
            blobs = self.read_blobs(one for _, one in found.values())
            return {path: blobs[one] for path, (_, one) in found.items()}

        return load


def _above(paths: Collection[bytes]) -> list[bytes]:
    """The folders in which changed paths lie, and all above those; without what is or was no folder.

    Git is asked for trees ahead, and must not be for a file: of a broken one it may not tell the end.
    """
    found: dict[bytes, None] = {}
    for path in paths:
        folder = path.rpartition(b"/")[0]
        while folder and folder not in found:
            found[folder] = None
            folder = folder.rpartition(b"/")[0]
    return [folder for folder in found if folder not in paths]


def _records(out: bytes) -> list[bytes]:
    return out.split(b"\0")[:-1]


def _tree_entry(record: bytes) -> tuple[bytes, str, str]:
    told, _, path = record.partition(b"\t")
    mode, _kind, one = told.decode().split(" ")
    return path, sys.intern(mode), one


class Staged(Value):
    """The index beside HEAD: the id of HEAD ("" before the first commit), both snapshots, and the paths left in conflict."""

    head: str
    before: Snapshot
    index: Snapshot
    unmerged: tuple[bytes, ...] = ()


def _tree_of(commit: bytes) -> str:
    return commit.partition(b"\n")[0].removeprefix(b"tree ").decode()


def _where(folder: str) -> list[str]:
    """The lines of git's answer to `WHERE` in a folder."""
    told: list[str | bytes] = ["git", "-C", folder, *WHERE]
    try:
        code, out = Started(told, environment()).output()
    except (FileNotFoundError, PermissionError) as error:
        raise _no_git() from error
    code, out, err = (
        (code, out, b"") if code == 0 else _run(told, environment(), b"")
    )  # once more, for its words
    lines = os.fsdecode(out).split("\n")[:-1]
    if code != 0 and b"must be run in a work tree" in err:
        lines.append("")  # a bare repository, or inside a git directory
    elif code != 0:
        raise _not_found("the current folder" if folder == "." else folder, err)
    if len(lines) != FACTS:
        raise SddError(f"the path of this repository holds a line break: {out!r}", hint="rename the folder")
    return lines


def _run(argv: list[str | bytes], env: dict[str, str], stdin: bytes) -> tuple[int, bytes, bytes]:
    try:
        return run(argv, env, stdin)
    except (FileNotFoundError, PermissionError) as error:
        raise _no_git() from error


def _no_git() -> SddError:
    return SddError(
        "git is not on the PATH, or may not be run", hint="install git: https://git-scm.com/downloads"
    )


def _not_found(folder: str, err: bytes) -> SddError:
    words = err.decode(errors="replace").strip()
    if "dubious ownership" in words:
        lines = [line.strip() for line in words.splitlines()]
        hint = next((line for line in lines if line.startswith("git config")), "")
        return SddError(f"git does not trust {folder}, because it belongs to somebody else", hint=hint)
    if "not a git repository" in words:
        return SddError(f"{folder} is not in a git repository", hint="git init")
    return SddError(f"git cannot read the repository at {folder}: {words}")
