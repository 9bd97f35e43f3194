"""Only lines that say exactly who may sign, for what and until when, count."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import DAY, NOW, SoftKey, base64_of, wire
from sdd.errors import SddError
from sdd.gates import signers
from sdd.gates.signers import Signer

BLOB = wire(b"ssh-ed25519", bytes(range(32)))
KEY = f"ssh-ed25519 {base64_of(BLOB)}"
OTHER = f"ssh-ed25519 {base64_of(wire(b'ssh-ed25519', bytes(32)))}"
ALICE = f'alice@example.org namespaces="approval@sdd" {KEY}'


def told(line: str) -> str:
    """Why a line counts for nobody."""
    found, findings = signers.read(f"# ours\n\n{line}\n".encode())
    assert found == ()
    assert [(finding.code, finding.path, finding.line) for finding in findings] == [
        ("SDD702", b".sdd/allowed_signers", 3)
    ]
    assert findings[0].message.startswith("this line counts for nobody: ")
    return findings[0].message.removeprefix("this line counts for nobody: ")


def test_lines_in_the_right_form_count() -> None:
    bob = f'  bob@example.org\tnamespaces="approval@sdd",valid-after="20261121100000Z",valid-before=20261122Z {OTHER} desk\r'
    found, findings = signers.read(f"{ALICE}\n# a comment\n{bob}\n".encode())
    assert findings == ()
    assert found == (
        Signer("alice@example.org", "ssh-ed25519", KEY.split()[1], 0, 0, 1),
        Signer("bob@example.org", "ssh-ed25519", OTHER.split()[1], NOW, NOW + 14 * 3600, 3),
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"alice@example.org {KEY}", 'it needs namespaces="approval@sdd"'),
        (f'alice@example.org namespaces="git" {KEY}', 'it needs namespaces="approval@sdd"'),
        (f'alice@example.org namespaces="git,approval@sdd" {KEY}', 'it needs namespaces="approval@sdd"'),
        (f'alice@example.org namespaces="*" {KEY}', 'it needs namespaces="approval@sdd"'),
        (f'* namespaces="approval@sdd" {KEY}', "'*' is not one plain e-mail address"),
        (f'*@example.org namespaces="approval@sdd" {KEY}', "'*@example.org' is not one plain"),
        (f'?lice@example.org namespaces="approval@sdd" {KEY}', "'?lice@example.org' is not one plain"),
        (f'!bob@x,alice@x namespaces="approval@sdd" {KEY}', "'!bob@x,alice@x' is not one plain"),
        (f'alice@x,bob@x namespaces="approval@sdd" {KEY}', "'alice@x,bob@x' is not one plain"),
        (f'"alice@x" namespaces="approval@sdd" {KEY}', "'\"alice@x\"' is not one plain"),
        (f'a@x cert-authority,namespaces="approval@sdd" {KEY}', "the option 'cert-authority' is not one of"),
        (
            f'a@x namespaces="approval@sdd",valid-before=20271121 {KEY}',
            "the option 'valid-before=20271121' is",
        ),
        (f'a@x namespaces="approval@sdd",valid-after="2027112110Z" {KEY}', "the option 'valid-after="),
        (
            f'a@x namespaces="approval@sdd",valid-after=20271321Z {KEY}',
            "the option 'valid-after=20271321Z' is",
        ),
        (
            f'a@x namespaces="approval@sdd",valid-after="20271121Z {KEY}',
            "the option 'valid-after=\"20271121Z' is",
        ),
        (
            f'a@x namespaces="approval@sdd",valid-before=19700101Z {KEY}',
            "the option 'valid-before=19700101Z' is",
        ),
        (f'a@x namespaces="approval@sdd",valid-before=20270101Z,valid-before=20280101Z {KEY}', "the option"),
        (f'a@x namespaces="approval@sdd",namespaces="approval@sdd" {KEY}', "it needs"),
        (
            f'a@x namespaces="approval@sdd",valid-after=20270101Z,valid-before=20270101Z {KEY}',
            "it ends before",
        ),
        ('a@x namespaces="approval@sdd" ssh-ed25519 AAAA', "its key cannot be read"),
        (f'a@x namespaces="approval@sdd" ssh-rsa {KEY.split()[1]}', "its key cannot be read"),
        ("everybody", "it is not of the form EMAIL OPTIONS KEY"),
        (f'a@x namespaces="approval@sdd", valid-after=20270101Z {KEY}', "it is not of the form"),
    ],
)
def test_lines_in_any_other_form_count_for_nobody(line: str, why: str) -> None:
    assert told(line).startswith(why)


def test_one_key_for_two_people_is_seen() -> None:
    found, findings = signers.read(f"{ALICE}\n{ALICE}\n{ALICE.replace('alice', 'bob')}\n".encode())
    assert len(found) == 3
    place = ".sdd/allowed_signers:3: SDD702"
    assert [str(finding) for finding in findings] == [
        f"{place} bob@example.org has the same key as alice@example.org (line 1); together they count once"
    ]


def test_a_line_for_enrolling_is_one_that_counts() -> None:
    assert signers.line_for("alice@example.org", f"{KEY} alice@desk\n") == ALICE
    line = signers.line_for("alice@example.org", KEY, NOW + DAY)
    assert line == ALICE.replace('sdd"', 'sdd",valid-before="20261122100000Z"')
    assert signers.read(line.encode())[0][0].valid_before == NOW + DAY


@pytest.mark.parametrize(
    ("email", "key", "message"),
    [
        ("*@example.org", KEY, "'\\*@example.org' is no plain e-mail address"),
        ("alice@example.org", "-----BEGIN OPENSSH PRIVATE KEY-----", "that is no SSH public key"),
        ("alice@example.org", "ssh-ed25519", "that is no SSH public key"),
    ],
)
def test_nobody_is_enrolled_by_a_pattern_or_without_a_key(email: str, key: str, message: str) -> None:
    with pytest.raises(SddError, match=message):
        signers.line_for(email, key)


@given(
    st.builds(
        Signer,
        email=st.sampled_from(["alice@example.org", "b.o+b@x"]),
        key_type=st.just("ssh-ed25519"),
        key=st.binary(min_size=32, max_size=32).map(lambda key: base64_of(wire(b"ssh-ed25519", key))),
        valid_after=st.just(0) | st.integers(1, NOW),
        valid_before=st.just(0) | st.integers(NOW + 1, 253402300799),
        line=st.just(1),
    )
)
def test_reading_gives_back_the_signer_of_a_line(signer: Signer) -> None:
    assert signers.read(signers.line_of(signer).encode()) == ((signer,), ())


@pytest.mark.parametrize(
    "kind",
    [
        ["ed25519"],
        ["rsa", "-b", "1024"],
        ["ecdsa", "-b", "256"],
        ["ecdsa", "-b", "384"],
        ["ecdsa", "-b", "521"],
    ],
)
def test_keys_that_ssh_keygen_makes_are_keys(kind: list[str], tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", tmp_path / "key", "-t", *kind], check=True)
    text = (tmp_path / "key.pub").read_text()
    assert signers.public_key(text) == tuple(text.split()[:2])


def test_hardware_keys_are_keys() -> None:
    soft = SoftKey()
    assert signers.public_key(soft.public) == tuple(soft.public.split())
    point = wire(b"sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", b"\4" + bytes(64), b"ssh:")
    assert signers.public_key(f"sk-ecdsa-sha2-nistp256@openssh.com {base64_of(point)}")


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"ssh-ed25519",),
        (b"ssh-ed25519", bytes(31)),
        (b"ssh-ed25519", bytes(32), b""),
        (b"sk-ssh-ed25519@openssh.com",),
        (b"sk-ssh-ed25519@openssh.com", bytes(32), b""),
        (b"sk-ssh-ed25519@openssh.com", bytes(32), b"ssh:\0"),
        (b"ssh-rsa", b"\1\0\1"),
        (b"ssh-rsa", b"\1\0\1", b"\0\1"),
        (b"ssh-rsa", b"\1\0\1", b""),
        (b"ssh-rsa", b"\1\0\1", b"\0"),
        (b"ssh-rsa", b"\1\0\1", b"\x80"),
        (b"ecdsa-sha2-nistp256", b"nistp384", b"\4" + bytes(64)),
        (b"ecdsa-sha2-nistp256", b"nistp256", b"\2" + bytes(32)),
        (b"ecdsa-sha2-nistp256", b"nistp256", b"\3" + bytes(64)),
        (b"ssh-dss", b"\1", b"\1", b"\1", b"\1"),
        (b"ssh-ed25519-cert-v01@openssh.com", bytes(32), bytes(32)),
        (b"", b"", b""),
    ],
)
def test_another_form_of_a_key_is_no_key(parts: tuple[bytes, ...]) -> None:
    name = parts[0].decode() if parts else "ssh-ed25519"
    assert signers.public_key(f"{name} {base64_of(wire(*parts))}") is None


@pytest.mark.parametrize("text", ["AAA", "AAAA=", "ä", "QR==", "QQ", "QQ==QQ==", "QQ== "])
def test_base64_has_one_form(text: str) -> None:
    assert signers.decoded(text) is None


def test_a_rotten_length_is_no_key() -> None:
    assert signers.wire_strings(b"\0\0\0\5abcd") is None
    assert signers.blob_type(b"\xff\xff\xff\xff") == ""


def test_revoked_keys_are_read_one_a_line() -> None:
    keys, findings = signers.read_revoked(f"# lost\n{KEY} alice@desk\n\n{OTHER}\r\n".encode())
    assert findings == ()
    assert keys == {KEY.split()[1], OTHER.split()[1]}


@pytest.mark.parametrize(
    "junk", ["everybody", "*", f"cert-authority {KEY}", f"alice@x {KEY}", "SSHKRL\n\0", "ssh-ed25519"]
)
def test_anything_else_among_the_revoked_keys_is_a_finding(junk: str) -> None:
    keys, findings = signers.read_revoked(f"{KEY}\n{junk}".encode())
    assert keys == {KEY.split()[1]}
    assert (findings[0].code, findings[0].path, findings[0].line) == ("SDD703", b".sdd/revoked_keys", 2)


def test_a_file_too_large_counts_for_nothing() -> None:
    assert signers.read(b"#" * (2 << 20))[0] == ()
    assert signers.read(b"#" * (2 << 20))[1][0].message == "has more than 1048576 bytes"
    assert signers.read_revoked(b"#" * (2 << 20))[1][0].message == "has more than 1048576 bytes"


@given(st.binary() | st.text(st.sampled_from(ALICE + ' *,"=Z019\n\t')).map(str.encode))
def test_no_bytes_make_the_readers_raise(data: bytes) -> None:
    signers.read(data)
    signers.read_revoked(data)


@given(st.binary())
def test_no_blob_makes_the_reader_raise(blob: bytes) -> None:
    signers.public_key(f"ssh-rsa {b64encode(blob).decode()}")
    signers.public_key(f"ssh-rsa {b64encode(wire(b'ssh-rsa', blob, blob)).decode()}")
