"""The project: sessions, templates and plans derived from a snapshot. Nothing of it is stored."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding, by_place, nearest
from sdd.sessions import plan, session, template
from sdd.sessions.continuing import built_by
from sdd.sessions.evidence import evidence_files, wrong_evidence
from sdd.sessions.names import folded
from sdd.sessions.parts import HELD, Parts
from sdd.sessions.session import CHANGES, FOLDER, docs, name_of, path_of
from sdd.sessions.turns import too_wide, untested
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sdd.sessions.plan import Page, Plan
    from sdd.sessions.session import Session
    from sdd.sessions.template import Template
    from sdd.snapshot import Snapshot

GATE = "gate:"
PLAN = b"/implementation-plan.md"
PLANS = 32  # that are kept: each has as many tasks as its feature has sessions
NAMES = 32_768  # of sessions, by their paths, that are kept
_names: dict[bytes, str] = {}
MOST_NAMES = 30  # before and behind a misspelt one, among which the nearest is looked for


class Project(Value):
    """What a snapshot says about its sessions, each part read when it is asked for.

    `sessions` is in the order of the names, `keys` holds what is settled for each.
    """

    snapshot: Snapshot
    sessions: Mapping[str, Session]
    templates: Mapping[str, Template]
    keys: Mapping[str, Mapping[str, object]]
    plans: Mapping[str, Plan]
    pages: Mapping[str, Page]

    @property
    def features(self) -> list[str]:
        """The features that have sessions, the root feature ("") first; small changes are none."""
        return features(self.snapshot)

    def of_feature(self, feature: str) -> list[Session]:
        """A feature's sessions in the order of their names."""
        names = sessions_in(self.snapshot, feature)
        self.snapshot.read_all(map(path_of, names))
        return [self.sessions[name] for name in names]

    def ahead(self, names: Iterable[str]) -> None:
        """Read at once the files of sessions that will be asked for soon."""
        self.snapshot.ahead(map(path_of, names))

    def session(self, name: str) -> Session:
        """The session that a person names: whole, without its feature where that is clear, or as a path.

        Raises:
            SddError: there is none, or there are several.
        """
        asked = name.removeprefix("sessions/").removesuffix(".md")
        if asked in self.sessions:
            return self.sessions[asked]
        ends = [full for full in self.sessions if full.endswith("/" + asked)]
        if len(ends) == 1:
            return self.sessions[ends[0]]
        if ends:
            raise SddError(
                f"there are several sessions `{asked}`: {', '.join(ends)}", hint="name one of them whole"
            )
        like = nearest(asked, list(self.sessions))
        raise SddError(
            f"there is no session `{asked}`",
            hint=f"did you mean `{like}`?" if like else "list them with `sdd status`",
        )

    def need(self, need: str, feature: str) -> str | None:
        """The whole name of the session that a need means, or None."""
        inside = f"{feature}/{need}" if feature else need
        return next((name for name in (inside, need) if name in self.sessions), None)

    def needs(self, name: str) -> list[str]:
        """The sessions that a session needs, by whole name; those that do not exist are left to the findings."""
        one = self.sessions[name]
        found = (
            self.need(need, one.feature) for need in self.texts(name, "needs") if not need.startswith(GATE)
        )
        return [need for need in found if need]

    def gates_needed(self, name: str) -> list[str]:
        """The gates that a session needs open."""
        return [need.removeprefix(GATE) for need in self.texts(name, "needs") if need.startswith(GATE)]

    def texts(self, name: str, key: str) -> tuple[str, ...]:
        """A list of a session's settled keys."""
        value = self.keys[name].get(key, ())
        return tuple(map(str, value)) if isinstance(value, tuple) else ()

    def text(self, name: str, key: str) -> str:
        """A text of a session's settled keys, empty where nothing is said."""
        value = self.keys[name].get(key, "")
        return value if isinstance(value, str) else ""

    def pairs(self, name: str, key: str) -> tuple[tuple[str, str], ...]:
        """A map of a session's settled keys, as pairs."""
        value = self.keys[name].get(key, {})
        return (
            tuple((str(one), str(other)) for one, other in value.items()) if isinstance(value, dict) else ()
        )

    def task_session(self, feature: str, task: str) -> str | None:
        """The whole name of the session of a feature's task; None where it has none. A namesake elsewhere is not meant."""
        name = f"{feature}/{task}" if feature else task
        return name if name in self.sessions else None

    def own_writes(self, name: str) -> tuple[str, ...]:
        """What the session's file itself says that it writes, whatever its template says."""
        value = self.sessions[name].own.get("writes", ())
        return tuple(map(str, value)) if isinstance(value, tuple) else ()

    def granted(self, name: str) -> tuple[str, ...] | None:
        """What a session may write by its task or page; None where neither speaks of it."""
        if name in self.pages:
            return self.pages[name].writes
        feature, _, slug = name.rpartition("/")
        task = self.plans[feature].task(slug) if feature in self.plans else None
        return task.writes if task else None

    def unplanned(self, feature: str) -> list[str]:
        """The tasks of a feature's plan that have no session yet."""
        found = self.plans.get(feature)
        tasks = found.tasks if found else ()
        return [task.name for task in tasks if self.task_session(feature, task.name) is None]

    def findings(self) -> list[Finding]:
        """All that is wrong with the files of sessions, templates, plans, pages and runs."""
        from sdd.sessions.order import (
            findings as of_order,  # it needs all sessions; a hook judges single ones
        )

        needs = {name: self.needs(name) for name in self.sessions}
        parts: list[Iterable[Finding]] = [misplaced(self.snapshot), of_order(self, needs)]
        parts += [one.findings for one in self.templates.values()]
        parts += [self.findings_of(feature) for feature in (*self.features, CHANGES)]
        return sorted({finding for part in parts for finding in part}, key=by_place)

    def findings_of(self, feature: str) -> Iterator[Finding]:
        """What is wrong with the files of a feature's sessions, its plan, or the pages of small changes."""
        yield from self.findings_among(one.name for one in self.of_feature(feature))
        yield from self.findings_of_plan(feature)

    def findings_of_plan(self, feature: str) -> Iterator[Finding]:
        """What is wrong with a feature's plan, if it has one, and with what it points to."""
        if feature in self.plans:
            from sdd.sessions.plan_links import wrong_links  # most hooks do without

            yield from self.plans[feature].findings
            yield from wrong_links(self, feature)

    def findings_among(self, names: Iterable[str]) -> Iterator[Finding]:
        """What is wrong with some sessions' files, whose whole runs are read at once."""
        sessions = [self.sessions[name] for name in names]
        self.snapshot.read_all(sorted({path for one in sessions for path in evidence_files(self, one)}))
        for one in sessions:
            yield from self.findings_in(one.name)

    def findings_in(self, name: str) -> Iterator[Finding]:
        """What is wrong with one session's file, its runs, what it points to, and its page."""
        one = self.sessions[name]
        yield from one.findings
        yield from wrong_references(self, name)
        yield from wrong_evidence(self, one)
        if name in self.pages:
            yield from self.pages[name].findings


