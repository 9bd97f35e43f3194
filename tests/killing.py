"""Owns sdd processes that start at once, and may be killed at a chosen moment: when they rename or remove for the n-th time.

One Python imports all of sdd and forks a process for each command, so that a command costs 0.05 s and a story can be
killed at every point there is. What is forked is `sdd.main.main` with a working folder, an environment and streams of its
own; the kill is SIGKILL, by an audit hook (PEP 578), so that the product knows nothing of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple, Self

from gitbox import GitBox, Result

KILLED = -9

SERVER = """
import atexit, gc, json, os, signal, sys
from importlib import import_module

for name in sys.argv[1:]:
    import_module(name)
gc.freeze()

def counted(limit):
    count = 0
    def hook(event, args):
        nonlocal count
        if event == "os.rename" or event == "os.remove" and (args[1] == -1 or args[0] == "run.json"):
            count += 1  # of the removals of a whole folder, which are all alike, one
            if count == limit:
                os.kill(os.getpid(), signal.SIGKILL)
    return hook

def carry_out(order):
    os.setsid()
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    for number, name in enumerate(("in", "out", "err")):
        os.dup2(os.open(order[name], os.O_RDWR | os.O_CREAT), number)
    sys.stdin = open(0, encoding="utf-8")
    sys.argv = [order["program"], *order["argv"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where tests run in the background it was ignored,
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # and under nohup this
    if order["kill"]:
        sys.addaudithook(counted(order["kill"]))
    from sdd.main import main
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        atexit._run_exitfuncs()  # coverage keeps its data here; taking three thousand modules down takes 0.5 s
        os._exit(ended.code)

for line in sys.stdin:
    order = json.loads(line)
    if "wait" in order:
        answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
    else:
        answer = os.fork()
        if answer == 0:
            carry_out(order)
    print(answer, flush=True)
"""

SDD = (
    *("sdd.main", "sdd.cli.entry", "sdd.cli.next", "sdd.cli.record", "sdd.cli.status", "sdd.views.tracker"),
    *("sdd.runs.flow", "sdd.runs.by_hand", "sdd.settings", "sdd.llm.response", "sdd.workspace"),
    *("filelock", "git", "markdown_it", "pydantic", "rich.console"),
)
MODEL = ("sdd.llm.anthropic", "anthropic", "anthropic.resources.messages", "httpx2")
"""What the provider anthropic imports: 0.8 s, and each fork is slower for it."""


class Started(NamedTuple):
    """A command that runs."""

    pid: int
    killing: Killing
    out: Path
    err: Path

    def wait(self) -> Result:
        """What it said, once it has ended."""
        code = self.killing.answer({"wait": self.pid})
        return Result(self.out.read_text(), self.err.read_text(), code)


class Killing:
    """The process that forks, for as long as a `with` lasts; `more` are modules to be imported once for all."""

    def __init__(self, folder: Path, *more: str) -> None:
        self._folder = folder
        self._numbers = count()
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER, *SDD, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()

    def answer(self, order: Mapping[str, object]) -> int:
        """What the server says to an order."""
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def start(
        self, box: GitBox, *argv: str, kill: int = 0, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Started:
        """Start sdd in a repository; it is killed when it renames or removes for the `kill`-th time, if it ever does."""
        number = next(self._numbers)
        files = {name: self._folder / f"{number}.{name}" for name in ("in", "out", "err")}
        files["in"].write_text(stdin)
        order = {name: str(path) for name, path in files.items()} | {"cwd": str(box.path), "program": "sdd"}
        pid = self.answer({**order, "argv": argv, "kill": kill, "env": {**os.environ, **(env or {})}})
        return Started(pid, self, files["out"], files["err"])

    def sdd(
        self, box: GitBox, *argv: str, kill: int = 0, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Result:
        """Run sdd in a repository, as `start` does, to its end."""
        return self.start(box, *argv, kill=kill, stdin=stdin, env=env).wait()
