"""Scalars of front matter: how one is read, alone or in a list on its line, how it is refused, and how it is written.

The first lines of `front_matter` tell the subset of YAML. What lies outside it is raised as an `OutsideError`.
"""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    Scalar = str | bool | int
    FieldValue = Scalar | tuple[Scalar, ...] | dict[str, Scalar]

KEY_CHARACTERS = 1_000  # YAML itself ends at 1024
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
_IN_FLOW = frozenset("[]{},")
_DIGITS_OF = {"x": 2, "u": 4, "U": 8}
_ODD = (
    *(("\0", "\x1f"), ("\x7f", "\x9f"), ("\u2028", "\u2029"), ("\ud800", "\udfff")),
    *(("\ufeff", "\ufeff"), ("\ufffe", "\uffff"), ("\u202a", "\u202e"), ("\u2066", "\u2069")),
)


class OutsideError(Exception):
    """A line, or part of one, lies outside the subset of YAML that is read here."""

    def __init__(self, message: str, hint: str, code: str = "SDD103") -> None:
        super().__init__(message)
        self.message, self.hint, self.code = message, hint, code

    def at(self, path: bytes, line: int) -> Finding:
        """What is wrong, as a finding on that line."""
        return Finding(self.code, path, line, self.message, self.hint)


def value_of(source: str) -> FieldValue:
    """What a value that ends on its line means: a scalar, a flow list or `{}`; a comment behind it counts for nothing."""
    value: FieldValue
    if source[0] == "[":
        value, rest = _flow(source)
    elif source[0] in "\"'":
        value, rest = quoted(source)
    elif source.startswith("{}"):
        value, rest = {}, source[2:]
    else:
        return plain(source.partition(" #")[0].rstrip(" "))
    if rest.strip(" ") and not (rest[0] == " " and rest.lstrip(" ")[0] == "#"):
        raise _unquoted(source, f"goes on behind its end, with `{shown(rest.strip(' '))}`")
    return value


def scalar_of(source: str, line: str) -> Scalar:
    """The one scalar of an item or pair; `line` is the whole of it, for the message."""
    if not source or source.startswith("#"):
        raise empty(line)
    value = value_of(source)
    if isinstance(value, (tuple, dict)):
        raise _unquoted(source, "lies too deep: lists and maps have one level")
    return value


def _flow(source: str) -> tuple[tuple[Scalar, ...], str]:
    """The flow list that a source begins with, and what stands behind it."""
    if (
        "'" not in source and '"' not in source and "]" in source
    ):  # so that every comma before it parts two items
        inner, _, rest = source[1:].partition("]")
        *texts, last = inner.split(",")
        texts += [last] if last.strip(" ") else []
        return tuple([plain(text.strip(" "), inside=True) for text in texts]), rest
    items: list[Scalar] = []
    item: Scalar
    at = _next(source, 1)
    while source[at : at + 1] != "]":
        end = _item_end(source, at)
        if source[at : at + 1] in {'"', "'"}:
            item, end = _quoted(source, at)
        else:
            item = plain(source[at:end].rstrip(" "), inside=True) if end < len(source) else ""
        items.append(item)
        at = _next(source, end)
        if source[at : at + 1] not in {",", "]"}:
            hint = "write the list on one line as `[a, b]`, or below the key with one `- item` a line"
            raise OutsideError(
                f"`{shown(source)}` is no list of items with commas that ends on its line", hint
            )
        if source[at] == ",":
            at = _next(source, at + 1)
    return tuple(items), source[at + 1 :]


def _next(source: str, at: int) -> int:
    """Where the first character stands, from a place on, that is no space."""
    while source[at : at + 1] == " ":
        at += 1
    return at


def _item_end(source: str, at: int) -> int:
    """Where the comma or bracket stands that ends an item without quotes; the end of the source where none does."""
    comma = source.find(",", at)
    last = comma if comma >= 0 else len(source)
    bracket = source.find("]", at, last)
    return bracket if bracket >= 0 else last


def quoted(source: str) -> tuple[str, str]:
    """The text in quotes that a source begins with, and what stands behind it."""
    text, end = _quoted(source, 0)
    return text, source[end:]


def _quoted(source: str, start: int) -> tuple[str, int]:
    """The text in quotes that begins there, and where it ends."""
    quote = source[start]
    at = start + 1
    chars: list[str] = []
    while at < len(source):
        char = source[at]
        if char == quote and not (quote == "'" and source[at + 1 : at + 2] == "'"):
            return "".join(chars), at + 1
        if char == quote:
            at += 1
        elif char == "\\" and quote == '"':
            char, at = _escape(source, at + 1)
        chars.append(char)
        at += 1
    hint = f"close it with `{quote}` on the same line; an end of line inside is `\\n` in double quotes"
    raise OutsideError(f"`{shown(source[start:])}` is never closed", hint)


