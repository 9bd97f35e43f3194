"""The whole table of attacks, and what still gets through."""

from __future__ import annotations

from stories.attacks import code, elsewhere, past, records, trust
from stories.attacks.limits import LIMITS

__all__ = ["LIMITS", "ROWS"]

ROWS = (*records.ROWS, *trust.ROWS, *code.ROWS, *past.ROWS, *elsewhere.ROWS)
