"""A session's file: read into a value, and edited so that every byte not meant stays as it is."""

from __future__ import annotations

from sdd.findings import Finding, nearest
from sdd.sessions import run as runs
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.keys import SESSION, check
from sdd.sessions.outline import fences, headings, items, sections
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sdd.sessions.outline import Item, Section
    from sdd.sessions.run import Run

FOLDER = b"sessions/"
CHANGES = "changes"
RESERVED = ("templates", CHANGES, "interfaces", "tracker")
REQUIRED = ("Goal", "Checklist")


class Question(Value):
    """A question of the model or a reviewer; any text under it answers it."""

    text: str
    answer: str
    line: int


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
        return path[len(FOLDER) : -3].decode()
    except UnicodeDecodeError:
        return None


def misplaced(path: bytes) -> Finding | None:
    """What is wrong with the place or name of a file under `sessions/` (SDD125)."""
    if path.startswith(b"sessions/templates/") or b".runs/" in path:
        return None
    name = name_of(path)
    if name is None:
        why = "is no session: a session is a `.md` file with a name in UTF-8"
    elif not _plain(name):
        why = "has a name that cannot be typed: use letters, digits, `-`, `_` and `.`"
    elif name.count("/") > 1:
        why = "is too deep: features do not nest"
    elif "/" in name and name.split("/")[0] in set(RESERVED) - {CHANGES}:
        why = f"is in a folder that cannot be a feature ({', '.join(RESERVED)} are reserved)"
    else:
        return None
    return Finding("SDD125", path, 0, f"{show(path)} {why}", "move or rename it: `git mv OLD NEW`")


def _plain(name: str) -> bool:
    return all(
        part and part[0] not in "-." and all(char.isalnum() or char in "-_." for char in part)
        for part in name.split("/")
    )


def parse(path: bytes, data: bytes) -> Session:
    """Read a session's file. Never raises; what is wrong stands in `findings` (SDD101 to SDD112, SDD130, SDD141)."""
    front = parse_front_matter(path, data)
    own, wrong = check(path, front, SESSION)
    body = Body(path, front.body, front.body_line)
    wanted = {name: body.section(name) for name in ("Goal", "Checklist", "Questions", "Runs")}
    found_runs, bad_runs = _runs(path, body, wanted["Runs"])
    checklist = _checklist(body, wanted["Checklist"])
    readable = not any(finding.code in {"SDD101", "SDD102"} for finding in front.findings)
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
            *(wrong if readable else ()),
            *(body.findings() if readable else ()),
            *bad_runs,
            *_ticks_without_runs(path, checklist, found_runs),
        ),
    )


class Body:
    """The sections of a file's body, with line numbers of the whole file."""

    def __init__(self, path: bytes, text: str, first_line: int) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.offset = first_line - 1
        self.parts = sections(text)
        self.title = next((heading.title for heading in headings(self.lines) if heading.level == 1), "")

    def section(self, title: str) -> Section | None:
        """The first section with that title."""
        return next((part for part in self.parts if part.title == title), None)

    def text(self, part: Section | None) -> str:
        """What stands below a section's heading, without blank lines around it."""
        return "\n".join(self.below(part)).strip("\n")

    def below(self, part: Section | None) -> list[str]:
        """The lines below a section's heading."""
        return self.lines[part.line : part.end_line] if part else []

    def items(self, part: Section | None) -> list[Item]:
        """The list items of a section, their lines counted in the file."""
        return items(self.below(part), self.offset + part.line + 1) if part else []

    def findings(self, required: Sequence[str] = REQUIRED) -> list[Finding]:
        """Missing and doubled sections, and a missing title (SDD110 to SDD112)."""
        titles = [part.title for part in self.parts]
        wrong = [finding for name in required for finding in self._required(name, titles)]
        if not self.title:
            line = self.offset + 1
            wrong.append(
                Finding("SDD112", self.path, line, "the title is missing", "begin the body with `# Title`")
            )
        return wrong + [
            Finding(
                "SDD111",
                self.path,
                self.offset + part.line,
                f"`## {part.title}` stands twice",
                "join the two",
            )
            for number, part in enumerate(self.parts)
            if part.title in titles[:number]
        ]

    def _required(self, name: str, titles: list[str]) -> list[Finding]:
        part = self.section(name)
        if part is None:
            like = nearest(name, titles)
            hint = f"rename `## {like}` to `## {name}`" if like else f"add a section `## {name}`"
            return [Finding("SDD110", self.path, 0, f"the section `## {name}` is missing", hint)]
        if self.text(part):
            return []
        line = self.offset + part.line
        hint = "write it: nothing may be guessed"
        return [Finding("SDD110", self.path, line, f"the section `## {name}` is empty", hint)]


def _checklist(body: Body, part: Section | None) -> tuple[ChecklistItem, ...]:
    return tuple(
        ChecklistItem(item.text, bool(item.checked), item.line, _evidence(item.text))
        for item in body.items(part)
        if item.checked is not None
    )


def _evidence(text: str) -> str:
    inner = text.rpartition("(")[2][:-1].strip("`") if text.endswith(")") and "(" in text else ""
    return inner if ("::" in inner or "/" in inner) and " " not in inner else ""


def _questions(body: Body, part: Section | None) -> tuple[Question, ...]:
    return tuple(Question(item.text, _answer(item.below), item.line) for item in body.items(part))


def _answer(below: Iterable[str]) -> str:
    return "\n".join(line.strip().removeprefix(">").strip() for line in below).strip()


def _runs(path: bytes, body: Body, part: Section | None) -> tuple[list[Run], list[Finding]]:
    lines = body.below(part)
    found: list[Run] = []
    wrong: list[Finding] = []
    done_to = 0
    for fence in fences(lines):
        if fence.info != runs.INFO:
            continue
        summary = "\n".join(
            line[2:] if line.startswith("> ") else line[1:]
            for line in lines[done_to : fence.start - 1]
            if line.startswith(">")
        )
        done_to = fence.end
        start = body.offset + (part.line if part else 0) + fence.start
        run, bad = runs.read(path, fence.replace(start=start), summary)
        wrong += bad
        if run:
            found.append(run)
    return found, wrong


def _ticks_without_runs(
    path: bytes, checklist: Iterable[ChecklistItem], found: Sequence[Run]
) -> list[Finding]:
    if any(run.outcome not in {"rejected", "proceed"} for run in found):
        return []
    hint = "untick it: a run ticks what it made true"
    return [
        Finding("SDD130", path, item.line, f"`{item.text}` is ticked, but the session never ran", hint)
        for item in checklist
        if item.ticked
    ]
