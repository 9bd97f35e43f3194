"""Trust files change only with approval, and records of approvals are judged by themselves."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from people import DAY, NOW, Person, SoftKey
from sdd.gates import signers
from sdd.gates.judgement import Judgement
from sdd.gates.policy import Policy, Trust, render
from sdd.gates.step import judge
from sdd.snapshot import LINK, Entry, Snapshot
from shop import (
    ALICE,
    BOB,
    POLICY,
    REVOKED,
    SIGNERS,
    SPEC,
    WORDS,
    Files,
    after,
    approved,
    begun,
    place,
    policy,
    ready,
)

WORKFLOW = b".github/workflows/ci.yml"


class People(NamedTuple):
    alice: Person
    bob: Person


@pytest.fixture(scope="module")
def people(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> People:
    folder = tmp_path_factory.mktemp("keys")
    return People(*(Person.make(folder, name) for name in People._fields))


def step(
    before: Snapshot,
    *changes: Files,
    trusted: Snapshot | None = None,
    audit: bool = False,
    now: int = NOW,
    bases: tuple[Snapshot, ...] = (),
) -> Judgement:
    return judge(before, after(before, *changes), trusted or before, now_epoch=now, audit=audit, bases=bases)


def told(judgement: Judgement) -> list[tuple[str, bytes]]:
    return [(one.code, one.path) for one in judgement.findings]


def signed(people: People, **fields: object) -> Snapshot:
    """The project whose approvals are signed, with the lines of both people."""
    lines = f"{people.alice.line}\n{people.bob.line}\n".encode()
    return ready(policy("ssh", "ssh").replace(**fields), people.alice, {SIGNERS: lines})


class TestTrustFiles:
    @pytest.mark.parametrize(
        "path", [POLICY, WORKFLOW, b".gitattributes", b".sdd/excused.toml", b".sdd/anything"]
    )
    def test_a_change_without_approval_is_refused(self, path: bytes) -> None:
        rules = render(policy(protected=("refs/heads/x",))).encode()
        before = begun()
        (found,) = step(before, {path: rules}).findings
        assert (found.code, found.path) == ("SDD704", path)
        assert found.hint == f"sdd approve {path.decode()} --gate trust  # by {ALICE}"
        assert f"awaits approval for trust by {ALICE}" in found.message

    def test_a_change_with_its_approval_in_the_same_step_passes(self) -> None:
        words = {WORKFLOW: b"jobs: {}\n"}
        assert step(begun(), words, approved(WORKFLOW, words=words)) == Judgement()
        assert told(step(begun(), {WORKFLOW: b"other"}, approved(WORKFLOW, words=words))) == [
            ("SDD704", WORKFLOW)
        ]

    def test_the_approval_is_verified_with_the_trusted_signers(self, people: People) -> None:
        own = {SIGNERS: f"{people.alice.line}\n{people.bob.line.replace(BOB, ALICE)}\n".encode()}
        before = ready(policy("ssh", "ssh"), people.alice)
        assert step(before, own, approved(SIGNERS, by=people.alice, words=own)) == Judgement()
        forged = approved(SIGNERS, by=people.bob._replace(email=ALICE), words=own)
        assert told(step(before, own, forged)) == [("SDD704", SIGNERS), ("SDD305", place(SIGNERS))]

    def test_a_policy_on_the_branch_opens_nothing(self) -> None:
        trusted = begun()
        loose = {POLICY: render(policy(code=())).encode()}
        assert told(step(after(trusted, loose), {b"src/x.py": b""}, trusted=trusted)) == [
            ("SDD401", b"src/x.py")
        ]

    @pytest.mark.parametrize("path", [POLICY, WORKFLOW])
    def test_deleting_one_is_refused_whoever_approves(self, path: bytes) -> None:
        before = begun(None, {WORKFLOW: b""})
        assert told(step(before, {path: None})) == [("SDD705", path)]

    def test_what_is_merged_is_told_in_a_proposal_and_accepted_in_an_audit(self) -> None:
        before = begun(policy("none", "merged"))
        change = {WORKFLOW: b"jobs: {}\n"}
        found = step(before, change)
        assert (found.findings, [one.code for one in found.notices]) == ((), ["SDD710"])
        assert step(before, change, audit=True) == Judgement()

    def test_a_policy_that_cannot_be_read_is_refused_even_with_approval(self) -> None:
        words = {POLICY: b"version = 2\n"}
        (found,) = step(begun(), words, approved(POLICY, words=words)).findings
        assert (found.code, found.path) == ("SDD701", POLICY)

    def test_a_signers_line_that_counts_for_nobody_is_a_finding_where_it_is_added(
        self, people: People
    ) -> None:
        loose = people.bob.line.replace('namespaces="approval@sdd" ', "")
        words = {SIGNERS: f"{people.alice.line}\n{loose}\n".encode()}
        (found,) = step(begun(), words, approved(SIGNERS, words=words)).findings
        assert (found.code, found.line) == ("SDD702", 2)
        more = {SIGNERS: words[SIGNERS] + people.bob.line.encode() + b"\n"}
        before = begun(None, words)
        assert step(before, more, approved(SIGNERS, words=more)) == Judgement()


class TestRevokedKeys:
    def test_adding_one_needs_nobody(self, people: People) -> None:
        words = {REVOKED: people.bob.public.encode() + b"\n"}
        assert step(signed(people), words) == Judgement()

    def test_each_line_must_be_a_key(self, people: People) -> None:
        (found,) = step(signed(people), {REVOKED: b"# keys\neverybody\n"}).findings
        assert (found.code, found.line) == ("SDD703", 2)

    def test_taking_one_back_needs_approval(self, people: People) -> None:
        before = after(signed(people), {REVOKED: people.bob.public.encode() + b"\n"})
        assert told(step(before, {REVOKED: b"# none\n"})) == [("SDD704", REVOKED)]

    def test_revoking_everybody_locks_nobody_out(self, people: People) -> None:
        words = {REVOKED: people.alice.public.encode() + b"\n"}
        (found,) = step(signed(people), words).findings
        assert (found.code, found.path) == ("SDD708", REVOKED)
        assert "leaves 0 of 1 keys" in found.message
        two = Trust((ALICE, BOB), "ssh")
        assert step(signed(people, trust=two), words) == Judgement()

    def test_where_a_touch_is_needed_other_keys_do_not_count(self, people: People) -> None:
        hard = f"{signers.line_for(ALICE, SoftKey().public)}\n".encode()
        words = {REVOKED: people.bob.public.encode() + b"\n"}
        soft = signed(people, trust=Trust((ALICE,), "touch"))
        assert told(step(soft, words)) == [("SDD708", REVOKED)]
        assert step(after(soft, {SIGNERS: soft.read(SIGNERS) + hard}), words) == Judgement()

    def test_without_keys_there_is_nothing_to_lock(self, people: People) -> None:
        assert step(begun(), {REVOKED: people.alice.public.encode()}) == Judgement()


class TestRecords:
    def test_one_that_verifies_passes(self, people: People) -> None:
        before = begun(policy("ssh"), WORDS, {SIGNERS: people.alice.line.encode()})
        assert step(before, approved(SPEC, by=people.alice)) == Judgement()

    def test_one_that_does_not_is_a_finding_even_where_no_code_moves(self, people: People) -> None:
        before = begun(policy("ssh"), WORDS, {SIGNERS: people.alice.line.encode()})
        (found,) = step(before, approved(SPEC)).findings
        assert (found.code, found.path) == ("SDD305", place(SPEC))
        assert found.message.endswith("is not signed")
        assert found.hint == f"sdd approve docs/product-spec.md --gate spec  # by {ALICE}"

    def test_it_must_verify_now(self, people: People) -> None:
        line = people.alice.line.replace('sdd"', 'sdd",valid-before="20261121Z"')
        before = begun(policy("ssh"), WORDS, {SIGNERS: line.encode()})
        old = approved(SPEC, by=people.alice, at=NOW - 2 * DAY)
        assert told(step(before, old)) == [("SDD305", place(SPEC))]
        assert step(before, old, now=NOW - DAY) == Judgement()
        assert step(before, old, trusted=after(before, old)) == Judgement()

    def test_dropping_its_signature_is_a_change_of_it(self, people: People) -> None:
        before = signed(people)
        assert told(step(before, {place(SPEC) + b".sig": None})) == [("SDD305", place(SPEC))]

    def test_beside_a_link_a_signature_is_nothing(self) -> None:
        there = begun()
        linked = Snapshot("linked", {**there.entries, place(SPEC): Entry(LINK, "1" * 40)}, there.read_all)
        assert step(linked, {place(SPEC) + b".sig": b""}) == Judgement()

    def test_none_is_ever_dropped(self) -> None:
        before = ready()
        assert told(step(before, {place(SPEC): None})) == [("SDD308", place(SPEC))]
        assert told(step(before, {SPEC: None})) == []

    def test_a_changed_one_must_be_newer(self) -> None:
        before = ready()
        assert step(before, approved(SPEC, at=NOW + 1)) == Judgement()
        (found,) = step(before, approved(SPEC, at=NOW - 1)).findings
        assert (found.code, found.path) == ("SDD307", place(SPEC))
        assert "2026-11-21T09:59:59Z and replaces one of 2026-11-21T10:00:00Z" in found.message

    def test_it_may_replace_one_that_could_not_be_read(self) -> None:
        assert step(begun(None, WORDS, {place(SPEC): b"junk"}), approved(SPEC)) == Judgement()

    def test_its_gate_must_be_known_to_the_trusted_policy(self) -> None:
        made = approved(SPEC, gate="deployment")
        (found,) = step(begun(), made).findings
        assert (found.code, found.path) == ("SDD303", next(iter(made)))
        assert "the gate comes first" in found.message

    @pytest.mark.parametrize("trust", [False, True])
    def test_where_merging_approves_there_are_none(self, *, trust: bool) -> None:
        words = {**WORDS, WORKFLOW: b""}
        path = WORKFLOW if trust else SPEC
        before = begun(policy("merged", "merged"), words)
        (found,) = step(before, approved(path, words=words)).findings
        assert (found.code, found.path) == ("SDD303", place(path))
        assert "takes no records" in found.message

    def test_a_document_of_another_gate_is_none_of_its(self) -> None:
        made = approved(SPEC, gate="implementation")
        assert told(step(begun(None, WORDS), made)) == [("SDD310", next(iter(made)))]
        other = approved(SPEC, gate="trust")
        assert told(step(begun(None, WORDS), other)) == [("SDD310", next(iter(other)))]

    def test_only_approvers_approve(self, people: People) -> None:
        (found,) = step(begun(None, WORDS), approved(SPEC, by=people.bob)).findings
        assert (found.code, found.path) == ("SDD306", place(SPEC, BOB))
        assert found.hint.endswith(f"# by {ALICE}")

    def test_a_copied_or_broken_one_is_refused(self) -> None:
        (data,) = approved(SPEC).values()
        copied = b".sdd/approvals/spec/docs/checkout/product-spec.md/alice@example.org.toml"
        assert told(step(begun(), {copied: data})) == [("SDD302", copied)]
        assert told(step(begun(), {copied: b"schema = 1\n"})) == [("SDD301", copied)]

    def test_nothing_else_lies_among_them(self) -> None:
        stray = b".sdd/approvals/spec/notes.md"
        alone = place(SPEC) + b".sig"
        assert told(step(begun(), {stray: b"", alone: b""})) == [("SDD304", alone), ("SDD304", stray)]
        assert step(begun(None, {stray: b"", alone: b""}), {stray: None, alone: None}) == Judgement()


def test_a_key_revoked_by_the_step_itself_opens_nothing_in_an_audit(people: People) -> None:
    rules: Policy = policy("ssh", "ssh").replace(trust=Trust((BOB,), "ssh"))
    before = ready(rules, people.alice, {SIGNERS: f"{people.alice.line}\n{people.bob.line}\n".encode()})
    words: Files = {REVOKED: people.alice.public.encode(), b"src/cart.py": b"x"}
    assert told(step(before, words, audit=True)) == [("SDD401", b"src/cart.py")]
