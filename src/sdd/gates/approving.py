"""What it takes to approve a document: the checks before, and the record that is made."""

from __future__ import annotations

from sdd.errors import RefusedError, SddError
from sdd.findings import nearest
from sdd.gates.approval import Approval
from sdd.gates.policy import PATH
from sdd.sessions.session import parse
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.gates.picture import Picture
    from sdd.gates.policy import Gate, Policy


class Wanted(Value):
    """What a person wants to approve: a document for a gate, and the session that it belongs to."""

    gate: str
    document: bytes
    session: str


def wanted(picture: Picture, document: bytes, gate: str) -> Wanted:
    """The gate and session that a document belongs to.

    Raises:
        RefusedError: no session waits for this document at this gate.
        SddError: the policy cannot be read, or has no such gate.
    """
    policy = _policy(picture)
    if gate not in policy.gates:
        like = nearest(gate, list(policy.gates))
        raise SddError(
            f"the policy has no gate `{gate}`",
            hint=f"--gate {like}" if like else f"the gates are {', '.join(policy.gates) or 'none'}",
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


def _policy(picture: Picture) -> Policy:
    if picture.gates.policy is None:
        there = PATH in picture.project.snapshot
        raise SddError(picture.gates.wrong, hint=f"correct {show(PATH)}" if there else "sdd init")
    return picture.gates.policy


def refuse_unfit(picture: Picture, want: Wanted, committed: bytes | None, approver: str) -> None:
    """Refuse what must not be approved yet. `committed` is the document's bytes in HEAD.

    Raises:
        RefusedError: it is not committed, a link, has open questions or unticked items, its gate's `after` is shut, its
            session has not come so far, the approver may not approve it, or the gate takes more than a record.
    """
    shown = show(want.document)
    snapshot = picture.project.snapshot
    rule = _policy(picture).gates[want.gate]
    _refuse_what_takes_more(rule)
    if approver not in rule.approvers:
        who = ", ".join(rule.approvers)
        raise RefusedError(
            f"{approver or 'nobody'} may not approve for the gate {want.gate}",
            hint=f"it is up to {who}; your e-mail: git config user.email",
        )
    if want.document not in snapshot:
        raise RefusedError(f"{shown} is not written yet", hint=f"sdd next {want.session}")
    if not snapshot.is_file(want.document):
        raise RefusedError(f"{shown} is no regular file", hint="put the document itself there, no link")
    if committed is None or committed != snapshot.read(want.document):
        raise RefusedError(f"{shown} is not committed as it stands", hint=f"git add {shown} && git commit")
    for name in rule.after:
        opening = picture.gates.opening(name, want.session)
        if not opening.open:
            raise RefusedError(
                f"the gate {name} comes before {want.gate}, and is shut: {opening.why}", hint="sdd status"
            )
    _refuse_open_ends(picture, want)


def _refuse_what_takes_more(rule: Gate) -> None:
    """A record alone opens only gates with proof `none` and without refs; for others it would be worth nothing."""
    if rule.proof == "merged":
        raise RefusedError(
            f'the gate {rule.name} takes no record: with proof = "merged" the bytes in the protected branch count',
            hint="let a person review and merge the document on the forge",
        )
    if rule.proof != "none":
        raise RefusedError(
            f'the gate {rule.name} takes a signature (proof = "{rule.proof}"), and this sdd makes records without one',
            hint='where a record is enough for you: proof = "none" in .sdd/policy.toml',
        )
    if rule.refs:
        raise RefusedError(
            f"the gate {rule.name} guards {', '.join(rule.refs)}, and this sdd makes no record of the code for that",
            hint="take refs out of the gate in .sdd/policy.toml",
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


def record(picture: Picture, want: Wanted, approver: str, now_epoch: int, inputs: Sequence[str]) -> Approval:
    """The record of an approval. `inputs` are the paths that the document rests on; those that are gone are left out."""
    from hashlib import sha256

    snapshot = picture.project.snapshot
    known: Mapping[bytes, bytes] = snapshot.read_all(
        path.encode() for path in dict.fromkeys(inputs) if snapshot.is_file(path.encode())
    )
    return Approval(
        project=_policy(picture).project,
        gate=want.gate,
        document=want.document,
        sha256=sha256(snapshot.read(want.document)).hexdigest(),
        blob=snapshot.blob(want.document),
        approver=approver,
        approved_at=now_epoch,
        inputs=tuple(sorted((path, sha256(data).hexdigest()) for path, data in known.items())),
    )
