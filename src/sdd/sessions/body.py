"""A file's body: its sections, with the lines of the whole file, and what is wrong with them."""

from __future__ import annotations

from sdd.findings import Finding, nearest
from sdd.sessions.outline import fences, headings, items, sections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.sessions.outline import Item, Section

REQUIRED = ("Goal", "Checklist")
TITLES = 100  # among which the nearest one is looked for: a file may have half a million
END = "end of the file"


class Body:
    """The sections of a file's body, with line numbers of the whole file."""

    def __init__(self, path: bytes, text: str, first_line: int) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.offset = first_line - 1
        self.parts = sections(text)
        found = headings([*self.lines, "", f"# {END}"])
        self.closed = bool(found) and found[-1].line > len(self.lines)
        titles = (one.title for one in found if one.level == 1 and one.line <= len(self.lines))
        self.title = next(titles, "")

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
        """Missing and doubled sections, a missing title, what is never closed (SDD110 to SDD113)."""
        wrong = [finding for name in required for finding in self._required(name)]
        if not self.title:
            hint = "begin the body with `# Title`"
            wrong.append(Finding("SDD112", self.path, self.offset + 1, "the title is missing", hint))
        seen: set[str] = set()
        for part in self.parts:
            if part.title in seen:
                line = self.offset + part.line
                wrong.append(
                    Finding("SDD111", self.path, line, f"`## {part.title}` stands twice", "join the two")
                )
            seen.add(part.title)
        return wrong + ([] if self.closed else [self._never_closed()])

    def _never_closed(self) -> Finding:
        """Whatever sdd appended would be swallowed, and so is all that stands below already."""
        last = next((fence for fence in reversed(fences(self.lines)) if not fence.closed), None)
        what = "a fence is" if last else "an HTML block, `<!--` or the like, is"
        line = self.offset + last.start if last else 0
        hint = "write the line that closes it"
        return Finding("SDD113", self.path, line, f"{what} never closed, so nothing below it counts", hint)

    def _required(self, name: str) -> list[Finding]:
        part = self.section(name)
        if part is None:
            like = nearest(name, [part.title for part in self.parts[:TITLES]])
            hint = f"rename `## {like}` to `## {name}`" if like else f"add a section `## {name}`"
            return [Finding("SDD110", self.path, 0, f"the section `## {name}` is missing", hint)]
        if self.text(part).strip():
            return []
        line = self.offset + part.line
        hint = "write it: nothing may be guessed"
        return [Finding("SDD110", self.path, line, f"the section `## {name}` is empty", hint)]
