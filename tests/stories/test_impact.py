"""What a change touches, with real git and the real command: nothing beside it, exactly the sessions, and a person's word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import projects
from gitbox import GitBox
from sdd.gates import approval
from sdd.gates.approval import Approval
from workshop import begin, file, findings, recorded, response, runs, settle

CONTRACT = '''"""Carts."""

from typing import Protocol


class ICart(Protocol):
    """A cart."""

    def add(self, product: str) -> None:
        """Add a product."""


class IStock(Protocol):
    """The stock."""

    def take(self, product: str) -> None: ...
'''
ARCHITECTURE = "# Parts\n\n## Cart\n\nIt holds products.\n\n## Stock\n\nIt counts them.\n"
CART, STOCK, SHOP, LATER = "01-cart", "02-stock", "03-shop", "04-later"
FILES = {
    "sessions__01-cart": projects.session(
        "implementation",
        "reads: [docs/architecture.md#Cart]",
        "implements:\n  docs/interfaces/cart.py::ICart: src/cart.py::Cart",
        "writes: [src/cart.py]",
    ),
    "sessions__02-stock": projects.session(
        "implementation",
        "reads: [docs/architecture.md#Stock, docs/interfaces/cart.py::IStock]",
        "writes: [src/stock.py]",
    ),
    "sessions__03-shop": projects.session("implementation", "reads: [src/cart.py]", "writes: [src/shop.py]"),
    "sessions__04-later": projects.session(
        "implementation", "reads: [docs/interfaces/*.py]", "writes: [src/later.py]"
    ),
    "docs__architecture": ARCHITECTURE,
}


@pytest.fixture(scope="module")
def shop_repository(template_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sessions carried out, a fourth yet to come."""
    import shutil

    box = GitBox(Path(shutil.copytree(template_repository, tmp_path_factory.mktemp("impact") / "x" / "shop")))
    begin(box, "writes: [src/a.py]", **FILES)
    box.git("rm", "-q", "sessions/01-a.md")
    box.write("docs/interfaces/cart.py", CONTRACT)
    settle(box)
    box.commit("Begin the shop")
    for number, name in enumerate(("cart", "stock", "shop"), 1):
        env = recorded(box.path.parent / name, response(file(f"src/{name}.py", f"{name.upper()} = 1\n")))
        done = box.sdd("next", f"0{number}-{name}", env=env)
        assert "done" in done.out + done.err
    box.commit("Carry three sessions out")
    return box.path


@pytest.fixture
def shop(shop_repository: Path, tmp_path: Path) -> GitBox:
    import shutil

    return GitBox(Path(shutil.copytree(shop_repository, tmp_path / "shop")))


def suspect(box: GitBox) -> dict[str, list[str]]:
    """The suspect sessions by `sdd status`, each with its reasons; `sdd impact` says the same."""
    rows = json.loads(box.sdd("status", "--json").out)["sessions"]
    found = {row["session"]: row["suspect"] for row in rows if row["suspect"]}
    told = json.loads(box.sdd("impact", "--json").out)["suspect"]
    assert [one["session"] for one in told] == sorted(found)
    return found


def change(box: GitBox, path: str, old: str, new: str) -> None:
    text = box.read(path)
    assert old in text
    box.write(path, text.replace(old, new))


def test_nothing_is_suspect_where_another_part_or_white_space_changes(shop: GitBox) -> None:
    assert suspect(shop) == {}
    change(shop, "docs/architecture.md", "# Parts\n", "# Parts\n\nAll of them.\n")
    change(
        shop, "docs/architecture.md", "## Cart\n\nIt holds products.", "## Cart\n\n\nIt holds\nproducts.  "
    )
    change(shop, "docs/interfaces/cart.py", '"""Carts."""', '"""Carts and stock."""')
    change(
        shop, "docs/interfaces/cart.py", "self, product: str) -> None:\n", "self,  product: str) -> None:\n\n"
    )
    shop.write("docs/lessons.md", "# Lessons\n\n- count twice\n")
    shop.write("docs/guidelines.md", "# Guidelines\n\n- be kind\n")
    assert suspect(shop) == {}
    assert "no session is suspect" in shop.sdd("impact").out


