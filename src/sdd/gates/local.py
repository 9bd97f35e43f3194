"""Judging in a clone: the index or the working tree against HEAD, by the protected branch where it is known."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.gates import policy as policies
from sdd.gates.history import merge_bases
from sdd.gates.policy import PATH, PolicyError
from sdd.gates.step import judge, judge_adoption
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdd.gates.judgement import Judgement
    from sdd.repository import Repository
    from sdd.snapshot import Snapshot

USUAL = ("refs/heads/main", "refs/heads/master")


def staged(
    repository: Repository, *, now_epoch: int, merging: Iterable[str] = ()
) -> tuple[Judgement, Snapshot] | None:
    """What is wrong with the commit that the index would make, and the index; None where the project has no sdd.

    `merging` are the ids of the commits that are being merged, where git does not yet say so in MERGE_HEAD.

    Raises:
        SddError: paths are unmerged, or something cannot be read or verified.
    """
    unmerged = repository.unmerged()
    if unmerged:
        raise SddError(
            f"{show(unmerged[0])} is not merged yet", hint=f"resolve it, then git add {show(unmerged[0])}"
        )
    return _judged(repository, repository.index(), now_epoch, (*merging, *merge_heads(repository)))


def unstaged(repository: Repository, *, now_epoch: int) -> tuple[Judgement, Snapshot] | None:
    """What is wrong with what the working tree changes since HEAD, and that tree; None where the project has no sdd.

    Raises:
        SddError: there is no working tree, or something cannot be read or verified.
    """
    return _judged(repository, repository.working_tree(), now_epoch, merge_heads(repository))


def protected(repository: Repository) -> str:
    """The id of the protected branch's tip, as far as this clone knows it: the remote's, else the local one; "" for none.

    Which branches are protected is HEAD's word, or what is usual: good enough for a fast answer, which is all that a clone
    can give. A branch without a policy is passed over.
    """
    for ref in _protected_refs(repository):
        name = ref.removeprefix("refs/heads/")
        for known in (f"refs/remotes/origin/{name}", ref):
            found = repository.resolve(known)
            if found and PATH in repository.commit(found):
                return found
    return ""


def believed(repository: Repository) -> Snapshot | None:
    """The snapshot whose signers count, and by which `merged` is told, in a picture for a person; None for that picture's own."""
    tip = protected(repository)
    return repository.commit(tip) if tip else None


def merge_heads(repository: Repository) -> tuple[str, ...]:
    """The commits that a merge in progress brings in."""
    try:
        with open(f"{repository.git_dir}/MERGE_HEAD", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - pathlib costs a hook 5 ms
            return tuple(file.read().split())
    except FileNotFoundError:
        return ()


def _protected_refs(repository: Repository) -> tuple[str, ...]:
    head = repository.head()
    snapshot = repository.commit(head) if head else repository.empty()
    if not snapshot.is_file(PATH):
        return USUAL
    try:
        return policies.of(snapshot).protected
    except PolicyError:
        return USUAL


def _judged(
    repository: Repository, after: Snapshot, now_epoch: int, merging: Iterable[str]
) -> tuple[Judgement, Snapshot] | None:
    head, tip = repository.head(), protected(repository)
    before = repository.commit(head) if head else repository.empty()
    trusted = repository.commit(tip) if tip and tip != head else before
    if PATH not in trusted and PATH not in after:
        return None
    own = after.differing(before)
    for other in map(repository.commit, merging):
        own = [path for path in own if _differs(other, after, path)]
    if PATH not in trusted:
        return judge_adoption(before, after, now_epoch=now_epoch, own=own), after
    bases = merge_bases(repository, tip, head) if tip and head else ()
    among = tuple(before if one == head else repository.commit(one) for one in bases)
    return judge(before, after, trusted, now_epoch=now_epoch, bases=among, own=own), after


def _differs(before: Snapshot, after: Snapshot, path: bytes) -> bool:
    return before.entries.get(path) != after.entries.get(path)
