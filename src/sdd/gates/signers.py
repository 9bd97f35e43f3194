"""Who may sign: `.sdd/allowed_signers` and `.sdd/revoked_keys`, in OpenSSH's own formats, read more strictly.

A line of `allowed_signers` counts only if it names one plain e-mail address and `namespaces="approval@sdd"`, and if its
times end in `Z` (rule 10): OpenSSH itself would take a line without a namespace for every namespace, a pattern for
everyone, and a time without `Z` for the local time of whoever verifies.
"""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding
from sdd.gates.approval import is_email, written
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNERS, REVOKED = b".sdd/allowed_signers", b".sdd/revoked_keys"
NAMESPACE = "approval@sdd"
SIGNER_LINE, REVOKED_LINE = "SDD702", "SDD703"
LARGEST = 1 << 20  # bytes; ten thousand keys

UNCOMPRESSED = 4  # the first byte of a point that gives both coordinates

_CURVES = {  # the curve's name, and the bytes of an uncompressed point
    b"ecdsa-sha2-nistp256": (b"nistp256", 65),
    b"ecdsa-sha2-nistp384": (b"nistp384", 97),
    b"ecdsa-sha2-nistp521": (b"nistp521", 133),
    b"sk-ecdsa-sha2-nistp256@openssh.com": (b"nistp256", 65),
}
_LINE = r"(\S+)[ \t]+(?:(\S+)[ \t]+)??([a-z0-9@.-]+[ \t]+[A-Za-z0-9+/]+={0,2})(?:[ \t].*)?"
_TIME = r'(valid-after|valid-before)=("?)(\d{8}(?:\d{4}(?:\d\d)?)?)Z\2'


class Signer(Value):
    """One key of one person. `key` is its blob in base64, the same text for the same key.

    Times are in seconds since 1970 (UTC), 0 where there is none; the key counts from `valid_after` to `valid_before`,
    both included.
    """

    email: str
    key_type: str
    key: str
    valid_after: int = 0
    valid_before: int = 0
    line: int = 0

    def valid_at(self, epoch: int) -> bool:
        """Whether the key counts at this moment."""
        return self.valid_after <= epoch and (not self.valid_before or epoch <= self.valid_before)


def read(data: bytes) -> tuple[tuple[Signer, ...], tuple[Finding, ...]]:
    """The signers that count, and a finding (SDD702) for each line that counts for nobody or shares a key."""
    if len(data) > LARGEST:
        return (), (_signer_finding(0, f"has more than {LARGEST} bytes"),)
    signers: list[Signer] = []
    findings: list[Finding] = []
    owners: dict[str, Signer] = {}
    for number, text in _lines(data):
        found = _signer(number, text)
        if isinstance(found, str):
            findings.append(_signer_finding(number, f"this line counts for nobody: {found}"))
            continue
        signers.append(found)
        owner = owners.setdefault(found.key, found)
        if owner.email != found.email:
            told = f"{found.email} has the same key as {owner.email} (line {owner.line}); together they count once"
            findings.append(_signer_finding(number, told))
    return tuple(signers), tuple(findings)


def read_revoked(data: bytes) -> tuple[frozenset[str], tuple[Finding, ...]]:
    """The revoked keys as in `Signer.key`, and a finding (SDD703) for each line that is no key."""
    hint = "write one public key a line, as in an id_ed25519.pub"
    if len(data) > LARGEST:
        return frozenset(), (Finding(REVOKED_LINE, REVOKED, 0, f"has more than {LARGEST} bytes", hint),)
    keys = [(number, public_key(text)) for number, text in _lines(data)]
    findings = (
        Finding(REVOKED_LINE, REVOKED, number, "this line is no public key", hint)
        for number, key in keys
        if key is None
    )
    return frozenset(key[1] for _, key in keys if key), tuple(findings)


def line_for(email: str, key: str, valid_before: int = 0) -> str:
    """The line of `allowed_signers` (without a newline) that lets this public key sign for this person.

    `key` is what a `.pub` file holds; `valid_before` is in seconds since 1970, 0 for no end.

    Raises:
        SddError: that is no plain e-mail address, or no public key.
    """
    if not is_email(email):
        raise SddError(f"{email!r} is no plain e-mail address", hint="use one like alice@example.org")
    found = public_key(key.strip())
    if found is None:
        raise SddError(
            "that is no SSH public key",
            hint="give the .pub file: sdd enrol EMAIL --key ~/.ssh/id_ed25519.pub",
        )
    return line_of(Signer(email, *found, valid_before=valid_before))


def line_of(signer: Signer) -> str:
    """A signer as a line of `allowed_signers`, in the one form that both OpenSSH and sdd take."""
    options = [f'namespaces="{NAMESPACE}"']
    options += [f'valid-after="{compact(signer.valid_after)}"'] if signer.valid_after else []
    options += [f'valid-before="{compact(signer.valid_before)}"'] if signer.valid_before else []
    return f"{signer.email} {','.join(options)} {signer.key_type} {signer.key}"


