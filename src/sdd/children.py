"""What programs that sdd starts may see of its environment: not the keys of models, which none but a model's own agent needs.

A project's checks and agents see what an allow-list names (`runs.checks`, each agent's preset). Git, ssh-keygen and pre-commit
need what people have set for them, which no list knows; they see the rest of the environment, without these keys: git runs
hooks, and a hook may run code that a model has just written.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ENDINGS = ("_API_KEY", "_API_TOKEN", "_AUTH_TOKEN", "_OAUTH_TOKEN", "_ACCESS_TOKEN", "_BEARER_TOKEN")
_NAMES = frozenset({"AWS_BEARER_TOKEN_BEDROCK", "HF_TOKEN", "ANTHROPIC_CUSTOM_HEADERS"})


def is_key(name: str) -> bool:
    """Whether a variable of that name holds the key to a model: `ANTHROPIC_API_KEY`, `CLAUDE_CODE_OAUTH_TOKEN` and the like."""
    upper = name.upper()
    return upper.endswith(_ENDINGS) or upper in _NAMES


def keyless(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without the keys of models."""
    return {name: value for name, value in environ.items() if not is_key(name)}


class KeysPutAway:
    """While a `with` lasts this process's own environment has no keys of models: for libraries that pass on all there is."""

    def __enter__(self) -> None:
        self._keys = {name: os.environ.pop(name) for name in list(os.environ) if is_key(name)}

    def __exit__(self, *_error: object) -> None:
        os.environ.update(self._keys)
