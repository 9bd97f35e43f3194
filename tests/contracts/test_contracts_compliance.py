from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.contracts.compliance import Held, held
from sdd.snapshot import in_memory

CONTRACT, MADE = "docs/interfaces/cart.py::ICart", "src/shop/cart.py::Cart"
HEAD = """\
from __future__ import annotations
import typing as t
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Dict, List, Literal, Optional, Protocol, Union

class ShopError(Exception): ...
class InvalidError(ShopError): ...
class Money: ...
Sku = str
Skus = list[str]
Round = Trip
Trip = Round
"""


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


def compare(wanted: str, made: str, **more: str) -> Held:
    """What comes of a class with one body, held against a contract with the other; `more` files below src/shop."""
    files = {
        b"docs/interfaces/cart.py": f"{HEAD}class ICart(Protocol):\n{indented(wanted)}".encode(),
        b"src/shop/cart.py": f"{HEAD}{more.pop('above', '')}\n{more.pop('head', 'class Cart:')}\n{indented(made)}".encode(),
        **{f"src/shop/{name}.py".encode(): text.encode() for name, text in more.items()},
    }
    return held(in_memory(files), CONTRACT, MADE)


def told(found: Held) -> list[str]:
    return [f"{one.code} {one.message}".removesuffix(f": so it breaks {CONTRACT}") for one in found.findings]


def method(signature: str, body: str = "return x") -> str:
    return f"def {signature}:\n    {body}"


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ("def f(self, a: int) -> None: ...", method("f(self, a: int) -> None")),
        ("def f(self, a: int) -> None: ...", method("f(self, a: int, b: int = 1) -> None")),
        ("def f(self, a: int) -> None: ...", method("f(self, a: int, *more: int, **rest: int) -> None")),
        ("def f(self, a: int) -> None: ...", method("f(self, *args: int, **kwargs: int) -> None")),
        ("def f(self, a: int, /) -> None: ...", method("f(self, b: int) -> None")),
        ("def f(self, a: int, /) -> None: ...", method("f(self, *b: int) -> None")),
        ("def f(self, *, a: int) -> None: ...", method("f(self, a: int) -> None")),
        ("def f(self, *, a: int) -> None: ...", method("f(self, **a: int) -> None")),
        ("def f(self, *a: int, **b: int) -> None: ...", method("f(self, *x: int, **y: int) -> None")),
        ("def f(self, a: int = ...) -> None: ...", method("f(self, a: int = 7) -> None")),
        ("def f(self, a: str = 'x') -> None: ...", method('f(self, a: str = "x") -> None')),
        ("async def f(self) -> int: ...", "async " + method("f(self) -> int")),
        (
            "def f(self) -> AsyncIterator[int]: ...",
            "async " + method("f(self) -> AsyncIterator[int]", "yield 1"),
        ),
        ("async def f(self) -> int: ...", method("f(self) -> t.Awaitable[int]")),
        ("@property\ndef p(self) -> int: ...", "@property\n" + method("p(self) -> int")),
        ("@property\ndef p(self) -> int: ...", "p: int = 1"),
        (
            "p: int",
            "@property\n" + method("p(self) -> int") + "\n@p.setter\n" + method("p(self, v: int) -> None"),
        ),
        ("@staticmethod\ndef s(a: int) -> int: ...", "@staticmethod\n" + method("s(a: int) -> int")),
        ("@classmethod\ndef s(cls, a: int) -> int: ...", "@staticmethod\n" + method("s(a: int) -> int")),
        ("@classmethod\ndef s(cls) -> ICart: ...", "@classmethod\n" + method("s(cls) -> Cart")),
        ("@classmethod\ndef s(cls) -> t.Self: ...", "@classmethod\n" + method("s(cls) -> 'Cart'")),
        ("def f(self) -> None: ...", "def g(self) -> None:\n    return x\nf = g"),
        ("def _private(self) -> None: ...", "x: int = 1"),
        (
            "@t.overload\ndef f(self, a: int) -> int: ...\n@t.overload\ndef f(self, a: str) -> str: ...",
            method("f(self, a)"),
        ),
    ],
)
def test_whoever_calls_by_the_contract_is_served(wanted: str, made: str) -> None:
    assert told(compare(wanted, made)) == []


