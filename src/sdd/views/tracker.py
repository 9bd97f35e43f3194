"""The trackers: what a feature's sessions and gates have come to, laid out so that plain git merges them.

One block of lines for each session, in the order of the names, a constant line between blocks, no totals: two branches that
finish different sessions change different blocks. Only whether a session is ready or blocked depends on other sessions; after
a clean merge it may stand there as either. `findings` takes them for one; `sdd.views.blocks` tells a change what it left wrong.
"""

from __future__ import annotations

from sdd.findings import Finding
from sdd.globs import is_glob
from sdd.sessions.project import feature_of, features, has_session, sessions_in
from sdd.sessions.session import docs, is_utf8, path_of
from sdd.sessions.state import STATES, brief_path
from sdd.snapshot import show
from sdd.views.quoting import code, link, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from sdd.gates.picture import Picture
    from sdd.gates.standing import Standing
    from sdd.sessions.session import Session
    from sdd.snapshot import Snapshot

NOTE = "<!-- Derived by sdd from the files of this commit. Do not edit it: `sdd tracker` writes it. -->"
NAME = b"/tracker.md"
RULE = b"---"  # between blocks
CONFLICT = (b"<<<<<<< ", b">>>>>>> ")
STARTS = (b"## ", b"- writes ", b"- gate ", b"- asks: ")
ENDS = (b"brief.md)", b"/tracker.md)", *(f"): **{state}**".encode() for state in STATES))
HINT = "sdd tracker --stage"
READY, BLOCKED = b"): **ready**", b"): **blocked**"


def path(feature: str) -> bytes:
    """Where a feature's tracker stands."""
    return f"{docs(feature)}/tracker.md".encode()


def trackers(picture: Picture) -> dict[bytes, bytes]:
    """All trackers of a picture, by path; none where there is no session."""
    features = picture.project.features
    if not features:
        return {}
    return {path(feature): render(picture, feature).encode() for feature in sorted({"", *features})}


def render(picture: Picture, feature: str, only: Container[str] | None = None) -> str:
    """A feature's tracker; that of the root feature also lists the others, a constant line each.

    With `only` it has no blocks but those of these sessions, by whole name.
    """
    project = picture.project
    names = [name for name in sessions_in(project.snapshot, feature) if only is None or name in only]
    project.snapshot.read_all(map(path_of, names))
    known = [project.sessions[name] for name in names]
    others = [] if feature else [name for name in project.features if name]
    blocks = ["".join(_block(picture, one)) for one in known] + [f"{listed(name)}\n" for name in others]
    return "\n".join([*_top(picture, feature), *(f"{RULE.decode()}\n\n{one}" for one in blocks)])


def _top(picture: Picture, feature: str) -> Iterator[str]:
    yield f"# Tracker: {plain(feature)}\n" if feature else "# Tracker\n"
    yield f"{NOTE}\n"
    brief = brief_path(f"{feature}/" if feature else "")
    if brief.encode() in picture.project.snapshot:
        yield f"{link('The brief', _relative(brief, feature))}\n"


def listed(feature: str) -> str:
    """The line of another feature in the tracker of the root feature."""
    return link(feature, _relative(path(feature).decode(), ""))


def heading(name: str) -> str:
    """The first line of a session's block, which no other block of its tracker has; `name` is the whole one."""
    return f"## {plain(name.rpartition('/')[2])}"


def _block(picture: Picture, one: Session) -> Iterator[str]:
    state = picture.states[one.name]
    place = _relative(one.path.decode(), one.feature)
    yield f"{heading(one.name)}\n\n{link(one.title or one.slug, place)}: **{state.state}**\n"
    lines = [
        *_outputs(picture, one),
        *_gate(picture, one),
        *(f"asks: {plain(question.text)}" for question in one.open_questions),
    ]
    yield "".join(["\n" if lines else "", *(f"- {line}\n" for line in lines)])


def _outputs(picture: Picture, one: Session) -> Iterator[str]:
    for glob in dict.fromkeys(
        (*picture.project.texts(one.name, "writes"), *(picture.project.granted(one.name) or ()))
    ):
        linked = not is_glob(glob) and glob.encode() in picture.project.snapshot
        yield f"writes {link(glob, _relative(glob, one.feature)) if linked else code(glob)}"


def _gate(picture: Picture, one: Session) -> Iterator[str]:
    gate = picture.project.text(one.name, "gate")
    if gate:
        opening = picture.gates.opening(gate, one.name)
        if not opening.standings:
            yield f"gate {plain(gate)}: {plain(opening.why)}"
        for standing in opening.standings:
            yield f"gate {plain(gate)}: {plain(show(standing.document))} {plain(words(standing))}"


def words(standing: Standing) -> str:
    """What an approval is worth now, and who is awaited."""
    by = f" by {', '.join(standing.by)}" if standing.by else ""
    awaited = f", awaits {', '.join(standing.awaited)}" if standing.awaited else ""
    proof = "" if standing.proven or not standing.by else " (recorded, not proven)"
    return f"{standing.status}{by}{proof}{awaited}"


def _relative(target: str, feature: str) -> str:
    """The way from a feature's tracker to a path of the tree."""
    here = docs(feature).split("/")
    there = target.split("/")
    while here and there and here[0] == there[0]:
        here, there = here[1:], there[1:]
    return "/".join([".."] * len(here) + there)


def findings(picture: Picture) -> list[Finding]:
    """Where a tracker does not say what the files say (SDD201 to SDD204); ready and blocked count as one."""
    snapshot = picture.project.snapshot
    found = [one for feature in ("", *picture.project.features) for one in findings_of(picture, feature)]
    return [*dict.fromkeys(found), *abandoned_all(snapshot)]


