"""A session that goes on under another name: found by what the plan says, and moved with its runs and all that names it."""

from __future__ import annotations

from sdd.sessions import three_way
from sdd.sessions.edit import edited, readable
from sdd.sessions.front_matter import with_field
from sdd.sessions.planned import BASE
from sdd.sessions.session import FOLDER, path_of
from sdd.sessions.task_order import SESSION, TASK_KIND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sdd.sessions.front_matter import FieldValue
    from sdd.sessions.plan import Plan, Task
    from sdd.sessions.project import Project
    from sdd.sessions.session import Session


def found(project: Project, feature: str, plan: Plan) -> dict[str, str]:
    """The sessions whose tasks have another name now: the old whole name, and the new one.

    A task says so itself (`- Was: 04-cart`); else a task without a session and a session without a task are one where the title
    or the files that it writes are what the plan said before, and no other task or session comes into question.
    """
    prefix = f"{feature}/" if feature else ""
    lone = {one.slug: one for one in project.of_feature(feature) if one.kind == TASK_KIND}
    lone = {slug: one for slug, one in lone.items() if not plan.task(slug)}
    new = {task.name: task for task in plan.tasks if prefix + task.name not in project.sessions}
    said = {was: task.name for task in new.values() for was in task.lists.get("Was", ())[:1] if was in lone}
    rest = [task for task in new.values() if task.name not in said.values()]
    alike = {slug: _alike(one, rest) for slug, one in lone.items() if slug not in said}
    wanted = [name for names in alike.values() for name in names]
    said |= {
        slug: names[0] for slug, names in alike.items() if len(names) == 1 and wanted.count(names[0]) == 1
    }
    return {prefix + old: prefix + name for old, name in sorted(said.items())}


def _alike(one: Session, tasks: Iterable[Task]) -> list[str]:
    """The tasks that say what the session's own task said."""
    base = three_way.read(str(one.own.get(BASE, "")))
    title, writes = base.of("title"), {*base.of("writes")}
    return [
        task.name
        for task in tasks
        if (title and three_way.digests([task.title]) == title)
        or (writes and {*three_way.digests(task.writes)} == writes)
    ]


def files(project: Project, moves: Mapping[str, str]) -> dict[bytes, bytes | None]:
    """All files that a renaming changes, None for those that are gone: the sessions, their runs, and whoever names them.

    Raises:
        SddError: a session that would have to be changed cannot be read.
    """
    changed: dict[bytes, bytes | None] = {}
    for name, one in project.sessions.items() if moves else ():
        data = project.snapshot.read(one.path)
        new = _renamed(project, one, data, moves)
        if name in moves:
            folder = FOLDER + name.encode() + b".runs/"
            for path in project.snapshot.under(folder[:-1]):
                target = FOLDER + moves[name].encode() + b".runs/" + path.removeprefix(folder)
                changed |= {target: project.snapshot.read(path), path: None}
            changed |= {path_of(moves[name]): _moved(new, name, moves[name]), one.path: None}
        elif new != data:
            changed[one.path] = new
    return changed


def _moved(data: bytes, old: str, new: str) -> bytes:
    """A session's file whose runs stand in another folder; a run's block names its whole in one line of a fixed form."""
    before, after = (f'\nfile = "{name}.runs/'.encode() for name in (old, new))
    return data.replace(before, after)


def _renamed(project: Project, one: Session, data: bytes, moves: Mapping[str, str]) -> bytes:
    """A session's file with the new names where it names one that is renamed."""
    changed = {key: value for key, value in _pointers(project, one, moves) if value != one.own.get(key)}
    if not changed:
        return data
    readable(one.path, data)

    def change(text: str) -> str:
        for key, value in changed.items():
            text = with_field(text, key, value)
        return text

    return edited(data, change)


def _pointers(project: Project, one: Session, moves: Mapping[str, str]) -> Iterator[tuple[str, FieldValue]]:
    def named(word: str) -> str:
        return _name(project, one, word, moves)

    for key in ("needs", "reads"):
        value = one.own.get(key)
        if isinstance(value, tuple):
            yield key, tuple(map(named, map(str, value)))
    if "continues" in one.own:
        yield "continues", named(str(one.own["continues"]))


def _name(project: Project, one: Session, word: str, moves: Mapping[str, str]) -> str:
    """The word with the new name, where it names a session that is renamed: short inside its feature, else whole."""
    kind = SESSION if word.startswith(SESSION) else ""
    meant = project.need(word.removeprefix(SESSION), one.feature)
    if meant is None or meant not in moves:
        return word
    new = moves[meant]
    feature, _, slug = new.rpartition("/")
    return kind + (slug if feature == one.feature else new)
