"""Which sessions share one conversation, and that a review never goes on with the memory of who built."""

from __future__ import annotations

import pytest

from projects import files, session, snapshot
from sdd.sessions.continuing import built_by, continued, conversation
from sdd.sessions.project import Project, derive


def project(**sessions: str) -> Project:
    return derive(snapshot(files(**{f"sessions__{name}": text for name, text in sessions.items()})))


SHOP = project(
    shop__a=session("implementation", "group: cart"),
    shop__b=session("implementation", "continues: a"),
    shop__c=session("refactoring", "continues: shop/b"),
    shop__alone=session("implementation"),
    shop__grouped=session("implementation", "group: cart"),
    shop__test=session("testing", "group: cart"),
    shop__review=session("build-verification", "continues: c"),
    shop__again=session("testing", "continues: test"),
    shop__one=session("implementation", "continues: two"),
    shop__two=session("implementation", "continues: one"),
    shop__lost=session("implementation", "continues: nowhere"),
)


@pytest.mark.parametrize(
    ("name", "before", "own", "shared"),
    [
        ("shop/a", [], "session shop/a", "group shop/cart"),
        ("shop/b", ["shop/a"], "session shop/a", "group shop/cart"),
        ("shop/c", ["shop/b", "shop/a"], "session shop/a", "group shop/cart"),
        ("shop/alone", [], "session shop/alone", "session shop/alone"),
        ("shop/grouped", [], "session shop/grouped", "group shop/cart"),
        ("shop/test", [], "session shop/test", "session shop/test"),
        ("shop/again", ["shop/test"], "session shop/test", "session shop/test"),
        ("shop/one", ["shop/two"], "session shop/two", "session shop/two"),
        ("shop/lost", [], "session shop/lost", "session shop/lost"),
    ],
)
def test_turns_belong_to_one_conversation(name: str, before: list[str], own: str, shared: str) -> None:
    assert list(continued(SHOP, name)) == before
    assert conversation(SHOP, name, shared=False) == own
    assert conversation(SHOP, name, shared=True) == shared


def test_a_review_never_goes_on_with_who_built() -> None:
    assert built_by(SHOP, "shop/review") == "shop/c"
    assert [name for name in SHOP.sessions if built_by(SHOP, name)] == ["shop/review"]
    found = [str(one) for one in SHOP.findings() if one.code == "SDD128"]
    assert found == [
        "sessions/shop/review.md:1: SDD128 it continues `shop/c`, which built what this session is to judge"
    ]
