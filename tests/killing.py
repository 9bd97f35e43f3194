"""Owns sdd processes that are killed at a chosen moment: the n-th time that they are about to rename or remove a file.

One Python imports all of sdd and forks a process for each command, so that a command costs 0.1 s and a story can be
killed at every point there is. What is forked is `sdd.main.main` with a working folder, an environment and streams of its
own; the kill is SIGKILL, by an audit hook (PEP 578), so that the product knows nothing of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from gitbox import GitBox, Result

KILLED = -9

SERVER = """
import atexit, json, os, signal, sys
from importlib import import_module

for name in sys.argv[1:]:
    import_module(name)

def counted(limit):
    count = 0
    def hook(event, args):
        nonlocal count
        if event in {"os.rename", "os.remove"}:
            count += 1
            if count == limit:
                os.kill(os.getpid(), signal.SIGKILL)
    return hook

def carry_out(order):
    os.setsid()
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    for number, name in enumerate(("in", "out", "err")):
        os.dup2(os.open(order[name], os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdin = open(0, encoding="utf-8")
    sys.argv = ["sdd", *order["argv"]]
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
    child = os.fork()
    if child == 0:
        carry_out(json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

IMPORTED = (
    *("sdd.main", "sdd.cli.entry", "sdd.cli.next", "sdd.cli.record", "sdd.cli.status", "sdd.views.tracker"),
    *("sdd.runs.flow", "sdd.runs.by_hand", "sdd.settings", "sdd.llm.response", "sdd.llm.anthropic"),
    *("anthropic", "anthropic.resources.messages", "httpx2", "filelock", "markdown_it"),
)


class Killing:
    """The process that forks, for as long as a `with` lasts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER, *IMPORTED],
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

    def sdd(
        self, box: GitBox, *argv: str, kill: int = 0, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Result:
        """Run sdd in a repository; it is killed when it renames or removes for the `kill`-th time, if it ever does."""
        files = {name: self._folder / name for name in ("in", "out", "err")}
        files["in"].write_text(stdin)
        order = {name: str(path) for name, path in files.items()}
        order |= {"cwd": str(box.path)}
        whole = {**order, "argv": argv, "kill": kill, "env": {**os.environ, **(env or {})}}
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(whole) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        return Result(files["out"].read_text(), files["err"].read_text(), code)