def feature_of(path: bytes) -> str:
    """The feature whose documents lie in the folder of a path."""
    return path.rpartition(b"/")[0].removeprefix(b"docs").removeprefix(b"/").decode("utf-8", "replace")


def derive(snapshot: Snapshot) -> Project:
    """The project that a snapshot holds. Never raises for what its files say: that becomes findings."""

    def plan_path(feature: str) -> bytes:
        return docs(feature).encode() + PLAN

    def names() -> list[str]:
        return sorted(name for path in snapshot.under(b"sessions") if (name := session_at(snapshot, path)))

    def has(name: str) -> bool:
        return session.is_utf8(name) and session_at(snapshot, path_of(name)) == name

    def kinds() -> list[str]:
        found = (template.kind_of(template.FOLDER + name) for name in snapshot.names(template.FOLDER[:-1]))
        return sorted(kind for kind in found if kind and is_kind(kind))

    def is_kind(kind: str) -> bool:
        path = template.path_of(kind)
        return snapshot.is_file(path) and not session.misplaced(path)

    def settled(name: str) -> Mapping[str, object]:
        one = sessions[name]
        return template.settled(one, templates.get(one.kind))

    sessions = Parts(
        names,
        has,
        lambda name: session.parse(path_of(name), snapshot.read(path_of(name))),
        _reading(snapshot, path_of),
    )
    templates = Parts(
        kinds,
        is_kind,
        lambda kind: template.parse(template.path_of(kind), snapshot.read(template.path_of(kind))),
        _reading(snapshot, template.path_of),
    )
    plans = Parts(
        lambda: [feature for feature in features(snapshot) if snapshot.is_file(plan_path(feature))],
        lambda feature: (
            session.is_utf8(feature)
            and snapshot.is_file(plan_path(feature))
            and bool(sessions_in(snapshot, feature))
        ),
        lambda feature: plan.of(snapshot, plan_path(feature)),
        held=PLANS,
    )
    pages = Parts(
        lambda: [name for name in sessions_in(snapshot, CHANGES) if snapshot.is_file(page_path(name))],
        lambda name: name.startswith(f"{CHANGES}/") and has(name) and snapshot.is_file(page_path(name)),
        lambda name: plan.parse_page(page_path(name), snapshot.read(page_path(name))),
    )
    return Project(
        snapshot,
        sessions,
        templates,
        Parts(lambda: sessions, has, settled, _reading(snapshot, path_of)),
        plans,
        pages,
    )