def test_exactly_the_sessions_that_rest_on_a_heading_are_suspect(shop: GitBox) -> None:
    change(shop, "docs/architecture.md", "It counts them.", "It counts them twice.")
    assert suspect(shop) == {STOCK: ["docs/architecture.md#Stock has changed"]}
    lines = shop.sdd("status").out.splitlines()
    assert any(
        line.startswith(f"{STOCK}\tdone\tsuspect: docs/architecture.md#Stock has changed") for line in lines
    )
    assert "# 1 session is suspect: sdd impact" in lines
    told = shop.sdd("impact").out
    assert f"{STOCK} is done, and suspect" in told
    assert "docs/architecture.md#Stock has changed (read it)" in told
    assert f"sdd impact --accept {STOCK}" in told
    assert findings(shop) == []  # it is a hint: the trackers and the gates say nothing of it


def test_a_person_accepts_what_changed_until_it_changes_again(shop: GitBox) -> None:
    change(shop, "docs/architecture.md", "It counts them.", "It counts them twice.")
    done = shop.sdd("impact", "--accept", STOCK, "-m", "it does already")
    assert "accepted: docs/architecture.md#Stock has changed" in done.out
    assert suspect(shop) == {}
    last = runs(shop, STOCK)[-1]
    assert (last.outcome, last.provider, last.summary) == ("accepted", "person", "it does already")
    whole = shop.read(f"sessions/{last.file}")
    assert "- `docs/architecture.md` blob " in whole
    assert whole.count("\n- `") == 1
    assert findings(shop) == []
    shop.commit("Accept")
    assert shop.sdd("impact", "--accept", STOCK, check=1).err.startswith(
        f"sdd: {STOCK} is not suspect: nothing that it rests on has changed"
    )
    change(shop, "docs/architecture.md", "twice", "thrice")
    assert [*suspect(shop)] == [STOCK]
    change(shop, "docs/architecture.md", "thrice", "twice")
    assert suspect(shop) == {}


def test_an_accepted_run_moves_nothing_else(shop: GitBox) -> None:
    change(shop, "docs/architecture.md", "It counts them.", "It counts them twice.")
    before = json.loads(shop.sdd("status", "--json").out)
    shop.sdd("impact", "--accept", STOCK)
    after = json.loads(shop.sdd("status", "--json").out)
    states = [[(row["session"], row["state"]) for row in one["sessions"]] for one in (before, after)]
    assert states[0] == states[1]
    assert before["features"] == after["features"]  # what models took
    assert shop.sdd("reject", STOCK, "-m", "no").code == 0
    refused = shop.sdd("impact", "--accept", STOCK, check=1)
    assert f"{STOCK} is not suspect: it is ready" in refused.err


def test_what_is_gone_is_a_reason_and_can_be_accepted(shop: GitBox) -> None:
    change(shop, "docs/architecture.md", "## Stock", "## Warehouse")
    (shop.path / "docs/interfaces/cart.py").unlink()
    assert suspect(shop) == {
        CART: ["docs/interfaces/cart.py::ICart is gone"],
        STOCK: [
            "docs/architecture.md#Stock names nothing any more",
            "docs/interfaces/cart.py::IStock is gone",
        ],
    }
    shop.sdd("impact", "--accept", STOCK)
    assert [*suspect(shop)] == [CART]
    whole = shop.read(f"sessions/{runs(shop, STOCK)[-1].file}")
    assert "- `docs/interfaces/cart.py` gone by `docs/interfaces/cart.py::IStock`\n" in whole
    shop.write("docs/interfaces/cart.py", CONTRACT)
    assert suspect(shop) == {STOCK: ["docs/interfaces/cart.py::IStock is there again"]}


