"""Refs that a push moves, and how a protected or a guarded one is judged, before it leaves and where it arrives."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding
from sdd.gates.audit import REWRITTEN, audit
from sdd.gates.judgement import Judgement, joined
from sdd.gates.openings import trusted_policy
from sdd.gates.policy import PATH
from sdd.gates.proposal import shut
from sdd.gates.refs import guards, judge_ref
from sdd.gates.step import judge
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.gates.history import History

DELETED = "SDD603"


class Update(Value):
    """One ref that a push moves, by its full name: from one id to another, "" for none."""

    ref: str
    old: str
    new: str


def named(object_id: str) -> str:
    """An id as git tells it to a hook; "" for the zeros that stand for none."""
    return object_id if object_id.strip("0") else ""


def lines(given: bytes, words: int) -> list[list[str]]:
    """The lines that git gives to a hook of a push, each of so many words.

    Raises:
        SddError: a line has more or fewer, so it is not git that speaks.
    """
    found = [line.decode("utf-8", "surrogateescape").split(" ") for line in given.split(b"\n") if line]
    for line in found:
        if len(line) != words:
            raise SddError(
                f"`{' '.join(line)}` is no line that git gives to this hook", hint="let git push run the hook"
            )
    return found


def of_protected(history: History, update: Update, *, now_epoch: int) -> Judgement:
    """What is wrong with moving a protected ref, judged by its old value.

    Each first-parent step is judged as an audit would later judge it, and the whole as one step at the time now, so that no
    commit's own date brings an expired key back. Deleting the ref, or leaving its old value behind, is refused.

    Raises:
        SddError: something cannot be read or verified.
    """
    old = history.snapshot(update.old)
    has_policy = PATH in old
    enforced = trusted_policy(old).mode == "enforce" if has_policy else True
    if not update.new:
        return Judgement((_deleted(update),), enforced=enforced)
    if not history.is_ancestor(update.old, update.new):
        return Judgement((_rewritten(update),), enforced=enforced)
    steps = audit(history, update.new, now_epoch=now_epoch, since=update.old)
    if not has_policy:
        return steps  # the adoption is among them
    new = history.snapshot(update.new)
    whole = judge(old, new, old, now_epoch=now_epoch, bases=(old,), audit=True).findings
    closing = shut(old, new, old, now_epoch=now_epoch, bases=(old,))
    seen = {(one.code, one.path) for one in steps.findings}
    left = tuple(one for one in (*whole, *closing) if (one.code, one.path) not in seen)
    return joined([steps, Judgement(left)], enforced=enforced)


def of_guarded(
    history: History, updates: Iterable[Update], trusted: str, tips: Sequence[str], *, now_epoch: int
) -> list[Judgement]:
    """What is wrong with the refs that a gate of the trusted policy guards (rule 12).

    `tips` are the ids of what the protected branches will name once the push is through. Deleting such a ref is free.

    Raises:
        SddError: one of them names no commit, or something cannot be read or verified.
    """
    known = history.snapshot(trusted)
    guarded = [one for one in updates if one.new and guards(trusted_policy(known), one.ref)]
    return [
        judge_ref(
            one.ref,
            history.snapshot(commit),
            known,
            in_protected_history=any(history.is_ancestor(commit, tip) for tip in tips),
            now_epoch=now_epoch,
        )
        for one in guarded
        for commit in [history.commit(one.new)]
    ]


def _deleted(update: Update) -> Finding:
    told = f"{update.ref} is protected, and this push deletes it"
    return _finding(DELETED, update, told, "where it has to go, let who keeps the server delete it there")


def _rewritten(update: Update) -> Finding:
    told = f"{update.ref} is protected, and this push leaves {update.old[:12]} behind, which it names now"
    branch = update.ref.removeprefix("refs/heads/")
    return _finding(REWRITTEN, update, told, f"git fetch && git rebase origin/{branch}")


def _finding(code: str, update: Update, told: str, hint: str) -> Finding:
    return Finding(code, update.ref.encode("utf-8", "surrogateescape"), 0, told, hint)
