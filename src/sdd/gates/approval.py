"""An approval: the record that a person approved one document's exact bytes for one gate, and where it lies.

One small TOML file with exactly the known keys, its SSH signature beside it. A record that disagrees with its own path is worth nothing (rule 9).
"""

from __future__ import annotations

from sdd.errors import SddError
from sdd.findings import Finding, nearest
from sdd.snapshot import show
from sdd.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sdd.snapshot import Snapshot

FOLDER = b".sdd/approvals"
UNREADABLE, MISPLACED = "SDD301", "SDD302"
LARGEST = 65536  # bytes; a record has some hundreds, and a parser should not be fed more
SHA256_DIGITS, BLOB_DIGITS = (64,), (40, 64)
LONGEST_GATE = 64
LONGEST_EMAIL = 200  # with `.toml.sig` it stays below the 255 bytes that file systems allow a name


class Approval(Value):
    """One record. `approved_at` is in seconds since 1970 (UTC), `inputs` are pairs of path and sha256, sorted.

    `code` is set only for gates with refs: the sha256 over all governed files.
    """

    project: str
    gate: str
    document: bytes
    sha256: str
    blob: str
    approver: str
    approved_at: int
    inputs: tuple[tuple[bytes, str], ...] = ()
    code: str = ""


def path(gate: str, document: bytes, approver: str) -> bytes:
    """Where the record of this approver for this gate and document lies; its signature has `.sig` added.

    Raises:
        SddError: one of the three cannot be part of a file's name.
    """
    if not is_gate_name(gate):
        raise SddError(f"{gate!r} is no name for a gate", hint="use lower-case letters, digits and hyphens")
    if not is_tree_path(_text(document)):
        raise SddError(f"{show(document)} is no path that an approval can name", hint="rename the document")
    if not is_email(approver):
        raise SddError(f"{approver!r} is no plain e-mail address", hint="use one like alice@example.org")
    return b"/".join((FOLDER, gate.encode(), document, approver.encode() + b".toml"))


def signature_path(record: bytes) -> bytes:
    """Where the signature of the record at this path lies."""
    return record + b".sig"


def find(snapshot: Snapshot) -> list[bytes]:
    """The paths of all records in a snapshot, sorted; whatever stands there, readable or not."""
    return [path for path in snapshot.under(FOLDER) if path.endswith(b".toml")]


def render(record: Approval) -> bytes:
    """The record as a file, byte for byte the same for the same values.

    Raises:
        SddError: it could not be read back as it is.
    """
    code = [f"code = {quoted(record.code)}"] if record.code else []
    lines = [
        "schema = 1",
        f"project = {quoted(record.project)}",
        f"gate = {quoted(record.gate)}",
        f"document = {quoted(_text(record.document))}",
        f"sha256 = {quoted(record.sha256)}",
        f"blob = {quoted(record.blob)}",
        f"approver = {quoted(record.approver)}",
        f"approved_at = {written(record.approved_at)}",
        *code,
        "",
        "[inputs]",
        *(f"{quoted(_text(name))} = {quoted(sha256)}" for name, sha256 in sorted(record.inputs)),
    ]
    place = path(record.gate, record.document, record.approver)
    data = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
    again = read(place, data)
    if isinstance(again, tuple):
        raise SddError(f"no approval can be written: {again[0].message}", hint=again[0].hint)
    return data


def read(path: bytes, data: bytes) -> Approval | tuple[Finding, ...]:
    """The approval in a file's bytes, or what is wrong with it (SDD301, SDD302)."""
    table = table_of(data, LARGEST)
    if isinstance(table, str):
        return (_finding(UNREADABLE, path, table),)
    wrong = [*_wrong_keys(table), *_wrong_values(table)]
    if not wrong and not _plainly_dated(data.decode(), written(_epoch(table["approved_at"]))):
        wrong = ["approved_at must be written on its own line as 2026-11-21T10:15:00Z"]
    if wrong:
        return tuple(_finding(UNREADABLE, path, message) for message in wrong)
    record = _approval(table)
    return tuple(_finding(MISPLACED, path, message) for message in _misplaced(path, record)) or record


def is_email(text: str) -> bool:
    """Whether this is a plain e-mail address: a strict subset that is safe as a file's name on every system."""
    name, _, host = text.partition("@")
    fits = len(text) <= LONGEST_EMAIL and ".." not in text and text.isascii() and bool(name) and bool(host)
    return (
        fits
        and (name[0].isalnum() or name[0] == "_")
        and all(sign.isalnum() or sign in "._+-" for sign in name)
        and host[0].isalnum()
        and host[-1].isalnum()
        and all(sign.isalnum() or sign in ".-" for sign in host)
    )


def is_gate_name(text: str) -> bool:
    """Whether this can name a gate: lower-case letters, digits and hyphens, a letter first."""
    allowed = all(sign in "abcdefghijklmnopqrstuvwxyz0123456789-" for sign in text)
    return allowed and text[:1].isalpha() and len(text) <= LONGEST_GATE


def is_tree_path(text: str) -> bool:
    """Whether this is a path relative to the top, with `/` between plain names, none of them git's own."""
    if "\\" in text or (not text.isprintable() and any(map(_is_control, text))):
        return False
    return {"", ".", "..", ".git"}.isdisjoint(text.lower().split("/"))


