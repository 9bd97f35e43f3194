"""Who answers for what: a session's own `owner`, else whom CODEOWNERS names for what it writes, or for its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd import codeowners
from sdd.globs import is_glob
from sdd.sessions.touching import path_in, start_of
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.codeowners import Codeowners
    from sdd.sessions.project import Project
    from sdd.snapshot import Snapshot

CONTRACTS = b"docs/interfaces/"
USES = ("reads", "interfaces", "models", "configuration")


class Ownership:
    """The owners that a snapshot's CODEOWNERS names; without such a file nobody owns a path."""

    def __init__(self, snapshot: Snapshot, remotes: Iterable[str] = ()) -> None:
        gitlab = is_gitlab(snapshot, remotes)
        places = codeowners.GITLAB if gitlab else codeowners.GITHUB
        place = next((path for path in places if snapshot.is_file(path)), None)
        self._rules: Codeowners | None = (
            codeowners.read(snapshot.read(place), gitlab=gitlab) if place else None
        )
        self._known: dict[bytes, tuple[str, ...]] = {}

    def of(self, path: bytes) -> tuple[str, ...]:
        """Whose review a change of a path takes: `@name`, `@org/team` or an e-mail, as written."""
        if self._rules is None:
            return ()
        if path not in self._known:
            self._known[path] = self._rules.owners(path, required=True)
        return self._known[path]

    def of_session(self, project: Project, name: str) -> tuple[str, ...]:
        """Who answers for a session."""
        own = project.text(name, "owner")
        if own or self._rules is None:
            return (own,) if own else ()
        writes = project.granted(name) or project.texts(name, "writes")
        paths = (f"{start_of(glob)}/x" if is_glob(glob) else glob for glob in writes)
        found = dict.fromkeys(who for path in paths for who in self.of(path.lstrip("/").encode()))
        return tuple(found) or self.of(project.sessions[name].path)


class Look(Value):
    """Who has to look at a proposal, at which of its paths, and for which sessions, that use a contract that it changes."""

    who: str
    paths: tuple[bytes, ...]
    users: tuple[str, ...]


def looks(owned: Ownership, project: Project, paths: Sequence[bytes]) -> list[Look]:
    """Who has to look at these paths of a proposal, sorted: their owners, and the owners of sessions that use a changed contract."""
    own: dict[str, list[bytes]] = {}
    for path in paths:
        for who in owned.of(path):
            own.setdefault(who, []).append(path)
    used: dict[str, list[str]] = {}
    for name in _users(
        project, {path.decode("utf-8", "replace") for path in paths if path.startswith(CONTRACTS)}
    ):
        for who in owned.of_session(project, name):
            used.setdefault(who, []).append(name)
    return [Look(who, tuple(own.get(who, ())), tuple(used.get(who, ()))) for who in sorted({*own, *used})]


def _users(project: Project, contracts: set[str]) -> Iterable[str]:
    """The sessions that implement one of these contracts or are shown it."""
    if not contracts:
        return ()
    return [name for name in project.sessions if not contracts.isdisjoint(_named(project, name))]


def _named(project: Project, name: str) -> list[str]:
    implements = project.keys[name].get("implements")
    own = list(map(str, implements)) if isinstance(implements, dict) else []
    return [path_in(one) for one in (*own, *(text for key in USES for text in project.texts(name, key)))]


def is_gitlab(snapshot: Snapshot, remotes: Iterable[str]) -> bool:
    """Whether it is GitLab that reads the file: by the remotes' addresses, and where they tell nothing by what is here."""
    told = " ".join(remotes).lower()
    if "github" in told or "gitlab" in told:
        return "github" not in told
    here = b".gitlab-ci.yml" in snapshot or bool(snapshot.under(b".gitlab"))
    return here and not snapshot.under(b".github")


def names_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The names under which a person may stand in CODEOWNERS, by git's settings.

    `user.email`; `sdd.me`, names and teams with blanks between; `github.user`, and the name in an address that hides another
    (`1234+alice@users.noreply.github.com`).
    """
    email = settings.get("user.email", "")
    before, _, host = email.partition("@")
    hidden = before.rpartition("+")[2] if host.casefold() == "users.noreply.github.com" else ""
    names = (f"@{name}" for name in (settings.get("github.user", ""), hidden) if name)
    return tuple(dict.fromkeys(filter(None, (email, *settings.get("sdd.me", "").split(), *names))))
