"""The real command run in this process, for stories of many steps: starting one costs more than most of them do."""

from __future__ import annotations

import io
from contextlib import chdir, redirect_stderr, redirect_stdout

from gitbox import GitBox, Result, spoil_verdicts
from sdd.cli import entry


def sdd(box: GitBox, *args: str, check: int = 0) -> Result:
    """As `GitBox.sdd`, in a folder of a repository, with nobody at a terminal; the exit code must be `check`."""
    spoil_verdicts(box.path)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True) for _ in range(2))
    with chdir(box.path), redirect_stdout(out), redirect_stderr(err):
        code = entry.run(args)
    result = Result(_written(out), _written(err), code)
    assert code == check, f"sdd {args} ended with {code}\n--- out\n{result.out}\n--- err\n{result.err}"
    return result


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
