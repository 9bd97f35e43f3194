"""Selectors of context: which text of which file `reads` and its like name, and what never goes into a prompt.

A selector is a path, a path with a heading (`docs/architecture.md#Cart/Errors`), a Python symbol
(`src/cart.py::Cart.add`) or lines (`src/cart.py:10-40`), or a glob; `session:` and `diff:` name what is told of a session and
of commits (see `sdd.prompts.told`). A path that exists wins over all that its signs could mean. Nothing is left out silently:
what can't be shown is an error, under a glob too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.globs import is_glob, matched
from sdd.prompts.excerpt import DIFF, SESSION, Excerpt
from sdd.prompts.places import HEADING, LINES, SYMBOL, count, has_section, place
from sdd.prompts.refusals import refusal
from sdd.snapshot import show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sdd.repository import Repository
    from sdd.snapshot import Snapshot

MARKDOWN, PYTHON = "markdown", "python"
LANGUAGES = {
    **dict.fromkeys(("md", "markdown", "mdown", "mkd"), MARKDOWN),
    **dict.fromkeys(("py", "pyi", "pyw"), PYTHON),
}
"""What a fence says of a file, where that is not its extension itself."""

FORM = re.compile(r"#|::|:(?=[0-9]{1,9}(?:-[0-9]{1,9})?\Z)")
"""What stands between a path and the part of the file that is wanted."""


def select(
    snapshot: Snapshot, selector: str, *, optional: bool = False, git: Repository | None = None
) -> list[Excerpt]:
    """The texts that a selector names, in the order of their paths; more than one only for a glob.

    `git` is asked for what no snapshot holds: the difference of two commits, and whether a file that is missing is ignored.

    Raises:
        SddError: it names nothing (a glob may, if `optional`), several things, or something that no prompt may hold.
    """
    path, form, wanted = _named(snapshot, selector)
    if path:
        part = _part(snapshot, selector, path, form, wanted) if form else _whole(snapshot, selector, path)
        return [part]
    if selector.startswith((SESSION, DIFF)):
        from sdd.prompts import told  # which knows sessions

        return [told.excerpt(snapshot, selector, git)]
    paths = matched([selector], snapshot.entries) if is_glob(selector) else []
    if paths or (optional and is_glob(selector) and not FORM.search(selector)):
        read_at_once(snapshot, paths)
        return [_whole(snapshot, selector, path) for path in paths]
    raise _nothing(snapshot, selector, git)


def look_ahead(snapshot: Snapshot, selectors: Iterable[str]) -> None:
    """Read the files that these selectors name, apart from globs, before each is asked for by itself."""
    read_at_once(snapshot, (_named(snapshot, selector)[0] for selector in selectors))


def read_at_once(snapshot: Snapshot, paths: Iterable[bytes]) -> None:
    """Have a snapshot hold what some files say: git is asked about all in a few questions, and not once for each."""
    snapshot.read_all(path for path in dict.fromkeys(paths) if snapshot.is_file(path))


def _named(snapshot: Snapshot, selector: str) -> tuple[bytes, str, str]:
    """The file that a selector names, and of which form the part is that is wanted of it (all of it, if empty), and its name.

    The path is empty where it names no single file.
    """
    path = _encoded(selector)
    if path in snapshot:
        return path, "", ""
    told = selector.startswith((SESSION, DIFF))
    for at in sorted(() if told else FORM.finditer(selector), key=lambda found: -found.start()):
        path = _encoded(selector[: at.start()])
        if path in snapshot:
            return path, at.group(), selector[at.end() :]
    return b"", "", ""


def has_text(snapshot: Snapshot, selector: str) -> bool:
    """Whether a selector finds anything that a prompt may hold. What may have been meant is not looked for, which takes longer."""
    try:
        path, form, wanted = _named(snapshot, selector)
        if form == HEADING and _language(path) == MARKDOWN:
            return has_section(snapshot, path, _text(snapshot, selector, path), wanted)
        may = path or is_glob(selector) or selector.startswith((SESSION, DIFF))
        return bool(may and select(snapshot, selector, optional=True))
    except SddError:
        return False


def _encoded(selector: str) -> bytes:
    try:
        return selector.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        raise SddError(f"{selector!r} is no selector: it is no text in UTF-8", hint="write a path") from None


def _text(snapshot: Snapshot, selector: str, path: bytes) -> str:
    why = refusal(snapshot, path)
    if why:
        instead = "narrow" if is_glob(selector) else "do without"
        raise SddError(
            f"{show(path)} {why}, so no prompt may hold it", hint=f"{instead} the selector {selector!r}"
        )
    text = snapshot.read(path).decode().removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _language(path: bytes) -> str:
    _, dot, end = path.rpartition(b"/")[2].rpartition(b".")
    extension = end.lower().decode(errors="replace")
    plain = dot and extension.isascii() and extension.isalnum()
    return LANGUAGES.get(extension, extension) if plain else ""


def _whole(snapshot: Snapshot, selector: str, path: bytes) -> Excerpt:
    text = _text(snapshot, selector, path)
    return Excerpt(selector, path, snapshot.blob(path), 1, count(text), text, _language(path), whole=True)


def _part(snapshot: Snapshot, selector: str, path: bytes, form: str, wanted: str) -> Excerpt:
    text, language = _text(snapshot, selector, path), _language(path)
    needed = {HEADING: MARKDOWN, SYMBOL: PYTHON, LINES: language}[form]
    if language != needed:
        hint = f"write lines, like {show(path)}:1-{count(text)}"
        raise SddError(
            f"{show(path)} is not {needed.capitalize()}, so {form + wanted!r} names nothing in it", hint=hint
        )
    first, last, needs = place(snapshot, path, text, form, wanted)
    lines = text.split("\n")
    found = "\n".join(lines[first - 1 : last]) + ("\n" if last < len(lines) else "")
    return Excerpt(
        selector, path, snapshot.blob(path), first, last, found, language, whole=False, imports=needs
    )


def _nothing(snapshot: Snapshot, selector: str, git: Repository | None) -> SddError:
    """The error for a selector whose path does not exist, with what may have been meant."""
    start = FORM.split(selector, maxsplit=1)[0]
    rest = selector[len(start) :]
    folder = start.rstrip("/")
    if is_glob(start) and rest:
        return SddError(
            f"{selector!r} asks for a part of a glob's files", hint="write one path in front of it"
        )
    if folder and snapshot.under(_encoded(folder)):
        return SddError(f"{selector!r} names a folder", hint=f"write {show(_encoded(folder))}/**")
    if git and start and git.is_ignored([_encoded(start)]):
        hint = (
            f"do without it, or take it out of .gitignore: `git check-ignore -v {start}` says where it stands"
        )
        return SddError(f"{show(_encoded(start))} is ignored by git, so no prompt may hold it", hint=hint)
    near = _nearest(start, [path.decode(errors="surrogateescape") for path in snapshot.entries])
    hint = f"write {show(_encoded(near + rest))}" if near else "write a path from the top of the repository"
    return SddError(f"{selector!r} names no file in {snapshot.name}", hint=hint)


def _nearest(path: str, known: list[str]) -> str:
    """The path that was meant: in the same folder, or of the same name; to compare all takes 2 s where there are 50,000."""
    folder, _, name = path.rpartition("/")
    parts = ((one, one.rpartition("/")) for one in known)
    close = [one for one, (its_folder, _, its_name) in parts if its_folder == folder or its_name == name]
    return nearest(path, close) or nearest(path, known)
