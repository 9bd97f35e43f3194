"""`sdd approve`: approve a document for a gate."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli.here import examples, here, refuse_agents, settle
from sdd.errors import SddError
from sdd.gates.approval import path as path_of_record
from sdd.gates.approval import read, render
from sdd.gates.approving import Wanted, record, refuse_unfit, wanted
from sdd.repository import Repository
from sdd.runs.record import inputs
from sdd.workspace import config

if TYPE_CHECKING:
    from sdd.gates.approval import Approval
    from sdd.gates.picture import Picture
    from sdd.runs.place import Place

NOT_INPUTS = ("docs/lessons.md", "docs/guidelines.md")
"""Rules for every session: they change all the time, and no document rests on them alone."""


@click.command(epilog=examples("sdd approve docs/checkout/product-spec.md --gate spec"))
@click.argument("document", type=click.Path())
@click.option("--gate", required=True, help="The gate that it is for.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
def command(document: str, gate: str, *, yes: bool) -> None:
    """Approve the committed bytes of DOCUMENT for a gate: see the difference, then the record, then write it."""
    refuse_agents("approving")
    place = here()
    picture = place.picture()
    want = wanted(picture, _tree_path(place, document), gate)
    approver = config(place.root, "user.email")
    head = place.repository.head()
    committed = place.repository.commit(head) if head else place.repository.empty()
    refuse_unfit(
        picture, want, committed.read(want.document) if committed.is_file(want.document) else None, approver
    )
    made = record(picture, want, approver, int(time.time()), _inputs(picture, want))
    data = render(made)
    _show(place, picture, made, data)
    if not yes and not click.confirm("Approve exactly these bytes?", err=True):
        raise SddError("nothing was approved", hint=f"to send it back: sdd reject {want.session} -m WHY")
    path = path_of_record(gate, want.document, approver)
    disk.write(disk.inside(place.root, path), data)
    settle(place)
    after = place.picture()
    opening = after.gates.opening(gate, want.session)
    click.echo(f"wrote {path.decode()}")
    click.echo(f"the gate {gate} is {'open' if opening.open else 'shut: ' + opening.why}")
    click.echo(f"Next: git add .sdd docs && git commit -m 'Approve {want.document.decode()}', then sdd next")


def _tree_path(place: Place, document: str) -> bytes:
    """A path that a person typed, as the tree has it."""
    whole = Path(os.path.abspath(document))  # noqa: PTH100 - resolve() would follow a link, which is to be refused as one
    try:
        return os.fsencode(whole.relative_to(place.root).as_posix())
    except ValueError:
        raise SddError(
            f"{document} is not in this repository", hint=f"name a document below {place.root}"
        ) from None


def _inputs(picture: Picture, want: Wanted) -> list[str]:
    """The documents that the newest good run of the session rested on."""
    snapshot = picture.project.snapshot
    done = [run for run in picture.project.sessions[want.session].runs if run.outcome == "done" and run.file]
    path = b"sessions/" + done[-1].file.encode() if done else b""
    found = inputs(snapshot.read(path)) if snapshot.is_file(path) else []
    return [
        name
        for name in found
        if name.startswith("docs/") and name not in NOT_INPUTS and name.encode() != want.document
    ]


def _show(place: Place, picture: Picture, made: Approval, data: bytes) -> None:
    """The difference since the bytes approved last, then the record."""
    before = _approved_before(picture, made)
    if before and before != made.blob:
        click.echo(_diff(place.repository, before, made.blob))
    elif not before:
        click.echo(
            f"{made.document.decode()} was never approved; read all of it: {place.file(made.document)}"
        )
    click.echo("The record:\n")
    click.echo("".join(f"  {line}\n" for line in data.decode().splitlines()))


def _approved_before(picture: Picture, made: Approval) -> str:
    path = path_of_record(made.gate, made.document, made.approver)
    snapshot = picture.project.snapshot
    old = read(path, snapshot.read(path)) if snapshot.is_file(path) else ()
    return "" if isinstance(old, tuple) else old.blob


def _diff(repository: Repository, before: str, after: str) -> str:
    try:
        return repository.git("diff", "--no-ext-diff", "--no-textconv", before, after).decode(
            "utf-8", "replace"
        )
    except SddError:
        return f"(the bytes approved last, blob {before}, are not here any more)"
