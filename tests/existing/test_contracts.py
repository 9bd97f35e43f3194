"""Which classes would make contracts, and what is proposed of them."""

from __future__ import annotations

import ast

from sdd.existing.classes import MOST, Candidate, candidates, existing_contracts
from sdd.existing.contracts import text
from sdd.existing.modules import modules
from sdd.snapshot import in_memory

USER = "from shop.cart import *\nimport shop.cart as c\n"
CART = '''\
from __future__ import annotations
import datetime as when
import decimal
from collections.abc import Iterable, Iterator as Each
from functools import cache
from .money import Money
try:
    from typing import Self
except ImportError:
    Line = int
if True:
    Sku = str
Loose: int = 3


class EmptyError(Exception):
    pass


class Cart(Base):
    """What a customer means to buy."""

    def __init__(self, store: Store, clock, *, most: int = 5) -> None:
        self.store = store

    @property
    def total(self) -> Money:
        """The sum: "all" """

    @classmethod
    def of(cls, lines: Iterable[Line], /, *rest: Sku, by: "Money", **more: decimal.Decimal) -> Self:
        """All \\\\ of it.

        Raises:
            ValueError: never.
        """
        raise EmptyError

    @staticmethod
    def now(at: when.datetime | None = None, name="x") -> Each[int]: ...

    async def add(self, quantity: int = 1, most: int = Loose, *, unless_there: bool = False, and_then: str = "") -> Cart:
        if quantity < 1:
            raise EmptyError("none")
        if most:
            raise self.error
        raise ValueError from None

    @cache
    def cached(self) -> int: ...

    def untyped(self, x): ...

    def _own(self) -> int: ...


class Plain:
    def run(self) -> None:
        raise
        raise lowercase
        """no docstring"""


class Made:
    def __init__(self) -> None: ...
    def go(self) -> None:
        \'\'\'Says """three""" quotes.\'\'\'
'''
PAGE = "from shop.cart import Cart, Plain, Made\n"


def found(cart: str = CART, page: str = PAGE) -> list[Candidate]:
    files = {"src/shop/__init__.py": "", "src/shop/cart.py": cart, "src/shop/page.py": page}
    return candidates(modules(in_memory({path.encode(): words.encode() for path, words in files.items()}))[0])


def test_a_contract_says_what_the_class_says() -> None:
    made = text([one for one in found() if one.name == "Cart"])
    assert (
        made
        == '''\
"""What src/shop/cart.py promises to the modules that use it: proposed from its text, for you to correct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as when
    import decimal
    from collections.abc import Iterable, Iterator as Each
    from shop.cart import Cart, Line, Sku
    from shop.money import Money
    from typing import Self


class ICart(Protocol):
    """What a customer means to buy.

    Dependencies:
        store: Store
        clock: (say its type)
        most: int
    Configuration:
        (say which settings it reads)
    Left out, for want of types:
        cached, now, untyped
    """

    @property
    def total(self) -> Money:
        """The sum: "all" """

    @classmethod
    def of(cls, lines: Iterable[Line], /, *rest: Sku, by: 'Money', **more: decimal.Decimal) -> Self:
        """All \\\\ of it.

        Raises:
            ValueError: never.
        """

    async def add(
        self,
        quantity: int = 1,
        most: int = ...,
        *,
        unless_there: bool = False,
        and_then: str = '',
    ) -> Cart:
        """(say what it does)

        Raises:
            EmptyError: (say when)
            ValueError: (say when)
        """
'''.replace("import datetime as when\n    ", "").replace(
            "collections.abc import Iterable, Iterator as Each", "collections.abc import Iterable"
        )
    )


def test_all_that_is_proposed_compiles_by_itself() -> None:
    made = text(found())
    namespace: dict[str, object] = {"__name__": "contract"}
    exec(compile(made, "contract", "exec"), namespace)  # noqa: S102 - what is tested is that this text runs alone
    assert {"ICart", "IPlain", "IMade"} <= set(namespace)
    methods = (one for one in ast.walk(ast.parse(made)) if isinstance(one, ast.FunctionDef))
    words = next(ast.get_docstring(one) for one in methods if one.name == "go")
    assert words == 'Says """three""" quotes.'


def test_a_contract_without_imports_asks_for_none() -> None:
    made = text([one for one in found() if one.name == "Plain"])
    assert "TYPE_CHECKING" not in made
    assert "    Dependencies:\n        none\n" in made
    assert "Plain: (say what it does)" in made
    assert "        none\n" in text([one for one in found() if one.name == "Made"])


def test_a_class_that_says_nothing_of_its_constructor_but_has_bases_may_be_given_something() -> None:
    cart = "class Cart(Base):\n    @staticmethod\n    def now(at: int) -> int: ...\n"
    (one,) = found(cart, "from shop.cart import Cart\n")
    assert "(say what its constructor is given)" in text([one])
    assert "    @staticmethod\n    def now(at: int) -> int:\n" in text([one])


def test_a_keyword_without_a_type_keeps_its_default_where_it_is_plain() -> None:
    cart = "class Cart:\n    def at(self, n: int = 3, /, *, k: int) -> int: ...\n    def on(self=1) -> int: ...\n"
    (one,) = found(cart, "from shop.cart import Cart\n")
    assert "def at(self, n: int = 3, /, *, k: int) -> int:" in text([one])
    assert "def on(self=1) -> int:" in text([one])


def test_values_errors_enums_and_contracts_are_not_proposed() -> None:
    method = "\n    def f(self) -> int: ...\n"
    kinds = (
        "@dataclass(frozen=True)\nclass A:",
        "@attrs.define\nclass A:",
        "class A(StrEnum):",
        "class A(ValueError):",
        "class A(Protocol[T]):",
        "class A(abc.ABC):",
        "class A(NamedTuple):",
        "class _A:",
    )
    for kind in kinds:
        assert found(kind + method, "from shop.cart import A, _A\n") == [], kind
    assert found("class A:\n    x = 1\n", "from shop.cart import A\n") == []


def test_the_most_used_come_first_and_only_so_many() -> None:
    many = "".join(f"class C{at:02}:\n    def f(self) -> int: ...\n" for at in range(MOST + 3))
    files = {
        "src/shop/__init__.py": "",
        "src/shop/cart.py": many + "class Unused:\n    def f(self) -> int: ...\n",
    }
    files |= {f"src/shop/p{at}.py": f"from shop.cart import C{at:02}, C07\n" for at in range(MOST + 3)}
    known, _ = modules(in_memory({path.encode(): words.encode() for path, words in files.items()}))
    ranked = candidates(known)
    assert [one.name for one in ranked][:2] == ["C07", "C00"]
    assert len(ranked) == MOST


def test_a_name_that_is_a_contracts_already_is_kept() -> None:
    (one,) = found("class ICart:\n    def f(self) -> int: ...\n", "from shop.cart import ICart\n")
    assert one.contract == "ICart"
    (other,) = found("class Item:\n    def f(self) -> int: ...\n", "from shop.cart import Item\n")
    assert other.contract == "IItem"


def test_contracts_that_are_there_are_named() -> None:
    text_of = b"class A(Protocol): ...\nclass B(ABC): ...\nclass _C(Protocol): ...\nclass D: ...\n"
    known, _ = modules(in_memory({b"src/a.py": text_of}))
    assert existing_contracts(known) == [("src/a.py", "A"), ("src/a.py", "B")]
