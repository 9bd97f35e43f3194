"""What is wrong with contracts and implementations: of a feature, of a change, of a whole project."""

from __future__ import annotations

from sdd.contracts.pairs import Pair, all_pairs, is_done, pairs, planned, used
from sdd.findings import Finding, by_place
from sdd.sessions.links import file_of, implementing
from sdd.values import Value
from sdd.watched import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any

    from sdd.contracts.compliance import Held
    from sdd.sessions.project import Project
    from sdd.snapshot import Snapshot

OPEN, KEPT, BROKEN = "open", "kept", "broken"


class Compliance(Value):
    """One contract and its implementation: `kept`, or `broken`, or `open` where it is not and the session is not done either.

    `unknown` says what can't be told without running the code. Where the session is not done, `findings` are no findings of
    `sdd check` yet.
    """

    session: str
    contract: str
    implementation: str
    standing: str
    done: bool
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()


def compliance(project: Project) -> list[Compliance]:
    """Every contract that a session implements, held against its implementation, in the order of features and sessions."""
    return [of_pair(project, one) for one in all_pairs(project)]


def of_pair(project: Project, one: Pair) -> Compliance:
    """One contract held against one implementation."""
    done = is_done(project, one.session)
    found = _held(project.snapshot, one)
    broken = BROKEN if done else OPEN  # nobody has said yet that it is finished
    standing = broken if found.findings or not found.there else KEPT
    return Compliance(
        one.session, one.contract, one.implementation, standing, done, found.findings, found.unknown
    )


def share(found: Sequence[Compliance]) -> tuple[int, int]:
    """How many contracts are kept, and of how many: those that nobody has implemented yet do not count."""
    counted = [one for one in found if one.standing != OPEN]
    return sum(one.standing == KEPT for one in counted), len(counted)


def _held(snapshot: Snapshot, one: Pair) -> Held:
    """What came of holding them together; found anew only where something of what was read for it is otherwise."""
    from sdd.contracts.compliance import Held

    ends = (file_of(one.contract), file_of(one.implementation))
    blobs = (snapshot.blob(path.encode("utf-8", "surrogateescape")) for path in ends)
    texts = (one.contract, one.implementation, *blobs)
    asked = tuple(text.encode("utf-8", "surrogateescape") for text in texts)
    findings, unknown, there = kept(snapshot, "contract", asked, lambda files: _anew(files, one))
    return Held(tuple(Finding(*each) for each in findings), unknown, there)


def _anew(files: Snapshot, one: Pair) -> tuple[Any, ...]:
    from sdd.contracts.compliance import held

    found = held(files, one.contract, one.implementation)
    return tuple(each.as_tuple() for each in found.findings), found.unknown, found.there


def of_feature(project: Project, feature: str) -> tuple[list[Finding], tuple[tuple[Any, ...], ...]]:
    """What is wrong with the contracts that a feature's sessions and plan name, and with implementations; and who uses what."""
    own = [one for session in project.of_feature(feature) for one in pairs(project, session.name)]
    asked = dict.fromkeys([*(one.contract for one in own), *planned(project, feature)])
    if not asked:
        return [], ()
    found = [*_lacking(project, asked), *_broken(project, own)]
    return found, tuple(_uses(project, one) for one in own)


def of_uses(snapshot: Snapshot, known: Iterable[tuple[Any, ...]]) -> list[Finding]:
    """The components that need each other, by what `of_feature` told of all features."""
    told = list(known)
    if not told:
        return []
    from sdd.contracts.cycles import Uses, findings

    return findings(snapshot, [Uses(*one) for one in told])


def of_project(project: Project) -> list[Finding]:
    """All that is wrong with the contracts of a project, at once."""
    from sdd.sessions.session import CHANGES

    known = [of_feature(project, place) for place in (*project.features, CHANGES)]
    cycles = of_uses(project.snapshot, (one for _, told in known for one in told))
    return sorted({*(one for found, _ in known for one in found), *cycles}, key=by_place)


def _lacking(project: Project, contracts: Iterable[str]) -> Iterator[Finding]:
    for selector in contracts:
        yield from (Finding(*one) for one in _lacks_kept(project.snapshot, selector))


def _lacks_kept(snapshot: Snapshot, selector: str) -> tuple[tuple[Any, ...], ...]:
    blob = snapshot.blob(file_of(selector).encode("utf-8", "surrogateescape"))
    asked = (selector.encode("utf-8", "surrogateescape"), blob.encode())
    found: tuple[tuple[Any, ...], ...] = snapshot.verdicts.kept(
        "lacks", asked, lambda: _lacks(snapshot, selector)
    )
    return found


