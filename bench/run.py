"""Measure sdd against what it cannot beat, and against other tools: `make bench`.

Prints a Markdown table of ratios. Each is the median of rounds in which both commands ran, whole processes, one after the
other in changing order; so it means the same on a machine that is slower or busy, while seconds would not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import around_a_call, at_commit, long_prompt, of_a_plan, of_everything, peers, table
from bench.contest import HUGE, LARGE, SMALL, Subject
from bench.ground import Ground
from bench.installed import MissingError, install
from bench.shop import CODE_FILES
from bench.stopwatch import FailedError, TooLongError, interleaved

SUBJECTS: Mapping[str, Subject] = {
    "hook": Subject(at_commit.hook, (LARGE, HUGE)),
    "commit": Subject(at_commit.commit, (SMALL,)),
    "pre-commit": Subject(at_commit.framework, (SMALL,)),
    "check": Subject(of_everything.check, (LARGE, HUGE)),
    "cold": Subject(of_everything.cold, (LARGE,)),
    "status": Subject(of_everything.status, (LARGE,)),
    "range": Subject(of_everything.replay, (LARGE,)),
    "prompt": Subject(long_prompt.prompt, (long_prompt.SESSIONS,)),
    "call": Subject(around_a_call.call, (around_a_call.SESSIONS,)),
    "plan": Subject(of_a_plan.order, (of_a_plan.TASKS,)),
    **peers.subjects(LARGE),
}
SMALLEST = 10


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 0 if all that is installed could be run, whatever the numbers are."""
    asked = _arguments(argv)
    with tempfile.TemporaryDirectory(prefix="sdd-bench-") as temporary:
        folder = (asked.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        ground = Ground(folder, install(folder), asked.commits, asked.code_files)
        for line in table.head(ground.sdd):
            print(line, flush=True)
        done = [
            _is_measured(ground, name, sessions, asked)
            for name in _chosen(asked.only)
            for sessions in asked.sizes or SUBJECTS[name].sizes
        ]
    return 0 if all(done) else 1


def _is_measured(ground: Ground, name: str, sessions: int, asked: argparse.Namespace) -> bool:
    """Measure one subject at one size, and print its rows; false if a command failed."""
    print(f"{name}, {sessions:,} sessions …", file=sys.stderr, flush=True)
    settings = {"rounds": asked.rounds, "limit_s": asked.limit, "budget_s": asked.budget}
    try:
        with SUBJECTS[name].prepared(ground, sessions) as contest:
            rows = list(table.rows(contest, sessions, interleaved(contest.commands, **settings)))
    except (MissingError, TooLongError, FailedError) as error:
        print(table.lacking(name, sessions, str(error)), flush=True)
        return not isinstance(error, FailedError)
    for row in rows:
        print(row, flush=True)
    return True


def _chosen(names: Sequence[str]) -> list[str]:
    return [name for name in SUBJECTS if not names or name.partition(":")[0] in names]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  make bench\n"
        '  make bench ARGS="--only hook status --sizes 10000"\n'
        '  make bench ARGS="--folder ../measured"   (keeps the projects, and finds them again)',
    )
    names = sorted({name.partition(":")[0] for name in SUBJECTS})
    parser.add_argument(
        "--only", nargs="+", choices=names, default=[], metavar="SUBJECT", help=", ".join(names)
    )
    parser.add_argument(
        "--sizes", nargs="+", type=_size, default=[], metavar="SESSIONS", help="instead of each subject's own"
    )
    parser.add_argument("--rounds", type=int, default=15, help="at most so many (default: %(default)s)")
    parser.add_argument(
        "--budget",
        type=float,
        default=60,
        help="seconds for the rounds of a row, three apart (default: %(default)s)",
    )
    parser.add_argument(
        "--limit", type=float, default=600, help="seconds for one process (default: %(default)s)"
    )
    parser.add_argument("--commits", type=int, default=1_000, help="in each history (default: %(default)s)")
    parser.add_argument(
        "--code-files", type=int, default=CODE_FILES, help="that no session speaks of (default: %(default)s)"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to make the projects, and to leave them for another time"
    )
    return parser.parse_args(argv)


def _size(text: str) -> int:
    if not text.isdigit() or int(text) < SMALLEST:
        raise argparse.ArgumentTypeError(f"{text} is no number of sessions from {SMALLEST} on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
