"""What cannot be judged is told in a sentence and ends with 2, or is a finding; at no door is it ever a pass."""

from __future__ import annotations

import contextlib
import os
import shutil
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gitbox import GitBox, Result
from hooked import AT
from people import Person
from sdd import hook
from sdd.cli import entry
from sdd.gates.policy import render
from shop import CODE, POLICY, SIGNERS, SPEC, WORDS, approved, begun, files, place, policy, put

FORMS: Mapping[str, tuple[str, ...]] = {
    "tree": ("check",),
    "staged": ("check", "--staged"),
    "rev": ("check", "--rev", "HEAD"),
    "range": ("check", "main..HEAD"),
    "audit": ("check", "--audit"),
    "audited range": ("check", "--audit", "main..HEAD"),
    "hook": ("hook", "pre-commit"),
    "merge hook": ("hook", "pre-merge-commit"),
}
RULES = policy("ssh", "ssh")
SOURCE = CODE.decode()


@pytest.fixture(scope="module")
def template(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Approved documents on main, code on the branch `work`, and more of it staged: all of it right."""
    folder = tmp_path_factory.mktemp("bad") / "shop"
    box = GitBox(Path(shutil.copytree(template_repository, folder)))
    alice = Person.make(folder.parent, "alice")
    signers = {SIGNERS: f"{alice.line}\n".encode()}
    put(box, files(begun(RULES, WORDS, signers)), approved(*WORDS, by=alice, at=AT))
    box.git("switch", "-q", "-c", "work")
    put(box, {CODE: b"cart = []\n"})
    box.write(CODE, b"cart = [1]\n")
    box.git("add", ".")
    return folder


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> GitBox:
    return GitBox(Path(shutil.copytree(template, tmp_path / "shop")))


Ask = Callable[[GitBox], Mapping[str, Result]]


@pytest.fixture
def asked(capfd: pytest.CaptureFixture[str]) -> Ask:
    """What each form says, none of them as a bug; in this process, since three hundred of their own take a minute."""

    def ask(box: GitBox) -> Mapping[str, Result]:
        told = {}
        capfd.readouterr()
        for name, argv in FORMS.items():
            with contextlib.chdir(box.path):
                code = hook.run(argv[1:]) if argv[0] == "hook" else entry.run(argv)
            told[name] = Result(*capfd.readouterr(), code)
        return without_bugs(told)

    return ask


def without(box: GitBox, path: Path) -> Mapping[str, Result]:
    """What each form says in a process of its own that finds programs only in this folder."""
    return without_bugs(
        {name: box.sdd(*argv, env={"PATH": str(path)}, check=None) for name, argv in FORMS.items()}
    )


def without_bugs(told: Mapping[str, Result]) -> Mapping[str, Result]:
    assert not [one for one in told.values() if "bug" in one.err or "Traceback" in one.err]
    return told


def cannot_tell(told: Mapping[str, Result], words: str, *apart: str) -> None:
    """All forms but these end with 2, say so in these words, and say what to do; nothing goes to standard output."""
    for name, done in told.items():
        if name not in apart:
            assert (done.code, done.out) == (2, ""), (name, done)
            assert words in done.err, (name, done)
            assert "\n  → " in done.err, (name, done)


def test_what_is_right_passes_in_every_form(shop: GitBox, asked: Ask) -> None:
    assert [done.code for done in asked(shop).values()] == [0] * len(FORMS)


class TestTheMachine:
    def test_no_git(self, shop: GitBox, tmp_path: Path) -> None:
        cannot_tell(without(shop, tmp_path / "nothing"), "git is not on the PATH")

    @pytest.mark.skipif(os.name == "nt", reason="a link does for a program on POSIX")
    def test_no_ssh_keygen(self, shop: GitBox, tmp_path: Path) -> None:
        git = shutil.which("git")
        assert git
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/git").symlink_to(git)
        told = without(shop, tmp_path / "bin")
        cannot_tell(told, "there is no ssh-keygen on the PATH", "rev")
        assert told["rev"].code == 0  # what an approval is worth is no matter of one commit's files

    def test_no_repository(self, tmp_path: Path, asked: Ask) -> None:
        cannot_tell(asked(GitBox(tmp_path)), "is not in a git repository")


class TestThePolicy:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (b"junk", "it is no TOML"),
            (b"", "version is missing"),
            (b"version = 9\n", "version must be 1"),
            (b"\xff", "cannot be read"),
            (render(RULES).replace('["change"]', '["nowhere"]').encode(), "there is no gate 'nowhere'"),
            (render(RULES).replace('after = ["spec"]', 'after = ["nowhere"]').encode(), "'nowhere'"),
        ],
        ids=["junk", "empty", "version", "bytes", "unknown gate", "after an unknown gate"],
    )
    def test_one_that_cannot_be_read(self, shop: GitBox, asked: Ask, words: bytes, told: str) -> None:
        shop.git("switch", "-q", "--force", "main")
        put(shop, {POLICY: words})
        shop.git("switch", "-q", "-C", "work")
        put(shop, {CODE: b"cart = [2]\n"})
        found = asked(shop)
        cannot_tell(found, told, "rev", "audit")
        for form in (
            "rev",
            "audit",
        ):  # here whoever broke it is found, and the audit goes on by the last good one
            assert found[form].code == 1
            assert told in found[form].out
            assert "SDD701" in found[form].out

    def test_one_that_is_broken_on_a_branch_is_a_finding_there(self, shop: GitBox) -> None:
        put(shop, {POLICY: b"junk"})
        assert "SDD701" in shop.sdd("check", "main..HEAD", check=1).out

    @pytest.mark.skipif(os.name == "nt", reason="links take a right on Windows")
    def test_one_that_is_a_link(self, shop: GitBox, asked: Ask) -> None:
        shop.git("switch", "-q", "--force", "main")
        (shop.path / "elsewhere").write_text(render(RULES))
        (shop.path / ".sdd/policy.toml").unlink()
        (shop.path / ".sdd/policy.toml").symlink_to("../elsewhere")
        shop.commit()
        shop.git("switch", "-q", "-C", "work")
        told = asked(shop)
        cannot_tell(told, "is a link, no file", "audit")
        assert "SDD706" in told["audit"].out

    def test_none_at_all(self, box: GitBox, asked: Ask) -> None:
        put(box, {CODE: b""})
        told = asked(box)
        cannot_tell(told, "nothing can be judged", "hook", "merge hook")
        assert told["hook"].code == 0  # a repository that has not adopted sdd is left alone


class TestTheRecords:
    def test_one_for_an_unknown_gate(self, shop: GitBox) -> None:
        put(shop, approved(SPEC, gate="nowhere"))
        for form in ("rev", "range", "audit"):
            assert "SDD303" in shop.sdd(*FORMS[form], check=1).out

    def test_one_that_cannot_be_read(self, shop: GitBox) -> None:
        put(shop, {place(SPEC): b"junk"}, {CODE: b"cart = [3]\n"})
        for form in ("rev", "range", "audit"):
            assert "SDD301" in shop.sdd(*FORMS[form], check=1).out
        assert "SDD401" in shop.sdd("check", "--audit", check=1).out

    def test_approving_for_an_unknown_gate(self, shop: GitBox) -> None:
        told = shop.sdd("approve", SPEC.decode(), "--gate", "nowhere", "--yes", check=None)
        assert told.code in {1, 2}
        assert "nowhere" in told.err


def spoil(box: GitBox, rev: str, data: bytes | None) -> None:
    """Overwrite the loose object that a revision names, or without data remove it."""
    name = box.git("rev-parse", rev)
    path = box.path / ".git/objects" / name[:2] / name[2:]
    path.chmod(0o644)
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


def swap_last_byte(box: GitBox, rev: str) -> None:
    """Let a loose object be well packed, and not what its name says."""
    name = box.git("rev-parse", rev)
    data = zlib.decompress((box.path / ".git/objects" / name[:2] / name[2:]).read_bytes())
    spoil(box, rev, zlib.compress(data[:-1] + bytes([data[-1] ^ 1])))


SPOILT: Mapping[str, Callable[[GitBox, str], None]] = {
    "junk": lambda box, rev: spoil(box, rev, b"junk"),
    "missing": lambda box, rev: spoil(box, rev, None),
    "swapped": swap_last_byte,
}


class TestTheObjects:
    @pytest.mark.parametrize("how", SPOILT)
    @pytest.mark.parametrize(
        ("rev", "unconcerned"),
        [
            ("HEAD", ()),
            ("HEAD^{tree}", ()),
            ("main", ("rev",)),
            ("main^{tree}", ("rev",)),
        ],
    )
    def test_commits_and_trees(
        self, shop: GitBox, asked: Ask, rev: str, unconcerned: tuple[str, ...], how: str
    ) -> None:
        SPOILT[how](shop, rev)
        for name, done in asked(shop).items():
            assert (done.code, done.out) == (2, "") or name in unconcerned, (name, done)

    @pytest.mark.parametrize("how", ["junk", "missing"])
    @pytest.mark.parametrize(
        ("rev", "unconcerned"),
        [
            (f"main:{POLICY.decode()}", ()),
            (f"main:{SIGNERS.decode()}", ()),
            (f"main:{place(SPEC).decode()}", ()),
            (f"main:{SPEC.decode()}", ("rev",)),
        ],
        ids=["policy", "signers", "record", "document"],
    )
    def test_blobs_that_the_judgement_rests_on(
        self, shop: GitBox, asked: Ask, rev: str, unconcerned: tuple[str, ...], how: str
    ) -> None:
        SPOILT[how](shop, rev)
        why = "error: inflate" if how == "junk" else "missing"
        cannot_tell(asked(shop), f"cannot be read: {why}", *unconcerned)

    def test_bytes_of_code_are_never_asked_for(self, shop: GitBox, asked: Ask) -> None:
        """Whether a path may change rests on its name; so a clone without big files can be judged."""
        spoil(shop, f"HEAD:{SOURCE}", None)
        assert {done.code for done in asked(shop).values()} == {0}


class TestTheClone:
    def test_a_shallow_one_says_nothing_of_history(self, shop: GitBox, tmp_path: Path) -> None:
        shop.git("clone", "-q", "--depth", "1", "-b", "work", shop.path.as_uri(), str(tmp_path / "shallow"))
        shallow = GitBox(tmp_path / "shallow")
        shallow.git("branch", "main", "HEAD")
        for form in ("range", "audit", "audited range"):
            done = shallow.sdd(*FORMS[form], check=2)
            assert done.out == ""
            assert (
                done.err
                == "sdd: this clone is shallow, so its history cannot be judged\n  → git fetch --unshallow\n"
            )

    def test_in_a_shallow_one_the_next_commit_is_judged_as_anywhere(
        self, shop: GitBox, tmp_path: Path
    ) -> None:
        """HEAD, the index and what is trusted are there whole; no older commit is asked about."""
        shop.git("clone", "-q", "--depth", "1", "-b", "work", shop.path.as_uri(), str(tmp_path / "shallow"))
        shallow = GitBox(tmp_path / "shallow")
        shallow.write(SOURCE, "cart = [1]\n")
        shallow.git("add", ".")
        assert shallow.sdd("hook", "pre-commit").err == ""
        shallow.write("src/other.py", "x = 1\n")
        shallow.git("add", ".")
        for form in ("tree", "staged", "hook"):
            assert shallow.sdd(*FORMS[form], check=1).code == 1

    def test_a_partial_one_whose_remote_is_gone(self, shop: GitBox, asked: Ask, tmp_path: Path) -> None:
        shop.git("config", "uploadpack.allowFilter", "true")
        args = ("--filter=blob:none", "--no-checkout", "-b", "work")
        shop.git("clone", "-q", *args, shop.path.as_uri(), str(tmp_path / "partial"))
        partial = GitBox(tmp_path / "partial")
        partial.git("branch", "main", "origin/main")
        partial.git("read-tree", "HEAD")
        partial.git("remote", "set-url", "origin", str(tmp_path / "nowhere"))
        for name, done in asked(partial).items():
            assert (done.code, done.out) == (2, ""), (name, done)
            assert "nowhere" in done.err

    def test_a_partial_one_fetches_what_it_needs(self, shop: GitBox, tmp_path: Path) -> None:
        shop.git("config", "uploadpack.allowFilter", "true")
        args = ("--filter=blob:none", "--no-checkout", "-b", "work")
        shop.git("clone", "-q", *args, shop.path.as_uri(), str(tmp_path / "partial"))
        partial = GitBox(tmp_path / "partial")
        assert partial.sdd("check", "origin/main..HEAD").out == "origin/main..HEAD: nothing wrong\n"
        code = partial.git("rev-parse", f"HEAD:{SOURCE}")
        listed = partial.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
        assert code not in listed.split()

    def test_a_bare_one_has_no_tree_to_judge_and_the_rest_is_judged(
        self, shop: GitBox, tmp_path: Path
    ) -> None:
        shop.git("clone", "-q", "--bare", shop.path.as_uri(), str(tmp_path / "bare.git"))
        bare = GitBox(tmp_path / "bare.git")
        assert bare.sdd("check", check=2).out == ""
        assert bare.sdd("check", "main..work").out == "main..work: nothing wrong\n"
        assert bare.sdd("check", "--audit", "main..work").code == 0
