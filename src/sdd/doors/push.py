"""pre-push, in a clone: what is about to leave is judged by the remote's protected branch, as far as this clone knows it.

A fast answer, and no proof: `--no-verify` skips it. The server or CI judges again.
"""

from __future__ import annotations

import os

from sdd.doors.updates import Update, lines, named, of_guarded, of_protected
from sdd.errors import SddError
from sdd.findings import Finding
from sdd.gates import policy as policies
from sdd.gates.history import History
from sdd.gates.judgement import Judgement, together
from sdd.gates.openings import trusted_policy
from sdd.gates.policy import PATH, PolicyError
from sdd.gates.protected import USUAL
from sdd.gates.refs import guards
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.repository import Repository

UNKNOWN = "SDD605"
BRANCHES = "refs/heads/"


class Ground(Value):
    """By what a push is judged: the remote's name, the trusted commit ("" where this clone knows none), which refs are protected."""

    remote: str
    trusted: str
    protected: tuple[str, ...]


def run(
    repository: Repository,
    argv: Sequence[str],
    given: bytes,
    *,
    now_epoch: int,
    env: Mapping[str, str] | None = None,
) -> Judgement:
    """What is wrong with a push that is about to leave.

    `argv` is the remote's name and address; `given` is what git says on standard input, "local-ref local-id remote-ref
    remote-id" a line. Where pre-commit runs this door it keeps those lines and tells of one ref alone, in `env`.

    Raises:
        SddError: something cannot be read or verified; then nothing may pass.
    """
    told = os.environ if env is None else env
    updates = [Update(line[2], named(line[3]), named(line[1])) for line in lines(given, 4)]
    remote = next(iter(argv), "")
    if not updates and "PRE_COMMIT_TO_REF" in told:
        remote = told.get("PRE_COMMIT_REMOTE_NAME", remote)
        updates = [_of_pre_commit(repository, remote, told)]
    ground = _ground(repository, remote, updates)
    if not _has_adopted(repository, ground, updates):
        return Judgement()
    history = History(repository)
    parts = [_judged(history, one, ground, now_epoch) for one in updates]
    parts += _guarded(history, updates, ground, now_epoch)
    return together(parts)


def _of_pre_commit(repository: Repository, remote: str, told: Mapping[str, str]) -> Update:
    ref = told.get("PRE_COMMIT_REMOTE_BRANCH", "")
    old = repository.resolve(_tracking(remote, ref)) if ref.startswith(BRANCHES) else ""
    return Update(ref, old, told["PRE_COMMIT_TO_REF"])


def _tracking(remote: str, branch: str) -> str:
    return f"refs/remotes/{remote}/{branch.removeprefix(BRANCHES)}"


def _ground(repository: Repository, remote: str, updates: Sequence[Update]) -> Ground:
    """The remote's protected branch as it was last fetched. Which one that is says the remote's own HEAD, else what is pushed."""
    commits = [f"refs/remotes/{remote}/HEAD", *(one.new for one in updates if one.new), "HEAD"]
    said = (_protected(repository, one) for one in commits)
    names = next((found for found in said if found), USUAL)
    tips = [found for name in names if (found := repository.resolve(_tracking(remote, name)))]
    with_policy = [tip for tip in tips if PATH in repository.commit(tip)]
    trusted = next(iter([*with_policy, *tips]), "")
    return Ground(remote, trusted, _protected(repository, trusted) if with_policy else names)


def _protected(repository: Repository, rev: str) -> tuple[str, ...]:
    """The branches that the policy of a commit protects; none where no policy can be read there."""
    found = repository.resolve(rev)
    snapshot = repository.commit(found) if found else repository.empty()
    if not snapshot.is_file(PATH):
        return ()
    try:
        return policies.read(snapshot.read(PATH)).protected
    except PolicyError:
        return ()


def _has_adopted(repository: Repository, ground: Ground, updates: Sequence[Update]) -> bool:
    commits = [ground.trusted, *(one.new for one in updates)]
    found = [commit for one in commits if one and (commit := repository.resolve(one))]
    return any(PATH in repository.commit(commit) for commit in found)


def _judged(history: History, update: Update, ground: Ground, now_epoch: int) -> Judgement:
    """The judgement of one branch; tags and other refs are judged only where a gate guards them."""
    if update.ref in ground.protected:
        return _to_protected(history, update, ground, now_epoch)
    if not update.new or not update.ref.startswith(BRANCHES):
        return Judgement()
    return _proposed(history, update, ground, now_epoch)


def _to_protected(history: History, update: Update, ground: Ground, now_epoch: int) -> Judgement:
    if not update.old:
        return _proposed(history, update, ground, now_epoch) if update.new else Judgement()
    if not history.repository.resolve(update.old):
        raise SddError(
            f"{update.ref} names {update.old[:12]} at the remote, which this clone does not have",
            hint=f"git fetch {ground.remote}",
        )
    return of_protected(history, update, now_epoch=now_epoch)


def _proposed(history: History, update: Update, ground: Ground, now_epoch: int) -> Judgement:
    """As a proposal to what is trusted. Where this clone knows of nothing, every step by the one before it, and it says so."""
    if ground.trusted:
        from sdd.views.verdict import of_proposal

        return of_proposal(history.repository, ground.trusted, update.new, now_epoch=now_epoch)
    from sdd.gates.audit import audit

    told = f"the protected branch ({', '.join(ground.protected)}) of {ground.remote or 'the remote'} is not known here, so each step was judged by the one before it"
    notice = Finding(
        UNKNOWN, update.ref.encode("utf-8", "surrogateescape"), 0, told, f"git fetch {ground.remote}"
    )
    found = audit(history, history.commit(update.new), now_epoch=now_epoch)
    return found.replace(notices=(notice, *found.notices))


def _guarded(history: History, updates: Sequence[Update], ground: Ground, now_epoch: int) -> list[Judgement]:
    """The refs that a gate guards. The protected branches count as they will be once this push is through."""
    moved = {one.ref: one.new for one in updates}
    tips = [
        moved.get(ref, "") or history.repository.resolve(_tracking(ground.remote, ref))
        for ref in ground.protected
    ]
    known = [tip for tip in tips if tip]
    trusted = ground.trusted or next(iter(known), "")
    if trusted and PATH in history.snapshot(trusted):
        return of_guarded(history, updates, trusted, known, now_epoch=now_epoch)
    for one in updates:
        here = history.repository.resolve(one.new) if one.new else ""
        if (
            here
            and PATH in history.snapshot(here)
            and guards(trusted_policy(history.snapshot(here)), one.ref)
        ):
            raise SddError(
                f"{one.ref} is guarded by a gate, and the protected branch of {ground.remote} is not known here",
                hint=f"git fetch {ground.remote}",
            )
    return []
