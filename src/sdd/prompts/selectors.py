"""Selectors of context: which text of which file `reads` and its like name, and what never goes into a prompt.

A selector is a path, a path with a heading (`docs/architecture.md#Cart/Errors`), a Python symbol
(`src/cart.py::Cart.add`) or lines (`src/cart.py:10-40`), or a glob. A path that exists wins over all that its signs could
mean. Nothing is left out silently: what can't be shown is an error, under a glob too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sdd.errors import SddError
from sdd.findings import nearest
from sdd.globs import is_glob, matched, matching
from sdd.prompts.markdown import section
from sdd.prompts.python import symbol
from sdd.snapshot import LINK, SUBMODULE, show
from sdd.values import Value

if TYPE_CHECKING:
    from sdd.snapshot import Snapshot

MOST_BYTES = 1_000_000
SECRETS = (
    *(".env", ".env.*", ".netrc", "_netrc", ".pgpass", ".pypirc", ".git-credentials"),
    *(
        "id_rsa",
        "id_dsa",
        "id_ecdsa*",
        "id_ed25519*",
        "*.pem",
        "*.key",
        "*.ppk",
        "*.p12",
        "*.pfx",
        "*.jks",
        "*.keystore",
    ),
)
"""Names, in lower case, of files that hold keys and passwords; a prompt goes to a provider and into a record."""
NO_SECRETS = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----")
ACCESS_KEY = re.compile(
    rb"(?<![A-Za-z0-9_-])(?:"
    rb"sk-ant-[a-z]+[0-9]+-[A-Za-z0-9_-]{80}"  # Anthropic
    rb"|sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40}|sk-[A-Za-z0-9]{48}"  # OpenAI and those that copied it
    rb"|AIza[A-Za-z0-9_-]{35}"  # Google
    rb"|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}|glpat-[A-Za-z0-9_-]{20}"  # GitHub, GitLab
    rb"|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Z0-9])|xox[abprs]-[A-Za-z0-9-]{20}"  # AWS, Slack
    rb")"
)
"""Keys by the form that their makers give them; as long as real ones are, so that the made ones of tests may be shown."""
MAKERS = re.compile(rb"\b(?:sk-|AIza|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox)")
"""How such keys begin: looked for first, in a fiftieth of the time."""

MARKDOWN, PYTHON = "markdown", "python"
LANGUAGES = {
    **dict.fromkeys(("md", "markdown", "mdown", "mkd"), MARKDOWN),
    **dict.fromkeys(("py", "pyi", "pyw"), PYTHON),
}
"""What a fence says of a file, where that is not its extension itself."""

HEADING, SYMBOL, LINES = "#", "::", ":"
FORM = re.compile(r"#|::|:(?=[0-9]{1,9}(?:-[0-9]{1,9})?\Z)")
"""What stands between a path and the part of the file that is wanted."""


class Excerpt(Value):
    """A text that a selector names: these lines of this file, counted from 1, both inclusive.

    `text` is verbatim, apart from its line ends, which are LF, and a byte order mark, which is dropped. `language` is what
    a fence says of it, empty where nothing is known. `whole` says that it is all of the file.
    """

    selector: str
    path: bytes
    blob: str
    first_line: int
    last_line: int
    text: str
    language: str
    whole: bool


def select(snapshot: Snapshot, selector: str, *, optional: bool = False) -> list[Excerpt]:
    """The texts that a selector names, in the order of their paths; more than one only for a glob.

    Raises:
        SddError: it names nothing (a glob may, if `optional`), several things, or something that no prompt may hold.
    """
    path = _encoded(selector)
    if path in snapshot:
        return [_whole(snapshot, selector, path)]
    for at in sorted(FORM.finditer(selector), key=lambda found: -found.start()):
        path = _encoded(selector[: at.start()])
        if path in snapshot:
            return [_part(snapshot, selector, path, at.group(), selector[at.end() :])]
    paths = matched([selector], snapshot.entries) if is_glob(selector) else []
    if paths or (optional and is_glob(selector) and not FORM.search(selector)):
        snapshot.read_all(
            path for path in paths if snapshot.is_file(path)
        )  # at once: one process, not one a file
        return [_whole(snapshot, selector, path) for path in paths]
    raise _nothing(snapshot, selector)


def refusal(snapshot: Snapshot, path: bytes) -> str:
    """Why an existing file goes into no prompt, as the rest of a sentence; empty where it may."""
    mode = snapshot.entries[path].mode
    if mode in {LINK, SUBMODULE}:
        return "is a link" if mode == LINK else "is a submodule"
    name = path.rpartition(b"/")[2].lower()
    if matching(SECRETS, [name]) and not matching(NO_SECRETS, [name]):
        return "looks like a file of secrets"
    data = snapshot.read(path)
    if len(data) > MOST_BYTES:
        return f"has {len(data):,} bytes, more than {MOST_BYTES:,}"
    if PRIVATE_KEY.search(data):
        return "holds a private key"
    if MAKERS.search(data) and ACCESS_KEY.search(data):
        return "holds what looks like an access key"
    return "" if b"\0" not in data and _is_utf8(data) else "is no text in UTF-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


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
    return snapshot.read(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _language(path: bytes) -> str:
    _, dot, end = path.rpartition(b"/")[2].rpartition(b".")
    extension = end.lower().decode(errors="replace")
    plain = dot and extension.isascii() and extension.isalnum()
    return LANGUAGES.get(extension, extension) if plain else ""


def _whole(snapshot: Snapshot, selector: str, path: bytes) -> Excerpt:
    text = _text(snapshot, selector, path)
    return Excerpt(selector, path, snapshot.blob(path), 1, _count(text), text, _language(path), whole=True)


def _part(snapshot: Snapshot, selector: str, path: bytes, form: str, wanted: str) -> Excerpt:
    text, language = _text(snapshot, selector, path), _language(path)
    needed = {HEADING: MARKDOWN, SYMBOL: PYTHON, LINES: language}[form]
    if language != needed:
        hint = f"write lines, like {show(path)}:1-{_count(text)}"
        raise SddError(
            f"{show(path)} is not {needed.capitalize()}, so {form + wanted!r} names nothing in it", hint=hint
        )
    first, last = _lines(text, form, wanted, show(path))
    lines = text.split("\n")
    found = "\n".join(lines[first - 1 : last]) + ("\n" if last < len(lines) else "")
    return Excerpt(selector, path, snapshot.blob(path), first, last, found, language, whole=False)


def _lines(text: str, form: str, wanted: str, path: str) -> tuple[int, int]:
    if form == HEADING:
        return section(text, wanted, path)
    if form == SYMBOL:
        found = symbol(text, wanted, path)
        return found.first_line, found.last_line
    count = _count(text)
    first, last = (int(part) for part in (wanted.split("-") * 2)[:2])
    if not 1 <= first <= last <= count:
        hint = f"write {path}:{min(max(1, first), count)}-{count}" if count else f"write {path}"
        raise SddError(f"{path} has {count} lines, so :{wanted} names none", hint=hint)
    return first, last


def _count(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n") if text else 0)


def _nothing(snapshot: Snapshot, selector: str) -> SddError:
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
    near = _nearest(start, [path.decode(errors="surrogateescape") for path in snapshot.entries])
    hint = f"write {show(_encoded(near + rest))}" if near else "write a path from the top of the repository"
    return SddError(f"{selector!r} names no file in {snapshot.name}", hint=hint)


def _nearest(path: str, known: list[str]) -> str:
    """The path that was meant: in the same folder, or of the same name; to compare all takes 2 s where there are 50,000."""
    folder, _, name = path.rpartition("/")
    parts = ((one, one.rpartition("/")) for one in known)
    close = [one for one, (its_folder, _, its_name) in parts if its_folder == folder or its_name == name]
    return nearest(path, close) or nearest(path, known)
