"""The way in: `sdd hook NAME` goes straight to the judgement, everything else through the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `sdd` (or `git sdd`) and exit with one of the codes in `sdd.errors`."""
    if sys.argv[1:2] == ["hook"]:
        from sdd.hook import run as judge  # a hook pays for nothing that it does not need

        sys.exit(judge(sys.argv[2:]))
    from sdd.cli.entry import run  # click costs 22 ms

    sys.exit(run(sys.argv[1:]))
