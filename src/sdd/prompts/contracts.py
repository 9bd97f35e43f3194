"""The contracts that a session works against beside its own: what each says, who makes it, and how to come by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.contracts.cycles import needed
from sdd.contracts.pairs import is_part, makers, pairs
from sdd.contracts.pairs import used as named_by
from sdd.contracts.reading import MARKDOWN, PYTHON, contract, parts, path_of
from sdd.contracts.sections import DEPENDENCIES, entries
from sdd.contracts.support import support
from sdd.errors import SddError
from sdd.globs import matching
from sdd.prompts.places import installed
from sdd.prompts.prompt import Part, part
from sdd.prompts.selectors import select
from sdd.watched import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from sdd.contracts.pairs import Pair
    from sdd.contracts.reading import Contract
    from sdd.prompts.excerpt import Excerpt
    from sdd.sessions.project import Project
    from sdd.sessions.state import State
    from sdd.snapshot import Snapshot

SECTION = "Interfaces"


def used(project: Project, states: Mapping[str, State], name: str, every: Sequence[Pair]) -> Iterator[Part]:
    """The contracts that a session uses: each with who implements it, or will, and verbatim where its keys do not name it already.

    Those are the ones that its `interfaces` and `reads` name, that its own contracts depend on, and that the sessions it needs
    implement. Then come the types and errors of the project that all of these, and its own contracts, speak of. `every` are the
    pairs of all sessions.
    """
    own = [one.contract for one in pairs(project, name)]
    words, taken = _said(project.snapshot, own)
    wanted = _wanted(project, name, every, own, words)
    shown = (*project.texts(name, "interfaces"), *project.texts(name, "reads"))
    named = {*named_by(project, name)}
    for selector in wanted:
        is_named = selector in named or parts(selector)[2] in words
        injection = _injection(selector, taken, is_named=is_named)
        yield Part(SECTION, _note(states, makers(every, selector), selector, injection))
        if not _is_shown(selector, shown):
            yield from (part(SECTION, excerpt) for excerpt in _excerpts(project, selector))
    known = (*own, *wanted)
    for selector in _kept(project.snapshot, "support", known, lambda files: tuple(support(files, known))):
        if not _is_shown(selector, (*shown, *known)):
            yield from (part(SECTION, excerpt) for excerpt in _excerpts(project, selector))


def _kept(
    snapshot: Snapshot, kind: str, selectors: Sequence[str], find: Callable[[Snapshot], tuple[Any, ...]]
) -> tuple[Any, ...]:
    """What is found of some contracts; to read them takes griffe, and 5 ms each."""
    if not selectors:
        return ()
    asked = (one.encode("utf-8", "surrogateescape") for one in selectors)
    found: tuple[Any, ...] = kept(snapshot, kind, (installed("griffe"), *asked), find)
    return found


def _said(snapshot: Snapshot, own: Sequence[str]) -> tuple[Collection[str], Sequence[tuple[str, str]]]:
    """The names that a session's own contracts need, and what they are given: parameters, or entries, and their types."""
    told = _kept(snapshot, "said", own, lambda files: tuple(_says(contract(files, one)) for one in own))
    return {word for words, _ in told for word in words}, [one for _, taken in told for one in taken]


def _says(one: Contract) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    return needed(one), tuple(_dependencies(one))


def _wanted(
    project: Project, name: str, every: Sequence[Pair], own: Collection[str], words: Collection[str]
) -> list[str]:
    needs = {*project.needs(name)}
    found = [one for one in named_by(project, name) if _is_contract(project, one)]
    found += [one.contract for one in every if one.session in needs or parts(one.contract)[2] in words]
    return [one for one in dict.fromkeys(found) if one not in own]


def _is_contract(project: Project, selector: str) -> bool:
    path = parts(selector)[0]
    return path.endswith((*PYTHON, *MARKDOWN)) and project.snapshot.is_file(path_of(selector))


def _is_shown(selector: str, shown: Iterable[str]) -> bool:
    """Whether one of some selectors shows all of it: the same, its whole file, or a glob of files."""
    path = path_of(selector)
    return any(
        one == selector or (one == parts(one)[0] and (is_part(one, selector) or matching([one], [path])))
        for one in shown
    )


def _excerpts(project: Project, selector: str) -> list[Excerpt]:
    """What a contract says; nothing where a session that is only needed, and not named, has none that can be shown."""
    try:
        return select(project.snapshot, selector)
    except SddError:  # SDD180 says so, to whoever implements it
        return []


def _note(states: Mapping[str, State], made: Sequence[Pair], selector: str, injection: str) -> str:
    """Who implements a contract, or will, and how to come by it."""
    if not made:
        return f"No session implements `{selector}` yet. Use what the contract says, and nothing else."
    one = made[0]
    if states[one.session].state not in {"done", "review"}:
        return (
            f"`{selector}` is not implemented yet: the session `{one.session}` will do so, as `{one.implementation}`. Write against the "
            f"contract alone, as if it were there; {injection}. Do not write it yourself; tests may stand in for it."
        )
    return (
        f"`{selector}` is implemented by the session `{one.session}`, as `{one.implementation}`. Write against the contract: "
        f"{injection}. Neither import nor make the implementation, and rely on nothing that the contract does not say."
    )


def _injection(selector: str, taken: Iterable[tuple[str, str]], *, is_named: bool) -> str:
    """How a component comes by another one: by the parameter that its own contract names, else by one.

    `is_named`: the session or its own contract asks for it, and does not only need who implements it.
    """
    symbol = parts(selector)[2]
    for name, kind in taken:
        if symbol and name and kind.rpartition(".")[2] == symbol:
            return f"take it as the constructor's parameter `{name}: {symbol}`"
    plainly = f"take it as a parameter of the constructor{f' of the type `{symbol}`' if symbol else ''}"
    return plainly if is_named else f"if you need it, {plainly}"


def _dependencies(one: Contract) -> list[tuple[str, str]]:
    makers_ = (own.members["__init__"] for own in one.classes.values() if "__init__" in own.members)
    return entries(one.told, DEPENDENCIES) + [
        (each.name, each.type) for made in makers_ for each in made.parameters
    ]
