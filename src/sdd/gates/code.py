"""Governed code that a step changes: its gates must be open, and approved bytes must grant it (rules 3 and 4)."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.gates import approval
from sdd.gates import policy as policies
from sdd.gates.governed import code_rules
from sdd.gates.scope import Answer, Scope
from sdd.gates.split import commands, quoted
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.gates.openings import Instance, Openings
    from sdd.gates.policy import Policy
    from sdd.gates.split import Undo

SHUT, MIXED, OUTSIDE = "SDD401", "SDD402", "SDD501"
GOOD = frozenset({"approved", "suspect"})


def findings(before: Openings, after: Openings, own: Sequence[bytes], undo: Undo | None) -> list[Finding]:
    """What is wrong with the governed code among the paths that a step changes.

    `before` are the gates of the snapshot in which they must be open, `after` those once the step is done. With `undo` spec
    and code must not come in one step, and the hint tells how to split it; in an audit it is None.
    """
    governed = {path: rules for path in own if (rules := code_rules(after.policy, path))}
    if not governed:
        return []

    def brings(instance: Instance) -> bool:
        return undo is not None and bool(_brought(after.policy, Answer("open", instance), own))

    scope = Scope(before, own, brings)
    answers = {path: scope.strictest(rules, path) for path, rules in governed.items()}
    brought = {
        path: _brought(after.policy, answer, own) for path, answer in answers.items() if undo is not None
    }
    mixed = {path for path, found in brought.items() if found}
    hint = _split(after, answers, mixed, undo) if mixed and undo is not None else ""
    return [
        _mixed(before, path, answer, brought[path], hint) if path in mixed else _finding(before, path, answer)
        for path, answer in answers.items()
        if path in mixed or answer.word != "open"
    ]


def _documents(policy: Policy, instance: Instance) -> list[tuple[str, bytes]]:
    """The gates of an instance, each after those that come before it, with their documents."""
    names: list[str] = []
    waiting = list(reversed(instance.gates))
    while waiting:
        before = [name for name in policy.gates[waiting[-1]].after if name not in names]
        if before:
            waiting += before
        else:
            names.append(waiting.pop())
    return [
        (name, path)
        for name in dict.fromkeys(names)
        for path in policies.documents(policy.gates[name], instance.feature, instance.session)
    ]


def _brought(policy: Policy, answer: Answer, own: Iterable[bytes]) -> list[bytes]:
    """The documents of these gates that the same step changes, and where the gates are shut, records for them too."""
    if answer.word == "outside":
        return []
    known = _documents(policy, answer.instance)
    documents = {path for _, path in known}
    if answer.word == "open":
        return [path for path in own if path in documents]
    places = tuple(b"/".join((approval.FOLDER, gate.encode(), path, b"")) for gate, path in known)
    return [path for path in own if path in documents or path.startswith(places)]


def _split(after: Openings, answers: dict[bytes, Answer], mixed: set[bytes], undo: Undo) -> str:
    """The commands that split the step: the documents, what approvals they lack, then the code."""
    lacking = {
        f"sdd approve {quoted(path)} --gate {gate}": None
        for code in sorted(mixed)
        for gate, path in _documents(after.policy, answers[code].instance)
        if after.standing(gate, path).status not in GOOD and after.policy.gates[gate].proof != "merged"
    }
    tracked = bool(after.snapshot.names(b"sessions"))
    return commands(sorted(answers), lacking, undo, tracked=tracked)


def _mixed(openings: Openings, path: bytes, answer: Answer, brought: list[bytes], hint: str) -> Finding:
    told = f"{show(path)} comes in one step with {show(brought[0])}, which has to come before it"
    if answer.word == "shut":
        told += f"; {_shut(openings, path, answer.instance)}"
    return Finding(MIXED, path, 0, told, hint)


def _shut(openings: Openings, path: bytes, one: Instance) -> str:
    gate = next(iter(openings.shut(one)), one.gates[0])
    opening = openings.opening(gate, one.feature, one.session)
    return f"{show(path)} needs the gate {gate} open, and it is shut: {opening.why}"


def _finding(openings: Openings, path: bytes, answer: Answer) -> Finding:
    one = answer.instance
    if answer.word == "shut":
        return Finding(SHUT, path, 0, _shut(openings, path, one), _opens(openings, one))
    where = show(_documents(openings.policy, one)[-1][1])
    people = " or ".join(openings.policy.gates[one.gates[-1]].approvers)
    told = f"{show(path)} is granted by nothing that is approved: the gates {_words(one)} are open, but not for this path"
    hint = f"name {show(path)} in {where}, and have {people} approve it: sdd approve {where} --gate {one.gates[-1]}"
    return Finding(OUTSIDE, path, 0, told, hint)


def _words(instance: Instance) -> str:
    of = instance.session or instance.feature
    return " and ".join(instance.gates) + (f" of {of}" if of else "")


def _opens(openings: Openings, instance: Instance) -> str:
    """The one command that comes nearer to opening the gates."""
    for name, path in _documents(openings.policy, instance):
        rule = openings.policy.gates[name]
        found = openings.standing(name, path)
        if found.status in GOOD:
            continue
        if path not in openings.snapshot:
            return f"sdd next  # {show(path)} is not written yet"
        who = " or ".join(found.awaited or rule.approvers)
        if rule.proof == "merged":
            return f"have {show(path)} merged into the protected branch first, by {who}"
        return f"sdd approve {quoted(path)} --gate {name}  # by {who}"
    return "sdd add change NAME  # no document opens these gates yet"
