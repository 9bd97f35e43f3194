"""A finding tells what is wrong and where, in an order that depends on nothing else."""

from __future__ import annotations

import pytest

from sdd.findings import Finding, by_place, nearest


def test_a_finding_reads_as_place_code_and_words() -> None:
    assert str(Finding("SDD301", b"docs/a.md", 7, "it is late")) == "docs/a.md:7: SDD301 it is late"
    assert str(Finding("SDD301", b"docs/a.md", 0, "it is late")) == "docs/a.md: SDD301 it is late"


def test_a_path_cannot_forge_a_line_of_output() -> None:
    told = str(Finding("SDD301", b"a\nb.md:1: SDD000 fine", 2, "it is late"))
    assert told == '"a\\012b.md:1: SDD000 fine":2: SDD301 it is late'


def test_findings_are_sorted_by_file_line_code_and_words() -> None:
    ordered = [
        Finding("SDD9", b"B", 9, "z"),
        Finding("SDD1", b"a", 0, "z"),
        Finding("SDD2", b"a", 2, "z"),
        Finding("SDD1", b"a", 10, "a", "one hint"),
        Finding("SDD1", b"a", 10, "b", "another hint"),
        Finding("SDD2", b"a", 10, "a"),
        Finding("SDD1", b"\xff", 1, "a"),
    ]
    backwards = ordered[::-1]
    assert sorted(backwards, key=by_place) == ordered


@pytest.mark.parametrize(
    ("word", "meant"), [("wirtes", "writes"), ("read", "reads"), ("needs", "needs"), ("colour", ""), ("", "")]
)
def test_a_misspelt_word_finds_the_one_that_was_meant(word: str, meant: str) -> None:
    assert nearest(word, ["reads", "writes", "needs"]) == meant


def test_the_nearest_word_does_not_depend_on_the_order_of_the_known() -> None:
    assert nearest("xb", ["ab", "cb"]) == nearest("xb", ["cb", "ab"]) != ""
