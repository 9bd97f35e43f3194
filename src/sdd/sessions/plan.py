"""The tasks of an implementation plan, and what a change's page grants: the approved words that say what may be written."""

from __future__ import annotations

from sdd.findings import Finding, nearest
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.keys import PAGE, check
from sdd.sessions.outline import headings, items
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.sessions.outline import Item

TEXTS = ("Goal", "Layer", "Group", "Risk", "Effort", "Owner")
LISTS = ("Depends on", "Reads", "Writes", "Acceptance")
MAPS = ("Implements",)
FIELDS = (*TEXTS, *LISTS, *MAPS)
REQUIRED = ("Goal", "Writes", "Acceptance")
LAYERS = ("foundation", "core", "integration", "interface")


class Task(Value):
    """One task of a plan; `name` is its session's name inside the feature."""

    name: str
    title: str
    line: int
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    implements: Mapping[str, str]

    @property
    def writes(self) -> tuple[str, ...]:
        """The globs of what the task's session may write."""
        return self.lists.get("Writes", ())


class Plan(Value):
    """What a plan's file says: its tasks in the order of the file."""

    path: bytes
    tasks: tuple[Task, ...] = ()
    findings: tuple[Finding, ...] = ()

    def task(self, name: str) -> Task | None:
        """The task of that session."""
        return next((task for task in self.tasks if task.name == name), None)


def parse(path: bytes, data: bytes) -> Plan:
    """Read the tasks of a plan. Never raises; what is wrong stands in `findings` (SDD101, SDD160 to SDD164)."""
    try:
        lines = data.decode().replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        return Plan(
            path, (), (Finding("SDD101", path, 0, f"is not UTF-8 at byte {error.start}", "save it as UTF-8"),)
        )
    found: list[Task] = []
    wrong: list[Finding] = []
    for title, line, end in _blocks(lines):
        task, bad = _task(path, title, line, items(lines[line:end], line + 1))
        wrong += bad
        if task.name in {other.name for other in found}:
            wrong.append(
                Finding(
                    "SDD160",
                    path,
                    line,
                    f"the task `{task.name}` stands twice",
                    "give each task its own name",
                )
            )
        else:
            found.append(task)
    return Plan(path, tuple(found), tuple(wrong))


def _blocks(lines: list[str]) -> list[tuple[str, int, int]]:
    """The `###` headings under `## Tasks`: title, line (from 1) and the line before the next heading."""
    blocks: list[tuple[str, int, int]] = []
    inside = False
    found = headings(lines)
    for number, heading in enumerate(found):
        end = found[number + 1].line - 1 if number + 1 < len(found) else len(lines)
        if heading.level <= 2:  # noqa: PLR2004 - `## Tasks`
            inside = heading.level == 2 and heading.title == "Tasks"  # noqa: PLR2004 - likewise
        elif inside and heading.level == 3:  # noqa: PLR2004 - `### name: title`
            blocks.append((heading.title, heading.line, end))
    return blocks


def _task(path: bytes, heading: str, line: int, listed: list[Item]) -> tuple[Task, list[Finding]]:
    name, colon, title = (part.strip() for part in heading.partition(":"))
    name = name.strip("`")
    wrong: list[Finding] = []
    if not colon or not title or not _is_name(name):
        hint = "write the heading as `### 04-cart: Cart service`"
        wrong.append(Finding("SDD161", path, line, f"`### {heading}` names no session", hint))
    fields: dict[str, tuple[str, tuple[str, ...]]] = {}
    for item in listed:
        key, colon, rest = (part.strip() for part in item.text.partition(":"))
        if not colon or key not in FIELDS:
            like = nearest(key, list(FIELDS))
            hint = f"write `- {like or 'Goal'}: …`; a task has {', '.join(FIELDS)}"
            wrong.append(Finding("SDD162", path, item.line, f"`{item.text}` is no field of a task", hint))
        elif key in fields:
            wrong.append(
                Finding(
                    "SDD163", path, item.line, f"`{key}` stands twice in the task `{name}`", "join the two"
                )
            )
        else:
            fields[key] = (rest, tuple(text for text in (sub.strip() for sub in item.below) if text))
    lacking = (key for key in REQUIRED if not any(fields.get(key, ("", ()))))
    wrong += [
        Finding("SDD164", path, line, f"the task `{name}` has no `{key}`", f"add `- {key}: …`")
        for key in lacking
    ]
    texts = {key: " ".join((fields[key][0], *fields[key][1])).strip() for key in TEXTS if key in fields}
    if texts.get("Layer", LAYERS[0]) not in LAYERS:
        wrong.append(
            Finding(
                "SDD162", path, line, f"`{texts['Layer']}` is no layer", f"use one of {', '.join(LAYERS)}"
            )
        )
    lists = {key: _listed(*fields[key]) for key in LISTS if key in fields}
    pairs = (entry.partition(": ") for key in MAPS if key in fields for entry in _listed(*fields[key]))
    return Task(
        name, title, line, texts, lists, {contract.strip(): made.strip() for contract, _, made in pairs}
    ), wrong


def _is_name(name: str) -> bool:
    return bool(name) and name[0].isalnum() and all(char.isalnum() or char in "-_." for char in name)


def _listed(rest: str, below: tuple[str, ...]) -> tuple[str, ...]:
    """The entries of a list, written after the colon with commas, or below as a nested list."""
    nested = [line[1:].strip() for line in below if line[:2] in {"- ", "* ", "+ "}]
    entries = [*(part.strip() for part in rest.split(",")), *nested]
    return tuple(
        entry.removeprefix("[ ] ").strip().strip("`")
        for entry in entries
        if entry and entry not in {"none", "-"}
    )


class Page(Value):
    """A change's page: what it grants, as its front matter says."""

    path: bytes
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def parse_page(path: bytes, data: bytes) -> Page:
    """Read a change's page. Never raises; what is wrong stands in `findings`."""
    front = parse_front_matter(path, data)
    keys, wrong = check(path, front, PAGE)
    lists = {
        key: tuple(str(item) for item in value) for key, value in keys.items() if isinstance(value, tuple)
    }
    return Page(
        path=path,
        writes=lists.get("writes", ()),
        reads=lists.get("reads", ()),
        verify=lists.get("verify", ()),
        findings=(*front.findings, *wrong),
    )
