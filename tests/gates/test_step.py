"""One step, judged by what is trusted: code after its spec, by name and mode, and the first policy."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import NOW
from sdd.errors import SddError
from sdd.findings import Finding
from sdd.gates.governed import code_digest, fold
from sdd.gates.judgement import Judgement, joined
from sdd.gates.policy import PolicyError
from sdd.gates.split import Undo, quoted, undo
from sdd.gates.step import judge, judge_adoption
from sdd.snapshot import LINK, SUBMODULE, Entry, Snapshot, blob_id, in_memory
from shop import (
    ALICE,
    ARCHITECTURE,
    CODE,
    PAGE,
    PLAN,
    POLICY,
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

WORK: Files = {CODE: b"cart = []\n"}


def step(
    before: Snapshot, *changes: Files, trusted: Snapshot | None = None, audit: bool = False
) -> Judgement:
    """The judgement of these changes, made in one step; T is the snapshot before unless another is given."""
    return judge(before, after(before, *changes), trusted or before, now_epoch=NOW, audit=audit)


def told(judgement: Judgement) -> list[tuple[str, bytes]]:
    return [(one.code, one.path) for one in judgement.findings]


def linked(snapshot: Snapshot, path: bytes, mode: str = LINK) -> Snapshot:
    """The snapshot with a link or a submodule at a path."""
    entries = {**snapshot.entries, path: Entry(mode, "1" * 40)}
    return Snapshot(snapshot.name, entries, snapshot.read_all)


class TestCodeAfterItsSpec:
    def test_code_may_follow_its_open_gates(self) -> None:
        assert step(ready(), WORK) == Judgement()

    @pytest.mark.parametrize("lacking", [SPEC, ARCHITECTURE, PLAN])
    def test_code_before_an_approval_is_refused_with_the_gate_and_who_opens_it(self, lacking: bytes) -> None:
        before = after(ready(), {place(lacking): None, PAGE: None})
        found = step(before, WORK, trusted=before).findings
        assert told(Judgement(found)) == [("SDD401", CODE)]
        gate = "spec" if lacking == SPEC else "implementation"
        assert f"src/cart.py needs the gate {gate} open, and it is shut" in found[0].message
        assert f"{lacking.decode()} awaits approval for {gate} by {ALICE}" in found[0].message
        assert found[0].hint == f"sdd approve {lacking.decode()} --gate {gate}  # by {ALICE}"

    def test_deleting_moving_and_changing_code_is_judged_like_adding_it(self) -> None:
        there = begun(None, WORK)
        assert told(step(there, {CODE: None})) == [("SDD401", CODE)]
        assert told(step(there, {CODE: None, b"lib/cart.py": WORK[CODE]})) == [("SDD401", CODE)]
        assert told(step(there, {CODE: b"cart = ()\n"})) == [("SDD401", CODE)]

    def test_a_changed_mode_alone_is_a_change(self) -> None:
        there = begun(None, WORK)
        entries = {**there.entries, CODE: Entry("100755", there.blob(CODE))}
        made = Snapshot("executable", entries, there.read_all)
        assert told(judge(there, made, there, now_epoch=NOW)) == [("SDD401", CODE)]

    def test_code_is_refused_while_a_document_is_stale(self) -> None:
        before = after(ready(), {SPEC: b"# Another shop\n"})
        found = step(before, WORK, trusted=ready()).findings
        assert [one.code for one in found] == ["SDD401"]
        assert "docs/product-spec.md has changed since it was approved for spec" in found[0].message

    def test_code_without_any_document_is_told_what_to_write(self) -> None:
        (found,) = step(begun(), WORK).findings
        assert (found.code, found.hint) == ("SDD401", "sdd next  # docs/product-spec.md is not written yet")

    def test_files_that_no_rule_names_are_free(self) -> None:
        assert step(begun(), {b"README.md": b"hi\n", b"docs/notes.md": b""}) == Judgement()

    def test_gates_of_merged_documents_open_with_the_trusted_bytes(self) -> None:
        merged = begun(policy("merged"), WORDS)
        assert step(merged, WORK) == Judgement()
        before = after(merged, {SPEC: b"# Another\n"})
        (found,) = step(before, WORK, trusted=merged).findings
        assert found.hint == f"have docs/product-spec.md merged into the protected branch first, by {ALICE}"

    def test_what_is_set_to_the_trusted_bytes_is_accepted(self) -> None:
        trusted = begun(None, WORK)
        assert step(begun(), WORK, trusted=trusted) == Judgement()
        assert (
            step(after(begun(), {b"src/old.py": b""}), {b"src/old.py": None}, trusted=trusted) == Judgement()
        )

    def test_only_the_paths_of_its_own_count_for_a_merge(self) -> None:
        before = begun()
        merged = after(before, WORK, {b"src/b.py": b""})
        found = judge(before, merged, before, now_epoch=NOW, own=[b"src/b.py"])
        assert told(found) == [("SDD401", b"src/b.py")]


class TestSpecAndCodeInOneStep:
    def test_the_hint_splits_them(self) -> None:
        (found,) = step(begun(), WORDS, {PAGE: None}, approved(SPEC, ARCHITECTURE, PLAN), WORK).findings
        assert (found.code, found.path) == ("SDD402", CODE)
        assert found.hint.split("\n") == [
            "git reset -q -- src/cart.py",
            "git commit -m Specify",
            "git add -A -- src/cart.py",
            "git commit -m Implement",
        ]

    def test_the_hint_asks_for_the_approvals_that_lack(self) -> None:
        changes: list[Files] = [WORDS, {PAGE: None, b"sessions/01-x.md": b""}, approved(ARCHITECTURE), WORK]
        (found,) = step(begun(), *changes).findings
        assert found.hint.split("\n") == [
            "git reset -q -- src/cart.py",
            "sdd tracker --stage",
            "git commit -m Specify",
            "sdd approve docs/product-spec.md --gate spec",
            "git add .sdd docs",
            "git commit -m Approve",
            "sdd approve docs/implementation-plan.md --gate implementation",
            "git add .sdd docs",
            "git commit -m Approve",
            "git add -A -- src/cart.py",
            "sdd tracker --stage",
            "git commit -m Implement",
        ]

    def test_a_changed_spec_of_an_open_gate_counts_too(self) -> None:
        (found,) = step(ready(), {SPEC: b"# More\n"}, WORK).findings
        assert found.code == "SDD402"
        assert found.message == (
            "src/cart.py comes in one step with docs/product-spec.md, which has to come before it"
        )

    def test_a_new_approval_beside_code_whose_gates_are_open_is_fine(self) -> None:
        assert step(ready(), approved(SPEC, at=NOW + 1), WORK) == Judgement()

    def test_in_an_audit_a_step_may_be_a_whole_proposal(self) -> None:
        assert step(begun(), WORDS, approved(*WORDS), WORK, audit=True) == Judgement()
        assert told(step(begun(), WORDS, WORK, audit=True)) == [("SDD401", CODE)]


class TestNamesAndModes:
    @pytest.mark.parametrize("mode", [LINK, SUBMODULE])
    @pytest.mark.parametrize(
        "path",
        [
            CODE,
            b"src",
            b"src/vendor",
            SPEC,
            b"docs",
            b"docs/checkout",
            b".sdd",
            POLICY,
            b".github",
            b"SRC",
            place(SPEC),
        ],
    )
    def test_no_link_stands_at_or_above_what_is_judged(self, mode: str, path: bytes) -> None:
        before = begun()
        found = judge(before, linked(before, path, mode), before, now_epoch=NOW)
        assert told(found) == [("SDD706", path)]

    @pytest.mark.parametrize("path", [b"README.md", b"lib/src", b"assets"])
    def test_links_elsewhere_are_free(self, path: bytes) -> None:
        before = begun()
        assert judge(before, linked(before, path), before, now_epoch=NOW) == Judgement()

    @pytest.mark.parametrize(
        "path",
        [
            b".SDD/policy.toml",
            b"Src/x.py",
            b"docs/Product-Spec.md",
            b".sdd./policy.toml",
            b"SDD~1/policy.toml",
            b".GitAttributes",
            b"src\\x.py",
            ".s\u200cdd/policy.toml".encode(),
            b".sdd::$INDEX_ALLOCATION/policy.toml",
            b"src /\xff.py",
        ],
    )
    def test_names_that_some_file_systems_take_for_others_are_refused(self, path: bytes) -> None:
        assert told(step(ready(), {path: b""})) == [("SDD707", path)]

    def test_taking_such_a_name_away_is_fine(self) -> None:
        assert step(begun(None, {b"Src/x.py": b""}), {b"Src/x.py": None}) == Judgement()


class TestAdoption:
    def test_the_first_policy_passes_with_a_notice(self) -> None:
        found = judge_adoption(in_memory({b"README.md": b""}), begun(), now_epoch=NOW)
        assert found.findings == ()
        assert [(one.code, one.path) for one in found.notices] == [("SDD709", POLICY)]
        assert found.passes

    def test_code_that_was_there_before_is_not_judged(self) -> None:
        assert judge_adoption(in_memory(dict(WORK.items())), begun(None, WORK), now_epoch=NOW).passes  # type: ignore[arg-type] # all are bytes

    def test_the_first_policy_brings_no_governed_code(self) -> None:
        assert told(judge_adoption(in_memory({}), begun(None, WORK), now_epoch=NOW)) == [("SDD403", CODE)]

    def test_what_it_brings_is_judged_by_its_own_policy(self) -> None:
        wrong: Files = {b".sdd/allowed_signers": b"* ssh-ed25519 AAAA\n", b"Src/x.py": b""}
        found = judge_adoption(in_memory({}), begun(None, wrong), now_epoch=NOW)
        assert told(found) == [("SDD702", b".sdd/allowed_signers"), ("SDD707", b"Src/x.py")]


class TestNothingToTrust:
    def test_without_a_policy_nothing_can_be_judged(self) -> None:
        empty = in_memory({}, "commit 1")
        with pytest.raises(SddError, match=r"there is no \.sdd/policy\.toml in commit 1"):
            judge(empty, begun(), empty, now_epoch=NOW)

    def test_neither_with_one_that_cannot_be_read_or_is_a_link(self) -> None:
        with pytest.raises(PolicyError):
            step(in_memory({POLICY: b"version = 2\n"}), WORK)
        with pytest.raises(SddError, match="is a link"):
            step(linked(in_memory({}), POLICY), WORK)

    def test_reporting_does_not_refuse(self) -> None:
        found = step(begun(policy(mode="report")), WORK)
        assert told(found) == [("SDD401", CODE)]
        assert not found.enforced
        assert found.passes


def test_judgements_are_joined_without_saying_things_twice() -> None:
    one, other = Finding("SDD401", CODE, 0, "no", "a"), Finding("SDD401", CODE, 0, "no", "b")
    notice = Finding("SDD710", POLICY, 0, "look")
    found = joined([Judgement((one,), (notice,)), Judgement((other,), (notice,))], enforced=False)
    assert found == Judgement((one,), (notice,), enforced=False)


class TestSplitting:
    def test_the_newest_commit_is_reopened_where_it_stands(self) -> None:
        assert undo("c1", "c1", "main") == Undo(("git reset -q --soft HEAD^",))

    def test_an_older_one_apart_and_the_rest_moved_onto_it(self) -> None:
        assert undo("c1", "c2", "it's").after == ("git rebase -q --onto HEAD c1 'it'\"'\"'s'",)
        assert undo("c1", "c2", "") == Undo(
            ("git checkout -q --detach c1", "git reset -q --soft HEAD^"), ("git rebase -q --onto HEAD c1 c2",)
        )

    def test_any_name_is_one_word(self) -> None:
        assert [quoted(path) for path in (b"a b", b"a\n", b"\xff")] == ["'a b'", "$'\\141\\012'", "$'\\377'"]


def test_the_code_of_a_snapshot_has_a_digest_that_anyone_can_compute() -> None:
    lines = [
        b"100644 %s src/a.py\n" % blob_id(b"a").encode(),
        b"100644 %s src/b.py\n" % blob_id(b"b").encode(),
    ]
    there = begun(None, {b"src/a.py": b"a", b"src/b.py": b"b", b"lib/c.py": b""})
    assert code_digest(there, policy()) == hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def test_names_that_a_file_system_folds_are_one() -> None:
    assert fold("A\u200dB/\u212a. /c:d".encode()) == b"ab/k/c"
    assert fold(b"./..") == b"./.."


GOVERNED = (CODE, b"src/price.py", b"src/other.py", b"src/a/b.py")
TRUST = (POLICY, b".sdd/allowed_signers", b".sdd/revoked_keys", b".gitattributes", b".sdd/excused.toml")
BYTES = st.one_of(st.none(), st.binary(max_size=30), st.sampled_from(sorted(WORDS.values())))
RECORDS = st.sampled_from([None, b"junk", *(data for data in approved(*WORDS).values())])
EDITS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys((*GOVERNED, *TRUST, *WORDS, b"README.md"), BYTES),
        **{place(path): RECORDS for path in (*WORDS, POLICY)},
    },
)


def changed(before: Snapshot, edits: Files, among: tuple[bytes, ...]) -> set[bytes]:
    made = after(before, edits)
    return {path for path in among if made.entries.get(path) != before.entries.get(path)}


@given(EDITS)
def test_no_edit_makes_unapproved_code_or_an_unapproved_trust_file_pass(edits: Files) -> None:
    for before in (begun(None, {CODE: b"old\n"}), begun(None, WORDS, {CODE: b"old\n"})):
        refused = {path for _, path in told(step(before, edits))}
        assert changed(before, edits, GOVERNED) <= refused
        revoking = {b".sdd/revoked_keys"}  # adding to these needs nobody
        assert changed(before, edits, TRUST) - revoking <= refused


@given(EDITS)
def test_no_edit_passes_what_no_approved_document_grants(edits: Files) -> None:
    before = ready()
    assert changed(before, edits, GOVERNED[2:]) <= {path for _, path in told(step(before, edits))}


@given(EDITS)
def test_whatever_is_set_to_the_trusted_bytes_passes(edits: Files) -> None:
    before = ready()
    made = after(before, {path: data for path, data in edits.items() if path != POLICY})
    assert judge(before, made, made, now_epoch=NOW) == Judgement()
