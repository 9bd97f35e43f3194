"""The audit log: who changed what, for as long as the law asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interfaces.database import DatabaseUnavailableError, ITransaction
from interfaces.values import AccountId, Page


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `subject` is what was acted on, as `order:ord_01J…`; `details` hold no secret and no card data."""

    at: datetime
    actor: AccountId
    action: str
    subject: str
    details: Mapping[str, str]


class IAuditLog(Protocol):
    """Written with the change that it tells of; nothing in it is ever changed or deleted.

    Dependencies:
        IDatabase, IClock
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def record(
        self,
        transaction: ITransaction,
        actor: AccountId,
        action: str,
        subject: str,
        details: Mapping[str, str],
    ) -> None:
        """Add an entry, at the clock's time.

        Raises:
            ValueError: the action is no verb of lower-case letters and dots, like `order.cancel`.
            DatabaseUnavailableError: no answer in time.
        """

    def entries(self, subject: str, cursor: str = "") -> Page[AuditEntry]:
        """What was done to a subject, newest first, a hundred at a time.

        Raises:
            DatabaseUnavailableError: no answer in time.
        """
