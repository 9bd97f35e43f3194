"""Signing in, and what somebody who did may do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from interfaces.errors import ConflictError, ShopError
from interfaces.tokens import Principal, Token


class Permission(StrEnum):
    """What may be allowed."""

    BUY = "buy"
    EDIT_CATALOGUE = "edit_catalogue"
    ADJUST_STOCK = "adjust_stock"
    SHIP = "ship"
    CANCEL_ANY_ORDER = "cancel_any_order"
    REFUND = "refund"
    READ_AUDIT_LOG = "read_audit_log"


class WrongCredentialsError(ShopError):
    """The address or the password is wrong; it is not said which. HTTP 401."""

    code = "wrong_credentials"


class AccountLockedError(ConflictError):
    """Too many failures in a row; `until` is when it may be tried again."""

    code = "account_locked"

    def __init__(self, until: datetime) -> None:
        super().__init__(f"locked until {until.isoformat()}")
        self.until = until


class PermissionDeniedError(ShopError):
    """Signed in, and not allowed. HTTP 403."""

    code = "permission_denied"


class ISignIn(Protocol):
    """Trades an address and a password for a token.

    Dependencies:
        IAccounts, IPasswordHasher, ITokens, IDatabase, IClock
    Configuration:
        SignInSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def sign_in(self, email: str, password: str) -> Token:
        """A token. An unknown address takes as long as a wrong password, so that nobody can ask who has an account.

        Raises:
            WrongCredentialsError: one of the two is wrong.
            AccountLockedError: there were too many failures; the right password does not help then.
        """


class IAccessPolicy(Protocol):
    """Which role has which permissions: a table in the code, reviewed, not in the database.

    Dependencies:
        none
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def allows(self, principal: Principal, permission: Permission) -> bool:
        """Whether the principal's role has the permission.

        Raises:
            nothing
        """

    def require(self, principal: Principal, permission: Permission) -> None:
        """Return where the principal's role has the permission.

        Raises:
            PermissionDeniedError: it has not.
        """
