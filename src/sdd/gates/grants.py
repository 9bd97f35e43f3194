"""What documents grant: which governed code the tasks of a plan, or a change's page, let be written (rule 4)."""

from __future__ import annotations

from sdd.gates import policy as policies
from sdd.gates.policy import SESSION
from sdd.globs import is_glob, matches
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.gates.openings import Instance
    from sdd.gates.policy import Policy
    from sdd.snapshot import Snapshot

PLAN = b"implementation-plan.md"
MOST_KNOWN = 4096

_known: dict[tuple[bytes, str], Grant] = {}


class Grant(Value):
    """What documents let be written: paths as they stand, and globs; all where `limited` is false."""

    paths: frozenset[bytes] = frozenset()
    globs: tuple[str, ...] = ()
    limited: bool = True

    def holds(self, path: bytes) -> bool:
        """Whether a path may be written."""
        return not self.limited or path in self.paths or any(matches(glob, path) for glob in self.globs)


def granted(snapshot: Snapshot, policy: Policy, instance: Instance) -> Grant:
    """What the documents of these gates grant.

    A page grants its `writes`, a plan those of its tasks. A plan without tasks grants everything, and so do gates without a
    plan or a page, since there is no scope to hold; one that cannot be read grants nothing more than what was understood.
    """
    found: list[Grant] = []
    for gate in instance.gates:
        rule = policy.gates[gate]
        paths = policies.documents(rule, instance.feature, instance.session)
        for pattern in rule.documents if paths else ():
            path = policies.expand(pattern, instance.feature, instance.session)
            if SESSION in pattern or path.rpartition(b"/")[2] == PLAN:
                found.append(_of_document(snapshot, path))
    limited = [one for one in found if one.limited]
    if len(limited) == 1:
        return limited[0]
    plain = frozenset(path for one in limited for path in one.paths)
    return Grant(plain, tuple(glob for one in limited for glob in one.globs), bool(limited))


def _of_document(snapshot: Snapshot, path: bytes) -> Grant:
    """What one plan or page grants; the same bytes at the same place grant the same, so it is found out once."""
    if not snapshot.is_file(path):
        return Grant()
    asked = (path, snapshot.blob(path))
    if asked not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        kept = snapshot.verdicts.kept("grant", (path, asked[1].encode()), lambda: _read(snapshot, path))
        _known[asked] = Grant(*kept)
    return _known[asked]


def _read(snapshot: Snapshot, path: bytes) -> tuple[frozenset[bytes], tuple[str, ...], bool]:
    from sdd.sessions.plan import of, parse_page  # only where governed code changes

    if path.rpartition(b"/")[2] == PLAN:
        plan = of(snapshot, path)
        limited = bool(plan.tasks or plan.findings)
        writes = tuple(glob for task in plan.tasks for glob in task.writes)
    else:
        page = parse_page(path, snapshot.read(path))
        limited, writes = True, () if page.findings else page.writes
    plain = frozenset(glob.encode("utf-8", "surrogateescape") for glob in writes if not is_glob(glob))
    return plain, tuple(glob for glob in writes if is_glob(glob)), limited
