"""What is proposed for a whole project, and what it leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.existing import outline
from sdd.existing.proposal import BRIEF, MOST_BYTES, MOST_DOCUMENTS, OUTLINE, SESSION, Proposal, proposal
from sdd.proposals import starts
from sdd.sessions.project import derive
from sdd.snapshot import Snapshot, in_memory, overlaid

CLASS = "class {}:\n    def f(self) -> int: ...\n"


def of(**files: str) -> Snapshot:
    return in_memory({path.encode(): text.encode() for path, text in files.items()})


def proposed(files: dict[str, str]) -> Proposal:
    snapshot = of(**files)
    return proposal(snapshot, snapshot)


def texts(made: Proposal) -> dict[str, str]:
    return {file.path.decode(): file.data.decode() for file in made.files}


def reads(made: Proposal) -> list[str]:
    snapshot = overlaid(of(), {file.path: file.data for file in made.files})
    own = derive(snapshot).sessions["00-existing-architecture"].own
    assert isinstance(own["reads"], tuple)
    return [str(one) for one in own["reads"]]


def test_two_modules_of_one_name_get_files_of_their_own() -> None:
    files = {
        "a/__init__.py": "",
        "a/store.py": CLASS.format("A"),
        "b/__init__.py": CLASS.format("Whole"),
        "b/store.py": CLASS.format("B"),
        "main.py": "from a.store import A\nfrom b.store import B\nfrom b import Whole\n",
    }
    made = texts(proposed(files))
    assert {path for path in made if "interfaces" in path} == {
        "docs/interfaces/a_store.py",
        "docs/interfaces/b_store.py",
        "docs/interfaces/b.py",
    }


def test_what_is_there_stays_and_is_told() -> None:
    files = {"shop.py": CLASS.format("A"), "main.py": "from shop import A\n", "README.md": "# It\n"}
    there = of(**files, **{"docs/interfaces/shop.py": "mine\n", "docs/existing.md": "mine\n"})
    made = proposal(of(**files), there)
    assert made.kept == (b"docs/interfaces/shop.py", OUTLINE)
    assert {file.path for file in made.files} == {BRIEF, SESSION}
    assert reads(made) == ["README.md", "docs/existing.md", "docs/interfaces/shop.py"]


def test_the_first_session_reads_the_documents_that_tell_most() -> None:
    plain = {f"docs/{at:02}.md": "x\n" for at in range(MOST_DOCUMENTS)}
    files = {
        "README.md": "# It\n",
        "docs/deep/architecture.md": "# How\n",
        "CHANGELOG.md": "no\n",
        "LICENSE.md": "no\n",
        "docs/[a].md": "no: a glob\n",
        "docs/tracker.md": "no: derived\n",
        "src/notes.md": "no: elsewhere\n",
        "docs/interfaces/x.md": "no: a contract\n",
        "docs/image.png": "no\n",
        "docs/key.md": "-----BEGIN RSA PRIVATE KEY-----\n",
        "docs/large.md": "x" * (MOST_BYTES + 1),
        **plain,
        "x.py": "",
    }
    found = reads(proposed(files))
    assert found[:3] == ["README.md", "docs/deep/architecture.md", "docs/00.md"]
    assert len(found) == MOST_DOCUMENTS + 1  # and the outline
    assert found[-1] == "docs/existing.md"
    assert not {"CHANGELOG.md", "docs/[a].md", "docs/key.md", "docs/large.md", "docs/tracker.md"} & set(found)


def test_the_outline_tells_folders_programs_checks_and_what_could_not_be_read() -> None:
    files = {
        "src/shop/cart.py": "class Cart(Protocol): ...\n",
        "src/shop/deep/er/still/x.py": "class",
        "web/page.ts": "",
        "web/view.tsx": "",
        "web/other.ts": "",
        "pyproject.toml": '[project.scripts]\nshop = "shop.main:run"\n',
        "package.json": '{"name": "web", "bin": "cli.js", "main": "index.js", "scripts": {"test": "vitest"}}',
        "Dockerfile": "",
    }
    text = texts(proposed(files))["docs/existing.md"]
    assert "| web | 2 `.ts`, 1 `.tsx` |" in text
    assert "| src/shop/deep | 1 `.py` |" in text
    assert "still" not in text.partition("## How")[0]
    for line in (
        "- `shop`: `shop.main:run` (pyproject.toml)",
        "- `web`: `cli.js` (package.json)",
        "- `main`: `index.js` (package.json)",
        "- `test`: `vitest` (package.json)",
        "- `Dockerfile`",
        "- `npm test --silent`",
        "- `src/shop/cart.py::Cart`",
        "- src/shop/deep/er/still/x.py",
    ):
        assert line in text.splitlines()


def test_very_many_folders_are_cut_where_it_is_said() -> None:
    files = {f"src/p{at:03}/x.go": "" for at in range(outline.MOST_ROWS + 10)}
    assert "| … | 12 more folders |" in texts(proposed(files))["docs/existing.md"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"bin": 3}', '{"bin": {"a": 1}, "scripts": []}', "[" * 100_000]
)
def test_package_files_of_any_form_stop_nothing(text: str) -> None:
    assert starts(of(**{"package.json": text, "pyproject.toml": text})) == []


@given(
    st.lists(st.binary(min_size=1, max_size=6).filter(lambda name: not set(name) & set(b"\0/")), max_size=4)
)
def test_no_name_of_a_file_stops_it(names: list[bytes]) -> None:
    files = {
        name + end: b"class A:\n    def f(self) -> int: ...\n"
        for name in names
        for end in (b".py", b".md", b"/x.py")
    }
    snapshot = in_memory({path: data for path, data in files.items() if not path.startswith((b"./", b"../"))})
    for file in proposal(snapshot, snapshot).files:
        assert file.data.decode()
