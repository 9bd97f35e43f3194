"""What `sdd approve` shows a person: the difference, the record, how to sign it elsewhere, and what came of it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd.errors import SddError
from sdd.gates.approval import render
from sdd.gates.policy import TRUST
from sdd.gates.policy_form import PROOFS
from sdd.gates.signers import NAMESPACE
from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from sdd.gates.approval import Approval
    from sdd.gates.approving import Wanted
    from sdd.gates.openings import Trusted
    from sdd.gates.picture import Picture
    from sdd.repository import Repository


def difference(
    found: Repository, trusted: Trusted, old: Approval | None, made: Approval, *, err: bool
) -> None:
    """Show what changed since the bytes approved last; of a trust file, since those that are in force."""
    name = show(made.document)
    before = trusted.snapshot.blob(made.document) if made.gate == TRUST else old.blob if old else ""
    if before == made.blob:
        told = f"you approved {name} as it stands; what it rests on has changed since"
    elif before:
        told = _diff(found, before, made.blob)
    else:
        told = f"you never approved {name}; read all of it: {Path(found.root, os.fsdecode(made.document))}"
    click.echo(shown(told), err=err)


def _diff(found: Repository, before: str, after: str) -> str:
    try:
        told = found.git("diff", "--no-color", "--no-ext-diff", "--no-textconv", before, after)
    except SddError:
        return f"the bytes that you approved last, blob {before}, are not here any more; read all of it"
    return told.decode("utf-8", "replace")


def record(made: Approval, proof: str) -> None:
    """Show the record, and what it will prove."""
    click.echo("The record:\n")
    click.echo("".join(f"  {line}\n" for line in shown(render(made).decode()).splitlines()))
    click.echo(f'proof "{proof}": {PROOFS[proof]}')


def for_elsewhere(document: str, made: Approval) -> None:
    """Print a record's very bytes, and on the other stream how they are signed and brought back."""
    click.echo(render(made), nl=False)
    back = f"sdd approve {shlex.quote(document)} --gate {made.gate} --signature record.toml.sig"
    for line in (
        "\nThe record is on standard output. Save exactly these bytes as record.toml where the key is, read them, and there:",
        f"  ssh-keygen -Y sign -n {NAMESPACE} -f ~/.ssh/id_ed25519 < record.toml > record.toml.sig",
        "Then here:",
        f"  {shown(back)}",
    ):
        click.echo(line, err=True)


def opened(want: Wanted, after: Picture, wrote: list[str]) -> None:
    """Show what was written, and what the gate is now."""
    for path in wrote:
        click.echo(f"wrote {shown(path)}")
    if want.session:
        opening = after.gates.opening(want.gate, want.session)
        click.echo(f"the gate {want.gate} is {'open' if opening.open else 'shut: ' + shown(opening.why)}")
