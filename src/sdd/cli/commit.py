"""`--commit`: commit what a run wrote, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.runs.record import wrote
from sdd.sessions.session import path_of
from sdd.views.tracker import trackers
from sdd.workspace import commit

if TYPE_CHECKING:
    from sdd.runs.place import Place
    from sdd.sessions.run import Run


def commit_run(place: Place, name: str, run: Run) -> str:
    """Commit a session's file, its runs, what they wrote, and the trackers; the commit's id.

    Raises:
        RefusedError: a hook refused it; everything is as it was, and staged.
    """
    snapshot = place.repository.working_tree()
    state = place.picture()
    own = [path_of(name), *snapshot.under(b"sessions/" + name.encode() + b".runs")]
    derived = [path for path in trackers(state) if path in snapshot]
    paths = sorted({path.decode() for path in (*own, *_wrote(place, run), *derived) if path in snapshot})
    title = state.project.sessions[name].title or name
    body = "\n".join(run.summary.splitlines())
    return commit(place.root, paths, f"{title}: {run.outcome}\n\n{body}\n\nSdd-Session: {name}\n")


def _wrote(place: Place, run: Run) -> list[bytes]:
    """The paths that a run's whole file says it wrote."""
    if not run.file:
        return []
    return [path.encode() for path in wrote(place.file(b"sessions/" + run.file.encode()).read_bytes())]
