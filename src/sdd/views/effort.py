"""How much work a session is: words or a number with a unit, as hours; whatever else is said counts as medium, and is told."""

from __future__ import annotations

import re

DAY, WEEK = 8.0, 40.0
"""Hours of work."""
WORDS = {"small": DAY / 2, "s": DAY / 2, "medium": 2 * DAY, "m": 2 * DAY, "large": WEEK, "l": WEEK}
MEDIUM = WORDS["medium"]
NUMBERS = {
    "half a": 0.5,
    "half an": 0.5,
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
}
UNITS = {
    "m": 1 / 60,
    "min": 1 / 60,
    "minute": 1 / 60,
    "h": 1.0,
    "hour": 1.0,
    "d": DAY,
    "day": DAY,
    "w": WEEK,
    "week": WEEK,
}

_AMOUNT = re.compile(
    rf"(?P<number>[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
    rf"\s*(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})s?(?![a-z0-9])"
)
_WORD = re.compile(rf"(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})(?![a-z0-9])")


def hours(said: str) -> float | None:
    """The hours of work that words begin with ("half a day, about 250 lines" are 4), or None where they begin with no amount."""
    words = " ".join(said.casefold().replace(",", " ").split())
    amount = _AMOUNT.match(words)
    if amount:
        number = NUMBERS.get(amount["number"])
        return (float(amount["number"]) if number is None else number) * UNITS[amount["unit"]]
    word = _WORD.match(words)
    return WORDS[word.group()] if word else None


def told(amount: float) -> str:
    """Hours of work in words: "4 h", "2.5 days"."""
    if amount < DAY:
        return f"{amount:.2g} h"
    days = round(amount / DAY, 1)
    return f"{days:g} day{'' if days == 1 else 's'}"
