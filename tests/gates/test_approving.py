"""What it takes to approve a document: every refusal, and the record that is made."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from people import NOW, Person, filed
from people import record as recorded
from projects import ALICE, files, policy, run, runs, seen, session, snapshot
from sdd.errors import RefusedError, SddError
from sdd.gates.approval import path, render
from sdd.gates.approving import Wanted, moment, record, refuse_unfit, refuse_worthless, rule_of, wanted
from sdd.gates.openings import Trusted, trusted_policy
from sdd.gates.picture import Picture, picture
from sdd.gates.policy import PATH, TRUST
from sdd.gates.policy import render as render_policy
from sdd.gates.signers import SIGNERS
from sdd.snapshot import LINK, Entry, Snapshot

BOB = "bob@example.org"
SPEC, PLAN = b"docs/product-spec.md", b"docs/implementation-plan.md"
WORDS = "# Spec\n\n- [x] decided\n"
DONE = runs(run("done"))
WANT = Wanted("spec", SPEC, "01-product-spec")


def project(spec: str = WORDS, rest: str = DONE, **gate: object) -> dict[bytes, bytes]:
    """A project whose product spec waits for approval; `gate` replaces fields of the gate spec."""
    made = files(
        **{
            "sessions__01-product-spec": session("product-spec", rest=rest),
            "sessions__03-implementation-plan": session("implementation-plan", rest=DONE),
            "docs__product-spec": spec,
            "docs__implementation-plan": "# Plan\n",
        }
    )
    rules = policy()
    gates = {**rules.gates, "spec": rules.gates["spec"].replace(**gate)}
    return {**made, PATH: render_policy(rules.replace(gates=gates)).encode()}


def trusted(given: Picture, before: Snapshot | None = None) -> Trusted:
    """What judges: `before`, else the same files."""
    snapshot_ = before or given.project.snapshot
    return Trusted(snapshot_, trusted_policy(snapshot_), (), NOW)


def refusal(
    given: Picture, want: Wanted = WANT, committed: bytes | None = WORDS.encode(), who: str = ALICE
) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        approvable(given, want, committed, who)
    return caught.value


def approvable(given: Picture, want: Wanted, committed: bytes | None, who: str = ALICE) -> None:
    refuse_unfit(given, want, rule_of(trusted(given), want, who), committed)


def test_what_waits_for_approval_may_be_approved() -> None:
    given = seen(project())
    assert wanted(given, SPEC, "spec") == WANT
    approvable(given, WANT, WORDS.encode())


def test_a_document_of_another_gate_names_those_of_this_one() -> None:
    with pytest.raises(RefusedError) as caught:
        wanted(seen(project()), PLAN, "spec")
    assert caught.value.message == "docs/implementation-plan.md is no document of the gate spec"
    assert caught.value.hint == "its documents are docs/product-spec.md"


def test_a_gate_whose_documents_are_not_written_says_so() -> None:
    with pytest.raises(RefusedError) as caught:
        wanted(seen(files(sessions__changes__fix=session("change"))), SPEC, "change")
    assert caught.value.hint == "its documents are not written yet: sdd status"


def test_an_unknown_gate_names_the_nearest() -> None:
    with pytest.raises(SddError, match="the policy has no gate `spek`") as caught:
        wanted(seen(project()), SPEC, "spek")
    assert caught.value.hint == "--gate spec"
    with pytest.raises(SddError) as caught:
        wanted(seen(project()), SPEC, "zzz")
    assert caught.value.hint == "the gates are spec, implementation, change, trust"


def test_without_a_policy_nothing_can_be_approved() -> None:
    given = project()
    with pytest.raises(SddError) as caught:
        wanted(seen({**given, PATH: b"x"}), SPEC, "spec")
    assert caught.value.hint == "correct .sdd/policy.toml"
    del given[PATH]
    with pytest.raises(SddError) as caught:
        wanted(seen(given), SPEC, "spec")
    assert caught.value.hint == "sdd init"


def test_a_small_changes_page_belongs_to_its_session() -> None:
    page = "---\nwrites: [src/x.py]\n---\n# Fix\n"
    given = seen(
        files(
            sessions__changes__fix=session("change", rest=runs(run("done", turn="document"))),
            docs__changes__fix=page,
        )
    )
    want = wanted(given, b"docs/changes/fix.md", "change")
    assert want.session == "changes/fix"
    approvable(given, want, page.encode())


@pytest.mark.parametrize("who", ["", "mallory@example.org", ALICE.upper()])
def test_only_an_approver_approves(who: str) -> None:
    error = refusal(seen(project()), who=who)
    assert error.message == f"{who or 'nobody'} may not approve for the gate spec"
    assert ALICE in error.hint


def test_a_merged_document_needs_no_record() -> None:
    assert "takes no record" in refusal(seen(project(proof="merged"))).message


def test_a_gate_that_the_trusted_policy_lacks_comes_first() -> None:
    """However the branch's own policy may name it."""
    given = seen(project())
    rules = policy().replace(code=())
    gates = {name: gate for name, gate in rules.gates.items() if name != "spec"}
    before = snapshot({PATH: render_policy(rules.replace(gates=gates)).encode()})
    with pytest.raises(RefusedError, match="which is what counts, has no gate spec"):
        rule_of(trusted(given, before), WANT, ALICE)
    other = {**rules.gates, "spec": rules.gates["spec"].replace(documents=("other.md",))}
    before = snapshot({PATH: render_policy(rules.replace(gates=other)).encode()})
    with pytest.raises(RefusedError, match="has no gate spec for docs"):
        rule_of(trusted(given, before), WANT, ALICE)


