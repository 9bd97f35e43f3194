"""What an approval is worth follows from the bytes, the policy and the trusted signers, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import DAY, NOW, Person, SoftKey, filed, record
from sdd.gates import approval, signers
from sdd.gates.policy import Gate, Policy, Trust
from sdd.gates.standing import Opening, Standing, gate_open, standing
from sdd.snapshot import EXECUTABLE, LINK, Entry, Snapshot, in_memory, overlaid

SPEC = b"docs/product-spec.md"
WORDS = b"# A shop\n"
ALICE, BOB = "alice@example.org", "bob@example.org"
PLACE = approval.path("spec", SPEC, ALICE)
Files = Mapping[bytes, bytes]


class People(NamedTuple):
    alice: Person
    bob: Person
    mallory: Person

    @property
    def signers(self) -> bytes:
        return f"{self.alice.line}\n{self.bob.line}\n".encode()


@pytest.fixture(scope="module")
def people(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> People:
    folder = tmp_path_factory.mktemp("keys")
    return People(*(Person.make(folder, name) for name in People._fields))


def policy(**fields: object) -> Policy:
    """A policy whose gate `spec` has these fields."""
    gate = Gate("spec", ("{docs}/product-spec.md",), (ALICE,)).replace(**fields)
    return Policy(1, "shop", ("refs/heads/main",), "enforce", {"spec": gate}, Trust((ALICE,)))


def tree(people: People, *files: Files, words: bytes = WORDS) -> Snapshot:
    """A snapshot with the specification, the signers and these files."""
    start = {SPEC: words, b".sdd/allowed_signers": people.signers}
    return in_memory({path: data for one in (start, *files) for path, data in one.items()})


def approved(person: Person, at: int = NOW, words: bytes = WORDS, **fields: object) -> Files:
    """This person's signed record."""
    return filed(record(SPEC, words, person.email, at, **fields), person)


def asked(
    snapshot: Snapshot,
    rules: Policy | None = None,
    trusted: Snapshot | None = None,
    now: int | None = NOW,
    bases: Iterable[Snapshot] = (),
) -> Standing:
    """The standing in a snapshot; its own signers are the trusted ones unless others are given."""
    known = trusted or overlaid(snapshot, dict.fromkeys(approval.find(snapshot)))
    return standing(
        snapshot, rules or policy(), "spec", SPEC, trusted=known, now_epoch=now, bases=tuple(bases)
    )


def test_a_signed_record_of_the_documents_bytes_approves_it(people: People) -> None:
    found = asked(tree(people, approved(people.alice)))
    assert found.status == "approved"
    assert found.why == "docs/product-spec.md was approved by alice@example.org"
    assert (found.gate, found.document, found.by, found.awaited, found.proven) == (
        "spec",
        SPEC,
        (ALICE,),
        (),
        True,
    )
    assert [one.approver for one in found.records] == [ALICE]


def test_without_a_record_the_approver_is_awaited(people: People) -> None:
    found = asked(tree(people), policy(approvers=(ALICE, BOB)))
    assert (found.status, found.by, found.awaited, found.proven) == ("missing", (), (ALICE, BOB), False)
    assert (
        found.why == "docs/product-spec.md awaits approval for spec by alice@example.org or bob@example.org"
    )


def test_an_edited_document_makes_its_approval_stale(people: People) -> None:
    found = asked(tree(people, approved(people.alice), words=WORDS + b"\n"))
    assert (found.status, found.by, found.awaited, found.records) == ("stale", (), (ALICE,), ())
    assert (
        found.why
        == "docs/product-spec.md has changed since it was approved for spec and awaits alice@example.org"
    )


def test_a_document_that_is_not_there_cannot_be_approved(people: People) -> None:
    snapshot = overlaid(tree(people, approved(people.alice)), {SPEC: None})
    assert (asked(snapshot).status, asked(snapshot).why) == ("missing", "docs/product-spec.md does not exist")


