"""Approvals with a signature by the real command: which key signs, here or elsewhere, and what is never written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbox import GitBox, Result, installed
from people import Person, SoftKey
from projects import ALICE, run, runs, session
from sdd.gates.governed import code_digest
from sdd.gates.policy import read
from sdd.repository import Repository
from sdd.sessions.run import file_name

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are Unix's", allow_module_level=True)

from terminal import Terminal

BOB = "bob@example.org"
SPEC, RELEASE, CODE = "docs/product-spec.md", "docs/release.md", "src/cart.py"
POLICY, SIGNERS, REVOKED = ".sdd/policy.toml", ".sdd/allowed_signers", ".sdd/revoked_keys"
RECORD = f".sdd/approvals/spec/{SPEC}/{ALICE}.toml"
TRUSTED_RECORD = f".sdd/approvals/trust/{POLICY}/{ALICE}.toml"
APPROVE = ("approve", SPEC, "--gate", "spec")
TRUST = ("approve", POLICY, "--gate", "trust")
YES = ("--yes",)
DONE = runs(run("done"))
ENDED = "20200101000000Z"


@pytest.fixture(scope="module")
def made(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with alice's and bob's keys and a repository that alice, whose git signs with SSH, has begun; its spec waits."""
    folder = tmp_path_factory.mktemp("signed")
    alice, _ = Person.make(folder, "alice"), Person.make(folder, "bob")
    box = GitBox(Path(shutil.copytree(template_repository, folder / "shop")))
    for key, value in (
        ("user.email", ALICE),
        ("gpg.format", "ssh"),
        ("user.signingkey", str(alice.key)),
    ):
        box.git("config", key, value)
    box.sdd("init", "--hooks", "none")
    box.commit("Begin")
    box.write(SPEC, "# Spec\n\nA cart holds things.\n")
    box.write("docs/brief.md", "# Brief\n\nSell things.\n")
    whole = "# A run of 01-product-spec\n"
    file = file_name("01-product-spec", "2026-11-21T10:15:00Z", whole.encode())
    done = runs(run("done", file=file))
    box.write(f"sessions/{file}", whole)
    box.write("sessions/01-product-spec.md", session("product-spec", rest=done))
    box.sdd("tracker")
    box.commit("The spec")
    return folder


class Shop(GitBox):
    """A repository whose product spec waits for a signature by alice, and the people beside it."""

    @property
    def alice(self) -> Person:
        return self.person("alice")

    def person(self, name: str) -> Person:
        key = self.path.parent / name
        return Person(f"{name}@example.org", key, key.with_suffix(".pub").read_text().strip())

    def without_gits_key(self) -> None:
        self.git("config", "--unset", "user.signingkey")

    def has_no_record(self) -> bool:
        return not (self.path / ".sdd/approvals").exists()

    def change(self, path: str, *changes: tuple[str, str]) -> None:
        text = self.read(path)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.write(path, text)

    def refused(self, *args: str, code: int = 1) -> str:
        told = self.sdd(*args, check=code).err
        assert self.has_no_record()
        return told


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Shop:
    copied = Shop(Path(shutil.copytree(made, tmp_path / "people")) / "shop")
    copied.git("config", "user.signingkey", str(copied.alice.key))
    return copied


