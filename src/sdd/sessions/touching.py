"""Who names which paths: an index of globs, asked who names what another glob may match, without a look at all of them."""

from __future__ import annotations

from sdd.globs import is_glob, overlap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Touching:
    """Globs by whoever names them. The cost of a question follows the folders of the glob that is asked about, and what is found."""

    def __init__(self) -> None:
        self._plain: dict[str, dict[str, None]] = {}  # who names this path
        self._below: dict[str, dict[str, None]] = {}  # the globs and paths that begin in this folder or below
        self._globs: dict[str, dict[str, None]] = {}  # the globs that begin in this folder
        self._who: dict[str, dict[str, None]] = {}  # who names this glob

    def add(self, glob: str, who: str) -> None:
        """Note that somebody names a glob."""
        known = glob in self._who or glob in self._plain
        home = self._who if is_glob(glob) else self._plain
        home.setdefault(glob, {})[who] = None
        if known:
            return
        start = start_of(glob)
        if is_glob(glob):
            self._globs.setdefault(start, {})[glob] = None
        for folder in _above(start):
            self._below.setdefault(folder, {})[glob] = None

    def of(self, glob: str) -> Iterator[tuple[str, str]]:
        """Who names a path that this glob may match, each with the glob by which it is named, in a fixed order."""
        yield from ((who, glob) for who in self._plain.get(glob, ()) if not is_glob(glob))
        start = start_of(glob)
        near = dict.fromkeys(other for folder in _above(start) for other in self._globs.get(folder, ()))
        if is_glob(glob):
            near |= self._below.get(start, {})
        for other in near:
            if overlap(glob, other):
                yield from ((who, other) for who in self._who.get(other) or self._plain[other])


def start_of(glob: str) -> str:
    """The folder in which all paths of a glob lie: `src` for `src/*/a.py`, empty for the top."""
    if not is_glob(glob):
        return glob.rpartition("/")[0]
    parts = glob.split("/")
    fixed = next((at for at, part in enumerate(parts) if is_glob(part)), len(parts) - 1)
    return "/".join(parts[:fixed])


def path_in(selector: str) -> str:
    """The path or glob in a selector of context, without the heading, symbol or lines; empty where it names no file."""
    path = selector.partition("::")[0].partition("#")[0]
    before, colon, lines = path.rpartition(":")
    if not colon:
        return path
    return before if lines.replace("-", "").isdigit() else ""


def _above(folder: str) -> Iterator[str]:
    """A folder and all above it."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
