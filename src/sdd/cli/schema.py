"""`sdd schema`: the JSON schema of a file format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import examples, show_json
from sdd.views.schemas import SCHEMAS, schema

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    del ctx, param
    return [
        CompletionItem(name, help=words) for name, words in SCHEMAS.items() if name.startswith(incomplete)
    ]


@click.command(epilog=examples("sdd schema", "sdd schema session", "sdd schema settings > sdd.schema.json"))
@click.argument("name", required=False, shell_complete=_complete)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the list of names as JSON too; a schema always is."
)
def command(name: str | None, *, as_json: bool) -> None:
    """Print the JSON schema (2020-12) of the format NAME, made from what its parser knows; without a name, list them."""
    if name:
        show_json(schema(name))
    elif as_json:
        show_json(SCHEMAS)
    else:
        for each, words in SCHEMAS.items():
            click.echo(f"{each:<10} {words}")
