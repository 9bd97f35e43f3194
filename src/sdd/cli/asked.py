"""What a person asks to approve: the document or trust file, its gate's rule, and what it rests on; refused where it may not be."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sdd.cli.trusted import trusted
from sdd.errors import RefusedError, SddError
from sdd.gates.approving import Wanted, refuse_unfit, rule_of, wanted
from sdd.gates.enrolling import refuse_keyless
from sdd.gates.governed import code_digest
from sdd.gates.openings import Trusted, trusted_policy
from sdd.gates.picture import picture
from sdd.gates.policy import TRUST, Gate
from sdd.gates.trusting import SIGNED, refuse_unfit_change
from sdd.runs.record import inputs
from sdd.snapshot import Snapshot
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.gates.picture import Picture
    from sdd.repository import Repository

NOT_INPUTS = ("docs/lessons.md", "docs/guidelines.md")
"""Rules for every session: they change all the time, and no document rests on them alone."""


class Asked(Value):
    """What is to be approved: the files as they are, what judges them, the gate's rule, and the record's other facts."""

    want: Wanted
    snapshot: Snapshot
    trusted: Trusted
    rule: Gate
    inputs: tuple[str, ...] = ()
    code: str = ""


def asked(found: Repository, document: str, gate: str, approver: str) -> Asked:
    """What is to be approved, once it is clear that it may be.

    Raises:
        RefusedError: it may not.
        SddError: the path lies outside of the repository, or the policy cannot be read.
    """
    path = _tree_path(found, document)
    ground = trusted(found, int(time.time()))
    files = found.working_tree()
    if gate == TRUST:
        made = _change(found, files, path, ground, approver)
    else:
        made = _document(found, files, (path, gate), ground, approver)
    if made.rule.proof in SIGNED:
        by = made.trusted
        refuse_keyless(by.snapshot, files, approver, made.rule.proof, by.now_epoch)
    return made


def _change(found: Repository, files: Snapshot, path: bytes, ground: Trusted | None, approver: str) -> Asked:
    """A change of a trust file."""
    if ground is None:
        raise RefusedError(
            "no policy is committed yet, so the trust files belong to the adoption and need no approval",
            hint="git add .sdd && git commit -m 'Begin with sdd'",
        )
    want = Wanted(TRUST, path)
    rule = rule_of(ground, want, approver)
    refuse_unfit_change(ground, found.index(), files, path)
    return Asked(want, files, ground, rule)


def _document(
    found: Repository, files: Snapshot, what: tuple[bytes, str], ground: Trusted | None, approver: str
) -> Asked:
    """A document of a gate, with what it rests on."""
    seen = picture(files, ground.snapshot if ground else None)
    want = wanted(seen, *what)
    ground = ground or Trusted(files, trusted_policy(files), (), int(time.time()))
    rule = rule_of(ground, want, approver)
    head = found.head()
    committed = found.commit(head) if head else found.empty()
    there = committed.is_file(want.document)
    refuse_unfit(seen, want, rule, committed.read(want.document) if there else None)
    code = code_digest(committed, ground.policy) if rule.refs else ""
    return Asked(want, files, ground, rule, _inputs(seen, want), code)


def _tree_path(found: Repository, document: str) -> bytes:
    """A path that a person typed, as the tree has it."""
    whole = Path(os.path.abspath(document))  # noqa: PTH100 - resolve() would follow a link, which is to be refused as one
    try:
        return os.fsencode(whole.relative_to(found.root).as_posix())
    except ValueError:
        hint = f"name a document below {found.root}"
        raise SddError(f"{document} is not in this repository", hint=hint) from None


def _inputs(seen: Picture, want: Wanted) -> tuple[str, ...]:
    """The documents that the newest good run of the session rested on."""
    snapshot = seen.project.snapshot
    done = [run for run in seen.project.sessions[want.session].runs if run.outcome == "done" and run.file]
    path = b"sessions/" + done[-1].file.encode() if done else b""
    found = inputs(snapshot.read(path)) if snapshot.is_file(path) else []
    return tuple(
        name
        for name in found
        if name.startswith("docs/") and name not in NOT_INPUTS and name.encode() != want.document
    )
