"""One member of an implementation held against the contract's: how it is called, and which types it takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.contracts.interface import (
    ATTRIBUTE,
    EITHER,
    KEYWORD,
    MANY,
    MANY_KEYWORDS,
    METHOD,
    POSITIONAL,
    PROPERTY,
    Member,
    Parameter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BY_PLACE = {POSITIONAL, EITHER}
BY_NAME = {EITHER, KEYWORD}
STREAMS = ("AsyncIterator", "AsyncIterable", "AsyncGenerator", "Awaitable", "Coroutine", "Future")
"""What a plain function may return where the contract has an `async` one, and the other way round."""


def differences(wanted: Member, made: Member) -> Iterator[str]:
    """In which way a member can't be called, or used, as the contract says; each as the rest of a sentence."""
    if wanted.form != made.form and not _may_stand_for(wanted, made):
        yield f"is {_article(made)}, not {_article(wanted)}"
        return
    if wanted.form != METHOD:
        if wanted.writable and not made.writable:
            yield "cannot be set"
        return
    if made.form != METHOD or wanted.overloads or made.overloads:
        return
    if wanted.is_async != made.is_async and not any(name in f"{wanted.type} {made.type}" for name in STREAMS):
        yield "is not `async`" if wanted.is_async else "is `async`"
    if wanted.binding == "static" and made.binding != "static":
        yield "is no static method"
    elif wanted.binding == "class" and not made.binding:
        yield "is no class method"
    yield from _calls(wanted.parameters, made.parameters)


def _may_stand_for(wanted: Member, made: Member) -> bool:
    """Whether one form does for another: a property for an attribute and back; what is assigned may be anything that is called."""
    return {wanted.form, made.form} <= {PROPERTY, ATTRIBUTE} or (
        wanted.form == METHOD and made.form == ATTRIBUTE
    )


def _article(one: Member) -> str:
    return {METHOD: "a method", PROPERTY: "a property", ATTRIBUTE: "an attribute"}[one.form]


def _calls(wanted: Sequence[Parameter], made: Sequence[Parameter]) -> Iterator[str]:
    """Which calls that the contract allows would fail."""
    places = [one for one in made if one.kind in BY_PLACE]
    names = {one.name: one for one in made if one.kind in BY_NAME}
    kinds = {one.kind for one in made}
    for at, one in enumerate(wanted):
        taken = matching(wanted, made).get(one.name)
        if one.kind in {MANY, MANY_KEYWORDS}:
            if one.kind not in kinds:
                yield f"takes no `{'*' if one.kind == MANY else '**'}{one.name}`"
        elif one.kind in BY_PLACE and (at >= len(places) and MANY not in kinds):
            yield _no_place(one, names)
        elif one.kind in BY_NAME and one.name not in names and MANY_KEYWORDS not in kinds:
            yield _no_name(one, made)
        elif one.kind == EITHER and at < len(places) and places[at].name != one.name:
            yield f"takes `{one.name}` at another place"
        elif one.default and taken and taken.kind not in {MANY, MANY_KEYWORDS}:
            yield from _default(one, taken)
    yield from _more(wanted, made)


def _no_place(one: Parameter, names: dict[str, Parameter]) -> str:
    if one.name in names:
        return f"takes `{one.name}` by name alone"
    return f"lacks the parameter `{one.name}`"


def _no_name(one: Parameter, made: Sequence[Parameter]) -> str:
    if any(each.name == one.name for each in made):
        return f"takes `{one.name}` by place alone"
    return f"lacks the parameter `{one.name}`"


def _default(one: Parameter, taken: Parameter) -> Iterator[str]:
    if not taken.default:
        yield f"asks for `{one.name}`, which may be left out"
    elif one.default not in {taken.default, "..."} and one.default.strip("'\"") != taken.default.strip("'\""):
        yield f"has `{one.name}={taken.default}`, not `{one.name}={one.default}`"


def _more(wanted: Sequence[Parameter], made: Sequence[Parameter]) -> Iterator[str]:
    """Parameters that a caller who knows the contract alone would not give."""
    matched = {one.name for one in matching(wanted, made).values()}
    for one in made:
        if one.name not in matched and not one.default and one.kind in BY_PLACE | BY_NAME:
            yield f"asks for `{one.name}`, of which the contract says nothing"


def matching(wanted: Sequence[Parameter], made: Sequence[Parameter]) -> dict[str, Parameter]:
    """The parameter that takes what is given for each of the contract's, by the name of those; some may have none."""
    places = [one for one in made if one.kind in BY_PLACE]
    by_name = {one.name: one for one in made if one.kind in BY_NAME}
    rest = {one.kind: one for one in made if one.kind in {MANY, MANY_KEYWORDS}}
    found: dict[str, Parameter | None] = {}
    for at, one in enumerate(wanted):
        if one.kind in {MANY, MANY_KEYWORDS}:
            found[one.name] = rest.get(one.kind)
        elif one.kind == POSITIONAL:
            found[one.name] = places[at] if at < len(places) else rest.get(MANY)
        else:
            found[one.name] = by_name.get(one.name) or (
                rest.get(MANY_KEYWORDS)
                if one.kind == KEYWORD
                else _by_place(one, at, places) or rest.get(MANY)
            )
    return {name: one for name, one in found.items() if one}


def _by_place(one: Parameter, at: int, places: Sequence[Parameter]) -> Parameter | None:
    return (
        places[at]
        if at < len(places) and places[at].kind == POSITIONAL
        else next((each for each in places if each.name == one.name), None)
    )
