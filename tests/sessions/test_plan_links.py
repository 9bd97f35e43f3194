"""What a plan's tasks point to outside of the plan has to be there."""

from __future__ import annotations

import pytest

from projects import files, session, snapshot
from sdd.sessions.plan_links import wrong_links
from sdd.sessions.project import derive

CONTRACT = "class ICart:\n    def add(self): ...\n\nclass IOther: ...\n"


def told(*fields: str) -> list[str]:
    lines = "".join(f"- {field}\n" for field in fields)
    plan = f"## Tasks\n\n### 04-a: A\n\n- Goal: g\n- Writes: src/a.py, docs/interfaces/new/**\n{lines}- Acceptance: x\n"
    there = files(
        docs__shop__implementation_plan="",
        sessions__shop__03_plan=session("implementation-plan"),
        sessions__other__04_b=session("implementation"),
    )
    there = {path.replace(b"_", b"-"): data for path, data in there.items()}
    there |= {
        b"docs/shop/implementation-plan.md": plan.encode(),
        b"docs/interfaces/cart.py": CONTRACT.encode(),
    }
    return [f"{one.code} {one.message} -> {one.hint}" for one in wrong_links(derive(snapshot(there)), "shop")]


@pytest.mark.parametrize(
    "field",
    [
        "Depends on: none",
        "Depends on: 04-a, 03-plan, other/04-b, gate:spec",
        "Implements: docs/interfaces/cart.py::ICart: src/a.py::Cart",
        "Implements: docs/interfaces/cart.py::ICart.add: src/a.py::Cart.add",
        "Implements: docs/interfaces/cart.py: src/a.py",
        "Implements: docs/interfaces/new/x.py::X: src/a.py::X",
    ],
)
def test_what_is_there_or_is_to_come_is_well(field: str) -> None:
    assert told(field) == []


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (
            "Depends on: 05-zzz",
            (
                "SDD165 `04-a` depends on `05-zzz`, which is neither a task nor a session -> "
                "name a task of this plan, or a session as <feature>/<session>"
            ),
        ),
        (
            "Implements: docs/interfaces/carts.py::ICart: src/a.py::Cart",
            (
                "SDD169 `04-a` implements `docs/interfaces/carts.py::ICart`, and there is no such file -> "
                "write the contract first, in docs/interfaces; there is docs/interfaces/cart.py"
            ),
        ),
        (
            "Implements: zzz: src/a.py",
            "SDD169 `04-a` implements `zzz`, and there is no such file -> write the contract first, in docs/interfaces",
        ),
        (
            "Implements: docs/interfaces/cart.py::Cart: src/a.py::Cart",
            (
                "SDD169 `04-a` implements `docs/interfaces/cart.py::Cart`, and docs/interfaces/cart.py says nothing of `Cart` -> "
                "write the name as docs/interfaces/cart.py has it, or add the contract there"
            ),
        ),
    ],
)
def test_what_is_not_there_is_told(field: str, found: str) -> None:
    assert told(field) == [found]


def test_the_nearest_task_is_named() -> None:
    plan = "## Tasks\n\n### 04-money: M\n\n- Goal: g\n- Writes: a\n- Acceptance: x\n\n### 05-cart: C\n\n- Goal: g\n- Depends on: 04-mony\n- Writes: b\n- Acceptance: x\n"
    there = files() | {
        b"docs/implementation-plan.md": plan.encode(),
        b"sessions/03-p.md": session("implementation-plan").encode(),
    }
    assert [one.hint for one in wrong_links(derive(snapshot(there)), "")] == ["write `04-money`"]
