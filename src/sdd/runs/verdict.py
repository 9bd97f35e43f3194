"""What a response comes to: before anything of it is written, and after the checks have run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.runs import failure
from sdd.runs.record import LARGE
from sdd.sessions import edit
from sdd.sessions.session import parse
from sdd.sessions.turns import BAR
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.runs.checks import Check
    from sdd.runs.pending import Pending
    from sdd.runs.response import ParsedResponse

WRONGLY = "its tests fail for another reason than that the code does not exist yet"
EARLY = "it passes before the code exists, so it tests nothing new"
AGAIN = "all that it asks was asked before, and is answered in the prompt"
UNCHECKED = "unchecked: no command verifies this; name one in `sdd.toml` or in the session's `verify`"


class Verdict(Value):
    """What has come of a response: the run's outcome, what goes into its summary, and what goes into the session."""

    outcome: str
    words: str
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()


def judged(
    session: bytes,
    run: Pending,
    parsed: ParsedResponse,
    problems: Sequence[str],
    failures: tuple[str, ...] = (),
) -> Verdict:
    """What a response comes to before anything of it is written.

    `session` are the bytes of the session's file, `failures` the classes of the problems.
    """
    block = parsed.block
    words = block.summary if block else ""
    if run.cut:
        return failed(words, [f"the response is not whole: {run.cut}", *problems], failure.of_cut(run.cut))
    if problems or block is None:
        return failed(words, problems, failures)
    if block.outcome in {"questions", "blocked"}:
        questions = block.questions or (f"Blocked: {words}",)
        if _answered(session, questions):
            return failed(words, [AGAIN], ("response asks what is answered",))
        return Verdict(block.outcome, words, questions=questions)
    if block.confidence < BAR and not run.bold:
        note = f"confidence {block.confidence} is below {BAR}: nothing was written"
        return Verdict("unsure", words, notes=(note,))
    left = _unticked(session, block.checklist) if run.turn == "work" else []
    return failed(words, left, ("unticked",)) if left else Verdict("done", words)


def _answered(session: bytes, questions: Sequence[str]) -> bool:
    """Whether a person has answered all of this before, so that nobody would be asked, and the session would run for ever."""
    asked = edit.edited(session, lambda text: edit.ask(text, questions))
    return not parse(b"sessions/x.md", asked).open_questions


def _unticked(session: bytes, listed: Sequence[str]) -> list[str]:
    ticked = edit.edited(session, lambda text: edit.tick(text, listed))
    return [
        f"it says done, but its checklist does not list `{item.text}` as true"
        for item in parse(b"sessions/x.md", ticked).unticked
    ]


def failed(words: str, problems: Sequence[str], failures: tuple[str, ...]) -> Verdict:
    """A response that could not be used, and why: one problem at least."""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    note = f"the response could not be used: {problems[0]}{more}; nothing was written"
    return Verdict("failed", words, notes=(note,), problems=tuple(problems), failures=failures)


def checked(
    run: Pending,
    parsed: ParsedResponse,
    found: Sequence[Check],
    root: str = "",
    to_come: Sequence[str] = (),
) -> tuple[Verdict, list[Check]]:
    """What an applied response comes to by its checks, and these as they are to be recorded.

    `root` is the folder that they ran in, `to_come` the globs of what the session writes after its tests.
    """
    wrong = [check for check in found if not check.passed]
    notes = [] if found or not commands_wanted(run.writes) else [UNCHECKED]
    if run.turn == "tests":
        wrong = _early(found) or _wrongly_red(found, root, to_come)
        notes += ["the tests fail, as they must before the code exists"] if found and not wrong else []
    if (run.changed_lines or 0) > LARGE:
        notes.append(f"it changed {run.changed_lines} lines: smaller steps are easier to verify")
    notes += [f"`{check.command}` failed: {check.why}" for check in wrong]
    judged_anew = {check.command: check for check in wrong}
    block = parsed.block
    verdict = Verdict(
        "failed" if wrong else "done",
        block.summary if block else "",
        tuple(notes),
        failures=failure.listed(one for check in wrong for one in _classes(check, root, to_come)),
    )
    if block and not wrong:
        ticked = block.checklist if run.turn == "work" else ()
        verdict = verdict.replace(ticked=ticked, lessons=block.lessons)
    return verdict, [judged_anew.get(check.command, check) for check in found]


def _classes(check: Check, root: str, to_come: Sequence[str]) -> Sequence[str]:
    if check.why == EARLY:
        return (f"early {check.command}",)
    found = failure.of_check(check, root)
    return failure.wrong_reasons(found, to_come) if check.why.startswith(WRONGLY) else found


def _wrongly_red(found: Sequence[Check], root: str, to_come: Sequence[str]) -> list[Check]:
    """The checks whose tests could not even be loaded, for another reason than that the code does not exist."""
    told = [
        (check, failure.wrong_reasons(failure.of_check(check, root), to_come))
        for check in found
        if check.exit_code
    ]
    return [check.replace(why=f"{WRONGLY}: {', '.join(reasons)}") for check, reasons in told if reasons]


def _early(found: Sequence[Check]) -> list[Check]:
    """The checks that pass though the code does not exist; none where tests ran and failed.

    Commands that ran tests decide, where there are any: a type checker that misses the code proves nothing.
    """
    telling = [check for check in found if check.ran_tests] or found
    if any(check.exit_code not in {0, None} and not check.ran_nothing for check in telling):
        return []
    return [check.replace(passed=False, why=EARLY if check.passed else check.why) for check in telling]


def commands_wanted(writes: Sequence[str]) -> bool:
    """Whether globs reach beyond documents and sessions, so that something should be checked."""
    return any(not glob.startswith(("docs/", "sessions/")) for glob in writes)
