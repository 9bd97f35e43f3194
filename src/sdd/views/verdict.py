"""What a check says of a clone, a commit or a range: sessions and trackers beside what the gates' judgement says."""

from __future__ import annotations

from sdd.contracts.judged import of_change as of_contracts
from sdd.errors import SddError
from sdd.gates.judgement import Judgement, joined
from sdd.gates.picture import picture
from sdd.gates.policy import PATH
from sdd.sessions.changed import findings as of_change
from sdd.sessions.history import changed_runs
from sdd.sessions.session import FOLDER
from sdd.snapshot import show
from sdd.values import Value
from sdd.views.blocks import change
from sdd.views.blocks import findings as of_blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sdd.findings import Finding
    from sdd.repository import Repository
    from sdd.sessions.project import Project
    from sdd.snapshot import Snapshot
    from sdd.views.blocks import Change


class Checked(Value):
    """What was found, and the files that it was found of."""

    found: Judgement
    files: Snapshot


def of_index(repository: Repository, *, now_epoch: int, merging: Iterable[str] = ()) -> Checked | None:
    """What is wrong with the commit that the index would make; None where the project has not adopted sdd.

    Raises:
        SddError: something cannot be read or verified.
    """
    from sdd.gates.local import staged

    judged = staged(repository, now_epoch=now_epoch, merging=merging)
    if judged is None:
        return None
    before, seen = picture(judged.before), picture(judged.after)
    made = change([before], seen, exact=not judged.merging)
    files = _of_files(seen.project, made, [before.project])
    found = _with(judged.found, [*files, *of_blocks(seen, made), *_of_runs(judged.before, judged.after)])
    return Checked(found, judged.after)


def of_working_tree(repository: Repository, *, now_epoch: int) -> Checked:
    """What is wrong with the files on disk, and with what they change since HEAD.

    Raises:
        SddError: the project has no policy, or something cannot be read or verified.
    """
    from sdd.gates.local import unstaged
    from sdd.gates.single import judge_snapshot
    from sdd.views import whole

    judged = unstaged(repository, now_epoch=now_epoch)
    if judged is None:
        raise SddError(f"there is no {show(PATH)}, so nothing can be judged", hint="sdd init")
    head, tree = judged.before, judged.after
    alone = judge_snapshot(tree) if PATH in tree else Judgement()
    both = joined([judged.found, alone], enforced=judged.found.enforced)
    seen = picture(tree)
    made = change([picture(head)], seen, exact=not judged.merging)
    files = whole.findings(tree)
    told = {one.path for one in files}
    blocks = [one for one in of_blocks(seen, made) if one.path not in told]
    return Checked(_with(both, [*files, *blocks, *_of_runs(head, tree)]), tree)


def of_revision(repository: Repository, rev: str) -> Judgement:
    """What is wrong with the files of one commit.

    Raises:
        SddError: there is no such commit, it has no policy, or something cannot be read.
    """
    from sdd.gates.single import judge_snapshot
    from sdd.views import whole

    snapshot = repository.commit(rev)
    return _with(judge_snapshot(snapshot), whole.findings(snapshot))


def of_proposal(repository: Repository, trusted: str, head: str, *, now_epoch: int) -> Judgement:
    """What is wrong with what one commit adds to another, which is trusted; of sessions and trackers only what it brings.

    Raises:
        SddError: there is no such commit, no policy, or something cannot be read or verified.
    """
    from sdd.gates.history import History
    from sdd.gates.proposal import proposal

    history = History(repository)
    base, tip = history.commit(trusted), history.commit(head)
    found = proposal(history, base, tip, now_epoch=now_epoch)
    known, seen = history.snapshot(base), picture(history.snapshot(tip))
    began = [history.snapshot(name) for name in history.merge_bases(base, tip)]
    others = [one for one in began if one is not known]
    is_merged = any(len(one.parents) > 1 for one in history.commits(tip, base))
    before = picture(known)
    made = change([before, *map(picture, others)], seen, exact=not is_merged)
    then = before.project
    old = {(one.code, one.path, one.message) for one in _of_files(then, made, ())}
    new = _of_files(seen.project, made, [then])
    files = [one for one in new if (one.code, one.path, one.message) not in old]
    trackers = of_blocks(seen, made)
    runs = [one for before in began for one in _of_runs(before, seen.project.snapshot, known)]
    return _with(found, [*files, *trackers, *runs])


def of_protected(repository: Repository, head: str, since: str, *, now_epoch: int) -> Judgement:
    """What is wrong with the steps that led the protected branch to a commit, after `since` ("" for all).

    Raises:
        SddError: there is no such commit, no policy, or something cannot be read or verified.
    """
    from sdd.gates.audit import audit
    from sdd.gates.history import History

    history = History(repository)
    base = history.commit(since) if since else ""
    return audit(history, history.commit(head), now_epoch=now_epoch, since=base)


def _with(found: Judgement, files: Iterable[Finding]) -> Judgement:
    return joined([found, Judgement(tuple(files))], enforced=found.enforced)


def _of_files(project: Project, made: Change, before: Sequence[Project]) -> list[Finding]:
    """What a change leaves wrong with the files of sessions, and with contracts and what implements them."""
    contracts = of_contracts(project, made.paths, made.touched)
    return [*of_change(project, made.paths, made.touched, before), *contracts]


def _of_runs(before: Snapshot, after: Snapshot, trusted: Snapshot | None = None) -> list[Finding]:
    """What was taken from committed runs, except where a path now has the trusted bytes."""
    paths = [
        path
        for path in after.differing(before)
        if trusted is None or after.entries.at(path) != trusted.entries.at(path)
    ]
    for one in (before, after):
        one.ahead(path for path in paths if path.startswith(FOLDER) and path in before)
    return [wrong for path in paths for wrong in changed_runs(before, after, path)]
