"""A small change from its page to its end: what is approved goes on granting until other bytes are approved."""

from __future__ import annotations

import pytest

from gitbox import GitBox
from inside import sdd
from projects import run
from sdd.runs.record import appended, whole
from sdd.sessions.run import file_name

NAME, SESSION, PAGE = "changes/round", "sessions/changes/round.md", "docs/changes/round.md"
WORDS, SPENT = (f"---\nwrites: [{files}]\n---\n# Round half up\n" for files in ("src/round.py", ""))


def finish(box: GitBox, turn: str, path: str, text: str) -> None:
    """Carry a turn of the session out, as `sdd record` leaves it, and commit."""
    made = run("done", turn=turn)
    data = whole(NAME, made)
    file = file_name(NAME, made.time, data)
    box.write(f"sessions/{file}", data)
    box.write(SESSION, appended(box.read(SESSION), made.replace(file=file)))
    box.write(path, text)
    box.commit(f"Round: {turn}")


def approve(box: GitBox) -> None:
    sdd(box, "approve", PAGE, "--gate", "change", "--yes")
    box.commit("Approve the page")


@pytest.fixture
def shop(begun: GitBox) -> GitBox:
    """A change that is approved, carried out and on the protected branch; HEAD is a branch of its own."""
    sdd(begun, "add", "change", "round", "--goal", "Round half up.")
    finish(begun, "document", PAGE, WORDS)
    approve(begun)
    finish(begun, "work", "src/round.py", "x = 1\n")
    assert f"{NAME}\tdone" in sdd(begun, "status").out
    begun.git("checkout", "-q", "-b", "later")
    return begun


def judged(box: GitBox, code: int = 0) -> str:
    return sdd(box, "check", "main..HEAD", check=code).out


def test_a_change_that_is_done_can_be_mended_without_being_asked_for_again(shop: GitBox) -> None:
    shop.write("src/round.py", "x = 2\n")
    shop.commit("What the reviewer found")
    judged(shop)


def test_its_grant_ends_where_a_page_that_grants_nothing_is_approved(shop: GitBox) -> None:
    shop.write(PAGE, SPENT)
    shop.commit("The change is spent")
    approve(shop)
    judged(shop)
    sdd(shop, "check")
    assert f"{NAME}\tdone" in sdd(shop, "status").out
    shop.git("checkout", "-q", "main")
    shop.git("merge", "-q", "--ff-only", "later")
    shop.git("checkout", "-q", "-b", "reused")
    shop.write("src/round.py", "x = 3\n")
    shop.commit("Once more")
    assert "SDD501 src/round.py" in judged(shop, 1)
    shop.git("reset", "-q", "--hard", "main")
    shop.write(PAGE, WORDS)
    shop.commit("The page as it was")
    shop.write("src/round.py", "x = 3\n")
    shop.commit("Once more")
    told = judged(shop, 1)
    assert "SDD309" in told
    assert "SDD401 src/round.py" in told


def test_deleting_the_page_shuts_it_but_has_to_be_let_in(shop: GitBox) -> None:
    shop.git("rm", "-q", PAGE)
    shop.commit("Take the page away")
    told = judged(shop, 1)
    assert f"{PAGE}: SDD309 {PAGE} shuts the gate change" in told
    assert f"  → git checkout {shop.git('rev-parse', '--short=12', 'main')} -- {PAGE}\n" in told
    shop.write("src/round.py", "x = 3\n")
    shop.commit("Once more")
    assert "SDD401 src/round.py" in judged(shop, 1)
