"""People with real SSH keys, what they approve, and a hardware key forged in software."""

from __future__ import annotations

import hashlib
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from sdd.gates import approval, signature, signers
from sdd.gates.approval import Approval
from sdd.snapshot import blob_id

NOW = 1795255200  # 2026-11-21T10:00:00Z
DAY = 86400


class Person(NamedTuple):
    """Somebody with a key; `public` is what stands in the `.pub` file."""

    email: str
    key: Path
    public: str

    @classmethod
    def make(cls, folder: Path, name: str) -> Person:
        """A person at example.org with a new Ed25519 key in this folder."""
        key = folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
        return cls(f"{name}@example.org", key, key.with_suffix(".pub").read_text().strip())

    @property
    def line(self) -> str:
        """This person's line of `allowed_signers`."""
        return signers.line_for(self.email, self.public)

    def sign(self, data: bytes) -> bytes:
        """A real signature for `approval@sdd`."""
        return signature.sign(data, str(self.key))


def record(
    document: bytes, content: bytes, approver: str, approved_at: int = NOW, **other: object
) -> Approval:
    """A record of the project "shop" for the gate "spec"; `other` replaces its fields."""
    made = Approval(
        project="shop",
        gate="spec",
        document=document,
        sha256=hashlib.sha256(content).hexdigest(),
        blob=blob_id(content),
        approver=approver,
        approved_at=approved_at,
    )
    return made.replace(**other)


def filed(made: Approval, signer: Person | None) -> Mapping[bytes, bytes]:
    """The files of a record: itself and, where somebody signs it, the signature."""
    place = approval.path(made.gate, made.document, made.approver)
    data = approval.render(made)
    return {place: data} | ({approval.signature_path(place): signer.sign(data)} if signer else {})


class SoftKey:
    """A `sk-ssh-ed25519` key with no hardware behind it, made and used in plain Python (RFC 8032)."""

    def __init__(self, seed: bytes = b"\7" * 32) -> None:
        digest = hashlib.sha512(seed).digest()
        self._scalar = int.from_bytes(digest[:32], "little") & ~7 & ~(1 << 255) | 1 << 254
        self._prefix = digest[32:]
        self._point = _encoded(_times(self._scalar, _BASE))
        self.blob = wire(_SK, self._point, b"ssh:")
        self.public = f"{_SK.decode()} {base64_of(self.blob)}"

    def sign(self, data: bytes, flags: int, namespace: bytes = b"approval@sdd") -> bytes:
        """A signature as a key would give it whose flags are these: 1 for a touch, 4 for a PIN, 0 for neither."""
        digest = hashlib.sha512(data).digest()
        message = b"SSHSIG" + wire(namespace, b"", b"sha512", digest)
        tail = bytes([flags]) + (1).to_bytes(4, "big")
        asserted = hashlib.sha256(b"ssh:").digest() + tail + hashlib.sha256(message).digest()
        signed = wire(_SK, self._sign(asserted)) + tail
        blob = b"SSHSIG" + (1).to_bytes(4, "big") + wire(self.blob, namespace, b"", b"sha512", signed)
        return signature.armoured(blob).encode()

    def _sign(self, message: bytes) -> bytes:
        once = int.from_bytes(hashlib.sha512(self._prefix + message).digest(), "little") % _ORDER
        first = _encoded(_times(once, _BASE))
        challenge = int.from_bytes(hashlib.sha512(first + self._point + message).digest(), "little")
        return first + ((once + challenge * self._scalar) % _ORDER).to_bytes(32, "little")


def base64_of(blob: bytes) -> str:
    """A key's blob as it stands in files."""
    return b64encode(blob).decode()


def wire(*parts: bytes) -> bytes:
    """Strings as SSH puts them into a blob."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


_Point = tuple[int, int]
_SK = b"sk-ssh-ed25519@openssh.com"
_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
_BASE: _Point = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def _sum(one: _Point, other: _Point) -> _Point:
    product = _D * one[0] * other[0] * one[1] * other[1]
    x = (one[0] * other[1] + other[0] * one[1]) * pow(1 + product, -1, _PRIME)
    y = (one[1] * other[1] + one[0] * other[0]) * pow(1 - product, -1, _PRIME)
    return x % _PRIME, y % _PRIME


def _times(factor: int, point: _Point) -> _Point:
    total = (0, 1)
    while factor:
        if factor & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        factor >>= 1
    return total


def _encoded(point: _Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")
