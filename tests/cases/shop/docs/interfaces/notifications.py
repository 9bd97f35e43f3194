"""Notifications: mail to customers about what happened to their orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from interfaces.errors import UnavailableError
from interfaces.event_bus import Event


@dataclass(frozen=True, slots=True)
class Mail:
    """One message, as plain text."""

    to: str
    subject: str
    text: str


class MailUnavailableError(UnavailableError):
    """The mail server did not take the message. The event bus delivers the event again."""

    code = "mail_unavailable"


class IMailer(Protocol):
    """Hands a message to a mail server, over TLS.

    Dependencies:
        none
    Configuration:
        MailSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def send(self, mail: Mail) -> None:
        """Send one message.

        Raises:
            MailUnavailableError: the server did not take it.
            ValueError: the address or the subject holds a line break.
        """


class INotifications(Protocol):
    """Turns events into mail, each at most once: the identifiers of events that were dealt with are kept for 90 days.

    Dependencies:
        IMailer, IAccounts, IOrderStore, IDatabase, IEventBus
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        AccountRegistered, OrderPaid, OrderShipped, OrderCancelled, PaymentRefunded
    """

    def handle(self, event: Event) -> None:
        """Write to the customer whom the event concerns; an event of another class is ignored.

        Raises:
            MailUnavailableError: the server did not take it; nothing is marked as dealt with.
        """
