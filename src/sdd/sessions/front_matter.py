r"""Front matter: the one reader and writer of the subset of YAML that stands between `---` lines at a file's top.

The subset, on which a YAML 1.2 loader says the same (a test shows it):

- `key: value`, the key letters, digits, `_` and `-`; the value on the same line, a scalar or a flow list `[a, "b"]`;
- `key:` with lines `- item` below, indented alike or not at all, or with lines `name: value` below, indented alike;
- scalars: plain; 'single quoted', with '' for '; "double quoted", with the escapes `\\ \" \/ \n \t \r \xXX \uXXXX \UXXXXXXXX`;
- plain `true` and `false` are flags, plain digits a number, `{}` an empty map, anything else that YAML would not take for text is refused;
- blank lines, and comments on lines of their own or after a space.
"""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding
from sdd.sessions.scalars import (
    KEY_CHARACTERS,
    OutsideError,
    empty,
    is_key,
    literal,
    literal_name,
    oddity,
    plain,
    quoted,
    scalar_of,
    shown,
    value_of,
)
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdd.sessions import scalars

    Scalar = scalars.Scalar
    FieldValue = scalars.FieldValue

FILE_BYTES = 5_000_000
FRONT_CHARACTERS = 65_536
FLOW_ITEMS, FLOW_CHARACTERS = 4, 100  # longer lists are written in block form
HELD, HELD_CHARACTERS = 1024, 200  # lines that are remembered, and how long one may be
_lines: dict[str, tuple[str, FieldValue, list[Finding]]] = {}  # with what they say: most stand in many files


class Field(Value):
    """One key's value, and the line of the file it stands on."""

    value: FieldValue
    line: int


