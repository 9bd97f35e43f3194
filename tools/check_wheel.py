"""Check that a built wheel holds every file of src/sdd, the licence and both commands: check_wheel.py WHEEL."""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
COMMANDS = ("sdd = sdd.main:main", "git-sdd = sdd.main:main")


def wanted(source: Path = SOURCE) -> set[str]:
    """The files that belong into the wheel, by their names there: modules, templates, data."""
    files = (path for path in (source / "sdd").rglob("*") if path.is_file())
    return {path.relative_to(source).as_posix() for path in files if "__pycache__" not in path.parts}


def lacks(wheel: Path, files: set[str]) -> list[str]:
    """What the wheel should hold and does not, sorted."""
    with ZipFile(wheel) as archive:
        held = set(archive.namelist())
        entry_points = [name for name in held if name.endswith(".dist-info/entry_points.txt")]
        commands = "".join(archive.read(name).decode() for name in entry_points).splitlines()
    missing = files - held | set(COMMANDS).difference(commands)
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in held):
        missing.add("LICENSE")
    return sorted(missing)


if __name__ == "__main__":
    found = lacks(Path(sys.argv[1]), wanted())
    if found:
        sys.exit(f"{sys.argv[1]} lacks {', '.join(found)}")
    print(f"{sys.argv[1]} holds all {len(wanted())} files of src/sdd")
