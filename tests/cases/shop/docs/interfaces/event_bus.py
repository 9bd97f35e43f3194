"""Events: how a component tells others what happened without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from interfaces.database import DatabaseUnavailableError, ITransaction


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `event_id` is the same on each delivery, so that a handler can tell a repetition."""

    event_id: str
    happened_at: datetime


E = TypeVar("E", bound=Event)


class IEventBus(Protocol):
    """An outbox: an event is stored with the change that it tells of, then delivered at least once, in order per publisher.

    Dependencies:
        IDatabase, IClock
    Configuration:
        EventSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def publish(self, transaction: ITransaction, event: Event) -> None:
        """Store the event in this unit of work. Where that is rolled back, the event never happened.

        Raises:
            DatabaseUnavailableError: no answer in time.
        """

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> None:
        """Have `handler` called with each event of exactly this class. Called at the start, by the composition root.

        Raises:
            ValueError: the same handler is subscribed to this class already.
        """

    def deliver(self, most: int) -> int:
        """Deliver what waits, `most` events at most; how many were. A handler that raises is tried again later.

        Raises:
            DatabaseUnavailableError: no answer in time.
        """
