"""`sdd impact`: what a change touches, which sessions are suspect, and a person's word that one is still right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import (
    complete_sessions,
    examples,
    here,
    plural,
    refuse_agents,
    repository,
    settle,
    show_json,
    utf8,
)
from sdd.errors import SddError
from sdd.gates.picture import picture
from sdd.gates.protected import believed

if TYPE_CHECKING:
    from sdd.repository import Repository
    from sdd.views.impact import Impact


@click.command(
    epilog=examples(
        "sdd impact   (the suspect sessions, and why)",
        "sdd impact docs/interfaces/cart.py",
        "sdd impact docs/architecture.md#Cart",
        "sdd impact docs/interfaces/cart.py::ICart.add --json",
        "sdd impact main..HEAD",
        "sdd impact --accept checkout/05-orders -m 'it only uses add()'",
    )
)
@click.argument(
    "what",
    required=False,
    callback=lambda ctx, param, value: value and utf8(ctx, param, value),
    metavar="[PATH|A..B]",
)
@click.option(
    "--accept",
    metavar="SESSION",
    shell_complete=complete_sessions,
    help="Say of a suspect session: I read what has changed, and it is still right.",
)
@click.option("-m", "words", default="", metavar="WHY", help="With --accept: why it is still right.")
@click.option("--json", "json_wanted", is_flag=True, help="Print it as JSON (docs/reference/json.md).")
def command(what: str | None, accept: str | None, words: str, *, json_wanted: bool) -> None:
    """Show what a change of PATH (a selector, a glob), or the change A..B, touches; without either, the suspect sessions.

    A session rests on the texts that its runs were shown. It is suspect where one of them says something else now.
    """
    from sdd.views import impact_text

    if accept is not None:
        _accept(accept, words, what)
        return
    place = repository()
    if what is None:
        from sdd.views.why_suspect import suspicious

        found = suspicious(picture(place.working_tree(), believed(place)), lambda blob: _blob(place, blob))
        if json_wanted:
            show_json(impact_text.suspects_data(found))
        else:
            click.echo("\n".join(impact_text.suspects_lines(found)))
        return
    told = asked(place, what)
    if json_wanted:
        show_json(impact_text.data(told))
    else:
        click.echo("\n".join(impact_text.lines(told)))


def asked(place: Repository, what: str) -> Impact:
    """The impact of a path, against what is committed, or of a range.

    Raises:
        SddError: there is no such path or commit.
    """
    from sdd.views.impact import of_path, of_range

    files = place.working_tree()
    base, dots, head = what.partition("..")
    if dots and not head.startswith(".") and what.encode("utf-8", "surrogateescape") not in files:
        ids = {rev: place.resolve(rev or "HEAD") for rev in (base, head)}
        lost = next((rev for rev, found in ids.items() if not found), None)
        if lost is not None:
            hint = "git fetch, or name one that is here: git branch -a"
            raise SddError(f"`{lost}` names no commit", hint=hint)
        return of_range(picture(place.commit(ids[head]), believed(place)), place.commit(ids[base]), what)
    known = place.head()
    before = place.commit(known) if known else place.empty()
    return of_path(picture(files, believed(place)), before, what)


def _blob(place: Repository, blob: str) -> bytes | None:
    try:
        return place.read_blobs([blob])[blob]
    except SddError:  # it was never committed, or history is cut
        return None


def _accept(session: str, words: str, what: str | None) -> None:
    from sdd.runs.person import accept

    if what is not None:
        raise SddError("--accept speaks of a session alone", hint=f"sdd impact --accept {session}")
    refuse_agents("to say that a session is still right")
    place = here()
    name = place.picture().project.session(session).name
    lapses = accept(place, name, words)
    settle(place)
    for lapse in lapses:
        click.echo(f"accepted: {lapse.told}")
    click.echo(f"{name} rests on {plural(len(lapses), 'changed text')} as it stands now, and is not suspect")
