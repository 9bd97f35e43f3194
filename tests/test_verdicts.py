"""What is kept of answers changes none: it is there or not, and what is not ours counts as not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbox import GitBox, spoil_verdicts
from sdd import verdicts as module
from sdd.digests import digest
from sdd.repository import Repository
from sdd.verdicts import MOST, NONE, SEAL, Verdicts, verdicts

KEY = bytes(range(SEAL))
ANSWER = (("text", b"bytes", 1, None, True), ())


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user's key lies."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SDD_CACHE", raising=False)
    return tmp_path / "state"


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def fails() -> object:
    raise AssertionError("it was found anew")


def test_an_answer_is_found_once_and_then_kept(tmp_path: Path) -> None:
    for kept in (Verdicts(str(tmp_path), KEY), Verdicts(str(tmp_path), KEY)):
        assert kept.known("other", (b"a",)) is None
    assert kept.kept("kind", (b"a", b"b"), lambda: ANSWER) == ANSWER
    assert kept.kept("kind", (b"a", b"b"), fails) == ANSWER
    assert Verdicts(str(tmp_path), KEY).kept("kind", (b"a", b"b"), fails) == ANSWER
    for kind, asked in (
        ("kind", (b"ab",)),
        ("kind", (b"a", b"b", b"")),
        ("kin", (b"da", b"b")),
        ("kind", ()),
    ):
        assert kept.known(kind, asked) is None


def test_without_a_key_nothing_is_kept() -> None:
    assert NONE.kept("kind", (b"a",), lambda: ANSWER) == ANSWER
    NONE.keep("kind", (b"a",), ANSWER)
    assert NONE.known("kind", (b"a",)) is None


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
).filter(lambda one: one is not None)


@given(PLAIN)
def test_whatever_is_kept_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, answer: object
) -> None:
    kept = Verdicts(str(tmp_path_factory.getbasetemp() / "plain"), KEY)
    kept._version = b"asked for once, not for each example"
    kept.keep("kind", (b"a",), answer)
    found = kept.known("kind", (b"a",))
    assert (found, repr(found)) == (answer, repr(answer))


def flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda data: data[:SEAL],
        lambda data: data[:-1],
        lambda data: data[: SEAL - 1],
        lambda data: data + b"\0",
        lambda data: bytes(len(data)),
        *map(flipped, (0, SEAL - 1, SEAL, SEAL + 3, -1)),
    ],
)
def test_a_spoilt_entry_counts_as_not_there_and_is_replaced(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    kept = Verdicts(str(tmp_path), KEY)
    kept.keep("kind", (b"a",), ANSWER)
    (entry,) = entries(tmp_path)
    good = entry.read_bytes()
    entry.write_bytes(spoil(good) if good else good)
    assert kept.known("kind", (b"a",)) is None
    assert kept.kept("kind", (b"a",), lambda: ANSWER) == ANSWER
    assert entry.read_bytes() == good


def test_an_entry_in_another_ones_place_counts_as_not_there(tmp_path: Path) -> None:
    kept = Verdicts(str(tmp_path), KEY)
    kept.keep("kind", (b"a",), "one")
    kept.keep("kind", (b"b",), "two")
    one, two = entries(tmp_path)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert kept.known("kind", (b"a",)) is kept.known("kind", (b"b",)) is None


def test_what_somebody_else_found_counts_as_not_there(tmp_path: Path) -> None:
    theirs = Verdicts(str(tmp_path / "theirs"), bytes(SEAL))
    theirs.keep("kind", (b"a",), "forged")
    shutil.copytree(tmp_path / "theirs", tmp_path / "mine")
    mine = Verdicts(str(tmp_path / "mine"), KEY)
    assert mine.known("kind", (b"a",)) is None
    assert theirs.known("kind", (b"a",)) == "forged"


def test_what_another_version_of_sdd_found_counts_as_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Verdicts(str(tmp_path), KEY).keep("kind", (b"a",), "old")
    monkeypatch.setattr(module, "__version__", "0.0.1")
    assert Verdicts(str(tmp_path), KEY).known("kind", (b"a",)) is None


def test_a_version_is_told_by_when_it_was_installed_or_where_it_is_worked_on_by_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "src/sdd"
    (top / "room/__pycache__").mkdir(parents=True)
    for name in ("verdicts.py", "room/a.py", "room/rules.md", "room/other.txt", "room/__pycache__/a.py"):
        (top / name).write_text("1")
    monkeypatch.setattr(module, "__file__", str(top / "verdicts.py"))
    installed = module.version()
    (top / "room/a.py").write_text("22")
    assert module.version() == installed
    (tmp_path / "pyproject.toml").write_text("")
    worked_on = module.version()
    assert worked_on != installed
    for name, differs in (
        ("room/a.py", True),
        ("room/rules.md", True),
        ("room/other.txt", False),
        ("room/__pycache__/a.py", False),
    ):
        (top / name).write_text("333")
        assert (module.version() != worked_on) == differs, name
        worked_on = module.version()
    os.utime(top / "verdicts.py", (1, 1))
    assert module.version() != worked_on


@pytest.mark.parametrize("blocked", [".", "aa", "entry"])
def test_a_disk_that_takes_nothing_changes_no_answer(tmp_path: Path, blocked: str) -> None:
    kept = Verdicts(str(tmp_path / "cache"), KEY)
    path = Path(kept._path(kept._name("kind", (b"a",))))
    place = {".": tmp_path / "cache", "aa": path.parent, "entry": path / "in the way"}[blocked]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("no folder")
    assert kept.kept("kind", (b"a",), lambda: ANSWER) == ANSWER
    assert kept.known("kind", (b"a",)) is None
    assert entries(tmp_path) == [place]  # nothing half written is left


def test_entries_are_thinned_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Verdicts(str(tmp_path), KEY)
    numbers = (number for number in range(10_000) if kept._name("kind", (b"%d" % number,))[-1] == 0)
    asked = (b"%d" % next(numbers),)
    folder = Path(kept._path(kept._name("kind", asked))).parent
    folder.mkdir()
    for number in range(MOST - 1):
        (folder / f"old{number}").write_bytes(b"")
    kept.keep("kind", asked, ANSWER)
    assert len(entries(folder)) == MOST
    (folder / "one more").mkdir()  # what cannot be dropped stands in nobody's way
    kept.keep("kind", asked, ANSWER)
    assert entries(folder) == []


WRITES = """
import sys
from sdd.verdicts import Verdicts
kept = Verdicts(sys.argv[1], bytes(32))
for _ in range(20):
    for number in range(20):
        asked = (b"%d" % number,)
        found = kept.known("kind", asked)
        assert found in (None, number + 1), found
        kept.keep("kind", asked, number + 1)
