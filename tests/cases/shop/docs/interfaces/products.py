"""Products and their prices, as they are stored. What customers see is the catalogue's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from interfaces.database import ITransaction, StaleWriteError
from interfaces.errors import ConflictError, InvalidInputError, NotFoundError
from interfaces.event_bus import Event
from interfaces.values import Currency, Money, Page, ProductId


class ProductState(StrEnum):
    """The life of a product. Only published ones can be bought; a withdrawn one never comes back."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Product:
    """A product. `version` grows by one with each change, and a write of an older one is refused."""

    product_id: ProductId
    name: str
    description: str
    state: ProductState
    version: int


@dataclass(frozen=True, slots=True)
class PriceChanged(Event):
    """A product has a new price, from `valid_from` on."""

    product_id: ProductId
    price: Money
    valid_from: datetime


class ProductNotFoundError(NotFoundError):
    """There is no such product."""

    code = "product_not_found"


class NoPriceError(ConflictError):
    """The product has no price in this currency at this time, so it cannot be sold."""

    code = "no_price"


class IProducts(Protocol):
    """The store of products. It takes the caller's unit of work, so that a change and its event go together.

    Dependencies:
        IDatabase
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def get(self, product_id: ProductId) -> Product:
        """One product, in whatever state.

        Raises:
            ProductNotFoundError: there is none.
        """

    def put(self, transaction: ITransaction, product: Product) -> Product:
        """Store a new product (`version` 0) or a changed one; the product with its new version.

        Raises:
            StaleWriteError: the stored version is not the one that was changed.
        """

    def in_state(self, state: ProductState, cursor: str = "") -> Page[Product]:
        """All products in a state, by identifier, a hundred at a time.

        Raises:
            InvalidInputError: the cursor is not one that was given out.
        """


class IPrices(Protocol):
    """Prices by product, currency and time. A price is never changed: a new one begins.

    Dependencies:
        IDatabase, IEventBus, IClock, IIdSource
    Configuration:
        none
    Publishes:
        PriceChanged
    Consumes:
        nothing
    """

    def price(self, product_id: ProductId, currency: Currency, at: datetime) -> Money:
        """What one piece costs at a time, VAT included.

        Raises:
            NoPriceError: no price had begun by then.
        """

    def set_price(
        self, transaction: ITransaction, product_id: ProductId, price: Money, valid_from: datetime
    ) -> None:
        """Let a price begin.

        Raises:
            ProductNotFoundError: there is no such product.
            InvalidInputError: it would begin in the past, or the amount is zero.
        """
