"""What it takes to approve a change of a trust file: it is staged, readable, and leaves somebody who could change it again."""

from __future__ import annotations

from sdd.errors import RefusedError
from sdd.gates import policy as policies
from sdd.gates import trust
from sdd.gates.enrolling import usable
from sdd.gates.policy import PATH
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.gates.openings import Trusted
    from sdd.snapshot import Snapshot

SIGNED = frozenset({"ssh", "touch"})


def refuse_unfit_change(trusted: Trusted, staged: Snapshot, disk: Snapshot, document: bytes) -> None:
    """Refuse what must not be approved as a change of a trust file. `staged` is the index, `disk` the working tree.

    A trust file and its approval come in one commit, so its staged bytes are approved.

    Raises:
        RefusedError: it is deleted, a link, not staged as it stands or unchanged; its own words are wrong; or nobody could
            change a trust file after it.
    """
    shown = show(document)
    if document not in staged:
        raise _absent(trusted, disk, document)
    if not staged.is_file(document):
        raise RefusedError(f"{shown} is no regular file", hint="put the file itself there, no link")
    if disk.entries.get(document) != staged.entries[document]:
        raise RefusedError(f"{shown} is not staged as it stands", hint=f"git add {shown}")
    if trusted.snapshot.entries.get(document) == staged.entries[document]:
        raise RefusedError(f"{shown} is as in {trusted.snapshot.name}, so there is nothing to approve")
    wrong = trust.contents(trusted.snapshot, staged, document)
    if wrong:
        raise RefusedError(str(wrong[0]), hint=wrong[0].hint)
    _refuse_lockout(staged, trusted.now_epoch)


def _absent(trusted: Trusted, disk: Snapshot, document: bytes) -> RefusedError:
    shown = show(document)
    if document in disk:
        return RefusedError(f"{shown} is not staged as it stands", hint=f"git add {shown}")
    if document in trusted.snapshot:
        return RefusedError(
            f"{shown} is deleted, and nobody can approve that", hint=f"git checkout HEAD -- {shown}"
        )
    return RefusedError(
        f"{shown} is not written yet", hint="sdd enrol EMAIL --key FILE.pub; or write it, and git add it"
    )


def _refuse_lockout(staged: Snapshot, now_epoch: int) -> None:
    """Refuse a change after which too few people had a key to approve the next one with."""
    if not staged.is_file(PATH):
        return
    rule = policies.read(staged.read(PATH)).trust
    if rule.proof not in SIGNED:
        return
    keys = {
        one.key: email
        for email in rule.approvers
        for one in usable(staged, staged, email, rule.proof, now_epoch)
    }
    able = len(set(keys.values()))
    if able < rule.approvals:
        people = " and ".join(rule.approvers)
        raise RefusedError(
            f"after this nobody could change a trust file any more: [trust] takes {rule.approvals} of {people}, and {able} have a key that counts",
            hint=f"first: sdd enrol {rule.approvers[0]} --key FILE.pub && git add .sdd/allowed_signers",
        )
