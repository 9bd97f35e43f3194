"""Git changed, through GitPython: commits, the index, configuration, hooks and remotes.

GitPython runs git here and nothing more. Its own reading of objects and of the index is silently wrong in some
repositories; reading is `sdd.repository`'s.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence

from sdd.children import KeysPutAway
from sdd.errors import RefusedError, SddError

FROM_INPUT = ("--pathspec-from-file=-", "--pathspec-file-nul")  # any name, any number of them


def config(root: str, key: str) -> str:
    """A setting's value as git sees it from `root`, or "" where it is not set."""
    return _git(root, ["config", "--null", "--get", key], ok=(0, 1)).removesuffix("\0")


def set_config(root: str, key: str, value: str) -> None:
    """Set this clone's own setting.

    Raises:
        SddError: the file cannot be written, or holds the key several times.
    """
    _git(root, ["config", "--local", key, value])


def hook_settings(root: str) -> dict[str, list[str]]:
    """What git's configuration says of hooks: the values of each `hook.<name>.<what>`, in their order."""
    found: dict[str, list[str]] = {}
    for key, value in _settings(root, r"^hook\."):
        found.setdefault(key, []).append(value)
    return found


def commit(root: str, paths: Sequence[str], message: str) -> str:
    """Commit these paths as they are on disk (changed, new or deleted) and nothing else; the commit's id.

    Paths are relative to the top `root`. What else is staged stays staged. All hooks run.

    Raises:
        RefusedError: a hook said no, or there is nothing to commit; the index is as before.
        SddError: git cannot commit, as during a merge or without a name.
    """
    if not paths:
        raise RefusedError("no path was given to commit", hint="git status")
    told = _git(root, ["ls-files", "-z", "--others", "--", *map(_literal, paths)])
    new = told.split("\0")[:-1]
    try:
        _add(root, new, "--intent-to-add")
        _git(root, ["commit", "--quiet", "--only", "-m", message, *FROM_INPUT], _joined(paths), refused=1)
    except BaseException:
        _git(root, ["update-index", "-z", "--force-remove", "--stdin"], "".join(f"{path}\0" for path in new))
        raise
    return _git(root, ["rev-parse", "HEAD"]).strip()


def stage(root: str, paths: Sequence[str]) -> None:
    """Put these paths into the index as they are on disk: changed, new or deleted.

    Raises:
        SddError: one is neither on disk nor in the index, or is ignored.
    """
    _add(root, paths, "--all")


def hooks_dir(root: str) -> str:
    """The folder that git runs hooks from, absolute; it need not exist. `core.hooksPath` counts."""
    return _git(root, ["rev-parse", "--path-format=absolute", "--git-path", "hooks"]).removesuffix("\n")


def remotes(root: str) -> dict[str, str]:
    """Each remote's name and first URL, as configured."""
    found: dict[str, str] = {}
    for key, url in _settings(root, r"^remote\..*\.url$"):
        found.setdefault(key.removeprefix("remote.").removesuffix(".url"), url)
    return found


def _settings(root: str, pattern: str) -> Iterator[tuple[str, str]]:
    """The settings whose key matches; one without a value has the value "true", which is what git takes it for."""
    told = _git(root, ["config", "--null", "--get-regexp", pattern], ok=(0, 1))
    for record in told.split("\0")[:-1]:
        key, there, value = record.partition("\n")
        yield key, value if there else "true"


def _add(root: str, paths: Sequence[str], how: str) -> None:
    if paths:
        _git(root, ["add", how, *FROM_INPUT], _joined(paths))


def _joined(paths: Iterable[str]) -> str:
    return "".join(_literal(path) + "\0" for path in paths)


def _literal(path: str) -> str:
    """A pathspec that means this very path. `git --literal-pathspecs` would reach the hooks and break theirs."""
    return f":(top,literal){path}"


def _git(
    root: str, args: Sequence[str], given: str = "", *, ok: tuple[int, ...] = (0,), refused: int | None = None
) -> str:
    """What `git ARGS` prints at the top, run by GitPython with `given` as its input.

    Raises:
        RefusedError: it ended with `refused`.
        SddError: it ended with another code that is not in `ok`, or git is missing.
    """
    if not shutil.which("git"):
        raise SddError("git is not on the PATH", hint="install git: https://git-scm.com/downloads")
    with tempfile.TemporaryFile() as file, KeysPutAway():  # GitPython wants a file, and no pipe fills up
        from git import (
            Git,
        )  # 60 ms, only where git is changed; it runs git at once, and passes all of the environment on

        file.write(os.fsencode(given))
        file.seek(0)
        code, out, err = Git(root).execute(
            ["git", *args],
            istream=file,
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
        )
    if code not in ok:
        error = RefusedError if code == refused else SddError
        words = (
            err.strip() or os.fsdecode(out).strip()
        )  # a hook speaks on the first, "nothing to commit" the second
        raise error(f"`git {args[0]}` ended with {code}: {words}", hint="git status")
    return os.fsdecode(out)
