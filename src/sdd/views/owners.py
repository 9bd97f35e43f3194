"""What the doctor has to say of CODEOWNERS: with proof `merged` it decides whose review lets a change in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd import codeowners
from sdd.gates.governed import document_globs, is_trust
from sdd.gates.policy import expand
from sdd.globs import matching
from sdd.snapshot import show
from sdd.values import Value
from sdd.views.doctor import OK, WARN, Line
from sdd.views.ownership import is_gitlab

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sdd.gates.policy import Policy
    from sdd.snapshot import Snapshot

MERGED = "merged"


class Wanted(Value):
    """What must have an owner: the `paths` that a line of CODEOWNERS with this `pattern` gives to `who` (e-mails)."""

    pattern: str
    paths: tuple[bytes, ...]
    who: tuple[str, ...]


def of_owners(snapshot: Snapshot, policy: Policy, remotes: Iterable[str]) -> Iterator[Line]:
    """Whether each document and trust file that a merge approves has an owner; nothing where none is approved so.

    `remotes` are the URLs of the remotes, which tell GitLab from GitHub.
    """
    wanted = _wanted(snapshot, policy)
    if not wanted:
        return
    gitlab = is_gitlab(snapshot, remotes)
    places = codeowners.GITLAB if gitlab else codeowners.GITHUB
    place = next((path for path in places if snapshot.is_file(path)), None)
    where = show(place or (codeowners.GITLAB[-1] if gitlab else codeowners.GITHUB[0]))
    found = codeowners.read(snapshot.read(place) if place else b"", gitlab=gitlab)
    for number, why in found.wrong:
        line = f"{where}:{number}" if number else where
        yield Line("CODEOWNERS", WARN, f"{line}: {why}", f"correct {where}")
    bare = [(one, path) for one in wanted for path in one.paths if not found.owners(path, required=True)]
    if bare:
        words = (
            f"{where} names no owner of {_counted(path for _, path in bare)}, so anybody's review lets a change in"
            if place
            else f"there is none, so anybody's review lets in {_counted(path for _, path in bare)}"
        )
        hint = "\n".join([f"add to {where}, at its end:", *_lines(one for one, _ in bare)])
        yield Line("CODEOWNERS", WARN, words, hint)
    else:
        yield Line(
            "CODEOWNERS",
            OK,
            f"{where} names an owner of all that a merge approves; that their review is required, the forge must be told",
        )
    if place and policy.trust.proof == MERGED and not is_trust(policy, place):
        yield Line(
            "CODEOWNERS",
            WARN,
            f"{where} is no trust file, so a change of it is not told of",
            f'add "{where}" to files below [trust] in .sdd/policy.toml',
        )


def _counted(paths: Iterable[bytes]) -> str:
    """The first path, and how many others there are."""
    first, *others = dict.fromkeys(paths)
    return f"{show(first)} and {len(others)} more" if others else show(first)


def _lines(wanted: Iterable[Wanted]) -> list[str]:
    """Lines of CODEOWNERS, each pattern once, with the approvers of all that it matches."""
    owners: dict[str, dict[str, None]] = {}
    for one in wanted:
        owners.setdefault(one.pattern, {}).update(dict.fromkeys(one.who))
    return [f"{pattern} {' '.join(who)}" for pattern, who in owners.items()]


def _wanted(snapshot: Snapshot, policy: Policy) -> list[Wanted]:
    """What a merge approves: files that are there, and those that the policy names for any feature and session."""
    there = sorted(snapshot.entries)
    found = [
        Wanted(_line_for(pattern), _documents(there, pattern), gate.approvers)
        for gate in policy.gates.values()
        if gate.proof == MERGED
        for pattern in gate.documents
    ]
    if policy.trust.proof == MERGED:
        home = (*(path for path in snapshot.under(b".sdd") if is_trust(policy, path)), b".sdd/policy.toml")
        found.append(Wanted("/.sdd/", tuple(dict.fromkeys(home)), policy.trust.approvers))
        found += [
            Wanted(_line_for(glob), _files(there, glob), policy.trust.approvers)
            for glob in policy.trust.files
        ]
    return found


def _documents(there: list[bytes], pattern: str) -> tuple[bytes, ...]:
    """A gate's documents by one pattern: those that are there, that of the root feature, that of any other."""
    come = [expand(pattern, "", "<session>")] if "{feature}" not in pattern else []
    come.append(expand(pattern, "<feature>", "<session>"))
    return tuple(dict.fromkeys([*matching(document_globs(pattern), there), *come]))


def _files(there: list[bytes], glob: str) -> tuple[bytes, ...]:
    """The trust files by one glob: those that are there, and what may come."""
    come = (glob + "**" if glob.endswith("/") else glob).replace("**", "<any>").replace("*", "<any>")
    return tuple(dict.fromkeys([*matching((glob,), there), come.encode()]))


def _line_for(pattern: str) -> str:
    """The pattern of a line in CODEOWNERS, for both forges, that matches what this of a policy does."""
    glob = pattern.replace("{docs}", "docs/**").replace("{feature}", "*").replace("{session}", "*")
    folder = glob.removesuffix("**") if glob.endswith("/**") else glob
    return "/" + folder.replace(" ", "\\ ")
