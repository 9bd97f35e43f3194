"""Git read by its plumbing: snapshots of a commit, the index and the working tree; the only door for judging."""

from __future__ import annotations

import os

from sdd.errors import SddError
from sdd.snapshot import SUBMODULE, Entry, Snapshot, blob_id, in_memory, show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

EMPTY_BLOB = {"sha1": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
              "sha256": "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"}  # fmt: skip
EMPTY_TREE = {"sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
              "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"}  # fmt: skip
ID_LENGTH = {"sha1": 40, "sha256": 64}
# `git add -N` puts an empty blob into the index that no commit will have; this lists all others.
WITHOUT_INTENDED = ("diff-index", "--cached", "--ita-invisible-in-index", "--name-only", "--no-renames", "-z")

# Configuration that would run a program or let somebody else's word stand for the disk's.
SETTINGS = (
    *("-c", "core.fsmonitor=false"),  # a hook or daemon that says which files changed
    *("-c", "core.untrackedCache=false"),
    *("-c", "core.trustctime=true"),  # else a file with its old size and time set back counts as unchanged
    *("-c", "core.checkStat=default"),
)


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
    def find(cls, start: str | None = None) -> Self:
        """The repository that git itself would use in the folder `start` (else the current one).

        Raises:
            SddError: there is none, git is missing, or git refuses it as somebody else's.
        """
        args = ["rev-parse", "--path-format=absolute", "--show-object-format", "--is-shallow-repository"]
        argv = ["git", "-C", start or ".", *args, "--git-dir", "--git-common-dir", "--show-toplevel"]
        code, out, err = _run(argv, _environment(), b"")
        told = os.fsdecode(out).split("\n")[:-1]
        if code != 0 and b"must be run in a work tree" in err:
            told.append("")  # a bare repository, or inside a git directory
        elif code != 0:
            raise _not_found(start or "the current folder", err)
        if len(told) != 5:  # noqa: PLR2004 - the five answers asked for above
            raise SddError(
                f"the path of this repository holds a line break: {out!r}", hint="rename the folder"
            )
        object_format, shallow, git_dir, common_dir, root = told
        return cls(root, git_dir, common_dir, object_format, shallow == "true")

    def git(self, *args: str | bytes, stdin: bytes = b"", ok: tuple[int, ...] = (0,)) -> bytes:
        """What `git ARGS` prints, run at the top of the repository; no shell, no pager, pathspecs taken literally.

        Raises:
            SddError: it ended with a code that is not in `ok`.
        """
        top = self.root or self.git_dir
        code, out, err = _run(["git", "-C", top, *SETTINGS, *args], self._environment(), stdin)
        if code not in ok:
            command = " ".join(["git", *(os.fsdecode(arg) for arg in args)])
            raise SddError(f"`{command}` ended with {code}: {err.decode(errors='replace').strip()}")
        return out

    def _environment(self) -> dict[str, str]:
        """Git's own variables made absolute, because git is run at the top and not where we were started."""
        env = _environment() | {"GIT_DIR": self.git_dir}
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
        args = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        found = self.git(*args, rev + "^{commit}", ok=(0, 1, 128)).decode().strip()
        if found or len(rev) == ID_LENGTH[self.object_format]:
            return found
        if self.git(*args, rev, ok=(0, 1, 128)):
            raise SddError(
                f"{rev} names no commit, or one that is missing here", hint=f"git fsck; git show {rev}"
            )
        return ""

    def head(self) -> str:
        """The id of the commit that is checked out, or "" before the first one."""
        return self.resolve("HEAD")

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
        found = self.resolve(rev)
        if not found:
            hint = "git fetch --unshallow" if self.is_shallow else "git fetch"
            raise SddError(f"there is no commit {rev} in this repository", hint=hint)
        name = f"commit {found[:12]}"
        listed = self.git("ls-tree", "-r", "-z", "--full-tree", found)
        return self._snapshot(name, (_tree_entry(record) for record in _records(listed)))

    def index(self) -> Snapshot:
        """What `git commit` would commit now: the index ($GIT_INDEX_FILE), without intent-to-add and unmerged paths."""
        entries = [_index_entry(record) for record in _records(self.git("ls-files", "-s", "-z"))]
        kept = [(path, entry) for path, entry, stage in entries if stage == 0]
        empty = EMPTY_BLOB[self.object_format]
        if any(entry.blob == empty for _, entry in kept):
            told = self.git(*WITHOUT_INTENDED, EMPTY_TREE[self.object_format])
            real = set(_records(told))
            kept = [(path, entry) for path, entry in kept if entry.blob != empty or path in real]
        return self._snapshot("the index", kept)

    def unmerged(self) -> list[bytes]:
        """The paths that a merge has left in conflict, sorted."""
        return sorted({_index_entry(record)[0] for record in _records(self.git("ls-files", "-u", "-z"))})

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
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        out = self.git("cat-file", "--batch", stdin="".join(f"{one}\n" for one in wanted).encode())
        found, at = {}, 0
        for one in wanted:
            end = out.index(b"\n", at)
            told = out[at:end].decode().split(" ")
            if len(told) != 3 or told[:2] != [one, "blob"]:  # noqa: PLR2004 - id, type, size
                raise SddError(
                    f"blob {one} cannot be read: {' '.join(told[1:])}", hint="git fsck; git fetch --refetch"
                )
            at = end + 1 + int(told[2])
            found[one] = out[end + 1 : at]
            at += 1
            # git takes the word of the file that an object lies in; whoever can write there could show us other bytes.
            if blob_id(found[one], self.object_format) != one:
                raise SddError(
                    f"blob {one} holds other bytes than its id says", hint="git fsck; git fetch --refetch"
                )
        return found

    def is_ignored(self, paths: Iterable[bytes]) -> set[bytes]:
        """Those of these paths that are not tracked and that `.gitignore` and its kin leave out."""
        asked = b"".join(b"./" + path + b"\0" for path in paths)  # else `:(top)` at a start would be magic
        if not asked:
            return set()
        args = ("--no-literal-pathspecs", "check-ignore", "-z", "--stdin")  # it dies of literal ones
        return {path[2:] for path in _records(self.git(*args, stdin=asked, ok=(0, 1)))}

    def checked_out(self, submodule: bytes) -> str:
        """The commit that a submodule has checked out; zeros where it has none, which differ from every commit."""
        env = _environment() | {"GIT_DIR": f"{self.root}/{os.fsdecode(submodule)}/.git"}
        env.pop("GIT_COMMON_DIR", None)
        _, out, _ = _run(["git", *SETTINGS, "rev-parse", "--verify", "--quiet", "HEAD"], env, b"")
        return out.decode().strip() or "0" * ID_LENGTH[self.object_format]

    def _snapshot(self, name: str, listed: Iterable[tuple[bytes, Entry]]) -> Snapshot:
        entries: dict[bytes, Entry] = {}
        for path, entry in listed:
            if path in entries:
                raise SddError(f"{name} holds {show(path)} twice", hint="git fsck")
            entries[path] = entry
        return Snapshot(name, entries, self.loader(name, entries))

    def loader(
        self, name: str, entries: Mapping[bytes, Entry]
    ) -> Callable[[list[bytes]], dict[bytes, bytes]]:
        """A function that reads some of these entries from the object store."""

        def load(paths: list[bytes]) -> dict[bytes, bytes]:
            for path in paths:
                if entries[path].mode == SUBMODULE:
                    raise SddError(f"{show(path)} in {name} is a submodule and has no bytes of its own")
            blobs = self.read_blobs(entries[path].blob for path in paths)
            return {path: blobs[entries[path].blob] for path in paths}

        return load


