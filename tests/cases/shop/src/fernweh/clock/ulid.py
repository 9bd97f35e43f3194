"""Identifiers that sort by time: ULIDs, as https://github.com/ulid/spec has them."""

from __future__ import annotations

from secrets import randbits
from threading import Lock

from interfaces.clock import IClock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS = 80
LENGTH = 26


class UlidSource:
    """`IIdSource`: within one millisecond the random part counts up, so that order holds there too."""

    def __init__(self, clock: IClock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last = 0

    def new(self, prefix: str) -> str:
        """A new identifier, as `ord_01J9…`."""
        if not (prefix.isascii() and prefix.isalpha() and prefix.islower()):
            raise ValueError(f"{prefix!r} is no prefix: use letters from a to z")
        milliseconds = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            fresh = (milliseconds << RANDOM_BITS) | randbits(RANDOM_BITS)
            same = self._last >> RANDOM_BITS >= milliseconds
            self._last = self._last + 1 if same else fresh
            return f"{prefix}_{_encoded(self._last)}"


def _encoded(number: int) -> str:
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
