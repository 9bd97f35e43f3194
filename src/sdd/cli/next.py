"""`sdd next`: carry out a session, or go on with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd.cli.here import complete_sessions, examples, here, plural, settle, show_json
from sdd.errors import SddError
from sdd.runs import pending
from sdd.runs.choice import Wish, ahead, choose, provider_of
from sdd.runs.coming import UnkeptError
from sdd.runs.spending import least, usd
from sdd.sessions.template import PERSON
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from decimal import Decimal

    from sdd.gates.picture import Picture
    from sdd.runs.place import Place
    from sdd.sessions.run import Run


def _amount(ctx: click.Context, param: click.Parameter, value: str | None) -> Decimal | None:
    """An amount in USD."""
    del ctx, param
    if value is None:
        return None
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(value.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(f"{value} is no amount in USD, like 0.50")
    return amount


@click.command(
    epilog=examples(
        "sdd next",
        "sdd next checkout/02-architecture --provider anthropic",
        "sdd next checkout/04-cart --max-cost 0.50",
        "sdd next --json   (for a job; progress goes to standard error)",
        "sdd next --copy   (then `sdd record … --clipboard`)",
    )
)
@click.argument("session", required=False, shell_complete=complete_sessions)
@click.option(
    "--provider",
    metavar="NAME",
    help="What answers: manual, recorded, anthropic, claude, codex … (all: docs/reference/providers.md); else SDD_PROVIDER, the session, sdd.toml.",
)
@click.option("--model", metavar="NAME", help="The provider's model.")
@click.option(
    "--max-cost",
    metavar="USD",
    callback=_amount,
    help="What this command may spend, fixes included, in place of `run` in sdd.toml.",
)
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
@click.option(
    "--json", "as_json", is_flag=True, help="Print what came of it as JSON (docs/reference/json.md)."
)
@click.pass_context
def command(
    ctx: click.Context,
    session: str | None,
    provider: str | None,
    model: str | None,
    max_cost: Decimal | None,
    *,
    dry_run: bool,
    commit_it: bool,
    copy: bool,
    out: Path | None,
    drop: bool,
    as_json: bool,
) -> None:
    """Carry out SESSION, or the session that is next, and go on until a person is needed."""
    place = here()
    wish = Wish(provider, model, max_cost)
    if drop:
        _drop(place, session)
    elif dry_run:
        _tell(place, session, wish, as_json=as_json)
    else:
        from sdd.cli.ended import ended

        name, run = _carried_out(place, session, wish, copy=copy, out=out)
        ctx.exit(ended(place, name, run, commit_it=commit_it, as_json=as_json))


def _carried_out(
    place: Place, session: str | None, wish: Wish, *, copy: bool, out: Path | None
) -> tuple[str, Run]:
    """Go on with a session; whatever happens, what a killed process left is put right, and a prompt given out is shown."""
    # These bring what reads responses, 0.2 s, which --dry-run does without.
    from sdd.cli.prompt import hand_over
    from sdd.cli.record import ask_person
    from sdd.runs.flow import GivenOutError, advance

    try:
        picture = place.picture()
        if place.sweep(picture.project.snapshot):
            picture = place.picture()
        name = _named(place, picture, session)
        if provider_of(place, picture, name, wish) == PERSON and pending.load(place.git_dir, name) is None:
            return name, ask_person(place, name)
        return name, advance(place, name, wish)
    except GivenOutError as waits:
        hand_over(waits.prompt, copy=copy, out=out)
        raise
    except UnkeptError as lost:
        click.echo(shown(lost.text))
        raise
    finally:
        settle(place)


def _named(place: Place, picture: Picture, session: str | None) -> str:
    return picture.project.session(session).name if session else choose(place, picture)


def _tell(place: Place, session: str | None, wish: Wish, *, as_json: bool) -> None:
    picture = place.picture()
    name = _named(place, picture, session)
    run = ahead(place, picture, name, wish)
    prompt = run.prompt
    size = f"about {prompt.tokens:,} tokens in {plural(len(prompt.parts), 'part')}"
    cost = least(place, run)
    if as_json:
        facts = {"session": name, "turn": run.turn, "provider": run.provider, "model": run.model or None}
        size_of = {"tokens": prompt.tokens, "parts": len(prompt.parts), "prompt": prompt.sha256}
        show_json(facts | size_of | {"least_cost": None if cost is None else str(cost)})
        return
    costs = "" if cost is None else f", at least {usd(cost)}"
    click.echo(f"{name}: turn {run.turn}, provider {run.provider}, {size}{costs}")


def _drop(place: Place, session: str | None) -> None:
    """Forget a run in progress, also of a session that is not here any more, or whose facts cannot be read."""
    going = pending.sessions(place.git_dir)
    if not going:
        raise SddError("no run is in progress", hint="sdd status")
    name = session or going[0]
    if name not in going:
        name = place.picture().project.session(name).name
    if name not in going:
        raise SddError(f"{name} has no run in progress", hint="sdd status")
    from sdd.runs.by_hand import drop as forget

    kept = forget(place, name)
    click.echo(f"dropped the run in progress of {name}; no file was touched: `git status` shows how they are")
    if kept:
        click.echo(f"what had come of its response is kept in {kept}")
