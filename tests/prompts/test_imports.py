"""A symbol comes with the imports that its names need, and with no others."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.prompts.imports import imports
from sdd.prompts.selectors import select
from sdd.snapshot import in_memory

MODULE = '''\
"""The cart."""
from __future__ import annotations
import abc, json
import os.path as where
import xml.dom
from decimal import (
    Decimal,  # money
    Context,
)
from typing import TYPE_CHECKING, Literal, Protocol
if TYPE_CHECKING:
    from collections.abc import Sequence
    from shop.stock import (
        IStock,
    )
try:
    import fast; import slow
except ImportError:
    fast = None
from everything import *


class Cart(Protocol):
    """Uses json only in words."""

    from shop.money import Money

    @abc.abstractmethod
    def add(self, stock: "Sequence[IStock]", kind: Literal["not a name!", "json"]) -> "Decimal": ...

    def price(self) -> Money:
        import json
        return xml.dom.x(f"{where!r:{fast}}")


LIMIT: "Context" = 3
'''


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Cart.add",
            (
                "import abc, json\n"
                "from decimal import (\n    Decimal,  # money\n    Context,\n)\n"
                "from typing import TYPE_CHECKING, Literal, Protocol\n"
                "from collections.abc import Sequence\n"
                "from shop.stock import (\n        IStock,\n    )\n"
                "from everything import *\n"
            ),
        ),
        (
            "Cart.price",
            (
                "import os.path as where\nimport xml.dom\nimport fast\nfrom everything import *\n"
                "from shop.money import Money\n"
            ),
        ),
        (
            "LIMIT",
            "from decimal import (\n    Decimal,  # money\n    Context,\n)\nfrom everything import *\n",
        ),
    ],
)
def test_a_symbol_brings_the_imports_that_it_uses(name: str, expected: str) -> None:
    (found,) = select(in_memory({b"a.py": MODULE.encode()}), f"a.py::{name}")
    assert found.imports == expected
    assert found.shown == f"{expected}\n\n{found.text}"


def test_lines_and_whole_files_bring_none() -> None:
    files = in_memory({b"a.py": MODULE.encode()})
    assert [select(files, one)[0].imports for one in ("a.py", "a.py:20-30")] == ["", ""]


def test_what_is_no_python_is_an_error() -> None:
    with pytest.raises(SddError, match=r"a\.py:1 is no Python"):
        imports("def", 1, 1, "a.py")


NAMES = st.sampled_from(["a", "b", "json", "Cart", "x"])
LINES = st.one_of(
    st.builds("import {}".format, NAMES),
    st.builds("from {} import {} as {}".format, NAMES, NAMES, NAMES),
    st.builds("if {}:\n    import {}".format, NAMES, NAMES),
    st.builds("class {}:\n    def f(self, x: '{}') -> {}: ...".format, NAMES, NAMES, NAMES),
    st.builds("{} = {}".format, NAMES, NAMES),
)


@given(st.lists(LINES, min_size=1, max_size=8), NAMES)
def test_what_is_brought_stands_in_the_file_and_the_text_is_verbatim(lines: list[str], name: str) -> None:
    source = "\n".join(lines) + "\n"
    try:
        (found,) = select(in_memory({b"a.py": source.encode()}), f"a.py::{name}")
    except SddError:
        return
    assert found.text in source
    assert all(line in source for line in found.imports.split("\n"))
    bound = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(found.imports))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    used = {node.id for node in ast.walk(ast.parse(found.text)) if isinstance(node, ast.Name)}
    quoted = {node.value for node in ast.walk(ast.parse(found.text)) if isinstance(node, ast.Constant)}
    assert bound <= used | quoted


@given(
    st.lists(
        st.sampled_from(
            ["import é; import b", "import b as ü  # €", "from c import (\r\n  d, # ß\r  e)", "é = 1", ""]
        )
    )
)
def test_an_import_stands_as_python_itself_tells_it(lines: list[str]) -> None:
    text = "\n".join([*lines, "x = é, b, ü, d, e"])
    *body, user = ast.parse(text).body
    nodes = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert imports(text, user.lineno, user.lineno) == "".join(
        f"{ast.get_source_segment(text, node)}\n" for node in nodes
    )