def test_an_unknown_gate_approves_nothing(people: People) -> None:
    found = standing(tree(people), policy(), "specs", SPEC, trusted=None, now_epoch=None)
    assert (found.status, found.why) == ("invalid", "the policy has no gate specs")


def test_a_document_with_a_name_that_no_record_can_give_is_invalid(people: People) -> None:
    found = standing(tree(people, {b"docs/\xff.md": b""}), policy(), "spec", b"docs/\xff.md")
    assert (found.status, found.why) == ("invalid", '"docs/\\377.md" is no name that an approval can give')


class TestSuspect:
    brief = b"docs/brief.md"

    def files(self, people: People, brief: bytes) -> Snapshot:
        digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of "foo"
        return tree(people, approved(people.alice, inputs=((self.brief, digest),)), {self.brief: brief})

    def test_an_unchanged_input_leaves_it_approved(self, people: People) -> None:
        assert asked(self.files(people, b"foo")).status == "approved"

    def test_a_changed_input_makes_it_suspect(self, people: People) -> None:
        found = asked(self.files(people, b"bar"))
        assert (found.status, found.by, found.proven) == ("suspect", (ALICE,), True)
        assert found.why.endswith(", but rests on what has changed since: docs/brief.md")

    def test_an_input_that_is_gone_makes_it_suspect(self, people: People) -> None:
        assert asked(overlaid(self.files(people, b"foo"), {self.brief: None})).status == "suspect"

    def test_suspect_shuts_only_a_gate_with_refs(self, people: People) -> None:
        assert opened(self.files(people, b"bar"), policy()).open
        code = {**approved(people.alice, inputs=((self.brief, "0" * 64),), code="1" * 64)}
        snapshot = tree(people, code, {self.brief: b""})
        found = opened(snapshot, policy(refs=("refs/tags/v*",)))
        assert (found.open, found.standings[0].status) == (False, "suspect")
        assert "rests on what has changed since" in found.why


