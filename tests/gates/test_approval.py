"""A record says exactly what its format says, and speaks of its own place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import NOW, record
from sdd.errors import SddError
from sdd.gates import approval
from sdd.gates.approval import Approval
from sdd.snapshot import in_memory

PLACE = b".sdd/approvals/spec/docs/product-spec.md/alice@example.org.toml"
GOOD = record(b"docs/product-spec.md", b"# Shop\n", "alice@example.org")
TEXT = """\
schema = 1
project = "shop"
gate = "spec"
document = "docs/product-spec.md"
sha256 = "9b8f6d5d0b2ea5a0e2ac6a9cbff28c3f5b8b8e0d8ee2a2ba83a9a4c4b2ce1f57"
blob = "b7aec520dec0a7516c18eb4c68b64ae1eb9b5a5e"
approver = "alice@example.org"
approved_at = 2026-11-21T10:00:00Z

[inputs]
"docs/brief.md" = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
"""


def told(data: str | bytes, place: bytes = PLACE) -> list[str]:
    found = approval.read(place, data.encode() if isinstance(data, str) else data)
    assert not isinstance(found, Approval), found
    assert {finding.path for finding in found} == {place}
    assert all(finding.hint for finding in found)
    return [f"{finding.code} {finding.message}" for finding in found]


def test_the_published_form_is_read() -> None:
    found = approval.read(PLACE, TEXT.encode())
    assert isinstance(found, Approval)
    assert (found.project, found.gate, found.document) == ("shop", "spec", b"docs/product-spec.md")
    assert (found.approver, found.approved_at, found.code) == ("alice@example.org", NOW, "")
    assert [path for path, _ in found.inputs] == [b"docs/brief.md"]


def test_what_is_rendered_is_the_published_form() -> None:
    found = approval.read(PLACE, TEXT.encode())
    assert isinstance(found, Approval)
    assert approval.render(found).decode() == TEXT


def test_comments_blanks_and_carriage_returns_change_nothing() -> None:
    other = TEXT.replace(
        "approved_at = 2026-11-21T10:00:00Z", "approved_at  =\t2026-11-21T10:00:00Z # noon, nearly"
    )
    assert approval.read(PLACE, other.replace("\n", "\r\n").encode()) == approval.read(PLACE, TEXT.encode())


def test_a_record_of_a_gate_with_refs_names_its_code() -> None:
    made = GOOD.replace(code="0" * 64)
    assert approval.read(PLACE, approval.render(made)) == made


@pytest.mark.parametrize(
    ("line", "other", "message"),
    [
        ("schema = 1", "schema = 2", "schema must be 1"),
        ("schema = 1", "schema = true", "schema must be 1"),
        ("schema = 1", 'schema = 1\nprojekt = "x"', "unknown key 'projekt', did you mean 'project'?"),
        ("schema = 1", "schema = 1\nzzz = 1", "unknown key 'zzz'"),
        ('gate = "spec"\n', "", "the key 'gate' is missing"),
        ('gate = "spec"', 'gate = "Spec/"', "gate must be the name of a gate"),
        ('gate = "spec"', "gate = 3", "gate must be the name of a gate"),
        ('project = "shop"', 'project = ""', "project must be the project's name"),
        ('"docs/product-spec.md"', '"../product-spec.md"', "document must be the path of a document"),
        ('sha256 = "9b', 'sha256 = "9B', "sha256 must be 64 hexadecimal digits in lower case"),
        ('sha256 = "9b', 'sha256 = "9', "sha256 must be 64 hexadecimal digits in lower case"),
        ('blob = "b', 'blob = "', "blob must be 40 or 64 hexadecimal digits in lower case"),
        ('approver = "a', 'approver = "*', "approver must be a plain e-mail address"),
        ("schema = 1", 'schema = 1\ncode = "x"', "code must be 64 hexadecimal digits in lower case"),
        ('"docs/brief.md" = "2', '"docs/brief.md" = "', "inputs must be a table of paths with their sha256"),
        ('"docs/brief.md"', '"/etc/passwd"', "inputs must be a table of paths with their sha256"),
        ("00:00Z", "00:00", "approved_at must be a time like 2026-11-21T10:15:00Z"),
        ("00:00Z", "00:00+02:00", "approved_at must be a time like 2026-11-21T10:15:00Z"),
        ("2026-11-21T10:00:00Z", "2026-11-21", "approved_at must be a time like 2026-11-21T10:15:00Z"),
        ("2026-11-21T10:00:00Z", "9999-12-31T23:59:59-10:00", "approved_at must be a time like"),
        ("2026-11-21T10:00:00Z", "1970-01-01T00:00:00Z", "approved_at must be a time like"),
        ("00:00Z", "00:00+00:00", "approved_at must be written on its own line as"),
        ("00:00Z", "00:00.5Z", "approved_at must be written on its own line as"),
        ("21T10", "21 10", "approved_at must be written on its own line as"),
    ],
)
def test_anything_else_is_refused(line: str, other: str, message: str) -> None:
    assert line in TEXT
    found = told(TEXT.replace(line, other, 1))
    assert len(found) == 1
    assert found[0].startswith(f"SDD301 {message}")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (TEXT + 'gate = "spec"\n[inputs]\n', "it is no TOML"),
        (TEXT.replace("schema = 1", 'schema = 1\ngate = "other"'), "it is no TOML"),
        (b"\xff\xfe", "it is no TOML"),
        (b"a = " + b"[" * 5000, "it is no TOML: nested too deeply"),
        (b"#" * 70000, "it has 70000 bytes, and at most 65536 are read"),
    ],
)
def test_what_is_no_toml_is_refused(data: str | bytes, message: str) -> None:
    assert told(data)[0].startswith(f"SDD301 {message}")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert len(told("schema = 2\nzzz = 1\n")) == 10


@pytest.mark.parametrize(
    "place",
    [
        b".sdd/approvals/implementation/docs/product-spec.md/alice@example.org.toml",
        b".sdd/approvals/spec/docs/architecture.md/alice@example.org.toml",
        b".sdd/approvals/spec/docs/product-spec.md/bob@example.org.toml",
        b".sdd/approvals/spec/docs/product-spec.md/Alice@example.org.toml",
        b".sdd/approvals/spec/docs/product-spec.md/alice@example.org.TOML",
        b".sdd/approvals/spec/docs/product-spec.md/x/alice@example.org.toml",
        b"alice@example.org.toml",
    ],
)
def test_a_record_that_was_copied_elsewhere_is_refused(place: bytes) -> None:
    assert told(TEXT, place) == [
        "SDD302 this record speaks of alice@example.org for docs/product-spec.md at the gate spec, which is not where it lies"
    ]


def test_a_record_lies_where_its_gate_document_and_approver_say() -> None:
    assert approval.path("spec", b"docs/product-spec.md", "alice@example.org") == PLACE
    assert approval.signature_path(PLACE) == PLACE + b".sig"


def test_a_documents_name_need_not_be_ascii() -> None:
    made = record(
        'docs/größe "1".md'.encode(), b"", "alice@example.org", inputs=(("docs/ü".encode(), "1" * 64),)
    )
    place = approval.path(made.gate, made.document, made.approver)
    assert approval.read(place, approval.render(made)) == made


@pytest.mark.parametrize(
    ("gate", "document", "approver", "message"),
    [
        ("../x", b"docs/a.md", "alice@example.org", "'../x' is no name for a gate"),
        ("spec", b"docs/../a.md", "alice@example.org", "docs/../a.md is no path that an approval can name"),
        ("spec", b"docs/\xff.md", "alice@example.org", "is no path that an approval can name"),
        ("spec", b"docs/a.md", "a/b@example.org", "'a/b@example.org' is no plain e-mail address"),
    ],
)
def test_a_path_that_leads_elsewhere_is_never_made(
    gate: str, document: bytes, approver: str, message: str
) -> None:
    with pytest.raises(SddError, match=message):
        approval.path(gate, document, approver)


@pytest.mark.parametrize("other", [{"sha256": "F" * 64}, {"project": ""}, {"approved_at": 0}, {"code": "x"}])
def test_a_record_that_could_not_be_read_back_is_never_made(other: dict[str, object]) -> None:
    with pytest.raises(SddError, match="no approval can be written: "):
        approval.render(GOOD.replace(**other))


def test_a_time_outside_of_the_calendar_is_an_error() -> None:
    with pytest.raises(SddError, match="the time 1000000000000 lies outside"):
        approval.render(GOOD.replace(approved_at=10**12))


def test_all_records_of_a_snapshot_are_found() -> None:
    files = dict.fromkeys([PLACE, PLACE + b".sig", b".sdd/policy.toml", b".sdd/approvals/x.toml"], b"")
    assert approval.find(in_memory(files)) == [PLACE, b".sdd/approvals/x.toml"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("alice@example.org", True),
        ("123+alice@users.noreply.example.org", True),
        ("_a.b-c@x", True),
        ("alice", False),
        ("alice@", False),
        ("*@example.org", False),
        ("!alice@example.org", False),
        ("alice@example.org,bob@example.org", False),
        ("..@example.org", False),
        ("a..b@example.org", False),
        ("alice@example.org\n", False),
        ("alice@exam\0ple.org", False),
        ("alice@example.org/", False),
        ("älice@example.org", False),
        ("-alice@example.org", False),
        ("alice@example.org.", False),
        ("a" * 200 + "@example.org", False),
    ],
)
def test_only_plain_addresses_become_names_of_files(text: str, plain: bool) -> None:
    assert approval.is_email(text) is plain


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("docs/a.md", True),
        ("docs/größe.md", True),
        ("", False),
        ("/docs", False),
        ("docs/", False),
        ("docs//a", False),
        ("./docs", False),
        ("docs/../a", False),
        (".git/config", False),
        ("docs/.GIT/x", False),
        ("docs\\a", False),
        ("docs/\x07", False),
        ("docs/\x85", False),
        ("docs/\udcff", False),
    ],
)
def test_a_path_has_plain_names_between_slashes(text: str, fine: bool) -> None:
    assert approval.is_tree_path(text) is fine


@given(
    st.text("a./\\GgiIt\x1f\x7f\xa0\u202eİ", max_size=9)
    | st.text(st.characters(exclude_categories=[]), max_size=4)
)
def test_a_path_is_judged_sign_by_sign_and_name_by_name(text: str) -> None:
    hidden = any(
        ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0 or 0xD800 <= ord(sign) < 0xE000 for sign in text
    )
    names = all(name not in {"", ".", ".."} and name.lower() != ".git" for name in text.split("/"))
    assert approval.is_tree_path(text) is (names and not hidden and "\\" not in text)


names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1).filter(
    lambda text: text.lower() not in {".", "..", ".git"}
)
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/".join(parts).encode())
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
records = st.builds(
    Approval,
    project=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    gate=st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True),
    document=paths,
    sha256=digests,
    blob=digests | st.binary(min_size=20, max_size=20).map(bytes.hex),
    approver=st.sampled_from(["alice@example.org", "b.o+b@x"]),
    approved_at=st.integers(1, 253402300799),
    inputs=st.dictionaries(paths, digests, max_size=3).map(lambda table: tuple(sorted(table.items()))),
    code=st.just("") | digests,
)


@given(records)
def test_reading_gives_back_what_was_rendered(made: Approval) -> None:
    assert (
        approval.read(approval.path(made.gate, made.document, made.approver), approval.render(made)) == made
    )


@given(st.binary(), st.binary())
def test_no_bytes_make_the_reader_raise(place: bytes, data: bytes) -> None:
    told(data, place)


@given(st.integers(0, len(TEXT)), st.text(max_size=3), st.integers(0, 3))
def test_no_edit_makes_the_reader_raise(at: int, added: str, dropped: int) -> None:
    edited = (TEXT[:at] + added + TEXT[at + dropped :]).encode("utf-8", "surrogatepass")
    found = approval.read(PLACE, edited)
    assert isinstance(found, Approval) or found
