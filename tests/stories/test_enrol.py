"""`sdd enrol` with the real command: keys that come, end and go; and the proof that `sdd init` proposes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gitbox import GitBox
from people import Person, SoftKey
from sdd.cli.here import AGENT_VARIABLES
from sdd.cli.proposed import is_forge
from sdd.gates.enrolling import fingerprint
from sdd.gates.policy import Policy, read

ALICE, BOB = "alice@example.org", "bob@example.org"
POLICY, SIGNERS, REVOKED = ".sdd/policy.toml", ".sdd/allowed_signers", ".sdd/revoked_keys"
RECORD = f".sdd/approvals/trust/{SIGNERS}/{ALICE}.toml"
INIT = ("init", "--hooks", "none")
TRUST = ("approve", SIGNERS, "--gate", "trust", "--yes")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keys of alice and bob."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("alice", "bob"):
        Person.make(folder, name)
    return folder


@pytest.fixture
def keys(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "keys"))


@pytest.fixture
def mine(box: GitBox, keys: Path) -> GitBox:
    """An empty repository whose user git knows, and beside it the keys."""
    box.git("config", "user.email", ALICE)
    return box


def signing(box: GitBox, value: Path | str) -> GitBox:
    """The same, where git signs with an SSH key."""
    box.git("config", "gpg.format", "ssh")
    box.git("config", "user.signingkey", str(value))
    return box


@pytest.fixture
def signed(mine: GitBox, keys: Path) -> GitBox:
    """A repository begun by alice, whose approvals are signed."""
    signing(mine, keys / "alice").sdd(*INIT)
    mine.commit("Begin")
    return mine


def policy(box: GitBox) -> Policy:
    return read(box.read_bytes(POLICY))


def enrol(box: GitBox, *args: str, check: int = 0) -> str:
    """What `sdd enrol` says, on both streams."""
    told = box.sdd("enrol", *args, check=check)
    return told.out + told.err


def pub(keys: Path, name: str = "bob") -> str:
    return str(keys / f"{name}.pub")


# What init proposes


def test_without_a_remote_and_a_key_approvals_are_recorded_and_the_way_up_is_said(mine: GitBox) -> None:
    told = mine.sdd(*INIT).out
    assert policy(mine).trust.proof == "none"
    assert f"Proven are approvals with a key: sdd enrol {ALICE} --key" in told
    assert not (mine.path / SIGNERS).exists()


def test_where_git_signs_with_ssh_approvals_are_signed_with_that_key(signed: GitBox, keys: Path) -> None:
    assert {gate.proof for gate in policy(signed).gates.values()} == {"ssh"}
    assert policy(signed).trust.proof == "ssh"
    assert signed.read(SIGNERS).split()[:2] == [ALICE, 'namespaces="approval@sdd"']
    assert " ".join(signed.read(SIGNERS).split()[2:]) == (keys / "alice.pub").read_text().strip()
    assert signed.sdd("check").code == 0
    signed.sdd(*INIT)
    assert signed.git("status", "--porcelain") == ""


def test_init_says_what_a_signature_proves(mine: GitBox, keys: Path) -> None:
    told = signing(mine, f"key::{(keys / 'alice.pub').read_text()}").sdd(*INIT).out
    assert "They prove as much as that key is kept from others, agents among them" in told
    assert f"wrote {SIGNERS}" in told
    assert "Proven are" not in told


@pytest.mark.parametrize("value", ["", "nowhere", "ssh-rsa AAAA"])
def test_a_key_of_git_that_cannot_be_had_proves_nothing(mine: GitBox, value: str) -> None:
    signing(mine, value).sdd(*INIT)
    assert policy(mine).trust.proof == "none"


def test_gits_key_for_openpgp_is_none_for_ssh(mine: GitBox, keys: Path) -> None:
    signing(mine, keys / "alice").git("config", "gpg.format", "openpgp")
    mine.sdd(*INIT)
    assert policy(mine).trust.proof == "none"


def test_a_key_that_is_somebody_elses_stops_init(mine: GitBox, keys: Path) -> None:
    line = f'{BOB} namespaces="approval@sdd" {(keys / "alice.pub").read_text()}'
    mine.write(SIGNERS, line)
    told = signing(mine, keys / "alice").sdd(*INIT, check=1).err
    assert "one key speaks for one person" in told
    assert not (mine.path / POLICY).exists()
    assert mine.read(SIGNERS) == line


def test_with_a_forge_what_is_merged_counts_and_codeowners_is_left_to_people(
    mine: GitBox, keys: Path
) -> None:
    mine.git("remote", "add", "origin", "git@forge.example.org:shop/shop.git")
    told = signing(mine, keys / "alice").sdd(*INIT).out
    assert {gate.proof for gate in policy(mine).gates.values()} == {"merged"}
    assert ".github/CODEOWNERS" in policy(mine).trust.files
    assert (
        "protect main there, require a review by code owners, and name them in a file CODEOWNERS"
        " (a trust file; `sdd doctor` gives its lines)."
    ) in told
    assert not list(mine.path.rglob("CODEOWNERS"))
    assert not (mine.path / SIGNERS).exists()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://forge.example.org/shop.git", True),
        ("ssh://git@forge.example.org/shop", True),
        ("git@forge.example.org:shop.git", True),
        ("forge:shop.git", True),
        ("file:///srv/shop.git", False),
        ("/srv/shop.git", False),
        ("../shop:old", False),
        ("C:\\shop", False),
        ("shop", False),
    ],
)
def test_a_forge_is_on_another_machine(url: str, *, told: bool) -> None:
    assert is_forge(url) is told


# Enrolling


def test_the_first_key_belongs_to_the_adoption(mine: GitBox, keys: Path) -> None:
    told = enrol(mine, ALICE, "--key", pub(keys, "alice"))
    blob = (keys / "alice.pub").read_text().split()[1]
    assert f"alice@example.org signs with ssh-ed25519 {fingerprint(blob)}" in told
    assert "it belongs to the adoption" in told
    mine.sdd(*INIT)
    assert "it belongs to the adoption" in enrol(mine, BOB, "--key", pub(keys))
    mine.commit("Begin")
    assert mine.sdd("check", "--audit").code == 0


def test_a_later_key_counts_once_the_trust_file_is_approved(signed: GitBox, keys: Path) -> None:
    told = enrol(signed, BOB, "--key", pub(keys), "--valid-before", "2099-01-31")
    assert f"It counts once {ALICE} approves it, in one commit with it." in told
    assert f"no gate names {BOB} as an approver yet" in told
    assert f'valid-before="20990131000000Z" {(keys / "bob.pub").read_text().strip()}' in signed.read(SIGNERS)
    signed.git("add", SIGNERS)
    signed.sdd(*TRUST, "--commit")
    assert signed.sdd("check", "main~1..main").code == 0
    assert "has this key already; nothing is to be done" in enrol(signed, BOB, "--key", pub(keys))


def test_the_command_that_enrol_ends_with_can_be_pasted(signed: GitBox, keys: Path) -> None:
    told = enrol(signed, BOB, "--key", pub(keys))
    line = next(line for line in told.splitlines() if line.startswith("Next: "))
    add, _, approve = line.removeprefix("Next: ").partition(" && ")
    signed.git(*add.split()[1:])
    signed.sdd(*approve.split()[1:], "--yes", "--commit")
    assert signed.git("status", "--porcelain") == ""


def test_somebody_leaves_by_an_end_of_their_key(signed: GitBox, keys: Path) -> None:
    enrol(signed, BOB, "--key", pub(keys))
    told = enrol(signed, BOB, "--key", pub(keys), "--valid-before", "2026-01-31T12:00:00Z")
    assert f"wrote {SIGNERS}" in told
    assert 'valid-before="20260131120000Z"' in signed.read(SIGNERS)
    assert signed.read(SIGNERS).count(BOB) == 1


def test_a_hardware_key_is_enrolled_from_standard_input(signed: GitBox) -> None:
    told = signed.sdd("enrol", ALICE, "--key", "-", stdin=SoftKey().public).out
    assert "its kind alone proves no hardware" in told
    assert "no gate names" not in told


def test_where_nobody_could_approve_the_key_the_adoption_is_amended(mine: GitBox, keys: Path) -> None:
    mine.sdd(*INIT)
    mine.write(POLICY, mine.read(POLICY).replace('proof = "none"', 'proof = "ssh"'))
    mine.commit("Begin, without a key")
    told = enrol(mine, ALICE, "--key", pub(keys, "alice"))
    assert f"Nobody can approve it: no key of {ALICE} counts in commit" in told
    assert f"Next: git add {SIGNERS} && git commit --amend" in told


def test_where_what_is_merged_counts_the_key_is_merged(mine: GitBox, keys: Path) -> None:
    mine.git("remote", "add", "origin", "https://forge.example.org/shop.git")
    mine.sdd(*INIT)
    mine.commit("Begin")
    told = enrol(mine, BOB, "--key", pub(keys))
    assert f"It counts once it is merged, which is up to {ALICE}." in told
    assert f"git commit -m 'Enrol {BOB}'" in told


@pytest.mark.parametrize(
    ("args", "words", "code"),
    [
        ((BOB, "--key", "alice"), "that is a private key", 1),
        ((BOB, "--key", "alice.pub"), "alice@example.org's already", 1),
        (("*@example.org", "--key", "bob.pub"), "no plain e-mail address", 2),
        ((BOB, "--key", "gone.pub"), "cannot be read", 2),
        ((BOB, "--key", "large.pub"), "too large to be a key", 2),
        ((BOB, "--key", "bob.pub", "--valid-before", "soon"), "'soon' is no day", 2),
        ((BOB, "--key", "bob.pub", "--valid-before", "2020-01-01"), "could sign nothing", 1),
        ((BOB,), "say EMAIL and --key PUB, or --revoke PUB alone", 2),
        (("--key", "bob.pub"), "say EMAIL and --key PUB", 2),
        ((BOB, "--key", "bob.pub", "--revoke", "bob.pub"), "say EMAIL and --key PUB", 2),
        ((BOB, "--revoke", "bob.pub"), "say EMAIL and --key PUB", 2),
        (("--revoke", "bob.pub", "--valid-before", "2099-01-01"), "say EMAIL and --key PUB", 2),
        ((), "say EMAIL and --key PUB", 2),
    ],
)
def test_what_cannot_be_enrolled_changes_nothing(
    signed: GitBox, keys: Path, args: tuple[str, ...], words: str, code: int
) -> None:
    (keys / "large.pub").write_text("x" * 70000)
    here = [str(keys / arg) if arg.endswith(".pub") or arg == "alice" else arg for arg in args]
    assert words in enrol(signed, *here, check=code)
    assert signed.git("status", "--porcelain") == ""


def test_a_link_in_the_place_of_the_signers_is_not_followed(signed: GitBox, keys: Path) -> None:
    (signed.path / SIGNERS).unlink()
    (signed.path / SIGNERS).symlink_to(keys / "elsewhere")
    assert "is a link" in enrol(signed, BOB, "--key", pub(keys), check=1)
    assert not (keys / "elsewhere").exists()


@pytest.mark.parametrize("variable", AGENT_VARIABLES)
def test_an_agent_enrols_nobody(tmp_path: Path, variable: str) -> None:
    told = GitBox(tmp_path).sdd("enrol", BOB, "--key", "x.pub", env={variable: "1"}, check=1).err
    assert told.startswith(f"sdd: enrolling is for a person, and {variable} says that an agent runs this")


# Revoking


def test_revoking_needs_nobody(signed: GitBox, keys: Path) -> None:
    enrol(signed, BOB, "--key", pub(keys))
    signed.git("add", SIGNERS)
    signed.sdd(*TRUST, "--commit")
    told = enrol(signed, "--revoke", pub(keys))
    assert "opens no gate any more, nor does what it signed before" in told
    line = next(line for line in told.splitlines() if line.startswith("Next: "))
    command = line.removeprefix("Next: ").partition(";")[0]
    subprocess.run(["sh", "-c", command], cwd=signed.path, check=True, capture_output=True)
    assert signed.sdd("check", "main~1..main").code == 0
    assert "is revoked already; nothing is to be done" in enrol(signed, "--revoke", pub(keys))
    assert "this key is revoked" in enrol(signed, BOB, "--key", pub(keys), check=1)


def test_the_last_key_of_trust_is_not_revoked(signed: GitBox, keys: Path) -> None:
    told = enrol(signed, "--revoke", pub(keys, "alice"), check=1)
    assert "leaves 0 of 1 keys that could approve a trust file" in told
    assert not (signed.path / REVOKED).exists()


def test_before_the_adoption_anything_may_be_revoked(mine: GitBox, keys: Path) -> None:
    assert f"wrote {REVOKED}" in enrol(mine, "--revoke", pub(keys))
    assert mine.read(REVOKED) == (keys / "bob.pub").read_text().strip() + "\n"
