"""In a clone the index and the working tree are judged by the protected branch, as far as the clone knows it."""

from __future__ import annotations

import pytest

from gitbox import GitBox
from people import NOW
from sdd.errors import SddError
from sdd.gates.judgement import Judgement
from sdd.gates.local import merge_heads, staged, unstaged
from sdd.gates.policy import render
from sdd.gates.protected import protected
from sdd.repository import Repository
from shop import CODE, PLAN, POLICY, SPEC, WORDS, Files, approved, begun, files, policy, put, ready

WORK: Files = {CODE: b"cart = []\n"}


def repository(box: GitBox) -> Repository:
    return Repository.find(str(box.path))


def told(judgement: Judgement | None) -> list[tuple[str, bytes]]:
    assert judgement is not None
    return [(one.code, one.path) for one in judgement.findings]


def in_index(box: GitBox) -> Judgement | None:
    found = staged(repository(box), now_epoch=NOW)
    return found.found if found else None


def on_disk(box: GitBox) -> Judgement | None:
    found = unstaged(repository(box), now_epoch=NOW)
    return found.found if found else None


def test_a_project_without_sdd_is_not_judged(box: GitBox) -> None:
    box.write("src/cart.py", "x")
    assert (in_index(box), on_disk(box)) == (None, None)


def test_the_first_commit_may_adopt(box: GitBox) -> None:
    for path, data in files(begun()).items():
        box.write(path, data or b"")
    box.git("add", ".")
    found = in_index(box)
    assert found is not None
    assert [one.code for one in found.notices] == ["SDD709"]


def test_what_is_staged_counts_and_not_what_lies_on_disk(box: GitBox) -> None:
    put(box, files(begun()))
    box.write(CODE, b"early\n")
    assert told(in_index(box)) == []
    assert told(on_disk(box)) == [("SDD401", CODE)]
    box.git("add", ".")
    box.git("checkout", "-q", "HEAD", "--", ".sdd")
    (box.path / "src/cart.py").unlink()
    assert told(in_index(box)) == [("SDD401", CODE)]
    assert told(on_disk(box)) == []


def test_the_protected_branch_decides_and_not_the_branch_at_hand(box: GitBox) -> None:
    put(box, files(begun()))
    box.git("switch", "-q", "-c", "work")
    put(box, {POLICY: render(policy(code=())).encode()})
    box.write(CODE, b"early\n")
    box.git("add", ".")
    assert told(in_index(box)) == [("SDD401", CODE)]


def test_the_remotes_branch_goes_before_the_local_one(box: GitBox) -> None:
    first = put(box, files(begun()))
    put(box, {b"README.md": b""})
    assert protected(repository(box)) == box.git("rev-parse", "main")
    box.git("update-ref", "refs/remotes/origin/main", first)
    assert protected(repository(box)) == first


def test_a_branch_without_a_policy_is_no_ground_to_stand_on(box: GitBox) -> None:
    put(box)
    box.git("switch", "-q", "-c", "work")
    assert protected(repository(box)) == ""
    put(box, files(begun()))
    assert protected(repository(box)) == ""
    box.write(CODE, b"early\n")
    assert told(on_disk(box)) == [("SDD401", CODE)]


def test_a_policy_broken_on_the_branch_hides_the_protected_one_not(box: GitBox) -> None:
    first = put(box, files(begun()))
    box.git("switch", "-q", "-c", "work")
    put(box, {POLICY: b"junk"})
    assert protected(repository(box)) == first
    put(box, {POLICY: None})
    assert protected(repository(box)) == first
    assert told(on_disk(box)) == []


def test_of_a_merge_in_progress_only_its_own_paths_count(box: GitBox) -> None:
    put(box, files(begun()), {b"a.md": b"a\n"})
    box.git("switch", "-q", "-c", "side")
    other = put(box, {b"a.md": b"b\n"}, WORK)
    box.git("switch", "-q", "-c", "work", "main")
    put(box, {b"a.md": b"c\n"})
    assert merge_heads(repository(box)) == ()
    with pytest.raises(AssertionError, match="ended with 1"):
        box.git("merge", "-q", "side")
    assert merge_heads(repository(box)) == (other,)
    with pytest.raises(SddError, match=r"a\.md is not merged yet"):
        in_index(box)
    box.write("a.md", "d\n")
    box.git("add", "a.md")
    assert told(in_index(box)) == []
    box.write(CODE, b"evil\n")
    box.git("add", ".")
    assert told(in_index(box)) == [("SDD401", CODE)]


def test_records_carried_from_the_protected_branch_are_known_by_the_merge_base(box: GitBox) -> None:
    put(box, files(ready()))
    box.git("switch", "-q", "-c", "work")
    put(box, {b"README.md": b""})
    box.git("switch", "-q", "main")
    put(box, approved(SPEC, PLAN, at=NOW + 60))
    box.git("switch", "-q", "work")
    box.write(CODE, b"cart\n")
    assert told(on_disk(box)) == []
    assert WORDS[SPEC] == box.read_bytes(SPEC)


def test_a_merge_that_names_no_commit_cannot_be_judged(box: GitBox) -> None:
    put(box, files(begun()))
    box.write(".git/MERGE_HEAD", b"\xff\n")
    with pytest.raises(SddError, match="there is no commit"):
        in_index(box)
