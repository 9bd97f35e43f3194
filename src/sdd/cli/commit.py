"""`--commit`: commit what the runs wrote that are not committed yet, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.runs.record import wrote
from sdd.runs.recording import LESSONS
from sdd.runs.response import parse
from sdd.sessions.session import path_of
from sdd.views.tracker import trackers
from sdd.workspace import commit

if TYPE_CHECKING:
    from sdd.runs.place import Place
    from sdd.sessions.run import Run


def commit_run(place: Place, name: str, run: Run) -> str:
    """Commit a session's file, its runs, what they wrote, and the trackers; the commit's id.

    A run that failed and the one that mended it are committed together: the second wrote only what it changed.

    Raises:
        RefusedError: a hook refused it; everything is as it was, and staged.
    """
    snapshot = place.repository.working_tree()
    state = place.picture()
    head = place.repository.head()
    committed = place.repository.commit(head) if head else place.repository.empty()
    runs = snapshot.under(b"sessions/" + name.encode() + b".runs")
    new = [path for path in runs if path not in committed]
    written = [path for one in new for path in _wrote(snapshot.read(one))]
    paths = {path_of(name), *runs, *written, *trackers(state)}
    title = state.project.sessions[name].title or name
    message = f"{title}: {run.outcome}\n\n{run.summary}\n\nSdd-Session: {name}\n"
    return commit(place.root, sorted(path.decode() for path in paths if path in snapshot), message)


def _wrote(whole: bytes) -> list[bytes]:
    """The paths that a run wrote, from the file of the whole run; the lessons too, if its response has any."""
    paths = [path.encode() for path in wrote(whole)]
    block = parse(whole.decode("utf-8", "replace").partition("\n## Response\n")[2]).block
    return [*paths, LESSONS] if block and block.lessons else paths
