"""One approver's vote for a document: the record at its place, verified by itself (rules 7, 9 and 11)."""

from __future__ import annotations

from sdd.gates import approval
from sdd.gates.approval import Approval, written
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Literal

    from sdd.gates.policy import Gate
    from sdd.gates.signature import Question
    from sdd.snapshot import Snapshot

AHEAD_S = 300  # how far in the future a new record may be dated: clocks differ


class Ground(Value):
    """What a record is verified against."""

    project: str
    rule: Gate
    bases: tuple[Snapshot, ...]
    now_epoch: int | None
    signers: bytes
    revoked: tuple[bytes, ...]


class Vote(Value):
    """One approver's record, verified (`why` is empty) or not; `key` tells signers apart.

    `unproven` is a record that was let in once and is in order, but whose signature counts no more.
    """

    approver: str
    record: Approval | None
    status: Literal["approved", "untrusted", "invalid"]
    why: str
    key: str = ""
    unproven: Approval | None = None


def vote(snapshot: Snapshot, document: bytes, approver: str, ground: Ground) -> Vote | None:
    """What the record of one approver is worth by itself, or None where there is none.

    What was carried in, or is looked at without a clock, is worth the same each time, and so it is kept.
    """
    place = approval.path(ground.rule.name, document, approver)
    if place not in snapshot:
        return None
    carried = _is_carried(snapshot, place, ground.bases)
    if not carried and ground.now_epoch is not None:
        return _cast(snapshot, place, approver, ground, carried=carried)
    kept = snapshot.verdicts.kept(
        "vote",
        _asked(snapshot, place, approver, ground, carried=carried),
        lambda: _plain(_cast(snapshot, place, approver, ground, carried=carried)),
    )
    who, record, status, why, key, unproven = kept
    return Vote(who, _made(record), status, why, key, _made(unproven))


def prepare(wanted: Iterable[tuple[Snapshot, bytes, str, Ground]]) -> None:
    """Verify at once, over the cores, the signatures of votes that will be asked for, each with what `vote` takes."""
    from sdd.gates.signature import verify_all  # a hook finds votes kept, and does without

    verify_all([question for one in wanted for question in _to_verify(*one)])


def _to_verify(snapshot: Snapshot, document: bytes, approver: str, ground: Ground) -> list[Question]:
    """What a vote will ask of `ssh-keygen`; nothing where it does not come to that, or where its answer is kept."""
    place = approval.path(ground.rule.name, document, approver)
    if ground.rule.proof == "none" or place not in snapshot:
        return []
    carried = _is_carried(snapshot, place, ground.bases)
    if approver in ground.rule.former and not carried:
        return []
    lasting = carried or ground.now_epoch is None
    asked = _asked(snapshot, place, approver, ground, carried=carried)
    if lasting and snapshot.verdicts.known("vote", asked) is not None:
        return []
    record = _record(snapshot, place, ground, carried=carried)
    if isinstance(record, str) or approval.signature_path(place) not in snapshot:
        return []
    return [_question(snapshot, place, record, ground, carried=carried)]


def _asked(
    snapshot: Snapshot, place: bytes, approver: str, ground: Ground, *, carried: bool
) -> tuple[bytes, ...]:
    """All that a vote rests on that is kept."""
    return (
        place,
        repr((snapshot.entries[place], snapshot.entries.get(approval.signature_path(place)))).encode(),
        repr((approver, ground.project, ground.rule, ground.now_epoch is None, carried)).encode(),
        ground.signers,
        *ground.revoked,
    )


def _plain(cast: Vote) -> tuple[object, ...]:
    return tuple(one.as_tuple() if isinstance(one, Approval) else one for one in cast.as_tuple())


def _made(fields: tuple[Any, ...] | None) -> Approval | None:
    return Approval(*fields) if fields else None


def _cast(snapshot: Snapshot, place: bytes, approver: str, ground: Ground, *, carried: bool) -> Vote:
    record = _record(snapshot, place, ground, carried=carried)
    if isinstance(record, str):
        return Vote(approver, None, "invalid", f"{show(place)}: {record}")
    if approver in ground.rule.former and not carried:
        return Vote(approver, None, "untrusted", f"{show(place)} is new, and {approver} approves no more")
    if ground.rule.proof == "none":
        return Vote(approver, record, "approved", "", approver)
    found = _signed(snapshot, place, record, ground, carried=carried)
    let_in = carried or ground.now_epoch is None
    return found if found.record or not let_in else found.replace(unproven=record)


def _record(snapshot: Snapshot, place: bytes, ground: Ground, *, carried: bool) -> Approval | str:
    """The record at a path, or what no signature could make good about it."""
    signature = approval.signature_path(place)
    if not snapshot.is_file(place) or (signature in snapshot and not snapshot.is_file(signature)):
        return "the record or its signature is a link, no file"
    record = approval.read(place, snapshot.read(place))
    if not isinstance(record, Approval):
        return record[0].message
    if record.project != ground.project:
        return f"it was made in the project {record.project!r}, and this is {ground.project!r}"
    if ground.rule.refs and not record.code:
        return f"it says nothing about the code, as the gate {ground.rule.name} with its refs needs"
    if not carried and ground.now_epoch is not None and record.approved_at > ground.now_epoch + AHEAD_S:
        return f"it is dated {written(record.approved_at)}, which is yet to come"
    return record


def _is_carried(snapshot: Snapshot, place: bytes, bases: tuple[Snapshot, ...]) -> bool:
    """Whether the record and its signature stand with the same blobs in one of these."""
    both = (place, approval.signature_path(place))
    return any(all(base.entries.get(path) == snapshot.entries.get(path) for path in both) for base in bases)


def _signed(snapshot: Snapshot, place: bytes, record: Approval, ground: Ground, *, carried: bool) -> Vote:
    """The vote of a record that is in order, by its signature."""
    who, name, signature = record.approver, show(place), approval.signature_path(place)
    if signature not in snapshot:
        return Vote(who, None, "untrusted", f"{name} is not signed")
    from sdd.gates.signature import verify

    verdict = verify(*_question(snapshot, place, record, ground, carried=carried))
    if not verdict.ok:
        return Vote(who, None, "untrusted", f"{name}: {verdict.why}")
    if ground.rule.proof == "touch" and not verdict.touched:
        return Vote(who, None, "untrusted", f"{name} was signed without a touch of a hardware key")
    return Vote(who, record, "approved", "", verdict.key)


def _question(
    snapshot: Snapshot, place: bytes, record: Approval, ground: Ground, *, carried: bool
) -> Question:
    """What `verify` takes, with the moments at which the signature of a record must be good."""
    times = {record.approved_at}
    if not carried and ground.now_epoch is not None:
        times.add(ground.now_epoch)  # and at its own time too: a record may not be dated to before its key
    data, signature = snapshot.read(place), snapshot.read(approval.signature_path(place))
    return data, signature, record.approver, ground.signers, ground.revoked, *sorted(times)
