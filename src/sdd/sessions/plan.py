"""The tasks of an implementation plan, and what a change's page grants: the approved words that say what may be written."""

from __future__ import annotations

from sdd.findings import Finding, nearest
from sdd.sessions.front_matter import parse as parse_front_matter
from sdd.sessions.keys import PAGE, check, outside
from sdd.sessions.names import why_no_name
from sdd.sessions.outline import Outline, items
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.sessions.outline import Item
    from sdd.snapshot import Snapshot

TEXTS = ("Goal", "Layer", "Group", "Risk", "Effort", "Owner")
LISTS = ("Depends on", "Reads", "Writes", "Acceptance", "Was")
MAPS = ("Implements",)
FIELDS = (*TEXTS, *LISTS, *MAPS)
SENTENCES = (*TEXTS, "Acceptance")
"""Fields of words, where a comma is a comma and a backquote a backquote."""
REQUIRED = ("Goal", "Writes", "Acceptance")
NOTHING = {"", "none", "-", "–", "—"}  # noqa: RUF001 - dashes as people type them
WORD = 80  # characters of a line that a finding shows


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
    """What a plan's file says: its tasks in the order of the file, and what is wrong with each by itself."""

    path: bytes
    tasks: tuple[Task, ...] = ()
    alone: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong, with the order of the tasks too, which nobody asks for who only asks what they grant."""
        if "_findings" not in self.__dict__:
            # A hook knows most plans, and does without.
            from sdd.sessions.task_order import findings as of_order

            self.__dict__["_findings"] = (*self.alone, *of_order(self.path, self.tasks))
        found: tuple[Finding, ...] = self.__dict__["_findings"]
        return found

    def task(self, name: str) -> Task | None:
        """The task of that session."""
        if "_by_name" not in self.__dict__:  # once: every session of the feature asks
            self.__dict__["_by_name"] = {task.name: task for task in self.tasks}
        known: Mapping[str, Task] = self.__dict__["_by_name"]
        return known.get(name)


def of(snapshot: Snapshot, path: bytes) -> Plan:
    """The plan that stands at a path of a snapshot; read anew only where its bytes were not read before."""
    asked = (path, snapshot.blob(path).encode())
    if not snapshot.verdicts.lasting:
        plan: Plan = snapshot.verdicts.kept("plan", asked, lambda: parse(path, snapshot.read(path)))
        return plan
    tasks, alone = snapshot.verdicts.kept("plan", asked, lambda: _plain(parse(path, snapshot.read(path))))
    return Plan(path, tuple(Task(*one) for one in tasks), tuple(Finding(*one) for one in alone))


def _plain(plan: Plan) -> tuple[object, ...]:
    tasks = tuple((*one.as_tuple()[:3], *map(dict, one.as_tuple()[3:])) for one in plan.tasks)
    return tasks, tuple(one.as_tuple() for one in plan.alone)


def parse(path: bytes, data: bytes) -> Plan:
    """Read the tasks of a plan. Never raises; what is wrong stands in `findings` (SDD101, SDD108, SDD160 to SDD164, SDD166 to SDD168).

    A task whose heading names no session is left out, and so is the second of two with one name.
    """
    front = parse_front_matter(path, data)  # a plan needs none, but no text is no text
    no_text = tuple(finding for finding in front.findings if finding.code == "SDD101")
    outline = Outline(front.body.split("\n"))
    above = front.body_line - 1
    found: dict[str, Task] = {}
    wrong: list[Finding] = []
    for title, start, end in _blocks(outline):
        line = above + start
        task, bad = _task(path, title, line, outline.items(start, end, above))
        wrong += bad
        if task is not None and task.name in found:
            what = f"the task `{task.name}` stands twice"
            wrong.append(Finding("SDD160", path, line, what, "give each task its own name"))
        elif task is not None:
            found[task.name] = task
    return Plan(path, tuple(found.values()), (*no_text, *wrong))


def _blocks(outline: Outline) -> list[tuple[str, int, int]]:
    """The `###` headings under `## Tasks`: title, line (from 1) and the line before the next heading."""
    blocks: list[tuple[str, int, int]] = []
    inside = False
    found = outline.headings()
    ends = [heading.line - 1 for heading in found[1:]] + [len(outline.lines)]
    for heading, end in zip(found, ends, strict=False):
        if heading.level <= 2:  # noqa: PLR2004 - `## Tasks`
            inside = heading.level == 2 and heading.title == "Tasks"  # noqa: PLR2004 - likewise
        elif inside and heading.level == 3:  # noqa: PLR2004 - `### name: title`
            blocks.append((heading.title, heading.line, end))
    return blocks


def _task(path: bytes, heading: str, line: int, listed: list[Item]) -> tuple[Task | None, list[Finding]]:
    name, _, title = (part.strip() for part in heading.partition(":"))
    name = name.strip("`")
    fields, wrong = _fields(path, name, listed)
    lacking = (key for key in REQUIRED if key not in fields or not fields[key].entries)
    wrong += [
        Finding("SDD164", path, line, f"the task `{name}` has no `{key}`", f"add `- {key}: …`")
        for key in lacking
    ]
    wrong += _wrong_values(path, fields)
    if not title or why_no_name(name):
        hint = "write the heading as `### 04-cart: Cart service`"
        return None, [Finding("SDD161", path, line, f"`### {heading}` names no session", hint), *wrong]
    texts = {key: fields[key].text for key in TEXTS if key in fields}
    lists = {key: fields[key].entries for key in LISTS if key in fields}
    pairs = (_pair(entry) for key in MAPS if key in fields for entry in fields[key].entries)
    return Task(name, title, line, texts, lists, {contract: made for contract, made in pairs if made}), wrong


class _Field(Value):
    """One field of a task: its words on one line, and as the entries of a list."""

    line: int
    text: str = ""
    entries: tuple[str, ...] = ()


def _fields(path: bytes, name: str, listed: list[Item]) -> tuple[dict[str, _Field], list[Finding]]:
    fields: dict[str, _Field] = {}
    wrong: list[Finding] = []
    for item in listed:
        words, colon, rest = item.text.partition(":")
        key = words.strip()
        if not colon or key not in FIELDS:
            like = nearest(key[:WORD], list(FIELDS))
            hint = f"write `- {like or 'Goal'}: …`; a task has {', '.join(FIELDS)}"
            wrong.append(
                Finding("SDD162", path, item.line, f"`{item.text[:WORD]}` is no field of a task", hint)
            )
        elif key in fields:
            what = f"`{key}` stands twice in the task `{name}`"
            wrong.append(Finding("SDD163", path, item.line, what, "join the two"))
        else:
            fields[key] = _field(key, rest.strip(), item)
    return fields, wrong


def _field(key: str, rest: str, item: Item) -> _Field:
    """A field from the words behind its colon and the lines below, which go on with them until a nested list begins."""
    nested = items(item.below) if item.below else []
    before = item.below[: nested[0].line - 1] if nested else item.below
    text = " ".join([rest, *map(str.strip, before)]).strip() if before else rest
    inline = [text] if key in SENTENCES else text.split(",")
    below = [" ".join([one.text, *map(str.strip, one.below)]) for one in nested]
    quote = "" if key in SENTENCES or key in MAPS else "`"
    entries = [entry.strip().strip(quote).strip() for entry in (*inline, *below)]
    whole = " ".join([text, *below]).strip() if below else text
    return _Field(item.line, whole, tuple([entry for entry in entries if entry.casefold() not in NOTHING]))


def _wrong_values(path: bytes, fields: Mapping[str, _Field]) -> list[Finding]:
    wrong: list[Finding] = []
    layer, writes = fields.get("Layer"), fields.get("Writes")
    from sdd.sessions.task_order import LAYERS

    if layer and layer.text not in LAYERS:
        hint = f"use one of {', '.join(LAYERS)}"
        wrong.append(Finding("SDD162", path, layer.line, f"`{layer.text[:WORD]}` is no layer", hint))
    for field in (fields[key] for key in MAPS if key in fields):
        hint = "write `docs/interfaces/cart.py::ICart: src/cart.py::Cart`"
        wrong += [
            Finding(
                "SDD162",
                path,
                field.line,
                f"`{entry.strip('`')[:WORD]}` does not say what implements what",
                hint,
            )
            for entry in field.entries
            if not all(_pair(entry))
        ]
    if writes:
        wrong += outside(path, writes.line, writes.entries)
    return wrong


def _pair(entry: str) -> tuple[str, str]:
    contract, _, made = entry.replace("`", "").partition(": ")
    return contract.strip(), made.strip()


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
