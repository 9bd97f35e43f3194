"""Globs over the paths of a tree: what `writes`, `reads` and a policy's `paths` mean, and which glob is the wider one.

A glob is anchored at the top, and its parts stand between `/`. In a part, `*` is any number of characters (a leading dot
is nothing special), `?` is one, `[a-z]` one of a class and `[!a-z]` one outside it; all else, a `[` without `]` too, is
itself. The part `**` is any number of parts, at the end at least one; a last `/` means everything below. A part also
matches exactly itself, so that `app/[id]/page.tsx` names that file. There are no escapes, no braces, no negation.

Every answer takes time polynomial in what is given, because a glob may come from a branch under review.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    from sdd.snapshot import Files

    Sign = TypeVar("Sign")
    Item = TypeVar("Item")
    Ranges = tuple[
        tuple[str, str], ...
    ]  # the characters that one place in a part accepts: from, to (inclusive)
    Place = tuple[
        int, int, int
    ]  # how far a glob is read: which part, which reading of it, how many of its tokens

LAST = "\U0010ffff"
ANY: Ranges = (("\0", LAST),)
STAR: Ranges = (("", ""),)  # accepts no character by itself
DEEP = "**"
MOST_STEPS = 50_000
"""After so many steps `covers` gives up and says no: 0.2 s, a hundred times what globs written by people take."""
MOST_KNOWN = 1000

_known: dict[str, _Glob] = {}


class _Part:
    """A part of a glob. A reading is a sequence of tokens; a part with a class can be read as itself, too."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.deep = text == DEEP
        self.tokens = tuple(_tokens(text))
        literal = tuple(((char, char),) for char in text)
        self.readings = (self.tokens, literal) if "[" in text else (self.tokens,)
        self.plain = self.tokens == literal
        self.ends = tuple(text.split("*")) if set(text) & set("*?[") == {"*"} else ()

    def matches(self, name: str) -> bool:
        """Whether the part matches one part of a path."""
        if len(self.ends) == 2:  # noqa: PLR2004 - what stands on both sides of one star, and nothing else: most globs
            start, end = self.ends
            return len(name) >= len(start) + len(end) and name.startswith(start) and name.endswith(end)
        return name == self.text or (not self.plain and _fits(self.tokens, name, _is_star, _accepts))


class _Glob:
    """A glob by its parts: all its paths begin with the plain ones in front, and most other paths do not."""

    def __init__(self, pattern: str) -> None:
        texts = (pattern + DEEP if pattern.endswith("/") else pattern).split("/")
        if texts[-1] == DEEP:
            texts.append("*")  # at least one part below
        before = ["", *texts]
        once = (text for text, last in zip(texts, before, strict=False) if not text == last == DEEP)
        self.parts = tuple(_Part(text) for text in once)
        plain = next((at for at, part in enumerate(self.parts) if not part.plain), len(self.parts))
        self.rest = self.parts[plain:]
        self.start = "/".join([*(part.text for part in self.parts[:plain]), *([""] if self.rest else [])])
        self.takes_all = [part.text for part in self.rest] == [DEEP, "*"]

    def matches(self, path: str) -> bool:
        """Whether the glob matches a whole path."""
        if not self.rest:
            return path == self.start
        if not path.startswith(self.start):
            return False
        return self.takes_all or _fits(self.rest, path[len(self.start) :].split("/"), _is_deep, _Part.matches)


def is_glob(pattern: str) -> bool:
    """Whether a pattern can match a path other than itself."""
    return "*" in pattern or "?" in pattern or "[" in pattern or pattern.endswith("/")


def matches(pattern: str, path: bytes) -> bool:
    """Whether a pattern matches a path. Characters are those of UTF-8; any other byte counts as one character."""
    return _glob(pattern).matches(_text(path))


def matching(patterns: Iterable[str], paths: Iterable[bytes]) -> list[bytes]:
    """The paths that any of the patterns matches, in the order given."""
    known = [_glob(pattern) for pattern in patterns]
    texts = ((path, _text(path)) for path in paths)
    return [path for path, text in texts if any(glob.matches(text) for glob in known)]