@pytest.mark.parametrize(
    ("wanted", "made", "finding"),
    [
        ("def f(self) -> None: ...", "x: int = 1", f"SDD186 `Cart.f` is missing, which {CONTRACT} promises"),
        (
            "def f(self) -> None: ...",
            "def f(self) -> None: ...",
            f"SDD186 `Cart.f` is left open, which {CONTRACT} promises",
        ),
        (
            "def f(self) -> None: ...",
            "def f(self) -> None:\n    'Do it.'\n    raise NotImplementedError('later')",
            f"SDD186 `Cart.f` is left open, which {CONTRACT} promises",
        ),
        (
            "def f(self, a: int) -> None: ...",
            method("f(self) -> None"),
            "SDD187 `Cart.f` lacks the parameter `a`",
        ),
        (
            "def f(self, a: int) -> None: ...",
            method("f(self, b: int) -> None"),
            "SDD187 `Cart.f` lacks the parameter `a`; asks for `b`, of which the contract says nothing",
        ),
        (
            "def f(self, a: int) -> None: ...",
            method("f(self, a: int, b: int) -> None"),
            "SDD187 `Cart.f` asks for `b`, of which the contract says nothing",
        ),
        (
            "def f(self, a: int, b: int) -> None: ...",
            method("f(self, b: int, a: int) -> None"),
            "SDD187 `Cart.f` takes `a` at another place; takes `b` at another place",
        ),
        (
            "def f(self, a: int) -> None: ...",
            method("f(self, a: int, /) -> None"),
            "SDD187 `Cart.f` takes `a` by place alone",
        ),
        (
            "def f(self, a: int) -> None: ...",
            method("f(self, *, a: int) -> None"),
            "SDD187 `Cart.f` takes `a` by name alone",
        ),
        (
            "def f(self, *, a: int) -> None: ...",
            method("f(self) -> None"),
            "SDD187 `Cart.f` lacks the parameter `a`",
        ),
        ("def f(self, *a: int) -> None: ...", method("f(self) -> None"), "SDD187 `Cart.f` takes no `*a`"),
        (
            "def f(self, a: int) -> None: ...",
            method("f(self, *a: int) -> None"),
            "SDD187 `Cart.f` takes `a` by place alone",
        ),
        ("def f(self, **a: int) -> None: ...", method("f(self) -> None"), "SDD187 `Cart.f` takes no `**a`"),
        (
            "def f(self, a: int = 1) -> None: ...",
            method("f(self, a: int) -> None"),
            "SDD187 `Cart.f` asks for `a`, which may be left out",
        ),
        (
            "def f(self, a: int = 1) -> None: ...",
            method("f(self, a: int = 2) -> None"),
            "SDD187 `Cart.f` has `a=2`, not `a=1`",
        ),
        ("async def f(self) -> int: ...", method("f(self) -> int"), "SDD187 `Cart.f` is not `async`"),
        ("def f(self) -> int: ...", "async " + method("f(self) -> int"), "SDD187 `Cart.f` is `async`"),
        (
            "def f(self) -> int: ...",
            "@property\n" + method("f(self) -> int"),
            "SDD187 `Cart.f` is a property, not a method",
        ),
        (
            "@property\ndef f(self) -> int: ...",
            method("f(self) -> int"),
            "SDD187 `Cart.f` is a method, not a property",
        ),
        ("f: int", method("f(self) -> int"), "SDD187 `Cart.f` is a method, not an attribute"),
        ("f: int", "@property\n" + method("f(self) -> int"), "SDD187 `Cart.f` cannot be set"),
        (
            "@staticmethod\ndef f() -> int: ...",
            method("f(self) -> int"),
            "SDD187 `Cart.f` is no static method",
        ),
        (
            "@classmethod\ndef f(cls) -> int: ...",
            method("f(self) -> int"),
            "SDD187 `Cart.f` is no class method",
        ),
    ],
)
def test_whoever_calls_by_the_contract_and_is_not_served_is_a_finding(
    wanted: str, made: str, finding: str
) -> None:
    assert told(compare(wanted, made)) == [finding]


