"""A small project with a policy, in memory or as files: its documents, approvals and code, and how one step follows another."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gitbox import GitBox
from people import NOW, Person, filed, record
from sdd.gates import approval
from sdd.gates.policy import Code, Gate, Policy, Trust, render
from sdd.snapshot import Snapshot, in_memory, overlaid

Files = Mapping[bytes, bytes | None]

ALICE, BOB = "alice@example.org", "bob@example.org"
POLICY, SIGNERS, REVOKED = b".sdd/policy.toml", b".sdd/allowed_signers", b".sdd/revoked_keys"
SPEC, ARCHITECTURE, PLAN = b"docs/product-spec.md", b"docs/architecture.md", b"docs/implementation-plan.md"
CODE, PAGE = b"src/cart.py", b"docs/changes/fix.md"
DOCUMENTS: Mapping[bytes, str] = {
    SPEC: "spec",
    ARCHITECTURE: "implementation",
    PLAN: "implementation",
    PAGE: "change",
}
WORDS: Mapping[bytes, bytes] = {
    SPEC: b"# A shop\n",
    ARCHITECTURE: b"# Its parts\n",
    PLAN: b"# Plan\n\n## Tasks\n\n### 01-cart: Cart\n\n- Goal: a cart\n- Writes: src/cart.py, tests/**\n- Acceptance: it holds\n",
    PAGE: b"---\nwrites: [src/price.py]\n---\n# Rounding\n",
}


def policy(proof: str = "none", trust: str = "none", **fields: object) -> Policy:
    """The policy of DESIGN §4 with one level of proof; `fields` replace its own."""
    gates = {
        "spec": Gate("spec", ("{docs}/product-spec.md",), (ALICE,), proof=proof),
        "implementation": Gate(
            "implementation",
            ("{docs}/architecture.md", "{docs}/implementation-plan.md"),
            (ALICE,),
            proof=proof,
            after=("spec",),
        ),
        "change": Gate("change", ("docs/changes/{session}.md",), (ALICE,), proof=proof),
    }
    made = Policy(
        version=1,
        project="shop",
        protected=("refs/heads/main",),
        mode="enforce",
        gates=gates,
        trust=Trust((ALICE,), trust, (".github/workflows/**", ".gitattributes")),
        code=(Code(("src/**",), (("spec", "implementation"), ("change",))),),
    )
    return made.replace(**fields)


def approved(
    *documents: bytes,
    by: Person | None = None,
    at: int = NOW,
    words: Mapping[bytes, bytes] = WORDS,
    **fields: object,
) -> dict[bytes, bytes | None]:
    """The records of these documents, each for its gate; signed if `by` is given, else by alice without a key."""
    files: dict[bytes, bytes | None] = {}
    for path in documents:
        gate = DOCUMENTS.get(path, "trust")
        made = record(path, words[path], by.email if by else ALICE, at, **{"gate": gate, **fields})
        files |= filed(made, by)
    return files


def place(document: bytes, approver: str = ALICE) -> bytes:
    """Where the record of a document lies."""
    return approval.path(DOCUMENTS.get(document, "trust"), document, approver)


def begun(rules: Policy | None = None, *more: Files) -> Snapshot:
    """The project with its policy and nothing approved."""
    return after(in_memory({POLICY: render(rules or policy()).encode()}), *more)


def ready(rules: Policy | None = None, by: Person | None = None, *more: Files) -> Snapshot:
    """The project with all its documents approved, so that its code may follow."""
    signers: Files = {SIGNERS: f"{by.line}\n".encode()} if by else {}
    return begun(rules, WORDS, approved(*WORDS, by=by), signers, *more)


def after(before: Snapshot, *changes: Files) -> Snapshot:
    """The snapshot after these changes."""
    return overlaid(before, {path: data for one in changes for path, data in one.items()})


def put(box: GitBox, *changes: Files, at: str = "") -> str:
    """Make these changes in one commit of a real repository; its id."""
    for files in changes:
        for path, data in files.items():
            if data is None:
                box.git("rm", "-q", "--cached", "--ignore-unmatch", "--", path)
                (box.path / os.fsdecode(path)).unlink(missing_ok=True)
            else:
                box.write(path, data)
    return box.commit(at=at)


def files(snapshot: Snapshot) -> dict[bytes, bytes | None]:
    """All files of a snapshot, to be put into a repository."""
    return dict(snapshot.read_all(snapshot.entries))
