"""Search and replace blocks: reading those of an edit fence, and applying them to a file's text.

    <<<<<<< SEARCH
    the lines as they stand in the file
    =======
    the lines that take their place
    >>>>>>> REPLACE

Whole lines are compared, never parts of one. The first line `=======` after SEARCH ends the search text, so only the
replacement may hold such a line (a Markdown heading's underline, a conflict's marker); what has to search for one is
sent as a whole file.
"""

from __future__ import annotations

import re
from collections import Counter

from sdd.values import Value

SEARCH = re.compile(r"<{7} SEARCH\s*")
MIDDLE = re.compile(r"={7}\s*")
REPLACE = re.compile(r">{7} REPLACE\s*")
OUTSIDE = "write each edit as <<<<<<< SEARCH, the old lines, =======, the new lines, >>>>>>> REPLACE, and nothing between"
SHOWN_LINES = 20

Pair = tuple[str, str]
"""What to search for and what to put there: whole lines, each with its newline."""


class EditProblem(Value):
    """Why an edit cannot be read or applied. `line` counts within the fence's text; 0 is the fence itself."""

    message: str
    hint: str = ""
    line: int = 0


def parse(text: str) -> tuple[tuple[Pair, ...], tuple[EditProblem, ...]]:
    """The pairs in an edit fence's text (newlines are LF), and everything that is wrong with it."""
    pairs: list[Pair] = []
    problems: list[EditProblem] = []
    lines = text.removesuffix("\n").split("\n") if text else []
    at = 0
    while at < len(lines):
        if SEARCH.fullmatch(lines[at]):
            middle = _first((SEARCH, MIDDLE, REPLACE), lines, at + 1)
            end = _first((SEARCH, REPLACE), lines, middle + 1)
            missing = _missing(lines, middle, end)
            if missing:
                problems.append(
                    EditProblem(
                        f"the search block that begins here has no {missing} line of its own", OUTSIDE, at + 1
                    )
                )
            else:
                pairs.append((_joined(lines[at + 1 : middle]), _joined(lines[middle + 1 : end])))
            at = _first((SEARCH,), lines, at + 1) if missing else end + 1
        elif lines[at].strip():
            problems.append(
                EditProblem("this line stands outside the search and replace blocks", OUTSIDE, at + 1)
            )
            at = _first((SEARCH,), lines, at)
        else:
            at += 1
    if not pairs and not problems:
        problems.append(EditProblem("the edit fence holds no search and replace block", OUTSIDE))
    return tuple(pairs), tuple(problems)


def _first(markers: tuple[re.Pattern[str], ...], lines: list[str], start: int) -> int:
    """The index of the first line from `start` that is one of these markers, else the number of lines."""
    found = (at for at in range(start, len(lines)) if any(marker.fullmatch(lines[at]) for marker in markers))
    return next(found, len(lines))


def _missing(lines: list[str], middle: int, end: int) -> str:
    if middle >= len(lines) or not MIDDLE.fullmatch(lines[middle]):
        return "======="
    return "" if end < len(lines) and REPLACE.fullmatch(lines[end]) else ">>>>>>> REPLACE"


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def apply(original: str, pairs: tuple[Pair, ...]) -> str | EditProblem:
    """The text after all pairs, one after the other; the first that does not match exactly once is the answer instead.

    An absent file is the empty text. Line endings do not count when comparing: the result has the original's most
    frequent one throughout. A last line without a newline stays so.
    """
    text = lf(original)
    for number, pair in enumerate(pairs, 1):
        applied = _applied(text, *pair)
        if isinstance(applied, EditProblem):
            return applied.replace(message=f"search block {number} of {len(pairs)} {applied.message}")
        text = applied
    return with_endings_of(original, text)


def lf(text: str) -> str:
    """The text with LF for every CRLF."""
    return text.replace("\r\n", "\n")


def with_endings_of(original: str, text: str) -> str:
    """A text (newlines are LF) with the line ending that most lines of the original have; LF if as many do."""
    windows = original.count("\r\n")
    return text.replace("\n", "\r\n") if windows > original.count("\n") - windows else text


def _applied(text: str, search: str, replace: str) -> str | EditProblem:
    if not search:
        return _begun(text, replace)
    body = text if text.endswith("\n") or not text else text + "\n"
    places = _places(body, search)
    if len(places) > 1:
        return _ambiguous(body, places)
    if not places:
        return _not_found(body, search)
    if _reaches_past_its_middle(body, search, replace):
        return EditProblem(
            "has a line ======= in its replacement, and the file has one right after the search text: where the "
            "search text ends cannot be told",
            "send the whole file in a fence with path=",
        )
    done = body[: places[0]] + replace + body[places[0] + len(search) :]
    return done if text.endswith("\n") else done.removesuffix("\n")


def _begun(text: str, replace: str) -> str | EditProblem:
    if not text:
        return replace
    return EditProblem(
        "searches for nothing, which only a new or empty file allows",
        "search for the lines next to the change, and repeat them in the replacement",
    )


def _places(body: str, search: str) -> list[int]:
    """Where the search text begins at a line's beginning, overlapping ones too."""
    framed, wanted = "\n" + body, "\n" + search
    found = []
    at = framed.find(wanted)
    while at >= 0:
        found.append(at)
        at = framed.find(wanted, at + 1)
    return found


def _reaches_past_its_middle(body: str, search: str, replace: str) -> bool:
    return "\n=======\n" in f"\n{replace}" and bool(_places(body, search + "=======\n"))


def _ambiguous(body: str, places: list[int]) -> EditProblem:
    lines = ", ".join(str(body.count("\n", 0, place) + 1) for place in places[:SHOWN_LINES])
    more = ", …" if len(places) > SHOWN_LINES else ""
    return EditProblem(
        f"matches {len(places)} times, at lines {lines}{more}", "add neighbouring lines until it matches once"
    )


def _not_found(body: str, search: str) -> EditProblem:
    lines = body.removesuffix("\n").split("\n")
    wanted = search.removesuffix("\n").split("\n")
    start = _nearest(lines, wanted)
    if start is None:
        return EditProblem(
            "does not match: no line of it is in the file",
            "copy the lines to search for from the file as it is now",
        )
    window = lines[start : start + min(len(wanted), SHOWN_LINES)]
    spaced = (
        " (only white space differs)" if _bare(lines[start : start + len(wanted)]) == _bare(wanted) else ""
    )
    shown = "\n".join(f"    {line}" for line in window)
    return EditProblem(
        f"does not match{spaced}",
        f"copy the lines to search for from the file as it is now; the nearest are {start + 1} to {start + len(window)}:\n{shown}",
    )


def _bare(lines: list[str]) -> str:
    return "".join("".join(lines).split())


def _nearest(lines: list[str], wanted: list[str]) -> int | None:
    """The index of the line from which most lines are as wanted, white space apart; else where one line is similar."""
    where: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        where.setdefault(line.strip(), []).append(at)
    votes = Counter(
        max(0, at - offset)
        for offset, line in enumerate(wanted)
        if line.strip()
        for at in where.get(line.strip(), ())
    )
    if votes:
        return max(votes, key=lambda at: (votes[at], -at))
    return _similar(lines, wanted)


def _similar(lines: list[str], wanted: list[str]) -> int | None:
    from difflib import get_close_matches  # slow, and only for a mistake

    for offset, line in enumerate(wanted):
        close = get_close_matches(line, lines, 1, 0.6) if line.strip() else []
        if close:
            return max(0, lines.index(close[0]) - offset)
    return None
