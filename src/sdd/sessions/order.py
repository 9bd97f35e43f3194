"""The order between sessions, from what they need; a cycle is a finding that prints it."""

from __future__ import annotations

from sdd.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.sessions.project import Project


def ordered(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Names so that each comes after what it needs, by name where that leaves a choice; and the cycles, each closed.

    Takes time in proportion to names and needs, and no recursion, so that a chain of 100,000 is as good as one of ten.
    Members of a cycle, and what needs them, are in no order: they are left out of the first list.
    """
    from heapq import heapify, heappop, heappush

    waiting = {name: {need for need in found if need in needs} for name, found in needs.items()}
    users: dict[str, list[str]] = {name: [] for name in needs}
    for name, found in waiting.items():
        for need in found:
            users[need].append(name)
    free = [name for name, found in waiting.items() if not found]
    heapify(free)
    done: list[str] = []
    while free:
        name = heappop(free)
        done.append(name)
        for user in users[name]:
            waiting[user].discard(name)
            if not waiting[user]:
                heappush(free, user)
    left = {name: found for name, found in waiting.items() if found}
    return done, _cycles(left)


def _cycles(left: Mapping[str, set[str]]) -> list[list[str]]:
    """One cycle of each group of names that wait for each other, beginning and ending with its smallest name."""
    cycles: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(left):
        trail: list[str] = []
        at: dict[str, int] = {}
        name = start
        while name not in seen and name not in at:
            at[name] = len(trail)
            trail.append(name)
            name = min(left[name] & left.keys())
        seen.update(trail)
        if name in at:
            cycle = trail[at[name] :]
            first = cycle.index(min(cycle))
            cycles.append([*cycle[first:], *cycle[:first], cycle[first]])
    return cycles


def findings(project: Project) -> list[Finding]:
    """The cycles between sessions (SDD122), each told at its first session."""
    _, cycles = ordered({name: project.needs(name) for name in project.sessions})
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