@pytest.fixture
def home(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the person's own, with an empty `.ssh`."""
    folder = shop.path.parent / "home"
    (folder / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    return folder / ".ssh"


def verified(shop: Shop, record: str = RECORD, email: str = ALICE) -> bool:
    """Whether OpenSSH itself, without sdd, says that the record is signed."""
    argv = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-n",
        "approval@sdd",
        "-I",
        email,
        "-f",
        SIGNERS,
        "-s",
        f"{record}.sig",
    ]
    done = subprocess.run(
        argv, cwd=shop.path, input=shop.read_bytes(record), capture_output=True, check=False
    )
    return done.returncode == 0


def test_a_person_says_yes_the_key_of_git_signs_and_the_gate_opens(shop: Shop) -> None:
    terminal = Terminal([installed("sdd"), *APPROVE], shop.path)
    terminal.wait_for("Approve exactly these bytes?")
    assert 'proof "ssh": a record, signed with an SSH key' in terminal.screen
    terminal.type("y\n")
    assert terminal.end() == 0
    assert f"wrote {RECORD}\nwrote {RECORD}.sig" in terminal.screen
    assert "the gate spec is open" in terminal.screen
    assert verified(shop)
    assert "approved by alice@example.org" in shop.read("docs/tracker.md")
    assert "recorded, not proven" not in shop.read("docs/tracker.md")
    shop.commit("Approve")
    assert shop.sdd("check", "main~1..main").code == 0
    assert "nothing is to be done" in shop.sdd(*APPROVE, *YES).out


def test_a_key_with_a_passphrase_asks_for_it_on_the_terminal(shop: Shop) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-N", "secret", "-f", shop.alice.key], check=True, capture_output=True
    )
    terminal = Terminal([installed("sdd"), *APPROVE, *YES], shop.path)
    terminal.wait_for("Enter passphrase")
    terminal.type("secret\n")
    assert terminal.end() == 0
    assert verified(shop)


def test_a_key_that_does_not_sign_leaves_nothing(shop: Shop) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-N", "secret", "-f", shop.alice.key], check=True, capture_output=True
    )
    env = {"SSH_ASKPASS": "/bin/false", "SSH_ASKPASS_REQUIRE": "force"}
    assert "and no signature" in shop.sdd(*APPROVE, *YES, env=env, check=2).err
    assert shop.has_no_record()


def test_without_a_yes_nothing_is_signed(shop: Shop) -> None:
    assert "waits for a person's yes" in shop.refused(*APPROVE, code=5)


def test_the_only_listed_key_in_the_home_signs(shop: Shop, home: Path) -> None:
    shop.without_gits_key()
    for name in ("alice", "bob"):
        shutil.copy(shop.person(name).key, home / f"id_{name}")
        shutil.copy(f"{shop.person(name).key}.pub", home / f"id_{name}.pub")
    told = shop.sdd(*APPROVE, *YES)
    assert f"signing with {home / 'id_alice'}\n" in told.err
    assert verified(shop)


def test_which_key_signs_is_never_guessed(shop: Shop, home: Path) -> None:
    shop.without_gits_key()
    assert f"none of your keys in {home}" in shop.refused(*APPROVE, *YES, code=2)
    for name in ("one", "two"):
        shutil.copy(f"{shop.alice.key}.pub", home / f"{name}.pub")
    told = shop.refused(*APPROVE, *YES, code=2)
    assert f"{home / 'one.pub'}, {home / 'two.pub'} are all yours" in told
    assert "--key FILE" in told


def test_a_key_of_git_that_is_not_listed_is_passed_over(shop: Shop, home: Path) -> None:
    shop.git("config", "user.signingkey", f"{shop.person('bob').key}.pub")
    shutil.copy(shop.alice.key, home / "id")
    shutil.copy(f"{shop.alice.key}.pub", home / "id.pub")
    assert f"signing with {home / 'id'}\n" in shop.sdd(*APPROVE, *YES).err


def test_a_key_of_git_without_its_public_half_is_tried(shop: Shop) -> None:
    shop.alice.key.with_suffix(".pub").unlink()
    shop.sdd(*APPROVE, *YES)
    assert verified(shop)


def test_a_key_that_was_named_but_is_not_there_is_told(shop: Shop) -> None:
    assert "there is no key /nowhere" in shop.refused(*APPROVE, *YES, "--key", "/nowhere", code=2)


def test_a_key_of_somebody_else_signs_nothing(shop: Shop) -> None:
    told = shop.refused(*APPROVE, *YES, "--key", str(shop.person("bob").key))
    assert "this approval would count for nothing, so it was not written" in told
    assert "its key is not listed for alice@example.org" in told


