"""Tokens: what a browser shows with each request instead of a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interfaces.accounts import Role
from interfaces.errors import ShopError
from interfaces.values import AccountId


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a request is made."""

    account_id: AccountId
    role: Role


@dataclass(frozen=True, slots=True)
class Token:
    """A signed token and when it ends."""

    text: str
    expires_at: datetime


class InvalidTokenError(ShopError):
    """The token is not one of ours, was changed, or has expired. Which of them is only said in the log. HTTP 401."""

    code = "invalid_token"


class ITokens(Protocol):
    """Issues and reads tokens. They carry the principal and are signed with HMAC-SHA256; nothing is stored.

    Dependencies:
        IClock
    Configuration:
        TokenSettings
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def issue(self, principal: Principal) -> Token:
        """A token for the lifetime in the settings.

        Raises:
            nothing
        """

    def read(self, text: str) -> Principal:
        """Whose token it is.

        Raises:
            InvalidTokenError: it is worth nothing, for whatever reason.
        """
