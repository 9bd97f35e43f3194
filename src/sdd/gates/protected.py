"""The protected branch, as far as a clone knows it; for pictures as well as judgements, so nothing that judges is loaded here."""

from __future__ import annotations

from sdd.gates import policy as policies
from sdd.gates.policy import PATH, PolicyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.repository import Repository
    from sdd.snapshot import Snapshot

USUAL = ("refs/heads/main", "refs/heads/master")


def protected(repository: Repository) -> str:
    """The id of the protected branch's tip, as far as this clone knows it: the remote's, else the local one; "" for none.

    Which branches are protected is HEAD's word, or what is usual: good enough for a fast answer, which is all that a clone
    can give. A branch without a policy is passed over.
    """
    head = repository.head()
    return tip_of(repository, repository.commit(head) if head else repository.empty())


def tip_of(repository: Repository, before: Snapshot) -> str:
    """The same, where what HEAD says is known."""
    names = [ref.removeprefix("refs/heads/") for ref in _protected_refs(before)]
    wanted = [f"refs/{place}/{name}" for name in names for place in ("remotes/origin", "heads")]
    known = repository.refs(wanted)
    found = (known[ref] for ref in wanted if ref in known)
    return next((tip for tip in found if PATH in repository.commit(tip)), "")


def believed(repository: Repository) -> Snapshot | None:
    """The snapshot whose signers count, and by which `merged` is told, in a picture for a person; None for that picture's own."""
    tip = protected(repository)
    return repository.commit(tip) if tip else None


def _protected_refs(before: Snapshot) -> tuple[str, ...]:
    if not before.is_file(PATH):
        return USUAL
    try:
        return policies.of(before).protected
    except PolicyError:
        return USUAL