class FrontMatter(Value):
    """What a file's top says; `body` is the rest, with LF ends of lines, and begins on line `body_line` of the file.

    A file without readable front matter is all body; one that is no text has none. `refused` are the keys that
    stand there with a value that could not be read, so that nobody calls them missing.
    """

    fields: dict[str, Field]
    body: str
    body_line: int
    findings: tuple[Finding, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether front matter stands there at all; what is wrong inside it does not count."""
        return not any(finding.code in {"SDD101", "SDD102"} for finding in self.findings)


def parse(path: bytes, data: bytes) -> FrontMatter:
    """Read a file's front matter. Never raises; what is wrong stands in `findings` (SDD101 to SDD104)."""
    text = _text(path, data)
    if isinstance(text, Finding):
        return FrontMatter({}, "", 1, (text,))
    end = _end(text)
    if end < 0 or end > FRONT_CHARACTERS:
        return FrontMatter({}, text, 1, (_missing(text, end).at(path, 1),))
    lines = text[4:end].split("\n") if end >= len("---\n") else []
    findings = _odd_lines(path, lines)
    odd = {finding.line for finding in findings}
    fields: dict[str, Field] = {}
    refused: dict[str, None] = {}  # in their order
    for number, head, below in _entries(lines):
        key, value, wrong = (not below and _lines.get(head)) or _entry(path, number, head, below)
        if key in fields or key in refused:
            wrong = [_twice(key).at(path, number)]
        elif value is None or (odd and not odd.isdisjoint((number, *(line for line, _ in below)))):
            refused |= {key: None} if key else {}
        else:
            fields[key] = Field(value, number)
        findings += [finding for finding in wrong if finding.line not in odd]
    findings.sort(key=lambda finding: finding.line)
    return FrontMatter(fields, text[end + 5 :], len(lines) + 3, tuple(findings), tuple(refused))


def _text(path: bytes, data: bytes) -> str | Finding:
    hint = "save it as UTF-8 without a byte order mark"
    if len(data) > FILE_BYTES:
        return Finding(
            "SDD101", path, 0, f"the file has {len(data)} bytes, more than {FILE_BYTES}", "split it"
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Finding(
            "SDD101", path, line, f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8", hint
        )
    if text.startswith("\ufeff"):
        return Finding("SDD101", path, 1, "the file begins with a byte order mark (U+FEFF)", hint)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Finding("SDD101", path, line, "the line holds a NUL, so the file is no text", hint)
    return text.replace("\r\n", "\n") if "\r" in text else text


def _end(text: str) -> int:
    """Where the end of line before the closing `---` stands, or -1."""
    if not text.startswith("---\n"):
        return -1
    end = text.find("\n---\n", 3)
    return len(text) - 4 if end < 0 and text.endswith("\n---") else end


def _missing(text: str, end: int) -> OutsideError:
    first = text.partition("\n")[0]
    hint = "write a line that is `---` and nothing else below the last key"
    if end >= 0:
        what = f"the front matter has {end} characters, more than {FRONT_CHARACTERS}: its end is hardly meant to be there"
    elif first == "---":
        what = "the front matter that begins with `---` is never closed"
    else:
        what = f"the front matter is missing: the first line is {f'`{shown(first)}`' if first else 'empty'}, not `---`"
        hint = "begin the file with a line that is `---` and nothing else, then the keys, then `---` again"
    return OutsideError(what, hint, "SDD102")


def _odd_lines(path: bytes, lines: list[str]) -> list[Finding]:
    if "".join(lines).isprintable():
        return []
    found = ((number, oddity(line)) for number, line in enumerate(lines, 2))
    return [wrong.at(path, number) for number, wrong in found if wrong]


def _twice(key: str) -> OutsideError:
    return OutsideError(f"`{shown(key)}` stands twice", "keep one of the two", "SDD104")


def _entries(lines: list[str]) -> list[tuple[int, str, list[tuple[int, str]]]]:
    """The lines that begin at the margin, with their numbers and the lines that belong below them."""
    entries: list[tuple[int, str, list[tuple[int, str]]]] = []
    for number, line in enumerate(lines, 2):
        first = line.lstrip(" ")[:1]
        if not first or first == "#":
            continue
        if line[0] in " \t-]}" and line[:2] != "--" and entries:
            entries[-1][2].append((number, line))
        else:
            entries.append((number, line, []))
    return entries


def _entry(
    path: bytes, number: int, head: str, below: list[tuple[int, str]]
) -> tuple[str, FieldValue | None, list[Finding]]:
    """The key of an entry (empty where there is none), its value and what is wrong with them."""
    try:
        key, source = _key(head)
    except OutsideError as error:
        return "", None, [error.at(path, number)]
    if not source:
        return (key, *_block(path, below)) if below else (key, None, [empty(f"{key}:").at(path, number)])
    try:
        value = value_of(source)
    except OutsideError as error:
        return key, None, [error.at(path, number)]
    if below:
        what = f"`{shown(below[0][1].strip(' '))}` goes on with the value of `{key}`"
        hint = "write the value on one line; for a longer text use double quotes and `\\n`"
        return key, None, [OutsideError(what, hint).at(path, below[0][0])]
    if len(head) <= HELD_CHARACTERS and not isinstance(value, dict):  # that somebody might change
        if len(_lines) >= HELD:
            _lines.clear()
        _lines[head] = key, value, []
    return key, value, []


def _key(line: str) -> tuple[str, str]:
    """The key at the margin and what stands behind its colon."""
    key, colon, source = line.partition(":")
    if not colon or source[:1] not in {"", " "} or not is_key(key):
        hint = "write `key: value`: a key of letters, digits and `_`, a colon, a space, the value"
        if line.startswith(("---", "...")):
            hint = "delete it; the line that closes front matter is `---` and nothing else"
        elif colon and is_key(key.strip(" ")):
            hint = f"write `{key.strip(' ')}: {source.strip(' ')}`".replace(": `", ":`")
        raise OutsideError(f"`{shown(line)}` is no `key: value`", hint)
    source = source.strip(" ")
    return key, "" if source.startswith("#") else source


def _block(path: bytes, below: list[tuple[int, str]]) -> tuple[FieldValue | None, list[Finding]]:
    """The list or map on the lines below a key."""
    indent = len(below[0][1]) - len(below[0][1].lstrip(" "))
    first = below[0][1][indent:].rstrip(" ")
    read = _item if indent == 0 or first == "-" or first.startswith("- ") else _pair
    items: list[Scalar] = []
    pairs: dict[str, Scalar] = {}
    findings: list[Finding] = []
    for number, line in below:
        beside = line[:indent].isspace() == bool(indent) and line[indent : indent + 1] != " "
        try:
            name, item = (read if beside else _misplaced)(line.strip(" "))
        except OutsideError as error:
            findings.append(error.at(path, number))
            continue
        if read is _pair and name in pairs:
            findings.append(_twice(name).at(path, number))
        pairs[name] = item
        items.append(item)
    value = tuple(items) if read is _item else pairs
    return None if findings else value, findings


def _misplaced(line: str) -> tuple[str, Scalar]:
    hint = "indent it like the first line below the key; lists and maps have one level"
    raise OutsideError(f"`{shown(line)}` is not indented like the lines beside it", hint)


def _item(line: str) -> tuple[str, Scalar]:
    if line != "-" and not line.startswith("- "):
        raise OutsideError(f"`{shown(line)}` is no item of a list", "write `- item`")
    return "", scalar_of(line[1:].lstrip(" "), line)


def _pair(line: str) -> tuple[str, Scalar]:
    name: Scalar
    if line[0] in "\"'":
        name, rest = quoted(line)
        colon, source = rest.lstrip(" ")[:1], rest.lstrip(" ")[1:]
    else:
        before, colon, source = f"{line} ".partition(": ")
        name, source = plain(before.rstrip(" ")), f" {source}"
    if (
        not colon.startswith(":")
        or source[:1] not in {"", " "}
        or not isinstance(name, str)
        or len(name) > KEY_CHARACTERS
    ):
        hint = "write `name: value`, with the name in quotes where YAML takes it for a number or flag"
        raise OutsideError(f"`{shown(line)}` is no `name: value`", hint)
    return name, scalar_of(source.strip(" "), line)


def render(fields: Mapping[str, FieldValue]) -> str:
    """Front matter that reads as these fields, in their order, in the one canonical form.

    Raises:
        SddError: a key or value cannot stand in front matter: a character that cannot be seen, a number too long.
    """
    return "---\n" + "".join(_rendered(key, value) for key, value in fields.items()) + "---\n"


def with_field(text: str, key: str, value: FieldValue | None) -> str:
    """A file's text with one key set in its front matter, in its place where it stands, else below the others; None takes it out.

    Every other byte stays, ends of lines too; only comments inside the replaced value are gone.

    Raises:
        SddError: the front matter has findings, so that nobody knows what would be changed; or see `render`.
    """
    front = parse(b"", text.encode("utf-8", "surrogatepass"))
    if front.findings:
        raise SddError(
            f"the front matter cannot be changed: {front.findings[0].message}", hint=front.findings[0].hint
        )
    lines = text.split("\n")
    new = [] if value is None else _rendered(key, value).split("\n")[:-1]
    if lines[0].endswith("\r"):
        new = [line + "\r" for line in new]
    entries = _entries([line.removesuffix("\r") for line in lines[1 : front.body_line - 2]])
    start = end = front.body_line - 2
    for number, head, below in entries:
        if head.startswith(f"{key}:"):
            start, end = number - 1, below[-1][0] if below else number
    lines[start:end] = new
    return "\n".join(lines)


def _rendered(key: str, value: FieldValue) -> str:
    if not is_key(key):
        raise SddError(f"`{shown(key)}` cannot be a key of front matter", hint="use letters, digits and `_`")
    if isinstance(value, dict):
        pairs = (f"  {literal_name(name)}: {literal(item)}\n" for name, item in value.items())
        return f"{key}:\n" + "".join(pairs) if value else f"{key}: {{}}\n"
    if not isinstance(value, tuple):
        return f"{key}: {literal(value)}\n"
    flow = f"{key}: [{', '.join(literal(item, inside=True) for item in value)}]\n"
    short = len(value) <= FLOW_ITEMS and len(flow) <= FLOW_CHARACTERS
    return flow if short or not value else f"{key}:\n" + "".join(f"  - {literal(item)}\n" for item in value)