def _reading(snapshot: Snapshot, path_of_one: Callable[[str], bytes]) -> Callable[[list[str]], None]:
    """What reads the files of several names together; one alone is read by whoever makes something of it."""

    def read(names: list[str]) -> None:
        if len(names) > 1:
            snapshot.read_all(path for path in map(path_of_one, names) if snapshot.is_file(path))

    return read


def features(snapshot: Snapshot) -> list[str]:
    """The features that have sessions, the root feature ("") first; small changes are none."""
    folders = (
        name.decode("utf-8", "replace") for name, deeper in snapshot.names(b"sessions").items() if deeper
    )
    return sorted(one for one in {"", *folders} - {CHANGES} if has_session(snapshot, one))


def sessions_in(snapshot: Snapshot, feature: str) -> list[str]:
    """The whole names of a feature's sessions, in order; without a feature those at the top of `sessions/`."""
    known: dict[str, list[str]] = snapshot.found.setdefault("sessions", {})
    if feature not in known:
        if len(known) >= HELD:
            known.clear()
        known[feature] = sorted(_sessions_in(snapshot, feature))
    return known[feature]


def has_session(snapshot: Snapshot, feature: str) -> bool:
    """Whether a feature has any session."""
    return next(_sessions_in(snapshot, feature), "") != ""


def _sessions_in(snapshot: Snapshot, feature: str) -> Iterator[str]:
    folder = FOLDER + feature.encode() if feature else FOLDER[:-1]
    found = (folder + b"/" + name for name, deeper in snapshot.names(folder).items() if not deeper)
    return (name for path in found if (name := session_at(snapshot, path)))


def session_at(snapshot: Snapshot, path: bytes) -> str:
    """The name of the session that stands at a path; empty where none does."""
    name = _named(path)
    return name if name and snapshot.is_file(path) else ""


def _named(path: bytes) -> str:
    """The name of the session that a path is the place of, by its words alone; asked of the same paths again and again."""
    if path not in _names:
        if len(_names) >= NAMES:
            _names.clear()
        name = name_of(path)
        _names[path] = name if name and not session.misplaced(path) else ""
    return _names[path]


def misplaced(snapshot: Snapshot, among: Iterable[bytes] | None = None) -> list[Finding]:
    """What is wrong with the places and names of files under `sessions/`, of all or of those `among` them."""
    if among is None:
        paths = snapshot.under(b"sessions")
        return _misplaced(snapshot, paths, paths)
    paths = sorted(path for path in among if path in snapshot)
    return _misplaced(snapshot, paths, _beside(snapshot, paths))


def misplaced_in(snapshot: Snapshot, feature: str) -> list[Finding]:
    """The same of the files of a feature; without one of those that lie at the top of `sessions/`."""
    if feature:
        paths = snapshot.under(FOLDER + feature.encode())
    else:
        paths = sorted(FOLDER + name for name, deeper in snapshot.names(b"sessions").items() if not deeper)
    return _misplaced(snapshot, paths, paths)


def misplaced_at_top(snapshot: Snapshot) -> list[Finding]:
    """The same of all that belongs to no feature, and of features whose names are one on macOS and Windows."""
    names = snapshot.names(b"sessions")
    known = {FOLDER + one.encode() for one in ("", CHANGES, *features(snapshot))}
    folders = [FOLDER + name for name, deeper in names.items() if deeper and FOLDER + name not in known]
    paths = sorted(path for folder in folders for path in snapshot.under(folder))
    alike = len({folded(name) for name in names}) < len(names)
    return _misplaced(snapshot, paths, snapshot.under(b"sessions") if alike else paths)


def _misplaced(snapshot: Snapshot, paths: Sequence[bytes], beside: Sequence[bytes]) -> list[Finding]:
    wrong = [found for path in paths if (found := session.misplaced(path))]
    return wrong + _links(snapshot, paths) + _same_names(beside)


