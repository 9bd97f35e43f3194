"""The protected branch is audited step by step, each trusting its parent, and the adoption is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitbox import GitBox
from people import DAY, NOW, Person
from sdd.errors import SddError
from sdd.gates.audit import audit
from sdd.gates.history import History
from sdd.gates.judgement import Judgement
from sdd.gates.policy import PolicyError, render
from sdd.repository import Repository
from shop import (
    CODE,
    PAGE,
    POLICY,
    SIGNERS,
    SPEC,
    WORDS,
    Files,
    approved,
    begun,
    files,
    place,
    policy,
    put,
    ready,
)

WORK: Files = {CODE: b"cart = []\n"}
EXCUSED = b".sdd/excused.toml"


@pytest.fixture(autouse=True)
def _dates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits are made when approvals are."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-21T10:00:00Z")


def audited(box: GitBox, since: str = "", head: str = "HEAD", now: int = NOW) -> Judgement:
    history = History(Repository.find(str(box.path)))
    return audit(history, history.commit(head), now_epoch=now, since=history.commit(since) if since else "")


def told(judgement: Judgement) -> list[tuple[str, bytes]]:
    return [(one.code, one.path) for one in judgement.findings]


def noticed(judgement: Judgement) -> list[str]:
    return [one.code for one in judgement.notices]


class TestSteps:
    def test_a_squashed_proposal_may_bring_spec_approval_and_code_at_once(self, box: GitBox) -> None:
        put(box, files(begun()))
        put(box, WORDS, approved(*WORDS), WORK)
        found = audited(box)
        assert (found.findings, noticed(found)) == ((), ["SDD709"])

    def test_code_without_open_gates_is_found_in_its_step(self, box: GitBox) -> None:
        put(box, files(begun()))
        made = put(box, WORK)
        put(box, WORDS, approved(*WORDS))
        (found,) = audited(box).findings
        assert (found.code, found.path, made[:12] in found.message) == ("SDD401", CODE, True)

    def test_only_the_first_parents_line_is_walked(self, box: GitBox) -> None:
        put(box, files(begun()))
        box.git("switch", "-q", "-c", "work")
        put(box, WORK)
        put(box, WORDS, approved(*WORDS))
        box.git("switch", "-q", "main")
        put(box, {b"README.md": b""})
        box.git("merge", "-q", "--no-ff", "--no-edit", "work")
        assert audited(box).findings == ()

    def test_each_step_trusts_its_parent(self, box: GitBox) -> None:
        put(box, files(begun()))
        loose = {POLICY: render(policy(code=())).encode()}
        put(box, loose, approved(POLICY, words=loose))
        put(box, WORK)
        assert audited(box).findings == ()
        put(box, {POLICY: render(policy()).encode()})
        put(box, {CODE: None})
        assert told(audited(box)) == [("SDD704", POLICY), ("SDD401", CODE)]

    def test_what_merging_approves_is_accepted(self, box: GitBox) -> None:
        put(box, files(begun(policy("merged", "merged"), WORDS)))
        put(box, {POLICY: render(policy("merged", "merged", mode="report")).encode(), SPEC: b"# More\n"})
        put(box, WORK)
        found = audited(box)
        assert (found.findings, noticed(found), found.enforced) == ((), ["SDD709"], False)

    def test_a_policy_that_only_reports_does_not_make_up_for_its_own_way_in(self, box: GitBox) -> None:
        put(box, files(begun()))
        put(box, {POLICY: render(policy(mode="report")).encode()})
        put(box, WORK)
        found = audited(box)
        assert (told(found), found.passes) == ([("SDD704", POLICY), ("SDD401", CODE)], False)

    def test_what_came_in_while_the_policy_only_reported_is_told_and_no_more(self, box: GitBox) -> None:
        put(box, files(begun(policy(mode="report"))))
        put(box, WORK)
        assert (told(audited(box)), audited(box).enforced) == ([("SDD401", CODE)], False)
        words = {POLICY: render(policy()).encode()}
        put(box, words, approved(POLICY, words=words))
        found = audited(box)
        assert (found.findings, noticed(found), found.enforced) == ((), ["SDD709", "SDD401"], True)
        assert found.notices[1].message.endswith("; the policy only reported then")
        put(box, {CODE: None})
        assert told(audited(box)) == [("SDD401", CODE)]

    def test_a_deleted_policy_is_found_and_the_last_one_still_judges(self, box: GitBox) -> None:
        put(box, files(begun()))
        put(box, {POLICY: None})
        put(box, WORK)
        assert told(audited(box)) == [("SDD705", POLICY), ("SDD401", CODE)]

    def test_so_does_the_last_one_that_could_be_read(self, box: GitBox) -> None:
        put(box, files(begun()))
        put(box, {POLICY: b"version = 2\n"})
        put(box, WORK)
        put(box, {POLICY: render(policy()).encode()})
        put(box, {CODE: None})
        assert told(audited(box)) == [
            ("SDD701", POLICY),
            ("SDD704", POLICY),
            ("SDD401", CODE),
            ("SDD401", CODE),
        ]


class TestRange:
    def test_it_begins_after_the_commit_given(self, box: GitBox) -> None:
        put(box, files(begun()))
        early = put(box, WORK)
        put(box, {b"README.md": b""})
        assert audited(box, early) == Judgement()
        assert audited(box, early, early) == Judgement()
        put(box, {CODE: None})
        assert told(audited(box, early)) == [("SDD401", CODE)]

    def test_it_finds_the_adoption_and_judges_nothing_before(self, box: GitBox) -> None:
        first = put(box, WORK)
        put(box, {CODE: b"more\n"})
        put(box, files(begun()))
        for since in ("", first):
            found = audited(box, since)
            assert (found.findings, noticed(found)) == ((), ["SDD709"])

    def test_a_rewritten_branch_is_found(self, box: GitBox) -> None:
        put(box, files(ready()))
        old = put(box, WORK)
        box.git("reset", "-q", "--hard", "HEAD^")
        assert told(audited(box, old)) == [("SDD602", POLICY)]
        put(box, {b"README.md": b""})
        assert told(audited(box, old)) == [("SDD602", POLICY)]

    def test_so_is_one_that_was_merged_into_another(self, box: GitBox) -> None:
        put(box, files(ready()))
        box.git("branch", "other")
        old = put(box, WORK)
        box.git("switch", "-q", "other")
        put(box, {b"README.md": b""})
        box.git("merge", "-q", "--no-edit", old)
        assert told(audited(box, old)) == [("SDD602", POLICY)]

    def test_without_any_policy_nothing_can_be_told(self, box: GitBox) -> None:
        put(box, WORK)
        with pytest.raises(SddError, match="nothing can be judged"):
            audited(box)

    def test_neither_with_a_first_one_that_cannot_be_read(self, box: GitBox) -> None:
        put(box, {POLICY: b"version = 2\n"})
        with pytest.raises(PolicyError):
            audited(box)


class TestTime:
    def test_a_record_must_verify_at_its_steps_date_which_never_goes_back(
        self, box: GitBox, tmp_path: Path
    ) -> None:
        alice = Person.make(tmp_path, "alice")
        ended = alice.line.replace('sdd"', 'sdd",valid-before="20261121Z"').encode()
        first = put(box, files(begun(policy("ssh"), WORDS, {SIGNERS: ended})), at="2026-11-20T09:00:00Z")
        old = approved(SPEC, by=alice, at=NOW - DAY - 7200)
        put(box, old, at="2026-11-20T10:00:00Z")
        assert audited(box).findings == ()
        put(box, {b"README.md": b""}, at="2026-11-21T09:00:00Z")
        put(box, approved(PAGE, by=alice, at=NOW - DAY - 7200), at="2026-11-20T11:00:00Z")
        assert told(audited(box)) == [("SDD305", place(PAGE))]
        assert told(audited(box, first)) == [("SDD305", place(PAGE))]

    def test_a_date_yet_to_come_makes_no_record_good(self, box: GitBox) -> None:
        put(box, files(begun(None, WORDS)))
        put(box, approved(SPEC, at=NOW + DAY), at="2027-01-01T00:00:00Z")
        assert told(audited(box)) == [("SDD305", place(SPEC))]
        assert audited(box, now=NOW + 60 * DAY).findings == ()


class TestExcused:
    def test_an_excused_commit_is_reported_without_failing(self, box: GitBox) -> None:
        put(box, files(begun()))
        made = put(box, WORK)
        words = {EXCUSED: f'[commits]\n"{made}" = "the shop was down"\n'.encode()}
        put(box, words, approved(EXCUSED, words=words))
        found = audited(box)
        assert (found.findings, noticed(found)) == ((), ["SDD709", "SDD401"])
        assert found.notices[1].message.endswith("; excused: the shop was down")

    def test_nobody_excuses_without_approval(self, box: GitBox) -> None:
        put(box, files(begun()))
        made = put(box, WORK)
        put(box, {EXCUSED: f'[commits]\n"{made}" = "me"\n'.encode()})
        assert told(audited(box)) == [("SDD704", EXCUSED)]

    @pytest.mark.parametrize(
        "words",
        [
            b"junk",
            b"",
            b"commits = 1\n",
            b"[commits]\n[other]\n",
            b'[commits]\n"abc" = "why"\n',
            b'[commits]\n"%s" = " "\n' % (b"0" * 40),
            b'[commits]\n"%s" = 1\n' % (b"0" * 40),
        ],
    )
    def test_a_file_that_cannot_be_read_excuses_nobody(self, box: GitBox, words: bytes) -> None:
        put(box, files(begun(None, {EXCUSED: words})))
        with pytest.raises(SddError, match=r"excused\.toml cannot be read"):
            audited(box)

    def test_neither_does_a_link(self, box: GitBox) -> None:
        put(box, files(begun()))
        (box.path / ".sdd/excused.toml").symlink_to("policy.toml")
        box.commit()
        with pytest.raises(SddError, match="is a link"):
            audited(box)
