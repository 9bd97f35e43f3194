"""`sdd.toml`: what it may say, and what is said where it is wrong."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.settings import Settings, chosen_provider, line_of, read, schema

FULL = """\
format = 1
provider = "anthropic"
model = "large-1"
budget = 90_000
timeout = 900
silence = 60
conversation = "shared"
prices = "prices.toml"

[verify]
commands = ["python -m pytest -q", "ruff check 'src of mine'"]
timeout = 300
fixes = 1

[spending]
run = 0.30
session = 2
day = 10.00
unknown = 0.0
"""


def test_no_file_and_an_empty_file_mean_all_defaults() -> None:
    settings = read(None)
    assert settings == read(b"") == Settings()
    assert (settings.format, settings.provider, settings.model) == (1, "manual", None)
    assert (settings.budget, settings.timeout, settings.silence) == (150_000, 600, 120)
    assert (settings.verify.commands, settings.verify.timeout, settings.verify.fixes) == ((), 600, 3)
    assert settings.conversation == "fresh"


def test_every_key_is_read() -> None:
    settings = read(FULL.encode())
    assert (settings.provider, settings.model, settings.budget) == ("anthropic", "large-1", 90_000)
    assert (settings.timeout, settings.silence, settings.conversation) == (900, 60, "shared")
    assert settings.verify.commands == ("python -m pytest -q", "ruff check 'src of mine'")
    assert (settings.verify.timeout, settings.verify.fixes) == (300, 1)
    assert settings.prices == "prices.toml"
    spending = settings.spending
    assert (str(spending.run), str(spending.session), str(spending.day)) == ("0.30", "2", "10.00")
    assert spending.unknown == 0


@pytest.mark.parametrize("wrong", ["-1", "inf", "nan", "true", '"0.5"', "[]"])
def test_an_amount_of_money_is_a_number_from_zero(wrong: str) -> None:
    with pytest.raises(SddError, match=r"sdd.toml:2: spending.day is .*, but should be") as caught:
        read(f"[spending]\nday = {wrong}\n".encode())
    assert caught.value.hint == "write day = 10.00, in USD, or leave it out"


def test_the_old_bound_holds_for_every_kind_that_is_not_named() -> None:
    assert read(b"").bounds == dict.fromkeys(("responses", "edits", "lint", "tests"), 3)
    mixed = read(b"[verify]\nfixes = 1\n[fixes]\nlint = 0\ntests = 5\n").bounds
    assert mixed == {"responses": 1, "edits": 1, "lint": 0, "tests": 5}


def test_line_ends_and_a_byte_order_mark_of_windows_change_nothing() -> None:
    assert read(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode()) == read(FULL.encode())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        Settings().budget = 3  # type: ignore[misc]  # that this fails is what is tested


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            'format = 1\nprovder = "x"\n',
            "sdd.toml:2: provder is no key of this file",
            "write provider instead",
        ),
        (
            "[verify]\ncommand = []\n",
            "sdd.toml:2: verify.command is no key of this file",
            "write commands instead",
        ),
        (
            "[verify]\nzzz = []\n",
            "sdd.toml:2: verify.zzz is no key of this file",
            "remove it; the keys are commands, fixes, timeout",
        ),
        (
            "[verifi]\nfixes = 1\n",
            "sdd.toml:1: verifi is no key of this file",
            "write verify instead",
        ),
        (
            '# mine\nbudget = "much"\n',
            "sdd.toml:2: budget is 'much', but should be a valid integer",
            "write it like budget = 150000, or leave it out",
        ),
        (
            "budget = true\n",
            "sdd.toml:1: budget is True, but should be a valid integer",
            "write it like budget = 150000, or leave it out",
        ),
        (
            "model = 5\n",
            "sdd.toml:1: model is 5, but should be a valid string",
            'write it like model = "…", or leave it out',
        ),
        (
            'provider = ""\n',
            "sdd.toml:1: provider is '', but should have at least 1 character",
            'write it like provider = "manual", or leave it out',
        ),
        (
            "silence = 0\n",
            "sdd.toml:1: silence is 0, but should be greater than or equal to 1",
            "write it like silence = 120, or leave it out",
        ),
        (
            "format = 2\n",
            "sdd.toml:1: format is 2, but should be less than or equal to 1",
            "write format = 1, or update sdd if a newer one wrote this file",
        ),
        (
            "format = true\n",
            "sdd.toml:1: format is True, but should be a valid integer",
            "write format = 1, or update sdd if a newer one wrote this file",
        ),
        (
            'conversation = "one"\n',
            "sdd.toml:1: conversation is 'one', but should be 'fresh' or 'shared'",
            'write conversation = "fresh" or conversation = "shared"',
        ),
        (
            "budget = 5000\nverify = 3\n",
            "sdd.toml:2: verify is 3, but should be a table",
            "begin the table with a line [verify]",
        ),
        (
            "[verify]\n\ncommands = [\n  'make test',\n  '''it's''',\n]\n",
            'sdd.toml:3: verify.commands is "it\'s", but should have its quotes closed (No closing quotation)',
            'write commands = ["python -m pytest -q"], each command in quotes of its own',
        ),
        (
            "verify.commands = ['  ']\n",
            "sdd.toml:1: verify.commands is '  ', but should name a program",
            'write commands = ["python -m pytest -q"], each command in quotes of its own',
        ),
        (
            "verify = { fixes = -1 }\n",
            "sdd.toml:1: verify.fixes is -1, but should be greater than or equal to 0",
            "write it like fixes = 3, or leave it out",
        ),
        (
            "fixes = 1\n",
            "sdd.toml:1: fixes is 1, but should be a table",
            "begin the table with a line [fixes], or write fixes = 3 below [verify]",
        ),
        (
            "[verify]\ncommands = 'make'\n",
            "sdd.toml:2: verify.commands is 'make', but should be a valid list",
            'write commands = ["python -m pytest -q"], each command in quotes of its own',
        ),
        (
            "verify.commands = [3]\n",
            "sdd.toml:1: verify.commands is 3, but should be a valid string",
            'write commands = ["python -m pytest -q"], each command in quotes of its own',
        ),
        (
            "[spending]\nrun = 1e400\n",
            "sdd.toml:2: spending.run is 1E+400, but should be a finite number",
            "write run = 0.50, in USD, or leave it out",
        ),
        (
            "[spending]\nrun = '0.50'\n",
            "sdd.toml:2: spending.run is '0.50', but should be an amount in USD",
            "write run = 0.50, in USD, or leave it out",
        ),
        (
            "[fixes]\nlint = 21\n",
            "sdd.toml:2: fixes.lint is 21, but should be less than or equal to 20",
            "write it like lint = 3, or leave it out",
        ),
        (
            "[fixes]\ntest = 1\n",
            "sdd.toml:2: fixes.test is no key of this file",
            "write tests instead",
        ),
        (
            'fixes = 1\n"a\\u0041" = 2\n',
            "sdd.toml: aA is no key of this file",
            f"remove it; the keys are {', '.join(sorted(Settings.fields()))}",
        ),
        (
            "budget = 0\nsilence = 0\n",
            "sdd.toml:1: budget is 0, but should be greater than or equal to 1000",
            "write it like budget = 150000, or leave it out",
        ),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_place_and_what_to_write(
    text: str, message: str, hint: str
) -> None:
    with pytest.raises(SddError) as raised:
        read(text.encode())
    assert (raised.value.message, raised.value.hint) == (message, hint)


def test_what_a_hint_tells_to_write_is_accepted() -> None:
    assert read(b'[verify]\ncommands = ["python -m pytest -q"]\n').verify.commands == ("python -m pytest -q",)
    assert read(b'conversation = "shared"').conversation == "shared"


def test_a_long_wrong_value_is_cut() -> None:
    with pytest.raises(SddError) as raised:
        read(b"budget = '" + b"x" * 5000 + b"'")
    assert len(raised.value.message) < 120
    assert "…" in raised.value.message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"budget = \n", "sdd.toml is not TOML: Invalid value (at line 1, column 10)"),
        (
            b"budget = 1\nbudget = 2\n",
            "sdd.toml is not TOML: Cannot overwrite a value (at line 2, column 11)",
        ),
        (b"format = 1\nmodel = '\xff'\n", "sdd.toml:2: this is not UTF-8"),
        (b"a = " + b"[" * 3000, "sdd.toml is not TOML: "),
        (b"a = " + b"9" * 5000, "sdd.toml is not TOML: "),
    ],
)
def test_bytes_that_are_not_toml_are_refused_with_their_place(data: bytes, message: str) -> None:
    with pytest.raises(SddError) as raised:
        read(data)
    assert raised.value.message.startswith(message)
    assert raised.value.hint


def test_the_file_is_called_as_the_caller_calls_it() -> None:
    with pytest.raises(SddError, match=r"^a/sdd.toml:1: provder is no key of this file$"):
        read(b"provder = 1", "a/sdd.toml")


KEYS = st.sampled_from([*Settings.fields(), "verify.fixes", "verify.commands", "[verify]", "x"])
VALUES = st.sampled_from(
    ["", "1", "-1", "1.5", "true", '"a"', "[]", "[1]", '["\'"]', "{}", "1979-05-27", "inf"]
)


@given(st.lists(st.tuples(KEYS, VALUES), max_size=4), st.binary(max_size=8))
@example([("verify.x", "[[[]]]")], b"")
def test_whatever_the_bytes_they_are_read_or_refused_with_a_hint(
    lines: list[tuple[str, str]], rest: bytes
) -> None:
    data = "".join(f"{key} = {value}\n" for key, value in lines).encode() + rest
    error = refusal(data)
    assert error is None or (error.hint and "\n" not in error.message)


def refusal(data: bytes) -> SddError | None:
    """What is said against these bytes, if anything."""
    try:
        read(data)
    except SddError as error:
        return error
    return None


def test_a_key_is_found_where_it_stands() -> None:
    assert line_of(FULL, ["silence"]) == 6
    assert line_of(FULL, ["timeout"]) == 5
    assert line_of(FULL, ["verify"]) == 10
    assert line_of(FULL, ["verify", "timeout"]) == 12
    assert line_of('"budget" = 1', ["budget"]) == 1
    assert line_of(FULL, ["other", "key"]) == 0


def test_the_schema_accepts_what_is_right_and_refuses_what_is_not() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    check = jsonschema.Draft202012Validator(schema()).is_valid
    assert check(tomllib.loads(FULL))
    assert not check({"spending": {"day": -1}})
    assert check({})
    assert not check({"provder": "x"})
    assert not check({"verify": {"fixes": -1}})
    assert not check({"format": 2})


def test_every_key_tells_what_it_is_in_the_schema() -> None:
    described = schema()
    for table in (described, *(described["$defs"][name] for name in ("Verify", "Fixes", "Spending"))):
        undescribed = [name for name, field in table["properties"].items() if not field.get("description")]
        assert undescribed in ([], ["verify", "fixes", "spending"])


@pytest.mark.parametrize(
    ("flag", "environ", "session", "chosen"),
    [
        ("flag", {"SDD_PROVIDER": "environ"}, "session", "flag"),
        (None, {"SDD_PROVIDER": "environ"}, "session", "environ"),
        (None, {"SDD_PROVIDER": ""}, "session", "session"),
        ("", {}, None, "toml"),
    ],
)
def test_a_provider_is_chosen_by_flag_then_environment_then_session_then_file(
    flag: str | None, environ: dict[str, str], session: str | None, chosen: str
) -> None:
    settings = read(b"provider = 'toml'")
    assert chosen_provider(flag, environ, session, settings) == chosen


def test_settings_need_no_heavy_library_and_no_file_no_reader() -> None:
    heavy = {"click", "git", "markdown_it", "rich", "anthropic", "pydantic", "tomllib", "shlex"}
    code = f"import sys; from sdd.settings import read; read(None); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
