"""How git is called by its plumbing, and what every hook asks it first, begun before what reads the answers is loaded.

To load the judgement takes as long as git takes to answer, so both happen at once.
"""

from __future__ import annotations

import os

from sdd.children import is_key
from sdd.processes import Started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Args = Iterable[str | bytes]

DIFF = ("--raw", "-z", "--no-renames", "--no-abbrev", "--no-relative", "--ignore-submodules=none")
# `git add -N` puts an empty blob into the index that no commit will have.
STAGED = ("diff-index", "--cached", "--ita-invisible-in-index", *DIFF)
# A patch that is the same everywhere: none of it is left to somebody's configuration or attributes.
PATCH = (
    *("-c", "core.quotePath=true", "-c", "diff.suppressBlankEmpty=false", "-c", "diff.interHunkContext=0"),
    *("diff-tree", "-r", "-p", "--full-index", "--no-renames", "--no-relative", "--ignore-submodules=none"),
    *("--no-ext-diff", "--no-textconv", "--no-color", "--text", "--unified=3", "--submodule=short"),
    *("--diff-algorithm=myers", "--no-indent-heuristic", "--src-prefix=a/", "--dst-prefix=b/"),
)
CHANGED = ("diff-tree", "-r", *DIFF)
OBJECTS = ("cat-file", "--batch")
REFS = ("for-each-ref", "--format=%(objectname) %(refname)")
USUAL_REFS = tuple(
    f"refs/{place}/{name}" for name in ("main", "master") for place in ("remotes/origin", "heads")
)
WHERE = (
    *("rev-parse", "--path-format=absolute", "--show-object-format", "--is-shallow-repository"),
    *("--git-dir", "--git-common-dir", "--show-toplevel"),
)
FACTS = 5  # lines of answer to it
DIFFERING = ("diff-files", *DIFF)
LISTED = ("ls-files", "-z", "-v", "--cached", "--others", "--exclude-standard")
SCAN = (DIFFERING, LISTED)  # how git looks at the working tree

# Configuration that would run a program or let somebody else's word stand for the disk's.
SETTINGS = (
    *("-c", "core.fsmonitor=false"),  # a hook or daemon that says which files changed
    *("-c", "core.untrackedCache=false"),
    *("-c", "core.trustctime=true"),  # else a file with its old size and time set back counts as unchanged
    *("-c", "core.checkStat=default"),
)

_REMOVED = {
    *("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),  # git dies of them beside LITERAL
    *("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"),  # a program of somebody's choice
    *("GIT_REDIRECT_STDIN", "GIT_REDIRECT_STDOUT", "GIT_REDIRECT_STDERR"),  # Windows: output goes elsewhere
}


def argv(folder: str, args: Args) -> list[str | bytes]:
    """The command line of git, run in a folder."""
    return ["git", "-C", folder, *SETTINGS, *args]


def environment() -> dict[str, str]:
    """What git is told by its environment. The variables with which a hook hands over its own state stay.

    Those are GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE (the temporary index of `git commit PATH`) and, in pre-receive,
    GIT_OBJECT_DIRECTORY with GIT_ALTERNATE_OBJECT_DIRECTORIES and GIT_QUARANTINE_PATH (objects not yet accepted).
    """
    env = {name: value for name, value in os.environ.items() if name not in _REMOVED and not is_key(name)}
    return env | {
        "GIT_NO_REPLACE_OBJECTS": "1",  # a local replace ref would show other bytes than everybody else has
        "GIT_GRAFT_FILE": os.devnull,  # and a graft other parents
        "GIT_OPTIONAL_LOCKS": "0",  # reading never stands in the way of a person's own git
        "GIT_LITERAL_PATHSPECS": "1",  # a file may be called `*` or `:(top)`
        "GIT_TERMINAL_PROMPT": "0",  # nobody answers inside a hook
        "LC_ALL": "C",  # messages are read here
    }


class Begun:
    """Where the repository lies and what HEAD is, what the index changes since then, and what is usually protected.

    Each answer is had once, and is that of the moment at which it was begun; None where git failed. `more` are questions whose
    answers are the same only at the top of a working tree: they are asked where we seem to be there, and told where we are.

    Raises:
        OSError: git cannot be started.
    """

    def __init__(self, *more: tuple[str, ...]) -> None:
        env = environment()
        seems_top = os.path.exists(".git")  # noqa: PTH110 - pathlib costs a hook 5 ms
        self._more: dict[tuple[str | bytes, ...], Started] = {
            one: Started(argv(".", one), env) for one in more if seems_top
        }
        self._where: Started | None = Started(argv(".", [*WHERE, "HEAD^{commit}"]), env)
        self._staged: Started | None = Started(argv(".", [*STAGED, "HEAD", "--"]), env)
        self._objects: Started | None = Started(argv(".", OBJECTS), env, talks=True)
        self._refs: Started | None = Started(argv(".", [*REFS, *USUAL_REFS]), env)
        self.head = ""

    def where(self) -> list[str] | None:
        """The lines of answer to `WHERE`, once `head` is told too; None also before the first commit."""
        asked, self._where = self._where, None
        told = os.fsdecode(_answer(asked) or b"").split("\n")
        is_whole = len(told) == FACTS + 2
        if self._more and not (is_whole and _is_here(told[FACTS - 1])):
            self._more.clear()
        if not is_whole:
            return None
        self.head = told[FACTS]
        return told[:FACTS]

    def asked(self, question: tuple[str | bytes, ...]) -> Started | None:
        """What answers one of `more`, once `where` is known; None where it was not begun."""
        return self._more.pop(question, None)

    def staged(self) -> bytes | None:
        """What the index changes since HEAD: whoever takes it looks afterwards whether that is still `head`."""
        asked, self._staged = self._staged, None
        return _answer(asked)

    def objects(self) -> Started | None:
        """The process that tells of objects."""
        asked, self._objects = self._objects, None
        return asked

    def refs(self, wanted: Iterable[str]) -> bytes | None:
        """The ids and names of these refs, and perhaps of others; None also where other ones are wanted."""
        if not set(wanted) <= set(USUAL_REFS):
            return None
        asked, self._refs = self._refs, None
        return _answer(asked)


def _is_here(folder: str) -> bool:
    """Whether a folder, given by git's word, is the current one; what lies elsewhere is told by other paths."""
    there, here = (os.path.normcase(os.path.realpath(one)) for one in (folder, "."))
    return there == here


def _answer(asked: Started | None) -> bytes | None:
    code, out = asked.output() if asked else (1, b"")
    return out if code == 0 else None