SAME = [
    ("Optional[int]", "int | None"),
    ("Union[int, str]", "str | int"),
    ("t.Optional['Money']", "None | Money"),
    ("List[Dict[str, int]]", "list[dict[str, int]]"),
    ("t.List[int]", "list[int]"),
    ("Sku", "str"),
    ("str", "Sku"),
    ("Skus", "list[str]"),
    ("t.Annotated[int, 'cents']", "int"),
    ("Literal['a', 'b']", "Literal['b'] | Literal['a']"),
    ("Callable[[int], str]", "t.Callable[[int], str]"),
    ("'list[int]'", "list[int]"),
    ("t.Final", "t.Final"),
    ("Optional[Callable[[int], Optional[str]]]", "None | Callable[[int], str | None]"),
    ("list[Optional[int]] | None", "Optional[list[int | None]]"),
    ("Round", "Round"),
]
NARROWER = [
    ("float", "int"),
    ("object", "Money"),
    ("Any", "Money"),
    ("int | None", "int"),
    ("Sequence[float]", "list[int]"),
    ("Mapping[str, float]", "dict[str, int]"),
    ("ShopError", "InvalidError"),
    ("str", "Literal['a']"),
    ("Sequence", "list[int]"),
    ("int | str", "str | Literal[1]"),
]
UNLIKE = [
    ("int", "str"),
    ("Money", "Decimal"),
    ("Money", "str | Money"),
    ("list[int]", "list[str]"),
    ("list[float]", "list[int]"),
    ("Literal['a']", "Literal['b']"),
    ("Sequence[int]", "list[str]"),
    ("date", "Money"),
]
UNTOLD = [
    ("int", "Any"),
    ("Money", "Unknown"),
    ("list[int]", "list"),
    ("Sequence[int]", "tuple[int, ...]"),
    ("list[int]", "list[Any]"),
    ("dict[str, int]", "dict[str]"),
    ("str", "Literal[Color.RED]"),
    ("'no type!'", "int"),
    ("int", "lambda: 1"),
    ("Any | int", "list[" * 99),
    ("x" * 3000, "int"),
    ("list['[']", "list[int]"),
]


@pytest.mark.parametrize(("wanted", "made"), SAME)
def test_a_type_that_is_only_written_otherwise_is_the_same(wanted: str, made: str) -> None:
    for one, other in ((wanted, made), (made, wanted)):
        found = compare(f"def f(self, a: {one}) -> {one}: ...", method(f"f(self, a: {other}) -> {other}"))
        assert (found.findings, found.unknown) == ((), ())


@pytest.mark.parametrize(("wide", "narrow"), NARROWER)
def test_less_may_be_given_and_more_be_taken(wide: str, narrow: str) -> None:
    found = compare(f"def f(self, a: {narrow}) -> {wide}: ...", method(f"f(self, a: {wide}) -> {narrow}"))
    assert (found.findings, found.unknown) == ((), ())
    turned = compare(f"def f(self, a: {wide}) -> {narrow}: ...", method(f"f(self, a: {narrow}) -> {wide}"))
    assert [one.code for one in turned.findings] == ["SDD188"] * 2 or len(turned.unknown) == 2


@pytest.mark.parametrize(("wanted", "made"), UNLIKE)
def test_another_type_is_a_finding(wanted: str, made: str) -> None:
    assert told(compare(f"def f(self) -> {wanted}: ...", method(f"f(self) -> {made}"))) == [
        f"SDD188 `Cart.f` gives `{made}`, where {CONTRACT} has `{wanted}`"
    ]


