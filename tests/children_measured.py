"""Coverage of the thousands of processes that tests start, at a tenth of what coverage's own way costs.

`coverage run -m pytest` measures itself and, by its patch "subprocess", pytest's workers. What those start runs
child_measured.py instead, and what that leaves is added to the one data file at the end.
"""

from __future__ import annotations

import marshal
import os
import shutil
import sysconfig
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import coverage

NAME = "COVERAGE_OF_CHILDREN"
"""The variable by which a child knows, as words between `os.pathsep`: the script, the C code, the source, and where to leave it."""
FULL = "COVERAGE_PROCESS_CONFIG"
"""Coverage's own, by which it measures pytest's workers."""
CHILD = Path(__file__).with_name("child_measured.py")
SOURCE = Path(__file__).parent.parent / "src" / "sdd"
PTH = f"""\
import os; {NAME!r} in os.environ and {FULL!r} not in os.environ and exec(\
open(os.environ[{NAME!r}].split(os.pathsep)[0], encoding="utf-8").read(), {{"__name__": "child_measured"}})
"""
UNMEASURED = {FULL: ""}
"""Added to a child's environment: it is not measured, as where it only repeats what was measured before."""
_LINE = (1 << 28) - 1


def told(folder: Path) -> str | None:
    """What the variable says; nothing where coverage has no C code, so that its own way remains."""
    code = find_spec("coverage.tracer")
    if code is None or code.origin is None:
        return None
    return os.pathsep.join((str(CHILD), code.origin, str(SOURCE) + os.sep, str(folder)))


def begin() -> None:
    """Have the children of pytest's workers measured, if this process is; the file that starts it stays in the environment."""
    if coverage.Coverage.current() is None or FULL not in os.environ:
        return
    folder = Path(mkdtemp(prefix="children-measured-"))
    how = told(folder)
    if how is not None:
        start = Path(sysconfig.get_path("purelib"), "children_measured.pth")
        if not start.exists() or start.read_text("utf-8") != PTH:
            start.write_text(PTH, "utf-8")
        os.environ[NAME] = how


def end() -> None:
    """Add what the children left to what this process measures."""
    how = os.environ.pop(NAME, None)
    running = coverage.Coverage.current()
    if how is not None and running is not None:
        folder = Path(how.split(os.pathsep)[-1])
        running.get_data().add_arcs(gathered(folder.iterdir()))
        shutil.rmtree(folder)


def gathered(files: Iterable[Path]) -> Mapping[str, Collection[tuple[int, int]]]:
    """The pairs of lines that follow each other in each source, from all that children left."""
    found: dict[str, set[int]] = defaultdict(set)
    for file in files:
        with suppress(EOFError):  # killed while it wrote
            for name, arcs in marshal.loads(file.read_bytes()).items():  # noqa: S302 - our own children wrote it
                found[name].update(arcs)
    return {name: [_lines(arc) for arc in arcs] for name, arcs in found.items()}


def _lines(arc: int) -> tuple[int, int]:
    """Two lines as the C code packs them: 28 bits each, then their signs."""
    before, after = arc & _LINE, arc >> 28 & _LINE
    return (-before if arc >> 56 & 1 else before), (-after if arc >> 57 & 1 else after)
