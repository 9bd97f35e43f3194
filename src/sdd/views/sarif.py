"""A judgement as a SARIF 2.1.0 log, by the standard's text and by what GitHub's code scanning asks beyond it."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sdd.snapshot import show
from sdd.views.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.findings import Finding
    from sdd.gates.judgement import Judgement
    from sdd.views.rules import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
TOP = "%SRCROOT%"  # as other tools name it
FINGERPRINT = "codePathMessage/v1"


def log(found: Judgement) -> dict[str, Any]:
    """A log with one run; what is not enforced are warnings, and notices are notes."""
    from sdd import __version__
    from sdd.views.rules import rules

    known = rules()
    codes = sorted({one.code for one in (*found.findings, *found.notices)})
    driver = {"name": "sdd", "version": __version__, "rules": [_rule(known[code]) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {TOP: {"description": _message("The top of the repository.")}},
        "columnKind": "utf16CodeUnits",
        "results": list(_results(found, codes)),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    """A rule with all its texts: GitHub shows no alert without them."""
    what, _, _ = rule.text.partition("\n\n")
    return {
        "id": rule.code,
        "shortDescription": _message(rule.title),
        "fullDescription": _message(" ".join(what.partition("** ")[2].split())),
        "help": _message(rule.text.replace("**", "")) | {"markdown": _literal(rule.text)},
    }


def _results(found: Judgement, codes: list[str]) -> Iterator[dict[str, Any]]:
    level = "error" if found.enforced else "warning"
    leveled = [(one, level) for one in found.findings] + [(one, "note") for one in found.notices]
    seen = Counter[bytes]()
    for one, named in leveled:
        same = b"\0".join((one.code.encode(), one.path, one.message.encode("utf-8", "surrogatepass")))
        seen[same] += 1
        yield {
            "ruleId": one.code,
            "ruleIndex": codes.index(one.code),
            "level": named,
            "message": _message(one.message + (f"\n→ {one.hint}" if one.hint else "")),
            "locations": [{"physicalLocation": _place(one)}],
            # Without the line, which moves. Not under GitHub's own name for one (primaryLocationLineHash): its upload
            # computes that itself, and warns of each that is not as it would have been.
            "partialFingerprints": {FINGERPRINT: f"{sha256(same).hexdigest()}:{seen[same]}"},
        }


def _place(finding: Finding) -> dict[str, Any]:
    """Where it is; the whole file is its first line, since GitHub asks for one."""
    artifact: dict[str, Any] = {"uri": _uri(finding.path), "uriBaseId": TOP}
    try:
        finding.path.decode()
    except UnicodeDecodeError:
        artifact["description"] = _message(show(finding.path))
    return {"artifactLocation": artifact, "region": {"startLine": finding.line or 1}}


def _uri(path: bytes) -> str:
    """A path as a relative reference, from which UTF-8 can be decoded.

    Bytes that are none stand there as U+FFFD: JavaScript's `decodeURIComponent` raises for them, and GitHub's upload
    (codeql-action) with it, so that one odd name would cost all findings.
    """
    return quote(path.decode("utf-8", "replace"))


def _message(text: str) -> dict[str, str]:
    """Words as plain text: nothing that stands in a file becomes a link (§3.11.6)."""
    return {"text": _literal(text.replace("](", "] ("))}


def _literal(text: str) -> str:
    """Words whose braces are no placeholders (§3.11.5), and which steer no terminal."""
    return "\n".join(map(shown, text.split("\n"))).replace("{", "{{").replace("}", "}}")