@pytest.mark.parametrize(("wanted", "made"), UNTOLD[:8])
def test_a_type_of_which_nobody_can_tell_is_said_and_not_guessed(wanted: str, made: str) -> None:
    found = compare(f"def f(self) -> {wanted}: ...", method(f"f(self) -> {made}"))
    assert found.findings == ()
    assert found.unknown == (f"whether `Cart.f` gives `{wanted}`: it says `{made}`",)


@pytest.mark.parametrize("deep", [90, 99, 199, 5_000])
def test_a_type_that_is_nested_as_deep_as_one_likes_is_judged_or_not(deep: int) -> None:
    def nested(inner: str) -> str:
        return "Sequence[" * deep + inner + "]" * deep if deep > 99 else "set[" * deep + inner + "]" * deep

    found = compare(f"def f(self) -> {nested('int')}: ...", method(f"f(self) -> {nested('str')}"))
    assert len(found.findings) + len(found.unknown) == 1


def test_a_type_of_any_length_is_itself() -> None:
    wide = " | ".join(f"T{number}" for number in range(200))
    assert compare(f"def f(self) -> {wide}: ...", method(f"f(self) -> {wide}")) == Held()


def test_a_type_that_is_not_written_is_not_guessed() -> None:
    found = compare("def f(self, a: int) -> int: ...", method("f(self, a)"))
    assert found.unknown == (
        "whether `Cart.f` gives `int`: it says no type",
        "whether `Cart.f` takes `a` as `int`: it says no type",
    )


def test_of_a_parameter_the_finding_says_which() -> None:
    found = compare("def f(self, a: int) -> None: ...", method("f(self, a: str) -> None"))
    (one,) = found.findings
    assert str(one) == f"src/shop/cart.py:17: SDD188 `Cart.f` takes `a` as `str`, where {CONTRACT} has `int`"
    assert one.hint == "do as docs/interfaces/cart.py:16 says, `def f(a: int) -> None`"


def test_a_hint_shows_the_contract_s_own_signature() -> None:
    wanted = "async def f(self, a: int, /, b: str = 'x', *c: int, d: int, **e: int) -> None: ...\ng: int\nh: t.Any = 1\ndef i(self, *, j=1): ..."
    found = compare(wanted, "pass")
    assert [one.hint.partition("says, ")[2] for one in found.findings] == [
        "`async def f(a: int, /, b: str = 'x', *c: int, d: int, **e: int) -> None`",
        "`g: int`",
        "`h: t.Any`",
        "`def i(*, j = 1)`",
    ]


RAISING = (
    "def f(self, a: int) -> None:\n    '''Do.\n\n    Raises:\n        InvalidError: it is below 1.\n    '''"
)


@pytest.mark.parametrize(
    ("made", "findings"),
    [
        (method("f(self, a: int) -> None", "raise InvalidError('x')"), []),
        (method("f(self, a: int) -> None", "if a:\n        raise InvalidError from None"), []),
        ("def f(self, a: int) -> None:\n    self.g()\ndef g(self) -> None:\n    raise InvalidError", []),
        (method("f(self, a: int) -> None", "helper()"), []),
        (method("f(self, a: int) -> None", "super().f(a)"), []),
        (method("f(self, a: int) -> None", "x = 1 if a else (lambda: 2)\n    raise InvalidError"), []),
        (method("f(self, a: int) -> None", "assert a\n    raise InvalidError"), []),
        ("def f(self, a: int) -> None:\n    '''\n    :raises InvalidError: it is.\n    '''\n    x", []),
        (
            method("f(self, a: int) -> None", "print(len('x'), InvalidError())"),
            [f"SDD189 `Cart.f` never raises `InvalidError`, as {CONTRACT} says it does"],
        ),
        (
            method("f(self, a: int) -> None", "raise ShopError"),
            [
                f"SDD189 `Cart.f` raises `ShopError`, of which {CONTRACT} says nothing",
                f"SDD189 `Cart.f` never raises `InvalidError`, as {CONTRACT} says it does",
            ],
        ),
        (
            method("f(self, a: int) -> None", "helper()\n    raise KeyError(a)"),
            [
                f"SDD189 `Cart.f` raises `KeyError`, of which {CONTRACT} says nothing",
                f"SDD189 `Cart.f` never raises `InvalidError`, as {CONTRACT} says it does",
            ],
        ),
        (
            method(
                "f(self, a: int) -> None",
                "try:\n        raise KeyError(a)\n    except (KeyError, OSError):\n        raise InvalidError",
            ),
            [],
        ),
        (
            method(
                "f(self, a: int) -> None",
                "try:\n        raise KeyError(a)\n    except:\n        raise InvalidError",
            ),
            [],
        ),
        (
            method("f(self, a: int) -> None", "def inner():\n        raise KeyError\n    raise InvalidError"),
            [],
        ),
    ],
)
def test_errors_are_those_of_the_contract(made: str, findings: list[str]) -> None:
    assert (
        told(compare(RAISING, made, above="def helper(): pass\n" if "helper" in made and findings else ""))
        == findings
    )