class TestAttacks:
    """Each differs from an honest approval by one fact."""

    @pytest.mark.parametrize(
        ("fields", "status", "why"),
        [
            ({"project": "other"}, "invalid", "it was made in the project 'other', and this is 'shop'"),
            ({"approved_at": NOW + 301}, "invalid", "it is dated 2026-11-21T10:05:01Z, which is yet to come"),
        ],
    )
    def test_a_record_of_another_project_or_time(
        self, people: People, fields: dict[str, object], status: str, why: str
    ) -> None:
        found = asked(tree(people, filed(record(SPEC, WORDS, ALICE).replace(**fields), people.alice)))
        assert found.status == status
        assert found.why.endswith(f"alice@example.org.toml: {why}")

    def test_a_clock_that_is_five_minutes_ahead_is_forgiven(self, people: People) -> None:
        assert asked(tree(people, approved(people.alice, NOW + 300))).status == "approved"

    @pytest.mark.parametrize(
        ("gate", "document"),
        [("implementation", SPEC), ("spec", b"docs/architecture.md"), ("spec", b"docs/x/y.md")],
    )
    def test_a_record_copied_from_another_gate_or_document(
        self, people: People, gate: str, document: bytes
    ) -> None:
        data, signed = filed(record(document, WORDS, ALICE, gate=gate), people.alice).values()
        found = asked(tree(people, {PLACE: data, PLACE + b".sig": signed}))
        assert (found.status, found.by) == ("invalid", ())
        assert "which is not where it lies" in found.why

    def test_a_record_copied_from_another_approver(self, people: People) -> None:
        data, signed = approved(people.bob).values()
        assert asked(tree(people, {PLACE: data, PLACE + b".sig": signed})).status == "invalid"

    def test_a_record_signed_by_somebody_else(self, people: People) -> None:
        for stranger in (people.bob, people.mallory):
            found = asked(tree(people, filed(record(SPEC, WORDS, ALICE), stranger)))
            assert found.status == "untrusted"
            assert "its key is not listed for alice@example.org in allowed_signers" in found.why

    def test_a_record_without_a_signature(self, people: People) -> None:
        found = asked(tree(people, filed(record(SPEC, WORDS, ALICE), None)))
        assert found.status == "untrusted"
        assert found.why.endswith("alice@example.org.toml is not signed")

    def test_a_record_with_another_ones_signature(self, people: People) -> None:
        (place, data), _ = approved(people.alice).items()
        signed = people.alice.sign(data + b"#")
        found = asked(tree(people, {place: data, place + b".sig": signed}))
        assert found.status == "untrusted"
        assert "it does not fit the record" in found.why

    def test_a_record_that_was_edited_after_signing(self, people: People) -> None:
        files = dict(approved(people.alice, words=b"# Other\n"))
        files[PLACE] = approval.render(record(SPEC, WORDS, ALICE))
        assert asked(tree(people, files)).status == "untrusted"

    def test_a_record_by_somebody_who_is_no_approver(self, people: People) -> None:
        assert asked(tree(people, approved(people.bob))).status == "missing"

    @pytest.mark.parametrize("junk", [b"", b"junk", b"schema = 1\n", b"\xff"])
    def test_junk_for_a_record(self, people: People, junk: bytes) -> None:
        found = asked(tree(people, {**approved(people.alice), PLACE: junk}))
        assert (found.status, found.awaited) == ("invalid", (ALICE,))

    @pytest.mark.parametrize("junk", [b"", b"junk", b"\xff"])
    def test_junk_for_a_signature(self, people: People, junk: bytes) -> None:
        found = asked(tree(people, {**approved(people.alice), PLACE + b".sig": junk}))
        assert found.status == "untrusted"

    def test_an_own_key_added_on_the_branch(self, people: People) -> None:
        mine = signers.line_for(ALICE, people.mallory.public)
        snapshot = tree(people, filed(record(SPEC, WORDS, ALICE), people.mallory))
        branch = overlaid(snapshot, {b".sdd/allowed_signers": mine.encode()})
        assert asked(branch, trusted=tree(people)).status == "untrusted"
        assert asked(branch).status == "approved"  # were the branch believed

    def test_a_pattern_among_the_trusted_signers(self, people: People) -> None:
        line = people.alice.line.replace(ALICE, "*@example.org")
        snapshot = overlaid(tree(people, approved(people.alice)), {b".sdd/allowed_signers": line.encode()})
        assert asked(snapshot).status == "untrusted"

    @pytest.mark.parametrize("path", [SPEC, PLACE, PLACE + b".sig", b".sdd/allowed_signers"])
    def test_a_link_in_the_place_of_a_file(self, people: People, path: bytes) -> None:
        honest = tree(people, approved(people.alice))
        assert asked(with_mode(honest, path, EXECUTABLE)).status == "approved"
        linked = asked(with_mode(honest, path, LINK))
        assert linked.status == ("untrusted" if path.startswith(b".sdd/allowed") else "invalid")


class TestRevoked:
    def test_in_the_trusted_commit_or_on_the_branch(self, people: People) -> None:
        honest = tree(people, approved(people.alice))
        gone = {b".sdd/revoked_keys": f"{people.alice.public}\n".encode()}
        for snapshot, trusted in [(overlaid(honest, gone), honest), (honest, overlaid(honest, gone))]:
            found = asked(snapshot, trusted=trusted)
            assert found.status == "untrusted"
            assert found.why.endswith("its key is revoked")

    def test_not_by_the_revocation_of_another_key(self, people: People) -> None:
        gone = {b".sdd/revoked_keys": f"{people.bob.public}\n".encode()}
        assert asked(tree(people, approved(people.alice), gone)).status == "approved"

    def test_a_link_in_the_place_of_the_revoked_keys_shuts_the_gates(self, people: People) -> None:
        honest = tree(people, approved(people.alice), {b".sdd/revoked_keys": b""})
        assert asked(honest).status == "approved"
        assert asked(with_mode(honest, b".sdd/revoked_keys", LINK)).status == "untrusted"


