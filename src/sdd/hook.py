"""The doors in a clone: what `sdd hook NAME` judges, and how it says no."""

from __future__ import annotations

import os

from sdd.errors import BUG, CANNOT_TELL, NO, YES, SddError
from sdd.plumbing import Begun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.gates.judgement import Judgement
    from sdd.repository import Repository

BEYOND = ("commit-msg", "pre-push", "pre-receive")  # git's doors beyond the index, in a room of their own
PUSHES = ("pre-push", "pre-receive")
AGENT = ("pre-tool-use", "post-tool-use", "stop")  # an agent's own hooks, which speak JSON, in the same room
DOORS = ("pre-commit", "pre-merge-commit", *BEYOND, *AGENT)
MERGED = "GITHEAD_"


def run(argv: Sequence[str]) -> int:
    """Judge at the door that the first argument names; the exit code that git acts on. What cannot be judged never passes."""
    name = argv[0] if argv else ""
    if name in AGENT:
        from sdd.doors.agent import run as at_agent

        return at_agent(name, argv[1:])
    if name not in DOORS:
        return _say(f"sdd: there is no door `{name}`; there are {', '.join(DOORS)}", CANNOT_TELL)
    try:
        found = _judged(name, argv[1:])
    except SddError as error:
        return _say(f"sdd: {error.message}\n  → {error.hint}", error.exit_code)
    except Exception:  # noqa: BLE001 - a bug must not open a door
        import traceback

        return _say(f"sdd: this is a bug in sdd; the commit is refused\n{traceback.format_exc()}", BUG)
    if found is None or not (found.findings or found.notices):
        return YES
    return _told(found, "push" if name in PUSHES else "commit")


def _judged(name: str, argv: Sequence[str]) -> Judgement | None:
    if name not in BEYOND:
        return _at_index()
    from sdd.doors import judged
    from sdd.repository import Repository

    return judged(Repository.find(), name, argv)


def _at_index() -> Judgement | None:
    try:
        begun: Begun | None = Begun()
    except OSError:
        begun = None  # there is no git, as the next one to ask for it says
    import sdd.gates.local  # git answers while the judgement is loaded
    import sdd.views.verdict  # noqa: F401 - to have it loaded
    from sdd.repository import Repository

    return at_commit(Repository.find(begun=begun), merging())


def at_commit(repository: Repository, merging: Sequence[str] = ()) -> Judgement | None:
    """What is wrong with the commit that the index would make; None where the project has not adopted sdd."""
    import time

    from sdd.views.verdict import of_index

    checked = of_index(repository, now_epoch=int(time.time()), merging=merging)
    return checked.found if checked else None


def merging() -> tuple[str, ...]:
    """What a merge brings in, while its hook runs: git writes MERGE_HEAD only later, but names each commit in a variable."""
    return tuple(name.removeprefix(MERGED) for name in os.environ if name.startswith(MERGED))


def _told(found: Judgement, what: str) -> int:
    from sdd.views.reports import as_text

    _say(as_text(found).rstrip("\n"), NO)
    if found.passes:
        return YES
    return _say(f"sdd: the {what} is refused; what a finding means: sdd explain {found.findings[0].code}", NO)


def _say(text: str, code: int) -> int:
    os.write(2, (text + "\n").encode("utf-8", "backslashreplace"))
    return code
