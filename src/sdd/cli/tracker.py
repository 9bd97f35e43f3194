"""`sdd tracker`: write the trackers, or compare them."""

from __future__ import annotations

import click

from sdd import disk
from sdd.cli.here import examples, here
from sdd.errors import NO
from sdd.gates.picture import picture
from sdd.views.tracker import changed, difference


@click.command(
    epilog=examples(
        "sdd tracker",
        "sdd tracker --check",
        "sdd tracker --stage   (before a commit; also resolves a conflict in a tracker)",
    )
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with a diff where a tracker is stale.")
@click.option("--stage", is_flag=True, help="Render from the index, into the index and the working tree.")
@click.pass_context
def command(ctx: click.Context, *, check: bool, stage: bool) -> None:
    """Write the trackers of all features, derived from the files as they are."""
    place = here()
    seen = picture(place.repository.index()) if stage else place.picture()
    if check:
        diff = difference(seen)
        click.echo(diff, nl=False)
        ctx.exit(NO if diff else 0)
    found = changed(seen)
    for path, data in found.items():
        disk.write(disk.inside(place.root, path), data)
    if stage:
        from sdd.views.tracker import trackers
        from sdd.workspace import stage as put

        all_of_them = trackers(seen)
        for path, data in all_of_them.items():
            disk.write(disk.inside(place.root, path), data)
        put(place.root, [path.decode() for path in all_of_them])
    for path in found:
        click.echo(f"wrote {path.decode()}")
    if not found:
        click.echo("the trackers say what the files say")
