"""commit-msg: the trailer `Sdd-Session`, added where one session is meant, and checked where it stands."""

from __future__ import annotations

from sdd.doors.trailers import added, values
from sdd.errors import SddError
from sdd.findings import Finding, nearest
from sdd.gates.judgement import Judgement
from sdd.gates.local import merge_heads
from sdd.gates.policy import PATH
from sdd.sessions.session import name_of, owner_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.repository import Repository
    from sdd.snapshot import Snapshot

TOKEN = "Sdd-Session"  # noqa: S105 - a trailer's token, no password
NO_SESSION = "SDD150"
FOR_OTHERS = (
    b"fixup! ",
    b"squash! ",
    b"amend! ",
)  # rebase folds these into a commit that has its own trailer


def run(repository: Repository, argv: Sequence[str]) -> Judgement:
    """Add the trailer to the message in the file that `argv` names, if it lacks one; what is wrong with one that is there.

    Raises:
        SddError: no file is named, or it cannot be read.
    """
    if not argv:
        raise SddError(
            "no file with the commit's message was named", hint="sdd hook commit-msg .git/COMMIT_EDITMSG"
        )
    index = repository.index()
    if not index.under(b"sessions") and PATH not in index:
        return Judgement()
    message = _read(argv[0])
    if _is_merging(repository) or message.startswith(FOR_OTHERS):
        return Judgement()
    head = repository.head()
    before = repository.commit(head) if head else repository.empty()
    sign = _comment_sign(repository)
    told = values(message, TOKEN, sign)
    known = _names(before) | _names(index)
    if told:
        return Judgement(tuple(_unknown(name, known) for name in told if name not in known))
    meant = sessions_of(before, index)
    if len(meant) == 1:
        _write(argv[0], added(message, TOKEN, meant.pop(), sign))
    return Judgement()


def sessions_of(before: Snapshot, after: Snapshot) -> set[str]:
    """The sessions that a step is about: whose file or runs it changes, and who alone writes what else it changes."""
    changed = after.differing(before)
    own = {path: name for path in changed if (name := owner_of(path))}
    found = set(own.values())
    rest = [path for path in changed if path not in own]
    return found | _writers(after, rest, found) if rest and len(found) < 2 else found  # noqa: PLR2004 - two are too many


def _writers(after: Snapshot, paths: Iterable[bytes], found: set[str]) -> set[str]:
    """The sessions that alone write one of these paths. What one that was found writes is its own, and what several write nobody's."""
    from sdd.globs import matches
    from sdd.sessions.project import derive

    project = derive(after)
    globs = {name: project.texts(name, "writes") for name in project.sessions}
    alone = set()
    for path in paths:
        writing = {name for name, own in globs.items() if any(matches(glob, path) for glob in own)}
        if len(writing) == 1 and not writing & found:
            alone |= writing
    return alone


def _names(snapshot: Snapshot) -> set[str]:
    return {name for path in snapshot.under(b"sessions") if (name := name_of(path)) is not None}


def _unknown(name: str, known: Iterable[str]) -> Finding:
    told = f"the trailer {TOKEN} names `{name}`, and there is no such session"
    like = nearest(name, list(known))
    return Finding(
        NO_SESSION, b"COMMIT_EDITMSG", 0, told, f"{TOKEN}: {like}" if like else "leave the trailer out"
    )


def _is_merging(repository: Repository) -> bool:
    return bool(merge_heads(repository))


def _comment_sign(repository: Repository) -> bytes:
    """What begins a comment in a message. Where git is to choose it, no editor was at work, or its choice is `#` too."""
    told = repository.git("config", "--get", "core.commentChar", ok=(0, 1)).rstrip(b"\n")
    return told if told and told != b"auto" else b"#"


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
            return file.read()
    except OSError as error:
        raise SddError(
            f"{path} cannot be read: {error.strerror}", hint="let git commit run the hook"
        ) from error


def _write(path: str, message: bytes) -> None:
    with open(path, "wb") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
        file.write(message)