class TestTime:
    def ended(self, people: People, before: int = 0, after: int = 0) -> Snapshot:
        """A trusted snapshot in which Alice's key has its times."""
        key = signers.public_key(people.alice.public)
        assert key is not None
        line = signers.line_of(signers.Signer(ALICE, *key, valid_before=before, valid_after=after))
        return overlaid(tree(people), {b".sdd/allowed_signers": line.encode()})

    def test_an_expired_key_cannot_backdate_a_new_record(self, people: People) -> None:
        snapshot = tree(people, approved(people.alice, NOW - 2 * DAY))
        found = asked(snapshot, trusted=self.ended(people, NOW - DAY))
        assert found.status == "untrusted"
        assert found.why.endswith("its key was not valid at 2026-11-21T10:00:00Z")

    def test_a_new_record_is_not_dated_to_before_its_key(self, people: People) -> None:
        trusted = self.ended(people, after=NOW - DAY)
        assert asked(tree(people, approved(people.alice)), trusted=trusted).status == "approved"
        assert (
            asked(tree(people, approved(people.alice, NOW - 2 * DAY)), trusted=trusted).status == "untrusted"
        )

    def test_a_carried_record_of_an_expired_key_stays_good(self, people: People) -> None:
        files = approved(people.alice, NOW - 2 * DAY)
        trusted = overlaid(self.ended(people, NOW - DAY), files)
        assert asked(tree(people, files), trusted=trusted).status == "approved"

    def test_a_record_in_a_merge_base_is_carried_too(self, people: People) -> None:
        files = approved(people.alice, NOW - 2 * DAY)
        trusted, base = self.ended(people, NOW - DAY), tree(people, files)
        assert asked(tree(people, files), trusted=trusted, bases=[tree(people)]).status == "untrusted"
        assert asked(tree(people, files), trusted=trusted, bases=[tree(people), base]).status == "approved"

    def test_a_carried_record_is_both_of_its_files(self, people: People) -> None:
        files = dict(approved(people.alice, NOW - 2 * DAY))
        trusted = overlaid(self.ended(people, NOW - DAY), files)
        files[PLACE + b".sig"] += b"\n"
        assert asked(tree(people, files), trusted=trusted).status == "untrusted"

    def test_without_a_time_each_record_is_verified_at_its_own(self, people: People) -> None:
        files = approved(people.alice, NOW - 2 * DAY)
        assert (
            asked(tree(people, files), trusted=self.ended(people, NOW - DAY), now=None).status == "approved"
        )
        assert (
            asked(tree(people, files), trusted=self.ended(people, NOW - 3 * DAY), now=None).status
            == "untrusted"
        )

    def test_without_a_trusted_commit_the_picture_has_its_own_signers(self, people: People) -> None:
        snapshot = tree(people, approved(people.alice))
        assert standing(snapshot, policy(), "spec", SPEC).status == "approved"
        assert (
            standing(overlaid(snapshot, {b".sdd/allowed_signers": None}), policy(), "spec", SPEC).status
            == "untrusted"
        )


class TestFormer:
    rules = policy(approvers=(BOB,), former=(ALICE,))

    def test_what_they_approved_before_stays(self, people: People) -> None:
        snapshot = tree(people, approved(people.alice))
        found = asked(snapshot, self.rules, trusted=snapshot)
        assert (found.status, found.by) == ("approved", (ALICE,))

    def test_nothing_new_counts(self, people: People) -> None:
        found = asked(tree(people, approved(people.alice)), self.rules)
        assert (found.status, found.awaited) == ("untrusted", (BOB,))
        assert found.why.endswith("is new, and alice@example.org approves no more")


