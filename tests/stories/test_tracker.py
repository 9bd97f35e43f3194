"""`sdd tracker` with the real command: written, compared, staged from the index, and resolved after a conflict."""

from __future__ import annotations

import subprocess

import pytest

from gitbox import GitBox
from inside import sdd
from projects import session

TRACKER = "docs/checkout/tracker.md"
SESSION = "sessions/checkout/01-product-spec.md"
ASKING = session("product-spec", rest="\n## Questions\n\n- Do carts expire?\n")
ASKS = "- asks: Do carts expire?\n"


def index(box: GitBox, path: str = TRACKER) -> str:
    return box.git("show", f":{path}") + "\n"


def merge(box: GitBox, branch: str) -> int:
    done = subprocess.run(["git", "merge", "-q", branch], cwd=box.path, capture_output=True, check=False)
    return done.returncode


def test_a_stale_tracker_is_shown_and_then_written(featured: GitBox) -> None:
    assert featured.sdd("tracker").out == "the trackers say what the files say\n"
    assert featured.sdd("tracker", "--check").out == ""
    featured.write(SESSION, ASKING)
    diff = featured.sdd("tracker", "--check", check=1).out
    assert f"--- a/{TRACKER}\n+++ b/{TRACKER}\n" in diff
    assert f"+{ASKS}" in diff
    assert ASKS not in featured.read(TRACKER)  # a check never writes
    assert featured.sdd("tracker").out == f"wrote {TRACKER}\n"
    assert ASKS in featured.read(TRACKER)
    assert ASKS not in index(featured)
    assert featured.sdd("tracker", "--check").code == 0


def test_staging_renders_the_index_and_not_the_working_tree(featured: GitBox) -> None:
    featured.write(SESSION, ASKING)
    featured.git("add", SESSION)
    featured.write(SESSION, ASKING.replace("Do carts expire?", "Something else?"))
    assert sdd(featured, "tracker", "--stage", "--check", check=1).out.count(ASKS) == 1
    assert sdd(featured, "tracker", "--stage").out == f"wrote {TRACKER}\n"
    assert ASKS in index(featured)
    assert ASKS in featured.read(TRACKER)
    assert sdd(featured, "tracker", "--stage", "--check").code == 0
    assert "Something else?" in sdd(featured, "tracker", "--check", check=1).out
    assert sdd(featured, "tracker", "--stage").out == "the trackers say what the files say\n"
    assert featured.git("diff", "--cached", "--name-only").splitlines() == [TRACKER, SESSION]
    assert "Something else?" in featured.read(SESSION)


def test_staging_mends_a_working_tree_that_lags_behind(featured: GitBox) -> None:
    featured.write(TRACKER, featured.read(TRACKER) + "mine\n")
    assert sdd(featured, "tracker", "--stage").out == f"wrote {TRACKER}\n"
    assert featured.git("status", "--porcelain") == ""
    (featured.path / TRACKER).unlink()
    assert sdd(featured, "tracker", "--stage").out == f"wrote {TRACKER}\n"
    assert featured.git("status", "--porcelain") == ""


def test_a_conflict_in_a_tracker_is_resolved(featured: GitBox) -> None:
    for branch, question in (("one", "Do carts expire?"), ("two", "In which currency?")):
        featured.git("checkout", "-q", "-b", branch, "main")
        slug = f"04-{branch}"
        featured.write(f"sessions/checkout/{slug}.md", ASKING.replace("Do carts expire?", question))
        sdd(featured, "tracker", "--stage")
        featured.git("add", "sessions")
        sdd(featured, "tracker", "--stage")
        featured.git("commit", "-q", "-m", branch)
    assert merge(featured, "one") == 1
    assert featured.git("diff", "--name-only", "--diff-filter=U") == TRACKER
    assert "SDD203" in sdd(featured, "check", check=1).out
    assert sdd(featured, "tracker", "--stage").out == f"wrote {TRACKER}\n"
    assert featured.git("diff", "--name-only", "--diff-filter=U") == ""
    featured.git("commit", "-q", "--no-edit")
    assert sdd(featured, "check").code == 0
    for words in ("- asks: Do carts expire?\n", "- asks: In which currency?\n"):
        assert words in featured.read(TRACKER)


def test_a_session_in_conflict_comes_first(featured: GitBox) -> None:
    for branch in ("one", "two"):
        featured.git("checkout", "-q", "-b", branch, "main")
        featured.write(SESSION, ASKING.replace("Do carts expire?", branch))
        sdd(featured, "tracker")
        featured.commit(branch)
    assert merge(featured, "one") == 1
    before = featured.read(TRACKER)
    told = sdd(featured, "tracker", "--stage", check=1).err
    assert f"{SESSION} is in conflict, and a tracker rests on it" in told
    assert f"git add {SESSION}" in told
    assert featured.read(TRACKER) == before
    featured.write(SESSION, ASKING)
    featured.git("add", SESSION)
    sdd(featured, "tracker", "--stage")
    assert featured.git("diff", "--name-only", "--diff-filter=U") == ""


def test_a_persons_own_file_is_not_overwritten(featured: GitBox) -> None:
    featured.write(TRACKER, "# Our bugs\n")
    featured.git("add", ".")
    for args in ((), ("--stage",)):
        told = sdd(featured, "tracker", *args, check=1).err
        assert f"{TRACKER} is not sdd's, and would be overwritten" in told
    assert featured.read(TRACKER) == "# Our bugs\n"


