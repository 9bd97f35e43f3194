"""Signatures are made and verified by the real ssh-keygen, and nothing of it is believed alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counting import verifications
from people import DAY, NOW, Person, SoftKey, base64_of, wire
from sdd.errors import SddError
from sdd.gates import signature, signers
from sdd.gates.signature import Verdict, verify

DATA = b"what is approved\n"


posix = pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for another ssh-keygen")


@pytest.fixture(scope="module")
def alice(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person.make(tmp_path_factory.mktemp("keys"), "alice")


@pytest.fixture(scope="module")
def mallory(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person.make(tmp_path_factory.mktemp("keys"), "mallory")


def asked(
    person: Person, signed: bytes, *lines: str, data: bytes = DATA, revoked: bytes = b"", at: int = NOW
) -> Verdict:
    listed = "\n".join(lines or (person.line,)).encode()
    return verify(data, signed, person.email, listed, [revoked], at)


def test_a_signature_of_a_listed_key_is_good(alice: Person) -> None:
    found = asked(alice, alice.sign(DATA))
    assert found == Verdict(ok=True, why="", key=alice.public.split()[1], touched=None)


def test_other_bytes_are_refused_by_ssh_keygen_itself(alice: Person) -> None:
    found = asked(alice, alice.sign(DATA), data=DATA + b" ")
    assert not found.ok
    assert "does not fit the record (Signature verification failed: incorrect signature)" in found.why


def test_a_key_that_is_not_listed_for_the_person_is_refused(alice: Person, mallory: Person) -> None:
    both = (alice.line, mallory.line)
    assert asked(alice, mallory.sign(DATA), *both).why == (
        "its key is not listed for alice@example.org in allowed_signers"
    )
    assert asked(mallory, mallory.sign(DATA), *both).ok


def test_a_commits_namespace_is_refused_and_named(alice: Person) -> None:
    argv = ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(alice.key)]
    signed = subprocess.run(argv, input=DATA, capture_output=True, check=True).stdout
    assert asked(alice, signed).why == "it was signed for 'git' and not for 'approval@sdd'"


def test_a_revoked_key_is_called_revoked(alice: Person, mallory: Person) -> None:
    gone = f"# gone\n{mallory.public}\n{alice.public} lost on a train\n".encode()
    assert asked(alice, alice.sign(DATA), revoked=gone).why == "its key is revoked"


def test_revoking_a_stranger_changes_nothing(alice: Person, mallory: Person) -> None:
    """Not even a point that lies on no curve, at which ssh-keygen itself would fail for everybody."""
    junk = base64_of(wire(b"ecdsa-sha2-nistp256", b"nistp256", b"\4" + b"\1" * 64))
    gone = f"{mallory.public}\necdsa-sha2-nistp256 {junk}\n".encode()
    assert asked(alice, alice.sign(DATA), revoked=gone).ok


def test_junk_among_the_revoked_keys_fails_closed(alice: Person) -> None:
    assert "holds a line that is no key" in asked(alice, alice.sign(DATA), revoked=b"everybody\n").why


def test_a_key_counts_from_its_first_to_its_last_second(alice: Person) -> None:
    key = signers.public_key(alice.public)
    assert key is not None
    line = signers.line_of(signers.Signer(alice.email, *key, valid_after=NOW, valid_before=NOW + DAY))
    signed = alice.sign(DATA)
    found = [asked(alice, signed, line, at=at).ok for at in (NOW - 1, NOW, NOW + DAY, NOW + DAY + 1)]
    assert found == [False, True, True, False]
    assert asked(alice, signed, line, at=NOW - 1).why == "its key was not valid at 2026-11-21T09:59:59Z"


def test_ssh_keygen_agrees_about_the_last_second(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own look at the times put out of action, ssh-keygen draws the same line."""
    line = signers.line_for(alice.email, alice.public, NOW)
    signed = alice.sign(DATA)
    monkeypatch.setattr(signers.Signer, "valid_at", lambda *_: True)
    assert asked(alice, signed, line, data=DATA, at=NOW).ok
    assert "has expired" in asked(alice, signed, line, data=DATA, at=NOW + 1).why