@pytest.fixture
def agent(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ssh-agent that holds alice's key, whose file is gone."""
    place = f"/tmp/sdd-{time.time_ns()}"  # noqa: S108 - the name of a socket may have 104 bytes
    process = subprocess.Popen(["ssh-agent", "-D", "-a", place], stdout=subprocess.DEVNULL)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", place)
        deadline = time.monotonic() + 10
        while not Path(place).exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        subprocess.run(["ssh-add", "-q", shop.alice.key], check=True, capture_output=True)
        shop.alice.key.unlink()
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.usefixtures("agent")
def test_a_public_key_signs_by_the_agent_that_holds_the_private_half(shop: Shop) -> None:
    shop.without_gits_key()
    shop.sdd(*APPROVE, *YES, "--key", f"{shop.alice.key}.pub")
    assert verified(shop)


@pytest.mark.parametrize("prefix", ["", "key::"])
@pytest.mark.usefixtures("agent")
def test_a_key_that_stands_in_gits_configuration_signs_by_the_agent(shop: Shop, prefix: str) -> None:
    shop.git("config", "user.signingkey", prefix + shop.alice.public)
    shop.sdd(*APPROVE, *YES)
    assert verified(shop)


@pytest.mark.usefixtures("agent")
def test_a_public_key_in_the_home_signs_by_the_agent(shop: Shop, home: Path) -> None:
    shop.git("config", "gpg.format", "openpgp")
    shutil.copy(f"{shop.alice.key}.pub", home / "id.pub")
    assert f"signing with {home / 'id.pub'}\n" in shop.sdd(*APPROVE, *YES).err


# On another machine


def printed(shop: Shop, *args: str) -> Result:
    """The record that `--print` prints, for alice's spec unless said otherwise."""
    return shop.sdd(*(args or APPROVE), "--print")


def brought(shop: Shop, signature: bytes, *args: str, check: int = 0) -> Result:
    return shop.sdd(*(args or APPROVE), "--signature", "-", stdin=signature, check=check)


def test_a_record_is_signed_on_another_machine_by_the_words_that_it_says(shop: Shop) -> None:
    told = printed(shop)
    assert shop.git("status", "--porcelain") == ""
    other = shop.path.parent / "other"
    other.mkdir()
    (other / "record.toml").write_text(told.out)
    (line,) = re.findall(r"^  (ssh-keygen .*)$", told.err, re.MULTILINE)
    here = line.replace("~/.ssh/id_ed25519", str(shop.alice.key))
    subprocess.run(["sh", "-c", here], cwd=other, check=True, capture_output=True)
    (back,) = re.findall(r"^  sdd (approve .*)$", told.err, re.MULTILINE)
    back = back.replace("record.toml.sig", str(other / "record.toml.sig"))
    assert "the gate spec is open" in shop.sdd(*back.split(" ")).out
    assert shop.read(RECORD) == told.out
    assert verified(shop)
    assert not list((shop.path / ".git/sdd/printed").iterdir())


def test_a_signature_comes_back_on_standard_input(shop: Shop) -> None:
    data = printed(shop).out.encode()
    assert "the gate spec is open" in brought(shop, shop.alice.sign(data)).out


@pytest.mark.parametrize(("what", "words"), [("other", "does not fit"), ("junk", "is no SSH signature")])
def test_a_signature_of_something_else_is_not_taken(shop: Shop, what: str, words: str) -> None:
    printed(shop)
    signature = shop.alice.sign(b"something else") if what == "other" else b"junk"
    assert words in brought(shop, signature, check=1).err
    assert shop.has_no_record()


def test_without_a_printed_record_there_is_nothing_to_be_signed(shop: Shop) -> None:
    assert "no record of this was printed here" in brought(shop, b"", check=2).err


def test_what_changed_after_it_was_printed_is_printed_again(shop: Shop) -> None:
    signature = shop.alice.sign(printed(shop).out.encode())
    shop.write(SPEC, "# Spec\n\nA cart holds goods.\n")
    shop.commit("Changed")
    assert "something has changed" in brought(shop, signature, check=1).err
    assert shop.has_no_record()


def test_what_was_printed_before_a_newer_approval_counts_no_more(shop: Shop) -> None:
    signature = shop.alice.sign(printed(shop).out.encode())
    kept = next((shop.path / ".git/sdd/printed").iterdir())
    data = kept.read_bytes()
    shop.sdd(*APPROVE, *YES)
    shop.change(RECORD, (f'blob = "{shop.git("rev-parse", f"HEAD:{SPEC}")}"', f'blob = "{"0" * 40}"'))
    kept.write_bytes(data)
    assert "something has changed" in brought(shop, signature, check=1).err


@pytest.mark.parametrize(("name", "words"), [("gone.sig", "cannot be read"), ("large.sig", "too large")])
def test_a_signature_that_cannot_be_read_is_told(shop: Shop, name: str, words: str) -> None:
    printed(shop)
    shop.write("large.sig", "x" * 70000)
    assert words in shop.refused(*APPROVE, "--signature", name, code=2)


@pytest.mark.parametrize("more", [("--key", "x"), ("--signature", "x"), ("-m", "x"), ("--commit",)])
def test_printing_does_nothing_else(shop: Shop, more: tuple[str, ...]) -> None:
    assert "--print only prints" in shop.refused(*APPROVE, "--print", *more, code=2)


# What would count for nothing


def set_up(shop: Shop, *changes: tuple[str, str], signers: str = "", revoked: str = "") -> None:
    """Begin anew with this policy and these keys, in the adoption's commit."""
    shop.change(POLICY, *changes)
    if signers:
        shop.write(SIGNERS, signers)
    if revoked:
        shop.write(REVOKED, revoked)
    shop.commit("Begin anew")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (f',valid-before="{ENDED}"', "line 1 is ended since 2020-01-01T00:00:00Z"),
        (',valid-after="20990101000000Z"', "line 1 is valid only from 2099-01-01T00:00:00Z"),
    ],
)
def test_a_key_outside_of_its_time_is_refused_before_anything_is_asked(
    shop: Shop, options: str, words: str
) -> None:
    set_up(shop, signers=shop.alice.line.replace('sdd"', f'sdd"{options}') + "\n")
    assert words in shop.refused(*APPROVE)


