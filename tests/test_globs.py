"""Globs: one meaning for writes, reads and governed paths, and no glob that takes for ever."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd import globs
from sdd.globs import covers, is_glob, matched, matches, matching, overlap
from sdd.snapshot import FILE, Entry, Listed


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("src/cart.py", b"src/cart.py", True),
        ("src/cart.py", b"lib/src/cart.py", False),
        ("src/cart.py", b"src/cart.pyc", False),
        ("src/*.py", b"src/cart.py", True),
        ("src/*.py", b"src/.py", True),
        ("src/*.py", b"src/shop/cart.py", False),
        ("src/*", b"src/.env", True),
        ("src/?art.py", b"src/cart.py", True),
        ("src/?art.py", b"src//art.py", False),
        ("a?", "aé".encode(), True),
        ("a?", b"a\xe9", True),
        ("a??", "aé".encode(), False),
        ("é*", "état".encode(), True),
        ("é", b"\xe9", False),
        ("[ab].py", b"b.py", True),
        ("[a-c].py", b"b.py", True),
        ("[a-c].py", b"d.py", False),
        ("[z-a].py", b"m.py", False),
        ("[!a-c].py", b"d.py", True),
        ("[!a-c].py", b"b.py", False),
        ("[!z-a].py", b"m.py", True),
        ("[!a!].py", b"!.py", False),
        ("[]a]", b"]", True),
        ("[!]a]", b"b", True),
        ("[!]a]", b"]", False),
        ("[a-]", b"-", True),
        ("[a", b"[a", True),
        ("[!]", b"[!]", True),
        ("a[b/c]", b"a[b/c]", True),
        ("a[b/c]", b"a/", False),
        ("[!\0-\U0010ffff]b", b"ab", False),
        ("app/[id]/page.tsx", b"app/[id]/page.tsx", True),
        ("app/[id]/*", b"app/[id]/page.tsx", True),
        ("src/**", b"src/a", True),
        ("src/**", b"src/a/b", True),
        ("src/**", b"src", False),
        ("src/**", b"srca", False),
        ("src/", b"src/a/b", True),
        ("src/", b"src", False),
        ("**", b"a/b", True),
        ("**/x", b"x", True),
        ("**/x", b"a/b/x", True),
        ("**/x", b"a/bx", False),
        ("a/**/b", b"a/b", True),
        ("a/**/b", b"a/x/y/b", True),
        ("a/**/**/b/*", b"a/b/c", True),
        ("a/b**c", b"a/bxc", True),
        ("a/b**c", b"a/b/c", False),
        ("**/a/b", b"a/a/b", True),
        ("{a,b}", b"a", False),
        ("!a", b"b", False),
        ("a\\*", b"a\\b", True),
        ("/a", b"a", False),
        ("./a", b"a", False),
        ("", b"a", False),
    ],
)
def test_a_glob_means(pattern: str, path: bytes, *, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_paths_keep_their_order_and_appear_once() -> None:
    paths = [b"b.py", b"\xff.py", b"a.md", b"a.py"]
    assert matching(["*.py", "b*"], iter(paths)) == [b"b.py", b"\xff.py", b"a.py"]
    assert matching([], paths) == []


def test_a_narrow_glob_does_not_list_the_rest() -> None:
    class Asked(Listed):
        def under(self, folder: bytes) -> list[bytes]:
            assert folder in {b"src/cart", b"tests"}
            return super().under(folder)

    names = (b"README.md", b"src/cart/a.py", b"src/else/b.py", b"tests/c.py", b"d.py")
    files = Asked({name: Entry(FILE, "1" * 40) for name in names})
    globs = ["src/cart/*.py", "tests/", "README.md", "gone.md"]
    assert matched(globs, files) == [b"README.md", b"src/cart/a.py", b"tests/c.py"]


@pytest.mark.parametrize(
    ("pattern", "glob"), [("a/b.py", False), ("a/", True), ("*", True), ("a?", True), ("[a]", True)]
)
def test_what_is_a_glob(pattern: str, *, glob: bool) -> None:
    assert is_glob(pattern) is glob


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("src/**", "src/cart.py", True),
        ("src/**", "src/**", True),
        ("src/**", "src/shop/*.py", True),
        ("src/**", "src/shop/", True),
        ("src/**", "src/**/test_*.py", True),
        ("src/**", "src", False),
        ("src/**", "**", False),
        ("src/", "src/**", True),
        ("src/*/**", "src/a/**", True),
        ("src/*/**", "src/**", False),
        ("src/*", "src/*.py", True),
        ("src/*.py", "src/*", False),
        ("src/?.py", "src/*.py", False),
        ("*?", "?*", True),
        ("**/*/x", "*/**/x", True),
        ("**/*.py", "src/**/x.py", True),
        ("[a-f]*", "[b-c]x", False),
        ("[a-f[]*", "[b-c]x", True),
        ("app/[id]/*", "app/[id]/page.tsx", True),
        ("app/*/x", "app/[id]/x", True),
        ("[a]", "?", False),
        ("?", "[!a]", False),
        ("????", "[!a]", False),
        ("*", "[!a]", True),
        ("a/*/c", "a/**/c", False),
        ("a/**/c", "a/b/**/c", True),
        ("a/?*", "a/*", True),
        ("src/[z-a]/b", "src/x/b", False),
        ("[!\0-\U0010ffff]b", "*", False),
        ("a", "[!\0-\U0010ffff]b", False),
    ],
)
def test_one_glob_covers_another(outer: str, inner: str, *, expected: bool) -> None:
    assert covers(outer, inner) is expected


PARTS = st.one_of(st.just("**"), st.text("ab*?[]!-", min_size=1, max_size=4))
PATTERNS = st.builds(
    str.__add__, st.lists(PARTS, min_size=1, max_size=4).map("/".join), st.sampled_from(["", "/"])
)
PATHS = st.lists(st.text("ab[]!-*?é\udcff", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join)


def naive(pattern: str, path: str) -> bool:
    """The meaning of a glob, as short as it can be said, at whatever cost."""
    texts = (pattern + "**" if pattern.endswith("/") else pattern).split("/")
    return _parts_fit([*texts, "*"] if texts[-1] == "**" else texts, path.split("/"))


def _parts_fit(texts: list[str], names: list[str]) -> bool:
    if not texts:
        return not names
    if texts[0] == "**":
        return any(_parts_fit(texts[1:], names[start:]) for start in range(len(names) + 1))
    return (
        bool(names)
        and (texts[0] == names[0] or _name_fits(texts[0], names[0]))
        and _parts_fit(texts[1:], names[1:])
    )


def _name_fits(text: str, name: str) -> bool:
    if not text:
        return not name
    if text[0] == "*":
        return any(_name_fits(text[1:], name[start:]) for start in range(len(name) + 1))
    end = text.find("]", 3 if text.startswith("[!") else 2)
    if text[0] == "[" and end > 0:
        return bool(name) and _in_class(text[1:end], name[0]) and _name_fits(text[end + 1 :], name[1:])
    return bool(name) and text[0] in {"?", name[0]} and _name_fits(text[1:], name[1:])


def _in_class(signs: str, char: str) -> bool:
    if signs.startswith("!"):
        return not _in_class(signs[1:], char)
    if signs[1:2] == "-" and len(signs) > 2:
        return signs[0] <= char <= signs[2] or _in_class(signs[3:], char)
    return bool(signs) and (char == signs[0] or _in_class(signs[1:], char))


@given(PATTERNS, PATHS)
def test_a_glob_matches_as_the_naive_reading_does(pattern: str, path: str) -> None:
    path = path.encode(errors="surrogateescape").decode(errors="surrogateescape")
    assert matches(pattern, path.encode(errors="surrogateescape")) == naive(pattern, path)


@given(st.lists(PATTERNS, max_size=3), st.lists(PATHS, max_size=6))
def test_of_files_only_the_folders_are_listed_that_can_hold_a_match(
    patterns: list[str], paths: list[str]
) -> None:
    files = {path.encode(errors="surrogateescape"): Entry(FILE, "1" * 40) for path in paths}
    assert matched(patterns, Listed(files)) == matching(patterns, sorted(files))


@given(PATHS)
def test_a_path_matches_itself(path: str) -> None:
    path = path.encode(errors="surrogateescape").decode(errors="surrogateescape")
    assert matches(path, path.encode(errors="surrogateescape"))
    assert covers(path, path)


@given(PATTERNS, PATTERNS, PATHS)
def test_what_is_covered_is_matched(outer: str, inner: str, path: str) -> None:
    raw = path.encode(errors="surrogateescape")
    if covers(outer, inner) and matches(inner, raw):
        assert matches(outer, raw)


NAMES = ("a", "b", "c", "ab", "ba", "cc")
SMALL = ["/".join(names).encode() for depth in (1, 2, 3, 4) for names in product(NAMES, repeat=depth)]
SIMPLE = st.lists(st.sampled_from(["**", "*", "a", "?", "a*", "?*"]), min_size=1, max_size=3).map("/".join)


@given(SIMPLE, SIMPLE)
def test_what_covers_by_every_short_path_is_told_to_cover(outer: str, inner: str) -> None:
    assert covers(outer, inner) == all(matches(outer, path) for path in SMALL if matches(inner, path))


@given(PATTERNS, PATTERNS)
def test_what_two_beginnings_tell_is_what_reading_all_paths_tells(outer: str, inner: str) -> None:
    if outer != inner and globs.is_glob(inner):
        wide, narrow = globs._glob(outer), globs._glob(inner)
        assert covers(outer, inner) == globs._covers(wide.parts, narrow.parts)


def test_what_lies_below_a_granted_folder_or_apart_is_told_at_once() -> None:
    for outer, inner in (("src/shop/**", "src/shop/**/test_*.py"), ("src/shop/*.py", "tests/**/test_*.py")):
        covers(outer, inner)  # both are known by now
        assert calls_of(lambda: covers(outer, inner)) < 30  # noqa: B023 - called at once


def calls_of(act: Callable[[], object]) -> int:
    """How many calls of Python functions an act makes: its time, without a clock."""
    count = 0

    def seen(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "b", b"a" * 500),
        ("**/" * 60 + "x", b"a/" * 500 + b"a"),
        ("**/a/" * 60 + "x", b"a/" * 500 + b"a"),
        ("**/*a*a*b/" * 20 + "x", b"aaaaa/" * 100 + b"a"),
    ],
)
def test_a_hostile_glob_costs_no_more_than_the_product_of_the_lengths(pattern: str, path: bytes) -> None:
    assert calls_of(lambda: matches(pattern, path)) < 20 * len(pattern) * len(path)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("*a????????????????????", "*"),
        ("*a" + "?" * 25 + "*b*", "*a*[ab]" + "?" * 25 + "*b*"),
        ("**/a/" + "*/" * 25 + "**", "**/a/**/" + "[ab]/" * 25 + "**"),
    ],
)
def test_covers_gives_up_rather_than_take_for_ever(outer: str, inner: str) -> None:
    assert calls_of(lambda: covers(outer, inner)) < 40 * globs.MOST_STEPS


def test_what_is_known_of_globs_does_not_grow_for_ever() -> None:
    for number in range(globs.MOST_KNOWN + 2):
        matches(f"*{number}", b"x")
    assert len(globs._known) <= globs.MOST_KNOWN


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("src/*/a.py", "src/b/*", True),
        ("src/*.py", "src/*.md", False),
        ("src/**", "src/a/b", True),
        ("src/**", "src", False),
        ("**/x*", "a/*y", True),
        ("[a-c]", "[d-f]", False),
        ("[a-c]", "?", True),
    ],
)
def test_two_globs_overlap_where_a_path_is_matched_by_both(one: str, other: str, both: bool) -> None:
    assert overlap(one, other) is both
    assert overlap(other, one) is both


def test_globs_that_take_too_long_to_tell_count_as_overlapping() -> None:
    wide = "/".join(["**", *("a*" * 20 for _ in range(20))])
    assert overlap(wide + "x", wide + "y")
