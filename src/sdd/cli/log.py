"""`sdd log`: every run, the newest last; or what runs cost."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sdd.cli.here import complete_sessions, examples, here, repository, show_json
from sdd.sessions.project import derive
from sdd.views import conversations as talks
from sdd.views import costs
from sdd.views.log import HEAD, cells, data, entries
from sdd.views.status_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.views.log import Entry

COLOURS = {"done": "green", "failed": "red", "rejected": "red"}


@click.command(
    epilog=examples(
        "sdd log",
        "sdd log checkout/04-cart",
        "sdd log --costs",
        "sdd log --costs --by model --json",
        "sdd log --json",
        "sdd log --conversations   (which are alive, and how often they could be resumed)",
        "sdd log | cut -f 2,4,9   (session, outcome, cost)",
    )
)
@click.argument("session", required=False, shell_complete=complete_sessions)
@click.option("--costs", "costs_wanted", is_flag=True, help="Show what the runs took: tokens, time, cost.")
@click.option(
    "--by",
    type=click.Choice(list(costs.WAYS)),
    help="Costs by session (the default), feature, model or day (UTC).",
)
@click.option(
    "--conversations",
    "talks_wanted",
    is_flag=True,
    help="The conversations that this clone remembers, instead of runs; and how going on with them went.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON (docs/reference/json.md).")
def command(
    session: str | None, *, costs_wanted: bool, by: str | None, talks_wanted: bool, as_json: bool
) -> None:
    """Show every run of SESSION (else of all): when, turn, what came of it, who answered, exit codes of checks, tokens, cost."""
    if talks_wanted:
        _conversations(as_json=as_json)
        return
    project = derive(repository().working_tree())
    found = entries(project, project.session(session).name if session else None)
    way = by or ("session" if costs_wanted else "")
    if as_json:
        show_json(costs.data(found, way) if way else [data(entry) for entry in found])
    elif not found:
        click.echo("no session has run yet: sdd next", err=True)
    elif way:
        _show((way, *costs.HEAD), [tuple(map(plain, row)) for row in costs.rows(found, way)])
    else:
        _runs(found)


def _runs(found: Sequence[Entry]) -> None:
    """Print runs; on a terminal, where what failed would leave no room for the rest, that comes below."""
    if not sys.stdout.isatty():
        _show(HEAD, map(cells, found))
        return
    _show(HEAD[:-1], (cells(entry)[:-1] for entry in found))
    for entry in found:
        for one in entry.run.failures:
            click.echo(f"{plain(entry.session)} run {entry.number}: {plain(one)}")


def _conversations(*, as_json: bool) -> None:
    from sdd.runs.talk import conversations  # SQLite, and the library of models

    with conversations(here()) as store:
        found, counts = [one for one in store.list() if one.turns], store.counts()
    if as_json:
        show_json(talks.data(found, counts))
    elif not found:
        click.echo("there is no conversation yet: sdd next", err=True)
    else:
        for line in talks.lines(found, counts):
            click.echo(line)


def _show(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows: as a table on a terminal, else with tabs between."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    from rich.console import Console  # 60 ms, only where a person looks
    from rich.table import Table
    from rich.text import Text

    table = Table(*head, box=None, padding=(0, 2, 0, 0), header_style="dim")
    for row in rows:
        table.add_row(
            *(
                Text(cell, style=COLOURS.get(cell, "yellow") if name == "outcome" else "", overflow="fold")
                for name, cell in zip(head, row, strict=True)
            )
        )
    Console(highlight=False).print(table)