def test_a_revoked_key_is_refused_even_where_only_the_branch_revokes_it(shop: Shop) -> None:
    shop.write(REVOKED, f"{shop.alice.public}\n")
    assert "line 1 is revoked" in shop.refused(*APPROVE)


def test_who_is_not_enrolled_hears_how(shop: Shop) -> None:
    set_up(shop, ('["alice@example.org"]', '["alice@example.org", "bob@example.org"]'))
    shop.git("config", "user.email", BOB)
    told = shop.refused(*APPROVE)
    assert "no key of bob@example.org is listed in .sdd/allowed_signers of commit" in told
    assert "sdd enrol bob@example.org --key FILE.pub" in told
    shop.write(SIGNERS, f"{shop.alice.line}\n{shop.person('bob').line}\n")
    assert "is listed in .sdd/allowed_signers here, but not in commit" in shop.refused(*APPROVE)


def test_what_counts_is_the_remotes_protected_branch(shop: Shop) -> None:
    """A key that only this clone lists opens nothing, however it came there."""
    shop.git("update-ref", "refs/remotes/origin/main", "HEAD")
    set_up(shop, signers=f"{shop.person('bob').line.replace(BOB, ALICE)}\n")
    told = shop.refused(*APPROVE, *YES, "--key", str(shop.person("bob").key))
    assert "its key is not listed for alice@example.org" in told


def test_a_gate_that_takes_no_signature_gets_none(shop: Shop) -> None:
    set_up(shop, ('proof = "ssh"', 'proof = "none"'))
    for option in (("--print",), ("--key", "x"), ("--signature", "x")):
        assert "takes a record without a signature" in shop.refused(*APPROVE, *option)
    shop.write(f"{RECORD}.sig", "a signature of a record that is gone")
    shop.commit("Left over")
    told = shop.sdd(*APPROVE, *YES).out
    assert not (shop.path / f"{RECORD}.sig").exists()
    line = next(line for line in told.splitlines() if line.startswith("Next: "))
    subprocess.run(
        ["sh", "-c", line[6:].removesuffix(", then sdd next")], cwd=shop.path, check=True, capture_output=True
    )
    assert shop.git("status", "--porcelain") == ""


