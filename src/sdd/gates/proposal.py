"""Judging a proposal, the range T..H: every commit as a step, then the whole as one (rules 2 and 3)."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding
from sdd.gates.ahead import verify_ahead
from sdd.gates.along import Walk
from sdd.gates.approval import FOLDER
from sdd.gates.governed import Territory, gates_of
from sdd.gates.judgement import Judgement, joined
from sdd.gates.openings import Openings, Trusted, trusted_policy
from sdd.gates.policy import PATH
from sdd.gates.policy import documents as documents_of
from sdd.gates.signers import REVOKED
from sdd.gates.split import undo
from sdd.gates.step import judge, judge_adoption
from sdd.snapshot import overlaid, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.gates.history import Change, Commit, History
    from sdd.gates.policy import Policy
    from sdd.snapshot import Snapshot

    Step = tuple[Commit, Mapping[bytes, Change]]

SHUTS, UNRELATED = "SDD309", "SDD601"


def proposal(history: History, trusted: str, head: str, *, now_epoch: int) -> Judgement:
    """What is wrong with what `head` adds to `trusted` (T), both ids of commits.

    Where T has no policy, the commit that adds the first one is trusted instead, for what comes after it.

    Raises:
        SddError: neither T nor any commit of the range has a policy, or something cannot be read or verified.
    """
    commits = history.commits(head, trusted)
    changes = history.changes(commits)
    if PATH in history.snapshot(trusted):
        return _judged(history, trusted, head, list(zip(commits, changes, strict=True)), now_epoch)
    adopting = next(
        (number for number, one in enumerate(changes) if PATH in one and one[PATH][0] is None), None
    )
    if adopting is None:
        raise SddError(
            f"neither {history.snapshot(trusted).name} nor what is proposed has a {show(PATH)}, so nothing can be judged",
            hint="sdd init",
        )
    commit, own = commits[adopting], changes[adopting]
    before = history.snapshot(commit.parents[0] if commit.parents else "")
    adoption = judge_adoption(before, history.snapshot(commit.id), now_epoch=now_epoch, own=own)
    later = {one.id for one in history.commits(head, trusted, commit.id)}
    steps = [(one, own) for one, own in zip(commits, changes, strict=True) if one.id in later]
    rest = _judged(history, commit.id, head, steps, now_epoch)
    return joined([in_commit(commit.id, adoption), rest], enforced=rest.enforced)


def _judged(
    history: History,
    trusted: str,
    head: str,
    steps: Sequence[Step],
    now_epoch: int,
) -> Judgement:
    known = history.snapshot(trusted)
    policy = trusted_policy(known)
    territory = Territory(policy)
    bases = _Bases(history, trusted)
    branch = history.repository.branch() if history.repository.head() == head else ""
    walk = Walk()
    among = {commit.id: bases.of(commit) for commit, _ in steps}
    governed = [
        one for one in steps if any(territory.concerns(path, *change) for path, change in one[1].items())
    ]
    _verify_ahead(history, Trusted(known, policy, (), now_epoch), governed, among)
    judged = {commit.id for commit, _ in governed}
    parts = []
    for commit, own in steps:
        if commit.id in judged:
            before, after = history.step(commit, own)
            found = judge(
                before,
                after,
                known,
                now_epoch=now_epoch,
                bases=history.snapshots(among[commit.id]),
                own=own,
                undo=undo(commit.id, head, branch),
                gates=walk.before(commit),
            )
            parts.append(in_commit(commit.id, found))
        walk.past(commit, own)
    seen = {(_root(one.code), one.path) for part in parts for one in part.findings}
    net = _net(history, trusted, head, now_epoch)
    left = tuple(one for one in net if (_root(one.code), one.path) not in seen)
    return joined([*parts, Judgement(left)], enforced=policy.mode == "enforce")


def _verify_ahead(
    history: History, trusted: Trusted, steps: Sequence[Step], among: Mapping[str, tuple[str, ...]]
) -> None:
    """Verify together what the steps of a range will ask of `ssh-keygen`."""
    paths = dict.fromkeys(path for _, own in steps for path in own)
    brought = (
        (commit, [path for path in own if path.startswith(FOLDER) and path.endswith(b".toml")])
        for commit, own in steps
    )
    made = (
        (trusted.replace(bases=history.snapshots(among[commit.id])), history.snapshot(commit.id), records)
        for commit, records in brought
        if records
    )
    verify_ahead(trusted, paths, made)


class _Bases:
    """The merge bases of T and each commit of a range, asked of git only for merges."""

    def __init__(self, history: History, trusted: str) -> None:
        self.history = history
        self.trusted = trusted
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, commit: Commit) -> tuple[str, ...]:
        """The merge bases of T and a commit, whose parents in the range were asked about before."""
        if not commit.parents:
            found: tuple[str, ...] = ()
        elif len(commit.parents) == 1:  # no better common ancestor comes with one commit that T does not have
            found = self._known.get(commit.parents[0], commit.parents)
        else:
            found = self.history.merge_bases(self.trusted, commit.id)
        self._known[commit.id] = found
        return found


def _root(code: str) -> str:
    """Code before its spec is one thing, whether it came alone, with the spec, or is found in the whole."""
    return "SDD401" if code == "SDD402" else code


def _net(history: History, trusted: str, head: str, now_epoch: int) -> list[Finding]:
    """What is wrong with the whole, from each merge base of T and H to H, judged as an audit step that trusts T."""
    if trusted == head:
        return []
    known, after = history.snapshot(trusted), history.snapshot(head)
    names = history.merge_bases(trusted, head)
    bases = tuple(map(history.snapshot, names))
    found = [] if bases else [_unrelated(known, after)]
    for before in bases or (history.snapshot(""),):
        whole = judge(before, after, known, now_epoch=now_epoch, bases=bases, audit=True)
        found += [*whole.findings, *shut(before, after, known, now_epoch=now_epoch, bases=bases)]
    return found


def _unrelated(known: Snapshot, after: Snapshot) -> Finding:
    told = f"{after.name} and {known.name} have no common history, so nothing says what was changed"
    return Finding(UNRELATED, PATH, 0, told, "git rebase --onto the protected branch")


def shut(
    before: Snapshot,
    after: Snapshot,
    trusted: Snapshot,
    *,
    now_epoch: int,
    bases: tuple[Snapshot, ...] = (),
) -> list[Finding]:
    """The documents whose gate is open in T and that `after` shuts: a changed document comes with its new approval.

    What merging approves is apart, and so is a key that is withdrawn: that may be done at once, by anybody.
    """
    policy = trusted_policy(trusted)
    withdrawn = {REVOKED: trusted.read(REVOKED) if trusted.is_file(REVOKED) else None}
    then = Openings(trusted, Trusted(trusted, policy, (), now_epoch))
    now = Openings(overlaid(after, withdrawn), Trusted(trusted, policy, bases, now_epoch))
    found = []
    for gate, path in _touched(before, after, trusted, policy):
        rule = policy.gates[gate]
        was_open = any(
            then.opening(gate, one.feature, one.session).open
            for one in then.instances((gate,))
            if path in documents_of(rule, one.feature, one.session)
        )
        worth = now.standing(gate, path)
        if was_open and worth.status not in {"approved", "suspect"}:
            people = " or ".join(worth.awaited or rule.approvers)
            told = f"{show(path)} shuts the gate {gate}, which is open in {trusted.name}: {worth.why}"
            approve = f"sdd approve {show(path)} --gate {gate}  # by {people}"
            restore = f"git checkout {trusted.name.removeprefix('commit ')} -- {show(path)}"
            found.append(Finding(SHUTS, path, 0, told, approve if path in after else restore))
    return found


def _touched(
    before: Snapshot, after: Snapshot, trusted: Snapshot, policy: Policy
) -> Iterable[tuple[str, bytes]]:
    """The gates and documents whose bytes or records differ, except where they are now those of T."""
    for path in after.differing(before):
        if after.entries.get(path) == trusted.entries.get(path):
            continue
        document = _document_of(path)
        for gate in gates_of(policy, document):
            if gate.proof != "merged":
                yield gate.name, document


def _document_of(path: bytes) -> bytes:
    """The document that a record speaks of, by its place; else the path itself."""
    if not path.startswith(FOLDER + b"/"):
        return path
    return path[len(FOLDER) + 1 :].partition(b"/")[2].rpartition(b"/")[0]


def in_commit(commit: str, found: Judgement) -> Judgement:
    """The same judgement, each sentence saying in which commit."""
    return found.replace(
        findings=tuple(_told(commit, one) for one in found.findings),
        notices=tuple(_told(commit, one) for one in found.notices),
    )


def _told(commit: str, finding: Finding) -> Finding:
    return finding.replace(message=f"{finding.message} (commit {commit[:12]})")
