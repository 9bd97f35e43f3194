"""`sdd approve`: approve a document for a gate."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli import approval_shown, printed
from sdd.cli.asked import Asked
from sdd.cli.asked import asked as of
from sdd.cli.here import complete_gates, examples, refuse_agents, repository, settle, utf8
from sdd.cli.keys import signing_key
from sdd.errors import RefusedError, WaitingError
from sdd.gates.approval import Approval, read, render, signature_path
from sdd.gates.approval import path as path_of_record
from sdd.gates.approving import (
    Wanted,
    counted,
    moment,
    record,
    refuse_worthless,
)
from sdd.gates.enrolling import usable
from sdd.gates.picture import picture
from sdd.gates.policy import TRUST, Gate
from sdd.gates.signature import sign
from sdd.gates.trusting import SIGNED
from sdd.snapshot import show
from sdd.values import Value
from sdd.views.quoting import shown
from sdd.workspace import commit, config

if TYPE_CHECKING:
    from sdd.repository import Repository


class How(Value):
    """How the person wants to sign: by which key, on another machine (`printing`, then `signature`), and without a question."""

    key: str
    printing: bool
    signature: str
    yes: bool


@click.command(
    epilog=examples(
        "sdd approve docs/checkout/product-spec.md --gate spec",
        "sdd approve docs/checkout/product-spec.md --gate spec --key ~/.ssh/id_ed25519_sk",
        "sdd approve docs/checkout/product-spec.md --gate spec --print > record.toml   (signed elsewhere)",
        "sdd approve docs/checkout/product-spec.md --gate spec --signature record.toml.sig",
        "sdd approve .sdd/policy.toml --gate trust   (a trust file, as it is staged)",
    )
)
@click.argument("document", type=click.Path())
@click.option("--gate", required=True, shell_complete=complete_gates, help="The gate that it is for.")
@click.option(
    "--key",
    default="",
    metavar="FILE",
    help="The SSH key that signs, or its public half where ssh-agent holds it. Else git's user.signingkey, else the only listed one in ~/.ssh.",
)
@click.option(
    "--print",
    "printing",
    is_flag=True,
    help="Print the record, to be signed on another machine; write nothing.",
)
@click.option(
    "--signature",
    default="",
    metavar="FILE",
    help="The signature of the record that --print printed (`-`: standard input).",
)
@click.option(
    "-m",
    "words",
    metavar="WORDS",
    default="",
    callback=utf8,
    help="Words for the commit: why. The record has no room for them.",
)
@click.option("--commit", "committing", is_flag=True, help="Commit the approval, and nothing else.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
def command(
    document: str,
    gate: str,
    *,
    key: str,
    printing: bool,
    signature: str,
    words: str,
    committing: bool,
    yes: bool,
) -> None:
    """Approve the committed bytes of DOCUMENT for a gate: see the difference, then the record, then sign and write it.

    Of a trust file (gate trust) the staged bytes are approved, because it and its approval come in one commit.
    """
    refuse_agents("approving")
    if printing and (signature or key or words or committing):
        raise click.UsageError("--print only prints: leave --key, --signature, -m and --commit for later")
    found = repository()
    approver = config(found.root, "user.email")
    asked = of(found, document, gate, approver)
    how = How(key, printing, signature, yes)
    _refuse_needless(asked.rule, how)
    old = _old(asked, approver)
    made = _made(asked, approver, old)
    if old and _stands(asked, old, made):
        click.echo(f"{show(made.document)} was approved by you as it stands; nothing is to be done")
        return
    if signature:
        made = printed.brought_back(found, made, old)
    approval_shown.difference(found, asked.trusted, old, made, err=printing)
    if printing:
        printed.keep(found, made)
        approval_shown.for_elsewhere(document, made)
        return
    approval_shown.record(made, asked.rule.proof)
    signed = _signed(found, asked, made, how)
    refuse_worthless(asked.snapshot, asked.trusted, asked.rule, made, signed)
    wrote = _written(found, made, signed)
    approval_shown.opened(asked.want, picture(found.working_tree(), asked.trusted.snapshot), wrote)
    _commit(found, asked.want, wrote, words, committing=committing)


def _refuse_needless(rule: Gate, how: How) -> None:
    """Refuse to sign what takes no signature: it would look like a proof."""
    if rule.proof not in SIGNED and (how.key or how.printing or how.signature):
        raise RefusedError(
            f'the gate {rule.name} takes a record without a signature (proof = "{rule.proof}")',
            hint="leave out --key, --print and --signature",
        )


def _old(asked: Asked, approver: str) -> Approval | None:
    """The approver's record that the new one takes the place of, if it can be read."""
    path = path_of_record(asked.want.gate, asked.want.document, approver)
    found = read(path, asked.snapshot.read(path)) if asked.snapshot.is_file(path) else ()
    return found if isinstance(found, Approval) else None


def _made(asked: Asked, approver: str, old: Approval | None) -> Approval:
    ground = asked.trusted
    at_epoch = moment(asked.snapshot, ground, asked.want, asked.rule, old)
    return record(
        asked.snapshot, ground.policy.project, asked.want, approver, at_epoch, asked.inputs, asked.code
    )


def _stands(asked: Asked, old: Approval, made: Approval) -> bool:
    """Whether the approver's record says all that the new one would, and counts."""
    same = old.replace(approved_at=made.approved_at) == made
    return same and made.approver in counted(asked.snapshot, asked.trusted, asked.want).by


def _signed(found: Repository, asked: Asked, made: Approval, how: How) -> bytes | None:
    """The signature of a record, once the person has said yes; None where the gate takes none."""
    if how.signature:
        return printed.signature_in(how.signature)
    if asked.rule.proof not in SIGNED:
        _ask(asked.want, yes=how.yes)
        return None
    ground = asked.trusted
    keys = usable(ground.snapshot, asked.snapshot, made.approver, asked.rule.proof, ground.now_epoch)
    with signing_key(found, how.key, keys) as file:
        _ask(asked.want, yes=how.yes)
        click.echo(f"signing with {shown(file)}", err=True)
        return sign(render(made), file)


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
        back = f"to send it back: sdd reject {want.session} -m WHY"
        raise RefusedError(
            "nothing was approved",
            hint=back if want.session else f"git restore --staged {show(want.document)}",
        )


def _written(found: Repository, made: Approval, signed: bytes | None) -> list[str]:
    """Write the record and its signature; the paths that changed. A signature that belongs to no record any more goes."""
    path = path_of_record(made.gate, made.document, made.approver)
    beside = signature_path(path)
    place, place_beside = disk.inside(found.root, path), disk.inside(found.root, beside)
    stale = signed is None and Path(place_beside).exists()
    if signed is not None:
        disk.write(place_beside, signed)
    elif stale:
        disk.remove(place_beside)
    disk.write(place, render(made))
    printed.forget(found, made)
    both = [path, beside] if stale or signed is not None else [path]
    return [*(one.decode() for one in both), *settle(found)]


def _commit(found: Repository, want: Wanted, wrote: list[str], why: str, *, committing: bool) -> None:
    """Commit the approval, of a trust file together with it; or say how."""
    subject = f"Approve {show(want.document)}"
    if committing:
        paths = [*wrote, *([os.fsdecode(want.document)] if want.gate == TRUST else [])]
        made = commit(found.root, sorted(paths), "\n\n".join(filter(None, (subject, why))))
        click.echo(f"committed {made[:12]}\nNext: sdd next")
        return
    words = " ".join(f"-m {shlex.quote(one)}" for one in (subject, why) if one)
    click.echo(f"Next: git add {shlex.join(wrote)} && git commit {words}, then sdd next")
