"""`sdd enrol`: let a key sign approvals for a person, set its end, or withdraw it."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.cli.here import examples, refuse_agents, repository
from sdd.cli.trusted import trusted
from sdd.errors import RefusedError, SddError
from sdd.gates import trust
from sdd.gates.enrolling import HARDWARE, enrolled, fingerprint, moment, one_key, usable, withdrawn
from sdd.gates.openings import Openings
from sdd.gates.policy import PATH, TRUST
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.gates.trusting import SIGNED
from sdd.snapshot import overlaid, show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from sdd.gates.openings import Trusted
    from sdd.repository import Repository

LARGEST = 65536  # bytes; a public key has some hundreds


@click.command(
    epilog=examples(
        "sdd enrol alice@example.org --key ~/.ssh/id_ed25519.pub",
        "sdd enrol alice@example.org --key ~/.ssh/id_ed25519.pub --valid-before 2027-01-31",
        "sdd enrol --revoke lost.pub",
    )
)
@click.argument("email", required=False)
@click.option(
    "--key", default="", metavar="PUB", help="The file of the person's public key (`-`: standard input)."
)
@click.option(
    "--valid-before",
    "end",
    default="",
    metavar="DATE",
    help="The day (UTC) from which the key signs no more; for a key that is listed, its new end.",
)
@click.option(
    "--revoke",
    default="",
    metavar="PUB",
    help="The file of a public key that is lost or stolen: from now on nothing that it signed opens a gate.",
)
def command(email: str | None, *, key: str, end: str, revoke: str) -> None:
    """Let a key sign approvals for EMAIL: adds a line to .sdd/allowed_signers, or with --revoke to .sdd/revoked_keys.

    The first line belongs to the adoption of sdd; later ones need an approval for the gate trust. Revoking needs nobody's.
    """
    refuse_agents("enrolling")
    if bool(revoke) == bool(key) or bool(key) != bool(email) or (revoke and end):
        raise click.UsageError("say EMAIL and --key PUB, or --revoke PUB alone")
    found = repository()
    now_epoch = int(time.time())
    ground = trusted(found, now_epoch)
    if revoke:
        _revoke(found, ground, _text(revoke))
    else:
        _enrol(found, ground, email or "", _text(key), moment(end) if end else 0, now_epoch)


def _enrol(
    found: Repository, ground: Trusted | None, email: str, key: str, valid_before: int, now_epoch: int
) -> None:
    """Add a line to `allowed_signers`, or give the one that is there another end."""
    before = _on_disk(found, SIGNERS)
    after = enrolled(
        before, _on_disk(found, REVOKED), email, key, valid_before=valid_before, now_epoch=now_epoch
    )
    kind, blob = one_key(key)
    if after == before:
        click.echo(f"{email} has this key already; nothing is to be done")
        return
    disk.write(disk.inside(found.root, SIGNERS), after)
    click.echo(f"wrote {show(SIGNERS)}")
    click.echo(
        f"{email} signs with {kind} {fingerprint(blob)}: compare that with them, by another way than this one came"
    )
    if kind.startswith(HARDWARE):
        click.echo("its kind alone proves no hardware: see that the key was made on the device")
    _follow(ground, email)


def _follow(ground: Trusted | None, email: str) -> None:
    """Say what makes the line count."""
    name = show(SIGNERS)
    if ground is None:
        click.echo(
            f"No policy is committed yet, so it belongs to the adoption.\nNext: git add {name}, and commit it with {show(PATH)}"
        )
        return
    rule = ground.policy.trust
    named = {who for gate in ground.policy.gates.values() for who in gate.approvers} | {*rule.approvers}
    if email not in named:
        click.echo(f"no gate names {email} as an approver yet: {show(PATH)}")
    people = " or ".join(rule.approvers)
    keys = [
        one
        for who in rule.approvers
        for one in usable(ground.snapshot, ground.snapshot, who, rule.proof, ground.now_epoch)
    ]
    if rule.proof == "merged":
        click.echo(
            f"It counts once it is merged, which is up to {people}.\nNext: git add {name} && git commit -m {shlex.quote(f'Enrol {email}')}"
        )
    elif rule.proof in SIGNED and not keys:
        click.echo(
            f"Nobody can approve it: no key of {people} counts in {ground.snapshot.name}. As long as nobody else has that commit, put the key into it.\n"
            f"Next: git add {name} && git commit --amend"
        )
    else:
        click.echo(
            f"It counts once {people} approves it, in one commit with it.\nNext: git add {name} && sdd approve {name} --gate {TRUST}"
        )


def _revoke(found: Repository, ground: Trusted | None, key: str) -> None:
    """Add a line to `revoked_keys`.

    Raises:
        RefusedError: too few keys would be left to change a trust file with.
    """
    before = _on_disk(found, REVOKED)
    after = withdrawn(before, key)
    _, blob = one_key(key)
    if after == before:
        click.echo(f"{fingerprint(blob)} is revoked already; nothing is to be done")
        return
    if ground:
        _refuse_lockout(found, ground, after)
    disk.write(disk.inside(found.root, REVOKED), after)
    click.echo(f"wrote {show(REVOKED)}")
    click.echo(f"{fingerprint(blob)} opens no gate any more, nor does what it signed before")
    click.echo(
        f"Next: git add {show(REVOKED)} && git commit -m 'Revoke a key'; it needs no approval. Then have approved anew what sdd status shows"
    )


def _refuse_lockout(found: Repository, ground: Trusted, revoked: bytes) -> None:
    after = overlaid(found.working_tree(), {REVOKED: revoked})
    wrong, _ = trust.findings(ground.snapshot, Openings(after, ground), [REVOKED])
    if wrong:
        raise RefusedError(wrong[0].message, hint=wrong[0].hint)


def _on_disk(found: Repository, path: bytes) -> bytes:
    place = Path(disk.inside(found.root, path))
    return place.read_bytes() if place.is_file() else b""


def _text(file: str) -> str:
    """The text of a key's file.

    Raises:
        SddError: it cannot be read, or is no key by its size.
    """
    try:
        with click.open_file(file, "rb") as opened:
            data: bytes = opened.read(LARGEST + 1)
    except OSError as error:
        told = f"{shown(file)} cannot be read: {error.strerror}"
        raise SddError(told, hint="give the .pub file: ~/.ssh/id_ed25519.pub") from error
    if len(data) > LARGEST:
        raise SddError(
            f"{shown(file)} is too large to be a key", hint="give the .pub file: ~/.ssh/id_ed25519.pub"
        )
    return data.decode("utf-8", "replace")
