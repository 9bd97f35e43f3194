"""A person's own SSH keys: where they lie, which one git signs with, and which one signs an approval."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.gates.signers import public_key
from sdd.workspace import config

if TYPE_CHECKING:
    from sdd.gates.signers import Signer
    from sdd.repository import Repository

LITERAL = ("ssh-", "ecdsa-", "sk-")
"""How a key begins that stands in git's configuration itself (gpg-interface.c, `is_literal_ssh_key`; and without `key::`)."""


@contextmanager
def signing_key(found: Repository, named: str, usable: tuple[Signer, ...]) -> Iterator[str]:
    """The file to sign with: the one that was named, else git's own signing key, else the only usable one in `~/.ssh`.

    A public key serves where ssh-agent holds the private half. `usable` are the person's keys that count.

    Raises:
        SddError: there is no such file, or which key is meant cannot be told.
    """
    known = {one.key for one in usable}
    configured = gits_key(found)
    literal = public_key(configured)
    if named:
        yield _existing(named)
    elif literal and literal[1] in known:
        with TemporaryDirectory(prefix="sdd-") as folder:
            file = Path(folder, "key.pub")
            file.write_text(f"{' '.join(literal)}\n", "ascii")
            yield str(file)
    elif configured and not literal and _may_sign(Path(configured), known):
        yield _existing(configured)
    else:
        yield _only(known)


def gits_key(found: Repository) -> str:
    """Git's own SSH signing key: a file, absolute, or the text of a public key; "" where there is none."""
    if config(found.root, "gpg.format").lower() != "ssh":
        return ""
    value = config(found.root, "user.signingkey").removeprefix("key::").strip()
    if not value or value.startswith(LITERAL):
        return value
    return str(Path(found.root, Path(value).expanduser()))


def gits_public_key(found: Repository) -> str:
    """The public half of git's own SSH signing key, as a `.pub` file holds it; "" where it cannot be had."""
    value = gits_key(found)
    return value if value.startswith(LITERAL) else _public(Path(value)) if value else ""


def _existing(named: str) -> str:
    """The file of a key, if it is there."""
    file = Path(named).expanduser()
    if not file.is_file():
        raise SddError(f"there is no key {file}", hint="name the file of a key: --key ~/.ssh/id_ed25519")
    return str(file)


def _public(file: Path) -> str:
    """The public half of a key that lies in this file, or beside it."""
    half = file if file.suffix == ".pub" else file.with_name(f"{file.name}.pub")
    with suppress(OSError):
        return half.read_text("utf-8", "replace").strip()
    return ""


def _may_sign(file: Path, known: set[str]) -> bool:
    """Whether this is one of the known keys, or one whose public half is not there to be compared."""
    half = public_key(_public(file))
    return half[1] in known if half else file.suffix != ".pub"


def _only(known: set[str]) -> str:
    folder = Path("~/.ssh").expanduser()
    halves = [file for file in sorted(folder.glob("*.pub")) if _may_sign(file, known)]
    if len(halves) == 1:
        private = halves[0].with_suffix("")
        return str(private if private.is_file() else halves[0])
    told = (
        f"{', '.join(map(str, halves))} are all yours and listed"
        if halves
        else f"none of your keys in {folder}, nor git's user.signingkey, is listed for you"
    )
    raise SddError(
        f"which key signs cannot be told: {told}",
        hint="name it: --key FILE; where the key is on another machine: --print",
    )
