"""What a plan comes to is a value: sessions made, followed, renamed, dropped, and nothing lost on the way."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from projects import files, run, runs, session, snapshot
from sdd.errors import RefusedError
from sdd.sessions.history import changed_runs
from sdd.sessions.planning import Changes, changes
from sdd.sessions.process import NewFile, feature_files
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


def with_files(before: Project, new: Iterable[NewFile]) -> Project:
    return derive(overlaid(before.snapshot, {file.path: file.data for file in new}))


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
        new = changes(before, feature).files
        after = with_files(before, new)
        assert not after.findings()
        assert not after.unplanned(feature)
        assert changes(after, feature) == Changes()
        cart = parse(new[0].path, new[0].data)
        assert cart.title == "Cart"
        assert cart.goal == "carts"
        assert [item.text for item in cart.checklist] == ["zero is refused"]
        assert {**cart.own, "planned": ""} == {
            "planned": "",
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
        after = with_files(before, changes(before, "").files)
        changed = PLAN.replace("src/cart.py\n", "src/carts.py\n").replace("zero is", "nil is")
        (new,) = changes(
            with_files(after, [NewFile(b"docs/implementation-plan.md", changed.encode())]), ""
        ).files
        one = parse(new.path, new.data)
        assert one.own["writes"] == ("src/carts.py",)
        assert [item.text for item in one.checklist] == ["nil is refused"]

    def test_a_namesake_of_another_feature_is_left_alone(self) -> None:
        before = self.planned("shop")
        with_root = with_files(before, [NewFile(b"sessions/04-cart.md", session("implementation").encode())])
        assert with_root.unplanned("shop") == ["04-cart", "05-stock"]
        assert [file.path for file in changes(with_root, "shop").files] == [
            b"sessions/shop/04-cart.md",
            b"sessions/shop/05-stock.md",
        ]

    def test_a_task_cannot_take_the_place_of_a_session_of_the_process(self) -> None:
        with pytest.raises(
            RefusedError, match=r"the task `91-testing` in docs/implementation-plan\.md has the name"
        ):
            changes(self.planned(plan=PLAN.replace("04-cart", "91-testing")), "")

    def test_without_a_plan_there_is_nothing_to_make(self) -> None:
        assert changes(project(), "") == Changes()
        assert project().unplanned("") == []

    def after(self, before: Project, made: Changes, plan: str = "", **text: str) -> Project:
        """The project once all is written, with another plan, and with words in a session changed."""
        new = {**made.overlay, **({b"docs/implementation-plan.md": plan.encode()} if plan else {})}
        for slug, change in text.items():
            path = f"sessions/{slug.lstrip('_').replace('_', '-')}.md".encode()
            old, _, mine = change.partition(" => ")
            data = new.get(path) or before.snapshot.read(path)
            assert old.encode() in data
            new[path] = data.replace(old.encode(), mine.encode())
        return derive(overlaid(before.snapshot, new))

    def made(self, plan: str = PLAN, **text: str) -> Project:
        before = self.planned()
        return self.after(before, changes(before, ""), plan, **text)

    def test_a_goal_that_a_person_edited_stays_while_the_plan_says_what_it_said(self) -> None:
        there = self.made(_04_cart="\ncarts\n => \nmy carts\n")
        assert changes(there, "") == Changes()

    def test_what_both_changed_stays_and_is_a_conflict_until_it_is_settled(self) -> None:
        plan = PLAN.replace("Goal: carts", "Goal: baskets").replace("Layer: core", "Layer: foundation")
        there = self.made(plan, _04_cart="\ncarts\n => \nmy carts\n")
        found = changes(there, "")
        assert [one.as_tuple() for one in found.conflicts] == [("04-cart", "Goal", "baskets", "my carts")]
        one = parse(found.files[0].path, found.files[0].data)
        assert (one.goal, one.own["layer"]) == ("my carts", "foundation")
        again = changes(self.after(there, found), "")
        assert again.conflicts == found.conflicts
        assert not again.files
        for take, goal in (("plan", "baskets"), ("session", "my carts")):
            settled = changes(there, "", take=take)
            assert not settled.conflicts
            assert parse(b"x", settled.files[0].data).goal == goal
            assert changes(self.after(there, settled), "") == Changes()

    def test_lists_join_what_both_sides_added_and_dropped(self) -> None:
        plan = PLAN.replace("Writes: src/cart.py", "Writes: src/price.py, src/cart.py, src/new.py").replace(
            "- Reads: docs/architecture.md\n", ""
        )
        before = PLAN.replace("Writes: src/cart.py", "Writes: src/price.py, src/cart.py")
        there = self.planned(plan=before)
        there = self.after(
            there, changes(there, ""), plan, _04_cart="[src/price.py, src/cart.py] => [src/cart.py]"
        )
        own = parse(b"x", changes(there, "").files[0].data).own
        assert own["writes"] == ("src/cart.py", "src/new.py")
        assert "reads" not in own

    def test_a_session_that_no_plan_made_gains_what_it_lacks_and_loses_nothing(self) -> None:
        own = session(
            "implementation", "reads: [x]", "layer: core", "group: mine", goal="Mine.", items=("a",)
        )
        there = with_files(self.planned(), [NewFile(b"sessions/04-cart.md", own.encode())])
        found = changes(there, "")
        assert [(one.field, one.mine) for one in found.conflicts] == [("Title", "Title"), ("Goal", "Mine.")]
        made = parse(b"x", found.files[0].data)
        assert (made.own["reads"], made.own["group"]) == (("x", "docs/architecture.md"), "mine")
        assert made.own["owner"] == "a@example.org"
        assert [item.text for item in made.checklist] == ["a", "zero is refused"]

    def test_who_reads_what_another_writes_needs_it(self) -> None:
        plan = PLAN.replace("- Depends on: 05-stock\n", "").replace(
            "docs/architecture.md", "src/stock.py::Stock"
        )
        found = self.planned(plan=plan)
        (cart, _) = changes(found, "").files
        assert parse(b"x", cart.data).own["needs"] == (
            "03-implementation-plan",
            "05-stock",
            "gate:implementation",
        )

    @pytest.mark.parametrize(
        "plan",
        [
            PLAN.replace("04-cart:", "06-basket:").replace("Cart\n", "Basket\n") + "- Was: none\n",
            PLAN.replace("04-cart:", "06-basket:").replace("src/cart.py", "src/basket.py"),
            PLAN.replace("04-cart: Cart", "06-basket: Basket")
            .replace("src/cart.py", "src/basket.py")
            .replace("- Goal: carts", "- Was: `04-cart`\n- Goal: carts"),
        ],
    )
    def test_a_renamed_task_takes_its_session_its_runs_and_whoever_names_it_along(self, plan: str) -> None:
        there = self.made()
        whole = b"# a whole run\n"
        block = runs(run(file="04-cart.runs/20261121T101500Z-d5bd5f0f5a0c.md", provider="manual"))
        other = session(
            "integration", "needs: [04-cart, 05-stock]", "reads: ['session:04-cart']", "continues: 04-cart"
        )
        there = derive(
            overlaid(
                there.snapshot,
                {
                    b"sessions/04-cart.md": there.snapshot.read(b"sessions/04-cart.md") + block.encode(),
                    b"sessions/04-cart.runs/20261121T101500Z-d5bd5f0f5a0c.md": whole,
                    b"sessions/20-join.md": other.encode(),
                    b"sessions/elsewhere/01-x.md": session("implementation", "needs: [04-cart]").encode(),
                    b"docs/implementation-plan.md": plan.encode(),
                },
            )
        )
        found = changes(there, "")
        assert found.renamed == {"04-cart": "06-basket"}
        after = self.after(there, found)
        assert "04-cart" not in after.sessions
        moved = after.sessions["06-basket"]
        assert moved.runs[0].file.startswith("06-basket.runs/")
        assert after.snapshot.read(b"sessions/" + moved.runs[0].file.encode()) == whole
        assert after.texts("20-join", "needs") == ("06-basket", "05-stock")
        assert after.texts("20-join", "reads") == ("session:06-basket",)
        assert after.text("20-join", "continues") == "06-basket"
        assert after.texts("elsewhere/01-x", "needs") == ("06-basket",)
        assert changes(after, "") == Changes()
        lost = [path for path in found.gone if changed_runs(there.snapshot, after.snapshot, path)]
        assert not lost

    def test_a_dropped_run_is_still_found_beside_another_new_session(self) -> None:
        block = runs(run(file="04-cart.runs/a.md"), run("rejected", time="2026-11-22T10:15:00Z"))
        before = {
            b"sessions/04-cart.md": session("implementation", rest=block).encode(),
            b"sessions/04-cart.runs/a.md": b"w",
        }
        other = {
            b"sessions/05-b.md": session("implementation", rest=runs(run())).encode(),
            b"sessions/05-b.runs/a.md": b"v",
        }
        for path in before:
            assert changed_runs(snapshot(before), snapshot(other), path)
            assert changed_runs(snapshot(before), snapshot({}), path)
        kept = {b"sessions/04-cart.md": before[b"sessions/04-cart.md"]}
        assert changed_runs(snapshot(before), snapshot(kept), b"sessions/04-cart.runs/a.md")

    def test_two_that_could_be_the_renamed_one_are_left(self) -> None:
        one = "### {}: {}\n\n- Goal: g\n- Writes: {}\n- Acceptance: it holds\n\n"
        old = "## Tasks\n\n" + one.format("04-a", "Same", "a") + one.format("05-b", "Same", "b")
        there = self.planned(plan=old)
        there = self.after(there, changes(there, ""), "## Tasks\n\n" + one.format("06-c", "Same", "c"))
        found = changes(there, "")
        assert (found.renamed, found.left) == ({}, ("04-a", "05-b"))

    def test_only_what_a_plan_made_and_nobody_touched_is_dropped(self) -> None:
        rest = PLAN.replace("### 05-stock: Stock", "### 06-other: Other").replace("src/stock", "src/other")
        rest = rest.replace("- Depends on: 05-stock\n", "")
        there = self.made(rest)
        own = with_files(there, [NewFile(b"sessions/07-own.md", session("implementation").encode())])
        found = changes(own, "", drop=True)
        assert (found.dropped, found.left, found.gone) == (
            ("05-stock",),
            ("07-own",),
            (b"sessions/05-stock.md",),
        )
        assert changes(own, "").left == ("05-stock", "07-own")
        asked = there.snapshot.read(b"sessions/05-stock.md") + b"\n## Questions\n\n- Why?\n"
        touched = with_files(there, [NewFile(b"sessions/05-stock.md", asked)])
        assert changes(touched, "", drop=True).left == ("05-stock",)

    def test_a_done_session_whose_task_changed_is_told(self) -> None:
        there = self.made(PLAN.replace("zero is", "nil is"))
        data = there.snapshot.read(b"sessions/04-cart.md") + runs(run()).encode()
        assert changes(with_files(there, [NewFile(b"sessions/04-cart.md", data)]), "").again == ("04-cart",)

    def test_a_tick_that_a_run_has_shown_stays_when_the_plan_drops_its_item(self) -> None:
        more = PLAN.replace("  - zero is refused", "  - one\n  - two\n  - three")
        there = self.planned(plan=more)
        made = changes(there, "")
        there = self.after(
            there,
            made,
            PLAN,
            _04_cart="- [ ] one => - [x] one",
        )
        items = parse(b"x", changes(there, "").files[0].data).checklist
        assert [(item.text, item.ticked) for item in items] == [("one", True), ("zero is refused", False)]

    def test_a_title_follows_the_plan(self) -> None:
        there = self.made(PLAN.replace("04-cart: Cart", "04-cart: Carts"))
        assert parse(b"x", changes(there, "").files[0].data).title == "Carts"
        bare = self.made(PLAN.replace("04-cart: Cart", "04-cart: Carts"), _04_cart="# Cart\n => ")
        assert [one.field for one in changes(bare, "").conflicts] == ["Title"]
        assert not parse(b"x", changes(bare, "", take="plan").files[0].data).title


GROUPED = PLAN.replace("- Layer: core", "- Group: Buying things\n- Layer: core").replace(
    "- Goal: stock\n", "- Goal: stock\n- Group: Buying things\n"
)


class TestCheckpoints:
    def test_one_is_proposed_where_a_group_ends_and_made_when_accepted(self) -> None:
        there = TestTasks.planned(plan=GROUPED)
        assert changes(there, "").proposed == {"05-integration-buying-things": ("04-cart", "05-stock")}
        accepted = changes(there, "", accept=True)
        made = parse(accepted.files[-1].path, accepted.files[-1].data)
        assert made.name == "05-integration-buying-things"
        assert made.title == "Integration of Buying things"
        assert made.own["needs"] == ("04-cart", "05-stock")
        after = derive(overlaid(there.snapshot, accepted.overlay))
        assert not after.findings()
        assert changes(after, "", accept=True) == Changes()

    def test_one_that_is_there_is_extended_by_new_tasks_of_its_group(self) -> None:
        own = session("integration", "needs: [04-cart, x]", "group: Buying things")
        there = with_files(
            TestTasks.planned("shop", GROUPED), [NewFile(b"sessions/shop/30-join.md", own.encode())]
        )
        found = changes(there, "shop", accept=True)
        assert parse(b"x", found.files[-1].data).own["needs"] == ("04-cart", "x", "05-stock")

    def test_a_name_that_is_taken_or_cannot_be_one_gives_another(self) -> None:
        taken = with_files(
            TestTasks.planned(plan=GROUPED),
            [NewFile(b"sessions/05-integration-buying-things.md", session("integration").encode())],
        )
        assert list(changes(taken, "").proposed) == ["05-integration-buying-things-2"]
        odd = GROUPED.replace("Buying things", "!?").replace("05-stock", "stock")
        assert list(changes(TestTasks.planned("shop", odd), "shop").proposed) == ["shop/integration-group"]

    def test_none_is_proposed_for_one_task_or_without_the_template(self) -> None:
        alone = TestTasks.planned(plan=GROUPED.replace("- Group: Buying things\n- Layer", "- Layer"))
        assert not changes(alone, "").proposed
        bare = derive(
            overlaid(TestTasks.planned(plan=GROUPED).snapshot, {b"sessions/templates/integration.md": None})
        )
        assert not changes(bare, "").proposed
