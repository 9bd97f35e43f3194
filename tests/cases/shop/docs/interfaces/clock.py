"""Time and identifiers: the two things that make a test depend on luck, behind a contract."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class IClock(Protocol):
    """What time it is.

    Dependencies:
        none
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def now(self) -> datetime:
        """The time, in UTC, aware, in microseconds; never earlier than the call before it in the same process.

        Raises:
            nothing
        """


class IIdSource(Protocol):
    """Where identifiers come from.

    Dependencies:
        IClock
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def new(self, prefix: str) -> str:
        """A new identifier: the prefix, `_`, and 26 characters that sort by the time of making (a ULID).

        Raises:
            ValueError: the prefix is empty or holds anything but `a` to `z`.
        """
