"""The order between the tasks of a plan: from what they depend on, and from who reads what another writes.

What a task depends on decides. Where it says nothing, a task that reads a file comes after the one that writes it. A glob in
`Reads` is context as it is at that time, and orders nothing; neither does a file that the reader writes itself.
"""

from __future__ import annotations

from bisect import bisect
from itertools import pairwise

from sdd.findings import Finding
from sdd.globs import is_glob
from sdd.sessions.order import ordered
from sdd.sessions.touching import Touching, path_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sdd.sessions.plan import Task
    from sdd.sessions.project import Project

LAYERS = ("foundation", "core", "integration", "interface")
USUAL = 1  # the rank of what names no layer: core
SESSION = "session:"
TASK_KIND = "implementation"
Why = dict[str, str]


def reasons(tasks: Sequence[Task]) -> dict[str, Why]:
    """For each task, by name, the other tasks that come before it, each with the reason in words."""
    names = {task.name for task in tasks}
    found = {task.name: _said(task, names) for task in tasks}
    said = Ancestors(found)
    writers = _all_writers(tasks)
    for task in tasks:
        for writer, path in _read_of(task, writers):
            if not said.precedes(task.name, writer):
                found[task.name].setdefault(writer, f"reads {path}, which {writer} writes")
    return found


def _said(task: Task, names: set[str]) -> Why:
    said = {need: f"depends on {need}" for need in task.lists.get("Depends on", ()) if need in names}
    shown = (read.removeprefix(SESSION) for read in task.lists.get("Reads", ()) if read.startswith(SESSION))
    return said | {one: f"reads what came of {one}" for one in shown if one in names and one not in said}


def _all_writers(tasks: Iterable[Task]) -> Touching:
    writers = Touching()
    for task in tasks:
        for glob in task.writes:
            writers.add(glob, task.name)
    return writers


def _read_of(task: Task, writers: Touching) -> Iterator[tuple[str, str]]:
    """The other tasks that write what a task reads and does not write itself, each with the path."""
    for path in dict.fromkeys(map(path_in, task.lists.get("Reads", ()))):
        if not path or is_glob(path):
            continue
        who = dict.fromkeys(writer for writer, _ in writers.of(path))
        if task.name not in who:
            yield from ((writer, path) for writer in who)


class Ancestors:
    """What comes before each name, as the bits of one number: a thousand tasks take a thousand numbers of a thousand bits.

    That is found when it is first asked for: in most plans nobody asks.
    """

    def __init__(self, needs: Mapping[str, Iterable[str]]) -> None:
        self._needs = {name: [need for need in those if need in needs] for name, those in needs.items()}
        self._bit: dict[str, int] = {}
        self._all: dict[str, int] = {}

    def precedes(self, first: str, second: str) -> bool:
        """Whether one name comes before another, directly or by others between them."""
        if not self._all:
            self._find()
        return bool(self._all[second] & self._bit[first])

    def _find(self) -> None:
        self._bit = {name: 1 << at for at, name in enumerate(self._needs)}
        self._all = dict.fromkeys(self._needs, 0)
        for name in ordered(self._needs)[0]:
            for need in self._needs[name]:
                self._all[name] |= self._bit[need] | self._all[need]


def ranks(tasks: Sequence[Task]) -> dict[str, int]:
    """The layer of each task as a number, lowest first."""
    return {task.name: rank(task.texts.get("Layer", "")) for task in tasks}


def rank(layer: str) -> int:
    """A layer as a number, lowest first; what names none counts as core."""
    return LAYERS.index(layer) if layer in LAYERS else USUAL


def turn_of(project: Project, name: str) -> tuple[str, int, str]:
    """What sorts the sessions that may run: by feature, by layer, by name.

    What is no task and names no layer comes first: it prepares tasks, or puts together those that are done.
    """
    one = project.sessions[name]
    layer = project.text(name, "layer")
    return one.feature, rank(layer) if layer or one.kind == TASK_KIND else -1, name


