"""What `sdd init` proposes for projects of many kinds."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdd.errors import SddError
from sdd.globs import matching
from sdd.proposals import FOREIGN, NOT_GOVERNED, code_paths, has_code, verify_commands
from sdd.settings import read
from sdd.snapshot import FILE, LINK, Entry, Snapshot, in_memory

UNITTEST = """\
import unittest

class Zero(unittest.TestCase):
    def test_zero(self):
        self.assertEqual(0, 0)
"""
PYTEST = "import pytest\n\ndef test_zero():\n    assert 0 == 0\n"
PLAIN = "def test_zero():\n    assert 0 == 0\n"

NAMES = st.binary(min_size=1, max_size=8).filter(lambda name: b"\0" not in name and b"/" not in name)


def project(*empty: str) -> Snapshot:
    return in_memory({name.encode(): b"" for name in empty})


def of(files: Mapping[str, str]) -> Snapshot:
    return in_memory({name.encode(): text.encode() for name, text in files.items()})


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        # Python
        ({"pytest.ini": ""}, ["python -m pytest -q"]),
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, ["python -m pytest -q"]),
        ({"requirements-dev.txt": "pytest==9\n"}, ["python -m pytest -q"]),
        ({"tests/test_a.py": PYTEST}, ["python -m pytest -q"]),
        ({"tox.ini": "[testenv]\ncommands = nose2\n", "tests/test_a.py": PLAIN}, ["python -m tox"]),
        ({"tox.ini": "[testenv]\ndeps = pytest\n"}, ["python -m pytest -q"]),
        ({"tests/test_a.py": PLAIN}, ["python -m pytest -q"]),
        ({"tests/test_a.py": UNITTEST, "tests/conftest.py": ""}, ["python -m pytest -q"]),
        ({"tests/test_a.py": UNITTEST}, ["python -m unittest discover -s tests"]),
        ({"my tests/test_a.py": UNITTEST}, ["python -m unittest discover -s 'my tests'"]),
        ({"-tests/test_a.py": UNITTEST}, ["python -m pytest -q"]),
        ({"tests/test_a.py": UNITTEST, "tests/__init__.py": ""}, ["python -m unittest discover"]),
        ({"test_a.py": UNITTEST, "a.py": ""}, ["python -m unittest discover"]),
        ({"test_a.py": UNITTEST, "test_b.py": PYTEST}, ["python -m pytest -q"]),
        ({"a_test.py": UNITTEST}, ["python -m pytest -q"]),
        ({"src/a.py": "", "cli.py": ""}, ["python -m compileall -q cli.py src"]),
        ({"my code/a.py": "", "-q.py": ""}, ["python -m compileall -q 'my code'"]),
        ({f"part{number}/a.py": "" for number in range(9)}, ["python -m compileall -q ."]),
        ({"-q.py": ""}, ["python -m compileall -q ."]),
        ({"pyproject.toml": "[project]\n"}, []),
        # Node
        ({"package.json": '{"scripts": {"test": "node --test"}}'}, ["npm test --silent"]),
        ({"package.json": '{"scripts": {"test": "vitest"}}', "yarn.lock": ""}, ["yarn test"]),
        ({"package.json": '{"scripts": {"test": "vitest"}}', "pnpm-lock.yaml": ""}, ["pnpm test"]),
        (
            {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'},
            [],
        ),
        ({"package.json": '{"scripts": {"test": "  "}}'}, []),
        ({"package.json": "{}"}, []),
        # others
        ({"Cargo.toml": ""}, ["cargo test"]),
        ({"go.mod": ""}, ["go test ./..."]),
        ({"pom.xml": ""}, ["mvn -B test"]),
        ({"pom.xml": "", "mvnw": ""}, ["./mvnw -B test"]),
        ({"build.gradle": ""}, ["gradle test"]),
        ({"build.gradle": "", "build.gradle.kts": "", "gradlew": ""}, ["./gradlew test"]),
        # several at once, none at all
        ({"pytest.ini": "", "go.mod": ""}, ["python -m pytest -q", "go test ./..."]),
        ({"README.md": "", "docs/conf.py": "", "node_modules/a/test_a.py": PLAIN}, []),
        ({}, []),
    ],
)
def test_a_project_is_checked_with_its_own_tools(files: dict[str, str], commands: list[str]) -> None:
    assert verify_commands(of(files)) == commands


@pytest.mark.parametrize(
    ("makefile", "speaks"),
    [
        ("test:\n\tpytest\n", True),
        ("test: build\r\n\tpytest\r\n", True),
        ("lint test:: build\n", True),
        (".PHONY: test\n", False),
        ("test := 5\n", False),
        ("test ::= 5\n", False),
        ("A = b test: c\n", False),
        ("all:\n\ttest : x\n# test: x\ntests: x\n", False),
    ],
)
def test_a_makefile_with_a_target_test_speaks_for_the_project(makefile: str, *, speaks: bool) -> None:
    commands = verify_commands(of({"Makefile": makefile, "go.mod": ""}))
    assert commands == (["make test"] if speaks else ["go test ./..."])


@pytest.mark.parametrize(
    "package",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"scripts": []}',
        b'{"scripts": {"test": ["node"]}}',
        b'{"scripts": {"test": null}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_hostile_package_file_proposes_nothing(package: bytes) -> None:
    assert verify_commands(in_memory({b"package.json": package})) == []


def test_what_cannot_be_read_and_links_propose_nothing() -> None:
    def load(_paths: list[bytes]) -> dict[bytes, bytes]:
        raise SddError("the object is missing")

    broken = Snapshot("broken", {b"package.json": Entry(FILE, "0"), b"Makefile": Entry(FILE, "0")}, load)
    links = Snapshot("links", {b"pytest.ini": Entry(LINK, "0"), b"a.py": Entry(LINK, "0")}, load)
    assert verify_commands(broken) == verify_commands(links) == []
    assert not has_code(links)


@pytest.mark.parametrize(
    ("names", "globs"),
    [
        ([], ["src/**"]),
        (["README.md", "docs/interfaces/cart.py", "sessions/a.py", ".github/x.py"], ["src/**"]),
        (["src/shop/cart.py", "tests/test_cart.py", "setup.py", "conftest.py"], ["src/**"]),
        (["lib/cart.rb", "app/models/a.rb", "spec/a_spec.rb"], ["app/**", "lib/**"]),
        (["shop/__init__.py", "examples/a.py"], ["shop/**"]),
        (["main.go", "main_test.go", "internal/cart/cart.go"], ["internal/**", "*.go"]),
        (["index.js", "vite.config.ts", "index.test.js"], ["*.js"]),
        (["my code/a.py", "what[1]?/a.py"], ["my code/**", "what[1]?/**"]),
        (["tests/test_a.py"], ["src/**"]),
    ],
)
def test_code_is_governed_where_it_stands(names: list[str], globs: list[str]) -> None:
    assert code_paths(project(*names)) == globs


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_code_in_any_folder_is_matched_by_the_glob_proposed(folders: list[bytes]) -> None:
    paths = [b"%s/deep/a.py" % folder for folder in folders if not folder.startswith(b".")]
    known = set((FOREIGN + " " + NOT_GOVERNED).encode().split())
    governed = [path for path in paths if path.split(b"/")[0] not in known]
    assert matching(code_paths(in_memory(dict.fromkeys(paths, b""))), governed) == governed


def test_a_folder_that_is_not_utf_8_is_governed_too() -> None:
    assert code_paths(in_memory({b"caf\xe9/a.py": b""})) == ["caf?/**"]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["src/a.py"], True),
        (["tests/test_a.py"], True),
        (["setup.py"], True),
        (["A.PY"], True),
        (["README.md", "docs/conf.py", "sessions/x.py", ".github/a.py", "node_modules/a.js"], False),
        ([], False),
    ],
)
def test_a_project_has_code_or_not(names: list[str], *, code: bool) -> None:
    assert has_code(project(*names)) is code


PATHS = st.builds(
    lambda parts, end: b"/".join(parts) + end, st.lists(NAMES, min_size=1), st.sampled_from([b"", b".py"])
)
FILES = st.sampled_from([b"package.json", b"Makefile", b"pyproject.toml", b"tests/test_a.py"])


@given(st.dictionaries(PATHS | FILES, st.binary(max_size=30), max_size=6))
def test_whatever_a_project_holds_the_proposal_can_be_written_and_read_back(
    files: dict[bytes, bytes],
) -> None:
    snapshot = in_memory(files)
    commands = verify_commands(snapshot)
    assert all(shlex.split(command) and command.isprintable() for command in commands)
    written = "[verify]\ncommands = [" + ", ".join(f'"{_escaped(command)}"' for command in commands) + "]\n"
    assert read(written.encode()).verify.commands == tuple(commands)
    assert all(glob.encode() for glob in code_paths(snapshot))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@pytest.mark.parametrize(
    "files",
    [
        {"tests/test_a.py": PLAIN},
        {"tests/test_a.py": UNITTEST},
        {"tests/__init__.py": "", "tests/test_a.py": UNITTEST},
        {"test_a.py": UNITTEST},
        {"my shop/cart.py": "A = 1\n"},
        {"Makefile": "test:\n\t@echo tested\n"},
    ],
)
def test_what_is_proposed_for_a_sound_project_passes_there(files: dict[str, str], tmp_path: Path) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    for command in verify_commands(of(files)):
        program, *arguments = shlex.split(command)
        if program == "python":
            program = sys.executable
        if shutil.which(program):
            done = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, check=False)
            assert done.returncode == 0, done
            assert "Ran 0 tests" not in done.stderr.decode()
