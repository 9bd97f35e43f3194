"""Which names sessions, features and kinds may have: names that can be typed, and are one file on every machine."""

from __future__ import annotations

CHANGES = "changes"
RESERVED = ("templates", CHANGES, "interfaces", "tracker")
LONGEST = 100
"""Bytes of one name: file systems end at 255, and `.runs`, a time and a hash come behind it."""

_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(port + digit for port in ("com", "lpt") for digit in "0123456789¹²³"),
}
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0")  # letters to Unicode, nothing to the eye
_NO_ENDS = (".", ".md", ".runs", ".lock")  # Windows drops the dot; the others mean something to sdd or to git


def why_no_name(name: str) -> str:
    """Why a session, a kind or a feature cannot have that name, said of its file ("has a name that …"); "" if it can."""
    if not name or name[0] in "-." or not _is_plain(name) or _composed(name) != name:
        return "has a name that cannot be typed: use letters, digits, `-`, `_` and `.`"
    if name.partition(".")[0].lower() in _DEVICES:
        return "has a name that Windows keeps for a device"
    if ".." in name or name.lower().endswith(_NO_ENDS):
        return "has a name with `..`, or that ends with " + ", ".join(f"`{end}`" for end in _NO_ENDS)
    return f"has a name of more than {LONGEST} bytes" if len(name.encode()) > LONGEST else ""


def why_no_feature(name: str) -> str:
    """Why a feature cannot have that name, said of a file in its folder; "" if it can."""
    if name.lower() in RESERVED:
        return f"is in a folder that cannot be a feature ({', '.join(RESERVED)} are reserved)"
    return why_no_name(name)


def folded(path: bytes) -> bytes:
    """What a file system takes a path for that ignores case and how an accent is stored (macOS, Windows)."""
    if path.isascii():
        return path.lower()
    return _composed(path.decode("utf-8", "surrogateescape").lower()).encode("utf-8", "surrogateescape")


def _is_plain(name: str) -> bool:
    """Whether it holds letters, digits and `-_.` alone, all of them seen."""
    bare = name.replace("-", "").replace("_", "").replace(".", "")
    return (not bare or bare.isalnum()) and (name.isascii() or _UNSEEN.isdisjoint(name))


def _composed(text: str) -> str:
    """Each letter with its accent as one character, as keyboards give them."""
    if text.isascii():
        return text
    from unicodedata import normalize  # only for names that are not English

    return normalize("NFC", text)
