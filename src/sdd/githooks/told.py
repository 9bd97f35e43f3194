"""What `sdd doctor` says of a clone's hooks: who asks sdd at which door, at which nobody does, and what to type."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sdd.githooks import configuration, framework, native
from sdd.githooks.choice import NONE, PRE_COMMIT
from sdd.githooks.clone import FRAMEWORKS, MARK, NATIVE, OTHER, SET_ASIDE, SETTINGS
from sdd.views.doctor import FAIL, OK, WARN, Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.githooks.clone import Clone, Door

ABOUT = "hooks"
WHO = {
    NATIVE: "sdd's own scripts ask",
    OTHER: "scripts of others ask",
    SET_ASIDE: "scripts that the framework set aside ask",
    SETTINGS: "git's own configuration asks",
}
_STARTS = re.compile(r"""^(?:INSTALL_PYTHON|PREK)=["']?([^"'\n]+)["']?$""", re.MULTILINE)


def lines(clone: Clone, way: str) -> Iterator[Line]:
    """The lines about hooks; `way` is how they are to be set up here."""
    for who in dict.fromkeys(who for door in clone.doors for who in door.asks):
        doors = _names(door for door in clone.doors if who in door.asks)
        skips = "--no-verify and SKIP= skip it" if who in FRAMEWORKS else "--no-verify skips it"
        yield Line(ABOUT, OK, f"{_who(who)} sdd at {doors} (a fast answer: {skips})")
    yield from _unasked(clone, way)
    yield from _twice(clone)
    yield from _broken(clone)
    yield from _elsewhere_unasked(clone)


def _unasked(clone: Clone, way: str) -> Iterator[Line]:
    """The doors at which nobody asks sdd, by the reason."""
    silent = [door for door in clone.doors if not door.asks]
    if silent and clone.owner:
        hint = "; ".join(
            f"add to {clone.shown_place / door.name}: {native.line(clone, door.name)}" for door in silent
        )
        yield Line(
            ABOUT,
            WARN,
            f"at {_names(silent)} nobody asks sdd, and the hooks are not this clone's own ({clone.owner})",
            hint,
        )
        return
    absent = [door for door in silent if not door.by]
    if absent:
        what = f"{_names(absent)} not set up in this clone: a finding shows only in `sdd check` and later"
        yield Line(ABOUT, WARN, what, _to_set_up(clone, way, absent))
    lacking = [door for door in silent if door.by in FRAMEWORKS]
    if lacking:
        what = f"{clone.framework} stands at {_names(lacking)}, and its configuration lacks sdd"
        yield Line(ABOUT, WARN, what, framework.TO_WRITE)
    for door in silent:
        if door.by == OTHER:
            yield Line(
                ABOUT, WARN, f"{door.name} is somebody else's", f"add to it: {native.line(clone, door.name)}"
            )


def _to_set_up(clone: Clone, way: str, doors: Iterable[Door]) -> str:
    if way == NONE:
        return "sdd init --hooks pre-commit, or --hooks native"
    if way == PRE_COMMIT and clone.hooks_path:
        return "sdd init --hooks native"
    program = framework.found(clone)
    if way == PRE_COMMIT and not configuration.held(clone.texts[program.name]):
        return framework.TO_WRITE
    if way != PRE_COMMIT or framework.may_install(clone, program):
        return "sdd init"
    return framework.to_type(clone, program, [door.name for door in doors])


def _who(asker: str) -> str:
    return WHO.get(asker, f"the framework {asker} asks")


def _twice(clone: Clone) -> Iterator[Line]:
    twice: dict[tuple[str, ...], list[Door]] = {}
    for door in clone.doors:
        if len(door.asks) > 1:
            twice.setdefault(door.asks, []).append(door)
    for askers, doors in twice.items():
        ours = SET_ASIDE in askers and all(MARK in door.kept for door in doors)
        hint = "sdd init --hooks pre-commit" if ours else "take one of them out"
        what = f"sdd is asked twice at {_names(doors)}: {' and '.join(map(_who, askers))}"
        yield Line(ABOUT, WARN, what, hint)


def _broken(clone: Clone) -> Iterator[Line]:
    """What starts a program that is not there: git then refuses each commit."""
    for door in clone.by(NATIVE):
        program = door.text.partition('\nexec "')[2].partition('" hook ')[0]
        if not Path(program).exists():
            yield Line(
                ABOUT,
                FAIL,
                f"{door.name} runs an sdd that is not there any more, so git refuses all of it",
                "sdd init",
            )
    name = clone.framework
    if not name:
        return
    gone = [door for door in clone.by(name) if not _is_there(door)]
    if gone:
        hint = f"pipx install {name}"
        yield Line(
            ABOUT,
            FAIL,
            f"{_names(gone)} run a {name} that is not there any more, so git refuses all of it",
            hint,
        )
    what, _, hint = framework.path_without_sdd(clone, name).partition(": ")
    if what:
        yield Line(ABOUT, FAIL, what, hint)


def _is_there(door: Door) -> bool:
    """Whether a framework's script finds its program, in its own place or on the PATH."""
    program = _STARTS.search(door.text)
    return bool((program and Path(program[1]).exists()) or shutil.which(door.by))


def _elsewhere_unasked(clone: Clone) -> Iterator[Line]:
    """Doors that other clones would lack, because a bare `pre-commit install` leaves them out."""
    text = clone.texts["pre-commit"]
    left = [
        door
        for door in configuration.DOORS
        if door in configuration.doors(text) - configuration.opened_by_default(text)
    ]
    if left:
        what = f"{configuration.PATH.decode()}: `pre-commit install` alone leaves out {', '.join(left)}"
        yield Line(ABOUT, WARN, what, configuration.ALL_TYPES)


def _names(doors: Iterable[Door]) -> str:
    return ", ".join(door.name for door in doors)
