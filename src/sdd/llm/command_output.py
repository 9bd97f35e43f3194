"""Owns what an agent's output means by its preset: text, conversation, counts, errors; pure, over whatever bytes came."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sdd.llm.anthropic_events import proper
from sdd.llm.json_paths import fits, found
from sdd.llm.response import Usage

if TYPE_CHECKING:
    from sdd.llm.preset_form import Pick, Preset

COUNTS = ("input", "output", "cache_read", "cache_write")
GAP = "\n\n"  # between texts that are each whole
STRAY = 20  # lines that are no JSON, kept for who looks for a fault


class Reading:
    """The output of one call, as it comes in."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.events: list[Any] = []
        self.stray: list[str] = []
        self.text = ""
        self.finished = (
            not preset.finished
        )  # whether the line came that ends an answer, where there is such a line
        self._told: list[str] = []
        self._pieces: list[str] = []

    def feed(self, line: bytes) -> str:
        """Take a line of JSON; the piece of the answer that it brings, or an empty string."""
        try:
            event = json.loads(line, parse_constant=lambda _: None, parse_float=_float)
        except (ValueError, RecursionError):
            if line.strip() and len(self.stray) < STRAY:
                self.stray.append(line.decode("utf-8", "replace"))
            return ""
        return self.take(event)

    def take(self, event: Any) -> str:
        """Take a line that was read, or a whole document; the piece of the answer that it brings."""
        self.events.append(event)
        preset = self.preset
        if any(fits(event, where) for where in preset.anew):
            self._pieces, self.finished = [], not preset.finished
        self.finished = self.finished or any(fits(event, where) for where in preset.finished)
        new = _texts([event], preset.text)
        if new:
            self._pieces = [*self._pieces, *new] if preset.pieces else new[-1:]
            self.text = proper("".join(self._pieces))
        told = _texts([event], preset.so_far) if preset.so_far else new
        if not told:
            return ""
        gap = "" if preset.pieces or not self._told else GAP
        self._told.append(gap + "".join(told))
        return proper(self._told[-1])

    @property
    def so_far(self) -> str:
        """All text that came, for an answer that did not reach its end."""
        return proper("".join(self._told))

    @property
    def conversation(self) -> str | None:
        """The conversation's id."""
        return next(iter(_texts(self.events, self.preset.conversation)), None)

    @property
    def model(self) -> str | None:
        """The model that answered."""
        return next(iter(_texts(self.events, self.preset.model)), None)

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped."""
        return next(reversed(_texts(self.events, self.preset.stop_reason)), None)

    @property
    def errors(self) -> list[str]:
        """What went wrong, in the agent's words, each once."""
        return list(dict.fromkeys(_texts(self.events, self.preset.error)))

    @property
    def failed(self) -> bool:
        """Whether a line says that the call failed."""
        return any(fits(event, where) for where in self.preset.failed for event in self.events)

    @property
    def cost(self) -> Decimal | None:
        """USD as the agent tells them. None for 0, which is what agents say of a price that they do not know."""
        amounts = [each for each in _values(self.events, self.preset.cost) if _is_number(each)]
        return sum((Decimal(str(each)) for each in amounts), Decimal()) or None

    @property
    def counted(self) -> dict[str, int]:
        """The tokens as the agent counts them, of this call or of the conversation so far; what it does not tell is absent."""
        form = self.preset.usage
        told = {name: _values(self.events, getattr(form, name)) for name in COUNTS}
        counts = {
            name: sum(values)
            for name, values in told.items()
            if values and all(type(each) is int and each >= 0 for each in values)
        }
        if form.input_has_cache and "input" in counts:
            counts["input"] = max(0, counts["input"] - counts.get("cache_read", 0))
        return counts


def usage_of(
    counted: Mapping[str, int], preset: Preset, *, resumed: bool, before: Mapping[str, int] | None
) -> Usage | None:
    """The tokens of this call; None where they are not known.

    `before` is what an agent that counts the whole conversation had counted at the end of the call before. Where that is
    not known, or greater, this call's share is not known either.
    """
    if not counted:
        return None
    if preset.usage.counts == "call" or not resumed:
        return Usage(**counted)
    if before is None or any(counted[name] < before.get(name, counted[name] + 1) for name in counted):
        return None
    return Usage(**{name: count - before[name] for name, count in counted.items()})


def counted_in(raw: Any) -> dict[str, int] | None:
    """What an agent had counted of a conversation, as the raw data of its last Response has it: for `Request.counted`."""
    counted = raw.get("counted") if isinstance(raw, dict) else None
    if not isinstance(counted, dict) or not all(type(each) is int for each in counted.values()):
        return None
    return {str(name): count for name, count in counted.items()}


def _values(events: Iterable[Any], picks: Iterable[Pick]) -> list[Any]:
    """All that the picks find, in the order of the events."""
    return [
        each
        for event in events
        for pick in picks
        if fits(event, pick.where)
        for each in found(event, pick.at)
    ]


def _texts(events: Iterable[Any], picks: Iterable[Pick]) -> list[str]:
    return [proper(each) for each in _values(events, picks) if isinstance(each, str) and each]


def _float(text: str) -> float | None:
    """A number; None for one that JSON could not give back."""
    number = float(text)
    return number if math.isfinite(number) else None


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and value >= 0
