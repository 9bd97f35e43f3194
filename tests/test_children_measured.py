"""What a child leaves is what coverage itself would have measured."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path

from coverage import CoverageData

import children_measured

PROGRAM = """\
import threading

def each(things):
    for thing in things:
        if thing % 2:
            yield thing
        elif thing > 2:
            return

def fail():
    try:
        raise KeyError
    except KeyError:
        pass

for name in "ab":
    one = threading.Thread(target=lambda: list(each([1, 2, 3, 4])))
    one.start()
    one.join()
fail()
"""


def test_children_are_measured_as_coverage_would(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    data, folder = tmp_path / "data", tmp_path / "left"
    folder.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    full = ("-m", "coverage", "run", "--rcfile=/dev/null", "--branch", f"--data-file={data}", program)
    subprocess.run([sys.executable, *full], check=True, env=clean)
    _script, code, _source, _folder = (children_measured.told(folder) or "").split(os.pathsep)
    how = os.pathsep.join((str(children_measured.CHILD), code, str(program), str(folder)))
    light = f"exec({children_measured.CHILD.read_text('utf-8')!r}, {{'__name__': 'm'}}); import program"
    env = {**clean, children_measured.NAME: how, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", light], check=True, env=env)
    kept = CoverageData(str(data))
    kept.read()
    left = children_measured.gathered(folder.iterdir())
    assert list(left) == [str(program)]
    assert sorted(left[str(program)]) == sorted(kept.arcs(str(program)) or [])


def test_what_a_killed_child_left_half_is_passed_over(tmp_path: Path) -> None:
    whole = marshal.dumps({"a.py": [1 << 28 | 2]})
    (tmp_path / "1").write_bytes(whole)
    for number in range(len(whole)):
        (tmp_path / f"{number + 2}").write_bytes(whole[:number])
    assert children_measured.gathered(tmp_path.iterdir()) == {"a.py": [(2, 1)]}
