"""How hooks are set up in a clone: what was asked for, now or earlier, else what the project itself holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.githooks import configuration
from sdd.githooks.clone import NATIVE

if TYPE_CHECKING:
    from sdd.githooks.clone import Clone

PRE_COMMIT, NONE = "pre-commit", "none"
WAYS = (PRE_COMMIT, NATIVE, NONE)
SETTING = "sdd.hooks"
"""Where a clone remembers what was asked for: a setting of its own git configuration."""


def chosen(clone: Clone, said: str, *, joining: bool) -> str:
    """The way for a clone; `said` is what its person asked for, now or earlier, or "".

    Without a word of theirs, who joins gets what the project has, because joining changes no tracked file; who begins gets
    pre-commit, unless the project keeps hooks of its own in another way.
    """
    if said in WAYS:
        return said
    if any(map(configuration.held, clone.texts.values())):
        return PRE_COMMIT
    has_own_way = clone.is_shared and not any(clone.texts.values())
    return NATIVE if joining or has_own_way else PRE_COMMIT
