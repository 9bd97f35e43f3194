"""A run's short block under `## Runs`: read from a session's file, and written to be appended there.

A block is flat TOML in one canonical form, which sdd alone writes; so it is read by a few lines of our own, at no
cost to a hook (importing `tomllib` costs it 13 ms), and a test shows that `tomllib` reads the same.
"""

from __future__ import annotations

from sdd.findings import Finding
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from sdd.sessions.outline import Fence

OUTCOMES = ("done", "questions", "blocked", "unsure", "failed", "rejected", "proceed", "accepted")
ACCEPTED = "accepted"
"""A person's word that a session is still right, although what it rests on has changed: it moves nothing else."""
TURNS = ("document", "tests", "work")
INFO = "toml sdd-run"
NOTED = "[sdd] "
"""Begins the lines of a summary that sdd itself has added to what the model said."""


class Run(Value):
    """One execution of a session, as its file shows it.

    `outcome` is what came of it: the response's own word (done, questions, blocked), `unsure` (done, but below the bar of
    confidence, so that nothing was written), `failed` (a check failed, or the response could not be applied), or what a
    person said: `rejected`, `proceed`, `accepted` (what has changed below it was read, and it is still right). `answers` counts the answered questions that the prompt held.

    `time` is UTC, to the second; `prompt` the sha256 of the prompt; `checks` one line per command, exit code first
    ("0 python -m pytest -q"; "-" where it could not run); `tokens_in` and `tokens_out` count what the provider
    counted, `cost` is US dollars as text, `seconds` how long the provider took, each absent where unknown; `file` is the whole run, relative to `sessions/`.
    `failures` are the classes of what went wrong (`sdd.runs.failure`), sorted.
    `summary` comes back from the file as `plain` gives it, `line` is that of the block's fence.
    """

    time: str
    outcome: str
    turn: str = "work"
    provider: str = ""
    model: str = ""
    conversation: str = ""
    prompt: str = ""
    confidence: float | None = None
    answers: int | None = None
    checks: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: str = ""
    seconds: int | None = None
    changed_lines: int | None = None
    file: str = ""
    summary: str = ""
    line: int = 0


_KEYS = tuple(name for name in Run._fields if name not in {"summary", "line"})
_COUNTS = ("answers", "tokens_in", "tokens_out", "seconds", "changed_lines")
_DIGITS = 18  # of a count: more is no count, and Python refuses to read 5,000 of them
_SHOWN = 80
_TIME = "0000-00-00T00:00:00Z"
_ZEROS = str.maketrans("123456789", "000000000")


def plain(words: str) -> str:
    """Words as a session's file can hold them and give them back.

    Line ends become LF, nothing stands around them or at the end of a line, and half characters and NUL, which would make
    the file no text, become U+FFFD.
    """
    if words.isprintable():
        return words.strip()  # nearly always: nothing of all this is in them
    whole = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


def quoted(words: str, indent: str = "") -> list[str]:
    """The lines of a quotation in Markdown that says these words; none where nothing is said."""
    said = plain(words)
    return [f"{indent}> {line}".rstrip() for line in said.split("\n")] if said else []


def unquoted(lines: Iterable[str]) -> str:
    """What the lines of a quotation say; a line without a mark says itself."""
    return plain("\n".join(_unquoted(line.strip()) for line in lines))


def _unquoted(line: str) -> str:
    return line[1:].removeprefix(" ") if line.startswith(">") else line


def file_name(session: str, time: str, data: bytes) -> str:
    """Where the whole of a run stands, relative to `sessions/`: named by its time and the beginning of its sha256."""
    from hashlib import sha256  # 2.7 ms, only where whole runs are looked at

    stamp = time.replace("-", "").replace(":", "")
    return f"{session}.runs/{stamp}-{sha256(data).hexdigest()[:12]}.md"


def render(run: Run, number: int) -> str:
    """The block of a run: a heading, the summary as a quotation, and the facts."""
    summary = "".join(f"{line}\n" for line in (*quoted(run.summary), ""))
    return f"### Run {number}: {run.outcome}, {run.time}\n\n{summary.lstrip()}{facts(run)}"


def facts(run: Run) -> str:
    """The fence with the facts of a run, without its summary."""
    lines = "".join(f"{key} = {_literal(key, getattr(run, key))}\n" for key in _KEYS if _said(run, key))
    return f"```{INFO}\n{lines}```\n"


