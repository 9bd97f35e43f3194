"""`sdd log`: every run, the newest last."""

from __future__ import annotations

import sys

import click

from sdd.cli.here import complete_sessions, examples, here, repository, show_json
from sdd.sessions.project import derive
from sdd.views import conversations as views
from sdd.views.log import HEAD, Entry, cells, data, entries

COLOURS = {"done": "green", "failed": "red", "rejected": "red"}


@click.command(
    epilog=examples(
        "sdd log",
        "sdd log checkout/04-cart",
        "sdd log --json",
        "sdd log --conversations   (which are alive, and how often they could be resumed)",
        "sdd log | cut -f 2,4,9   (session, outcome, cost)",
    )
)
@click.argument("session", required=False, shell_complete=complete_sessions)
@click.option(
    "--conversations",
    "talks",
    is_flag=True,
    help="The conversations that this clone remembers, instead of runs; and how going on with them went.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the runs as JSON (docs/reference/json.md).")
def command(session: str | None, *, talks: bool, as_json: bool) -> None:
    """Show every run of SESSION (else of all): when, turn, what came of it, who answered, exit codes of checks, tokens, cost."""
    if talks:
        _conversations(as_json=as_json)
        return
    project = derive(repository().working_tree())
    found = entries(project, project.session(session).name if session else None)
    if as_json:
        show_json([data(entry) for entry in found])
    elif not found:
        click.echo("no session has run yet: sdd next", err=True)
    elif sys.stdout.isatty():
        _show(found)
    else:
        for entry in found:
            click.echo("\t".join(cells(entry)))


def _conversations(*, as_json: bool) -> None:
    from sdd.runs.talk import conversations  # SQLite, and the library of models

    with conversations(here()) as store:
        found, counts = store.list(), store.counts()
    if as_json:
        show_json(views.data(found, counts))
    elif not found:
        click.echo("there is no conversation yet: sdd next", err=True)
    else:
        for line in views.lines(found, counts):
            click.echo(line)


def _show(found: list[Entry]) -> None:
    """Show them on a terminal."""
    from rich.console import Console  # 60 ms, only where a person looks
    from rich.table import Table
    from rich.text import Text

    table = Table(*HEAD, box=None, padding=(0, 2, 0, 0), header_style="dim")
    for entry in found:
        style = COLOURS.get(entry.run.outcome, "yellow")
        table.add_row(
            *(
                Text(cell, style=style if name == "outcome" else "", overflow="fold")
                for name, cell in zip(HEAD, cells(entry), strict=True)
            )
        )
    Console(highlight=False).print(table)
