"""What was found before, kept below the common git directory: a cache that may be deleted at any time and changes no answer.

An entry is a file whose name says what it rests on: the kind of question, all that was asked, and the sdd that answered. It is
sealed with a key of this user's that lies outside of every repository, so that what was cut off, swapped, forged, or came
along with somebody's repository counts as not there. Whoever judges for others (a server, CI) does without.
"""

from __future__ import annotations

import os
import stat
import sys

from sdd import __version__
from sdd.digests import digest, sealed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Plain = Any  # tuples, texts, bytes, numbers, flags and None, as deep as one likes

SEAL = 32  # bytes
HELD = 10_000  # entries in memory
MOST = 200  # entries in one of 256 folders, beyond which they are dropped


class Verdicts:
    """The entries in a folder, sealed with a key; without a key none are read or written.

    With `remember` they are held in memory instead, for as long as this value lives.
    """

    def __init__(self, folder: str = "", key: bytes = b"", *, remember: bool = False) -> None:
        self._folder = folder
        self._key = key
        self._version = b""
        self._held: dict[tuple[str, tuple[bytes, ...]], Plain] | None = {} if remember else None

    @property
    def lasting(self) -> bool:
        """Whether what is kept is there for the next command too, and so has to be plain; else it is handed back as it is."""
        return bool(self._key)

    def kept(self, kind: str, asked: tuple[bytes, ...], find: Callable[[], Plain]) -> Plain:
        """The answer to a question: the one kept, or else what `find` finds, which is kept for the next time.

        `asked` must hold all that the answer rests on, apart from sdd itself.
        """
        found = self.known(kind, asked)
        if found is None:
            found = find()
            self.keep(kind, asked, found)
        return found

    def known(self, kind: str, asked: tuple[bytes, ...]) -> Plain:
        """The answer that is kept for a question; None where there is none."""
        if self._held is not None:
            return self._held.get((kind, asked))
        return self._read(self._name(kind, asked)) if self._key else None

    def keep(self, kind: str, asked: tuple[bytes, ...], found: Plain) -> None:
        """Keep an answer, which is not None, for a question."""
        if self._held is not None:
            if len(self._held) >= HELD:
                self._held.clear()
            self._held[kind, asked] = found
        elif self._key:
            self._write(self._name(kind, asked), found)

    def _name(self, kind: str, asked: tuple[bytes, ...]) -> bytes:
        self._version = self._version or version()
        return digest(self._version, kind.encode(), *asked)

    def _path(self, name: bytes) -> str:
        whole = name.hex()
        return f"{self._folder}/{whole[:2]}/{whole[2:40]}"

    def _read(self, name: bytes) -> Plain:
        try:
            with open(self._path(name), "rb") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
                seal, data = file.read(SEAL), file.read()
        except OSError:
            return None
        if seal != sealed(self._key, name, data):
            return None
        from marshal import loads

        return loads(data)  # noqa: S302 - the seal shows that we wrote it

    def _write(self, name: bytes, found: Plain) -> None:
        from marshal import dumps

        data = dumps(found)
        path = self._path(name)
        mine = f"{path}.{os.getpid()}"
        try:
            os.makedirs(path.rpartition("/")[0], exist_ok=True)  # noqa: PTH103 - pathlib costs a hook 5 ms
            with open(mine, "wb") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
                file.write(sealed(self._key, name, data) + data)
            os.replace(mine, path)  # noqa: PTH105 - pathlib costs a hook 5 ms
            if name[-1] == 0:  # now and then
                _thin(path.rpartition("/")[0])
        except OSError:  # a full or read-only disk: there is no entry, and the answer stands
            _forget(mine)


NONE = Verdicts()


def verdicts(common_dir: str) -> Verdicts:
    """The entries kept for a repository; none where the environment says so (`SDD_CACHE=off`), or in CI."""
    if os.environ.get("SDD_CACHE") == "off" or os.environ.get("CI"):
        return NONE
    return Verdicts(f"{common_dir}/sdd/cache", _key())


def version() -> bytes:
    """What tells this sdd from any other one: what was installed and when, for which Python; where somebody works on it, each of its files."""
    top = __file__.rpartition(os.sep)[0]
    told = [f"{__version__} {sys.version} {os.stat(__file__).st_mtime_ns}".encode()]  # noqa: PTH116 - pathlib costs a hook 5 ms
    if os.path.exists(f"{top}/../../pyproject.toml"):  # noqa: PTH110 - pathlib costs a hook 5 ms
        told += _files(top)
    return digest(*sorted(told))


def _files(top: str) -> Iterator[bytes]:
    folders = [top]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders += [entry.path] if entry.name != "__pycache__" else []
                elif entry.name.endswith((".py", ".md", ".toml")):
                    about = entry.stat()
                    yield os.fsencode(f"{entry.path} {about.st_size} {about.st_mtime_ns}")


def _key() -> bytes:
    """The key of this user, made where there is none yet; empty where it can neither be read nor made."""
    home = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_STATE_HOME")
    folder = f"{home}/sdd" if home else os.path.expanduser("~/.local/state/sdd")  # noqa: PTH111 - pathlib costs a hook 5 ms
    if not os.path.isabs(folder):  # noqa: PTH117 - pathlib costs a hook 5 ms
        return b""  # it would lie wherever we were started, as in a repository that brings its own
    for make in (None, _made):
        try:
            if make:
                make(folder)
            with open(f"{folder}/seal", "rb") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
                return file.read(SEAL) if _is_private(os.fstat(file.fileno())) else b""
        except OSError:
            continue
    return b""


def _is_private(about: os.stat_result) -> bool:
    """Whether a key is one, and whether nobody else can have put it there or read it."""
    ours = os.name == "nt" or (about.st_uid == os.geteuid() and not about.st_mode & 0o077)
    return ours and stat.S_ISREG(about.st_mode) and about.st_size == SEAL


def _made(folder: str) -> None:
    """Make the key; of two processes that do so at once the first one counts."""
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - pathlib costs a hook 5 ms
    mine = f"{folder}/seal.{os.getpid()}"
    handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, os.urandom(SEAL))
    finally:
        os.close(handle)
    try:
        os.link(mine, f"{folder}/seal")
    except FileExistsError:
        pass
    finally:
        os.unlink(mine)  # noqa: PTH108 - pathlib costs a hook 5 ms


def _thin(folder: str) -> None:
    names = os.listdir(folder)  # noqa: PTH208 - pathlib costs a hook 5 ms
    for name in names if len(names) > MOST else ():
        _forget(f"{folder}/{name}")


def _forget(path: str) -> None:
    try:  # noqa: SIM105 - contextlib costs a hook 1 ms
        os.unlink(path)  # noqa: PTH108 - pathlib costs a hook 5 ms
    except OSError:
        pass
