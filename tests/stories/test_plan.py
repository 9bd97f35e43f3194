"""`sdd plan`: tasks of a plan become sessions, shown first, updated later, with what people and runs added kept."""

from __future__ import annotations

import json
import sys

import click
import pytest

from gitbox import GitBox, installed
from inside import sdd
from projects import run, runs
from sdd.cli.plan_drawn import _looking
from sdd.repository import Repository
from sdd.sessions.history import changed_runs
from sdd.sessions.run import file_name

PLAN = "docs/checkout/implementation-plan.md"
CART, STOCK = "sessions/checkout/04-cart.md", "sessions/checkout/05-stock.md"
TASK = """\
### 04-cart: Cart service

- Goal: Carts that keep what a customer means to buy.
- Writes: src/cart.py, tests/test_cart.py
- Reads: docs/checkout/architecture.md#Cart
- Layer: core
- Acceptance:
  - a quantity below one is refused (tests/test_cart.py::test_zero)
"""
SECOND = """\
### 05-stock: Stock

- Goal: No more is sold than there is.
- Depends on: 04-cart
- Writes: src/stock.py
- Acceptance: two buyers of the last one: one gets it
"""


def planned(*tasks: str) -> str:
    return "# Plan\n\n## Order\n\nCart first.\n\n## Tasks\n\n" + "\n".join(tasks)


@pytest.fixture
def shop(featured: GitBox) -> GitBox:
    """A repository whose feature checkout has a plan with two tasks."""
    featured.write(PLAN, planned(TASK, SECOND))
    return featured


def wrote(out: str) -> list[str]:
    return [line.removeprefix("wrote ") for line in out.splitlines() if line.startswith("wrote ")]


def test_a_plan_is_shown_first_and_then_written(shop: GitBox) -> None:
    shown = shop.sdd("plan", "checkout")
    assert f"+++ b/{CART}" in shown.out
    assert "+writes: [src/cart.py, tests/test_cart.py]" in shown.out
    assert "+needs: [03-implementation-plan, 04-cart, gate:implementation]" in shown.out
    assert shown.out.endswith("2 sessions would be written. To write: sdd plan checkout --write\n")
    assert "these sessions wait: the gate implementation is shut:" in shown.err
    assert not (shop.path / CART).exists()
    told = shop.sdd("plan", "checkout", "--write").out
    assert wrote(told) == [CART, STOCK]
    assert told.endswith("Next: sdd next\n")
    assert "- [ ] a quantity below one is refused (tests/test_cart.py::test_zero)" in shop.read(CART)
    assert "## 04-cart" in shop.read("docs/checkout/tracker.md")
    again = shop.sdd("plan", "checkout", "--write").out
    assert again == "the sessions of all 2 tasks are as the plan says. Next: sdd next\n"


