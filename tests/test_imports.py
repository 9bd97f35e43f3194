"""What a hook imports: each heavy module costs every commit its milliseconds (facts: speed)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
HEAVY = (
    *("dataclasses", "typing", "re", "json", "pathlib", "subprocess", "logging", "datetime", "tomllib"),
    *("click", "pydantic", "markdown_it", "git", "rich", "anthropic", "griffe", "ast"),
)
SINGLE = (
    "main",
    "values",
    "errors",
    "children",
    "findings",
    "snapshot",
    "globs",
    "repository",
    "objects",
    "processes",
    "plumbing",
    "raw_diff",
    "digests",
    "verdicts",
    "working_tree",
    "views/blocks",
    "views/tracker",
    "views/verdict",
    "contracts/pairs",
    "contracts/judged",
)
FEW_NEED = (
    *("sdd.gates.signature", "sdd.gates.history", "sdd.views.whole", "sdd.settings"),
    *("sdd.sessions.task_order", "sdd.sessions.plan_links", "sdd.working_tree"),
)
ROOMS = ("sessions", "gates", "doors")

# -I and -S: no site-packages, so a third-party import fails, and nothing that a .pth file imports is counted.
PROGRAM = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
__import__(sys.argv[2])
print(*sorted(set(sys.argv[3:]) & (set(sys.modules) - before)))
"""


def on_the_way_of_a_hook() -> list[str]:
    """The modules that exist now, by their full names."""
    files = [SOURCE / "sdd" / f"{name}.py" for name in SINGLE]
    files += [file for room in ROOMS for file in (SOURCE / "sdd" / room).rglob("*.py")]
    names = (file.relative_to(SOURCE).with_suffix("").parts for file in files if file.exists())
    return sorted(".".join(parts).removesuffix(".__init__") for parts in names)


def heavy_imports(source: Path, module: str) -> list[str]:
    program = [sys.executable, "-I", "-S", "-c", PROGRAM, str(source), module, *HEAVY]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("module", on_the_way_of_a_hook())
def test_a_hook_pays_for_no_heavy_import(module: str) -> None:
    assert heavy_imports(SOURCE, module) == []


def test_a_hook_does_not_load_what_few_hooks_need() -> None:
    program = "import sys, sdd.hook, sdd.gates.local, sdd.views.verdict; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {*done.stdout.split()}
    assert "sdd.sessions.changed" in loaded
    assert not loaded & {*FEW_NEED}


def test_a_heavy_import_is_seen(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import json\n")
    assert "json" in heavy_imports(tmp_path, "slow")


def test_a_third_party_import_is_seen(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import click\n")
    with pytest.raises(AssertionError, match="No module named 'click'"):
        heavy_imports(tmp_path, "slow")
