"""The types and errors of the project that a contract speaks of: whoever reads it has to know them too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.contracts.interface import Class
from sdd.contracts.names import Names
from sdd.contracts.reading import PYTHON, contract, parts
from sdd.contracts.sections import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.contracts.interface import Member
    from sdd.snapshot import Snapshot

MOST = 200


def support(snapshot: Snapshot, selectors: Iterable[str]) -> list[str]:
    """Selectors of the classes and variables that Python contracts name, and of what these name in turn, each once, sorted."""
    found: dict[str, None] = {}
    known = [*selectors]
    meant = Names(snapshot)
    waiting = [selector for selector in known if parts(selector)[0].endswith(PYTHON)]
    while waiting and len(found) < MOST:
        one = contract(snapshot, waiting.pop(0))
        held: list[Class | Member] = [*one.classes.values(), *one.functions.values()]
        for word in sorted({word for each in held for word in _words(each)}):
            home = meant.home(one.module, word)
            selector = f"{home[0].path.decode('utf-8', 'surrogateescape')}::{home[1]}" if home else ""
            if selector and selector not in found and selector not in known:
                found[selector] = None
                waiting.append(selector)
    return sorted(found)


def _words(one: Class | Member) -> Iterator[str]:
    """The names in the types, bases and errors of a class or function, and the constants that its words name."""
    yield from (word for word in names(one.doc) if word.isupper() and "_" in word)
    if isinstance(one, Class):
        for text in one.bases:
            yield from names(text)
        for member in one.members.values():
            yield from _words(member)
        return
    for text in (one.type, *(each.type for each in one.parameters), *one.raises):
        yield from names(text)
