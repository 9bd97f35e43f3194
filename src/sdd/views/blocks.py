"""What a change leaves wrong in the trackers, told block by block, so that nobody answers for what others left there.

A change answers for the blocks of the sessions that it touches, for those of the sessions that need them, and for what it
wrote into a tracker itself.
"""

from __future__ import annotations

from itertools import zip_longest

from sdd.findings import by_place
from sdd.gates.touched import touched
from sdd.sessions.links import dependents
from sdd.sessions.project import feature_of, has_session, session_at, sessions_in
from sdd.sessions.session import CHANGES, is_utf8
from sdd.sessions.state import brief_path
from sdd.snapshot import show
from sdd.values import Value
from sdd.views import tracker
from sdd.views.tracker import READY, RULE, heading, lines, listed, stale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.findings import Finding
    from sdd.gates.picture import Picture
    from sdd.snapshot import Snapshot

    Blocks = Mapping[bytes, list["Block"]]

TOP = b""
BRIEF = b"/brief.md"


class Change(Value):
    """A change that is judged: its paths, the pictures of what it began from, and the sessions that it touches.

    `exact` tells ready from blocked. They rest on other sessions, so a merge by git may leave either, and then they are one.
    """

    paths: frozenset[bytes]
    before: tuple[Picture, ...]
    touched: frozenset[str]
    exact: bool


class Block(Value):
    """Lines of a tracker between two rules; `line` is the number of the first."""

    line: int
    lines: tuple[bytes, ...]


def change(before: Sequence[Picture], seen: Picture, *, exact: bool) -> Change:
    """The change to what is `seen`: what is otherwise there than in each of `before`, of which there is at least one."""
    began = [one.project.snapshot for one in before]
    first, *others = began
    after = seen.project.snapshot
    own = (
        path
        for path in after.differing(first)
        if all(one.entries.get(path) != after.entries.get(path) for one in others)
    )
    paths = frozenset(own)
    for one in (*began, after):  # at once, and not one by one when they are asked about
        one.read_all(path for path in paths if session_at(one, path))
    return Change(paths, tuple(before), frozenset(touched(seen, paths, began)), exact)


def findings(seen: Picture, made: Change) -> list[Finding]:
    """Where a change leaves a tracker that does not say what the files say (SDD201 to SDD204), once for each tracker.

    `seen` is the picture after it, of which no more is asked than the sessions that the change answers for.
    """
    names = made.touched | dependents(seen.project, _moved(seen, made))
    snapshot = seen.project.snapshot
    features = {name.rpartition("/")[0] for name in names} - {CHANGES}
    features |= {feature_of(path) for path in made.paths if path.endswith((tracker.NAME, BRIEF))}
    features |= {""} if _came_or_went(features, made, snapshot) else set()
    there = sorted(feature for feature in features if is_utf8(feature))
    found = [_wrong(seen, one, names, made) for one in there if tracker.is_wanted(snapshot, one)]
    places = {tracker.path(feature) for feature in there} | made.paths
    found += [tracker.abandoned(snapshot, place) for place in sorted(places) if tracker.is_place(place)]
    return [one for one in found if one]


def _moved(seen: Picture, made: Change) -> set[str]:
    """The sessions that are done now and were not, or the other way round: what others need may have changed."""
    names = sorted(made.touched)
    for one in (seen, *made.before):
        one.project.ahead(names)
    return {name for name in names if any(_is_done(seen, name) != _is_done(one, name) for one in made.before)}


def _is_done(seen: Picture, name: str) -> bool:
    return name in seen.states and seen.states[name].state == "done"


def _came_or_went(features: Iterable[str], made: Change, after: Snapshot) -> bool:
    """Whether a feature has its first session now, or none any more: the tracker of the root feature lists them."""
    return any(
        has_session(after, feature) != has_session(one, feature)
        for feature in features
        if is_utf8(feature)
        for one in _began(made)
    )


def _began(made: Change) -> list[Snapshot]:
    return [one.project.snapshot for one in made.before]


def _brief(feature: str) -> bytes:
    return brief_path(f"{feature}/" if feature else "").encode()


