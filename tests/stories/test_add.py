"""`sdd add`: every kind, names and numbers, and that nothing invalid is ever written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitbox import GitBox
from projects import files, seen, session
from sdd.cli.add import added
from sdd.errors import RefusedError, SddError
from sdd.gates.picture import Picture, picture
from sdd.gates.policy import PATH
from sdd.sessions.process import shipped
from sdd.sessions.session import parse
from sdd.snapshot import overlaid

CART = "sessions__checkout__04-cart"


def project(**more: str) -> Picture:
    """A project with the root feature, and a feature checkout that has a cart."""
    texts = {"sessions__01-product-spec": session("product-spec"), CART: session("implementation")}
    return seen(files(**(texts | more)))


def add(slug: str, kind: str = "implementation") -> tuple[str, str]:
    """The name and the text of the session that would be written into that project."""
    name, file = added(project(), kind, slug, {}, "")
    return name, file.data.decode()


def refused(slug: str, kind: str = "implementation", **keys: object) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        added(project(), kind, slug, keys, "")
    return caught.value


def test_a_session_is_added_and_the_tracker_with_it(featured: GitBox) -> None:
    args = (
        "--needs",
        "03-implementation-plan",
        "--needs",
        "gate:spec",
        "--writes",
        "src/**",
        "--owner",
        "bob@x.org",
    )
    told = featured.sdd("add", "integration", "checkout/cart-and-stock", "--reads", "docs/a.md#B", *args).out
    assert told.startswith("wrote sessions/checkout/04-cart-and-stock.md\nwrote docs/checkout/tracker.md\n")
    assert told.endswith("(## Goal), then sdd next checkout/04-cart-and-stock\n")
    text = featured.read("sessions/checkout/04-cart-and-stock.md")
    assert "needs: [03-implementation-plan, gate:spec]" in text
    assert 'reads: ["docs/a.md#B"]' in text or "reads: [docs/a.md#B]" in text
    assert "owner: bob@x.org" in text
    assert "# Cart and stock\n" in text
    assert featured.sdd("check").code == 0


def test_a_small_change_stands_alone(begun: GitBox) -> None:
    told = begun.sdd("add", "change", "fix-rounding", "--goal", "Round half to even.").out
    assert told == "wrote sessions/changes/fix-rounding.md\n\nNext: sdd next changes/fix-rounding\n"
    assert "Round half to even." in begun.read("sessions/changes/fix-rounding.md")
    assert begun.sdd("check").code == 0


def test_what_was_refused_is_not_written(featured: GitBox) -> None:
    told = featured.sdd("add", "integration", "checkout/x", "--writes", "../x", check=1)
    assert "SDD108" in told.err
    assert featured.git("status", "--porcelain") == ""


def test_bytes_that_are_no_text_are_refused(featured: GitBox) -> None:
    assert "not UTF-8" in featured.sdd("add", "integration", "checkout/x", "--writes", b"\xff", check=2).err


@pytest.mark.parametrize("kind", shipped())
def test_every_kind_can_be_added(kind: str) -> None:
    slug = "x" if kind == "change" else "checkout/x"
    name, text = add(slug, kind)
    assert name == ("changes/x" if kind == "change" else "checkout/05-x")
    assert f"kind: {kind}\n" in text


def test_a_kind_that_there_is_not_names_the_nearest() -> None:
    with pytest.raises(SddError) as caught:
        add("x", "intgration")
    assert "did you mean `integration`?" in caught.value.hint


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("checkout/stock", "checkout/05-stock"),
        ("checkout/07-stock", "checkout/07-stock"),
        ("stock", "04-stock"),
        ("checkout/café", "checkout/05-café"),
        ("checkout/4", "checkout/4"),
    ],
)
def test_a_session_is_numbered_after_those_that_are_there(slug: str, name: str) -> None:
    assert add(slug)[0] == name


@pytest.mark.parametrize("slug", ["fix", "changes/fix"])
def test_a_change_has_its_place_however_it_is_named(slug: str) -> None:
    assert add(slug, "change")[0] == "changes/fix"


@pytest.mark.parametrize(
    ("slug", "kind", "words"),
    [
        ("checkout/04-cart", "implementation", "sessions/checkout/04-cart.md is there already"),
        ("checkout/cart", "implementation", "sessions/checkout/04-cart.md is there already"),
        ("checkout/04-Cart", "implementation", "SDD124"),
        ("chekout/stock", "implementation", "there is no feature `chekout`"),
        ("Templates/x", "implementation", "cannot be a feature"),
        ("a/b/c", "implementation", "cannot be a feature"),
        ("changes/x", "implementation", "small changes have changes/ to themselves"),
        ("checkout/x", "change", "`checkout/x` is no place for a change"),
        ("checkout/a b", "implementation", "cannot be typed"),
        ("checkout/", "implementation", "`checkout/` names no session"),
        ("", "change", "`` names no session"),
        ("../x", "implementation", "cannot be a feature"),
        ("checkout/x\n", "implementation", "cannot be typed"),
    ],
)
def test_a_name_that_is_taken_or_no_name_is_refused(slug: str, kind: str, words: str) -> None:
    assert words in refused(slug, kind).message


@pytest.mark.parametrize(
    ("keys", "words", "hint"),
    [
        ({"needs": ("04-crat",)}, "SDD121", "write `04-cart`"),
        ({"needs": ("gate:spek",)}, "the policy has no gate `spek`", "--needs gate:spec"),
        (
            {"needs": ("gate:zzz",)},
            "the policy has no gate `zzz`",
            "the gates are spec, implementation, change",
        ),
        ({"needs": ("05-x",)}, "SDD122", ""),
        ({"writes": ("/etc/passwd",)}, "SDD108", "src/shop/**"),
        ({"writes": ("src/x.py", ".git/config")}, "SDD108", ""),
        ({"writes": ("a\nb",)}, "SDD108", ""),
    ],
)
def test_what_does_not_fit_is_refused_with_the_checks_own_words(
    keys: dict[str, Any], words: str, hint: str
) -> None:
    error = refused("checkout/x", **keys)
    assert words in error.message
    assert hint in error.hint


def test_without_a_policy_no_gate_is_known() -> None:
    given_files = files(**{CART: session("implementation")})
    del given_files[PATH]
    with pytest.raises(RefusedError, match="has no gate `spec`"):
        added(seen(given_files), "implementation", "x", {"needs": ("gate:spec",)}, "")


def test_what_was_wrong_before_keeps_nobody_from_adding() -> None:
    broken = project(**{"sessions__checkout__90-old": "no session\n"})
    assert added(broken, "implementation", "checkout/x", {}, "")[0] == "checkout/05-x"


def test_two_changes_of_one_name_are_one_too_many() -> None:
    there = seen(files(sessions__changes__fix=session("change")))
    with pytest.raises(RefusedError, match=r"sessions/changes/fix\.md is there already"):
        added(there, "change", "fix", {}, "")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NEEDS = st.lists(st.sampled_from(["04-cart", "gate:spec"]) | WORDS, max_size=2).map(tuple)
LISTS = st.lists(WORDS, max_size=2).map(tuple)


@settings(max_examples=60)
@given(slug=WORDS | st.just("checkout/x"), needs=NEEDS, reads=LISTS, writes=LISTS, owner=WORDS, goal=WORDS)
def test_whatever_is_given_is_refused_or_written_so_that_nothing_is_wrong(
    slug: str, needs: tuple[str, ...], reads: tuple[str, ...], writes: tuple[str, ...], owner: str, goal: str
) -> None:
    before = project()
    given_keys: dict[str, object] = {"needs": needs, "reads": reads, "writes": writes, "owner": owner}
    keys = {key: value for key, value in given_keys.items() if value}
    try:
        name, file = added(before, "implementation", slug, keys, goal)
    except SddError:
        return
    after = picture(overlaid(before.project.snapshot, {file.path: file.data}))
    assert after.project.findings() == before.project.findings()
    assert after.project.sessions[name].path == file.path
    assert {key: parse(file.path, file.data).own[key] for key in keys} == keys
