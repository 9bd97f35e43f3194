"""The cart: what a customer means to buy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interfaces.database import ITransaction, StaleWriteError
from interfaces.errors import ConflictError, InvalidInputError, NotFoundError
from interfaces.products import NoPriceError, ProductNotFoundError
from interfaces.values import MAX_QUANTITY, AccountId, CartId, Currency, Money, ProductId


@dataclass(frozen=True, slots=True)
class CartLine:
    """One product in a cart. `unit_price` is what it cost when it was last shown; checkout asks anew."""

    product_id: ProductId
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class Cart:
    """A customer's cart; lines are in the order in which they came. `version` grows by one with each change."""

    cart_id: CartId
    owner: AccountId
    currency: Currency
    lines: tuple[CartLine, ...]
    changed_at: datetime
    version: int


class InvalidQuantityError(InvalidInputError):
    """A quantity below one, or above MAX_QUANTITY."""

    code = "invalid_quantity"


class CartFullError(ConflictError):
    """The cart has as many lines as the settings allow."""

    code = "cart_full"


class CartNotFoundError(NotFoundError):
    """There is no such cart, it has expired, or it is somebody else's."""

    code = "cart_not_found"


class ICartStore(Protocol):
    """Where carts are kept.

    Dependencies:
        IDatabase
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def get(self, cart_id: CartId) -> Cart:
        """A cart, however old.

        Raises:
            CartNotFoundError: there is none.
        """

    def put(self, transaction: ITransaction, cart: Cart) -> Cart:
        """Store a new cart (`version` 0) or a changed one; the cart with its new version.

        Raises:
            StaleWriteError: the stored version is not the one that was changed.
        """

    def delete_unchanged_since(self, moment: datetime, most: int) -> int:
        """Delete carts that nobody touched since; how many were, `most` at most.

        Raises:
            nothing
        """


class ICart(Protocol):
    """What a customer does with a cart. Nothing is reserved: that happens at checkout.

    Dependencies:
        ICartStore, ICatalogue, IDatabase, IClock, IIdSource
    Configuration:
        CartSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def open(self, owner: AccountId, currency: Currency) -> Cart:
        """The owner's cart in this currency; a new one where there is none or it has expired.

        Raises:
            nothing
        """

    def get(self, owner: AccountId, cart_id: CartId) -> Cart:
        """One of the owner's carts, with what is in it.

        Raises:
            CartNotFoundError: there is no such cart of this owner.
        """

    def add(self, owner: AccountId, cart_id: CartId, product_id: ProductId, quantity: int) -> Cart:
        """Put pieces into the cart; where the product is in it already, they add up.

        Raises:
            CartNotFoundError: there is no such cart of this owner.
            ProductNotFoundError: the product is not for sale.
            NoPriceError: it is not for sale in this currency.
            InvalidQuantityError: the quantity, or the sum, is not allowed.
            CartFullError: there is no room for another line.
        """

    def change(self, owner: AccountId, cart_id: CartId, product_id: ProductId, quantity: int) -> Cart:
        """Set the quantity of a line; zero takes the line out.

        Raises:
            CartNotFoundError: there is no such cart of this owner.
            ProductNotFoundError: the cart has no line with this product.
            InvalidQuantityError: the quantity is not allowed.
        """

    def empty(self, owner: AccountId, cart_id: CartId) -> Cart:
        """Take all lines out, after checkout or because the customer says so.

        Raises:
            CartNotFoundError: there is no such cart of this owner.
        """
