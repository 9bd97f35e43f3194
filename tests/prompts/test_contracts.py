"""What a prompt says of the contracts that a session uses: verbatim, who implements them, and how to come by them."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from projects import files, run, runs, seen, session
from sdd.contracts import python
from sdd.gates.picture import picture
from sdd.prompts.compile import compiled
from sdd.snapshot import in_memory
from sdd.verdicts import NONE, Verdicts

CATALOG = '''from money import Money

class NotFoundError(Exception): ...

class ICatalog:
    """What there is to buy.

    Dependencies: none
    Configuration: none
    """

    def price(self, sku: str) -> Money:
        """What it costs.

        Raises:
            NotFoundError: there is no such thing.
        """
'''
CART = '''class ICart:
    """A cart.

    Dependencies:
        catalog (ICatalog): prices
    Configuration: none
    """

    def total(self) -> int:
        """What it costs. Raises nothing."""
'''
MADE = "class Catalog:\n    def secret_of_the_implementation(self): ...\n"


def project(cart: tuple[str, ...] = (), catalog: str = "", **more: str) -> dict[bytes, bytes]:
    """Two sessions: 02-catalog with some runs, and 03-cart with some front matter."""
    made = files(
        **{
            "sessions__02-catalog": session(
                "implementation",
                "writes: [src/catalog.py]",
                "implements:",
                "  docs/interfaces/catalog.py::ICatalog: src/catalog.py::Catalog",
                rest=catalog,
            ),
            "sessions__03-cart": session("implementation", "writes: [src/cart.py]", *cart),
        }
    )
    texts = {
        "docs/interfaces/catalog.py": CATALOG,
        "docs/interfaces/cart.py": CART,
        "src/catalog.py": MADE,
        **more,
    }
    texts["docs/interfaces/money.py"] = "class Money: ...\n"
    return made | {path.encode(): text.encode() for path, text in texts.items() if text}


def interfaces(given: dict[bytes, bytes], name: str = "03-cart") -> str:
    picture = seen(given)
    text = compiled(picture.project, picture.states, name, "The form.").text
    return text.partition("# Interfaces\n")[2].partition("\n# Files that you may write")[0]


OWN = ("implements:", "  docs/interfaces/cart.py::ICart: src/cart.py::Cart")
WAYS = {
    "its own contract depends on it": OWN,
    "its interfaces name it": ("interfaces: [docs/interfaces/catalog.py::ICatalog]",),
    "it reads it": ("reads: [docs/interfaces/catalog.py::ICatalog]",),
    "it needs the session": ("needs: [02-catalog]",),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_contract_that_is_used_is_shown_and_what_implements_it_is_not(way: str) -> None:
    text = interfaces(project(WAYS[way], runs(run())))
    whole = text if way != "it reads it" else "def price(self, sku: str) -> Money:"  # among the documents
    assert "def price(self, sku: str) -> Money:" in whole
    assert (
        "`docs/interfaces/catalog.py::ICatalog` is implemented by the session `02-catalog`, as `src/catalog.py::Catalog`."
        in text
    )
    assert "secret_of_the_implementation" not in text


def test_a_contract_that_comes_later_names_the_session_that_will_make_it() -> None:
    text = interfaces(project(OWN))
    assert "is not implemented yet: the session `02-catalog` will do so, as `src/catalog.py::Catalog`" in text
    assert "take it as the constructor's parameter `catalog: ICatalog`" in text
    assert "def price(" in text


def test_a_parameter_that_no_contract_names_is_left_to_the_session() -> None:
    text = interfaces(project(("needs: [02-catalog]",), runs(run())))
    assert "take it as a parameter of the constructor of the type `ICatalog`" in text


def test_the_contract_s_constructor_names_the_parameter_too() -> None:
    cart = CART.replace("        catalog (ICatalog): prices\n", "").replace(
        "    def total", "    def __init__(self, shelf: ICatalog) -> None: ...\n    def total"
    )
    text = interfaces(project(OWN, runs(run()), **{"docs/interfaces/cart.py": cart}))
    assert "take it as the constructor's parameter `shelf: ICatalog`" in text


def test_a_contract_that_no_session_implements_is_told_as_such() -> None:
    text = interfaces(project(("interfaces: [docs/interfaces/cart.py]",)))
    assert "No session implements `docs/interfaces/cart.py` yet." in text
    assert text.count("class ICart") == 1


def test_what_is_shown_already_is_not_shown_twice() -> None:
    for named in ("docs/interfaces/catalog.py", "docs/interfaces/*.py"):
        text = interfaces(project((*OWN, f"interfaces: [{named}]"), runs(run())))
        assert text.count("def price(") == 1


def test_the_types_and_errors_that_contracts_speak_of_are_defined() -> None:
    text = interfaces(project(OWN))
    assert "class NotFoundError(Exception): ..." in text
    assert "class Money: ..." in text


def test_a_needed_contract_that_is_gone_leaves_the_prompt_whole() -> None:
    text = interfaces(project(("needs: [02-catalog]",), runs(run()), **{"docs/interfaces/catalog.py": ""}))
    assert "is implemented by the session `02-catalog`" in text


def test_a_session_without_contracts_has_no_such_section() -> None:
    assert interfaces(project()) == ""


def told(given: dict[bytes, bytes], verdicts: Verdicts) -> tuple[str, int]:
    """A prompt where these verdicts are kept, and how many modules were read for it."""
    here = in_memory(given)
    here.verdicts = verdicts
    found = picture(here)
    count = 0

    def seen_call(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code is python.module.__code__

    sys.setprofile(seen_call)
    try:
        text = compiled(found.project, found.states, "03-cart", "The form.").text
    finally:
        sys.setprofile(None)
    return text, count


def test_what_contracts_say_is_read_once_and_again_when_any_file_of_theirs_is_another() -> None:
    verdicts = Verdicts(remember=True)
    given = project(OWN)
    path = b"docs/interfaces/money.py"
    first, count = told(given, verdicts)
    assert first == told(given, NONE)[0]
    assert "class Money: ..." in first
    again, less = told(given, verdicts)
    assert again == first
    assert count > 0 == less
    for other in (
        given | {path: b"class Coins: ...\n"},
        given
        | {path: b"from coins import Money\n", b"docs/interfaces/coins.py": b"class Money:\n    x: int\n"},
        given | {b"docs/interfaces/cart.py": CART.replace("catalog (ICatalog)", "shop (ICatalog)").encode()},
        {one: data for one, data in given.items() if one != path},
    ):
        changed = told(other, NONE)[0]
        assert changed != first
        assert told(other, verdicts)[0] == changed
    assert told(given, verdicts)[0] == first
