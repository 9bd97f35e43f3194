"""`sdd add`: add one session, or a small change."""

from __future__ import annotations

import click

from sdd import disk
from sdd.cli.here import examples, here, settle
from sdd.errors import RefusedError
from sdd.sessions.process import check_feature, free_name, session_text, template_of
from sdd.sessions.session import CHANGES, misplaced, path_of


@click.command(
    epilog=examples(
        "sdd add change fix-rounding",
        "sdd add integration checkout/cart-and-stock --needs 04-cart --needs 05-stock",
        "sdd add refactoring rename-price --writes 'src/shop/**'",
    )
)
@click.argument("kind")
@click.argument("slug")
@click.option(
    "--needs",
    multiple=True,
    metavar="SESSION",
    help="A session that must be done before (or gate:NAME); may be repeated.",
)
@click.option(
    "--reads",
    multiple=True,
    metavar="SELECTOR",
    help="Context: path, path#Heading, path::Symbol, glob; may be repeated.",
)
@click.option("--writes", multiple=True, metavar="GLOB", help="What it may write; may be repeated.")
@click.option("--goal", default="", help="The goal, instead of the template's.")
@click.option("--owner", default="", metavar="EMAIL", help="Who looks after it.")
def command(
    kind: str,
    slug: str,
    needs: tuple[str, ...],
    reads: tuple[str, ...],
    writes: tuple[str, ...],
    goal: str,
    owner: str,
) -> None:
    """Add a session of KIND. SLUG is its name, or feature/name; a small `change` stands alone, with half a page."""
    place = here()
    project = place.picture().project
    feature, _, last = (
        slug if kind != CHANGES[:-1] else f"{CHANGES}/{slug.removeprefix(CHANGES + '/')}"
    ).rpartition("/")
    if feature != CHANGES:
        check_feature(feature)
    name = free_name(project, feature, last)
    path = path_of(name)
    wrong = misplaced(path)
    if wrong:
        raise RefusedError(wrong.message, hint=wrong.hint)
    if path in project.snapshot:
        raise RefusedError(
            f"{path.decode()} is there already",
            hint=f"choose another name, or go on with it: sdd next {name}",
        )
    template = template_of(project, kind)
    given: dict[str, object] = {"needs": needs, "reads": reads, "writes": writes, "owner": owner}
    title = last.partition("-")[2] if last.split("-")[0].isdigit() else last
    text = session_text(
        name,
        template,
        needs={key: value for key, value in given.items() if value},
        title=title.replace("-", " ").capitalize(),
        goal=goal,
    )
    disk.write(disk.inside(place.root, path), text.encode())
    click.echo(f"wrote {path.decode()}")
    for tracker in settle(place):
        click.echo(f"wrote {tracker}")
    click.echo(f"\nNext: say what it is for in {path.decode()} (## Goal), then sdd next {name}")
