"""Checkout: from a cart to a paid order, or back to where it began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from interfaces.cart import CartNotFoundError
from interfaces.errors import ConflictError, InvalidInputError
from interfaces.orders import Address, Order
from interfaces.payment_gateway import GatewayUnavailableError, PaymentDeclinedError
from interfaces.stock import InsufficientStockError
from interfaces.tokens import Principal
from interfaces.values import CartId, Money, OrderId


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What a customer confirms. `order_id` is made by the page, so that a second click is the same order; `expected_total` is what it showed."""

    order_id: OrderId
    cart_id: CartId
    address: Address
    card_token: str
    expected_total: Money


class TotalChangedError(ConflictError):
    """Prices changed since the page was shown; `total` is the new sum, for the customer to confirm."""

    code = "total_changed"

    def __init__(self, total: Money) -> None:
        super().__init__(f"the total is {total.minor} {total.currency} now")
        self.total = total


class EmptyCartError(ConflictError):
    """There is nothing to buy, or nothing of it is for sale any more."""

    code = "empty_cart"


class ICheckout(Protocol):
    """A saga: reserve, place, authorise, capture, empty the cart. Where a step fails, those before are undone, the last first.

    Dependencies:
        ICart, ICatalogue, IReservations, IOrders, IPayments, IAccessPolicy
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def buy(self, principal: Principal, request: CheckoutRequest) -> Order:
        """Buy what is in the cart. The same request again gives the same order, however far the first one came.

        The order may still be `PLACED` when it is given back: it is `PAID` once the event of the captured payment was delivered.

        Raises:
            CartNotFoundError: there is no such cart of this customer.
            EmptyCartError: nothing to buy.
            TotalChangedError: the sum is not the one that was shown; nothing was reserved.
            InsufficientStockError: something is sold out; nothing is held.
            PaymentDeclinedError: the bank said no; order cancelled, stock released.
            GatewayUnavailableError: nobody knows; the order stays placed, and the same request may be sent again.
            InvalidInputError: a field of the address is empty.
        """
