"""A file's body: its sections, with the lines of the whole file, and what is wrong with them."""

from __future__ import annotations

from sdd.findings import Finding, nearest
from sdd.sessions.outline import Outline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdd.sessions.outline import Fence, Item, Section

REQUIRED = ("Goal", "Checklist")
TITLES = 100  # among which the nearest one is looked for: a file may have half a million


class Body:
    """The sections of a file's body, with line numbers of the whole file."""

    def __init__(self, path: bytes, text: str, first_line: int) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.offset = first_line - 1
        self._outline = Outline(self.lines)
        self.closed = self._outline.closed
        self.title = self._outline.title(1)
        self.parts = self._outline.sections()
        self._by_title = {part.title: part for part in reversed(self.parts)}

    def section(self, title: str) -> Section | None:
        """The first section with that title."""
        return self._by_title.get(title)

    def text(self, part: Section | None) -> str:
        """What stands below a section's heading, without blank lines around it."""
        return "\n".join(self.below(part)).strip("\n")

    def below(self, part: Section | None) -> list[str]:
        """The lines below a section's heading."""
        return self.lines[part.line : part.end_line] if part else []

    def items(self, part: Section | None) -> list[Item]:
        """The list items of a section, their lines counted in the file."""
        return self._outline.items(part.line, part.end_line, self.offset) if part else []

    def fences(self, part: Section | None) -> list[Fence]:
        """The fenced blocks of a section, their lines counted in the file."""
        return self._outline.fences(part.line, part.end_line, self.offset) if part else []

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
        last = next((fence for fence in self._outline.fences(above=self.offset) if not fence.closed), None)
        what = "a fence is" if last else "an HTML block, `<!--` or the like, is"
        line = last.start if last else 0
        hint = "write the line that closes it"
        return Finding("SDD113", self.path, line, f"{what} never closed, so nothing below it counts", hint)

    def _required(self, name: str) -> list[Finding]:
        part = self.section(name)
        if part is None:
            like = nearest(name, [part.title for part in self.parts[:TITLES]])
            hint = f"rename `## {like}` to `## {name}`" if like else f"add a section `## {name}`"
            return [Finding("SDD110", self.path, 0, f"the section `## {name}` is missing", hint)]
        if any(map(str.strip, self.below(part))):
            return []
        line = self.offset + part.line
        hint = "write it: nothing may be guessed"
        return [Finding("SDD110", self.path, line, f"the section `## {name}` is empty", hint)]