def test_only_trust_files_are_approved_for_trust() -> None:
    given = trusted(seen(project()))
    assert rule_of(given, Wanted(TRUST, PATH), ALICE).name == TRUST
    with pytest.raises(RefusedError, match="has no gate trust for docs"):
        rule_of(given, Wanted(TRUST, SPEC), ALICE)


def test_a_document_that_is_not_written_is_refused() -> None:
    given = project()
    del given[SPEC]
    assert refusal(seen(given)).message == "docs/product-spec.md is not written yet"


def test_a_link_is_refused() -> None:
    plain = snapshot(project())
    linked = Snapshot("linked", {**plain.entries, SPEC: Entry(LINK, plain.blob(SPEC))}, plain.read_all)
    assert refusal(picture(linked)).message == "docs/product-spec.md is no regular file"


@pytest.mark.parametrize("committed", [None, b"# Spec\n\n- [x] decided otherwise\n", b""])
def test_bytes_that_are_not_committed_are_refused(committed: bytes | None) -> None:
    error = refusal(seen(project()), committed=committed)
    assert error.message == "docs/product-spec.md is not committed as it stands"


def test_the_gates_before_must_be_open() -> None:
    plan = Wanted("implementation", PLAN, "03-implementation-plan")
    given = project()
    rules = policy()
    later = rules.gates["implementation"].replace(after=("spec",))
    given[PATH] = render_policy(rules.replace(gates={**rules.gates, "implementation": later})).encode()
    assert refusal(seen(given), plan, b"# Plan\n").message.startswith(
        "the gate spec comes before implementation, and is shut: docs/product-spec.md awaits approval"
    )
    approvable(seen({**given, **filed(recorded(SPEC, WORDS.encode(), ALICE), None)}), plan, b"# Plan\n")


def test_an_open_question_is_refused() -> None:
    error = refusal(seen(project(rest="\n## Questions\n\n- Do carts expire?\n" + DONE)))
    assert error.message == "01-product-spec has an open question: Do carts expire?"
    assert error.hint == "sdd answer 01-product-spec"


def test_an_open_item_of_the_document_is_refused() -> None:
    words = "# Spec\n\n## Checklist\n\n- [x] one\n- [ ] two\n"
    assert refusal(seen(project(words)), committed=words.encode()).message == (
        "docs/product-spec.md has an open item: two"
    )


def test_a_session_that_has_not_come_so_far_is_refused() -> None:
    assert refusal(seen(project(rest=""))).message == (
        "01-product-spec is ready, so its document is not ready for approval"
    )


