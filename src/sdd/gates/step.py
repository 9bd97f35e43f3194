"""Judging one step, the pair of snapshots before and after it, by what is trusted: the one judgement behind every door."""

from __future__ import annotations

from sdd.findings import Finding, by_place
from sdd.gates import records, trust
from sdd.gates.code import findings as of_code
from sdd.gates.governed import NO_FILES, Territory, code_rules
from sdd.gates.judgement import Judgement
from sdd.gates.openings import Openings, Trusted, trusted_policy
from sdd.gates.policy import PATH
from sdd.gates.split import Undo, quoted
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sdd.gates.policy import Policy
    from sdd.snapshot import Snapshot

IN_ADOPTION, LINKED, LOOK_ALIKE, ADOPTED = "SDD403", "SDD706", "SDD707", "SDD709"
STAGED = Undo()


def judge(  # noqa: PLR0913 - three snapshots, and how they are to be looked at
    before: Snapshot,
    after: Snapshot,
    trusted: Snapshot,
    *,
    now_epoch: int,
    bases: tuple[Snapshot, ...] = (),
    own: Iterable[bytes] | None = None,
    audit: bool = False,
    undo: Undo = STAGED,
    gates: Callable[[Snapshot, Trusted], Openings] = Openings,
) -> Judgement:
    """What is wrong with a step, judged by the policy and the signers of `trusted` (T).

    `bases` are merge bases of T and the step; `now_epoch` (seconds since 1970) is the time at which new records must
    verify. `own` are the paths that count as changed by the step, for a merge only those that differ from every parent;
    without it all that differ between the two. A path set to T's bytes is always accepted. In an audit, where a step may
    be a whole proposal, gates must be open after the step, else before it. `undo` is for the hints, `gates` gives the gates of `before`.

    Raises:
        SddError: T has no policy that can be read, or something cannot be verified.
    """
    policy = trusted_policy(trusted)
    ground = Trusted(trusted, policy, bases, now_epoch)
    paths = [
        path for path in _changed(before, after, own) if after.entries.get(path) != trusted.entries.get(path)
    ]
    names, left = _of_names(after, paths, Territory(policy))
    opened = Openings(after, ground)
    wrong, notices = trust.findings(before, opened, left)
    wrong += records.findings(before, after, left, ground)
    wrong += of_code(opened if audit else gates(before, ground), opened, left, None if audit else undo)
    found = sorted({*names, *wrong}, key=by_place)
    told = () if audit else tuple(notices)
    return Judgement(tuple(found), told, enforced=policy.mode == "enforce")


def judge_adoption(
    before: Snapshot, after: Snapshot, *, now_epoch: int, own: Iterable[bytes] | None = None
) -> Judgement:
    """What is wrong with the step that adds the first policy: it passes with a notice where it adds no governed code.

    Raises:
        SddError: the policy cannot be read.
    """
    policy = trusted_policy(after)
    ground = Trusted(after, policy, (), now_epoch)
    paths = _changed(before, after, own)
    wrong, left = _of_names(after, paths, Territory(policy))
    wrong += [one for path in left if path in after for one in trust.contents(before, after, path)]
    wrong += records.findings(before, after, left, ground)
    wrong += [_in_adoption(path) for path in left if path in after and code_rules(policy, path)]
    found = tuple(sorted(set(wrong), key=by_place))
    return Judgement(found, (_adopted(policy),), enforced=policy.mode == "enforce")


def _changed(before: Snapshot, after: Snapshot, own: Iterable[bytes] | None) -> list[bytes]:
    if own is None:
        return after.differing(before)
    return sorted(path for path in own if before.entries.get(path) != after.entries.get(path))


def _of_names(
    after: Snapshot, paths: Iterable[bytes], territory: Territory
) -> tuple[list[Finding], list[bytes]]:
    """Findings for links and look-alikes, and the paths that are neither."""
    found: list[Finding] = []
    left: list[bytes] = []
    for path in paths:
        wrong = of_name(after, path, territory) if path in after else None
        if wrong is None:
            left.append(path)
        else:
            found.append(wrong)
    return found, left


def of_name(snapshot: Snapshot, path: bytes, territory: Territory) -> Finding | None:
    """What is wrong with a path by its mode and name alone (rule 9)."""
    if snapshot.entries.mode(path) in NO_FILES:
        over = territory.link_over(path)
        told = f"{show(path)} is a link or a submodule where {over} stands, or above it; only regular files are judged"
        return Finding(LINKED, path, 0, told, f"git rm --cached -- {quoted(path)}") if over else None
    alike = territory.look_alike(path)
    if not alike:
        return None
    told = f"{show(path)} is {alike} on macOS or Windows, but another file in git"
    return Finding(LOOK_ALIKE, path, 0, told, f"git mv -- {quoted(path)} NEW")


def _in_adoption(path: bytes) -> Finding:
    told = f"{show(path)} is governed code and comes in the same step as the first policy"
    hint = f"git reset -q -- {quoted(path)}  # commit {show(PATH)} first, by itself"
    return Finding(IN_ADOPTION, path, 0, told, hint)


def _adopted(policy: Policy) -> Finding:
    people = ", ".join(policy.trust.approvers)
    told = f"{policy.project} adopts sdd with this policy, which is judged by nobody but who merges it; {people} may change it"
    return Finding(ADOPTED, PATH, 0, told, f"read {show(PATH)} before you merge it")
