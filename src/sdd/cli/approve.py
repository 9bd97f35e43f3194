"""`sdd approve`: approve a document for a gate."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli.here import complete_gates, examples, picture_of, refuse_agents, repository, settle
from sdd.errors import RefusedError, SddError, WaitingError
from sdd.gates.approval import path as path_of_record
from sdd.gates.approval import read, render
from sdd.gates.approving import Wanted, record, refuse_unfit, wanted
from sdd.runs.record import inputs
from sdd.snapshot import show
from sdd.views.quoting import shown
from sdd.workspace import config

if TYPE_CHECKING:
    from sdd.gates.approval import Approval
    from sdd.gates.picture import Picture
    from sdd.repository import Repository

NOT_INPUTS = ("docs/lessons.md", "docs/guidelines.md")
"""Rules for every session: they change all the time, and no document rests on them alone."""


@click.command(epilog=examples("sdd approve docs/checkout/product-spec.md --gate spec"))
@click.argument("document", type=click.Path())
@click.option("--gate", required=True, shell_complete=complete_gates, help="The gate that it is for.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
def command(document: str, gate: str, *, yes: bool) -> None:
    """Approve the committed bytes of DOCUMENT for a gate: see the difference, then the record, then write it."""
    refuse_agents("approving")
    found = repository()
    picture = picture_of(found)
    want = wanted(picture, _tree_path(found, document), gate)
    approver = config(found.root, "user.email")
    refuse_unfit(picture, want, _committed(found, want.document), approver)
    old = _old(picture, want, approver)
    made = record(picture, want, approver, _moment(old), _inputs(picture, want))
    if old and _stands(picture, want, old, made):
        click.echo(f"{show(want.document)} was approved by you as it stands; nothing is to be done")
        return
    data = render(made)
    _show(found, old, made, data)
    _ask(want, yes=yes)
    path = path_of_record(gate, want.document, approver)
    disk.write(disk.inside(found.root, path), data)
    _next(picture_of(found), want, [path.decode(), *settle(found)])


def _tree_path(found: Repository, document: str) -> bytes:
    """A path that a person typed, as the tree has it."""
    whole = Path(os.path.abspath(document))  # noqa: PTH100 - resolve() would follow a link, which is to be refused as one
    try:
        return os.fsencode(whole.relative_to(found.root).as_posix())
    except ValueError:
        hint = f"name a document below {found.root}"
        raise SddError(f"{document} is not in this repository", hint=hint) from None


def _committed(found: Repository, document: bytes) -> bytes | None:
    head = found.head()
    committed = found.commit(head) if head else found.empty()
    return committed.read(document) if committed.is_file(document) else None


def _old(picture: Picture, want: Wanted, approver: str) -> Approval | None:
    """The approver's record that the new one takes the place of, if it can be read."""
    path = path_of_record(want.gate, want.document, approver)
    snapshot = picture.project.snapshot
    found = read(path, snapshot.read(path)) if snapshot.is_file(path) else ()
    return None if isinstance(found, tuple) else found


def _moment(old: Approval | None) -> int:
    """Now, in seconds since 1970, and later than the record before: the newest one decides (rule 8).

    Raises:
        RefusedError: that record is of the future.
    """
    now_epoch = int(time.time())
    if old and old.approved_at > now_epoch:
        raise RefusedError(
            "your approval before this one says a time that is yet to come",
            hint="set this machine's clock right, or wait",
        )
    return max(now_epoch, old.approved_at + 1) if old else now_epoch


def _stands(picture: Picture, want: Wanted, old: Approval, made: Approval) -> bool:
    """Whether the approver's record says all that the new one would, and counts."""
    standings = picture.gates.opening(want.gate, want.session).standings
    counts = any(one.document == want.document and made.approver in one.by for one in standings)
    return counts and old.replace(approved_at=made.approved_at) == made


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


def _show(found: Repository, old: Approval | None, made: Approval, data: bytes) -> None:
    """The difference since the bytes approved last, then the record."""
    name = show(made.document)
    if old is None:
        click.echo(
            f"you never approved {name}; read all of it: {Path(found.root, os.fsdecode(made.document))}"
        )
    elif old.blob == made.blob:
        click.echo(f"you approved {name} as it stands; what it rests on has changed since")
    else:
        click.echo(shown(_diff(found, old.blob, made.blob)))
    click.echo("The record:\n")
    click.echo("".join(f"  {line}\n" for line in shown(data.decode()).splitlines()))


def _diff(found: Repository, before: str, after: str) -> str:
    try:
        told = found.git("diff", "--no-color", "--no-ext-diff", "--no-textconv", before, after)
    except SddError:
        return f"the bytes that you approved last, blob {before}, are not here any more; read all of it"
    return told.decode("utf-8", "replace")


def _ask(want: Wanted, *, yes: bool) -> None:
    """Ask the person for a yes.

    Raises:
        WaitingError: there is no terminal to ask on.
        RefusedError: the person said no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise WaitingError(
            "approving waits for a person's yes, and there is no terminal to ask on",
            hint="run it in a terminal; or add --yes, if you have read what it shows",
        )
    if not click.confirm("Approve exactly these bytes?", err=True):
        raise RefusedError("nothing was approved", hint=f"to send it back: sdd reject {want.session} -m WHY")


def _next(after: Picture, want: Wanted, wrote: list[str]) -> None:
    for path in wrote:
        click.echo(f"wrote {shown(path)}")
    opening = after.gates.opening(want.gate, want.session)
    click.echo(f"the gate {want.gate} is {'open' if opening.open else 'shut: ' + shown(opening.why)}")
    message = shlex.quote(f"Approve {show(want.document)}")
    click.echo(f"Next: git add {shlex.join(wrote)} && git commit -m {message}, then sdd next")
