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
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    Read = TypeVar("Read")
    Scalar = str | bool | int
    FieldValue = Scalar | tuple[Scalar, ...] | dict[str, Scalar]

FILE_BYTES = 5_000_000
FRONT_CHARACTERS = 65_536
KEY_CHARACTERS = 1_000  # YAML itself ends at 1024
FLOW_ITEMS, FLOW_CHARACTERS = 4, 100  # longer lists are written in block form
DIGITS = 18
SHOWN = 60

_KEPT = dict.fromkeys("}],#?:@%`\"'", "something else") | {
    "&": "an anchor",
    "*": "an alias",
    "!": "a tag",
    "|": "a block of lines",
    ">": "a block of lines",
    "{": "a map on one line",
    "[": "a list inside a list",
}
_OTHER = {"null", "Null", "NULL", "~", "True", "TRUE", "False", "FALSE", "=", "<<"}
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r"}
_WRITTEN = {char: "\\" + name for name, char in _ESCAPES.items() if char != "/"}
_DIGITS_OF = {"x": 2, "u": 4, "U": 8}
_ODD = (
    *(("\0", "\x1f"), ("\x7f", "\x9f"), ("\u2028", "\u2029"), ("\ud800", "\udfff")),
    *(("\ufeff", "\ufeff"), ("\ufffe", "\uffff"), ("\u202a", "\u202e"), ("\u2066", "\u2069")),
)


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


class _RefusedError(Exception):
    """A line, or part of one, lies outside the subset."""

    def __init__(self, message: str, hint: str, code: str = "SDD103") -> None:
        super().__init__(message)
        self.message, self.hint, self.code = message, hint, code

    def at(self, path: bytes, line: int) -> Finding:
        return Finding(self.code, path, line, self.message, self.hint)


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
    refused: list[str] = []
    for number, head, below in _entries(lines):
        key, value, wrong = _entry(path, number, head, below)
        if key in fields or key in refused:
            wrong = [_twice(key).at(path, number)]
        elif value is None or (odd and not odd.isdisjoint((number, *(line for line, _ in below)))):
            refused += [key] if key else []
        else:
            fields[key] = Field(value, number)
        findings += (finding for finding in wrong if finding.line not in odd)
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


def _missing(text: str, end: int) -> _RefusedError:
    first = text.partition("\n")[0]
    hint = "write a line that is `---` and nothing else below the last key"
    if end >= 0:
        what = f"the front matter has {end} characters, more than {FRONT_CHARACTERS}: its end is hardly meant to be there"
    elif first == "---":
        what = "the front matter that begins with `---` is never closed"
    else:
        what = f"the front matter is missing: the first line is {f'`{_shown(first)}`' if first else 'empty'}, not `---`"
        hint = "begin the file with a line that is `---` and nothing else, then the keys, then `---` again"
    return _RefusedError(what, hint, "SDD102")


def _odd_lines(path: bytes, lines: list[str]) -> list[Finding]:
    """Characters that are not seen, or that change how a reviewer sees others (trojan source)."""
    if "".join(lines).isprintable():
        return []
    found = ((number, next(filter(_odd, line), "")) for number, line in enumerate(lines, 2))
    return [_oddity(char).at(path, number) for number, char in found if char]


def _odd(char: str) -> bool:
    return any(low <= char <= high for low, high in _ODD)


def _oddity(char: str) -> _RefusedError:
    if char == "\t":
        return _RefusedError(
            "the line holds a tab", "use spaces; a tab inside a value is `\\t` in double quotes"
        )
    return _RefusedError(
        f"the line holds U+{ord(char):04X}, which a reader cannot see", "delete that character"
    )


def _shown(text: str) -> str:
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "".join(f"\\u{ord(char):04x}" if _odd(char) else char for char in short)


def _twice(key: str) -> _RefusedError:
    return _RefusedError(f"`{_shown(key)}` stands twice", "keep one of the two", "SDD104")


def _unquoted(text: str, why: str) -> _RefusedError:
    return _RefusedError(f"`{_shown(text)}` {why}", f"quote it: {_quote(text)}")


