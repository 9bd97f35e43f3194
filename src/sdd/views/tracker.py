"""The trackers: what a feature's sessions and gates have come to, laid out so that plain git merges them.

One block of lines for each session, in the order of the names, a constant line between blocks, no totals: two branches that
finish different sessions change different blocks. Only a block's state may depend on other sessions (ready, blocked).
"""

from __future__ import annotations

from sdd.findings import Finding
from sdd.globs import is_glob
from sdd.sessions.session import docs
from sdd.sessions.state import brief_path
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sdd.gates.picture import Picture
    from sdd.gates.standing import Standing
    from sdd.sessions.session import Session

NOTE = "<!-- Derived by sdd from the files of this commit. Do not edit it: `sdd tracker` writes it. -->"
CONFLICT = (b"<<<<<<< ", b">>>>>>> ")


def path(feature: str) -> bytes:
    """Where a feature's tracker stands."""
    return f"{docs(feature)}/tracker.md".encode()


def trackers(picture: Picture) -> dict[bytes, bytes]:
    """All trackers of a picture, by path; none where there is no session."""
    features = picture.project.features
    if not features:
        return {}
    return {path(feature): render(picture, feature).encode() for feature in sorted({"", *features})}


def render(picture: Picture, feature: str) -> str:
    """A feature's tracker; that of the root feature also lists the others, a constant line each."""
    blocks = ["".join(_block(picture, one)) for one in picture.project.of_feature(feature)]
    if not feature:
        blocks += [f"[{name}]({name}/tracker.md)\n" for name in picture.project.features if name]
    title = f"# Tracker: {feature}\n" if feature else "# Tracker\n"
    brief = brief_path(f"{feature}/" if feature else "")
    link = f"[The brief]({_relative(brief, feature)})\n" if brief.encode() in picture.project.snapshot else ""
    return "\n".join(
        [title, f"{NOTE}\n", *([link] if link else []), *(f"---\n\n{block}" for block in blocks)]
    )


def _block(picture: Picture, one: Session) -> Iterator[str]:
    state = picture.states[one.name]
    place = _relative(one.path.decode(), one.feature)
    yield f"## {one.slug}\n\n[{one.title or one.slug}]({place}): **{state.state}**\n"
    lines = [
        *_outputs(picture, one),
        *_gate(picture, one),
        *(f"asks: {question.text}" for question in one.open_questions),
    ]
    yield "".join(["\n" if lines else "", *(f"- {line}\n" for line in lines)])


def _outputs(picture: Picture, one: Session) -> Iterator[str]:
    for glob in dict.fromkeys(
        (*picture.project.texts(one.name, "writes"), *(picture.project.granted(one.name) or ()))
    ):
        linked = not is_glob(glob) and glob.encode() in picture.project.snapshot
        yield (f"writes [{glob}](<{_relative(glob, one.feature)}>)" if linked else f"writes `{glob}`")


def _gate(picture: Picture, one: Session) -> Iterator[str]:
    gate = picture.project.text(one.name, "gate")
    if gate:
        opening = picture.gates.opening(gate, one.name)
        if not opening.standings:
            yield f"gate {gate}: {opening.why}"
        for standing in opening.standings:
            yield f"gate {gate}: {show(standing.document)} {words(standing)}"


def words(standing: Standing) -> str:
    """What an approval is worth now, and who is awaited."""
    by = f" by {', '.join(standing.by)}" if standing.by else ""
    awaited = f", awaits {', '.join(standing.awaited)}" if standing.awaited else ""
    proof = "" if standing.proven or not standing.by else " (recorded, not proven)"
    return f"{standing.status}{by}{proof}{awaited}"


def _relative(target: str, feature: str) -> str:
    """The link from a feature's tracker to a path of the tree."""
    here = docs(feature).split("/")
    there = target.split("/")
    while here and there and here[0] == there[0]:
        here, there = here[1:], there[1:]
    return "/".join([".."] * len(here) + there)


def findings(picture: Picture) -> list[Finding]:
    """Where a tracker does not say what the files say (SDD201 to SDD203)."""
    snapshot = picture.project.snapshot
    return [
        finding
        for place, wanted in trackers(picture).items()
        if (finding := _wrong(place, wanted, snapshot.read(place) if snapshot.is_file(place) else None))
    ]


def _wrong(place: bytes, wanted: bytes, found: bytes | None) -> Finding | None:
    hint = "sdd tracker --stage"
    if found is None:
        return Finding("SDD202", place, 0, "the tracker is missing", hint)
    if found.replace(b"\r\n", b"\n") == wanted:
        return None
    if any(line.startswith(CONFLICT) for line in found.splitlines()):
        return Finding("SDD203", place, 0, "the tracker holds conflict markers", hint)
    lines = zip(found.replace(b"\r\n", b"\n").split(b"\n"), wanted.split(b"\n"), strict=False)
    line = next((number for number, (is_, should) in enumerate(lines, 1) if is_ != should), 0)
    return Finding("SDD201", place, line, "the tracker does not say what the sessions say", hint)


def difference(picture: Picture) -> str:
    """A unified diff from the trackers as they are to what they should say; empty where they agree."""
    from difflib import unified_diff  # only when it is to be shown

    snapshot = picture.project.snapshot
    parts: list[str] = []
    for place, wanted in trackers(picture).items():
        found = snapshot.read(place) if snapshot.is_file(place) else b""
        name = show(place)
        before = found.decode("utf-8", "replace").splitlines(keepends=True)
        parts += unified_diff(before, wanted.decode().splitlines(keepends=True), f"a/{name}", f"b/{name}")
    return "".join(parts)


def changed(picture: Picture) -> Mapping[bytes, bytes]:
    """The trackers that have to be written anew."""
    snapshot = picture.project.snapshot
    return {
        place: data
        for place, data in trackers(picture).items()
        if not snapshot.is_file(place) or snapshot.read(place) != data
    }
