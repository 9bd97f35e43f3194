"""What the sessions of a feature point to, in short: the sessions that they need, and the files that they name.

It is kept, since a change of one file may concern sessions of any feature, and none of them should be read for it.
"""

from __future__ import annotations

from sdd.globs import is_glob
from sdd.sessions import pointers, template
from sdd.sessions.pointers import Needed
from sdd.sessions.project import PLAN, derive, feature_of, sessions_in
from sdd.sessions.session import CHANGES, FOLDER, docs, path_of
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any

    from sdd.sessions.project import Project


PLANNING = "implementation-plan"  # the kind whose sessions make a plan


class Links(Value):
    """What one session points to: all names that its needs may mean, there or not, and the paths that it writes or shows.

    `implements` are its contracts, each followed by what implements it, as selectors.
    """

    name: str
    kind: str
    needs: tuple[str, ...]
    paths: tuple[str, ...]
    implements: tuple[str, ...] = ()


class Reach(Value):
    """How far the sessions of a feature point beyond it.

    That is: sessions of others that they need, the folders of files that they name, and those of contracts and implementations.
    """

    needs: frozenset[str]
    folders: frozenset[str]
    contracts: frozenset[str] = frozenset()


def naming(project: Project, paths: AbstractSet[str]) -> set[str]:
    """The sessions that name one of these files, as one that they write or show."""
    if _is_kept(project):
        folders = {_folder(path) for path in paths}
        near = _linked(project, lambda far: not folders.isdisjoint(far.folders))
    else:
        near = _read(project, pointers.writing(project, paths))
    return {one.name for one in near if not paths.isdisjoint(one.paths)}


def implementing(project: Project, folders: AbstractSet[str] | None = None) -> list[Links]:
    """The sessions that implement a contract, in the order of features and names.

    With `folders` only those where it, or the implementation, lies in one of these.
    """

    def concerns(places: Iterable[str]) -> bool:
        return folders is None or not folders.isdisjoint(places)

    if _is_kept(project):
        near = _linked(project, lambda far: bool(far.contracts) and concerns(far.contracts))
    else:
        near = _read(project, pointers.implementing(project))
    found = (one for one in near if one.implements)
    return [one for one in found if concerns(_folder(file_of(selector)) for selector in one.implements)]


def _is_kept(project: Project) -> bool:
    """Whether what is found is found again by the next command; else all sessions are searched and few are read."""
    return project.snapshot.verdicts.lasting


def _linked(project: Project, near: Callable[[Reach], bool]) -> Iterator[Links]:
    """What the sessions point to of all features that reach so far."""
    features = sorted(feature for feature, far in reaches(project).items() if near(far))
    return (one for feature in features for one in links(project, feature))


def _read(project: Project, names: Iterable[str]) -> Iterator[Links]:
    """What these sessions point to, in the order of features and names."""
    ordered = sorted(names, key=lambda name: (name.rpartition("/")[0], name))
    return (_of(project, name) for name in ordered)


def file_of(selector: str) -> str:
    """The path of a selector without the symbol or heading behind it."""
    return selector.partition("::")[0].partition("#")[0].strip()


def reaches(project: Project) -> Mapping[str, Reach]:
    """How far each feature points beyond itself; those that do not are left out.

    It is kept for the whole project, and of a change only what it touches is found anew: who commits must not pay for
    features that nobody touched.
    """
    snapshot = project.snapshot
    asked = (snapshot.identity(b"sessions").encode(), snapshot.identity(b"docs").encode())
    if not all(asked):
        return _reaches(project)
    if "reaches" not in snapshot.found:
        told = snapshot.verdicts.kept("reaches", asked, lambda: _plain(_reaches(project)))
        snapshot.found["reaches"] = {feature: Reach(*map(frozenset, rest)) for feature, *rest in told}
    found: Mapping[str, Reach] = snapshot.found["reaches"]
    return found


def _reaches(project: Project) -> Mapping[str, Reach]:
    below = project.snapshot.below
    again = _spoken_of(project.snapshot.differing(below)) if below else None
    known = dict(reaches(derive(below))) if below and again is not None else {}
    features = {*project.features, CHANGES} if again is None else again
    found = {feature: _of_feature(project, feature) for feature in sorted(features)}
    return {feature: far for feature, far in (known | found).items() if any(far.as_tuple())}


