"""Which sessions a change touches: those whose file, outputs, plan or approvals are among the paths that it changes."""

from __future__ import annotations

from sdd.gates.approval import FOLDER
from sdd.gates.policy import PATH
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.globs import is_glob
from sdd.sessions import template
from sdd.sessions.project import page_path
from sdd.sessions.session import CHANGES, docs, owner_of
from sdd.sessions.state import brief_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.gates.picture import Gates, Picture
    from sdd.sessions.session import Session


def touched(seen: Picture, changed: Iterable[bytes]) -> set[str]:
    """The sessions that a change of these paths touches, by whole name; those that it takes away are among them.

    What is told of any other session is as it was before, but for whether it is ready or blocked: that rests on others too.
    """
    paths = {*changed}
    paths |= {_approved(path) for path in paths if path.startswith(FOLDER + b"/")}
    own = {name for path in paths if (name := owner_of(path))}
    rest = (one for name, one in seen.project.sessions.items() if name not in own)
    return own | {one.name for one in rest if not paths.isdisjoint(_ground(seen, one))}


def _approved(path: bytes) -> bytes:
    """What a record, or its signature, is about: its folder, which names gate and document."""
    return path.rpartition(b"/")[0]


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
    gates = [gate for gate in (project.text(one.name, "gate"), *project.gates_needed(one.name)) if gate]
    if gates:
        yield from (PATH, SIGNERS, REVOKED)
    for gate in gates:
        yield from _of_gate(seen.gates, gate, one.name)


def _of_gate(gates: Gates, gate: str, name: str) -> Iterator[bytes]:
    """The documents of a gate, the folders of their records, what they rested on; and those of the gates before it."""
    for document in gates.documents(gate, name):
        yield document.encode()
        yield FOLDER + f"/{gate}/{document}".encode()
    for standing in gates.opening(gate, name).standings:
        yield from (path for record in standing.records for path, _ in record.inputs)
    rule = gates.policy.gates.get(gate) if gates.policy else None
    for before in rule.after if rule else ():
        yield from _of_gate(gates, before, name)
