"""What an approval made here will be judged by: the protected branch as far as this clone knows it, else HEAD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.gates.history import merge_bases
from sdd.gates.openings import Trusted, trusted_policy
from sdd.gates.policy import PATH
from sdd.gates.protected import protected

if TYPE_CHECKING:
    from sdd.repository import Repository


def trusted(found: Repository, now_epoch: int) -> Trusted | None:
    """What is trusted; None where no policy is committed yet, so that whatever is written belongs to the adoption.

    Raises:
        SddError: the policy there cannot be read.
    """
    head = found.head()
    tip = protected(found) or head
    if not tip:
        return None
    snapshot = found.commit(tip)
    if PATH not in snapshot:
        return None
    bases = tuple(found.commit(one) for one in merge_bases(found, tip, head)) if head else ()
    return Trusted(snapshot, trusted_policy(snapshot), bases, now_epoch)
