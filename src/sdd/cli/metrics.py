"""`sdd metrics`: how the work goes, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import examples, here, show_json, utf8
from sdd.views import metrics_text
from sdd.views.metrics import metrics

if TYPE_CHECKING:
    from sdd.runs.place import Place


@click.command(
    epilog=examples("sdd metrics", "sdd metrics --since 4w", "sdd metrics --since 2026-11-01 --json")
)
@click.option(
    "--since",
    default="",
    callback=utf8,
    metavar="TIME",
    help="Only runs from a day on (2026-11-01), or from 30d or 4w before the newest run.",
)
@click.option("--json", "json_wanted", is_flag=True, help="Print it as JSON (docs/reference/json.md).")
def command(since: str, *, json_wanted: bool) -> None:
    """Show how the work goes, by what runs recorded; what has no source is unknown. docs/reference/metrics.md defines each."""
    from sdd.contracts.judged import compliance, share  # griffe

    place = here()
    seen = place.picture()
    kept = share(compliance(seen.project))
    found = metrics(seen, since, contracts=kept if kept[1] else None, resumed=_resumed(place))
    if json_wanted:
        show_json(metrics_text.data(found))
    else:
        click.echo("\n".join(metrics_text.lines(found)))


def _resumed(place: Place) -> tuple[int, int]:
    """The conversations of this clone that were resumed, and all that were to be: all else stands in the repository."""
    from sdd.runs.talk import conversations  # SQLite, and the library of models

    with conversations(place) as store:
        counts = store.counts()
    return counts.of("resumed"), counts.of("resumed") + counts.of("gone")
