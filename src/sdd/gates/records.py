"""Records of approvals that a step adds, changes or drops, each judged by itself (rules 5, 7, 8 and 9)."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.gates import approval
from sdd.gates.approval import FOLDER, Approval, written
from sdd.gates.governed import gates_of, is_trust
from sdd.gates.policy import TRUST
from sdd.gates.standing import ground_of
from sdd.gates.vote import vote
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdd.gates.openings import Trusted
    from sdd.gates.policy import Gate, Policy
    from sdd.snapshot import Snapshot

UNKNOWN_GATE, STRAY, UNVERIFIED, NO_APPROVER = "SDD303", "SDD304", "SDD305", "SDD306"
NOT_NEWER, DROPPED, NO_DOCUMENT = "SDD307", "SDD308", "SDD310"
ENDS = (b".toml", b".toml.sig")


def findings(before: Snapshot, after: Snapshot, own: Iterable[bytes], trusted: Trusted) -> list[Finding]:
    """What is wrong with the records among the paths that a step changes; links are somebody else's finding."""
    changed = [path for path in own if path.startswith(FOLDER + b"/")]
    stray = [path for path in changed if path in after and not path.endswith(ENDS)]
    places = dict.fromkeys(path.removesuffix(b".sig") for path in changed if path.endswith(ENDS))
    found = [
        Finding(
            STRAY, path, 0, f"{show(path)} is neither a record nor its signature", f"git rm -- {show(path)}"
        )
        for path in stray
    ]
    return found + [wrong for place in places if (wrong := _of_record(before, after, place, trusted))]


def _of_record(before: Snapshot, after: Snapshot, place: bytes, trusted: Trusted) -> Finding | None:
    if place not in after:
        return _dropped(before, after, place)
    if not after.is_file(place):
        return None
    record = approval.read(place, after.read(place))
    if not isinstance(record, Approval):
        return record[0]
    rule = trusted.policy.gate(record.gate)
    if rule is None or rule.proof == "merged":
        return _needless(place, record, trusted.policy)
    return _misfit(place, record, rule, trusted.policy) or _unverified(
        before, after, place, (record, rule), trusted
    )


def _dropped(before: Snapshot, after: Snapshot, place: bytes) -> Finding | None:
    """A record is gone, or a signature stands without one."""
    if place not in before:
        if approval.signature_path(place) not in after:
            return None
        lone = show(approval.signature_path(place))
        return Finding(
            STRAY, place + b".sig", 0, f"{lone} is the signature of no record", f"git rm -- {lone}"
        )
    told = (
        f"{show(place)} is dropped, and an older approval could count again; records outlive their documents"
    )
    return Finding(DROPPED, place, 0, told, f"git checkout HEAD -- {show(place)}")


def _needless(place: bytes, record: Approval, policy: Policy) -> Finding:
    if record.gate in policy.gates or record.gate == TRUST:
        told = f"the gate {record.gate} takes no records: what was merged into the protected branch counts"
        return Finding(UNKNOWN_GATE, place, 0, f"{show(place)}: {told}", f"git rm -- {show(place)}")
    people = " or ".join(policy.trust.approvers)
    told = f"the trusted policy has no gate {record.gate}; the gate comes first, approved by {people}"
    return Finding(UNKNOWN_GATE, place, 0, f"{show(place)}: {told}", "have .sdd/policy.toml merged first")


def _misfit(place: bytes, record: Approval, rule: Gate, policy: Policy) -> Finding | None:
    """What keeps a record from ever counting, whoever signed it."""
    named = show(record.document)
    if rule.name == TRUST:
        fits = is_trust(policy, record.document)
    else:
        fits = any(gate.name == rule.name for gate in gates_of(policy, record.document))
    if not fits:
        told = f"{show(place)}: {named} is no document of the gate {rule.name}"
        return Finding(NO_DOCUMENT, place, 0, told, f"git rm -- {show(place)}")
    if record.approver not in (*rule.approvers, *rule.former):
        who = " or ".join(rule.approvers)
        told = f"{show(place)}: {record.approver} may not approve for the gate {rule.name}; it is up to {who}"
        return Finding(NO_APPROVER, place, 0, told, f"sdd approve {named} --gate {rule.name}  # by {who}")
    return None


def _unverified(
    before: Snapshot, after: Snapshot, place: bytes, made: tuple[Approval, Gate], trusted: Trusted
) -> Finding | None:
    record, rule = made
    ground = ground_of(
        after,
        trusted.policy.project,
        rule,
        trusted=trusted.snapshot,
        now_epoch=trusted.now_epoch,
        bases=trusted.bases,
    )
    again = f"sdd approve {show(record.document)} --gate {record.gate}  # by {record.approver}"
    cast = vote(after, record.document, record.approver, ground)
    if cast is not None and cast.record is None:
        told = f"the approval for the gate {record.gate} counts for nothing: {cast.why}"
        return Finding(UNVERIFIED, place, 0, told, again)
    old = _approved_at(before, place)
    if before.blob(place) != after.blob(place) and old >= record.approved_at:
        told = f"{show(place)} says {written(record.approved_at)} and replaces one of {written(old)}; there is no way back"
        return Finding(NOT_NEWER, place, 0, told, again)
    return None


def _approved_at(snapshot: Snapshot, place: bytes) -> int:
    """When the record that stands there was made; 0 where none can be read."""
    record = approval.read(place, snapshot.read(place)) if snapshot.is_file(place) else ()
    return record.approved_at if isinstance(record, Approval) else 0
