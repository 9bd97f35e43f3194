"""`sdd new` with the real command: the root and other features, ideas given or not, names, and what is there already."""

from __future__ import annotations

import pytest

from gitbox import GitBox
from inside import sdd
from projects import files, seen, session
from sdd.cli.names import check_known_feature, check_new_feature
from sdd.errors import RefusedError
from sdd.sessions.process import EMPTY_BRIEF, PROCESS


def wrote(out: str) -> set[str]:
    return {line.removeprefix("wrote ") for line in out.splitlines() if line.startswith("wrote ")}


def sessions(feature: str = "") -> set[str]:
    folder = f"sessions/{feature}/" if feature else "sessions/"
    return {f"{folder}{slug}.md" for slug, _, _ in PROCESS}


def test_a_feature_with_an_idea_is_ready_to_go_on(begun: GitBox) -> None:
    told = begun.sdd("new", "checkout", "  sell things, in one currency \n").out
    trackers = {"docs/tracker.md", "docs/checkout/tracker.md"}
    assert wrote(told) == {"docs/checkout/brief.md", *sessions("checkout"), *trackers}
    assert told.endswith("the feature checkout: 9 new files. Next: sdd next\n")
    assert begun.read("docs/checkout/brief.md") == "# Brief: checkout\n\nsell things, in one currency\n"
    assert begun.sdd("check").code == 0
    assert begun.sdd("next", "--dry-run", env={"SDD_PROVIDER": "manual"}).out.startswith(
        "checkout/01-product-spec:"
    )


def test_words_alone_are_the_idea_of_the_root_feature(begun: GitBox) -> None:
    told = sdd(begun, "new", "a shop for one town").out
    assert wrote(told) == {"docs/brief.md", "docs/tracker.md", *sessions()}
    assert begun.read("docs/brief.md") == "# Brief\n\na shop for one town\n"
    assert "the root feature: 9 new files. Next: sdd next" in told


def test_without_an_idea_next_waits_for_the_brief(begun: GitBox) -> None:
    told = sdd(begun, "new", "checkout").out
    assert "Next: write the idea into docs/checkout/brief.md, then sdd next" in told
    manual = {"SDD_PROVIDER": "manual"}
    waits = begun.sdd("next", env=manual, check=None)
    assert waits.code != 0
    assert "docs/checkout/brief.md" in waits.err
    begun.write("docs/checkout/brief.md", begun.read("docs/checkout/brief.md").replace(EMPTY_BRIEF, "Sell."))
    assert begun.sdd("next", "--dry-run", env=manual).code == 0


def test_an_idea_that_comes_later_fills_the_empty_brief(begun: GitBox) -> None:
    sdd(begun, "new", "checkout")
    told = sdd(begun, "new", "checkout", "sell things").out
    assert begun.read("docs/checkout/brief.md") == "# Brief: checkout\n\nsell things\n"
    assert "docs/checkout/brief.md" in wrote(told)
    assert sdd(begun, "check").code == 0
    assert told.endswith("Next: sdd next\n")


def test_a_second_call_says_that_it_is_there(featured: GitBox) -> None:
    before = featured.git("status", "--porcelain")
    assert sdd(featured, "new", "checkout", check=2).err == (
        "sdd: the feature checkout is there already\n  → sdd status\n"
    )
    with_idea = sdd(featured, "new", "checkout", "another idea", check=2).err
    assert "write the idea into docs/checkout/brief.md" in with_idea
    assert featured.git("status", "--porcelain") == before


def test_what_is_missing_is_made_and_what_is_there_stays(featured: GitBox) -> None:
    gone = "sessions/checkout/91-testing.md"
    (featured.path / gone).unlink()
    result = sdd(featured, "new", "checkout", "another idea")
    assert wrote(result.out) == {gone}
    assert (
        "docs/checkout/brief.md was there already and is left as it is; the idea was not written"
        in result.err
    )
    assert featured.git("status", "--porcelain") == ""


def test_a_persons_own_file_in_a_trackers_place_is_left(begun: GitBox) -> None:
    begun.write("docs/checkout/tracker.md", "# Our bugs\n")
    result = sdd(begun, "new", "checkout", "sell")
    assert "docs/checkout/tracker.md is not sdd's, so no tracker was written there" in result.err
    assert begun.read("docs/checkout/tracker.md") == "# Our bugs\n"
    assert "docs/tracker.md" in wrote(result.out)


def test_a_brief_that_is_a_link_is_left(begun: GitBox) -> None:
    (begun.path / "docs/checkout").mkdir(parents=True)
    (begun.path / "docs/checkout/brief.md").symlink_to("gone")
    told = sdd(begun, "new", "checkout", "sell").out
    assert "write the idea into docs/checkout/brief.md" in told


def test_before_init_it_says_so(box: GitBox) -> None:
    assert "→ sdd init" in box.sdd("new", "checkout", "sell", check=2).err
    assert not (box.path / "docs").exists()


def test_an_idea_that_no_file_could_hold_is_refused(begun: GitBox) -> None:
    assert "it is not UTF-8" in begun.sdd("new", "checkout", b"caf\xe9 tables", check=2).err
    assert not (begun.path / "docs/checkout").exists()


@pytest.mark.parametrize(
    "name",
    [
        "templates",
        "Changes",
        "interfaces",
        "tracker",
        "a/b",
        "..",
        ".hidden",
        "-x",
        "a b",
        "con",
        "x.runs",
        "x.",
    ],
)
def test_a_name_that_cannot_be_a_feature_is_refused(name: str) -> None:
    with pytest.raises(RefusedError, match="cannot be a feature"):
        check_new_feature(seen(files()).project, name)


@pytest.mark.parametrize("name", ["checkout", "läden", "店", "v1.2", "a_b-c"])
def test_a_name_that_can_be_typed_is_a_feature(begun: GitBox, name: str) -> None:
    check_new_feature(seen(files()).project, name)


def test_a_feature_in_another_alphabet_works_to_the_end(begun: GitBox) -> None:
    sdd(begun, "new", "läden", "Äpfel verkaufen")
    begun.commit("Läden")
    assert sdd(begun, "check").code == 0
    assert "# Tracker: läden" in begun.read("docs/läden/tracker.md")


@pytest.mark.parametrize("name", ["Checkout", "CHECKOUT"])
def test_a_name_that_differs_in_case_alone_is_refused(name: str) -> None:
    project = seen(files(sessions__checkout__01=session("testing"))).project
    with pytest.raises(RefusedError, match="one folder on macOS and Windows"):
        check_new_feature(project, name)
    check_new_feature(project, "checkout")


def test_a_feature_that_was_not_begun_names_the_nearest() -> None:
    project = seen(files(sessions__checkout__01=session("testing"))).project
    check_known_feature(project, "checkout")
    check_known_feature(project, "")
    with pytest.raises(RefusedError) as caught:
        check_known_feature(project, "chekout")
    assert caught.value.hint == "did you mean `checkout`? To begin it: sdd new chekout"
    with pytest.raises(RefusedError) as caught:
        check_known_feature(project, "zzz")
    assert caught.value.hint == "sdd new zzz"


def test_a_refused_name_writes_nothing(begun: GitBox) -> None:
    sdd(begun, "new", "templates", "x", check=1)
    assert begun.git("status", "--porcelain") == ""
