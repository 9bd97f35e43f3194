"""The doors in a clone: what `sdd hook NAME` judges, and how it says no."""

from __future__ import annotations

import os

from sdd.errors import BUG, CANNOT_TELL, NO, YES, SddError
from sdd.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.findings import Finding


def run(argv: Sequence[str]) -> int:
    """Judge at the door that the first argument names; the exit code that git acts on. What cannot be judged never passes."""
    name = argv[0] if argv else ""
    if name not in {"pre-commit", "pre-merge-commit"}:
        return _say(f"sdd: there is no door `{name}`; there are pre-commit, pre-merge-commit", CANNOT_TELL)
    try:
        found = at_commit(Repository.find())
    except SddError as error:
        return _say(f"sdd: {error.message}\n  → {error.hint}", error.exit_code)
    except Exception:  # noqa: BLE001 - a bug must not open a door
        import traceback

        return _say(f"sdd: this is a bug in sdd; the commit is refused\n{traceback.format_exc()}", BUG)
    for finding in found:
        _say(f"{finding}\n  → {finding.hint}", NO)
    return (
        _say(f"sdd: the commit is refused; what a finding means: sdd explain {found[0].code}", NO)
        if found
        else YES
    )


def at_commit(repository: Repository) -> list[Finding]:
    """What is wrong with the commit that the index would make, where sdd is in it."""
    from sdd.gates.picture import picture
    from sdd.views.tracker import findings

    index = repository.index()
    if not index.under(b"sessions") and b".sdd/policy.toml" not in index:
        return []
    seen = picture(index)
    return [*seen.project.findings(), *findings(seen)]


def _say(text: str, code: int) -> int:
    os.write(2, (text + "\n").encode("utf-8", "backslashreplace"))
    return code