"""


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    both = [subprocess.Popen([sys.executable, "-c", WRITES, str(tmp_path)]) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert len(entries(tmp_path)) == 20


# The key


def test_the_key_is_this_users_alone_and_lies_outside_of_any_repository(box: GitBox, state: Path) -> None:
    made = verdicts(f"{box.path}/.git")
    assert entries(state) == [state / "sdd/seal"]
    assert (state / "sdd/seal").read_bytes() == made._key
    assert len(made._key) == SEAL
    if os.name != "nt":
        assert (state / "sdd/seal").stat().st_mode & 0o777 == 0o600
        assert (state / "sdd").stat().st_mode & 0o777 == 0o700
    assert verdicts(f"{box.path}/.git")._key == made._key
    assert Repository.find(str(box.path)).verdicts._key == made._key
    assert box.git("status", "--porcelain", "--ignored") == ""


def test_the_key_lies_below_the_home_folder_where_nothing_else_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SDD_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / ".local/state"))
    assert verdicts("anywhere")._key == (tmp_path / ".local/state/sdd/seal").read_bytes()


@pytest.mark.parametrize(("name", "value"), [("SDD_CACHE", "off"), ("CI", "true")])
def test_the_environment_may_ask_to_do_without(
    state: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert verdicts("anywhere") is NONE
    assert not state.exists()


@pytest.mark.parametrize("home", ["relative", "~nobody-of-that-name"])
def test_a_key_that_would_lie_wherever_we_are_is_none(
    box: GitBox, state: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.chdir(box.path)
    box.write(f"{home}/sdd/seal", KEY).chmod(0o600)
    monkeypatch.setenv("XDG_STATE_HOME", home)
    assert verdicts(".git")._key == b""
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", home)
    assert verdicts(".git")._key == b""
    assert len(entries(box.path / home)) == 1


@pytest.mark.parametrize("content", [b"", KEY[:-1], KEY + b"\0"])
def test_what_is_no_key_is_none(state: Path, content: bytes) -> None:
    (state / "sdd").mkdir(parents=True)
    (state / "sdd/seal").write_bytes(content)
    (state / "sdd/seal").chmod(0o600)
    assert verdicts("anywhere")._key == b""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_key_that_others_may_read_or_write_is_none(state: Path, mode: int) -> None:
    verdicts("anywhere")
    (state / "sdd/seal").chmod(mode)
    assert verdicts("anywhere")._key == b""


def test_where_no_key_can_be_made_there_is_none(state: Path) -> None:
    state.write_text("no folder")
    assert verdicts("anywhere")._key == b""


def test_of_two_keys_made_at_once_the_first_one_counts(state: Path) -> None:
    first = verdicts("anywhere")._key
    module._made(f"{state}/sdd")
    assert verdicts("anywhere")._key == first
    assert entries(state) == [state / "sdd/seal"]


KEYS = "from sdd.verdicts import verdicts; print(verdicts('anywhere')._key.hex())"


def test_processes_that_need_a_key_at_once_have_the_same(state: Path) -> None:
    begun = [subprocess.Popen([sys.executable, "-c", KEYS], stdout=subprocess.PIPE) for _ in range(4)]
    keys = {one.communicate()[0] for one in begun}
    assert keys == {verdicts("anywhere")._key.hex().encode() + b"\n"}


def test_whoever_judges_for_others_believes_nothing_that_was_found_before(box: GitBox, state: Path) -> None:
    repository = Repository.find(str(box.path))
    repository.verdicts.keep("kind", (b"a",), "found before")
    assert repository.verdicts.known("kind", (b"a",)) == "found before"
    alone = repository.without_verdicts()
    assert alone == repository
    assert alone.verdicts.known("kind", (b"a",)) is None
    alone.verdicts.keep("kind", (b"a",), "found here")
    assert alone.verdicts.known("kind", (b"a",)) == "found here"
    assert repository.without_verdicts().verdicts.known("kind", (b"a",)) is None
    assert repository.verdicts.known("kind", (b"a",)) == "found before"


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdd.verdicts.HELD", 2)
    held = Verdicts(remember=True)
    for name in (b"a", b"b", b"c"):
        held.keep("kind", (name,), name)
    assert [held.known("kind", (name,)) for name in (b"a", b"b", b"c")] == [None, None, b"c"]


@pytest.mark.parametrize(
    ("how", "left", "known"), [("warm", 1, ANSWER), ("cold", 0, None), ("poisoned", 1, None)]
)
def test_what_becomes_of_the_cache_in_all_tests_is_what_was_asked_for(
    box: GitBox, state: Path, how: str, left: int, known: object
) -> None:
    verdicts(f"{box.path}/.git").keep("kind", (b"a",), ANSWER)
    spoil_verdicts(box.path, how)
    assert len(entries(box.path / ".git/sdd/cache")) == left
    assert verdicts(f"{box.path}/.git").known("kind", (b"a",)) == known


def test_the_seal_rests_on_the_whole_name(tmp_path: Path) -> None:
    kept = Verdicts(str(tmp_path), KEY)
    name = digest(b"x")
    kept._write(name, ANSWER)
    assert kept._read(name) == ANSWER
    assert kept._read(name[:-1] + bytes([name[-1] ^ 1])) is None  # the same file
