from __future__ import annotations

import pytest

from sdd.contracts.lacks import lacks
from sdd.contracts.pairs import Pair, is_part, makers
from sdd.contracts.python import module
from sdd.contracts.reading import contract
from sdd.contracts.sections import (
    CONFIGURATION,
    DEPENDENCIES,
    ERRORS,
    EVENTS,
    entries,
    in_docstring,
    in_markdown,
)
from sdd.contracts.support import support
from sdd.snapshot import LINK, Entry, Snapshot, in_memory

PYTHON = '''\
"""Carts."""

from dataclasses import dataclass
from typing import Protocol

from money import Money


class InvalidQuantityError(Exception):
    """A quantity below one."""


@dataclass
class Item:
    """One line of a cart."""

    sku: str
    price: Money


class ICart(Protocol):
    """A customer's cart.

    Dependencies:
        catalog (ICatalog): prices and stock.

    Configuration:
        CART_DAYS (int): how long a cart lives; 30 by default.

    Events:
        publishes CartEmptied.
    """

    def add(self, sku: str, quantity: int = 1) -> Item:
        """Put something in.

        Raises:
            InvalidQuantityError: the quantity is below one.
        """

    @property
    def total(self) -> "Money":
        """What it costs."""
'''
MARKDOWN = f"""\
# The cart

Kept for a customer.

## Dependencies and configuration

- `catalog: ICatalog` — prices
- **Configuration:** `CART_DAYS`, 30 by default

## The interface

```python
{PYTHON[PYTHON.index("class ICart") :]}
```

```sql
select 1
```

## Errors

`InvalidQuantityError` where a quantity is below one.
"""


def read(text: str | bytes, selector: str = "docs/interfaces/cart.py::ICart") -> list[str]:
    """What a contract lacks, as `line code message -> hint`."""
    path = selector.partition("::")[0].partition("#")[0].encode()
    data = text.encode() if isinstance(text, str) else text
    found = lacks(contract(in_memory({path: data}), selector))
    return [f"{one.line} {one.code} {one.message} -> {one.hint}" for one in found]


def codes(text: str | bytes, selector: str = "docs/interfaces/cart.py::ICart") -> list[str]:
    return [line.split()[1] for line in read(text, selector)]


class TestAWholeContract:
    """Nothing is missing in it."""

    @pytest.mark.parametrize("symbol", ["", "::ICart", "::Item", "::InvalidQuantityError", "::ICart.add"])
    def test_python_that_says_all_lacks_nothing(self, symbol: str) -> None:
        assert read(PYTHON, f"docs/interfaces/cart.py{symbol}") == []

    @pytest.mark.parametrize("rest", ["", "::ICart", "#The interface"])
    def test_markdown_that_says_all_lacks_nothing(self, rest: str) -> None:
        assert read(MARKDOWN, f"docs/interfaces/cart.md{rest}") == []

    def test_its_classes_know_their_lines_in_the_document(self) -> None:
        found = contract(
            in_memory({b"docs/interfaces/cart.md": MARKDOWN.encode()}), "docs/interfaces/cart.md::ICart"
        )
        lines = MARKDOWN.split("\n")
        assert lines[found.line - 1].startswith("class ICart")
        add = found.classes["ICart"].members["add"]
        assert lines[add.line - 1].startswith("    def add")
        assert add.raises == ("InvalidQuantityError",)
        assert found.told[DEPENDENCIES].count("ICatalog") == 2  # in the document, and in the docstring
        assert found.names == ("ICart",)

    def test_prose_without_code_is_held_to_its_sections_alone(self) -> None:
        prose = "# Cart\n\n## Dependencies\n\nnone\n\n## Configuration\n\nnone\n\n## Errors\n\nnone\n"
        assert read(prose, "docs/interfaces/cart.md") == []
        assert read("# Cart\n", "docs/interfaces/cart.md") == [
            "1 SDD182 docs/interfaces/cart.md says nothing of errors -> add a section `## Errors`",
            (
                "1 SDD184 docs/interfaces/cart.md says nothing of its dependencies and configuration -> say it below headings: "
                "`## Dependencies` and `## Configuration`, with `none` where there is nothing"
            ),
        ]

    def test_a_contract_in_another_language_has_its_own_rules(self) -> None:
        assert read("openapi: 3.1.0\n", "docs/interfaces/cart.yaml") == []

    def test_a_constructor_says_what_it_is_given(self) -> None:
        text = PYTHON.replace("Dependencies:", "Catalog:").replace("Configuration:", "Days:")
        assert codes(text) == ["SDD184"]
        given = "    def __init__(self, catalog: ICatalog, days: int) -> None: ...\n    def add("
        assert codes(text.replace("    def add(", given)) == []

    @pytest.mark.parametrize(
        "words", ["Raises nothing.", "It never fails.", "Raises: None", "It raises no error."]
    )
    def test_that_nothing_is_raised_can_be_said(self, words: str) -> None:
        assert (
            codes(
                PYTHON.replace("Raises:\n            InvalidQuantityError: the quantity is below one.", words)
            )
            == []
        )

    def test_functions_have_neither_dependencies_nor_configuration(self) -> None:
        text = "def vat(a: int) -> int:\n    '''The tax.\n\n    Raises nothing.\n    '''\n"
        assert read(text, "docs/interfaces/tax.py") == []

    def test_overloads_carry_the_types(self) -> None:
        text = (
            PYTHON.replace("import Protocol", "import Protocol, overload")
            + "    @overload\n    def g(self, a: int) -> int: ...\n    @overload\n    def g(self, a: str) -> str: ...\n    def g(self, a):\n        'Get.'\n"
        )
        assert read(text) == []

    def test_what_is_private_is_nobody_s_business(self) -> None:
        assert read(PYTHON + "    def _g(self, a): ...\n") == []


