"""From a response that is kept to a run that is recorded. Every step can be repeated after a kill at any point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.families import environment
from sdd.globs import is_glob
from sdd.llm.secrets import known, without
from sdd.runs import agent, checks, failure, form, pending, record, recording, response, transaction
from sdd.runs.changes import Changes, changed_lines, plan
from sdd.runs.pending import APPLIED, Pending
from sdd.runs.recording import LESSONS, OUTPUTS, Entry
from sdd.runs.verdict import checked, commands_wanted, failed, judged
from sdd.sessions.retries import poisoned, told
from sdd.sessions.run import Run
from sdd.sessions.session import parse
from sdd.sessions.turns import is_test, later_writes
from sdd.snapshot import blob_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.gates.picture import Picture
    from sdd.runs.checks import Check
    from sdd.runs.place import Place
    from sdd.runs.response import ParsedResponse
    from sdd.runs.transaction import Row
    from sdd.runs.verdict import Verdict
    from sdd.snapshot import Snapshot


def conclude(place: Place, run: Pending) -> Run:
    """Apply a response, check what it wrote, and record the run.

    Raises:
        SddError: the disk refused, or a person changed a file in between; what is kept stays kept.
    """
    if recording.begun(place, run.session):
        return recording.finish(place, run.session)
    parsed = response.parse(pending.response(place.git_dir, run.session))
    if agent.noted(place, run.session):
        run, verdict = _of_agent(place, run, parsed)
        if verdict.outcome != "done":
            return _recorded(place, run, verdict, (), parsed)
    elif run.stage != APPLIED:
        if not transaction.prepared(pending.folder(place.git_dir, run.session), OUTPUTS):
            run, verdict = _prepared(place, run, parsed)
            if not transaction.prepared(pending.folder(place.git_dir, run.session), OUTPUTS):
                return _recorded(place, run, verdict, (), parsed)
        run = _applied(place, run)
    verdict = judged(recording.read(place, run.session), run, parsed, ())
    if verdict.outcome == "blocked":
        return _recorded(place, run, verdict, (), parsed)
    picture = place.picture()
    found = run_checks(place, verify_commands(place, picture, run.session, run.writes))
    to_come = later_writes(picture.project, run.session)
    verdict, found = checked(run, parsed, found, place.root, to_come)
    return _recorded(place, run, verdict, found, parsed)


def _prepared(place: Place, run: Pending, parsed: ParsedResponse) -> tuple[Pending, Verdict]:
    """Judge a response, and if it is done prepare its files to be written."""
    algorithm = place.repository.object_format
    # What lies there is noted before it is compared with what the prompt showed: `finish` sees what changes after that.
    named = [*(file.path for file in parsed.files), *(edit.path for edit in parsed.edits)]
    before = transaction.standing(place.root, (path.encode() for path in named), algorithm)
    now = place.repository.working_tree()
    shown = {pending.as_bytes(path): blob for path, blob in run.shown.items()}
    changes = plan(parsed, list(run.writes), now, shown)
    wrong = (*parsed.problems, *changes.problems)
    problems = [form.told(problem) for problem in wrong]
    session = recording.read(place, run.session)
    verdict = judged(session, run, parsed, problems, failure.of_problems(wrong))
    missing = _missing(run.writes, now, changes) if verdict.outcome == "done" else []
    if missing:
        verdict = _without(verdict, missing)
    if verdict.outcome == "done" or (verdict.outcome == "blocked" and _shows_why(changes)):
        pairs = ((now.read(path) if path in now else b"", data) for path, data in changes.files.items())
        run = run.replace(changed_lines=sum(changed_lines(*pair) for pair in pairs))
        pending.save(place.git_dir, run)
        folder = pending.folder(place.git_dir, run.session)
        transaction.prepare(place.root, folder, OUTPUTS, changes.files, before, algorithm)
    return run, verdict


def _of_agent(place: Place, run: Pending, parsed: ParsedResponse) -> tuple[Pending, Verdict]:
    """Judge what an agent sent, and what it changed before; that stands already, whatever comes of it."""
    rows = agent.changed(place, run.session)
    found = [form.told(problem) for problem in parsed.problems] + agent.problems(rows, run.writes)
    classes = (*failure.of_problems(parsed.problems), *failure.outside(agent.outside(rows, run.writes)))
    verdict = judged(recording.read(place, run.session), run, parsed, found, classes)
    if verdict.outcome == "done":
        missing = _missing(run.writes, place.repository.working_tree(), Changes({}, ()))
        verdict = _without(verdict, missing) if missing else verdict
    lines = agent.lines(place, run.session, rows)
    agent.keep_strays(place, run.session, rows, run.writes)
    return run.replace(wrote=tuple(rows), changed_lines=lines), agent.worded(verdict)


def _without(verdict: Verdict, missing: Sequence[str]) -> Verdict:
    """What a response comes to that leaves out files that had to be written."""
    problems = [f"`{path}` was to be written, and was not" for path in missing]
    return failed(verdict.words, problems, failure.listed(f"missing {path}" for path in missing))


def _shows_why(changes: Changes) -> bool:
    """Whether files are a review's findings and the tests that show them: the result of a session that is blocked by them."""
    return bool(changes.files) and all(
        path.startswith(b"docs/") or is_test(path.decode()) for path in changes.files
    )


