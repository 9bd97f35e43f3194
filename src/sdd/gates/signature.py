"""Signatures of approvals, by `ssh-keygen`; the only module that runs it.

Its exit code alone is never believed. What it gets to see is rendered from what was parsed here, so that no two
readers can disagree about a file; and the flags of a hardware key, which it does not look at, are read here (rule 11).
"""

from __future__ import annotations

from sdd.children import keyless
from sdd.errors import SddError
from sdd.gates.approval import written
from sdd.gates.signers import (
    NAMESPACE,
    blob_type,
    compact,
    decoded,
    line_of,
    read_revoked,
    wire_strings,
)
from sdd.gates.signers import read as read_signers
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterable, Sequence
    from subprocess import CompletedProcess

    from sdd.gates.signers import Signer

    Question = tuple[bytes, bytes, str, bytes, tuple[bytes, ...], *tuple[int, ...]]

LARGEST = 65536  # bytes; an RSA signature has some 3,000
REFUSED = 255  # how ssh-keygen ends when it refuses
TOUCHED = 0x01  # "user present" among the flags of a FIDO signature
HINT_MISSING = "install OpenSSH 9.1 or newer (Debian, Ubuntu: apt install openssh-client)"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"

# What was verified once in this process: the answers depend on nothing else, and one of ssh-keygen's costs 4 ms.
_verdicts: dict[Question, Verdict] = {}
_refusals: dict[tuple[object, ...], str] = {}


class Signed(Value):
    """What a signature says of itself: the key's blob in base64, namespace, flags (None without a hardware key)."""

    key: str
    namespace: str
    flags: int | None
    blob: bytes


class Verdict(Value):
    """Whether a signature is good, and if not, why (as a part of a sentence).

    `key` is the signing key's blob in base64 ("" if unreadable); `touched` tells whether a hardware key was touched, and
    is None for a key that no hardware holds.
    """

    ok: bool
    why: str
    key: str = ""
    touched: bool | None = None


def sign(data: bytes, key_path: str) -> bytes:
    """The signature of these bytes by the key in a file (or, for a `.pub` file, by the agent that holds it).

    `ssh-keygen` may ask for a passphrase or a touch at the terminal. From stdin to stdout: with a file it would keep an
    old signature and still exit 0.

    Raises:
        SddError: there is no ssh-keygen, or it did not sign.
    """
    from subprocess import PIPE

    done = _run(["-Y", "sign", "-n", NAMESPACE, "-f", key_path], data, stderr=None, stdout=PIPE)
    if done.returncode != 0 or not isinstance(parse(done.stdout), Signed):
        raise SddError(
            f"ssh-keygen -Y sign with the key {key_path} ended with {done.returncode} and no signature",
            hint="see what it printed; choose another key with --key FILE",
        )
    return bytes(done.stdout)


def verify(
    data: bytes,
    signature: bytes,
    email: str,
    signers: bytes,
    revoked: Sequence[bytes],
    *moments: int,
) -> Verdict:
    """Whether these bytes were signed for `approval@sdd` by a key that spoke for this person at each of these moments.

    `signers` is the content of `allowed_signers`, `revoked` that of every `revoked_keys` that counts, moments are in seconds
    since 1970 (UTC). A line among the revoked that is no key revokes everything (rule 6). `ssh-keygen` is asked once, at the
    first moment: no other one changes what was signed, and when a key counts is read here.

    Raises:
        SddError: there is no ssh-keygen, or one that is too old to be asked.
    """
    asked: Question = (data, signature, email, signers, tuple(revoked), *moments)
    if asked not in _verdicts:
        _verdicts[asked] = _verify(*asked)
    return _verdicts[asked]


