"""The settings, from variables. `docs/configuration.md` is the list; a test compares the two."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import TypeVar

from interfaces.settings import (
    AccountSettings,
    CartSettings,
    DatabaseSettings,
    EventSettings,
    MailSettings,
    PaymentSettings,
    ReservationSettings,
    SearchSettings,
    SettingError,
    Settings,
    SignInSettings,
    TokenSettings,
    WebSettings,
)

T = TypeVar("T")
PREFIX = "SHOP_"
KEY_BYTES = 32


class SettingsReader:
    """`ISettingsReader`."""

    def read(self, environ: Mapping[str, str]) -> Settings:
        """All settings. What the environment holds besides `SHOP_…` is not looked at."""
        found = _Variables({name: value for name, value in environ.items() if name.startswith(PREFIX)})
        settings = Settings(
            database=DatabaseSettings(
                found.take("DATABASE_URL", str),
                found.take("DATABASE_POOL", _between(1, 100), 10),
                found.take("DATABASE_TIMEOUT", _seconds, timedelta(seconds=5)),
            ),
            events=EventSettings(
                found.take("EVENT_ATTEMPTS", _between(1, 100), 5),
                found.take("EVENT_BACKOFF", _seconds, timedelta(seconds=2)),
            ),
            accounts=AccountSettings(
                found.take("ARGON2_MEMORY", _between(8_192, 1_048_576), 65_536),
                found.take("PASSWORD_LENGTH", _between(8, 128), 12),
            ),
            tokens=TokenSettings(
                found.take("TOKEN_KEY", _key), found.take("TOKEN_LIFETIME", _minutes, timedelta(minutes=30))
            ),
            sign_in=SignInSettings(
                found.take("SIGN_IN_FAILURES", _between(1, 100), 5),
                found.take("SIGN_IN_LOCK", _minutes, timedelta(minutes=15)),
            ),
            search=SearchSettings(found.take("SEARCH_PAGE", _between(1, 100), 24)),
            reservations=ReservationSettings(
                found.take("RESERVATION_LIFETIME", _minutes, timedelta(minutes=20))
            ),
            cart=CartSettings(
                found.take("CART_LIFETIME", _days, timedelta(days=30)),
                found.take("CART_LINES", _between(1, 1_000), 50),
            ),
            payment=PaymentSettings(
                found.take("PAYMENT_URL", _https),
                found.take("PAYMENT_KEY", str),
                found.take("PAYMENT_TIMEOUT", _seconds, timedelta(seconds=10)),
            ),
            mail=MailSettings(
                found.take("SMTP_HOST", str),
                found.take("MAIL_FROM", str),
                found.take("SMTP_PORT", _between(1, 65_535), 587),
            ),
            web=WebSettings(
                found.take("ORIGIN", _https), found.take("BODY_LIMIT", _between(1, 1_048_576), 65_536)
            ),
        )
        found.refuse_others()
        return settings


class _Variables:
    """The variables that were given; each that is taken is known from then on."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._known: list[str] = []

    def take(self, name: str, parse: Callable[[str], T], default: T | None = None) -> T:
        """A variable's value; the default where it is not set."""
        variable = PREFIX + name
        self._known.append(variable)
        if variable not in self._given:
            if default is None:
                raise SettingError(f"{variable} is not set")
            return default
        try:
            return parse(self._given[variable])
        except ValueError:
            raise SettingError(f"{variable} has a value that cannot be read") from None

    def refuse_others(self) -> None:
        """Refuse variables that nobody took."""
        for variable in sorted(set(self._given) - set(self._known)):
            near = get_close_matches(variable, self._known, n=1)
            meant = f": did you mean {near[0]}?" if near else ""
            raise SettingError(f"{variable} is no setting{meant}")


def _between(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError
        return number

    return parse


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=_between(1, 3_600)(text))


def _minutes(text: str) -> timedelta:
    return timedelta(minutes=_between(1, 1_440)(text))


def _days(text: str) -> timedelta:
    return timedelta(days=_between(1, 365)(text))


def _key(text: str) -> bytes:
    key = b64decode(text, validate=True)
    if len(key) < KEY_BYTES:
        raise ValueError
    return key


def _https(text: str) -> str:
    if not text.startswith("https://"):
        raise ValueError
    return text
