"""The way in: `sdd hook NAME` goes straight to the judgement, everything else through the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `sdd` (or `git sdd`) and exit with one of the codes in `sdd.errors`."""
    from sdd.cli.entry import run  # click costs 22 ms, which no hook pays

    sys.exit(run(sys.argv[1:]))
