"""Digests without `hashlib`, whose import takes a hook 3 ms; the same functions, from the modules that it uses itself."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def new(algorithm: str) -> Any:
    """A new hash: "sha1", "sha256" or "blake2b" (32 bytes)."""
    if "hashlib" not in sys.modules:
        try:
            return _light(algorithm)
        except ImportError:  # another Python than CPython, or a newer one, keeps them elsewhere
            pass
    import hashlib

    if algorithm == "blake2b":
        return hashlib.blake2b(digest_size=32)
    return hashlib.new(algorithm, usedforsecurity=False)


def _light(algorithm: str) -> Any:
    """The same from the module that `hashlib` would take it from where OpenSSL is not there."""
    if algorithm == "blake2b":
        return __import__("_blake2").blake2b(digest_size=32)
    known = {"sha1": "_sha1", "sha256": "_sha2" if sys.version_info >= (3, 12) else "_sha256"}
    return getattr(__import__(known[algorithm]), algorithm)(usedforsecurity=False)


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    made = new("sha256")
    made.update(data)
    return str(made.hexdigest())


def digest(*parts: bytes) -> bytes:
    """The BLAKE2b of some parts, each with its length before it, so that no two lists of parts are alike."""
    found = new("blake2b")
    for part in parts:
        found.update(b"%d:" % len(part))
        found.update(part)
    return bytes(found.digest())


def sealed(key: bytes, *parts: bytes) -> bytes:
    """The keyed BLAKE2b of some parts, as `digest`: without the key nobody makes one that fits."""
    return digest(key, digest(key, *parts))