def in_order(tasks: Sequence[Task]) -> list[str]:
    """The names of the tasks, each after those that come before it, lower layers first where that leaves a choice.

    Those in a circle, and what waits for them, are left out.
    """
    order, _ = ordered({name: list(why) for name, why in reasons(tasks).items()}, ranks(tasks))
    return order


def findings(path: bytes, tasks: Sequence[Task]) -> list[Finding]:
    """What is wrong with the order of a plan's tasks (SDD166 to SDD168)."""
    why = reasons(tasks)
    lines = {task.name: task.line for task in tasks}
    order, cycles = ordered({name: list(found) for name, found in why.items()}, ranks(tasks))
    wrong = [_circle(path, lines, why, cycle) for cycle in cycles]
    wrong += _upward(path, tasks, why)
    return [*wrong, *_together(path, tasks, why, order)]


def _circle(path: bytes, lines: Mapping[str, int], why: Mapping[str, Why], cycle: Sequence[str]) -> Finding:
    told = "; ".join(f"{name} {why[name][need]}" for name, need in pairwise(cycle))
    what = f"the tasks wait for each other: {' → '.join(cycle)} ({told})"
    hint = "take one of these out, or move what both need into a task of its own that comes before"
    return Finding("SDD166", path, lines[cycle[0]], what, hint)


def _upward(path: bytes, tasks: Sequence[Task], why: Mapping[str, Why]) -> Iterator[Finding]:
    """Tasks that wait for a higher layer. Only of layers that are named: no layer is no claim."""
    layers = {task.name: layer for task in tasks if (layer := task.texts.get("Layer", "")) in LAYERS}
    for task in tasks:
        if task.name not in layers:
            continue
        for need, reason in why[task.name].items():
            if need in layers and rank(layers[need]) > rank(layers[task.name]):
                what = f"`{task.name}` is {layers[task.name]} and {reason}, which is {layers[need]}: a lower layer waits for a higher one"
                hint = "let it depend on a contract in docs/interfaces instead, or correct the `Layer` of one of the two"
                yield Finding("SDD168", path, task.line, what, hint)


def _together(
    path: bytes, tasks: Sequence[Task], why: Mapping[str, Why], order: Sequence[str]
) -> Iterator[Finding]:
    """Tasks that write one path and of which neither comes first: each is told of once."""
    place = {name: at for at, name in enumerate(order)}
    known = {task.name: task for task in tasks if task.name in place}
    before = Ancestors({name: why[name] for name in known})
    writers = _all_writers(known.values())
    told: set[str] = set()
    for glob in dict.fromkeys(glob for task in known.values() for glob in task.writes):
        for first, second in _beside(glob, writers, place):
            if second not in told and not before.precedes(first, second):
                told.add(second)
                what = f"`{first}` and `{second}` both write {glob}, and neither comes first"
                hint = f"add `- Depends on: {first}` to `{second}`, or give the file to one of them"
                yield Finding("SDD167", path, known[second].line, what, hint)


def _beside(glob: str, writers: Touching, place: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The pairs of tasks of which one must come first for all that write a path of this glob to come one after the other.

    Those that write one path stand in a row; each is looked at beside the next, for if these follow each other, all do. Of two
    globs that only overlap, whoever writes the one is looked at beside the nearest of those who write the other.
    """
    found = list(writers.of(glob))
    if not is_glob(glob):
        yield from pairwise(sorted({who for who, _ in found}, key=place.__getitem__))
        return
    own = sorted({who for who, named in found if named == glob}, key=place.__getitem__)
    yield from pairwise(own)
    places = [place[who] for who in own]
    for other in dict.fromkeys(who for who, named in found if is_glob(named) and place[who] not in places):
        at = bisect(places, place[other])
        yield from ((who, other) for who in own[max(at - 1, 0) : at])
        yield from ((other, who) for who in own[at : at + 1])
