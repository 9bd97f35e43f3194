"""`sdd prompt`: print what a session compiles to."""

from __future__ import annotations

from pathlib import Path

import click

from sdd.cli.here import complete_sessions, examples, here, say


@click.command(
    epilog=examples(
        "sdd prompt 02-architecture | less",
        "sdd prompt checkout/04-cart --copy",
        "sdd prompt checkout/04-cart --outline   (which part takes how much)",
        "sdd prompt checkout/04-cart --diff   (what changed since its last run)",
        "sdd prompt checkout/04-cart --fit   (narrow what it reads to its budget)",
    )
)
@click.argument("session", required=False, shell_complete=complete_sessions)
@click.option("--copy", is_flag=True, help="Put it on the clipboard.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
@click.option(
    "--outline", "look", flag_value="outline", help="Print its parts as a table: source, blob, size, tokens."
)
@click.option(
    "--diff", "look", flag_value="diff", help="Print what it shows otherwise than that of the last run."
)
@click.option(
    "--fit", "look", flag_value="fit", help="Narrow the session's selectors until it keeps to the budget."
)
@click.option("--yes", is_flag=True, help="With --fit: write the session's file without asking.")
@click.option(
    "--budget", "limit", type=click.IntRange(1), metavar="TOKENS", help="A budget in place of the session's."
)
@click.option("--json", "as_json", is_flag=True, help="With --outline, --diff and --fit: print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    session: str | None,
    out: Path | None,
    look: str | None,
    limit: int | None,
    *,
    copy: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Print the prompt of SESSION, or of the session that is next. Nothing is recorded: same tree, same bytes."""
    from sdd.runs.choice import Wish, budget, choose, prompt_of, provider_of

    _refuse_unfit(look, copy=copy, out=out, yes=yes, as_json=as_json)
    place = here()
    picture = place.picture()
    name = picture.project.session(session).name if session else choose(place, picture)
    provider = provider_of(place, picture, name, Wish())
    limit = limit or budget(place, picture, name)
    if look == "fit":
        from sdd.cli.fitted import fit

        ctx.exit(fit(place, picture, name, provider, limit, yes=yes, as_json=as_json))
    prompt = prompt_of(place, picture, name, provider)
    if look:
        from sdd.cli import prompt_shown

        if look == "outline":
            prompt_shown.outline(picture.project, name, prompt, limit, as_json=as_json)
        else:
            prompt_shown.difference(picture.project, name, prompt, place.repository, as_json=as_json)
        return
    if prompt.tokens > limit:
        say(f"about {prompt.tokens:,} tokens, over the budget of {limit:,}: sdd prompt {name} --fit")
    hand_over(prompt.text, copy=copy, out=out)


def _refuse_unfit(look: str | None, *, copy: bool, out: Path | None, yes: bool, as_json: bool) -> None:
    """Refuse options that would do nothing.

    Raises:
        UsageError: there are some.
    """
    if look and (copy or out):
        raise click.UsageError(f"--{look} prints no prompt that could be copied or written")
    if yes and look != "fit":
        raise click.UsageError("--yes says yes to --fit")
    if as_json and not look:
        raise click.UsageError("--json goes with --outline, --diff or --fit")


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
