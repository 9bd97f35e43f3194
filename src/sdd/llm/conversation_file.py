"""Owns the SQLite file that conversations are kept in: made, set aside where it is broken, done without where it must be.

What it holds is worth having and never worth failing for: a file that is gone is made anew, a corrupt one is moved beside
itself, and where the disk refuses (read-only, full, no such folder) the process goes on in memory with what could be
read. Each loss is told once, in a sentence.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from sdd.disk import lock
from sdd.errors import SddError

T = TypeVar("T")
Say = Callable[[str], None]

VERSION = 1
BUSY_S = 30.0  # for other processes to write, which takes each a millisecond
MAKING_S = 10.0

# A time is ISO 8601 in UTC with microseconds, so that texts sort as times do; `ttl` is in seconds.
SCHEMA = """
CREATE TABLE conversations (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, provider TEXT NOT NULL,
  folder TEXT NOT NULL, model TEXT, remote TEXT, created TEXT NOT NULL, last_used TEXT NOT NULL, ttl REAL,
  state TEXT NOT NULL, why TEXT NOT NULL
);
CREATE INDEX by_key ON conversations (key, provider, folder);
CREATE TABLE exchanges (
  number INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL, at TEXT NOT NULL, task TEXT NOT NULL,
  prompt TEXT NOT NULL, answer TEXT NOT NULL, ending TEXT NOT NULL, counted TEXT
);
CREATE INDEX by_conversation ON exchanges (conversation);
CREATE TABLE asked (conversation TEXT PRIMARY KEY, at TEXT NOT NULL, task TEXT NOT NULL, prompt TEXT NOT NULL);
CREATE TABLE pieces (number INTEGER PRIMARY KEY, conversation TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE events (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, conversation TEXT NOT NULL, key TEXT NOT NULL,
  what TEXT NOT NULL, why TEXT NOT NULL
);
"""
_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


class NewerError(Exception):
    """The file was written by a newer sdd, whose form this one does not know."""


class File:
    """One file; safe for many threads and processes. `say` is told of each loss."""

    def __init__(self, path: str, say: Say | None = None) -> None:
        self.path = str(Path(path).absolute())
        self._say = say or _warn
        self._guard = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = (0, 0)
        self._in_memory = False
        self._told: set[str] = set()

    def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` gives, done as one transaction; done again from its start where the file had to be replaced."""
        with self._guard:
            for heal in (self._heal, self._begin_in_memory):
                try:
                    return self._in_one(work)
                except (sqlite3.DatabaseError, OSError, SddError, NewerError) as error:
                    heal(error)
            return self._in_one(work)

    def tell(self, sentence: str) -> None:
        """Say what could not be kept or done, each sentence once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._say(sentence)

    def close(self) -> None:
        """Let go of the file; the next use opens it again. What is in memory only is gone then."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._in_memory = None, False

    def _in_one(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        return found

    def _opened(self) -> sqlite3.Connection:
        # Another process may have deleted the file, or set it aside: what is written to it then, nobody will read.
        if self._connection is not None and (self._in_memory or self._inode == _inode(self.path)):
            return self._connection
        self.close()
        self._connection = _open(self.path)
        self._inode = _inode(self.path)
        return self._connection

    def _heal(self, error: Exception) -> None:
        """Make the next try work: with a new file where this one is broken, else in memory with what can be read."""
        self.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
            with suppress(OSError, SddError):
                self._set_aside(error)
                return
        self._begin_in_memory(error, _copied(self.path))

    def _set_aside(self, error: Exception) -> None:
        with lock(f"{self.path}.lock", self.path, MAKING_S):
            if _is_sound(self.path):
                return  # another process was here first
            aside = f"{self.path}.broken-{time.time_ns():x}"
            for end in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(self.path + end).rename(aside + end)
        self.tell(f"{self.path} is broken ({error}) and was set aside as {aside}: conversations begin anew")

    def _begin_in_memory(self, error: Exception, copied: sqlite3.Connection | None = None) -> None:
        self.close()
        self._connection, self._in_memory = copied or _in_memory(SCHEMA), True
        self.tell(f"{self.path} cannot be used ({error}): conversations are kept until this process ends")


def _warn(sentence: str) -> None:
    warnings.warn(sentence, RuntimeWarning, stacklevel=2)


def _inode(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - before each use, and a Path would cost more than this does
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino


def _open(path: str) -> sqlite3.Connection:
    if _inode(path) == (0, 0) or not Path(path).stat().st_size:
        with lock(f"{path}.lock", path, MAKING_S):  # two that switch to WAL at once: one is told it is busy
            return _made(path)
    return _made(path)


def _made(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(
            "PRAGMA synchronous = NORMAL"
        )  # with WAL a crash of the machine alone loses the last
        if _version(connection) == 0:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT")
        _refuse_other(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_other(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    if version != VERSION:
        raise NewerError(f"it has version {version}, and this sdd knows {VERSION}: pip install --upgrade sdd")


def _in_memory(script: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(script)
    return connection


def _copied(path: str) -> sqlite3.Connection | None:
    """What can be read of the file, in memory; None where it is not all there."""
    copy = _in_memory()
    # In a folder that may not be written SQLite reads no file in WAL mode, unless told that nobody writes: so it is where no
    # log is left.
    how = "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(_to_read(path, how)) as source:
            source.backup(copy)
        _refuse_other(copy)
    except (sqlite3.Error, NewerError):
        copy.close()
        return None
    return copy


def _to_read(path: str, how: str = "mode=ro") -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(path).as_uri()}?{how}", 1.0, uri=True)


def _is_sound(path: str) -> bool:
    try:
        with closing(_to_read(path)) as connection:
            connection.execute("SELECT 1 FROM conversations, exchanges, asked, pieces, events LIMIT 1")
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False
