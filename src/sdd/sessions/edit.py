"""Changes to a session's text that leave every other byte as it is: a tick, a question, an answer, a run."""

from __future__ import annotations

from sdd.errors import SddError
from sdd.sessions import run as runs
from sdd.sessions.outline import sections
from sdd.sessions.session import parse
from sdd.snapshot import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sdd.sessions.run import Run


def edited(data: bytes, change: Callable[[str], str]) -> bytes:
    """The file after a change to its text; a file with CRLF keeps CRLF."""
    text = data.decode()
    windows = "\r\n" in text
    changed = change(text.replace("\r\n", "\n"))
    return (changed.replace("\n", "\r\n") if windows else changed).encode()


def tick(text: str, done: Iterable[str]) -> str:
    """Tick the items of the checklist that are named, ignoring case, white space and a last full stop."""
    wanted = {_folded(item) for item in done}
    lines = text.split("\n")
    for item in parse(b"sessions/x.md", text.encode()).checklist:
        if not item.ticked and _folded(item.text) in wanted:
            lines[item.line - 1] = lines[item.line - 1].replace("[ ]", "[x]", 1)
    return "\n".join(lines)


def untick(text: str) -> str:
    """Take all ticks of the checklist back: what was sent back has to be shown anew."""
    lines = text.split("\n")
    for item in parse(b"sessions/x.md", text.encode()).checklist:
        if item.ticked:
            line = lines[item.line - 1]
            lines[item.line - 1] = (
                line.replace("[x]", "[ ]", 1) if "[x]" in line else line.replace("[X]", "[ ]", 1)
            )
    return "\n".join(lines)


def _folded(item: str) -> str:
    return " ".join(item.split()).rstrip(".").casefold()


def ask(text: str, questions: Iterable[str]) -> str:
    """Add questions that are not there yet under `## Questions`."""
    there = {_folded(question.text) for question in parse(b"sessions/x.md", text.encode()).questions}
    new: list[str] = []
    for question in questions:
        line = " ".join(question.split())
        if _folded(line) not in there:
            there.add(_folded(line))
            new.append(f"- {line}\n")
    return _appended(text, "Questions", "".join(new)) if new else text


def answer(text: str, number: int, words: str) -> str:
    """Write an answer under the question with that number (from 1), below what was answered before.

    Raises:
        SddError: there is no such question.
    """
    questions = parse(b"sessions/x.md", text.encode()).questions
    if not 1 <= number <= len(questions):
        raise SddError(f"there is no question {number}: the session has {len(questions)}")
    lines = text.split("\n")
    at = questions[number - 1].line
    while at < len(lines) and lines[at].startswith((" ", "\t")) and lines[at].strip():
        at += 1
    lines[at:at] = [f"  > {line}".rstrip() for line in words.strip().split("\n")]
    return "\n".join(lines)


def append_run(text: str, run: Run) -> str:
    """Add a run's block at the end of `## Runs`, numbered after those that are there."""
    number = len(parse(b"sessions/x.md", text.encode()).runs) + 1
    return _appended(text, "Runs", runs.render(run, number), apart=True)


def _appended(text: str, title: str, block: str, *, apart: bool = False) -> str:
    """Put a block at the end of a section, made before `## Runs` or at the end of the file where it is missing."""
    front = len(text) - len(_body(text))
    parts = sections(text[front:])
    part = next((part for part in parts if part.title == title), None)
    if part is None:
        runs_part = next((part for part in parts if part.title == "Runs"), None)
        at = front + runs_part.start if runs_part else len(text)
        before = text[:at].rstrip("\n") + "\n\n"
        return before + f"## {title}\n\n{block}" + ("\n" + text[at:] if runs_part else "")
    at = front + part.end
    before, after = text[:at].rstrip("\n"), text[at:].lstrip("\n")
    first = before.endswith(f"## {title}")
    return before + ("\n\n" if first or apart else "\n") + block + ("\n" + after if after else "")


def _body(text: str) -> str:
    from sdd.sessions.front_matter import parse as parse_front_matter

    return parse_front_matter(b"", text.encode()).body


def readable(path: bytes, data: bytes) -> str:
    """The text of a session that is about to be edited.

    Raises:
        SddError: the file cannot be read as a session, so nothing may be written into it.
    """
    found = [
        finding for finding in parse(path, data).findings if finding.code in {"SDD101", "SDD102", "SDD141"}
    ]
    if found:
        raise SddError(f"{show(path)} cannot be changed: {found[0]}", hint=found[0].hint)
    return data.decode().replace("\r\n", "\n")
