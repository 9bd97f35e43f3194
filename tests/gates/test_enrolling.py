"""Keys enrolled, ended and withdrawn, and whose keys count: pure, with real keys."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import DAY, NOW, Person, SoftKey, base64_of, wire
from sdd.errors import RefusedError, SddError
from sdd.gates.approval import written
from sdd.gates.enrolling import (
    enrolled,
    fingerprint,
    moment,
    one_key,
    refuse_keyless,
    usable,
    withdrawn,
)
from sdd.gates.signers import REVOKED, SIGNERS, read, read_revoked
from sdd.snapshot import Snapshot, in_memory

ALICE, BOB = "alice@example.org", "bob@example.org"


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person.make(tmp_path_factory.mktemp("alice"), "alice")


@pytest.fixture(scope="module")
def bob(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person.make(tmp_path_factory.mktemp("bob"), "bob")


def files(signers: str = "", revoked: str = "") -> Snapshot:
    return in_memory({SIGNERS: signers.encode(), REVOKED: revoked.encode()}, "T")


def enrol(before: bytes, who: str, key: str, end: int = 0, revoked: bytes = b"") -> bytes:
    return enrolled(before, revoked, who, key, valid_before=end, now_epoch=NOW)


def test_a_key_is_added_in_the_one_form_that_counts(alice: Person, bob: Person) -> None:
    first = enrol(b"", ALICE, alice.public + " a comment\n")
    assert first == f"{alice.line}\n".encode()
    both = enrol(first.rstrip(b"\n"), BOB, bob.public, NOW + DAY)
    found, wrong = read(both)
    assert not wrong
    assert [(one.email, one.valid_before) for one in found] == [(ALICE, 0), (BOB, NOW + DAY)]


def test_what_was_there_stays_as_it_is(alice: Person) -> None:
    assert enrol(b"# ours\r\n", ALICE, alice.public) == f"# ours\r\n{alice.line}\r\n".encode()
    assert withdrawn(b"# lost", alice.public) == f"# lost\n{alice.public}\n".encode()


def test_a_key_that_is_listed_stays_or_gets_another_end(alice: Person, bob: Person) -> None:
    before = f"# ours\r\n{alice.line}\r\n{bob.line}\r\n".encode()
    assert enrol(before, ALICE, alice.public) == before
    ended = enrol(before, ALICE, alice.public, NOW - DAY)
    assert ended.split(b"\r\n")[0::2] == before.split(b"\r\n")[0::2]
    assert read(ended)[0][0].valid_before == NOW - DAY
    later = enrol(ended, ALICE, alice.public, NOW + DAY)
    assert read(later)[0][0].valid_before == NOW + DAY
    assert enrol(later, ALICE, alice.public) == later


def test_a_key_cannot_end_before_it_begins(alice: Person) -> None:
    before = alice.line.replace('sdd"', 'sdd",valid-after="20270101000000Z"').encode()
    with pytest.raises(RefusedError, match="begins at 2027-01-01T00:00:00Z"):
        enrol(before, ALICE, alice.public, NOW)
    with pytest.raises(RefusedError, match="could sign nothing"):
        enrol(b"", ALICE, alice.public, NOW)


def test_one_key_speaks_for_one_person(alice: Person) -> None:
    with pytest.raises(RefusedError, match=r"alice@example\.org's already \(line 1"):
        enrol(f"{alice.line}\n".encode(), BOB, alice.public)


def test_a_revoked_key_does_not_come_back(alice: Person) -> None:
    with pytest.raises(RefusedError, match="is revoked"):
        enrol(b"", ALICE, alice.public, revoked=f"{alice.public}\n".encode())


@pytest.mark.parametrize("email", ["*@example.org", "alice", "a@b.org,c@d.org", "!x@y.org", ""])
def test_a_pattern_is_nobody(alice: Person, email: str) -> None:
    with pytest.raises(SddError, match="no plain e-mail address"):
        enrol(b"", email, alice.public)


def test_a_private_key_is_refused_and_never_repeated(alice: Person) -> None:
    text = alice.key.read_text()
    with pytest.raises(RefusedError, match="private key") as caught:
        one_key(text)
    assert text.splitlines()[1] not in caught.value.message + caught.value.hint
    with pytest.raises(RefusedError, match="private key"):
        one_key("PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds 0 lines"),
        ("# only a comment\n", "holds 0 lines"),
        ("one\ntwo\n", "holds 2 lines"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA\n", "certificate"),
        (f"ssh-dss {base64_of(wire(b'ssh-dss', b'1'))}\n", "too weak"),
        ("ssh-ed25519 AAAA\n", "no SSH public key"),
        ("no-pty ssh-ed25519 AAAA\n", "no SSH public key"),
    ],
)
def test_what_is_no_plain_public_key_is_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        one_key(text)
    with pytest.raises(RefusedError, match=words):
        withdrawn(b"", text)


def test_withdrawing_twice_changes_nothing(alice: Person) -> None:
    once = withdrawn(b"", alice.public)
    assert withdrawn(once, alice.public) == once
    assert read_revoked(once) == (frozenset({alice.public.split()[1]}), ())


def test_a_fingerprint_is_as_openssh_says_it(alice: Person) -> None:
    argv = ["ssh-keygen", "-l", "-f", f"{alice.key}.pub"]
    told = subprocess.run(argv, capture_output=True, check=True, text=True).stdout
    assert told.split()[1] == fingerprint(alice.public.split()[1])


def test_a_day_is_its_first_second() -> None:
    assert written(moment("2027-01-31")) == "2027-01-31T00:00:00Z"
    assert moment("2026-11-21T10:00:00Z") == NOW


@pytest.mark.parametrize("text", ["", "soon", "2027-02-30", "2027-01-31T12:00:00", "1969-12-31", "20270131Z"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(SddError, match="is no day"):
        moment(text)


@given(st.text(max_size=12))
def test_no_text_makes_reading_a_day_fail_otherwise(text: str) -> None:
    with suppress(SddError):
        assert moment(text) > 0


@given(st.text())
def test_no_text_makes_reading_a_key_fail_otherwise(text: str) -> None:
    with suppress(RefusedError):
        assert one_key(text)


def test_a_key_counts_if_it_is_listed_now_and_not_revoked(alice: Person, bob: Person) -> None:
    listed = files(f"{alice.line}\n{bob.line}\n")
    assert [one.email for one in usable(listed, listed, ALICE, "ssh", NOW)] == [ALICE]
    assert not usable(listed, files(revoked=alice.public), ALICE, "ssh", NOW)
    assert not usable(files(), listed, ALICE, "ssh", NOW)
    assert not usable(listed, listed, ALICE, "touch", NOW)
    refuse_keyless(listed, listed, ALICE, "ssh", NOW)
    hardware = files(enrol(b"", ALICE, SoftKey().public).decode())
    assert usable(hardware, in_memory({}), ALICE, "touch", NOW)


def refusal(trusted: Snapshot, proposed: Snapshot, proof: str = "ssh") -> str:
    with pytest.raises(RefusedError) as caught:
        refuse_keyless(trusted, proposed, ALICE, proof, NOW)
    return caught.value.message


def test_who_has_no_key_that_counts_hears_why(alice: Person) -> None:
    listed = files(f"{alice.line}\n")
    assert refusal(files(), files()) == f"no key of {ALICE} is listed in .sdd/allowed_signers of T"
    assert "but not in T, which is what counts" in refusal(files(), listed)
    assert "is a hardware key" in refusal(listed, listed, "touch")
    assert refusal(listed, files(revoked=alice.public)).endswith("line 1 is revoked")
    ended = files(enrol(f"{alice.line}\n".encode(), ALICE, alice.public, NOW - DAY).decode())
    assert refusal(ended, ended).endswith(f"line 1 is ended since {written(NOW - DAY)}")
    later = files(alice.line.replace('sdd"', 'sdd",valid-after="20270101000000Z"') + "\n")
    assert refusal(later, later).endswith("line 1 is valid only from 2027-01-01T00:00:00Z")


def test_a_listed_key_of_another_kind_is_told_beside_one_that_ended(alice: Person) -> None:
    soft = enrol(enrol(b"", ALICE, SoftKey().public, NOW + DAY), ALICE, alice.public)
    text = soft.decode().replace(
        written(NOW + DAY).translate({ord(sign): None for sign in "-:T"}), "20200101000000Z"
    )
    told = refusal(files(text), files(text), "touch")
    assert told.endswith("line 1 is ended since 2020-01-01T00:00:00Z; line 2 is of another kind")


def test_no_file_at_all_lists_nobody(tmp_path: Path) -> None:
    assert "no key of" in refusal(in_memory({}, "T"), in_memory({}))
