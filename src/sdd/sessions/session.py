"""A session's file: read into a value, and edited so that every byte not meant stays as it is."""

from __future__ import annotations

from sdd.findings import Finding
from sdd.globs import is_glob
from sdd.sessions import names
from sdd.sessions import run as runs
from sdd.sessions.body import Body
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.keys import SESSION, check
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdd.sessions.outline import Section
    from sdd.sessions.run import Run

FOLDER = b"sessions/"
CHANGES = names.CHANGES
RESERVED = names.RESERVED


class Question(Value):
    """A question of the model or a reviewer; any text under it answers it. `height` counts the lines of that text."""

    text: str
    answer: str
    line: int
    height: int = 0


class ChecklistItem(Value):
    """One line of the checklist; `evidence` is what it names in brackets at its end, if that looks like a test or file."""

    text: str
    ticked: bool
    line: int
    evidence: str = ""


class Session(Value):
    """What a session's file says. `own` holds the front matter's keys as given, before the template's defaults."""

    path: bytes
    name: str
    own: Mapping[str, object]
    title: str = ""
    goal: str = ""
    checklist: tuple[ChecklistItem, ...] = ()
    questions: tuple[Question, ...] = ()
    runs: tuple[Run, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def kind(self) -> str:
        """The template's name; empty where the file does not say."""
        return str(self.own.get("kind", ""))

    @property
    def feature(self) -> str:
        """The feature's name, empty for the root feature; `changes` for the small way."""
        return self.name.rpartition("/")[0]

    @property
    def slug(self) -> str:
        """The name inside its feature."""
        return self.name.rpartition("/")[2]

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """The questions that nobody has answered."""
        return tuple(question for question in self.questions if not question.answer)

    @property
    def unticked(self) -> tuple[ChecklistItem, ...]:
        """What the checklist still asks for."""
        return tuple(item for item in self.checklist if not item.ticked)


def docs(feature: str) -> str:
    """The folder of a feature's documents; that of the root feature and of small changes is `docs`."""
    return f"docs/{feature}" if feature not in {"", CHANGES} else "docs"


def path_of(name: str) -> bytes:
    """Where the session of that name stands."""
    return FOLDER + name.encode() + b".md"


def is_utf8(name: str) -> bool:
    """Whether a name can stand in a path, as none with half a character can."""
    return name.isascii() or not any("\ud800" <= char < "\ue000" for char in name)


def name_of(path: bytes) -> str | None:
    """The name of the session that stands there, or None where the path is no session's (SDD125 says why not)."""
    if (
        not path.startswith(FOLDER)
        or not path.endswith(b".md")
        or b".runs/" in path
        or path.startswith(b"sessions/templates/")
    ):
        return None
    try:
        return path[len(FOLDER) : -3].decode() or None
    except UnicodeDecodeError:
        return None


def owner_of(path: bytes) -> str:
    """The session that a file of a session or of its runs belongs to; "" for any other path."""
    name = name_of(path)
    if name is not None:
        return name
    folder, runs_, _ = path.rpartition(b".runs/")
    return name_of(folder + b".md") or "" if runs_ else ""


def misplaced(path: bytes) -> Finding | None:
    """What is wrong with the place or name of a file under `sessions/` (SDD125); such a file is no session."""
    if b".runs/" in path:
        return None
    name = name_of(path)
    if path.startswith(b"sessions/templates/"):
        why = _why_no_template(path)
    elif name is None:
        why = "is no session: a session is a `.md` file with a name in UTF-8"
    elif name.count("/") > 1:
        why = "is too deep: features do not nest"
    else:
        feature, _, slug = name.rpartition("/")
        reserved = feature and feature != CHANGES and names.why_no_feature(feature)
        why = reserved or names.why_no_name(slug)
    return (
        Finding("SDD125", path, 0, f"{show(path)} {why}", "move or rename it: `git mv OLD NEW`")
        if why
        else None
    )


def _why_no_template(path: bytes) -> str:
    kind = path.removeprefix(b"sessions/templates/").removesuffix(b".md").decode("utf-8", "replace")
    if not path.endswith(b".md") or "/" in kind:
        return "is no template: a template is `sessions/templates/<kind>.md`"
    return names.why_no_name(kind)


def parse(path: bytes, data: bytes) -> Session:
    """Read a session's file. Never raises; what is wrong stands in `findings` (SDD101 to SDD113, SDD130, SDD141)."""
    front = parse_front_matter(path, data)
    own, wrong = check(path, front, SESSION)
    body = Body(path, front.body, front.body_line)
    wanted = {name: body.section(name) for name in ("Goal", "Checklist", "Questions", "Runs")}
    found_runs, bad_runs = _runs(path, body, wanted["Runs"])
    checklist = _checklist(body, wanted["Checklist"])
    return Session(
        path=path,
        name=name_of(path) or show(path),
        own=own,
        title=body.title,
        goal=body.text(wanted["Goal"]),
        checklist=checklist,
        questions=_questions(body, wanted["Questions"]),
        runs=tuple(found_runs),
        notes=tuple((part.title, body.text(part)) for part in body.parts if part.title not in wanted),
        findings=(
            *front.findings,
            *wrong,
            *(body.findings() if front.readable else ()),
            *bad_runs,
            *_ticks_without_runs(path, checklist, found_runs),
        ),
    )


def _checklist(body: Body, part: Section | None) -> tuple[ChecklistItem, ...]:
    return tuple(
        ChecklistItem(item.text, item.checked, item.line, _evidence(item.text))
        for item in body.items(part)
        if item.checked is not None
    )


def _evidence(text: str) -> str:
    """The test or file that an item names in brackets at its end: `tests/test_a.py::test_b`, `docs/a.md`."""
    if not text.endswith(")") or "(" not in text:
        return ""
    inner = text.rpartition("(")[2][:-1].strip("`")
    path = inner.partition("::")[0]
    stem, _, ending = path.rpartition("/")[2].rpartition(".")
    is_file = bool(stem) and ending[:1].isalpha() and ending.isalnum() and "//" not in path
    return (
        inner if is_file and path != inner.replace("/", "") and not is_glob(path) and " " not in inner else ""
    )


def _questions(body: Body, part: Section | None) -> tuple[Question, ...]:
    return tuple(
        Question(item.text, runs.unquoted(item.below), item.line, len(item.below))
        for item in body.items(part)
    )


def _runs(path: bytes, body: Body, part: Section | None) -> tuple[list[Run], list[Finding]]:
    found: list[Run] = []
    wrong: list[Finding] = []
    for fence in body.fences(part):
        if fence.info == runs.INFO:
            run, bad = runs.read(path, fence, _quotation_above(body.lines, fence.start - body.offset - 1))
            wrong += bad
            found += [run] if run else []
    return found, wrong


def _quotation_above(lines: Sequence[str], end: int) -> str:
    """The quotation that ends, but for blank lines, before line `end` (from 0)."""
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and lines[start - 1].startswith(">"):
        start -= 1
    return runs.unquoted(lines[start:end])


def _ticks_without_runs(
    path: bytes, checklist: Sequence[ChecklistItem], found: Sequence[Run]
) -> list[Finding]:
    """Ticks that no run stands behind: one that was done, and was not sent back since."""
    earned = False
    for run in found:
        earned = run.outcome == "done" or (earned and run.outcome != "rejected")
    hint = "untick it: a run ticks what it made true"
    return [
        Finding(
            "SDD130",
            path,
            item.line,
            f"`{item.text}` is ticked, but no run that was done stands behind it",
            hint,
        )
        for item in checklist
        if item.ticked and not earned
    ]
