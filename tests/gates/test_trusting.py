"""What it takes to approve a change of a trust file: every refusal, and what passes."""

from __future__ import annotations

import pytest

from people import NOW, Person, SoftKey
from sdd.errors import RefusedError
from sdd.gates import signers
from sdd.gates.openings import Trusted
from sdd.gates.policy import read, render
from sdd.gates.trusting import refuse_unfit_change
from sdd.snapshot import LINK, Entry, Snapshot, in_memory
from shop import ALICE, BOB, POLICY, REVOKED, SIGNERS, Files, after, begun, policy

WORKFLOW = b".github/workflows/ci.yml"


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person.make(tmp_path_factory.mktemp("alice"), "alice")


def trusted(before: Snapshot) -> Trusted:
    return Trusted(before, read(before.read(POLICY)), (), NOW)


def approvable(
    staged: Snapshot, path: bytes, disk: Snapshot | None = None, before: Snapshot | None = None
) -> None:
    refuse_unfit_change(trusted(before or begun()), staged, disk or staged, path)


def refusal(
    staged: Snapshot, path: bytes, disk: Snapshot | None = None, before: Snapshot | None = None
) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        approvable(staged, path, disk, before)
    return caught.value


def rules(**trust: object) -> Files:
    """The policy with other rules for trust files."""
    made = policy()
    return {POLICY: render(made.replace(trust=made.trust.replace(**trust))).encode()}


def test_a_staged_change_may_be_approved(alice: Person) -> None:
    approvable(after(begun(), {WORKFLOW: b"on: push\n"}), WORKFLOW)
    approvable(after(begun(), {SIGNERS: f"{alice.line}\n".encode()}), SIGNERS)
    approvable(after(begun(), rules(former=(BOB,))), POLICY)


def test_what_is_not_there_is_refused() -> None:
    assert refusal(begun(), WORKFLOW).message == ".github/workflows/ci.yml is not written yet"
    there = after(begun(), {WORKFLOW: b"x"})
    assert "is not staged" in refusal(begun(), WORKFLOW, disk=there).message
    error = refusal(begun(), WORKFLOW, before=there)
    assert error.message == ".github/workflows/ci.yml is deleted, and nobody can approve that"


def test_what_is_staged_otherwise_than_it_stands_is_refused() -> None:
    staged, disk = after(begun(), {WORKFLOW: b"x"}), after(begun(), {WORKFLOW: b"y"})
    assert refusal(staged, WORKFLOW, disk=disk).hint == "git add .github/workflows/ci.yml"
    assert "is not staged" in refusal(staged, WORKFLOW, disk=begun()).message


def test_what_did_not_change_is_refused() -> None:
    assert "there is nothing to approve" in refusal(begun(), POLICY).message


def test_a_link_is_refused() -> None:
    plain = after(begun(), {WORKFLOW: b"x"})
    linked = Snapshot(
        "linked", {**plain.entries, WORKFLOW: Entry(LINK, plain.blob(WORKFLOW))}, plain.read_all
    )
    assert "is no regular file" in refusal(linked, WORKFLOW).message


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        (POLICY, b"version = 2\n", "SDD701"),
        (SIGNERS, b"* namespaces=everything\n", "SDD702"),
        (REVOKED, b"everybody\n", "SDD703"),
    ],
)
def test_words_that_no_door_would_take_are_not_approved(path: bytes, data: bytes, code: str) -> None:
    assert f": {code} " in refusal(after(begun(), {path: data}), path).message


def test_a_change_that_locks_everybody_out_is_refused(alice: Person) -> None:
    without = after(begun(), rules(proof="ssh"))
    told = refusal(without, POLICY)
    assert told.message.endswith("[trust] takes 1 of alice@example.org, and 0 have a key that counts")
    assert told.hint == f"first: sdd enrol {ALICE} --key FILE.pub && git add .sdd/allowed_signers"
    keys: Files = {SIGNERS: f"{alice.line}\n".encode()}
    approvable(after(without, keys), POLICY)
    approvable(after(without, keys), SIGNERS)
    assert "0 have a key" in refusal(after(begun(), keys, rules(proof="touch")), POLICY).message
    gone: Files = {REVOKED: f"{alice.public}\n".encode()}
    assert "0 have a key" in refusal(after(without, keys, gone), POLICY).message
    hardware: Files = {SIGNERS: f"{signers.line_for(ALICE, SoftKey().public)}\n".encode()}
    approvable(after(begun(), hardware, rules(proof="touch")), POLICY)


def test_two_people_with_one_key_are_one(alice: Person) -> None:
    both = rules(proof="ssh", approvers=(ALICE, BOB), approvals=2)
    keys: Files = {SIGNERS: f"{alice.line}\n{alice.line.replace(ALICE, BOB)}\n".encode()}
    before = after(begun(), keys)  # a line that shares a key is a finding only where it is new
    assert "and 1 have a key" in refusal(after(before, both), POLICY, before=before).message


def test_without_a_policy_that_could_be_read_nothing_is_said_of_locks() -> None:
    """Deleting it is somebody else's finding."""
    staged = in_memory({WORKFLOW: b"x"})
    approvable(staged, WORKFLOW)
