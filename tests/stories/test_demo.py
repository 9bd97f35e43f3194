"""The demo, run as `make demo` runs it: what it shows has to have happened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from gitbox import GitBox, Result

RUN = Path(__file__).parents[2] / "demo" / "run.py"
NO_KEY = {"SDD_PROVIDER": "", "ANTHROPIC_API_KEY": ""}
LEFT_TO_A_PERSON = 5


class Played(NamedTuple):
    """What the demo printed, and the repository that it left."""

    said: str
    shop: GitBox


@pytest.fixture(scope="module")
def played(isolation: None, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo played once, in the folder of a person whose git signs and whose shell is an agent's."""
    folder = tmp_path_factory.mktemp("demo")
    config = folder / "gitconfig"
    config.write_text("[commit]\n\tgpgsign = true\n[core]\n\thooksPath = /nowhere\n")
    done = demo("--folder", str(folder / "new"), GIT_CONFIG_GLOBAL=str(config), CLAUDECODE="1")
    assert done.code == 0, (done.out + done.err)[-3000:]
    return Played(done.out, GitBox(folder / "new" / "shop"))


def demo(*args: str, **env: str) -> Result:
    done = subprocess.run(
        [sys.executable, str(RUN), *args], env={**os.environ, **env}, capture_output=True, check=False
    )
    return Result(done.stdout.decode(), done.stderr.decode(), done.returncode)


def test_it_says_that_it_is_a_recording_and_approves_for_the_viewer(played: Played) -> None:
    assert "RECORDING" in played.said
    assert "approves ON YOUR BEHALF" in played.said
    assert "recorded, not proven" in played.said


def test_the_model_asked_and_the_answers_stand_in_the_session(played: Played) -> None:
    session = played.shop.read("sessions/cart/01-product-spec.md")
    assert "### Run 1: questions" in session
    assert "  > Down, to whole cents.\n" in session


def test_the_spec_was_rejected_with_its_reason_and_came_again(played: Played) -> None:
    outcomes = played.shop.sdd("log", "cart/01-product-spec").out.splitlines()
    assert [line.split("\t")[3] for line in outcomes] == ["questions", "done", "rejected", "done"]
    assert "> carts hold nothing back" in played.shop.read("sessions/cart/01-product-spec.md")
    assert "- F5 When the stock sinks" in played.shop.read("docs/cart/product-spec.md")


def test_the_approvals_are_records_of_exactly_these_bytes(played: Played) -> None:
    records = played.shop.git("ls-files", ".sdd/approvals").splitlines()
    approved = {"/".join(record.split("/")[2:-1]) for record in records}
    assert approved == {
        "spec/docs/cart/product-spec.md",
        "implementation/docs/cart/architecture.md",
        "implementation/docs/cart/implementation-plan.md",
        "change/docs/changes/say-what-is-left.md",
    }
    blob = played.shop.git("rev-parse", "HEAD:docs/cart/product-spec.md")
    record = next(record for record in records if "/spec/" in record)
    assert f'blob = "{blob}"' in played.shop.read(record)


def test_a_check_failed_and_the_next_response_mended_it(played: Played) -> None:
    assert "goes back to the model: " in played.said
    assert "`python -m unittest -q` failed: exit code 1" in played.shop.read("sessions/cart/05-cart.md")
    assert "FAIL: test_the_sum_counts_against_the_stock" in played.said
    runs = played.shop.sdd("log", "cart/05-cart").out.splitlines()
    assert [line.split("\t")[3] for line in runs] == ["failed", "done"]
    files = played.shop.git("show", "--format=", "--name-only", ":/^Cart: done").splitlines()
    assert {"src/shop/cart.py", "tests/test_cart.py", "docs/lessons.md", "docs/cart/tracker.md"} < set(files)


def test_the_small_way_ends_in_one_commit_of_code_and_test(played: Played) -> None:
    assert "stock: {stock} left" in played.shop.read("src/shop/cart.py")
    files = played.shop.git("show", "--format=", "--name-only").splitlines()
    runs = [file for file in files if ".runs/" in file]
    assert sorted(set(files) - set(runs)) == [
        "sessions/changes/say-what-is-left.md",
        "src/shop/cart.py",
        "tests/test_cart.py",
    ]
    assert len(runs) == 1


def test_all_is_committed_step_by_step(played: Played) -> None:
    assert played.shop.git("status", "--short") == ""
    assert played.shop.git("log", "--reverse", "--format=%s").splitlines() == [
        "A shop without a cart",
        "Begin with sdd",
        "The idea of a cart",
        "Product spec: questions",
        "Product spec: done",
        "Product spec: done",
        "Approve the spec of the cart",
        "Architecture: done",
        "Implementation plan: done",
        "Approve the plan of the cart, and make its sessions",
        "Catalogue: done",
        "Cart: done",
        "Discounts: done",
        "Say what is left: done",
        "Approve a small change",
        "Say what is left: done",
    ]


def test_the_code_works_and_the_files_tell_the_truth(played: Played) -> None:
    tests = [sys.executable, "-m", "unittest", "-q"]
    done = subprocess.run(tests, cwd=played.shop.path, capture_output=True, check=True)
    assert b"Ran 18 tests" in done.stderr
    assert played.shop.sdd("tracker", "--check").out == ""
    assert played.shop.sdd("check").out == "12 sessions: nothing wrong\n"
    assert "[Cart](../../sessions/cart/05-cart.md): **done**" in played.said


def test_an_audit_finds_that_no_code_came_before_its_approval(played: Played) -> None:
    assert "the protected branch: nothing wrong" in played.shop.sdd("check", "--audit").out


def test_the_contracts_load_by_themselves(played: Played) -> None:
    for name in ("cart", "catalogue", "discounts"):
        contract = played.shop.path / "docs" / "interfaces" / f"{name}.py"
        subprocess.run([sys.executable, str(contract)], check=True)


def test_without_a_key_going_on_names_both_ways(played: Played) -> None:
    hint = played.shop.sdd("next", env=NO_KEY, check=4).err
    assert "export ANTHROPIC_API_KEY=" in hint
    assert "sdd next --provider manual" in hint
    by_hand = played.shop.sdd("next", "--provider", "manual", env=NO_KEY, check=LEFT_TO_A_PERSON)
    assert "act as code reviewer" in by_hand.out
    played.shop.sdd("next", "--drop", env=NO_KEY)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    done = demo("--folder", str(tmp_path))
    assert (done.code, [path.name for path in tmp_path.iterdir()]) == (2, ["mine"])


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    done = demo("--folder", str(tmp_path / "new"), PATH=str(tmp_path))
    assert (done.code, done.err.splitlines()[1]) == (1, "The demo stopped: `git` is not on the PATH")


@pytest.mark.skipif(os.name == "nt", reason="the wrong git is a shell script")
def test_quietly_it_prints_only_the_step_that_ended_otherwise(tmp_path: Path) -> None:
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\necho not today\nexit 3\n")
    git.chmod(0o755)
    done = demo("--quiet", "--folder", str(tmp_path / "new"), PATH=f"{tmp_path}{os.pathsep}{os.defpath}")
    assert (done.code, done.out) == (1, "")
    assert "`git` ended with 3, not 0\n$ git init --quiet --initial-branch=main\nnot today" in done.err