def verify_all(questions: Iterable[Question]) -> None:
    """Find out at once, over the cores, what `verify` will be asked.

    Whatever cannot be found out is left to `verify`, so that it is told where it would be told without.
    """
    from collections import deque

    # One of several that differ only in later moments: the others find what `ssh-keygen` said of it.
    single = {tuple(one)[:6]: one for one in questions if one not in _verdicts}
    waiting = deque(single.values())
    count = min(len(waiting), _cores())
    if count < 2:  # noqa: PLR2004 - one alone has nobody to share with
        return
    from threading import Thread  # `subprocess` has it in memory already

    workers = [Thread(target=_work, args=(waiting,)) for _ in range(count)]
    try:
        for one in workers:
            one.start()
        for one in workers:
            one.join()
    finally:
        waiting.clear()  # after Ctrl-C nobody begins with another one


def _work(waiting: deque[Question]) -> None:
    while waiting:
        try:
            verify(*waiting.popleft())
        except Exception:  # noqa: BLE001 - `verify` will tell, where it is asked; IndexError: another one took the last
            waiting.clear()


def _cores() -> int:
    from os import cpu_count

    return cpu_count() or 1


def parse(signature: bytes) -> Signed | str:
    """What a signature file says, or why it cannot be read. Format: OpenSSH's PROTOCOL.sshsig."""
    blob = _unarmoured(signature)
    if blob is None or not blob.startswith(b"SSHSIG\0\0\0\1"):
        return "the signature is no SSH signature"
    parts = wire_strings(blob[10:])
    if parts is None or len(parts) != 5:  # noqa: PLR2004 - key, namespace, reserved, hash, signature
        return "the signature cannot be read"
    key, namespace, _, _, signed = parts
    key_type = blob_type(key)
    flags = _flags(signed, key_type) if key_type.startswith("sk-") else None
    if not key_type or (key_type.startswith("sk-") and flags is None):
        return "the signature is of a kind that is not accepted"
    from binascii import b2a_base64

    return Signed(b2a_base64(key, newline=False).decode(), namespace.decode("utf-8", "replace"), flags, blob)


def _verify(
    data: bytes,
    signature: bytes,
    email: str,
    signers: bytes,
    revoked: tuple[bytes, ...],
    *moments: int,
) -> Verdict:
    signed = parse(signature)
    if isinstance(signed, str):
        return Verdict(ok=False, why=signed)
    lines = [one for one in read_signers(signers)[0] if one.email == email and one.key == signed.key]
    first, *later = moments
    why = _objection(signed, email, lines, revoked, first)
    why = why or _refused(data, signed, email, lines, revoked, first)
    why = why or next(filter(None, (_objection(signed, email, lines, revoked, one) for one in later)), "")
    touched = None if signed.flags is None else bool(signed.flags & TOUCHED)
    return Verdict(ok=not why, why=why, key=signed.key, touched=touched)


def _refused(
    data: bytes, signed: Signed, email: str, lines: list[Signer], revoked: tuple[bytes, ...], at_epoch: int
) -> str:
    """What `ssh-keygen` says at that moment, whose word on the same bytes, key and person is asked for once."""
    asked = (data, signed.blob, email, tuple(map(line_of, lines)), revoked, at_epoch)
    if asked not in _refusals:
        _refusals[asked] = _refusal(data, signed, email, lines, revoked, at_epoch)
    return _refusals[asked]


def _objection(
    signed: Signed, email: str, lines: Sequence[Signer], revoked: Sequence[bytes], at_epoch: int
) -> str:
    """Why a signature counts for nothing whatever `ssh-keygen` may say, or an empty string."""
    withdrawn = [read_revoked(content) for content in revoked]
    if signed.namespace != NAMESPACE:
        return f"it was signed for {signed.namespace!r} and not for {NAMESPACE!r}"
    if any(findings for _, findings in withdrawn):
        return "revoked_keys holds a line that is no key, so no key counts"
    if any(signed.key in keys for keys, _ in withdrawn):
        return "its key is revoked"
    if not lines:
        return f"its key is not listed for {email} in allowed_signers"
    if at_epoch <= 0 or not any(line.valid_at(at_epoch) for line in lines):
        return f"its key was not valid at {written(at_epoch)}"
    return ""


