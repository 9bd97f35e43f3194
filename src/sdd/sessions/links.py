"""What the sessions of a feature point to, in short: the sessions that they need, and the files that they name.

It is kept, since a change of one file may concern sessions of any feature, and none of them should be read for it.
"""

from __future__ import annotations

from sdd.globs import is_glob
from sdd.sessions.project import PLAN, sessions_in
from sdd.sessions.session import CHANGES, docs, path_of
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sdd.sessions.project import Project


class Links(Value):
    """What one session points to: all names that its needs may mean, there or not, and the paths that it writes or shows."""

    name: str
    kind: str
    needs: tuple[str, ...]
    paths: tuple[str, ...]


def all_links(project: Project) -> Iterator[Links]:
    """What every session points to."""
    for feature in (*project.features, CHANGES):
        yield from links(project, feature)


def links(project: Project, feature: str) -> list[Links]:
    """What the sessions of a feature point to, in the order of their names."""
    asked = _asked(project, feature)
    found = (
        project.snapshot.verdicts.kept("links", asked, lambda: _found(project, feature))
        if asked
        else _found(project, feature)
    )
    return [Links(*one) for one in found]


def those_that_exist(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Of all names that the needs of sessions may mean (inside the feature, then as they stand, in turn) those that exist."""
    found: dict[str, list[str]] = {}
    for name, names in needs.items():
        both = zip(names[::2], names[1::2], strict=True)
        meant = (next((one for one in pair if one in needs), "") for pair in both)
        found[name] = [one for one in meant if one]
    return found


def dependents(project: Project, names: AbstractSet[str]) -> set[str]:
    """The sessions that are ready or blocked by what these have come to, those that are gone included.

    Whoever needs a plan needs the sessions of its tasks too.
    """
    if not names:
        return set()
    features = {name.rpartition("/")[0] for name in names}
    plans = {
        one.name
        for feature in features
        if not names.isdisjoint(_tasks(project, feature))
        for one in links(project, feature)
        if one.kind == "implementation-plan"
    }
    return {one.name for one in all_links(project) if not (names | plans).isdisjoint(one.needs)}


def _tasks(project: Project, feature: str) -> list[str]:
    """The names of the sessions that a feature's plan asks for."""
    before = f"{feature}/" if feature else ""
    return [before + task.name for task in project.plans[feature].tasks] if feature in project.plans else []


def _asked(project: Project, feature: str) -> tuple[bytes, ...]:
    """All that the answer rests on; nothing where nobody knows."""
    snapshot = project.snapshot
    folder = f"sessions/{feature}".encode()
    own = (
        [snapshot.identity(folder)]
        if feature
        else [f"{name} {snapshot.blob(path_of(name))}" for name in sessions_in(snapshot, "")]
    )
    rest = (
        snapshot.identity(b"sessions/templates"),
        snapshot.identity(b"docs/changes"),
        snapshot.blob(docs(feature).encode() + PLAN),
    )
    whole = (feature, *own, *rest)
    return tuple(one.encode() for one in whole) if all(own) and rest[0] else ()


def _found(project: Project, feature: str) -> tuple[tuple[object, ...], ...]:
    return tuple(_of(project, one.name).as_tuple() for one in project.of_feature(feature))


def _of(project: Project, name: str) -> Links:
    one = project.sessions[name]
    before = f"{one.feature}/" if one.feature else ""
    needs = (meant for need in project.texts(name, "needs") for meant in (before + need, need))
    globs = (*project.texts(name, "writes"), *(project.granted(name) or ()))
    shown = (item.evidence.partition("::")[0].removeprefix("./") for item in one.checklist if item.evidence)
    paths = dict.fromkeys((*(glob for glob in globs if not is_glob(glob)), *shown))
    return Links(name, one.kind, tuple(needs), tuple(paths))
