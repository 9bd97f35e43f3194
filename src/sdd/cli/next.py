"""`sdd next`: carry out a session, or go on with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd.cli.ended import ended
from sdd.cli.here import complete_sessions, examples, here, settle
from sdd.cli.record import ask_person
from sdd.errors import SddError, WaitingError
from sdd.runs import pending
from sdd.runs.flow import MANUAL, Wish, advance, choose, prepared, provider_of
from sdd.sessions.template import PERSON

if TYPE_CHECKING:
    from sdd.runs.place import Place


@click.command(
    epilog=examples(
        "sdd next",
        "sdd next checkout/02-architecture --provider anthropic",
        "sdd next --copy   (then `sdd record … --clipboard`)",
    )
)
@click.argument("session", required=False, shell_complete=complete_sessions)
@click.option(
    "--provider",
    metavar="NAME",
    help="What answers: manual, recorded, anthropic (else SDD_PROVIDER, the session, sdd.toml).",
)
@click.option("--model", metavar="NAME", help="The provider's model.")
@click.option(
    "--dry-run", is_flag=True, help="Say which session would run, how large its prompt is, and stop."
)
@click.option("--commit", "commit_it", is_flag=True, help="Commit what the run wrote, and nothing else.")
@click.option("--copy", is_flag=True, help="With the provider manual: put the prompt on the clipboard.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With the provider manual: write the prompt to a file.",
)
@click.option(
    "--drop", is_flag=True, help="Forget a run in progress: a prompt given out, a response not applied."
)
@click.pass_context
def command(
    ctx: click.Context,
    session: str | None,
    provider: str | None,
    model: str | None,
    *,
    dry_run: bool,
    commit_it: bool,
    copy: bool,
    out: Path | None,
    drop: bool,
) -> None:
    """Carry out SESSION, or the session that is next, and go on until a person is needed."""
    place = here()
    picture = place.picture()
    name = picture.project.session(session).name if session else choose(place, picture)
    wish = Wish(provider, model)
    if drop:
        _drop(place, name)
        return
    if dry_run:
        run, prompt = prepared(place, picture, name, wish)
        click.echo(
            f"{name}: turn {run.turn}, provider {run.provider}, about {prompt.tokens:,} tokens in {len(prompt.parts)} parts"
        )
        return
    if provider_of(place, picture, name, wish) == PERSON and pending.load(place.git_dir, name) is None:
        ctx.exit(ended(place, name, ask_person(place, name), commit_it=commit_it))
    try:
        run_ = advance(place, name, wish)
    except WaitingError as waits:
        _give_out(place, name, copy=copy, out=out)
        raise waits from None
    finally:
        settle(place)
    ctx.exit(ended(place, name, run_, commit_it=commit_it))


def _drop(place: Place, name: str) -> None:
    if pending.load(place.git_dir, name) is None:
        raise SddError(f"{name} has no run in progress", hint="sdd status")
    with place.locked(name):
        pending.drop(place.git_dir, name)
    click.echo(f"dropped the run in progress of {name}; the files are as they were")


def _give_out(place: Place, name: str, *, copy: bool, out: Path | None) -> None:
    """Hand a manual prompt to the person: printed, copied, or in a file."""
    left = pending.load(place.git_dir, name)
    if left is None or left.provider != MANUAL:
        return
    from sdd.cli.prompt import hand_over

    hand_over(pending.prompt(place.git_dir, name), copy=copy, out=out)
