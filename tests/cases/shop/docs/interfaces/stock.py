"""Stock: how many pieces there are, counted by movements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from interfaces.database import ITransaction
from interfaces.errors import ConflictError, InvalidInputError
from interfaces.event_bus import Event
from interfaces.values import MAX_QUANTITY, ProductId


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Pieces of a product. `available` is what can still be promised: on hand, less what is reserved; never below zero."""

    product_id: ProductId
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        """Pieces that can still be promised."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class StockChanged(Event):
    """The level of a product has changed, for whatever reason."""

    product_id: ProductId
    available: int


class InsufficientStockError(ConflictError):
    """Fewer pieces are available than were asked for."""

    code = "insufficient_stock"

    def __init__(self, product_id: ProductId, available: int) -> None:
        super().__init__(f"{product_id}: {available} available")
        self.product_id = product_id
        self.available = available


class IStock(Protocol):
    """A ledger of movements; a level is their sum. Two buyers of the last piece: one of them is refused.

    Dependencies:
        IDatabase, IEventBus, IClock, IIdSource
    Configuration:
        none
    Publishes:
        StockChanged
    Consumes:
        nothing
    """

    def level(self, product_id: ProductId) -> StockLevel:
        """The level now; all zero for a product that never had any.

        Raises:
            nothing
        """

    def receive(self, transaction: ITransaction, product_id: ProductId, quantity: int) -> StockLevel:
        """Count pieces in, or out where `quantity` is negative (breakage).

        Raises:
            InvalidInputError: the quantity is zero.
            InsufficientStockError: more would leave than are available.
        """

    def reserve(self, transaction: ITransaction, product_id: ProductId, quantity: int) -> StockLevel:
        """Hold pieces back.

        Raises:
            InvalidInputError: the quantity is below one or above MAX_QUANTITY.
            InsufficientStockError: fewer are available; nothing is held.
        """

    def release(
        self, transaction: ITransaction, product_id: ProductId, quantity: int, *, shipped: bool
    ) -> StockLevel:
        """End a hold: the pieces left the house (`shipped`), or can be promised again.

        Raises:
            InvalidInputError: more than is reserved would be released.
        """
