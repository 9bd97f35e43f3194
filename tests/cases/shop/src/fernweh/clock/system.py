"""The machine's clock, kept from going back."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock


class SystemClock:
    """`IClock`: where the machine's clock is set back, time stands still until that is made up for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The time, in UTC."""
        with self._lock:
            self._last = max(self._last, datetime.now(UTC))
            return self._last