def test_errors_that_nobody_can_tell_are_said() -> None:
    found = compare(RAISING, method("f(self, a: int) -> None", "error = made()\n    raise error"))
    assert found.findings == ()
    assert found.unknown == ("whether `Cart.f` raises `InvalidError`: it may come from what it calls",)


def test_an_error_of_a_package_outside_the_project_may_be_any() -> None:
    found = compare(
        RAISING,
        method("f(self, a: int) -> None", "made()\n    raise Foreign"),
        above="from pip9 import Foreign\n",
    )
    assert found.findings == ()
    assert found.unknown[0] == "whether `Foreign`, which `Cart.f` raises, is an error that the contract names"


def test_an_error_under_another_name_is_the_same() -> None:
    above = "from shop.errors import InvalidError as Bad\n"
    found = compare(
        RAISING,
        method("f(self, a: int) -> None", "raise Bad"),
        above=above,
        errors="class InvalidError(Exception): ...\n",
    )
    assert found == Held()


def test_an_error_that_the_section_of_errors_names_may_come_from_any_method() -> None:
    files = {
        b"docs/interfaces/cart.md": b"# Cart\n\n## Errors\n\n- `KeyError`\n\n```python\nclass ICart:\n    def f(self) -> None: ...\n```\n",
        b"src/cart.py": b"class Cart:\n    def f(self) -> None:\n        raise KeyError\n",
    }
    assert held(in_memory(files), "docs/interfaces/cart.md", "src/cart.py") == Held()


