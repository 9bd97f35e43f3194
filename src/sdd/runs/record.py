"""A run's record: the short block in the session's file, and the whole run in a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.prompts.prompt import fenced
from sdd.sessions import edit
from sdd.sessions.run import NOTED, Run, facts
from sdd.sessions.whole_run import section
from sdd.snapshot import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.runs.checks import Check

LARGE = 400
"""Changed lines from which a run says that it was large: steps should be small enough to verify."""


def whole(
    session: str,
    run: Run,
    *,
    sources: Sequence[Sequence[str]] = (),
    wrote: Mapping[bytes, tuple[str, str]] | None = None,
    checks: Sequence[Check] = (),
    problems: Sequence[str] = (),
    response: str | None = None,
) -> bytes:
    """The whole run as a Markdown file.

    `sources` are (selector, path, blob, sha256 of the text shown, sha256 of its words where they are known); no text is
    what a person accepted as gone. `wrote` maps paths to blob ids before and after.
    """
    lines = [f"# A run of {session}\n", f"{run.summary.strip()}\n", facts(run.replace(file=""))]
    if sources:
        lines += ["## Inputs\n", "".join(_input(*source) for source in sources)]
    if wrote:
        lines += ["## Wrote\n", "".join(_wrote(path, *blobs) for path, blobs in sorted(wrote.items()))]
    if problems:
        lines += ["## Problems\n", "".join(f"- {' '.join(problem.split())}\n" for problem in problems)]
    if checks:
        lines += ["## Checks\n", "\n".join(_check(check) for check in checks)]
    if response is not None:
        lines += ["## Response\n", fenced(response, "markdown")]
    return "\n".join(lines).encode()


def _input(selector: str, path: str, blob: str, text: str, words: str = "") -> str:
    by = "" if selector == path else f" by `{_shown(selector)}`"
    facts = [
        f" {name} {value}" for name, value in (("blob", blob), ("text", text), ("words", words)) if value
    ]
    return f"- `{_shown(path)}`{''.join(facts)}{'' if text else ' gone'}{by}\n"


def _shown(path: str) -> str:
    """A path, or a selector, whose bytes that are no UTF-8 are kept as half characters, on one line of text."""
    return show(path.encode("utf-8", "surrogateescape"))


def inputs(data: bytes) -> list[str]:
    """The paths that a run rested on, from the file of the whole run."""
    return _listed(data, "Inputs")


def wrote(data: bytes) -> list[str]:
    """The paths that a run wrote, from the file of the whole run."""
    return _listed(data, "Wrote")


def problems(data: bytes) -> list[str]:
    """What was wrong with a response, from the file of the whole run."""
    return [line[2:] for line in section(data, "Problems") if line.startswith("- ")]


def _listed(data: bytes, title: str) -> list[str]:
    return [line[3:].partition("` ")[0] for line in section(data, title) if line.startswith("- `")]


def _wrote(path: bytes, before: str, after: str) -> str:
    old, new = f"blob {before}" if before else "new", f"blob {after}" if after else "gone"
    return f"- `{show(path)}` {old} → {new}\n"


def _check(check: Check) -> str:
    ended = "could not run" if check.exit_code is None else f"exit code {check.exit_code}"
    verdict = "passed" if check.passed else f"failed: {check.why}" if check.why else "failed"
    return f"### `{check.command}`\n\n{verdict} ({ended}, {check.seconds:.1f} s)\n\n{fenced(check.output, 'text')}"


def appended(text: str, run: Run, *, ticked: Sequence[str] = (), questions: Sequence[str] = ()) -> str:
    """A session's text with a run: its ticks, its questions, its block."""
    cleared = edit.untick(text) if run.outcome == "rejected" else text
    return edit.append_run(edit.ask(edit.tick(cleared, ticked), questions), run)


def summary(words: str, notes: Sequence[str]) -> str:
    """A run's summary: what the model said, then what sdd noticed."""
    return "\n".join([words.strip(), *(f"{NOTED}{note}" for note in notes)]).strip()
