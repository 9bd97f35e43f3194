"""The JSON schemas of the file formats, each made by the very tables that its parser reads with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.sessions import keys

if TYPE_CHECKING:
    from typing import Any

SCHEMAS = {
    "session": "the front matter of a session: sessions/**/*.md",
    "template": "the front matter of a kind's template: sessions/templates/*.md",
    "page": "the front matter of a change's page: docs/changes/*.md",
    "settings": "sdd.toml",
    "providers": "one's own agents, a table each: <configuration>/sdd/providers.toml",
}


def schema(name: str) -> dict[str, Any]:
    """The schema of that name, JSON Schema 2020-12.

    Raises:
        SddError: there is none.
    """
    tables = {"session": keys.SESSION, "template": keys.TEMPLATE, "page": keys.PAGE}
    if name in tables:
        return keys.schema(tables[name])
    if name == "settings":
        from sdd import settings

        return settings.schema()
    if name == "providers":
        from sdd.llm import preset_form

        return preset_form.schema()
    like = nearest(name, list(SCHEMAS))
    raise SddError(
        f"there is no schema `{name}`",
        hint=f"sdd schema {like}" if like else f"there are: {', '.join(SCHEMAS)}",
    )