def _kept(text: str) -> _RefusedError:
    means, hint = _KEPT[text[0]], f"quote it: {_quote(text)}"
    if text[0] in "|>":
        hint = "write the text on one line in double quotes, with `\\n` where a line ends"
    elif text[0] in "[{":
        hint = f"{hint}; a list or map stands below its key, one `- item` or `name: value` a line"
    return _RefusedError(f"`{_shown(text)}` begins with `{text[0]}`, which means {means} in YAML", hint)


def _empty(text: str) -> _RefusedError:
    return _RefusedError(f"`{_shown(text)}` has no value", 'write one (an empty text is `""`), or delete it')


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
    pair, wrong = _tried(path, number, _key, head)
    key, source = pair or ("", "")
    if pair and not source:
        return (key, *_block(path, below)) if below else (key, None, [_empty(f"{key}:").at(path, number)])
    if wrong:
        return "", None, wrong
    value, wrong = _tried(path, number, _value, source)
    if below and not wrong:
        what, hint = (
            _shown(below[0][1].strip(" ")),
            "write the value on one line; for a longer text use double quotes and `\\n`",
        )
        wrong = [_RefusedError(f"`{what}` goes on with the value of `{key}`", hint).at(path, below[0][0])]
    return key, None if wrong else value, wrong


def _tried(
    path: bytes, line: int, read: Callable[[str], Read], source: str
) -> tuple[Read | None, list[Finding]]:
    try:
        return read(source), []
    except _RefusedError as error:
        return None, [error.at(path, line)]


def _key(line: str) -> tuple[str, str]:
    """The key at the margin and what stands behind its colon."""
    key, colon, source = line.partition(":")
    if not colon or source[:1] not in {"", " "} or not _is_key(key):
        hint = "write `key: value`: a key of letters, digits and `_`, a colon, a space, the value"
        if line.startswith(("---", "...")):
            hint = "delete it; the line that closes front matter is `---` and nothing else"
        elif colon and _is_key(key.strip(" ")):
            hint = f"write `{key.strip(' ')}: {source.strip(' ')}`".replace(": `", ":`")
        raise _RefusedError(f"`{_shown(line)}` is no `key: value`", hint)
    source = source.strip(" ")
    return key, "" if source.startswith("#") else source


def _is_key(key: str) -> bool:
    plain = (
        key.isascii()
        and key.replace("-", "_").isidentifier()
        and key[0] != "-"
        and len(key) <= KEY_CHARACTERS
    )
    return plain and key not in _OTHER and key not in {"true", "false"}


def _block(path: bytes, below: list[tuple[int, str]]) -> tuple[FieldValue | None, list[Finding]]:
    """The list or map on the lines below a key."""
    indent = len(below[0][1]) - len(below[0][1].lstrip(" "))
    first = below[0][1][indent:].rstrip(" ")
    read = _item if indent == 0 or first == "-" or first.startswith("- ") else _pair
    pairs: list[tuple[str, Scalar]] = []
    findings: list[Finding] = []
    for number, line in below:
        beside = line[:indent].isspace() == bool(indent) and line[indent : indent + 1] != " "
        pair, wrong = _tried(path, number, read if beside else _misplaced, line.strip(" "))
        if pair and read is _pair and any(pair[0] == name for name, _ in pairs):
            wrong = [_twice(pair[0]).at(path, number)]
        pairs += [pair] if pair else []
        findings += wrong
    value = tuple(item for _, item in pairs) if read is _item else dict(pairs)
    return None if findings else value, findings


def _misplaced(line: str) -> tuple[str, Scalar]:
    hint = "indent it like the first line below the key; lists and maps have one level"
    raise _RefusedError(f"`{_shown(line)}` is not indented like the lines beside it", hint)


def _item(line: str) -> tuple[str, Scalar]:
    if line != "-" and not line.startswith("- "):
        raise _RefusedError(f"`{_shown(line)}` is no item of a list", "write `- item`")
    return "", _one(line[1:].lstrip(" "), line)


def _pair(line: str) -> tuple[str, Scalar]:
    name: Scalar
    if line[0] in "\"'":
        name, rest = _quoted(line)
        colon, source = rest.lstrip(" ")[:1], rest.lstrip(" ")[1:]
    else:
        plain, colon, source = f"{line} ".partition(": ")
        name, source = _plain(plain.rstrip(" ")), f" {source}"
    if (
        not colon.startswith(":")
        or source[:1] not in {"", " "}
        or not isinstance(name, str)
        or len(name) > KEY_CHARACTERS
    ):
        hint = "write `name: value`, with the name in quotes where YAML takes it for a number or flag"
        raise _RefusedError(f"`{_shown(line)}` is no `name: value`", hint)
    return name, _one(source.strip(" "), line)