class TestWhereItStands:
    """Inheritance, other files, whole files, functions."""

    def test_a_method_may_be_inherited_from_any_file_of_the_project(self) -> None:
        base = "class Base:\n    def f(self) -> int:\n        return 1\n"
        for above in (
            "from shop.base import Base\n",
            "from .base import Base\n",
            "from . import base\n",
            "import shop.base\n",
        ):
            name = {"from . import base\n": "base.Base", "import shop.base\n": "shop.base.Base"}.get(
                above, "Base"
            )
            found = compare(
                "def f(self) -> int: ...", "x = 1", head=f"class Cart({name}):", above=above, base=base
            )
            assert found == Held(), above

    def test_a_base_may_stand_in_the_package_itself_or_above(self) -> None:
        package = "class Base:\n    def f(self) -> int:\n        return 1\n"
        for above in ("from . import Base\n", "from ..shop import Base\n"):
            found = compare(
                "def f(self) -> int: ...", "x = 1", head="class Cart(Base):", above=above, __init__=package
            )
            assert found == Held(), above

    def test_a_method_of_its_own_goes_before_an_inherited_one(self) -> None:
        above = "class Base:\n    def f(self) -> str:\n        return ''\n"
        found = compare(
            "def f(self) -> int: ...", method("f(self) -> int"), head="class Cart(Base):", above=above
        )
        assert found == Held()

    def test_a_method_may_be_defined_under_a_condition(self) -> None:
        made = "if x:\n    def f(self) -> int:\n        return 1 if x else 2\nelse:\n    def f(self) -> int:\n        raise KeyError"
        assert [one.code for one in compare("def f(self) -> int: ...", made).findings] == ["SDD189"]

    def test_a_finding_of_an_inherited_method_stands_at_its_own_file(self) -> None:
        base = "class Base:\n    def f(self) -> str:\n        return ''\n"
        found = compare(
            "def f(self) -> int: ...",
            "x = 1",
            head="class Cart(Base):",
            above="from shop.base import Base\n",
            base=base,
        )
        assert [(one.path, one.line) for one in found.findings] == [(b"src/shop/base.py", 2)]

    def test_a_class_that_hands_on_the_name_is_followed(self) -> None:
        more = {
            "hub": "from .base import Base as Other\n",
            "base": "class Base:\n    def f(self) -> int:\n        return 1\n",
        }
        found = compare(
            "def f(self) -> int: ...",
            "x = 1",
            head="class Cart(Other):",
            above="from shop.hub import Other\n",
            **more,
        )
        assert found == Held()

    def test_the_contract_itself_as_a_base_implements_nothing(self) -> None:
        base = "from typing import Protocol\nclass ICart(Protocol):\n    def f(self) -> int: ...\n"
        found = compare(
            "def f(self) -> int: ...",
            "x = 1",
            head="class Cart(ICart):",
            above="from shop.base import ICart\n",
            base=base,
        )
        assert told(found) == [f"SDD186 `Cart.f` is left open, which {CONTRACT} promises"]

    def test_an_abstract_method_is_implemented_below_it(self) -> None:
        above = "import abc\nclass Base(abc.ABC):\n    @abc.abstractmethod\n    def f(self) -> int: return 1\nclass Real:\n    def f(self) -> int: return 1\n"
        assert (
            compare("def f(self) -> int: ...", "x = 1", head="class Cart(Base, Real):", above=above) == Held()
        )

    def test_a_base_outside_of_the_project_may_bring_what_is_missing(self) -> None:
        found = compare(
            "def f(self) -> int: ...",
            "x = 1",
            head="class Cart(Foreign):",
            above="from pip9 import Foreign\n",
        )
        assert found.findings == ()
        assert found.unknown == (
            "whether `Cart.f` is there: a base class or decorator of it is in no file of the project",
        )

    def test_what_a_dataclass_writes_itself_is_not_missing(self) -> None:
        found = compare("def __init__(self, a: int) -> None: ...", "a: int", head="@dataclass\nclass Cart:")
        assert found.findings == ()
        assert found.unknown

    def test_classes_that_inherit_from_each_other_come_to_an_end(self) -> None:
        found = compare(
            "def f(self) -> int: ...", "x = 1", head="class Cart(Other):", above="class Other(Cart): ...\n"
        )
        assert told(found) == [f"SDD186 `Cart.f` is missing, which {CONTRACT} promises"]

    def test_files_that_hand_a_name_to_each_other_come_to_an_end(self) -> None:
        more = {"a": "from .b import Base\n", "b": "from .a import Base\n"}
        found = compare(
            "def f(self) -> int: ...",
            "x = 1",
            head="class Cart(Base):",
            above="from .a import Base\n",
            **more,
        )
        assert found.unknown

    def test_the_contract_may_inherit_too(self) -> None:
        found = compare("x: int", "x: int = 1\ndef g(self) -> int:\n    return 1")
        assert found == Held()
        files = {
            b"docs/interfaces/cart.py": b"from base import IBase\nclass ICart(IBase):\n    x: int\n",
            b"docs/interfaces/base.py": b"class IBase:\n    def g(self) -> int: ...\n",
            b"src/shop/cart.py": b"class Cart:\n    x: int = 1\n",
        }
        assert told(held(in_memory(files), CONTRACT, MADE)) == [
            f"SDD186 `Cart.g` is missing, which {CONTRACT} promises"
        ]

    def test_a_function_may_be_a_contract(self) -> None:
        files = {
            b"docs/interfaces/tax.py": b"def vat(a: int) -> int:\n    ...\n",
            b"src/tax.py": b"def vat(a: int) -> str:\n    return a\nclass Tax:\n    def vat(self, a: int) -> int:\n        return a\n",
        }
        snapshot = in_memory(files)
        assert [
            one.code for one in held(snapshot, "docs/interfaces/tax.py::vat", "src/tax.py::vat").findings
        ] == ["SDD188"]
        assert [one.code for one in held(snapshot, "docs/interfaces/tax.py", "src/tax.py").findings] == [
            "SDD188"
        ]
        assert held(snapshot, "docs/interfaces/tax.py", "src/tax.py::Tax.vat") == Held()
        gone = held(snapshot, "docs/interfaces/tax.py", "src/tax.py::Tax.tav").findings
        assert [one.message for one in gone] == [
            "src/tax.py has no `Tax.tav`, which is to implement docs/interfaces/tax.py"
        ] or gone[0].message.startswith("src/tax.py has no `Tax.tav` (it has")

    def test_a_function_may_implement_a_class_that_can_only_be_called(self) -> None:
        wanted = (
            "from typing import Protocol\nclass IVat(Protocol):\n    def __call__(self, a: int) -> int: ...\n"
        )
        files = {
            b"docs/interfaces/tax.py": wanted.encode(),
            b"src/tax.py": b"def vat(a: str) -> int:\n    return 1\n",
        }
        found = held(in_memory(files), "docs/interfaces/tax.py::IVat", "src/tax.py::vat")
        assert told(found) == [
            "SDD188 `vat` takes `a` as `str`, where docs/interfaces/tax.py::IVat has `int`"
        ]
        more = files | {b"docs/interfaces/tax.py": wanted.encode() + b"    x: int\n"}
        assert [
            one.code
            for one in held(in_memory(more), "docs/interfaces/tax.py::IVat", "src/tax.py::vat").findings
        ] == ["SDD186"]

    @pytest.mark.parametrize("name", ["ICart", "Cart", "CartProtocol", "CartInterface", "Whatever"])
    def test_of_whole_files_the_class_is_found_by_its_name_or_because_it_is_the_only_one(
        self, name: str
    ) -> None:
        files = {
            b"docs/interfaces/cart.py": f"class {name}:\n    def f(self) -> int: ...\n".encode(),
            b"src/cart.py": b"class CartError(Exception): ...\nclass Cart:\n    def f(self) -> str:\n        return ''\n",
        }
        assert [
            one.code for one in held(in_memory(files), "docs/interfaces/cart.py", "src/cart.py").findings
        ] == ["SDD188"]

    def test_a_class_that_is_gone_is_told_with_the_nearest_one(self) -> None:
        files = {
            b"docs/interfaces/cart.py": b"class ICart:\n    def f(self): ...\n",
            b"src/shop/cart.py": b"class Carts: ...\nclass B: ...\n",
        }
        assert [one.message for one in held(in_memory(files), CONTRACT, MADE).findings] == [
            f"src/shop/cart.py has no `Cart` (it has `Carts`), which is to implement {CONTRACT}"
        ]
        assert [
            one.message
            for one in held(in_memory(files), "docs/interfaces/cart.py", "src/shop/cart.py").findings
        ] == [
            "src/shop/cart.py has no `ICart` (it has `Carts`), which is to implement docs/interfaces/cart.py"
        ]

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (None, "src/shop/cart.py is not there"),
            (b"\xff", "src/shop/cart.py is no text in UTF-8"),
            (b"x" * 1_000_001, "src/shop/cart.py has 1,000,001 bytes, more than 1,000,000"),
            (b"\n\nclass Cart(:\n", "src/shop/cart.py:3 is no Python that can be read: invalid syntax"),
            (
                b"x = " + b"(" * 300,
                "src/shop/cart.py:1 is no Python that can be read: too many nested parentheses",
            ),
            (
                b"x = " + b"-" * 100_000 + b"1",
                "src/shop/cart.py is no Python that can be read: it is nested too deeply",
            ),
            (
                b"a" + b".b" * 20_000,
                "src/shop/cart.py is no Python that can be read: it is nested too deeply",
            ),
        ],
    )
    def test_an_implementation_that_is_gone_or_cannot_be_read_is_a_finding(
        self, data: bytes | None, why: str
    ) -> None:
        files = {b"docs/interfaces/cart.py": b"class ICart:\n    def f(self): ...\n"} | (
            {b"src/shop/cart.py": data} if data else {}
        )
        (one,) = held(in_memory(files), CONTRACT, MADE).findings
        assert (one.code, one.message) == ("SDD186", f"{why}, which is to implement {CONTRACT}")

    def test_what_is_no_python_is_not_looked_at(self) -> None:
        files = {b"docs/interfaces/cart.py": b"class ICart:\n    def f(self): ...\n", b"src/cart.ts": b"x"}
        assert held(in_memory(files), CONTRACT, "src/cart.ts").unknown == (
            "src/cart.ts is no Python, so its signatures are not looked at",
        )
        assert held(in_memory(files), CONTRACT, "src/shop.ts").findings[0].code == "SDD186"
        assert held(in_memory({b"src/shop/cart.py": b""}), CONTRACT, MADE).unknown == (
            "docs/interfaces/cart.py is not there, so nothing can be held against it",
        )