def test_an_agent_may_not_accept(shop: GitBox) -> None:
    change(shop, "docs/architecture.md", "It counts them.", "It counts them twice.")
    refused = shop.sdd("impact", "--accept", STOCK, env={"CLAUDECODE": "1"}, check=1)
    assert "is for a person" in refused.err
    wrong = shop.sdd("impact", "docs", "--accept", STOCK, check=2)
    assert "--accept speaks of a session alone" in wrong.err


def test_the_impact_of_a_contract_names_who_rests_on_it_directly_and_onwards(shop: GitBox) -> None:
    told = json.loads(shop.sdd("impact", "docs/interfaces/cart.py::ICart", "--json").out)
    assert [(one["session"], one["steps"]) for one in told["sessions"]] == [(CART, 1), (SHOP, 2)]
    assert told["sessions"][1]["reasons"] == [
        {"selector": "src/cart.py", "path": "src/cart.py", "wrote": CART}
    ]
    assert (told["verdict"], told["parts"]) == ("same", [])
    assert told["code"] == ["src/cart.py", "src/shop.py"]
    assert told["later"] == [LATER]
    all_of_it = json.loads(shop.sdd("impact", "docs/interfaces/*", "--json").out)
    assert [one["session"] for one in all_of_it["sessions"]] == [CART, STOCK, SHOP]


def test_a_changed_contract_is_breaking_or_compatible(shop: GitBox) -> None:
    change(
        shop,
        "docs/interfaces/cart.py",
        "def add(self, product: str)",
        "def add(self, product: str, count: int)",
    )
    told = shop.sdd("impact", "docs/interfaces/cart.py").out
    assert "docs/interfaces/cart.py: BREAKING\n" in told
    assert "    `ICart.add` needs `count`\n" in told
    assert "# next: sdd add refactoring SLUG --from-impact docs/interfaces/cart.py" in told
    assert "`ICart.add` needs `count`" in shop.sdd("impact").out
    change(shop, "docs/interfaces/cart.py", "count: int)", "count: int = 1)")
    shop.commit("Count")
    told_of = json.loads(shop.sdd("impact", "HEAD~1..", "--json").out)
    assert told_of["verdict"] == "compatible"
    assert [(one["session"], one["steps"]) for one in told_of["sessions"]] == [(CART, 1), (SHOP, 2)]
    shop.write("README.md", "# Shop\n")
    shop.commit("Say what it is")
    quiet = shop.sdd("impact", "HEAD~1..HEAD").out
    assert "no session rests on it" in quiet


def test_a_forged_run_does_no_harm(shop: GitBox) -> None:
    before = json.loads(shop.sdd("status", "--json").out)
    change(shop, "docs/architecture.md", "It counts them.", "It counts them twice.")
    name = f"sessions/{runs(shop, STOCK)[-1].file}"
    shop.write(
        name,
        shop.read(name).replace(
            "## Inputs\n", "## Inputs\n\n- `../../etc/passwd` blob x text y by `::`\n- nothing\n- `a`\n"
        ),
    )
    assert STOCK in suspect(shop)
    assert any("SDD142" in one for one in findings(shop))
    after = json.loads(shop.sdd("status", "--json").out)
    assert [row["state"] for row in after["sessions"]] == [row["state"] for row in before["sessions"]]


