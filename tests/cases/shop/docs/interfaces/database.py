"""The database, as far as components see it: a unit of work that ends whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from interfaces.errors import ConflictError, UnavailableError


class DatabaseUnavailableError(UnavailableError):
    """The database did not answer within the statement's time."""

    code = "database_unavailable"


class StaleWriteError(ConflictError):
    """Another unit of work changed the row meanwhile. Read again, decide again."""

    code = "stale_write"


class ITransaction(Protocol):
    """One unit of work, as a store sees it. It is only good inside of the `with` that gave it.

    Dependencies:
        none
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def rows(self, statement: str, parameters: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
        """The rows that a statement gives. Parameters are bound (`:name`), never put into the text.

        Raises:
            DatabaseUnavailableError: no answer in time.
        """

    def write(self, statement: str, parameters: Mapping[str, object]) -> int:
        """Carry out a statement; how many rows it changed.

        Raises:
            DatabaseUnavailableError: no answer in time.
            StaleWriteError: a constraint or a version check refused it.
        """


class IDatabase(Protocol):
    """Gives units of work.

    Dependencies:
        none
    Configuration:
        DatabaseSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def transaction(self) -> AbstractContextManager[ITransaction]:
        """A unit of work, serialisable: committed where the block ends, rolled back where it raises. They do not nest.

        Raises:
            DatabaseUnavailableError: no connection in time.
            StaleWriteError: at the end, another unit of work was first.
        """
