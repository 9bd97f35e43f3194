"""`.sdd/excused.toml`: commits that an audit reports without failing, each with the reason; a trust file."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.gates.approval import table_of
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.snapshot import Snapshot

PATH = b".sdd/excused.toml"
LARGEST = 1 << 20  # bytes
DIGITS = (40, 64)
HINT = 'write a line like "<whole id of the commit>" = "why" below [commits], and have it approved'


def read(snapshot: Snapshot) -> Mapping[str, str]:
    """The reasons by the whole ids of commits; none where there is no such file.

    Raises:
        SddError: it is a link, or not of the form `[commits]` with lines `"<id>" = "<reason>"`.
    """
    if PATH not in snapshot:
        return {}
    if not snapshot.is_file(PATH):
        raise SddError(f"{show(PATH)} is a link, no file", hint=HINT)
    table = table_of(snapshot.read(PATH), LARGEST)
    commits = table.get("commits") if isinstance(table, dict) else None
    if not isinstance(table, dict) or set(table) != {"commits"} or not isinstance(commits, dict):
        raise SddError(
            f"{show(PATH)} cannot be read: {table if isinstance(table, str) else 'it is no table [commits]'}",
            hint=HINT,
        )
    for commit, reason in commits.items():
        if not _is_id(commit) or not isinstance(reason, str) or not reason.strip():
            raise SddError(f"{show(PATH)} cannot be read: {commit!r} is no whole id with a reason", hint=HINT)
    return commits


def _is_id(text: str) -> bool:
    return len(text) in DIGITS and all(sign in "0123456789abcdef" for sign in text)
