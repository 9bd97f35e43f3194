"""`sdd new`: begin a feature."""

from __future__ import annotations

import click

from sdd import disk
from sdd.cli.here import examples, here, plural, settle
from sdd.errors import SddError
from sdd.sessions.process import EMPTY_BRIEF, feature_files
from sdd.sessions.session import docs


@click.command(
    epilog=examples(
        'sdd new checkout "sell things, in one currency"',
        'sdd new "a shop for one town"   (the root feature)',
    )
)
@click.argument("feature", required=False, default="")
@click.argument("idea", required=False, default="")
def command(feature: str, idea: str) -> None:
    """Begin FEATURE with an IDEA: write its brief and all sessions of the process; without a name, the root feature."""
    if " " in feature and not idea:
        feature, idea = "", feature
    place = here()
    files = feature_files(place.picture().project, feature, idea)
    what = f"the feature {feature}" if feature else "the root feature"
    if not files:
        raise SddError(f"{what} is there already", hint="sdd status")
    for file in files:
        disk.write(disk.inside(place.root, file.path), file.data)
        click.echo(f"wrote {file.path.decode()}")
    for path in settle(place):
        click.echo(f"wrote {path}")
    brief = f"{docs(feature)}/brief.md"
    empty = EMPTY_BRIEF.encode() in place.file(brief.encode()).read_bytes()
    click.echo(
        f"\n{what}: {plural(len(files), 'new file')}. Next: {f'write the idea into {brief}, then ' if empty else ''}sdd next"
    )
