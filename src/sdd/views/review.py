"""The reviewer's minute: what a proposal changes, in Markdown, on one screen, ending with what the reviewer has to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.contracts.judged import KEPT, OPEN, concerned, of_pair, share
from sdd.runs.record import inputs
from sdd.sessions.session import name_of
from sdd.sessions.turns import progress
from sdd.snapshot import show
from sdd.views.ownership import CONTRACTS, Ownership, looks
from sdd.views.quoting import code, plain
from sdd.views.tracker import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sdd.contracts.judged import Compliance
    from sdd.findings import Finding
    from sdd.gates.picture import Picture
    from sdd.gates.standing import Standing
    from sdd.sessions.project import Project
    from sdd.sessions.run import Run
    from sdd.sessions.session import Session
    from sdd.snapshot import Snapshot
    from sdd.views.ownership import Look

SHOWN = 8
"""Lines of one kind that are listed; what is left out is counted."""
GLANCE = 3
"""Paths that one line names."""
EVERY_SESSION = ("docs/guidelines.md", "docs/lessons.md")


def changed(before: Snapshot, after: Snapshot) -> list[bytes]:
    """The paths that differ between two snapshots, sorted."""
    return after.differing(before)


def review(
    before: Snapshot,
    picture: Picture,
    span: str,
    found: Sequence[Finding],
    unjudged: str = "",
    owned: Ownership | None = None,
) -> str:
    """What there is to review between a snapshot and the picture of a later one.

    `span` is how the proposal is named ("main..HEAD"), `found` what the judgement says of it, `unjudged` why it could say nothing.
    Owners are those that CODEOWNERS named before, as on the forge: what is proposed does not choose its own reviewers.
    """
    paths = changed(before, picture.project.snapshot)
    touched = sessions(picture, paths)
    parts = [
        f"## Review of {plain(span)}\n",
        *_verdict(found, unjudged),
        *_gates(picture, touched),
        *(block for one in touched for block in _session(before, picture, one)),
        *_listed("Contracts changed", (code(show(path)) for path in paths if path.startswith(CONTRACTS))),
        *_kept(picture.project, paths, touched),
        *_listed("Who has to look", _looks(looks(owned or Ownership(before), picture.project, paths))),
        "### What you have to do\n",
        "".join(f"- {line}\n" for line in duties(picture, touched, span, found)),
    ]
    return "\n".join(parts)


def _kept(project: Project, paths: Iterable[bytes], touched: Iterable[Session]) -> Iterator[str]:
    """How many of the contracts that a proposal speaks of are kept, and what is known of each."""
    changed = {path.decode("utf-8", "surrogateescape") for path in paths}
    found = [of_pair(project, one) for one in concerned(project, changed, {one.name for one in touched})]
    kept, counted = share(found)
    yield from _listed(f"Contracts kept: {kept} of {counted}", map(_compliance, found))


def _compliance(one: Compliance) -> str:
    facts = {KEPT: "kept", OPEN: "not implemented yet"}
    said = facts.get(one.standing, "; ".join(plain(str(each)) for each in one.findings))
    untold = (
        f"; {len(one.unknown)} can't be told without running it"
        if one.unknown and one.standing == KEPT
        else ""
    )
    return f"{code(one.contract)} by {code(one.implementation)}: {said}{untold}"


def sessions(picture: Picture, paths: Iterable[bytes]) -> list[Session]:
    """The sessions whose file a proposal changes, in the order of their names."""
    names = {name_of(path) for path in paths}
    return [one for name, one in picture.project.sessions.items() if name in names]


def _verdict(found: Sequence[Finding], unjudged: str) -> Iterator[str]:
    if unjudged:
        yield f"`sdd check` could not judge this: {plain(unjudged)}\n"
    elif not found:
        yield "`sdd check` finds nothing.\n"
    yield from _listed(f"`sdd check` refuses this: {len(found)}", (plain(str(finding)) for finding in found))


def _gates(picture: Picture, touched: Iterable[Session]) -> Iterator[str]:
    rows = [
        f"| {standing.gate} | {plain(show(standing.document))} | {plain(words(standing))} |\n"
        for standing in standings(picture, touched)
    ]
    if rows:
        yield "| gate | document | standing |\n| --- | --- | --- |\n" + "".join(rows)


def standings(picture: Picture, touched: Iterable[Session]) -> list[Standing]:
    """The standing of each document of the gates that these sessions have to pass, each once."""
    found: dict[tuple[str, bytes], Standing] = {}
    for one in touched:
        gate = picture.project.text(one.name, "gate")
        for standing in picture.gates.opening(gate, one.name).standings if gate else ():
            found.setdefault((standing.gate, standing.document), standing)
    return list(found.values())


def _looks(found: Iterable[Look]) -> Iterator[str]:
    """A line for each who has to look: at which paths as their owner, for which sessions that use a changed contract."""
    for one in found:
        shown = [code(show(path)) for path in one.paths[:GLANCE]]
        more = f" and {len(one.paths) - GLANCE} more" if len(one.paths) > GLANCE else ""
        whats = [f"owns {', '.join(shown)}{more}"] if shown else []
        whats += (
            [f"answers for {', '.join(map(plain, one.users))}, which use a changed contract"]
            if one.users
            else []
        )
        yield f"{plain(one.who)}: {'; '.join(whats)}"


def _session(before: Snapshot, picture: Picture, one: Session) -> Iterator[str]:
    state = picture.states[one.name]
    yield f"### {plain(one.name)}: {plain(one.title)}, {state.state}\n"
    yield f"{plain(' '.join(one.goal.split()))}\n"
    lines = [f"[{'x' if item.ticked else ' '}] {plain(item.text)}" for item in one.checklist]
    lines += [f"{plain(item.text)} — {plain(item.answer) or '**open**'}" for item in one.questions]
    lines += [_run(run) for run in new_runs(before, one)]
    rests = rests_on(picture.project.snapshot, one)
    lines += [f"rests on {', '.join(plain(path) for path in rests)}"] if rests else []
    yield _capped(lines)


def new_runs(before: Snapshot, one: Session) -> list[Run]:
    """The runs that a session has now and had not before."""
    from sdd.sessions.session import parse

    known = parse(one.path, before.read(one.path)).runs if before.is_file(one.path) else ()
    return [run for run in one.runs if run.file not in {old.file for old in known} or not run.file]


def rests_on(snapshot: Snapshot, one: Session) -> list[str]:
    """What the newest run of a session was shown, the rules for every session apart."""
    last = progress(one.runs).last
    path = b"sessions/" + last.file.encode() if last and last.file else b""
    found = inputs(snapshot.read(path)) if snapshot.is_file(path) else []
    return [name for name in dict.fromkeys(found) if name not in EVERY_SESSION]


def _run(run: Run) -> str:
    checks = "; ".join(
        f"{code(check.partition(' ')[2])} exit {check.partition(' ')[0]}" for check in run.checks
    )
    cost = plain(f"${run.cost}") if run.cost else ""
    facts = [plain(run.outcome), plain(run.model or run.provider), cost, checks or "unchecked"]
    return "run: " + ", ".join(fact for fact in facts if fact)


def duties(picture: Picture, touched: Sequence[Session], span: str, found: Sequence[Finding]) -> list[str]:
    """What the reviewer has to do, as commands."""
    lines = [f"{code(f'sdd check {span}')}: {found[0].code} first: {plain(found[0].hint)}"] if found else []
    lines += [f"open questions: {code(f'sdd answer {one.name}')}" for one in touched if one.open_questions]
    lines += [
        f"{plain(' or '.join(one.awaited))}: read it, then {code(f'sdd approve {show(one.document)} --gate {one.gate}')}"
        for one in standings(picture, touched)
        if one.awaited
    ]
    waiting = (one for one in touched if picture.states[one.name].state == "review")
    lines += [f"or send it back: {code(f'sdd reject {one.name} -m WHY')}" for one in waiting]
    return lines or ["read the change; nothing else waits for you"]


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"### {title}\n"
        yield _capped(found)


def _capped(lines: Sequence[str]) -> str:
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "".join(f"- {line}\n" for line in [*lines[:SHOWN], *more])
