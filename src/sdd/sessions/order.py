"""The order between sessions, from what they need; a cycle is a finding that prints it."""

from __future__ import annotations

from sdd.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.sessions.project import Project


def ordered(
    needs: Mapping[str, Sequence[str]], rank: Mapping[str, int] | None = None
) -> tuple[list[str], list[list[str]]]:
    """Names so that each comes after what it needs, by rank and name where that leaves a choice; and the cycles, each closed.

    Takes time in proportion to names and needs, and no recursion, so that a chain of 100,000 is as good as one of ten.
    Members of a cycle, and what needs them, are in no order: they are left out of the first list.
    """
    from heapq import heapify, heappop, heappush

    waiting: dict[str, int] = {}  # how many of its needs are not done yet
    users: dict[str, list[str]] = {}
    for name, found in needs.items():
        there = {need for need in found if need in needs}
        waiting[name] = len(there)
        for need in there:
            users.setdefault(need, []).append(name)
    ranks = rank or {}
    free = [(ranks.get(name, 0), name) for name, count in waiting.items() if not count]
    heapify(free)
    done: list[str] = []
    while free:
        _, name = heappop(free)
        done.append(name)
        for user in users.pop(name, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heappush(free, (ranks.get(user, 0), user))
    stuck = {name for name, count in waiting.items() if count}
    left = {name: sorted({*needs[name]} & stuck) for name in needs if name in stuck}
    return done, sorted(_cycle(left, group) for group in _groups(left))


def _groups(left: Mapping[str, Sequence[str]]) -> list[set[str]]:
    """The groups of names that need each other, a name that needs itself included: Tarjan's, without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[set[str]] = []
    for start in left:
        trail = [] if start in index else [(start, iter(left[start]))]
        while trail:
            name, rest = trail[-1]
            if name not in index:
                index[name] = low[name] = len(index)
                stack.append(name)
            need = next((need for need in rest if need not in index), None)
            if need is not None:
                trail.append((need, iter(left[need])))
                continue
            trail.pop()
            low[name] = min(low[name], *(low[need] for need in left[name]))
            if low[name] == index[name]:
                group = _cut_off(stack, name)
                low |= dict.fromkeys(group, len(left))  # whoever needs them is in no group with them
                groups += [group] if len(group) > 1 or name in left[name] else []
    return groups


def _cut_off(stack: list[str], name: str) -> set[str]:
    """The names on a stack from this one on, which leave it."""
    group: set[str] = set()
    while name not in group:
        group.add(stack.pop())
    return group


def _cycle(left: Mapping[str, Sequence[str]], group: set[str]) -> list[str]:
    """The shortest cycle through the smallest name of a group, beginning and ending with it."""
    first = min(group)
    came: dict[str, str] = {}
    wave = [first]
    while first not in came:
        steps = [(need, name) for name in wave for need in left[name] if need in group]
        wave = [need for need, name in steps if came.setdefault(need, name) is name]
    cycle = [first]
    while len(cycle) == 1 or cycle[-1] != first:
        cycle.append(came[cycle[-1]])
    return cycle[::-1]


def findings(project: Project, needs: Mapping[str, Sequence[str]]) -> list[Finding]:
    """The cycles among needs (SDD122), each told at its first session."""
    _, cycles = ordered(needs)
    return [
        Finding(
            "SDD122",
            project.sessions[cycle[0]].path,
            1,
            f"the sessions need each other: {' → '.join(cycle)}",
            "take one need out",
        )
        for cycle in cycles
    ]


def reached(project: Project, names: Iterable[str]) -> dict[str, list[str]]:
    """What these sessions need, and what those need in turn."""
    found: dict[str, list[str]] = {}
    waiting = [name for name in names if name in project.sessions]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = project.needs(name)
            waiting += found[name]
    return found