@pytest.mark.parametrize(
    ("asked", "words", "hint"),
    [
        (
            "docs/interfaces/cat.py",
            "there is no file `docs/interfaces/cat.py`",
            "sdd impact docs/interfaces/cart.py",
        ),
        ("nowhere", "there is no file `nowhere`", "sdd impact PATH, or A..B"),
        ("no/such..HEAD", "`no/such` names no commit", "git fetch"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(shop: GitBox, asked: str, words: str, hint: str) -> None:
    refused = shop.sdd("impact", asked, check=2)
    assert words in refused.err
    assert hint in refused.err


def test_a_refactoring_carries_a_changed_contract_through_all_of_them(shop: GitBox) -> None:
    change(
        shop,
        "docs/interfaces/cart.py",
        "def add(self, product: str)",
        "def add(self, product: str, count: int)",
    )
    made = shop.sdd(
        "add",
        "refactoring",
        "count-products",
        "--from-impact",
        "docs/interfaces/cart.py",
        "--writes",
        "tests/**",
    )
    assert "wrote sessions/05-count-products.md" in made.out
    text = shop.read("sessions/05-count-products.md")
    assert "needs: [01-cart, 03-shop]\n" in text
    assert "reads: [docs/interfaces/cart.py::ICart]\n" in text
    assert "writes: [tests/**, src/cart.py, src/shop.py]\n" in text
    assert "What changed (breaking): docs/interfaces/cart.py::ICart: `ICart.add` needs `count`." in text
    assert text.count("- [ ] ") == 2
    assert (
        "- [ ] 03-shop was held against what 01-cart wrote as it is now, and what it wrote is right\n" in text
    )
    assert findings(shop) == []
    assert "ICart" in shop.sdd("prompt", "05-count-products").out


def test_a_change_that_nobody_rests_on_needs_no_refactoring(shop: GitBox) -> None:
    refused = shop.sdd("add", "refactoring", "x", "--from-impact", "docs/brief.md#Nothing", check=1)
    assert "no session rests on docs/brief.md#Nothing" in refused.err
    made = shop.sdd(
        "add", "refactoring", "parts", "--from-impact", "docs/architecture.md", "--goal", "Tidy up."
    )
    assert "Next: sdd next 05-parts" in made.out
    text = shop.read("sessions/05-parts.md")
    assert "reads: [docs/architecture.md#Cart, docs/architecture.md#Stock]\n" in text
    assert "Tidy up." in text


def test_the_metrics_of_the_shop_come_from_its_runs(shop: GitBox) -> None:
    change(shop, "docs/architecture.md", "It counts them.", "It counts them twice.")
    told = json.loads(shop.sdd("metrics", "--json").out)
    assert told["metrics"]["suspect_share"] == {"value": 0.3333, "unit": "share", "of": 3, "note": None}
    assert told["metrics"]["change_impact"]["value"] == 2.0
    assert told["metrics"]["change_impact"]["note"] == "most: docs/brief.md"
    kept = told["metrics"]["contract_compliance"]
    assert (kept["value"], kept["of"]) == (0.0, 1)  # src/cart.py has no Cart
    assert told["metrics"]["resume_success"]["value"] is None
    assert "suspect_share" in shop.sdd("metrics", "--since", "4w").out
    assert "`x` is no time" in shop.sdd("metrics", "--since", "x", check=2).err


def test_approvals_that_cover_a_change_or_rest_on_it_are_named(shop: GitBox) -> None:
    record = approval.render(
        Approval(
            "shop",
            "spec",
            b"docs/product-spec.md",
            "0" * 64,
            "0" * 40,
            projects.ALICE,
            1,
            ((b"docs/architecture.md", "1" * 64),),
        )
    )
    shop.write(".sdd/approvals/spec/docs/product-spec.md/alice@example.org.toml", record)
    shop.write(".sdd/approvals/spec/docs/broken.md/alice@example.org.toml", "no")
    told = json.loads(shop.sdd("impact", "docs/architecture.md", "--json").out)
    assert [(one["document"], one["how"], one["path"]) for one in told["approvals"]] == [
        ("docs/product-spec.md", "input", "docs/architecture.md")
    ]
    assert (
        "spec of docs/product-spec.md by alice@example.org: it rests on docs/architecture.md"
        in shop.sdd("impact", "docs/architecture.md").out
    )
    covered = shop.sdd("impact", "docs/product-spec.md", check=2).err
    assert "there is no file" in covered
    shop.write("docs/product-spec.md", "# Spec\n")
    assert (
        "spec of docs/product-spec.md by alice@example.org\n"
        in shop.sdd("impact", "docs/product-spec.md").out
    )
