"""A run by an agent that edits files itself: what it is told and may do, and what it changed, found by two snapshots.

Nothing that it did is reverted: a person decides about that. What it changed beyond what the session may write makes the
run fail, and so it says.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sdd import disk
from sdd.globs import matches
from sdd.llm.request import Workplace
from sdd.runs import pending
from sdd.runs.agent_hooks import HOOKS
from sdd.runs.changes import RESERVED, changed_lines
from sdd.runs.pending import as_bytes, as_text
from sdd.snapshot import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.repository import Repository
    from sdd.runs.place import Place
    from sdd.runs.transaction import Row
    from sdd.runs.verdict import Verdict
    from sdd.snapshot import Snapshot

BEFORE = "before.json"
SHOWN = 5
WRITTEN = "nothing was written"
LEFT = "what it changed is left as it is: `git status`"


def workplace(place: Place, writes: Sequence[str], commands: Sequence[str]) -> Workplace:
    """Where an agent works: the top of the working tree, with the doors of sdd at each use of a tool."""
    return Workplace(
        folder=place.root,
        writes=tuple(writes),
        commands=tuple(commands),
        settings=json.dumps({"hooks": HOOKS}),
        environ=_with_sdd(place.environ),
    )


def note(place: Place, session: str) -> None:
    """Keep how the working tree stands before the agent begins: a commit, and what differs from it."""
    repository = place.repository
    head, now = repository.head(), repository.working_tree()
    files = {as_text(path): _told(now, path) for path in now.differing(_base(repository, head))}
    files |= {
        path: before for path, (before, left) in _strays(place, session).items() if files.get(path) == left
    }
    facts = {"head": head, "files": files}
    disk.write(str(_path(place, session)), json.dumps(facts).encode())


def keep_strays(place: Place, session: str, rows: Sequence[Row], writes: Sequence[str]) -> None:
    """Remember what a run changed and may not: while it stands so, and is not committed, the next run has changed it too."""
    facts = json.loads(_path(place, session).read_bytes())
    base, now = _base(place.repository, facts["head"]), place.repository.working_tree()
    kept = {
        path: (facts["files"].get(path, _told(base, as_bytes(path))), _told(now, as_bytes(path)))
        for path in outside(rows, writes)
    }
    if kept:
        disk.write(str(_strays_path(place, session)), json.dumps(kept).encode())
    else:
        disk.remove(str(_strays_path(place, session)))


def noted(place: Place, session: str) -> bool:
    """Whether an agent carries out this run."""
    return _path(place, session).exists()


def changed(place: Place, session: str) -> list[Row]:
    """What differs from how the working tree stood before the agent began: path, blob before, blob after, "" for no file."""
    repository = place.repository
    facts = json.loads(_path(place, session).read_bytes())
    base, now = _base(repository, facts["head"]), repository.working_tree()
    before = {as_bytes(path): told for path, told in facts["files"].items()}
    paths = sorted({*now.differing(base), *before})
    rows = [(path, before.get(path, _told(base, path)), _told(now, path)) for path in paths]
    return [(as_text(path), old[7:], new[7:]) for path, old, new in rows if old != new]


def outside(rows: Sequence[Row], writes: Sequence[str]) -> list[str]:
    """The paths that were changed and may not be."""
    return [path for path, _, _ in rows if not _allowed(as_bytes(path), writes)]


def problems(rows: Sequence[Row], writes: Sequence[str]) -> list[str]:
    """What was changed and may not be, a line each."""
    wrong = [show(as_bytes(path)) for path in outside(rows, writes)]
    more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return [
        f"the agent changed {path}, which is outside what this session may write" for path in wrong[:SHOWN]
    ] + more


def lines(place: Place, session: str, rows: Sequence[Row]) -> int:
    """How many lines were changed, in files whose bytes before are those of a commit."""
    repository = place.repository
    facts, now = json.loads(_path(place, session).read_bytes()), repository.working_tree()
    base = _base(repository, facts["head"])
    paths = [as_bytes(path) for path, _, _ in rows if path not in facts["files"]]
    return sum(changed_lines(_bytes(base, path), _bytes(now, path)) for path in paths)


def tell(place: Place, session: str) -> None:
    """Say what an agent changed of which no answer came; nothing where nobody edits files by itself."""
    rows = changed(place, session) if noted(place, session) else []
    if rows:
        names = ", ".join(show(as_bytes(path)) for path, _, _ in rows[:SHOWN])
        more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        place.say(f"{session}: the agent had changed {names}{more}; {LEFT}")


def worded(verdict: Verdict) -> Verdict:
    """A verdict in words that fit an agent, which has written before anybody judged."""
    return verdict.replace(notes=tuple(note.replace(WRITTEN, LEFT) for note in verdict.notes))


def _base(repository: Repository, head: str) -> Snapshot:
    return repository.commit(head) if head else repository.empty()


def _path(place: Place, session: str) -> Path:
    return Path(pending.folder(place.git_dir, session), BEFORE)


def _strays_path(place: Place, session: str) -> Path:
    return Path(place.git_dir, "sdd", "strays", f"{Path(pending.folder('', session)).name}.json")


def _strays(place: Place, session: str) -> dict[str, tuple[str, str]]:
    """What the last run changed and was not to: how it was before, and how it was left."""
    path = _strays_path(place, session)
    return json.loads(path.read_bytes()) if path.exists() else {}


def _told(snapshot: Snapshot, path: bytes) -> str:
    entry = snapshot.entries.get(path)
    return f"{entry.mode} {entry.blob}" if entry else ""


def _bytes(snapshot: Snapshot, path: bytes) -> bytes:
    return snapshot.read(path) if snapshot.is_file(path) else b""


def _allowed(path: bytes, writes: Sequence[str]) -> bool:
    """Whether a session may have written a path: never a folder of git or sdd, whatever its globs say."""
    names = path.decode("utf-8", "surrogateescape").casefold().split("/")
    return not any(map(RESERVED.fullmatch, names)) and any(matches(glob, path) for glob in writes)


def _with_sdd(environ: Mapping[str, str]) -> Mapping[str, str]:
    """An environment in which the agent's hooks find sdd: else they deny all that it does."""
    path = environ.get("PATH", "")
    if shutil.which("sdd", path=path):
        return environ
    return {**environ, "PATH": os.pathsep.join(filter(None, [str(Path(sys.executable).parent), path]))}
