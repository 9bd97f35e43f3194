"""Trailers of a commit's message, read and added as `git interpret-trailers` does, but without its configured commands.

Git runs every `trailer.<token>.cmd` of the configuration as it interprets trailers; a hook must not. The rules are those of
git 2.39's trailer.c: the last paragraph but the first counts if all of its lines are trailers, or a quarter of them and one
that git itself writes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CUT = b" ------------------------ >8 ------------------------\n"
GITS_OWN = (b"Signed-off-by: ", b"(cherry picked from commit ")
NAMES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
BLANKS = b" \t\n\v\f\r"


def values(message: bytes, token: str, comment: bytes = b"#") -> list[str]:
    """The values of all trailers with this token, in whatever case, in their order; a value that is folded is one line."""
    lines = _lines(message[: _end(message, comment)])
    found: list[list[bytes]] = []
    is_meant = False
    for line in lines[_start(lines, comment) :]:
        at = _separator(line)
        if at > 0:
            is_meant = line[:at].strip(BLANKS).lower() == token.lower().encode()
            found += [[line[at + 1 :]]] if is_meant else []
        elif is_meant and line[:1].isspace():
            found[-1].append(line)
        else:
            is_meant = False
    return [b" ".join(b" ".join(one).split()).decode("utf-8", "replace") for one in found]


def added(message: bytes, token: str, value: str, comment: bytes = b"#") -> bytes:
    """The message with one more trailer; comments and what git cuts off stay below it. A message of comments alone stays as it is."""
    if all(_is_blank(line) or line.startswith(comment) for line in _lines(_uncut(message, comment))):
        return message  # git is to say that the message is empty
    end = _end(message, comment)
    lines, rest = _lines(message[:end]), message[end:]
    has_trailers = _start(lines, comment) < len(lines)
    last = next(
        (line for line in reversed(lines) if not (line[:1].isspace() or line.startswith(comment))), b""
    )
    while has_trailers and _separator(last) > 0 and _is_blank(lines[-1]):
        lines.pop()  # blanks below a trailer go on with its value, so git drops them
    gap = b"" if has_trailers or _is_blank(lines[-1]) else b"\n"
    return b"".join(lines) + gap + f"{token}: {value}\n".encode() + rest


def _lines(body: bytes) -> list[bytes]:
    return [line + b"\n" for line in body.removesuffix(b"\n").split(b"\n")]


def _is_blank(line: bytes) -> bool:
    return not line.strip(BLANKS)


def _uncut(message: bytes, comment: bytes) -> bytes:
    """The message as far as git reads it."""
    cut = (b"\n" + message).find(b"\n" + comment + CUT)
    return message if cut < 0 else message[:cut]


def _end(message: bytes, comment: bytes) -> int:
    """Where the message ends: before the cut, and before the comments, blank lines and list of conflicts at the end."""
    text = _uncut(message, comment)
    start, at, in_conflicts = 0, 0, False  # as in git, a comment at the very beginning is none of these
    for line in _lines(text):
        if line.startswith((comment, b"\n")):
            start = start or at
        elif line == b"Conflicts:\n":
            start = start or at
            in_conflicts = True
        elif not (in_conflicts and line.startswith(b"\t")):
            start, in_conflicts = 0, False
        at += len(line)
    return start or len(text)


def _start(lines: Sequence[bytes], comment: bytes) -> int:
    """The number of the first line of the last paragraph, if that is one of trailers; else how many lines there are.

    The first paragraph is the title and never counts.
    """
    title = next((at for at, line in enumerate(lines) if _is_blank(line)), len(lines))
    seen = False
    for at in range(len(lines) - 1, title - 1, -1):
        if not _is_blank(lines[at]):
            seen = seen or not lines[at].startswith(comment)
        elif seen:
            return at + 1 if _are_trailers(lines[at + 1 :], comment) else len(lines)
    return len(lines)


def _are_trailers(lines: Sequence[bytes], comment: bytes) -> bool:
    trailers = others = 0
    gits_own = goes_on = False
    for line in lines:
        if line.startswith(comment) or _is_blank(line):
            goes_on = False
        elif line[:1].isspace():
            others += not goes_on
        else:
            goes_on = line.startswith(GITS_OWN) or _separator(line) > 0
            gits_own = gits_own or line.startswith(GITS_OWN)
            trailers += goes_on
            others += not goes_on
    return trailers * 3 >= others if gits_own else trailers > 0 and others == 0


def _separator(line: bytes) -> int:
    """Where the colon after a token stands; -1 for a line that is no trailer."""
    name, colon, _ = line.partition(b":")
    return (
        len(name)
        if colon and name and not name.rstrip(b" \t").strip(NAMES) and line[:1] not in b" \t"
        else -1
    )
