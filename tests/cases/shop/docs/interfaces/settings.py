"""What can be configured: one value for each component, read once at the start, and injected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from interfaces.errors import ShopError


class SettingError(ShopError):
    """A variable is missing, or its value cannot be read. The message names the variable, and never its value."""

    code = "setting"


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """`SHOP_DATABASE_URL`, `SHOP_DATABASE_POOL`, `SHOP_DATABASE_TIMEOUT`."""

    url: str
    pool_size: int = 10
    statement_timeout: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class EventSettings:
    """`SHOP_EVENT_ATTEMPTS`, `SHOP_EVENT_BACKOFF`: how often a handler that failed is tried again, and after how long."""

    attempts: int = 5
    backoff: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """`SHOP_ARGON2_MEMORY`, `SHOP_PASSWORD_LENGTH`: memory of a hash in KiB, and the fewest characters of a password."""

    argon2_memory_kib: int = 65_536
    password_length: int = 12


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """`SHOP_TOKEN_KEY` (base64, 32 bytes at least), `SHOP_TOKEN_LIFETIME`."""

    signing_key: bytes
    lifetime: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """`SHOP_SIGN_IN_FAILURES`, `SHOP_SIGN_IN_LOCK`: failures in a row that lock an account, and for how long."""

    failures: int = 5
    lock: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """`SHOP_SEARCH_PAGE`: hits on one page."""

    page_size: int = 24


@dataclass(frozen=True, slots=True)
class ReservationSettings:
    """`SHOP_RESERVATION_LIFETIME`: how long stock is held for a checkout that does not end."""

    lifetime: timedelta = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class CartSettings:
    """`SHOP_CART_LIFETIME`, `SHOP_CART_LINES`: days without a change after which a cart expires, and its most lines."""

    lifetime: timedelta = timedelta(days=30)
    max_lines: int = 50


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """`SHOP_PAYMENT_URL`, `SHOP_PAYMENT_KEY`, `SHOP_PAYMENT_TIMEOUT`: the payment provider's interface, and our key there."""

    url: str
    api_key: str
    timeout: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`SHOP_SMTP_HOST`, `SHOP_SMTP_PORT`, `SHOP_MAIL_FROM`."""

    host: str
    sender: str
    port: int = 587


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`SHOP_ORIGIN`, `SHOP_BODY_LIMIT`: the origin that browsers may call from, and the most bytes of a request's body."""

    origin: str
    body_limit: int = 65_536


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it. Only the composition root sees this; a component is given its own part."""

    database: DatabaseSettings
    events: EventSettings
    accounts: AccountSettings
    tokens: TokenSettings
    sign_in: SignInSettings
    search: SearchSettings
    reservations: ReservationSettings
    cart: CartSettings
    payment: PaymentSettings
    mail: MailSettings
    web: WebSettings


class ISettingsReader(Protocol):
    """Reads the settings from an environment.

    Dependencies:
        none
    Configuration:
        all variables named in `docs/configuration.md`
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def read(self, environ: Mapping[str, str]) -> Settings:
        """The settings that these variables give; unknown `SHOP_` variables are refused, since they are typing errors.

        Raises:
            SettingError: a variable without a default is missing, has a wrong value, or is unknown.
        """
