"""Components that need each other in a ring (SDD185), and the one need among them that is the least work to cut."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sdd.contracts.pairs import Pair, is_part
from sdd.contracts.reading import contract, parts, path_of, text_at
from sdd.contracts.sections import DEPENDENCIES, names
from sdd.findings import Finding
from sdd.sessions.links import file_of
from sdd.sessions.order import ordered
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sdd.contracts.reading import Contract
    from sdd.snapshot import Snapshot


class Uses(Value):
    """What a contract's component needs: `words` are the names in what it says of its dependencies, `named` the contracts that its session names."""

    contract: str
    implementation: str
    line: int
    names: tuple[str, ...]
    words: tuple[str, ...]
    named: tuple[str, ...]


def uses(snapshot: Snapshot, one: Pair, named: Iterable[str]) -> Uses:
    """What the component of a contract needs, by the contract, and by what its session has `named`."""
    found = contract(snapshot, one.contract)
    return Uses(one.contract, one.implementation, found.line, found.names, needed(found), tuple(named))


def reached(every: Iterable[Pair], start: Iterable[Pair], look: Callable[[Pair], Uses]) -> list[Uses]:
    """What some components need, and what those need in turn. A contract that is a whole file is always looked at: only then its names are known."""
    by_name: dict[str, list[Pair]] = {}
    wholes: list[Pair] = []
    for one in every:
        _, sign, rest = parts(one.contract)
        by_name.setdefault(rest, []).append(one)
        wholes += [] if sign == "::" else [one]
    found: dict[Pair, Uses] = {}
    waiting = [*start, *wholes]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = told = look(one)
            waiting += [other for word in told.words for other in by_name.get(word, ())]
            waiting += [
                other for others in by_name.values() for other in others if _names(told.named, other.contract)
            ]
    return [found[one] for one in sorted(found, key=lambda each: each.as_tuple())]


def needed(found: Contract) -> tuple[str, ...]:
    """The names in what a contract says of its dependencies, and in the types that its constructor takes."""
    said = names(found.told.get(DEPENDENCIES, ""))
    makers = (own.members["__init__"] for own in found.classes.values() if "__init__" in own.members)
    said |= {name for made in makers for each in made.parameters for name in names(each.type)}
    return tuple(sorted(said))


def edges(known: Sequence[Uses]) -> dict[str, list[str]]:
    """The contracts that each contract's component needs, among the known ones."""
    by_name: dict[str, str] = {}
    for one in known:
        for name in one.names:
            by_name.setdefault(name, one.contract)
    found: dict[str, set[str]] = {one.contract: set() for one in known}
    for one in known:
        found[one.contract] |= {by_name[word] for word in one.words if word in by_name}
        found[one.contract] |= {other.contract for other in known if _names(one.named, other.contract)}
        found[one.contract].discard(one.contract)
    return {name: sorted(needs) for name, needs in found.items()}


def _names(named: Iterable[str], other: str) -> bool:
    return any(one == other or (one == file_of(one) and is_part(one, other)) for one in named)


def findings(snapshot: Snapshot, known: Sequence[Uses], among: Iterable[str] | None = None) -> list[Finding]:
    """The rings among some contracts; with `among` only those in which one of these stands."""
    needs = edges(known)
    by_contract = {one.contract: one for one in reversed(known)}
    wanted = None if among is None else {*among}
    rings = [ring for ring in ordered(needs)[1] if wanted is None or not wanted.isdisjoint(ring)]
    return [_finding(snapshot, ring, by_contract) for ring in rings]


def _finding(snapshot: Snapshot, ring: Sequence[str], known: Mapping[str, Uses]) -> Finding:
    counted = [(_members(snapshot, known[one], known[other]), one, other) for one, other in pairwise(ring)]
    members, one, other = min(counted, key=lambda each: (len(each[0]), each[1:]))
    used_ = (
        f"of which it uses {', '.join(f'`{name}`' for name in members)}"
        if members
        else "of which it names nothing"
    )
    hint = (
        f"cut `{_short(one)} → {_short(other)}`, {used_}: let {_short(other)} be told by an event that {_short(one)} publishes, "
        "or put a narrower interface between them"
    )
    what = f"components need each other: {' → '.join(map(_short, ring))}"
    return Finding("SDD185", path_of(ring[0]), known[ring[0]].line, what, hint)


def _short(selector: str) -> str:
    path, _, rest = parts(selector)
    return rest or path


def _members(snapshot: Snapshot, one: Uses, other: Uses) -> list[str]:
    """The members of one contract that another's component uses: by its implementation where there is one, else by its words."""
    wanted = contract(snapshot, other.contract)
    known = {name for own in wanted.classes.values() for name in own.members if not name.startswith("_")}
    text, problem = text_at(snapshot, path_of(one.implementation))
    if problem:
        text, problem = text_at(snapshot, path_of(one.contract))
    return sorted(known & _called(text))


def _called(text: str) -> set[str]:
    """What stands behind a dot: `catalog.price(sku)`."""
    import re

    return set(re.findall(r"\.\s*([A-Za-z_]\w*)", text))
