"""A judgement for whoever reads it: text for people, JSON, SARIF 2.1.0, annotations for GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sdd.findings import Finding
    from sdd.gates.judgement import Judgement

NOT_ENFORCED = 'not enforced: the policy says mode = "report"'


def as_text(found: Judgement) -> str:
    """A finding a line, its hint below; a hint that the next finding shares stands once, after the last."""
    ones = [(str(one), one.hint) for one in found.findings]
    ones += [(f"note: {one}", one.hint) for one in found.notices]
    hints = [hint for _, hint in ones]
    lines = []
    for (words, hint), following in zip(ones, [*hints[1:], ""], strict=False):
        lines += [words, *(_hint(hint) if hint != following else [])]
    if not found.enforced:
        lines.append(NOT_ENFORCED)
    return "".join(f"{shown(line)}\n" for line in lines)


def as_json(found: Judgement) -> str:
    """The findings as a JSON list (docs/reference/json.md)."""
    return _dump([_fields(one) for one in found.findings])


def as_sarif(found: Judgement) -> str:
    """A SARIF 2.1.0 log (docs/how-to/ci.md)."""
    from sdd.views import sarif  # 4 ms

    return _dump(sarif.log(found))


def as_github(found: Judgement) -> str:
    """Workflow commands that GitHub Actions shows at the lines of a pull request."""
    level = "error" if found.enforced else "warning"
    lines = [
        *(_annotation(one, level) for one in found.findings),
        *(_annotation(one, "notice") for one in found.notices),
    ]
    if not found.enforced:
        lines.append(f"::notice::{_escaped(NOT_ENFORCED)}")
    return "".join(f"{line}\n" for line in lines)


FORMATS: dict[str, Callable[[Judgement], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}


def _hint(hint: str) -> list[str]:
    return [f"    {line}" if number else f"  → {line}" for number, line in enumerate(hint.splitlines())]


def _fields(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "path": show(finding.path),
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint,
    }


def _annotation(finding: Finding, level: str) -> str:
    properties = {"file": show(finding.path), "line": str(finding.line or 1), "title": finding.code}
    told = ",".join(f"{name}={_escaped(value, ',:')}" for name, value in properties.items())
    words = finding.message + (f"\n→ {finding.hint}" if finding.hint else "")
    return f"::{level} {told}::{_escaped(_readable(words))}"


def _escaped(text: str, more: Iterable[str] = "") -> str:
    """As GitHub's own toolkit escapes: data, and in properties commas and colons too."""
    for sign in ("%", "\r", "\n", *more):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def _readable(text: str) -> str:
    return "\n".join(map(shown, text.split("\n")))


def _dump(data: Any) -> str:
    import json

    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
