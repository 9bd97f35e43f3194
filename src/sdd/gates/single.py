"""Judging one snapshot by itself: what stands in the files of the gates, whoever put it there."""

from __future__ import annotations

from sdd.findings import Finding, by_place
from sdd.gates import approval, policy, trust
from sdd.gates.governed import Territory
from sdd.gates.judgement import Judgement
from sdd.gates.openings import trusted_policy
from sdd.gates.policy import PATH, TRUST, PolicyError
from sdd.gates.records import UNKNOWN_GATE
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.gates.step import of_name
from sdd.snapshot import in_memory, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.gates.policy import Policy
    from sdd.snapshot import Snapshot


def judge_snapshot(snapshot: Snapshot) -> Judgement:
    """What is wrong with one snapshot: names, links, trust files and records that cannot be read or count for nobody.

    What an approval is worth is no finding: a document may wait. A policy that cannot be read is one.

    Raises:
        SddError: there is no policy, or it is a link: nothing can be judged.
    """
    found = [
        one
        for path in (SIGNERS, REVOKED)
        if snapshot.is_file(path)
        for one in trust.contents(in_memory({}), snapshot, path)
    ]
    try:
        rules = trusted_policy(snapshot)
    except PolicyError as error:
        found.append(Finding(trust.UNREADABLE, PATH, 0, error.message, error.hint))
        return Judgement(tuple(sorted(found, key=by_place)))
    territory = Territory(rules)
    found += [wrong for path in snapshot.entries if (wrong := of_name(snapshot, path, territory))]
    found += [wrong for path in approval.find(snapshot) for wrong in _of_record(snapshot, path, rules)]
    return Judgement(tuple(sorted(found, key=by_place)), enforced=rules.mode == "enforce")


def _of_record(snapshot: Snapshot, path: bytes, rules: Policy) -> tuple[Finding, ...]:
    if not snapshot.is_file(path):
        return ()  # a link has its own finding
    record = approval.read(path, snapshot.read(path))
    if isinstance(record, tuple):
        return record
    if record.gate in (*rules.gates, TRUST):
        return ()
    told = f"{show(path)}: the policy has no gate {record.gate}"
    return (
        Finding(UNKNOWN_GATE, path, 0, told, f"have {show(policy.PATH)} name the gate {record.gate} first"),
    )
