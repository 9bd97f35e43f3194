"""pre-receive, on a server: what a push brings is judged before any ref moves.

The server's HEAD names the protected branch whose policy counts. What it names there now is trusted; on a server that is
empty yet, the commit in its own `git config sdd.adoption`.
"""

from __future__ import annotations

import os

from sdd.doors.updates import Update, lines, named, of_guarded, of_protected
from sdd.errors import SddError
from sdd.gates.history import History
from sdd.gates.judgement import Judgement, joined, together
from sdd.gates.openings import trusted_policy
from sdd.gates.policy import PATH, PolicyError
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.gates.policy import Policy
    from sdd.repository import Repository

ADOPTION = "sdd.adoption"


class Ground(Value):
    """What a server stands on: its default branch, what that names now, and the trusted commit with its policy.

    `tip` is "" while the branch does not exist, `trusted` is "" and `policy` None while the project has not adopted sdd.
    """

    branch: str
    tip: str = ""
    trusted: str = ""
    policy: Policy | None = None


def run(repository: Repository, argv: Sequence[str], given: bytes, *, now_epoch: int) -> Judgement:
    """What is wrong with a push that arrives. `given` is what git says on standard input: "old new ref" a line.

    Raises:
        SddError: something cannot be read or verified, or the server is not set up; then nothing may pass.
    """
    del argv  # git gives none
    updates = [Update(ref, named(old), named(new)) for old, new, ref in lines(given, 3)]
    ground = ground_of(repository)
    if ground.policy is None:
        parts = [_ungoverned(repository, one, ground, now_epoch) for one in updates]
        return together(parts)
    found = _governed(repository, updates, ground, ground.policy, now_epoch)
    return joined(found, enforced=ground.policy.mode == "enforce")


def ground_of(repository: Repository) -> Ground:
    """What this server stands on.

    Raises:
        SddError: HEAD names no branch, or one that its own policy does not protect; `sdd.adoption` names no commit here; the
            policy cannot be read.
    """
    branch = os.fsdecode(repository.git("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))).rstrip("\n")
    if not branch:
        raise SddError(
            "the HEAD of this server names no branch", hint="git symbolic-ref HEAD refs/heads/main"
        )
    tip = repository.resolve(branch)
    trusted = tip if tip and PATH in repository.commit(tip) else _adoption(repository)
    if not trusted:
        return Ground(branch, tip)
    policy = trusted_policy(repository.commit(trusted))
    if branch not in policy.protected:
        raise SddError(
            f"the HEAD of this server names {branch}, which the policy there does not protect",
            hint=f"git symbolic-ref HEAD {policy.protected[0]}",
        )
    return Ground(branch, tip, trusted, policy)


def _adoption(repository: Repository) -> str:
    """The commit that the server's keeper says to trust first; "" where nothing is said. Only the repository's own word counts."""
    told = os.fsdecode(repository.git("config", "--local", "--get", ADOPTION, ok=(0, 1))).strip()
    if not told:
        return ""
    found = repository.resolve(told)
    if not found:
        raise SddError(
            f"{ADOPTION} names {told}, which is no commit of this server or of this push",
            hint=f"git config {ADOPTION} COMMIT",
        )
    return found


def _governed(
    repository: Repository, updates: Sequence[Update], ground: Ground, policy: Policy, now_epoch: int
) -> list[Judgement]:
    protected = [one for one in updates if one.ref in policy.protected]
    moved = {one.ref: one.new for one in protected}
    tips = [moved.get(ref, repository.resolve(ref)) for ref in policy.protected]
    others = [one for one in updates if one not in protected]
    if not protected and not _is_guarded(others, policy):
        return []  # also where the history cannot be judged, since it need not be
    history = History(repository)
    found = [_protected(history, one, ground, now_epoch) for one in protected]
    return found + of_guarded(
        history, updates, ground.trusted, [tip for tip in tips if tip], now_epoch=now_epoch
    )


def _is_guarded(updates: Sequence[Update], policy: Policy) -> bool:
    from sdd.gates.refs import guards

    return any(guards(policy, one.ref) for one in updates)


def _protected(history: History, update: Update, ground: Ground, now_epoch: int) -> Judgement:
    """A ref that has no policy of its own yet: the adoption's commit is its old value, or it is proposed to the default branch."""
    if not update.new or (update.old and PATH in history.snapshot(update.old)):
        return of_protected(history, update, now_epoch=now_epoch)
    if update.ref == ground.branch:
        return of_protected(history, update.replace(old=ground.trusted), now_epoch=now_epoch)
    from sdd.gates.proposal import proposal

    return proposal(history, ground.trusted, update.new, now_epoch=now_epoch)


def _ungoverned(repository: Repository, update: Update, ground: Ground, now_epoch: int) -> Judgement:
    """Where nothing is trusted yet, the default branch may adopt sdd; on an empty server only by the keeper's word."""
    after = (
        repository.commit(update.new) if update.new and repository.resolve(update.new) else repository.empty()
    )
    if PATH not in after:
        return Judgement()
    if update.ref != ground.branch:
        return _elsewhere(repository, update, ground)
    history = History(repository)
    if not update.old:
        adopting = history.commits(update.new, first_parent=True)
        first = next(one.id for one in adopting if PATH in history.snapshot(one.id))
        raise SddError(
            f"{update.ref} is new here and brings a policy that nobody vouches for",
            hint=f"on the server, if that is your project's adoption: git config {ADOPTION} {first}",
        )
    return of_protected(history, update, now_epoch=now_epoch)


def _elsewhere(repository: Repository, update: Update, ground: Ground) -> Judgement:
    """Refuse a branch that calls itself protected, where the server looks at another one: it would be protected by nothing."""
    try:
        claimed = trusted_policy(repository.commit(update.new)).protected
    except PolicyError:
        return Judgement()
    if update.ref not in claimed:
        return Judgement()
    raise SddError(
        f"{update.ref} calls itself protected, and the HEAD of this server names {ground.branch}",
        hint=f"on the server: git symbolic-ref HEAD {update.ref}",
    )