def compact(epoch: int) -> str:
    """Seconds since 1970 as OpenSSH writes times: 20261121101500Z."""
    return "".join(sign for sign in written(epoch) if sign not in "-:T")


def public_key(text: str) -> tuple[str, str] | None:
    """Type and canonical base64 of a public key line ("ssh-ed25519 AAAA… comment"), or None if it is none.

    One key has one text: encodings that differ (spare bits in base64, zeros before an RSA number) are refused, so that
    comparing texts compares keys. Certificates and DSA keys are refused too.
    """
    parts = text.split(None, 2)
    if len(parts) < 2:  # noqa: PLR2004 - type and key
        return None
    blob = decoded(parts[1])
    return (parts[0], parts[1]) if blob is not None and blob_type(blob) == parts[0] else None


def decoded(text: str) -> bytes | None:
    """The bytes of a base64 text, or None where it is not exactly what encoding them gives."""
    from binascii import Error, a2b_base64, b2a_base64

    try:
        data = a2b_base64(text, strict_mode=True)
    except (Error, ValueError):  # ValueError: not ASCII
        return None
    return data if b2a_base64(data, newline=False) == text.encode() else None


def blob_type(blob: bytes) -> str:
    """The type of a public key's blob, or an empty string where it is none of a known type in canonical form."""
    parts = wire_strings(blob)
    if not parts:
        return ""
    name, *rest = parts
    if name.startswith(b"sk-") and rest and not _is_application(rest.pop()):
        return ""
    return name.decode("ascii", "replace") if _fits(name, rest) else ""


def wire_strings(blob: bytes) -> list[bytes] | None:
    """The strings that a blob consists of (each a length of four bytes, big end first, then as many bytes)."""
    parts = []
    while blob:
        length = int.from_bytes(blob[:4], "big")
        if len(blob) < 4 + length:
            return None
        parts.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    return parts


def _fits(name: bytes, parts: list[bytes]) -> bool:
    """Whether these are the numbers of a key of this type, apart from a hardware key's application."""
    if name in {b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"}:
        return [len(part) for part in parts] == [32]
    if name == b"ssh-rsa":
        return len(parts) == 2 and all(_is_number(part) for part in parts)  # noqa: PLR2004 - exponent and modulus
    curve, length = _CURVES.get(name, (b"", 0))
    return len(parts) == 2 and parts[0] == curve and len(parts[1]) == length and parts[1][0] == UNCOMPRESSED  # noqa: PLR2004 - curve and point


def _is_number(part: bytes) -> bool:
    """Whether this is a positive number in its shortest form."""
    return part[:1] < b"\x80" and bool(part.lstrip(b"\0")) and (part[0] != 0 or part[1] >= 0x80)  # noqa: PLR2004 - sign bit


def _is_application(part: bytes) -> bool:
    return bool(part) and all(0x21 <= byte < 0x7F for byte in part)  # noqa: PLR2004 - visible ASCII


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers from 1."""
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        text = line.strip(" \t\r")
        if text and not text.startswith("#"):
            yield number, text


def _signer(number: int, text: str) -> Signer | str:
    """The signer of a line, or why the line counts for nobody."""
    import re  # `tomllib` has it in memory already

    form = re.fullmatch(_LINE, text)
    if form is None:
        return "it is not of the form EMAIL OPTIONS KEY"
    email, options, key_text = form.groups()
    if not is_email(email):
        return f"{email!r} is not one plain e-mail address (no patterns, no lists)"
    key = public_key(key_text)
    if key is None:
        return "its key cannot be read"
    times = _times((options or "").split(","))
    if isinstance(times, str):
        return times
    return Signer(email, *key, valid_after=times[0], valid_before=times[1], line=number)


def _times(options: list[str]) -> tuple[int, int] | str:
    """From when and until when the options let a key count, or why they do not."""
    needed = f'namespaces="{NAMESPACE}"'
    if options.count(needed) != 1:
        return f"it needs {needed}"
    times = {"valid-after": 0, "valid-before": 0}
    for option in options:
        if option == needed:
            continue
        found = _time(option)
        if found is None or times[found[0]]:
            return f"the option {option!r} is not one of valid-after=…Z and valid-before=…Z, each once"
        times[found[0]] = found[1]
    after, before = times.values()
    return (after, before) if not before or after < before else "it ends before it begins"


def _time(option: str) -> tuple[str, int] | None:
    """The name and the moment of an option that limits a key's time."""
    import re  # `tomllib` has them both in memory already
    from datetime import UTC, datetime

    form = re.fullmatch(_TIME, option, re.ASCII)
    if form is None:
        return None
    digits = form[3].ljust(14, "0")
    try:
        year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
        hour, minute, second = int(digits[8:10]), int(digits[10:12]), int(digits[12:14])
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return (form[1], int(moment.timestamp())) if moment.timestamp() > 0 else None


def _signer_finding(line: int, message: str) -> Finding:
    hint = "write the line that sdd enrol EMAIL --key KEY.pub prints"
    return Finding(SIGNER_LINE, SIGNERS, line, message, hint)
