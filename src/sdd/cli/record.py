"""`sdd record`: bring back a response that you fetched yourself, or your own verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd.cli.ended import ended
from sdd.cli.here import complete_sessions, examples, here, settle
from sdd.errors import SddError, WaitingError
from sdd.runs.person import verdict as give_verdict
from sdd.sessions.template import PERSON, filled

if TYPE_CHECKING:
    from sdd.gates.picture import Picture
    from sdd.runs.place import Place
    from sdd.sessions.run import Run


@click.command(
    epilog=examples(
        "sdd record checkout/01-product-spec response.md",
        "pbpaste | sdd record 01-product-spec -",
        "sdd record 02-architecture --clipboard",
        "sdd record 92-user-verification --verdict fail -m 'the total is wrong for two items'",
    )
)
@click.argument("session", shell_complete=complete_sessions)
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--clipboard", is_flag=True, help="Take the response from the clipboard.")
@click.option("--editor", is_flag=True, help="Paste the response into $EDITOR.")
@click.option(
    "--verdict", type=click.Choice(["pass", "fail"]), help="For a session that is yours: what you found."
)
@click.option(
    "-m", "words", default="", metavar="WORDS", help="With --verdict: what you tried, and what you saw."
)
@click.option("--commit", "commit_it", is_flag=True, help="Commit what the run wrote, and nothing else.")
@click.pass_context
def command(
    ctx: click.Context,
    session: str,
    file: str | None,
    *,
    clipboard: bool,
    editor: bool,
    verdict: str | None,
    words: str,
    commit_it: bool,
) -> None:
    """Take the response to SESSION's prompt from FILE (`-` for standard input), apply it, check it, record it."""
    place = here()
    picture = place.picture()
    if place.sweep(picture.project.snapshot):
        picture = place.picture()
    name = picture.project.session(session).name
    try:
        if verdict:
            ticked = [item.text for item in picture.project.sessions[name].checklist if verdict == "pass"]
            run = _verdict(place, name, ticked, words, passed=verdict == "pass")
        elif picture.project.text(name, "provider") == PERSON:
            raise SddError(
                f"{name} is yours: it takes a verdict, not a response",
                hint=f"sdd record {name} --verdict pass|fail -m WHAT",
            )
        else:
            run = _take(place, name, _text(file, clipboard=clipboard, editor=editor))
    finally:
        settle(place)
    ctx.exit(ended(place, name, run, commit_it=commit_it))


def _take(place: Place, name: str, text: str) -> Run:
    from sdd.runs.by_hand import take

    run, repair = take(place, name, text)
    if repair:
        click.echo(
            f"\nThe response is kept. Paste this to the model, and record what comes back:\n\n{repair}"
        )
    return run


def _text(file: str | None, *, clipboard: bool, editor: bool) -> str:
    if clipboard:
        from sdd.clipboard import paste

        return paste()
    if editor:
        return click.edit("", extension=".md") or ""
    if file == "-" or (file is None and not sys.stdin.isatty()):
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    if file is None:
        raise SddError(
            "say where the response is", hint="name a file, `-` for standard input, --clipboard or --editor"
        )
    try:
        return Path(file).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise SddError(
            f"{file} cannot be read: {error.strerror}", hint="name the file that holds the response"
        ) from None


def ask_person(place: Place, name: str) -> Run:
    """Go through the checklist of a person's own session on the terminal.

    Raises:
        WaitingError: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        hint = f"on a terminal: sdd next {name}; or sdd record {name} --verdict pass|fail -m WHAT"
        raise WaitingError(f"{name} is yours: try the product by hand, then say what you found", hint=hint)
    picture = place.picture()
    one = picture.project.sessions[name]
    state = picture.states[name]
    if not state.runnable:
        why = "; ".join(state.why) or "there is nothing left to do"
        raise WaitingError(f"{name} is {state.state}: {why}", hint="sdd status")
    click.echo(f"{one.title}\n\n{_instructions(picture, name)}\n")
    ticked = [item.text for item in one.checklist if click.confirm(item.text)]
    passed = len(ticked) == len(one.checklist) and click.confirm("Does it pass?")
    words = click.prompt("What did you try, and what did you see?")
    return _verdict(place, name, ticked, words, passed=passed)


def _instructions(picture: Picture, name: str) -> str:
    template = picture.project.templates.get(picture.project.sessions[name].kind)
    return filled(template.instructions, name) if template else ""


def _verdict(place: Place, name: str, ticked: list[str], words: str, *, passed: bool) -> Run:
    from sdd.workspace import config

    if not words.strip():
        raise SddError(
            "a verdict says what was tried",
            hint=f"sdd record {name} --verdict pass -m 'what you tried, and what you saw'",
        )
    return give_verdict(
        place, name, ticked, words, passed=passed, by=config(place.root, "user.email") or "a person"
    )
