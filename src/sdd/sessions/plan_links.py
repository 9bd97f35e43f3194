"""What the tasks of a plan point to outside of it: sessions that they depend on, contracts that they implement."""

from __future__ import annotations

from sdd.findings import Finding, nearest
from sdd.globs import covers
from sdd.sessions.touching import path_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.sessions.plan import Plan, Task
    from sdd.sessions.project import Project

CONTRACTS = b"docs/interfaces"
WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def wrong_links(project: Project, feature: str) -> Iterator[Finding]:
    """What the tasks of a feature's plan depend on or implement, and what is not there (SDD165, SDD169)."""
    plan = project.plans[feature]
    for task in plan.tasks:
        yield from _depends(project, feature, plan, task)
        yield from _implements(project, plan, task)


def _depends(project: Project, feature: str, plan: Plan, task: Task) -> Iterator[Finding]:
    for need in task.lists.get("Depends on", ()):
        if plan.task(need) or need.startswith("gate:") or project.need(need, feature):
            continue
        like = nearest(need, [one.name for one in plan.tasks if one.name != task.name])
        hint = f"write `{like}`" if like else "name a task of this plan, or a session as <feature>/<session>"
        what = f"`{task.name}` depends on `{need}`, which is neither a task nor a session"
        yield Finding("SDD165", plan.path, task.line, what, hint)


def _implements(project: Project, plan: Plan, task: Task) -> Iterator[Finding]:
    for contract in task.implements:
        why = _why_no_contract(project, plan, contract)
        if why:
            yield Finding(
                "SDD169", plan.path, task.line, f"`{task.name}` implements `{contract}`, {why[0]}", why[1]
            )


def _why_no_contract(project: Project, plan: Plan, contract: str) -> tuple[str, str] | None:
    """Why a contract is none, and what to do; a file that a task of this plan is to write may yet come."""
    snapshot, path = project.snapshot, path_in(contract)
    if not snapshot.is_file(path.encode()):
        if any(covers(glob, path) for task in plan.tasks for glob in task.writes):
            return None
        known = [name.decode("utf-8", "replace") for name in snapshot.under(CONTRACTS)]
        like = nearest(path, known)
        first = f"; there is {like}" if like else ""
        return "and there is no such file", f"write the contract first, in docs/interfaces{first}"
    symbol = contract.partition("::")[2].rpartition(".")[2]
    if symbol and not _names(snapshot.read(path.encode()).decode("utf-8", "replace"), symbol):
        return (
            f"and {path} says nothing of `{symbol}`",
            f"write the name as {path} has it, or add the contract there",
        )
    return None


def _names(text: str, symbol: str) -> bool:
    """Whether a text holds a name as a whole word; what it is there, each language says in its own way."""
    at = text.find(symbol)
    while at >= 0:
        around = {text[max(at - 1, 0) : at], text[at + len(symbol) : at + len(symbol) + 1]}
        if around.isdisjoint(WORD):
            return True
        at = text.find(symbol, at + 1)
    return False