def test_a_tracker_that_is_a_link_is_not_followed(featured: GitBox) -> None:
    target = featured.write("../outside.md", featured.read(TRACKER))
    (featured.path / TRACKER).unlink()
    (featured.path / TRACKER).symlink_to(target)
    assert "is not sdd's" in sdd(featured, "tracker", check=1).err
    assert "wrote" not in featured.sdd("tracker", check=None).out


def test_a_working_tree_with_windows_line_ends_is_as_good(featured: GitBox) -> None:
    featured.git("config", "core.autocrlf", "true")
    for path in featured.path.rglob("*.md"):
        path.unlink()
    featured.git("checkout", "-q", ".")
    assert "\r\n" in featured.read(TRACKER)
    assert sdd(featured, "tracker", "--check").out == ""
    assert sdd(featured, "tracker").out == "the trackers say what the files say\n"
    assert sdd(featured, "tracker", "--stage").out == "the trackers say what the files say\n"
    (featured.path / TRACKER).touch()
    assert sdd(featured, "tracker", "--check").out == ""
    featured.write(SESSION, ASKING.replace("\n", "\r\n"))
    featured.git("add", SESSION)
    assert sdd(featured, "tracker", "--stage").out == f"wrote {TRACKER}\n"
    assert ASKS in index(featured)
    assert "\r" not in index(featured)
    assert featured.git("status", "--porcelain") == f"M  {TRACKER}\nM  {SESSION}"


def test_steering_characters_are_neither_shown_nor_written(featured: GitBox) -> None:
    featured.write(SESSION, ASKING.replace("# Title", "# T\x1b[2Jitle\x07"))
    assert "\x1b" not in featured.sdd("tracker", "--check", check=1).out
    sdd(featured, "tracker")
    assert "\x1b" not in featured.read(TRACKER)


def test_without_sessions_there_is_nothing_to_write(begun: GitBox) -> None:
    assert sdd(begun, "tracker").out == "the trackers say what the files say\n"
    assert sdd(begun, "tracker", "--stage").out == "the trackers say what the files say\n"
    assert begun.git("status", "--porcelain") == ""


class TestWhatStays:
    """The tracker of a feature whose sessions are all deleted."""

    @pytest.fixture
    def emptied(self, featured: GitBox) -> GitBox:
        """One of two features, its sessions deleted and that staged."""
        sdd(featured, "new", "billing", "write bills")
        featured.commit("Begin billing")
        featured.git("rm", "-q", "-r", "sessions/checkout")
        return featured

    def test_it_is_told_where_the_last_session_goes_and_one_command_removes_it(self, emptied: GitBox) -> None:
        told = sdd(emptied, "check", "--staged", check=1).out
        assert f"{TRACKER}: SDD204 there is no session any more that this tracker is of\n" in told
        assert "  → sdd tracker --stage\n" in told
        assert "+++ /dev/null" in sdd(emptied, "tracker", "--stage", "--check", check=1).out
        assert sdd(emptied, "tracker", "--stage").out == f"wrote docs/tracker.md\nremoved {TRACKER}\n"
        assert sdd(emptied, "tracker", "--stage").out == "the trackers say what the files say\n"
        assert sdd(emptied, "check", "--staged").code == 0
        assert f"D  {TRACKER}" in emptied.git("status", "--porcelain")
        emptied.git("commit", "-q", "-m", "Give checkout up")
        assert not (emptied.path / TRACKER).exists()
        sdd(emptied, "check")
        sdd(emptied, "check", "HEAD~1..HEAD")

    def test_on_disk_it_goes_too(self, emptied: GitBox) -> None:
        assert "SDD204" in sdd(emptied, "check", check=1).out
        assert sdd(emptied, "tracker").out == f"wrote docs/tracker.md\nremoved {TRACKER}\n"
        assert not (emptied.path / TRACKER).exists()
        assert TRACKER in emptied.git("ls-files")

    def test_who_proposes_it_is_told_and_who_comes_later_is_not(self, emptied: GitBox) -> None:
        sdd(emptied, "tracker")
        emptied.git("checkout", "-q", TRACKER)
        emptied.git("commit", "-q", "-a", "-m", "Give checkout up")
        assert f"{TRACKER}: SDD204" in sdd(emptied, "check", "HEAD~1..HEAD", check=1).out
        assert "SDD204" in sdd(emptied, "check", "--rev", "HEAD", check=1).out
        emptied.write("README.md", "More.\n")
        emptied.git("add", ".")
        sdd(emptied, "check", "--staged")

    def test_what_a_person_wrote_is_never_removed(self, emptied: GitBox) -> None:
        mine = emptied.read(TRACKER) + "\nWhat we learnt from it.\n"
        emptied.write(TRACKER, mine)
        told = sdd(emptied, "tracker", "--stage", check=1).err
        assert f"{TRACKER} has no session any more, and somebody has edited it" in told
        sdd(emptied, "tracker")
        emptied.git("add", ".")
        told = sdd(emptied, "check", "--staged", check=1).out
        assert f"git mv {TRACKER} docs/checkout/notes.md" in told
        assert sdd(emptied, "tracker", "--stage").out == "the trackers say what the files say\n"
        assert emptied.read(TRACKER) == mine
        emptied.git("mv", TRACKER, "docs/checkout/notes.md")
        sdd(emptied, "check", "--staged")

    def test_the_page_of_somebodys_bugs_is_none(self, emptied: GitBox) -> None:
        emptied.write(TRACKER, "# Our bugs\n")
        emptied.git("add", ".")
        sdd(emptied, "tracker", "--stage")
        sdd(emptied, "check", "--staged")
        assert emptied.read(TRACKER) == "# Our bugs\n"
