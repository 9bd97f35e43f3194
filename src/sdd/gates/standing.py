"""What an approval is worth now, and whether a gate is open: computed from snapshots, never stored.

What counts is the policy that is given, the signers of the trusted snapshot and the revoked keys of both (rule 1).
"""

from __future__ import annotations

from sdd.digests import sha256
from sdd.gates.approval import is_tree_path, path, signature_path
from sdd.gates.policy import documents
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.gates.vote import Ground, vote
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Literal

    from sdd.gates.approval import Approval
    from sdd.gates.policy import Gate, Policy
    from sdd.gates.vote import Vote
    from sdd.snapshot import Snapshot

    Status = Literal["approved", "missing", "stale", "suspect", "untrusted", "invalid"]

_NO_KEY = b"a link, which is no key"  # among the revoked keys it shuts every gate


class Standing(Value):
    """What the approvals of one document for one gate are worth.

    `by` are the approvers whose records count, `awaited` those who could add what lacks, `records` the records that count;
    `proven` is false where nothing but a record that anyone can write stands behind it.
    """

    gate: str
    document: bytes
    status: Status
    why: str
    by: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    proven: bool = False
    records: tuple[Approval, ...] = ()


class Opening(Value):
    """Whether a gate is open, what each of its documents is worth, and in plain words why."""

    open: bool
    standings: tuple[Standing, ...]
    why: str


def standing(
    snapshot: Snapshot,
    policy: Policy,
    gate_name: str,
    document: bytes,
    *,
    trusted: Snapshot | None = None,
    now_epoch: int | None = None,
    bases: tuple[Snapshot, ...] = (),
) -> Standing:
    """What the approvals of a document for a gate are worth in a snapshot.

    `trusted` is T, whose signers count; whoever judges a change must give it. Without it the snapshot's own signers count,
    which is good for a picture and for nothing else, and nothing counts as merged. A record with the same two blobs in
    `trusted` or in one of `bases` (merge bases of T and the step) is a carried one and verified at its own `approved_at`,
    any other at `now_epoch` (seconds since 1970). Without `now_epoch` all are verified at their own time, so that the same
    files always give the same picture.

    Raises:
        SddError: a signature has to be verified and ssh-keygen is missing or too old.
    """
    rule = policy.gate(gate_name)
    if rule is None:
        return Standing(gate_name, document, "invalid", f"the policy has no gate {gate_name}")
    problem = _unfit(snapshot, rule, document)
    if problem is not None:
        return problem
    if rule.proof == "merged":
        return _merged(snapshot, rule, document, trusted)
    ground = ground_of(snapshot, policy.project, rule, trusted=trusted, now_epoch=now_epoch, bases=bases)
    votes = [vote(snapshot, document, approver, ground) for approver in (*rule.approvers, *rule.former)]
    return _weighed(snapshot, rule, document, votes)


def votes_on(
    snapshot: Snapshot,
    policy: Policy,
    wanted: Iterable[tuple[str, bytes]],
    *,
    trusted: Snapshot | None = None,
    now_epoch: int | None = None,
    bases: tuple[Snapshot, ...] = (),
) -> Iterator[tuple[Snapshot, bytes, str, Ground]]:
    """The votes that count for these gates and documents, as far as they take a signature, for `vote.prepare`.

    The other parameters are those of `standing`.
    """
    rules = ((policy.gate(name), document) for name, document in dict.fromkeys(wanted))
    proven = [
        (rule, document)
        for rule, document in rules
        if rule and rule.proof not in {"none", "merged"} and not _unfit(snapshot, rule, document)
    ]
    places = [place for rule, document in proven for place in _places(rule, document)]
    snapshot.read_all(place for place in places if snapshot.is_file(place))
    grounds: dict[str, Ground] = {}
    for rule, document in proven:
        if rule.name not in grounds:
            grounds[rule.name] = ground_of(
                snapshot, policy.project, rule, trusted=trusted, now_epoch=now_epoch, bases=bases
            )
        for approver in (*rule.approvers, *rule.former):
            yield snapshot, document, approver, grounds[rule.name]


def _places(rule: Gate, document: bytes) -> Iterator[bytes]:
    """Where everything lies that the approvals of a document are read from."""
    yield document
    for approver in (*rule.approvers, *rule.former):
        place = path(rule.name, document, approver)
        yield from (place, signature_path(place))


def ground_of(
    snapshot: Snapshot,
    project: str,
    rule: Gate,
    *,
    trusted: Snapshot | None,
    now_epoch: int | None,
    bases: tuple[Snapshot, ...],
) -> Ground:
    """What the records of a gate are verified against in a snapshot; the parameters are those of `standing`."""
    known = snapshot if trusted is None else trusted
    return Ground(
        project=project,
        rule=rule,
        bases=bases if trusted is None else (trusted, *bases),
        now_epoch=now_epoch,
        signers=_content(known, SIGNERS, b""),
        revoked=tuple(dict.fromkeys(_content(one, REVOKED, _NO_KEY) for one in (known, snapshot))),
    )


