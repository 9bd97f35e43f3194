"""Accounts: who has one, and how a password is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from interfaces.errors import ConflictError, InvalidInputError, NotFoundError
from interfaces.event_bus import Event
from interfaces.values import AccountId


class Role(StrEnum):
    """What an account may be. A person has exactly one."""

    CUSTOMER = "customer"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account. `password_hash` is in the form of the PHC string format, and never leaves the component."""

    account_id: AccountId
    email: str
    password_hash: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AccountRegistered(Event):
    """An account was made."""

    account_id: AccountId
    email: str


class EmailTakenError(ConflictError):
    """There is an account with this address already."""

    code = "email_taken"


class WeakPasswordError(InvalidInputError):
    """The password is too short, or stands in the list of the ten thousand most used."""

    code = "weak_password"


class AccountNotFoundError(NotFoundError):
    """There is no such account."""

    code = "account_not_found"


class IPasswordHasher(Protocol):
    """Argon2id, with parameters from the settings; a hash made with older ones still verifies.

    Dependencies:
        none
    Configuration:
        AccountSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def hash(self, password: str) -> str:
        """A new hash with a new salt.

        Raises:
            WeakPasswordError: the password is refused.
        """

    def verify(self, password: str, password_hash: str) -> bool:
        """Whether the password made this hash. Takes the same time either way.

        Raises:
            ValueError: the hash has no form that is known.
        """


class IAccounts(Protocol):
    """Makes and finds accounts. An address counts without regard to case.

    Dependencies:
        IDatabase, IEventBus, IClock, IIdSource, IPasswordHasher
    Configuration:
        none
    Publishes:
        AccountRegistered
    Consumes:
        nothing
    """

    def register(self, email: str, password: str, role: Role = Role.CUSTOMER) -> Account:
        """Make an account.

        Raises:
            EmailTakenError: the address has one.
            WeakPasswordError: the password is refused.
            InvalidInputError: that is no address.
        """

    def by_email(self, email: str) -> Account:
        """The account with an address.

        Raises:
            AccountNotFoundError: there is none.
        """

    def by_id(self, account_id: AccountId) -> Account:
        """The account with an identifier.

        Raises:
            AccountNotFoundError: there is none.
        """
