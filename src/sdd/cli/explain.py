"""`sdd explain`: what a finding means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import examples, show_json
from sdd.views.rules import rule, rules

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from sdd.views.rules import Rule


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    del ctx, param
    return [
        CompletionItem(one.code, help=one.title)
        for one in rules().values()
        if one.code.startswith(incomplete.upper())
    ]


@click.command(epilog=examples("sdd explain", "sdd explain SDD121", "sdd explain SDD121 --json"))
@click.argument("code", required=False, shell_complete=_complete)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON (docs/reference/json.md).")
def command(code: str | None, *, as_json: bool) -> None:
    """Tell what a finding's CODE means, why it matters and how to mend it; without a code, list all."""
    found = rule(code) if code else None
    if as_json:
        show_json(_data(found) if found else [_data(one) for one in rules().values()])
    elif found:
        click.echo(f"{click.style(f'{found.code}: {found.title}', bold=True)}\n\n{found.text}", nl=False)
    else:
        for one in rules().values():
            click.echo(f"{one.code}  {one.title}")


def _data(one: Rule) -> dict[str, str]:
    return {"code": one.code, "title": one.title, "text": one.text}