class TestNewest:
    """Rule 8: there is no way back to older bytes."""

    both = policy(approvers=(ALICE, BOB))

    def test_the_newest_record_decides_the_bytes(self, people: People) -> None:
        older, newer = approved(people.alice, NOW - DAY), approved(people.bob, words=b"# New\n")
        assert asked(tree(people, older, newer), self.both).status == "stale"
        assert asked(tree(people, older, newer, words=b"# New\n"), self.both).by == (BOB,)

    def test_a_newer_record_that_is_not_good_decides_nothing(self, people: People) -> None:
        older = approved(people.alice, NOW - DAY)
        newer = filed(record(SPEC, b"# New\n", BOB), people.mallory)
        assert asked(tree(people, older, newer), self.both).status == "approved"

    def test_withdrawing_the_newest_records_key_is_no_way_back_either(self, people: People) -> None:
        older = approved(people.alice, NOW - DAY)
        gone: Files = {b".sdd/revoked_keys": f"{people.bob.public}\n".encode()}
        snapshot = tree(people, older, approved(people.bob, words=b"# New\n"), gone)
        assert asked(snapshot, self.both, trusted=snapshot).status == "stale"
        assert asked(snapshot, self.both, now=None).status == "stale"
        again = overlaid(snapshot, approved(people.alice, NOW + 1))
        assert asked(again, self.both, trusted=snapshot, now=NOW + 1).status == "approved"

    def test_two_records_of_one_second_that_disagree_approve_nothing(self, people: People) -> None:
        files = [approved(people.alice), approved(people.bob, words=b"# New\n")]
        assert asked(tree(people, *files), self.both).status == "stale"
        assert asked(tree(people, *files, words=b"# New\n"), self.both).status == "stale"

    def test_a_former_approvers_record_is_no_way_back_either(self, people: People) -> None:
        snapshot = tree(people, approved(people.alice, words=b"# New\n"), approved(people.bob, NOW - DAY))
        rules = policy(approvers=(BOB,), former=(ALICE,))
        assert asked(snapshot, rules, trusted=snapshot).status == "stale"


class TestSeveral:
    rules = policy(approvers=(ALICE, BOB), approvals=2)

    def test_two_people_with_two_keys_are_two(self, people: People) -> None:
        found = asked(tree(people, approved(people.alice), approved(people.bob)), self.rules)
        assert (found.status, found.by) == ("approved", (ALICE, BOB))

    def test_one_of_two_awaits_the_other(self, people: People) -> None:
        found = asked(tree(people, approved(people.alice)), self.rules)
        assert (found.status, found.by, found.awaited) == ("missing", (ALICE,), (BOB,))
        assert found.why == "docs/product-spec.md has 1 of 2 approvals for spec and awaits bob@example.org"

    def test_two_people_with_one_key_are_one(self, people: People) -> None:
        mine = f"{people.alice.line}\n{signers.line_for(BOB, people.alice.public)}\n".encode()
        files = [approved(people.alice), filed(record(SPEC, WORDS, BOB), people.alice)]
        found = asked(overlaid(tree(people, *files), {b".sdd/allowed_signers": mine}), self.rules)
        assert (found.status, found.by) == ("missing", (ALICE,))
        assert found.why.endswith("; bob@example.org and alice@example.org have one key and count once")

    def test_two_approvals_of_different_bytes_are_one(self, people: People) -> None:
        files = [approved(people.alice, NOW - 1, words=b"# Old\n"), approved(people.bob)]
        assert asked(tree(people, *files), self.rules).status == "missing"


