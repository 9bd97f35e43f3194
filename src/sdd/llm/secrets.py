"""Owns keeping keys out of what is written or shown: the values of the variables that hold them, in whatever form, struck out.

A server may echo a key in an error, an agent may print its environment, a check may read its parent's. What goes to the
disk or to a terminal passes through here first.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sdd.children import is_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sdd.errors import SddError

SHORTEST = 8
"""Characters of a key; a shorter value would strike words out of an answer."""
STRUCK = "[secret]"
_BREAK = r"(?:\\[rn]|[\r\n])*"
"""Ends of lines, or what JSON makes of them: base64 goes by 76 signs a line, and aider 0.86.2 folds its text at 80."""
_SIGN = re.compile(r"(?!\\[rn]|(?<=\\)[rn])[^\r\n]")
_FOLDED = 3
"""How much longer a key may be for the ends of lines in it, where it comes in pieces."""
_OTHERS = frozenset(
    {
        *("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "NPM_TOKEN"),
    }
)
"""Keys to other things than models, which git's programs may need, but nobody has to read."""


def known(environ: Mapping[str, str]) -> dict[str, str]:
    """Each key that an environment holds, in each form in which it may turn up, with the name of its variable; the longest first.

    The forms are itself, percent-encoded, and as it stands inside of base64, at whichever place it begins there.
    """
    keys = {name: value.strip() for name, value in environ.items() if is_key(name) or name.upper() in _OTHERS}
    found = {
        form: name for name, value in sorted(keys.items()) if len(value) >= SHORTEST for form in forms(value)
    }
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def forms(value: str) -> Iterator[str]:
    """A key in each form in which it may turn up, see `known`; some of them twice."""
    yield value
    yield quote(value, safe="")
    data = value.encode("utf-8", "surrogateescape")
    for before in range(
        3
    ):  # base64 goes by three bytes: the first and the last sign may be a neighbour's in part
        first = (0, 2, 3)[before]
        last = (0, 3, 2)[(before + len(data)) % 3]
        for encode in (b64encode, urlsafe_b64encode):
            text = encode(bytes(before) + data).decode()
            yield text[first : len(text) - last]


def without(secrets: Iterable[str], value: Any) -> Any:
    """The same text or JSON (tuples too) with every secret struck out of its strings, also where lines are broken inside it."""
    found = frozenset(filter(None, secrets))
    return _struck(_pattern(found), value) if found else value


@lru_cache(maxsize=8)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    """Any of the secrets, the longest first."""
    longest_first = sorted(secrets, key=lambda secret: (-len(secret), secret))
    return re.compile("|".join(_BREAK.join(map(re.escape, secret)) for secret in longest_first))


def _struck(secret: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return secret.sub(STRUCK, value)
    if isinstance(value, list | tuple):
        return type(value)(_struck(secret, item) for item in value)
    if isinstance(value, dict):
        return {_struck(secret, key): _struck(secret, item) for key, item in value.items()}
    return value


def strike(error: SddError, secrets: Iterable[str]) -> None:
    """Strike secrets out of what an error says."""
    found = list(secrets)
    error.message, error.hint = without(found, error.message), without(found, error.hint)
    error.args = without(found, error.args)


class Strainer:
    """Takes a text piece by piece and gives it back without secrets, also where one came in two pieces.

    What may be the beginning of a secret is held back until the next piece tells.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secrets)
        self._held = ""

    def feed(self, piece: str) -> str:
        """The text that can be told by now."""
        text: str = without(self._secrets, self._held + piece)
        begun = max((_overlap(text, secret) for secret in self._secrets), default=0)
        self._held = text[len(text) - begun :]
        return text[: len(text) - begun]

    def rest(self) -> str:
        """What was held back, when nothing more comes."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, secret: str) -> int:
    """How many signs at the end of a text begin a secret, ends of lines counted."""
    signs = [found.start() for found in _SIGN.finditer(text, max(0, len(text) - _FOLDED * len(secret)))]
    if signs and text.endswith("\\"):  # an end of a line may have come by half
        signs.pop()
    joined = "".join(text[at] for at in signs)
    longest = min(len(signs), len(secret) - 1)
    size = next((size for size in range(longest, 0, -1) if joined.endswith(secret[:size])), 0)
    return len(text) - signs[-size] if size else 0