class TestWhatIsLeftToBeGuessed:
    """One code for each kind of lack, with a list."""

    def test_types(self) -> None:
        text = PYTHON.replace("sku: str, quantity: int = 1) -> Item", "sku, quantity=1)") + "    x = 1\n"
        assert read(text) == [
            (
                "34 SDD181 docs/interfaces/cart.py::ICart does not say the type of `ICart.add(sku)`, `ICart.add(quantity)`, what "
                "`ICart.add` returns, what `ICart.x` is -> write the types"
            )
        ]

    def test_of_a_long_list_the_rest_is_counted(self) -> None:
        text = PYTHON + "".join(f"    x{number} = 1\n" for number in range(10))
        assert "`ICart.x7` is and 2 more" in read(text)[0]

    def test_errors(self) -> None:
        text = PYTHON.replace("Raises:\n            InvalidQuantityError: the", "It says that the")
        assert read(text) == [
            "21 SDD182 docs/interfaces/cart.py::ICart says nothing of errors -> say it in the docstrings: `Raises:`, or `Raises nothing.`"
        ]

    def test_docstrings(self) -> None:
        text = PYTHON.replace('"""What it costs."""', "...")
        assert read(text) == [
            "42 SDD183 docs/interfaces/cart.py::ICart does not say what `ICart.total` is for -> write a docstring for each"
        ]
        two = text + "    def f(self) -> None: ...\n"
        assert "`ICart.total`, `ICart.f` are for" in read(two)[0]

    def test_in_prose_the_text_around_the_code_says_what_it_is_for(self) -> None:
        assert read(MARKDOWN.replace('"""What it costs."""', "..."), "docs/interfaces/cart.md") == []

    def test_dependencies_and_configuration(self) -> None:
        text = PYTHON.replace("Dependencies:", "Catalog:").replace("Configuration:", "Days:")
        assert read(text) == [
            (
                "21 SDD184 docs/interfaces/cart.py::ICart says nothing of its dependencies and configuration -> say it in the docstring: "
                "`Dependencies:` and `Configuration:`, with `none` where there is nothing"
            )
        ]

    @pytest.mark.parametrize(
        ("data", "selector", "why"),
        [
            (
                b"x" * 1_000_001,
                "docs/interfaces/cart.py",
                "docs/interfaces/cart.py has 1,000,001 bytes, more than 1,000,000",
            ),
            (b"\xff", "docs/interfaces/cart.py", "docs/interfaces/cart.py is no text in UTF-8"),
            (
                b"class A(:",
                "docs/interfaces/cart.py",
                "docs/interfaces/cart.py:1 is no Python that can be read: invalid syntax",
            ),
            (
                b"-" * 99_999,
                "docs/interfaces/cart.py",
                "docs/interfaces/cart.py is no Python that can be read: it is nested too deeply",
            ),
            (
                b"class Bb: x = 1",
                "docs/interfaces/cart.py::B",
                "docs/interfaces/cart.py has no class or function `B`; it has `Bb`",
            ),
            (b"", "docs/interfaces/cart.py::B", "docs/interfaces/cart.py has no class or function `B`"),
            (b"# A\n", "docs/interfaces/cart.md#B", "docs/interfaces/cart.md has no heading `B`"),
            (b"# A\n", "docs/interfaces/cart.md::B", "docs/interfaces/cart.md has no class or function `B`"),
            (
                b"# A\n\n```python\nclass A:\n    x = (\n```\n",
                "docs/interfaces/cart.md",
                "docs/interfaces/cart.md:5 is no Python that can be read: '(' was never closed",
            ),
        ],
    )
    def test_what_cannot_be_read_is_a_finding(self, data: bytes, selector: str, why: str) -> None:
        (one,) = read(data, selector)
        assert one.partition(" -> ")[0].endswith(f"SDD180 {why}, but a session is to implement it")

    def test_a_contract_that_is_not_there_or_a_link_is_a_finding(self) -> None:
        assert lacks(contract(in_memory({}), "docs/a.py::A"))[0].message.startswith("docs/a.py is not there")
        link = Snapshot("x", {b"docs/a.py": Entry(LINK, "0" * 40)}, lambda _: {})
        assert lacks(contract(link, "docs/a.py::A"))[0].message.startswith("docs/a.py is a link")


