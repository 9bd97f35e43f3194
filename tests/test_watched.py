"""What was asked of files is remembered, and an answer holds for exactly as long as all of that is told again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.snapshot import FILE, Entry, Files, Listed, Overlay
from sdd.watched import Watched, holds


class Known(Listed):
    """Listed files with an identity, as those of a commit have."""

    def identity(self, folder: bytes = b"") -> str:
        """All that is below."""
        return repr([(path, self[path]) for path in self.under(folder)])


def files(*paths: bytes, **more: str) -> Files:
    return Known(
        {path: Entry(FILE, more.get(path.decode(), "1")) for path in (*paths, *map(str.encode, more))}
    )


PATHS = [b"a", b"a/x", b"a/y/z", b"apart", b"apart/x", b"apart-not/x", b"b/x", b"\xff"]
FOLDERS = [b"", b"a", b"a/y", b"apart", b"b", b"none"]
ASK: dict[str, Callable[[Files], object]] = {
    "get": lambda seen: [seen.get(path) for path in PATHS[:3]],
    "one": lambda seen: seen.get(b"apart"),
    "in": lambda seen: b"b/x" in seen,
    "all": sorted,
    "count": len,
    "under": lambda seen: seen.under(b"a"),
    "names": lambda seen: sorted(seen.names(b"").items()),
    "inside": lambda seen: sorted(seen.names(b"apart").items()),
    "identity": lambda seen: seen.identity(b"b"),
    "differing": lambda seen: sorted(seen.differing(Listed({b"b/x": Entry(FILE, "1")}))),
}
ANY = st.dictionaries(st.sampled_from(PATHS), st.sampled_from("12"), max_size=5).filter(
    lambda held: not any(other.startswith(path + b"/") for path in held for other in held)
)


def made(held: dict[bytes, str]) -> Files:
    return Known({path: Entry(FILE, blob) for path, blob in held.items()})


@given(ANY, ANY, st.sampled_from(sorted(ASK)))
def test_what_is_told_again_has_the_same_answer(
    before: dict[bytes, str], after: dict[bytes, str], ask: str
) -> None:
    folders = [b"apart"]
    seen = Watched(made(before), folders)
    answer = ASK[ask](seen)
    assert answer == ASK[ask](made(before))
    asked = [(kind, path, told) for (kind, path), told in seen.asked.items()]
    assert holds(made(before), asked)
    same_apart = made(before).identity(b"apart") == made(after).identity(b"apart")
    if same_apart and holds(made(after), asked):
        assert ASK[ask](made(after)) == answer


def test_a_change_that_was_asked_for_is_seen_and_no_other() -> None:
    seen = Watched(files(b"a", b"b/x"), ())
    assert seen[b"a"] == Entry(FILE, "1")
    with pytest.raises(KeyError):
        seen[b"b"]
    asked = [(*one, told) for one, told in seen.asked.items()]
    assert holds(files(b"a", b"b/x", b"c"), asked)
    assert not holds(files(b"b/x", a="2"), asked)
    assert not holds(files(b"a", b"b"), asked)


def test_a_file_in_the_place_of_a_folder_apart_is_watched() -> None:
    seen = Watched(files(b"docs/shop"), [b"docs/shop"])
    assert b"docs/shop" in seen
    assert not holds(files(), [(*one, told) for one, told in seen.asked.items()])


def test_a_default_stands_for_what_is_not_there() -> None:
    default = Entry(FILE, "default")
    assert (
        Watched(files(b"a"), ()).get(b"b", default) == Overlay(files(b"a"), {}).get(b"b", default) == default
    )