def _one(source: str, line: str) -> Scalar:
    """The one scalar of an item or pair."""
    if not source or source.startswith("#"):
        raise _empty(line)
    value = _value(source)
    if isinstance(value, (tuple, dict)):
        raise _unquoted(source, "lies too deep: lists and maps have one level")
    return value


def _value(source: str) -> FieldValue:
    """A value that ends on its line, without the comment behind it."""
    value: FieldValue
    if source.startswith("["):
        value, rest = _flow(source)
    elif source.startswith(('"', "'")):
        value, rest = _quoted(source)
    elif source.startswith("{}"):
        value, rest = {}, source[2:]
    else:
        return _plain(source.partition(" #")[0].rstrip(" "))
    if rest.strip(" ") and not (rest[0] == " " and rest.lstrip(" ")[0] == "#"):
        raise _unquoted(source, f"goes on behind its end, with `{_shown(rest.strip(' '))}`")
    return value


def _flow(source: str) -> tuple[tuple[Scalar, ...], str]:
    """The flow list that a source begins with, and what stands behind it."""
    items: list[Scalar] = []
    item: Scalar
    rest = source[1:].lstrip(" ")
    while not rest.startswith("]"):
        if rest.startswith(('"', "'")):
            item, rest = _quoted(rest)
        else:
            end = min((at for at in (rest.find(","), rest.find("]")) if at >= 0), default=-1)
            item, rest = ("", "") if end < 0 else (_plain(rest[:end].rstrip(" "), inside=True), rest[end:])
        items.append(item)
        rest = rest.lstrip(" ")
        if not rest.startswith((",", "]")):
            hint = "write the list on one line as `[a, b]`, or below the key with one `- item` a line"
            raise _RefusedError(
                f"`{_shown(source)}` is no list of items with commas that ends on its line", hint
            )
        rest = rest.removeprefix(",").lstrip(" ")
    return tuple(items), rest[1:]


def _quoted(source: str) -> tuple[str, str]:
    """The text in quotes that a source begins with, and what stands behind it."""
    quote, at = source[0], 1
    chars: list[str] = []
    while at < len(source):
        char = source[at]
        if char == quote and not (quote == "'" and source[at + 1 : at + 2] == "'"):
            return "".join(chars), source[at + 1 :]
        if char == quote:
            at += 1
        elif char == "\\" and quote == '"':
            char, at = _escape(source, at + 1)
        chars.append(char)
        at += 1
    hint = f"close it with `{quote}` on the same line; an end of line inside is `\\n` in double quotes"
    raise _RefusedError(f"`{_shown(source)}` is never closed", hint)


def _escape(source: str, at: int) -> tuple[str, int]:
    """The character of the escape whose letter stands at `at`, and where the escape ends."""
    name = source[at : at + 1]
    if name in _ESCAPES:
        return _ESCAPES[name], at
    size = _DIGITS_OF.get(name, 0)
    digits = source[at + 1 : at + 1 + size]
    known = size and len(digits) == size and not digits.strip("0123456789abcdefABCDEF")
    code = int(digits, 16) if known else -1
    if not 0 <= code < 0x110000 or _odd(chr(code)):  # noqa: PLR2004 - the end of Unicode
        hint = (
            'write `\\\\` for a backslash; the escapes are \\\\ \\" \\/ \\n \\t \\r \\xXX \\uXXXX \\UXXXXXXXX'
        )
        raise _RefusedError(f"`\\{_shown(name + digits)}` stands for no character that can be seen", hint)
    return chr(code), at + size


def _plain(text: str, *, inside: bool = False) -> Scalar:
    """What a text without quotes means; `inside` a flow list."""
    if not text:
        raise _RefusedError(
            "an item between commas is empty", 'write it (an empty text is `""`), or take the comma out'
        )
    if text[0] in _KEPT:
        raise _kept(text)
    if text == "-" or text.startswith("- ") or ": " in text or text[-1] == ":":
        raise _unquoted(text, "is a list or map inside a value")
    if " #" in text or (inside and not set("[]{},").isdisjoint(text)):
        raise _unquoted(text, "holds a character that needs quotes here")
    if text in {"true", "false"}:
        return text == "true"
    return _number(text) if text[0] in "+-.0123456789" or text in _OTHER else text