def _wrong(seen: Picture, feature: str, names: frozenset[str], made: Change) -> Finding | None:
    """What is wrong first with the tracker of a feature; `names` are the sessions that the change answers for."""
    snapshot, place = seen.project.snapshot, tracker.path(feature)
    if not snapshot.is_file(place):
        return tracker.missing(place)
    data = snapshot.read(place)
    if tracker.is_conflict(data):
        return tracker.conflict(place)
    found = _blocks(data, exact=made.exact)
    keys = _answered(feature, names) | _written(found, place, made)
    keys |= {TOP} if _brief(feature) in made.paths else set()
    known = {heading(name).encode(): name for name in sessions_in(snapshot, feature)}
    text = tracker.render(seen, feature, {known[key] for key in keys & known.keys()})
    wanted = _blocks(text.encode(), exact=made.exact)
    wrong = [
        _told(place, key, *both, known.get(key, ""))
        for key in keys
        if (both := _different(key, found, wanted))
    ]
    return min(wrong, key=by_place, default=None) or _disorder(found, known, place, made)


def _blocks(data: bytes, *, exact: bool) -> Blocks:
    """The blocks of a tracker by the line that each begins with, `TOP` for what stands above the first; in their order."""
    found: dict[bytes, list[Block]] = {}
    part: list[bytes] = []
    for number, line in enumerate([*lines(data, exact=exact), RULE], 1):
        if line != RULE:
            part.append(line)
            continue
        key = next(filter(None, part), TOP) if found else TOP
        found.setdefault(key, []).append(Block(number - len(part), tuple(part)))
        part = []
    return found


def _answered(feature: str, names: Iterable[str]) -> set[bytes]:
    """The keys of these sessions' blocks in the tracker of a feature; in that of the root feature also of their features."""
    own = {heading(name) for name in names if name.rpartition("/")[0] == feature}
    others = {listed(name.rpartition("/")[0]) for name in names if "/" in name and not feature}
    return {key.encode() for key in own | others}


def _written(found: Blocks, place: bytes, made: Change) -> set[bytes]:
    """The keys of the blocks that a tracker has otherwise than in each snapshot that the change began from."""
    if place not in made.paths:
        return set()
    old = [_blocks(one.read(place), exact=made.exact) if one.is_file(place) else {} for one in _began(made)]
    keys = found.keys() | {key for blocks in old for key in blocks}
    return {key for key in keys if all(_different(key, found, blocks) for blocks in old)}


def _different(key: bytes, found: Blocks, wanted: Blocks) -> tuple[list[Block], list[Block]] | None:
    """The blocks of that key here and there, if their lines are not the same."""
    both = found.get(key, []), wanted.get(key, [])
    here, there = ([block.lines for block in blocks] for blocks in both)
    return both if here != there else None


def _disorder(found: Blocks, known: Iterable[bytes], place: bytes, made: Change) -> Finding | None:
    """A change that put the blocks in another order than that of the names."""
    order = [key for key in known if key in found]
    is_ordered = order == [key for key in found if key in {*order}]
    return (
        None
        if place not in made.paths or is_ordered
        else stale(place, 0, "the tracker's blocks are in disorder")
    )


def _told(place: bytes, key: bytes, found: Sequence[Block], wanted: Sequence[Block], name: str) -> Finding:
    """The finding where the blocks of that key are not those that are wanted: at the first wrong line, or of the whole file."""
    if not found:
        return stale(place, 0, f"the tracker has no block `{show(key)}`")
    first = found[0]
    if not wanted:
        return stale(
            place, first.line + 1, f"the tracker has a block `{show(key)}`, which nothing stands behind"
        )
    if len(found) > 1:
        return stale(place, found[1].line + 1, f"the tracker has the block `{show(key)}` more than once")
    pairs = zip_longest(first.lines, wanted[0].lines, fillvalue=b"")
    number, (is_, should) = next(one for one in enumerate(pairs) if one[1][0] != one[1][1])
    if lines(is_) != lines(should):
        return stale(place, first.line + number)
    state, told = ("ready", "blocked") if should.endswith(READY) else ("blocked", "ready")
    return stale(place, first.line + number, f"{name} is {state}, and the tracker says that it is {told}")
