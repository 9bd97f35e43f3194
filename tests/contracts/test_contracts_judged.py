"""Contracts of a whole project, of a change, at a commit: what is found, where, and that nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitbox import GitBox
from projects import files, run, runs, session
from sdd.contracts.judged import BROKEN, KEPT, OPEN, compliance, of_change, of_project, share
from sdd.contracts.pairs import all_pairs, used
from sdd.findings import Finding
from sdd.gates.judgement import Judgement
from sdd.repository import Repository
from sdd.sessions.project import derive
from sdd.snapshot import in_memory
from sdd.views import whole
from sdd.views.verdict import Checked, of_index, of_proposal, of_revision, of_working_tree

NOW = 1_800_000_000
DONE = runs(run())


def contract(name: str, *needs: str, more: str = "") -> str:
    """A whole contract of a component, which needs others."""
    lines = "".join(f"        {need.lower()} (I{need}): it\n" for need in needs) or "        none\n"
    return (
        f'class I{name}:\n    """A component.\n\n    Dependencies:\n{lines}\n    Configuration: none\n    """\n\n'
        f'    def size(self) -> int:\n        """How much. Raises nothing."""\n{more}'
    )


def implementing(name: str, *front: str, rest: str = "") -> str:
    low = name.lower()
    pair = f"  docs/interfaces/{low}.py::I{name}: src/shop/{low}.py::{name}"
    return session("implementation", f"writes: [src/shop/{low}.py]", "implements:", pair, *front, rest=rest)


def made(name: str, body: str = "        return 1\n", base: str = "") -> str:
    return f"{base}class {name}:\n    def size(self) -> int:\n{body}"


SHOP: Mapping[str, str] = {
    "sessions/shop/01-cart.md": implementing("Cart", rest=DONE),
    "sessions/shop/02-stock.md": implementing("Stock"),
    "docs/interfaces/cart.py": contract("Cart", "Stock"),
    "docs/interfaces/stock.py": contract("Stock"),
    "src/shop/cart.py": made("Cart"),
}


def project(**changes: str | None) -> dict[bytes, bytes]:
    """The shop with some files otherwise, by path with `__` for `/`, or gone."""
    told = {path.replace("__", "/"): text for path, text in changes.items()}
    whole_ = {**SHOP, **told}
    return files() | {path.encode(): text.encode() for path, text in whole_.items() if text is not None}


def lines(found: list[Finding]) -> list[str]:
    return [str(one) for one in found]


def of(**changes: str | None) -> list[str]:
    return lines(of_project(derive(in_memory(project(**changes)))))


def test_a_project_whose_contracts_are_whole_and_kept_has_no_findings() -> None:
    assert of() == []
    assert of_project(derive(in_memory({}))) == []


def test_the_session_that_is_not_done_has_no_implementation_to_hold() -> None:
    assert of(**{"src__shop__stock.py": "class Stock: ...\n"}) == []


def test_what_breaks_after_a_session_was_done_is_found_and_leaves_its_state() -> None:
    broken = project(**{"src__shop__cart.py": made("Cart").replace("int", "str")})
    assert [one.code for one in of_project(derive(in_memory(broken)))] == ["SDD188"]
    assert of(**{"src__shop__cart.py": None}) == [
        "src/shop/cart.py: SDD186 src/shop/cart.py is not there, which is to implement docs/interfaces/cart.py::ICart"
    ]


def test_a_session_that_was_sent_back_is_not_held_to_it() -> None:
    again = implementing("Cart", rest=runs(run(), run("rejected")))
    assert of(**{"sessions__shop__01-cart.md": again, "src__shop__cart.py": None}) == []


def test_a_contract_is_held_to_be_whole_before_anybody_implements_it() -> None:
    assert of(**{"docs__interfaces__stock.py": contract("Stock").replace(" -> int", "")}) == [
        "docs/interfaces/stock.py:10: SDD181 docs/interfaces/stock.py::IStock does not say the type of what `IStock.size` returns"
    ]
    plan = "# Plan\n\n## Tasks\n\n### 05-pay: Pay\n\n- Goal: g\n- Writes: src/p.py\n- Acceptance: a\n- Implements: docs/interfaces/pay.py::IPay: src/p.py::Pay\n"
    assert of(**{"docs__shop__implementation-plan.md": plan}) == [
        "docs/interfaces/pay.py: SDD180 docs/interfaces/pay.py is not there, but a session is to implement it"
    ]


def test_a_contract_that_nobody_names_is_left_alone() -> None:
    assert of(**{"docs__interfaces__draft.py": "class IDraft: ...\n"}) == []


class TestARing:
    """Components that need each other."""

    def test_is_printed_with_the_need_that_is_least_to_cut(self) -> None:
        more = "    def reserve(self) -> int:\n        'Reserve.'\n"
        found = derive(
            in_memory(
                project(
                    **{
                        "docs__interfaces__stock.py": contract("Stock", "Cart", more=more),
                        "src__shop__cart.py": made(
                            "Cart", "        self.stock.reserve()\n        return self.stock.size()\n"
                        ),
                        "src__shop__stock.py": made("Stock", "        return self.cart.size()\n"),
                    },
                )
            )
        )
        (one,) = of_project(found)
        assert (
            str(one) == "docs/interfaces/cart.py:1: SDD185 components need each other: ICart → IStock → ICart"
        )
        assert one.hint == (
            "cut `IStock → ICart`, of which it uses `size`: let ICart be told by an event that IStock publishes, or put a narrower "
            "interface between them"
        )

    def test_is_found_by_what_sessions_name_too(self) -> None:
        for named in ("docs/interfaces/cart.py::ICart", "docs/interfaces/cart.py"):
            (one,) = of(**{"sessions__shop__02-stock.md": implementing("Stock", f"interfaces: [{named}]")})
            assert one.endswith("components need each other: ICart → IStock → ICart")

    def test_of_whole_files_is_found_by_the_names_in_them(self) -> None:
        def whole_file(name: str) -> str:
            return implementing(name).replace(f"::I{name}", "").replace(f"::{name}", "")

        changes = {
            "sessions__shop__01-cart.md": whole_file("Cart"),
            "sessions__shop__02-stock.md": whole_file("Stock"),
            "docs__interfaces__stock.py": contract("Stock", "Cart"),
        }
        rings = [
            "docs/interfaces/cart.py:1: SDD185 components need each other: docs/interfaces/cart.py → docs/interfaces/stock.py → docs/interfaces/cart.py"
        ]
        assert of(**changes) == rings
        after = derive(in_memory(project(**changes)))
        assert lines(of_change(after, {b"docs/interfaces/stock.py"}, set())) == rings

    def test_that_uses_nothing_by_name_is_told_so(self) -> None:
        (one,) = of_project(
            derive(in_memory(project(**{"docs__interfaces__stock.py": contract("Stock", "Cart")})))
        )
        assert "of which it names nothing" in one.hint

    def test_is_found_where_a_constructor_asks_for_the_other(self) -> None:
        more = "    def __init__(self, cart: 'ICart') -> None: ...\n"
        (one,) = of(**{"docs__interfaces__stock.py": contract("Stock", more=more)})
        assert "SDD185" in one


class TestAChange:
    """Only what a change speaks of is looked at."""

    def changed(
        self, *paths: str, touched: tuple[str, ...] = (), given: Mapping[str, str | None]
    ) -> list[str]:
        after = derive(in_memory(project(**given)))
        return lines(of_change(after, {path.encode() for path in paths}, set(touched)))

    BAD = {"src__shop__cart.py": made("Cart").replace("int", "str")}  # noqa: RUF012 - it is never changed

    @pytest.mark.parametrize("path", ["src/shop/cart.py", "docs/interfaces/cart.py"])
    def test_of_either_side_is_judged(self, path: str) -> None:
        assert [one.split()[1] for one in self.changed(path, given=self.BAD)] == ["SDD188"]

    def test_of_the_session_is_judged(self) -> None:
        assert (
            self.changed("sessions/shop/01-cart.md", touched=("shop/01-cart", "gone"), given=self.BAD) != []
        )

    def test_of_something_else_is_not(self) -> None:
        for path in ("README.md", "src/shop/other.py", "src/other/cart.py", "docs/interfaces/stock.py"):
            assert self.changed(path, given=self.BAD) == []

    def test_of_a_base_class_in_a_file_beside_it_is_judged(self) -> None:
        derived = {
            "src__shop__cart.py": "from .sized import Sized\nclass Cart(Sized): ...\n",
            "src__shop__sized.py": made("Sized").replace("int", "str"),
        }
        assert self.changed("src/shop/sized.py", given=derived) != []
        assert self.changed("src/shop/other.py", given=derived) == []
        assert self.changed("src/shop/other.py", given={"src__shop__cart.py": None}) == []

    def test_of_a_contract_or_a_plan_is_judged_before_anybody_implements_it(self) -> None:
        plan = "# Plan\n\n## Tasks\n\n### 05-pay: Pay\n\n- Goal: g\n- Writes: src/p.py\n- Acceptance: a\n- Implements: docs/interfaces/pay.py::IPay: src/p.py::Pay\n"
        both = {"docs__shop__implementation-plan.md": plan, "docs__interfaces__pay.py": "class IPay: ...\n"}
        for path in ("docs/shop/implementation-plan.md", "docs/interfaces/pay.py"):
            assert [one.split()[1] for one in self.changed(path, given=both)] == ["SDD183", "SDD184"]

    def test_that_closes_a_ring_is_found(self) -> None:
        closing = {"docs__interfaces__stock.py": contract("Stock", "Cart")}
        assert ["SDD185" in one for one in self.changed("docs/interfaces/stock.py", given=closing)] == [True]
        assert self.changed("README.md", given=closing) == []


def test_the_share_of_contracts_kept_leaves_out_what_nobody_has_implemented() -> None:
    def told(**changes: str | None) -> tuple[list[str], tuple[int, int]]:
        found = compliance(derive(in_memory(project(**changes))))
        return [one.standing for one in found], share(found)

    assert told() == ([KEPT, OPEN], (1, 1))
    assert told(**{"src__shop__stock.py": made("Stock")}) == ([KEPT, KEPT], (2, 2))
    assert told(**{"src__shop__stock.py": "x = 1\n"}) == ([KEPT, OPEN], (1, 1))
    assert told(**{"src__shop__cart.py": "x = 1\n"}) == ([BROKEN, OPEN], (0, 1))
    assert told(**{"src__shop__cart.py": None})[1] == (0, 1)
    assert share([]) == (0, 0)


def test_the_contracts_that_a_session_uses_are_those_of_its_keys_that_it_does_not_implement() -> None:
    front = (
        "interfaces: [docs/interfaces/stock.py::IStock, docs/interfaces/cart.py::ICart]",
        "reads: [docs/interfaces/a.md, src/x.py]",
    )
    seen = derive(in_memory(project(**{"sessions__shop__01-cart.md": implementing("Cart", *front)})))
    assert used(seen, "shop/01-cart") == ["docs/interfaces/stock.py::IStock", "docs/interfaces/a.md"]
    assert [one.session for one in all_pairs(seen)] == ["shop/01-cart", "shop/02-stock"]


@pytest.fixture
def shop(box: GitBox, monkeypatch: pytest.MonkeyPatch) -> GitBox:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SDD_CACHE", raising=False)
    for path, data in project().items():
        if not path.startswith(b"src/"):
            box.write(path, data)
    box.write("src/shop/cart.py", made("Cart"))
    box.commit()
    return box


def codes(found: Checked | Judgement | None) -> list[str]:
    assert found is not None
    judged = found.found if isinstance(found, Checked) else found
    return sorted({one.code for one in judged.findings if one.code.startswith("SDD18")})


def test_drift_is_found_by_every_way_to_look(shop: GitBox) -> None:
    repository = Repository.find(str(shop.path))
    base = shop.git("rev-parse", "HEAD").strip()
    assert codes(of_working_tree(repository, now_epoch=NOW)) == []
    shop.write("src/shop/cart.py", made("Cart").replace("int", "str"))
    assert codes(of_working_tree(repository, now_epoch=NOW)) == ["SDD188"]
    shop.git("add", "-A")
    assert codes(of_index(repository, now_epoch=NOW)) == ["SDD188"]
    shop.commit()
    assert codes(of_revision(repository, "HEAD")) == ["SDD188"]
    assert codes(of_proposal(repository, base, "HEAD", now_epoch=NOW)) == ["SDD188"]


def test_what_others_left_broken_is_not_held_against_a_proposal(shop: GitBox) -> None:
    repository = Repository.find(str(shop.path))
    shop.write("src/shop/cart.py", made("Cart").replace("int", "str"))
    shop.commit()
    base = shop.git("rev-parse", "HEAD").strip()
    shop.write("docs/interfaces/cart.py", "# A line above.\n" + SHOP["docs/interfaces/cart.py"])
    shop.write("src/shop/cart.py", made("Cart").replace("int", "str") + "\n\nOTHER = 1\n")
    shop.commit()
    assert codes(of_proposal(repository, base, "HEAD", now_epoch=NOW)) == []


def test_what_was_kept_is_not_believed_where_a_base_class_changed(shop: GitBox) -> None:
    repository = Repository.find(str(shop.path))
    shop.write("src/shop/cart.py", "from lib.sized import Sized\nclass Cart(Sized): ...\n")
    shop.write("src/lib/sized.py", made("Sized"))
    for text, expected in (
        (made("Sized"), []),
        (made("Sized").replace("int", "str"), ["SDD188"]),
        (made("Sized"), []),
    ):
        shop.write("src/lib/sized.py", text)
        for _ in range(2):
            found = whole.findings(repository.working_tree())
            assert [one.code for one in found if one.code.startswith("SDD18")] == expected
            assert [one.code for one in of_project(derive(repository.working_tree()))] == expected


PROGRAM = """
import sys
from sdd import hook
from sdd.gates.judgement import Judgement
from sdd.repository import Repository
hook.at_commit(Repository.find(sys.argv[1]))
print("griffe" in sys.modules)
"""


@pytest.mark.parametrize(
    ("path", "text", "loaded"),
    [
        ("README.md", "x\n", "False"),
        ("src/shop/other.py", "x = 1\n", "False"),
        ("sessions/shop/03-other.md", session("implementation"), "False"),
        ("src/shop/cart.py", made("Cart") + "x = 1\n", "True"),
        ("docs/interfaces/cart.py", contract("Cart", "Stock") + "\n", "True"),
    ],
)
def test_a_hook_loads_griffe_only_for_a_change_of_a_contract_or_what_implements_it(
    shop: GitBox, path: str, text: str, loaded: str
) -> None:
    shop.write(path, text)
    shop.git("add", "-A")
    source = Path(__file__).parents[2] / "src"
    program = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(source)!r})\n{PROGRAM}",
        str(shop.path),
    ]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [loaded]
    again = subprocess.run(program, capture_output=True, text=True, check=True)
    assert again.stdout.split() == ["False"]  # what was found of these bytes is kept