def test_a_merged_gate_needs_no_record(shop: Shop) -> None:
    set_up(shop, ('proof = "ssh"', 'proof = "merged"'))
    told = shop.refused(*APPROVE, *YES)
    assert "takes no record" in told
    assert "have docs/product-spec.md reviewed and merged" in told


@pytest.fixture
def touching(shop: Shop) -> SoftKey:
    """Alice's hardware key; her gates take a touch."""
    key = SoftKey()
    line = shop.alice.line.replace(" ".join(shop.alice.public.split()[:2]), key.public)
    set_up(shop, ('proof = "ssh"', 'proof = "touch"'), signers=f"{shop.alice.line}\n{line}\n")
    return key


def test_a_touch_opens_the_gate(shop: Shop, touching: SoftKey) -> None:
    signature = touching.sign(printed(shop).out.encode(), flags=1)
    told = brought(shop, signature).out
    assert 'proof "touch": a record, signed with a hardware key that a person touched' in told
    assert "the gate spec is open" in told


def test_a_signature_without_a_touch_is_not_written(shop: Shop, touching: SoftKey) -> None:
    signature = touching.sign(printed(shop).out.encode(), flags=0)
    assert "without a touch of a hardware key" in brought(shop, signature, check=1).err
    assert "without a touch" in brought(shop, shop.alice.sign(printed(shop).out.encode()), check=1).err
    assert shop.has_no_record()


def test_who_has_no_hardware_key_is_told_before_anything_is_asked(shop: Shop) -> None:
    set_up(shop, ('proof = "ssh"', 'proof = "touch"'))
    assert "no key of alice@example.org is a hardware key" in shop.refused(*APPROVE)


# Two people


def test_two_people_with_two_keys_open_a_gate_for_two(shop: Shop) -> None:
    bob = shop.person("bob")
    people = (
        '["alice@example.org"]\napprovals = 1',
        '["alice@example.org", "bob@example.org"]\napprovals = 2',
    )
    set_up(shop, people, signers=f"{shop.alice.line}\n{bob.line}\n")
    assert "has 1 of 2 approvals" in shop.sdd(*APPROVE, *YES).out
    shop.git("config", "user.email", BOB)
    assert "the gate spec is open" in shop.sdd(*APPROVE, *YES, "--key", str(bob.key)).out


# The commit


def test_words_of_the_person_go_into_the_commit_and_not_into_the_record(shop: Shop) -> None:
    shop.write("other.txt", "x")
    shop.git("add", "other.txt")
    told = shop.sdd(*APPROVE, *YES, "--commit", "-m", "Read it all; prices are right.").out
    assert re.search(r"^committed [0-9a-f]{12}\nNext: sdd next$", told, re.MULTILINE)
    assert shop.git("log", "-1", "--format=%B") == f"Approve {SPEC}\n\nRead it all; prices are right.\n"
    assert shop.git("show", "--format=", "--name-only", "HEAD").split() == [
        RECORD,
        f"{RECORD}.sig",
        "docs/tracker.md",
    ]
    assert shop.git("status", "--porcelain") == "A  other.txt"


def test_the_command_that_is_said_carries_the_words(shop: Shop) -> None:
    told = shop.sdd(*APPROVE, *YES, "-m", "it's right").out
    line = next(line for line in told.splitlines() if line.startswith("Next: "))
    subprocess.run(
        ["sh", "-c", line[6:].removesuffix(", then sdd next")], cwd=shop.path, check=True, capture_output=True
    )
    assert shop.git("log", "-1", "--format=%b") == "it's right\n"


# A gate that guards refs


