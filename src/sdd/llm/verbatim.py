"""Owns standard output as it stands in a transcript: with the blank lines that a reader of lines is not told of."""

from __future__ import annotations

import codecs
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Verbatim:
    """What is appended to a transcript for as long as the `with` lasts; the lines alone where it cannot be written."""

    def __init__(self, path: str) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._lines: list[bytes] = []
        self._parts: list[bytes] = []
        self._file: IO[bytes] | None = None
        with suppress(OSError):
            Path(path).touch()
            self._file = Path(path).open("rb")  # noqa: SIM115 - `with` closes it
            self._file.seek(0, os.SEEK_END)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def more(self, line: bytes) -> str:
        """The text that is new, when that line has come."""
        self._lines.append(line)
        return self._decoder.decode(self._read()) if self._file else line.decode("utf-8", "replace") + "\n"

    def whole(self, *, unkept: bool) -> bytes:
        """All that came; of a transcript that is not whole (`unkept`) the lines."""
        self._read()
        return b"\n".join(self._lines) if unkept or not self._file else b"".join(self._parts)

    def _read(self) -> bytes:
        self._parts.append(self._file.read() if self._file else b"")
        return self._parts[-1]