class TestProof:
    def test_none_takes_any_record_and_says_so(self, people: People) -> None:
        found = asked(tree(people, filed(record(SPEC, WORDS, ALICE), None)), policy(proof="none"))
        assert (found.status, found.proven) == ("approved", False)
        assert found.why.endswith("was approved by alice@example.org (recorded, not proven)")

    def test_none_counts_people_too(self, people: People) -> None:
        rules = policy(proof="none", approvers=(ALICE, BOB), approvals=2)
        files = [filed(record(SPEC, WORDS, email), None) for email in (ALICE, BOB)]
        assert asked(tree(people, files[0]), rules).status == "missing"
        assert asked(tree(people, *files), rules).by == (ALICE, BOB)

    def test_merged_is_what_stands_in_the_trusted_commit(self, people: People) -> None:
        rules = policy(proof="merged")
        same, other = tree(people), tree(people, words=b"# Other\n")
        found = asked(same, rules, trusted=same)
        assert (found.status, found.proven, found.by, found.records) == ("approved", True, (), ())
        changed = asked(same, rules, trusted=other)
        assert (changed.status, changed.awaited) == ("stale", (ALICE,))
        assert changed.why == "docs/product-spec.md differs from what was merged into the protected branch"

    def test_merged_takes_no_record_and_no_link(self, people: People) -> None:
        rules = policy(proof="merged")
        snapshot = tree(people, approved(people.alice))
        for trusted in (overlaid(snapshot, {SPEC: None}), with_mode(snapshot, SPEC, LINK)):
            assert asked(snapshot, rules, trusted=trusted).status == "missing"
        assert standing(snapshot, rules, "spec", SPEC).status == "missing"

    def test_touch_takes_a_hardware_key_that_was_touched(self, people: People) -> None:
        soft, rules = SoftKey(), policy(proof="touch")
        line = signers.line_for(ALICE, soft.public).encode()
        ((place, data),) = filed(record(SPEC, WORDS, ALICE), None).items()
        for flags, status in [(0, "untrusted"), (4, "untrusted"), (1, "approved"), (5, "approved")]:
            files = {place: data, place + b".sig": soft.sign(data, flags), b".sdd/allowed_signers": line}
            assert asked(tree(people, files), rules).status == status
            assert (
                asked(tree(people, files)).status == "approved"
            )  # for proof "ssh" it is a key like any other

    def test_touch_takes_no_key_without_hardware(self, people: People) -> None:
        found = asked(tree(people, approved(people.alice)), policy(proof="touch"))
        assert found.status == "untrusted"
        assert found.why.endswith("was signed without a touch of a hardware key")

    def test_a_gate_with_refs_takes_a_record_that_names_the_code(self, people: People) -> None:
        rules = policy(refs=("refs/tags/v*",))
        assert asked(tree(people, approved(people.alice, code="0" * 64)), rules).status == "approved"
        found = asked(tree(people, approved(people.alice)), rules)
        assert found.status == "invalid"
        assert "it says nothing about the code, as the gate spec with its refs needs" in found.why


def test_a_trust_file_is_approved_by_those_of_trust(people: People) -> None:
    path = b".sdd/policy.toml"
    files = filed(record(path, b"version = 1\n", ALICE, gate="trust"), people.alice)
    snapshot = tree(people, {path: b"version = 1\n"}, files)
    assert (
        standing(snapshot, policy(), "trust", path, trusted=tree(people), now_epoch=NOW).status == "approved"
    )
    changed = overlaid(snapshot, {path: b"version = 2\n"})
    assert standing(changed, policy(), "trust", path, trusted=tree(people), now_epoch=NOW).status == "stale"


