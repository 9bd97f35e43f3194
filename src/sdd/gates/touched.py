"""Which sessions a change touches: those whose file, outputs, plan or approvals are among the paths that it changes."""

from __future__ import annotations

from sdd.gates.approval import FOLDER, Approval, read
from sdd.gates.governed import gates_of
from sdd.gates.policy import PATH
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.globs import is_glob
from sdd.sessions import template
from sdd.sessions.links import naming
from sdd.sessions.project import page_path
from sdd.sessions.session import CHANGES, docs, owner_of
from sdd.sessions.state import brief_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sdd.gates.picture import Gates, Picture
    from sdd.gates.policy import Gate
    from sdd.sessions.session import Session
    from sdd.snapshot import Snapshot

SPEAKING = (b"docs/", b".sdd/", template.FOLDER)
TRACKER = b"/tracker.md"


def touched(seen: Picture, changed: Iterable[bytes], before: Sequence[Snapshot] = ()) -> set[str]:
    """The sessions that a change of these paths touches, by whole name; those that it takes away are among them.

    What is told of any other session is as it was before, but for whether it is ready or blocked: that rests on others too.
    Cost follows the change: sessions whose own files stay as they are, are looked at only where it brings or takes away files,
    or changes what gates, plans and templates say. `before` are the snapshots that it began from; without them every path
    counts as brought.
    """
    paths = {*changed}
    own = {name for path in paths if (name := owner_of(path))}
    ground = {path for path in paths if not owner_of(path) and _is_ground(seen, path, before)}
    ground |= {_approved(path) for path in ground if path.startswith(FOLDER + b"/")} | _resting(seen, paths)
    if not ground:
        return own
    named = {path.decode("utf-8", "replace") for path in ground if not path.startswith(SPEAKING)}
    found = own | naming(seen.project, named) if named else own
    speaking = [path for path in ground if path.startswith(SPEAKING) or gates_of_path(seen, path)]
    return found | _grounded(seen, ground, found, _spoken_of(seen, ground, own)) if speaking else found


def _grounded(seen: Picture, ground: set[bytes], known: set[str], features: set[str] | None) -> set[str]:
    """The sessions of these features (None for all) that rest on one of these paths, but for those that are known."""
    near = seen.project.sessions.values() if features is None else _sessions(seen, features)
    return {one.name for one in near if one.name not in known and not ground.isdisjoint(_ground(seen, one))}


def _is_ground(seen: Picture, path: bytes, before: Sequence[Snapshot]) -> bool:
    """Whether a path that was changed may be ground of a session: what gates and templates say, or a file that came or went."""
    if path.endswith(TRACKER):
        return False
    if path.startswith(SPEAKING) or not before or gates_of_path(seen, path):
        return True
    there = path in seen.project.snapshot
    return any((path in one) != there for one in before)


def _spoken_of(seen: Picture, ground: Iterable[bytes], own: Iterable[str]) -> set[str] | None:
    """The features that a change speaks of; None for all."""
    found = {name.rpartition("/")[0] for name in own}
    for path in ground:
        if path.startswith(template.FOLDER) or path in {PATH, SIGNERS, REVOKED}:
            return None
        place = path.removeprefix(FOLDER + b"/").partition(b"/")[2] if path.startswith(FOLDER) else path
        top, _, rest = place.partition(b"/")
        gates = gates_of_path(seen, place)
        if any(_is_common(document) or top != b"docs" for gate in gates for document in gate.documents):
            return None
        if top == b"docs":
            found |= {"", rest.partition(b"/")[0].decode("utf-8", "replace") if b"/" in rest else ""}
    return found


def gates_of_path(seen: Picture, path: bytes) -> list[Gate]:
    """The gates that may have this path as a document."""
    return gates_of(seen.gates.policy, path) if seen.gates.policy else []


def _is_common(document: str) -> bool:
    """Whether a gate's document is one and the same for all features."""
    return "{" not in document


def _sessions(seen: Picture, features: Iterable[str]) -> Iterator[Session]:
    for feature in sorted(features):
        yield from seen.project.of_feature(feature)


def _approved(path: bytes) -> bytes:
    """What a record, or its signature, is about: its folder, which names gate and document."""
    return path.rpartition(b"/")[0]


def _resting(seen: Picture, paths: set[bytes]) -> set[bytes]:
    """The folders of the records that name one of these paths among what their document rested on."""
    snapshot = seen.project.snapshot
    all_below = snapshot.identity(FOLDER).encode()
    kept = (
        snapshot.verdicts.kept("inputs", (all_below,), lambda: _inputs(snapshot))
        if all_below
        else _inputs(snapshot)
    )
    return {folder for folder, inputs in kept if not paths.isdisjoint(inputs)}


def _inputs(snapshot: Snapshot) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
    """The folder of each record with the paths that its document rested on, if there are any."""
    places = [path for path in snapshot.under(FOLDER) if path.endswith(b".toml") and snapshot.is_file(path)]
    records = ((path, read(path, data)) for path, data in snapshot.read_all(places).items())
    return tuple(
        (_approved(path), tuple(name for name, _ in record.inputs))
        for path, record in records
        if isinstance(record, Approval) and record.inputs
    )


def _ground(seen: Picture, one: Session) -> Iterator[bytes]:
    """The paths, besides those of its own file, that the state of a session rests on."""
    project = seen.project
    yield template.FOLDER + one.kind.encode() + b".md"
    yield (
        page_path(one.name)
        if one.feature == CHANGES
        else f"{docs(one.feature)}/implementation-plan.md".encode()
    )
    if not one.runs:
        yield brief_path(one.name).encode()
    for glob in (*project.texts(one.name, "writes"), *(project.granted(one.name) or ())):
        if not is_glob(glob):
            yield glob.encode()
    yield from (
        item.evidence.partition("::")[0].removeprefix("./").encode()
        for item in one.checklist
        if item.evidence
    )
    gates = [gate for gate in (project.text(one.name, "gate"), *project.gates_needed(one.name)) if gate]
    if gates:
        yield from (PATH, SIGNERS, REVOKED)
    for gate in gates:
        yield from _of_gate(seen.gates, gate, one.name)


def _of_gate(gates: Gates, gate: str, name: str) -> Iterator[bytes]:
    """The documents of a gate and the folders of their records, and those of the gates before it."""
    for document in gates.documents(gate, name):
        yield document.encode()
        yield FOLDER + f"/{gate}/{document}".encode()
    rule = gates.policy.gates.get(gate) if gates.policy else None
    for before in rule.after if rule else ():
        yield from _of_gate(gates, before, name)