def matched(patterns: Iterable[str], files: Files) -> list[bytes]:
    """The paths of files that any of the patterns matches, sorted.

    No other folder is listed than one in which a path may match, so a narrow glob costs nothing in a large project.
    """
    known = [_glob(pattern) for pattern in patterns]
    plain = {_bytes(glob.start) for glob in known if not glob.rest}
    folders = {_bytes(glob.start[:-1]) for glob in known if glob.rest}
    near = {path: _text(path) for folder in folders for path in files.under(folder)}
    near |= {path: _text(path) for path in plain if path in files}
    return sorted(path for path, text in near.items() if any(glob.matches(text) for glob in known))


def covers(outer: str, inner: str) -> bool:
    """Whether `outer` is sure to match every path that `inner` can match; False too where that takes too long to tell."""
    if outer == inner:
        return True
    wide, narrow = _glob(outer), _glob(inner)
    if not is_glob(inner):
        return wide.matches(inner)
    if wide.takes_all and narrow.start.startswith(wide.start):
        return True
    apart = not narrow.start.startswith(wide.start) and not wide.start.startswith(narrow.start)
    return not apart and _covers(wide.parts, narrow.parts)  # which takes some milliseconds


def overlap(one: str, other: str) -> bool:
    """Whether some path is matched by both; True too where that takes too long to tell."""
    if one == other:
        return True
    if is_glob(one) and is_glob(other):
        return _overlap(_glob(one).parts, _glob(other).parts)
    wide, path = (one, other) if is_glob(one) else (other, one)
    return is_glob(wide) and _glob(wide).matches(path)


def _text(path: bytes) -> str:
    return path.decode(errors="surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _fits(
    signs: Sequence[Sign],
    items: Sequence[Item],
    stretches: Callable[[Sign], bool],
    accepts: Callable[[Sign, Item], bool],
) -> bool:
    """Whether signs, of which some stretch over any number of items, fit the items.

    Only the last stretch is ever widened: what fits after an earlier, longer one fits after it too. So the time is
    at most the product of the two lengths.
    """
    sign = item = widened = 0
    after = -1  # the sign after the last stretch
    while item < len(items):
        if sign < len(signs) and stretches(signs[sign]):
            sign = after = sign + 1
            widened = item
        elif sign < len(signs) and accepts(signs[sign], items[item]):
            sign, item = sign + 1, item + 1
        elif after < 0:
            return False
        else:
            widened += 1
            sign, item = after, widened
    return all(stretches(left) for left in signs[sign:])


def _is_deep(part: _Part) -> bool:
    return part.deep


def _is_star(token: Ranges) -> bool:
    return token == STAR


def _accepts(token: Ranges, char: str) -> bool:
    return any(low <= char <= high for low, high in token)


def _glob(pattern: str) -> _Glob:
    if pattern not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[pattern] = _Glob(pattern)
    return _known[pattern]


def _tokens(text: str) -> Iterator[Ranges]:
    at = 0
    while at < len(text):
        end = _class_end(text, at)
        if end > 0:
            yield _class(text[at + 1 : end])
        elif text[at] != "*":
            yield ANY if text[at] == "?" else ((text[at], text[at]),)
        elif text[at - 1 : at] != "*":
            yield STAR
        at = max(at, end) + 1


def _class_end(text: str, at: int) -> int:
    """Where the class that starts here has its `]`, else -1. The first sign of a class may itself be a `]`."""
    if text[at] != "[":
        return -1
    return text.find("]", at + (3 if text[at + 1 : at + 2] == "!" else 2))


def _class(text: str) -> Ranges:
    """The ranges of a class; with `!` in front, those of its complement."""
    negated = text.startswith("!")
    signs = text[1:] if negated else text
    ranges = []
    at = 0
    while at < len(signs):
        end = at + 2 if signs[at + 1 : at + 2] == "-" and at + 2 < len(signs) else at
        ranges.append((signs[at], signs[end]))
        at = end + 1
    return _outside(ranges) if negated else tuple(ranges)


def _outside(ranges: Iterable[tuple[str, str]]) -> Ranges:
    found = []
    start = 0
    for low, high in sorted(ranges):
        if low <= high:
            found.append((start, ord(low) - 1))
            start = max(start, ord(high) + 1)
    found.append((start, ord(LAST)))
    return tuple((chr(low), chr(high)) for low, high in found if low <= high)


