"""The way in: `sdd hook NAME` goes straight to the judgement, everything else through the command line."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sdd.plumbing import Begun

LOOKING = (["check"], ["log"], ["prompt"], ["status"])
ELSEWHERE = ("--staged", "--rev", "--audit", "--help", "-h")


def main() -> None:
    """Run `sdd` (or `git sdd`) and exit with one of the codes in `sdd.errors`."""
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were still being loaded
        code = 130
    leave()
    sys.exit(code)


def _run(argv: list[str]) -> int:
    if argv[:1] == ["hook"]:
        import gc

        from sdd.hook import run as judge  # a hook pays for nothing that it does not need

        gc.disable()  # nothing lives long enough there to be worth a look
        return judge(argv[1:])
    stop_in_order()
    look_seldom()
    begun = _begun(argv)
    without_plugins()
    from sdd.cli.entry import run  # click costs 22 ms

    return run(argv, begun)


def _begun(argv: list[str]) -> Begun | None:
    """Git's look at the working tree, begun while the command that will ask for it is loaded: that takes as long."""
    if not _looks(argv):
        return None
    from sdd.plumbing import SCAN, Begun

    try:
        return Begun(*SCAN)
    except OSError:
        return None  # there is no git, as the next one to ask for it says


def _looks(argv: list[str]) -> bool:
    """Whether a command, as far as its words tell, looks at the working tree before it writes anything or waits for anybody."""
    if argv[:1] == ["next"]:
        return "--dry-run" in argv
    return argv[:1] in LOOKING and not any(arg.startswith(ELSEWHERE) or ".." in arg for arg in argv)


def look_seldom() -> None:
    """Have Python look for garbage once in 50,000 new values instead of 700: nearly all are modules, and stay, and each look takes longer."""
    import gc

    gc.set_threshold(50_000)


def leave() -> None:
    """Spare the interpreter a last look for garbage in all that was loaded.

    Of a provider's SDK that takes a third of its import; of a hook's modules and what it judged 6 ms, half an interpreter's start.
    """
    import gc

    gc.freeze()


def without_plugins() -> None:
    """Have pydantic, where a command needs it, look for no plugins: they are code of whoever installed something beside sdd, and that takes 40 ms."""
    import os

    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def stop_in_order() -> None:
    """Let a request to end, or a terminal that closes, stop a command as Ctrl-C does: checks are ended, locks freed.

    Who started sdd so that a signal is ignored (`nohup`) has it ignored.
    """
    import signal

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)
