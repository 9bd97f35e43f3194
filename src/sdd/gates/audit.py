"""Auditing the protected branch: every first-parent step, each trusting its parent (rule 2)."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding
from sdd.gates import excused
from sdd.gates.governed import Territory
from sdd.gates.judgement import Judgement, joined
from sdd.gates.openings import trusted_policy
from sdd.gates.policy import PATH
from sdd.gates.proposal import in_commit
from sdd.gates.step import judge, judge_adoption
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sdd.gates.history import Change, Commit, History
    from sdd.gates.policy import Policy

REWRITTEN = "SDD602"
NOTHING = (None, None)


def audit(history: History, head: str, *, now_epoch: int, since: str = "") -> Judgement:
    """What is wrong with the first-parent steps that lead to `head`, after `since`; ids of commits, "" for all of them.

    Where nothing before has a policy, the step that adds the first one is the adoption, and those before it are not judged.
    New records must verify at their step's committer date, never before its parent's and never after `now_epoch`.

    Raises:
        SddError: there is no policy at all, `.sdd/excused.toml` cannot be read, or something cannot be read or verified.
    """
    line = history.commits(head, *([since] if since else []), first_parent=True)
    if since and (line[0].parents[:1] if line else (head,)) != (since,):
        return Judgement((_rewritten(history, since, head),))
    reasons = excused.read(history.snapshot(head))
    walk = _Walk(history, now_epoch, since)
    parts = [
        _excused(walk.step(commit, own), reasons.get(commit.id, ""))
        for commit, own in zip(line, history.changes(line, first_parent=True), strict=True)
    ]
    if walk.policy is None:
        raise SddError(
            f"no commit up to {history.snapshot(head).name} has a {show(PATH)}, so nothing can be judged",
            hint="sdd init",
        )
    enforced = walk.policy.mode == "enforce" or any(map(_refuses, parts))
    return joined(_tolerated(parts) if enforced else parts, enforced=enforced)


class _Walk:
    """Where an audit stands: whom it trusts, and the time, which never goes back."""

    def __init__(self, history: History, now_epoch: int, since: str) -> None:
        self.history = history
        self.now_epoch = now_epoch
        self.epoch = history.find(since).epoch if since else 0
        self.trusted = since
        self.policy: Policy | None = None
        self.is_readable = False
        if since and PATH in history.snapshot(since):
            self.policy = trusted_policy(history.snapshot(since))
            self.is_readable = True

    def step(self, commit: Commit, own: Mapping[bytes, Change]) -> Judgement:
        """The judgement of the next step, which is trusted for the one after it."""
        self.epoch = min(max(self.epoch, commit.epoch), self.now_epoch)
        found = self._judged(commit, own)
        if PATH in own and (self.policy is not None or own[PATH][1] is not None):
            self._read(commit)
        if self.is_readable:
            self.trusted = commit.id
        return in_commit(commit.id, found)

    def _judged(self, commit: Commit, own: Mapping[bytes, Change]) -> Judgement:
        before = commit.parents[0] if commit.parents else ""
        if self.policy is None and own.get(PATH, NOTHING)[1] is None:
            return Judgement()
        if self.policy is not None and not _concerns(self.policy, own):
            return Judgement()
        two = self.history.snapshot(before), self.history.snapshot(commit.id)
        if self.policy is None:
            return judge_adoption(*two, now_epoch=self.epoch, own=own)
        return judge(*two, self.history.snapshot(self.trusted), now_epoch=self.epoch, own=own, audit=True)

    def _read(self, commit: Commit) -> None:
        """Read a changed policy; a broken one is a finding of its step, and the last good one goes on to be trusted."""
        try:
            self.policy = trusted_policy(self.history.snapshot(commit.id))
        except SddError:
            self.is_readable = False
        else:
            self.is_readable = True


def _concerns(policy: Policy, own: Mapping[bytes, Change]) -> bool:
    territory = Territory(policy)
    return any(territory.concerns(path, *change) for path, change in own.items())


def _refuses(found: Judgement) -> bool:
    """Whether a step's own trusted policy refuses it: a later one that only reports does not make up for that."""
    return not found.passes


def _excused(found: Judgement, reason: str) -> Judgement:
    """The same judgement, its findings only told where the commit is excused."""
    return _only_told(found, f"excused: {reason}") if reason else found


def _tolerated(parts: Iterable[Judgement]) -> Iterable[Judgement]:
    """The same judgements; what came in while the policy only reported is told and no more.

    Else no project could be audited whole that began by reporting, as `sdd init` proposes. After a step that is refused nothing
    is tolerated: the policy that only reports may have come in by it.
    """
    refused = False
    for found in parts:
        refused = refused or _refuses(found)
        only_told = not refused and not found.enforced
        yield _only_told(found, "the policy only reported then") if only_told else found


def _only_told(found: Judgement, why: str) -> Judgement:
    told = (one.replace(message=f"{one.message}; {why}") for one in found.findings)
    return found.replace(findings=(), notices=(*found.notices, *told))


def _rewritten(history: History, since: str, head: str) -> Finding:
    then, now = history.snapshot(since).name, history.snapshot(head).name
    told = f"{then} is not in the first-parent history of {now}: the protected branch was rewritten, or merged into another"
    return Finding(REWRITTEN, PATH, 0, told, f"git log --first-parent --oneline {head[:12]}")