def _lacks(snapshot: Snapshot, selector: str) -> tuple[tuple[Any, ...], ...]:
    from sdd.contracts.lacks import lacks
    from sdd.contracts.reading import contract

    return tuple(one.as_tuple() for one in lacks(contract(snapshot, selector)))


def _broken(project: Project, own: Iterable[Pair]) -> Iterator[Finding]:
    for one in own:
        if is_done(project, one.session):
            yield from _held(project.snapshot, one).findings


def of_change(project: Project, paths: AbstractSet[bytes], touched: AbstractSet[str]) -> list[Finding]:
    """What a change leaves wrong with contracts and implementations: those that it changes, and those of the sessions it touches.

    An implementation is also looked at where a file beside it changes that it names, as one with a base class of its own.
    """
    changed = {path.decode("utf-8", "surrogateescape") for path in paths}
    found = concerned(project, changed, touched)
    plans = _planned(project, changed)
    if not found and not plans:
        return []
    contracts = dict.fromkeys([*(one.contract for one in found), *plans])
    wrong = [*_lacking(project, contracts), *_broken(project, found)]
    return sorted({*wrong, *_cycles(project, found)}, key=by_place)


def concerned(project: Project, changed: AbstractSet[str], touched: AbstractSet[str]) -> list[Pair]:
    """The contracts and implementations that a change speaks of: by these paths, or by the sessions that it touches."""
    own = [one for name in sorted(touched) if name in project.sessions for one in pairs(project, name)]
    near = [
        Pair(one.name, *pair)
        for one in implementing(project, {path.rpartition("/")[0] for path in changed})
        for pair in zip(one.implements[::2], one.implements[1::2], strict=True)
    ]
    return list(dict.fromkeys([*own, *(one for one in near if _concerns(project.snapshot, one, changed))]))


def _concerns(snapshot: Snapshot, one: Pair, changed: AbstractSet[str]) -> bool:
    """Whether a change is one of the contract, of the implementation, or of a file beside it that it may inherit from."""
    contract, made = file_of(one.contract), file_of(one.implementation)
    if contract in changed or made in changed:
        return True
    folder = made.rpartition("/")[0]
    beside = [
        path for path in changed if path.rpartition("/")[0] == folder and path.endswith((".py", ".pyi"))
    ]
    place = made.encode("utf-8", "surrogateescape")
    if not beside or not snapshot.is_file(place):
        return False
    text = snapshot.read(place)
    return any(
        path.rpartition("/")[2].partition(".")[0].encode("utf-8", "surrogateescape") in text
        for path in beside
    )


def _planned(project: Project, changed: AbstractSet[str]) -> list[str]:
    """The contracts that plans ask for, where the plan or the contract changes: before anybody implements them."""
    from sdd.sessions.project import PLAN, feature_of

    plans = {
        feature_of(path.encode("utf-8", "surrogateescape"))
        for path in changed
        if path.encode("utf-8", "surrogateescape").endswith(PLAN)
    }
    found = [one for feature in sorted(plans) for one in planned(project, feature)]
    contracts = [path for path in changed if path.startswith("docs/interfaces/")]
    for feature in project.features if contracts else ():
        found += [one for one in planned(project, feature) if file_of(one) in contracts]
    return found


def _cycles(project: Project, found: Sequence[Pair]) -> list[Finding]:
    """The rings in which a changed component stands: of all contracts only those are read that it needs, directly or not."""
    if not found:
        return []
    from sdd.contracts.cycles import Uses, findings, reached

    known = reached(all_pairs(project), found, lambda one: Uses(*_uses(project, one)))
    return findings(project.snapshot, known, {one.contract for one in found})


def _uses(project: Project, one: Pair) -> tuple[Any, ...]:
    """What a component needs, as plain values; found anew only where its contract, or what its session names, is otherwise."""
    from sdd.contracts.cycles import uses

    named = used(project, one.session)
    path = file_of(one.contract).encode("utf-8", "surrogateescape")
    texts = (one.contract, one.implementation, project.snapshot.blob(path), *named)
    asked = tuple(text.encode("utf-8", "surrogateescape") for text in texts)
    found: tuple[Any, ...] = project.snapshot.verdicts.kept(
        "uses", asked, lambda: uses(project.snapshot, one, named).as_tuple()
    )
    return found
