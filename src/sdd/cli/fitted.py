"""A session's selectors narrowed so that its prompt keeps to its budget: shown as a difference first, then written."""

from __future__ import annotations

import sys
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

import click

from sdd.cli.here import settle, show_json
from sdd.errors import NO, YES
from sdd.prompts.budget import over
from sdd.runs.choice import prompt_of
from sdd.runs.fitting import fitted, write
from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from sdd.gates.picture import Picture
    from sdd.runs.fitting import Fitted
    from sdd.runs.place import Place


def fit(
    place: Place, picture: Picture, name: str, provider: str, budget: int, *, yes: bool, as_json: bool
) -> int:
    """Narrow a session until its prompt keeps to a budget, once a person has agreed; the exit code.

    Raises:
        SddError: nothing can be left out without guessing; the error lists the largest parts.
    """
    made = fitted(place, picture, name, provider, budget)
    if made.before == made.after and not made.fits:
        raise over(picture.project, name, prompt_of(place, picture, name, provider), budget)
    changes = made.before != made.after
    if not as_json:
        _tell(made, name)
    agreed = changes and (yes or (not as_json and sys.stdin.isatty() and click.confirm("Write it?")))
    if agreed:
        write(place, name, made)
        settle(place)
    if as_json:
        show_json(_data(made, name, written=agreed))
    elif agreed:
        click.echo(f"wrote {show(made.path)}. Next: sdd prompt {name} --outline")
    elif changes:
        click.echo(f"nothing was written. To write: sdd prompt {name} --fit --yes")
    return YES if made.fits else NO


def _tell(made: Fitted, name: str) -> None:
    if made.before == made.after:
        click.echo(f"the prompt of {name} takes about {made.tokens:,} tokens, within {made.budget:,}")
        return
    path = show(made.path)
    before, after = (data.decode().splitlines(keepends=True) for data in (made.before, made.after))
    click.echo(shown("".join(unified_diff(before, after, f"a/{path}", f"b/{path}"))), nl=False)
    click.echo("\nwhat this leaves out, since the session does not speak of it:")
    for narrowing in made.proposal.narrowings:
        for piece in narrowing.left_out:
            click.echo(shown(f"  {piece.tokens:>9,} tokens  {piece.selector}"))
    end = "" if made.fits else ", which is still too much: raise `budget`, or make two sessions of it"
    click.echo(f"then the prompt takes about {made.tokens:,} tokens of {made.budget:,}{end}")


def _data(made: Fitted, name: str, *, written: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "session": name,
        "budget": made.budget,
        "tokens": made.tokens,
        "fits": made.fits,
        "written": written,
        "narrowings": [
            {
                "key": one.key,
                "selector": one.selector,
                "into": list(one.into),
                "left_out": [{"selector": piece.selector, "tokens": piece.tokens} for piece in one.left_out],
            }
            for one in made.proposal.narrowings
        ],
    }
