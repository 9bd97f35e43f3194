"""Changes to a session's text that leave every other line as it is: a tick, a question, an answer, a run.

All work by lines, so that a file may mix ends of lines: what is not meant keeps its own.
"""

from __future__ import annotations

from sdd.errors import SddError
from sdd.sessions import run as runs
from sdd.sessions.body import Body
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.outline import items
from sdd.sessions.session import parse
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sdd.sessions.run import Run
    from sdd.sessions.session import Session


def edited(data: bytes, change: Callable[[str], str]) -> bytes:
    """The file after a change to its text; where all its lines end with CRLF, the new ones do, too.

    The file must be UTF-8, as `readable` says.
    """
    text = data.decode()
    if not 0 < text.count("\n") == text.count("\r\n"):
        return change(text).encode()
    return change(text.replace("\r\n", "\n")).replace("\n", "\r\n").encode()


def tick(text: str, done: Iterable[str]) -> str:
    """Tick the items of the checklist that are named, ignoring case, white space and a last full stop."""
    wanted = {_folded(item) for item in done}
    lines = text.split("\n")
    for item in _session(text).checklist:
        if not item.ticked and _folded(item.text) in wanted:
            lines[item.line - 1] = _marked(lines[item.line - 1], "x")
    return "\n".join(lines)


def untick(text: str) -> str:
    """Take all ticks of the checklist back: what was sent back has to be shown anew."""
    lines = text.split("\n")
    for item in _session(text).checklist:
        if item.ticked:
            lines[item.line - 1] = _marked(lines[item.line - 1], " ")
    return "\n".join(lines)


def _marked(line: str, mark: str) -> str:
    box = line.index("[")
    return line[: box + 1] + mark + line[box + 2 :]


def _session(text: str) -> Session:
    return parse(b"sessions/x.md", text.encode())


def _folded(item: str) -> str:
    return " ".join(item.split()).rstrip(".").casefold()


def ask(text: str, questions: Iterable[str]) -> str:
    """Add questions that are not there yet under `## Questions`, each on one line."""
    there = {"", *(_folded(question.text) for question in _session(text).questions)}
    new: list[str] = []
    for question in questions:
        line = _asked(" ".join(runs.plain(question).split()))
        if _folded(line) not in there:
            there.add(_folded(line))
            new.append(f"- {line}")
    return added(text, "Questions", new) if new else text


def _asked(question: str) -> str:
    """A question that reads as itself behind `- `: not as a rule, a box or nothing."""
    found = [(item.text, item.checked) for item in items([f"- {question}"])]
    return question if not question or found == [(question, None)] else f"Question: {question}"


def answer(text: str, number: int, words: str) -> str:
    """Write the answer under the question with that number (from 1), instead of what stood there.

    Raises:
        SddError: there is no such question, nothing is said, or it has no words and what stands below would join the answer.
    """
    said = runs.plain(words)
    if not said:
        raise SddError(f"the answer to question {number} is empty", hint="say it in a few words")
    questions = _session(text).questions
    if not 1 <= number <= len(questions):
        raise SddError(
            f"there is no question {number}: the session has {len(questions)}", hint="count from 1"
        )
    question = questions[number - 1]
    lines = text.split("\n")
    if not question.text and _is_indented(lines[question.line + question.height :]):
        raise SddError(
            f"question {number} has no words, and what stands below it would join the answer",
            hint=f"write the question in line {question.line} first",
        )
    item = lines[question.line - 1]
    marker = item.split(maxsplit=1)[0]
    indent = " " * (item.index(marker) + len(marker) + 1)
    end = question.line + question.height
    beside = "".join(lines[end : end + 1]).strip() and not question.text and not question.height
    lines[question.line : end] = [
        *runs.quoted(said, indent),
        *([""] if beside else []),
    ]  # else it would join in
    return "\n".join(lines)


def _is_indented(below: Sequence[str]) -> bool:
    """Whether the next line that says anything is indented: Markdown begins an item with one blank line at most."""
    return next((line for line in below if line.strip()), "").startswith((" ", "\t"))


def append_run(text: str, run: Run) -> str:
    """Add a run's block at the end of `## Runs`, numbered after those that are there."""
    block = runs.render(run, len(_session(text).runs) + 1)
    return added(text, "Runs", block.rstrip("\n").split("\n"), apart=True)


def added(text: str, title: str, new: Sequence[str], *, apart: bool = False) -> str:
    """The text with new lines at the end of a section, before its last blank lines; `apart`: a blank line before them.

    A missing section is made, before `## Runs` or else at the end of the file.
    """
    lines = text.split("\n")
    front = parse_front_matter(b"", text.encode())
    body = Body(b"", front.body, front.body_line)
    part, last = body.section(title), body.section("Runs")
    if part:
        end = body.offset + part.end_line
    else:
        end = body.offset + last.line - 1 if last else len(lines)
        new = [f"## {title}", "", *new]
    while end and not lines[end - 1].strip():
        end -= 1
    heading = body.offset + part.line if part else end
    blank = end < len(lines) and not lines[end].strip()
    lines[end:end] = [*([""] if apart or end == heading else []), *new, *([] if blank else [""])]
    return "\n".join(lines)


def readable(path: bytes, data: bytes) -> str:
    """The text of a session that is about to be edited.

    Raises:
        SddError: the file cannot be read as a session, or would swallow what is appended: nothing may be written into it.
    """
    codes = {"SDD101", "SDD102", "SDD113", "SDD141"}
    found = [finding for finding in parse(path, data).findings if finding.code in codes]
    if found:
        raise SddError(f"{show(path)} cannot be changed: {found[0]}", hint=found[0].hint)
    return data.decode().replace("\r\n", "\n")
