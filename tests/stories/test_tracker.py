"""`sdd tracker` with the real command: written, compared, staged from the index, and resolved after a conflict."""

from __future__ import annotations

import subprocess

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