def _refusal(
    data: bytes, signed: Signed, email: str, lines: Sequence[Signer], revoked: Sequence[bytes], at_epoch: int
) -> str:
    """Why `ssh-keygen` refuses a signature, or an empty string.

    Of the revoked keys it gets those that are listed as signers: what a stranger may add there can then not make it
    fail for everybody (a point off its curve would).
    """
    from pathlib import Path  # `tempfile` has it in memory already
    from subprocess import PIPE
    from tempfile import TemporaryDirectory

    listed = {line.key: line.key_type for line in lines}
    withdrawn = [
        f"{listed[key]} {key}" for content in revoked for key in read_revoked(content)[0] & listed.keys()
    ]
    files = {
        "signers": "\n".join([*map(line_of, lines), ""]),
        "revoked": "\n".join([*withdrawn, ""]),
        "signature": armoured(signed.blob),
    }
    with TemporaryDirectory(prefix="sdd-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content.encode())
        signers, gone, signature = (str(Path(folder, name)) for name in files)
        argv = ["-Y", "verify", "-n", NAMESPACE, "-I", email, "-f", signers, "-r", gone, "-s", signature]
        done = _run([*argv, f"-Overify-time={compact(at_epoch)}"], data, stderr=PIPE, stdout=PIPE)
    return _told(done)


def _told(done: CompletedProcess[bytes]) -> str:
    """The answer of `ssh-keygen -Y verify`, by its exit code and words."""
    if done.returncode == 0:
        return ""
    words = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != REFUSED:
        raise SddError(f"ssh-keygen -Y verify ended with {done.returncode}: {words[:200]}", hint=HINT_MISSING)
    if "verify-time" in words:  # 8.9 knows no time with Z, 8.6 no time at all
        raise SddError("this ssh-keygen is too old: it cannot verify at a time in UTC", hint=HINT_MISSING)
    return f"it does not fit the record ({words.partition(chr(10))[0].strip()})"


def armoured(blob: bytes) -> str:
    """A signature's blob as the text that `ssh-keygen` writes."""
    from binascii import b2a_base64

    text = b2a_base64(blob, newline=False).decode()
    return "\n".join([_BEGIN, *(text[at : at + 70] for at in range(0, len(text), 70)), _END, ""])


def _unarmoured(signature: bytes) -> bytes | None:
    """The blob in a signature file's text, or None where it is not of the one form."""
    if len(signature) > LARGEST:
        return None
    lines = signature.decode("ascii", "replace").replace("\r\n", "\n").rstrip("\n").split("\n")
    return decoded("".join(lines[1:-1])) if lines[0] == _BEGIN and lines[-1] == _END else None


def _flags(signed: bytes, key_type: str) -> int | None:
    """The flags in a hardware key's signature: its type, the signature proper, one byte of flags, a counter of four."""
    name = key_type.encode()
    head = len(name).to_bytes(4, "big") + name
    if not signed.startswith(head):
        return None
    start = len(head) + 4
    rest = signed[start + int.from_bytes(signed[len(head) : start], "big") :]
    return rest[0] if len(rest) == 5 else None  # noqa: PLR2004 - flags and counter


def _run(
    arguments: Sequence[str], data: bytes, *, stdout: int, stderr: int | None
) -> CompletedProcess[bytes]:
    from os import environ
    from subprocess import run

    try:
        return run(
            [_program(), *arguments],
            input=data,
            stdout=stdout,
            stderr=stderr,
            env={**keyless(environ), "LC_ALL": "C"},
            check=False,
        )
    except OSError as error:
        raise SddError(f"ssh-keygen cannot be run: {error}", hint=HINT_MISSING) from None


def _program() -> str:
    """Where `ssh-keygen` is: only absolute folders count, so that no file of the repository is ever run."""
    import os
    from pathlib import Path  # `tempfile` needs it too, where anything is verified

    name = "ssh-keygen.exe" if os.name == "nt" else "ssh-keygen"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        found = Path(folder, name)
        if found.is_absolute() and os.access(found, os.X_OK):
            return str(found)
    raise SddError("there is no ssh-keygen on the PATH", hint=HINT_MISSING)
