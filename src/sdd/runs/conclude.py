"""From a response that is kept to a run that is recorded. Every step can be repeated after a kill at any point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd import disk
from sdd.globs import is_glob
from sdd.runs import checks, pending, record, response, transaction
from sdd.runs.changes import changed_lines, plan
from sdd.runs.pending import ANSWERED, APPLIED, Pending
from sdd.sessions import edit
from sdd.sessions.run import Run
from sdd.sessions.session import path_of
from sdd.sessions.turns import BAR
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.gates.picture import Picture
    from sdd.runs.checks import Check
    from sdd.runs.place import Place
    from sdd.runs.response import ParsedResponse
    from sdd.sessions.session import Session

OUTPUTS, RECORD = "outputs", "record"


class Verdict(Value):
    """What has come of a response: the run's outcome, what goes into its summary, and what goes into the session."""

    outcome: str
    words: str
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()


def conclude(place: Place, run: Pending) -> Run:
    """Apply a response, check what it wrote, and record the run.

    Raises:
        SddError: the disk refused, or a person changed a file in between; what is kept stays kept.
    """
    folder = pending.folder(place.git_dir, run.session)
    if transaction.prepared(folder, RECORD):
        return _recorded(place, run.session)
    parsed = response.parse(pending.response(place.git_dir, run.session))
    if run.stage == ANSWERED and transaction.prepared(folder, OUTPUTS):
        run = _applied(place, run)
    if run.stage == APPLIED:
        return _checked(place, run, parsed)
    picture = place.picture()
    now = picture.project.snapshot
    changes = plan(parsed, list(run.writes), now, {key.encode(): blob for key, blob in run.shown.items()})
    problems = [
        f"line {one.line}: {one.message}. {one.hint}" if one.line else f"{one.message}. {one.hint}"
        for one in (*parsed.problems, *changes.problems)
    ]
    verdict = judged(picture.project.sessions[run.session], run, parsed, problems)
    if verdict.outcome != "done":
        return _record(place, run, verdict, ())
    missing = [
        glob
        for glob in run.writes
        if not is_glob(glob) and glob.encode() not in now and glob.encode() not in changes.files
    ]
    if missing:
        problems = [f"`{glob}` was to be written, and was not" for glob in missing]
        return _record(place, run, failed(verdict.words, problems), ())
    lines = sum(
        changed_lines(now.read(path) if path in now else b"", data) for path, data in changes.files.items()
    )
    run = run.replace(changed_lines=lines)
    pending.save(place.git_dir, run)
    transaction.prepare(place.root, folder, OUTPUTS, changes.files)
    return _checked(place, _applied(place, run), parsed)


def judged(session: Session, run: Pending, parsed: ParsedResponse, problems: Sequence[str]) -> Verdict:
    """What a response comes to before anything of it is written."""
    block = parsed.block
    words = block.summary if block else ""
    if run.cut:
        return failed(words, [f"the response is not whole: {run.cut}", *problems])
    if problems or block is None:
        return failed(words, problems)
    if block.outcome == "questions":
        return Verdict("questions", words, questions=block.questions)
    if block.outcome == "blocked":
        return Verdict("blocked", words, questions=block.questions or (f"Blocked: {words}",))
    if block.confidence < BAR and not run.bold:
        return Verdict(
            "unsure", words, notes=(f"confidence {block.confidence} is below {BAR}: nothing was written",)
        )
    after = edit.tick(_text(session), block.checklist) if block.checklist else _text(session)
    left = _unticked(after, session)
    return (
        failed(words, left)
        if left and run.turn == "work"
        else Verdict("done", words, ticked=block.checklist, lessons=block.lessons)
    )


def _text(session: Session) -> str:
    boxes = "".join(f"- [{'x' if item.ticked else ' '}] {item.text}\n" for item in session.checklist)
    return f"---\nkind: any\n---\n# T\n\n## Goal\n\ng\n\n## Checklist\n\n{boxes}"


def _unticked(text: str, session: Session) -> list[str]:
    from sdd.sessions.session import parse

    left = parse(session.path, text.encode()).unticked
    return [f"it says done, but its checklist does not list `{item.text}` as true" for item in left]


def failed(words: str, problems: Sequence[str]) -> Verdict:
    """A response that could not be used, and why."""
    first = f"the response could not be used: {problems[0]}" if problems else "the response could not be used"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Verdict("failed", words, notes=(first + more + "; nothing was written",), problems=tuple(problems))


def _applied(place: Place, run: Pending) -> Pending:
    """Write the outputs, and remember that they are written."""
    folder = pending.folder(place.git_dir, run.session)
    wrote = tuple(row for row in transaction.finish(place.root, folder, OUTPUTS) if row[1] != row[2])
    applied = run.replace(stage=APPLIED, wrote=wrote)
    pending.save(place.git_dir, applied)
    transaction.forget(folder, OUTPUTS)
    return applied


