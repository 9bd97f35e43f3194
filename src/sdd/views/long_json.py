"""A long list as JSON, in parts: from a megabyte on it waits on disk, so that nobody has to hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

HELD = 1 << 20  # characters that wait in memory, at four bytes each
PART = 1 << 20


class LongList:
    """Items that come some at a time, to be read back, while a `with` lasts, as the list that `json.dumps` makes of all of them.

    `indent` is that of the lines of the items, where each level has two columns.
    """

    def __init__(self, indent: int = 2) -> None:
        from tempfile import SpooledTemporaryFile  # only where a list is made anew: what was kept needs none

        self._deeper = "\n" + " " * (indent - 2)
        self._file = SpooledTemporaryFile(HELD, "w+", encoding="utf-8", newline="")  # noqa: SIM115 - our own `with` closes it
        self._empty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def add(self, text: str) -> None:
        """Take in the next items, as the JSON of a list of them.

        Raises:
            SddError: they find no room on disk.
        """
        items = text[1:-1].rstrip("\n")
        if items:
            try:
                self._file.write(("" if self._empty else ",") + items.replace("\n", self._deeper))
            except OSError as error:
                hint = "set TMPDIR to a folder with room"
                raise SddError(f"a long answer finds no room on disk: {error.strerror}", hint=hint) from error
            self._empty = False

    def parts(self) -> Iterator[str]:
        """The list, brackets and all."""
        yield "["
        self._file.seek(0)
        while part := self._file.read(PART):
            yield part
        yield "]" if self._empty else self._deeper + "]"
