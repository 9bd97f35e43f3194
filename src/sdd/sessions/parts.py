"""Parts of a project by name (sessions, templates, plans, pages, settled keys), each read when it is asked for.

What was read is kept for a while: whoever goes through a large project holds some of it, and never all.
"""

from __future__ import annotations

from _collections_abc import (
    Mapping,
)  # what `collections.abc` hands on; the package around it costs a hook 1 ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    Part = TypeVar("Part")
else:
    Part = object  # `typing` costs a hook 6 ms

HELD = 2048  # parts that are kept
AHEAD = 128  # files that are read together where all are gone through


class Parts(Mapping[str, Part]):
    """A mapping whose values are made when they are asked for.

    `names` lists all, in order; `has` tells of one whether it is there, without that list; `make` makes it; `fetch` reads
    at once what several will need; `held` is how many are kept.
    """

    def __init__(
        self,
        names: Callable[[], Iterable[str]],
        has: Callable[[str], bool],
        make: Callable[[str], Part],
        fetch: Callable[[list[str]], object] = len,
        held: int = HELD,
    ) -> None:
        self._names = names
        self._has = has
        self._make = make
        self._fetch = fetch
        self._held = held
        self._all: list[str] | None = None
        self._made: dict[str, Part] = {}
        self._ahead = range(0)  # the places, in the list of all, of what was read ahead last

    def __getitem__(self, name: str) -> Part:
        if name not in self._made:
            if not self._has(name):
                raise KeyError(name)
            if len(self._made) >= self._held:
                self._made.clear()
            self._look_ahead(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def _look_ahead(self, name: str) -> None:
        """Where all were listed, somebody goes through them, and the next ones are wanted too."""
        if not self._all:
            self._fetch([name])
            return
        from bisect import bisect_left

        at = bisect_left(self._all, name)
        if at not in self._ahead:
            self._ahead = range(at, at + AHEAD)
            self._fetch(self._all[at : at + AHEAD])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._made or self._has(name))

    def __iter__(self) -> Iterator[str]:
        if self._all is None:
            self._all = list(self._names())
        return iter(self._all)

    def __len__(self) -> int:
        return sum(1 for _ in self)