def _escape(source: str, at: int) -> tuple[str, int]:
    """The character of the escape whose letter stands at `at`, and where the escape ends."""
    name = source[at : at + 1]
    if name in _ESCAPES:
        return _ESCAPES[name], at
    size = _DIGITS_OF.get(name, 0)
    digits = source[at + 1 : at + 1 + size]
    known = size and len(digits) == size and not digits.strip("0123456789abcdefABCDEF")
    code = int(digits, 16) if known else -1
    if not 0 <= code < 0x110000 or _is_odd(chr(code)):  # noqa: PLR2004 - the end of Unicode
        hint = (
            'write `\\\\` for a backslash; the escapes are \\\\ \\" \\/ \\n \\t \\r \\xXX \\uXXXX \\UXXXXXXXX'
        )
        raise OutsideError(f"`\\{shown(name + digits)}` stands for no character that can be seen", hint)
    return chr(code), at + size


def plain(text: str, *, inside: bool = False) -> Scalar:
    """What a text without quotes means; `inside` a flow list."""
    if not text:
        raise OutsideError(
            "an item between commas is empty", 'write it (an empty text is `""`), or take the comma out'
        )
    if text[0] in _KEPT:
        raise _kept(text)
    if text == "-" or text.startswith("- ") or ": " in text or text[-1] == ":":
        raise _unquoted(text, "is a list or map inside a value")
    if " #" in text or (inside and not _IN_FLOW.isdisjoint(text)):
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
        raise OutsideError(
            f"`{shown(text)}` is no text to YAML, but nothing, a number, a flag or a time", hint
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


def is_key(key: str) -> bool:
    """Whether it can stand at the margin: letters, digits, `_` and `-`, and no word that YAML keeps for itself."""
    simple = (
        key.isascii()
        and key.replace("-", "_").isidentifier()
        and key[0] != "-"
        and len(key) <= KEY_CHARACTERS
    )
    return simple and key not in _OTHER and key not in {"true", "false"}


def literal(value: Scalar, *, inside: bool = False) -> str:
    """A scalar as it is written, `inside` a flow list: plain where `plain` then reads the same, else in double quotes.

    Raises:
        SddError: it holds a character that cannot be seen, or it is a number too long to be read back.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    odd = _odd(text)
    if hidden(text):
        raise SddError(f"`{shown(text)}` holds a character that cannot be seen", hint="delete that character")
    if text == text.strip(" ") and not odd and _reads_as(value, text, inside=inside):
        return text
    if isinstance(value, int):
        raise SddError(f"the number {shown(text)} has more than {DIGITS} digits", hint="write it as a text")
    return _quote(text)


def literal_name(name: str) -> str:
    """A name of a map as it is written.

    Raises:
        SddError: as `literal` does; or it is longer than YAML reads.
    """
    if len(name) > KEY_CHARACTERS:
        raise SddError(
            f"the name `{shown(name)}` has {len(name)} characters, more than {KEY_CHARACTERS}",
            hint="shorten it",
        )
    return literal(name)


def _reads_as(value: Scalar, text: str, *, inside: bool) -> bool:
    try:
        found = plain(text, inside=inside)
    except OutsideError:
        return False
    return found == value and isinstance(found, type(value))


def _quote(text: str) -> str:
    return '"' + "".join(_WRITTEN.get(char, char) for char in text) + '"'


def _is_odd(char: str) -> bool:
    return not char.isprintable() and any(low <= char <= high for low, high in _ODD)


def _odd(text: str) -> set[str]:
    return set() if text.isprintable() else set(filter(_is_odd, text))


def hidden(text: str) -> set[str]:
    """The characters of a text that cannot be seen and have no escape of a letter, so that no front matter may hold them."""
    return _odd(text) - _WRITTEN.keys()


def oddity(line: str) -> OutsideError | None:
    """The refusal of the first character that is not seen, or that changes how a reviewer sees others (trojan source)."""
    char = next(filter(_is_odd, line), "")
    if not char:
        return None
    if char == "\t":
        return OutsideError(
            "the line holds a tab", "use spaces; a tab inside a value is `\\t` in double quotes"
        )
    return OutsideError(
        f"the line holds U+{ord(char):04X}, which a reader cannot see", "delete that character"
    )


def shown(text: str) -> str:
    """A text as messages show it: shortened, and with every character seen."""
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return (
        short
        if short.isprintable()
        else "".join(f"\\u{ord(char):04x}" if _is_odd(char) else char for char in short)
    )


def _unquoted(text: str, why: str) -> OutsideError:
    return OutsideError(f"`{shown(text)}` {why}", f"quote it: {_quote(text)}")


def _kept(text: str) -> OutsideError:
    means, hint = _KEPT[text[0]], f"quote it: {_quote(text)}"
    if text[0] in "|>":
        hint = "write the text on one line in double quotes, with `\\n` where a line ends"
    elif text[0] in "[{":
        hint = f"{hint}; a list or map stands below its key, one `- item` or `name: value` a line"
    return OutsideError(f"`{shown(text)}` begins with `{text[0]}`, which means {means} in YAML", hint)


def empty(text: str) -> OutsideError:
    """The refusal of a line that has no value."""
    return OutsideError(f"`{shown(text)}` has no value", 'write one (an empty text is `""`), or delete it')
