"""`sdd init --propose` in repositories with code: shown, written only where that is agreed, and nothing of them is run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gitbox import GitBox, installed
from inside import sdd
from sdd.cli.propose import AT_ONCE
from terminal import Terminal

TRAP = 'raise SystemExit("this repository was imported")\n'
STORE = '''\
from .errors import EmptyError


class Store:
    """Keeps carts."""

    def __init__(self, path: str) -> None:
        self.path = path

    def load(self, cart_id: str) -> list[str]:
        """The lines of a cart."""
        if not cart_id:
            raise EmptyError(cart_id)
        return []


class Price:
    def of(self, sku: str) -> int:
        return 1
'''
PYTHON = {
    "README.md": "# A shop\n\nIt sells.\n",
    "docs/design.md": "# Design\n\nTwo layers.\n",
    "pyproject.toml": '[project]\nname = "shop"\n[project.scripts]\nshop = "shop.main:run"\n[tool.pytest.ini_options]\n',
    "src/shop/__init__.py": TRAP,
    "src/shop/errors.py": TRAP + "class EmptyError(Exception): ...\n",
    "src/shop/store.py": TRAP + STORE,
    "src/shop/main.py": TRAP + "from shop.store import Price, Store\ndef run() -> None: ...\n",
    "src/shop/report.py": TRAP + "from .store import Store\n",
    "tests/test_store.py": TRAP,
    "setup.py": TRAP,
    "conftest.py": TRAP,
}
TYPESCRIPT = {
    "README.md": "# A page\n",
    "package.json": '{"name": "page", "main": "dist/index.js", "scripts": {"test": "vitest run"}}',
    "packages/cart/cart.ts": "export class Cart {}\n",
    "packages/cart/view.tsx": "export const view = 1\n",
}
ALL = ("init", "--hooks", "none", "--propose", "--yes")


def project(box: GitBox, files: dict[str, str]) -> GitBox:
    box.git("config", "user.email", "alice@example.org")
    for path, text in files.items():
        box.write(path, text)
    box.commit("As it was")
    return box


def new(box: GitBox) -> set[str]:
    return set(box.git("ls-files", "--others", "--exclude-standard").splitlines())


PROPOSED = {
    "docs/existing.md",
    "docs/brief.md",
    "docs/tracker.md",
    "docs/interfaces/store.py",
    "sessions/00-existing-architecture.md",
}


def test_a_python_project_gets_contracts_an_outline_and_a_first_session(box: GitBox) -> None:
    mine = project(box, PYTHON)
    told = mine.sdd(*ALL).out
    assert "docs/interfaces/store.py: IStore (used by 2), IPrice (used by 1), from src/shop/store.py" in told
    assert new(mine) >= PROPOSED
    contract = mine.read("docs/interfaces/store.py")
    assert [one.name for one in ast.parse(contract).body if isinstance(one, ast.ClassDef)] == [
        "IStore",
        "IPrice",
    ]
    assert "            EmptyError: (say when)\n" in contract
    assert 'paths = ["src/**"' in mine.read(".sdd/policy.toml")
    assert 'commands = ["python -m pytest -q"]' in mine.read("sdd.toml")
    assert mine.sdd("check").code == 0
    prompt = mine.sdd("prompt", "00-existing-architecture").out
    for words in (
        "Two layers.",
        "| src/shop | 5 `.py` |",
        "class IStore(Protocol):",
        "- `shop`: `shop.main:run`",
    ):
        assert words in prompt


def test_without_a_yes_it_is_only_shown(box: GitBox) -> None:
    mine = project(box, PYTHON)
    told = mine.sdd("init", "--hooks", "none", "--propose").out
    assert "docs/existing.md: the outline of what is there" in told
    assert "nothing of it was written. To write 4 files: sdd init --propose --yes" in told
    assert not new(mine) & PROPOSED


def test_a_first_init_proposes_by_itself_and_a_later_one_when_it_is_asked(box: GitBox) -> None:
    mine = project(box, PYTHON)
    told = sdd(mine, "init", "--hooks", "none").out
    assert "There is code here already. What sdd can begin with:\ndocs/interfaces/store.py: IStore" in told
    assert told.endswith("To write 4 files: sdd init --propose --yes\n")
    assert "--propose" not in sdd(mine, "init", "--hooks", "none").out
    assert not new(mine) & PROPOSED


def test_very_much_code_is_read_only_when_that_is_asked(box: GitBox) -> None:
    mine = project(box, {f"src/p{at}.py": "" for at in range(AT_ONCE + 1)})
    told = sdd(mine, "init", "--hooks", "none").out
    assert told.endswith(
        "contracts from its classes, an outline, a first session that reads them: sdd init --propose\n"
    )


@pytest.mark.parametrize(("key", "written"), [("y\r", True), ("n\r", False), ("\r", False)])
def test_a_person_at_a_terminal_is_asked(box: GitBox, key: str, *, written: bool) -> None:
    mine = project(box, PYTHON)
    with_terminal = Terminal([installed("sdd"), "init", "--hooks", "none", "--propose"], mine.path)
    with_terminal.wait_for("Write 4 files?")
    with_terminal.type(key)
    assert with_terminal.end() == 0
    assert (new(mine) & PROPOSED == PROPOSED) is written


def test_a_second_time_changes_nothing(box: GitBox) -> None:
    mine = project(box, PYTHON)
    sdd(mine, *ALL)
    mine.commit("Begin")
    told = sdd(mine, *ALL).out
    assert "docs/interfaces/store.py is there and stays as it is" in told
    assert told.endswith("all that would be proposed is there. Next: sdd status\n")
    assert mine.git("status", "--porcelain") == ""


def test_what_a_person_corrected_is_kept_and_what_is_missing_comes(box: GitBox) -> None:
    mine = project(box, PYTHON)
    sdd(mine, *ALL)
    mine.write("docs/interfaces/store.py", "mine\n")
    (mine.path / "docs/existing.md").unlink()
    assert "wrote docs/existing.md" in sdd(mine, *ALL).out
    assert mine.read("docs/interfaces/store.py") == "mine\n"


def test_typescript_gets_an_outline_and_a_session_and_its_own_paths_and_checks(box: GitBox) -> None:
    mine = project(box, TYPESCRIPT)
    told = mine.sdd(*ALL).out
    assert "no contract is proposed" in told
    assert new(mine) >= PROPOSED - {"docs/interfaces/store.py"}
    assert not (mine.path / "docs/interfaces").exists()
    assert "| packages/cart | 1 `.ts`, 1 `.tsx` |" in mine.read("docs/existing.md")
    assert 'paths = ["packages/**"]' in mine.read(".sdd/policy.toml")
    assert 'commands = ["npm test --silent"]' in mine.read("sdd.toml")
    assert sdd(mine, "check").code == 0


def test_without_code_there_is_nothing_to_propose(box: GitBox) -> None:
    mine = project(box, {"README.md": "# An idea\n"})
    told = mine.sdd(*ALL, check=2).err
    assert "git tracks no code here, so there is nothing to propose" in told
    assert 'sdd new "the idea"' in told


def test_only_what_git_tracks_is_read(box: GitBox) -> None:
    mine = project(box, {"README.md": "# It\n", ".gitignore": "build/\n"})
    mine.write("src/shop.py", "class Secret: ...\n")
    mine.write("build/out.py", "x = 1\n")
    assert "git tracks no code here" in mine.sdd(*ALL, check=2).err


def test_a_yes_without_a_question_is_a_mistake(box: GitBox) -> None:
    assert "--yes goes with --propose" in sdd(box, "init", "--yes", check=2).err


def test_an_idea_that_comes_later_takes_its_place_in_the_brief(box: GitBox) -> None:
    mine = project(box, PYTHON)
    sdd(mine, *ALL)
    sdd(mine, "new", "sell abroad too")
    assert "sell abroad too" in mine.read("docs/brief.md")
    assert "docs/existing.md outlines it" in mine.read("docs/brief.md")


def test_a_link_in_the_way_is_refused_before_anything_is_written(box: GitBox, tmp_path: Path) -> None:
    mine = project(box, PYTHON)
    (tmp_path / "elsewhere").mkdir()
    (mine.path / "docs/interfaces").symlink_to(tmp_path / "elsewhere")
    assert "is a link" in sdd(mine, *ALL, check=1).err
    assert not (mine.path / "docs/existing.md").exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []
