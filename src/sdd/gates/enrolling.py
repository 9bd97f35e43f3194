"""Who may sign from now on: lines added to `.sdd/allowed_signers` and `.sdd/revoked_keys`, and whose keys count at a moment."""

from __future__ import annotations

from sdd.errors import RefusedError, SddError
from sdd.gates.approval import written
from sdd.gates.signers import (
    REVOKED,
    SIGNERS,
    Signer,
    decoded,
    line_for,
    line_of,
    public_key,
    read,
    read_revoked,
)
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.snapshot import Snapshot

HARDWARE = "sk-"  # how the types of keys begin that a FIDO device holds
PRIVATE = ("PRIVATE KEY", "PuTTY-User-Key-File")
DATES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ")
HINT_NEW = "make one of your own: ssh-keygen -t ed25519; with a hardware key: ssh-keygen -t ed25519-sk"


def one_key(text: str) -> tuple[str, str]:
    """Type and canonical base64 of the one public key that a file holds; what is refused is never repeated.

    Raises:
        RefusedError: it is a private key, a certificate, of a kind that is too weak, several keys or none.
    """
    if any(mark in text for mark in PRIVATE):
        raise RefusedError(
            "that is a private key, which never leaves its owner",
            hint="give the public one: sdd enrol EMAIL --key FILE.pub",
        )
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1:
        raise RefusedError(f"that file holds {len(lines)} lines, and one public key is wanted", hint=HINT_NEW)
    kind = lines[0].split()[0]
    if "-cert-" in kind:
        raise RefusedError(
            "that is a certificate, and only plain keys are enrolled", hint="give the key itself"
        )
    if kind == "ssh-dss":
        raise RefusedError("DSA keys are too weak, and OpenSSH takes them no more", hint=HINT_NEW)
    found = public_key(lines[0])
    if found is None:
        raise RefusedError("that is no SSH public key of a kind that is accepted", hint=HINT_NEW)
    return found


def enrolled(
    signers: bytes, revoked: bytes, email: str, key: str, *, valid_before: int = 0, now_epoch: int
) -> bytes:
    """The content of `allowed_signers` with one more key, or with the end of one that is there; as it was if it says so already.

    `key` is what a `.pub` file holds, `valid_before` is in seconds since 1970, 0 for no end (one that is there stays).

    Raises:
        RefusedError: it is no public key, somebody else's, revoked, or ends before it begins.
        SddError: that is no plain e-mail address.
    """
    kind, blob = one_key(key)
    line = line_for(email, f"{kind} {blob}", valid_before)
    same = [one for one in read(signers)[0] if one.key == blob]
    _refuse_others(same, email, blob, revoked)
    if any(one.email == email for one in same):
        return _ended(signers, same, valid_before)
    if valid_before and valid_before <= now_epoch:
        raise RefusedError(
            f"a key that ended at {written(valid_before)} could sign nothing", hint="choose a later day"
        )
    return _with_line(signers, line)


def _refuse_others(same: list[Signer], email: str, blob: str, revoked: bytes) -> None:
    other = next((one for one in same if one.email != email), None)
    if other:
        told = f"this key is {other.email}'s already (line {other.line} of {show(SIGNERS)}), and one key speaks for one person"
        raise RefusedError(told, hint=HINT_NEW)
    if blob in read_revoked(revoked)[0]:
        raise RefusedError(f"this key is revoked in {show(REVOKED)}", hint=HINT_NEW)


def _ended(signers: bytes, same: list[Signer], valid_before: int) -> bytes:
    """The same lines, those of a key with another end."""
    lines = signers.split(b"\n")
    for one in same if valid_before else ():
        if one.valid_after >= valid_before:
            raise RefusedError(
                f"line {one.line} of {show(SIGNERS)} begins at {written(one.valid_after)}, so it cannot end before",
                hint="choose a later day",
            )
        end = b"\r" if lines[one.line - 1].endswith(b"\r") else b""
        lines[one.line - 1] = line_of(one.replace(valid_before=valid_before)).encode() + end
    return b"\n".join(lines)


