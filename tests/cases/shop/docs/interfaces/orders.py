"""Orders: what was bought, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from interfaces.database import ITransaction, StaleWriteError
from interfaces.errors import ConflictError, InvalidInputError, NotFoundError
from interfaces.event_bus import Event
from interfaces.values import AccountId, Money, OrderId, Page, ProductId


class OrderState(StrEnum):
    """`PLACED` → `PAID` → `SHIPPED`; `CANCELLED` from the first two."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send it. `country` is an ISO 3166 code of two letters."""

    name: str
    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product of an order. Name and price are copied: what was bought does not change with the catalogue."""

    product_id: ProductId
    name: str
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `total` is the sum of its lines; `version` grows by one with each change."""

    order_id: OrderId
    customer: AccountId
    lines: tuple[OrderLine, ...]
    address: Address
    total: Money
    state: OrderState
    placed_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class OrderPlaced(Event):
    """A customer ordered, and has not paid yet."""

    order_id: OrderId
    customer: AccountId


@dataclass(frozen=True, slots=True)
class OrderPaid(Event):
    """The order can be packed."""

    order_id: OrderId
    customer: AccountId
    total: Money


@dataclass(frozen=True, slots=True)
class OrderShipped(Event):
    """The order left the house."""

    order_id: OrderId
    customer: AccountId
    tracking_code: str


@dataclass(frozen=True, slots=True)
class OrderCancelled(Event):
    """The order will not be delivered. `reason` is shown to the customer."""

    order_id: OrderId
    customer: AccountId
    reason: str


class OrderNotFoundError(NotFoundError):
    """There is no such order, or it is somebody else's."""

    code = "order_not_found"


class OrderStateError(ConflictError):
    """The order is in a state that does not allow this."""

    code = "order_state"


class IOrderStore(Protocol):
    """Where orders are kept; none is ever deleted.

    Dependencies:
        IDatabase
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def get(self, order_id: OrderId) -> Order:
        """One order.

        Raises:
            OrderNotFoundError: there is none.
        """

    def put(self, transaction: ITransaction, order: Order) -> Order:
        """Store a new order (`version` 0) or a changed one; the order with its new version.

        Raises:
            StaleWriteError: the stored version is not the one that was changed.
        """

    def of_customer(self, customer: AccountId, cursor: str = "") -> Page[Order]:
        """A customer's orders, newest first, twenty at a time.

        Raises:
            InvalidInputError: the cursor is not one that was given out.
        """


class IOrders(Protocol):
    """The life of an order. Each step is allowed from one state only, and tells what happened.

    Dependencies:
        IOrderStore, IDatabase, IEventBus, IClock, IIdSource
    Configuration:
        none
    Publishes:
        OrderPlaced, OrderPaid, OrderShipped, OrderCancelled
    Consumes:
        PaymentCaptured, ReservationExpired
    """

    def place(
        self, order_id: OrderId, customer: AccountId, lines: tuple[OrderLine, ...], address: Address
    ) -> Order:
        """Begin an order under an identifier that the caller chose, so that placing it twice is placing it once.

        Raises:
            InvalidInputError: there is no line, a line's currency differs, or a field of the address is empty.
        """

    def of_customer(self, customer: AccountId, order_id: OrderId) -> Order:
        """A customer's own order.

        Raises:
            OrderNotFoundError: there is no such order of this customer.
        """

    def ship(self, order_id: OrderId, tracking_code: str) -> Order:
        """The parcel is on its way.

        Raises:
            OrderNotFoundError: there is none.
            OrderStateError: it is not paid, or was cancelled.
        """

    def cancel(self, order_id: OrderId, reason: str) -> Order:
        """End an order that has not been shipped. A second time changes nothing.

        Raises:
            OrderNotFoundError: there is none.
            OrderStateError: it was shipped.
        """
