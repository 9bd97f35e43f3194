"""The catalogue: what customers may see and buy, and how a clerk changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from interfaces.errors import ConflictError, InvalidInputError
from interfaces.event_bus import Event
from interfaces.products import NoPriceError, Product, ProductNotFoundError
from interfaces.sign_in import PermissionDeniedError
from interfaces.tokens import Principal
from interfaces.values import Currency, Money, ProductId


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A published product with today's price."""

    product_id: ProductId
    name: str
    description: str
    price: Money


@dataclass(frozen=True, slots=True)
class ProductPublished(Event):
    """A product can be bought from now on, or its words have changed."""

    product_id: ProductId
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ProductWithdrawn(Event):
    """A product cannot be bought any more."""

    product_id: ProductId


class NotPublishableError(ConflictError):
    """A product without a name, a description of 20 characters, or a price in every currency."""

    code = "not_publishable"


class ICatalogue(Protocol):
    """What is for sale.

    Dependencies:
        IProducts, IPrices, IAccessPolicy, IDatabase, IEventBus, IAuditLog, IClock, IIdSource
    Configuration:
        none
    Publishes:
        ProductPublished, ProductWithdrawn
    Consumes:
        nothing
    """

    def entry(self, product_id: ProductId, currency: Currency) -> CatalogueEntry:
        """What a customer sees of a product.

        Raises:
            ProductNotFoundError: there is none, or it is not published.
            NoPriceError: it has no price in this currency.
        """

    def draft(self, principal: Principal, name: str, description: str) -> Product:
        """Begin a product.

        Raises:
            PermissionDeniedError: the principal may not edit the catalogue.
            InvalidInputError: the name is empty or longer than 200 characters.
        """

    def publish(self, principal: Principal, product_id: ProductId) -> None:
        """Let a product be bought.

        Raises:
            PermissionDeniedError: the principal may not edit the catalogue.
            ProductNotFoundError: there is none.
            NotPublishableError: something that customers need is missing, or it was withdrawn.
        """

    def withdraw(self, principal: Principal, product_id: ProductId) -> None:
        """Let nobody buy a product any more; carts that hold it learn so at checkout.

        Raises:
            PermissionDeniedError: the principal may not edit the catalogue.
            ProductNotFoundError: there is none.
        """
