"""The process is what is shipped, and whatever sdd writes of it is right by its own judgement."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import files, session, snapshot
from sdd.errors import RefusedError, SddError
from sdd.sessions.process import (
    EMPTY_BRIEF,
    PROCESS,
    NewFile,
    check_feature,
    feature_files,
    free_name,
    session_text,
    shipped,
    shipped_versions,
    task_files,
    template_of,
)
from sdd.sessions.project import Project, derive
from sdd.sessions.session import parse
from sdd.snapshot import overlaid

PLAN = (
    "# Plan\n\n## Tasks\n\n### 04-cart: Cart\n\n- Goal: carts\n- Depends on: 05-stock\n- Reads: docs/architecture.md\n"
    "- Writes: src/cart.py\n- Implements: a.py::A: src/cart.py::A\n- Layer: core\n- Owner: a@example.org\n"
    "- Acceptance:\n  - zero is refused\n\n### 05-stock: Stock\n\n- Goal: stock\n- Writes: src/stock.py\n- Acceptance: it counts\n"
)


def project(**more: str) -> Project:
    return derive(snapshot(files(**more)))


def with_files(before: Project, new: list[NewFile]) -> Project:
    return derive(overlaid(before.snapshot, {file.path: file.data for file in new}))


def test_every_kind_of_the_process_is_shipped_and_every_shipped_one_is_known() -> None:
    kinds = {kind for _, kind, _ in PROCESS} | {"implementation", "integration", "refactoring", "change"}
    assert set(shipped()) == kinds
    assert len(kinds) == 12
    assert {sha256(data).hexdigest() for data in shipped().values()} <= shipped_versions()


@pytest.mark.parametrize("feature", ["", "checkout", "été"])
def test_a_new_feature_is_right_as_it_is_written(feature: str) -> None:
    before = project()
    new = feature_files(before, feature, "sell things")
    after = with_files(before, new)
    assert not after.findings()
    assert [one.slug for one in after.of_feature(feature)] == [slug for slug, _, _ in PROCESS]
    assert (f"docs/{feature}/brief.md".encode() in after.snapshot) is bool(feature)
    assert not feature_files(after, feature, "something else")


def test_a_brief_says_what_the_person_said() -> None:
    assert feature_files(project(), "shop", " sell\r\n \ud800things ")[0] == NewFile(
        b"docs/shop/brief.md", "# Brief: shop\n\nsell\n \ufffdthings\n".encode()
    )
    assert feature_files(project(), "shop", " ")[0].data == f"# Brief: shop\n\n{EMPTY_BRIEF}\n".encode()


@pytest.mark.parametrize("feature", ["templates", "changes", "interfaces", "tracker", "Tracker"])
def test_a_reserved_name_cannot_be_a_feature(feature: str) -> None:
    with pytest.raises(RefusedError, match="are reserved") as raised:
        feature_files(project(), feature, "x")
    assert raised.value.hint


@pytest.mark.parametrize(
    "feature", ["a b", "-a", ".a", "a/b", "con", "NUL", "a.", "a.md", "a.runs", "a\ud800", "a" * 101]
)
def test_a_name_that_is_not_one_folder_everywhere_cannot_be_a_feature(feature: str) -> None:
    with pytest.raises(RefusedError, match="cannot be a feature: it has a name") as raised:
        check_feature(feature)
    raised.value.message.encode()


@pytest.mark.parametrize("feature", ["", "a", "a.b", "買い物"])
def test_other_names_can(feature: str) -> None:
    check_feature(feature)


def test_an_unknown_kind_names_the_nearest_one() -> None:
    with pytest.raises(SddError, match="there is no kind `testin`") as raised:
        template_of(project(), "testin")
    assert raised.value.hint.startswith("did you mean `testing`? there are architecture, ")
    with pytest.raises(SddError) as raised:
        template_of(derive(snapshot({})), "testing")
    assert raised.value.hint == "sdd init"


@given(st.sampled_from(sorted(shipped())), st.text(), st.lists(st.text("ab c#`(", min_size=1)))
def test_a_new_session_is_right_whatever_its_goal(kind: str, goal: str, checklist: list[str]) -> None:
    seen = project()
    boxes = [" ".join(f"a{item}".split()) for item in checklist]
    text = session_text("a", template_of(seen, kind), needs={}, goal=goal, checklist=boxes)
    found = derive(overlaid(seen.snapshot, {b"sessions/a.md": text.encode()}))
    assert not [one for one in found.findings() if one.code != "SDD127"]
    if boxes:
        assert [item.text for item in found.sessions["a"].checklist] == boxes


@pytest.mark.parametrize(
    ("there", "feature", "slug", "name"),
    [
        ((), "", "cart", "04-cart"),
        (("04-a", "90-b"), "", "cart", "05-cart"),
        (("01-a",), "", "cart", "04-cart"),
        (("shop/17-a", "04-b"), "shop", "cart", "shop/18-cart"),
        (("²-a", "٣-b", "x-c"), "", "cart", "04-cart"),
        ((), "", "7-cart", "7-cart"),
        ((), "shop", "12-cart", "shop/12-cart"),
        ((), "changes", "fix", "changes/fix"),
    ],
)
def test_a_name_without_a_number_gets_the_next_one_of_the_tasks(
    there: tuple[str, ...], feature: str, slug: str, name: str
) -> None:
    seen = project(**{f"sessions__{one.replace('/', '__')}": session("implementation") for one in there})
    assert free_name(seen, feature, slug) == name


class TestTasks:
    @staticmethod
    def planned(feature: str = "", plan: str = PLAN) -> Project:
        before = with_files(project(docs__architecture="# A\n"), [NewFile(b"a.py", b"class A: ...\n")])
        started = with_files(before, feature_files(before, feature, "x"))
        folder = f"docs/{feature}" if feature else "docs"
        return with_files(started, [NewFile(f"{folder}/implementation-plan.md".encode(), plan.encode())])

    @pytest.mark.parametrize("feature", ["", "shop"])
    def test_the_sessions_of_a_plan_are_right_and_made_once(self, feature: str) -> None:
        before = self.planned(feature)
        assert before.unplanned(feature) == ["04-cart", "05-stock"]
        new = task_files(before, feature)
        after = with_files(before, new)
        assert not after.findings()
        assert not after.unplanned(feature)
        assert not task_files(after, feature)
        cart = parse(new[0].path, new[0].data)
        assert cart.title == "Cart"
        assert cart.goal == "carts"
        assert [item.text for item in cart.checklist] == ["zero is refused"]
        assert cart.own == {
            "kind": "implementation",
            "needs": ("03-implementation-plan", "05-stock", "gate:implementation"),
            "reads": ("docs/architecture.md",),
            "writes": ("src/cart.py",),
            "implements": {"a.py::A": "src/cart.py::A"},
            "layer": "core",
            "owner": "a@example.org",
        }

    def test_a_changed_task_changes_its_session(self) -> None:
        before = self.planned()
        after = with_files(before, task_files(before, ""))
        changed = PLAN.replace("src/cart.py\n", "src/carts.py\n").replace("zero is", "nil is")
        (new,) = task_files(
            with_files(after, [NewFile(b"docs/implementation-plan.md", changed.encode())]), ""
        )
        one = parse(new.path, new.data)
        assert one.own["writes"] == ("src/carts.py",)
        assert [item.text for item in one.checklist] == ["zero is refused", "nil is refused"]

    def test_a_namesake_of_another_feature_is_left_alone(self) -> None:
        before = self.planned("shop")
        with_root = with_files(before, [NewFile(b"sessions/04-cart.md", session("implementation").encode())])
        assert with_root.unplanned("shop") == ["04-cart", "05-stock"]
        assert [file.path for file in task_files(with_root, "shop")] == [
            b"sessions/shop/04-cart.md",
            b"sessions/shop/05-stock.md",
        ]

    def test_a_task_cannot_take_the_place_of_a_session_of_the_process(self) -> None:
        with pytest.raises(
            RefusedError, match=r"the task `91-testing` in docs/implementation-plan\.md has the name"
        ):
            task_files(self.planned(plan=PLAN.replace("04-cart", "91-testing")), "")

    def test_without_a_plan_there_is_nothing_to_make(self) -> None:
        assert task_files(project(), "") == []
        assert project().unplanned("") == []