def _records(out: bytes) -> list[bytes]:
    return out.split(b"\0")[:-1]


def _tree_entry(record: bytes) -> tuple[bytes, Entry]:
    told, _, path = record.partition(b"\t")
    mode, _kind, blob = told.decode().split(" ")
    return path, Entry(mode, blob)


def _index_entry(record: bytes) -> tuple[bytes, Entry, int]:
    told, _, path = record.partition(b"\t")
    mode, blob, stage = told.decode().split(" ")
    return path, Entry(mode, blob), int(stage)


def _environment() -> dict[str, str]:
    """What git is told by its environment. The variables with which a hook hands over its own state stay.

    Those are GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE (the temporary index of `git commit PATH`) and, in pre-receive,
    GIT_OBJECT_DIRECTORY with GIT_ALTERNATE_OBJECT_DIRECTORIES and GIT_QUARANTINE_PATH (objects not yet accepted).
    """
    env = {name: value for name, value in os.environ.items() if name not in _REMOVED}
    return env | {
        "GIT_NO_REPLACE_OBJECTS": "1",  # a local replace ref would show other bytes than everybody else has
        "GIT_GRAFT_FILE": os.devnull,  # and a graft other parents
        "GIT_OPTIONAL_LOCKS": "0",  # reading never stands in the way of a person's own git
        "GIT_LITERAL_PATHSPECS": "1",  # a file may be called `*` or `:(top)`
        "GIT_TERMINAL_PROMPT": "0",  # nobody answers inside a hook
        "LC_ALL": "C",  # messages are read here
    }


_REMOVED = {
    *("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),  # git dies of them beside LITERAL
    *("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"),  # a program of somebody's choice
    *("GIT_REDIRECT_STDIN", "GIT_REDIRECT_STDOUT", "GIT_REDIRECT_STDERR"),  # Windows: output goes elsewhere
}


def _run(argv: list[str | bytes] | list[str], env: dict[str, str], stdin: bytes) -> tuple[int, bytes, bytes]:
    import subprocess  # 8 ms, only where git is asked

    try:
        done = subprocess.run(
            [os.fsdecode(arg) for arg in argv], input=stdin, env=env, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise SddError("git is not on the PATH", hint="install git: https://git-scm.com/downloads") from error
    return done.returncode, done.stdout, done.stderr


def _not_found(folder: str, err: bytes) -> SddError:
    words = err.decode(errors="replace").strip()
    if "dubious ownership" in words:
        lines = [line.strip() for line in words.splitlines()]
        hint = next((line for line in lines if line.startswith("git config")), "")
        return SddError(f"git does not trust {folder}, because it belongs to somebody else", hint=hint)
    if "not a git repository" in words:
        return SddError(f"{folder} is not in a git repository", hint="git init")
    return SddError(f"git cannot read the repository at {folder}: {words}")
