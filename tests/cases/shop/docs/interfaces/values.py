"""Values that every component speaks in: money, identifiers, pages of results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NewType, TypeVar

AccountId = NewType("AccountId", str)
ProductId = NewType("ProductId", str)
ReservationId = NewType("ReservationId", str)
CartId = NewType("CartId", str)
PaymentId = NewType("PaymentId", str)
OrderId = NewType("OrderId", str)

T = TypeVar("T")

MAX_QUANTITY = 99
"""The most pieces of one product that a cart line, a reservation or an order line may hold."""


class Currency(StrEnum):
    """The currencies that the shop sells in, by ISO 4217."""

    EUR = "EUR"
    CHF = "CHF"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the smallest unit of its currency: `Money(1999, Currency.EUR)` is 19.99 EUR. Never negative."""

    minor: int
    currency: Currency


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list. `next_cursor` goes into the next call and is empty on the last page."""

    items: tuple[T, ...]
    next_cursor: str
