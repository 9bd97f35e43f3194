"""What a contract leaves to be guessed: types, errors, docstrings, dependencies and configuration (SDD180 to SDD184)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.contracts.interface import ATTRIBUTE, METHOD, PROPERTY, Class, Member
from sdd.contracts.reading import MARKDOWN, PYTHON, Contract, parts
from sdd.contracts.sections import CONFIGURATION, DEPENDENCIES, ERRORS
from sdd.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = 8
"""Members that a message names; the others are counted."""
NOTHING = re.compile(r"\braises?\W+(nothing|no\b|none)|\bnever (raises|fails)", re.IGNORECASE)


def lacks(one: Contract) -> list[Finding]:
    """What is missing in a contract that somebody is to implement; of one kind all in one finding."""
    if one.problem:
        hint = "write the contract first, or name the one that is meant"
        return [
            Finding(
                "SDD180",
                one.path,
                one.module.problem_line,
                f"{one.problem}, but a session is to implement it",
                hint,
            )
        ]
    if not parts(one.selector)[0].endswith((*PYTHON, *MARKDOWN)):
        return []  # another language has its own rules
    found = [_types(one), _errors(one), _docs(one), _around(one)]
    return [each for each in found if each]


def _members(one: Contract) -> Iterator[tuple[str, Member]]:
    """What can be used by others: no private names; of the methods that Python calls the constructor and `__call__` alone."""
    yield from one.functions.items()
    for holder, own in one.classes.items():
        for name, member in own.members.items():
            if not name.startswith("_") or name in {"__init__", "__call__"}:
                yield f"{holder}.{name}", member


def _types(one: Contract) -> Finding | None:
    lines: list[int] = []
    words: list[str] = []
    for name, member in _members(one):
        if member.overloads:
            continue
        lacking = [f"`{name}({each.name})`" for each in member.parameters if not each.type]
        if not member.type and not name.endswith(".__init__"):
            lacking.append(f"what `{name}` {'returns' if member.form == METHOD else 'is'}")
        words += lacking
        lines += [member.line] if lacking else []
    what = f"{one.selector} does not say the type of {_listed(words)}"
    return Finding("SDD181", one.path, lines[0], what, "write the types") if lines else None


def _errors(one: Contract) -> Finding | None:
    """Whether a contract speaks of errors at all: which method raises what is its own matter."""
    behaves = [member for _, member in _members(one) if member.form in {METHOD, PROPERTY}]
    is_data = not one.functions and all(own.is_data for own in one.classes.values())
    if one.is_code and (not behaves or is_data):
        return None
    docs = [*(member.doc for member in behaves), *(own.doc for own in one.classes.values()), one.module.doc]
    if ERRORS in one.told or any(member.raises for member in behaves) or any(map(NOTHING.search, docs)):
        return None
    how = (
        "add a section `## Errors`"
        if one.is_prose
        else "say it in the docstrings: `Raises:`, or `Raises nothing.`"
    )
    return Finding("SDD182", one.path, one.line, f"{one.selector} says nothing of errors", how)


def _docs(one: Contract) -> Finding | None:
    lacking = [(own.line, f"`{name}`") for name, own in one.classes.items() if not own.doc.strip()]
    lacking += [
        (member.line, f"`{name}`")
        for name, member in _members(one)
        if not member.doc.strip() and member.form != ATTRIBUTE and not name.endswith("__init__")
    ]
    if one.is_prose and one.told:
        return None  # the document says it in prose
    words = [name for _, name in sorted(lacking)]
    what = f"{one.selector} does not say what {_listed(words)} {'are' if len(words) > 1 else 'is'} for"
    return (
        Finding("SDD183", one.path, min(lacking)[0], what, "write a docstring for each") if lacking else None
    )


def _around(one: Contract) -> Finding | None:
    """Whether a component says what it is given: what it depends on, and its configuration. Data has neither."""
    if one.is_code and (not one.classes or all(_is_data(own) for own in one.classes.values())):
        return None
    if any("__init__" in own.members for own in one.classes.values()):
        return None  # what it takes is all that it is given: collaborators and settings
    lacking = [about for about in (DEPENDENCIES, CONFIGURATION) if about not in one.told]
    where = "## " if one.is_prose else ""
    forms = " and ".join(f"`{where}{about.capitalize()}{'' if where else ':'}`" for about in lacking)
    place = "below headings" if one.is_prose else "in the docstring"
    hint = f"say it {place}: {forms}, with `none` where there is nothing"
    what = f"{one.selector} says nothing of its {' and '.join(lacking)}"
    return Finding("SDD184", one.path, one.line, what, hint) if lacking else None


def _is_data(own: Class) -> bool:
    return own.is_data


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more
