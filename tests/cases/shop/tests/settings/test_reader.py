"""Every variable of the page is read, and nothing that is secret is told."""

import re
from pathlib import Path

import pytest

from fernweh.settings.reader import SettingsReader
from interfaces.settings import SettingError

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
NEEDED = {
    "SHOP_DATABASE_URL": "postgresql://localhost/shop",
    "SHOP_TOKEN_KEY": "dGhpcnR5LXR3byBieXRlcywgYW5kIG5vdCBvbmUgbGVzcw==",
    "SHOP_PAYMENT_URL": "https://pay.example",
    "SHOP_PAYMENT_KEY": "key",
    "SHOP_SMTP_HOST": "mail.example",
    "SHOP_MAIL_FROM": "shop@fernweh.example",
    "SHOP_ORIGIN": "https://fernweh.example",
}


@pytest.mark.parametrize("variable", re.findall(r"^\| `(SHOP_\w+)`", PAGE.read_text("utf-8"), re.MULTILINE))
def test_every_variable_of_the_page_is_known(variable: str) -> None:
    try:
        SettingsReader().read({**NEEDED, variable: "\0"})
    except SettingError as error:
        assert str(error) == f"{variable} has a value that cannot be read"


def test_defaults_stand_where_nothing_is_set() -> None:
    settings = SettingsReader().read({**NEEDED, "PATH": "/bin"})
    assert settings.cart.max_lines == 50
    assert settings.database.pool_size == 10


@pytest.mark.parametrize("missing", NEEDED)
def test_a_variable_without_a_default_must_be_set(missing: str) -> None:
    with pytest.raises(SettingError, match=f"{missing} is not set"):
        SettingsReader().read({name: value for name, value in NEEDED.items() if name != missing})


def test_an_unknown_variable_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingError, match=r"SHOP_CART_LINE is no setting: did you mean SHOP_CART_LINES\?"):
        SettingsReader().read({**NEEDED, "SHOP_CART_LINE": "7"})


def test_no_message_holds_a_value() -> None:
    with pytest.raises(SettingError) as caught:
        SettingsReader().read({**NEEDED, "SHOP_TOKEN_KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)
