"""Which modules there are, what they are called, and who uses which class."""

from __future__ import annotations

import pytest

from sdd.errors import SddError
from sdd.existing.modules import MOST_BYTES, Module, modules, uses
from sdd.snapshot import FILE, Entry, Snapshot, in_memory

CART = "class Cart:\n    def total(self) -> int: ...\n"


def of(files: dict[str, str]) -> Snapshot:
    """A snapshot of these files."""
    return in_memory({path.encode(): text.encode() for path, text in files.items()})


def shop(page: str, package: str = "") -> list[Module]:
    """A package with a class, and a page that uses it or does not."""
    files = {"src/shop/__init__.py": package, "src/shop/cart.py": CART, "src/shop/page.py": page}
    return modules(of(files))[0]


def names(snapshot: Snapshot) -> dict[str, str]:
    return {module.path: module.name for module in modules(snapshot)[0]}


def test_a_module_is_called_as_others_import_it() -> None:
    files = {
        b"src/shop/__init__.py": b"",
        b"src/shop/cart/__init__.py": b"",
        b"src/shop/cart/store.py": b"",
        b"src/loose/one.py": b"",
        b"lib/deep/two.py": b"",
        b"top.py": b"",
        b"pkg/__init__.py": b"",
        b"pkg/mod.py": b"",
    }
    assert names(in_memory(files)) == {
        "lib/deep/two.py": "lib.deep.two",
        "pkg/__init__.py": "pkg",
        "pkg/mod.py": "pkg.mod",
        "src/loose/one.py": "loose.one",
        "src/shop/__init__.py": "shop",
        "src/shop/cart/__init__.py": "shop.cart",
        "src/shop/cart/store.py": "shop.cart.store",
        "top.py": "top",
    }


def test_tests_and_other_peoples_code_are_no_modules_of_the_product() -> None:
    paths = (
        b"tests/a.py",
        b"src/pkg/tests/b.py",
        b"src/pkg/test_c.py",
        b"vendor/d.py",
        b"setup.py",
        b"src/e.ts",
    )
    assert names(in_memory(dict.fromkeys(paths, b""))) == {}


def test_what_cannot_be_read_is_told_and_stops_nothing() -> None:
    missing = b"src/gone.py"
    files = {
        b"src/bad.py": b"class",
        b"src/null.py": b"x\0",
        b"src/deep.py": b"(" * 100_000,
        b"src/huge.py": b"#" * (MOST_BYTES + 1),
        b"src/odd.py": b"x = '\\d'\n",
    }
    snapshot = in_memory(files)
    assert modules(snapshot)[1] == ["src/bad.py", "src/deep.py", "src/huge.py", "src/null.py"]

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        raise SddError(f"{paths} are missing")

    lost = Snapshot("lost", {missing: Entry(FILE, "1" * 40)}, load)
    assert modules(lost)[1] == ["src/gone.py"]


@pytest.mark.parametrize(
    "user",
    [
        "from shop.cart import Cart\n",
        "from shop.cart import Cart as Basket\n",
        "import shop.cart\nx = shop.cart.Cart()\n",
        "import shop.cart as c\nx = c.Cart\n",
        "from shop import cart\nx: cart.Cart\n",
        "from .cart import Cart\n",
        "from . import cart\ndef f():\n    return cart.Cart().total()\n",
        "def f():\n    from shop.cart import Cart\n",
        "from shop import Cart\n",
    ],
)
def test_a_class_is_used_however_it_is_imported(user: str) -> None:
    assert uses(shop(user, package="from shop.cart import Cart\n")).users("src/shop/cart.py", "Cart") == {
        "src/shop/page.py"
    }


@pytest.mark.parametrize(
    "user",
    [
        "import os\nx = os.path.Cart\n",
        "from shop.cart import total\n",
        "from shop.gone import Cart\n",
        "from shop import cart\nx = cart.Gone\n",
        "x = f().Cart\n",
        "from ...above import Cart\n",
    ],
)
def test_another_name_is_no_use(user: str) -> None:
    assert uses(shop(user)).users("src/shop/cart.py", "Cart") == frozenset()


def test_names_that_are_handed_round_for_ever_are_nobodys() -> None:
    known, _ = modules(
        of({"a.py": "from b import X\n", "b.py": "from a import X\n", "c.py": "from a import X\n"})
    )
    assert uses(known).of == {}


def test_its_own_module_does_not_count() -> None:
    known, _ = modules(of({"shop.py": CART + "from shop import Cart\n"}))
    assert uses(known).of == {}
