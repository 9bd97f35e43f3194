"""Which paths a policy speaks of: trust files, documents and governed code; what lies above them; what only looks like them."""

from __future__ import annotations

from sdd.globs import matches
from sdd.snapshot import LINK, SUBMODULE
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdd.gates.policy import Code, Gate, Policy
    from sdd.snapshot import Entry, Snapshot

HOME = b".sdd/"
RECORDS = b".sdd/approvals/"
NO_FILES = frozenset({LINK, SUBMODULE})
# macOS ignores these in a name, so `.s\u200cdd` is `.sdd` there (git's own `is_hfs_dotgit` has the same list).
_IGNORED = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF], None
)


class Kind(Value):
    """One kind of paths that a policy speaks of: in words, as globs, and as globs of names that a file system may confuse."""

    words: str
    globs: tuple[str, ...]
    folded: tuple[str, ...]


def is_trust(policy: Policy, path: bytes) -> bool:
    """Whether this is a trust file: below `.sdd/`, approvals apart, or named in `[trust] files`."""
    if path.startswith(HOME):
        return not path.startswith(RECORDS)
    return any(matches(glob, path) for glob in policy.trust.files)


def code_rules(policy: Policy, path: bytes) -> list[Code]:
    """The `[[code]]` tables that govern a path, all of which must be content.

    The documents of gates and what lies below `.sdd/` have rules of their own and are never governed code.
    """
    found = [code for code in policy.code if any(matches(glob, path) for glob in code.paths)]
    return [] if not found or path.startswith(HOME) or gates_of(policy, path) else found


def gates_of(policy: Policy, path: bytes) -> list[Gate]:
    """The gates that may have this path as a document, for whatever feature and session."""
    return [
        gate
        for gate in policy.gates.values()
        if any(matches(glob, path) for pattern in gate.documents for glob in document_globs(pattern))
    ]


def document_globs(pattern: str) -> tuple[str, ...]:
    """The globs of all documents that a gate's pattern can mean."""
    plain = pattern.replace("{feature}", "*").replace("{session}", "*")
    return (
        (plain.replace("{docs}", "docs"), plain.replace("{docs}", "docs/*"))
        if "{docs}" in plain
        else (plain,)
    )


def code_digest(snapshot: Snapshot, policy: Policy) -> str:
    """The sha256 over the sorted lines "mode blob path", each with its newline, of all governed files."""
    from hashlib import sha256

    lines = sorted(
        f"{entry.mode} {entry.blob} ".encode() + path + b"\n"
        for path, entry in snapshot.entries.items()
        if code_rules(policy, path)
    )
    return sha256(b"".join(lines)).hexdigest()


class Territory:
    """All that a policy speaks of, ready to be asked about many paths."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        documents = [
            glob
            for gate in policy.gates.values()
            for pattern in gate.documents
            for glob in document_globs(pattern)
        ]
        code = [glob for code in policy.code for glob in code.paths]
        self.kinds = (
            _kind("a trust file", (".sdd/**", *policy.trust.files)),
            _kind("a gate's document", documents),
            _kind("governed code", code),
        )

    def concerns(self, path: bytes, *entries: Entry | None) -> bool:
        """Whether a change of this path, with these entries before and after, can matter to any rule."""
        folded = fold(path)
        no_file = any(entry is not None and entry.mode in NO_FILES for entry in entries)
        return no_file or any(_any(kind.globs, path) or _any(kind.folded, folded) for kind in self.kinds)

    def link_over(self, path: bytes) -> str:
        """What a link at this path stands for or above ("a trust file" …), or an empty string."""
        folded = fold(path)
        return next(
            (kind.words for kind in self.kinds if any(_at_or_above(glob, folded) for glob in kind.folded)), ""
        )

    def look_alike(self, path: bytes) -> str:
        """What this path is on a file system that folds names, without being it in git; or an empty string."""
        folded = fold(path)
        for kind in self.kinds:
            if folded == path and kind.folded == kind.globs:
                continue  # it cannot fit one of the two and not the other
            if not _any(kind.globs, path) and _any(kind.folded, folded):
                return kind.words
        return ""


def fold(path: bytes) -> bytes:
    """The name under which macOS or Windows may find a file: without case, ignored signs, dots and blanks at the end."""
    text = path.decode("utf-8", "surrogateescape")
    if not text.isascii():
        import unicodedata  # only for names beyond ASCII

        text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.translate(_IGNORED)).casefold())
    parts = (_folded_part(part) for part in text.lower().replace("\\", "/").split("/"))
    return "/".join(parts).encode("utf-8", "surrogateescape")


def _folded_part(part: str) -> str:
    """NTFS opens `x::$DATA`, `x.` and `x ` as `x`, and `.sdd` also as `SDD~1`."""
    bare = part.partition(":")[0].rstrip(". ") or part
    return ".sdd" if bare[:4] == "sdd~" and bare[4:].isdigit() else bare


def _kind(words: str, globs: Iterable[str]) -> Kind:
    known = tuple(dict.fromkeys(globs))
    return Kind(
        words,
        known,
        tuple(
            fold(glob.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape") for glob in known
        ),
    )


def _any(globs: Iterable[str], path: bytes) -> bool:
    return any(matches(glob, path) for glob in globs)


def _at_or_above(glob: str, path: bytes) -> bool:
    """Whether the glob can match this path or something below it."""
    parts = (glob + "**" if glob.endswith("/") else glob).split("/")
    starts = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return any(matches(start, path) for start in starts)