class TestOpen:
    later = Gate("build", ("{docs}/architecture.md",), (ALICE,), after=("spec",))
    plan = b"docs/architecture.md"

    def rules(self) -> Policy:
        return policy().replace(gates={**policy().gates, "build": self.later})

    def test_a_gate_opens_with_all_its_documents_and_those_before_it(self, people: People) -> None:
        first = approved(people.alice)
        second = filed(record(self.plan, b"plan", ALICE, gate="build"), people.alice)
        done = tree(people, first, second, {self.plan: b"plan"})
        found = opened(done, self.rules(), "build")
        assert found.open
        assert found.why == "docs/architecture.md was approved by alice@example.org"
        shut = opened(overlaid(done, {SPEC: b"# Other\n"}), self.rules(), "build")
        assert not shut.open
        assert [one.status for one in shut.standings] == ["approved"]
        assert shut.why == "the gate spec is shut"

    def test_one_document_of_two_is_not_enough(self, people: People) -> None:
        rules = policy(documents=("{docs}/product-spec.md", "{docs}/architecture.md"))
        found = opened(tree(people, approved(people.alice), {self.plan: b"plan"}), rules)
        assert (found.open, [one.status for one in found.standings]) == (False, ["approved", "missing"])
        assert found.why == "docs/architecture.md awaits approval for spec by alice@example.org"

    def test_a_feature_has_its_own_documents(self, people: People) -> None:
        snapshot = tree(people, approved(people.alice))
        assert gate_open(snapshot, policy(), "spec").open
        found = gate_open(snapshot, policy(), "spec", "checkout")
        assert (found.open, found.why) == (False, "docs/checkout/product-spec.md does not exist")

    def test_a_gate_without_a_document_is_shut(self, people: People) -> None:
        found = opened(tree(people), policy(documents=("docs/changes/{session}.md",)))
        assert found == Opening(open=False, standings=(), why="the gate spec has no document here")

    def test_an_unknown_gate_is_shut(self, people: People) -> None:
        assert opened(tree(people), policy(), "specs") == Opening(
            open=False, standings=(), why="the policy has no gate specs"
        )


def opened(snapshot: Snapshot, rules: Policy, name: str = "spec") -> Opening:
    return gate_open(snapshot, rules, name, trusted=overlaid(snapshot, {}), now_epoch=NOW)


def with_mode(snapshot: Snapshot, path: bytes, mode: str) -> Snapshot:
    entries = {**snapshot.entries, path: Entry(mode, snapshot.blob(path))}
    return Snapshot(snapshot.name, entries, snapshot.read_all)


def test_only_the_records_of_the_gate_and_document_are_read(people: People) -> None:
    others = {b".sdd/approvals/spec/docs/%d.md/alice@example.org.toml" % number: b"" for number in range(9)}
    below, read = tree(people, approved(people.alice), others), []

    def load(paths: list[bytes]) -> Mapping[bytes, bytes]:
        read.extend(paths)
        return below.read_all(paths)

    assert asked(Snapshot("watched", below.entries, load), trusted=tree(people)).status == "approved"
    assert sorted(read) == sorted([SPEC, PLACE, PLACE + b".sig"])


@given(st.binary())
def test_any_other_bytes_of_a_document_are_not_approved(words: bytes) -> None:
    made = record(SPEC, WORDS, ALICE)
    files = {**filed(made, None), SPEC: words}
    found = standing(in_memory(files), policy(proof="none"), "spec", SPEC)
    assert (found.status == "approved") == (words == WORDS)


@given(st.data())
def test_no_edit_of_a_signed_record_approves_other_bytes(
    people_once: tuple[Files, bytes], data: st.DataObject
) -> None:
    files, listed = people_once
    text = files[PLACE]
    at = data.draw(st.integers(0, len(text)))
    edited = text[:at] + data.draw(st.binary(max_size=2)) + text[at + data.draw(st.integers(0, 2)) :]
    snapshot = in_memory({**files, PLACE: edited, SPEC: WORDS, b".sdd/allowed_signers": listed})
    assert (standing(snapshot, policy(), "spec", SPEC).status == "approved") == (edited == text)


@pytest.fixture(scope="module")
def people_once(people: People) -> tuple[Files, bytes]:
    return approved(people.alice), people.signers


@given(junk=st.binary(), signed=st.binary(), listed=st.binary(), revoked=st.binary())
def test_no_bytes_make_it_raise(junk: bytes, signed: bytes, listed: bytes, revoked: bytes) -> None:
    files = {
        SPEC: junk,
        PLACE: junk,
        PLACE + b".sig": signed,
        b".sdd/allowed_signers": listed,
        b".sdd/revoked_keys": revoked,
    }
    assert standing(in_memory(files), policy(), "spec", SPEC).status == "invalid"
    files[PLACE] = approval.render(record(SPEC, junk, ALICE))
    assert standing(in_memory(files), policy(), "spec", SPEC).status == "untrusted"