def findings_of(picture: Picture, feature: str) -> list[Finding]:
    """The same of the tracker of one feature, if it has anything to tell."""
    snapshot, place = picture.project.snapshot, path(feature)
    if not is_wanted(snapshot, feature):
        return []
    wanted = render(picture, feature).encode()
    wrong = _wrong(place, wanted, snapshot.read(place) if snapshot.is_file(place) else None)
    return [wrong] if wrong else []


def abandoned_all(snapshot: Snapshot) -> list[Finding]:
    """The trackers of features that have no session any more."""
    return [wrong for place in _places(snapshot) if (wrong := abandoned(snapshot, place))]


def _wrong(place: bytes, wanted: bytes, found: bytes | None) -> Finding | None:
    if found is None:
        return missing(place)
    is_, should = lines(found), lines(wanted)
    if is_ == should:
        return None
    if is_conflict(found):
        return conflict(place)
    last = min(len(is_), len(should))
    line = next((number for number in range(last) if is_[number] != should[number]), last) + 1
    return stale(place, line)


def missing(place: bytes) -> Finding:
    """There are sessions and no tracker for them."""
    return Finding("SDD202", place, 0, "the tracker is missing", HINT)


def conflict(place: bytes) -> Finding:
    """A merge left its marks."""
    return Finding("SDD203", place, 0, "the tracker holds conflict markers", HINT)


def stale(place: bytes, line: int, why: str = "the tracker does not say what the sessions say") -> Finding:
    """The tracker is another than that of the files, first in this line."""
    return Finding("SDD201", place, line, why, HINT)


def abandoned(snapshot: Snapshot, place: bytes) -> Finding | None:
    """What is wrong with a file where the tracker of a feature stood that has no session any more, if it is that tracker."""
    if is_wanted(snapshot, feature_of(place)) or not snapshot.is_file(place):
        return None
    if NOTE.encode() not in lines(snapshot.read(place)):
        return None
    name = show(place)
    away = f"git mv {name} {name.removesuffix('tracker.md')}notes.md  # or git rm, if nothing in it is yours"
    why = "there is no session any more that this tracker is of"
    return Finding("SDD204", place, 0, why, HINT if is_as_written(snapshot, place) else away)


def vain(picture: Picture) -> list[bytes]:
    """The trackers of features that have no session any more, each as sdd wrote it: nobody loses anything if they go."""
    snapshot = picture.project.snapshot
    found = (place for place in _places(snapshot) if abandoned(snapshot, place))
    return [place for place in found if is_as_written(snapshot, place)]


def is_place(place: bytes) -> bool:
    """Whether the tracker of some feature may stand there."""
    folder, _, name = place.rpartition(b"/")
    return name == b"tracker.md" and (folder == b"docs" or folder.rpartition(b"/")[0] == b"docs")


def _places(snapshot: Snapshot) -> list[bytes]:
    """Where trackers of features may stand, whether they are there or not."""
    folders = sorted(name for name, is_folder in snapshot.names(b"docs").items() if is_folder)
    return [path(""), *(b"docs/" + name + NAME for name in folders)]


def is_wanted(snapshot: Snapshot, feature: str) -> bool:
    """Whether there is anything for a feature's tracker to tell; that of the root feature also lists the others."""
    if not is_utf8(feature):
        return False
    return has_session(snapshot, feature) or (not feature and bool(features(snapshot)))


def is_as_written(snapshot: Snapshot, place: bytes) -> bool:
    """Whether a regular file stands there with no line but such as sdd writes into a tracker."""
    if not snapshot.is_file(place):
        return False
    title, *rest = lines(snapshot.read(place))
    return title.startswith(b"# Tracker") and all(
        line in {b"", RULE, NOTE.encode()}
        or line.startswith(STARTS)
        or (line.startswith(b"[") and line.endswith(ENDS))
        for line in rest
    )


def is_conflict(data: bytes) -> bool:
    """Whether a merge left its marks in these bytes."""
    return any(line.startswith(CONFLICT) for line in data.split(b"\n"))


def lines(data: bytes, *, exact: bool = False) -> list[bytes]:
    """The lines of a tracker as they are compared, whatever their ends; ready and blocked are one if not `exact`."""
    found = _lf(data).split(b"\n")
    return (
        found
        if exact
        else [line.removesuffix(READY) + BLOCKED if line.endswith(READY) else line for line in found]
    )


def _lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def difference(picture: Picture) -> str:
    """A unified diff from the trackers as they are to what they should say; empty where they agree."""
    from difflib import unified_diff  # only when it is to be shown

    snapshot = picture.project.snapshot
    parts: list[str] = []
    for place, wanted in {**changed(picture), **dict.fromkeys(vain(picture), b"")}.items():
        found = _lf(snapshot.read(place)) if snapshot.is_file(place) else b""
        name = show(place)
        before = found.decode("utf-8", "replace").splitlines(keepends=True)
        after = f"b/{name}" if wanted else "/dev/null"
        parts += unified_diff(before, wanted.decode().splitlines(keepends=True), f"a/{name}", after)
    return "".join(parts)


def changed(picture: Picture) -> Mapping[bytes, bytes]:
    """The trackers that have to be written anew; line ends alone are no reason."""
    snapshot = picture.project.snapshot
    return {
        place: data
        for place, data in trackers(picture).items()
        if not snapshot.is_file(place) or _lf(snapshot.read(place)) != data
    }


def foreign(picture: Picture) -> list[bytes]:
    """Where a tracker belongs and something else stands that a person wrote: it is not to be overwritten."""
    snapshot = picture.project.snapshot
    return [
        place
        for place in trackers(picture)
        if place in snapshot and not (snapshot.is_file(place) and _is_ours(snapshot.read(place)))
    ]


def _is_ours(data: bytes) -> bool:
    return not data.strip() or NOTE.encode() in data