# A law: whatever class is held against its own stub keeps the contract; with a method taken away or changed it does not.

KINDS = ("{}: int", "{}: str = 'x'", "*, {}: float", "*{}: int")
METHODS = st.lists(
    st.tuples(
        st.sampled_from(["def", "async def"]),
        st.lists(st.sampled_from(["int", "str", "list[int]"]), max_size=3),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def made_of(methods: list[tuple[str, list[str], bool]], body: str, *, but: int = -1, change: str = "") -> str:
    lines = ["x: int = 1"]
    for number, (word, types, keyword) in enumerate(methods):
        given_ = [f"p{at}: {type_}" for at, type_ in enumerate(types)]
        given_ += ["*", "k: int"] if keyword else []
        if number == but and change == "gone":
            continue
        given_ += ["added: int"] if number == but and change == "more" else []
        lines.append(f"{word} m{number}(self{''.join(', ' + one for one in given_)}) -> int: {body}")
    return "\n".join(lines)


@given(methods=METHODS, data=st.data())
def test_a_class_keeps_its_own_stub_and_nothing_can_be_taken_from_it(
    methods: list[tuple[str, list[str], bool]], data: st.DataObject
) -> None:
    stub = made_of(methods, "...")
    assert compare(stub, made_of(methods, "return 1")) == Held()
    but = data.draw(st.integers(0, len(methods) - 1))
    for change, code in (("gone", "SDD186"), ("more", "SDD187")):
        found = compare(stub, made_of(methods, "return 1", but=but, change=change))
        assert [one.code for one in found.findings] == [code]
        assert f"`Cart.m{but}`" in found.findings[0].message


@given(data=st.binary(max_size=300), other=st.text(max_size=300))
def test_no_bytes_make_it_raise(data: bytes, other: str) -> None:
    files = {
        b"docs/interfaces/cart.py": data,
        b"src/shop/cart.py": other.encode("utf-8", "replace"),
        b"c.md": data,
    }
    held(in_memory(files), "docs/interfaces/cart.py", "src/shop/cart.py")
    held(in_memory(files), "c.md", "src/shop/cart.py")


PIECES = st.sampled_from(
    [
        "class ICart",
        "def f(self",
        "(",
        ")",
        ":",
        "\n",
        "    ",
        "x: ",
        "int",
        "[",
        "]",
        "->",
        "@property\n",
        "import a",
        "'''",
        "...",
        "*",
        ",",
        "=",
    ]
)


@given(wanted=st.lists(PIECES, max_size=30), made=st.lists(PIECES, max_size=30))
def test_no_pieces_of_python_make_it_raise(wanted: list[str], made: list[str]) -> None:
    compare("".join(wanted), "".join(made))