def _number(text: str) -> Scalar:
    """An integer, or the text where YAML takes it for one too; what it takes for anything else is refused."""
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS and text == str(int(text)):
        return int(text)
    if text in _OTHER or _is_number(text.lstrip("+-").lower()) or _is_time(text):
        hint = f"quote it: {_quote(text)}; or write a flag as `true` or `false`, a number in plain digits"
        raise _RefusedError(
            f"`{_shown(text)}` is no text to YAML, but nothing, a number, a flag or a time", hint
        )
    return text


def _is_number(text: str) -> bool:
    """Whether some reader of YAML takes it for a number: with a point, an exponent, `_`, a base, zeros in front."""
    if text in {".inf", ".nan"}:
        return True
    if text[:2] in {"0x", "0o", "0b"}:
        return not text[2:].strip("0123456789abcdef_")
    mantissa, e, exponent = text.partition("e")
    return _counts(mantissa.replace(".", "", 1)) and (not e or _counts(exponent.lstrip("+-")))


def _counts(text: str) -> bool:
    return bool(text) and not text.strip("0123456789_")


def _is_time(text: str) -> bool:
    """Whether it begins as a date does: `2026-11-21`, also with a time behind it."""
    year, _, rest = text.partition("-")
    month, _, rest = rest.partition("-")
    day = rest[:2].rstrip("tT ")
    return (
        len(year) == len("2026")
        and (year + month + day).isdigit()
        and rest[len(day) :][:1] in {"", "t", "T", " "}
    )


def render(fields: Mapping[str, FieldValue]) -> str:
    """Front matter that reads as these fields, in their order, in the one canonical form.

    Raises:
        SddError: a key or value cannot stand in front matter: a character that cannot be seen, a number too long.
    """
    return "---\n" + "".join(_rendered(key, value) for key, value in fields.items()) + "---\n"


def with_field(text: str, key: str, value: FieldValue) -> str:
    """A file's text with one key set in its front matter: in its place where it stands, else below the others.

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
    new = _rendered(key, value).split("\n")[:-1]
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
    if not _is_key(key):
        raise SddError(f"`{_shown(key)}` cannot be a key of front matter", hint="use letters, digits and `_`")
    if isinstance(value, dict):
        pairs = (f"  {_name(name)}: {_literal(item)}\n" for name, item in value.items())
        return f"{key}:\n" + "".join(pairs) if value else f"{key}: {{}}\n"
    if not isinstance(value, tuple):
        return f"{key}: {_literal(value)}\n"
    flow = f"{key}: [{', '.join(_literal(item, inside=True) for item in value)}]\n"
    short = len(value) <= FLOW_ITEMS and len(flow) <= FLOW_CHARACTERS
    return flow if short or not value else f"{key}:\n" + "".join(f"  - {_literal(item)}\n" for item in value)


def _name(name: str) -> str:
    if len(name) > KEY_CHARACTERS:
        raise SddError(
            f"the name `{_shown(name)}` has {len(name)} characters, more than {KEY_CHARACTERS}",
            hint="shorten it",
        )
    return _literal(name)


def _literal(value: Scalar, *, inside: bool = False) -> str:
    """A scalar as it is written: plain where our own reader then reads the same, else in double quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if any(_odd(char) for char in text if char not in _WRITTEN):
        raise SddError(
            f"`{_shown(text)}` holds a character that cannot be seen", hint="delete that character"
        )
    if text == text.strip(" ") and not any(map(_odd, text)):
        found, _ = _tried(b"", 0, lambda source: _plain(source, inside=inside), text)
        if found == value and isinstance(found, type(value)):
            return text
    if isinstance(value, int):
        raise SddError(f"the number {_shown(text)} has more than {DIGITS} digits", hint="write it as a text")
    return _quote(text)


def _quote(text: str) -> str:
    return '"' + "".join(_WRITTEN.get(char, char) for char in text) + '"'
