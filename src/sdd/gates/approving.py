"""What it takes to approve a document: the checks before, the record that is made, and whether it would count."""

from __future__ import annotations

from sdd.errors import RefusedError, SddError
from sdd.findings import nearest
from sdd.gates import approval
from sdd.gates.approval import Approval
from sdd.gates.governed import gates_of, is_trust
from sdd.gates.policy import PATH, TRUST
from sdd.gates.standing import ground_of, standing
from sdd.gates.vote import vote
from sdd.sessions.session import parse
from sdd.snapshot import overlaid, show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.gates.openings import Trusted
    from sdd.gates.picture import Picture
    from sdd.gates.policy import Gate
    from sdd.gates.standing import Standing
    from sdd.gates.vote import Ground
    from sdd.snapshot import Snapshot


class Wanted(Value):
    """What a person wants to approve: a document for a gate, and the session that it belongs to ("" for a trust file)."""

    gate: str
    document: bytes
    session: str = ""


def wanted(picture: Picture, document: bytes, gate: str) -> Wanted:
    """The gate and session that a document belongs to.

    Raises:
        RefusedError: no session waits for this document at this gate.
        SddError: the policy cannot be read, or has no such gate.
    """
    policy = picture.gates.policy
    if policy is None:
        there = PATH in picture.project.snapshot
        raise SddError(picture.gates.wrong, hint=f"correct {show(PATH)}" if there else "sdd init")
    if gate not in policy.gates:
        like = nearest(gate, [*policy.gates, TRUST])
        raise SddError(
            f"the policy has no gate `{gate}`",
            hint=f"--gate {like}" if like else f"the gates are {', '.join((*policy.gates, TRUST))}",
        )
    text = document.decode("utf-8", "replace")
    for name in picture.project.sessions:
        if picture.project.text(name, "gate") == gate and text in picture.gates.documents(gate, name):
            return Wanted(gate, document, name)
    raise RefusedError(f"{show(document)} is no document of the gate {gate}", hint=_written(picture, gate))


def _written(picture: Picture, gate: str) -> str:
    """Which documents of a gate there are."""
    known = {path for name in picture.project.sessions for path in picture.gates.documents(gate, name)}
    there = sorted(path for path in known if path.encode() in picture.project.snapshot)
    return (
        f"its documents are {', '.join(there)}" if there else "its documents are not written yet: sdd status"
    )


def rule_of(trusted: Trusted, want: Wanted, approver: str) -> Gate:
    """The rule by which an approval would be judged: that of T, whatever a branch makes of it.

    Raises:
        RefusedError: T has no such gate or document, the gate takes no records, or the approver may not approve for it.
    """
    rule = trusted.policy.gate(want.gate)
    shown = show(want.document)
    if rule is None or not _knows(trusted, want):
        raise RefusedError(
            f"the policy of {trusted.snapshot.name}, which is what counts, has no gate {want.gate} for {shown}",
            hint=f"have {show(PATH)} approved and merged first",
        )
    if rule.proof == "merged":
        raise RefusedError(
            f'the gate {rule.name} takes no record: with proof = "merged" the bytes in the protected branch count',
            hint=f"have {shown} reviewed and merged on the forge",
        )
    if approver not in rule.approvers:
        raise RefusedError(
            f"{approver or 'nobody'} may not approve for the gate {rule.name}",
            hint=f"it is up to {', '.join(rule.approvers)}; your e-mail: git config user.email",
        )
    return rule


def _knows(trusted: Trusted, want: Wanted) -> bool:
    if want.gate == TRUST:
        return is_trust(trusted.policy, want.document)
    return any(gate.name == want.gate for gate in gates_of(trusted.policy, want.document))


def refuse_unfit(picture: Picture, want: Wanted, rule: Gate, committed: bytes | None) -> None:
    """Refuse what must not be approved yet. `committed` is the document's bytes in HEAD.

    Raises:
        RefusedError: it is not committed, a link, has open questions or unticked items, its gate's `after` is shut, or its
            session has not come so far.
    """
    shown = show(want.document)
    snapshot = picture.project.snapshot
    if want.document not in snapshot:
        raise RefusedError(f"{shown} is not written yet", hint=f"sdd next {want.session}")
    _refuse_no_file(snapshot, want.document)
    if committed is None or committed != snapshot.read(want.document):
        raise RefusedError(f"{shown} is not committed as it stands", hint=f"git add {shown} && git commit")
    for name in rule.after:
        opening = picture.gates.opening(name, want.session)
        if not opening.open:
            raise RefusedError(
                f"the gate {name} comes before {want.gate}, and is shut: {opening.why}", hint="sdd status"
            )
    _refuse_open_ends(picture, want)


