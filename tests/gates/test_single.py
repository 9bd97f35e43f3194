"""One snapshot by itself: what cannot be read or can never count is found, whoever put it there."""

from __future__ import annotations

import pytest

from sdd.errors import SddError
from sdd.gates.judgement import Judgement
from sdd.gates.single import judge_snapshot
from sdd.snapshot import LINK, Entry, Snapshot, in_memory
from shop import CODE, POLICY, REVOKED, SIGNERS, SPEC, WORDS, after, approved, begun, place, policy, ready


def told(judgement: Judgement) -> list[tuple[str, bytes]]:
    return [(one.code, one.path) for one in judgement.findings]


def test_a_project_in_order_has_no_findings_whatever_waits() -> None:
    assert judge_snapshot(ready()) == Judgement()
    assert judge_snapshot(begun(policy(mode="report"), WORDS)) == Judgement(enforced=False)


def test_what_stands_in_the_files_of_the_gates_is_read() -> None:
    wrong = {SIGNERS: b"*\n", REVOKED: b"all\n", b"Src/x.py": b"", place(SPEC): b"junk"}
    unknown = approved(SPEC, gate="release")
    assert told(judge_snapshot(begun(None, wrong, unknown))) == [
        ("SDD702", SIGNERS),
        ("SDD303", next(iter(unknown))),
        ("SDD301", place(SPEC)),
        ("SDD703", REVOKED),
        ("SDD707", b"Src/x.py"),
    ]


def test_a_link_is_found_once() -> None:
    there = begun()
    links = {path: Entry(LINK, "1" * 40) for path in (CODE, place(SPEC), SIGNERS)}
    linked = Snapshot("linked", {**there.entries, **links}, there.read_all)
    assert [code for code, _ in told(judge_snapshot(linked))] == ["SDD706"] * 3


def test_a_policy_that_cannot_be_read_is_a_finding() -> None:
    assert told(judge_snapshot(after(begun(), {POLICY: b"junk"}))) == [("SDD701", POLICY)]


def test_without_one_nothing_can_be_judged() -> None:
    with pytest.raises(SddError, match="nothing can be judged"):
        judge_snapshot(in_memory({}))
