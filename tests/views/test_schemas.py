"""The schemas of the file formats, held against what the parsers say."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from sdd.errors import SddError
from sdd.sessions.process import shipped
from sdd.sessions.session import parse
from sdd.sessions.template import parse as parse_template
from sdd.views.schemas import SCHEMAS, schema


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one_and_refuses_what_it_does_not_know(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert not Draft202012Validator(schema(name)).is_valid({"kidn": "x"})


def test_a_session_that_the_parser_takes_fits_its_schema() -> None:
    text = b"---\nkind: implementation\nwrites: [src/shop/**]\nbudget: 1000\n---\n"
    own = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in parse(b"sessions/x.md", text).own.items()
    }
    Draft202012Validator(schema("session")).validate(own)
    assert set(own) == {"kind", "writes", "budget"}


@pytest.mark.parametrize("kind", shipped())
def test_the_shipped_templates_fit_their_schema(kind: str) -> None:
    keys = parse_template(b"sessions/templates/x.md", shipped()[kind]).keys
    told = {key: list(value) if isinstance(value, tuple) else value for key, value in keys.items()}
    Draft202012Validator(schema("template")).validate(told)


def test_an_unknown_schema_names_the_nearest_one() -> None:
    with pytest.raises(SddError, match="there is no schema `sesion`") as raised:
        schema("sesion")
    assert raised.value.hint == "sdd schema session"


def test_a_schema_like_no_other_lists_them() -> None:
    with pytest.raises(SddError) as raised:
        schema("????")
    assert raised.value.hint == "there are: session, template, page, settings, providers"