def test_the_record_says_what_was_approved_and_nothing_else() -> None:
    given = seen({**project(), b"docs/brief.md": b"# Brief\n\nSell.\n"})
    inputs = ["docs/brief.md", "docs/gone.md", "docs/brief.md"]
    made = record(given.project.snapshot, "shop", WANT, ALICE, NOW, inputs)
    data = render(made)
    assert tomllib.loads(data.decode()) == {
        "schema": 1,
        "project": "shop",
        "gate": "spec",
        "document": "docs/product-spec.md",
        "sha256": sha256(WORDS.encode()).hexdigest(),
        "blob": given.project.snapshot.blob(SPEC),
        "approver": ALICE,
        "approved_at": tomllib.loads("x = 2026-11-21T10:00:00Z")["x"],
        "inputs": {"docs/brief.md": sha256(b"# Brief\n\nSell.\n").hexdigest()},
    }
    place = path("spec", SPEC, ALICE)
    assert place == b".sdd/approvals/spec/docs/product-spec.md/alice@example.org.toml"
    assert seen({**project(), place: data}).gates.opening("spec", "01-product-spec").open


@pytest.mark.parametrize(
    ("others", "own", "at"),
    [
        ((), None, NOW),
        ((NOW - 9,), None, NOW),
        ((NOW,), None, NOW + 1),
        ((NOW + 200,), None, NOW + 201),
        ((), NOW, NOW + 1),
        ((NOW - 9,), NOW - 4, NOW),
    ],
)
def test_an_approval_is_newer_than_all_that_count(others: tuple[int, ...], own: int | None, at: int) -> None:
    """Else one of the same second that names other bytes would make it stale."""
    files_ = project(approvers=(ALICE, BOB))
    for then in others:
        files_ |= filed(recorded(SPEC, b"other", BOB, then), None)
    old = recorded(SPEC, b"old", ALICE, own) if own else None
    given = seen(files_)
    rule = rule_of(trusted(given), WANT, ALICE)
    assert moment(given.project.snapshot, trusted(given), WANT, rule, old) == at


def test_an_approval_of_the_future_cannot_be_outdone() -> None:
    given = seen(project())
    rule = rule_of(trusted(given), WANT, ALICE)
    with pytest.raises(RefusedError, match="yet to come"):
        moment(given.project.snapshot, trusted(given), WANT, rule, recorded(SPEC, b"x", ALICE, NOW + 1))


def test_a_record_that_would_count_is_let_through_and_another_is_not(tmp_path: Path) -> None:
    alice, mallory = Person.make(tmp_path, "alice"), Person.make(tmp_path, "mallory")
    given = seen({**project(proof="ssh"), SIGNERS: f"{alice.line}\n".encode()})
    rule = rule_of(trusted(given), WANT, ALICE)
    made = record(given.project.snapshot, "shop", WANT, ALICE, NOW)
    refuse_worthless(given.project.snapshot, trusted(given), rule, made, alice.sign(render(made)))
    for signature, words in (
        (None, "is not signed"),
        (mallory.sign(render(made)), "not listed"),
        (alice.sign(b"other"), "does not fit"),
    ):
        with pytest.raises(RefusedError, match=words):
            refuse_worthless(given.project.snapshot, trusted(given), rule, made, signature)


def test_a_second_approval_by_the_same_key_is_not_let_through(tmp_path: Path) -> None:
    alice = Person.make(tmp_path, "alice")
    bob = alice._replace(email=BOB)
    first = filed(recorded(SPEC, WORDS.encode(), ALICE, NOW - 9), alice)
    signers = f"{alice.line}\n{bob.line}\n".encode()
    given = seen({**project(proof="ssh", approvers=(ALICE, BOB), approvals=2), SIGNERS: signers, **first})
    rule = rule_of(trusted(given), WANT, BOB)
    made = record(given.project.snapshot, "shop", WANT, BOB, NOW)
    with pytest.raises(RefusedError, match="have one key and count once"):
        refuse_worthless(given.project.snapshot, trusted(given), rule, made, bob.sign(render(made)))