def _is_control(sign: str) -> bool:
    """Whether it is a control character (C0, C1), or a surrogate, which stands for a byte that was not UTF-8."""
    return sign < " " or "\x7f" <= sign < "\xa0" or "\ud800" <= sign < "\ue000"


def written(epoch: int) -> str:
    """Seconds since 1970 as "2026-11-21T10:15:00Z".

    Raises:
        SddError: that moment lies outside of the years 1970 to 9999.
    """
    from datetime import datetime, timedelta  # `tomllib` has it in memory already

    try:
        moment = datetime(1970, 1, 1) + timedelta(seconds=epoch)  # noqa: DTZ001 - UTC by construction
    except OverflowError:
        raise SddError(f"the time {epoch} lies outside of the calendar") from None
    return moment.isoformat(timespec="seconds") + "Z"


def quoted(text: str) -> str:
    """Text as a TOML basic string."""
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def table_of(data: bytes, largest: int) -> dict[str, Any] | str:
    """The TOML table in a file's bytes, or a part of a sentence that says why there is none."""
    import tomllib

    if len(data) > largest:
        return f"it has {len(data)} bytes, and at most {largest} are read"
    try:
        return tomllib.loads(data.decode())
    except RecursionError:
        return "it is no TOML: nested too deeply"
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ones
        return f"it is no TOML: {error}"


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return "\\" + sign
    return f"\\u{ord(sign):04X}" if ord(sign) < 0x20 or ord(sign) == 0x7F else sign  # noqa: PLR2004 - TOML's own range


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _wrong_keys(table: Mapping[str, Any]) -> list[str]:
    unknown = [
        f"unknown key {name!r}" + (f", did you mean {near!r}?" if near else "")
        for name in table
        if name not in _VALUES
        for near in [nearest(name, list(_VALUES))]
    ]
    return unknown + [
        f"the key {name!r} is missing" for name in _VALUES if name not in table and name != "code"
    ]


def _wrong_values(table: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} must be {words}"
        for name, (fits, words) in _VALUES.items()
        if name in table and not fits(table[name])
    ]


def _plainly_dated(text: str, moment: str) -> bool:
    """Whether the time stands there in the one form; offsets, fractions and local times parse too, but do not count."""
    plain = (
        line.partition("#")[0].replace(" ", "").replace("\t", "").strip("\r") for line in text.split("\n")
    )
    return f"approved_at={moment}" in plain


def _approval(table: Mapping[str, Any]) -> Approval:
    return Approval(
        project=table["project"],
        gate=table["gate"],
        document=table["document"].encode(),
        sha256=table["sha256"],
        blob=table["blob"],
        approver=table["approver"],
        approved_at=_epoch(table["approved_at"]),
        inputs=tuple(sorted((name.encode(), sha256) for name, sha256 in table["inputs"].items())),
        code=table.get("code", ""),
    )


def _misplaced(place: bytes, record: Approval) -> list[str]:
    """How a record disagrees with its own path."""
    if place == path(record.gate, record.document, record.approver):
        return []
    named = f"{record.approver} for {show(record.document)} at the gate {record.gate}"
    return [f"this record speaks of {named}, which is not where it lies"]


def _finding(code: str, path: bytes, message: str) -> Finding:
    return Finding(code, path, 0, message, "make the record anew with sdd approve; never edit one")


def _is_hex(value: Any, digits: tuple[int, ...]) -> bool:
    return (
        isinstance(value, str) and len(value) in digits and all(sign in "0123456789abcdef" for sign in value)
    )


def _is_sha256(value: Any) -> bool:
    return _is_hex(value, SHA256_DIGITS)


def _is_moment(value: Any) -> bool:
    from datetime import datetime  # `tomllib` has it in memory already

    if not isinstance(value, datetime) or value.tzinfo is None:
        return False
    return not value.utcoffset() and _epoch(value) > 0


def _epoch(moment: Any) -> int:
    return int(moment.timestamp())


def _is_inputs(value: Any) -> bool:
    return isinstance(value, dict) and all(
        is_tree_path(name) and _is_sha256(sha256) for name, sha256 in value.items()
    )


_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "schema": (lambda value: type(value) is int and value == 1, "1"),
    "project": (lambda value: isinstance(value, str) and value != "", "the project's name"),
    "gate": (lambda value: isinstance(value, str) and is_gate_name(value), "the name of a gate"),
    "document": (lambda value: isinstance(value, str) and is_tree_path(value), "the path of a document"),
    "sha256": (_is_sha256, "64 hexadecimal digits in lower case"),
    "blob": (lambda value: _is_hex(value, BLOB_DIGITS), "40 or 64 hexadecimal digits in lower case"),
    "approver": (lambda value: isinstance(value, str) and is_email(value), "a plain e-mail address"),
    "approved_at": (_is_moment, "a time like 2026-11-21T10:15:00Z"),
    "code": (_is_sha256, "64 hexadecimal digits in lower case"),
    "inputs": (_is_inputs, "a table of paths with their sha256"),
}
