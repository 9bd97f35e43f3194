"""Trust files that a step changes: the policy, the signers, the revoked keys, and those that the policy names (rule 5)."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.gates import policy as policies
from sdd.gates import signers
from sdd.gates.governed import is_trust
from sdd.gates.policy import PATH, TRUST, PolicyError
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdd.gates.openings import Openings, Trusted
    from sdd.snapshot import Snapshot

UNREADABLE, UNAPPROVED, DELETED, TOO_FEW, MERGED = "SDD701", "SDD704", "SDD705", "SDD708", "SDD710"


def findings(before: Snapshot, after: Openings, own: Iterable[bytes]) -> tuple[list[Finding], list[Finding]]:
    """Findings and notices for the trust files among the paths that a step changes; links are somebody else's finding."""
    wrong: list[Finding] = []
    told: list[Finding] = []
    for path in own:
        if not is_trust(after.policy, path):
            continue
        if path not in after.snapshot:
            wrong.append(_deleted(path))
        else:
            wrong += contents(before, after.snapshot, path)
            wrong += _too_few(after, path)
            unapproved = _unapproved(before, after, path)
            (told if after.policy.trust.proof == "merged" else wrong).extend(unapproved)
    return wrong, told


def contents(before: Snapshot, after: Snapshot, path: bytes) -> list[Finding]:
    """What is wrong with a trust file's own words, as far as the step brought it in."""
    if path == PATH:
        try:
            policies.read(after.read(PATH))
        except PolicyError as error:
            return [Finding(UNREADABLE, path, 0, error.message, error.hint)]
    if path not in {SIGNERS, REVOKED}:
        return []
    data = after.read(path)
    found = signers.read(data)[1] if path == SIGNERS else signers.read_revoked(data)[1]
    old = set(_lines(before, path))
    lines = _lines(after, path)
    return [one for one in found if not one.line or lines[one.line - 1] not in old]


def _lines(snapshot: Snapshot, path: bytes) -> list[bytes]:
    return snapshot.read(path).split(b"\n") if snapshot.is_file(path) else []


def _deleted(path: bytes) -> Finding:
    told = f"the trust file {show(path)} is deleted; nobody can approve that"
    return Finding(DELETED, path, 0, told, f"git checkout HEAD -- {show(path)}")


def _unapproved(before: Snapshot, after: Openings, path: bytes) -> list[Finding]:
    """The finding, or with `merged` the notice, that a change of a trust file has no approval."""
    if path == REVOKED and _only_added(before, after.snapshot):
        return []
    rule = after.policy.trust
    name = show(path)
    people = " or ".join(rule.approvers)
    if rule.proof == "merged":
        told = f"the trust file {name} changes; merging it approves it, which is up to {people}"
        return [Finding(MERGED, path, 0, told, f"read the change of {name} before you merge")]
    found = after.standing(TRUST, path)
    if found.status in {"approved", "suspect"}:
        return []
    told = f"the trust file {name} changes without approval under the trusted policy: {found.why}"
    return [Finding(UNAPPROVED, path, 0, told, f"sdd approve {name} --gate {TRUST}  # by {people}")]


def _only_added(before: Snapshot, after: Snapshot) -> bool:
    """Whether no key that was revoked is taken back."""
    old = {line.strip() for line in _lines(before, REVOKED) if line.strip()[:1] not in {b"", b"#"}}
    return old <= {line.strip() for line in _lines(after, REVOKED)}


def _too_few(after: Openings, path: bytes) -> list[Finding]:
    """Whether revoking leaves too few people who could ever change a trust file again."""
    rule = after.policy.trust
    if path != REVOKED or rule.proof not in {"ssh", "touch"}:
        return []
    left = _able(after.trusted, after.snapshot)
    if left >= rule.approvals:
        return []
    told = f"{show(REVOKED)} leaves {left} of {rule.approvals} keys that could approve a trust file; {' or '.join(rule.approvers)} would be locked out"
    return [Finding(TOO_FEW, path, 0, told, "have a new key approved first: sdd enrol EMAIL --key KEY.pub")]


def _able(trusted: Trusted, after: Snapshot) -> int:
    """How many approvers of trust files have a key of their own that counts now and is revoked neither in T nor after."""
    rule = trusted.policy.trust
    listed = signers.read(_bytes(trusted.snapshot, SIGNERS))[0]
    revoked = [signers.read_revoked(_bytes(one, REVOKED))[0] for one in (trusted.snapshot, after)]
    able = [
        one
        for one in listed
        if one.email in rule.approvers
        and not any(one.key in keys for keys in revoked)
        and one.valid_at(trusted.now_epoch)
        and (rule.proof != "touch" or one.key_type.startswith("sk-"))
    ]
    return min(len({one.email for one in able}), len({one.key for one in able}))


def _bytes(snapshot: Snapshot, path: bytes) -> bytes:
    return snapshot.read(path) if snapshot.is_file(path) else b""
