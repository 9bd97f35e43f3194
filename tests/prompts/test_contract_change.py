"""A changed contract is compatible, breaking, or for somebody to read."""

from __future__ import annotations

import pytest

from sdd.prompts.contract_change import Change, contract_change, worst

CART = '''
class ICart(Protocol):
    """A cart."""

    limit: int = 3

    def add(self, product: str, count: int = 1) -> None:
        """Add a product.

        Raises:
            CountError: below one.
        """

    def total(self) -> int: ...
'''


def change(old: str, new: str, text: str = CART) -> Change:
    assert old in text
    return contract_change(text, text.replace(old, new), "python")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("    def total(self) -> int: ...\n", "", "the method `ICart.total` is gone"),
        ("def total(", "def sum(", "the method `ICart.total` is gone"),
        ("-> int", "-> float", "`ICart.total` was `def -> int` and is `def -> float`"),
        ("    def total", "    async def total", "`ICart.total` was `def -> int` and is `async def -> int`"),
        (
            "    def total",
            "    @property\n    def total",
            "`ICart.total` was `def -> int` and is `@property def -> int`",
        ),
        ("product: str, ", "", "`ICart.add` takes `product` no longer"),
        ("product: str", "product: int", "the type of `product` of `ICart.add` was `str` and is `int`"),
        ("product: str", "product", "the type of `product` of `ICart.add` was `str` and is `not said`"),
        ("count: int = 1", "count: int", "the default of `count` of `ICart.add` was `1` and is `none`"),
        ("product: str,", "product: str, shop: str,", "`ICart.add` needs `shop`"),
        ("product: str, count", "product: str, *, count", "`count` of `ICart.add` was either and is keyword"),
        (
            "self, product: str, count: int = 1",
            "self, a=1, product: str='', count: int = 1",
            "the place of `product` of `ICart.add` changed",
        ),
        (
            "            CountError: below one.\n",
            "            CountError: below one.\n            GoneError: no.\n",
            "`ICart.add` raises `GoneError`",
        ),
        ("-> int: ...", "-> int:\n        raise GoneError('no')", "`ICart.total` raises `GoneError`"),
        ("(Protocol)", "", "`ICart` is no `Protocol` any more"),
        ("limit: int = 3", "limit: int = 4", "`ICart.limit` was `int = 3` and is `int = 4`"),
    ],
)
def test_what_a_caller_relied_on_and_is_no_more_is_breaking(old: str, new: str, reason: str) -> None:
    found = change(old, new)
    assert found.verdict == "breaking"
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "    def total",
            "    def clear(self) -> None: ...\n    def total",
            "the method `ICart.clear` is new",
        ),
        ("count: int = 1", "count: int = 1, note: str = ''", "`ICart.add` may take `note`"),
        ("count: int = 1", "count: int = 1, *more: str, **rest: int", "`ICart.add` may take `**`"),
        ("(Protocol)", "(Protocol, Sized)", "`ICart` is a `Sized`, too"),
        (
            "product: str",
            "product: str = ''",
            "the default of `product` of `ICart.add` was `none` and is `''`",
        ),
        ("limit: int = 3", "limit: int = 3\n    name = 'cart'", "the value `ICart.name` is new"),
        ("            CountError: below one.\n", "", "`ICart.add` no longer raises `CountError`"),
    ],
)
def test_what_leaves_every_caller_as_it_was_is_compatible(old: str, new: str, reason: str) -> None:
    found = change(old, new)
    assert reason in found.reasons
    assert found.verdict == ("unknown" if "Raises" in old or "CountError" in old else "compatible")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("A cart.", "A full cart.", "what is said of `ICart` changed: read it"),
        ("-> int: ...", "-> int:\n        return 1", "what `ICart.total` does changed: read it"),
        ("    limit", "    # a limit\n    limit", "a comment or something private changed: read it"),
        ("    limit", "    _own = 1\n    limit", "a comment or something private changed: read it"),
        ("class ICart", "class ICart(", "it is no Python that can be read"),
    ],
)
def test_what_no_program_can_weigh_is_unknown(old: str, new: str, reason: str) -> None:
    assert change(old, new) == Change("unknown", (reason,))


@pytest.mark.parametrize("head", ["@dataclass\nclass A:", "class A(NamedTuple):", "class A(BaseModel):"])
def test_a_new_field_without_a_default_is_needed_where_it_is_an_argument(head: str) -> None:
    before = f"{head}\n    x: int\n"
    assert contract_change(before, before + "    y: int\n", "python") == Change(
        "breaking", ("the value `A.y` is new and needed",)
    )
    assert contract_change(before, before + "    y: int = 1\n", "python").verdict == "compatible"
    assert (
        contract_change("class A:\n    x: int\n", "class A:\n    x: int\n    y: int\n", "python").verdict
        == "compatible"
    )


def test_a_parameter_that_may_be_given_in_more_ways_does_no_harm() -> None:
    found = contract_change("def f(a, /, *, b): ...\n", "def f(a, b): ...\n", "python")
    assert found == Change(
        "compatible", ("`a` of `f` was positional and is either", "`b` of `f` was keyword and is either")
    )


def test_what_is_private_or_stands_below_a_condition_is_told_apart() -> None:
    before = "if X:\n    def f(): ...\ntry:\n    a = b.c = 1\nexcept E: ...\nclass _P: ...\ndef _f(): ...\n_x: int\nb.d: int = 1\n"
    assert contract_change(before, before.replace("def f()", "def g()"), "python").reasons == (
        "the function `f` is gone",
        "the function `g` is new",
    )
    assert contract_change(before, before.replace("a = b.c = 1", "a = 2"), "python").reasons == (
        "`a` was `1` and is `2`",
    )
    assert (
        contract_change("def f():\n    raise\n", "def f():\n    raise E\n", "python").reasons[0]
        == "`f` raises `E`"
    )


def test_a_method_alone_and_white_space_and_other_languages() -> None:
    assert (
        contract_change("    def f(self): ...\n", "    def f(self, a): ...\n", "python").verdict == "breaking"
    )
    assert contract_change("x = 1\n", "x  =  1\n", "python") == Change("same")
    assert contract_change("# A\n", "# B\n", "markdown") == Change("unknown", ("its words changed: read it",))
    assert contract_change("# A\n", None, "markdown") == Change("breaking", ("it is gone",))
    assert contract_change(None, "# A\n", "markdown") == Change("compatible", ("it is new",))


def test_the_worst_verdict_counts() -> None:
    assert worst(["compatible", "breaking", "unknown"]) == "breaking"
    assert worst([]) == "same"