def withdrawn(revoked: bytes, key: str) -> bytes:
    """The content of `revoked_keys` with one more key; as it was if that key is there.

    Raises:
        RefusedError: it is no public key.
    """
    kind, blob = one_key(key)
    return revoked if blob in read_revoked(revoked)[0] else _with_line(revoked, f"{kind} {blob}")


def _with_line(data: bytes, line: str) -> bytes:
    end = b"\r\n" if b"\r\n" in data else b"\n"
    kept = data + end if data and not data.endswith(b"\n") else data
    return kept + line.encode() + end


def moment(text: str) -> int:
    """A day (its first second, UTC) or a moment as 2027-01-31T12:00:00Z, in seconds since 1970.

    Raises:
        SddError: it is neither.
    """
    from contextlib import suppress
    from datetime import UTC, datetime

    for form in DATES:
        with suppress(ValueError):
            found = int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
            if found > 0:
                return found
    raise SddError(
        f"{text!r} is no day", hint="write it as 2027-01-31, or as 2027-01-31T12:00:00Z; both are UTC"
    )


def fingerprint(key: str) -> str:
    """What `ssh-keygen -l` calls a key, given by its blob in base64: short enough to be compared over the telephone."""
    from binascii import b2a_base64
    from hashlib import sha256

    digest = sha256(decoded(key) or b"").digest()
    return "SHA256:" + b2a_base64(digest, newline=False).decode().rstrip("=")


def usable(
    trusted: Snapshot, proposed: Snapshot, email: str, proof: str, now_epoch: int
) -> tuple[Signer, ...]:
    """The keys of a person that count now: listed in T, revoked neither there nor in what is proposed, fit for the proof."""
    gone = [read_revoked(_content(one, REVOKED))[0] for one in (trusted, proposed)]
    return tuple(
        one
        for one in _listed(trusted, email)
        if one.valid_at(now_epoch)
        and not any(one.key in keys for keys in gone)
        and (proof != "touch" or one.key_type.startswith(HARDWARE))
    )


def refuse_keyless(trusted: Snapshot, proposed: Snapshot, email: str, proof: str, now_epoch: int) -> None:
    """Refuse somebody none of whose keys could sign an approval that counts, and say why.

    Raises:
        RefusedError: no key is listed, or all are of another kind, revoked, or outside of their time.
    """
    if usable(trusted, proposed, email, proof, now_epoch):
        return
    listed = _listed(trusted, email)
    gone = {key for one in (trusted, proposed) for key in read_revoked(_content(one, REVOKED))[0]}
    enrol = f"sdd enrol {email} --key FILE.pub"
    if not listed and _listed(proposed, email):
        why = f"{email} is listed in {show(SIGNERS)} here, but not in {trusted.name}, which is what counts"
        raise RefusedError(why, hint=f"have {show(SIGNERS)} approved and merged first")
    if not listed:
        raise RefusedError(f"no key of {email} is listed in {show(SIGNERS)} of {trusted.name}", hint=enrol)
    if proof == "touch" and not any(one.key_type.startswith(HARDWARE) for one in listed):
        raise RefusedError(
            f"no key of {email} is a hardware key, and this gate takes a touch",
            hint=f"ssh-keygen -t ed25519-sk\n{enrol}",
        )
    told = "; ".join(f"line {one.line} is {_why(one, gone, now_epoch)}" for one in listed)
    raise RefusedError(
        f"no key of {email} in {show(SIGNERS)} of {trusted.name} counts now: {told}", hint=enrol
    )


def _why(one: Signer, gone: set[str], now_epoch: int) -> str:
    """What keeps a listed key from counting."""
    if one.key in gone:
        return "revoked"
    if one.valid_before and one.valid_before < now_epoch:
        return f"ended since {written(one.valid_before)}"
    return f"valid only from {written(one.valid_after)}" if one.valid_after > now_epoch else "of another kind"


def _listed(snapshot: Snapshot, email: str) -> list[Signer]:
    return [one for one in read(_content(snapshot, SIGNERS))[0] if one.email == email]


def _content(snapshot: Snapshot, path: bytes) -> bytes:
    return snapshot.read(path) if snapshot.is_file(path) else b""