def test_ssh_keygen_agrees_about_a_revoked_key(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own objections put out of action, ssh-keygen refuses it too, though it does not say why."""
    signed = alice.sign(b"revoked")
    monkeypatch.setattr(signature, "_objection", lambda *_: "")
    assert asked(alice, signed, data=b"revoked").ok
    found = asked(alice, signed, data=b"revoked", revoked=f"{alice.public}\n".encode())
    assert found.why.startswith("it does not fit the record")


def test_a_time_before_1970_is_no_time(alice: Person) -> None:
    assert "was not valid at 1970-01-01T00:00:00Z" in asked(alice, alice.sign(DATA), at=0).why


def test_one_of_several_keys_of_a_person_is_enough(alice: Person, mallory: Person) -> None:
    older = signers.line_for(alice.email, mallory.public, NOW)
    signed = mallory.sign(DATA)
    assert asked(alice, signed, older, alice.line, at=NOW).ok
    assert not asked(alice, signed, older, alice.line, at=NOW + 1).ok
    assert asked(alice, alice.sign(DATA), older, alice.line, at=NOW + 1).ok


def test_lines_that_ssh_keygen_would_take_do_not_count(alice: Person) -> None:
    signed = alice.sign(DATA)
    for line in (
        f"alice@example.org {alice.public}",
        f'*@example.org namespaces="approval@sdd" {alice.public}',
        f'alice@example.org namespaces="*" {alice.public}',
        f'alice@example.org namespaces="approval@sdd",valid-before=20991231 {alice.public}',
    ):
        assert asked(alice, signed, line).why.endswith(
            "is not listed for alice@example.org in allowed_signers"
        )


@pytest.mark.parametrize("kind", [["ecdsa", "-b", "384"], ["rsa", "-b", "2048"]])
def test_other_kinds_of_keys_sign_too(kind: list[str], tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", key, "-t", *kind], check=True)
    person = Person("bob@example.org", key, key.with_suffix(".pub").read_text())
    assert asked(person, person.sign(DATA)).ok


class TestHardware:
    soft = SoftKey()
    carol = Person("carol@example.org", Path(), soft.public)

    def test_a_touch_is_seen(self) -> None:
        assert asked(self.carol, self.soft.sign(DATA, flags=1)).touched is True
        assert asked(self.carol, self.soft.sign(DATA, flags=5)).touched is True

    def test_a_signature_without_touch_is_good_to_ssh_keygen_and_seen_through(self, tmp_path: Path) -> None:
        signed = self.soft.sign(DATA, flags=0)
        (tmp_path / "signers").write_text(self.carol.line + "\n")
        (tmp_path / "sig").write_bytes(signed)
        argv = ["ssh-keygen", "-Y", "verify", "-n", "approval@sdd", "-I", self.carol.email]
        argv += ["-f", str(tmp_path / "signers"), "-s", str(tmp_path / "sig")]
        assert subprocess.run(argv, input=DATA, capture_output=True, check=False).returncode == 0
        assert asked(self.carol, signed) == Verdict(
            ok=True, why="", key=self.soft.public.split()[1], touched=False
        )

    def test_flags_that_were_changed_after_signing_are_refused(self) -> None:
        honest = self.soft.sign(DATA, flags=0)
        found = signature.parse(honest)
        assert isinstance(found, signature.Signed)
        raised = signature.armoured(found.blob[:-5] + b"\1" + found.blob[-4:]).encode()
        assert asked(self.carol, raised).why.startswith("it does not fit the record")

    @pytest.mark.parametrize("tail", [b"", b"\1\0\0\0", b"\1\0\0\0\1\0"])
    def test_a_hardware_signature_of_another_form_is_refused(self, tail: bytes) -> None:
        inner = wire(b"sk-ssh-ed25519@openssh.com", b"\0" * 64) + tail
        assert "of a kind that is not accepted" in self.refused(inner)

    @pytest.mark.parametrize(
        "kind", [b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", b"sk-ssh-ed25519@openssh.org"]
    )
    def test_a_signature_of_another_kind_than_its_key_is_refused(self, kind: bytes) -> None:
        inner = wire(kind, b"\0" * 64) + b"\1\0\0\0\1"
        assert "of a kind that is not accepted" in self.refused(inner)

    def refused(self, inner: bytes) -> str:
        blob = b"SSHSIG\0\0\0\1" + wire(self.soft.blob, b"approval@sdd", b"", b"sha512", inner)
        found = asked(self.carol, signature.armoured(blob).encode())
        assert not found.ok
        return found.why


@pytest.mark.parametrize(
    ("junk", "told"),
    [
        (b"", "is no SSH signature"),
        (b"-----BEGIN SSH SIGNATURE-----\n", "is no SSH signature"),
        (b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", "is no SSH signature"),
        (b"-----BEGIN SSH SIGNATURE-----\n!!\n-----END SSH SIGNATURE-----\n", "is no SSH signature"),
        (signature.armoured(b"SSHSIG\0\0\0\2" + wire(*[b""] * 5)).encode(), "is no SSH signature"),
        (signature.armoured(b"SSHSIG\0\0\0\1" + wire(*[b""] * 4)).encode(), "cannot be read"),
        (signature.armoured(b"SSHSIG\0\0\0\1\0\0\0\7").encode(), "cannot be read"),
        (signature.armoured(b"SSHSIG\0\0\0\1" + wire(*[b""] * 5)).encode(), "of a kind"),
        (
            signature.armoured(b"SSHSIG\0\0\0\1" + wire(wire(b"ssh-dss", b"x"), *[b""] * 4)).encode(),
            "of a kind",
        ),
        (b"\n" * 70000, "is no SSH signature"),
        (b"\xff\xfe", "is no SSH signature"),
    ],
)
def test_junk_is_no_signature(alice: Person, junk: bytes, told: str) -> None:
    found = asked(alice, junk)
    assert not found.ok
    assert told in found.why
    assert found.key == ""


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    signature.parse(data)
    signature.parse(signature.armoured(b"SSHSIG\0\0\0\1" + data).encode())


def test_a_signature_with_carriage_returns_is_the_same(alice: Person) -> None:
    assert asked(alice, alice.sign(DATA).replace(b"\n", b"\r\n")).ok


def test_the_same_question_runs_ssh_keygen_once(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"asked twice"
    signed = alice.sign(data)
    first = asked(alice, signed, data=data)
    monkeypatch.setenv("PATH", "")
    assert asked(alice, signed, data=data) is first


def question(person: Person, data: bytes, *moments: int) -> signature.Question:
    return data, person.sign(data), person.email, person.line.encode(), (b"",), *(moments or (NOW,))


@posix
def test_many_are_verified_at_once_each_by_one_ssh_keygen(
    alice: Person, mallory: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_once = [question(alice, b"number %d" % number) for number in range(7)]
    wrong = (b"other", *question(mallory, b"one")[1:])
    starts = verifications(tmp_path, monkeypatch)
    signature.verify_all([*asked_once, wrong, *asked_once])
    assert starts() == 8
    assert [verify(*one).ok for one in asked_once] == [True] * 7
    assert "does not fit the record" in verify(*wrong).why
    assert starts() == 8


@posix
def test_a_record_that_is_new_and_then_carried_runs_ssh_keygen_once(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = [question(alice, b"new %d" % number, NOW, NOW + DAY) for number in range(2)]
    carried = [(*one[:5], NOW) for one in new]
    starts = verifications(tmp_path, monkeypatch)
    signature.verify_all([*new, *carried])
    assert [verify(*one).ok for one in (*new, *carried)] == [True] * 4
    assert starts() == 2


def test_a_key_must_count_at_each_moment(alice: Person) -> None:
    line = signers.line_for(alice.email, alice.public, NOW).encode()
    data, signed, email, _, gone, *_ = question(alice, b"moments")
    assert verify(data, signed, email, line, gone, NOW).ok
    found = verify(data, signed, email, line, gone, NOW, NOW + 1)
    assert found.why == "its key was not valid at 2026-11-21T10:00:01Z"


@posix
def test_what_cannot_be_verified_ahead_is_told_where_it_is_asked(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [question(alice, b"ahead %d" % number) for number in range(4)]
    (tmp_path / "ssh-keygen").write_text("#!/bin/sh\necho no >&2; exit 1\n")
    (tmp_path / "ssh-keygen").chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", str(tmp_path))
        signature.verify_all(several)
        with pytest.raises(SddError, match="ended with 1: no"):
            verify(*several[0])
    assert verify(*several[0]).ok


def test_one_alone_waits_until_it_is_asked(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    one = question(alice, b"alone")
    signature.verify_all([one, one])
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SddError, match="there is no ssh-keygen"):
        verify(*one)


def test_a_key_that_cannot_sign_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SddError, match="no-such-key ended with 255 and no signature"):
        signature.sign(DATA, str(tmp_path / "no-such-key"))


def test_without_ssh_keygen_there_is_an_error_that_says_what_to_install(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = alice.sign(b"unasked")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SddError, match="there is no ssh-keygen on the PATH") as raised:
        asked(alice, signed, data=b"unasked")
    assert "install OpenSSH 9.1" in raised.value.hint


@posix
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("#!/bin/sh\necho 'Invalid \"verify-time\" option' >&2; exit 255\n", "is too old"),
        ("#!/bin/sh\necho 'unknown option -- Y' >&2; exit 1\n", "ended with 1: unknown option -- Y"),
        ("#!/no/such/shell\n", "cannot be run"),
    ],
)
def test_another_ssh_keygen_is_told_by_what_it_says(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    signed = alice.sign(script.encode())
    (tmp_path / "ssh-keygen").write_text(script)
    (tmp_path / "ssh-keygen").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SddError, match=told):
        asked(alice, signed, data=script.encode())


@posix
def test_a_program_in_the_current_folder_is_never_run(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ssh-keygen").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "ssh-keygen").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    assert not asked(alice, alice.sign(b"x"), data=b"y").ok