def _beside(snapshot: Snapshot, paths: Iterable[bytes]) -> list[bytes]:
    """These paths, and whatever lies in their folders and those above."""
    folders = {path[:at] for path in paths for at, byte in enumerate(path) if byte == ord("/")}
    return sorted(folder + b"/" + name for folder in folders for name in snapshot.names(folder))


def _links(snapshot: Snapshot, paths: Iterable[bytes]) -> list[Finding]:
    return [
        Finding("SDD125", path, 0, f"{show(path)} is a link, not a file", "put the file itself there")
        for path in paths
        if not snapshot.is_file(path)
    ]


def _same_names(paths: Iterable[bytes]) -> list[Finding]:
    """Two names, of files or folders, that macOS and Windows take for the same."""
    seen: dict[bytes, bytes] = {}
    known: set[bytes] = set()
    wrong: list[Finding] = []
    for path in paths:
        for place in _new_places(path, known):
            other = seen.setdefault(folded(place), place)
            if other != place:
                what = f"{show(place)} and {show(other)} are one {'file' if place == path else 'folder'} on macOS and Windows"
                hint = f"rename one: `git mv {show(place)} NEW`"
                wrong.append(Finding("SDD124", path, 0, what, hint))
    return wrong


def _new_places(path: bytes, known: set[bytes]) -> list[bytes]:
    """A path and the folders above it, from the top, without those that are known; they become known."""
    new: list[bytes] = []
    while path and path not in known:
        known.add(path)
        new.append(path)
        path = path.rpartition(b"/")[0]
    return new[::-1]


def page_path(name: str) -> bytes:
    """The page of a small change: `docs/changes/<name>.md`."""
    return f"docs/{name}.md".encode()


def wrong_references(project: Project, name: str) -> list[Finding]:
    """Where a session points to what is not there, or wants what cannot be (SDD120, 121, 123, 126 to 128).

    What is not there: its kind, its needs, the session it continues.
    """
    one = project.sessions[name]
    wrong: list[Finding] = []
    if one.kind and one.kind not in project.templates:
        like = nearest(one.kind, list(project.templates))
        hint = f"write `kind: {like}`" if like else "add the template, or copy the shipped ones: `sdd init`"
        wrong.append(Finding("SDD120", one.path, 1, f"there is no template for the kind `{one.kind}`", hint))
    needs = (need for need in project.texts(name, "needs") if not need.startswith(GATE))
    pointers = [("SDD121", "needs", need) for need in needs]
    continued = project.text(name, "continues")
    pointers += [("SDD123", "continues", continued)] if continued else []
    wrong += [
        Finding(code, one.path, 1, f"it {verb} `{to}`, which is no session", _closest(project, one, to))
        for code, verb, to in pointers
        if project.need(to, one.feature) is None
    ]
    return wrong + _wrong_memory(project, one) + _wrong_writes(project, one)


def _wrong_memory(project: Project, one: Session) -> list[Finding]:
    """A review that would remember what it is to judge."""
    builder = built_by(project, one.name)
    if not builder:
        return []
    told = f"it continues `{builder}`, which built what this session is to judge"
    return [Finding("SDD128", one.path, 1, told, "take `continues` out: a review begins afresh")]


def _closest(project: Project, one: Session, need: str) -> str:
    inside = _around(
        [other.slug for other in project.of_feature(one.feature) if other.name != one.name], need
    )
    like = nearest(need, inside) or nearest(need, _around(list(project.sessions), need))
    return f"write `{like}`" if like else "name a session of this feature, or `<feature>/<session>`"


def _around(names: list[str], name: str) -> list[str]:
    """The names among which the nearest one is looked for: of very many those that begin alike, for a look at all takes long."""
    from bisect import bisect  # only when something is wrong

    at = bisect(names, name)
    return names[max(0, at - MOST_NAMES) : at + MOST_NAMES]


def _wrong_writes(project: Project, one: Session) -> list[Finding]:
    """Writes beyond the task or page, and tests that cannot come first."""
    hint = "take it out, or let the plan's task or the change's page grant it"
    wide = too_wide(project, one.name)
    what = "`writes` holds `{}`, which its task or page does not grant"
    wrong = [Finding("SDD126", one.path, 1, what.format(glob), hint) for glob in wide]
    why = untested(project, one.name)
    hint = "name the tests in `writes` by globs of their own, as `tests/**`, or take `tests_first` out"
    return wrong + (
        [Finding("SDD127", one.path, 1, f"`tests_first` cannot hold: {why}", hint)] if why else []
    )
