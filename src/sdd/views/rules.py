"""The rules behind the findings' codes: what is wrong, why it matters, how to mend it. Their one source is `rules.md`."""

from __future__ import annotations

from pathlib import Path

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.values import Value

SOURCE = Path(__file__).parent.parent / "rules.md"
NOTE = "<!-- written by `make docs` from src/sdd/rules.md; do not edit -->"
FOLDER = "docs/reference/rules"


class Rule(Value):
    """One rule: its code ("SDD101"), a short title, and the text below its heading (Markdown)."""

    code: str
    title: str
    text: str


def rules() -> dict[str, Rule]:
    """All rules by code, in the order of the codes."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in SOURCE.read_text("utf-8").splitlines():
        if line.startswith("## SDD"):
            lines = found.setdefault(line.removeprefix("## "), [])
        else:
            lines.append(line)
    headings = ((heading.partition(": "), below) for heading, below in sorted(found.items()))
    return {
        code: Rule(code, title, "\n".join(below).strip("\n") + "\n") for (code, _, title), below in headings
    }


def rule(asked: str) -> Rule:
    """The rule that a person asks for: `SDD101`, `sdd101` or `101`.

    Raises:
        SddError: there is none.
    """
    known = rules()
    code = asked.upper() if asked.upper().startswith("SDD") else f"SDD{asked}"
    if code in known:
        return known[code]
    raise SddError(f"there is no rule `{asked}`", hint=f"sdd explain {_nearest(code, list(known))}".strip())


def _nearest(code: str, known: list[str]) -> str:
    """Of codes with a number the next by number: rules of one subject stand together."""
    number = code.removeprefix("SDD")
    if number.isascii() and number.isdigit():
        return min(known, key=lambda one: abs(int(one.removeprefix("SDD")) - int(number)))
    return nearest(code, known)


def page(one: Rule) -> str:
    """A rule as a page of the docs."""
    return f"# {one.code}: {one.title}\n\n{NOTE}\n\n{one.text}"


def index() -> str:
    """The page that lists all rules."""
    rows = [f"| [{one.code}]({one.code}.md) | {one.title} |" for one in rules().values()]
    lines = [
        "# Rules",
        "",
        NOTE,
        "",
        "What each code of a finding means. `sdd explain CODE` prints the same page.",
        "",
    ]
    return "\n".join([*lines, "| code | what is wrong |", "| --- | --- |", *rows, ""])
