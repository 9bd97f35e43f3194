"""Judging in a clone: the index or the working tree against HEAD, by the protected branch where it is known."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.gates.policy import PATH
from sdd.gates.protected import tip_of
from sdd.gates.step import judge, judge_adoption
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdd.gates.judgement import Judgement
    from sdd.repository import Repository
    from sdd.snapshot import Snapshot


class Judged(Value):
    """What was judged in a clone: the judgement, the files before and after, and the commits that are being merged."""

    found: Judgement
    before: Snapshot
    after: Snapshot
    merging: tuple[str, ...]


def staged(repository: Repository, *, now_epoch: int, merging: Iterable[str] = ()) -> Judged | None:
    """What is wrong with the commit that the index would make; None where the project has no sdd.

    `merging` are the ids of the commits that are being merged, where git does not yet say so in MERGE_HEAD.

    Raises:
        SddError: paths are unmerged, or something cannot be read or verified.
    """
    index = repository.staged()
    if index.unmerged:
        name = show(index.unmerged[0])
        raise SddError(f"{name} is not merged yet", hint=f"resolve it, then git add {name}")
    merged = (*merging, *merge_heads(repository))
    return _judged(repository, index.head, index.before, index.index, now_epoch, merged)


def unstaged(repository: Repository, *, now_epoch: int) -> Judged | None:
    """What is wrong with what the working tree changes since HEAD; None where the project has no sdd.

    Raises:
        SddError: there is no working tree, or something cannot be read or verified.
    """
    head = repository.head()
    before = repository.commit(head) if head else repository.empty()
    after = repository.working_tree()
    return _judged(repository, head, before, after, now_epoch, merge_heads(repository))


def merge_heads(repository: Repository) -> tuple[str, ...]:
    """The commits that a merge in progress brings in."""
    try:
        with open(f"{repository.git_dir}/MERGE_HEAD", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
            return tuple(file.read().split())
    except FileNotFoundError:
        return ()


def _judged(
    repository: Repository,
    head: str,
    before: Snapshot,
    after: Snapshot,
    now_epoch: int,
    merging: tuple[str, ...],
) -> Judged | None:
    tip = tip_of(repository, before)
    trusted = repository.commit(tip) if tip and tip != head else before
    if PATH not in trusted and PATH not in after:
        return None
    own = after.differing(before)
    for other in map(repository.commit, merging):
        own = [path for path in own if _differs(other, after, path)]
    if PATH not in trusted:
        found = judge_adoption(before, after, now_epoch=now_epoch, own=own)
        return Judged(found, before, after, merging)
    among = tuple(before if one == head else repository.commit(one) for one in _bases(repository, tip, head))
    found = judge(before, after, trusted, now_epoch=now_epoch, bases=among, own=own)
    return Judged(found, before, after, merging)


def _differs(before: Snapshot, after: Snapshot, path: bytes) -> bool:
    return before.entries.get(path) != after.entries.get(path)


def _bases(repository: Repository, tip: str, head: str) -> tuple[str, ...]:
    """The commits from which HEAD and the protected branch went apart: HEAD, where the branch is not known or no further."""
    if not (tip and head and tip != head):
        return (head,) if head else ()
    from sdd.gates.history import merge_bases  # most hooks do without

    return merge_bases(repository, tip, head)