def _covers(outer: Sequence[_Part], inner: Sequence[_Part]) -> bool:
    """Read every path of `inner`, character by character, and follow all the ways in which `outer` can read it.

    A path whose end `outer` does not reach refutes it. No part of a path is empty: `fresh` is before a part's first
    character.
    """
    alphabet = _alphabet((*outer, *inner))
    agenda = [(place, _open(outer, 0), True) for place in _open(inner, 0)]
    seen = set(agenda)
    steps = 0
    while agenda:
        place, places, fresh = agenda.pop()
        if not fresh and _ends(inner, place) and not any(_ends(outer, other) for other in places):
            return False
        for char in alphabet[fresh:]:
            steps += 1 + len(places)
            after = _read(outer, places, char)
            news = {(new, after, char == "/") for new in _read(inner, (place,), char)} - seen
            seen |= news
            agenda += news
        if steps > MOST_STEPS:
            return False
    return True


def _overlap(one: Sequence[_Part], other: Sequence[_Part]) -> bool:
    """Read the paths that both accept so far, character by character, until one ends."""
    alphabet = _alphabet((*one, *other))
    agenda = [(a, b, True) for a in _open(one, 0) for b in _open(other, 0)]
    seen = set(agenda)
    steps = 0
    while agenda:
        a, b, fresh = agenda.pop()
        if not fresh and _ends(one, a) and _ends(other, b):
            return True
        for char in alphabet[fresh:]:
            steps += 1
            after = _read(other, (b,), char)
            news = {(new, also, char == "/") for new in _read(one, (a,), char) for also in after} - seen
            seen |= news
            agenda += news
        if steps > MOST_STEPS:
            return True
    return False


def _alphabet(parts: Iterable[_Part]) -> list[str]:
    """`/`, and of all other characters one from each range that no token of the parts tells apart."""
    tokens = (
        token for part in parts for reading in part.readings for token in reading if not _is_star(token)
    )
    starts = {start for token in tokens for low, high in token for start in (ord(low), ord(high) + 1)}
    starts |= {0, ord("/") + 1}
    return ["/", *(chr(start) for start in sorted(starts) if start <= ord(LAST) and start != ord("/"))]


def _open(parts: Sequence[_Part], number: int) -> frozenset[Place]:
    """The places before a part; a `**` may also be over, and another part always follows it."""
    numbers = (number, number + 1) if parts[number].deep else (number,)
    return _settled(parts, ((each, way, 0) for each in numbers for way in range(len(parts[each].readings))))


def _settled(parts: Sequence[_Part], places: Iterable[Place]) -> frozenset[Place]:
    """The places, and that after each `*`, which may be over; no part has two of them in a row."""
    found = set(places)
    stars = {place for place in found if not parts[place[0]].deep and _token(parts, place) == STAR}
    return frozenset(found | {(number, way, at + 1) for number, way, at in stars})


def _token(parts: Sequence[_Part], place: Place) -> Ranges | None:
    """The token that comes next, None at the end of a part."""
    number, way, at = place
    reading = parts[number].readings[way]
    return reading[at] if at < len(reading) else None


def _read(parts: Sequence[_Part], places: Iterable[Place], char: str) -> frozenset[Place]:
    """The places after one more character."""
    return frozenset().union(*(_next(parts, place, char) for place in places))


def _next(parts: Sequence[_Part], place: Place, char: str) -> frozenset[Place]:
    number, way, at = place
    if parts[number].deep:
        return _open(parts, number) if char == "/" else frozenset({(number, 0, 1)})
    token = _token(parts, place)
    if char == "/":
        return _open(parts, number + 1) if token is None and number + 1 < len(parts) else frozenset()
    if token == STAR:
        return _settled(parts, [place])
    return _settled(parts, [(number, way, at + 1)]) if token and _accepts(token, char) else frozenset()


def _ends(parts: Sequence[_Part], place: Place) -> bool:
    return place[0] == len(parts) - 1 and _token(parts, place) is None
