"""Judging a ref that a gate guards, such as a release's tag (rule 12)."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.gates.governed import code_digest
from sdd.gates.judgement import Judgement
from sdd.gates.openings import Openings, Trusted, trusted_policy
from sdd.globs import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.gates.openings import Instance
    from sdd.gates.policy import Gate, Policy
    from sdd.snapshot import Snapshot

REF_SHUT, OTHER_CODE, OUTSIDE_HISTORY = "SDD311", "SDD312", "SDD604"


def guards(policy: Policy, ref: str) -> list[Gate]:
    """The gates that guard a ref, given by its full name ("refs/tags/v1")."""
    name = ref.encode("utf-8", "surrogateescape")
    return [gate for gate in policy.gates.values() if any(matches(glob, name) for glob in gate.refs)]


def judge_ref(
    ref: str, commit: Snapshot, trusted: Snapshot, *, in_protected_history: bool, now_epoch: int
) -> Judgement:
    """What is wrong with letting a ref name a commit, by the gates that guard it in the policy of `trusted` (T).

    `in_protected_history` tells whether a protected branch reaches the commit. A guarding gate must be open in it, for
    some feature, and the approvals that count must name its governed code.

    Raises:
        SddError: T has no policy that can be read, or something cannot be verified.
    """
    policy = trusted_policy(trusted)
    guarding = guards(policy, ref)
    openings = Openings(commit, Trusted(trusted, policy, (), now_epoch))
    found = [wrong for gate in guarding if (wrong := _guarded(ref, gate, openings))]
    if guarding and not in_protected_history:
        told = f"{ref} names {commit.name}, which no protected branch ({', '.join(policy.protected)}) reaches"
        found.append(_finding(OUTSIDE_HISTORY, ref, told, "have it merged first, then make the ref"))
    return Judgement(tuple(found), enforced=policy.mode == "enforce")


def _guarded(ref: str, gate: Gate, openings: Openings) -> Finding | None:
    instances = openings.instances((gate.name,))
    opened = [one for one in instances if not openings.shut(one)]
    people = " or ".join(gate.approvers)
    if not opened:
        why = openings.opening(gate.name, "", "").why
        told = f"{ref} may only be made where the gate {gate.name} is open, and in {openings.snapshot.name} it is shut: {why}"
        return _finding(REF_SHUT, ref, told, f"sdd approve DOCUMENT --gate {gate.name}  # by {people}")
    digest = code_digest(openings.snapshot, openings.policy)
    if any(_approves(one, gate, openings, digest) for one in opened):
        return None
    told = f"{ref} names {openings.snapshot.name}, whose governed code {digest[:12]} is not what was approved for the gate {gate.name}"
    return _finding(
        OTHER_CODE, ref, told, f"sdd approve DOCUMENT --gate {gate.name}  # by {people}, for this code"
    )


def _approves(one: Instance, gate: Gate, openings: Openings, digest: str) -> bool:
    """Whether enough of the records that count, for every document, name this code."""
    standings = openings.opening(gate.name, one.feature, one.session).standings
    return all(
        sum(record.code == digest for record in standing.records) >= gate.approvals for standing in standings
    )


def _finding(code: str, ref: str, told: str, hint: str) -> Finding:
    return Finding(code, ref.encode("utf-8", "surrogateescape"), 0, told, hint)