def _checked(place: Place, run: Pending, parsed: ParsedResponse) -> Run:
    """Run the session's commands on what was written, and record what they say."""
    picture = place.picture()
    commands = verify_commands(place, picture, run.session, run.writes)
    found = run_checks(place, commands)
    verdict = judged(picture.project.sessions[run.session], run, parsed, [])
    notes = list(verdict.notes)
    wrong = [check for check in found if not check.passed]
    if run.turn == "tests":
        wrong, note = _must_fail(found)
        notes += note
    if wrong:
        verdict = verdict.replace(outcome="failed", ticked=())
        notes += [f"`{check.command}` failed: {check.why}" for check in wrong]
    if not found and commands_wanted(run.writes):
        notes.append(
            "unchecked: no command verifies this; name one in `sdd.toml` or in the session's `verify`"
        )
    return _record(place, run, verdict.replace(notes=tuple(notes)), found)


def _must_fail(found: Sequence[Check]) -> tuple[list[Check], list[str]]:
    """Tests that come first must run, and fail: a test that passes before the code exists tests nothing."""
    if any(check.exit_code not in {0, None} and not check.ran_nothing for check in found):
        return [], ["the tests fail, as they must before the code exists"]
    if not found:
        return [], []
    return [
        check.replace(
            passed=False, why=check.why or "it passes before the code exists, so it tests nothing new"
        )
        for check in found
    ], []


def commands_wanted(writes: Sequence[str]) -> bool:
    """Whether globs reach beyond documents and sessions, so that something should be checked."""
    return any(not glob.startswith(("docs/", "sessions/")) for glob in writes)


def verify_commands(place: Place, picture: Picture, session: str, writes: Sequence[str]) -> list[str]:
    """The commands that must pass after a run: the session's own, its page's, else the project's for what is no document."""
    page = picture.project.pages.get(session)
    own = picture.project.texts(session, "verify") or (page.verify if page else ())
    if own:
        return list(own)
    return list(place.settings().verify.commands) if commands_wanted(writes) else []


def run_checks(place: Place, commands: Sequence[str]) -> list[Check]:
    """Run commands at the top of the working tree, and say each."""
    env = checks.environment(place.environ)
    timeout_s = place.settings().verify.timeout
    return checks.run(
        list(commands),
        place.root,
        timeout_s=timeout_s,
        env=env,
        on_start=lambda command: place.say(f"$ {command}"),
    )


def _record(place: Place, run: Pending, verdict: Verdict, found: Sequence[Check]) -> Run:
    """Write the whole run's file and the session's block, all or nothing, and forget the run in progress."""
    notes = list(verdict.notes)
    if (run.changed_lines or 0) > record.LARGE:
        notes.append(f"it changed {run.changed_lines} lines: smaller steps are easier to verify")
    parsed = response.parse(pending.response(place.git_dir, run.session))
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
        changed_lines=run.changed_lines,
        summary=record.summary(verdict.words, notes),
    )
    whole = record.whole(
        run.session,
        made,
        sources=run.sources,
        wrote={path.encode(): (before, after) for path, before, after in run.wrote},
        checks=found,
        problems=verdict.problems,
        response=pending.response(place.git_dir, run.session),
    )
    made = made.replace(file=record.file_name(run.session, run.time, whole))
    files = {b"sessions/" + made.file.encode(): whole} | _session_file(place, run.session, made, verdict)
    if verdict.lessons:
        files |= _lessons(place, verdict.lessons)
    transaction.prepare(place.root, pending.folder(place.git_dir, run.session), RECORD, files)
    return _recorded(place, run.session)


def _session_file(place: Place, session: str, made: Run, verdict: Verdict) -> dict[bytes, bytes]:
    path = path_of(session)
    data = place.file(path).read_bytes()
    edit.readable(path, data)
    return {
        path: edit.edited(
            data, lambda text: record.appended(text, made, ticked=verdict.ticked, questions=verdict.questions)
        )
    }


def _lessons(place: Place, lessons: Sequence[str]) -> dict[bytes, bytes]:
    """The lessons of a run, added to those that every later prompt carries."""
    path = b"docs/lessons.md"
    file = place.file(path)
    text = (
        file.read_bytes().decode("utf-8", "replace")
        if file.is_file()
        else "# Lessons\n\nWhat earlier sessions taught; every prompt carries it.\n"
    )
    new = [
        lesson for lesson in (" ".join(lesson.split()) for lesson in lessons) if f"- {lesson}\n" not in text
    ]
    return (
        {
            path: (
                text.rstrip("\n")
                + "\n"
                + ("" if "\n- " in text else "\n")
                + "".join(f"- {lesson}\n" for lesson in new)
            ).encode()
        }
        if new
        else {}
    )


def _recorded(place: Place, session: str) -> Run:
    """Finish writing the record, drop the run in progress, and give the run as the session's file has it."""
    folder = pending.folder(place.git_dir, session)
    transaction.finish(place.root, folder, RECORD)
    pending.drop(place.git_dir, session)
    disk.sweep(str(place.file(path_of(session)).parent))
    from sdd.sessions.session import parse

    path = path_of(session)
    return parse(path, place.file(path).read_bytes()).runs[-1]
