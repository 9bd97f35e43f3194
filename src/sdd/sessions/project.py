"""The project: sessions, templates and plans derived from a snapshot. Nothing of it is stored."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding, by_place, nearest
from sdd.sessions import plan, session, template
from sdd.sessions.evidence import evidence_files, wrong_evidence
from sdd.sessions.names import folded
from sdd.sessions.session import CHANGES, docs
from sdd.sessions.turns import too_wide, untested
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.sessions.plan import Page, Plan
    from sdd.sessions.session import Session
    from sdd.sessions.template import Template
    from sdd.snapshot import Snapshot

GATE = "gate:"
MOST_NAMES = 30  # before and behind a misspelt one, among which the nearest is looked for


class Project(Value):
    """What a snapshot says about its sessions. `sessions` is in the order of the names, `keys` holds what is settled for each."""

    snapshot: Snapshot
    sessions: Mapping[str, Session]
    templates: Mapping[str, Template]
    keys: Mapping[str, Mapping[str, object]]
    plans: Mapping[str, Plan]
    pages: Mapping[str, Page]
    misplaced: tuple[Finding, ...] = ()

    @property
    def features(self) -> list[str]:
        """The features that have sessions, the root feature ("") first; small changes are none."""
        return sorted({one.feature for one in self.sessions.values()} - {CHANGES})

    def of_feature(self, feature: str) -> list[Session]:
        """A feature's sessions in the order of their names."""
        if "_features" not in self.__dict__:  # grouped once: a project may have as many features as sessions
            groups: dict[str, list[Session]] = {}
            for one in self.sessions.values():
                groups.setdefault(one.feature, []).append(one)
            self.__dict__["_features"] = groups
        return list(self.__dict__["_features"].get(feature, ()))

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
        return tuple(str(item) for item in value) if isinstance(value, tuple) else ()

    def text(self, name: str, key: str) -> str:
        """A text of a session's settled keys, empty where nothing is said."""
        value = self.keys[name].get(key, "")
        return value if isinstance(value, str) else ""

    def task_session(self, feature: str, task: str) -> str | None:
        """The whole name of the session of a feature's task; None where it has none. A namesake elsewhere is not meant."""
        name = f"{feature}/{task}" if feature else task
        return name if name in self.sessions else None

    def own_writes(self, name: str) -> tuple[str, ...]:
        """What the session's file itself says that it writes, whatever its template says."""
        value = self.sessions[name].own.get("writes", ())
        return tuple(str(glob) for glob in value) if isinstance(value, tuple) else ()

    def granted(self, name: str) -> tuple[str, ...] | None:
        """What a session may write by its task or page; None where neither speaks of it."""
        if name in self.pages:
            return self.pages[name].writes
        one = self.sessions[name]
        task = self.plans[one.feature].task(one.slug) if one.feature in self.plans else None
        return task.writes if task else None

    def unplanned(self, feature: str) -> list[str]:
        """The tasks of a feature's plan that have no session yet."""
        found = self.plans.get(feature)
        tasks = found.tasks if found else ()
        return [task.name for task in tasks if self.task_session(feature, task.name) is None]

    def findings(self) -> list[Finding]:
        """All that is wrong with the files of sessions, templates, plans, pages and runs."""
        from sdd.sessions.order import (
            findings as of_order,
        )  # it needs all sessions; a hook judges single ones

        self.snapshot.read_all(
            sorted({path for one in self.sessions.values() for path in evidence_files(self, one)})
        )
        parts: list[Sequence[Finding]] = [self.misplaced, of_order(self)]
        parts += [one.findings for one in self.sessions.values()]
        parts += [one.findings for one in self.templates.values()]
        parts += [one.findings for one in self.plans.values()]
        parts += [one.findings for one in self.pages.values()]
        parts += [wrong_references(self, name) for name in self.sessions]
        parts += [wrong_evidence(self, one) for one in self.sessions.values()]
        return sorted({finding for part in parts for finding in part}, key=by_place)


def derive(snapshot: Snapshot) -> Project:
    """The project that a snapshot holds. Never raises for what its files say: that becomes findings."""
    paths = snapshot.under(b"sessions")
    misplaced = (
        [wrong for wrong in map(session.misplaced, paths) if wrong]
        + _links(snapshot, paths)
        + _same_names(paths)
    )
    files = [path for path in paths if snapshot.is_file(path)]
    in_place = [path for path in files if b".runs/" not in path and not session.misplaced(path)]
    found_templates = [path for path in in_place if path.startswith(template.FOLDER)]
    found_sessions = [path for path in in_place if not path.startswith(template.FOLDER)]
    data = snapshot.read_all([*found_templates, *found_sessions])
    templates = {one.kind: one for one in (template.parse(path, data[path]) for path in found_templates)}
    sessions = {one.name: one for one in (session.parse(path, data[path]) for path in found_sessions)}
    sessions = dict(sorted(sessions.items()))
    keys = {name: template.settled(one, templates.get(one.kind)) for name, one in sessions.items()}
    return Project(
        snapshot,
        sessions,
        templates,
        keys,
        _plans(snapshot, sessions),
        _pages(snapshot, sessions),
        tuple(misplaced),
    )


def _links(snapshot: Snapshot, paths: list[bytes]) -> list[Finding]:
    return [
        Finding("SDD125", path, 0, f"{show(path)} is a link, not a file", "put the file itself there")
        for path in paths
        if not snapshot.is_file(path)
    ]


def _same_names(paths: list[bytes]) -> list[Finding]:
    """Two names, of files or folders, that macOS and Windows take for the same."""
    seen: dict[bytes, bytes] = {}
    wrong: dict[bytes, Finding] = {}
    for path in paths:
        ends = [at for at, byte in enumerate(path) if byte == ord("/")]
        for place in (*(path[:end] for end in ends), path):
            other = seen.setdefault(folded(place), place)
            if other != place and place not in wrong:
                what = f"{show(place)} and {show(other)} are one {'file' if place == path else 'folder'} on macOS and Windows"
                hint = f"rename one: `git mv {show(place)} NEW`"
                wrong[place] = Finding("SDD124", path, 0, what, hint)
    return list(wrong.values())


def _plans(snapshot: Snapshot, sessions: Mapping[str, Session]) -> dict[str, Plan]:
    features = sorted({one.feature for one in sessions.values()} - {CHANGES})
    paths = {feature: f"{docs(feature)}/implementation-plan.md".encode() for feature in features}
    data = snapshot.read_all(path for path in paths.values() if snapshot.is_file(path))
    return {feature: plan.parse(path, data[path]) for feature, path in paths.items() if path in data}


def _pages(snapshot: Snapshot, sessions: Mapping[str, Session]) -> dict[str, Page]:
    paths = {name: page_path(name) for name, one in sessions.items() if one.feature == CHANGES}
    data = snapshot.read_all(path for path in paths.values() if snapshot.is_file(path))
    return {name: plan.parse_page(path, data[path]) for name, path in paths.items() if path in data}


def page_path(name: str) -> bytes:
    """The page of a small change: `docs/changes/<name>.md`."""
    return f"docs/{name}.md".encode()


def wrong_references(project: Project, name: str) -> list[Finding]:
    """Where a session points to what is not there, or wants what cannot be (SDD120, 121, 123, 126, 127).

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
    return wrong + _wrong_writes(project, one)


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
