"""What is told of a session (`session:03-cart`) and of the way from one commit to another (`diff:main..HEAD:src`).

Neither is the text of a file. A session is known by the files alone; for commits the caller brings the repository, so that
whoever brings none compiles from a snapshot and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.prompts.excerpt import DIFF, SESSION, Excerpt
from sdd.prompts.refusals import refused_name, refused_text
from sdd.sessions import whole_run
from sdd.sessions.project import derive
from sdd.sessions.run import ACCEPTED
from sdd.snapshot import show

if TYPE_CHECKING:
    from sdd.repository import Repository
    from sdd.sessions.session import Session
    from sdd.snapshot import Snapshot

FORM = "diff:A..B, diff:A...B (from where they parted), or diff:A..B:src/shop for a part of the files"


def excerpt(snapshot: Snapshot, selector: str, git: Repository | None) -> Excerpt:
    """What a selector `session:` or `diff:` tells.

    Raises:
        SddError: there is no such session, no such commit, no difference, or it holds what no prompt may hold.
    """
    if selector.startswith(SESSION):
        return _session(snapshot, selector)
    return _difference(selector, git)


def _session(snapshot: Snapshot, selector: str) -> Excerpt:
    one = derive(snapshot).session(selector.removeprefix(SESSION))
    text = "".join(f"{line}\n" for line in [f"# {one.name}: {one.title}", "", *_came_of(snapshot, one)])
    named = f"{SESSION}{one.name}"
    return Excerpt(named, one.path, snapshot.blob(one.path), 0, 0, text, "markdown", whole=False)


def _came_of(snapshot: Snapshot, one: Session) -> list[str]:
    # What a person accepted is said of what it rests on, and is no outcome: whoever reads this would be suspect for it.
    ran = [(number, run) for number, run in enumerate(one.runs, 1) if run.outcome != ACCEPTED]
    if not ran:
        return ["It has not run yet."]
    number, last = ran[-1]
    lines = [f"Outcome of run {number}: {last.outcome}", ""]
    lines += [*(f"> {line}".rstrip() for line in last.summary.split("\n")), ""] if last.summary else []
    written = _outputs(snapshot, one)
    lines += [f"- `{path}` {f'blob {blob}' if blob else 'is gone'}" for path, blob in sorted(written.items())]
    return lines if written else [*lines, "It wrote no file."]


def _outputs(snapshot: Snapshot, one: Session) -> dict[str, str]:
    """What the runs of a session wrote, each file as the newest of them left it."""
    files = (b"sessions/" + run.file.encode() for run in one.runs if run.file)
    there = [path for path in files if snapshot.is_file(path)]
    found = snapshot.read_all(there)
    return {path: blob for file in there for path, blob in whole_run.outputs(found[file]).items()}


def _difference(selector: str, git: Repository | None) -> Excerpt:
    span, colon, path = selector.removeprefix(DIFF).partition(":")
    before, dots, after = span.partition("...") if "..." in span else span.partition("..")
    if not dots or not (before or after) or (colon and not path):
        raise SddError(f"{selector!r} names no commits", hint=f"write {FORM}")
    if git is None:
        raise SddError(f"{selector!r} needs git, and there are only files here", hint="sdd prompt SESSION")
    first, last = (git.commit_id(rev or "HEAD") for rev in (before, after))
    if dots == "...":
        first = git.parting(first, last)
    folder = path.rstrip("/").encode(errors="surrogateescape")
    paths, patch = git.difference(first, last, folder)
    _refuse(selector, paths, patch)
    if not paths:
        raise SddError(f"{selector!r} names nothing: no file differs", hint=f"write {FORM}")
    text = patch.decode().replace("\r\n", "\n").replace("\r", "\n")
    named = f"{DIFF}{first}..{last}{colon}{path}".encode(errors="surrogateescape")
    return Excerpt(selector, named, last, 0, 0, text, "diff", whole=False)


def _refuse(selector: str, paths: list[bytes], patch: bytes) -> None:
    hidden = next(((show(path), why) for path in paths if (why := refused_name(path))), None)
    found = hidden or ((f"{selector!r}", why) if (why := refused_text(patch)) else None)
    if found:
        hint = (
            f"narrow it: {selector.partition('..')[0]}..B:PATH shows the part of the files at or below PATH"
        )
        raise SddError(f"{found[0]} {found[1]}, so no prompt may hold it", hint=hint)
