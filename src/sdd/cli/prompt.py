"""`sdd prompt`: print what a session compiles to."""

from __future__ import annotations

from pathlib import Path

import click

from sdd.cli.here import complete_sessions, examples, here


@click.command(epilog=examples("sdd prompt 02-architecture | less", "sdd prompt checkout/04-cart --copy"))
@click.argument("session", required=False, shell_complete=complete_sessions)
@click.option("--copy", is_flag=True, help="Put it on the clipboard.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
def command(session: str | None, *, copy: bool, out: Path | None) -> None:
    """Print the prompt of SESSION, or of the session that is next. Nothing is recorded: same tree, same bytes."""
    from sdd.prompts.compile import compiled
    from sdd.prompts.prompt import keyless
    from sdd.runs.choice import MANUAL, Wish, choose, provider_of
    from sdd.runs.form import FORM, FORM_BY_HAND

    place = here()
    picture = place.picture()
    name = picture.project.session(session).name if session else choose(place, picture)
    form = FORM_BY_HAND if provider_of(place, picture, name, Wish()) == MANUAL else FORM
    prompt = keyless(compiled(picture.project, picture.states, name, form, place.repository), place.environ)
    hand_over(prompt.text, copy=copy, out=out)


def hand_over(text: str, *, copy: bool, out: Path | None) -> None:
    """Print a prompt, or put it where a person asked for it.

    Raises:
        SddError: there is no clipboard, or the file cannot be written.
    """
    if out:
        from sdd.disk import write

        write(str(out), text.encode())
        click.echo(f"the prompt is in {out}", err=True)
    if copy:
        from sdd.clipboard import copy as put

        put(text)
        click.echo("the prompt is on the clipboard", err=True)
    if not out and not copy:
        click.echo(text, nl=False)
