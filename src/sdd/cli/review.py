"""`sdd review`: what a proposal changes, for the reviewer's minute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from sdd.cli.here import examples, repository
from sdd.errors import SddError
from sdd.gates.history import History
from sdd.gates.picture import picture
from sdd.gates.proposal import proposal

if TYPE_CHECKING:
    from sdd.findings import Finding
    from sdd.repository import Repository


@click.command(epilog=examples("sdd review main..HEAD", "sdd review origin/main..HEAD > review.md"))
@click.argument("span", metavar="A..B")
def command(span: str) -> None:
    """Print in Markdown what the proposal A..B changes: gates, sessions with evidence, contracts, and what to do."""
    from sdd.cli.status import addresses
    from sdd.views.ownership import Ownership
    from sdd.views.review import review

    base, dots, head = span.partition("..")
    place = repository()
    if not dots or head.startswith("."):
        raise SddError(f"`{span}` is no range", hint="sdd review main..HEAD")
    ids = {rev: place.resolve(rev or "HEAD") for rev in (base, head)}
    lost = next((rev for rev, found in ids.items() if not found), None)
    if lost is not None:
        raise SddError(
            f"`{lost or 'HEAD'}` names no commit", hint="git fetch, or name one that is here: git branch -a"
        )
    merge_base = place.git("merge-base", ids[base], ids[head], ok=(0, 1)).decode().strip()
    before = place.commit(merge_base) if merge_base else place.empty()
    found, unjudged = _judged(place, ids[base], ids[head])
    owned = Ownership(before, addresses(place, before))
    seen = picture(place.commit(ids[head]), place.commit(ids[base]))
    click.echo(review(before, seen, span, found, unjudged, owned), nl=False)


def _judged(place: Repository, base: str, head: str) -> tuple[tuple[Finding, ...], str]:
    """What `sdd check` says of the proposal, or why it can say nothing."""
    try:
        return proposal(History(place), base, head, now_epoch=int(time.time())).findings, ""
    except SddError as error:
        return (), error.message