def _refuse_no_file(snapshot: Snapshot, document: bytes) -> None:
    if not snapshot.is_file(document):
        raise RefusedError(
            f"{show(document)} is no regular file", hint="put the document itself there, no link"
        )


def _refuse_open_ends(picture: Picture, want: Wanted) -> None:
    one, state = picture.project.sessions[want.session], picture.states[want.session]
    if one.open_questions:
        raise RefusedError(
            f"{want.session} has an open question: {one.open_questions[0].text}",
            hint=f"sdd answer {want.session}",
        )
    left = parse(want.document, picture.project.snapshot.read(want.document)).unticked
    if left:
        raise RefusedError(
            f"{show(want.document)} has an open item: {left[0].text}", hint=f"sdd next {want.session}"
        )
    if state.state not in {"review", "done"}:
        raise RefusedError(
            f"{want.session} is {state.state}, so its document is not ready for approval",
            hint=f"sdd next {want.session}",
        )


def record(
    snapshot: Snapshot,
    project: str,
    want: Wanted,
    approver: str,
    now_epoch: int,
    inputs: Sequence[str] = (),
    code: str = "",
) -> Approval:
    """The record of an approval. `inputs` are the paths that the document rests on; those that are gone are left out."""
    from hashlib import sha256

    known: Mapping[bytes, bytes] = snapshot.read_all(
        path.encode() for path in dict.fromkeys(inputs) if snapshot.is_file(path.encode())
    )
    return Approval(
        project=project,
        gate=want.gate,
        document=want.document,
        sha256=sha256(snapshot.read(want.document)).hexdigest(),
        blob=snapshot.blob(want.document),
        approver=approver,
        approved_at=now_epoch,
        inputs=tuple(sorted((path, sha256(data).hexdigest()) for path, data in known.items())),
        code=code,
    )


def counted(snapshot: Snapshot, trusted: Trusted, want: Wanted) -> Standing:
    """What the approvals of the document are worth in a snapshot, as every door will judge it."""
    return standing(
        snapshot,
        trusted.policy,
        want.gate,
        want.document,
        trusted=trusted.snapshot,
        now_epoch=trusted.now_epoch,
        bases=trusted.bases,
    )


def moment(snapshot: Snapshot, trusted: Trusted, want: Wanted, rule: Gate, old: Approval | None) -> int:
    """Now, in seconds since 1970, and later than every approval that counts: the newest one decides the bytes (rule 8).

    `old` is the approver's record that the new one takes the place of.

    Raises:
        RefusedError: that record is of the future.
    """
    if old and old.approved_at > trusted.now_epoch:
        raise RefusedError(
            "your approval before this one says a time that is yet to come",
            hint="set this machine's clock right, or wait",
        )
    ground = _ground(snapshot, trusted, rule)
    votes = [vote(snapshot, want.document, one, ground) for one in (*rule.approvers, *rule.former)]
    known = [record.approved_at for one in votes if one and (record := one.record or one.unproven)]
    before = max([*known, old.approved_at if old else 0])
    return max(trusted.now_epoch, before + 1)


def refuse_worthless(
    snapshot: Snapshot, trusted: Trusted, rule: Gate, made: Approval, signature: bytes | None
) -> None:
    """Refuse a record that would count for nothing: judged as every door would judge it, before it is written.

    Raises:
        RefusedError: its signature is not good now, or somebody else's approval with the same key counts already.
        SddError: there is no fit ssh-keygen.
    """
    place = approval.path(made.gate, made.document, made.approver)
    files = {place: approval.render(made), approval.signature_path(place): signature}
    after = overlaid(snapshot, files)
    cast = vote(after, made.document, made.approver, _ground(after, trusted, rule))
    why = cast.why if cast else ""
    found = counted(after, trusted, Wanted(made.gate, made.document))
    if made.approver not in found.by:
        raise RefusedError(
            f"this approval would count for nothing, so it was not written: {why or found.why}",
            hint="see the keys in .sdd/allowed_signers; choose yours with --key FILE",
        )


def _ground(snapshot: Snapshot, trusted: Trusted, rule: Gate) -> Ground:
    return ground_of(
        snapshot,
        trusted.policy.project,
        rule,
        trusted=trusted.snapshot,
        now_epoch=trusted.now_epoch,
        bases=trusted.bases,
    )
