"""Write the pages of docs/ that code can tell better than people: docs.py; a test compares them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sdd.settings import schema
from sdd.views.rules import FOLDER, Rule, index, page, rules

ROOT = Path(__file__).parent.parent

SETTINGS = """\
# `sdd.toml`

<!-- written by `make docs`; do not edit -->

How a project likes to work. The file is optional and so is every key; an unknown key is an error. `sdd schema` prints
the JSON schema, for editors. `--provider` and the environment variable `SDD_PROVIDER` stand above a session's own
`provider`, and that above this file's.
"""


def settings_page() -> str:
    """The page of `sdd.toml`: a table for its top, one for each of its tables."""
    described = schema()
    tables = {"": described["properties"]}
    for name, field in described["properties"].items():
        if "$ref" in field:
            tables[name] = described["$defs"][field["$ref"].rpartition("/")[2]]["properties"]
    return SETTINGS + "".join(_table(name, fields) for name, fields in tables.items())


def _table(name: str, fields: dict[str, Any]) -> str:
    rows = [
        f"| `{key}` | {_kind(field)} | {_default(field)} | {field['description']} |"
        for key, field in fields.items()
        if "$ref" not in field
    ]
    heading = f"## `[{name}]`\n\n" if name else ""
    return "\n".join(
        ["", heading + "| key | is | default | meaning |", "| --- | --- | --- | --- |", *rows, ""]
    )


def _kind(field: dict[str, Any]) -> str:
    if "enum" in field:
        return " or ".join(f'`"{each}"`' for each in field["enum"])
    kind = next(each["type"] for each in field.get("anyOf", [field]))
    limits = list(dict.fromkeys(str(field[limit]) for limit in ("minimum", "maximum") if limit in field))
    words = {"integer": "a whole number", "string": "text", "array": "a list of texts"}[kind]
    return f"{words}, {' to '.join(limits)}" if "maximum" in field else words


def _default(field: dict[str, Any]) -> str:
    default = field.get("default")
    if default is None:
        return "none"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


def rule_pages() -> dict[str, Callable[[], str]]:
    """The pages of all rules, and their index."""

    def of(rule: Rule) -> Callable[[], str]:
        return lambda: page(rule)

    return {
        f"{FOLDER}/README.md": index,
        **{f"{FOLDER}/{code}.md": of(rule) for code, rule in rules().items()},
    }


PAGES: dict[str, Callable[[], str]] = {"docs/reference/sdd-toml.md": settings_page, **rule_pages()}


def main(root: Path = ROOT) -> None:
    """Write every page below this folder."""
    for name, render in PAGES.items():
        page = root / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
