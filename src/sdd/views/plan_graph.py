"""The picture of a plan: its sessions and tasks, what comes before what, what may run side by side, and the longest way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.sessions.order import ordered
from sdd.sessions.plan import Plan
from sdd.sessions.process import PROCESS
from sdd.sessions.task_order import LAYERS, rank, reasons
from sdd.sessions.touching import Touching, path_in
from sdd.values import Value
from sdd.views import effort

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.gates.picture import Picture
    from sdd.sessions.plan import Task

NOT_MADE = "no session"
"""The state of a task that has no session yet."""
READS = ("reads", "interfaces", "models", "configuration", "guidelines")


class Node(Value):
    """A session, or a task that has none yet; `name` is the one inside the feature, `hours` what is left of it: 0 once it is done.

    `guessed` says that its effort is not known and counts as medium.
    """

    name: str
    title: str
    state: str
    layer: str
    group: str
    owner: str
    effort: str
    hours: float
    guessed: bool
    reads: tuple[str, ...]
    writes: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether nothing is left of it."""
        return self.state == "done"


class Edge(Value):
    """That a node comes before another, and why, in words about the later one."""

    earlier: str
    later: str
    why: str


class Graph(Value):
    """The whole picture. `order` has every node that is in no circle, `waves` those that are not done.

    All of a wave may run side by side: what they need is done in an earlier wave, and none of them writes what another reads or
    writes. `critical` is the way through what is left that takes longest, `hours` how long.
    """

    feature: str
    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]
    order: tuple[str, ...]
    waves: tuple[tuple[str, ...], ...]
    critical: tuple[str, ...]
    hours: float
    circles: tuple[tuple[str, ...], ...]

    @property
    def layers(self) -> list[tuple[str, list[Node]]]:
        """The nodes by layer, lowest first, in their order; at the end those that name none, under an empty name."""
        place = {name: at for at, name in enumerate(self.order)}
        nodes = sorted(self.nodes.values(), key=lambda node: (place.get(node.name, len(place)), node.name))
        found = ((layer, [node for node in nodes if node.layer == layer]) for layer in (*LAYERS, ""))
        return [(layer, those) for layer, those in found if those]

    @property
    def before(self) -> dict[str, list[str]]:
        """What comes directly before each node."""
        found: dict[str, list[str]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            found[edge.later].append(edge.earlier)
        return found

    @property
    def guessed(self) -> list[str]:
        """What is left and of unknown effort."""
        return [name for name in self.nodes if self.nodes[name].guessed and not self.nodes[name].done]

    @property
    def marked(self) -> set[tuple[str, str]]:
        """The edges of the critical path."""
        return set(zip(self.critical, self.critical[1:], strict=False))


def graph(picture: Picture, feature: str) -> Graph:
    """The picture of a feature's tasks and of the sessions that were added to it; those of the process itself are left out."""
    plan = picture.project.plans.get(feature, Plan(b""))
    tasks = {task.name: task for task in plan.tasks}
    kinds = {kind for _, kind, _ in PROCESS}
    added = [one.slug for one in picture.project.of_feature(feature) if one.kind not in kinds]
    names = sorted({*tasks, *added})
    nodes = {name: _node(picture, feature, name, tasks.get(name)) for name in names}
    edges = _edges(picture, feature, nodes, reasons(plan.tasks))
    needs: dict[str, list[str]] = {name: [] for name in nodes}
    for edge in edges:
        needs[edge.later].append(edge.earlier)
    order, circles = ordered(needs, {name: rank(node.layer) for name, node in nodes.items()})
    critical, hours = _longest(nodes, needs, order)
    return Graph(
        feature=feature,
        nodes=nodes,
        edges=tuple(edges),
        order=tuple(order),
        waves=_waves(nodes, needs, order),
        critical=critical,
        hours=hours,
        circles=tuple(map(tuple, circles)),
    )


def _node(picture: Picture, feature: str, name: str, task: Task | None) -> Node:
    project = picture.project
    whole = f"{feature}/{name}" if feature else name
    if whole in project.sessions:
        state = picture.states[whole].state
        one = {key: project.text(whole, key) for key in ("layer", "group", "owner", "effort")}
        title = project.sessions[whole].title
        reads = tuple(read for key in READS for read in project.texts(whole, key))
        writes = picture.states[whole].writes or project.granted(whole) or project.texts(whole, "writes")
    else:
        found = task.texts if task else {}
        state, title = NOT_MADE, task.title if task else ""
        one = {key: found.get(key.capitalize(), "") for key in ("layer", "group", "owner", "effort")}
        reads, writes = (task.lists.get("Reads", ()), task.writes) if task else ((), ())
    known = effort.hours(one["effort"])
    left = 0.0 if state == "done" else effort.MEDIUM if known is None else known
    layer = one["layer"] if one["layer"] in LAYERS else ""
    return Node(
        name,
        title,
        state,
        layer,
        one["group"],
        one["owner"],
        one["effort"],
        left,
        known is None,
        reads,
        writes,
    )


def _edges(
    picture: Picture, feature: str, nodes: Mapping[str, Node], why: Mapping[str, Mapping[str, str]]
) -> list[Edge]:
    """What comes before what: as the sessions say, with the plan's reasons; of tasks without a session as the plan says."""
    project = picture.project
    prefix = f"{feature}/" if feature else ""
    found = []
    for name, node in nodes.items():
        told = why.get(name, {})
        made = node.state != NOT_MADE
        needs = (
            [need.removeprefix(prefix) for need in project.texts(prefix + name, "needs")] if made else told
        )
        found += [
            Edge(need, name, told.get(need, f"needs {need}"))
            for need in dict.fromkeys(needs)
            if need in nodes
        ]
    return found


def _longest(
    nodes: Mapping[str, Node], needs: Mapping[str, Sequence[str]], order: Iterable[str]
) -> tuple[tuple[str, ...], float]:
    """The way through what is not done that takes longest, and its hours; of two equal ones that of the first names."""
    ends: dict[str, float] = {}
    came: dict[str, str] = {}
    for name in order:
        before = [need for need in needs[name] if not nodes[need].done]
        last = max(before, key=lambda need: ends[need], default="")
        ends[name] = nodes[name].hours + ends.get(last, 0.0)
        came[name] = last
    left = [name for name in ends if not nodes[name].done]
    at = max(left, key=lambda name: ends[name], default="")
    total = ends.get(at, 0.0)
    way: list[str] = []
    while at:
        way.append(at)
        at = came[at]
    return tuple(reversed(way)), total


def _waves(
    nodes: Mapping[str, Node], needs: Mapping[str, Sequence[str]], order: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """What is not done, in waves; whoever would be in the way of one that comes before it waits for the next wave."""
    rivals = _rivals([nodes[name] for name in order if not nodes[name].done])
    wave: dict[str, int] = {}
    for name in order:
        if nodes[name].done:
            continue
        at = max((wave[need] + 1 for need in needs[name] if need in wave), default=0)
        taken = {wave[other] for other in rivals.get(name, ()) if other in wave}
        while at in taken:
            at += 1
        wave[name] = at
    found: list[list[str]] = [[] for _ in set(wave.values())]
    for name, at in wave.items():
        found[at].append(name)
    return tuple(map(tuple, found))


def _rivals(nodes: Sequence[Node]) -> dict[str, set[str]]:
    """For each node those that write what it reads or writes, or read what it writes."""
    writers = Touching()
    for node in nodes:
        for glob in node.writes:
            writers.add(glob, node.name)
    found: dict[str, set[str]] = {}
    for node in nodes:
        for glob in dict.fromkeys((*filter(None, map(path_in, node.reads)), *node.writes)):
            for other, _ in writers.of(glob):
                if other != node.name:
                    found.setdefault(node.name, set()).add(other)
                    found.setdefault(other, set()).add(node.name)
    return found