def _missing(writes: Sequence[str], now: Snapshot, changes: Changes) -> list[str]:
    """The paths that a turn had to write, that are not there, and do not come either."""
    plain = (glob for glob in writes if not is_glob(glob))
    return [glob for glob in plain if glob.encode() not in now and glob.encode() not in changes.files]


def _applied(place: Place, run: Pending) -> Pending:
    """Write the outputs, and remember that they are written."""
    folder = pending.folder(place.git_dir, run.session)
    transaction.finish(place.root, folder, OUTPUTS)
    wrote = tuple(row for row in transaction.rows(folder, OUTPUTS) if row[1] != row[2])
    applied = run.replace(stage=APPLIED, wrote=wrote)
    pending.save(place.git_dir, applied)
    transaction.forget(folder, OUTPUTS)
    return applied


def verify_commands(place: Place, picture: Picture, session: str, writes: Sequence[str]) -> list[str]:
    """The commands that must pass after a run: the session's own, its page's, else the project's for what is no document."""
    page = picture.project.pages.get(session)
    own = picture.project.texts(session, "verify") or (page.verify if page else ())
    if own:
        return list(own)
    return list(place.settings().verify.commands) if commands_wanted(writes) else []


FRESH = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Python takes a compiled file for current that was made in the same second of a source of the same length: a fix that
follows at once would be checked as it was before."""


def run_checks(place: Place, commands: Sequence[str]) -> list[Check]:
    """Run commands at the top of the working tree, and say each; no key is in what they printed, however they came by it."""
    secret = known(place.environ)
    found = checks.run(
        list(commands),
        place.root,
        timeout_s=place.settings().verify.timeout,
        env=environment(place.environ) | FRESH,
        on_start=lambda command: place.say(f"$ {command}"),
    )
    return [check.replace(output=without(secret, check.output)) for check in found]


def _recorded(
    place: Place, run: Pending, verdict: Verdict, found: Sequence[Check], parsed: ParsedResponse
) -> Run:
    """Put the run on record, and forget that it was in progress."""
    made = Run(
        time=run.time,
        outcome=verdict.outcome,
        turn=run.turn,
        provider=run.provider,
        model=run.model,
        conversation=run.conversation,
        prompt=run.prompt,
        confidence=parsed.block.confidence if parsed.block else None,
        answers=run.answers,
        checks=tuple(
            f"{'-' if check.exit_code is None else check.exit_code} {check.command}" for check in found
        ),
        tokens_in=run.tokens_in,
        tokens_out=run.tokens_out,
        cost=run.cost,
        seconds=run.seconds,
        changed_lines=run.changed_lines,
        failures=verdict.failures,
        summary=record.summary(verdict.words, (*run.said, *verdict.notes)),
    )
    lesson = poisoned((*parse(b"sessions/x.md", recording.read(place, run.session)).runs, made))
    if lesson and verdict.failures:
        offered = f"{told(lesson)}; the next run begins a fresh conversation. A lesson? `sdd answer {run.session} --lesson`"
        made = made.replace(summary=record.summary(verdict.words, (*run.said, offered, *verdict.notes)))
    wrote = (*run.wrote, *_lessons(place, verdict))
    whole = record.whole(
        run.session,
        made,
        sources=run.sources,
        wrote={pending.as_bytes(path): (before, after) for path, before, after in wrote},
        checks=found,
        problems=verdict.problems,
        response=pending.response(place.git_dir, run.session),
    )
    entry = Entry(made, verdict.ticked, verdict.questions, verdict.lessons)
    recording.begin(place, run.session, entry, whole)
    return recording.finish(place, run.session)


def _lessons(place: Place, verdict: Verdict) -> list[Row]:
    """What the lessons of a run will make of their file."""
    algorithm = place.repository.object_format
    before = transaction.standing(place.root, [LESSONS], algorithm)
    after = blob_id(recording.with_lessons(place, verdict.lessons), algorithm) if verdict.lessons else ""
    return [(LESSONS.decode(), old, after) for old in before.values() if after and after != old]