def test_a_changed_task_updates_its_session_and_keeps_what_was_added(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    own = shop.read(CART).replace("layer: core\n", "layer: core\nmodel: strong\n")
    own = own.replace("## Checklist\n", "## Notes\n\nMine.\n\n## Checklist\n") + "- [ ] my own item\n"
    shop.write(CART, own.replace("\n", "\r\n"))
    changed = TASK.replace("src/cart.py,", "src/cart.py, src/price.py,").replace(
        "Carts that keep", "Carts that hold"
    )
    shop.write(PLAN, planned(changed + "  - carts expire\n", SECOND))
    shown = sdd(shop, "plan", "checkout").out
    assert "+Carts that hold" in shown
    assert "\\u000d" not in shown
    assert wrote(sdd(shop, "plan", "checkout", "--write").out) == [CART]
    text = shop.read(CART)
    assert text.count("\n") == text.count("\r\n")
    for kept in ("model: strong", "Mine.", "- [ ] my own item", "- [ ] carts expire", "src/price.py"):
        assert kept in text


def test_runs_and_answers_survive_an_update(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    added = "\n## Questions\n\n- How many?\n  > Ten.\n"
    shop.write(CART, shop.read(CART) + added)
    shop.write(PLAN, planned(TASK.replace("core", "foundation"), SECOND))
    sdd(shop, "plan", "checkout", "--write")
    assert shop.read(CART).endswith(added)
    assert "layer: foundation" in shop.read(CART)


def test_a_dropped_task_leaves_its_session_and_says_so(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    shop.write(PLAN, planned(TASK))
    told = sdd(shop, "plan", "checkout", "--write").out
    assert wrote(told) == []
    assert "checkout/05-stock is of no task of this plan; it stays as it is" in told
    assert (shop.path / STOCK).is_file()


def test_what_plan_and_session_both_changed_waits_for_a_person(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    shop.write(CART, shop.read(CART).replace("Carts that keep", "Carts that I keep"))
    shop.write(
        PLAN,
        planned(TASK.replace("Carts that keep", "Carts that hold") + "- Owner: bob@example.org\n", SECOND),
    )
    told = sdd(shop, "plan", "checkout", "--write", check=5).out
    assert "checkout/04-cart: its Goal was changed in the plan and in the session, and stays as it is" in told
    assert "  plan:    Carts that hold what" in told
    assert "  session: Carts that I keep what" in told
    assert "→ sdd plan checkout --write --take plan, or --take session" in told
    assert "owner: bob@example.org" in shop.read(CART)
    again = sdd(shop, "plan", "checkout", check=5).out
    assert "as the plan says, except for what is told above" in again
    assert json.loads(sdd(shop, "plan", "checkout", "--json", check=5).out)["conflicts"] == [
        {
            "session": "checkout/04-cart",
            "field": "Goal",
            "plan": "Carts that hold what a customer means to buy.",
            "session_says": "Carts that I keep what a customer means to buy.",
        }
    ]
    sdd(shop, "plan", "checkout", "--write", "--take", "session")
    assert "Carts that I keep" in shop.read(CART)
    assert "as the plan says. Next" in sdd(shop, "plan", "checkout").out


def test_a_renamed_task_keeps_its_session_and_its_committed_runs(shop: GitBox) -> None:
    """With real commits, and the judgement of what was committed."""
    sdd(shop, "plan", "checkout", "--write")
    time, data = "2026-11-21T10:15:00Z", b"a whole run\n"
    file = file_name("checkout/04-cart", time, data)
    whole = f"sessions/{file}"
    shop.write(whole, data)
    made = [run(time=time, file=file), run("rejected", summary="not yet")]
    shop.write(CART, shop.read(CART) + runs(*made))
    sdd(shop, "tracker")
    before = shop.commit()
    renamed = TASK.replace("04-cart: Cart", "06-basket: Basket")
    shop.write(PLAN, planned(renamed, SECOND.replace("04-cart", "06-basket")))
    shown = sdd(shop, "plan", "checkout").out
    assert "checkout/04-cart would be renamed to checkout/06-basket, with all its runs" in shown
    assert f"--- a/{CART}\n+++ b/sessions/checkout/06-basket.md" in shown
    assert (shop.path / CART).exists()
    told = sdd(shop, "plan", "checkout", "--write").out
    assert "checkout/04-cart is renamed to checkout/06-basket" in told
    assert not (shop.path / CART).exists()
    assert not (shop.path / whole).exists()
    assert shop.read(whole.replace("04-cart", "06-basket")) == "a whole run\n"
    assert "not yet" in shop.read("sessions/checkout/06-basket.md")
    assert "06-basket" in shop.read(STOCK)
    after = shop.commit()
    sdd(shop, "check")
    place = Repository.find(str(shop.path))
    for path in (CART, whole):
        assert not changed_runs(place.commit(before), place.commit(after), path.encode())
    assert "as the plan says" in sdd(shop, "plan", "checkout").out


def test_a_session_with_a_run_in_progress_is_not_renamed(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    folder = shop.path / ".git/sdd/pending/checkout%2F04-cart"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    shop.write(PLAN, planned(TASK.replace("04-cart:", "04-basket:")))
    assert "has a run in progress" in sdd(shop, "plan", "checkout", "--write", check=1).err
    assert (shop.path / CART).exists()


def test_a_dropped_task_s_session_goes_only_when_asked_and_without_runs(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    shop.write(PLAN, planned(TASK))
    assert "checkout/05-stock would be removed" in sdd(shop, "plan", "checkout", "--drop").out
    assert (shop.path / STOCK).exists()
    assert "checkout/05-stock is removed" in sdd(shop, "plan", "checkout", "--drop", "--yes").out
    assert not (shop.path / STOCK).exists()
    assert "05-stock" not in shop.read("docs/checkout/tracker.md")


def test_a_checkpoint_is_proposed_and_made_when_accepted(shop: GitBox) -> None:
    grouped = [task.replace("- Goal", "- Group: buying\n- Goal") for task in (TASK, SECOND)]
    shop.write(PLAN, planned(*grouped))
    name = "checkout/05-integration-buying"
    told = sdd(shop, "plan", "checkout", "--write").out
    assert f"{name} could put together 04-cart, 05-stock: sdd plan checkout --checkpoints" in told
    assert not (shop.path / f"sessions/{name}.md").exists()
    assert wrote(sdd(shop, "plan", "checkout", "--write", "--checkpoints").out) == [f"sessions/{name}.md"]
    assert "could put together" not in sdd(shop, "plan", "checkout").out
    assert shop.sdd("check").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_who_is_at_a_terminal_is_asked(shop: GitBox) -> None:
    from terminal import Terminal

    def session(*more: str) -> Terminal:
        return Terminal([installed("sdd"), "plan", "checkout", *more], shop.path)

    at = session()
    at.wait_for("Write this? [y/N]")
    at.type("n\n")
    at.end()
    assert not (shop.path / CART).exists()
    dry = session("--dry-run")
    dry.end()
    assert "Write this?" not in dry.screen
    at = session()
    at.wait_for("Write this? [y/N]")
    at.type("y\n")
    at.wait_for("written. Next: sdd next")
    at.end()
    assert (shop.path / CART).exists()
    again = session()
    again.end()
    assert "Write this?" not in again.screen
    assert "does not go with" in sdd(shop, "plan", "--write", "--dry-run", check=2).err


def test_a_done_task_that_says_something_else_is_told(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    done = runs(run(file="checkout/04-cart.runs/x.md"))
    shop.write(CART, shop.read(CART) + done)
    shop.write(PLAN, planned(TASK + "  - carts expire\n", SECOND))
    assert "sdd reject checkout/04-cart -m WHY has it done anew" in sdd(shop, "plan", "checkout").out


@pytest.mark.parametrize(
    ("tasks", "found"),
    [
        ((TASK.replace("- Goal", "- Gaol"),), f"{PLAN}:11: SDD162"),
        ((TASK, TASK), f"{PLAN}:18: SDD160"),
        ((TASK.replace("04-cart:", "Cart"),), f"{PLAN}:9: SDD161"),
        ((TASK, SECOND.replace("04-cart", "07-pay")), f"{PLAN}:18: SDD165 `05-stock` depends on `07-pay`"),
        ((TASK + "- Depends on: 05-stock\n", SECOND), f"{PLAN}:9: SDD166"),
        ((TASK.replace("src/cart.py,", "/etc/passwd,"),), f"{PLAN}:12: SDD108"),
        (
            (
                TASK.replace("04-cart:", "04-CART:"),
                SECOND.replace("- Depends on: 04-cart\n", "").replace("05-stock", "04-cart"),
            ),
            "SDD124",
        ),
    ],
)
def test_wrong_tasks_are_found_and_nothing_is_written(
    shop: GitBox, tasks: tuple[str, ...], found: str
) -> None:
    shop.write(PLAN, planned(*tasks))
    result = sdd(shop, "plan", "checkout", "--write", check=1)
    assert found in result.out
    assert "nothing was written" in result.err
    assert list((shop.path / "sessions/checkout").glob("04-*")) == []


def test_a_session_that_cannot_be_read_is_not_touched(shop: GitBox) -> None:
    sdd(shop, "plan", "checkout", "--write")
    shop.write(CART, b"---\nkind: implementation\n---\n\xff\n")
    shop.write(
        PLAN, planned(TASK.replace("core", "foundation"), SECOND.replace("src/stock.py", "src/store.py"))
    )
    assert f"{CART}:4: SDD101" in sdd(shop, "plan", "checkout", "--write", check=1).out
    assert "src/store.py" not in shop.read(STOCK)


def test_two_features_each_have_their_plan(shop: GitBox) -> None:
    sdd(shop, "new", "billing", "send bills")
    sdd(shop, "new", "a whole shop")
    shop.write("docs/billing/implementation-plan.md", planned(TASK))
    assert wrote(sdd(shop, "plan", "billing", "--write").out) == ["sessions/billing/04-cart.md"]
    assert wrote(sdd(shop, "plan", "checkout", "--write").out) == [CART, STOCK]
    hints = sdd(shop, "plan", check=2).err
    assert "there is no docs/implementation-plan.md" in hints
    assert "→ sdd plan billing\n  → sdd plan checkout\n" in hints
    shop.write("docs/implementation-plan.md", planned(TASK))
    assert "To write: sdd plan --write" in sdd(shop, "plan").out
    assert wrote(sdd(shop, "plan", "--write").out) == ["sessions/04-cart.md"]


def test_a_plan_without_tasks_or_no_plan_at_all_says_what_to_do(featured: GitBox) -> None:
    assert "→ sdd status" in sdd(featured, "plan", "checkout", check=2).err
    featured.write(PLAN, "# Plan\n\n## Tasks\n\nNone yet.\n")
    told = sdd(featured, "plan", "checkout", check=2).err
    assert f"{PLAN} has no tasks" in told
    assert "### 04-cart: Cart service" in told


def test_json_tells_the_same(shop: GitBox) -> None:
    data = json.loads(sdd(shop, "plan", "checkout", "--json").out)
    assert [task["name"] for task in data["tasks"]] == ["04-cart", "05-stock"]
    assert data["changes"] == [CART, STOCK]
    assert (data["written"], data["findings"], data["of_no_task"]) == (False, [], [])
    assert json.loads(sdd(shop, "plan", "checkout", "--json", "--write").out)["written"] is True
    shop.write(PLAN, planned(TASK.replace("- Goal", "- Gaol")))
    wrong = json.loads(sdd(shop, "plan", "checkout", "--json", "--write", check=1).out)
    assert wrong["written"] is False
    assert wrong["changes"] == []
    assert {one["code"] for one in wrong["findings"]} == {"SDD162", "SDD164"}
    assert wrong["findings"][0]["path"] == PLAN


def test_steering_characters_of_a_plan_are_shown_as_escapes(shop: GitBox) -> None:
    shop.write(PLAN, planned(TASK.replace("Carts that", "Carts \x1b[2J that")))
    out = sdd(shop, "plan", "checkout").out
    assert "\x1b" not in out
    assert "\\u001b[2J" in out


def test_a_plan_without_a_gate_waits_for_none(shop: GitBox) -> None:
    template = "sessions/templates/implementation-plan.md"
    shop.write(template, shop.read(template).replace("gate: implementation\n", ""))
    assert sdd(shop, "plan", "checkout").err == ""


def test_the_graph_is_drawn_in_each_form(shop: GitBox) -> None:
    text = sdd(shop, "plan", "--graph", "checkout").out
    assert "  * 04-cart   no session  ?\n" in text
    assert "← 04-cart" in text
    assert sdd(shop, "plan", "checkout", "--graph").out == text
    assert sdd(shop, "plan", "checkout", "--graph", "text").out == text
    assert sdd(shop, "plan", "checkout", "--graph", "mermaid").out.startswith("flowchart LR\n")
    assert sdd(shop, "plan", "checkout", "--graph=dot").out.startswith("digraph plan {\n")
    assert sdd(shop, "plan", "--graph", "svg", "checkout").out.startswith("<svg ")
    told = json.loads(sdd(shop, "plan", "checkout", "--graph", "--json").out)
    assert told["critical_path"] == {"sessions": ["04-cart", "05-stock"], "hours_left": 32}
    assert told["edges"] == [{"from": "04-cart", "to": "05-stock", "why": "depends on 04-cart"}]
    sdd(shop, "plan", "checkout", "--write")
    assert "05-stock  blocked" in sdd(shop, "plan", "checkout", "--graph").out


def test_states_are_coloured_on_a_terminal() -> None:
    assert _looking("a", "failing") == "\x1b[31ma\x1b[0m"
    assert _looking("a", "ready") == "\x1b[36m\x1b[1ma\x1b[0m"
    assert _looking("a", "blocked") == "\x1b[2ma\x1b[0m"
    assert click.unstyle(_looking("a", "")) == "a"


def test_what_may_run_side_by_side_is_listed_in_waves(shop: GitBox) -> None:
    out = sdd(shop, "plan", "checkout", "--parallel").out
    assert out.startswith("wave 1, 2 days: 04-cart (no session)\nwave 2, 2 days: 05-stock (no session)\n")
    assert json.loads(sdd(shop, "plan", "checkout", "--parallel", "--json").out)["waves"] == [
        ["04-cart"],
        ["05-stock"],
    ]


def test_where_nothing_is_to_be_drawn_the_features_that_have_something_are_named(shop: GitBox) -> None:
    told = sdd(shop, "plan", "--graph", check=2).err
    assert "the root feature has neither tasks nor sessions of its own" in told
    assert "→ sdd plan checkout --graph" in told
    shop.write(PLAN, "# Plan\n")
    assert "→ sdd status" in sdd(shop, "plan", "nowhere", "--parallel", check=2).err
    assert "these only show" in sdd(shop, "plan", "--graph", "--write", check=2).err
