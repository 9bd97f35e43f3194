"""A selector names exactly one text, or says what it may have meant; and some files go nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.utils import read_fixture_file

from sdd.errors import SddError
from sdd.globs import is_glob
from sdd.prompts.excerpt import Excerpt
from sdd.prompts.refusals import MOST_BYTES, refusal
from sdd.prompts.selectors import has_text, look_ahead, select
from sdd.snapshot import EXECUTABLE, LINK, SUBMODULE, Entry, Snapshot, blob_id, in_memory
from sdd.watched import Watched

CASES = Path(__file__).parents[1] / "cases"
BEGIN = b"-----BEGIN "  # apart from what follows, so that no scanner takes this file for a key


def cases(name: str) -> list[object]:
    found = read_fixture_file(CASES / name)
    return [pytest.param(given, expected, id=title) for _, title, given, expected in found]


def told(files: dict[bytes, bytes], selector: str) -> str:
    """What a selector gives: its lines and text, or the error and its hint."""
    try:
        excerpts = select(in_memory(files), selector)
    except SddError as error:
        return f"error: {error.message}\nhint: {error.hint}\n"
    return "".join(f"{one.first_line}-{one.last_line}\n{one.text}" for one in excerpts)


@pytest.mark.parametrize(("given", "expected"), cases("selectors-markdown.md"))
def test_a_heading_names(given: str, expected: str) -> None:
    wanted, _, text = given.partition("\n")
    assert told({b"docs/a.md": text.encode()}, "docs/a.md" + wanted) == expected


@pytest.mark.parametrize(("given", "expected"), cases("selectors-python.md"))
def test_a_symbol_names(given: str, expected: str) -> None:
    wanted, _, text = given.partition("\n")
    assert told({b"src/a.py": text.encode()}, "src/a.py" + wanted) == expected


@pytest.mark.parametrize(("given", "expected"), cases("selectors-lines.md"))
def test_numbers_name(given: str, expected: str) -> None:
    wanted, _, text = given.partition("\n")
    assert told({b"src/a.py": text.encode()}, "src/a.py" + wanted) == expected


def test_a_path_names_its_whole_file() -> None:
    files = {b"docs/a b.md": b"# A\r\nx\r\n"}
    assert select(in_memory(files), "docs/a b.md") == [
        Excerpt(
            "docs/a b.md", b"docs/a b.md", blob_id(b"# A\r\nx\r\n"), 1, 2, "# A\nx\n", "markdown", whole=True
        )
    ]


def test_a_glob_names_its_files_in_the_order_of_their_paths() -> None:
    files = {b"src/b.py": b"b", b"src/\xff.py": b"", b"src/a.py": b"a\n", b"docs/a.md": b""}
    found = select(in_memory(files), "src/**")
    assert [(one.path, one.first_line, one.last_line, one.whole) for one in found] == [
        (b"src/a.py", 1, 1, True),
        (b"src/b.py", 1, 1, True),
        (b"src/\xff.py", 1, 0, True),
    ]


def test_the_files_of_a_glob_are_read_at_once() -> None:
    asked = []

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        asked.append(paths)
        return dict.fromkeys(paths, b"")

    entries = {path: Entry(EXECUTABLE, "1" * 40) for path in (b"b.py", b"a.py", b"c.md")}
    assert len(select(Snapshot("here", entries, load), "*.py")) == 2
    assert asked == [[b"a.py", b"b.py"]]


def test_files_are_looked_ahead_for_at_once() -> None:
    asked = []

    def load(paths: list[bytes]) -> dict[bytes, bytes]:
        asked.append(paths)
        return dict.fromkeys(paths, b"1\n2\n")

    entries = {path: Entry(EXECUTABLE, "1" * 40) for path in (b"b.py", b"a.py", b"c.md", b"d.md")}
    entries |= {b"link.md": Entry(LINK, "2" * 40)}
    here = Snapshot("here", entries, load)
    selectors = ["c.md", "a.py:1", "a.py:2", "d*.md", "gone.md", "link.md", "", "session:a.py"]
    look_ahead(here, selectors)
    assert asked == [[b"c.md", b"a.py"]]
    assert [one.text for selector in selectors[:3] for one in select(here, selector)] == [
        "1\n2\n",
        "1\n",
        "2\n",
    ]
    assert len(asked) == 1


HELD = {
    b"a.md": b"# A\n\n## B\n\n## B\n",
    b"a.py": b"class A: ...\n",
    b"key.pem": b"# A\n",
    b"key.pem.md": b"\0",
    b"b c.md": b"# A\n",
}


@pytest.mark.parametrize(
    "path", ["a.md", "a.py", "key.pem", "key.pem.md", "b c.md", "a*.md", "gone.md", "gone*.md", "\ud800", ""]
)
@pytest.mark.parametrize("part", ["", "#A", "#B", "#C", "#", "::A", "::B", ":1", ":9", "/"])
def test_a_selector_has_text_where_it_can_be_selected_and_nobody_looks_for_what_was_meant(
    path: str, part: str
) -> None:
    held = in_memory(HELD)
    try:
        found = bool(select(held, path + part, optional=True))
    except SddError:
        found = False
    files = Watched(held.entries, ())
    assert has_text(held.through(files), path + part) == found
    assert ("below", b"") not in files.asked or is_glob(path + part)


def test_an_excerpt_says_which_lines_of_which_file_it_is() -> None:
    (found,) = select(in_memory({b"a.py": b"x = 1\r\ny = 2"}), "a.py::y")
    assert found == Excerpt(
        "a.py::y", b"a.py", blob_id(b"x = 1\r\ny = 2"), 2, 2, "y = 2", "python", whole=False
    )


def test_an_executable_file_is_a_file() -> None:
    snapshot = Snapshot("here", {b"run": Entry(EXECUTABLE, "1" * 40)}, lambda _: {b"run": b"#!/bin/sh\n"})
    assert select(snapshot, "run")[0].text == "#!/bin/sh\n"


@pytest.mark.parametrize(
    ("path", "language"),
    [
        (b"a.md", "markdown"),
        (b"docs/README.MD", "markdown"),
        (b"a.pyi", "python"),
        (b"a.rs", "rs"),
        (b"Makefile", ""),
        (b"docs.d/Makefile", ""),
        (b"a.x`y", ""),
        (b"a.\xff", ""),
        ("a.é".encode(), ""),
    ],
)
def test_a_fence_says_what_the_extension_says(path: bytes, language: str) -> None:
    assert select(in_memory({path: b""}), path.decode(errors="surrogateescape"))[0].language == language


@pytest.mark.parametrize(
    ("selector", "path", "text"),
    [
        ("a.md#B", b"a.md#B", "hash\n"),
        ("a.md#C", b"a.md", "# C\n"),
        ("a.md#B#C", b"a.md#B#C", "twice\n"),
        ("x::y.py", b"x::y.py", "y = 1\n"),
        ("x::y.py::y", b"x::y.py", "y = 1\n"),
        ("x:1", b"x:1", "colon\n"),
        ("x:1:1", b"x:1", "colon\n"),
        ("app/[id].py", b"app/[id].py", "id\n"),
    ],
)
def test_an_exact_path_wins(selector: str, path: bytes, text: str) -> None:
    files = {
        b"a.md": b"# C\n",
        b"a.md#B": b"hash\n",
        b"a.md#B#C": b"twice\n",
        b"x::y.py": b"y = 1\n",
        b"x:1": b"colon\n",
        b"x": b"x\n",
        b"app/[id].py": b"id\n",
        b"app/i.py": b"i\n",
    }
    (found,) = select(in_memory(files), selector)
    assert (found.path, found.text) == (path, text)


@pytest.mark.parametrize(
    ("selector", "message", "hint"),
    [
        ("docs/archtecture.md", "names no file in memory", "write docs/architecture.md"),
        ("docs/archtecture.md#Cart", "names no file in memory", "write docs/architecture.md#Cart"),
        ("cart.py::Cart", "names no file in memory", "write src/shop/cart.py::Cart"),
        ("src/shop/crat.py:1-2", "names no file in memory", "write src/shop/cart.py:1-2"),
        ("source/**/*.rs", "names no file in memory", "write a path from the top of the repository"),
        ("", "names no file in memory", "write a path from the top of the repository"),
        ("#Cart", "names no file in memory", "write a path from the top of the repository"),
        ("docs", "names a folder", "write docs/**"),
        ("docs#Cart", "names a folder", "write docs/**"),
        ("docs/*.md#Cart", "asks for a part of a glob's files", "write one path in front of it"),
        ("docs/architecture\n.md#a\x1bb", "names no file in memory", 'write "docs/architecture.md#a\\033b"'),
        ("docs/caf.md", "names no file in memory", 'write "docs/caf\\351.md"'),
    ],
)
def test_what_names_nothing_says_what_was_meant(selector: str, message: str, hint: str) -> None:
    files = dict.fromkeys([b"docs/architecture.md", b"src/shop/cart.py", b"docs/caf\xe9.md"], b"# Cart\n")
    with pytest.raises(SddError) as caught:
        select(in_memory(files), selector)
    assert (caught.value.message, caught.value.hint) == (f"{selector!r} {message}", hint)


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        ("a.toml#x", "a.toml is not Markdown, so '#x' names nothing in it"),
        ("a.toml::x", "a.toml is not Python, so '::x' names nothing in it"),
        ("\ud800", "'\\ud800' is no selector: it is no text in UTF-8"),
        ("empty.py:1", "empty.py has 0 lines, so :1 names none"),
    ],
)
def test_a_part_that_a_file_cannot_have(selector: str, told: str) -> None:
    with pytest.raises(SddError) as caught:
        select(in_memory({b"a.toml": b"# x\n", b"empty.py": b""}), selector)
    assert caught.value.message == told
    assert caught.value.hint


def test_only_a_glob_may_find_nothing_and_only_where_that_is_allowed() -> None:
    snapshot = in_memory({b"a.md": b"# A\n"})
    assert select(snapshot, "docs/interfaces/**", optional=True) == []
    for selector in ("b.md", "a.md#B", "b.md#What?", "docs/*.md#A"):
        with pytest.raises(SddError):
            select(snapshot, selector, optional=True)


MADE_KEYS = (
    b"sk-ant-" + b"api03-" + b"a1_-" * 24,
    b"sk-" + b"proj-" + b"b2_-" * 20,
    b"sk-" + b"c3" * 24,
    b"AI" + b"za" + b"d4_-x" * 7,
    b"gh" + b"p_" + b"e5" * 18,
    b"github" + b"_pat_" + b"f6_" * 20,
    b"gl" + b"pat-" + b"g7_-" * 5,
    b"AK" + b"IA" + b"H8" * 8,
    b"xo" + b"xb-" + b"i9-" * 7,
)
"""Keys as their makers form them, in pieces, so that no scanner of this repository takes them for real ones."""

REFUSED = [
    (b".env", b"A=1", "looks like a file of secrets"),
    (b"deploy/.env.production", b"A=1", "looks like a file of secrets"),
    (b"certs/Server.PEM", b"x", "looks like a file of secrets"),
    (b"home/.ssh/id_rsa", b"x", "looks like a file of secrets"),
    (b"a.key", b"x", "looks like a file of secrets"),
    (b".netrc", b"x", "looks like a file of secrets"),
    (b"a.p12", b"x", "looks like a file of secrets"),
    (b"a.txt", b"see\n" + BEGIN + b"OPENSSH PRIVATE KEY-----\n", "holds a private key"),
    (b"a.txt", BEGIN + b"PRIVATE KEY-----\n", "holds a private key"),
    (b"a.txt", BEGIN + b"PGP PRIVATE KEY BLOCK-----\n", "holds a private key"),
    *((b"a.py", b"KEY = '%s'\n" % key, "holds what looks like an access key") for key in MADE_KEYS),
    (b"a.png", b"\x89PNG\0", "is no text in UTF-8"),
    (b"a.txt", b"caf\xe9", "is no text in UTF-8"),
    (b"a.txt", b"x" * (MOST_BYTES + 1), "has 1,000,001 bytes, more than 1,000,000"),
]


@pytest.mark.parametrize(("path", "data", "why"), REFUSED)
@pytest.mark.parametrize("form", ["{}", "{}:1", "**"])
def test_some_files_go_into_no_prompt(path: bytes, data: bytes, why: str, form: str) -> None:
    selector = form.format(path.decode())
    with pytest.raises(SddError) as caught:
        select(in_memory({path: data, b"README.md": b"fine\n"}), selector)
    assert caught.value.message == f"{path.decode()} {why}, so no prompt may hold it"
    assert caught.value.hint == f"{'narrow' if form == '**' else 'do without'} the selector {selector!r}"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (b".env.example", b"A="),
        (b"id_ed25519.pub", b"ssh-ed25519 AAAA"),
        (b"environment.py", b""),
        (b"a.txt", b"x" * MOST_BYTES),
        (b"a.txt", BEGIN + b"CERTIFICATE-----\n"),
        (b"a.txt", b"\xef\xbb\xbfwith a mark"),
        (b"a.py", b"KEY = 'sk-ant-dummy-0123456789abcdef'\n"),
        (b"a.css", b".risk-" + b"abcdefgh" * 6 + b" { }\n"),
        (b"a.txt", b"AKIA" + b"A" * 17),
    ],
)
def test_what_only_looks_like_those_is_shown(path: bytes, data: bytes) -> None:
    assert refusal(in_memory({path: data}), path) == ""


@pytest.mark.parametrize(("mode", "why"), [(LINK, "is a link"), (SUBMODULE, "is a submodule")])
def test_links_and_submodules_are_not_followed(mode: str, why: str) -> None:
    def nothing_is_read(paths: list[bytes]) -> dict[bytes, bytes]:
        raise AssertionError(paths)

    with pytest.raises(SddError, match=f"lib {why}, so no prompt may hold it"):
        select(Snapshot("here", {b"lib": Entry(mode, "1" * 40)}, nothing_is_read), "lib")


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_lines_are_the_same_whatever_ends_them(ends: str) -> None:
    files = {
        b"a.md": ends.join(["# A", "\x0ctext\x85", "## B", "b", "# C"]).encode(),
        b"a.py": ends.join(["x = '''", "\x0c'''", "", "def f():", "    return 1", "y = 1"]).encode(),
    }
    assert told(files, "a.md#B") == "3-4\n## B\nb\n"
    assert told(files, "a.md:4-5") == "4-5\nb\n# C"
    assert told(files, "a.py::f") == "4-5\ndef f():\n    return 1\n"


def test_a_byte_order_mark_is_no_part_of_a_text() -> None:
    files = {b"a.md": b"\xef\xbb\xbf# A\n", b"a.py": b"\xef\xbb\xbfx = 1\n"}
    assert told(files, "a.md#A") == "1-1\n# A\n"
    assert told(files, "a.py::x") == "1-1\nx = 1\n"


PIECES = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "a.md",
            "a.py",
            "#",
            "::",
            ":",
            "*",
            "[",
            "Cart",
            "## ",
            "---\n",
            "```\n",
            "\n",
            "class A:\n",
            "  x = 1\n",
            "> ",
            "- ",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@given(st.binary(max_size=40) | TEXTS.map(str.encode), st.text(st.characters()) | TEXTS)
def test_whatever_is_asked_of_whatever_file_only_an_sdd_error_is_raised(data: bytes, selector: str) -> None:
    snapshot = in_memory({b"a.md": data, b"a.py": data, b"docs/x.md": data})
    for asked in (selector, "a.md#" + selector, "a.py::" + selector, "a.py:" + selector, "docs/" + selector):
        try:
            found = select(snapshot, asked)
        except SddError:
            continue
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        assert all(one.text in text for one in found)
