"""Owns which providers there are: modules, imported when they are asked for, and agents by their presets."""

from __future__ import annotations

import difflib
import os
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from sdd.errors import SddError
from sdd.llm import presets

if TYPE_CHECKING:
    from sdd.llm.request import Request, Watch
    from sdd.llm.response import Response

_MODULES = {
    "anthropic": "sdd.llm.anthropic",
    "claude": "sdd.llm.claude",
    "recorded": "sdd.llm.recorded",
}


class Provider(Protocol):
    """What answers a prompt: a module, or a value, with these names.

    CONTINUES says how it goes on with a conversation: "id", it keeps them and is given the id of one; "history", it keeps
    none and is sent the earlier turns; "none", it cannot. EDITS: it changes files by itself, as an agent does, and sends
    only what it has to say.
    """

    NAME: str
    CONTINUES: Literal["id", "history", "none"]
    EDITS: bool

    def respond(self, request: Request, watch: Watch) -> Response:
        """Answer, telling `watch` of each piece of text as it comes.

        An exception that `watch` raises goes through as it is.

        Raises:
            ProblemError: there is no answer; CutError, where a part of it came, which it carries.
        """

    def ready(self) -> str:
        """Empty when `respond` has what it needs, else a sentence with what is missing and how to get it."""


def built_in() -> list[str]:
    """The providers of sdd's own, which are no presets, sorted."""
    return sorted(_MODULES)


def names() -> list[str]:
    """The providers, sorted: those of sdd's own, and the presets'."""
    return sorted({*_MODULES, *presets.names(os.environ)})


def load(name: str) -> Provider:
    """The provider of that name.

    Raises:
        SddError: there is none, or its preset is wrong.
    """
    if name in _MODULES:
        return cast("Provider", import_module(_MODULES[name]))
    known = presets.presets(os.environ)
    if name not in known:
        near = difflib.get_close_matches(name, names(), n=1) or names()
        raise SddError(f"there is no provider {name!r}", hint=f"choose {' or '.join(near)}")
    from sdd.llm.command import Command

    return Command(name, known[name])
