"""A record printed to be signed on another machine, kept until its signature comes back; it may be deleted at any time."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdd import disk
from sdd.errors import RefusedError, SddError
from sdd.gates import approval
from sdd.gates.approval import Approval

if TYPE_CHECKING:
    from sdd.repository import Repository

LARGEST = 65536  # bytes of a signature; an RSA one has some 3,000


def keep(found: Repository, made: Approval) -> None:
    """Remember a record that was printed."""
    disk.write(str(_file(found, made)), approval.render(made))


def brought_back(found: Repository, made: Approval, old: Approval | None) -> Approval:
    """The record that was printed, if it says what `made` says, apart from its time, and is newer than `old`.

    Raises:
        SddError: none was printed here.
        RefusedError: the document, what it rests on or the code has changed since.
    """
    file = _file(found, made)
    again = "print it (once more): the same command with --print"
    place = approval.path(made.gate, made.document, made.approver)
    kept = approval.read(place, file.read_bytes()) if file.is_file() else ()
    if not isinstance(kept, Approval):
        raise SddError("no record of this was printed here, so there is nothing to be signed", hint=again)
    outdone = old is not None and old.approved_at >= kept.approved_at
    if outdone or kept.replace(approved_at=made.approved_at) != made:
        raise RefusedError(
            "what was printed is not what would be approved now: something has changed", hint=again
        )
    return kept


def forget(found: Repository, made: Approval) -> None:
    """The approval is written, so what was printed has served."""
    disk.remove(str(_file(found, made)))


def signature_in(file: str) -> bytes:
    """The bytes of a signature's file, `-` for standard input.

    Raises:
        SddError: it cannot be read, or is too large to be one.
    """
    try:
        with click.open_file(file, "rb") as opened:
            data: bytes = opened.read(LARGEST + 1)
    except OSError as error:
        raise SddError(
            f"{file} cannot be read: {error.strerror}", hint="--signature FILE, or - for standard input"
        ) from error
    if len(data) > LARGEST:
        raise SddError(f"{file} is too large to be a signature", hint="give the .sig that ssh-keygen wrote")
    return data


def _file(found: Repository, made: Approval) -> Path:
    name = sha256(approval.path(made.gate, made.document, made.approver)).hexdigest()
    return Path(found.git_dir, "sdd", "printed", f"{name}.toml")