def test_the_approval_of_a_release_names_the_committed_code(shop: Shop) -> None:
    after = (
        'documents = ["{docs}/release.md"]',
        'documents = ["{docs}/release.md"]\nrefs = ["refs/tags/v*"]',
    )
    set_up(shop, after, ('after = ["user-verification"]', "after = []"))
    shop.write(CODE, "x = 1\n")
    shop.write(RELEASE, "# Release\n")
    shop.write("sessions/02-release.md", session("final-verification", "needs: []", rest=DONE))
    shop.commit("A release")
    shop.write(CODE, "x = 2\n")
    shop.sdd("approve", RELEASE, "--gate", "deployment", *YES)
    record = tomllib.loads(shop.read(f".sdd/approvals/deployment/{RELEASE}/{ALICE}.toml"))
    found = Repository.find(str(shop.path))
    head = found.commit("HEAD")
    assert record["code"] == code_digest(head, read(shop.read_bytes(POLICY)))
    shop.git("add", CODE)
    shop.commit("Other code")
    told = shop.sdd("approve", RELEASE, "--gate", "deployment", *YES).out
    assert "you approved docs/release.md as it stands; what it rests on has changed since" in told


# Trust files


def test_a_change_of_the_policy_and_its_approval_come_in_one_commit(shop: Shop) -> None:
    shop.change(POLICY, ("approvals = 1", "approvals = 1 # one is enough"))
    shop.git("add", POLICY)
    told = shop.sdd(*TRUST, *YES, "--commit").out
    assert "+approvals = 1 # one is enough" in told
    assert "the gate trust" not in told
    changed = shop.git("show", "--format=", "--name-only", "HEAD").split()
    assert changed == [TRUSTED_RECORD, f"{TRUSTED_RECORD}.sig", POLICY]
    assert verified(shop, TRUSTED_RECORD)
    assert shop.sdd("check", "main~1..main").code == 0
    assert "is as in commit" in shop.sdd(*TRUST, *YES, check=1).err


def test_the_hooks_let_a_trust_file_in_with_its_approval_and_not_without(shop: Shop) -> None:
    shop.sdd("init", "--hooks", "native")
    shop.change(POLICY, ("approvals = 1", "approvals = 1 # one is enough"))
    shop.git("add", POLICY)
    done = subprocess.run(["git", "commit", "-m", "x"], cwd=shop.path, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"SDD704" in done.stdout + done.stderr
    shop.sdd(*TRUST, *YES, "--commit")
    assert shop.git("status", "--porcelain") == ""


def test_a_change_of_the_policy_is_judged_by_the_one_that_is_in_force(shop: Shop) -> None:
    shop.change(POLICY, ('["alice@example.org"]', '["bob@example.org"]'), ('proof = "ssh"', 'proof = "none"'))
    shop.git("add", POLICY)
    shop.git("config", "user.email", BOB)
    assert "bob@example.org may not approve for the gate trust" in shop.refused(*TRUST, *YES)


def test_a_trust_file_must_be_staged_as_it_stands(shop: Shop) -> None:
    shop.change(POLICY, ("approvals = 1", "approvals = 1 # one is enough"))
    assert f"{POLICY} is not staged as it stands" in shop.refused(*TRUST, *YES)
    shop.git("add", POLICY)
    terminal = Terminal([installed("sdd"), *TRUST], shop.path)
    terminal.wait_for("Approve exactly these bytes?")
    terminal.type("n\n")
    assert terminal.end() == 1
    assert f"git restore --staged {POLICY}" in terminal.screen
    assert shop.has_no_record()


def test_a_deleted_trust_file_cannot_be_approved(shop: Shop) -> None:
    shop.git("rm", "-q", SIGNERS)
    told = shop.refused("approve", SIGNERS, "--gate", "trust", *YES)
    assert "is deleted, and nobody can approve that" in told


def test_a_change_after_which_nobody_could_change_anything_is_refused(shop: Shop) -> None:
    shop.change(POLICY, ('["alice@example.org"]', '["bob@example.org"]'))
    shop.git("add", POLICY)
    told = shop.refused(*TRUST, *YES)
    assert "after this nobody could change a trust file any more" in told
    assert "sdd enrol bob@example.org --key FILE.pub" in told


def test_before_the_adoption_trust_files_need_no_approval(box: GitBox) -> None:
    box.git("config", "user.email", ALICE)
    box.sdd("init", "--hooks", "none")
    for words in ("belong to the adoption", "git add .sdd && git commit"):
        assert words in box.sdd(*TRUST, *YES, check=1).err
    box.commit("No sdd", "sdd.toml")
    assert "belong to the adoption" in box.sdd(*TRUST, *YES, check=1).err
