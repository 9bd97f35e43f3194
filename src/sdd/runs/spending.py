"""What may still be spent: held against the bounds of `[spending]` before each call, so that nothing is sent past one.

What a run of unknown cost means for a bound is decision 16.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdd.errors import WaitingError
from sdd.runs.spent import FREE, Spent, of, on_day
from sdd.values import Value

if TYPE_CHECKING:
    from decimal import Decimal

    from sdd.gates.picture import Picture
    from sdd.runs.choice import Ahead
    from sdd.runs.pending import Pending
    from sdd.runs.place import Place

MILLION = 1_000_000
SCOPES = {"run": "for this `sdd next`", "session": "for the session", "day": "for the day (UTC)"}


class Bound(Value):
    """A bound in USD, over what it reaches, and what is spent of it; `key` is what raises it."""

    scope: str
    usd: Decimal
    spent: Spent
    key: str


class Call(Value):
    """A call that is about to be made: `tokens` of its prompt, by estimate; `least` is what those cost, None if unknown."""

    session: str
    provider: str
    model: str
    tokens: int
    least: Decimal | None


def allowance(
    place: Place, picture: Picture, run: Pending, tokens: int, *, max_cost: Decimal | None, earlier: int
) -> Decimal | None:
    """What the call of a run may cost in USD, by the narrowest bound; None where there is none, or nobody is paid.

    `tokens` estimates its prompt; `max_cost` stands above the bound of a run, `earlier` is how many runs the session had before
    this `sdd next` began.

    Raises:
        WaitingError: a bound would be passed, or cannot be judged; nothing was sent.
        SddError: the table of prices cannot be read.
    """
    found = [] if run.provider in FREE else _bounds(place, picture, run, max_cost, earlier)
    if not found:
        return None
    call = _call(place, run, tokens)
    if call.least is None:
        place.say(f"the price of {call.model or call.provider} is not known: its cost counts once it is told")
    assumed = place.settings().spending.unknown
    for bound in found:
        _refuse_past(call, bound, assumed)
    for bound in found:
        if assumed is None and (max_cost is None or bound.scope == "run"):
            _refuse_unknown(call, bound)
    return min(bound.usd - bound.spent.total(assumed) for bound in found)


def least(place: Place, run: Ahead) -> Decimal | None:
    """What the prompt of a run costs in USD at the least, by an estimate of its tokens; None where its price is unknown.

    Raises:
        SddError: the table of prices cannot be read.
    """
    return None if run.provider in FREE else _call(place, run, run.prompt.tokens).least


def price_file(place: Place) -> str | None:
    """The path of the project's own table of prices, if `sdd.toml` names one."""
    own = place.settings().prices
    return None if own is None else str(Path(place.root, own))


def _bounds(
    place: Place, picture: Picture, run: Pending, max_cost: Decimal | None, earlier: int
) -> list[Bound]:
    spending = place.settings().spending
    sessions = picture.project.sessions
    own = sessions[run.session].runs
    found = []
    of_run = spending.run if max_cost is None else max_cost
    if of_run is not None:
        key = "`run` below [spending]" if max_cost is None else "--max-cost"
        found.append(Bound("run", of_run, of(own[earlier:]), key))
    if spending.session is not None:
        found.append(Bound("session", spending.session, of(own), "`session` below [spending]"))
    if spending.day is not None:
        responses = Path(place.repository.common_dir, "sdd", "responses")
        runs = (each for one in sessions.values() for each in one.runs)
        today = on_day(runs, responses, run.time[:10])
        found.append(Bound("day", spending.day, today, "`day` below [spending]"))
    return found


def _call(place: Place, run: Ahead | Pending, tokens: int) -> Call:
    from sdd.llm.prices import priced, table
    from sdd.llm.providers import load

    model = run.model or getattr(load(run.provider), "DEFAULT_MODEL", "")
    price = priced(model, table(price_file(place)))
    least = None if price is None else tokens * price.of(tokens).input / MILLION
    return Call(run.session, run.provider, model, tokens, least)


def _refuse_past(call: Call, bound: Bound, assumed: Decimal | None) -> None:
    spent = bound.spent.total(assumed)
    if spent < bound.usd and spent + (call.least or 0) <= bound.usd:
        return
    told = [f"{usd(spent)} is spent{_of_it(bound.spent, assumed)}"]
    if call.least is not None:
        size = f"about {call.tokens:,} tokens of prompt, by estimate"
        told.append(f"the next call costs at least {usd(call.least)} ({size})")
    where = "" if bound.key.startswith("--") else " in sdd.toml"
    look = f"sdd next {call.session} --max-cost USD" if bound.scope == "run" else "sdd log --costs --by day"
    raise WaitingError(
        f"nothing was sent, for the bound of {usd(bound.usd)} {SCOPES[bound.scope]} would be passed: {', '.join(told)}",
        hint=f"raise {bound.key}{where}\n{look}",
    )


def _of_it(spent: Spent, assumed: Decimal | None) -> str:
    told = []
    if spent.unknown:
        counted = "nothing" if assumed is None else f"{usd(assumed)} each"
        told.append(f"{spent.unknown} of {spent.runs} runs of unknown cost counted as {counted}")
    if spent.ahead:
        told.append(f"{spent.ahead} of them after today: is the clock right?")
    return f" ({'; '.join(told)})" if told else ""


def _refuse_unknown(call: Call, bound: Bound) -> None:
    spent = bound.spent
    if spent.unknown:
        raise WaitingError(
            f"nothing was sent, for the bound of {usd(bound.usd)} {SCOPES[bound.scope]} cannot be judged: "
            f"{spent.unknown} of {spent.runs} runs have no known cost, the others cost {usd(spent.known)}",
            hint="say what such a run counts for: `unknown = 0.25` below [spending] in sdd.toml\n"
            f"or go on once, within a bound of its own: sdd next {call.session} --max-cost 0.50",
        )


def usd(amount: Decimal) -> str:
    """An amount in US dollars: all its digits, and two of a cent at least."""
    text = format(amount.normalize(), "f")
    whole, _, part = text.partition(".")
    return f"${whole}.{part.ljust(2, '0')}"
