"""What a prompt consists of, part by part with sizes, and what has changed of it since a run recorded what it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.prompts.compile import RESPONSE, ROLE
from sdd.prompts.prompt import tokens
from sdd.prompts.selectors import select
from sdd.sessions import whole_run
from sdd.sessions.template import path_of
from sdd.snapshot import in_memory, show
from sdd.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdd.prompts.prompt import Part, Prompt, Source
    from sdd.repository import Repository
    from sdd.sessions.project import Project
    from sdd.sessions.run import Run
    from sdd.sessions.whole_run import Input
    from sdd.snapshot import Snapshot


class Row(Value):
    """One part of a prompt: where its text comes from ("" for sdd itself), its size, and its share of all tokens (0 to 1)."""

    section: str
    source: str
    path: bytes
    blob: str
    bytes: int
    tokens: int
    share: float


def rows(project: Project, name: str, prompt: Prompt) -> list[Row]:
    """The parts of a session's prompt in their order; the tokens are estimated."""
    whole = max(1, prompt.tokens)
    return [
        Row(one.section, source, path, blob, len(one.text.encode()), size, size / whole)
        for one in prompt.parts
        for size in (tokens(one.text),)
        for source, path, blob in _origins(project, name, one)
    ]


def _origins(project: Project, name: str, one: Part) -> Iterator[tuple[str, bytes, str]]:
    """Where a part comes from: what its selector names, else the template or the session, which say it themselves."""
    if one.sources:
        source = one.sources[0]
        yield source.name, source.path, source.blob
    elif one.section == RESPONSE:
        yield "", b"", ""
    else:
        session = project.sessions[name]
        path = path_of(session.kind) if one.section in ROLE else session.path
        yield show(path), path, project.snapshot.blob(path)


class Since(Value):
    """What a prompt shows that a run was not shown, what it shows no more, and what it shows with another text."""

    run: Run
    number: int
    added: tuple[Source, ...]
    removed: tuple[Input, ...]
    changed: tuple[tuple[Input, Source], ...]


def since_last_run(project: Project, name: str, prompt: Prompt) -> Since:
    """What has changed since the newest run whose inputs are on record.

    Raises:
        SddError: there is no such run.
    """
    one = project.sessions[name]
    for number, run in reversed(list(enumerate(one.runs, 1))):
        path = b"sessions/" + run.file.encode()
        if run.file and project.snapshot.is_file(path):
            return _since(number, run, whole_run.inputs(project.snapshot.read(path)), prompt)
    raise SddError(f"no run of {name} has left what it was shown", hint=f"sdd next {name}")


def _since(number: int, run: Run, inputs: list[Input], prompt: Prompt) -> Since:
    before = {(one.selector, one.path): one for one in inputs}
    now = {(_shown(one.selector), one.path): one for one in prompt.sources}
    both = [(before[key], one) for key, one in now.items() if key in before]
    return Since(
        run,
        number,
        tuple(one for key, one in now.items() if key not in before),
        tuple(one for key, one in before.items() if key not in now),
        tuple((old, new) for old, new in both if old.text != new.sha256),
    )


def _shown(selector: str) -> str:
    return show(selector.encode(errors="surrogateescape"))


def text_of(git: Repository, selector: str, path: bytes, blob: str) -> str:
    """The text that a selector gave of a file when its blob was this one; empty where nobody knows any more."""
    try:
        return text_now(in_memory({path: git.read_blobs([blob])[blob]}), selector, path)
    except SddError:  # it was never committed, or is a commit
        return ""


def text_now(snapshot: Snapshot, selector: str, path: bytes) -> str:
    """The text that a selector gives of one file; empty where it gives none, as one of a session or of commits."""
    try:
        found = [one for one in select(snapshot, selector) if one.path == path]
    except SddError:
        return ""
    return found[0].shown if found and found[0].first_line else ""