def _spoken_of(changed: Iterable[bytes]) -> set[str] | None:
    """The features of which a change says something else; None for all."""
    found = set()
    for path in changed:
        if path.startswith(template.FOLDER):
            return None
        if path.startswith(FOLDER):
            feature, deeper, _ = path.removeprefix(FOLDER).partition(b"/")
            found.add(feature.decode("utf-8", "replace") if deeper else "")
        elif path.startswith(b"docs/changes/"):
            found.add(CHANGES)
        elif path.endswith(PLAN):
            found.add(feature_of(path))
    return found


def _of_feature(project: Project, feature: str) -> Reach:
    found = links(project, feature)
    return _reach(found, {one.name for one in found})


def _reach(found: Sequence[Links], own: AbstractSet[str]) -> Reach:
    """How far some sessions of a feature point beyond it, whose sessions are its `own`."""
    both = ((inside, as_it_stands) for one in found for inside, as_it_stands in _pairs(one.needs))
    needs = (as_it_stands for inside, as_it_stands in both if inside not in own)
    folders = {_folder(path) for one in found for path in one.paths}
    contracts = {_folder(file_of(selector)) for one in found for selector in one.implements}
    return Reach(frozenset(needs) - own, frozenset(folders), frozenset(contracts))


def _plain(found: Mapping[str, Reach]) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (feature, *(tuple(sorted(part)) for part in far.as_tuple())) for feature, far in found.items()
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _pairs(needs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What each need may mean: a session inside the feature, else the one that it names as it stands."""
    return zip(needs[::2], needs[1::2], strict=True)


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
        meant = (next((one for one in pair if one in needs), "") for pair in _pairs(names))
        found[name] = [one for one in meant if one]
    return found


def dependents(project: Project, names: AbstractSet[str]) -> set[str]:
    """The sessions that are ready or blocked by what these have come to, those that are gone included.

    Whoever needs a plan needs the sessions of its tasks too, these themselves apart.
    """
    if not names:
        return set()
    features = {name.rpartition("/")[0] for name in names}
    planned = [feature for feature in sorted(features) if not names.isdisjoint(_tasks(project, feature))]
    plans = {name for feature in planned for name in _plans(project, feature)}
    found: set[str] = set()
    for feature, linked in _needing(project, names, plans, features):
        needing = {one.name for one in linked if not plans.isdisjoint(one.needs)}
        directly = {one.name for one in linked if not names.isdisjoint(one.needs)}
        found |= directly | (needing - _tasks(project, feature) if needing else needing)
    return found


def _plans(project: Project, feature: str) -> Iterator[str]:
    """The sessions of a feature that make a plan."""
    if _is_kept(project):
        return (one.name for one in links(project, feature) if one.kind == PLANNING)
    near = pointers.of_kind(project, (feature,), PLANNING)
    return (name for name in near if project.sessions[name].kind == PLANNING)


def _needing(
    project: Project, names: AbstractSet[str], plans: AbstractSet[str], features: AbstractSet[str]
) -> Iterator[tuple[str, Sequence[Links]]]:
    """The features of which sessions may need one of these sessions or plans, each with those sessions.

    `features` are those that these belong to; of others it takes a session that needs one of them beyond doubt.
    """
    wanted = names | plans
    if _is_kept(project):
        far = {feature for feature, far in reaches(project).items() if not wanted.isdisjoint(far.needs)}
        yield from ((feature, links(project, feature)) for feature in sorted(features | far))
        return
    needed, planned = Needed(names), Needed(plans)
    for feature in sorted({*project.features, CHANGES} | features):
        is_own = feature in features
        tasks = (
            _tasks(project, feature) if is_own and plans else frozenset()
        )  # each needs its plan, and counts for nothing
        near = needed.by(project, feature) | (planned.by(project, feature) - tasks if plans else set())
        linked = [*_read(project, near)]
        own = sessions_in(project.snapshot, feature)
        if is_own or not wanted.isdisjoint(_reach(linked, {*own}).needs):
            yield feature, linked


def _tasks(project: Project, feature: str) -> frozenset[str]:
    """The names of the sessions that a feature's plan asks for."""
    before = f"{feature}/" if feature else ""
    tasks = project.plans[feature].tasks if feature in project.plans else ()
    return frozenset(before + task.name for task in tasks)


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
    implements = (text for pair in project.pairs(name, "implements") for text in pair)
    return Links(name, one.kind, tuple(needs), tuple(paths), tuple(implements))
