"""What `sdd init --propose` shows and, where a person agrees, writes: contracts, an outline and a first session for code that is there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sdd.cli.here import plural, write_new
from sdd.errors import SddError
from sdd.existing.proposal import SESSION, proposal
from sdd.proposals import has_code, sources
from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from sdd.existing.proposal import Proposal
    from sdd.repository import Repository

CONTRACTS = b"docs/interfaces/"
AT_ONCE = 1_000
"""Files of Python that are read without being asked: some three seconds."""


def propose(found: Repository, *, agreed: bool) -> None:
    """Show what could be written for the code that is there, and write it where that is agreed, by the flag or at the terminal.

    Raises:
        SddError: git tracks no code here, so there is nothing to propose from.
        RefusedError: a file may not be written; none was.
    """
    tracked = found.index()
    if not has_code(tracked):
        raise SddError(
            "git tracks no code here, so there is nothing to propose",
            hint='git add, or begin: sdd new "the idea"',
        )
    made = proposal(tracked, found.working_tree())
    _tell(made)
    if not made.files:
        click.echo("all that would be proposed is there. Next: sdd status")
    elif agreed or _agrees(made):
        for path in write_new(found, made.files):
            click.echo(shown(f"wrote {path}"))
        session = SESSION.decode().removeprefix("sessions/").removesuffix(".md")
        click.echo(f"\nRead them, correct them, commit them: git add docs sessions. Then: sdd next {session}")
    else:
        click.echo(
            f"nothing of it was written. To write {plural(len(made.files), 'file')}: sdd init --propose --yes"
        )


def _tell(made: Proposal) -> None:
    for file in made.files:
        click.echo(shown(f"{show(file.path)}: {made.told[file.path]}"))
    for path in made.kept:
        click.echo(shown(f"{show(path)} is there and stays as it is"))
    if not any(path.startswith(CONTRACTS) for path in (*made.told, *made.kept)):
        click.echo(
            "no contract is proposed: that takes a Python class with typed methods that another module uses"
        )


def _agrees(made: Proposal) -> bool:
    """Whether the person at the terminal says yes; without one, nobody has."""
    return sys.stdin.isatty() and click.confirm(f"Write {plural(len(made.files), 'file')}?", err=True)


def offer(found: Repository) -> None:
    """What a first `sdd init` says of code that is there: what could be written for it, or that this can be asked for."""
    tracked = found.index()
    if not has_code(tracked):
        return
    click.echo("\nThere is code here already. What sdd can begin with:")
    if sum(path.suffix == ".py" for path in sources(tracked)) <= AT_ONCE:
        propose(found, agreed=False)
    else:
        click.echo(
            "contracts from its classes, an outline, a first session that reads them: sdd init --propose"
        )
