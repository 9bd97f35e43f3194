"""`sdd verify`: run the commands that must pass for a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdd.cli.here import complete_sessions, examples, here, show_json
from sdd.errors import NO, YES, SddError
from sdd.runs.conclude import run_checks, verify_commands
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from sdd.runs.checks import Check


@click.command(epilog=examples("sdd verify checkout/04-cart", "sdd verify 04-cart --json"))
@click.argument("session", shell_complete=complete_sessions)
@click.option("--json", "as_json", is_flag=True, help="Print commands, exit codes and output as JSON.")
@click.pass_context
def command(ctx: click.Context, session: str, *, as_json: bool) -> None:
    """Run SESSION's own verify commands, else the project's. Records nothing; exit 1 where one fails."""
    place = here()
    picture = place.picture()
    name = picture.project.session(session).name
    commands = verify_commands(place, picture, name, picture.project.texts(name, "writes") or ("**",))
    if not commands:
        raise SddError(
            f"no command verifies {name}",
            hint='name one: [verify] commands = ["python -m pytest -q"] in sdd.toml',
        )
    found = run_checks(place, commands)
    if as_json:
        show_json([_data(one) for one in found])
    else:
        for one in found:
            _tell(one)
    ctx.exit(YES if all(one.passed for one in found) else NO)


def _data(one: Check) -> dict[str, object]:
    return {
        "command": one.command,
        "exit_code": one.exit_code,
        "passed": one.passed,
        "why": one.why,
        "output": one.output,
    }


def _tell(one: Check) -> None:
    if one.passed:
        click.echo(f"{click.style('passed', fg='green')} {shown(one.command)}")
    else:
        click.echo(f"{click.style('failed', fg='red')} {shown(one.command)}: {shown(one.why)}")
        click.echo(shown(one.output))
