"""A ref that a gate guards may only name what was approved for it, in protected history."""

from __future__ import annotations

from people import NOW
from sdd.gates.governed import code_digest
from sdd.gates.judgement import Judgement
from sdd.gates.policy import Gate, Policy
from sdd.gates.refs import guards, judge_ref
from sdd.snapshot import Snapshot
from shop import ALICE, Files, after, approved, begun, policy

RELEASE = b"docs/release.md"
WORDS = {RELEASE: b"# Ready\n", b"docs/pay/release.md": b"# Ready\n"}
CODE: Files = {b"src/cart.py": b"cart = []\n"}
TAG = "refs/tags/v1.0"


def rules(**fields: object) -> Policy:
    gate = Gate("deployment", ("{docs}/release.md",), (ALICE,), proof="none", refs=("refs/tags/v*",))
    return policy(gates={**policy().gates, "deployment": gate.replace(**fields)})


def released(
    document: bytes = RELEASE, code: str = "", inputs: tuple[tuple[bytes, str], ...] = ()
) -> Snapshot:
    """A project with its code and a release approved for that code, or for another."""
    there = begun(rules(), CODE, WORDS)
    digest = code or code_digest(there, rules())
    return after(there, approved(document, words=WORDS, gate="deployment", code=digest, inputs=inputs))


def judged(commit: Snapshot, ref: str = TAG, *, inside: bool = True) -> Judgement:
    return judge_ref(ref, commit, commit, in_protected_history=inside, now_epoch=NOW)


def told(judgement: Judgement) -> list[tuple[str, bytes]]:
    return [(one.code, one.path) for one in judgement.findings]


def test_a_release_of_the_approved_code_passes() -> None:
    assert judged(released()) == Judgement()
    assert judged(released(b"docs/pay/release.md")) == Judgement()


def test_other_refs_are_free() -> None:
    assert guards(rules(), "refs/heads/x") == []
    assert judged(begun(rules()), "refs/tags/nightly", inside=False) == Judgement()


def test_without_an_open_gate_there_is_no_release() -> None:
    (found,) = judged(begun(rules(), CODE, WORDS)).findings
    assert (found.code, found.path) == ("SDD311", TAG.encode())
    assert "docs/release.md awaits approval for deployment by alice@example.org" in found.message


def test_other_code_is_not_what_was_approved() -> None:
    assert told(judged(after(released(), {b"src/more.py": b""}))) == [("SDD312", TAG.encode())]
    assert told(judged(released(code="0" * 64))) == [("SDD312", TAG.encode())]
    assert judged(after(released(), {b"README.md": b""})) == Judgement()


def test_what_its_document_rested_on_must_not_have_changed() -> None:
    rested = released(inputs=((b"docs/brief.md", "0" * 64),))
    assert told(judged(rested)) == [("SDD311", TAG.encode())]


def test_it_must_lie_in_protected_history() -> None:
    assert told(judged(released(), inside=False)) == [("SDD604", TAG.encode())]
