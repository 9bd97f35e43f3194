"""The payment provider, as the shop sees any of them. A class of its own, since adapters share how requests are signed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from interfaces.errors import ConflictError, UnavailableError
from interfaces.values import Money


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The provider holds an amount for us. `reference` is the provider's own name of it."""

    reference: str
    amount: Money


class PaymentDeclinedError(ConflictError):
    """The customer's bank said no. `reason` is one of the provider's documented words, safe to show."""

    code = "payment_declined"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GatewayUnavailableError(UnavailableError):
    """No answer, or none that can be read: it is not known whether money moved. Ask again with the same key."""

    code = "gateway_unavailable"


class IPaymentGateway(ABC):
    """Talks to one provider. Every call carries a key of ours; the same key twice is one payment.

    Dependencies:
        none
    Configuration:
        PaymentSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    @abstractmethod
    def authorise(self, key: str, amount: Money, card_token: str) -> Authorisation:
        """Have an amount held. `card_token` comes from the provider's own form; no card number ever reaches us.

        Raises:
            PaymentDeclinedError: the bank said no.
            GatewayUnavailableError: nobody knows.
        """

    @abstractmethod
    def capture(self, key: str, reference: str, amount: Money) -> None:
        """Take what is held, or less.

        Raises:
            PaymentDeclinedError: the hold has expired, or was cancelled.
            GatewayUnavailableError: nobody knows.
        """

    @abstractmethod
    def cancel(self, key: str, reference: str) -> None:
        """Let go of what is held. A second time changes nothing.

        Raises:
            GatewayUnavailableError: nobody knows.
        """

    @abstractmethod
    def refund(self, key: str, reference: str, amount: Money) -> None:
        """Give back what was taken, or a part.

        Raises:
            PaymentDeclinedError: more than was taken.
            GatewayUnavailableError: nobody knows.
        """
