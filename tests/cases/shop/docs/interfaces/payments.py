"""Payments: what the shop knows of the money for an order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from interfaces.errors import ConflictError, InvalidInputError, NotFoundError
from interfaces.event_bus import Event
from interfaces.payment_gateway import GatewayUnavailableError, PaymentDeclinedError
from interfaces.values import Money, OrderId, PaymentId


class PaymentState(StrEnum):
    """`PENDING` is written before the provider is asked, so that a crash leaves a payment that can be asked about."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Payment:
    """The money for one order. `refunded` is what went back so far."""

    payment_id: PaymentId
    order_id: OrderId
    amount: Money
    refunded: Money
    state: PaymentState


@dataclass(frozen=True, slots=True)
class PaymentCaptured(Event):
    """The money is ours."""

    payment_id: PaymentId
    order_id: OrderId
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentRefunded(Event):
    """Money went back."""

    payment_id: PaymentId
    order_id: OrderId
    amount: Money


class PaymentNotFoundError(NotFoundError):
    """There is no such payment."""

    code = "payment_not_found"


class PaymentStateError(ConflictError):
    """The payment is in a state that does not allow this."""

    code = "payment_state"


class IPayments(Protocol):
    """Moves money, once. The key for the provider is the payment's identifier and the step.

    Dependencies:
        IPaymentGateway, IDatabase, IEventBus, IClock, IIdSource
    Configuration:
        none
    Publishes:
        PaymentCaptured, PaymentRefunded
    Consumes:
        nothing
    """

    def authorise(self, order_id: OrderId, amount: Money, card_token: str) -> Payment:
        """Have the amount held for an order. Asked again for the same order, the payment that stands is given.

        Raises:
            PaymentDeclinedError: the bank said no; the payment is stored as declined.
            GatewayUnavailableError: nobody knows; the payment stays pending.
            InvalidInputError: the amount is zero.
        """

    def capture(self, payment_id: PaymentId) -> Payment:
        """Take all that is held. A second time changes nothing.

        Raises:
            PaymentNotFoundError: there is none.
            PaymentStateError: nothing is held.
            PaymentDeclinedError: the hold has expired.
            GatewayUnavailableError: nobody knows.
        """

    def cancel(self, payment_id: PaymentId) -> Payment:
        """Let go of what is held. A second time changes nothing.

        Raises:
            PaymentNotFoundError: there is none.
            PaymentStateError: the money was taken already: refund it.
            GatewayUnavailableError: nobody knows.
        """

    def refund(self, payment_id: PaymentId, amount: Money) -> Payment:
        """Give money back.

        Raises:
            PaymentNotFoundError: there is none.
            PaymentStateError: it was not taken, or less is left than is to go back.
            InvalidInputError: the currency is another, or the amount is zero.
            GatewayUnavailableError: nobody knows.
        """
