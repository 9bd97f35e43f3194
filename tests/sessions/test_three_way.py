"""Whoever alone changed something is followed; what both changed is told; nothing is told twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sdd.sessions.three_way import Base, Merged, digests, entries, read, text, written

words = st.sampled_from(["", "a", "b", "c"])
lists = st.lists(st.sampled_from("abcdef"), unique=True).map(tuple)


def base(*said: str) -> Base:
    return Base({"x": digests([one for one in said if one])})


@given(words, words, words)
def test_a_text_follows_whoever_changed_it(before: str, mine: str, theirs: str) -> None:
    merged = text(base(before), "x", mine, theirs)
    expected = mine if theirs in {before, mine} else theirs if mine == before else None
    assert merged == (
        Merged((mine,) if mine else (), conflict=True)
        if expected is None
        else Merged(tuple(filter(None, [expected])))
    )


def test_without_a_base_nothing_that_is_there_is_lost() -> None:
    unknown = read("")
    assert text(unknown, "x", "a", "") == Merged(("a",))
    assert text(unknown, "x", "", "b") == Merged(("b",))
    assert text(unknown, "x", "a", "b") == Merged(("a",), conflict=True)
    assert entries(unknown, "x", ["a"], ["b"]) == Merged(("a", "b"))


@given(lists, lists, lists)
def test_a_list_is_what_both_sides_made_of_it(
    before: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    merged = entries(base(*before), "x", mine, theirs).entries
    old, own, new = set(before), set(mine), set(theirs)
    assert set(merged) == (own & new) | (own - old) | (new - old)
    assert len(set(merged)) == len(merged)
    if mine == before:
        assert merged == theirs
    assert entries(base(*theirs), "x", merged, theirs).entries == merged


@given(st.dictionaries(st.sampled_from(["goal", "needs"]), st.lists(st.text(), max_size=3)))
def test_what_is_written_is_read_back(said: dict[str, list[str]]) -> None:
    fields = {field: digests(found) for field, found in said.items()}
    found = read(written(fields))
    assert found.fields == {field: told for field, told in fields.items() if told}
    assert found.known is any(fields.values())
    assert read("words of a person").fields == {}
