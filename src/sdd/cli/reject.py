"""`sdd reject`: send a session back, with the reason."""

from __future__ import annotations

import click

from sdd.cli.here import complete_sessions, examples, here, settle
from sdd.runs.person import reject
from sdd.sessions.retries import poisoned, told


@click.command(epilog=examples("sdd reject checkout/01-product-spec -m 'it says nothing about refunds'"))
@click.argument("session", shell_complete=complete_sessions)
@click.option("-m", "words", required=True, metavar="WHY", help="What is wrong; the next prompt carries it.")
def command(session: str, words: str) -> None:
    """Send SESSION back: the reason becomes a run, its ticks are taken back, and it is ready again."""
    place = here()
    name = place.picture().project.session(session).name
    reject(place, name, words)
    settle(place)
    click.echo(f"{name} was sent back. Next: sdd next {name}")
    lesson = poisoned(place.picture().project.session(name).runs)
    if lesson:
        click.echo(
            f"{told(lesson)}; the next run begins a fresh conversation. A lesson? sdd answer {name} --lesson"
        )
