"""Judging one snapshot by itself: what stands in the files of the gates, whoever put it there."""

from __future__ import annotations

from sdd.findings import Finding, by_place
from sdd.gates import approval, policy, trust
from sdd.gates.governed import Territory
from sdd.gates.judgement import Judgement
from sdd.gates.openings import trusted_policy
from sdd.gates.policy import PATH, TRUST, PolicyError
from sdd.gates.records import UNKNOWN_GATE
from sdd.gates.signers import REVOKED, SIGNERS
from sdd.gates.step import of_name
from sdd.snapshot import in_memory, path_in, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sdd.gates.policy import Policy
    from sdd.snapshot import Snapshot

DEPTH = 2  # of folders for which what was found is kept


def judge_snapshot(snapshot: Snapshot) -> Judgement:
    """What is wrong with one snapshot: names, links, trust files and records that cannot be read or count for nobody.

    What an approval is worth is no finding: a document may wait. A policy that cannot be read is one.

    Raises:
        SddError: there is no policy, or it is a link: nothing can be judged.
    """
    found = [
        one
        for path in (SIGNERS, REVOKED)
        if snapshot.is_file(path)
        for one in trust.contents(in_memory({}), snapshot, path)
    ]
    try:
        rules = trusted_policy(snapshot)
    except PolicyError as error:
        found.append(Finding(trust.UNREADABLE, PATH, 0, error.message, error.hint))
        return Judgement(tuple(sorted(found, key=by_place)))
    territory = Territory(rules)
    folders = [(b"", deeper) for deeper in sorted(snapshot.names(b"").items())]
    found += [wrong for folder, name in folders for wrong in _of_names(snapshot, folder, name, territory)]
    found += _kept(snapshot, "records", approval.FOLDER, lambda: _of_records(snapshot, rules))
    return Judgement(tuple(sorted(found, key=by_place)), enforced=rules.mode == "enforce")


def _of_names(
    snapshot: Snapshot, folder: bytes, entry: tuple[bytes, bool], territory: Territory
) -> list[Finding]:
    """What is wrong with the names of a file, or of all files below a folder: kept for it and for each folder in it."""
    name, is_folder = entry
    path = path_in(folder, name)
    if not is_folder:
        wrong = of_name(snapshot, path, territory)
        return [wrong] if wrong else []
    depth = path.count(b"/")
    if depth >= DEPTH:
        return [one for path in snapshot.under(path) if (one := of_name(snapshot, path, territory))]

    def find() -> list[Finding]:
        snapshot.entries.whole()  # else each folder would be listed by a process of its own
        entries = sorted(snapshot.names(path).items())
        return [one for entry in entries for one in _of_names(snapshot, path, entry, territory)]

    return _kept(snapshot, "names", path, find)


def _kept(snapshot: Snapshot, kind: str, folder: bytes, find: Callable[[], list[Finding]]) -> list[Finding]:
    """What is wrong below a folder by the policy alone, kept for as long as both are the same."""
    known = snapshot.identity(folder)
    if not known:
        return find()
    asked = (folder, snapshot.blob(PATH).encode(), known.encode())
    kept = snapshot.verdicts.kept(kind, asked, lambda: tuple(one.as_tuple() for one in find()))
    return [Finding(*one) for one in kept]


def _of_records(snapshot: Snapshot, rules: Policy) -> list[Finding]:
    return [wrong for path in approval.find(snapshot) for wrong in _of_record(snapshot, path, rules)]


def _of_record(snapshot: Snapshot, path: bytes, rules: Policy) -> tuple[Finding, ...]:
    if not snapshot.is_file(path):
        return ()  # a link has its own finding
    record = approval.read(path, snapshot.read(path))
    if isinstance(record, tuple):
        return record
    if record.gate in (*rules.gates, TRUST):
        return ()
    told = f"{show(path)}: the policy has no gate {record.gate}"
    return (
        Finding(UNKNOWN_GATE, path, 0, told, f"have {show(policy.PATH)} name the gate {record.gate} first"),
    )
