"""What stands where in a file is looked for once: whoever asks again of the same bytes loads no parser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import markdown_it
import pytest

from sdd.errors import SddError
from sdd.prompts.selectors import select
from sdd.snapshot import Snapshot, in_memory
from sdd.verdicts import Verdicts

FILES = {
    b"a.md": b"# A\n\n## First *B*\n\nb\n\nC\n-\n\nc\n",
    b"a.py": b"import os\nimport re\n\n\nclass C:\n    x = os\n\n\nclass D:\n    y = re\n",
}
PROGRAM = """
import sys
from sdd.errors import SddError
from sdd.prompts.selectors import select
from sdd.snapshot import in_memory
from sdd.verdicts import Verdicts

snapshot = in_memory(FILES)
snapshot.verdicts = Verdicts(sys.argv[1], b"k" * 32)
for selector in sys.argv[2:]:
    try:
        print(select(snapshot, selector)[0].shown)
    except SddError as error:
        print(error, error.hint)
print(*sorted({"markdown_it", "sdd.prompts.python"} & set(sys.modules)))
""".replace("FILES", repr(FILES))


def told(folder: Path, *selectors: str, path: str = "") -> list[str]:
    """What a process of its own finds, and last the parsers that it loaded."""
    env = {**os.environ, "PYTHONPATH": path}
    argv = [sys.executable, "-c", PROGRAM, str(folder), *selectors]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]


def test_what_was_found_before_is_told_without_a_parser(tmp_path: Path) -> None:
    selectors = ("a.md#First B", "a.md#C", "a.md#Cc", "a.py::C", "a.py::D")
    *found, loaded = told(tmp_path, *selectors)
    assert loaded == "markdown_it sdd.prompts.python"
    assert "\n".join(found).startswith("## First *B*\n\nb\n")
    assert told(tmp_path, *selectors) == [*found, ""]
    assert told(tmp_path, "a.md#A")[-1] == ""  # of a document all headings are known
    assert told(tmp_path, "a.py::C.x")[-1] == "sdd.prompts.python"


def test_what_another_markdown_it_found_does_not_count(tmp_path: Path) -> None:
    found = told(tmp_path / "kept", "a.md#C")
    shutil.copytree(Path(markdown_it.__file__).parent, tmp_path / "other" / "markdown_it")
    assert told(tmp_path / "kept", "a.md#C", path=str(tmp_path / "other")) == found
    assert told(tmp_path / "kept", "a.md#C")[-1] == ""


def remembering(files: dict[bytes, bytes], verdicts: Verdicts) -> Snapshot:
    """Files in memory, with what was found before."""
    found = in_memory(files)
    found.verdicts = verdicts
    return found


def test_of_other_bytes_nothing_is_known() -> None:
    verdicts = Verdicts(remember=True)
    for data in (b"# A\n\na\n", b"# B\n\n# A\n\na\n"):
        (found,) = select(remembering({b"a.md": data}, verdicts), "a.md#A")
        assert found.text == "# A\n\na\n"
    for data in (b"class A: ...\n", b"x = 1\nclass A: ...\n"):
        (found,) = select(remembering({b"a.py": data}, verdicts), "a.py::A")
        assert found.text == "class A: ...\n"


def test_what_is_wrong_is_told_again_and_for_its_own_path() -> None:
    verdicts = Verdicts(remember=True)
    for path in (b"a.py", b"b.py", b"a.py"):
        with pytest.raises(SddError, match=f"{path.decode()} has no class"):
            select(remembering({path: b"class A: ...\n"}, verdicts), f"{path.decode()}::B")
    for path in (b"a.md", b"b.md", b"a.md"):
        with pytest.raises(SddError, match=f"{path.decode()} has no heading"):
            select(remembering({path: b"# A\n"}, verdicts), f"{path.decode()}#B")
