"""Reservations: stock that is held for one checkout, until it is paid or time is up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from interfaces.errors import ConflictError, InvalidInputError, NotFoundError
from interfaces.event_bus import Event
from interfaces.stock import InsufficientStockError
from interfaces.values import MAX_QUANTITY, OrderId, ProductId, ReservationId


class ReservationState(StrEnum):
    """Held, and then one of the three ends."""

    HELD = "held"
    FULFILLED = "fulfilled"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Reservation:
    """What is held for an order, all of it or nothing."""

    reservation_id: ReservationId
    order_id: OrderId
    quantities: Mapping[ProductId, int]
    state: ReservationState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReservationExpired(Event):
    """Time was up, and the pieces can be promised to others."""

    reservation_id: ReservationId
    order_id: OrderId


class ReservationNotFoundError(NotFoundError):
    """There is no such reservation."""

    code = "reservation_not_found"


class ReservationEndedError(ConflictError):
    """It was fulfilled, released or has expired already."""

    code = "reservation_ended"


class IReservations(Protocol):
    """Holds stock for orders.

    Dependencies:
        IStock, IDatabase, IEventBus, IClock, IIdSource
    Configuration:
        ReservationSettings
    Publishes:
        ReservationExpired
    Consumes:
        OrderShipped, OrderCancelled
    """

    def hold(self, order_id: OrderId, quantities: Mapping[ProductId, int]) -> Reservation:
        """Hold all of it. Products are taken in the order of their identifiers, so that two checkouts cannot block each other.

        Raises:
            InsufficientStockError: one product has too few; nothing is held.
            InvalidInputError: there is no product, or a quantity below one or above MAX_QUANTITY.
        """

    def fulfil(self, reservation_id: ReservationId) -> Reservation:
        """The pieces leave the house. A second time changes nothing.

        Raises:
            ReservationNotFoundError: there is none.
            ReservationEndedError: it was released or has expired.
        """

    def release(self, reservation_id: ReservationId) -> Reservation:
        """Give the pieces back. A second time changes nothing, and neither does one after it has expired.

        Raises:
            ReservationNotFoundError: there is none.
            ReservationEndedError: it was fulfilled.
        """

    def expire(self, most: int) -> int:
        """End what is over its time, `most` at most; how many were. A timer calls this each minute.

        Raises:
            nothing
        """
