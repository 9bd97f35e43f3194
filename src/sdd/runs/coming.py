"""An answer that is paid for meets a disk that takes no more: it is read to its end, and shown where it cannot be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import IO, Self


class UnkeptError(SddError):
    """No file takes a response that came; `text` is all of it, for whoever catches this to show."""

    def __init__(self, session: str, text: str, why: SddError) -> None:
        super().__init__(
            f"the response of {session} came and cannot be kept, so it was printed: {why.message}",
            hint=f"copy it from above into a file elsewhere; {why.hint}\nsdd record {session} FILE",
        )
        self.text = text


class Coming:
    """The file that an answer's pieces are appended to as they come, for the length of a `with`.

    The first piece that it does not take is told, once, and nothing more is written: a gap would read as if it were none.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("ab", buffering=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def append(self, text: str) -> None:
        """Have a piece on the disk."""
        data = text.encode("utf-8", "replace")
        try:
            while data and self._file is not None:
                data = data[self._file.write(data) :]
        except OSError as error:
            self._close()
            self._say(f"{self._path} takes no more of what comes ({error.strerror}): it is read to its end")

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
