"""`sdd approve` with the real command: what is shown, what is asked, what is written, and what is refused."""

from __future__ import annotations

import sys
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from gitbox import GitBox, installed
from inside import sdd
from projects import run, runs, session
from sdd.cli.here import AGENT_VARIABLES

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are Unix's", allow_module_level=True)

from terminal import Terminal

SPEC = "docs/checkout/product-spec.md"
SESSION = "sessions/checkout/01-product-spec.md"
RECORD = ".sdd/approvals/spec/docs/checkout/product-spec.md/alice@example.org.toml"
WORDS = "# Spec\n\nA cart holds things.\n"
APPROVE = ("approve", SPEC, "--gate", "spec")
WHOLE = """\
# A run of checkout/01-product-spec

## Inputs

- `docs/checkout/brief.md` blob 1 text 2
- `docs/lessons.md` blob 1 text 2
- `docs/checkout/product-spec.md` blob 1 text 2
- `src/x.py` blob 1 text 2
"""


@pytest.fixture
def waiting(featured: GitBox) -> GitBox:
    """A repository whose product spec waits for approval."""
    done = runs(run("done", file="checkout/01-product-spec.runs/1.md"))
    featured.write(SESSION, session("product-spec", rest=done))
    featured.write("sessions/checkout/01-product-spec.runs/1.md", WHOLE)
    featured.write(SPEC, WORDS)
    featured.write("docs/lessons.md", "# Lessons\n")
    sdd(featured, "tracker")
    featured.commit("The spec")
    return featured


def record(box: GitBox) -> dict[str, object]:
    return tomllib.loads(box.read(RECORD))


def test_a_person_reads_says_yes_and_the_gate_opens(waiting: GitBox) -> None:
    terminal = Terminal([installed("sdd"), *APPROVE], waiting.path)
    terminal.wait_for("Approve exactly these bytes?")
    assert "you never approved docs/checkout/product-spec.md; read all of it:" in terminal.screen
    assert f'sha256 = "{sha256(WORDS.encode()).hexdigest()}"' in terminal.screen
    assert not (waiting.path / RECORD).exists()
    terminal.type("y\n")
    assert terminal.end() == 0
    assert f"wrote {RECORD}" in terminal.screen
    assert "the gate spec is open" in terminal.screen
    committed = waiting.git("show", f"HEAD:{SPEC}").encode() + b"\n"
    assert record(waiting)["sha256"] == sha256(committed).hexdigest()
    assert record(waiting)["blob"] == waiting.git("rev-parse", f"HEAD:{SPEC}")
    assert record(waiting)["inputs"] == {
        "docs/checkout/brief.md": sha256(waiting.read_bytes("docs/checkout/brief.md")).hexdigest()
    }
    assert "**done**" in waiting.read("docs/checkout/tracker.md")
    assert "approved by alice@example.org (recorded, not proven)" in waiting.read("docs/checkout/tracker.md")


def test_a_person_who_says_no_writes_nothing(waiting: GitBox) -> None:
    terminal = Terminal([installed("sdd"), *APPROVE], waiting.path)
    terminal.wait_for("Approve exactly these bytes?")
    terminal.type("n\n")
    assert terminal.end() == 1
    assert "nothing was approved" in terminal.screen
    assert "sdd reject checkout/01-product-spec -m WHY" in terminal.screen
    assert waiting.git("status", "--porcelain") == ""


def test_ctrl_c_at_the_question_writes_nothing(waiting: GitBox) -> None:
    terminal = Terminal([installed("sdd"), *APPROVE], waiting.path)
    terminal.wait_for("Approve exactly these bytes?")
    assert terminal.interrupt() == 130
    assert "interrupted; nothing is half-written" in terminal.screen
    assert "Traceback" not in terminal.screen
    assert waiting.git("status", "--porcelain") == ""


def test_without_a_terminal_it_waits_for_a_yes(waiting: GitBox) -> None:
    told = waiting.sdd(*APPROVE, stdin="y\n", check=5).err
    assert "waits for a person's yes" in told
    assert "--yes" in told
    assert waiting.git("status", "--porcelain") == ""


def test_its_last_words_can_be_pasted(waiting: GitBox) -> None:
    told = sdd(waiting, *APPROVE, "--yes").out
    line = next(line for line in told.splitlines() if line.startswith("Next: "))
    command = line.removeprefix("Next: ").removesuffix(", then sdd next")
    waiting.git("-c", f"alias.paste=!{command}", "paste")
    assert waiting.git("status", "--porcelain") == ""
    assert waiting.git("log", "-1", "--format=%s") == f"Approve {SPEC}"


def test_from_a_subfolder_the_path_is_as_typed(waiting: GitBox) -> None:
    below = GitBox(waiting.path / "docs/checkout")
    assert f"wrote {RECORD}" in sdd(below, "approve", "product-spec.md", "--gate", "spec", "--yes").out


def test_after_a_change_the_difference_is_shown_and_a_later_record_written(waiting: GitBox) -> None:
    sdd(waiting, *APPROVE, "--yes")
    before = record(waiting)
    waiting.commit("Approved")
    waiting.write(SPEC, WORDS.replace("things", "goods \x1b[31m"))
    sdd(waiting, "tracker")
    waiting.commit("Changed")
    assert "stale" in waiting.read("docs/checkout/tracker.md")
    told = sdd(waiting, *APPROVE, "--yes").out
    assert "-A cart holds things." in told
    assert "+A cart holds goods \\u001b[31m." in told
    assert "\x1b" not in told
    after = record(waiting)
    assert after["sha256"] != before["sha256"]
    assert str(after["approved_at"]) > str(before["approved_at"])
    assert "the gate spec is open" in told