def test_sections_are_found_however_a_docstring_writes_them() -> None:
    google = (
        "A cart.\n\nDependencies:\n    catalog (ICatalog): prices\n\n    clock: Clock\n\nSettings: none\n"
    )
    numpy = (
        "A cart.\n\nDependencies\n------------\ncatalog : ICatalog\n\nConfiguration\n=============\nnone\n"
    )
    assert in_docstring(google) == {
        DEPENDENCIES: "catalog (ICatalog): prices\n\n    clock: Clock",
        CONFIGURATION: "none",
    }
    assert in_docstring(numpy) == {DEPENDENCIES: "catalog : ICatalog", CONFIGURATION: "none"}
    assert in_docstring("It has many more words than a title has of dependencies: x") == {}
    assert entries(in_docstring(google), DEPENDENCIES) == [("catalog", "ICatalog"), ("clock", "Clock")]
    assert entries({}, DEPENDENCIES) == []
    assert entries({DEPENDENCIES: "- !\nICatalog"}, DEPENDENCIES) == [("", "ICatalog")]


def test_sections_of_markdown_are_its_headings_and_words_before_a_colon_but_not_code() -> None:
    text = "# Cart\n\n## Published events\n\nCartEmptied\n\n### Errors\n\nnone\n\n**Depends on:** nothing\n\n```\nConfiguration: x\n```\n"
    told = in_markdown(text.split("\n"))
    assert set(told) == {EVENTS, ERRORS, DEPENDENCIES}
    assert told[EVENTS].startswith("CartEmptied")


def test_a_part_and_its_whole_file_are_told() -> None:
    assert is_part("a.py", "a.py::A")
    assert not is_part("a.py::B", "a.py::A")
    pair = Pair("s", "a.py", "b.py")
    assert makers([pair], "a.py::A") == [pair]
    assert makers([pair], "b.py") == []


def test_constants_type_variables_and_new_types_are_what_a_contract_speaks_of() -> None:
    values = b'T = TypeVar("T")\nSku = NewType("Sku", str)\nMOST_ITEMS: int = 9\na = b = OTHER = 1\nclass Page(Generic[T]): ...\n'
    cart = (
        b"from values import MOST_ITEMS, Page, Sku\n"
        b"class ICart(Protocol):\n"
        b'    """Holds MOST_ITEMS, and no UNKNOWN_ONE."""\n'
        b"    def skus(self) -> Page[Sku]: ...\n"
    )
    assert support(in_memory({b"values.py": values, b"cart.py": cart}), ["cart.py::ICart"]) == [
        "values.py::MOST_ITEMS",
        "values.py::Page",
        "values.py::Sku",
        "values.py::T",
    ]


def test_the_types_and_errors_that_a_contract_speaks_of_are_found_wherever_they_stand() -> None:
    files = {
        b"docs/interfaces/cart.py": PYTHON.encode(),
        b"docs/interfaces/money.py": b"from decimal import Decimal\nclass Money(Base):\n    value: Decimal\nclass Base: ...\n",
    }
    assert support(in_memory(files), ["docs/interfaces/cart.py::ICart", "docs/interfaces/other.md"]) == [
        "docs/interfaces/cart.py::InvalidQuantityError",
        "docs/interfaces/cart.py::Item",
        "docs/interfaces/money.py::Base",
        "docs/interfaces/money.py::Money",
    ]
    assert support(in_memory({b"t.py": b"def f(a: A) -> int: ...\nclass A: ...\n"}), ["t.py::f"]) == [
        "t.py::A"
    ]


def test_text_that_python_refuses_for_another_reason_is_a_problem_too() -> None:
    assert module(b"x.py", "x = '\ud800'").problem.startswith("UnicodeEncodeError")
