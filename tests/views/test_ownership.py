"""Who answers for a session, who has to look at a change, and under which names a person is known."""

from __future__ import annotations

import pytest

from projects import ALICE, files, seen, session
from sdd.gates.picture import Picture
from sdd.runs.choice import _first_runnable
from sdd.views.ownership import Look, Ownership, looks, names_of
from sdd.views.review import review
from sdd.views.status import narrowed, status

OWNERS = (
    b"/src/shop/ @shop/payments\n/src/cart.py bob@example.org\n/docs/interfaces/ @arch\n/sessions/ @lead\n"
)


def shop(codeowners: bytes | None = OWNERS, **more: str) -> Picture:
    given = files(
        sessions__01_own=session("implementation", f"owner: {ALICE}", "writes: [src/cart.py]"),
        sessions__02_cart=session(
            "implementation", "writes: [src/cart.py]", "reads: ['docs/interfaces/cart.py::ICart']"
        ),
        sessions__03_all=session(
            "implementation", "writes: ['src/shop/**']", "implements:\n  docs/interfaces/cart.py: src/a.py"
        ),
        sessions__04_none=session("implementation", "writes: [elsewhere.py]"),
        **more,
    )
    named = {
        path.replace(b"_", b"-") if path.startswith(b"sessions/0") else path: data
        for path, data in given.items()
    }
    return seen(named | ({b"CODEOWNERS": codeowners} if codeowners else {}))


def test_a_session_s_own_owner_counts_before_those_of_what_it_writes_and_of_its_file() -> None:
    picture = shop()
    owned = Ownership(picture.project.snapshot)
    found = {name: owned.of_session(picture.project, name) for name in picture.project.sessions}
    assert found == {
        "01-own": (ALICE,),
        "02-cart": ("bob@example.org",),
        "03-all": ("@shop/payments",),
        "04-none": ("@lead",),
    }


def test_without_codeowners_only_a_session_s_own_word_counts() -> None:
    picture = shop(None)
    owned = Ownership(picture.project.snapshot)
    assert [owned.of_session(picture.project, name) for name in picture.project.sessions] == [
        (ALICE,),
        (),
        (),
        (),
    ]
    assert owned.of(b"src/cart.py") == ()


def test_mine_is_what_codeowners_gives_me_by_any_of_my_names() -> None:
    whole = status(shop(), {})
    assert [row.name for row in narrowed(whole, owner=("BOB@example.org", "@shop/payments")).rows] == [
        "02-cart",
        "03-all",
    ]


def test_who_has_to_look_owns_a_path_or_a_session_that_uses_a_changed_contract() -> None:
    picture = shop()
    owned = Ownership(picture.project.snapshot)
    paths = [b"docs/interfaces/cart.py", b"src/cart.py", b"README.md"]
    assert looks(owned, picture.project, paths) == [
        Look("@arch", (b"docs/interfaces/cart.py",), ()),
        Look("@shop/payments", (), ("03-all",)),
        Look("bob@example.org", (b"src/cart.py",), ("02-cart",)),
    ]
    assert looks(owned, picture.project, [b"README.md"]) == []


def test_a_review_names_those_that_the_files_named_before() -> None:
    before = shop()
    paths = {f"src/shop/{name}": "x" for name in "abcd"}
    after = shop(
        b"* @nobody\n", docs__interfaces__cart="# I\n", **{path.replace("/", "__"): "" for path in paths}
    )
    text = review(before.project.snapshot, after, "a..b", ())
    part = text.partition("### Who has to look\n")[2].partition("###")[0]
    assert "@arch: owns `docs/interfaces/cart.md`" in part
    assert "@shop/payments: owns `src/shop/a.md`, `src/shop/b.md`, `src/shop/c.md` and 1 more" in part
    assert "nobody" not in part
    using = shop(docs__interfaces__cart="").project.snapshot
    contract = seen(
        {
            **{path: using.read(path) for path in using.entries},
            b"docs/interfaces/cart.py": b"class ICart: ...\n",
        }
    )
    assert "answers for 02-cart, which use a changed contract" in review(
        before.project.snapshot, contract, "a..b", ()
    )


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"user.email": "a@b.c"}, ("a@b.c",)),
        ({"user.email": "a@b.c", "sdd.me": "@a @org/team", "github.user": "a"}, ("a@b.c", "@a", "@org/team")),
        ({"user.email": "12+al@users.noreply.github.com"}, ("12+al@users.noreply.github.com", "@al")),
        ({}, ()),
    ],
)
def test_a_person_is_known_by_what_git_is_told(settings: dict[str, str], names: tuple[str, ...]) -> None:
    assert names_of(settings) == names


def test_the_next_session_is_that_of_the_lowest_layer_and_what_is_no_task_comes_first() -> None:
    given = {
        "sessions__04_page": session("implementation", "layer: interface"),
        "sessions__05_money": session("implementation", "layer: foundation"),
        "sessions__06_cart": session("implementation"),
    }

    def following(**more: str) -> str:
        made = seen({path.replace(b"_", b"-"): data for path, data in files(**given, **more).items()})
        row = status(made, {}).next
        assert row is not None
        assert _first_runnable(made) == row.name
        return row.name

    assert following() == "05-money"
    assert following(sessions__20_join=session("integration", "reads: []")) == "20-join"
    given["sessions__05_money"] = session("implementation", "needs: [04-page]")
    assert following() == "06-cart"