def read(path: bytes, fence: Fence, summary: str) -> tuple[Run | None, list[Finding]]:
    """The run that a `toml sdd-run` fence tells of, or what is wrong with the fence (SDD141)."""
    said: dict[str, object] = {"summary": summary, "line": fence.start}
    wrong: list[Finding] = []
    for number, line in enumerate(fence.text.split("\n")[:-1], fence.start + 1):
        key, _, literal = line.partition(" = ")
        value = _value(key, literal)
        if value is None or key in said:
            wrong.append(_malformed(path, number, f"`{line[:_SHOWN]}` is no fact of a run"))
        said[key] = value
    if not wrong:
        wrong += (_malformed(path, fence.start, lack) for lack in _lacks(said, closed=fence.closed))
    return (None, wrong) if wrong else (Run(**said), [])  # type: ignore[arg-type] # _value checked each type by its key


def _lacks(said: Mapping[str, object], *, closed: bool) -> Iterator[str]:
    if said.get("outcome") not in OUTCOMES:
        yield "the run has no known outcome"
    if said.get("turn", TURNS[-1]) not in TURNS:
        yield "the run is of no known turn"
    if str(said.get("time", "")).translate(_ZEROS) != _TIME:
        yield "the run has no time in UTC, to the second"
    if not closed:
        yield "the run's block is never closed"


def _malformed(path: bytes, line: int, what: str) -> Finding:
    return Finding(
        "SDD141", path, line, what, "runs are written by sdd alone: restore the block with `git checkout -p`"
    )


def _said(run: Run, key: str) -> bool:
    return key in {"time", "outcome", "turn"} or getattr(run, key) not in {None, "", ()}


def _literal(key: str, value: Any) -> str:
    if key in {"checks", "failures"}:
        return "[" + ", ".join(_string_of(item) for item in value) + "]"
    if key == "confidence":
        return repr(round(float(value), 4))
    return str(value) if key in _COUNTS else _string_of(value)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _string_of(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(char) or _escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    if 0xD800 <= ord(char) < 0xE000:  # noqa: PLR2004 - half a character, which neither UTF-8 nor TOML can hold
        return "\ufffd"
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"  # noqa: PLR2004 - TOML's two escapes


def _value(key: str, literal: str) -> object:
    """The value of one fact, or None where key and literal do not fit each other."""
    read = _READ.get(key)
    return read(literal) if read else None


def _text(literal: str) -> str | None:
    inner = literal[1:-1]
    if f'"{inner}"' == literal and inner.isprintable() and '"' not in inner and "\\" not in inner:
        return inner  # nearly every text
    text, end = _string(literal, 0)
    return text if end == len(literal) else None


def _checks(literal: str) -> tuple[str, ...] | None:
    return _strings(literal[1:-1]) if literal.startswith("[") and literal.endswith("]") else None


def _count(literal: str) -> int | None:
    fits = literal.isascii() and literal.isdigit() and len(literal) <= _DIGITS
    return int(literal) if fits and (literal == "0" or literal[0] != "0") else None


def _fraction(literal: str) -> float | None:
    whole, dot, part = literal.partition(".")
    fits = dot and (whole + part).isascii() and whole.isdigit() and part.isdigit() and len(whole) == 1
    return float(literal) if fits and float(literal) <= 1 else None


_READ: dict[str, Callable[[str], object]] = {
    **dict.fromkeys((name for name in _KEYS if isinstance(getattr(Run, name, ""), str)), _text),
    **dict.fromkeys(_COUNTS, _count),
    "checks": _checks,
    "failures": _checks,
    "confidence": _fraction,
}


def _strings(text: str) -> tuple[str, ...] | None:
    """The strings of `"a", "b"`, or None where the text is anything else."""
    found: list[str] = []
    at = 0
    while at < len(text):
        if found:
            if text[at : at + 2] != ", ":
                return None
            at += 2
        string, at = _string(text, at)
        if at < 0:
            return None
        found.append(string)
    return tuple(found)


def _string(text: str, at: int) -> tuple[str, int]:
    """The string whose quotes begin there, and where they end; -1 where there is none."""
    if text[at : at + 1] != '"':
        return "", -1
    parts: list[str] = []
    at += 1
    end = text.find('"', at)
    while end >= 0:
        escape = text.find("\\", at, end)
        part = text[at : end if escape < 0 else escape]
        if not part.isprintable() and any(char < " " or char == "\x7f" for char in part):
            break  # TOML wants an escape
        parts.append(part)
        if escape < 0:
            return "".join(parts), end + 1
        at = escape + {"u": 6, "U": 10}.get(text[escape + 1], 2)
        char = _unescaped(text[escape:at])
        if char is None:
            break
        parts.append(char)
        end = text.find('"', at) if at > end else end
    return "", -1


_NAMED = {escape: char for char, escape in _ESCAPES.items()}


def _unescaped(escape: str) -> str | None:
    if escape in _NAMED:
        return _NAMED[escape]
    digits = escape[2:]
    if escape[1:2] not in {"u", "U"} or len(digits) not in {4, 8} or digits.strip("0123456789ABCDEF"):
        return None
    code = int(digits, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else None  # noqa: PLR2004 - the range of Unicode