def test_approving_twice_changes_nothing(waiting: GitBox) -> None:
    sdd(waiting, *APPROVE, "--yes")
    before = waiting.read(RECORD)
    assert "nothing is to be done" in sdd(waiting, *APPROVE, "--yes").out
    assert waiting.read(RECORD) == before


def test_what_rests_on_something_that_changed_can_be_approved_anew(waiting: GitBox) -> None:
    sdd(waiting, *APPROVE, "--yes")
    waiting.write("docs/checkout/brief.md", "# Brief\n\nSell more.\n")
    sdd(waiting, "tracker")
    waiting.commit("Changed")
    assert "suspect" in waiting.read("docs/checkout/tracker.md")
    assert "what it rests on has changed since" in sdd(waiting, *APPROVE, "--yes").out
    assert "suspect" not in waiting.read("docs/checkout/tracker.md")


def test_bytes_that_are_gone_are_said_to_be(waiting: GitBox) -> None:
    sdd(waiting, *APPROVE, "--yes")
    waiting.write(RECORD, waiting.read(RECORD).replace(str(record(waiting)["blob"]), "0" * 39 + "1"))
    waiting.write(RECORD, waiting.read(RECORD).replace(str(record(waiting)["sha256"]), "0" * 64))
    assert "are not here any more; read all of it" in sdd(waiting, *APPROVE, "--yes").out


def test_a_record_that_cannot_be_read_is_replaced(waiting: GitBox) -> None:
    waiting.write(RECORD, "no toml")
    assert "you never approved" in sdd(waiting, *APPROVE, "--yes").out
    assert record(waiting)["schema"] == 1


def test_a_record_of_the_future_is_not_outdone(waiting: GitBox) -> None:
    sdd(waiting, *APPROVE, "--yes")
    waiting.write(RECORD, waiting.read(RECORD).replace("approved_at = 20", "approved_at = 21"))
    waiting.write(SPEC, WORDS + "More.\n")
    waiting.commit("Changed")
    assert "a time that is yet to come" in sdd(waiting, *APPROVE, "--yes", check=1).err


@pytest.mark.parametrize("variable", AGENT_VARIABLES)
def test_an_agent_does_not_approve(tmp_path: Path, variable: str) -> None:
    told = GitBox(tmp_path).sdd(*APPROVE, "--yes", env={variable: "1"}, check=1).err
    assert told.startswith(f"sdd: approving is for a person, and {variable} says that an agent runs this")


def test_a_document_that_changed_since_it_was_committed_is_refused(waiting: GitBox) -> None:
    waiting.write(SPEC, WORDS + "More.\n")
    told = sdd(waiting, *APPROVE, "--yes", check=1).err
    assert f"{SPEC} is not committed as it stands\n  → git add {SPEC} && git commit" in told
    waiting.git("add", SPEC)
    sdd(waiting, *APPROVE, "--yes", check=1)


def test_a_document_in_no_commit_is_refused(waiting: GitBox) -> None:
    waiting.git("update-ref", "-d", "HEAD")
    assert "is not committed" in sdd(waiting, *APPROVE, "--yes", check=1).err


def test_a_link_and_a_path_outside_are_refused(waiting: GitBox) -> None:
    waiting.write("real.md", WORDS)
    (waiting.path / SPEC).unlink()
    (waiting.path / SPEC).symlink_to("../../real.md")
    waiting.commit("A link")
    assert "is no regular file" in sdd(waiting, *APPROVE, "--yes", check=1).err
    outside = sdd(waiting, "approve", "../elsewhere.md", "--gate", "spec", "--yes", check=2).err
    assert "../elsewhere.md is not in this repository" in outside


def test_who_is_no_approver_is_told_who_is(waiting: GitBox) -> None:
    waiting.git("config", "user.email", "mallory@example.org")
    told = sdd(waiting, *APPROVE, "--yes", check=1).err
    assert "mallory@example.org may not approve for the gate spec" in told
    assert "it is up to alice@example.org" in told


def test_a_link_in_the_records_place_is_not_followed(waiting: GitBox) -> None:
    (waiting.path / ".sdd/approvals").symlink_to(waiting.path.parent)
    assert "is a link" in sdd(waiting, *APPROVE, "--yes", check=1).err
    assert not (waiting.path.parent / "spec").exists()


def test_a_second_approver_leaves_the_gate_shut_until_then(waiting: GitBox) -> None:
    policy = waiting.read(".sdd/policy.toml").replace(
        'approvers = ["alice@example.org"]\napprovals = 1',
        'approvers = ["alice@example.org", "bob@example.org"]\napprovals = 2',
        1,
    )
    waiting.write(".sdd/policy.toml", policy)
    waiting.commit("Two approvers")
    assert (
        "the gate spec is shut: docs/checkout/product-spec.md has 1 of 2"
        in sdd(waiting, *APPROVE, "--yes").out
    )
    waiting.git("config", "user.email", "bob@example.org")
    assert "the gate spec is open" in sdd(waiting, *APPROVE, "--yes").out
