"""The main job of sdd shown: from an idea to tested code, in a throwaway repository, with recorded responses.

Every `$ command` that it prints is run, and what follows is what the command said. It ends with 0 only if every
command ended as expected. No key, no network; the repository stays, to go on in.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from stage import Stage, UnexpectedError, bold, prepared
from story import play


def main() -> int:
    """Play the story; 0 if all of it went as it should."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quiet", action="store_true", help="print only the folder, and what goes wrong")
    parser.add_argument(
        "--folder", type=Path, help="where to play, a new or empty folder; else a temporary one"
    )
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="sdd-demo-"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        parser.error(f"{folder} is no empty folder")
    stage = prepared(folder.resolve(), is_quiet=arguments.quiet)
    try:
        play(stage)
    except UnexpectedError as error:
        print(f"\nThe demo stopped: {error}\nIts repository: {stage.repository}", file=sys.stderr)
        return 1
    print(farewell(stage), flush=True)
    return 0


def farewell(stage: Stage) -> str:
    """Where all of it is, and what to try next."""
    scripts = Path(sys.executable).parent
    path = (
        []
        if shutil.which("sdd") == shutil.which("sdd", path=str(scripts))
        else [f'  export PATH="{scripts}{os.pathsep}$PATH"']
    )
    lines = [
        "",
        bold("What to try next"),
        "",
        f"The repository stays here: {stage.repository}",
        "",
        f"  cd {shlex.quote(str(stage.repository))}",
        *path,
        "  sdd status                                     what waits, and for whom",
        "  sdd log                                        every run, the failed one too",
        "  git show                                       the small change: code, test, tracker and run in one commit",
        "  sdd next --provider manual --out ../prompt.md  go on with any model, by copy and paste",
        "  ANTHROPIC_API_KEY=… sdd next                   go on with the real model: the build verification",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