def gate_open(  # noqa: PLR0913 - the same eight things as `standing`, with a document's two halves
    snapshot: Snapshot,
    policy: Policy,
    gate_name: str,
    feature: str = "",
    session: str = "",
    *,
    trusted: Snapshot | None = None,
    now_epoch: int | None = None,
    bases: tuple[Snapshot, ...] = (),
) -> Opening:
    """Whether a gate is open for a feature ("" for the root feature) and a session, in this snapshot.

    It is if all its documents are approved and all gates in its `after` are open. `suspect` shuts only a gate with refs. A
    gate without a document is shut. Parameters and errors are those of `standing`.
    """
    rule = policy.gate(gate_name)
    if rule is None:
        return Opening(open=False, standings=(), why=f"the policy has no gate {gate_name}")
    paths = documents(rule, feature, session)
    if not paths:
        return Opening(open=False, standings=(), why=f"the gate {gate_name} has no document here")
    standings = tuple(
        standing(snapshot, policy, gate_name, path, trusted=trusted, now_epoch=now_epoch, bases=bases)
        for path in paths
    )
    before = [
        (
            name,
            gate_open(
                snapshot, policy, name, feature, session, trusted=trusted, now_epoch=now_epoch, bases=bases
            ),
        )
        for name in rule.after
    ]
    reasons = [f"the gate {name} is shut" for name, opening in before if not opening.open]
    reasons += [one.why for one in standings if not _opens(rule, one)]
    return Opening(
        open=not reasons, standings=standings, why="; ".join(reasons or [one.why for one in standings])
    )


def _opens(rule: Gate, found: Standing) -> bool:
    return found.status == "approved" or (found.status == "suspect" and not rule.refs)


def _content(snapshot: Snapshot, path: bytes, of_a_link: bytes) -> bytes:
    """The bytes of a trust file; none where there is none, and what shuts the gates where a link stands in its place."""
    if path not in snapshot:
        return b""
    return snapshot.read(path) if snapshot.is_file(path) else of_a_link


def _unfit(snapshot: Snapshot, rule: Gate, document: bytes) -> Standing | None:
    """The standing of a document that no approval could make good, or None."""
    if not is_tree_path(document.decode("utf-8", "surrogateescape")):
        return Standing(
            rule.name, document, "invalid", f"{show(document)} is no name that an approval can give"
        )
    if document not in snapshot:
        why = f"{show(document)} does not exist"
        return Standing(rule.name, document, "missing", why, awaited=rule.approvers)
    if not snapshot.is_file(document):
        return Standing(
            rule.name, document, "invalid", f"{show(document)} is a link, no file", awaited=rule.approvers
        )
    return None


def _merged(snapshot: Snapshot, rule: Gate, document: bytes, trusted: Snapshot | None) -> Standing:
    """Approved is what stands in the trusted commit."""
    name = show(document)
    if trusted is None or not trusted.is_file(document):
        why = f"{name} awaits being merged into the protected branch"
        return Standing(rule.name, document, "missing", why, awaited=rule.approvers)
    if trusted.blob(document) != snapshot.blob(document):
        why = f"{name} differs from what was merged into the protected branch"
        return Standing(rule.name, document, "stale", why, awaited=rule.approvers)
    return Standing(
        rule.name, document, "approved", f"{name} was merged into the protected branch", proven=True
    )


def _weighed(snapshot: Snapshot, rule: Gate, document: bytes, votes: Sequence[Vote | None]) -> Standing:
    """The standing that all votes together give a document: the newest record decides the bytes (rule 8).

    So does one whose signature counts no more: else withdrawing its key, which anybody may do, would be a way back.
    """
    cast = [one for one in votes if one is not None]
    objections = [one.why for one in cast if one.record is None]
    verified = [(one.record, one.key) for one in cast if one.record is not None]
    digest = sha256(snapshot.read(document))
    known = [record for one in cast if (record := one.record or one.unproven)]
    newest = max((record.approved_at for record in known), default=0)
    others = [record for record in known if record.approved_at == newest and record.sha256 != digest]
    stale = bool(verified and others)
    keys: dict[str, Approval] = {}
    for record, key in verified:
        if record.sha256 == digest and not stale and keys.setdefault(key, record) is not record:
            objections.append(f"{record.approver} and {keys[key].approver} have one key and count once")
    records = tuple(keys.values())
    if len(records) >= rule.approvals:
        return _approved(snapshot, rule, document, records)
    by = tuple(record.approver for record in records)
    awaited = tuple(approver for approver in rule.approvers if approver not in by)
    worst = [one.status for one in cast if one.record is None]
    status: Status = "stale" if stale else worst[0] if worst else "missing"
    why = _lack(rule, show(document), len(records), awaited, stale=stale)
    why = "; ".join([why, *objections])
    return Standing(rule.name, document, status, why, by, awaited, records=records)


def _approved(snapshot: Snapshot, rule: Gate, document: bytes, records: tuple[Approval, ...]) -> Standing:
    """The standing of a document with enough approvals: approved, or suspect where what it rested on has changed."""
    by = tuple(record.approver for record in records)
    proven = rule.proof != "none"
    why = f"{show(document)} was approved by {', '.join(by)}" + ("" if proven else " (recorded, not proven)")
    changed = sorted(
        {path for record in records for path, digest in record.inputs if not _holds(snapshot, path, digest)}
    )
    if changed:
        why += f", but rests on what has changed since: {', '.join(map(show, changed))}"
    return Standing(rule.name, document, "suspect" if changed else "approved", why, by, (), proven, records)


def _lack(rule: Gate, name: str, count: int, awaited: Sequence[str], *, stale: bool) -> str:
    people = " or ".join(awaited)
    if stale:
        return f"{name} has changed since it was approved for {rule.name} and awaits {people}"
    if rule.approvals > 1:
        return f"{name} has {count} of {rule.approvals} approvals for {rule.name} and awaits {people}"
    return f"{name} awaits approval for {rule.name} by {people}"


def _holds(snapshot: Snapshot, path: bytes, digest: str) -> bool:
    return snapshot.is_file(path) and sha256(snapshot.read(path)) == digest
