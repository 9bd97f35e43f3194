"""`sdd check`: judge what the files say."""

from __future__ import annotations

import click

from sdd.cli.here import examples, here, plural, show_findings, show_json
from sdd.errors import NO, YES
from sdd.gates.picture import picture
from sdd.snapshot import show
from sdd.views.tracker import findings as of_trackers


@click.command(epilog=examples("sdd check", "sdd check --staged --json"))
@click.option("--staged", is_flag=True, help="Judge the index, as a commit would be.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(ctx: click.Context, *, staged: bool, as_json: bool) -> None:
    """Judge the working tree: sessions, templates, plans, pages, trackers. Writes nothing; exit 1 where something is wrong."""
    place = here()
    seen = picture(place.repository.index() if staged else place.repository.working_tree())
    found = [*seen.project.findings(), *of_trackers(seen)]
    if as_json:
        show_json(
            [
                {
                    "code": one.code,
                    "path": show(one.path),
                    "line": one.line,
                    "message": one.message,
                    "hint": one.hint,
                }
                for one in found
            ]
        )
    elif show_findings(found):
        click.echo(f"{plural(len(found), 'finding')}; what one means: sdd explain {found[0].code}", err=True)
    else:
        click.echo(f"{plural(len(seen.project.sessions), 'session')}: nothing wrong")
    ctx.exit(NO if found else YES)
