"""Words from files quoted for where they are shown: a terminal that they must not steer, Markdown that they must not break."""

from __future__ import annotations

_STEERING = (
    ("\x00", "\x08"),  # the control characters, tab and line feed apart
    ("\x0b", "\x1f"),
    ("\x7f", "\x9f"),
    ("\u2028", "\u202e"),  # line and paragraph separators, and what turns the direction of text round
    ("\u2066", "\u2069"),
    ("\ud800", "\udfff"),  # halves of characters: bytes that were no UTF-8
)

MARKUP = frozenset("\\`*_{}[]<>&!|~$#")
"""What begins or ends something inside a line, for CommonMark and for forges (`$` mathematics, `~` strikes, `|` tables)."""

SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"
"""What stands as it is in a link's address."""


def shown(text: str) -> str:
    r"""A text for a terminal: what would steer it stands there as `\u001b`, as in JSON; lines stay lines."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(f"\\u{ord(char):04x}" if steers(char) else char for char in text.replace("\r\n", "\n"))


def steers(char: str) -> bool:
    """Whether a character steers a terminal, or makes it show other words than stand there."""
    return not char.isprintable() and any(first <= char <= last for first, last in _STEERING)


def plain(words: str) -> str:
    """Words in Markdown, on one line, that show as they are."""
    line = _line(words)
    if MARKUP.isdisjoint(line):
        return line
    around = zip(f" {line}", line, f"{line[1:]} ", strict=False)
    return "".join(_escaped(char, before, after) for before, char, after in around)


def _escaped(char: str, before: str, after: str) -> str:
    if char == "_" and before.isalnum() and after.isalnum():
        return char  # inside a word it means nothing
    return f"\\{char}" if char in MARKUP else char


def code(words: str) -> str:
    """Words as a code span, whatever backticks they hold."""
    line = _line(words)
    fence = "`"
    while fence in line:
        fence += "`"
    apart = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{apart}{line}{apart}{fence}"


def link(words: str, place: str) -> str:
    """A Markdown link to a relative path, with `/` between its parts."""
    return f"[{plain(words)}]({_address(place.encode())})"


def _address(place: bytes) -> str:
    if not place.strip(SAFE):
        return place.decode()
    return "".join(chr(byte) if byte in SAFE else f"%{byte:02X}" for byte in place)


def _line(words: str) -> str:
    line = " ".join(words.split())
    return line if line.isprintable() else "".join("\ufffd" if steers(char) else char for char in line)
